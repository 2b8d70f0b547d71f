use burn::module::{Module, Param};
use burn::tensor::backend::Backend;
use burn::tensor::{DType, Tensor};
use trustformers_ops::{self as ops, EngineBackend};

use crate::LayerNorm;
use crate::weight::constant;

/// Kind of a [`Norm`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum NormKind {
    /// Layer norm, arXiv 1607.06450.
    Layer {
        /// Whether the layer norm has a bias.
        has_bias: bool,
    },
    /// Layer norm without learned parameters.
    Unscaled,
    /// RMS norm, arXiv 1910.07467.
    Rms {
        /// Added to the stored scale; 1 where checkpoints store `scale - 1`.
        offset: f64,
    },
    /// A learned scale and bias without statistics, arXiv 2004.02984 section 3.3.
    Affine,
}

/// Configuration of a [`Norm`] of any width.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NormConfig {
    /// Kind of normalization.
    pub kind: NormKind,
    /// Epsilon, added to the variance or the mean square.
    pub eps: f64,
}

impl NormConfig {
    /// An RMS norm without a scale offset.
    pub fn rms(eps: f64) -> Self {
        Self { kind: NormKind::Rms { offset: 0.0 }, eps }
    }

    /// A layer norm.
    pub fn layer(eps: f64, has_bias: bool) -> Self {
        Self { kind: NormKind::Layer { has_bias }, eps }
    }

    /// A normalization of the given width, with scale one and bias zero until it is loaded.
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
    /// Layer norm.
    Layer(LayerNorm<B>),
    /// Layer norm without learned parameters; holds the epsilon.
    Unscaled(f64),
    /// RMS norm.
    Rms(RmsNorm<B>),
    /// Learned scale and bias without statistics.
    Affine(Affine<B>),
}

/// RMS norm with a learned scale.
#[derive(Module, Debug)]
pub struct RmsNorm<B: Backend> {
    weight: Param<Tensor<B, 1>>,
    offset: f64,
    eps: f64,
}

/// Element-wise `x * weight + bias`.
#[derive(Module, Debug)]
pub struct Affine<B: Backend> {
    weight: Param<Tensor<B, 1>>,
    bias: Param<Tensor<B, 1>>,
}

impl<B: EngineBackend> Norm<B> {
    /// Normalizes each row. **Shapes:** `x: [rows, width]`; returns the same.
    pub fn forward(&self, x: Tensor<B, 2>) -> Tensor<B, 2> {
        match self {
            Self::Layer(norm) => norm.forward(x),
            Self::Unscaled(eps) => {
                let ones = Tensor::ones([x.dims()[1]], (&x.device(), x.dtype()));
                ops::layer_norm(x, ones, None, *eps)
            }
            Self::Rms(RmsNorm { weight, offset, eps }) => {
                let weight = weight.val();
                // In f16 or bf16 the sum would lose digits of the stored scale.
                let weight = if *offset == 0.0 { weight } else { weight.cast(DType::F32) + *offset };
                ops::rms_norm(x, weight, *eps)
            }
            Self::Affine(Affine { weight, bias }) => x * weight.val().unsqueeze() + bias.val().unsqueeze(),
        }
    }
}
