mod assistant;
mod lookup;

use trustformers_core::{Error, Feed, LogitsOf, Result, Sequences};

use self::assistant::AssistantDrafts;
use self::lookup::LookupDrafts;
use crate::probabilities::softmax;
use crate::prompts::{Prompt, check_slots, read, reuse};
use crate::record::Record;
use crate::row::{Row, likeliest};
use crate::sampler::check_possible;
use crate::{Call, CustomProcessors, FinishReason, Generated, Lengths, Settings};

/// Drafted tokens.
#[derive(Debug, Default)]
struct Draft {
    tokens: Vec<i64>,
    /// For each token, the distribution that it was selected from; empty for prompt lookup.
    distributions: Vec<Vec<f32>>,
}

enum Drafts<'a> {
    Lookup(LookupDrafts),
    Assistant(Box<AssistantDrafts<'a>>),
}

impl Drafts<'_> {
    fn propose(&mut self, row: &mut Row, custom: &mut CustomProcessors<'_>) -> Result<Draft> {
        match self {
            Self::Lookup(drafts) => drafts.propose(row, custom),
            Self::Assistant(drafts) => drafts.propose(row, custom),
        }
    }

    fn learn(&mut self, num_accepted: usize, num_drafted: usize) {
        if let Self::Assistant(drafts) = self {
            drafts.learn(num_accepted, num_drafted);
        }
    }
}

/// Greedy search and sampling where each forward pass checks a draft of several tokens.
///
/// The tokens equal those of greedy search, or follow the distribution of sampling; only `assistant_ensemble_weight`
/// changes that.
///
/// **Source:** `_assisted_decoding` of transformers 5.23.0; arXiv 2211.17192, algorithm 1, for sampled drafts.
pub(crate) fn speculate(
    sequences: &mut dyn Sequences,
    prompts: &[Vec<i64>],
    settings: &Settings,
    lengths: Lengths,
    mut call: Call<'_>,
) -> Result<Generated> {
    let [prompt] = prompts else {
        let message = format!("assisted generation takes one prompt, found {}", prompts.len());
        return Err(Error::input("input_ids", message));
    };
    settings.check_assisted()?;
    check_slots(sequences, 1)?;
    let vocab = sequences.vocab_size();
    let mut row = Row::new(
        settings,
        lengths,
        Prompt { index: 0, tokens: prompt, source: call.sources.first().map(Vec::as_slice) },
        (call.seed, 0),
        call.decode.is_some(),
    )?;
    let mut drafts = match (settings.config().prompt_lookup_num_tokens, call.assistant.take()) {
        (None, Some(assistant)) => {
            Drafts::Assistant(Box::new(AssistantDrafts::new(assistant, settings, lengths, vocab)?))
        }
        _ => Drafts::Lookup(LookupDrafts::new(settings, lengths, vocab)),
    };
    if let Some(streamer) = &mut call.streamer {
        streamer.put_prompts(&[prompt.as_slice()])?;
    }
    read_all_but_last(sequences, prompt, &call)?;
    let mut record = Record::new(settings, 1, vocab);
    let weight = settings.config().assistant_ensemble_weight;
    while row.finish.is_none() {
        let mut draft = drafts.propose(&mut row, &mut call.processors)?;
        if let Some(most) = sequences.max_tokens() {
            draft.tokens.truncate(most.saturating_sub(row.tokens.len()));
        }
        let start = row.tokens.len();
        let tokens: Vec<i64> = row.tokens[start - 1..].iter().chain(&draft.tokens).copied().collect();
        let mut logits = read(sequences, &[Feed::new(0, &tokens)], LogitsOf::Every)?;
        for (position, logits) in logits.chunks_exact_mut(vocab).enumerate() {
            record.begin_step();
            record.logits(0, logits);
            row.process_next(logits, &mut call.processors)?;
            record.scores(0, logits);
            let token = choose(&mut row, &draft, position, logits, weight)?;
            row.push(token, logits, &mut call)?;
            if row.finish.is_some() || draft.tokens.get(position) != Some(&token) {
                break;
            }
        }
        sequences.truncate(0, row.tokens.len() - 1)?;
        drafts.learn(row.tokens.len() - start - 1, draft.tokens.len());
        if let Some(streamer) = &mut call.streamer {
            streamer.put_tokens(&row.tokens[start..].iter().map(|&token| (0, token)).collect::<Vec<_>>())?;
        }
        if call.cancel.is_cancelled() && row.finish.is_none() {
            row.finish = Some(FinishReason::Cancelled);
        }
    }
    if let Some(streamer) = &mut call.streamer {
        streamer.end()?;
    }
    Ok(Generated {
        rows: vec![row.into_generated()],
        scores: record.scores,
        logits: record.logits,
        fill_token_id: settings.pad_token_id().unwrap_or(0),
    })
}

/// Prefills the prompt up to its last token: the loop computes logits of every token, too much memory for a long
/// prompt.
fn read_all_but_last(sequences: &mut dyn Sequences, prompt: &[i64], call: &Call<'_>) -> Result<()> {
    let past = call.past.first().map_or(&[][..], Vec::as_slice);
    match reuse(sequences, 0, past, prompt)? {
        [] | [_] => Ok(()),
        [tokens @ .., _] => read(sequences, &[Feed { slot: 0, tokens, pending: 1 }], LogitsOf::Last).map(|_| ()),
    }
}

/// The token at a position of the draft: the drafted token if it is accepted. Shapes: `scores`: `[vocab]`.
fn choose(row: &mut Row, draft: &Draft, position: usize, scores: &[f32], weight: Option<f64>) -> Result<i64> {
    let (Some(&drafted), Some(q)) = (draft.tokens.get(position), draft.distributions.get(position)) else {
        return row.choose(scores);
    };
    let mut p = Vec::new();
    check_possible(scores)?;
    softmax(scores, &mut p);
    let Some(sampler) = row.sampler() else {
        let Some(weight) = weight else { return row.choose(scores) };
        let mixed: Vec<f32> = p.iter().zip(q).map(|(p, q)| weight as f32 * p + (1.0 - weight as f32) * q).collect();
        return Ok(likeliest(&mixed)? as i64);
    };
    let index = drafted as usize;
    let ratio = f64::from(p[index]) / f64::from(q[index]);
    let ratio = weight.map_or(ratio, |weight| 1.0 - weight + weight * ratio);
    if sampler.uniform() <= ratio {
        return Ok(drafted);
    }
    let rest: Vec<f32> = p.iter().zip(q).map(|(p, q)| (p - q).max(0.0)).collect();
    // If the distributions differ only by rounding, there is no rest to sample from.
    let has_rest = rest.iter().any(|&rest| rest > 0.0);
    Ok(sampler.draw_weighted(if has_rest { &rest } else { &p })? as i64)
}
