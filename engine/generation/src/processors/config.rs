use trustformers_core::{Error, Result};

use super::LogitsProcessor;
use super::bias::SequenceBias;
use super::cutoff::{Cutoff, Typical};
use super::ends::{ExponentialDecay, Forced, MinLength};
use super::nucleus::{MinP, TopH, TopK, TopP};
use super::repetition::{Counted, NoRepeatNgram, RepetitionPenalty};
use super::scale::{Renormalize, Temperature};
use super::suppress::{RemoveInvalid, Suppress};
use super::watermark::{Watermark, WatermarkConfig};

/// The parameters of one processor, which has no other settings of a `generate` call.
///
/// Lengths are numbers of tokens of a sequence, padding included.
///
/// **Source:** the classes of `generation/logits_process.py` of transformers 5.23.0.
#[derive(Clone, Debug)]
#[allow(missing_docs)]
pub enum ProcessorConfig {
    Temperature(f64),
    TopK {
        k: i64,
        min_tokens_to_keep: usize,
    },
    TopP {
        p: f64,
        min_tokens_to_keep: usize,
    },
    TopH(f64),
    MinP {
        min_p: f64,
        min_tokens_to_keep: usize,
    },
    Typical {
        mass: f64,
        min_tokens_to_keep: usize,
    },
    Epsilon {
        epsilon: f64,
        min_tokens_to_keep: usize,
    },
    Eta {
        epsilon: f64,
        min_tokens_to_keep: usize,
    },
    /// Tokens before the index `ignored` do not count: one index for each row, or one for all; empty for none.
    RepetitionPenalty {
        penalty: f64,
        ignored: Vec<usize>,
    },
    EncoderRepetitionPenalty {
        penalty: f64,
        prompts: Vec<Vec<i64>>,
    },
    NoRepeatNgram {
        size: usize,
    },
    EncoderNoRepeatNgram {
        size: usize,
        prompts: Vec<Vec<i64>>,
    },
    SequenceBias(Vec<(Vec<i64>, f64)>),
    BadWords {
        words: Vec<Vec<i64>>,
        eos: Vec<i64>,
    },
    MinLength {
        min: usize,
        eos: Vec<i64>,
    },
    ForcedBos(i64),
    ForcedEos {
        max_length: usize,
        eos: Vec<i64>,
    },
    ExponentialDecay {
        start: i64,
        factor: f64,
        eos: Vec<i64>,
    },
    /// Forbids tokens at the length `at`, or at every length.
    Suppress {
        tokens: Vec<i64>,
        at: Option<usize>,
    },
    /// The finite values that replace infinite ones are `most` and `-most`.
    RemoveInvalid {
        most: f32,
    },
    Renormalize,
    Watermark(WatermarkConfig),
}

