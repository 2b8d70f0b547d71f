//! Generation as Python classes and functions.

mod batcher;
mod hooks;

use std::path::PathBuf;
use std::sync::Arc;

use numpy::{PyArray1, PyArray2, PyArrayMethods, PyReadonlyArray2};
use pyo3::prelude::*;
use pyo3_stub_gen::derive::{gen_stub_pyclass, gen_stub_pyfunction, gen_stub_pymethods};
use trustformers::generation::{
    self, Assistant, Call, Decode, Generated, GenerationConfig, Issue, Settings, StableText, Streamer,
};
use trustformers::models::{PastKeyValues, Prompts};
use trustformers::tokenizers::Tokenizer;
use trustformers::{Error, Result, Sequences};

use crate::arrays::Ids;
use crate::door;
use crate::model::{PyModel, json};
use crate::past::PyPastKeyValues;
use crate::tokenizer::PyTokenizer;
use hooks::Hooks;

pub(crate) fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<PyGenerated>()?;
    module.add_class::<batcher::PyBatcher>()?;
    module.add_class::<batcher::PyRequest>()?;
    module.add_class::<PyStableText>()?;
    module.add_function(wrap_pyfunction!(generate, module)?)?;
    module.add_function(wrap_pyfunction!(generation_config, module)?)?;
    module.add_function(wrap_pyfunction!(generation_config_issues, module)?)?;
    module.add_function(wrap_pyfunction!(generation_config_keys, module)?)?;
    module.add_function(wrap_pyfunction!(generation_issues, module)?)?;
    module.add_function(wrap_pyfunction!(generation_config_of_model, module)?)?;
    module.add_function(wrap_pyfunction!(read_generation_config, module)?)
}

/// Incremental decoding of a growing token list: holds back the end of the text, which later tokens may change.
#[gen_stub_pyclass]
#[pyclass(name = "StableText")]
pub struct PyStableText(StableText);

#[gen_stub_pymethods]
#[pymethods]
impl PyStableText {
    #[new]
    fn new() -> Self {
        Self(StableText::default())
    }

    /// Returns the newly stable part of `text`, the decoded token list, and whether to start a new token list.
    fn put(&mut self, text: &str) -> (String, bool) {
        self.0.put(text)
    }

    /// Returns the rest of `text` that was not returned before, and resets for a new token list.
    fn end(&mut self, text: &str) -> String {
        self.0.end(text)
    }
}

/// The output of `generate`.
#[gen_stub_pyclass]
#[pyclass(name = "Generated", frozen, get_all)]
pub struct PyGenerated {
    /// Token ids, (rows, seq): prompts are left-padded to end in column `prompt_len`, rows are right-padded after their
    /// end.
    sequences: Py<PyArray2<i64>>,
    /// Number of tokens of the longest prompt.
    prompt_len: usize,
    /// Processed logits of each step, (rows, vocab) each; empty unless `output_scores` is set.
    scores: Vec<Py<PyArray2<f32>>>,
    /// Unprocessed logits of each step, (rows, vocab) each; empty unless `output_logits` is set.
    logits: Vec<Py<PyArray2<f32>>>,
    /// Beam search scores, (rows,); `None` without beam search.
    sequences_scores: Option<Py<PyArray1<f32>>>,
    /// For each row and new token, the row of `scores` that the token was selected from; beam search only.
    beam_indices: Vec<Vec<usize>>,
    /// The key/value cache, if `keeps_past` was set and no `past` was given; `None` for beam search.
    past_key_values: Option<Py<PyPastKeyValues>>,
}

/// The keys that a generation configuration sets, as JSON; unknown keys are kept.
#[gen_stub_pyfunction]
#[pyfunction]
fn generation_config(py: Python<'_>, keys: &str) -> PyResult<String> {
    door::run_here(py, || Ok(GenerationConfig::from_json(&json(keys)?)?.to_json()?.to_string()))
}

/// The keys of a generation configuration that have no effect, each with the reason.
///
/// **Errors:** `Input` for values that contradict one another.
#[gen_stub_pyfunction]
#[pyfunction]
fn generation_config_issues(py: Python<'_>, keys: &str) -> PyResult<Vec<(&'static str, String)>> {
    door::run_here(py, || Ok(pairs(&GenerationConfig::from_json(&json(keys)?)?.validate(None)?)))
}

