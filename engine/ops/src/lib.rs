//! Fused operations on burn tensors: default implementations in plain burn, overrides per backend.
//!
//! Models are generic over [`EngineBackend`]. Each of its methods has a default body in plain burn, which is the
//! fallback, the oracle of the conformance tests and, on `Autodiff<B>`, the gradient.

mod activation;
mod adapted;
mod attention;
mod backends;
mod cached_attention;
mod cross_entropy;
mod dropout;
mod embedding;
mod gate;
mod kv_cache;
mod layer_norm;
mod linear;
mod low_rank;
mod memory;
mod packed;
mod pass_state;
mod product;
mod relative;
mod rms_norm;
mod rotary;
mod scores;
mod segments;
mod tensor;

use burn::tensor::backend::Backend;
use burn::tensor::{DType as BurnDType, Int, Tensor};
use trustformers_core::{DType, Error, Result};

pub use activation::Activation;
pub use adapted::{linear, linears};
pub use attention::{Attention, Heads, attention, attention_and_weights, attention_scores};
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
pub use backends::{is_tracked, move_gradient, seed, seed_with};
pub use cached_attention::{CachedAttention, cached_attention, cached_attention_and_weights};
pub use cross_entropy::CrossEntropy;
pub use dropout::{DropoutRates, Mask, dropout, drops_layer, next_mask, with_dropout};
pub use embedding::{Lookup, embedding, embedding_norm};
pub use gate::{ClampedGate, clamped_gate, gate};
pub use kv_cache::{CachedSegment, KvCache};
pub use layer_norm::layer_norm;
pub use linear::{Epilogue, LinearPart, LinearWeight};
pub use low_rank::LowRank;
pub use memory::pooled;
pub use packed::{PackedWeight, Precision, Quantization};
pub use pass_state::PassState;
pub use product::Rounding;
pub use relative::{DistanceBias, Distances, RelativeTerms};
pub use rms_norm::rms_norm;
pub use rotary::{RotaryLayout, Rotation, rotate};
pub use scores::{Alibi, AttentionKind, Scores, alibi_slopes};
pub use segments::{Segment, Segments};
pub use tensor::{burn_dtype, cast, int_vector, numbered_device, read, supports_dtype, to_f32_data};
pub use trustformers_kernels::cpu::num_threads;
pub use trustformers_kernels::linear::Groups;
pub use trustformers_kernels::memory::{Keep, PoolAllocator};
pub use trustformers_kernels::{Bits, Grouping};

/// The body of backward passes of backends that have no kernels for them, of which plain burn is recorded instead.
///
/// A backward pass must not differentiate inside: burn locks a graph meanwhile, and two threads would wait for each other.
fn no_kernel<T>() -> T {
    unreachable!("operations without kernels of their backward passes are recorded in plain burn")
}

/// A burn backend with the fused operations of transformer models.
///
/// Each method is documented at the function of the same name in this crate.
pub trait EngineBackend: Backend {
    /// Whether linear layers support quantized weights.
    const SUPPORTS_QUANTIZATION: bool = false;

    /// Whether attention, norms and their gradients have kernels; otherwise plain burn is recorded for gradients.
    const HAS_BACKWARD: bool = false;

    /// Preferred number of rows per forward pass; larger batches are split.
    const ROWS_PER_PASS: usize = usize::MAX;

    /// Packs a weight into this backend's layout for a precision; `None` if there is no such layout.
    ///
    /// **Shapes:** `weight: [out_features, in_features]`.
    fn pack(_weight: &Tensor<Self, 2>, _precision: Precision) -> Option<PackedWeight> {
        None
    }

    /// Packs a weight that is already quantized in groups; `None` if the backend has no kernel for it.
    fn pack_groups(_groups: &Groups) -> Option<PackedWeight> {
        None
    }

    /// Casts the elements to another dtype.
    fn cast(x: Tensor<Self, 1>, dtype: DType) -> Tensor<Self, 1> {
        x.cast(burn_dtype(dtype))
    }

    /// The elements in host memory. **Shapes:** `x: [len]`, in f32.
    ///
    /// **Errors:** any error of the device.
    fn elements(x: Tensor<Self, 1>) -> Result<Vec<f32>> {
        x.into_data().into_vec().map_err(|error| Error::internal(format!("{error:?}")))
    }

