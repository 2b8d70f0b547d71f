use pyo3::prelude::*;
use pyo3::pybacked::PyBackedStr;
use pyo3_stub_gen::derive::{gen_stub_pyclass, gen_stub_pymethods};
use trustformers::pipelines::{
    HypothesisScore, LabelScore, TextClassification, TextClassificationOptions, ZeroShotClassification,
};

use super::{borrowed, encode_options, parts, text_inputs};
use crate::door;
use crate::model::PyModel;
use crate::tokenizer::PyTokenizer;

/// Text classification pipeline.
#[gen_stub_pyclass]
#[pyclass(name = "TextClassification", frozen)]
pub struct PyTextClassification {
    inner: TextClassification,
}

#[gen_stub_pymethods]
#[pymethods]
impl PyTextClassification {
    #[new]
    fn new(py: Python<'_>, model: &PyModel, tokenizer: &PyTokenizer) -> PyResult<Self> {
        let (model, tokenizer) = parts(model, tokenizer);
        door::run(py, || Ok(Self { inner: TextClassification::new(model, tokenizer)? }))
    }

    /// The `top_k` best labels of each text with their scores, best first; all labels if `top_k` is `None`.
    #[pyo3(signature = (texts, text_pairs, *, batch_size, top_k=None, function_to_apply=None, truncation=None,
        max_length=None, add_special_tokens=true))]
    #[expect(clippy::too_many_arguments, reason = "keyword arguments of a Python method")]
    fn run(
        &self,
        py: Python<'_>,
        texts: Vec<PyBackedStr>,
        text_pairs: Vec<Option<PyBackedStr>>,
        batch_size: usize,
        top_k: Option<usize>,
        function_to_apply: Option<&str>,
        truncation: Option<&str>,
        max_length: Option<usize>,
        add_special_tokens: bool,
    ) -> PyResult<Vec<Vec<(String, f32)>>> {
        let results = door::run(py, || {
            let options = TextClassificationOptions {
                function_to_apply: function_to_apply.map(str::parse).transpose()?,
                top_k,
                encode: encode_options(truncation, max_length, add_special_tokens)?,
                batch_size,
            };
            self.inner.run(text_inputs(&texts, &text_pairs), &options)
        })?;
        let pair = |LabelScore { label, score }| (label, score);
        Ok(results.into_iter().map(|labels| labels.into_iter().map(pair).collect()).collect())
    }
}

/// Zero-shot classification pipeline: scores labels by whether the text entails their hypotheses.
#[gen_stub_pyclass]
#[pyclass(name = "ZeroShotClassification", frozen)]
pub struct PyZeroShotClassification {
    inner: ZeroShotClassification,
}

#[gen_stub_pymethods]
#[pymethods]
impl PyZeroShotClassification {
    #[new]
    fn new(py: Python<'_>, model: &PyModel, tokenizer: &PyTokenizer) -> PyResult<Self> {
        let (model, tokenizer) = parts(model, tokenizer);
        door::run(py, || Ok(Self { inner: ZeroShotClassification::new(model, tokenizer)? }))
    }

    /// Index of the model's entailment label; `None` if no label is named so.
    #[getter]
    fn entailment(&self) -> Option<usize> {
        self.inner.entailment()
    }

    /// For each text, the indices of the hypotheses and their scores, best first.
    #[pyo3(signature = (texts, hypotheses, *, multi_label, batch_size))]
    fn run(
        &self,
        py: Python<'_>,
        texts: Vec<PyBackedStr>,
        hypotheses: Vec<PyBackedStr>,
        multi_label: bool,
        batch_size: usize,
    ) -> PyResult<Vec<Vec<HypothesisScore>>> {
        door::run(py, || self.inner.run(&borrowed(&texts), &borrowed(&hypotheses), multi_label, batch_size))
    }
}
