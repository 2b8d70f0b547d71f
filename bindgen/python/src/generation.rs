//! Generation as Python classes and functions.

mod batcher;
mod calls;
mod config;
mod hooks;
mod processor;
mod request;
mod stop_strings;
mod text_stream;

use numpy::{PyArray1, PyArray2, PyArrayMethods};
use pyo3::prelude::*;
use pyo3_stub_gen::derive::{gen_stub_pyclass, gen_stub_pyfunction};
use trustformers::generation::{GenerationConfig, PaddedPrompts, Settings, Streamer};
use trustformers::{AssistantModel, GenerateRequest, Generation};

use crate::door;
use crate::json::{Keys, json_keys};
use crate::model::{PyEncoderSource, PyModel, PyModelOutput};
use crate::past::PyPastKeyValues;
use calls::Hooks;
use hooks::{PyGenerationCallbacks, StepBatch};
use request::PyGenerationRequest;

pub(crate) fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<PyGenerated>()?;
    module.add_class::<batcher::PyBatcher>()?;
    module.add_class::<batcher::PyCancel>()?;
    module.add_class::<batcher::PyGenerationStream>()?;
    module.add_class::<config::PyGenerationSettings>()?;
    module.add_class::<hooks::PyGenerationCallbacks>()?;
    module.add_class::<processor::PyLogitsProcessor>()?;
    module.add_class::<processor::PyWatermark>()?;
    module.add_class::<request::PyGenerationRequest>()?;
    module.add_class::<stop_strings::PyStopStrings>()?;
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
    /// Outputs of an encoder-decoder's encoder, for an output object; `None` for other models.
    encoder: Option<Py<PyModelOutput>>,
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
    let batch = StepBatch::new(request);
    let processors = callbacks.processors(py, &hooks, &batch)?;
    let step_criteria = callbacks.criteria(py, &hooks, &batch);
    let assistant = assistant
        .map(|(model, config)| PyResult::Ok((model.inner.clone(), json_keys("generation_config", &config)?)))
        .transpose()?;
    let PyGenerationRequest { model, settings, prompts, source, seed, tokenizer } = request;
    let source = source.as_ref().map(|source| source.get());
    let stopping_criteria = vec![hooks.interruption()];
    let outcome = door::run_interruptible(
        py,
        |error| hooks.interrupt(error),
        || {
            let assistant = assistant
                .map(|(model, keys)| GenerationConfig::from_json(&keys).map(|config| AssistantModel { model, config }))
                .transpose()?;
            let request = GenerateRequest {
                tokenizer: tokenizer.as_ref(),
                processors,
                stopping_criteria,
                step_criteria,
                streamer: streamer.as_mut().map(|streamer| streamer as &mut dyn Streamer),
                assistant,
                past_key_values: past.map(|past| &past.inner),
                source: source.map(PyEncoderSource::call).transpose()?,
                ..GenerateRequest::new(prompts, settings, *seed)
            };
            trustformers::generate(model, request)
        },
    );
    match hooks.take_error() {
        Some(error) => Err(error),
        None => to_python(py, outcome?, prompts, settings),
    }
}

fn to_python(
    py: Python<'_>,
    generation: Generation,
    prompts: &PaddedPrompts,
    settings: &Settings,
) -> PyResult<PyGenerated> {
    let Generation { generated, vocab_size, past_key_values, encoder } = generation;
    let rows = generated.rows.len();
    let matrix = |(indices, width): (Vec<i64>, usize)| PyArray1::from_vec(py, indices).reshape([rows, width]);
    let steps = |steps: Vec<Vec<f32>>| {
        let step = |step: Vec<f32>| {
            let rows = step.len() / vocab_size.max(1);
            Ok(PyArray1::from_vec(py, step).reshape([rows, vocab_size])?.unbind())
        };
        steps.into_iter().map(step).collect::<PyResult<Vec<_>>>()
    };
    let cache = past_key_values.map(|inner| Py::new(py, PyPastKeyValues { inner }));
    Ok(PyGenerated {
        sequences: batcher::sequences(py, prompts, &generated)?.unbind(),
        sequences_scores: generated.sequences_scores(settings).map(|scores| PyArray1::from_vec(py, scores).unbind()),
        beam_indices: generated.padded_beam_indices().map(matrix).transpose()?.map(Bound::unbind),
        scores: steps(generated.scores)?,
        logits: steps(generated.logits)?,
        past_key_values: cache.transpose()?,
        encoder: encoder.map(|encoder| Py::new(py, PyModelOutput::of(py, encoder)?)).transpose()?,
    })
}
