use burn::module::{Module, ModuleVisitor, Param};
use burn::tensor::backend::Backend;
use burn::tensor::{Int, Tensor};
use trustformers_ops::{AttentionKind, EngineBackend};

use crate::encoder::layer::{EncoderLayer, EncoderLayerConfig};
use crate::encoder::pooler::{Pooler, PoolerKind};
use crate::encoder::positions::{Positions, PositionsConfig};
use crate::encoder::row_positions::RowPositions;
use crate::stack::checkpoints::Steps;
use crate::stack::pass::{Intermediates, Pass};
use crate::stack::placement::{Placement, to_device};
use crate::{EncoderEmbeddings, EncoderEmbeddingsConfig, EncoderIds, LayerMut, Norm, NormConfig};

/// Configuration of an [`Encoder`].
#[derive(Clone, Debug)]
pub struct EncoderConfig {
    /// Width of the layers' hidden states.
    pub hidden_size: usize,
    /// Configuration of the embeddings.
    pub embeddings: EncoderEmbeddingsConfig,
    /// Position encoding that the layers read.
    pub positions: PositionsConfig,
    /// Configuration of each entry of the stack.
    pub layers: Vec<EncoderLayerConfig>,
    /// Number of runs of the stack's entries; above their number, each runs for an equal share of consecutive runs.
    pub num_runs: usize,
    /// Normalization after the last layer; `None` if there is none.
    pub norm: Option<NormConfig>,
    /// Pooler of the first token's hidden state; `None` if there is none.
    pub pooler: Option<PoolerKind>,
}

impl EncoderConfig {
    /// An encoder that runs each layer once, without a final norm or a pooler.
    pub fn plain(
        hidden_size: usize,
        embeddings: EncoderEmbeddingsConfig,
        positions: PositionsConfig,
        layers: Vec<EncoderLayerConfig>,
    ) -> Self {
        let num_runs = layers.len();
        Self { hidden_size, embeddings, positions, layers, num_runs, norm: None, pooler: None }
    }
}

/// A packed batch: the tokens of several sequences, row after row without padding.
#[derive(Clone, Debug)]
pub struct EncoderBatch<B: Backend> {
    /// Input ids of the rows, on the embeddings' device.
    pub ids: EncoderIds<B>,
    /// Sequences and positions of the rows.
    pub rows: RowPositions,
    /// The row of each sequence's first token, on the output's device. **Shapes:** `[batch]`.
    pub first: Tensor<B, 1, Int>,
}

/// Output of an [`Encoder`].
#[derive(Debug)]
pub struct EncoderOutput<B: Backend> {
    /// Output of the last layer. **Shapes:** `[rows, hidden]`.
    pub last_hidden_state: Tensor<B, 2>,
    /// Output of the pooler; `None` without one. **Shapes:** `[batch, hidden]`.
    pub pooler_output: Option<Tensor<B, 2>>,
    /// Outputs of the embeddings and of each layer; empty unless requested. **Shapes:** `[rows, hidden]` each.
    pub hidden_states: Vec<Tensor<B, 2>>,
    /// Attention weights of each layer; empty unless requested. **Shapes:** `[batch, heads, longest, longest]` each.
    pub attentions: Vec<Tensor<B, 4>>,
}

/// Embeddings, a stack of layers and an optional pooler.
#[derive(Module, Debug)]
pub struct Encoder<B: Backend> {
    embeddings: EncoderEmbeddings<B>,
    encoder: Layers<B>,
    pooler: Option<Pooler<B>>,
    #[module(skip)]
    placement: Placement<B::Device>,
}

/// Layers with bidirectional attention.
#[derive(Module, Debug)]
struct Layers<B: Backend> {
    positions: Positions<B>,
    layer: Vec<EncoderLayer<B>>,
    norm: Option<Norm<B>>,
    num_runs: usize,
    #[module(skip)]
    windows: Vec<usize>,
}

impl<B: EngineBackend> Encoder<B> {
    /// An encoder with random weights until it is loaded.
    ///
    /// **Panics** if a layer has a window beside a bucketed bias, or unless the placement has a device for each entry
    /// of the stack.
    pub fn new(config: &EncoderConfig, placement: Placement<B::Device>) -> Self {
        let hidden_size = config.hidden_size;
        assert_eq!(config.layers.len(), placement.layers.len(), "each entry of the stack has a device");
        let standard = config.layers.iter().flat_map(EncoderLayerConfig::standard);
        let mut windows: Vec<usize> = standard.filter_map(|layer| layer.attention.scores.window).collect();
        windows.sort_unstable();
        windows.dedup();
        let has_bias = matches!(config.positions, PositionsConfig::BucketedBias { .. });
        assert!(windows.is_empty() || !has_bias, "a layer has a window or a bucketed bias");
        let layers = config.layers.iter().zip(&placement.layers);
        Self {
            embeddings: EncoderEmbeddings::new(&config.embeddings, &placement.embeddings),
            encoder: Layers {
                positions: Positions::new(&config.positions, placement.positions()),
                layer: layers.map(|(layer, device)| EncoderLayer::new(layer, hidden_size, device)).collect(),
                norm: config.norm.map(|norm| norm.build(hidden_size, &placement.output)),
                num_runs: config.num_runs,
                windows,
            },
            pooler: config.pooler.map(|kind| Pooler::new(kind, hidden_size, &placement.output)),
            placement,
        }
    }

