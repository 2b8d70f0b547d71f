use burn::tensor::Tensor;
use burn::tensor::backend::Backend;

/// Low-rank update of a weight, `scale * b * a`, arXiv 2106.09685 section 4.1.
#[derive(Clone, Debug)]
pub struct LowRank<B: Backend> {
    /// Index of the adapter. Parts of a product that belong to one adapter have the same `a` and drop the same inputs.
    pub adapter: usize,
    /// **Shapes:** `[rank, in_features]`.
    pub a: Tensor<B, 2>,
    /// **Shapes:** `[out_features, rank]`.
    pub b: Tensor<B, 2>,
    /// Factor of the update.
    pub scale: f64,
    /// Factor of each output of the updated weight, arXiv 2402.09353 section 4; `None` leaves them as they are.
    /// **Shapes:** `[out_features]`.
    pub gain: Option<Tensor<B, 1>>,
    /// Probability with which a training pass drops the inputs of the update.
    pub dropout: f64,
}
