//! Generation as Python classes and functions.

mod batcher;
mod config;
mod hooks;
mod request;
mod text_stream;

use numpy::{PyArray1, PyArray2, PyArrayMethods};
use pyo3::prelude::*;
use pyo3_stub_gen::derive::{gen_stub_pyclass, gen_stub_pyfunction};
use trustformers::generation::{self, Assistant, Call, Generated, GenerationConfig, PaddedPrompts, Streamer};
use trustformers::models::{PastKeyValues, Prompts};
use trustformers::{Error, Result, Sequences, decoder};

use crate::door;
use crate::json::{Keys, json_keys};
use crate::model::PyModel;
use crate::past::PyPastKeyValues;
use hooks::{Hooks, PyGenerationCallbacks};
use request::PyGenerationRequest;

pub(crate) fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<PyGenerated>()?;
    module.add_class::<batcher::PyBatcher>()?;
    module.add_class::<batcher::PyCancel>()?;
    module.add_class::<batcher::PyGenerationStream>()?;
    module.add_class::<config::PyGenerationSettings>()?;
    module.add_class::<hooks::PyGenerationCallbacks>()?;
    module.add_class::<request::PyGenerationRequest>()?;
    module.add_class::<text_stream::PyTextStream>()?;
    module.add_function(wrap_pyfunction!(generate, module)?)?;
    module.add_function(wrap_pyfunction!(config::generation_config, module)?)?;
    module.add_function(wrap_pyfunction!(config::generation_config_issues, module)?)?;
    module.add_function(wrap_pyfunction!(config::generation_config_keys, module)?)?;
    module.add_function(wrap_pyfunction!(config::generation_config_of_model, module)?)?;
    module.add_function(wrap_pyfunction!(config::read_generation_config, module)?)
}

/// The output of `generate`.
#[gen_stub_pyclass]
#[pyclass(name = "Generated", frozen, get_all)]
pub struct PyGenerated {
    /// Token ids, (rows, seq): the prompts as they were given, the generated tokens, and padding.
    sequences: Py<PyArray2<i64>>,
    /// Processed logits of each step, (rows, vocab) each; empty unless `output_scores` is set.
    scores: Vec<Py<PyArray2<f32>>>,
    /// Unprocessed logits of each step, (rows, vocab) each; empty unless `output_logits` is set.
    logits: Vec<Py<PyArray2<f32>>>,
    /// Beam search scores, (rows,); `None` unless `output_scores` is set.
    sequences_scores: Option<Py<PyArray1<f32>>>,
    /// For each row and new token, the row of `scores` that the token was selected from, and -1 after a row's end,
    /// (rows, new tokens); `None` without beam search.
    beam_indices: Option<Py<PyArray2<i64>>>,
    /// The key/value cache of an output object, if no `past` was given; `None` for beam search.
    past_key_values: Option<Py<PyPastKeyValues>>,
}

