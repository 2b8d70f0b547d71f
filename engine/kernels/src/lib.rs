//! CPU kernels on plain slices, dispatched at run time by processor features.
//!
//! `gemm` holds the matrix product microkernels of linear layers and attention; `gemm/scalar.rs` is the reference that
//! the others are tested against. All other kernels are loops that the compiler vectorizes for each instruction set
//! (`Kernel` in [`cpu`]). Only [`cpu`] queries processor features and owns threads.

pub mod attention;
pub mod backward;
pub mod convert;
pub mod copy;
pub mod cpu;
pub mod cross_entropy;
pub mod dropout;
pub mod elementwise;
pub mod embedding;
pub mod gate;
pub mod linear;
pub mod memory;
pub mod norm;
pub mod optimizer;
pub mod product;
pub mod reductions;
pub mod rotary;
pub mod softmax;

mod gemm;

mod activation;
mod element;
mod math;
mod rows;
mod split;
#[cfg(test)]
mod testing;
mod transpose;

pub use activation::Activation;
pub use element::Element;
pub use gemm::{Bits, Format, Grouping};
