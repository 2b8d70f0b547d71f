use std::ops::ControlFlow;

use trustformers_core::{Error, Result};

use super::LogitsProcessor;
use crate::order::{descending, kth_largest, top, visit_in_order};
use crate::probabilities::softmax;

/// Number of most likely tokens that `top_h` considers. **Source:** `TopHLogitsWarper` of transformers 5.23.0.
const TOP_H_TOKENS: usize = 100;

/// Keeps the `k` most likely tokens, and ties with the last of them.
pub(super) struct TopK {
    k: usize,
    scratch: Vec<f32>,
}

impl TopK {
    pub fn new(k: i64, min_tokens_to_keep: usize) -> Result<Self> {
        match usize::try_from(k) {
            Ok(k) if k > 0 => Ok(Self { k: k.max(min_tokens_to_keep), scratch: Vec::new() }),
            _ => Err(Error::input("top_k", format!("must be greater than 0, found {k}"))),
        }
    }
}

impl LogitsProcessor for TopK {
    fn process(&mut self, _tokens: &[i64], logits: &mut [f32]) -> Result<()> {
        let least = kth_largest(logits, self.k, &mut self.scratch);
        forbid_where(logits, |_, logit| logit < least);
        Ok(())
    }
}

/// Keeps the most likely tokens whose probabilities sum to `p`.
pub(super) struct TopP {
    p: f64,
    min_tokens_to_keep: usize,
    probabilities: Vec<f32>,
    possible: Vec<(usize, f32)>,
}

impl TopP {
    pub fn new(p: f64, min_tokens_to_keep: usize) -> Result<Self> {
        if (0.0..=1.0).contains(&p) {
            return Ok(Self { p, min_tokens_to_keep, probabilities: Vec::new(), possible: Vec::new() });
        }
        Err(Error::input("top_p", format!("must be between 0 and 1, found {p}")))
    }
}

impl LogitsProcessor for TopP {
    fn process(&mut self, _tokens: &[i64], logits: &mut [f32]) -> Result<()> {
        softmax(logits, &mut self.probabilities);
        // Tokens below this probability sum to less than 1 - p in total and need no sorting.
        let negligible = match self.min_tokens_to_keep {
            1 => 0.999 * (1.0 - self.p) as f32 / logits.len() as f32,
            _ => 0.0,
        };
        self.possible.clear();
        let possible = self.probabilities.iter().copied().enumerate();
        self.possible.extend(possible.filter(|(_, probability)| *probability > negligible));
        // The reference removes a token if it and all less likely ones sum to 1 - p at most; of equally likely tokens,
        // the later index counts as more likely.
        let removed_mass = (1.0 - self.p) as f32;
        let (mut num_kept, mut kept_mass) = (0, 0.0);
        let min = self.min_tokens_to_keep;
        let mut least = None;
        visit_in_order(
            &mut self.possible,
            |left, right| descending(left.1, right.1).then(right.0.cmp(&left.0)),
            |&(index, probability)| {
                if num_kept >= min && (1.0 - kept_mass) as f32 <= removed_mass {
                    return ControlFlow::Break(());
                }
                num_kept += 1;
                kept_mass += f64::from(probability);
                least = Some((index, probability));
                ControlFlow::Continue(())
            },
        );
        let Some((last_index, last)) = least else { return Ok(()) };
        let probabilities = &self.probabilities;
        forbid_where(logits, |index, _| {
            probabilities[index] < last || (probabilities[index] == last && index < last_index)
        });
        Ok(())
    }
}

/// Keeps the tokens that are at least `min_p` times as likely as the most likely one.
pub(super) struct MinP {
    min_p: f32,
    min_tokens_to_keep: usize,
    probabilities: Vec<f32>,
}

impl MinP {
    pub fn new(min_p: f64, min_tokens_to_keep: usize) -> Result<Self> {
        if (0.0..=1.0).contains(&min_p) {
            return Ok(Self { min_p: min_p as f32, min_tokens_to_keep, probabilities: Vec::new() });
        }
        Err(Error::input("min_p", format!("must be between 0 and 1, found {min_p}")))
    }
}

impl LogitsProcessor for MinP {
    fn process(&mut self, _tokens: &[i64], logits: &mut [f32]) -> Result<()> {
        softmax(logits, &mut self.probabilities);
        let kept = top(self.probabilities.iter().copied(), self.min_tokens_to_keep);
        let least = self.min_p * kept.first().map_or(0.0, |(_, most)| *most);
        let probabilities = &self.probabilities;
        forbid_where(logits, |index, _| probabilities[index] < least && kept.iter().all(|(other, _)| *other != index));
        Ok(())
    }
}

