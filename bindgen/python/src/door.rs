//! The single entry from Python into the engine: releases the GIL, catches panics, turns errors into Python exceptions.

use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use pyo3::exceptions::PyRuntimeError;
use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use trustformers::{Error, Result};

/// Runs `work` without the GIL, on the engine's threads.
///
/// **Errors:** any error of `work`, as the exception class of its group in `trustformers.errors`; a panic as
/// `InternalError`.
pub(crate) fn run<T: Send>(py: Python<'_>, work: impl FnOnce() -> Result<T> + Send) -> PyResult<T> {
    run_here(py, || trustformers::on_pool(work))
}

/// Runs `work` without the GIL on the calling thread: for work that takes less time than waking another thread.
pub(crate) fn run_here<T: Send>(py: Python<'_>, work: impl FnOnce() -> Result<T> + Send) -> PyResult<T> {
    py.detach(|| trustformers::without_panic(work)).map_err(|error| exception(py, &error))
}

/// As `run`, for work that takes long: the calling thread looks for signals such as Ctrl-C meanwhile, and gives what
/// their handlers raise to `interrupt`, which must make `work` return.
pub(crate) fn run_interruptible<T: Send>(
    py: Python<'_>,
    interrupt: impl Fn(PyErr),
    work: impl FnOnce() -> Result<T> + Send,
) -> PyResult<T> {
    const INTERVAL: Duration = Duration::from_millis(50);
    thread::scope(|scope| {
        let (sender, mut receiver) = mpsc::channel();
        scope.spawn(move || sender.send(trustformers::without_panic(|| trustformers::on_pool(work))));
        loop {
            let waited = py.detach(move || {
                let outcome = receiver.recv_timeout(INTERVAL);
                (receiver, outcome)
            });
            receiver = waited.0;
            match waited.1 {
                Ok(outcome) => return outcome.map_err(|error| exception(py, &error)),
                Err(mpsc::RecvTimeoutError::Timeout) => py.check_signals().unwrap_or_else(&interrupt),
                Err(mpsc::RecvTimeoutError::Disconnected) => {
                    return Err(exception(py, &Error::internal("a thread ended without a result")));
                }
            }
        }
    })
}

/// Runs `work`, which frees Python objects, with the GIL; not at all once the interpreter ends.
///
/// A library may have released the GIL without pyo3, which then takes it for held: torch does while it frees a tensor.
pub(crate) fn with_gil(work: impl FnOnce()) {
    let _ = Python::try_attach(|_| {
        // SAFETY: the interpreter is running, and the state is released on the thread that got it.
        unsafe {
            let state = ffi::PyGILState_Ensure();
            work();
            ffi::PyGILState_Release(state);
        }
    });
}

/// Turns an engine error into a Python exception.
pub(crate) fn exception(py: Python<'_>, error: &Error) -> PyErr {
    static RAISE: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    let made = RAISE
        .get_or_try_init(py, || py.import("trustformers.errors")?.getattr("from_code").map(Bound::unbind))
        .and_then(|from_code| from_code.bind(py).call1((error.code(), error.to_string())));
    match made {
        Ok(value) => PyErr::from_value(value),
        Err(_) => PyRuntimeError::new_err(error.to_string()),
    }
}
