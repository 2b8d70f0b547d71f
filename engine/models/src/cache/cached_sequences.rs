use trustformers_core::{Result, Sequences};

use crate::{HostTensor, OutputFlags, PackedBatch, PackedOutput};

/// Key/value cache of a layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CachedLayer {
    /// Number of key/value heads.
    pub num_heads: usize,
    /// Width of a head.
    pub head_dim: usize,
    /// Sliding-window size in tokens, current one included; `None` is full attention.
    pub window: Option<usize>,
    /// Number of tokens that each slot has room for.
    pub capacity: usize,
}

/// Which columns of padded sources the sequences of a decoder attend to.
#[derive(Clone, Debug)]
pub struct SourceLayout<'a> {
    /// Columns of each slot's source.
    pub columns: Vec<&'a [i64]>,
    /// Number of columns of the padded sources.
    pub seq: usize,
}

/// Sequences that can also be extended by packed batches, one sequence per slot.
pub trait CachedSequences: Sequences {
    /// Runs the model on a batch whose sequences continue those of the first slots.
    ///
    /// **Errors:** `Input` if there are more sequences than slots, or for an argument that does not fit the model.
    fn forward(&mut self, batch: &PackedBatch<'_>, flags: OutputFlags<'_>) -> Result<PackedOutput>;

    /// Takes the tokens of an empty slot for those of a row of padded prompts, whose columns their positions count.
    ///
    /// **Shapes:** `input_ids, mask: [seq]`.
    ///
    /// **Errors:** `Input` for a slot that does not exist, or a mask of another length; `Unsupported` for masked tokens
    /// between others, with relative positions.
    fn place(&mut self, slot: usize, input_ids: &[i64], mask: &[i64]) -> Result<()>;

    /// New sequences with copies of the given slots, or empty slots for `None`.
    ///
    /// **Errors:** `OutOfMemory` if the copies do not fit in memory.
    fn select(&self, slots: &[Option<usize>]) -> Result<Box<dyn CachedSequences>>;

    /// Key/value cache of each layer.
    fn layers(&self) -> Vec<CachedLayer>;

    /// Cached keys and values of a slot in a layer, and the number of earlier tokens that were dropped.
    ///
    /// **Shapes:** `[tokens, heads * head_dim]` each.
    fn rows_of(&self, layer: usize, slot: usize) -> Result<([HostTensor; 2], usize)>;

    /// The encoded sources that the slots attend to; `None` for a model without an encoder.
    fn source(&self) -> Option<SourceLayout<'_>>;

    /// Keys and values of a slot's source in a layer; `None` for a model without an encoder.
    ///
    /// **Shapes:** `[source tokens, heads * head_dim]` each.
    fn source_rows_of(&self, layer: usize, slot: usize) -> Result<Option<[HostTensor; 2]>>;
}