/// The arguments of a `generate` call that have no effect, each with the reason.
///
/// **Errors:** `Input` for values that contradict one another.
#[gen_stub_pyfunction]
#[pyfunction]
#[pyo3(signature = (model_config, user_config, kwargs))]
fn generation_issues(
    py: Python<'_>,
    model_config: &str,
    user_config: Option<&str>,
    kwargs: &str,
) -> PyResult<Vec<(&'static str, String)>> {
    door::run_here(py, || Ok(pairs(settings(model_config, user_config, kwargs)?.issues())))
}

fn pairs(issues: &[Issue]) -> Vec<(&'static str, String)> {
    issues.iter().map(|issue| (issue.key, issue.message.clone())).collect()
}

/// The keys that a generation configuration may have.
#[gen_stub_pyfunction]
#[pyfunction]
fn generation_config_keys() -> Vec<&'static str> {
    GenerationConfig::KEYS.to_vec()
}

/// The generation settings in the text of a `config.json`, as JSON.
#[gen_stub_pyfunction]
#[pyfunction]
fn generation_config_of_model(py: Python<'_>, config: &str) -> PyResult<String> {
    door::run_here(py, || Ok(GenerationConfig::from_model_config(&json(config)?)?.to_json()?.to_string()))
}

/// The keys of a `generation_config.json`, as JSON.
#[gen_stub_pyfunction]
#[pyfunction]
fn read_generation_config(py: Python<'_>, file: PathBuf) -> PyResult<String> {
    door::run_here(py, || Ok(GenerationConfig::open(&file)?.to_json()?.to_string()))
}

/// Merges the generation configurations and arguments of a call, all given as JSON.
fn settings(model: &str, user: Option<&str>, kwargs: &str) -> Result<Settings> {
    let model = GenerationConfig::from_json(&json(model)?)?;
    let user = user.map(|user| GenerationConfig::from_json(&json(user)?)).transpose()?;
    Settings::new(&model, user.as_ref(), &json(kwargs)?)
}

/// Decodes token ids with the tokenizer.
fn decoder(tokenizer: Tokenizer, skip_special_tokens: bool) -> Decode<'static> {
    Arc::new(move |tokens: &[i64]| {
        let ids: Vec<u32> = tokens.iter().filter_map(|token| u32::try_from(*token).ok()).collect();
        tokenizer.decode(&ids, skip_special_tokens, None)
    })
}

/// Continues prompts without padding. Configurations and arguments are JSON objects; `fill` pads shorter prompts on the
/// left. Python objects are called with the GIL held: `streamer` like transformers' streamers, processors and criteria
/// with arrays of one row. Generation continues from the cache `past` and extends it; without `past`, `keeps_past`
/// returns a new cache. `mask` marks the prompts' tokens among padding.
#[gen_stub_pyfunction]
#[pyfunction]
#[pyo3(signature = (model, prompts, *, model_config, user_config, kwargs, seed, fill, streamer=None, processors=None,
    criteria=None, prefix_allowed_tokens=None, tokenizer=None, assistant=None, assistant_config="{}", mask=None, past=None, keeps_past=false))]
