//! Backward passes that call functions of Python.

use std::cell::RefCell;

use pyo3::prelude::*;
use trustformers::{Error, Result};

use super::compute;
use crate::door;

thread_local! {
    /// The exception of a function of Python that a backward pass on this thread has called.
    static RAISED: RefCell<Option<PyErr>> = const { RefCell::new(None) };
    /// Functions to call when the backward pass of this thread has ended.
    static AFTER: RefCell<Vec<Py<PyAny>>> = const { RefCell::new(Vec::new()) };
}

/// Runs a backward pass; an exception of a function in Python is raised again.
pub(super) fn run<T: Send>(py: Python<'_>, work: impl FnOnce() -> Result<T> + Send) -> PyResult<T> {
    // A hook may begin a pass of its own.
    let outer = AFTER.take();
    let ended = compute(py, || {
        let outcome = work();
        Ok((outcome, RAISED.take()))
    });
    let after = AFTER.replace(outer);
    let (outcome, raised) = ended?;
    let found = outcome.map_err(|error| raised.unwrap_or_else(|| door::exception(py, &error)))?;
    after.iter().try_for_each(|function| function.call0(py).map(drop))?;
    Ok(found)
}

/// The error that ends a pass for an exception of a function of Python, which `run` raises again.
pub(super) fn raised(exception: PyErr) -> Error {
    let message = exception.to_string();
    RAISED.set(Some(exception));
    Error::internal(message)
}

/// Lets the current pass call a function when it has ended, once if this is called several times.
pub(super) fn call_after(py: Python<'_>, function: Py<PyAny>) -> PyResult<()> {
    let known = AFTER.with_borrow(|after| after.iter().map(|known| known.clone_ref(py)).collect::<Vec<_>>());
    for known in known {
        if known.bind(py).eq(&function)? {
            return Ok(());
        }
    }
    AFTER.with_borrow_mut(|after| after.push(function));
    Ok(())
}
