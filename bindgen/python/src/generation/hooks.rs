use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use numpy::{PyArray1, PyArrayMethods, PyReadonlyArrayDyn};
use pyo3::prelude::*;
use pyo3_stub_gen::derive::{gen_stub_pyclass, gen_stub_pymethods};
use trustformers::generation::{self, CustomProcessors, LogitsProcessor, StoppingCriteria, Streamer};
use trustformers::{Error, Result};

/// Python objects that `generate` calls with the GIL held: a streamer like transformers' streamers, processors and
/// criteria with arrays of one row.
#[gen_stub_pyclass]
#[pyclass(name = "GenerationCallbacks", frozen)]
pub struct PyGenerationCallbacks {
    streamer: Option<Py<PyAny>>,
    logits_processor: Vec<Py<PyAny>>,
    stopping_criteria: Vec<Py<PyAny>>,
    prefix_allowed_tokens_fn: Option<Py<PyAny>>,
}

#[gen_stub_pymethods]
#[pymethods]
impl PyGenerationCallbacks {
    #[new]
    #[pyo3(signature = (*, streamer=None, logits_processor=Vec::new(), stopping_criteria=Vec::new(),
        prefix_allowed_tokens_fn=None))]
    fn new(
        streamer: Option<Py<PyAny>>,
        logits_processor: Vec<Py<PyAny>>,
        stopping_criteria: Vec<Py<PyAny>>,
        prefix_allowed_tokens_fn: Option<Py<PyAny>>,
    ) -> Self {
        Self { streamer, logits_processor, stopping_criteria, prefix_allowed_tokens_fn }
    }
}

impl PyGenerationCallbacks {
    pub(super) fn streamer(&self, py: Python<'_>, hooks: &Hooks) -> Option<PyStreamer> {
        let streamer = self.streamer.as_ref()?;
        Some(PyStreamer { hooks: hooks.clone(), object: streamer.clone_ref(py) })
    }

    pub(super) fn processors(&self, py: Python<'_>, hooks: &Hooks) -> CustomProcessors<'static> {
        let processor = |object: &Py<PyAny>| {
            Box::new(Processor { hooks: hooks.clone(), object: object.clone_ref(py) }) as Box<dyn LogitsProcessor>
        };
        let allowed = self.prefix_allowed_tokens_fn.as_ref().map(|function| {
            let (hooks, function) = (hooks.clone(), function.clone_ref(py));
            Box::new(move |prompt: usize, tokens: &[i64]| {
                hooks.call(|py| {
                    let tokens = PyArray1::from_slice(py, tokens);
                    function.call1(py, (prompt, tokens))?.extract::<Vec<i64>>(py)
                })
            }) as Box<generation::PrefixAllowedTokens<'static>>
        });
        CustomProcessors {
            processors: self.logits_processor.iter().map(processor).collect(),
            prefix_allowed_tokens: allowed,
        }
    }

    pub(super) fn criteria(&self, py: Python<'_>, hooks: &Hooks) -> Vec<Box<dyn StoppingCriteria>> {
        let criterion = |object: &Py<PyAny>| {
            Box::new(Criterion { hooks: hooks.clone(), object: object.clone_ref(py) }) as Box<dyn StoppingCriteria>
        };
        self.stopping_criteria.iter().map(criterion).collect()
    }
}

/// Calls Python objects during generation and stores the exception that they raise.
#[derive(Clone, Default)]
pub(super) struct Hooks {
    error: Arc<Mutex<Option<PyErr>>>,
    is_interrupted: Arc<AtomicBool>,
}

impl Hooks {
    /// Takes the exception that ended the generation, if a Python object raised one.
    pub fn take_error(&self) -> Option<PyErr> {
        self.error.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// Ends the generation after the step that it is in, with what the handler of a signal raised.
    pub fn interrupt(&self, error: PyErr) {
        *self.error.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
        self.is_interrupted.store(true, Ordering::Relaxed);
    }

    /// Ends an interrupted generation.
    pub fn interruption(&self) -> Box<dyn StoppingCriteria> {
        Box::new(Interruption(self.is_interrupted.clone()))
    }

    /// Calls Python; stores an exception for the caller of the generation.
    pub fn call<T>(&self, work: impl FnOnce(Python<'_>) -> PyResult<T>) -> Result<T> {
        Python::attach(work).map_err(|error| {
            let message = error.to_string();
            *self.error.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
            Error::input("generate", message)
        })
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
    object: Py<PyAny>,
}

impl LogitsProcessor for Processor {
    fn process(&mut self, tokens: &[i64], logits: &mut [f32]) -> Result<()> {
        let found = self.hooks.call(|py| {
            let ids = PyArray1::from_slice(py, tokens).reshape([1, tokens.len()])?;
            let scores = PyArray1::from_slice(py, logits).reshape([1, logits.len()])?;
            let result = self.object.call1(py, (ids, scores))?;
            let array = py.import("numpy")?.call_method1("asarray", (result, "float32"))?;
            let array: PyReadonlyArrayDyn<'_, f32> = array.extract()?;
            Ok(array.as_array().iter().copied().collect::<Vec<f32>>())
        })?;
        if found.len() != logits.len() {
            let message = format!("returned {} scores for a vocabulary of {}", found.len(), logits.len());
            return Err(Error::input("logits_processor", message));
        }
        logits.copy_from_slice(&found);
        Ok(())
    }
}

struct Criterion {
    hooks: Hooks,
    object: Py<PyAny>,
}

impl StoppingCriteria for Criterion {
    fn is_done(&mut self, tokens: &[i64], scores: &[f32]) -> Result<bool> {
        self.hooks.call(|py| {
            let ids = PyArray1::from_slice(py, tokens).reshape([1, tokens.len()])?;
            let scores = PyArray1::from_slice(py, scores).reshape([1, scores.len()])?;
            self.object.call1(py, (ids, scores))?.bind(py).is_truthy()
        })
    }
}

/// Fails once a signal has interrupted the generation.
struct Interruption(Arc<AtomicBool>);

impl StoppingCriteria for Interruption {
    fn is_done(&mut self, _tokens: &[i64], _scores: &[f32]) -> Result<bool> {
        match self.0.load(Ordering::Relaxed) {
            true => Err(Error::input("generate", "a signal interrupted it")),
            false => Ok(false),
        }
    }
}
