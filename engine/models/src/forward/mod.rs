//! Forward passes: padded batches to packed rows, through the layers, and back.

mod decoder;
mod encoder;
pub(crate) mod input;
mod outputs;
pub(crate) mod packed_batch;
