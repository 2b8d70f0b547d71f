//! Forward passes that one backward pass uses up.

use std::num::NonZeroUsize;

use trustformers_core::{DType, Result};

use crate::EncoderInput;
use crate::output::{Gradients, OutputGradients, WantedWeights};

/// How a forward pass is recorded.
#[derive(Clone, Copy, Default)]
pub struct Recording<'a> {
    /// What a decoder attends to, a source for each sequence; `None` for a model of one stack.
    pub source: Option<EncoderInput<'a>>,
    /// Says for a name in the family's checkpoints whether the weight's gradient is requested; `None` requests none.
    pub wanted: Option<&'a (dyn Fn(&str) -> bool + Sync)>,
    /// Seed of dropout; `None` computes without dropout.
    pub seed: Option<u64>,
    /// Format to which products round their operands: bfloat16 or float16; `None` keeps their own.
    pub mixed_precision: Option<DType>,
    /// Keeps the input only of every n-th layer, which a backward pass computes again; `None` keeps what gradients need.
    pub checkpoint_every: Option<NonZeroUsize>,
    /// Class of each row of the batch, of whose logits the mean cross entropy is computed; negative where none counts.
    pub classes: Option<&'a [i64]>,
    /// Whether to return the outputs of the embeddings and of every layer.
    pub hidden_states: bool,
    /// Whether to return the routers' logits of every layer with experts.
    pub router_logits: bool,
}

/// A recorded forward pass, which one backward pass uses up.
pub trait RecordedPass: Send {
    /// Gradients of the token embeddings, those of the source if there is one, and of `wanted` weights, given those of the
    /// outputs.
    ///
    /// **Errors:** any error of the device.
    fn backward(self: Box<Self>, gradients: &OutputGradients, wanted: Option<WantedWeights<'_>>) -> Result<Gradients>;
}
