use burn::module::{Module, Param};
use burn::tensor::backend::Backend;
use burn::tensor::{Int, Tensor};
use trustformers_ops::{self as ops, EngineBackend, int_vector};

use crate::layers::weight::normal;
use crate::{LayerNorm, Linear, Norm, NormConfig, Preparation};

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
pub enum TokenInput<B: Backend> {
    /// Tokens, each below `vocab_size`. **Shapes:** `[rows]`.
    Ids(Tensor<B, 1, Int>),
    /// Vectors in place of those of the table. **Shapes:** `[rows, embedding_size]`.
    Embeddings(Tensor<B, 2>),
}

/// What [`EncoderEmbeddings`] look up, one of each for every token.
#[derive(Clone, Debug)]
pub struct EncoderIds<B: Backend> {
    /// The tokens, and behind them neighbors that are not computed themselves.
    pub tokens: TokenInput<B>,
    /// For each token the rows of `words` of the next token, of itself and of the one before; the number of rows where
    /// there is none. Only embeddings with [`EncoderEmbeddings::reads_neighbors`] need it. **Shapes:** `[rows * 3]`.
    pub neighbors: Option<Tensor<B, 1, Int>>,
    /// Segments, each below `type_vocab_size`.
    pub token_type_ids: Tensor<B, 1, Int>,
    /// Positions, each below `max_position_embeddings`.
    pub position_ids: Tensor<B, 1, Int>,
    /// Tasks, each below `task_type_vocab_size`.
    pub task_type_ids: Tensor<B, 1, Int>,
}

/// Which rows of the embedding table are a token's embedding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Widening {
    /// The row of the token.
    Token,
    /// The rows of the next token, the token itself and the previous token, concatenated; arXiv 2004.02984 section 3.4.
    Trigram,
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
    /// Kinds of task, if they have a vector.
    pub num_task_types: Option<usize>,
    /// Width of the token embeddings.
    pub embedding_size: usize,
    /// Width of the sum, and what brings the token embeddings to it by a linear layer; `embedding_size` if absent.
    pub widened: Option<(usize, Widening)>,
    /// Width of the output, if the sum is brought to it by a linear layer.
    pub projected_size: Option<usize>,
    /// Normalization of the sum, if there is one.
    pub norm: Option<NormConfig>,
}

/// Normalized sum of word, absolute position and segment vectors, arXiv 1810.04805 section 3.2.
#[derive(Module, Debug)]
pub struct EncoderEmbeddings<B: Backend> {
    word_embeddings: Embedding<B>,
    position_embeddings: Option<Embedding<B>>,
    token_type_embeddings: Option<Embedding<B>>,
    task_type_embeddings: Option<Embedding<B>>,
    layer_norm: Option<Norm<B>>,
    widen: Option<Linear<B>>,
    project: Option<Linear<B>>,
    reads_neighbors: bool,
}

impl<B: EngineBackend> EncoderEmbeddings<B> {
    /// Tables with random vectors until they are loaded.
    pub fn new(config: &EncoderEmbeddingsConfig, device: &B::Device) -> Self {
        let width = config.widened.map_or(config.embedding_size, |(size, _)| size);
        let table = |rows: usize| Embedding::new(rows, width, device);
        let reads_neighbors = config.widened.is_some_and(|(_, widening)| widening == Widening::Trigram);
        let read = config.embedding_size * if reads_neighbors { 3 } else { 1 };
        Self {
            word_embeddings: Embedding::new(config.vocab_size, config.embedding_size, device),
            position_embeddings: config.num_positions.map(table),
            token_type_embeddings: config.num_token_types.map(table),
            task_type_embeddings: config.num_task_types.map(table),
            layer_norm: config.norm.map(|norm| norm.build(width, device)),
            widen: config.widened.map(|_| Linear::new(read, width, device)),
            project: config.projected_size.map(|size| Linear::new(width, size, device)),
            reads_neighbors,
        }
    }

    /// Whether a token's output depends on the tokens beside it.
    pub fn reads_neighbors(&self) -> bool {
        self.reads_neighbors
    }

    /// **Shapes:** every vector of ids `[rows]`; returns `[rows, hidden]`.
    pub fn forward(&self, ids: &EncoderIds<B>) -> Tensor<B, 2> {
        let mut tables = vec![self.token_vectors(ids)];
        let optional = [
            (&self.token_type_embeddings, &ids.token_type_ids),
            (&self.position_embeddings, &ids.position_ids),
            (&self.task_type_embeddings, &ids.task_type_ids),
        ];
        for (table, ids) in optional {
            tables.extend(table.as_ref().map(|table| (table.weight.val(), ids.clone())));
        }
        let embedded = match &self.layer_norm {
            Some(Norm::Layer(LayerNorm { weight, bias, eps })) => {
                ops::embedding_norm(&tables, weight.val(), bias.as_ref().map(Param::val), *eps)
            }
            Some(norm) => norm.forward(sum(tables)),
            None => sum(tables),
        };
        match &self.project {
            Some(project) => project.forward(embedded),
            None => embedded,
        }
    }

    /// A table of the tokens' vectors, and each token's row.
    fn token_vectors(&self, ids: &EncoderIds<B>) -> (Tensor<B, 2>, Tensor<B, 1, Int>) {
        let table = self.word_embeddings.weight.val();
        let (table, rows) = match &ids.tokens {
            TokenInput::Ids(ids) => (table, ids.clone()),
            TokenInput::Embeddings(vectors) => in_order(vectors.clone().cast(table.dtype())),
        };
        let Some(widen) = &self.widen else { return (table, rows) };
        let vectors = table.select(0, rows);
        let read = match ids.neighbors.as_ref().filter(|_| self.reads_neighbors) {
            None => vectors,
            Some(neighbors) => {
                let width = vectors.dims()[1];
                let nothing = Tensor::zeros([1, width], (&vectors.device(), vectors.dtype()));
                let rows = neighbors.dims()[0] / 3;
                Tensor::cat(vec![vectors, nothing], 0).select(0, neighbors.clone()).reshape([rows, 3 * width])
            }
        };
        in_order(widen.forward(read))
    }

    /// The vectors of the words. **Shapes:** `[vocab_size, embedding_size]`.
    pub(crate) fn embedding_weight(&self) -> &Param<Tensor<B, 2>> {
        &self.word_embeddings.weight
    }

    pub(crate) fn prepare(&mut self, plan: &Preparation<'_>) {
        [&mut self.widen, &mut self.project].into_iter().flatten().for_each(|linear| linear.prepare(plan));
    }
}

/// A table whose rows are read one after another.
fn in_order<B: EngineBackend>(table: Tensor<B, 2>) -> (Tensor<B, 2>, Tensor<B, 1, Int>) {
    let rows = table.dims()[0] as i64;
    let ids = int_vector((0..rows).collect(), &table.device());
    (table, ids)
}

fn sum<B: EngineBackend>(tables: Vec<(Tensor<B, 2>, Tensor<B, 1, Int>)>) -> Tensor<B, 2> {
    let rows = tables.into_iter().map(|(table, ids)| table.select(0, ids));
    rows.reduce(|sum, rows| sum + rows).expect("the tokens have a table")
}
