use burn::tensor::backend::Backend;
use burn::tensor::{Int, Tensor};

use crate::{EngineBackend, layer_norm};

/// Rows of an embedding table by id; each id must be below `num_embeddings`.
#[derive(Clone, Debug)]
pub struct Lookup<B: Backend> {
    /// Embedding table. **Shapes:** `[num_embeddings, hidden]`.
    pub table: Tensor<B, 2>,
    /// **Shapes:** `[rows]`.
    pub ids: Tensor<B, 1, Int>,
    /// The id whose row gets no gradient.
    pub padding: Option<usize>,
}

/// Embeddings of ids. **Shapes:** returns `[rows, hidden]`.
pub fn embedding<B: EngineBackend>(lookup: Lookup<B>) -> Tensor<B, 2> {
    <B as EngineBackend>::embedding(lookup)
}

/// Layer norm of the sum of embedding lookups.
///
/// **Shapes:** `weight, bias: [hidden]`; returns `[rows, hidden]`.
///
/// **Panics** if there is no lookup.
pub fn embedding_norm<B: EngineBackend>(
    lookups: &[Lookup<B>],
    weight: Tensor<B, 1>,
    bias: Option<Tensor<B, 1>>,
    eps: f64,
) -> Tensor<B, 2> {
    <B as EngineBackend>::embedding_norm(lookups, weight, bias, eps)
}

pub(crate) fn reference<B: EngineBackend>(lookup: Lookup<B>) -> Tensor<B, 2> {
    lookup.table.select(0, lookup.ids)
}

pub(crate) fn norm_reference<B: EngineBackend>(
    lookups: &[Lookup<B>],
    weight: Tensor<B, 1>,
    bias: Option<Tensor<B, 1>>,
    eps: f64,
) -> Tensor<B, 2> {
    layer_norm::reference(sum(lookups), weight, bias, eps)
}

/// Sum of the lookups. **Panics** if there is none.
pub(crate) fn sum<B: EngineBackend>(lookups: &[Lookup<B>]) -> Tensor<B, 2> {
    let rows = lookups.iter().cloned().map(embedding);
    rows.reduce(|sum, rows| sum + rows).expect("at least one lookup")
}
