use pyo3::prelude::*;
use pyo3_stub_gen::derive::{gen_stub_pyclass, gen_stub_pymethods};
use trustformers::generation::StopStrings;

use super::calls::Hooks;
use crate::door;

/// Finds strings that end in the last token of a sequence. `decode` gets a list of token ids and returns their text.
#[gen_stub_pyclass]
#[pyclass(name = "StopStrings", frozen)]
pub struct PyStopStrings {
    inner: Option<StopStrings>,
    decode: Py<PyAny>,
}

#[gen_stub_pymethods]
#[pymethods]
impl PyStopStrings {
    #[new]
    fn new(py: Python<'_>, strings: Vec<String>, decode: Py<PyAny>) -> PyResult<Self> {
        Ok(Self { inner: door::run_here(py, || StopStrings::new(&strings))?, decode })
    }

    /// Whether a string ends in the last token of each row.
    fn end(&self, py: Python<'_>, rows: Vec<Vec<i64>>) -> PyResult<Vec<bool>> {
        let hooks = Hooks::default();
        let decode = |tokens: &[i64]| hooks.call(|py| self.decode.call1(py, (tokens.to_vec(),))?.extract::<String>(py));
        let Some(strings) = &self.inner else { return Ok(vec![false; rows.len()]) };
        rows.iter()
            .map(|row| strings.ends_in_last_token(row, &decode))
            .collect::<trustformers::Result<_>>()
            .map_err(|error| hooks.take_error().unwrap_or_else(|| door::exception(py, &error)))
    }
}
