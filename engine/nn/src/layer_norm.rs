use burn::module::{Module, Param};
use burn::tensor::Tensor;
use burn::tensor::backend::Backend;
use trustformers_ops::{self as ops, EngineBackend};

use crate::weight::constant;

/// Layer normalization, arXiv 1607.06450.
#[derive(Module, Debug)]
pub struct LayerNorm<B: Backend> {
    /// Scale. **Shapes:** `[hidden]`.
    pub weight: Param<Tensor<B, 1>>,
    /// Bias; `None` if there is none. **Shapes:** `[hidden]`.
    pub bias: Option<Param<Tensor<B, 1>>>,
    pub(crate) eps: f64,
}

impl<B: EngineBackend> LayerNorm<B> {
    /// A layer with scale one and bias zero until it is loaded.
    pub fn new(hidden_size: usize, eps: f64, device: &B::Device) -> Self {
        Self { weight: constant(hidden_size, 1.0, device), bias: Some(constant(hidden_size, 0.0, device)), eps }
    }

    /// Drops the bias unless `has_bias`.
    pub fn with_bias(self, has_bias: bool) -> Self {
        Self { bias: self.bias.filter(|_| has_bias), ..self }
    }

    /// Normalizes each row. **Shapes:** `x: [rows, hidden]`; returns the same.
    pub fn forward(&self, x: Tensor<B, 2>) -> Tensor<B, 2> {
        ops::layer_norm(x, self.weight.val(), self.bias.as_ref().map(Param::val), self.eps)
    }
}
