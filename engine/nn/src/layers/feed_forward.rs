use burn::module::Module;
use burn::tensor::Tensor;
use burn::tensor::backend::Backend;
use trustformers_ops::{self as ops, Activation, ClampedGate, EngineBackend, Epilogue};

use crate::{LayerMut, Linear};

/// Gating between the projections of a feed-forward block.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Gate {
    /// No gate: `activation(up(x))`.
    Absent,
    /// A gated MLP: `activation(gate(x)) * up(x)`.
    Activated,
    /// A clamped SwiGLU, `(up(x) + 1) * gate(x) * sigmoid(alpha * gate(x))` with clamped projections.
    Clamped(ClampedGate),
}

/// Configuration of a [`FeedForward`] block.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FeedForwardConfig {
    /// Width between the projections.
    pub intermediate_size: usize,
    /// Activation function; a clamped gate ignores it.
    pub activation: Activation,
    /// Gating between the projections.
    pub gate: Gate,
    /// Whether the projections have a bias.
    pub has_bias: bool,
}

impl FeedForwardConfig {
    /// Two projections with biases and no gate.
    pub fn plain(intermediate_size: usize, activation: Activation) -> Self {
        Self { intermediate_size, activation, gate: Gate::Absent, has_bias: true }
    }

    /// A gated MLP.
    pub fn gated(intermediate_size: usize, activation: Activation, has_bias: bool) -> Self {
        Self { intermediate_size, activation, gate: Gate::Activated, has_bias }
    }
}

/// The feed-forward block of a layer: `down(activation(up(x)))`, arXiv 1706.03762 section 3.3, or
/// `down(activation(gate(x)) * up(x))`, arXiv 2002.05202.
#[derive(Module, Debug)]
pub struct FeedForward<B: Backend> {
    gate_proj: Option<Linear<B>>,
    up_proj: Linear<B>,
    down_proj: Linear<B>,
    #[module(skip)]
    activation: Activation,
    #[module(skip)]
    gate: Gate,
}

impl<B: EngineBackend> FeedForward<B> {
    /// A block with random weights until it is loaded.
    pub fn new(config: &FeedForwardConfig, hidden_size: usize, device: &B::Device) -> Self {
        let inner = config.intermediate_size;
        let linear = |from: usize, to: usize| Linear::new(from, to, device).with_bias(config.has_bias);
        Self {
            gate_proj: (config.gate != Gate::Absent).then(|| linear(hidden_size, inner)),
            up_proj: linear(hidden_size, inner),
            down_proj: linear(inner, hidden_size),
            activation: config.activation,
            gate: config.gate,
        }
    }

    /// Output of the block plus `residual`. **Shapes:** `x, residual: [rows, hidden]`; returns the same.
    pub fn forward(&self, x: Tensor<B, 2>, residual: Option<Tensor<B, 2>>) -> Tensor<B, 2> {
        let activated = match &self.gate_proj {
            None => self.up_proj.forward_with(x, Epilogue { activation: Some(self.activation), residual: None }),
            Some(gate_proj) => {
                let both = ops::linear(x, &[gate_proj.part(), self.up_proj.part()], Epilogue::default());
                match self.gate {
                    Gate::Clamped(clamped) => ops::clamped_gate(both, clamped),
                    Gate::Absent | Gate::Activated => ops::gate(both, self.activation),
                }
            }
        };
        let activated = ops::dropout(activated, |rates| rates.feed_forward_inner);
        self.down_proj.forward_with(activated, Epilogue { activation: None, residual })
    }

    /// Visits the linear layers.
    pub(crate) fn each_layer(&mut self, visit: &mut dyn FnMut(LayerMut<'_, B>)) {
        let all = self.gate_proj.iter_mut().chain([&mut self.up_proj, &mut self.down_proj]);
        all.for_each(|linear| visit(LayerMut::Linear(linear)));
    }
}
