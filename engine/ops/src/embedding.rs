use burn::tensor::{Int, Tensor, module};

use crate::EngineBackend;

/// Rows of `weight` picked by `ids`, which must lie below `num_embeddings`.
///
/// **Shapes:** `weight: [num_embeddings, hidden]`, `ids: [batch, seq]`; returns `[batch, seq, hidden]`.
pub fn embedding<B: EngineBackend>(weight: Tensor<B, 2>, ids: Tensor<B, 2, Int>) -> Tensor<B, 3> {
    module::embedding(weight, ids)
}
