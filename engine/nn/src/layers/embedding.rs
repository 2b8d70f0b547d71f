use burn::module::{Module, Param};
use burn::tensor::backend::Backend;
use burn::tensor::{Int, Tensor};
use trustformers_ops::{self as ops, EngineBackend, Lookup};

use crate::layers::table::in_order;
use crate::{Embedding, LayerMut, LayerNorm, Linear, Norm, NormConfig};

/// Token input of a batch: ids or embeddings.
#[derive(Clone, Debug)]
pub enum TokenInput<B: Backend> {
    /// Token ids, each below `vocab_size`. **Shapes:** `[rows]`.
    Ids(Tensor<B, 1, Int>),
    /// Token embeddings from the caller (`inputs_embeds`). **Shapes:** `[rows, embedding_size]`.
    Embeddings(Tensor<B, 2>),
}

/// Input ids of [`EncoderEmbeddings`], one of each kind per token.
#[derive(Clone, Debug)]
pub struct EncoderIds<B: Backend> {
    /// The batch's tokens, followed by neighboring tokens that only trigram embeddings read.
    pub tokens: TokenInput<B>,
    /// Rows of `tokens` of each token's next token, itself and previous token; the number of rows where there is none.
    /// Only needed if [`EncoderEmbeddings::reads_neighbors`]. **Shapes:** `[rows * 3]`.
    pub neighbors: Option<Tensor<B, 1, Int>>,
    /// Token types, each below `type_vocab_size`. **Shapes:** `[rows]`.
    pub token_type_ids: Tensor<B, 1, Int>,
    /// Positions, each below `max_position_embeddings`. **Shapes:** `[rows]`.
    pub position_ids: Tensor<B, 1, Int>,
    /// Task types, each below `task_type_vocab_size`. **Shapes:** `[rows]`.
    pub task_type_ids: Tensor<B, 1, Int>,
}

/// Which rows of the embedding table the projection reads for a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProjectionInput {
    /// The row of the token.
    Token,
    /// The rows of the next token, the token itself and the previous token, concatenated; arXiv 2004.02984 section 3.4.
    Trigram,
}

/// Sizes of [`EncoderEmbeddings`].
#[derive(Clone, Copy, Debug)]
pub struct EncoderEmbeddingsConfig {
    /// Number of tokens in the vocabulary.
    pub vocab_size: usize,
    /// Number of learned position embeddings; `None` if there are none.
    pub num_positions: Option<usize>,
    /// Number of token type embeddings; `None` if there are none.
    pub num_token_types: Option<usize>,
    /// Number of task type embeddings; `None` if there are none.
    pub num_task_types: Option<usize>,
    /// The token whose embedding gets no gradient.
    pub padding_token: Option<usize>,
    /// The position whose embedding gets no gradient.
    pub padding_position: Option<usize>,
    /// Width of the token embeddings.
    pub embedding_size: usize,
    /// Width to which a linear layer maps the token embeddings before they are summed with the others, and the layer's
    /// input; `None` leaves them at `embedding_size`.
    pub input_projection: Option<(usize, ProjectionInput)>,
    /// Output width of a linear layer on the summed embeddings; `None` if there is no such layer.
    pub projected_size: Option<usize>,
    /// Normalization of the summed embeddings; `None` if there is none.
    pub norm: Option<NormConfig>,
}

impl EncoderEmbeddingsConfig {
    /// Token embeddings alone.
    pub fn plain(vocab_size: usize, embedding_size: usize) -> Self {
        Self {
            vocab_size,
            num_positions: None,
            num_token_types: None,
            num_task_types: None,
            padding_token: None,
            padding_position: None,
            embedding_size,
            input_projection: None,
            projected_size: None,
            norm: None,
        }
    }
}

