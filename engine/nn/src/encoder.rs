use std::marker::PhantomData;

use burn::module::{Module, ModuleDisplay};
use burn::tensor::backend::Backend;
use burn::tensor::{Int, Tensor};
use trustformers_ops::{Activation, EngineBackend, Epilogue, Precision, Segments};

use crate::{EncoderEmbeddings, EncoderIds, Linear};

/// One layer of an [`Encoder`].
pub trait EncoderLayer<B: EngineBackend>: Module<B> + ModuleDisplay + Sync {
    /// **Shapes:** `x: [rows, hidden]`; returns the same.
    fn forward(&self, x: Tensor<B, 2>, segments: &Segments) -> Tensor<B, 2>;

    /// Brings the linear weights into the layout of the backend's kernels, if it has one for this precision.
    fn prepare(&mut self, precision: Precision);
}

/// The first position's vector through a linear layer and tanh, arXiv 1810.04805 section 3.
#[derive(Module, Debug)]
pub struct Pooler<B: Backend> {
    dense: Linear<B>,
}

impl<B: EngineBackend> Pooler<B> {
    /// A layer with random weights until it is loaded.
    pub fn new(hidden_size: usize, device: &B::Device) -> Self {
        Self { dense: Linear::new(hidden_size, hidden_size, device) }
    }

    /// **Shapes:** `hidden: [rows, hidden]`, `first: [batch]`, the row of each sequence's first position; returns
    /// `[batch, hidden]`.
    pub fn forward(&self, hidden: Tensor<B, 2>, first: Tensor<B, 1, Int>) -> Tensor<B, 2> {
        let epilogue = Epilogue { activation: Some(Activation::Tanh), residual: None };
        self.dense.forward_with(hidden.select(0, first), epilogue)
    }
}

/// A batch of sequences without padding, token after token.
#[derive(Clone, Debug)]
pub struct EncoderBatch<B: Backend> {
    /// What the tokens are.
    pub ids: EncoderIds<B>,
    /// Which of them belong together.
    pub segments: Segments,
    /// The row of each sequence's first position. **Shapes:** `[batch]`.
    pub first: Tensor<B, 1, Int>,
}

/// What an [`Encoder`] computes.
#[derive(Debug)]
pub struct EncoderOutput<B: Backend> {
    /// `[rows, hidden]`.
    pub last_hidden_state: Tensor<B, 2>,
    /// `[batch, hidden]`, if the encoder has a pooler.
    pub pooler_output: Option<Tensor<B, 2>>,
}

/// Embeddings, a stack of layers and, for some families, a pooler.
#[derive(Module, Debug)]
pub struct Encoder<B: Backend, L> {
    embeddings: EncoderEmbeddings<B>,
    encoder: Layers<B, L>,
    pooler: Option<Pooler<B>>,
}

#[derive(Module, Debug)]
struct Layers<B: Backend, L> {
    layer: Vec<L>,
    backend: PhantomData<B>,
}

impl<B: EngineBackend, L: EncoderLayer<B>> Encoder<B, L> {
    /// Puts the parts together.
    pub fn new(embeddings: EncoderEmbeddings<B>, layer: Vec<L>, pooler: Option<Pooler<B>>) -> Self {
        Self { embeddings, encoder: Layers { layer, backend: PhantomData }, pooler }
    }

    /// Runs the model.
    pub fn forward(&self, batch: &EncoderBatch<B>) -> EncoderOutput<B> {
        let embedded = self.embeddings.forward(&batch.ids);
        let layers = self.encoder.layer.iter();
        let last_hidden_state = layers.fold(embedded, |x, layer| layer.forward(x, &batch.segments));
        let pool = |pooler: &Pooler<B>| pooler.forward(last_hidden_state.clone(), batch.first.clone());
        EncoderOutput { pooler_output: self.pooler.as_ref().map(pool), last_hidden_state }
    }

    /// Brings the linear weights into the layout of the backend's kernels, if it has one for this precision.
    pub fn prepare(&mut self, precision: Precision) {
        self.encoder.layer.iter_mut().for_each(|layer| layer.prepare(precision));
        if let Some(pooler) = &mut self.pooler {
            pooler.dense.prepare(precision);
        }
    }

    /// Whether the model has a pooler.
    pub fn has_pooler(&self) -> bool {
        self.pooler.is_some()
    }
}