    /// Rounds elements in f32 to the nearest numbers of f16. **Shapes:** `x: [rows, width]`; returns the same.
    fn round_to_f16(x: Tensor<Self, 2>) -> Tensor<Self, 2> {
        product::round_to_f16(x)
    }

    /// See [`linear()`].
    fn linear(x: Tensor<Self, 2>, parts: &[LinearPart<Self>], epilogue: Epilogue<Self>) -> Tensor<Self, 2> {
        linear::reference(x, parts, epilogue)
    }

    /// See [`linears()`].
    fn linears(x: Tensor<Self, 2>, parts: &[LinearPart<Self>]) -> Vec<Tensor<Self, 2>> {
        linear::split(<Self as EngineBackend>::linear(x, parts, Epilogue::default()), parts)
    }

    /// Matrix product of two matrices of one dtype that are used once, with sums in f32, plus a bias of every row; the
    /// result has any `dtype`.
    ///
    /// **Shapes:** `a: [m, k]`, `b: [k, n]`, `bias: [n]`; returns `[m, n]`.
    fn product(
        a: Tensor<Self, 2>,
        b: Tensor<Self, 2>,
        bias: Option<Tensor<Self, 1>>,
        dtype: BurnDType,
    ) -> Tensor<Self, 2> {
        product::reference(a, b, bias, dtype)
    }

    /// Sum of all rows. **Shapes:** `x: [rows, width]`; returns `[width]`.
    fn sum_rows(x: Tensor<Self, 2>) -> Tensor<Self, 1> {
        x.sum_dim(0).squeeze_dim(0)
    }

    /// Applies an activation elementwise. **Shapes:** `x: [rows, width]`; returns the same.
    fn activate(x: Tensor<Self, 2>, activation: Activation) -> Tensor<Self, 2> {
        activation.forward(x)
    }

    /// Whether an activation and its gradient have kernels; otherwise plain burn is recorded for gradients.
    fn has_activation_backward(_activation: Activation) -> bool {
        false
    }

    /// Gradient of the input of [`EngineBackend::activate`].
    ///
    /// **Shapes:** `x, gradient: [rows, width]`; returns the same.
    fn activate_backward(_x: Tensor<Self, 2>, _gradient: Tensor<Self, 2>, _activation: Activation) -> Tensor<Self, 2> {
        no_kernel()
    }

    /// Multiplies the elements by a dropout mask. **Shapes:** `x: [rows, width]`; returns the same.
    fn drop(x: Tensor<Self, 2>, mask: &Mask) -> Tensor<Self, 2> {
        dropout::reference(x, mask)
    }

    /// See [`attention()`].
    fn attention(qkv: [Tensor<Self, 2>; 3], attention: &Attention<'_, Self>) -> Tensor<Self, 2> {
        attention::reference(qkv, attention)
    }

    /// Gradients of queries, keys and values, given the output of [`EngineBackend::attention`] and its gradient; for
    /// scores without terms.
    ///
    /// **Shapes:** those of the operands.
    fn attention_backward(
        _qkv: [Tensor<Self, 2>; 3],
        _output: Tensor<Self, 2>,
        _gradient: Tensor<Self, 2>,
        _attention: &Attention<'_, Self>,
    ) -> [Tensor<Self, 2>; 3] {
        no_kernel()
    }

    /// See [`cached_attention()`].
    fn cached_attention(
        q: Tensor<Self, 2>,
        cache: &KvCache<Self>,
        attention: &CachedAttention<'_, Self>,
    ) -> Tensor<Self, 2> {
        cached_attention::reference(q, cache, attention)
    }

    /// Copies rows into a table, in place if the table is not shared; `copies` lists `(from, to, count)`.
    ///
    /// **Shapes:** `into: [_, width]`, `rows: [_, width]`; returns the shape of `into`.
    fn put_rows(into: Tensor<Self, 2>, rows: Tensor<Self, 2>, copies: &[(usize, usize, usize)]) -> Tensor<Self, 2> {
        kv_cache::put_reference(into, rows, copies)
    }

    /// See [`rms_norm()`].
    fn rms_norm(x: Tensor<Self, 2>, weight: Tensor<Self, 1>, eps: f64) -> Tensor<Self, 2> {
        rms_norm::reference(x, weight, eps)
    }

