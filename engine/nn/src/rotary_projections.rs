use burn::module::Module;
use burn::tensor::Tensor;
use burn::tensor::backend::Backend;
use trustformers_ops::{self as ops, CachedSegment, EngineBackend, Epilogue, Heads, Rotation};

use crate::{AttentionBlock, Linear, Pass, Positions, Preparation, RopeConfig, RopeLength, RowPositions};

/// A rotary position embedding that all layers share.
#[derive(Module, Clone, Debug)]
pub struct RopePositions {
    #[module(skip)]
    rope: RopeConfig,
}

impl RopePositions {
    /// Positions with this rotary configuration.
    pub fn new(rope: RopeConfig) -> Self {
        Self { rope }
    }
}

impl<B: EngineBackend> Positions<B> for RopePositions {
    type Shared = Rotation<B>;

    fn shared(&self, rows: &RowPositions, device: &B::Device) -> Self::Shared {
        // Length-dependent scalings use the longest sequence's length for the whole batch.
        let whole = CachedSegment::fresh([rows.position_ids.len()]);
        let length = rows.position_ids.iter().max().map_or(0, |most| *most as usize + 1);
        self.rope.rotation(&whole, &rows.position_ids, &[RopeLength::Whole(length)], device)
    }
}

/// Configuration of [`RotaryProjections`].
#[derive(Clone, Copy, Debug)]
pub struct RotaryProjectionsConfig {
    /// Width of the hidden states.
    pub hidden_size: usize,
    /// Numbers of query and key/value heads, and their width.
    pub heads: Heads,
    /// Whether the query, key and value projections have a bias.
    pub has_bias: bool,
    /// Whether values are rotated like queries and keys.
    pub rotates_values: bool,
}

/// Rotary attention with separate query, key and value projections, arXiv 2104.09864.
#[derive(Module, Debug)]
pub struct RotaryProjections<B: Backend> {
    query: Linear<B>,
    key: Linear<B>,
    value: Linear<B>,
    #[module(skip)]
    heads: Heads,
    rotates_values: bool,
}

impl<B: EngineBackend> RotaryProjections<B> {
    /// A block with random weights until it is loaded.
    pub fn new(config: &RotaryProjectionsConfig, device: &B::Device) -> Self {
        let Heads { num_heads, num_kv_heads, head_dim } = config.heads;
        let linear =
            |heads: usize| Linear::new(config.hidden_size, heads * head_dim, device).with_bias(config.has_bias);
        Self {
            query: linear(num_heads),
            key: linear(num_kv_heads),
            value: linear(num_kv_heads),
            heads: config.heads,
            rotates_values: config.rotates_values,
        }
    }
}

impl<B: EngineBackend> AttentionBlock<B> for RotaryProjections<B> {
    type Shared = Rotation<B>;

    fn forward(&self, x: Tensor<B, 2>, pass: &Pass<'_, B, Self::Shared>) -> Tensor<B, 2> {
        let Heads { num_heads, num_kv_heads, head_dim } = self.heads;
        let parts = [&self.query, &self.key, &self.value].map(Linear::part);
        let qkv = ops::linear(x, &parts, Epilogue::default());
        let (q_size, kv_size) = (num_heads * head_dim, num_kv_heads * head_dim);
        let rotated =
            |first: usize, size: usize| ops::rotate(qkv.clone().narrow(1, first, size), head_dim, pass.shared);
        let first_value = q_size + kv_size;
        let value = if self.rotates_values {
            rotated(first_value, kv_size)
        } else {
            qkv.clone().narrow(1, first_value, kv_size)
        };
        let qkv = [rotated(0, q_size), rotated(q_size, kv_size), value];
        pass.attend(qkv, self.heads, (head_dim as f64).powf(-0.5), None)
    }

    fn prepare(&mut self, plan: &Preparation<'_>) {
        for linear in [&mut self.query, &mut self.key, &mut self.value] {
            linear.prepare(plan);
        }
    }
}
