use trustformers_core::{Error, Result};

use super::LogitsProcessor;

/// The tokens that count as occurred.
#[derive(Clone, Debug)]
pub(super) enum Counted {
    /// The whole sequence.
    All,
    /// This many tokens from the start.
    First(usize),
    /// The tokens from this index on.
    From(usize),
    /// Tokens of another sequence.
    Others(Vec<i64>),
}

impl Counted {
    fn of<'a>(&'a self, tokens: &'a [i64]) -> &'a [i64] {
        match self {
            Self::All => tokens,
            Self::First(count) => &tokens[..tokens.len().min(*count)],
            Self::From(start) => tokens.get(*start..).unwrap_or_default(),
            Self::Others(others) => others,
        }
    }
}

/// Makes tokens that already occur less likely (more likely below 1).
pub(super) struct RepetitionPenalty {
    penalty: f32,
    counted: Counted,
    /// The call in which each token last occurred, so that a call penalizes it once.
    met: Vec<u32>,
    call: u32,
}

impl RepetitionPenalty {
    pub fn new(penalty: f64, counted: Counted) -> Result<Self> {
        Self::check("repetition_penalty", penalty)?;
        Ok(Self { penalty: penalty as f32, counted, met: Vec::new(), call: 0 })
    }

    /// Makes tokens of the prompt more likely: `encoder_repetition_penalty`.
    pub fn of_prompt(penalty: f64, prompt: Counted) -> Result<Self> {
        Self::check("encoder_repetition_penalty", penalty)?;
        Self::new(1.0 / penalty, prompt)
    }

    fn check(key: &str, penalty: f64) -> Result<()> {
        if penalty > 0.0 {
            return Ok(());
        }
        Err(Error::input(key, format!("must be greater than 0, found {penalty}")))
    }
}

impl LogitsProcessor for RepetitionPenalty {
    fn process(&mut self, tokens: &[i64], logits: &mut [f32]) -> Result<()> {
        if self.call == u32::MAX || self.met.len() != logits.len() {
            self.met = vec![0; logits.len()];
            self.call = 0;
        }
        self.call += 1;
        for &token in self.counted.of(tokens) {
            let Some(index) = usize::try_from(token).ok().filter(|&index| index < logits.len()) else { continue };
            if std::mem::replace(&mut self.met[index], self.call) == self.call {
                continue;
            }
            let logit = &mut logits[index];
            *logit = if *logit < 0.0 { *logit * self.penalty } else { *logit / self.penalty };
        }
        Ok(())
    }
}

/// Forbids tokens that would repeat an n-gram of `size` tokens.
pub(super) struct NoRepeatNgram {
    pub size: usize,
    /// The tokens whose n-grams must not be repeated.
    pub counted: Counted,
}

impl LogitsProcessor for NoRepeatNgram {
    fn process(&mut self, tokens: &[i64], logits: &mut [f32]) -> Result<()> {
        let Some(start) = (tokens.len() + 1).checked_sub(self.size) else { return Ok(()) };
        let begun = &tokens[start..];
        for run in self.counted.of(tokens).windows(self.size) {
            let (token, before) = run.split_last().expect("an n-gram has at least one token");
            if before == begun {
                forbid(*token, logits);
            }
        }
        Ok(())
    }
}

/// Sets the logit of a token to minus infinity; tokens outside the vocabulary are ignored.
pub(super) fn forbid(token: i64, logits: &mut [f32]) {
    if let Some(logit) = usize::try_from(token).ok().and_then(|index| logits.get_mut(index)) {
        *logit = f32::NEG_INFINITY;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_token_is_penalized_once_by_the_sign_of_its_logit() {
        let mut penalty = RepetitionPenalty::new(2.0, Counted::All).unwrap();
        for _ in 0..2 {
            let mut logits = [4.0, -4.0, 1.0, f32::NEG_INFINITY];
            penalty.process(&[0, 1, 0, 3, 77, -5], &mut logits).unwrap();
            assert_eq!(logits, [2.0, -8.0, 1.0, f32::NEG_INFINITY]);
        }
        assert!(RepetitionPenalty::new(0.0, Counted::All).is_err());
    }

    #[test]
    fn encoder_variants_count_only_the_prompt() {
        let mut logits = [1.0, 1.0, 1.0];
        RepetitionPenalty::of_prompt(2.0, Counted::First(2)).unwrap().process(&[0, 0, 1], &mut logits).unwrap();
        assert_eq!(logits, [2.0, 1.0, 1.0]);
        NoRepeatNgram { size: 1, counted: Counted::First(2) }.process(&[0, 0, 1], &mut logits).unwrap();
        assert_eq!(logits, [f32::NEG_INFINITY, 1.0, 1.0]);
    }

    #[test]
    fn tokens_of_another_sequence_count() {
        let mut logits = [1.0, 1.0, 1.0];
        let other = || Counted::Others(vec![1, 2, 2]);
        RepetitionPenalty::new(2.0, other()).unwrap().process(&[0], &mut logits).unwrap();
        assert_eq!(logits, [1.0, 0.5, 0.5]);
        NoRepeatNgram { size: 2, counted: other() }.process(&[0, 1], &mut logits).unwrap();
        assert_eq!(logits, [1.0, 0.5, f32::NEG_INFINITY]);
        let mut logits = [1.0, 1.0];
        RepetitionPenalty::new(2.0, Counted::From(1)).unwrap().process(&[0, 1], &mut logits).unwrap();
        assert_eq!(logits, [1.0, 0.5]);
    }

    #[test]
    fn an_ngram_is_not_repeated() {
        let mut logits = [0.0; 5];
        NoRepeatNgram { size: 3, counted: Counted::All }.process(&[1, 2, 3, 1, 2, 4, 1, 2], &mut logits).unwrap();
        assert_eq!(logits.map(|logit| logit == 0.0), [true, true, true, false, false]);
        let mut logits = [0.0; 3];
        NoRepeatNgram { size: 1, counted: Counted::All }.process(&[0, 2], &mut logits).unwrap();
        assert_eq!(logits.map(|logit| logit == 0.0), [false, true, false]);
        NoRepeatNgram { size: 3, counted: Counted::All }.process(&[1, 1], &mut [0.0]).unwrap();
    }
}
