use burn::tensor::ops::AttentionModuleOptions;
use burn::tensor::{Bool, Tensor, module};

use crate::EngineBackend;

/// Scaled dot-product attention: `softmax(q * transpose(k) * scale) * v`.
///
/// A query that may see no key gives zeros, as PyTorch's `scaled_dot_product_attention` does.
///
/// **Shapes:** `q: [batch, heads, q_seq, head_dim]`, `k, v: [batch, heads, kv_seq, head_dim]`, `hidden_keys` (true where
/// a key may not be seen) `[batch, 1, 1, kv_seq]` or `[batch, 1, q_seq, kv_seq]`; returns
/// `[batch, heads, q_seq, head_dim]`.
pub fn attention<B: EngineBackend>(
    q: Tensor<B, 4>,
    k: Tensor<B, 4>,
    v: Tensor<B, 4>,
    hidden_keys: Option<Tensor<B, 4, Bool>>,
    scale: f64,
) -> Tensor<B, 4> {
    let options = AttentionModuleOptions { scale: Some(scale), ..Default::default() };
    let [batch, _, q_seq, _] = q.dims();
    let kv_seq = k.dims()[2];
    let mask = hidden_keys.map(|mask| mask.expand([batch, 1, q_seq, kv_seq]));
    module::attention(q, k, v, mask, None, options)
}
