use burn::module::Module;
use burn::tensor::backend::Backend;
use burn::tensor::{Tensor, TensorData};
use trustformers_ops::{self as ops, Distances, EngineBackend, Epilogue, Heads, RelativeTerms, RotaryLayout, Rotation};

use crate::{AttentionBlock, AttentionConfig, Linear, Pass, Positions, Preparation, RowPositions};

/// Attention window and rotary base of a layer.
#[derive(Clone, Copy, Debug)]
pub struct RotaryScope {
    /// Base of the rotary frequencies, arXiv 2104.09864 section 3.2.2.
    pub rope_theta: f64,
    /// Largest distance between a query and a key to either side; `None` is full attention.
    pub window: Option<usize>,
}

/// Rotary position embeddings with several scopes; each layer uses one.
#[derive(Module, Clone, Debug)]
pub struct RotaryPositions {
    #[module(skip)]
    scopes: Vec<RotaryScope>,
    head_dim: usize,
}

impl RotaryPositions {
    /// Positions with these scopes. **Panics** if `head_dim` is odd.
    pub fn new(scopes: Vec<RotaryScope>, head_dim: usize) -> Self {
        assert!(head_dim.is_multiple_of(2), "head_dim is {head_dim}, expected an even number");
        Self { scopes, head_dim }
    }
}

/// Rotation and window of one scope for a batch.
#[derive(Debug)]
pub struct ScopeOfRows<B: Backend> {
    rotation: Rotation<B>,
    window: Option<RelativeTerms<B>>,
}

impl<B: EngineBackend> Positions<B> for RotaryPositions {
    type Shared = Vec<ScopeOfRows<B>>;

    fn shared(&self, rows: &RowPositions, device: &B::Device) -> Self::Shared {
        let half = self.head_dim / 2;
        let rotation = |scope: &RotaryScope| {
            let frequency = |at: usize| 1.0 / (scope.rope_theta as f32).powf((2 * at) as f32 / self.head_dim as f32);
            let frequencies: Vec<f32> = (0..half).map(frequency).collect();
            let angles = rows.position_ids.iter().flat_map(|id| frequencies.iter().map(move |f| *id as f32 * f));
            let (cos, sin): (Vec<f32>, Vec<f32>) = angles.map(|angle: f32| (angle.cos(), angle.sin())).unzip();
            let table = |values| Tensor::from_data(TensorData::new(values, [rows.position_ids.len(), half]), device);
            ScopeOfRows {
                rotation: Rotation { cos: table(cos), sin: table(sin), layout: RotaryLayout::RotateHalf },
                window: scope.window.and_then(|w| hide_beyond(w, rows, device)),
            }
        };
        self.scopes.iter().map(rotation).collect()
    }
}

/// A bias that masks pairs of rows farther apart than `window`; `None` if there are none.
fn hide_beyond<B: EngineBackend>(window: usize, rows: &RowPositions, device: &B::Device) -> Option<RelativeTerms<B>> {
    let is_beyond = |distance: i64| u32::from(distance.unsigned_abs() as usize > window);
    let distances = Distances::new(rows.columns.clone(), &rows.segments, is_beyond);
    if distances.range().end == 1 {
        return None;
    }
    let bias = TensorData::new(vec![0.0, f32::NEG_INFINITY], [2, 1]);
    Some(RelativeTerms { distances, bias: Some(Tensor::from_data(bias, device)), keys: None, queries: None })
}

/// Rotary attention with a fused query/key/value projection and an output projection.
#[derive(Module, Debug)]
pub struct RotaryAttention<B: Backend> {
    qkv: Linear<B>,
    output: Linear<B>,
    num_heads: usize,
    scope: usize,
}

impl<B: EngineBackend> RotaryAttention<B> {
    /// A block with random weights until it is loaded; `scope` is an index into the scopes of [`RotaryPositions`].
    pub fn new(config: &AttentionConfig, has_bias: bool, scope: usize, device: &B::Device) -> Self {
        let hidden = config.hidden_size;
        Self {
            qkv: Linear::new(hidden, 3 * hidden, device).with_bias(has_bias),
            output: Linear::new(hidden, hidden, device).with_bias(has_bias),
            num_heads: config.num_attention_heads,
            scope,
        }
    }

    /// Projected attention output plus `residual`. **Shapes:** `x, residual: [rows, hidden]`; returns the same.
    pub(crate) fn forward_onto(
        &self,
        x: Tensor<B, 2>,
        residual: Tensor<B, 2>,
        pass: &Pass<'_, B, Vec<ScopeOfRows<B>>>,
    ) -> Tensor<B, 2> {
        let context = self.forward(x, pass);
        self.output.forward_with(context, Epilogue { activation: None, residual: Some(residual) })
    }
}

impl<B: EngineBackend> AttentionBlock<B> for RotaryAttention<B> {
    type Shared = Vec<ScopeOfRows<B>>;

    fn forward(&self, x: Tensor<B, 2>, pass: &Pass<'_, B, Self::Shared>) -> Tensor<B, 2> {
        let hidden = x.dims()[1];
        let head_dim = hidden / self.num_heads;
        let ScopeOfRows { rotation, window } = &pass.shared[self.scope];
        let qkv = self.qkv.forward(x);
        let [q, k, v] = [0, 1, 2].map(|index| qkv.clone().narrow(1, index * hidden, hidden));
        let [q, k] = [q, k].map(|x| ops::rotate(x, head_dim, rotation));
        let heads = Heads { num_heads: self.num_heads, num_kv_heads: self.num_heads, head_dim };
        pass.attend([q, k, v], heads, (head_dim as f64).powf(-0.5), window.as_ref())
    }

    fn prepare(&mut self, plan: &Preparation<'_>) {
        self.qkv.prepare(plan);
        self.output.prepare(plan);
    }
}
