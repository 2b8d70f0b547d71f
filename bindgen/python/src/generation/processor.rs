//! Logits processors with the parameters of transformers' classes.

use numpy::{PyArray1, PyArray2, PyArrayMethods, PyReadonlyArray2, PyUntypedArrayMethods};
use pyo3::prelude::*;
use pyo3_stub_gen::derive::{gen_stub_pyclass, gen_stub_pymethods};
use trustformers::generation::{
    BatchProcessor, PrefixAllowedTokens, ProcessorConfig, Watermark, WatermarkConfig, constrain_rows,
};
use trustformers::{Error, Result};

use super::calls::{Hooks, allowed_tokens};
use crate::arrays::Ids;
use crate::door;

/// A change of the scores of next tokens. Tokens that a processor excludes get the score `filter_value`.
#[gen_stub_pyclass]
#[pyclass(name = "LogitsProcessor", frozen)]
pub struct PyLogitsProcessor {
    kind: Kind,
    filter_value: f32,
}

enum Kind {
    Config(ProcessorConfig),
    Prefix { allowed: Py<PyAny>, num_beams: usize },
}

const NONE: f32 = f32::NEG_INFINITY;

#[gen_stub_pymethods]
#[pymethods]
impl PyLogitsProcessor {
    #[staticmethod]
    fn temperature(py: Python<'_>, temperature: f64) -> PyResult<Self> {
        Self::new(py, ProcessorConfig::Temperature(temperature), NONE)
    }

    #[staticmethod]
    fn top_k(py: Python<'_>, k: i64, filter_value: f32, min_tokens_to_keep: usize) -> PyResult<Self> {
        Self::new(py, ProcessorConfig::TopK { k, min_tokens_to_keep }, filter_value)
    }

    #[staticmethod]
    fn top_p(py: Python<'_>, p: f64, filter_value: f32, min_tokens_to_keep: usize) -> PyResult<Self> {
        Self::new(py, ProcessorConfig::TopP { p, min_tokens_to_keep }, filter_value)
    }

    #[staticmethod]
    fn top_h(py: Python<'_>, h: f64, filter_value: f32) -> PyResult<Self> {
        Self::new(py, ProcessorConfig::TopH(h), filter_value)
    }

    #[staticmethod]
    fn min_p(py: Python<'_>, min_p: f64, filter_value: f32, min_tokens_to_keep: usize) -> PyResult<Self> {
        Self::new(py, ProcessorConfig::MinP { min_p, min_tokens_to_keep }, filter_value)
    }

    #[staticmethod]
    fn typical(py: Python<'_>, mass: f64, filter_value: f32, min_tokens_to_keep: usize) -> PyResult<Self> {
        Self::new(py, ProcessorConfig::Typical { mass, min_tokens_to_keep }, filter_value)
    }

    #[staticmethod]
    fn epsilon(py: Python<'_>, epsilon: f64, filter_value: f32, min_tokens_to_keep: usize) -> PyResult<Self> {
        Self::new(py, ProcessorConfig::Epsilon { epsilon, min_tokens_to_keep }, filter_value)
    }

    #[staticmethod]
    fn eta(py: Python<'_>, epsilon: f64, filter_value: f32, min_tokens_to_keep: usize) -> PyResult<Self> {
        Self::new(py, ProcessorConfig::Eta { epsilon, min_tokens_to_keep }, filter_value)
    }

    /// Tokens before the index `ignored` do not count: one index for each row, or one for all; none if empty.
    #[staticmethod]
    fn repetition_penalty(py: Python<'_>, penalty: f64, ignored: Vec<usize>) -> PyResult<Self> {
        Self::new(py, ProcessorConfig::RepetitionPenalty { penalty, ignored }, NONE)
    }

    #[staticmethod]
    fn encoder_repetition_penalty(py: Python<'_>, penalty: f64, prompts: Vec<Vec<i64>>) -> PyResult<Self> {
        Self::new(py, ProcessorConfig::EncoderRepetitionPenalty { penalty, prompts }, NONE)
    }

    #[staticmethod]
    fn no_repeat_ngram(py: Python<'_>, size: usize) -> PyResult<Self> {
        Self::new(py, ProcessorConfig::NoRepeatNgram { size }, NONE)
    }

    #[staticmethod]
    fn encoder_no_repeat_ngram(py: Python<'_>, size: usize, prompts: Vec<Vec<i64>>) -> PyResult<Self> {
        Self::new(py, ProcessorConfig::EncoderNoRepeatNgram { size, prompts }, NONE)
    }

    #[staticmethod]
    fn sequence_bias(py: Python<'_>, biases: Vec<(Vec<i64>, f64)>) -> PyResult<Self> {
        Self::new(py, ProcessorConfig::SequenceBias(biases), NONE)
    }

    #[staticmethod]
    fn bad_words(py: Python<'_>, words: Vec<Vec<i64>>, eos: Vec<i64>) -> PyResult<Self> {
        Self::new(py, ProcessorConfig::BadWords { words, eos }, NONE)
    }

    #[staticmethod]
    fn min_length(py: Python<'_>, min: usize, eos: Vec<i64>) -> PyResult<Self> {
        Self::new(py, ProcessorConfig::MinLength { min, eos }, NONE)
    }

    #[staticmethod]
    fn forced_bos(py: Python<'_>, bos: i64) -> PyResult<Self> {
        Self::new(py, ProcessorConfig::ForcedBos(bos), NONE)
    }

    #[staticmethod]
    fn forced_eos(py: Python<'_>, max_length: usize, eos: Vec<i64>) -> PyResult<Self> {
        Self::new(py, ProcessorConfig::ForcedEos { max_length, eos }, NONE)
    }