/// Continues prompts. `assistant` is a smaller model that drafts tokens, with its generation configuration. Generation
/// continues from the cache `past` and extends it.
#[gen_stub_pyfunction]
#[pyfunction]
#[pyo3(signature = (request, callbacks, *, assistant=None, past=None))]
fn generate(
    py: Python<'_>,
    request: &PyGenerationRequest,
    callbacks: &PyGenerationCallbacks,
    assistant: Option<(PyRef<'_, PyModel>, Keys<'_>)>,
    past: Option<&PyPastKeyValues>,
) -> PyResult<PyGenerated> {
    let hooks = Hooks::default();
    let mut streamer = callbacks.streamer(py, &hooks);
    let custom = callbacks.processors(py, &hooks);
    let criteria = std::iter::once(hooks.interruption()).chain(callbacks.criteria(py, &hooks)).collect();
    let assistant = assistant
        .map(|(model, config)| PyResult::Ok((model.inner.clone(), json_keys("generation_config", &config)?)))
        .transpose()?;
    let PyGenerationRequest { model, settings, prompts, seed, tokenizer } = request;
    let has_beams = settings.num_beams() > 1;
    let outcome = door::run_interruptible(
        py,
        |error| hooks.interrupt(error),
        || {
            if streamer.is_some() && has_beams {
                let message = "beams cannot be streamed: the best one is known only at the end; set num_beams=1";
                return Err(Error::input("streamer", message));
            }
            if past.is_some() {
                settings.check_past()?;
            }
            let mut assistant = assistant
                .map(|(model, config)| -> Result<_> {
                    Ok((model.sequences(1)?, GenerationConfig::from_json(&config)?))
                })
                .transpose()?;
            let tokens = prompts.rows();
            let num_slots = settings.num_slots(tokens.len());
            let run = |sequences: &mut dyn Sequences, held: &[Vec<i64>]| {
                let call = Call {
                    seed: *seed,
                    past: held,
                    processors: custom,
                    stopping_criteria: criteria,
                    decode: tokenizer.clone().map(|tokenizer| decoder(tokenizer, false)),
                    assistant: assistant.as_mut().map(|(sequences, config)| Assistant {
                        sequences: &mut **sequences,
                        config,
                        past: &[],
                    }),
                    streamer: streamer.as_mut().map(|streamer| streamer as &mut dyn Streamer),
                    ..Call::default()
                };
                Ok((generation::generate(sequences, &tokens, settings, call)?, sequences.vocab_size()))
            };
            let batch = Prompts { tokens: &tokens, mask: prompts.attention_mask(), num_slots };
            let mut lease = past.map(PyPastKeyValues::lease).transpose()?;
            let mut made = None;
            let past = match &mut lease {
                Some(lease) => lease.past(model, tokens.len())?,
                None if settings.returns_dict() && settings.uses_cache() && !has_beams => {
                    made.insert(PastKeyValues::new(model.clone(), num_slots)?)
                }
                None => return run(&mut *model.clone().sequences(num_slots)?, &[]).map(|found| (found, None)),
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
            let outputs_scores = settings.config().output_scores == Some(true);
            Ok(PyGenerated {
                past_key_values: past,
                ..to_python(py, prompts, generated, (vocab_size, outputs_scores))?
            })
        }),
    }
}

fn to_python(
    py: Python<'_>,
    prompts: &PaddedPrompts,
    generated: Generated,
    (vocab_size, outputs_scores): (usize, bool),
) -> PyResult<PyGenerated> {
    let sequences = batcher::sequences(py, prompts, &generated)?.unbind();
    let beam_scores: Option<Vec<f32>> = generated.rows.iter().map(|row| row.score).collect();
    let beam_indices = beam_scores.is_some().then(|| beam_indices(py, &generated)).transpose()?;
    let steps = |steps: Vec<Vec<f32>>| {
        let step = |step: Vec<f32>| {
            let rows = step.len() / vocab_size.max(1);
            Ok(PyArray1::from_vec(py, step).reshape([rows, vocab_size])?.unbind())
        };
        steps.into_iter().map(step).collect::<PyResult<Vec<_>>>()
    };
    Ok(PyGenerated {
        sequences,
        scores: steps(generated.scores)?,
        logits: steps(generated.logits)?,
        sequences_scores: beam_scores.filter(|_| outputs_scores).map(|scores| PyArray1::from_vec(py, scores).unbind()),
        beam_indices,
        past_key_values: None,
    })
}

fn beam_indices(py: Python<'_>, generated: &Generated) -> PyResult<Py<PyArray2<i64>>> {
    let width = generated.rows.iter().map(|row| row.beam_indices.len()).max().unwrap_or(0);
    let padded = generated.rows.iter().flat_map(|row| {
        let indices = row.beam_indices.iter().map(|index| i64::try_from(*index).unwrap_or(-1));
        indices.chain(std::iter::repeat_n(-1, width - row.beam_indices.len()))
    });
    Ok(PyArray1::from_iter(py, padded).reshape([generated.rows.len(), width])?.unbind())
}
