//! Operations of tensors, as torch defines them.

mod activations;
mod elementwise;
pub(crate) mod indexing;
mod linear_algebra;
mod movement;
pub(crate) mod reductions;

pub use elementwise::Arithmetic;
