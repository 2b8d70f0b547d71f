use burn::module::{Module, Param};
use burn::tensor::backend::Backend;
use burn::tensor::{DType, Tensor};
use trustformers_ops::{self as ops, EngineBackend};

use crate::LayerNorm;
use crate::layers::weight::constant;

/// Which normalization a [`Norm`] is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum NormKind {
    /// Mean and variance, arXiv 1607.06450.
    Layer {
        /// Whether it adds a vector.
        has_bias: bool,
    },
    /// Mean and variance, without a learned scale.
    Unscaled,
    /// Root of the mean square, arXiv 1910.07467.
    Rms {
        /// Added to the stored scale.
        offset: f64,
    },
    /// A learned scale and bias without any statistics, arXiv 2004.02984 section 3.3.
    Affine,
}

/// What a [`Norm`] is made with, whatever its width.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NormConfig {
    /// Which normalization.
    pub kind: NormKind,
    /// Added to the variance or to the mean square.
    pub eps: f64,
}

impl NormConfig {
    /// A root mean square normalization whose scale is stored as it is.
    pub fn rms(eps: f64) -> Self {
        Self { kind: NormKind::Rms { offset: 0.0 }, eps }
    }

    /// A layer normalization.
    pub fn layer(eps: f64, has_bias: bool) -> Self {
        Self { kind: NormKind::Layer { has_bias }, eps }
    }

    /// A layer of this width that scales by one and adds nothing until it is loaded.
    pub fn build<B: EngineBackend>(self, width: usize, device: &B::Device) -> Norm<B> {
        match self.kind {
            NormKind::Layer { has_bias } => Norm::Layer(LayerNorm::new(width, self.eps, device).with_bias(has_bias)),
            NormKind::Unscaled => Norm::Unscaled(self.eps),
            NormKind::Rms { offset } => {
                Norm::Rms(RmsNorm { weight: constant(width, 1.0 - offset, device), offset, eps: self.eps })
            }
            NormKind::Affine => {
                Norm::Affine(Affine { weight: constant(width, 1.0, device), bias: constant(width, 0.0, device) })
            }
        }
    }
}

/// A normalization of rows.
#[derive(Module, Debug)]
pub enum Norm<B: Backend> {
    /// By mean and variance.
    Layer(LayerNorm<B>),
    /// By mean and variance alone, with what is added to the variance.
    Unscaled(f64),
    /// By the root of the mean square.
    Rms(RmsNorm<B>),
    /// Scaled and shifted alone.
    Affine(Affine<B>),
}

/// Rows divided by the root of their mean square and scaled.
#[derive(Module, Debug)]
pub struct RmsNorm<B: Backend> {
    weight: Param<Tensor<B, 1>>,
    offset: f64,
    eps: f64,
}

/// `x * weight + bias`.
#[derive(Module, Debug)]
pub struct Affine<B: Backend> {
    weight: Param<Tensor<B, 1>>,
    bias: Param<Tensor<B, 1>>,
}

impl<B: EngineBackend> Norm<B> {
    /// **Shapes:** `x: [rows, width]`; returns the same.
    pub fn forward(&self, x: Tensor<B, 2>) -> Tensor<B, 2> {
        match self {
            Self::Layer(norm) => norm.forward(x),
            Self::Unscaled(eps) => {
                let ones = Tensor::ones([x.dims()[1]], (&x.device(), x.dtype()));
                ops::layer_norm(x, ones, None, *eps)
            }
            Self::Rms(RmsNorm { weight, offset, eps }) => {
                let weight = weight.val();
                // In a short format the sum would lose digits of the stored scale.
                let weight = if *offset == 0.0 { weight } else { weight.cast(DType::F32) + *offset };
                ops::rms_norm(x, weight, *eps)
            }
            Self::Affine(Affine { weight, bias }) => x * weight.val().unsqueeze() + bias.val().unsqueeze(),
        }
    }
}
