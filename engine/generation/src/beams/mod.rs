mod hypotheses;
mod slots;

use trustformers_core::{Feed, LogitsOf, Result, Sequences};
use trustformers_kernels::softmax::log_softmax;

use self::hypotheses::{Beams, Candidate};
use self::slots::Slots;
use crate::order::top_of_sums;
use crate::prompts::{check_slots, next_feed, read, reuse};
use crate::record::Record;
use crate::sampler::{Sampler, check_possible};
use crate::step::{StepRow, ended, process_active};
use crate::stopping::Stopping;
use crate::{Call, FinishReason, Generated, Lengths, Processors, Settings};

/// Beam search and beam sampling.
///
/// Each prompt has exactly `num_beams` slots. Beams keep track of their slot, so that a step copies the cache only for
/// beams that share a parent. Finished prompts leave the batch; transformers keeps computing them.
///
/// **Source:** `_beam_search` of transformers 5.23.0.
pub(crate) fn beam_search(
    sequences: &mut dyn Sequences,
    prompts: &[Vec<i64>],
    settings: &Settings,
    lengths: Lengths,
    mut call: Call<'_>,
) -> Result<Generated> {
    if call.streamer.is_some() {
        settings.check_streamed()?;
    }
    let num_beams = settings.num_beams();
    check_slots(sequences, settings.num_slots(prompts.len()))?;
    let vocab = sequences.vocab_size();
    let mut searches = Vec::with_capacity(prompts.len());
    for (index, prompt) in prompts.iter().enumerate() {
        searches.push(Search::new(index, prompt, settings, lengths, &call)?);
    }
    let mut record = Record::new(settings, prompts.len() * num_beams, vocab);
    let mut logits = read_prompts(sequences, prompts, num_beams, &call)?;
    loop {
        record.begin_step();
        step(&mut searches, &mut logits, &mut record, &mut call)?;
        if call.cancel.is_cancelled() {
            searches.iter_mut().filter(|search| !search.beams.is_done).for_each(|search| search.beams.give_up());
        }
        for search in searches.iter_mut().filter(|search| !search.beams.is_done) {
            search.slots.follow(&search.beams.parents(), sequences)?;
        }
        let active = searches.iter().filter(|search| !search.beams.is_done).flat_map(Search::sequences);
        let feeds = active.map(|(slot, tokens)| next_feed(sequences, slot, tokens, settings));
        let feeds = feeds.collect::<Result<Vec<_>>>()?;
        if feeds.is_empty() {
            break;
        }
        logits = read(sequences, &feeds, LogitsOf::Last)?;
    }
    let returned = settings.num_return_sequences();
    Ok(Generated {
        rows: searches.into_iter().flat_map(|search| search.beams.into_rows(returned)).collect(),
        scores: record.scores,
        logits: record.logits,
        fill_token_id: fill_token_id(settings),
    })
}

/// Selects the next beams of all active searches. Shapes: `logits`: `[active * num_beams, vocab]`.
fn step(searches: &mut [Search], logits: &mut [f32], record: &mut Record, call: &mut Call<'_>) -> Result<()> {
    let num_beams = searches.first().map_or(1, |search| search.beams.running.len());
    let active: Vec<usize> = (0..searches.len()).filter(|&index| !searches[index].beams.is_done).collect();
    let rows: Vec<usize> = active.iter().flat_map(|index| index * num_beams..(index + 1) * num_beams).collect();
    let size = logits.len() / active.len().max(1);
    let vocab = size / num_beams;
    for (&row, logits) in rows.iter().zip(logits.chunks_exact(vocab)) {
        record.logits(row, logits);
    }
    log_softmax(logits, vocab);
    process_active(&mut call.processors.first, &at_step(searches), &rows, logits)?;
    for (&index, logits) in active.iter().zip(logits.chunks_exact_mut(size)) {
        searches[index].before_steps(logits, call)?;
    }
    process_active(&mut call.processors.steps, &at_step(searches), &rows, logits)?;
    for (&index, logits) in active.iter().zip(logits.chunks_exact_mut(size)) {
        searches[index].advance(logits, record, call)?;
    }
    Ok(())
}

fn at_step(searches: &[Search]) -> Vec<StepRow<'_>> {
    searches.iter().flat_map(|search| search.tokens().map(|tokens| search.processors.row(tokens))).collect()
}

/// The token that pads rows after their end. As in the reference, a `pad_token_id` of 0 counts as unset, and -1 is used
/// without an `eos_token_id`.
fn fill_token_id(settings: &Settings) -> i64 {
    match settings.eos_token_ids().first() {
        Some(&eos) => settings.pad_token_id().filter(|&pad| pad != 0).unwrap_or(eos),
        None => -1,
    }
}