/// Normalized sum of token, position, token type and task type embeddings, arXiv 1810.04805 section 3.2.
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
    /// Tables with random values until they are loaded.
    pub fn new(config: &EncoderEmbeddingsConfig, device: &B::Device) -> Self {
        let width = config.input_projection.map_or(config.embedding_size, |(size, _)| size);
        let table = |rows: usize| Embedding::new(rows, width, device);
        let reads_neighbors = config.input_projection.is_some_and(|(_, input)| input == ProjectionInput::Trigram);
        let read = config.embedding_size * if reads_neighbors { 3 } else { 1 };
        Self {
            word_embeddings: Embedding::new(config.vocab_size, config.embedding_size, device)
                .with_padding(config.padding_token),
            position_embeddings: config.num_positions.map(|rows| table(rows).with_padding(config.padding_position)),
            token_type_embeddings: config.num_token_types.map(table),
            task_type_embeddings: config.num_task_types.map(table),
            layer_norm: config.norm.map(|norm| norm.build(width, device)),
            widen: config.input_projection.map(|_| Linear::new(read, width, device)),
            project: config.projected_size.map(|size| Linear::new(width, size, device)),
            reads_neighbors,
        }
    }

    /// Whether a token's embedding depends on its neighboring tokens.
    pub fn reads_neighbors(&self) -> bool {
        self.reads_neighbors
    }

    /// Embeddings of a batch. **Shapes:** returns `[rows, hidden]`.
    pub fn forward(&self, ids: &EncoderIds<B>) -> Tensor<B, 2> {
        let mut lookups = vec![self.token_embeddings(ids)];
        let optional = [
            (&self.token_type_embeddings, &ids.token_type_ids),
            (&self.position_embeddings, &ids.position_ids),
            (&self.task_type_embeddings, &ids.task_type_ids),
        ];
        for (table, ids) in optional {
            lookups.extend(table.as_ref().map(|table| table.lookup(ids.clone())));
        }
        let embedded = match &self.layer_norm {
            Some(Norm::Layer(LayerNorm { weight, bias, eps })) => {
                ops::embedding_norm(&lookups, weight.val(), bias.as_ref().map(Param::val), *eps)
            }
            Some(norm) => norm.forward(sum(lookups)),
            None => sum(lookups),
        };
        let embedded = ops::dropout(embedded, |rates| rates.embeddings);
        match &self.project {
            Some(project) => project.forward(embedded),
            None => embedded,
        }
    }

    fn token_embeddings(&self, ids: &EncoderIds<B>) -> Lookup<B> {
        let lookup = match &ids.tokens {
            TokenInput::Ids(ids) => self.word_embeddings.lookup(ids.clone()),
            TokenInput::Embeddings(vectors) => {
                in_order(vectors.clone().cast(self.word_embeddings.weight.val().dtype()))
            }
        };
        let Some(widen) = &self.widen else { return lookup };
        let vectors = ops::embedding(lookup);
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

    /// The token embeddings. **Shapes:** `[vocab_size, embedding_size]`.
    pub(crate) fn embedding_weight(&self) -> &Param<Tensor<B, 2>> {
        &self.word_embeddings.weight
    }

    /// Visits the tables and linear layers.
    pub(crate) fn each_layer(&mut self, visit: &mut dyn FnMut(LayerMut<'_, B>)) {
        visit(LayerMut::Embedding(&mut self.word_embeddings));
        let optional = [&mut self.position_embeddings, &mut self.token_type_embeddings, &mut self.task_type_embeddings];
        optional.into_iter().flatten().for_each(|table| visit(LayerMut::Embedding(table)));
        [&mut self.widen, &mut self.project].into_iter().flatten().for_each(|linear| visit(LayerMut::Linear(linear)));
    }
}

fn sum<B: EngineBackend>(lookups: Vec<Lookup<B>>) -> Tensor<B, 2> {
    let rows = lookups.into_iter().map(ops::embedding);
    rows.reduce(|sum, rows| sum + rows).expect("there is always a token table")
}
