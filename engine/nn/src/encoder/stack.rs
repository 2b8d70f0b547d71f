use std::cell::RefCell;

use burn::module::{Module, ModuleDisplay, Param};
use burn::tensor::backend::Backend;
use burn::tensor::{Int, Tensor};
use trustformers_ops::{self as ops, Activation, EngineBackend, Epilogue, Heads, RelativeTerms, Segments};

use crate::{EncoderEmbeddings, EncoderIds, Linear, Norm, Preparation};

/// Where the rows of a batch stand in their sequences.
#[derive(Clone, Debug)]
pub struct RowPositions {
    /// Which rows belong together.
    pub segments: Segments,
    /// Each row's column in the padded batch. **Shapes:** `[rows]`.
    pub columns: Vec<i64>,
    /// Each row's position as the caller counts it. **Shapes:** `[rows]`.
    pub position_ids: Vec<i64>,
}

/// What positions give to all layers of a stack.
pub trait Positions<B: EngineBackend>: Module<B> + ModuleDisplay + Sync {
    /// Computed once for a batch.
    type Shared;

    /// What the layers share for a batch.
    fn shared(&self, rows: &RowPositions, device: &B::Device) -> Self::Shared;

    /// What goes on from the first layer, of its input `x` and its output. **Shapes:** all `[rows, hidden]`.
    fn after_first_layer(&self, _x: Tensor<B, 2>, output: Tensor<B, 2>, _shared: &Self::Shared) -> Tensor<B, 2> {
        output
    }
}

/// Positions that nothing but the embeddings knows of.
#[derive(Module, Clone, Debug, Default)]
pub struct EmbeddedPositions;

impl<B: EngineBackend> Positions<B> for EmbeddedPositions {
    type Shared = Option<RelativeTerms<B>>;

    fn shared(&self, _rows: &RowPositions, _device: &B::Device) -> Self::Shared {
        None
    }
}

/// What the layers know of the batch that goes through them.
#[derive(Debug)]
pub struct Pass<'a, B: Backend, S> {
    /// Which rows belong together.
    pub segments: &'a Segments,
    /// What positions gave.
    pub shared: &'a S,
    weights: Option<RefCell<Vec<Tensor<B, 4>>>>,
    states: Option<RefCell<Vec<Tensor<B, 2>>>>,
}

impl<'a, B: EngineBackend, S> Pass<'a, B, S> {
    /// A pass that keeps what is wanted of every layer.
    pub fn new(segments: &'a Segments, shared: &'a S, kept: Intermediates) -> Self {
        let weights = kept.attentions.then(RefCell::default);
        Self { segments, shared, weights, states: kept.hidden_states.then(RefCell::default) }
    }

    /// Keeps a hidden state if they are wanted. **Shapes:** `x: [rows, hidden]`.
    pub fn keep(&self, x: &Tensor<B, 2>) {
        if let Some(states) = &self.states {
            states.borrow_mut().push(x.clone());
        }
    }

    /// Attention among the rows of each sequence; see [`ops::attention()`].
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

    /// As [`Self::attend`] without relative terms, keeping the scores before their softmax in place of the weights.
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
    /// What the layers of a stack share.
    type Shared;

    /// **Shapes:** `x: [rows, hidden]`; returns the same.
    fn forward(&self, x: Tensor<B, 2>, pass: &Pass<'_, B, Self::Shared>) -> Tensor<B, 2>;

    /// Brings the linear weights into the layout of the backend's kernels, if it has one for this precision.
    fn prepare(&mut self, plan: &Preparation<'_>);
}

/// The first position's vector, through a linear layer and tanh if there is one, arXiv 1810.04805 section 3.
#[derive(Module, Debug)]
pub struct Pooler<B: Backend> {
    dense: Option<Linear<B>>,
}

impl<B: EngineBackend> Pooler<B> {
    /// A layer with random weights until it is loaded.
    pub fn new(hidden_size: usize, device: &B::Device) -> Self {
        Self { dense: Some(Linear::new(hidden_size, hidden_size, device)) }
    }

    /// The vector as it is.
    pub fn identity() -> Self {
        Self { dense: None }
    }

    /// **Shapes:** `hidden: [rows, hidden]`, `first: [batch]`, the row of each sequence's first position; returns
    /// `[batch, hidden]`.
    pub fn forward(&self, hidden: Tensor<B, 2>, first: Tensor<B, 1, Int>) -> Tensor<B, 2> {
        let first = hidden.select(0, first);
        match &self.dense {
            Some(dense) => dense.forward_with(first, Epilogue { activation: Some(Activation::Tanh), residual: None }),
            None => first,
        }
    }
}

/// A batch of sequences without padding, token after token.
#[derive(Clone, Debug)]
pub struct EncoderBatch<B: Backend> {
    /// What the tokens are.
    pub ids: EncoderIds<B>,
    /// Which of them belong together, and where.
    pub rows: RowPositions,
    /// The row of each sequence's first position. **Shapes:** `[batch]`.
    pub first: Tensor<B, 1, Int>,
}

/// What to keep of a pass besides its result.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Intermediates {
    /// The output of the embeddings and of every layer.
    pub hidden_states: bool,
    /// The attention weights of every layer.
    pub attentions: bool,
}

/// What an [`Encoder`] computes.
#[derive(Debug)]
pub struct EncoderOutput<B: Backend> {
    /// `[rows, hidden]`.
    pub last_hidden_state: Tensor<B, 2>,
    /// `[batch, hidden]`, if the encoder has a pooler.
    pub pooler_output: Option<Tensor<B, 2>>,
    /// `[rows, hidden]` each, if they are kept.
    pub hidden_states: Vec<Tensor<B, 2>>,
    /// `[batch, heads, longest, longest]` each, if they are kept.
    pub attentions: Vec<Tensor<B, 4>>,
}

/// Embeddings, a stack of layers and, for some families, a pooler.
#[derive(Module, Debug)]
pub struct Encoder<B: Backend, P, L> {
    embeddings: EncoderEmbeddings<B>,
    encoder: Layers<B, P, L>,
    pooler: Option<Pooler<B>>,
}

/// A stack of layers; fewer than are run if several of them share their weights.
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

    /// The stack with so many runs, spread evenly over the layers.
    pub fn with_num_layers(self, num_layers: usize) -> Self {
        Self { num_layers, ..self }
    }

    /// The stack with a normalization after the last layer.
    pub fn with_norm(self, norm: Norm<B>) -> Self {
        Self { norm: Some(norm), ..self }
    }
}

impl<B: EngineBackend, P: Positions<B>, L: EncoderLayer<B, Shared = P::Shared>> Encoder<B, P, L> {
    /// Puts the parts together.
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

    /// See [`EncoderEmbeddings::reads_neighbors`].
    pub fn reads_neighbors(&self) -> bool {
        self.embeddings.reads_neighbors()
    }

    /// The vectors of the words. **Shapes:** `[vocab_size, embedding_size]`.
    pub(crate) fn embedding_weight(&self) -> &Param<Tensor<B, 2>> {
        self.embeddings.embedding_weight()
    }
}
