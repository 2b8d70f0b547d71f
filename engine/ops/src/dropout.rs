//! Dropout from a counter-based generator, so that a backward pass makes the same mask again from a seed.

use std::cell::Cell;

use burn::tensor::{Tensor, TensorData};
use trustformers_kernels::dropout as kernel;

use crate::EngineBackend;

pub use kernel::Mask;

/// Probabilities with which a training pass drops elements, by place.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct DropoutRates {
    /// Sum of the embeddings.
    pub embeddings: f64,
    /// Attention weights.
    pub attention_weights: f64,
    /// Output of an attention block, before it is added to the residual stream.
    pub attention_output: f64,
    /// Input of a feed-forward block's second projection.
    pub feed_forward_inner: f64,
    /// Output of a feed-forward block, before it is added to the residual stream.
    pub feed_forward_output: f64,
    /// Embeddings of relative positions that an attention block reads.
    pub relative_positions: f64,
    /// Output of a convolution of tokens, before its activation.
    pub convolution: f64,
    /// Hidden states after the final normalization.
    pub last_hidden_state: f64,
    /// Input of a head.
    pub head_input: f64,
    /// Input of the output layer of a head with a transform.
    pub head_transform: f64,
    /// Whole layers of a stack with bidirectional attention, which the residual stream then goes past; arXiv 1909.11556.
    pub encoder_layers: f64,
    /// Whole layers of a causal stack.
    pub decoder_layers: f64,
}

impl DropoutRates {
    /// The rates of all places.
    pub fn all(&self) -> [f64; 12] {
        let Self {
            embeddings,
            attention_weights,
            attention_output,
            feed_forward_inner,
            feed_forward_output,
            relative_positions,
            convolution,
            last_hidden_state,
            head_input,
            head_transform,
            encoder_layers,
            decoder_layers,
        } = *self;
        [
            embeddings,
            attention_weights,
            attention_output,
            feed_forward_inner,
            feed_forward_output,
            relative_positions,
            convolution,
            last_hidden_state,
            head_input,
            head_transform,
            encoder_layers,
            decoder_layers,
        ]
    }
}

/// The source of a training pass's masks.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Masks {
    rates: DropoutRates,
    seed: u64,
    /// Number of masks so far.
    count: u64,
}

thread_local! {
    /// The masks of the training pass on this thread; `None` outside of one.
    static MASKS: Cell<Option<Masks>> = const { Cell::new(None) };
}

/// Runs a forward pass with dropout; the same seed gives the same masks.
pub fn with_dropout<T>(seed: u64, rates: DropoutRates, work: impl FnOnce() -> T) -> T {
    with_masks(Some(Masks { rates, seed, count: 0 }), work)
}

/// The source of the next masks on this thread; `None` outside of [`with_dropout`].
pub(crate) fn masks() -> Option<Masks> {
    MASKS.get()
}

/// Runs a part of a forward pass whose next masks come from a source.
pub(crate) fn with_masks<T>(masks: Option<Masks>, work: impl FnOnce() -> T) -> T {
    struct Restore(Option<Masks>);
    impl Drop for Restore {
        fn drop(&mut self) {
            MASKS.set(self.0);
        }
    }
    let _restore = Restore(MASKS.replace(masks));
    work()
}

/// The next mask of a training pass for one of the rates; `None` for a rate of zero and outside of [`with_dropout`].
pub fn next_mask(rate: impl FnOnce(&DropoutRates) -> f64) -> Option<Mask> {
    let masks = MASKS.get()?;
    let probability = rate(&masks.rates);
    (probability > 0.0).then(|| {
        MASKS.set(Some(Masks { count: masks.count + 1, ..masks }));
        Mask::new(masks.seed, masks.count, probability)
    })
}

/// Whether a training pass drops a whole layer, with the probability of one of the rates; arXiv 1909.11556.
pub fn drops_layer(rate: impl FnOnce(&DropoutRates) -> f64) -> bool {
    next_mask(rate).is_some_and(|mask| mask.factor(0) == 0.0)
}

/// Zeroes elements with a probability and scales the others by `1 / (1 - probability)`, in a training pass; arXiv
/// 1207.0580. Elsewhere `x` itself.
///
/// **Shapes:** `x: [rows, width]`; returns the same.
pub fn dropout<B: EngineBackend>(x: Tensor<B, 2>, rate: impl FnOnce(&DropoutRates) -> f64) -> Tensor<B, 2> {
    match next_mask(rate) {
        Some(mask) => B::drop(x, &mask),
        None => x,
    }
}

pub(crate) fn reference<B: EngineBackend>(x: Tensor<B, 2>, mask: &Mask) -> Tensor<B, 2> {
    let shape = x.dims();
    let factors: Vec<f32> = (0..shape[0] * shape[1]).map(|index| mask.factor(index)).collect();
    let (device, dtype) = (x.device(), x.dtype());
    x * Tensor::from_data(TensorData::new(factors, shape), (&device, dtype))
}
