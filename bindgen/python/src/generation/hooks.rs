use std::sync::Arc;

use numpy::{PyArray1, PyArray2, PyArrayMethods, PyReadonlyArrayDyn};
use pyo3::prelude::*;
use pyo3_stub_gen::derive::{gen_stub_pyclass, gen_stub_pymethods};
use trustformers::generation::{
    CustomProcessors, PaddedPrompts, PrefixAllowedTokens, StepCriteria, StepProcessor, StepRow, Streamer,
};
use trustformers::{Error, Result};

use super::calls::{Hooks, allowed_tokens};
use super::processor::{BatchedProcessor, PyLogitsProcessor};
use super::request::PyGenerationRequest;

/// Python objects that `generate` calls with the GIL held: a streamer like transformers' streamers, and functions of
/// arrays of all sequences. `ready` are processors that need no GIL; they run instead of `logits_processor`.
#[gen_stub_pyclass]
#[pyclass(name = "GenerationCallbacks", frozen)]
pub struct PyGenerationCallbacks {
    streamer: Option<Py<PyAny>>,
    first: Option<Py<PyAny>>,
    ready: Vec<Py<PyLogitsProcessor>>,
    logits_processor: Option<Py<PyAny>>,
    stopping_criteria: Option<Py<PyAny>>,
    prefix_allowed_tokens_fn: Option<Py<PyAny>>,
}

#[gen_stub_pymethods]
#[pymethods]
impl PyGenerationCallbacks {
    /// `first` and `logits_processor` get ids (rows, seq) and scores (rows, vocab) and return scores; the former runs
    /// before the configured processors. `stopping_criteria` gets the same and returns a bool for each row.
    #[new]
    #[pyo3(signature = (*, streamer=None, first=None, ready=Vec::new(), logits_processor=None, stopping_criteria=None,
        prefix_allowed_tokens_fn=None))]
    fn new(
        streamer: Option<Py<PyAny>>,
        first: Option<Py<PyAny>>,
        ready: Vec<Py<PyLogitsProcessor>>,
        logits_processor: Option<Py<PyAny>>,
        stopping_criteria: Option<Py<PyAny>>,
        prefix_allowed_tokens_fn: Option<Py<PyAny>>,
    ) -> Self {
        Self { streamer, first, ready, logits_processor, stopping_criteria, prefix_allowed_tokens_fn }
    }
}

/// The padded prompts of a call, which Python functions get with the generated tokens.
#[derive(Clone)]
pub(super) struct StepBatch {
    prompts: Arc<PaddedPrompts>,
    prompt_lens: Arc<[usize]>,
    fill: i64,
}

impl StepBatch {
    pub fn new(request: &PyGenerationRequest) -> Self {
        Self {
            prompts: request.prompts.clone(),
            // An empty prompt becomes the BOS token.
            prompt_lens: request.prompts.rows().iter().map(|prompt| prompt.len().max(1)).collect(),
            fill: request.settings.pad_token_id().unwrap_or(0),
        }
    }

    /// The tokens of one sequence after the padding of its prompt.
    fn padded(&self, prompt: usize, tokens: &[i64]) -> Vec<i64> {
        let prompt_len = self.prompt_lens.get(prompt).map_or(tokens.len(), |len| tokens.len().min(*len));
        self.ids(&[StepRow { prompt, prompt_len, tokens }]).0
    }

    /// Token ids and number of columns.
    fn ids(&self, rows: &[StepRow<'_>]) -> (Vec<i64>, usize) {
        self.prompts.extended(rows, self.fill)
    }
}

impl PyGenerationCallbacks {
    pub(super) fn streamer(&self, py: Python<'_>, hooks: &Hooks) -> Option<PyStreamer> {
        let streamer = self.streamer.as_ref()?;
        Some(PyStreamer { hooks: hooks.clone(), object: streamer.clone_ref(py) })
    }

    pub(super) fn processors(
        &self,
        py: Python<'_>,
        hooks: &Hooks,
        batch: &StepBatch,
    ) -> PyResult<CustomProcessors<'static>> {
        let processor = |object: &Py<PyAny>| {
            let object = object.clone_ref(py);
            Box::new(Processor { hooks: hooks.clone(), batch: batch.clone(), object }) as Box<dyn StepProcessor>
        };
        let allowed = self.prefix_allowed_tokens_fn.as_ref().map(|function| {
            let batch = batch.clone();
            let mut allowed = allowed_tokens(hooks, function.clone_ref(py));
            Box::new(move |prompt: usize, tokens: &[i64]| allowed(prompt, &batch.padded(prompt, tokens)))
                as Box<PrefixAllowedTokens<'static>>
        });
        let ready = self.ready.iter().map(|processor| {
            let processor = processor.get().batched(py, hooks)?;
            Ok(Box::new(ReadyProcessor { batch: batch.clone(), processor }) as Box<dyn StepProcessor>)
        });
        Ok(CustomProcessors {
            first: self.first.iter().map(processor).collect(),
            steps: ready
                .chain(self.logits_processor.iter().map(|object| Ok(processor(object))))
                .collect::<PyResult<_>>()?,
            prefix_allowed_tokens: allowed,
            ..CustomProcessors::default()
        })
    }

