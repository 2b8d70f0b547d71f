use serde::Deserialize;
use trustformers_core::{Error, Result};

use super::LogitsProcessor;
use crate::mersenne_twister::MersenneTwister;
use crate::order::top;

/// Number of hash values of `selfhash`. **Source:** `WatermarkLogitsProcessor` of transformers 5.23.0.
const TABLE_SIZE: usize = 1_000_003;
/// Number of most likely tokens that `selfhash` considers.
const NUM_CANDIDATES: usize = 40;

/// Settings of a watermark: the keys of `watermarking_config`.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct WatermarkConfig {
    /// Share of the vocabulary that becomes more likely.
    pub greenlist_ratio: f64,
    /// What is added to the logits of these tokens.
    pub bias: f64,
    /// Key of the pseudorandom choice.
    pub hashing_key: i64,
    /// `lefthash` or `selfhash`.
    pub seeding_scheme: String,
    /// Number of last tokens that `selfhash` depends on.
    pub context_width: usize,
}

impl Default for WatermarkConfig {
    fn default() -> Self {
        Self {
            greenlist_ratio: 0.25,
            bias: 2.0,
            hashing_key: 15_485_863,
            seeding_scheme: "lefthash".to_owned(),
            context_width: 1,
        }
    }
}

/// Adds a bias to the tokens of a pseudorandom list, which depends on the last tokens.
///
/// **Source:** arXiv 2301.10226 and arXiv 2306.04634; `WatermarkLogitsProcessor` of transformers 5.23.0.
pub struct Watermark {
    config: WatermarkConfig,
    /// Hash values of `selfhash`; empty for `lefthash`.
    table: Vec<i64>,
}

impl Watermark {
    /// A watermark of the given settings.
    ///
    /// **Errors:** `Input` naming a setting with an invalid value.
    pub fn new(config: WatermarkConfig) -> Result<Self> {
        if !(config.greenlist_ratio > 0.0 && config.greenlist_ratio < 1.0) {
            let message = format!("must be between 0 and 1, found {}", config.greenlist_ratio);
            return Err(Error::input("greenlist_ratio", message));
        }
        if config.context_width == 0 {
            return Err(Error::input("context_width", "must be at least 1, found 0"));
        }
        let table = match config.seeding_scheme.as_str() {
            "lefthash" => Vec::new(),
            "selfhash" => {
                let permuted = MersenneTwister::new(config.hashing_key as u64).permutation(TABLE_SIZE, TABLE_SIZE);
                permuted.into_iter().map(|index| index as i64).collect()
            }
            other => {
                let message = format!("\"{other}\" is not one of \"lefthash\", \"selfhash\"");
                return Err(Error::input("seeding_scheme", message));
            }
        };
        Ok(Self { config, table })
    }

    /// The tokens that are more likely after `tokens`, which for `selfhash` end with the token itself.
    pub fn greenlist(&self, tokens: &[i64], vocab_size: usize) -> Vec<usize> {
        let size = (vocab_size as f64 * self.config.greenlist_ratio) as usize;
        MersenneTwister::new(self.seed(tokens)).permutation(vocab_size, size)
    }

    fn seed(&self, tokens: &[i64]) -> u64 {
        let Some(&last) = tokens.last() else { return 0 };
        if self.table.is_empty() {
            let seed = i128::from(self.config.hashing_key) * i128::from(last);
            return u64::try_from(seed.rem_euclid(i128::from(u64::MAX))).unwrap_or_default();
        }
        let hash = |token: i64| self.table[token.rem_euclid(TABLE_SIZE as i64) as usize] + 1;
        let context = &tokens[tokens.len().saturating_sub(self.config.context_width)..];
        let seed = |token: i64| self.config.hashing_key.wrapping_mul(hash(token)).wrapping_mul(hash(last));
        let least = context.iter().map(|&token| seed(token)).min().unwrap_or_default();
        u64::try_from(i128::from(least).rem_euclid(i128::from(u64::MAX))).unwrap_or_default()
    }
}

impl LogitsProcessor for Watermark {
    fn process(&mut self, tokens: &[i64], logits: &mut [f32]) -> Result<()> {
        if tokens.len() < self.config.context_width {
            return Ok(());
        }
        let green = if self.table.is_empty() {
            self.greenlist(tokens, logits.len())
        } else {
            let mut extended = tokens.to_vec();
            let candidates = top(logits.iter().copied(), NUM_CANDIDATES).into_iter().map(|(index, _)| index);
            let is_green = |&index: &usize| {
                extended.push(index as i64);
                let is_green = self.greenlist(&extended, logits.len()).contains(&index);
                extended.pop();
                is_green
            };
            candidates.filter(is_green).collect()
        };
        green.into_iter().for_each(|index| logits[index] += self.config.bias as f32);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn green(config: WatermarkConfig) -> Vec<usize> {
        let before: Vec<f32> = (0..50).map(|index| (index * 7 % 50) as f32 / 10.0).collect();
        let mut logits = before.clone();
        Watermark::new(config).unwrap().process(&[3, 17, 5], &mut logits).unwrap();
        (0..50).filter(|&index| logits[index] != before[index]).collect()
    }

    #[test]
    fn the_tokens_are_those_of_transformers() {
        // WatermarkLogitsProcessor of transformers 5.23.0 with torch 2.15.0.
        let expected = [1, 2, 4, 8, 9, 12, 14, 19, 20, 31, 32, 40];
        assert_eq!(green(WatermarkConfig::default()), expected);
        let config = WatermarkConfig { seeding_scheme: "selfhash".to_owned(), context_width: 2, ..Default::default() };
        assert_eq!(green(config), [13, 14, 16, 18, 19, 47]);
    }

    #[test]
    fn short_sequences_and_invalid_settings() {
        let wide = WatermarkConfig { context_width: 4, ..Default::default() };
        assert!(green(wide.clone()).is_empty());
        for (key, config) in [
            ("greenlist_ratio", WatermarkConfig { greenlist_ratio: 1.0, ..Default::default() }),
            ("context_width", WatermarkConfig { context_width: 0, ..wide }),
            ("seeding_scheme", WatermarkConfig { seeding_scheme: "hash".to_owned(), ..Default::default() }),
        ] {
            let error = Watermark::new(config).err().unwrap().to_string();
            assert!(error.starts_with(key), "{error}");
        }
    }
}
