use std::cell::RefCell;

use burn::module::{Module, ModuleDisplay, Param};
use burn::tensor::backend::Backend;
use burn::tensor::{Int, Tensor};
use trustformers_ops::{self as ops, Activation, EngineBackend, Epilogue, Heads, RelativeTerms, Segments};

use crate::{EncoderEmbeddings, EncoderIds, Linear, Norm, Preparation};

/// Positions of a packed batch's rows in their sequences.
#[derive(Clone, Debug)]
pub struct RowPositions {
    /// Rows of each sequence.
    pub segments: Segments,
    /// Each row's column in the padded batch. **Shapes:** `[rows]`.
    pub columns: Vec<i64>,
    /// Each row's `position_ids` value. **Shapes:** `[rows]`.
    pub position_ids: Vec<i64>,
}

/// A position encoding that all layers of a stack share.
pub trait Positions<B: EngineBackend>: Module<B> + ModuleDisplay + Sync {
    /// Position data, computed once per batch.
    type Shared;

    /// Position data of a batch for all layers.
    fn shared(&self, rows: &RowPositions, device: &B::Device) -> Self::Shared;

    /// Adjusts the first layer's `output` given the layer's input `x`. **Shapes:** all `[rows, hidden]`.
    fn after_first_layer(&self, _x: Tensor<B, 2>, output: Tensor<B, 2>, _shared: &Self::Shared) -> Tensor<B, 2> {
        output
    }
}

/// Absolute positions: only the embeddings use them, the layers do not.
#[derive(Module, Clone, Debug, Default)]
pub struct EmbeddedPositions;

impl<B: EngineBackend> Positions<B> for EmbeddedPositions {
    type Shared = Option<RelativeTerms<B>>;

    fn shared(&self, _rows: &RowPositions, _device: &B::Device) -> Self::Shared {
        None
    }
}

/// Batch data that all layers of a forward pass share, and recorded intermediates.
#[derive(Debug)]
pub struct Pass<'a, B: Backend, S> {
    /// Rows of each sequence.
    pub segments: &'a Segments,
    /// Position data of the batch.
    pub shared: &'a S,
    weights: Option<RefCell<Vec<Tensor<B, 4>>>>,
    states: Option<RefCell<Vec<Tensor<B, 2>>>>,
}

impl<'a, B: EngineBackend, S> Pass<'a, B, S> {
    /// A pass that records the requested intermediates of every layer.
    pub fn new(segments: &'a Segments, shared: &'a S, kept: Intermediates) -> Self {
        let weights = kept.attentions.then(RefCell::default);
        Self { segments, shared, weights, states: kept.hidden_states.then(RefCell::default) }
    }

    /// Records a hidden state if hidden states are requested. **Shapes:** `x: [rows, hidden]`.
    pub fn keep(&self, x: &Tensor<B, 2>) {
        if let Some(states) = &self.states {
            states.borrow_mut().push(x.clone());
        }
    }

    /// Attention within each sequence by [`ops::attention()`], recording the weights if requested.
    pub fn attend(
        &self,
        qkv: [Tensor<B, 2>; 3],
        heads: Heads,
        scale: f64,
        relative: Option<&RelativeTerms<B>>,
    ) -> Tensor<B, 2> {
        let attention = ops::Attention { segments: self.segments, heads, scale, relative };
        match &self.weights {
            None => ops::attention(qkv, &attention),
            Some(kept) => {
                let (context, weights) = ops::attention_and_weights(qkv, &attention);
                kept.borrow_mut().push(weights);
                context
            }
        }
    }

    /// Attention within each sequence, recording the scores before the softmax in place of the attention weights.
    pub fn attend_keeping_scores(&self, qkv: [Tensor<B, 2>; 3], heads: Heads, scale: f64) -> Tensor<B, 2> {
        let attention = ops::Attention { segments: self.segments, heads, scale, relative: None };
        if let Some(kept) = &self.weights {
            kept.borrow_mut().push(ops::attention_scores(qkv.clone(), &attention));
        }
        ops::attention(qkv, &attention)
    }

    fn into_kept(self) -> (Vec<Tensor<B, 2>>, Vec<Tensor<B, 4>>) {
        let (states, weights) = (self.states.map(RefCell::into_inner), self.weights.map(RefCell::into_inner));
        (states.unwrap_or_default(), weights.unwrap_or_default())
    }
}

/// One layer of an [`Encoder`].
pub trait EncoderLayer<B: EngineBackend>: Module<B> + ModuleDisplay + Sync {
    /// Position data of a batch that all layers share.
    type Shared;

