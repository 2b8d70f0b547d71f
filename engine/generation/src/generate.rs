use trustformers_core::{Error, Result, Sequences};

use crate::beams::beam_search;
use crate::prompts::{with_begin, with_length_key};
use crate::sample::sample;
use crate::speculation::speculate;
use crate::{Call, Generated, Settings};

/// Continues prompts, like `model.generate` of transformers for decoder-only models.
///
/// `sequences` needs `settings.num_slots(prompts.len())` slots. Without beam search, slot `r` keeps the cache of row
/// `r` up to, but not including, its last token, so that a later call may pass it as `past`.
///
/// **Errors:** `Input` for invalid prompts, settings or logits, and any error of the call's processors, criteria,
/// decoder or streamer.
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
        return Err(Error::input("past_key_values", "cannot be used with use_cache=False; pass one of the two"));
    }
    let generated = if settings.num_beams() > 1 {
        beam_search(sequences, &prompts, settings, lengths, call)
    } else if call.assistant.is_some() || settings.config().prompt_lookup_num_tokens.is_some() {
        speculate(sequences, &prompts, settings, lengths, call)
    } else {
        sample(sequences, &prompts, settings, lengths, call)
    };
    generated.map_err(|error| with_length_key(error, settings))
}
