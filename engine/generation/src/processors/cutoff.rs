use std::ops::ControlFlow;

use trustformers_core::{Error, Result};
use trustformers_kernels::softmax::log_softmax;

use super::LogitsProcessor;
use super::nucleus::forbid_where;
use crate::order::{kth_largest, visit_in_order};
use crate::probabilities::softmax;

/// Keeps the tokens whose surprise is nearest to the entropy, until their probabilities sum to `mass`.
pub(super) struct Typical {
    mass: f64,
    min_tokens_to_keep: usize,
    log_probabilities: Vec<f32>,
    possible: Vec<(usize, f32)>,
}

impl Typical {
    pub fn new(mass: f64, min_tokens_to_keep: usize) -> Result<Self> {
        if mass > 0.0 && mass < 1.0 {
            return Ok(Self { mass, min_tokens_to_keep, log_probabilities: Vec::new(), possible: Vec::new() });
        }
        Err(Error::input("typical_p", format!("must be between 0 and 1, found {mass}")))
    }
}

impl LogitsProcessor for Typical {
    fn process(&mut self, _tokens: &[i64], logits: &mut [f32]) -> Result<()> {
        self.log_probabilities.clear();
        self.log_probabilities.extend_from_slice(logits);
        log_softmax(&mut self.log_probabilities, logits.len().max(1));
        let log_probabilities = &self.log_probabilities;
        let entropy = -log_probabilities
            .iter()
            .filter(|log| log.is_finite())
            .map(|&log| f64::from(log) * f64::from(log.exp()))
            .sum::<f64>() as f32;
        let distance = |log: f32| (-log - entropy).abs();
        self.possible.clear();
        let finite = log_probabilities.iter().copied().enumerate().filter(|(_, log)| log.is_finite());
        self.possible.extend(finite.map(|(index, log)| (index, distance(log))));
        let (mut mass, mut num_kept, mut farthest) = (0.0, 0, None);
        let mut first = Vec::with_capacity(self.min_tokens_to_keep);
        visit_in_order(
            &mut self.possible,
            |left, right| left.1.total_cmp(&right.1).then(left.0.cmp(&right.0)),
            |&(index, distance)| {
                if num_kept < self.min_tokens_to_keep {
                    first.push(index);
                    num_kept += 1;
                }
                if farthest.is_none() {
                    mass += f64::from(log_probabilities[index].exp());
                    if mass as f32 >= self.mass as f32 {
                        farthest = Some(distance);
                    }
                }
                let is_done = farthest.is_some() && num_kept >= self.min_tokens_to_keep;
                if is_done { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
            },
        );
        let Some(farthest) = farthest else { return Ok(()) };
        forbid_where(logits, |index, _| distance(log_probabilities[index]) > farthest && !first.contains(&index));
        Ok(())
    }
}

/// Forbids tokens below a probability threshold, which for `eta_cutoff` falls with the entropy.
pub(super) struct Cutoff {
    epsilon: f32,
    is_eta: bool,
    min_tokens_to_keep: usize,
    probabilities: Vec<f32>,
}

impl Cutoff {
    pub fn epsilon(epsilon: f64, min_tokens_to_keep: usize) -> Self {
        Self { epsilon: epsilon as f32, is_eta: false, min_tokens_to_keep, probabilities: Vec::new() }
    }

    pub fn eta(epsilon: f64, min_tokens_to_keep: usize) -> Self {
        Self { is_eta: true, ..Self::epsilon(epsilon, min_tokens_to_keep) }
    }
}

impl LogitsProcessor for Cutoff {
    fn process(&mut self, _tokens: &[i64], logits: &mut [f32]) -> Result<()> {
        softmax(logits, &mut self.probabilities);
        let probabilities = &self.probabilities;
        let limit = if self.is_eta {
            let term = |&p: &f32| if p > 0.0 { f64::from(p) * f64::from(p.ln()) } else { 0.0 };
            let negative_entropy = probabilities.iter().map(term).sum::<f64>() as f32;
            self.epsilon.min(self.epsilon.sqrt() * negative_entropy.exp())
        } else {
            self.epsilon
        };
        let least = kth_largest(logits, self.min_tokens_to_keep, &mut Vec::new());
        forbid_where(logits, |index, logit| probabilities[index] < limit && logit < least);
        Ok(())
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
    fn typical_keeps_tokens_of_average_surprise() {
        // The entropy is 1.15 nats, nearest to the surprise of a quarter.
        let probabilities = [0.5, 0.25, 0.2, 0.05, 0.0];
        assert_eq!(kept(Typical::new(0.2, 1).unwrap(), &probabilities), [1]);
        assert_eq!(kept(Typical::new(0.4, 1).unwrap(), &probabilities), [1, 2]);
        assert_eq!(kept(Typical::new(0.2, 2).unwrap(), &probabilities).len(), 2);
        assert!(Typical::new(1.0, 1).is_err());
    }

    #[test]
    fn cutoffs_keep_the_most_likely_tokens() {
        let probabilities = [0.5, 0.25, 0.2, 0.05];
        assert_eq!(kept(Cutoff::epsilon(0.22, 1), &probabilities), [0, 1]);
        assert_eq!(kept(Cutoff::epsilon(0.9, 1), &probabilities), [0]);
        assert_eq!(kept(Cutoff::epsilon(0.9, 2), &probabilities), [0, 1]);
        // min(0.3, sqrt(0.3) exp(-1.165)) = 0.171
        assert_eq!(kept(Cutoff::eta(0.3, 1), &probabilities), [0, 1, 2]);
    }
}
