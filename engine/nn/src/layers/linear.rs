use burn::module::{Module, Param};
use burn::tensor::Tensor;
use burn::tensor::backend::Backend;
use trustformers_ops::{self as ops, EngineBackend, Epilogue, LinearPart};

use crate::layers::weight::constant;
use crate::{Adapters, Weight};

/// A linear layer in any precision.
#[derive(Module, Debug)]
pub struct Linear<B: Backend> {
    /// Weight matrix in the checkpoint's layout. **Shapes:** `[out_features, in_features]`.
    pub weight: Weight<B>,
    /// Bias; `None` if there is none. **Shapes:** `[out_features]`.
    pub bias: Option<Param<Tensor<B, 1>>>,
    pub(crate) adapters: Adapters<B>,
}

impl<B: EngineBackend> Linear<B> {
    /// A layer with a bias, with random weights until it is loaded.
    pub fn new(in_features: usize, out_features: usize, device: &B::Device) -> Self {
        Self {
            weight: Weight::normal([out_features, in_features], 0.02, device),
            bias: Some(constant(out_features, 0.0, device)),
            adapters: Adapters::default(),
        }
    }

    /// Drops the bias unless `has_bias`.
    pub fn with_bias(self, has_bias: bool) -> Self {
        Self { bias: self.bias.filter(|_| has_bias), ..self }
    }

    /// Applies the layer. **Shapes:** `x: [rows, in_features]`; returns `[rows, out_features]`.
    pub fn forward(&self, x: Tensor<B, 2>) -> Tensor<B, 2> {
        self.forward_with(x, Epilogue::default())
    }

    /// Applies the layer and the epilogue, fused where the backend can.
    pub fn forward_with(&self, x: Tensor<B, 2>, epilogue: Epilogue<B>) -> Tensor<B, 2> {
        ops::linear(x, &[self.part()], epilogue)
    }

    /// The layer as one of several in a fused product with a shared input.
    pub(crate) fn part(&self) -> LinearPart<B> {
        let low_rank = self.adapters.updates.clone();
        LinearPart { weight: self.weight.for_linear(), bias: self.bias.as_ref().map(Param::val), low_rank }
    }
}
