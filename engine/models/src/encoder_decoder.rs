//! Models of an encoder and a decoder.

use std::sync::Arc;

use trustformers_core::Result;

use crate::cache::cached_sequences::CachedSequences;
use crate::forward::packed_batch::PackedBatch;
use crate::output::{OutputFlags, PackedOutput};

/// What the sequences of a decoder attend to.
#[derive(Clone, Copy, Debug)]
pub enum EncoderInput<'a> {
    /// Tokens or embeddings, which the encoder encodes.
    Tokens(&'a PackedBatch<'a>),
    /// Outputs of the encoder, as embeddings.
    Encoded(&'a PackedBatch<'a>),
}

/// A model of an encoder and a decoder that attends to the encoder's outputs.
pub trait EncoderDecoder: Send + Sync {
    /// Encodes a batch that was packed for [`crate::Model::source_packing`], and returns the encoder's outputs with empty
    /// sequences for the decoder: `copies` slots for each source in turn. The last hidden states are returned if `reads`
    /// is set.
    ///
    /// **Errors:** `Input` for a source without an unmasked token; `OutOfMemory` if the keys and values do not fit in
    /// memory.
    fn encode(
        self: Arc<Self>,
        input: EncoderInput<'_>,
        flags: OutputFlags<'_>,
        copies: usize,
        reads: bool,
    ) -> Result<(PackedOutput, Box<dyn CachedSequences>)>;

    /// The decoder's tokens for a call that passes none: the labels, or else the source where the family does so,
    /// shifted to the right.
    ///
    /// **Shapes:** `labels: [batch, seq]`, `source: [batch, source seq]`; returns one of them.
    ///
    /// **Errors:** `Input` if there is nothing to shift, or if `decoder_start_token_id` or `pad_token_id` is not set.
    fn shifted(&self, labels: Option<&[i64]>, source: Option<&[i64]>, batch: usize) -> Result<Vec<i64>>;

    /// Whether the decoder's tokens are the source's for a call that passes neither them nor labels.
    fn shifts_source(&self) -> bool;
}
