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
mod packed;
mod relative;
mod rotary;
mod segments;
mod tensor;

use burn::tensor::backend::Backend;
use burn::tensor::{Int, Tensor};
use trustformers_core::DType;

pub use activation::Activation;
pub use attention::{Attention, Heads, attention, attention_and_weights};
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
pub use embedding::embedding_norm;
pub use layer_norm::layer_norm;
pub use linear::{Epilogue, LinearPart, LinearWeight, linear};
pub use packed::{PackedWeight, Precision};
pub use relative::{Distances, RelativeTerms};
pub use rotary::rotate;
pub use segments::{Segment, Segments};
pub use tensor::{burn_dtype, cast, int_vector, numbered_device, to_f32_data};

/// A burn backend with the fused operations of transformer models.
///
/// The functions of this crate of the same names say what each method computes.
pub trait EngineBackend: Backend {
    /// Whether linear layers can compute in bytes.
    const HAS_INT8: bool = false;

    /// Rows of a batch that are best computed at once; more go through the model in several passes.
    const ROWS_PER_PASS: usize = usize::MAX;

    /// The weight in the layout in which this backend computes fastest in a precision, if it has one.
    ///
    /// **Shapes:** `weight: [out_features, in_features]`.
    fn pack(_weight: &Tensor<Self, 2>, _precision: Precision) -> Option<PackedWeight> {
        None
    }

    /// The elements in another format.
    fn cast(x: Tensor<Self, 1>, dtype: DType) -> Tensor<Self, 1> {
        x.cast(burn_dtype(dtype))
    }

    /// See [`linear()`].
    fn linear(x: Tensor<Self, 2>, parts: &[LinearPart<Self>], epilogue: Epilogue<Self>) -> Tensor<Self, 2> {
        linear::in_plain_burn(x, parts, epilogue)
    }

    /// See [`attention()`].
    fn attention(qkv: [Tensor<Self, 2>; 3], attention: &Attention<'_, Self>) -> Tensor<Self, 2> {
        attention::in_plain_burn(qkv, attention)
    }

    /// See [`layer_norm()`].
    fn layer_norm(
        x: Tensor<Self, 2>,
        weight: Tensor<Self, 1>,
        bias: Option<Tensor<Self, 1>>,
        eps: f64,
    ) -> Tensor<Self, 2> {
        layer_norm::in_plain_burn(x, weight, bias, eps)
    }

    /// See [`embedding_norm()`].
    fn embedding_norm(
        tables: &[(Tensor<Self, 2>, Tensor<Self, 1, Int>)],
        weight: Tensor<Self, 1>,
        bias: Option<Tensor<Self, 1>>,
        eps: f64,
    ) -> Tensor<Self, 2> {
        embedding::in_plain_burn(tables, weight, bias, eps)
    }
}
