use burn::tensor::Tensor;

use crate::EngineBackend;

/// Rotary position embedding in the layout of two halves: element `i` of a head turns with element `i + head_dim / 2`.
///
/// **Shapes:** `x: [rows, heads * head_dim]`, `cos, sin: [rows, head_dim / 2]` in f32; returns the shape of `x`.
/// **Source:** arXiv 2104.09864 section 3.4.
pub fn rotate<B: EngineBackend>(x: Tensor<B, 2>, cos: Tensor<B, 2>, sin: Tensor<B, 2>) -> Tensor<B, 2> {
    let dtype = x.dtype();
    let ([rows, width], [_, half]) = (x.dims(), cos.dims());
    let x = x.cast(cos.dtype()).reshape([rows, width / (2 * half), 2 * half]);
    let (first, second) = (x.clone().narrow(2, 0, half), x.narrow(2, half, half));
    let (cos, sin) = (cos.unsqueeze_dim::<3>(1), sin.unsqueeze_dim::<3>(1));
    let turned =
        Tensor::cat(vec![first.clone() * cos.clone() - second.clone() * sin.clone(), second * cos + first * sin], 2);
    turned.reshape([rows, width]).cast(dtype)
}
