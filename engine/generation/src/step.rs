use std::borrow::Cow;

use trustformers_core::{Error, Result};

/// A sequence of a call at one step.
#[derive(Clone, Copy, Debug)]
pub struct StepRow<'a> {
    /// Index of the prompt that the sequence continues.
    pub prompt: usize,
    /// Number of prompt tokens, without padding.
    pub prompt_len: usize,
    /// The tokens of the prompt and the generated tokens.
    pub tokens: &'a [i64],
}

/// Changes the logits of a step of all sequences of a call at once.
pub trait StepProcessor: Send {
    /// Changes the logits in place. Finished sequences keep their row; their logits are zero and have no effect.
    ///
    /// **Shapes:** `logits`: `[rows, vocab]`.
    ///
    /// **Errors:** any error of the processor; generation ends with it.
    fn process_step(&mut self, rows: &[StepRow<'_>], logits: &mut [f32]) -> Result<()>;
}

/// Decides which sequences end, for all sequences of a call at once.
pub trait StepCriteria: Send {
    /// For each row, whether the sequence ends with its last token; `scores` are the processed logits of the step.
    /// Finished sequences keep their row. With beam search the rows are the candidates of one prompt, and `scores` those
    /// of its beams.
    ///
    /// **Shapes:** `scores`: `[rows, vocab]`, with beam search `[num_beams, vocab]`.
    ///
    /// **Errors:** any error of the criteria; generation ends with it.
    fn are_done(&mut self, rows: &[StepRow<'_>], scores: &[f32], vocab: usize) -> Result<Vec<bool>>;
}

/// For each row, whether any criterion ends it.
pub(crate) fn ended(
    criteria: &mut [Box<dyn StepCriteria + '_>],
    rows: &[StepRow<'_>],
    scores: &[f32],
    vocab: usize,
) -> Result<Vec<bool>> {
    let mut ended = vec![false; rows.len()];
    for criterion in criteria {
        let found = criterion.are_done(rows, scores, vocab)?;
        if found.len() != rows.len() {
            let message = format!("returned {} values for {} sequences", found.len(), rows.len());
            return Err(Error::input("stopping_criteria", message));
        }
        ended.iter_mut().zip(found).for_each(|(ended, found)| *ended |= found);
    }
    Ok(ended)
}

/// The logits of active rows among those of all rows, which are zero.
///
/// **Shapes:** `logits`: `[active, vocab]`; returns `[rows, vocab]`.
pub(crate) fn scattered<'a>(active: &[usize], logits: &'a [f32], num_rows: usize) -> Cow<'a, [f32]> {
    if active.len() == num_rows {
        return Cow::Borrowed(logits);
    }
    let vocab = logits.len() / active.len().max(1);
    let mut all = vec![0.0; num_rows * vocab];
    for (row, &index) in active.iter().enumerate() {
        all[index * vocab..][..vocab].copy_from_slice(&logits[row * vocab..][..vocab]);
    }
    Cow::Owned(all)
}

/// Runs processors on the logits of the active rows among `rows`.
///
/// **Shapes:** `logits`: `[active, vocab]`.
pub(crate) fn process_active(
    processors: &mut [Box<dyn StepProcessor + '_>],
    rows: &[StepRow<'_>],
    active: &[usize],
    logits: &mut [f32],
) -> Result<()> {
    let vocab = logits.len() / active.len().max(1);
    if processors.is_empty() || vocab == 0 {
        return Ok(());
    }
    if active.len() == rows.len() {
        return processors.iter_mut().try_for_each(|processor| processor.process_step(rows, logits));
    }
    let mut all = scattered(active, logits, rows.len()).into_owned();
    processors.iter_mut().try_for_each(|processor| processor.process_step(rows, &mut all))?;
    for (&row, logits) in active.iter().zip(logits.chunks_exact_mut(vocab)) {
        logits.copy_from_slice(&all[row * vocab..][..vocab]);
    }
    Ok(())
}