/// Prefills each prompt into the first of its slots. Shapes: `[prompts * num_beams, vocab]`, equal for a prompt's
/// beams.
fn read_prompts(
    sequences: &mut dyn Sequences,
    prompts: &[Vec<i64>],
    num_beams: usize,
    call: &Call<'_>,
) -> Result<Vec<f32>> {
    let mut feeds = Vec::with_capacity(prompts.len());
    for (index, prompt) in prompts.iter().enumerate() {
        let slot = index * num_beams;
        let past = call.past.get(slot).map_or(&[][..], Vec::as_slice);
        feeds.push(Feed::new(slot, reuse(sequences, slot, past, prompt)?));
    }
    let logits = read(sequences, &feeds, LogitsOf::Last)?;
    Ok(logits.chunks_exact(sequences.vocab_size()).flat_map(|row| row.repeat(num_beams)).collect())
}

/// The beam search of one prompt.
struct Search {
    index: usize,
    num_kept: usize,
    processors: Processors,
    stopping: Stopping,
    sampler: Option<Sampler>,
    beams: Beams,
    slots: Slots,
}

impl Search {
    fn new(index: usize, prompt: &[i64], settings: &Settings, lengths: Lengths, call: &Call<'_>) -> Result<Self> {
        let row_lengths = lengths.for_prompt(prompt.len());
        let num_beams = settings.num_beams();
        Ok(Self {
            index,
            // Enough to leave num_beams running candidates even if all others finish.
            num_kept: num_beams * (1 + settings.eos_token_ids().len()).max(2),
            processors: Processors::new(settings, row_lengths, index, call.sources.get(index).map(Vec::as_slice))?,
            stopping: Stopping::new(settings, row_lengths, call.decode.is_some())?,
            sampler: settings.does_sample().then(|| Sampler::new(call.seed, index as u64)),
            beams: Beams::new(index, prompt, settings, lengths.max - lengths.prompt),
            slots: Slots::new(index * num_beams, num_beams),
        })
    }

    /// The tokens of each running beam.
    fn tokens(&self) -> impl Iterator<Item = &[i64]> {
        self.beams.running.iter().map(|beam| beam.tokens.as_slice())
    }

    /// The processors that run before the step processors of the call. Shapes: `logits`: `[num_beams, vocab]`.
    fn before_steps(&mut self, logits: &mut [f32], call: &mut Call<'_>) -> Result<()> {
        let tokens: Vec<&[i64]> = self.beams.running.iter().map(|beam| beam.tokens.as_slice()).collect();
        self.processors.before_steps(&tokens, logits, &mut call.processors)
    }

    /// Selects the next beams. Shapes: `logits`: `[num_beams, vocab]`.
    fn advance(&mut self, logits: &mut [f32], record: &mut Record, call: &mut Call<'_>) -> Result<()> {
        let first_row = self.index * self.beams.running.len();
        let vocab = logits.len() / self.beams.running.len();
        let tokens: Vec<&[i64]> = self.beams.running.iter().map(|beam| beam.tokens.as_slice()).collect();
        self.processors.after_steps(&tokens, logits)?;
        for (beam, logits) in logits.chunks_exact(vocab).enumerate() {
            record.scores(first_row + beam, logits);
        }
        let rows = || logits.chunks_exact(vocab).zip(self.beams.running.iter().map(|beam| beam.score));
        let totals = || rows().flat_map(|(row, score)| row.iter().map(move |log_probability| log_probability + score));
        let kept: Vec<(usize, f32)> = match &mut self.sampler {
            Some(sampler) => {
                let totals: Vec<f32> = totals().collect();
                sampler.draw_distinct(&totals, self.num_kept)?.into_iter().map(|index| (index, totals[index])).collect()
            }
            None => top_of_sums(rows(), self.num_kept),
        };
        if kept.first().is_some_and(|(_, total)| total.is_nan()) {
            check_possible(&totals().collect::<Vec<_>>())?;
        }
        let mut candidates = Vec::with_capacity(kept.len());
        for (index, score) in kept {
            let (parent, token) = (index / vocab, index % vocab);
            let tokens = self.beams.extended(parent, token as i64);
            let scores = &logits[parent * vocab..][..vocab];
            let finish = self.stopping.reason(&tokens, scores, call.decode.as_ref(), &mut call.stopping_criteria)?;
            candidates.push(Candidate { parent, tokens, score, finish });
        }
        if !call.step_criteria.is_empty() {
            let rows: Vec<StepRow<'_>> =
                candidates.iter().map(|candidate| self.processors.row(&candidate.tokens)).collect();
            let ended = ended(&mut call.step_criteria, &rows, logits, vocab)?;
            for (candidate, _) in candidates.iter_mut().zip(ended).filter(|(_, is_done)| *is_done) {
                candidate.finish = candidate.finish.or(Some(FinishReason::Criteria));
            }
        }
        self.beams.advance(candidates);
        Ok(())
    }

    /// Slot and tokens of each running beam.
    fn sequences(&self) -> impl Iterator<Item = (usize, &[i64])> {
        self.beams.running.iter().zip(self.slots.of_beams()).map(|(beam, &slot)| (slot, beam.tokens.as_slice()))
    }
}