/// Keeps the most likely tokens while their entropy is at most the share `h` of the total entropy.
pub(super) struct TopH(f64);

impl TopH {
    pub fn new(h: f64) -> Result<Self> {
        if h > 0.0 && h <= 1.0 {
            return Ok(Self(h));
        }
        Err(Error::input("top_h", format!("must be above 0 and at most 1, found {h}")))
    }
}

impl LogitsProcessor for TopH {
    fn process(&mut self, _tokens: &[i64], logits: &mut [f32]) -> Result<()> {
        let candidates = top(logits.iter().copied(), TOP_H_TOKENS);
        let mut probabilities = Vec::new();
        softmax(&candidates.iter().map(|(_, logit)| *logit).collect::<Vec<_>>(), &mut probabilities);
        let terms = || probabilities.iter().map(|&p| f64::from(if p > 0.0 { -p * p.ln() } else { 0.0 }));
        let limit = terms().sum::<f64>() * self.0;
        let mut entropy = 0.0;
        let mut kept = vec![false; logits.len()];
        for (rank, ((index, _), term)) in candidates.iter().zip(terms()).enumerate() {
            entropy += term;
            kept[*index] = rank == 0 || entropy as f32 <= limit as f32;
        }
        forbid_where(logits, |index, _| !kept[index]);
        Ok(())
    }
}

/// Sets the logits of tokens that meet a condition to minus infinity.
pub(super) fn forbid_where(logits: &mut [f32], is_forbidden: impl Fn(usize, f32) -> bool) {
    for (index, logit) in logits.iter_mut().enumerate() {
        if is_forbidden(index, *logit) {
            *logit = f32::NEG_INFINITY;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(mut processor: impl LogitsProcessor, probabilities: &[f32]) -> Vec<usize> {
        let mut logits: Vec<f32> = probabilities.iter().map(|probability| probability.ln()).collect();
        processor.process(&[], &mut logits).unwrap();
        (0..logits.len()).filter(|&index| logits[index] > f32::NEG_INFINITY).collect()
    }

    #[test]
    fn top_k_keeps_ties_with_the_last() {
        assert_eq!(kept(TopK::new(2, 1).unwrap(), &[0.1, 0.4, 0.2, 0.2, 0.1]), [1, 2, 3]);
        assert_eq!(kept(TopK::new(1, 3).unwrap(), &[0.1, 0.5, 0.15, 0.25]), [1, 2, 3]);
        assert_eq!(kept(TopK::new(9, 1).unwrap(), &[0.5, 0.5]), [0, 1]);
        assert!(TopK::new(0, 1).is_err() && TopK::new(-1, 1).is_err());
    }

    #[test]
    fn top_p_keeps_the_token_that_crosses_the_limit() {
        let probabilities = [0.1, 0.4, 0.3, 0.2];
        assert_eq!(kept(TopP::new(0.5, 1).unwrap(), &probabilities), [1, 2]);
        assert_eq!(kept(TopP::new(0.95, 1).unwrap(), &probabilities), [0, 1, 2, 3]);
        assert_eq!(kept(TopP::new(0.0, 1).unwrap(), &probabilities), [1]);
        assert_eq!(kept(TopP::new(0.0, 3).unwrap(), &probabilities), [1, 2, 3]);
        assert_eq!(kept(TopP::new(0.5, 1).unwrap(), &[0.25; 4]), [2, 3]);
        assert!(TopP::new(1.5, 1).is_err());
    }

    #[test]
    fn min_p_is_relative_to_the_most_likely_token() {
        let probabilities = [0.08, 0.5, 0.3, 0.12];
        assert_eq!(kept(MinP::new(0.5, 1).unwrap(), &probabilities), [1, 2]);
        assert_eq!(kept(MinP::new(1.0, 3).unwrap(), &probabilities), [1, 2, 3]);
        assert_eq!(kept(MinP::new(0.0, 1).unwrap(), &probabilities), [0, 1, 2, 3]);
        assert!(MinP::new(-0.1, 1).is_err());
    }

    #[test]
    fn top_h_keeps_at_least_the_most_likely_token() {
        assert_eq!(kept(TopH::new(0.01).unwrap(), &[0.1, 0.6, 0.3]), [1]);
        assert_eq!(kept(TopH::new(1.0).unwrap(), &[0.1, 0.6, 0.3]), [0, 1, 2]);
        assert!(TopH::new(0.0).is_err());
    }
}
