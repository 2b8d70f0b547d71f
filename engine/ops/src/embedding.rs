use burn::tensor::{Int, Tensor};

use crate::{EngineBackend, layer_norm};

/// Layer norm of the sum of embedding lookups, one per table; ids must be below `num_embeddings` of their table.
///
/// **Shapes:** tables `[num_embeddings, hidden]`, ids `[rows]`, `weight, bias: [hidden]`; returns `[rows, hidden]`.
///
/// **Panics** if there is no table.
pub fn embedding_norm<B: EngineBackend>(
    tables: &[(Tensor<B, 2>, Tensor<B, 1, Int>)],
    weight: Tensor<B, 1>,
    bias: Option<Tensor<B, 1>>,
    eps: f64,
) -> Tensor<B, 2> {
    <B as EngineBackend>::embedding_norm(tables, weight, bias, eps)
}

pub(crate) fn reference<B: EngineBackend>(
    tables: &[(Tensor<B, 2>, Tensor<B, 1, Int>)],
    weight: Tensor<B, 1>,
    bias: Option<Tensor<B, 1>>,
    eps: f64,
) -> Tensor<B, 2> {
    layer_norm::reference(sum(tables), weight, bias, eps)
}

/// Sum of the lookups. **Panics** if there is no table.
pub(crate) fn sum<B: EngineBackend>(tables: &[(Tensor<B, 2>, Tensor<B, 1, Int>)]) -> Tensor<B, 2> {
    let rows = tables.iter().map(|(table, ids)| table.clone().select(0, ids.clone()));
    rows.reduce(|sum, rows| sum + rows).expect("at least one embedding table")
}
