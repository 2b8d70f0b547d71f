use trustformers_core::{Error, Result};

use super::LogitsProcessor;
use super::repetition::forbid;

/// Forbids EOS while a sequence is shorter than `min`.
pub(super) struct MinLength {
    /// Added to the number of tokens: the padding of the row's prompt.
    pub padding: usize,
    pub min: usize,
    pub eos: Vec<i64>,
}

impl LogitsProcessor for MinLength {
    fn process(&mut self, tokens: &[i64], logits: &mut [f32]) -> Result<()> {
        if tokens.len() + self.padding < self.min {
            self.eos.iter().for_each(|&token| forbid(token, logits));
        }
        Ok(())
    }
}

/// Allows only given tokens when a sequence has a certain length.
pub(super) struct Forced {
    pub key: &'static str,
    pub padding: usize,
    pub at: usize,
    pub allowed: Vec<i64>,
}

impl LogitsProcessor for Forced {
    fn process(&mut self, tokens: &[i64], logits: &mut [f32]) -> Result<()> {
        if tokens.len() + self.padding != self.at {
            return Ok(());
        }
        logits.fill(f32::NEG_INFINITY);
        for &token in &self.allowed {
            match usize::try_from(token).ok().and_then(|index| logits.get_mut(index)) {
                Some(logit) => *logit = 0.0,
                None => {
                    let message = format!("{token} is outside the vocabulary of {} tokens", logits.len());
                    return Err(Error::input(self.key, message));
                }
            }
        }
        Ok(())
    }
}

/// Raises the logit of EOS exponentially with every token after `start`.
pub(super) struct ExponentialDecay {
    pub padding: usize,
    pub start: i64,
    pub factor: f64,
    pub eos: Vec<i64>,
}

impl LogitsProcessor for ExponentialDecay {
    fn process(&mut self, tokens: &[i64], logits: &mut [f32]) -> Result<()> {
        let length = i64::try_from(tokens.len() + self.padding).unwrap_or(i64::MAX);
        if length <= self.start {
            return Ok(());
        }
        let growth = (self.factor.powf((length - self.start) as f64) - 1.0) as f32;
        for &token in &self.eos {
            if let Some(logit) = usize::try_from(token).ok().and_then(|index| logits.get_mut(index))
                && logit.is_finite()
            {
                *logit += logit.abs() * growth;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn min_length_forbids_eos_in_short_sequences() {
        let mut min = MinLength { padding: 1, min: 3, eos: vec![0, 9] };
        let mut logits = [1.0, 1.0];
        min.process(&[5, 5], &mut logits).unwrap();
        assert_eq!(logits, [1.0, 1.0]);
        min.process(&[5], &mut logits).unwrap();
        assert_eq!(logits, [f32::NEG_INFINITY, 1.0]);
    }

    #[test]
    fn a_forced_token_is_the_only_candidate() {
        let mut forced = Forced { key: "forced_eos_token_id", padding: 0, at: 2, allowed: vec![1] };
        let mut logits = [3.0, 2.0];
        forced.process(&[5], &mut logits).unwrap();
        assert_eq!(logits, [3.0, 2.0]);
        forced.process(&[5, 5], &mut logits).unwrap();
        assert_eq!(logits, [f32::NEG_INFINITY, 0.0]);
        forced.allowed = vec![2];
        assert!(forced.process(&[5, 5], &mut logits).unwrap_err().to_string().contains("forced_eos_token_id"));
    }

    #[test]
    fn exponential_decay_raises_eos_whatever_the_sign_of_its_logit() {
        let mut decay = ExponentialDecay { padding: 0, start: 2, factor: 2.0, eos: vec![0, 1, 2] };
        let mut logits = [3.0, -3.0, f32::NEG_INFINITY, 1.0];
        decay.process(&[5, 5], &mut logits).unwrap();
        assert_eq!(logits, [3.0, -3.0, f32::NEG_INFINITY, 1.0]);
        decay.process(&[5; 4], &mut logits).unwrap();
        assert_eq!(logits, [12.0, 6.0, f32::NEG_INFINITY, 1.0]);
    }
}
