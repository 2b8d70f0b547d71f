use std::num::NonZeroUsize;

use burn::backend::Autodiff;
use burn::module::{Module, ModuleVisitor, Param};
use burn::tensor::backend::Backend;
use burn::tensor::{Int, Tensor};
use trustformers_ops::{AttentionKind, CachedSegment, EngineBackend, KvCache, Segment, Segments, dropout, int_vector};

use crate::layers::rope::{RopeConfig, RopeLength};
use crate::stack::checkpoints::{CheckpointedLayers, Steps};
use crate::stack::layer::{Layer, LayerConfig};
use crate::stack::pass::{Keys, Pass, PositionData};
use crate::stack::placement::{Placement, to_device};
use crate::{Embedding, Head, Intermediates, LayerMut, Linear, Norm, NormConfig, Preparation, TokenInput};

/// Configuration of a [`Decoder`].
#[derive(Clone, Debug, PartialEq)]
pub struct DecoderConfig {
    /// Number of tokens in the vocabulary.
    pub vocab_size: usize,
    /// Width of the token embeddings.
    pub embedding_size: usize,
    /// Width of the layers' hidden states.
    pub hidden_size: usize,
    /// Factor of the embeddings of token ids; `inputs_embeds` are not scaled.
    pub embedding_scale: f64,
    /// Factor of the token embeddings and of `inputs_embeds`.
    pub embedding_multiplier: f64,
    /// Number of learned position embeddings and their offset: the table row of position 0.
    pub positions: Option<(usize, usize)>,
    /// Normalization of the token embeddings; `None` if there is none.
    pub embedding_norm: Option<NormConfig>,
    /// Causal or bidirectional attention.
    pub attention: AttentionKind,
    /// Rotary position embeddings, which layers select by index.
    pub ropes: Vec<RopeConfig>,
    /// Configuration of each layer.
    pub layers: Vec<LayerConfig>,
    /// Final normalization; `None` if there is none.
    pub norm: Option<NormConfig>,
}

impl DecoderConfig {
    /// A causal decoder with token embeddings, layers and a final normalization, without factors or learned positions.
    pub fn plain(vocab_size: usize, hidden_size: usize, layers: Vec<LayerConfig>, norm: NormConfig) -> Self {
        Self {
            vocab_size,
            embedding_size: hidden_size,
            hidden_size,
            embedding_scale: 1.0,
            embedding_multiplier: 1.0,
            positions: None,
            embedding_norm: None,
            attention: AttentionKind::Causal,
            ropes: Vec::new(),
            layers,
            norm: Some(norm),
        }
    }
}

/// A packed batch: the new tokens of several sequences, row after row without padding.
#[derive(Clone, Debug)]
pub struct DecoderBatch<'a, B: Backend> {
    /// Token ids or embeddings of the rows, on the embeddings' device.
    pub tokens: TokenInput<B>,
    /// Position of each row. **Shapes:** `[rows]`.
    pub position_ids: &'a [i64],
    /// Rows, cache slot and number of past tokens of each sequence.
    pub segments: &'a [CachedSegment],
    /// Sequence lengths for length-dependent rotary frequencies. **Shapes:** `[segments]`.
    pub rope_lengths: &'a [RopeLength],
}

/// Output of a [`Decoder`].
#[derive(Debug)]
pub struct DecoderOutput<B: Backend> {
    /// Hidden states after the final normalization. **Shapes:** `[rows, hidden]`.
    pub last_hidden_state: Tensor<B, 2>,
    /// Outputs of the embeddings and of each layer; empty unless requested. **Shapes:** `[rows, hidden]` each.
    pub hidden_states: Vec<Tensor<B, 2>>,
    /// Attention weights by layer and sequence; empty unless requested. **Shapes:** `[heads, rows, past + rows]` each.
    pub attentions: Vec<Vec<Tensor<B, 3>>>,
}

/// Embeddings and a stack of layers with an optional key/value cache.
#[derive(Module, Debug)]
pub struct Decoder<B: Backend> {
    embed_tokens: Embedding<B>,
    embed_positions: Option<Embedding<B>>,
    embed_norm: Option<Norm<B>>,
    project_in: Option<Linear<B>>,
    layers: Vec<Layer<B>>,
    norm: Option<Norm<B>>,
    project_out: Option<Linear<B>>,
    #[module(skip)]
    attention: AttentionKind,
    #[module(skip)]
    ropes: Vec<RopeConfig>,
    #[module(skip)]
    placement: Placement<B::Device>,
    embedding_scale: f64,
    embedding_multiplier: f64,
    first_position: usize,
}