    #[staticmethod]
    fn exponential_decay(py: Python<'_>, start: i64, factor: f64, eos: Vec<i64>) -> PyResult<Self> {
        Self::new(py, ProcessorConfig::ExponentialDecay { start, factor, eos }, NONE)
    }

    /// Excludes tokens at the length `at`, or at every length.
    #[staticmethod]
    fn suppress(py: Python<'_>, tokens: Vec<i64>, at: Option<usize>) -> PyResult<Self> {
        Self::new(py, ProcessorConfig::Suppress { tokens, at }, NONE)
    }

    /// `most` and `-most` replace infinite scores, 0 replaces NaN.
    #[staticmethod]
    fn remove_invalid(py: Python<'_>, most: f32) -> PyResult<Self> {
        Self::new(py, ProcessorConfig::RemoveInvalid { most }, NONE)
    }

    #[staticmethod]
    fn renormalize(py: Python<'_>) -> PyResult<Self> {
        Self::new(py, ProcessorConfig::Renormalize, NONE)
    }

    /// Adds a bias to a pseudorandom list of tokens.
    #[staticmethod]
    fn watermark(py: Python<'_>, watermark: &PyWatermark) -> PyResult<Self> {
        Self::new(py, ProcessorConfig::Watermark(watermark.config.clone()), NONE)
    }

    /// `allowed` gets the index of a prompt and the tokens of one of its `num_beams` sequences, and returns the tokens
    /// that may follow.
    #[staticmethod]
    fn prefix_constrained(allowed: Py<PyAny>, num_beams: usize) -> Self {
        Self { kind: Kind::Prefix { allowed, num_beams }, filter_value: NONE }
    }

    /// The changed scores, (rows, vocab), of the tokens that follow `input_ids`, (rows, seq).
    fn process(
        &self,
        py: Python<'_>,
        input_ids: PyReadonlyArray2<'_, i64>,
        scores: PyReadonlyArray2<'_, f32>,
    ) -> PyResult<Py<PyArray2<f32>>> {
        let hooks = Hooks::default();
        let mut processor = self.batched(py, &hooks)?;
        let ids = Ids::copy(&input_ids);
        let [rows, vocab] = [scores.shape()[0], scores.shape()[1]];
        let mut logits: Vec<f32> = scores.as_array().iter().copied().collect();
        let processed = door::run_here(py, || {
            if ids.shape[0] != rows {
                let message = format!("have {rows} rows, input_ids {}", ids.shape[0]);
                return Err(Error::input("scores", message));
            }
            processor.process(&ids.values, &mut logits, rows)
        });
        processed.map_err(|error| hooks.take_error().unwrap_or(error))?;
        Ok(PyArray1::from_vec(py, logits).reshape([rows, vocab])?.unbind())
    }
}

impl PyLogitsProcessor {
    fn new(py: Python<'_>, config: ProcessorConfig, filter_value: f32) -> PyResult<Self> {
        door::run_here(py, || {
            BatchProcessor::new(config.clone())?;
            Ok(Self { kind: Kind::Config(config), filter_value })
        })
    }

    /// The processor for the sequences of one call.
    pub(super) fn batched(&self, py: Python<'_>, hooks: &Hooks) -> PyResult<BatchedProcessor> {
        let kind = match &self.kind {
            Kind::Config(config) => {
                let config = config.clone();
                BatchedKind::Config(door::run_here(py, || BatchProcessor::new(config))?)
            }
            Kind::Prefix { allowed, num_beams } => {
                BatchedKind::Prefix(allowed_tokens(hooks, allowed.clone_ref(py)), *num_beams)
            }
        };
        Ok(BatchedProcessor { kind, filter_value: self.filter_value })
    }
}

/// A processor of all sequences of a padded batch.
pub(super) struct BatchedProcessor {
    kind: BatchedKind,
    filter_value: f32,
}

enum BatchedKind {
    Config(BatchProcessor),
    Prefix(Box<PrefixAllowedTokens<'static>>, usize),
}

impl BatchedProcessor {
    /// Shapes: `ids`: `[rows, seq]`; `logits`: `[rows, vocab]`.
    pub fn process(&mut self, ids: &[i64], logits: &mut [f32], rows: usize) -> Result<()> {
        match &mut self.kind {
            BatchedKind::Config(processor) => processor.process(ids, logits, rows)?,
            BatchedKind::Prefix(allowed, num_beams) => constrain_rows(ids, logits, (rows, *num_beams), &mut **allowed)?,
        }
        if self.filter_value != NONE {
            logits.iter_mut().filter(|logit| **logit == NONE).for_each(|logit| *logit = self.filter_value);
        }
        Ok(())
    }
}

/// The watermark of `WatermarkingConfig`.
#[gen_stub_pyclass]
#[pyclass(name = "Watermark", frozen)]
pub struct PyWatermark {
    config: WatermarkConfig,
    inner: Watermark,
}

#[gen_stub_pymethods]
#[pymethods]
impl PyWatermark {
    #[new]
    fn new(
        py: Python<'_>,
        greenlist_ratio: f64,
        bias: f64,
        hashing_key: i64,
        seeding_scheme: String,
        context_width: usize,
    ) -> PyResult<Self> {
        let config = WatermarkConfig { greenlist_ratio, bias, hashing_key, seeding_scheme, context_width };
        door::run_here(py, || Ok(Self { inner: Watermark::new(config.clone())?, config }))
    }

    /// The tokens that are more likely after `tokens`, which with `selfhash` end with the token itself.
    fn greenlist(&self, tokens: Vec<i64>, vocab_size: usize) -> Vec<usize> {
        self.inner.greenlist(&tokens, vocab_size)
    }
}
