use burn::tensor::{DType as BurnDType, Tensor};

use crate::EngineBackend;

/// RMS norm `x / sqrt(mean(x * x) + eps) * weight` of each row, computed in f32.
///
/// **Shapes:** `x: [rows, hidden]`, `weight: [hidden]`; returns the shape of `x`. **Source:** arXiv 1910.07467.
pub fn rms_norm<B: EngineBackend>(x: Tensor<B, 2>, weight: Tensor<B, 1>, eps: f64) -> Tensor<B, 2> {
    <B as EngineBackend>::rms_norm(x, weight, eps)
}

pub(crate) fn reference<B: EngineBackend>(x: Tensor<B, 2>, weight: Tensor<B, 1>, eps: f64) -> Tensor<B, 2> {
    let dtype = x.dtype();
    let x = x.cast(BurnDType::F32);
    let square = (x.clone() * x.clone()).mean_dim(1);
    let scaled = x / (square + eps).sqrt() * weight.cast(BurnDType::F32).unsqueeze();
    scaled.cast(dtype)
}
