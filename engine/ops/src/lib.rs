//! Fused operations on burn tensors: a default body in plain burn, overrides per backend.
//!
//! [`EngineBackend`] is the trait that models are generic over. Each of its methods has a default body in plain burn,
//! which is the fallback, the oracle of the conformance tests and, on `Autodiff<B>`, the gradient.

mod activation;
mod attention;
mod backends;
mod embedding;
mod layer_norm;
mod linear;
mod tensor;

use burn::tensor::Tensor;
use burn::tensor::backend::Backend;

pub use activation::Activation;
pub use attention::attention;
#[cfg(feature = "candle")]
pub use backends::Candle;
#[cfg(feature = "cuda")]
pub use backends::Cuda;
pub use backends::Flex;
#[cfg(feature = "metal")]
pub use backends::Metal;
#[cfg(feature = "rocm")]
pub use backends::Rocm;
#[cfg(feature = "vulkan")]
pub use backends::Vulkan;
pub use embedding::embedding;
pub use layer_norm::layer_norm;
pub use linear::linear;
pub use tensor::{burn_dtype, int_tensor, numbered_device, to_f32_data};

/// A burn backend with the fused operations of transformer models.
pub trait EngineBackend: Backend {
    /// `activation(x * transpose(weight) + bias)`.
    ///
    /// **Shapes:** `x: [rows, in_features]`, `weight: [out_features, in_features]`, `bias: [out_features]`; returns
    /// `[rows, out_features]`.
    fn linear(
        x: Tensor<Self, 2>,
        weight: Tensor<Self, 2>,
        bias: Option<Tensor<Self, 1>>,
        activation: Option<Activation>,
    ) -> Tensor<Self, 2> {
        linear::in_plain_burn(x, weight, bias, activation)
    }
}
