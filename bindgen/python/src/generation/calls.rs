//! Calls of Python objects during generation.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use numpy::PyArray1;
use pyo3::prelude::*;
use trustformers::generation::{PrefixAllowedTokens, StoppingCriteria};
use trustformers::{Error, Result};

/// A Python function that returns the tokens that may follow.
pub(super) fn allowed_tokens(hooks: &Hooks, function: Py<PyAny>) -> Box<PrefixAllowedTokens<'static>> {
    let hooks = hooks.clone();
    Box::new(move |prompt: usize, tokens: &[i64]| {
        hooks.call(|py| {
            let tokens = PyArray1::from_slice(py, tokens);
            function.call1(py, (prompt, tokens))?.extract::<Vec<i64>>(py)
        })
    })
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
