use trustformers_core::{Result, Sequences};

use crate::{HostTensor, ModelInput, ModelOutput, OutputFlags};

/// What a layer keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CachedLayer {
    /// Heads of keys and values.
    pub num_heads: usize,
    /// Width of a head.
    pub head_dim: usize,
    /// How many tokens a token sees, itself included; all before it if absent.
    pub window: Option<usize>,
    /// Tokens that a sequence has room for.
    pub capacity: usize,
}

/// Sequences that padded batches are read into as well, row by row into the slots.
pub trait CachedSequences: Sequences {
    /// Runs the model on a batch that goes on from what the slots hold.
    ///
    /// **Errors:** `Input` naming the argument that does not fit the model.
    fn forward(&mut self, input: &ModelInput<'_>, flags: OutputFlags<'_>) -> Result<ModelOutput>;

    /// New slots that hold what these hold, or nothing.
    ///
    /// **Errors:** `OutOfMemory`.
    fn select(&self, slots: &[Option<usize>]) -> Result<Box<dyn CachedSequences>>;

    /// What each layer keeps.
    fn layers(&self) -> Vec<CachedLayer>;

    /// Keys and values of a slot's tokens in a layer, and how many tokens before them are gone.
    ///
    /// **Shapes:** `[tokens, heads * head_dim]` each.
    fn rows_of(&self, layer: usize, slot: usize) -> Result<([HostTensor; 2], usize)>;
}
