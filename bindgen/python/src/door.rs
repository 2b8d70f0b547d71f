//! The single entry from Python into the engine: releases the GIL, catches panics, turns errors into Python exceptions.

use std::any::Any;
use std::panic::{self, AssertUnwindSafe, PanicHookInfo};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, Once, PoisonError, mpsc};
use std::thread;
use std::time::Duration;

use pyo3::exceptions::PyRuntimeError;
use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use trustformers::{Error, Result};

static CALLS_INSIDE: AtomicUsize = AtomicUsize::new(0);
static LAST_PANIC: Mutex<String> = Mutex::new(String::new());

/// Runs `work` without the GIL, on the engine's threads.
///
/// **Errors:** any error of `work`, as the exception class of its group in `trustformers.errors`; a panic as
/// `InternalError`.
pub(crate) fn run<T: Send>(py: Python<'_>, work: impl FnOnce() -> Result<T> + Send) -> PyResult<T> {
    run_here(py, || trustformers::on_pool(work))
}

/// Runs `work` without the GIL on the calling thread: for work that takes less time than waking another thread.
pub(crate) fn run_here<T: Send>(py: Python<'_>, work: impl FnOnce() -> Result<T> + Send) -> PyResult<T> {
    py.detach(|| guarded(work)).map_err(|error| exception(py, &error))
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
        scope.spawn(move || sender.send(guarded(|| trustformers::on_pool(work))));
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

/// Runs `work` and turns a panic into an error.
fn guarded<T>(work: impl FnOnce() -> Result<T>) -> Result<T> {
    let _inside = Inside::enter();
    panic::catch_unwind(AssertUnwindSafe(work))
        .unwrap_or_else(|payload| Err(Error::internal(panic_text(payload.as_ref()))))
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

/// Stores the message of a panic inside a call instead of printing it; other panics print as before.
pub(crate) fn install_panic_hook() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let previous = panic::take_hook();
        panic::set_hook(Box::new(move |info: &PanicHookInfo<'_>| {
            if CALLS_INSIDE.load(Ordering::Relaxed) == 0 {
                return previous(info);
            }
            *LAST_PANIC.lock().unwrap_or_else(PoisonError::into_inner) = match info.location() {
                Some(location) => format!("{} ({}:{})", text_of(info.payload()), location.file(), location.line()),
                None => text_of(info.payload()),
            };
        }));
    });
}

struct Inside;

impl Inside {
    fn enter() -> Self {
        CALLS_INSIDE.fetch_add(1, Ordering::Relaxed);
        Self
    }
}

impl Drop for Inside {
    fn drop(&mut self) {
        CALLS_INSIDE.fetch_sub(1, Ordering::Relaxed);
    }
}

/// The panic's message, with its file and line if the panic hook stored them.
fn panic_text(payload: &dyn Any) -> String {
    let text = text_of(payload);
    let last = LAST_PANIC.lock().unwrap_or_else(PoisonError::into_inner);
    if last.starts_with(&text) { last.clone() } else { text }
}

fn text_of(payload: &dyn Any) -> String {
    let text = payload.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| payload.downcast_ref::<String>().cloned()).unwrap_or_else(|| "a panic without a message".to_owned())
}
