//! Forward passes: padded batches to packed rows, through the layers, and back.

#[macro_use]
mod weight_methods;

pub(crate) mod call;
mod decoder;
pub(crate) mod decoding;
mod encoder;
pub(crate) mod encoder_decoder;
mod graph;
pub(crate) mod input;
pub(crate) mod packed_batch;
pub(crate) mod padded_array;
mod recorded;
mod recorded_seq2seq;
pub(crate) mod seq2seq_call;
mod unpack;
