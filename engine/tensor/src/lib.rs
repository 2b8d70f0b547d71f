//! Tensors of any rank and dtype on a backend chosen at run time.
//!
//! [`Tensor`] follows PyTorch: type promotion, broadcasting and results are those of torch. Tensors are immutable;
//! operations that only rearrange elements share their operand's memory where the backend supports it.

mod autograd;
mod conversion;
mod creation;
mod device;
mod differentiable;
mod dtype;
mod elements;
mod host;
mod interop;
mod ops;
mod promotion;
mod ranges;
mod sampling;
mod scalar;
mod shape;
mod storage;
mod tensor;

pub use autograd::{Backward, HookHandle, Options, Source, is_recording, set_recording, with_recording};
pub use device::TensorDevice;
pub use dtype::{DType, Kind};
pub use elements::Element;
pub use host::{Foreign, HostView};
pub use ops::Arithmetic;
pub use ops::indexing::Index;
pub use ops::losses::{CrossEntropy, LossReduction};
pub use ops::reductions::{Extremum, Variance};
pub use ops::statistics::{Interpolation, Unique};
pub use promotion::{Operand, promote};
pub use scalar::Scalar;
pub use shape::{broadcast, normalized_axes, normalized_axis};
pub use storage::{Comparison, Cumulative, Reduction, Unary};
pub use tensor::{CustomGradient, Gradient, GradientHook, HookTime, Tensor};
