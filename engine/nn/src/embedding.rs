use burn::module::{Module, Param};
use burn::tensor::backend::Backend;
use burn::tensor::{Int, Tensor};
use trustformers_ops::{self as ops, EngineBackend, int_vector};

use crate::weight::normal;
use crate::{LayerNorm, Linear, Preparation};

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

/// What stands for the words of a batch.
#[derive(Clone, Debug)]
pub enum Words<B: Backend> {
    /// Tokens, each below `vocab_size`. **Shapes:** `[rows]`.
    Ids(Tensor<B, 1, Int>),
    /// Vectors in place of those of the table. **Shapes:** `[rows, embedding_size]`.
    Vectors(Tensor<B, 2>),
}

/// What [`EncoderEmbeddings`] look up, one of each for every token.
#[derive(Clone, Debug)]
pub struct EncoderIds<B: Backend> {
    /// The words.
    pub words: Words<B>,
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
    /// Positions with a learned vector, if positions have one.
    pub num_positions: Option<usize>,
    /// Kinds of segment, if they have a vector.
    pub num_token_types: Option<usize>,
    /// Width of the vectors.
    pub embedding_size: usize,
    /// Width of the output, if vectors are brought to it by a linear layer.
    pub projected_size: Option<usize>,
    /// Added to the variance in the normalization.
    pub layer_norm_eps: f64,
    /// Whether the normalization adds a vector.
    pub has_norm_bias: bool,
}

/// Normalized sum of word, absolute position and segment vectors, arXiv 1810.04805 section 3.2.
#[derive(Module, Debug)]
pub struct EncoderEmbeddings<B: Backend> {
    word_embeddings: Embedding<B>,
    position_embeddings: Option<Embedding<B>>,
    token_type_embeddings: Option<Embedding<B>>,
    layer_norm: LayerNorm<B>,
    project: Option<Linear<B>>,
}

impl<B: EngineBackend> EncoderEmbeddings<B> {
    /// Tables with random vectors until they are loaded.
    pub fn new(config: &EncoderEmbeddingsConfig, device: &B::Device) -> Self {
        let width = config.embedding_size;
        let table = |rows: usize| Embedding::new(rows, width, device);
        Self {
            word_embeddings: table(config.vocab_size),
            position_embeddings: config.num_positions.map(table),
            token_type_embeddings: config.num_token_types.map(table),
            layer_norm: LayerNorm::new(width, config.layer_norm_eps, device).with_bias(config.has_norm_bias),
            project: config.projected_size.map(|size| Linear::new(width, size, device)),
        }
    }

    /// **Shapes:** every vector of ids `[rows]`; returns `[rows, hidden]`.
    pub fn forward(&self, ids: &EncoderIds<B>) -> Tensor<B, 2> {
        let LayerNorm { weight, bias, eps } = &self.layer_norm;
        let words = match &ids.words {
            Words::Ids(ids) => (self.word_embeddings.weight.val(), ids.clone()),
            Words::Vectors(vectors) => {
                let rows = vectors.dims()[0] as i64;
                (vectors.clone().cast(weight.val().dtype()), int_vector((0..rows).collect(), &vectors.device()))
            }
        };
        let optional =
            [(&self.token_type_embeddings, &ids.token_type_ids), (&self.position_embeddings, &ids.position_ids)];
        let mut tables = vec![words];
        for (table, ids) in optional {
            tables.extend(table.as_ref().map(|table| (table.weight.val(), ids.clone())));
        }
        let embedded = ops::embedding_norm(&tables, weight.val(), bias.as_ref().map(Param::val), *eps);
        match &self.project {
            Some(project) => project.forward(embedded),
            None => embedded,
        }
    }

    /// The vectors of the words. **Shapes:** `[vocab_size, embedding_size]`.
    pub(crate) fn words(&self) -> &Param<Tensor<B, 2>> {
        &self.word_embeddings.weight
    }

    pub(crate) fn prepare(&mut self, plan: &Preparation<'_>) {
        if let Some(project) = &mut self.project {
            project.prepare(plan);
        }
    }
}
