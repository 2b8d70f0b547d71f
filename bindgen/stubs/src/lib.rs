//! The native module for development: it can write its own type stubs and panic on request.

use std::path::PathBuf;

use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;

#[pymodule]
fn trustformers_stubs(module: &Bound<'_, PyModule>) -> PyResult<()> {
    trustformers_python::register(module)?;
    module.add_function(wrap_pyfunction!(panic_on_request, module)?)?;
    module.add_function(wrap_pyfunction!(write_stubs, module)?)
}

/// Panics inside the engine.
#[pyfunction]
fn panic_on_request(py: Python<'_>, message: &str) -> PyResult<()> {
    trustformers_python::panic_on_request(py, message)
}

/// Writes `_native.pyi` into `dir`.
#[pyfunction]
fn write_stubs(dir: PathBuf) -> PyResult<()> {
    trustformers_python::write_stubs(dir).map_err(|error| PyRuntimeError::new_err(error.to_string()))
}
