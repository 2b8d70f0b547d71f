use burn::module::Module;
use burn::tensor::Tensor;
use burn::tensor::backend::Backend;
use trustformers_ops::{self as ops, EngineBackend, Epilogue, Heads, Precision, Segments};

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

    /// **Shapes:** `x: [rows, hidden]`; returns the same.
    pub fn forward(&self, x: Tensor<B, 2>, segments: &Segments) -> Tensor<B, 2> {
        let hidden = x.dims()[1];
        let head_dim = hidden / self.num_heads;
        let parts = [&self.query, &self.key, &self.value].map(Linear::part);
        let qkv = ops::linear(x, &parts, Epilogue::default());
        let qkv = [0, 1, 2].map(|index| qkv.clone().narrow(1, index * hidden, hidden));
        let heads = Heads { num_heads: self.num_heads, num_kv_heads: self.num_heads, head_dim };
        ops::attention(qkv, segments, heads, (head_dim as f64).powf(-0.5))
    }

    pub(crate) fn prepare(&mut self, precision: Precision) {
        for linear in [&mut self.query, &mut self.key, &mut self.value] {
            linear.prepare(precision);
        }
    }
}
