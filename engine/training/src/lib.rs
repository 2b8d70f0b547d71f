//! Steps of optimizers on tensors, and norms and scales of their gradients.
//!
//! All tensors of a step are changed together, in one pass over their memory: in place where nothing else uses it.

mod gradients;
mod optimizers;

pub use gradients::{foreign, norm, scale_finite_gradients, scale_gradients};
pub use optimizers::{AdafactorState, AdamState, AdamState8bit, SgdState, adafactor, adam, adam_8bit, sgd};
pub use trustformers_kernels::optimizer::{Adafactor, Adam, BLOCK, Sgd};
