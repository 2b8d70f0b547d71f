use std::num::NonZeroUsize;

use burn::backend::Autodiff;
use burn::module::{Module, ModuleVisitor, Param};
use burn::tensor::backend::Backend;
use burn::tensor::{Int, Tensor};
use trustformers_ops::{
    AttentionKind, CachedSegment, DistanceBias, Distances, EngineBackend, KvCache, RelativeTerms, Segment, Segments,
    dropout, drops_layer, int_vector,
};

use crate::layers::rope::{RopeConfig, RopeLength};
use crate::layers::sinusoids::SinusoidalPositions;
use crate::stack::checkpoints::{CheckpointedLayers, Steps};
use crate::stack::layer::{Layer, LayerConfig};
use crate::stack::pass::{Keys, LayerSource, Pass, PositionData, Recorded, SourceRows};
use crate::stack::placement::{Placement, to_device};
use crate::{
    Embedding, Head, Intermediates, LayerMut, Linear, Norm, NormConfig, Preparation, SinusoidsConfig, TokenInput,
};

/// Configuration of a [`Decoder`].
#[derive(Clone, Debug, PartialEq)]
pub struct DecoderConfig {
    /// Number of tokens in the vocabulary.
    pub vocab_size: usize,
    /// The token whose embedding gets no gradient.
    pub padding_token: Option<usize>,
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
    /// Sinusoidal position embeddings; `None` if there are none.
    pub sinusoids: Option<SinusoidsConfig>,
    /// Normalization of the token embeddings; `None` if there is none.
    pub embedding_norm: Option<NormConfig>,
    /// Normalization of the sum of token and position embeddings; `None` if there is none.
    pub input_norm: Option<NormConfig>,
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
            padding_token: None,
            embedding_size: hidden_size,
            hidden_size,
            embedding_scale: 1.0,
            embedding_multiplier: 1.0,
            positions: None,
            sinusoids: None,
            embedding_norm: None,
            input_norm: None,
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
    /// Outputs of an encoder that the rows attend to; `None` leaves cross-attention out.
    pub source: Option<Source<'a, B>>,
}

/// Outputs of an encoder, which the rows of a decoder attend to.
#[derive(Clone, Copy, Debug)]
pub enum Source<'a, B: Backend> {
    /// Their keys and values.
    Cached {
        /// Keys and values of each layer, from [`Decoder::append_source`].
        caches: &'a [KvCache<B>],
        /// Rows of the batch in order, with the slot that they attend to and its number of rows as `past`.
        segments: &'a [CachedSegment],
    },
    /// The outputs, of which each layer computes keys and values. Weights of cross-attention are not returned.
    Rows {
        /// Outputs of the sources, one source for each sequence of the batch. **Shapes:** `[source rows, hidden]`.
        hidden: &'a Tensor<B, 2>,
        /// Number of rows of each source.
        lengths: &'a [usize],
    },
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
    /// Weights of cross-attention by layer and segment of the source; empty unless requested. **Shapes:** `[heads, rows,
    /// source rows]` each.
    pub cross_attentions: Vec<Vec<Tensor<B, 3>>>,
    /// Logits of the router of each layer with experts; empty unless requested. **Shapes:** `[rows, num_experts]` each.
    pub router_logits: Vec<Tensor<B, 2>>,
}

