use std::marker::PhantomData;

use burn::module::{Module, ModuleDisplay};
use burn::tensor::backend::Backend;
use burn::tensor::{Bool, Int, Tensor};
use trustformers_ops::{Activation, EngineBackend};

use crate::{EncoderEmbeddings, Linear};

/// One layer of an [`Encoder`].
pub trait EncoderLayer<B: EngineBackend>: Module<B> + ModuleDisplay + Sync {
    /// **Shapes:** `x: [batch, seq, hidden]`, `hidden_keys` (true where a key may not be seen)
    /// `[batch, 1, 1 or seq, seq]`; returns `[batch, seq, hidden]`.
    fn forward(&self, x: Tensor<B, 3>, hidden_keys: Option<Tensor<B, 4, Bool>>) -> Tensor<B, 3>;
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

    /// **Shapes:** `hidden: [batch, seq, hidden]`; returns `[batch, hidden]`.
    pub fn forward(&self, hidden: Tensor<B, 3>) -> Tensor<B, 2> {
        let first = hidden.narrow(1, 0, 1).squeeze_dim::<2>(1);
        self.dense.forward_activated(first, Activation::Tanh)
    }
}

/// What an [`Encoder`] computes.
#[derive(Debug)]
pub struct EncoderOutput<B: Backend> {
    /// `[batch, seq, hidden]`.
    pub last_hidden_state: Tensor<B, 3>,
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

    /// **Shapes:** `input_ids, token_type_ids, position_ids: [batch, seq]`, `hidden_keys` (true where a key may not be
    /// seen) `[batch, 1, 1 or seq, seq]`.
    pub fn forward(
        &self,
        input_ids: Tensor<B, 2, Int>,
        token_type_ids: Tensor<B, 2, Int>,
        position_ids: Tensor<B, 2, Int>,
        hidden_keys: Option<Tensor<B, 4, Bool>>,
    ) -> EncoderOutput<B> {
        let embedded = self.embeddings.forward(input_ids, token_type_ids, position_ids);
        let last_hidden_state =
            self.encoder.layer.iter().fold(embedded, |x, layer| layer.forward(x, hidden_keys.clone()));
        let pooler_output = self.pooler.as_ref().map(|pooler| pooler.forward(last_hidden_state.clone()));
        EncoderOutput { last_hidden_state, pooler_output }
    }
}