impl<B: EngineBackend> Decoder<B> {
    /// A stack with random weights until it is loaded.
    ///
    /// **Panics** unless the placement has a device for each layer.
    pub fn new(config: &DecoderConfig, placement: Placement<B::Device>) -> Self {
        let DecoderConfig { vocab_size, embedding_size, hidden_size, .. } = *config;
        assert_eq!(config.layers.len(), placement.layers.len(), "each layer has a device");
        let (input, output) = (&placement.embeddings, &placement.output);
        let projects = embedding_size != hidden_size;
        let project = |from, to, device| projects.then(|| Linear::new(from, to, device).with_bias(false));
        let layers = config.layers.iter().zip(&placement.layers);
        Self {
            embed_tokens: Embedding::new(vocab_size, embedding_size, input),
            embed_positions: config.positions.map(|(count, first)| Embedding::new(count + first, hidden_size, input)),
            embed_norm: config.embedding_norm.map(|norm| norm.build(embedding_size, input)),
            project_in: project(embedding_size, hidden_size, input),
            layers: layers.map(|(layer, device)| Layer::new(layer, hidden_size, device)).collect(),
            norm: config.norm.map(|norm| norm.build(hidden_size, output)),
            project_out: project(hidden_size, embedding_size, output),
            attention: config.attention,
            ropes: config.ropes.clone(),
            embedding_scale: config.embedding_scale,
            embedding_multiplier: config.embedding_multiplier,
            first_position: config.positions.map_or(0, |(_, first)| first),
            placement,
        }
    }

    /// Devices of the embeddings, the layers and the output.
    pub fn placement(&self) -> &Placement<B::Device> {
        &self.placement
    }

    /// Whether attention is causal or bidirectional.
    pub fn attention(&self) -> AttentionKind {
        self.attention
    }

    /// Empty key/value caches, one per layer.
    pub fn caches(&self, num_slots: usize) -> Vec<KvCache<B>> {
        self.layers.iter().map(|layer| layer.attention().cache(num_slots)).collect()
    }

    /// Number of key/value heads of each layer.
    pub fn num_kv_heads(&self) -> impl Iterator<Item = usize> {
        self.layers.iter().map(|layer| layer.attention().num_kv_heads())
    }

    /// The sequence length beyond which cached keys need other rotary frequencies and must be recomputed, if any.
    pub fn recomputes_beyond(&self) -> Option<usize> {
        self.ropes.iter().find_map(RopeConfig::recomputes_beyond)
    }

    /// Whether two sequence lengths have the same rotary frequencies.
    pub fn has_equal_ropes(&self, length: usize, other: usize) -> bool {
        self.ropes.iter().all(|rope| rope.is_equal_at(length, other))
    }

    /// Runs the layers on new tokens, appending to the caches; without caches the sequences have no past tokens. With
    /// bidirectional attention the caches must be empty.
    pub fn forward(
        &self,
        batch: &DecoderBatch<'_, B>,
        mut caches: Option<&mut [KvCache<B>]>,
        requested: Intermediates,
    ) -> DecoderOutput<B> {
        // Attention weights of decoders are those of a cache.
        if caches.is_none() && !requested.attentions {
            return self.forward_with(batch, requested, |x, pass| self.run(x, pass, &whole(batch.segments)));
        }
        self.forward_with(batch, requested, |mut x, pass| {
            for (index, (layer, device)) in self.layers.iter().zip(&self.placement.layers).enumerate() {
                x = pass.enter(x, device);
                let mut own = layer.attention().cache(batch.segments.len());
                let cache = caches.as_mut().map_or(&mut own, |caches| &mut caches[index]);
                x = layer.forward(x, pass, Keys::Cached(batch.segments, cache));
            }
            x
        })
    }

    /// Runs the model, whose layers `run` runs. **Shapes:** `[rows, hidden]` in and out of the layers.
    fn forward_with(
        &self,
        batch: &DecoderBatch<'_, B>,
        requested: Intermediates,
        run: impl FnOnce(Tensor<B, 2>, &mut Pass<B>) -> Tensor<B, 2>,
    ) -> DecoderOutput<B> {
        let device = self.placement.positions();
        let rotation =
            |rope: &RopeConfig| rope.rotation(batch.segments, batch.position_ids, batch.rope_lengths, device);
        let rotations = self.ropes.iter().map(rotation).collect();
        let positions = PositionData { rotations, ..PositionData::default() };
        let mut pass = Pass::new(self.attention, positions, device, requested);
        let x = run(self.embedded(batch), &mut pass);
        let mut x = to_device(x, &self.placement.output);
        if let Some(norm) = &self.norm {
            x = norm.forward(x);
        }
        if let Some(project) = &self.project_out {
            x = project.forward(x);
        }
        pass.keep(&x);
        let (hidden_states, attentions) = pass.into_by_sequence();
        DecoderOutput { last_hidden_state: x, hidden_states, attentions }
    }

    fn embedded(&self, batch: &DecoderBatch<'_, B>) -> Tensor<B, 2> {
        let mut x = match &batch.tokens {
            TokenInput::Ids(ids) if self.embedding_scale == 1.0 => self.embed_tokens.rows(ids.clone()),
            TokenInput::Ids(ids) => self.embed_tokens.rows(ids.clone()) * self.embedding_scale,
            TokenInput::Embeddings(vectors) => vectors.clone().cast(self.embed_tokens.weight.val().dtype()),
        };
        if self.embedding_multiplier != 1.0 {
            x = x * self.embedding_multiplier;
        }
        if let Some(norm) = &self.embed_norm {
            x = norm.forward(x);
        }
        if let Some(project) = &self.project_in {
            x = project.forward(x);
        }
        if let Some(positions) = &self.embed_positions {
            let ids = batch.position_ids.iter().map(|id| id + self.first_position as i64).collect();
            x = x + positions.rows(int_vector::<B>(ids, &self.placement.embeddings));
        }
        dropout(x, |rates| rates.embeddings)
    }

