//! The backends and their overrides of [`EngineBackend`](crate::EngineBackend)'s methods.

mod autodiff;
mod flex;

pub use autodiff::{is_tracked, move_gradient, seed, seed_with};

/// Candle backend, the independent numeric oracle of the tests.
// Deprecated in burn 0.21, the last version that has it.
#[cfg(feature = "candle")]
#[expect(deprecated)]
pub type Candle = burn::backend::Candle;
#[cfg(feature = "cuda")]
pub use burn::backend::Cuda;
pub use burn::backend::Flex;
#[cfg(feature = "metal")]
pub use burn::backend::Metal;
#[cfg(feature = "rocm")]
pub use burn::backend::Rocm;
#[cfg(feature = "vulkan")]
pub use burn::backend::Vulkan;

#[cfg(feature = "candle")]
impl crate::EngineBackend for Candle {}
#[cfg(feature = "cuda")]
impl crate::EngineBackend for Cuda {}
#[cfg(feature = "metal")]
impl crate::EngineBackend for Metal {}
#[cfg(feature = "rocm")]
impl crate::EngineBackend for Rocm {}
#[cfg(feature = "vulkan")]
impl crate::EngineBackend for Vulkan {}