    /// Devices of the embeddings, the entries of the stack and the output.
    pub fn placement(&self) -> &Placement<B::Device> {
        &self.placement
    }

    /// Runs the model.
    pub fn forward(&self, batch: &EncoderBatch<B>, requested: Intermediates) -> EncoderOutput<B> {
        self.forward_with(batch, requested, |x, pass| self.run(x, pass, &batch.rows))
    }

    /// Runs the model, whose steps `run` runs. **Shapes:** `[rows, hidden]` in and out of the steps.
    pub(crate) fn forward_with(
        &self,
        batch: &EncoderBatch<B>,
        requested: Intermediates,
        run: impl FnOnce(Tensor<B, 2>, &mut Pass<B>) -> Tensor<B, 2>,
    ) -> EncoderOutput<B> {
        let Layers { positions, norm, windows, .. } = &self.encoder;
        let device = self.placement.positions();
        let data = positions.data(&batch.rows, windows, device);
        let mut pass = Pass::new(AttentionKind::Bidirectional, data, device, requested);
        let x = run(self.embeddings.forward(&batch.ids), &mut pass);
        let mut x = to_device(x, &self.placement.output);
        if let Some(norm) = norm {
            x = norm.forward(x);
        }
        pass.keep(&x);
        let pooler_output = self.pooler.as_ref().map(|pooler| pooler.forward(x.clone(), batch.first.clone()));
        let (hidden_states, attentions) = pass.into_padded();
        EncoderOutput { last_hidden_state: x, pooler_output, hidden_states, attentions }
    }

    /// Visits the embedding tables and linear layers.
    pub(crate) fn each_layer(&mut self, visit: &mut dyn FnMut(LayerMut<'_, B>)) {
        self.embeddings.each_layer(visit);
        self.encoder.positions.each_layer(visit);
        self.encoder.layer.iter_mut().for_each(|layer| layer.each_layer(visit));
        self.pooler.iter_mut().for_each(|pooler| pooler.each_layer(visit));
    }

    /// Whether the model has a pooler.
    pub fn has_pooler(&self) -> bool {
        self.pooler.is_some()
    }

    /// Whether a token's embedding depends on its neighboring tokens.
    pub fn reads_neighbors(&self) -> bool {
        self.embeddings.reads_neighbors()
    }

    /// The token embeddings. **Shapes:** `[vocab_size, embedding_size]`.
    pub(crate) fn embedding_weight(&self) -> &Param<Tensor<B, 2>> {
        self.embeddings.embedding_weight()
    }
}

impl<B: EngineBackend> Steps<B> for Encoder<B> {
    type Rows = RowPositions;

    fn num_steps(&self) -> usize {
        self.encoder.num_runs
    }

    fn layer_of(&self, step: usize) -> usize {
        step * self.encoder.layer.len() / self.encoder.num_runs
    }

    fn step(&self, step: usize, x: Tensor<B, 2>, pass: &mut Pass<B>, rows: &RowPositions) -> Tensor<B, 2> {
        let layer = self.layer_of(step);
        let x = pass.enter(x, &self.placement.layers[layer]);
        let forward = |x| self.encoder.layer[layer].forward(x, pass, &rows.segments);
        match self.encoder.positions.convolution().filter(|_| step == 0) {
            Some(convolution) => {
                let neighbors = convolution.neighbors(rows, self.placement.positions());
                convolution.forward(x.clone(), forward(x), neighbors)
            }
            None => forward(x),
        }
    }

    fn visit_layer<V: ModuleVisitor<B>>(&self, layer: usize, visitor: &mut V) {
        self.encoder.layer[layer].visit(visitor);
        if let Some(convolution) = self.encoder.positions.convolution().filter(|_| layer == 0) {
            convolution.visit(visitor);
        }
    }

    fn each_linear(&mut self, layer: usize, visit: &mut dyn FnMut(LayerMut<'_, B>)) {
        self.encoder.layer[layer].each_layer(visit);
    }
}
