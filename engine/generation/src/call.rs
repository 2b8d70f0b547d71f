use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use trustformers_core::{Result, Sequences};

use crate::{CustomProcessors, Decode, GenerationConfig, StepCriteria, StoppingCriteria};

/// A flag that cancels a generation after its current step.
#[derive(Clone, Debug, Default)]
pub struct Cancel(Arc<AtomicBool>);

impl Cancel {
    /// Cancels every generation that holds a clone of the flag.
    pub fn cancel(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Whether cancellation was requested.
    pub fn is_cancelled(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// Receives tokens as soon as they are generated.
pub trait Streamer: Send {
    /// Receives the prompts, one row per sequence, before the first token.
    ///
    /// **Errors:** any error of the streamer; generation ends with it.
    fn put_prompts(&mut self, prompts: &[&[i64]]) -> Result<()>;

    /// Receives the tokens of a step with their row indices; finished rows have none.
    ///
    /// **Errors:** any error of the streamer; generation ends with it.
    fn put_tokens(&mut self, tokens: &[(usize, i64)]) -> Result<()>;

    /// Is called after the last token.
    ///
    /// **Errors:** any error of the streamer.
    fn end(&mut self) -> Result<()>;
}

/// A smaller model with the same vocabulary that drafts tokens for the main model to check.
pub struct Assistant<'a> {
    /// The assistant's sequences; one slot is used.
    pub sequences: &'a mut dyn Sequences,
    /// The assistant's generation config: `num_assistant_tokens`, `num_assistant_tokens_schedule`,
    /// `assistant_confidence_threshold`.
    pub config: &'a GenerationConfig,
    /// Tokens that the assistant's slot already holds.
    pub past: &'a [i64],
}

/// Inputs of a `generate` call besides its settings.
#[derive(Default)]
pub struct Call<'a> {
    /// Seed of the random numbers for sampling.
    pub seed: u64,
    /// Tokens already cached, by slot; the prefix that a prompt shares with them is not read again.
    pub past: &'a [Vec<i64>],
    /// The source of each prompt of an encoder-decoder as its caller gave it, padding included, for the processors that
    /// read it; empty for other models.
    pub sources: &'a [Vec<i64>],
    /// Custom logits processors, in addition to the configured ones.
    pub processors: CustomProcessors<'a>,
    /// Custom stopping criteria, in addition to the configured ones.
    pub stopping_criteria: Vec<Box<dyn StoppingCriteria + 'a>>,
    /// Custom stopping criteria of all sequences at once, checked after the others.
    pub step_criteria: Vec<Box<dyn StepCriteria + 'a>>,
    /// Decodes tokens, special tokens included; needed for `stop_strings`.
    pub decode: Option<Decode<'a>>,
    /// Drafts tokens, for a single prompt without beam search.
    pub assistant: Option<Assistant<'a>>,
    /// Receives tokens as they are generated.
    pub streamer: Option<&'a mut dyn Streamer>,
    /// Cancels the call early; the tokens generated so far are returned.
    pub cancel: Cancel,
}
