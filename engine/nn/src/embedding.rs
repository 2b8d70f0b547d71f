use burn::module::Module;
use burn::tensor::backend::Backend;
use burn::tensor::{Int, Tensor};
use trustformers_ops::{self as ops, EngineBackend};

use crate::{LayerNorm, Weight};

/// A table of vectors picked by id.
#[derive(Module, Debug)]
pub struct Embedding<B: Backend> {
    /// `[num_embeddings, hidden]`.
    pub weight: Weight<B>,
}

impl<B: EngineBackend> Embedding<B> {
    /// A table with random vectors until it is loaded.
    pub fn new(num_embeddings: usize, hidden_size: usize, device: &B::Device) -> Self {
        Self { weight: Weight::normal([num_embeddings, hidden_size], 0.02, device) }
    }

    /// **Shapes:** `ids: [batch, seq]`, each below `num_embeddings`; returns `[batch, seq, hidden]`.
    pub fn forward(&self, ids: Tensor<B, 2, Int>) -> Tensor<B, 3> {
        match &self.weight {
            Weight::Dense(weight) => ops::embedding(weight.val(), ids),
        }
    }
}

/// Sizes of [`EncoderEmbeddings`].
#[derive(Clone, Copy, Debug)]
pub struct EncoderEmbeddingsConfig {
    /// Tokens in the vocabulary.
    pub vocab_size: usize,
    /// Positions with a learned vector.
    pub max_position_embeddings: usize,
    /// Kinds of segment.
    pub type_vocab_size: usize,
    /// Width of the vectors.
    pub hidden_size: usize,
    /// Added to the variance in the normalization.
    pub layer_norm_eps: f64,
}

/// Normalized sum of word, absolute position and segment vectors, arXiv 1810.04805 section 3.2.
#[derive(Module, Debug)]
pub struct EncoderEmbeddings<B: Backend> {
    word_embeddings: Embedding<B>,
    position_embeddings: Embedding<B>,
    token_type_embeddings: Embedding<B>,
    layer_norm: LayerNorm<B>,
}

impl<B: EngineBackend> EncoderEmbeddings<B> {
    /// Tables with random vectors until they are loaded.
    pub fn new(config: &EncoderEmbeddingsConfig, device: &B::Device) -> Self {
        let hidden = config.hidden_size;
        Self {
            word_embeddings: Embedding::new(config.vocab_size, hidden, device),
            position_embeddings: Embedding::new(config.max_position_embeddings, hidden, device),
            token_type_embeddings: Embedding::new(config.type_vocab_size, hidden, device),
            layer_norm: LayerNorm::new(hidden, config.layer_norm_eps, device),
        }
    }

    /// **Shapes:** `input_ids, token_type_ids, position_ids: [batch, seq]`; returns `[batch, seq, hidden]`.
    pub fn forward(
        &self,
        input_ids: Tensor<B, 2, Int>,
        token_type_ids: Tensor<B, 2, Int>,
        position_ids: Tensor<B, 2, Int>,
    ) -> Tensor<B, 3> {
        let words = self.word_embeddings.forward(input_ids);
        let types = self.token_type_embeddings.forward(token_type_ids);
        let positions = self.position_embeddings.forward(position_ids);
        self.layer_norm.forward(words + types + positions)
    }
}