    /// Runs the layer. **Shapes:** `x: [rows, hidden]`; returns the same.
    fn forward(&self, x: Tensor<B, 2>, pass: &Pass<'_, B, Self::Shared>) -> Tensor<B, 2>;

    /// Brings the linear weights into the layout of the backend's kernels, if it has one for this precision.
    fn prepare(&mut self, plan: &Preparation<'_>);
}

/// Pools the first token's hidden state, optionally through a linear layer and tanh, arXiv 1810.04805 section 3.
#[derive(Module, Debug)]
pub struct Pooler<B: Backend> {
    dense: Option<Linear<B>>,
}

impl<B: EngineBackend> Pooler<B> {
    /// A pooler with random weights until it is loaded.
    pub fn new(hidden_size: usize, device: &B::Device) -> Self {
        Self { dense: Some(Linear::new(hidden_size, hidden_size, device)) }
    }

    /// A pooler that returns the first token's hidden state unchanged.
    pub fn identity() -> Self {
        Self { dense: None }
    }

    /// Pooled outputs. **Shapes:** `hidden: [rows, hidden]`; `first: [batch]`, the row of each sequence's first token;
    /// returns `[batch, hidden]`.
    pub fn forward(&self, hidden: Tensor<B, 2>, first: Tensor<B, 1, Int>) -> Tensor<B, 2> {
        let first = hidden.select(0, first);
        match &self.dense {
            Some(dense) => dense.forward_with(first, Epilogue { activation: Some(Activation::Tanh), residual: None }),
            None => first,
        }
    }
}

/// A packed batch: the tokens of several sequences, row after row without padding.
#[derive(Clone, Debug)]
pub struct EncoderBatch<B: Backend> {
    /// Input ids of the rows.
    pub ids: EncoderIds<B>,
    /// Sequences and positions of the rows.
    pub rows: RowPositions,
    /// The row of each sequence's first token. **Shapes:** `[batch]`.
    pub first: Tensor<B, 1, Int>,
}

/// Intermediates of a forward pass to return besides the output.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Intermediates {
    /// Whether to return the outputs of the embeddings and of every layer.
    pub hidden_states: bool,
    /// Whether to return the attention weights of every layer.
    pub attentions: bool,
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
pub struct Encoder<B: Backend, P, L> {
    embeddings: EncoderEmbeddings<B>,
    encoder: Layers<B, P, L>,
    pooler: Option<Pooler<B>>,
}

/// A stack of layers; it runs `num_layers` times, more than it holds where layers share weights.
#[derive(Module, Debug)]
pub struct Layers<B: Backend, P, L> {
    positions: P,
    layer: Vec<L>,
    num_layers: usize,
    norm: Option<Norm<B>>,
}

impl<B: EngineBackend, P, L> Layers<B, P, L> {
    /// A stack that runs each layer once.
    pub fn new(positions: P, layer: Vec<L>) -> Self {
        Self { positions, num_layers: layer.len(), layer, norm: None }
    }

    /// Runs `num_layers` layers in total, each stored layer for an equal share of consecutive runs.
    pub fn with_num_layers(self, num_layers: usize) -> Self {
        Self { num_layers, ..self }
    }

    /// Adds a normalization after the last layer.
    pub fn with_norm(self, norm: Norm<B>) -> Self {
        Self { norm: Some(norm), ..self }
    }
}

impl<B: EngineBackend, P: Positions<B>, L: EncoderLayer<B, Shared = P::Shared>> Encoder<B, P, L> {
    /// An encoder of these parts.
    pub fn new(embeddings: EncoderEmbeddings<B>, encoder: Layers<B, P, L>, pooler: Option<Pooler<B>>) -> Self {
        Self { embeddings, encoder, pooler }
    }

    /// Runs the model.
    pub fn forward(&self, batch: &EncoderBatch<B>, kept: Intermediates) -> EncoderOutput<B> {
        let Layers { positions, layer, num_layers, norm } = &self.encoder;
        let shared = positions.shared(&batch.rows, &batch.first.device());
        let pass = Pass::new(&batch.rows.segments, &shared, kept);
        let mut x = self.embeddings.forward(&batch.ids);
        for index in 0..*num_layers {
            pass.keep(&x);
            let first_input = (index == 0).then(|| x.clone());
            x = layer[index * layer.len() / num_layers].forward(x, &pass);
            if let Some(input) = first_input {
                x = positions.after_first_layer(input, x, &shared);
            }
        }
        if let Some(norm) = norm {
            x = norm.forward(x);
        }
        pass.keep(&x);
        let pooler_output = self.pooler.as_ref().map(|pooler| pooler.forward(x.clone(), batch.first.clone()));
        let (hidden_states, attentions) = pass.into_kept();
        EncoderOutput { last_hidden_state: x, pooler_output, hidden_states, attentions }
    }

    /// Brings the linear weights into the layout of the backend's kernels, if it has one for this precision.
    pub fn prepare(&mut self, plan: &Preparation<'_>) {
        self.embeddings.prepare(plan);
        self.encoder.layer.iter_mut().for_each(|layer| layer.prepare(plan));
        if let Some(Pooler { dense: Some(dense) }) = &mut self.pooler {
            dense.prepare(plan);
        }
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
