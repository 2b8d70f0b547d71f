use burn::module::Module;
use burn::tensor::backend::Backend;
use burn::tensor::{Int, Tensor};
use trustformers_ops::{Activation, EngineBackend, Epilogue};

use crate::{LayerMut, Linear};

/// Kind of a [`Pooler`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PoolerKind {
    /// A linear layer and tanh, arXiv 1810.04805 section 3.
    Dense,
    /// The hidden state itself.
    Identity,
}

/// Pools the first token's hidden state.
#[derive(Module, Debug)]
pub(crate) struct Pooler<B: Backend> {
    dense: Option<Linear<B>>,
}

impl<B: EngineBackend> Pooler<B> {
    /// A pooler with random weights until it is loaded.
    pub(crate) fn new(kind: PoolerKind, hidden_size: usize, device: &B::Device) -> Self {
        Self { dense: (kind == PoolerKind::Dense).then(|| Linear::new(hidden_size, hidden_size, device)) }
    }

    /// Pooled outputs. **Shapes:** `hidden: [rows, hidden]`; `first: [batch]`, the row of each sequence's first token;
    /// returns `[batch, hidden]`.
    pub(crate) fn forward(&self, hidden: Tensor<B, 2>, first: Tensor<B, 1, Int>) -> Tensor<B, 2> {
        let first = hidden.select(0, first);
        match &self.dense {
            Some(dense) => dense.forward_with(first, Epilogue { activation: Some(Activation::Tanh), residual: None }),
            None => first,
        }
    }

    pub(crate) fn each_layer(&mut self, visit: &mut dyn FnMut(LayerMut<'_, B>)) {
        self.dense.iter_mut().for_each(|dense| visit(LayerMut::Linear(dense)));
    }
}
