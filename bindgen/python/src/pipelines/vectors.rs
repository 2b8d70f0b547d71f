use std::path::PathBuf;

use pyo3::prelude::*;
use pyo3::pybacked::PyBackedStr;
use pyo3_stub_gen::derive::{gen_stub_pyclass, gen_stub_pymethods};
use trustformers::pipelines::{FeatureExtraction, SentenceSimilarity};

use super::{borrowed, encode_options, parts};
use crate::arrays::{FloatArray, to_numpy};
use crate::door;
use crate::model::PyModel;
use crate::tokenizer::PyTokenizer;

/// The last hidden state of every token of a text.
#[gen_stub_pyclass]
#[pyclass(name = "FeatureExtraction", frozen)]
pub struct PyFeatureExtraction {
    inner: FeatureExtraction,
}

#[gen_stub_pymethods]
#[pymethods]
impl PyFeatureExtraction {
    #[new]
    fn new(py: Python<'_>, encoder: &PyModel, tokenizer: &PyTokenizer) -> PyResult<Self> {
        let (encoder, tokenizer) = parts(encoder, tokenizer);
        door::run(py, || Ok(Self { inner: FeatureExtraction::new(encoder, tokenizer)? }))
    }

    /// One float32 array of shape (1, seq, hidden) per text.
    #[pyo3(signature = (texts, *, batch_size, truncation=None, max_length=None, add_special_tokens=true))]
    fn run<'py>(
        &self,
        py: Python<'py>,
        texts: Vec<PyBackedStr>,
        batch_size: usize,
        truncation: Option<&str>,
        max_length: Option<usize>,
        add_special_tokens: bool,
    ) -> PyResult<Vec<FloatArray<'py>>> {
        let features = door::run(py, || {
            let options = encode_options(truncation, max_length, add_special_tokens)?;
            self.inner.run(&borrowed(&texts), &options, batch_size)
        })?;
        features.into_iter().map(|tensor| to_numpy(py, tensor)).collect()
    }
}

/// One vector of length one per sentence.
#[gen_stub_pyclass]
#[pyclass(name = "SentenceSimilarity", frozen)]
pub struct PySentenceSimilarity {
    inner: SentenceSimilarity,
}

#[gen_stub_pymethods]
#[pymethods]
impl PySentenceSimilarity {
    /// `dir` is the model's directory, whose sentence-transformers files say how to pool.
    #[new]
    #[pyo3(signature = (encoder, tokenizer, dir))]
    fn new(py: Python<'_>, encoder: &PyModel, tokenizer: &PyTokenizer, dir: Option<PathBuf>) -> PyResult<Self> {
        let (encoder, tokenizer) = parts(encoder, tokenizer);
        door::run(py, || Ok(Self { inner: SentenceSimilarity::new(encoder, tokenizer, dir.as_deref())? }))
    }

    /// A float32 array of shape (sentences, hidden).
    fn embed<'py>(&self, py: Python<'py>, sentences: Vec<PyBackedStr>, batch_size: usize) -> PyResult<FloatArray<'py>> {
        let vectors = door::run(py, || self.inner.embed(&borrowed(&sentences), batch_size))?;
        to_numpy(py, vectors)
    }
}
