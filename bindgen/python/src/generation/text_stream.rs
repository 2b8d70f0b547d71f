//! Text of tokens as they are generated.

use std::sync::Arc;

use pyo3::prelude::*;
use pyo3_stub_gen::derive::{gen_stub_pyclass, gen_stub_pymethods};
use trustformers::Result;
use trustformers::generation::TextStream;

use super::calls::Hooks;
use crate::door;

/// Decodes tokens into text as they are generated, and holds back the end of the text, which later tokens may change.
/// `decode` gets a list of token ids and returns their text.
#[gen_stub_pyclass]
#[pyclass(name = "TextStream")]
pub struct PyTextStream {
    inner: TextStream<'static>,
    hooks: Hooks,
}

#[gen_stub_pymethods]
#[pymethods]
impl PyTextStream {
    #[new]
    fn new(decode: Py<PyAny>) -> Self {
        let hooks = Hooks::default();
        let calls = hooks.clone();
        let decode = move |tokens: &[i64]| calls.call(|py| decode.call1(py, (tokens,))?.extract::<String>(py));
        Self { inner: TextStream::new(Arc::new(decode)), hooks }
    }

    /// The tokens whose text may change or was not returned as a whole.
    #[getter]
    fn tokens(&self) -> Vec<i64> {
        self.inner.tokens().to_vec()
    }

    /// Number of characters of the text of `tokens` that were returned.
    #[getter]
    fn num_given(&self) -> usize {
        self.inner.num_given()
    }

    /// Adds tokens and returns the newly stable text.
    fn put(&mut self, py: Python<'_>, tokens: Vec<i64>) -> PyResult<String> {
        let text = self.inner.put(&tokens);
        self.checked(py, text)
    }

    /// Returns the rest of the text, and starts anew.
    fn end(&mut self, py: Python<'_>) -> PyResult<String> {
        let text = self.inner.end();
        self.checked(py, text)
    }
}

impl PyTextStream {
    /// The text, or the exception that `decode` raised.
    fn checked(&self, py: Python<'_>, text: Result<String>) -> PyResult<String> {
        text.map_err(|error| self.hooks.take_error().unwrap_or_else(|| door::exception(py, &error)))
    }
}
