use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use trustformers_core::{Result, Sequences};

use crate::{CustomProcessors, Decode, GenerationConfig, StoppingCriteria};

/// A flag that ends a generation after the step that it is in.
#[derive(Clone, Debug, Default)]
pub struct Cancel(Arc<AtomicBool>);

impl Cancel {
    /// Ends what holds a clone of the flag.
    pub fn cancel(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Whether the end was asked for.
    pub fn is_cancelled(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// Receives tokens as soon as they are chosen.
pub trait Streamer: Send {
    /// The prompts, a row for each sequence, before the first token.
    ///
    /// **Errors:** whatever keeps it from going on; generation ends with it.
    fn put_prompts(&mut self, prompts: &[&[i64]]) -> Result<()>;

    /// The tokens of a step, each with its row; rows that have ended have none.
    ///
    /// **Errors:** whatever keeps it from going on; generation ends with it.
    fn put_tokens(&mut self, tokens: &[(usize, i64)]) -> Result<()>;

    /// There are no more tokens.
    ///
    /// **Errors:** whatever keeps it from going on.
    fn end(&mut self) -> Result<()>;
}

/// A smaller model with the same vocabulary, which drafts tokens for the other one to accept.
pub struct Assistant<'a> {
    /// Its sequences; it takes one slot.
    pub sequences: &'a mut dyn Sequences,
    /// Its own configuration: `num_assistant_tokens`, their schedule, `assistant_confidence_threshold`.
    pub config: &'a GenerationConfig,
    /// The tokens that its slot holds already.
    pub past: &'a [i64],
}

/// What a call of `generate` brings along besides its settings.
#[derive(Default)]
pub struct Call<'a> {
    /// Where the random numbers of sampling begin.
    pub seed: u64,
    /// The tokens that the slots hold already, by slot; a prompt that begins with them is not read from its start.
    pub past: &'a [Vec<i64>],
    /// Logits processors besides those of the configuration.
    pub processors: CustomProcessors<'a>,
    /// Stopping criteria besides those of the configuration.
    pub stopping_criteria: Vec<Box<dyn StoppingCriteria + 'a>>,
    /// The tokenizer's decoder, special tokens kept, which `stop_strings` need.
    pub decode: Option<Decode<'a>>,
    /// Drafts tokens, for a single prompt without beams.
    pub assistant: Option<Assistant<'a>>,
    /// Receives tokens as they come.
    pub streamer: Option<&'a mut dyn Streamer>,
    /// Ends the call early; what was generated until then is returned.
    pub cancel: Cancel,
}
