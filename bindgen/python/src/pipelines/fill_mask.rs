use pyo3::prelude::*;
use pyo3::pybacked::PyBackedStr;
use pyo3_stub_gen::derive::{gen_stub_pyclass, gen_stub_pymethods};
use trustformers::pipelines::{FillMask, FillMaskOptions, Filling};

use super::{borrowed, encode_options, parts};
use crate::door;
use crate::model::PyModel;
use crate::tokenizer::PyTokenizer;

/// Score, token, its text, and the text with it.
type PyFilling = (f32, u32, String, String);
/// The ids of targets; those that are no token, and the token in place of each.
type PyTargets = (Vec<u32>, Vec<(String, Option<String>)>);

/// The tokens that fit in place of masks.
#[gen_stub_pyclass]
#[pyclass(name = "FillMask", frozen)]
pub struct PyFillMask {
    inner: FillMask,
}

#[gen_stub_pymethods]
#[pymethods]
impl PyFillMask {
    #[new]
    fn new(py: Python<'_>, encoder: &PyModel, tokenizer: &PyTokenizer) -> PyResult<Self> {
        let (encoder, tokenizer) = parts(encoder, tokenizer);
        door::run(py, || Ok(Self { inner: FillMask::new(encoder, tokenizer)? }))
    }

    /// The ids of tokens, each once; texts that are no token, and the first token of each, if it has one.
    fn targets(&self, py: Python<'_>, texts: Vec<PyBackedStr>) -> PyResult<PyTargets> {
        let targets = door::run(py, || self.inner.targets(&borrowed(&texts)))?;
        Ok((targets.ids, targets.replaced))
    }

    /// For each text and each of its masks the best tokens: score, token, its text, and the text with it.
    #[pyo3(signature = (texts, *, batch_size, top_k, targets=None, truncation=None, max_length=None,
        add_special_tokens=true))]
    #[expect(clippy::too_many_arguments, reason = "keyword arguments of a Python method")]
    fn run(
        &self,
        py: Python<'_>,
        texts: Vec<PyBackedStr>,
        batch_size: usize,
        top_k: usize,
        targets: Option<Vec<u32>>,
        truncation: Option<&str>,
        max_length: Option<usize>,
        add_special_tokens: bool,
    ) -> PyResult<Vec<Vec<Vec<PyFilling>>>> {
        let results = door::run(py, || {
            let encode = encode_options(truncation, max_length, add_special_tokens)?;
            self.inner.run(&borrowed(&texts), &FillMaskOptions { top_k, targets, encode, batch_size })
        })?;
        let filling = |Filling { score, token, token_str, sequence }| (score, token, token_str, sequence);
        let mask = |fillings: Vec<Filling>| fillings.into_iter().map(filling).collect();
        Ok(results.into_iter().map(|masks| masks.into_iter().map(mask).collect()).collect())
    }
}