    /// Gradients of the input and the weight of [`EngineBackend::rms_norm`].
    ///
    /// **Shapes:** `x, gradient: [rows, width]`, `weight: [width]`; returns the shapes of `x` and `weight`.
    fn rms_norm_backward(
        _x: Tensor<Self, 2>,
        _weight: Tensor<Self, 1>,
        _gradient: Tensor<Self, 2>,
        _eps: f64,
    ) -> (Tensor<Self, 2>, Tensor<Self, 1>) {
        no_kernel()
    }

    /// See [`rotate()`].
    fn rotate(x: Tensor<Self, 2>, head_dim: usize, rotation: &Rotation<Self>) -> Tensor<Self, 2> {
        rotary::reference(x, head_dim, rotation)
    }

    /// See [`gate()`].
    fn gate(x: Tensor<Self, 2>, activation: Activation) -> Tensor<Self, 2> {
        gate::reference(x, activation)
    }

    /// Gradient of the input of [`EngineBackend::gate`].
    ///
    /// **Shapes:** `x: [rows, 2 * width]`, `gradient: [rows, width]`; returns the shape of `x`.
    fn gate_backward(_x: Tensor<Self, 2>, _gradient: Tensor<Self, 2>, _activation: Activation) -> Tensor<Self, 2> {
        no_kernel()
    }

    /// Gradients of the input and the weight of [`EngineBackend::layer_norm`].
    ///
    /// **Shapes:** `x, gradient: [rows, width]`, `weight: [width]`; returns the shapes of `x` and `weight`.
    fn layer_norm_backward(
        _x: Tensor<Self, 2>,
        _weight: Tensor<Self, 1>,
        _gradient: Tensor<Self, 2>,
        _eps: f64,
    ) -> (Tensor<Self, 2>, Tensor<Self, 1>) {
        no_kernel()
    }

    /// See [`layer_norm()`].
    fn layer_norm(
        x: Tensor<Self, 2>,
        weight: Tensor<Self, 1>,
        bias: Option<Tensor<Self, 1>>,
        eps: f64,
    ) -> Tensor<Self, 2> {
        layer_norm::reference(x, weight, bias, eps)
    }

    /// Logarithm of each row's sum of exponentials, in f32; zero for rows of a negative class.
    ///
    /// **Shapes:** `logits: [rows, width]`, `classes: [rows]`; returns `[rows]`.
    fn log_sums(logits: Tensor<Self, 2>, classes: &[i64]) -> Tensor<Self, 1> {
        cross_entropy::log_sums_reference(logits, classes)
    }

    /// Gradient of the logits of [`CrossEntropy`], where `factor` is that of each row's; zero for rows of a negative class.
    ///
    /// **Shapes:** `logits: [rows, width]`, `log_sums, classes: [rows]`; returns the shape of `logits`.
    fn cross_entropy_backward(
        logits: Tensor<Self, 2>,
        log_sums: Tensor<Self, 1>,
        classes: &[i64],
        factor: f32,
    ) -> Tensor<Self, 2> {
        cross_entropy::gradient_reference(logits, log_sums, classes, factor)
    }

    /// See [`embedding()`].
    fn embedding(lookup: Lookup<Self>) -> Tensor<Self, 2> {
        embedding::reference(lookup)
    }

    /// Gradient of the table of [`EngineBackend::embedding`], zero at the row of `padding`.
    ///
    /// **Shapes:** `gradient: [rows, hidden]`, `ids: [rows]`; returns `[num_embeddings, hidden]`.
    fn embedding_gradient(
        gradient: Tensor<Self, 2>,
        ids: Tensor<Self, 1, Int>,
        num_embeddings: usize,
        padding: Option<usize>,
    ) -> Tensor<Self, 2> {
        embedding::backward_reference(gradient, ids, num_embeddings, padding)
    }

    /// See [`embedding_norm()`].
    fn embedding_norm(
        lookups: &[Lookup<Self>],
        weight: Tensor<Self, 1>,
        bias: Option<Tensor<Self, 1>>,
        eps: f64,
    ) -> Tensor<Self, 2> {
        embedding::norm_reference(lookups, weight, bias, eps)
    }
}
