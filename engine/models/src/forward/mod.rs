//! Forward passes: padded batches to packed rows, through the layers, and back.

pub(crate) mod call;
mod decoder;
mod encoder;
mod gradients;
pub(crate) mod input;
pub(crate) mod packed_batch;
mod unpack;
