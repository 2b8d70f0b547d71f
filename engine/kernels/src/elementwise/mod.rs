//! Elementwise operations on operands that are broadcast to a common shape.

mod functions;
mod grid;
mod zip;

pub use functions::{Function, map_function};
pub use grid::Grid;
pub use zip::{map, zip, zip3};
