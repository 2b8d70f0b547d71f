use burn::tensor::backend::Backend;
use burn::tensor::{IndexingUpdateOp, Int, Tensor};

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

pub(crate) fn backward_reference<B: EngineBackend>(
    gradient: Tensor<B, 2>,
    ids: Tensor<B, 1, Int>,
    num_embeddings: usize,
    padding: Option<usize>,
) -> Tensor<B, 2> {
    let width = gradient.dims()[1];
    let (device, dtype) = (gradient.device(), gradient.dtype());
    let zeros = |rows: usize| Tensor::zeros([rows, width], (&device, dtype));
    let found = zeros(num_embeddings).select_assign(0, ids, gradient, IndexingUpdateOp::Add);
    match padding {
        Some(padding) => found.slice_assign([padding..padding + 1, 0..width], zeros(1)),
        None => found,
    }
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
