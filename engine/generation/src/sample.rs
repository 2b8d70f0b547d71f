use trustformers_core::{Feed, LogitsOf, Result, Sequences};

use crate::prompts::{Prompt, check_slots, next_feed, read, reuse};
use crate::record::Record;
use crate::row::Row;
use crate::step::{StepRow, ended, process_active, scattered};
use crate::{Call, FinishReason, Generated, Lengths, Settings};

/// Greedy search and sampling: one token per step for every unfinished sequence.
pub(crate) fn sample(
    sequences: &mut dyn Sequences,
    prompts: &[Vec<i64>],
    settings: &Settings,
    lengths: Lengths,
    mut call: Call<'_>,
) -> Result<Generated> {
    let copies = settings.num_return_sequences();
    check_slots(sequences, settings.num_slots(prompts.len()))?;
    let mut rows = Vec::with_capacity(prompts.len() * copies);
    for (index, prompt) in prompts.iter().enumerate() {
        for _ in 0..copies {
            let row = (call.seed, rows.len());
            let prompt = Prompt { index, tokens: prompt, source: call.sources.get(index).map(Vec::as_slice) };
            rows.push(Row::new(settings, lengths, prompt, row, call.decode.is_some())?);
        }
    }
    if let Some(streamer) = &mut call.streamer {
        streamer.put_prompts(&rows.iter().map(|row| row.tokens.as_slice()).collect::<Vec<_>>())?;
    }
    let mut record = Record::new(settings, rows.len(), sequences.vocab_size());
    let mut logits = read_prompts(sequences, prompts, copies, &call)?;
    let mut active: Vec<usize> = (0..rows.len()).collect();
    loop {
        record.begin_step();
        let selected = advance(&mut rows, &active, &mut logits, &mut record, &mut call)?;
        if let Some(streamer) = &mut call.streamer {
            streamer.put_tokens(&selected)?;
        }
        active.retain(|&index| rows[index].finish.is_none());
        if call.cancel.is_cancelled() {
            active.drain(..).for_each(|index| rows[index].finish = Some(FinishReason::Cancelled));
        }
        if active.is_empty() {
            break;
        }
        let feeds = active.iter().map(|&slot| next_feed(sequences, slot, &rows[slot].tokens, settings));
        let feeds = feeds.collect::<Result<Vec<_>>>()?;
        logits = read(sequences, &feeds, LogitsOf::Last)?;
    }
    if let Some(streamer) = &mut call.streamer {
        streamer.end()?;
    }
    Ok(Generated {
        rows: rows.into_iter().map(Row::into_generated).collect(),
        scores: record.scores,
        logits: record.logits,
        fill_token_id: settings.pad_token_id().unwrap_or(0),
    })
}

/// Selects a token for each active row and appends it. Shapes: `logits`: `[active, vocab]`.
fn advance(
    rows: &mut [Row],
    active: &[usize],
    logits: &mut [f32],
    record: &mut Record,
    call: &mut Call<'_>,
) -> Result<Vec<(usize, i64)>> {
    let vocab = logits.len() / active.len().max(1);
    for (&index, logits) in active.iter().zip(logits.chunks_exact(vocab)) {
        record.logits(index, logits);
    }
    process_active(&mut call.processors.first, &at_step(rows), active, logits)?;
    for (&index, logits) in active.iter().zip(logits.chunks_exact_mut(vocab)) {
        rows[index].before_steps(logits, &mut call.processors)?;
    }
    process_active(&mut call.processors.steps, &at_step(rows), active, logits)?;
    let mut selected = Vec::with_capacity(active.len());
    for (&index, logits) in active.iter().zip(logits.chunks_exact_mut(vocab)) {
        rows[index].after_steps(logits)?;
        record.scores(index, logits);
        selected.push((index, rows[index].choose(logits)?));
    }
    for (&(index, token), logits) in selected.iter().zip(logits.chunks_exact(vocab)) {
        rows[index].append(token, logits, call)?;
    }
    if !call.step_criteria.is_empty() {
        let scores = scattered(active, logits, rows.len());
        let ended = ended(&mut call.step_criteria, &at_step(rows), &scores, vocab)?;
        active.iter().for_each(|&index| rows[index].end_if(ended[index]));
    }
    Ok(selected)
}

fn at_step(rows: &[Row]) -> Vec<StepRow<'_>> {
    rows.iter().map(Row::at_step).collect()
}

/// Prefills each prompt once, however many sequences continue it. Shapes: `[prompts * copies, vocab]`.
fn read_prompts(
    sequences: &mut dyn Sequences,
    prompts: &[Vec<i64>],
    copies: usize,
    call: &Call<'_>,
) -> Result<Vec<f32>> {
    let mut feeds = Vec::with_capacity(prompts.len());
    for (index, prompt) in prompts.iter().enumerate() {
        let slot = index * copies;
        let past = call.past.get(slot).map_or(&[][..], Vec::as_slice);
        feeds.push(Feed::new(slot, reuse(sequences, slot, past, prompt)?));
    }
    let logits = read(sequences, &feeds, LogitsOf::Last)?;
    if copies == 1 {
        return Ok(logits);
    }
    for feed in &feeds {
        for copy in 1..copies {
            sequences.copy(feed.slot, feed.slot + copy)?;
        }
    }
    Ok(logits.chunks_exact(sequences.vocab_size()).flat_map(|row| row.repeat(copies)).collect())
}