/// Embeddings and a stack of layers with an optional key/value cache.
#[derive(Module, Debug)]
pub struct Decoder<B: Backend> {
    embed_tokens: Embedding<B>,
    embed_positions: Option<Embedding<B>>,
    embed_norm: Option<Norm<B>>,
    layernorm_embedding: Option<Norm<B>>,
    project_in: Option<Linear<B>>,
    layers: Vec<Layer<B>>,
    norm: Option<Norm<B>>,
    project_out: Option<Linear<B>>,
    #[module(skip)]
    sinusoids: Option<SinusoidalPositions>,
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
            embed_tokens: Embedding::new(vocab_size, embedding_size, input).with_padding(config.padding_token),
            embed_positions: match (config.positions, config.sinusoids.filter(|sinusoids| sinusoids.is_stored)) {
                (Some((count, first)), _) => Some(Embedding::new(count + first, hidden_size, input)),
                (None, sinusoids) => sinusoids.map(|sinusoids| sinusoids.embedding(hidden_size, input)),
            },
            embed_norm: config.embedding_norm.map(|norm| norm.build(embedding_size, input)),
            layernorm_embedding: config.input_norm.map(|norm| norm.build(hidden_size, input)),
            project_in: project(embedding_size, hidden_size, input),
            layers: layers.map(|(layer, device)| Layer::new(layer, hidden_size, device)).collect(),
            norm: config.norm.map(|norm| norm.build(hidden_size, output)),
            project_out: project(hidden_size, embedding_size, output),
            sinusoids: config
                .sinusoids
                .filter(|sinusoids| !sinusoids.is_stored)
                .map(|sinusoids| SinusoidalPositions::new(sinusoids, hidden_size)),
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
        // Attention weights of causal attention are those of a cache.
        let is_causal = self.attention == AttentionKind::Causal;
        let is_cached = caches.is_some() || matches!(batch.source, Some(Source::Cached { .. }));
        if !(is_cached || requested.attentions && is_causal) {
            let rows = whole(batch.segments);
            return self.forward_with(batch, requested, Some(&rows), |x, pass| self.run(x, pass, &rows));
        }
        self.forward_with(batch, requested, None, |mut x, pass| {
            for (index, (layer, device)) in self.layers.iter().zip(&self.placement.layers).enumerate() {
                x = pass.enter(x, device);
                if self.drops_layer() {
                    continue;
                }
                let mut own = layer.attention().cache(batch.segments.len());
                let cache = caches.as_mut().map_or(&mut own, |caches| &mut caches[index]);
                let source = match batch.source {
                    Some(Source::Cached { caches, segments }) => Some(LayerSource::Cached(&caches[index], segments)),
                    Some(Source::Rows { .. }) | None => pass.source(),
                };
                x = layer.forward(x, pass, Keys::Cached(batch.segments, cache), source);
            }
            x
        })
    }

    /// Runs the model, whose layers `run` runs; `whole` are the segments of rows that attend to each other, and `None` if
    /// they attend to a cache. **Shapes:** `[rows, hidden]` in and out of the layers.
    fn forward_with(
        &self,
        batch: &DecoderBatch<'_, B>,
        requested: Intermediates,
        whole: Option<&Segments>,
        run: impl FnOnce(Tensor<B, 2>, &mut Pass<B>) -> Tensor<B, 2>,
    ) -> DecoderOutput<B> {
        let device = self.placement.positions();
        let rotation =
            |rope: &RopeConfig| rope.rotation(batch.segments, batch.position_ids, batch.rope_lengths, device);
        let rotations = self.ropes.iter().map(rotation).collect();
        let source = match batch.source {
            Some(Source::Rows { hidden, lengths }) => {
                let rows = batch.segments.iter().map(|segment| segment.rows);
                let segments = rows.zip(lengths).map(|(rows, keys)| Segment { rows, keys: *keys }).collect();
                Some(SourceRows { hidden: to_device(hidden.clone(), device), segments: Segments(segments) })
            }
            Some(Source::Cached { .. }) | None => None,
        };
        let positions = PositionData { rotations, source, ..self.biases(batch, whole) };
        let mut pass = Pass::new(self.attention, positions, device, requested);
        let x = run(self.embedded(batch), &mut pass);
        let mut x = to_device(x, &self.placement.output);
        if let Some(norm) = &self.norm {
            x = norm.forward(x);
        }
        x = dropout(x, |rates| rates.last_hidden_state);
        if let Some(project) = &self.project_out {
            x = project.forward(x);
        }
        pass.keep(&x);
        let router_logits = pass.take_router_logits();
        let Recorded { hidden_states, attentions, cross_attentions } = pass.into_by_sequence(batch.segments);
        DecoderOutput { last_hidden_state: x, hidden_states, attentions, cross_attentions, router_logits }
    }

    /// Empty caches of an encoder's outputs, one per layer.
    pub fn source_caches(&self, num_slots: usize) -> Vec<KvCache<B>> {
        self.layers.iter().filter_map(|layer| Some(layer.cross_attention()?.cache(num_slots))).collect()
    }

    /// Appends keys and values of an encoder's outputs to the caches of [`Decoder::source_caches`].
    ///
    /// **Shapes:** `encoded: [rows, hidden]`.
    pub fn append_source(&self, caches: &mut [KvCache<B>], encoded: &Tensor<B, 2>, segments: &[CachedSegment]) {
        let layers = self.layers.iter().zip(&self.placement.layers).zip(caches);
        for ((layer, device), cache) in layers {
            if let Some(attention) = layer.cross_attention() {
                cache.append(attention.source(to_device(encoded.clone(), device)), segments);
            }
        }
    }

    /// Whether a training pass leaves out the next layer.
    fn drops_layer(&self) -> bool {
        let is_causal = self.attention == AttentionKind::Causal;
        drops_layer(|rates| if is_causal { rates.decoder_layers } else { rates.encoder_layers })
    }

    /// Whether the scores have a bucketed bias.
    pub fn has_relative_bias(&self) -> bool {
        self.layers.iter().any(|layer| layer.attention().bias_table().is_some())
    }

    /// Bucketed biases of the scores, for rows that attend to each other (`whole`) or to a cache.
    fn biases(&self, batch: &DecoderBatch<'_, B>, whole: Option<&Segments>) -> PositionData<B> {
        let device = self.placement.positions();
        let mut data = PositionData::default();
        let longest = batch.segments.iter().map(|segment| segment.past + segment.rows).max().unwrap_or(0);
        for (table, buckets) in self.layers.iter().filter_map(|layer| layer.attention().bias_table()) {
            match whole {
                Some(segments) => {
                    let distances =
                        Distances::new(batch.position_ids.to_vec(), segments, |distance| buckets.of(distance));
                    let bias = Some(to_device(table.table(), device));
                    data.biases.push(RelativeTerms { distances, bias, keys: None, queries: None });
                }
                None => {
                    let of_distances = (0..longest as i64).map(|distance| i64::from(buckets.of(distance))).collect();
                    let rows = table.rows(int_vector(of_distances, &table.weight.lazy_device()));
                    data.distance_biases.push(DistanceBias { table: to_device(rows, device) });
                }
            }
        }
        data
    }

    /// Token embeddings, which may replace the ids that they are of.
    ///
    /// **Shapes:** returns `[rows, embedding_size]`.
    pub fn token_embeddings(&self, tokens: &TokenInput<B>) -> Tensor<B, 2> {
        match tokens {
            TokenInput::Ids(ids) if self.embedding_scale == 1.0 => self.embed_tokens.rows(ids.clone()),
            TokenInput::Ids(ids) => self.embed_tokens.rows(ids.clone()) * self.embedding_scale,
            TokenInput::Embeddings(vectors) => vectors.clone().cast(self.embed_tokens.weight.val().dtype()),
        }
    }

    fn embedded(&self, batch: &DecoderBatch<'_, B>) -> Tensor<B, 2> {
        let mut x = self.token_embeddings(&batch.tokens);
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
        if let Some(positions) = &self.sinusoids {
            x = x.clone() + positions.rows(batch.position_ids, &self.placement.embeddings, x.dtype());
        }
        if let Some(norm) = &self.layernorm_embedding {
            x = norm.forward(x);
        }
        dropout(x, |rates| rates.embeddings)
    }

    pub(crate) fn each_layer(&mut self, visit: &mut dyn FnMut(LayerMut<'_, B>)) {
        visit(LayerMut::Embedding(&mut self.embed_tokens));
        self.embed_positions.iter_mut().for_each(|table| visit(LayerMut::Embedding(table)));
        self.layers.iter_mut().for_each(|layer| layer.each_layer(visit));
        let projects = self.project_in.iter_mut().chain(&mut self.project_out);
        projects.for_each(|project| visit(LayerMut::Linear(project)));
    }

    /// Uses an embedding table of another stack; on another device it is a copy.
    pub(crate) fn tie_embeddings(&mut self, table: &Param<Tensor<B, 2>>) {
        let (table, device) = (table.clone(), &self.placement.embeddings);
        let is_there = table.lazy_device() == *device;
        self.embed_tokens.weight = if is_there { table } else { table.to_device(device) };
    }

    pub(crate) fn embedding_weight(&self) -> &Param<Tensor<B, 2>> {
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
        let rows = whole(batch.segments);
        let output = self.forward_with(batch, requested, Some(&rows), |x, pass| {
            kept.insert(CheckpointedLayers::run(self, x, pass, &rows, every)).output()
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
        if self.drops_layer() {
            return x;
        }
        self.layers[step].forward(x, pass, Keys::OfRows(rows), pass.source())
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
    Segments::whole(segments.iter().map(|segment| segment.rows))
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
        let logits = self.head.as_ref()?.forward(selected(hidden, picked));
        let logits = scaled(logits, self.logit_multiplier);
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

/// The selected rows, or all. **Shapes:** `x: [rows, width]`; returns `[selected, width]`.
pub(crate) fn selected<B: EngineBackend>(x: Tensor<B, 2>, rows: Option<Tensor<B, 1, Int>>) -> Tensor<B, 2> {
    match rows {
        Some(rows) => x.select(0, rows),
        None => x,
    }
}

/// `x` times a factor.
pub(crate) fn scaled<B: EngineBackend>(x: Tensor<B, 2>, factor: f64) -> Tensor<B, 2> {
    if factor == 1.0 { x } else { x * factor }
}
