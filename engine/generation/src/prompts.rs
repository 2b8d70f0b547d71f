use trustformers_core::{Error, Feed, LogitsOf, Result, Sequences};

use crate::Settings;

/// The prompts with the token that stands for an empty one.
pub(crate) fn with_begin(prompts: &[Vec<i64>], settings: &Settings) -> Result<Vec<Vec<i64>>> {
    if prompts.is_empty() {
        return Err(Error::input("input_ids", "there is no prompt"));
    }
    prompts
        .iter()
        .map(|prompt| match settings.config().bos_token_id {
            _ if !prompt.is_empty() => Ok(prompt.clone()),
            Some(bos) => Ok(vec![bos]),
            None => Err(Error::input("bos_token_id", "must be set where a prompt is empty; generation begins with it")),
        })
        .collect()
}

/// Refuses a call that takes more slots than there are.
pub(crate) fn check_slots(sequences: &dyn Sequences, needed: usize) -> Result<()> {
    if needed <= sequences.num_slots() {
        return Ok(());
    }
    let slots = sequences.num_slots();
    Err(Error::internal(format!("{needed} sequences are to be read, the model was given room for {slots}")))
}

/// Makes a slot hold what it shares with a prompt, and returns the tokens that are left to read: at least the last.
pub(crate) fn reuse<'a>(
    sequences: &mut dyn Sequences,
    slot: usize,
    past: &[i64],
    prompt: &'a [i64],
) -> Result<&'a [i64]> {
    let held = sequences.len(slot);
    let known = if held == past.len() { past } else { &[] };
    let shared = known.iter().zip(prompt).take_while(|(left, right)| left == right).count();
    let kept = sequences.cut_to(slot, shared.min(prompt.len().saturating_sub(1)));
    if kept < held {
        sequences.truncate(slot, kept)?;
    }
    Ok(&prompt[kept..])
}

/// What a slot reads for the token after `tokens`: their last one, or all of them once more without a cache.
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

/// Reads on, and checks that as many logits came back as tokens were asked for.
pub(crate) fn read(sequences: &mut dyn Sequences, feeds: &[Feed<'_>], logits: LogitsOf) -> Result<Vec<f32>> {
    if let Some(most) = sequences.max_tokens() {
        for feed in feeds {
            let len = sequences.len(feed.slot) + feed.tokens.len();
            if len > most {
                return Err(Error::input(
                    "max_length",
                    format!("a sequence has {len} tokens to read, the model has positions for {most}; generate fewer"),
                ));
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
        return Err(Error::internal(format!("{} logits for {tokens} tokens of {vocab}", read.len())));
    }
    Ok(read)
}