    pub(super) fn criteria(&self, py: Python<'_>, hooks: &Hooks, batch: &StepBatch) -> Vec<Box<dyn StepCriteria>> {
        let criteria = |object: &Py<PyAny>| {
            let object = object.clone_ref(py);
            Box::new(Criteria { hooks: hooks.clone(), batch: batch.clone(), object }) as Box<dyn StepCriteria>
        };
        self.stopping_criteria.iter().map(criteria).collect()
    }
}

pub(super) struct PyStreamer {
    hooks: Hooks,
    object: Py<PyAny>,
}

impl Streamer for PyStreamer {
    fn put_prompts(&mut self, prompts: &[&[i64]]) -> Result<()> {
        self.hooks.call(|py| {
            let width = prompts.iter().map(|prompt| prompt.len()).max().unwrap_or(0);
            let rows = prompts.len();
            let padded: Vec<i64> = prompts
                .iter()
                .flat_map(|prompt| std::iter::repeat_n(0, width - prompt.len()).chain(prompt.iter().copied()))
                .collect();
            self.object.call_method1(py, "put", (PyArray1::from_vec(py, padded).reshape([rows, width])?,)).map(drop)
        })
    }

    fn put_tokens(&mut self, tokens: &[(usize, i64)]) -> Result<()> {
        self.hooks.call(|py| {
            let tokens = PyArray1::from_iter(py, tokens.iter().map(|(_, token)| *token));
            self.object.call_method1(py, "put", (tokens,)).map(drop)
        })
    }

    fn end(&mut self) -> Result<()> {
        self.hooks.call(|py| self.object.call_method0(py, "end").map(drop))
    }
}

struct Processor {
    hooks: Hooks,
    batch: StepBatch,
    object: Py<PyAny>,
}

impl StepProcessor for Processor {
    fn process_step(&mut self, rows: &[StepRow<'_>], logits: &mut [f32]) -> Result<()> {
        let vocab = logits.len() / rows.len().max(1);
        let found = self.hooks.call(|py| {
            let (ids, scores) = arguments(py, self.batch.ids(rows), rows.len(), (logits, vocab))?;
            let result = self.object.call1(py, (ids, scores))?;
            let array: PyReadonlyArrayDyn<'_, f32> = result.extract(py)?;
            Ok(array.as_array().iter().copied().collect::<Vec<f32>>())
        })?;
        if found.len() != logits.len() {
            let message =
                format!("returned {} scores for {} sequences and a vocabulary of {vocab}", found.len(), rows.len());
            return Err(Error::input("logits_processor", message));
        }
        logits.copy_from_slice(&found);
        Ok(())
    }
}

struct ReadyProcessor {
    batch: StepBatch,
    processor: BatchedProcessor,
}

impl StepProcessor for ReadyProcessor {
    fn process_step(&mut self, rows: &[StepRow<'_>], logits: &mut [f32]) -> Result<()> {
        let (ids, _) = self.batch.ids(rows);
        self.processor.process(&ids, logits, rows.len())
    }
}

struct Criteria {
    hooks: Hooks,
    batch: StepBatch,
    object: Py<PyAny>,
}

impl StepCriteria for Criteria {
    fn are_done(&mut self, rows: &[StepRow<'_>], scores: &[f32], vocab: usize) -> Result<Vec<bool>> {
        self.hooks.call(|py| {
            let (ids, scores) = arguments(py, self.batch.ids(rows), rows.len(), (scores, vocab))?;
            self.object.call1(py, (ids, scores))?.extract(py)
        })
    }
}

type Arguments<'py> = (Bound<'py, PyArray2<i64>>, Bound<'py, PyArray2<f32>>);

/// Token ids (rows, seq), and scores (rows, vocab), which may have another number of rows.
fn arguments<'py>(
    py: Python<'py>,
    (ids, width): (Vec<i64>, usize),
    rows: usize,
    (scores, vocab): (&[f32], usize),
) -> PyResult<Arguments<'py>> {
    let ids = PyArray1::from_vec(py, ids).reshape([rows, width])?;
    Ok((ids, PyArray1::from_slice(py, scores).reshape([scores.len() / vocab.max(1), vocab])?))
}
