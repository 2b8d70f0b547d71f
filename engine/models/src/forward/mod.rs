//! Forward passes: padded batches to packed rows, through the layers, and back.

pub(crate) mod call;
mod decoder;
mod encoder;
pub(crate) mod input;
pub(crate) mod packed_batch;
mod recorded;
mod unpack;
