use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};
use trustformers_core::{Error, Result};

use crate::order::top;
use crate::probabilities::maximum;

/// Samples tokens reproducibly from a seed.
#[derive(Debug)]
pub(crate) struct Sampler {
    random: ChaCha8Rng,
    /// Tokens with a nonzero probability, and their weights.
    possible: Vec<(usize, f32)>,
}

impl Sampler {
    /// A sampler for `stream`: each row of a call has its own, so that no row depends on how many there are.
    pub fn new(seed: u64, stream: u64) -> Self {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        random.set_stream(stream);
        Self { random, possible: Vec::new() }
    }

    /// A uniform random number in `[0, 1)`.
    pub fn uniform(&mut self) -> f64 {
        (self.random.next_u64() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Samples a token from the softmax of `logits`.
    pub fn draw(&mut self, logits: &[f32]) -> Result<usize> {
        let most = check_possible(logits)?;
        self.possible.clear();
        let possible = logits.iter().enumerate().filter(|(_, logit)| **logit > f32::NEG_INFINITY);
        self.possible.extend(possible.map(|(index, &logit)| (index, (logit - most).exp())));
        let uniform = self.uniform();
        pick(uniform, self.possible.iter().copied())
    }

    /// Samples an index by weights that need not sum to one.
    pub fn draw_weighted(&mut self, weights: &[f32]) -> Result<usize> {
        pick(self.uniform(), weights.iter().copied().enumerate())
    }

    /// Samples distinct indices from the softmax of `logits`, in sampling order; impossible ones only after all others.
    ///
    /// **Source:** the largest Gumbel-perturbed logits are a sample without replacement (arXiv 1903.06059, section 3).
    pub fn draw_distinct(&mut self, logits: &[f32], count: usize) -> Result<Vec<usize>> {
        check_possible(logits)?;
        let perturbed: Vec<f32> = logits
            .iter()
            .map(|&logit| match logit {
                f32::NEG_INFINITY => logit,
                // 1 - u is above 0.
                _ => (f64::from(logit) - (-(1.0 - self.uniform()).ln()).ln()) as f32,
            })
            .collect();
        Ok(top(perturbed, count).into_iter().map(|(index, _)| index).collect())
    }
}

/// The index at the share `uniform` of the weights' sum.
fn pick(uniform: f64, weights: impl Iterator<Item = (usize, f32)> + Clone) -> Result<usize> {
    let sum: f64 = weights.clone().map(|(_, weight)| f64::from(weight)).sum();
    let mut left = uniform * sum;
    let mut picked = None;
    for (index, weight) in weights.filter(|(_, weight)| *weight > 0.0) {
        picked = Some(index);
        left -= f64::from(weight);
        if left < 0.0 {
            break;
        }
    }
    // Rounding may leave a rest after the last weight; it belongs to the last index.
    picked.ok_or_else(|| Error::input("logits", "no token has a positive probability; none can be sampled"))
}

/// The largest logit; refuses logits that no token can be sampled from.
pub(crate) fn check_possible(logits: &[f32]) -> Result<f32> {
    let most = maximum(logits);
    if most.is_finite() {
        return Ok(most);
    }
    let found = if most.is_nan() {
        "are not numbers (NaN)"
    } else if most > 0.0 {
        "are infinite"
    } else {
        "are all minus infinity: every token was forbidden"
    };
    Err(Error::input("logits", format!("the logits of the next token {found}; no token can be selected")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::probabilities::softmax;

    const LOGITS: [f32; 5] = [0.0, 1.0, f32::NEG_INFINITY, -1.5, 0.75];

    fn distribution(logits: &[f32]) -> Vec<f64> {
        let mut probabilities = Vec::new();
        softmax(logits, &mut probabilities);
        probabilities.into_iter().map(f64::from).collect()
    }

    fn total_variation(counts: &[usize], expected: &[f64]) -> f64 {
        let draws = counts.iter().sum::<usize>() as f64;
        counts.iter().zip(expected).map(|(&count, expected)| (count as f64 / draws - expected).abs()).sum::<f64>() / 2.0
    }

    #[test]
    fn samples_follow_the_distribution() {
        let mut sampler = Sampler::new(1, 0);
        let mut counts = [0; 5];
        for _ in 0..100_000 {
            counts[sampler.draw(&LOGITS).unwrap()] += 1;
        }
        // With 5 outcomes and 1e5 draws the expected distance is about 0.003.
        assert!(total_variation(&counts, &distribution(&LOGITS)) < 0.01, "{counts:?}");
        assert_eq!(counts[2], 0);
    }

    #[test]
    fn distinct_samples_follow_the_distribution_without_replacement() {
        let mut sampler = Sampler::new(2, 0);
        let expected = distribution(&LOGITS);
        let mut firsts = [0; 5];
        let mut seconds = [0; 5];
        for _ in 0..100_000 {
            let drawn = sampler.draw_distinct(&LOGITS, 2).unwrap();
            firsts[drawn[0]] += 1;
            seconds[drawn[1]] += 1;
        }
        let second = |index: usize| -> f64 {
            let others = expected.iter().enumerate().filter(|(other, _)| *other != index);
            others.map(|(_, first)| first * expected[index] / (1.0 - first)).sum()
        };
        assert!(total_variation(&firsts, &expected) < 0.01, "{firsts:?}");
        assert!(total_variation(&seconds, &[0, 1, 2, 3, 4].map(second)) < 0.01, "{seconds:?}");
    }

    #[test]
    fn impossible_indices_come_last() {
        let drawn = Sampler::new(3, 0).draw_distinct(&LOGITS, 5).unwrap();
        assert_eq!(drawn[4], 2);
    }

    #[test]
    fn a_seed_and_a_stream_are_reproducible() {
        let draws = |seed, stream| {
            let mut sampler = Sampler::new(seed, stream);
            (0..20).map(|_| sampler.draw(&LOGITS).unwrap()).collect::<Vec<_>>()
        };
        assert_eq!(draws(5, 1), draws(5, 1));
        assert_ne!(draws(5, 1), draws(5, 2));
        assert_ne!(draws(5, 1), draws(6, 1));
    }

    #[test]
    fn logits_without_a_distribution_are_refused() {
        let infinity = f32::INFINITY;
        for (logits, word) in [
            ([f32::NAN, 1.0], "NaN"),
            ([-infinity; 2], "forbidden"),
            ([infinity, 0.0], "infinite"),
            ([1.0, f32::NAN], "NaN"),
        ] {
            let error = Sampler::new(0, 0).draw(&logits).unwrap_err();
            assert!(error.code() == "input" && error.to_string().contains(word), "{error}");
            assert!(Sampler::new(0, 0).draw_distinct(&logits, 1).is_err());
        }
    }
}
