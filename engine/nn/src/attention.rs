use burn::module::{Module, ModuleDisplay};
use burn::tensor::Tensor;
use burn::tensor::backend::Backend;
use trustformers_ops::{self as ops, EngineBackend, Epilogue, Heads, RelativeTerms};

use crate::{Linear, Pass, Preparation};

/// Sizes of an attention block.
#[derive(Clone, Copy, Debug)]
pub struct AttentionConfig {
    /// Width of the hidden states.
    pub hidden_size: usize,
    /// Number of attention heads; each is `hidden_size / num_attention_heads` wide.
    pub num_attention_heads: usize,
}

/// Query, key and value projections and attention, without the output projection.
pub trait AttentionBlock<B: EngineBackend>: Module<B> + ModuleDisplay + Sync {
    /// Position data of a batch that all layers share.
    type Shared;

    /// Attention output before the output projection. **Shapes:** `x: [rows, hidden]`; returns the same.
    fn forward(&self, x: Tensor<B, 2>, pass: &Pass<'_, B, Self::Shared>) -> Tensor<B, 2>;

    /// Brings the linear weights into the layout of the backend's kernels, if it has one for this precision.
    fn prepare(&mut self, plan: &Preparation<'_>);
}

/// Multi-head self-attention without the output projection, arXiv 1706.03762 section 3.2.
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
        let linear = || Linear::new(config.hidden_size, config.hidden_size, device);
        Self { query: linear(), key: linear(), value: linear(), num_heads: config.num_attention_heads }
    }

    /// A block that projects queries, keys and values from inputs of the given widths to `width`.
    pub(crate) fn of_widths(inputs: [usize; 3], width: usize, num_heads: usize, device: &B::Device) -> Self {
        let [query, key, value] = inputs.map(|input| Linear::new(input, width, device));
        Self { query, key, value, num_heads }
    }

    /// Attention with separate inputs for queries, keys and values. **Shapes:** returns `[rows, width]`.
    pub(crate) fn forward_each(
        &self,
        [query, key, value]: [Tensor<B, 2>; 3],
        pass: &Pass<'_, B, Option<RelativeTerms<B>>>,
    ) -> Tensor<B, 2> {
        let qkv = [self.query.forward(query), self.key.forward(key), self.value.forward(value)];
        let heads = self.heads(qkv[0].dims()[1]);
        pass.attend(qkv, heads, (heads.head_dim as f64).powf(-0.5), pass.shared.as_ref())
    }

    /// Queries, keys and values. **Shapes:** `x: [rows, hidden]`; returns three `[rows, hidden]`.
    pub(crate) fn project(&self, x: Tensor<B, 2>) -> [Tensor<B, 2>; 3] {
        let hidden = x.dims()[1];
        let parts = [&self.query, &self.key, &self.value].map(Linear::part);
        let qkv = ops::linear(x, &parts, Epilogue::default());
        [0, 1, 2].map(|index| qkv.clone().narrow(1, index * hidden, hidden))
    }

    pub(crate) fn heads(&self, hidden: usize) -> Heads {
        Heads { num_heads: self.num_heads, num_kv_heads: self.num_heads, head_dim: hidden / self.num_heads }
    }

    /// The query projection. **Shapes:** `x: [rows, hidden]`; returns the same.
    pub(crate) fn project_query(&self, x: Tensor<B, 2>) -> Tensor<B, 2> {
        self.query.forward(x)
    }

    /// The key projection. **Shapes:** `x: [rows, hidden]`; returns the same.
    pub(crate) fn project_key(&self, x: Tensor<B, 2>) -> Tensor<B, 2> {
        self.key.forward(x)
    }

    pub(crate) fn prepare_projections(&mut self, plan: &Preparation<'_>) {
        for linear in [&mut self.query, &mut self.key, &mut self.value] {
            linear.prepare(plan);
        }
    }
}

impl<B: EngineBackend> AttentionBlock<B> for SelfAttention<B> {
    type Shared = Option<RelativeTerms<B>>;

    fn forward(&self, x: Tensor<B, 2>, pass: &Pass<'_, B, Self::Shared>) -> Tensor<B, 2> {
        let heads = self.heads(x.dims()[1]);
        let scale = (heads.head_dim as f64).powf(-0.5);
        pass.attend(self.project(x), heads, scale, pass.shared.as_ref())
    }

    fn prepare(&mut self, plan: &Preparation<'_>) {
        self.prepare_projections(plan);
    }
}
