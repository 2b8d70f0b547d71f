use trustformers_core::{Error, Result, Sequences};

use crate::beams::beam_search;
use crate::prompts::with_begin;
use crate::sample::sample;
use crate::speculation::speculate;
use crate::{Call, Generated, Settings};

/// Goes on from prompts, as `model.generate` of transformers does for models that only decode.
///
/// `sequences` needs `settings.num_slots(prompts.len())` slots. Without beams the sequence of row `r` is left in slot
/// `r`, up to but not including its last token, so that a later call may give it as `past`.
///
/// **Errors:** `Input` for prompts, settings or logits that cannot be gone on from, and the errors of what the call
/// brings along.
pub fn generate(
    sequences: &mut dyn Sequences,
    prompts: &[Vec<i64>],
    settings: &Settings,
    call: Call<'_>,
) -> Result<Generated> {
    let prompts = with_begin(prompts, settings)?;
    let longest = prompts.iter().map(Vec::len).max().unwrap_or(0);
    let lengths = settings.lengths(longest, sequences.max_tokens())?;
    if !settings.uses_cache() && call.past.iter().any(|past| !past.is_empty()) {
        return Err(Error::input("past_key_values", "use_cache=False leaves no use for them; pass one of the two"));
    }
    if settings.num_beams() > 1 {
        return beam_search(sequences, &prompts, settings, lengths, call);
    }
    if call.assistant.is_some() || settings.config().prompt_lookup_num_tokens.is_some() {
        return speculate(sequences, &prompts, settings, lengths, call);
    }
    sample(sequences, &prompts, settings, lengths, call)
}
