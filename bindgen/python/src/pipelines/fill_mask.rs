use pyo3::prelude::*;
use pyo3::pybacked::PyBackedStr;
use pyo3_stub_gen::derive::{gen_stub_pyclass, gen_stub_pymethods};
use trustformers::pipelines::{FillMask, FillMaskOptions, Filling};

use super::{borrowed, encode_options, parts};
use crate::door;
use crate::model::PyModel;
use crate::tokenizer::PyTokenizer;

/// Score, token id, token text, and the input text with the mask filled.
type PyFilling = (f32, u32, String, String);
/// The ids of the targets; texts that are not a token, each with the token used instead.
type PyTargets = (Vec<u32>, Vec<(String, Option<String>)>);

/// Fill-mask pipeline: predicts the tokens at mask positions.
#[gen_stub_pyclass]
#[pyclass(name = "FillMask", frozen)]
pub struct PyFillMask {
    inner: FillMask,
}

#[gen_stub_pymethods]
#[pymethods]
impl PyFillMask {
    #[new]
    fn new(py: Python<'_>, model: &PyModel, tokenizer: &PyTokenizer) -> PyResult<Self> {
        let (model, tokenizer) = parts(model, tokenizer);
        door::run(py, || Ok(Self { inner: FillMask::new(model, tokenizer)? }))
    }

    /// The ids of the target tokens, without duplicates; texts that are not a token, each with the first token of its
    /// encoding, which is used instead.
    fn targets(&self, py: Python<'_>, texts: Vec<PyBackedStr>) -> PyResult<PyTargets> {
        let targets = door::run(py, || self.inner.targets(&borrowed(&texts)))?;
        Ok((targets.ids, targets.replaced))
    }

    /// For each text and each of its masks, the best tokens: score, token id, token text, and the text with the mask
    /// filled.
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