    fn each_layer(&mut self, visit: &mut dyn FnMut(LayerMut<'_, B>)) {
        visit(LayerMut::Embedding(&mut self.embed_tokens));
        self.embed_positions.iter_mut().for_each(|table| visit(LayerMut::Embedding(table)));
        self.layers.iter_mut().for_each(|layer| layer.each_layer(visit));
        let projects = self.project_in.iter_mut().chain(&mut self.project_out);
        projects.for_each(|project| visit(LayerMut::Linear(project)));
    }

    fn embedding_weight(&self) -> &Param<Tensor<B, 2>> {
        &self.embed_tokens.weight
    }
}

impl<B: EngineBackend> Decoder<Autodiff<B>> {
    /// As [`Decoder::forward`] without caches, keeping the input only of every n-th layer.
    pub fn forward_checkpointed(
        &self,
        batch: &DecoderBatch<'_, Autodiff<B>>,
        requested: Intermediates,
        every: NonZeroUsize,
    ) -> (DecoderOutput<Autodiff<B>>, Option<CheckpointedLayers<B>>) {
        let mut kept = None;
        let output = self.forward_with(batch, requested, |x, pass| {
            kept.insert(CheckpointedLayers::run(self, x, pass, &whole(batch.segments), every)).output()
        });
        (output, kept)
    }
}

impl<B: EngineBackend> Steps<B> for Decoder<B> {
    type Rows = Segments;

    fn num_steps(&self) -> usize {
        self.layers.len()
    }

    fn layer_of(&self, step: usize) -> usize {
        step
    }

    fn step(&self, step: usize, x: Tensor<B, 2>, pass: &mut Pass<B>, rows: &Segments) -> Tensor<B, 2> {
        let x = pass.enter(x, &self.placement.layers[step]);
        self.layers[step].forward(x, pass, Keys::OfRows(rows))
    }

    fn visit_layer<V: ModuleVisitor<B>>(&self, layer: usize, visitor: &mut V) {
        self.layers[layer].visit(visitor);
    }

    fn each_linear(&mut self, layer: usize, visit: &mut dyn FnMut(LayerMut<'_, B>)) {
        self.layers[layer].each_layer(visit);
    }
}

/// Segments of sequences without past tokens.
fn whole(segments: &[CachedSegment]) -> Segments {
    let segment = |segment: &CachedSegment| Segment { rows: segment.rows, keys: segment.rows };
    Segments(segments.iter().map(segment).collect())
}

/// A decoder with an optional head.
#[derive(Module, Debug)]
pub struct DecoderModel<B: Backend> {
    base: Decoder<B>,
    head: Option<Head<B>>,
    logit_multiplier: f64,
    logit_softcap: Option<f64>,
}

impl<B: EngineBackend> DecoderModel<B> {
    /// A model of these parts; logits are multiplied by `logit_multiplier` and then softcapped.
    pub fn new(base: Decoder<B>, head: Option<Head<B>>, logit_multiplier: f64, logit_softcap: Option<f64>) -> Self {
        Self { base, head, logit_multiplier, logit_softcap }
    }

    /// The decoder without its head.
    pub fn base(&self) -> &Decoder<B> {
        &self.base
    }

    /// Logits of the `picked` rows, or of all rows; `None` without a head. All tensors are on the output's device.
    ///
    /// **Shapes:** `hidden: [rows, hidden]`; returns `[picked, outputs]`.
    pub fn logits(&self, hidden: Tensor<B, 2>, picked: Option<Tensor<B, 1, Int>>) -> Option<Tensor<B, 2>> {
        let head = self.head.as_ref()?;
        let hidden = match picked {
            Some(rows) => hidden.select(0, rows),
            None => hidden,
        };
        let mut logits = head.forward(hidden);
        if self.logit_multiplier != 1.0 {
            logits = logits * self.logit_multiplier;
        }
        Some(match self.logit_softcap {
            Some(cap) => (logits / cap).tanh() * cap,
            None => logits,
        })
    }

    /// Ties the weight of the head's output layer to the token embeddings.
    pub fn tie_head(&mut self) {
        if let Some(head) = &mut self.head {
            head.tie(self.base.embedding_weight(), &self.base.placement.output);
        }
    }

    /// Brings the linear weights into the layout of the backend's kernels, if it has one for this precision.
    pub fn prepare(&mut self, plan: &Preparation<'_>) {
        self.each_layer(&mut |layer| layer.prepare(plan));
    }

    /// Visits the embedding tables and linear layers.
    pub fn each_layer(&mut self, visit: &mut dyn FnMut(LayerMut<'_, B>)) {
        self.base.each_layer(visit);
        self.head.iter_mut().for_each(|head| head.each_layer(visit));
    }
}
