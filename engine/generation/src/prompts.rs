use trustformers_core::{Error, Feed, LogitsOf, Result, Sequences};

use crate::Settings;

/// A prompt of a call.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Prompt<'a> {
    /// Index of the prompt in the call.
    pub index: usize,
    pub tokens: &'a [i64],
    /// The tokens that a model's encoder has read, if there is one and they are known.
    pub source: Option<&'a [i64]>,
}

/// The prompts; an empty prompt becomes the BOS token.
pub(crate) fn with_begin(prompts: &[Vec<i64>], settings: &Settings) -> Result<Vec<Vec<i64>>> {
    if prompts.is_empty() {
        return Err(Error::input("input_ids", "expected at least one prompt"));
    }
    prompts
        .iter()
        .map(|prompt| match settings.bos_token_id() {
            _ if !prompt.is_empty() => Ok(prompt.clone()),
            Some(bos) => Ok(vec![bos]),
            None => Err(Error::input("bos_token_id", "must be set for an empty prompt, which starts with it")),
        })
        .collect()
}

/// Refuses a call that needs more slots than there are.
pub(crate) fn check_slots(sequences: &dyn Sequences, needed: usize) -> Result<()> {
    if needed <= sequences.num_slots() {
        return Ok(());
    }
    let slots = sequences.num_slots();
    Err(Error::internal(format!("{needed} slots are needed, the model has {slots}")))
}

/// Truncates a slot to the prefix that it shares with a prompt, and returns the tokens left to read: at least the last.
pub(crate) fn reuse<'a>(
    sequences: &mut dyn Sequences,
    slot: usize,
    past: &[i64],
    prompt: &'a [i64],
) -> Result<&'a [i64]> {
    let held = sequences.len(slot);
    let known = if held == past.len() { past } else { &[] };
    let shared = known.iter().zip(prompt).take_while(|(left, right)| left == right).count();
    let kept = sequences.truncatable_to(slot, shared.min(prompt.len().saturating_sub(1)));
    if kept < held {
        sequences.truncate(slot, kept)?;
    }
    Ok(&prompt[kept..])
}

/// The tokens that a slot reads next: the last one, or without a cache the whole sequence again.
pub(crate) fn next_feed<'a>(
    sequences: &mut dyn Sequences,
    slot: usize,
    tokens: &'a [i64],
    settings: &Settings,
) -> Result<Feed<'a>> {
    if settings.uses_cache() {
        return Ok(Feed::new(slot, &tokens[tokens.len() - 1..]));
    }
    sequences.truncate(slot, 0)?;
    Ok(Feed::new(slot, tokens))
}

/// Argument of an error about a sequence that is longer than the model's positions.
const MAX_LENGTH: &str = "max_length";

/// Message about a sequence that is longer than the model's positions.
pub(crate) fn too_long(len: usize, most: usize) -> String {
    format!("the sequence has {len} tokens, the model has positions for {most}; generate fewer")
}

/// Names the key that the caller limits lengths by in an error about a sequence that is too long.
pub(crate) fn with_length_key(error: Error, settings: &Settings) -> Error {
    match error {
        Error::Input { argument, message } if argument == MAX_LENGTH => Error::input(settings.length_key(), message),
        error => error,
    }
}

/// Runs a forward pass and checks the number of logits.
///
/// **Errors:** `Input` of `max_length` for a sequence that is longer than the model's positions.
pub(crate) fn read(sequences: &mut dyn Sequences, feeds: &[Feed<'_>], logits: LogitsOf) -> Result<Vec<f32>> {
    if let Some(most) = sequences.max_tokens() {
        for feed in feeds {
            let len = sequences.len(feed.slot) + feed.tokens.len();
            if len > most {
                return Err(Error::input(MAX_LENGTH, too_long(len, most)));
            }
        }
    }
    let read = sequences.read(feeds, logits)?;
    let tokens = match logits {
        LogitsOf::Last => feeds.len(),
        LogitsOf::Every => feeds.iter().map(|feed| feed.tokens.len()).sum(),
    };
    let vocab = sequences.vocab_size();
    if vocab == 0 || read.len() != tokens * vocab {
        return Err(Error::internal(format!(
            "found {} logits for {tokens} tokens and a vocabulary of {vocab}",
            read.len()
        )));
    }
    Ok(read)
}
