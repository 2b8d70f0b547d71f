//! CPU microkernels on plain slices, chosen at run time by what the processor has.
//!
//! `<op>/mod.rs` holds the safe entry that checks lengths, `<op>/scalar.rs` the twin that every vector path is tested
//! against. [`cpu`] is the only place that asks for processor features and owns the threads.

pub mod cpu;
pub mod linear;

mod activation;

pub use activation::Activation;
