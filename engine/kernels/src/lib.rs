//! CPU microkernels on plain slices, chosen at run time by what the processor has.
//!
//! `gemm` holds the microkernels, `gemm/scalar.rs` the twin that every other one is tested against; linear layers and
//! attention are made of them. All other kernels are loops that the compiler turns into each instruction set's vectors
//! ([`cpu`]'s `Kernel`). [`cpu`] is the only place that asks for processor features and owns the threads.

pub mod attention;
pub mod convert;
pub mod cpu;
pub mod embedding;
pub mod gate;
pub mod linear;
pub mod memory;
pub mod norm;
pub mod rotary;
pub mod softmax;

mod gemm;

mod activation;
mod element;
mod math;
mod rows;
#[cfg(test)]
mod testing;

pub use activation::Activation;
pub use element::Element;
pub use gemm::{Bits, Format, Grouping};