#[expect(clippy::too_many_arguments, reason = "keyword arguments of a Python function")]
fn generate(
    py: Python<'_>,
    model: &PyModel,
    prompts: Vec<Vec<i64>>,
    model_config: &str,
    user_config: Option<&str>,
    kwargs: &str,
    seed: u64,
    fill: i64,
    streamer: Option<Py<PyAny>>,
    processors: Option<Vec<Py<PyAny>>>,
    criteria: Option<Vec<Py<PyAny>>>,
    prefix_allowed_tokens: Option<Py<PyAny>>,
    tokenizer: Option<&PyTokenizer>,
    assistant: Option<&PyModel>,
    assistant_config: &str,
    mask: Option<PyReadonlyArray2<'_, i64>>,
    past: Option<&PyPastKeyValues>,
    keeps_past: bool,
) -> PyResult<PyGenerated> {
    let tokenizer = tokenizer.map(|tokenizer| tokenizer.inner.clone());
    let assistant = assistant.map(|assistant| assistant.inner.clone());
    let hooks = Hooks::default();
    let mut streamer = streamer.map(|streamer| hooks.streamer(streamer));
    let custom = hooks.processors(processors.unwrap_or_default(), prefix_allowed_tokens);
    let criteria = hooks.criteria(criteria.unwrap_or_default());
    let model = model.inner.clone();
    let mask = mask.as_ref().map(Ids::copy);
    let outcome = door::run_interruptible(
        py,
        |error| hooks.interrupt(error),
        || {
            let settings = settings(model_config, user_config, kwargs)?;
            let has_beams = settings.num_beams() > 1;
            if streamer.is_some() && has_beams {
                let message = "beams cannot be streamed: the best one is known only at the end; set num_beams=1";
                return Err(Error::input("streamer", message));
            }
            let mut assistant = assistant.map(|assistant| assistant.sequences(1)).transpose()?;
            let config = GenerationConfig::from_json(&json(assistant_config)?)?;
            let num_slots = settings.num_slots(prompts.len());
            let run = |sequences: &mut dyn Sequences, held: &[Vec<i64>]| {
                let call = Call {
                    seed,
                    past: held,
                    processors: custom,
                    stopping_criteria: criteria,
                    decode: tokenizer.map(|tokenizer| decoder(tokenizer, false)),
                    assistant: assistant.as_mut().map(|sequences| Assistant {
                        sequences: &mut **sequences,
                        config: &config,
                        past: &[],
                    }),
                    streamer: streamer.as_mut().map(|streamer| streamer as &mut dyn Streamer),
                    ..Call::default()
                };
                Ok((generation::generate(sequences, &prompts, &settings, call)?, sequences.vocab_size()))
            };
            let mask = mask.as_ref().map_or(&[][..], |mask| &mask.values);
            let batch = Prompts { tokens: &prompts, mask, num_slots };
            let mut lease = past.map(PyPastKeyValues::lease).transpose()?;
            let mut made = None;
            let past = match &mut lease {
                Some(lease) => lease.past(&model, prompts.len())?,
                None if keeps_past && !has_beams => made.insert(PastKeyValues::new(model, num_slots)?),
                None => return run(&mut *model.sequences(num_slots)?, &[]).map(|found| (found, None)),
            };
            if has_beams {
                return past.resume_from_copy(&batch, run).map(|found| (found, None));
            }
            let (generated, vocab_size) = past.resume(&batch, run)?;
            past.remember(&batch, generated.rows.iter().map(|row| &row.tokens[..]));
            Ok(((generated, vocab_size), made))
        },
    );
    match hooks.take_error() {
        Some(error) => Err(error),
        None => outcome.and_then(|((generated, vocab_size), past)| {
            let past = past.map(|past| Py::new(py, PyPastKeyValues::of(past))).transpose()?;
            to_python(py, generated, (vocab_size, fill), past)
        }),
    }
}

fn to_python(
    py: Python<'_>,
    generated: Generated,
    (vocab_size, fill): (usize, i64),
    past_key_values: Option<Py<PyPastKeyValues>>,
) -> PyResult<PyGenerated> {
    let (ids, width) = generated.padded(fill);
    let Generated { rows, scores, logits, .. } = generated;
    let steps = |steps: Vec<Vec<f32>>| {
        let step = |step: Vec<f32>| {
            let rows = step.len() / vocab_size.max(1);
            Ok(PyArray1::from_vec(py, step).reshape([rows, vocab_size])?.unbind())
        };
        steps.into_iter().map(step).collect::<PyResult<Vec<_>>>()
    };
    let of_beams: Option<Vec<f32>> = rows.iter().map(|row| row.score).collect();
    Ok(PyGenerated {
        sequences: PyArray1::from_vec(py, ids).reshape([rows.len(), width])?.unbind(),
        prompt_len: rows.iter().map(|row| row.prompt_len).max().unwrap_or(0),
        scores: steps(scores)?,
        logits: steps(logits)?,
        sequences_scores: of_beams.map(|scores| PyArray1::from_vec(py, scores).unbind()),
        beam_indices: rows.into_iter().map(|row| row.beam_indices).collect(),
        past_key_values,
    })
}