impl ProcessorConfig {
    /// The processor of the row with index `row` of `num_rows`.
    fn build(&self, row: usize, num_rows: usize) -> Result<Box<dyn LogitsProcessor>> {
        let kept = |count: usize| match count {
            0 => Err(Error::input("min_tokens_to_keep", "must be at least 1, found 0")),
            _ => Ok(count),
        };
        Ok(match self {
            Self::Temperature(temperature) => Box::new(Temperature::new(*temperature)?),
            Self::TopK { k, min_tokens_to_keep } => Box::new(TopK::new(*k, *min_tokens_to_keep)?),
            Self::TopP { p, min_tokens_to_keep } => Box::new(TopP::new(*p, kept(*min_tokens_to_keep)?)?),
            Self::TopH(h) => Box::new(TopH::new(*h)?),
            Self::MinP { min_p, min_tokens_to_keep } => Box::new(MinP::new(*min_p, kept(*min_tokens_to_keep)?)?),
            Self::Typical { mass, min_tokens_to_keep } => Box::new(Typical::new(*mass, kept(*min_tokens_to_keep)?)?),
            Self::Epsilon { epsilon, min_tokens_to_keep } => {
                Box::new(Cutoff::epsilon(share("epsilon_cutoff", *epsilon)?, kept(*min_tokens_to_keep)?))
            }
            Self::Eta { epsilon, min_tokens_to_keep } => {
                Box::new(Cutoff::eta(share("eta_cutoff", *epsilon)?, kept(*min_tokens_to_keep)?))
            }
            Self::RepetitionPenalty { penalty, ignored } => {
                let counted = match &ignored[..] {
                    [] => Counted::All,
                    [start] => Counted::From(*start),
                    starts if starts.len() == num_rows => Counted::From(starts[row]),
                    starts => {
                        let message = format!("has {} values for {num_rows} sequences", starts.len());
                        return Err(Error::input("prompt_ignore_length", message));
                    }
                };
                Box::new(RepetitionPenalty::new(*penalty, counted)?)
            }
            Self::EncoderRepetitionPenalty { penalty, prompts } => {
                Box::new(RepetitionPenalty::of_prompt(*penalty, prompt_of(prompts, row, num_rows)?)?)
            }
            Self::NoRepeatNgram { size } => Box::new(NoRepeatNgram { size: ngram(*size)?, counted: Counted::All }),
            Self::EncoderNoRepeatNgram { size, prompts } => {
                Box::new(NoRepeatNgram { size: ngram(*size)?, counted: prompt_of(prompts, row, num_rows)? })
            }
            Self::SequenceBias(biases) => Box::new(SequenceBias::new(biases)?),
            Self::BadWords { words, eos } => Box::new(SequenceBias::bad_words(words, eos)?),
            Self::MinLength { min, eos } => Box::new(MinLength { padding: 0, min: *min, eos: eos.clone() }),
            Self::ForcedBos(token) => {
                Box::new(Forced { key: "bos_token_id", padding: 0, at: 1, allowed: vec![*token] })
            }
            Self::ForcedEos { max_length, eos } => {
                // No sequence has this length if the maximum is zero.
                let at = max_length.checked_sub(1).unwrap_or(usize::MAX);
                Box::new(Forced { key: "eos_token_id", padding: 0, at, allowed: eos.clone() })
            }
            Self::ExponentialDecay { start, factor, eos } => {
                Box::new(ExponentialDecay { padding: 0, start: *start, factor: *factor, eos: eos.clone() })
            }
            Self::Suppress { tokens, at } => Box::new(Suppress { padding: 0, at: *at, tokens: tokens.clone() }),
            Self::RemoveInvalid { most } => Box::new(RemoveInvalid { most: *most }),
            Self::Renormalize => Box::new(Renormalize),
            Self::Watermark(config) => Box::new(Watermark::new(config.clone())?),
        })
    }
}

fn share(key: &str, value: f64) -> Result<f64> {
    if value > 0.0 && value < 1.0 {
        return Ok(value);
    }
    Err(Error::input(key, format!("must be between 0 and 1, found {value}")))
}

fn ngram(size: usize) -> Result<usize> {
    if size > 0 { Ok(size) } else { Err(Error::input("ngram_size", "must be at least 1, found 0")) }
}

/// The prompt of a row; several rows in a row may continue one prompt.
fn prompt_of(prompts: &[Vec<i64>], row: usize, num_rows: usize) -> Result<Counted> {
    let copies = num_rows.checked_div(prompts.len()).unwrap_or(0).max(1);
    match prompts.get(row / copies) {
        Some(prompt) => Ok(Counted::Others(prompt.clone())),
        None => {
            let message = format!("has {} rows for {num_rows} sequences", prompts.len());
            Err(Error::input("encoder_input_ids", message))
        }
    }
}

/// One processor for all sequences of a padded batch.
pub struct BatchProcessor {
    config: ProcessorConfig,
    rows: Vec<Box<dyn LogitsProcessor>>,
}

