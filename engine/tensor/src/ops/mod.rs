//! Operations of tensors, as torch defines them.

mod activations;
mod closeness;
mod diagonals;
mod einsum;
mod elementwise;
pub(crate) mod indexing;
mod integers;
mod linear_algebra;
mod logarithms;
pub(crate) mod losses;
mod movement;
mod multiply_add;
mod operands;
pub(crate) mod reductions;
mod scattering;
mod splitting;
pub(crate) mod statistics;

pub use elementwise::Arithmetic;
