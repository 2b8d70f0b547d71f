use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use numpy::{PyArray1, PyArrayMethods, PyReadonlyArrayDyn};
use pyo3::prelude::*;
use trustformers::generation::{self, CustomProcessors, LogitsProcessor, StoppingCriteria, Streamer};
use trustformers::{Error, Result};

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

    pub fn streamer(&self, object: Py<PyAny>) -> PyStreamer {
        PyStreamer { hooks: self.clone(), object }
    }

    pub fn processors(&self, objects: Vec<Py<PyAny>>, allowed: Option<Py<PyAny>>) -> CustomProcessors<'static> {
        let processor = |object| Box::new(Processor { hooks: self.clone(), object }) as Box<dyn LogitsProcessor>;
        let hooks = self.clone();
        CustomProcessors {
            processors: objects.into_iter().map(processor).collect(),
            prefix_allowed_tokens: allowed.map(|function| -> Box<generation::PrefixAllowedTokens<'static>> {
                Box::new(move |prompt, tokens| {
                    hooks.call(|py| {
                        let tokens = PyArray1::from_slice(py, tokens);
                        function.call1(py, (prompt, tokens))?.extract::<Vec<i64>>(py)
                    })
                })
            }),
        }
    }

    /// The stopping criteria, after one that ends an interrupted generation.
    pub fn criteria(&self, objects: Vec<Py<PyAny>>) -> Vec<Box<dyn StoppingCriteria>> {
        let criterion = |object| Box::new(Criterion { hooks: self.clone(), object }) as Box<dyn StoppingCriteria>;
        let signals = Box::new(Interruption(self.is_interrupted.clone())) as Box<dyn StoppingCriteria>;
        [signals].into_iter().chain(objects.into_iter().map(criterion)).collect()
    }

    /// Calls Python; stores an exception for the caller of the generation.
    fn call<T>(&self, work: impl FnOnce(Python<'_>) -> PyResult<T>) -> Result<T> {
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
