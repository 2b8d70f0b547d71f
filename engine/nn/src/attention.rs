use burn::module::Module;
use burn::tensor::backend::Backend;
use burn::tensor::{Bool, Tensor};
use trustformers_ops::{self as ops, EngineBackend};

use crate::Linear;

/// Sizes of an attention block.
#[derive(Clone, Copy, Debug)]
pub struct AttentionConfig {
    /// Width of the input.
    pub hidden_size: usize,
    /// Heads, which share the width equally.
    pub num_attention_heads: usize,
}

/// Projections to query, key and value and their attention, arXiv 1706.03762 section 3.2.
#[derive(Module, Debug)]
pub struct SelfAttention<B: Backend> {
    query: Linear<B>,
    key: Linear<B>,
    value: Linear<B>,
    num_heads: usize,
}

impl<B: EngineBackend> SelfAttention<B> {
    /// A block with random weights until it is loaded.
    pub fn new(config: &AttentionConfig, device: &B::Device) -> Self {
        let hidden = config.hidden_size;
        Self {
            query: Linear::new(hidden, hidden, device),
            key: Linear::new(hidden, hidden, device),
            value: Linear::new(hidden, hidden, device),
            num_heads: config.num_attention_heads,
        }
    }

    /// **Shapes:** `x: [batch, seq, hidden]`, `hidden_keys` (true where a key may not be seen)
    /// `[batch, 1, 1 or seq, seq]`; returns `[batch, seq, hidden]`.
    pub fn forward(&self, x: Tensor<B, 3>, hidden_keys: Option<Tensor<B, 4, Bool>>) -> Tensor<B, 3> {
        let [batch, seq, hidden] = x.dims();
        let head_dim = hidden / self.num_heads;
        let heads = |linear: &Linear<B>| {
            linear.forward(x.clone()).reshape([batch, seq, self.num_heads, head_dim]).swap_dims(1, 2)
        };
        let (q, k, v) = (heads(&self.query), heads(&self.key), heads(&self.value));
        let context = ops::attention(q, k, v, hidden_keys, (head_dim as f64).powf(-0.5));
        context.swap_dims(1, 2).reshape([batch, seq, hidden])
    }
}
