use burn::module::{Module, Param};
use burn::tensor::Tensor;
use burn::tensor::backend::Backend;
use trustformers_ops::{self as ops, Activation, EngineBackend};

use crate::Weight;
use crate::weight::constant;

/// A linear layer in any precision.
#[derive(Module, Debug)]
pub struct Linear<B: Backend> {
    /// `[out_features, in_features]`, the checkpoint's layout.
    pub weight: Weight<B>,
    /// `[out_features]`.
    pub bias: Option<Param<Tensor<B, 1>>>,
}

impl<B: EngineBackend> Linear<B> {
    /// A layer with a bias, with random weights until it is loaded.
    pub fn new(in_features: usize, out_features: usize, device: &B::Device) -> Self {
        Self {
            weight: Weight::normal([out_features, in_features], 0.02, device),
            bias: Some(constant(out_features, 0.0, device)),
        }
    }

    /// **Shapes:** `x: [.., in_features]`; returns `[.., out_features]`.
    pub fn forward<const D: usize>(&self, x: Tensor<B, D>) -> Tensor<B, D> {
        self.run(x, None)
    }

    /// The layer followed by an elementwise function, in one pass where the backend can.
    pub fn forward_activated<const D: usize>(&self, x: Tensor<B, D>, activation: Activation) -> Tensor<B, D> {
        self.run(x, Some(activation))
    }

    fn run<const D: usize>(&self, x: Tensor<B, D>, activation: Option<Activation>) -> Tensor<B, D> {
        match &self.weight {
            Weight::Dense(weight) => ops::linear(x, weight.val(), self.bias.as_ref().map(Param::val), activation),
        }
    }
}
