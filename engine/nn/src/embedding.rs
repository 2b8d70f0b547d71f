use burn::module::{Module, Param};
use burn::tensor::backend::Backend;
use burn::tensor::{Int, Tensor};
use trustformers_ops::{self as ops, EngineBackend};

use crate::LayerNorm;
use crate::weight::normal;

/// A table of vectors picked by id.
#[derive(Module, Debug)]
pub struct Embedding<B: Backend> {
    /// `[num_embeddings, hidden]`.
    pub weight: Param<Tensor<B, 2>>,
}

impl<B: EngineBackend> Embedding<B> {
    /// A table with random vectors until it is loaded.
    pub fn new(num_embeddings: usize, hidden_size: usize, device: &B::Device) -> Self {
        Self { weight: normal([num_embeddings, hidden_size], 0.02, device) }
    }
}

/// What [`EncoderEmbeddings`] look up, one of each for every token.
#[derive(Clone, Debug)]
pub struct EncoderIds<B: Backend> {
    /// Tokens, each below `vocab_size`.
    pub input_ids: Tensor<B, 1, Int>,
    /// Segments, each below `type_vocab_size`.
    pub token_type_ids: Tensor<B, 1, Int>,
    /// Positions, each below `max_position_embeddings`.
    pub position_ids: Tensor<B, 1, Int>,
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

    /// **Shapes:** every vector of ids `[rows]`; returns `[rows, hidden]`.
    pub fn forward(&self, ids: &EncoderIds<B>) -> Tensor<B, 2> {
        let tables = [
            (&self.word_embeddings, &ids.input_ids),
            (&self.token_type_embeddings, &ids.token_type_ids),
            (&self.position_embeddings, &ids.position_ids),
        ];
        let tables = tables.map(|(table, ids)| (table.weight.val(), ids.clone()));
        let LayerNorm { weight, bias, eps } = &self.layer_norm;
        ops::embedding_norm(&tables, weight.val(), bias.val(), *eps)
    }
}
