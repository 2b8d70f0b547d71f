use trustformers_core::{Error, Result};

use super::LogitsProcessor;

/// Adds a bias to the logits of tokens that complete given sequences.
#[derive(Debug)]
pub(super) struct SequenceBias {
    key: &'static str,
    /// Preceding tokens, last token and bias of each sequence.
    sequences: Vec<(Vec<i64>, usize, f32)>,
    sums: Vec<(usize, f32)>,
}

impl SequenceBias {
    pub fn new(biases: &[(Vec<i64>, f64)]) -> Result<Self> {
        if biases.is_empty() {
            return Err(Error::input("sequence_bias", "is empty; expected at least one sequence"));
        }
        Self::from_sequences("sequence_bias", biases.iter().map(|(tokens, bias)| (tokens, *bias)))
    }

    /// Forbids sequences, except a single EOS token.
    pub fn bad_words(words: &[Vec<i64>], eos: &[i64]) -> Result<Self> {
        if words.is_empty() {
            return Err(Error::input("bad_words_ids", "is empty; expected at least one sequence"));
        }
        let is_end = |word: &[i64]| matches!(word, [token] if eos.contains(token));
        let words = words.iter().filter(|word| !is_end(word)).map(|word| (word, f64::NEG_INFINITY));
        Self::from_sequences("bad_words_ids", words)
    }

    fn from_sequences<'a>(key: &'static str, given: impl Iterator<Item = (&'a Vec<i64>, f64)>) -> Result<Self> {
        let mut sequences: Vec<(Vec<i64>, usize, f32)> = Vec::new();
        for (tokens, bias) in given {
            let refuse = || Error::input(key, format!("expected lists of token ids, found {tokens:?}"));
            let Some((last, before)) = tokens.split_last() else { continue };
            let last = usize::try_from(*last).map_err(|_| refuse())?;
            if before.iter().any(|&token| token < 0) {
                return Err(refuse());
            }
            // The last bias of a repeated sequence applies.
            match sequences.iter_mut().find(|other| other.0 == before && other.1 == last) {
                Some(other) => other.2 = bias as f32,
                None => sequences.push((before.to_vec(), last, bias as f32)),
            }
        }
        Ok(Self { key, sequences, sums: Vec::new() })
    }
}

impl LogitsProcessor for SequenceBias {
    fn process(&mut self, tokens: &[i64], logits: &mut [f32]) -> Result<()> {
        let vocab = logits.len();
        self.sums.clear();
        for (before, last, bias) in &self.sequences {
            let is_known = |&token: &i64| usize::try_from(token).is_ok_and(|token| token < vocab);
            if *last >= vocab || !before.iter().all(is_known) {
                let message = format!("token {last}, after {before:?}, is outside the vocabulary of {vocab} tokens");
                return Err(Error::input(self.key, message));
            }
            if !tokens.ends_with(before) {
                continue;
            }
            match self.sums.iter_mut().find(|(token, _)| token == last) {
                Some((_, sum)) => *sum += bias,
                None => self.sums.push((*last, *bias)),
            }
        }
        for (token, sum) in &self.sums {
            logits[*token] += sum;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bias_applies_where_its_sequence_would_be_completed() {
        let mut bias = SequenceBias::new(&[(vec![1], 2.0), (vec![4, 2], -3.0), (vec![9, 9, 9, 1], 5.0)]).unwrap();
        let mut logits = [1.0; 10];
        bias.process(&[3, 4], &mut logits).unwrap();
        assert_eq!(logits[..4], [1.0, 3.0, -2.0, 1.0]);
    }

    #[test]
    fn bad_words_never_forbid_eos() {
        let mut bad = SequenceBias::bad_words(&[vec![1], vec![2], vec![0, 1]], &[1]).unwrap();
        let mut logits = [0.0; 3];
        bad.process(&[5], &mut logits).unwrap();
        assert_eq!(logits, [0.0, 0.0, f32::NEG_INFINITY]);
        bad.process(&[0], &mut logits).unwrap();
        assert_eq!(logits[1], f32::NEG_INFINITY);
    }

    #[test]
    fn invalid_sequences_are_refused() {
        for words in [vec![], vec![vec![-1]], vec![vec![-1, 2]]] {
            let error = SequenceBias::bad_words(&words, &[1]).unwrap_err();
            assert!(error.to_string().starts_with("bad_words_ids"), "{error}");
        }
        let mut bias = SequenceBias::new(&[(vec![7], 1.0)]).unwrap();
        assert!(bias.process(&[], &mut [0.0; 3]).unwrap_err().to_string().contains("vocabulary of 3"));
    }
}
