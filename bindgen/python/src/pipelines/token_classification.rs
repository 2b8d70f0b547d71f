use pyo3::prelude::*;
use pyo3::pybacked::PyBackedStr;
use pyo3_stub_gen::derive::{gen_stub_pyclass, gen_stub_pymethods};
use trustformers::pipelines::{Entity, Sentence, TokenClassification, TokenClassificationOptions};

use super::{borrowed, parts};
use crate::door;
use crate::model::PyModel;
use crate::tokenizer::PyTokenizer;

/// Label, score, text, token index, start and end (exclusive) in characters.
type PyEntity = (String, f32, String, Option<usize>, usize, usize);

/// Token classification pipeline: labels tokens, or the entities that they form.
#[gen_stub_pyclass]
#[pyclass(name = "TokenClassification", frozen)]
pub struct PyTokenClassification {
    inner: TokenClassification,
}

#[gen_stub_pymethods]
#[pymethods]
impl PyTokenClassification {
    #[new]
    fn new(py: Python<'_>, model: &PyModel, tokenizer: &PyTokenizer) -> PyResult<Self> {
        let (model, tokenizer) = parts(model, tokenizer);
        door::run(py, || Ok(Self { inner: TokenClassification::new(model, tokenizer)? }))
    }

    /// For each text, its entities: label, score, text, token index, start and end (exclusive) in characters.
    #[pyo3(signature = (texts, *, aggregation_strategy, ignore_labels, batch_size, stride=None))]
    fn run(
        &self,
        py: Python<'_>,
        texts: Vec<PyBackedStr>,
        aggregation_strategy: &str,
        ignore_labels: Vec<String>,
        batch_size: usize,
        stride: Option<usize>,
    ) -> PyResult<Vec<Vec<PyEntity>>> {
        let sentences: Vec<_> = texts.iter().map(|text| Sentence::Text(text)).collect();
        let results = door::run(py, || {
            let aggregation_strategy = aggregation_strategy.parse()?;
            let options = TokenClassificationOptions { aggregation_strategy, ignore_labels, stride, batch_size };
            self.inner.run(&sentences, &options)
        })?;
        Ok(tuples(results))
    }

    /// Classifies texts given as lists of words, joined by `delimiter`; returns the same tuples as `run`.
    #[pyo3(signature = (texts, delimiter, *, aggregation_strategy, ignore_labels, batch_size, stride=None))]
    #[expect(clippy::too_many_arguments, reason = "keyword arguments of a Python method")]
    fn run_words(
        &self,
        py: Python<'_>,
        texts: Vec<Vec<PyBackedStr>>,
        delimiter: &str,
        aggregation_strategy: &str,
        ignore_labels: Vec<String>,
        batch_size: usize,
        stride: Option<usize>,
    ) -> PyResult<Vec<Vec<PyEntity>>> {
        let words: Vec<_> = texts.iter().map(|words| borrowed(words)).collect();
        let sentences: Vec<_> = words.iter().map(|words| Sentence::Words(words, delimiter)).collect();
        let results = door::run(py, || {
            let aggregation_strategy = aggregation_strategy.parse()?;
            let options = TokenClassificationOptions { aggregation_strategy, ignore_labels, stride, batch_size };
            self.inner.run(&sentences, &options)
        })?;
        Ok(tuples(results))
    }
}

fn tuples(results: Vec<Vec<Entity>>) -> Vec<Vec<PyEntity>> {
    let tuple = |Entity { label, score, word, index, start, end }| (label, score, word, index, start, end);
    results.into_iter().map(|entities| entities.into_iter().map(tuple).collect()).collect()
}
