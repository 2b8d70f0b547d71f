use trustformers_core::{Error, Result};

use crate::order::top;
use crate::prompts::Prompt;
use crate::sampler::{Sampler, check_possible};
use crate::step::{StepRow, ended};
use crate::stopping::Stopping;
use crate::{Call, CustomProcessors, FinishReason, GeneratedRow, Lengths, Processors, Settings};

/// A sequence that grows by one token per step.
pub(crate) struct Row {
    pub tokens: Vec<i64>,
    pub prompt_len: usize,
    pub finish: Option<FinishReason>,
    processors: Processors,
    sampler: Option<Sampler>,
    stopping: Stopping,
}

impl Row {
    /// The row with index `row` of a call, which continues a prompt.
    pub fn new(
        settings: &Settings,
        lengths: Lengths,
        prompt: Prompt<'_>,
        (seed, row): (u64, usize),
        can_decode: bool,
    ) -> Result<Self> {
        let Prompt { index, tokens, source } = prompt;
        let lengths = lengths.for_prompt(tokens.len());
        Ok(Self {
            tokens: tokens.to_vec(),
            prompt_len: tokens.len(),
            finish: None,
            processors: Processors::new(settings, lengths, index, source)?,
            sampler: settings.does_sample().then(|| Sampler::new(seed, row as u64)),
            stopping: Stopping::new(settings, lengths, can_decode)?,
        })
    }

    /// Processes the logits of the token after `tokens`, which begin with the row's tokens.
    pub fn process(&mut self, tokens: &[i64], logits: &mut [f32], custom: &mut CustomProcessors<'_>) -> Result<()> {
        self.processors.process(tokens, logits, custom)
    }

    /// Processes the logits of the row's next token.
    pub fn process_next(&mut self, logits: &mut [f32], custom: &mut CustomProcessors<'_>) -> Result<()> {
        self.processors.process(&self.tokens, logits, custom)
    }

    /// The row at one step of a call.
    pub fn at_step(&self) -> StepRow<'_> {
        self.processors.row(&self.tokens)
    }

    /// The processors of the next token that run before the step processors of a call.
    pub fn before_steps(&mut self, logits: &mut [f32], custom: &mut CustomProcessors<'_>) -> Result<()> {
        self.processors.before_steps(&[&self.tokens], logits, custom)
    }

    /// The processors of the next token that run after the step processors of a call.
    pub fn after_steps(&mut self, logits: &mut [f32]) -> Result<()> {
        self.processors.after_steps(&[&self.tokens], logits)
    }

    /// The row's sampler, if it samples.
    pub fn sampler(&mut self) -> Option<&mut Sampler> {
        self.sampler.as_mut()
    }

    /// Selects a token from processed logits.
    pub fn choose(&mut self, scores: &[f32]) -> Result<i64> {
        let token = match &mut self.sampler {
            Some(sampler) => sampler.draw(scores)?,
            None => likeliest(scores)?,
        };
        Ok(token as i64)
    }

    /// Appends a token and checks whether the sequence, the only one of its call, finishes with it.
    pub fn push(&mut self, token: i64, scores: &[f32], call: &mut Call<'_>) -> Result<()> {
        self.append(token, scores, call)?;
        let ended = ended(&mut call.step_criteria, &[self.at_step()], scores, scores.len())?;
        self.end_if(ended.contains(&true));
        Ok(())
    }

    /// Appends a token and checks whether the sequence finishes with it by the rules of one sequence.
    pub fn append(&mut self, token: i64, scores: &[f32], call: &mut Call<'_>) -> Result<()> {
        self.tokens.push(token);
        self.finish = self.stopping.reason(&self.tokens, scores, call.decode.as_ref(), &mut call.stopping_criteria)?;
        Ok(())
    }

    /// Ends a sequence that has not finished if a criterion of the step says so.
    pub fn end_if(&mut self, is_done: bool) {
        if is_done && self.finish.is_none() {
            self.finish = Some(FinishReason::Criteria);
        }
    }

    /// Processes logits, selects a token and appends it.
    pub fn advance(&mut self, logits: &mut [f32], call: &mut Call<'_>) -> Result<i64> {
        self.process_next(logits, &mut call.processors)?;
        let token = self.choose(logits)?;
        self.push(token, logits, call)?;
        Ok(token)
    }

    /// Converts the row into an output row.
    pub fn into_generated(self) -> GeneratedRow {
        GeneratedRow {
            tokens: self.tokens,
            prompt_len: self.prompt_len,
            finish: self.finish,
            score: None,
            beam_indices: Vec::new(),
        }
    }
}

/// The token with the largest logit, the first among equals.
pub(crate) fn likeliest(scores: &[f32]) -> Result<usize> {
    let Some((index, most)) = top(scores.iter().copied(), 1).pop() else {
        return Err(Error::internal("there are no logits to select a token from"));
    };
    // If every token is forbidden, torch takes the first; NaN would silently pass for the largest.
    if most.is_nan() { check_possible(scores).map(|_| index) } else { Ok(index) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn likeliest_is_the_first_of_the_largest() {
        assert_eq!(likeliest(&[0.0, 3.0, 3.0]).unwrap(), 1);
        assert_eq!(likeliest(&[f32::NEG_INFINITY; 2]).unwrap(), 0);
        assert!(likeliest(&[0.0, f32::NAN]).unwrap_err().to_string().contains("NaN"));
    }
}
