use burn::tensor::{FloatDType, Tensor};

use crate::EngineBackend;

/// Layer normalization over the last dimension, arXiv 1607.06450, with the biased variance.
///
/// Formats below f32 are normalized in f32, as PyTorch does.
///
/// **Shapes:** `x: [.., hidden]`, `weight, bias: [hidden]`; returns the shape of `x`.
pub fn layer_norm<B: EngineBackend, const D: usize>(
    x: Tensor<B, D>,
    weight: Tensor<B, 1>,
    bias: Tensor<B, 1>,
    eps: f64,
) -> Tensor<B, D> {
    let dtype = x.dtype();
    let in_f32 = FloatDType::F32;
    let x = x.cast(in_f32);
    let centered = x.clone() - x.mean_dim(D - 1);
    let variance = centered.clone().square().mean_dim(D - 1);
    let normal = centered / (variance + eps).sqrt();
    let scaled = normal * weight.cast(in_f32).unsqueeze() + bias.cast(in_f32).unsqueeze();
    scaled.cast(FloatDType::from(dtype))
}