impl BatchProcessor {
    /// A processor of the given parameters.
    ///
    /// **Errors:** `Input` naming a parameter with an invalid value.
    pub fn new(config: ProcessorConfig) -> Result<Self> {
        if !matches!(
            config,
            ProcessorConfig::RepetitionPenalty { .. }
                | ProcessorConfig::EncoderRepetitionPenalty { .. }
                | ProcessorConfig::EncoderNoRepeatNgram { .. }
        ) {
            config.build(0, 1)?;
        }
        Ok(Self { config, rows: Vec::new() })
    }

    /// Processes the logits of the next token of `num_rows` sequences, padding included.
    ///
    /// **Shapes:** `ids`: `[num_rows, seq]`; `logits`: `[num_rows, vocab]`.
    ///
    /// **Errors:** `Input` if the parameters do not fit the vocabulary or the number of rows.
    pub fn process(&mut self, ids: &[i64], logits: &mut [f32], num_rows: usize) -> Result<()> {
        if num_rows == 0 || logits.is_empty() {
            return Ok(());
        }
        if self.rows.len() != num_rows {
            self.rows = (0..num_rows).map(|row| self.config.build(row, num_rows)).collect::<Result<_>>()?;
        }
        let (seq, vocab) = (ids.len() / num_rows, logits.len() / num_rows);
        for (row, (processor, logits)) in self.rows.iter_mut().zip(logits.chunks_exact_mut(vocab)).enumerate() {
            processor.process(&ids[row * seq..][..seq], logits)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn processed(config: ProcessorConfig, ids: &[i64], mut logits: Vec<f32>, num_rows: usize) -> Result<Vec<f32>> {
        BatchProcessor::new(config)?.process(ids, &mut logits, num_rows).map(|()| logits)
    }

    #[test]
    fn each_row_is_processed_with_its_own_tokens() {
        let config = ProcessorConfig::NoRepeatNgram { size: 1 };
        let none = f32::NEG_INFINITY;
        assert_eq!(processed(config, &[0, 0, 1, 2], vec![1.0; 6], 2).unwrap(), [none, 1.0, 1.0, 1.0, none, none]);
    }

    #[test]
    fn rows_share_the_prompt_that_they_continue() {
        let prompts = vec![vec![0], vec![1]];
        let config = ProcessorConfig::EncoderRepetitionPenalty { penalty: 2.0, prompts };
        let found = processed(config.clone(), &[5; 4], vec![1.0; 8], 4).unwrap();
        assert_eq!(found, [2.0, 1.0, 2.0, 1.0, 1.0, 2.0, 1.0, 2.0]);
        let config = ProcessorConfig::RepetitionPenalty { penalty: 2.0, ignored: vec![0, 1] };
        assert_eq!(processed(config, &[0, 1, 0, 1], vec![1.0; 4], 2).unwrap(), [0.5, 0.5, 1.0, 0.5]);
    }

    #[test]
    fn parameters_that_do_not_fit_the_rows_are_refused() {
        for (key, config) in [
            ("prompt_ignore_length", ProcessorConfig::RepetitionPenalty { penalty: 2.0, ignored: vec![0, 1] }),
            ("encoder_input_ids", ProcessorConfig::EncoderNoRepeatNgram { size: 1, prompts: Vec::new() }),
        ] {
            let error = processed(config, &[0; 3], vec![1.0; 6], 3).unwrap_err().to_string();
            assert!(error.starts_with(key), "{error}");
        }
    }

    #[test]
    fn invalid_parameters_are_refused_when_a_processor_is_built() {
        for (key, config) in [
            ("temperature", ProcessorConfig::Temperature(0.0)),
            ("min_tokens_to_keep", ProcessorConfig::TopP { p: 0.5, min_tokens_to_keep: 0 }),
            ("epsilon_cutoff", ProcessorConfig::Epsilon { epsilon: 0.0, min_tokens_to_keep: 1 }),
            ("eta_cutoff", ProcessorConfig::Eta { epsilon: 1.0, min_tokens_to_keep: 1 }),
            ("ngram_size", ProcessorConfig::NoRepeatNgram { size: 0 }),
        ] {
            let error = BatchProcessor::new(config).err().unwrap().to_string();
            assert!(error.starts_with(key), "{error}");
        }
    }
}
