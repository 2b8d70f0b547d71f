use burn::tensor::backend::Backend;
use burn::tensor::{FloatDType, Tensor};

use crate::EngineBackend;

/// Layer normalization over the last dimension, arXiv 1607.06450, with the biased variance.
///
/// Formats below f32 are normalized in f32, as PyTorch does.
///
/// **Shapes:** `x: [rows, hidden]`, `weight, bias: [hidden]`; returns the shape of `x`.
pub fn layer_norm<B: EngineBackend>(
    x: Tensor<B, 2>,
    weight: Tensor<B, 1>,
    bias: Option<Tensor<B, 1>>,
    eps: f64,
) -> Tensor<B, 2> {
    <B as EngineBackend>::layer_norm(x, weight, bias, eps)
}

pub(crate) fn reference<B: Backend>(
    x: Tensor<B, 2>,
    weight: Tensor<B, 1>,
    bias: Option<Tensor<B, 1>>,
    eps: f64,
) -> Tensor<B, 2> {
    let dtype = x.dtype();
    let in_f32 = FloatDType::F32;
    let x = x.cast(in_f32);
    let centered = x.clone() - x.mean_dim(1);
    let variance = centered.clone().square().mean_dim(1);
    let normal = centered / (variance + eps).sqrt();
    let scaled = normal * weight.cast(in_f32).unsqueeze();
    let scaled = match bias {
        Some(bias) => scaled + bias.cast(in_f32).unsqueeze(),
        None => scaled,
    };
    scaled.cast(FloatDType::from(dtype))
}
