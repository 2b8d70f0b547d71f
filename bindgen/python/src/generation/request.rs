//! A request for generation, which is computed by itself or together with others.

use std::sync::Arc;

use numpy::{PyArray1, PyArray2, PyArrayMethods, PyReadonlyArray2};
use pyo3::prelude::*;
use pyo3::pybacked::PyBackedStr;
use pyo3::types::PyString;
use pyo3_stub_gen::derive::{gen_stub_pyclass, gen_stub_pymethods};
use pyo3_stub_gen::{PyStubType, TypeInfo};
use trustformers::generation::{PaddedPrompts, Settings};
use trustformers::models::Model;
use trustformers::tokenizers::{EncodeOptions, Tokenizer};
use trustformers::{Error, Result};

use super::config::PyGenerationSettings;
use crate::arrays::Ids;
use crate::door;
use crate::model::{PyEncoderSource, PyModel};
use crate::tokenizer::PyTokenizer;

/// Prompts and how a model continues them. `inputs` are prompts of shape (batch, seq) or a text, and without any,
/// generation starts with the BOS token. For an encoder-decoder they are prompts of its decoder, which attend to the
/// `source`. Without `attention_mask`, padding is inferred from `pad_token_id`. The
/// tokenizer encodes the text and finds stop strings.
#[gen_stub_pyclass]
#[pyclass(name = "GenerationRequest", frozen)]
pub struct PyGenerationRequest {
    pub(super) model: Arc<dyn Model>,
    pub(super) settings: Settings,
    pub(super) prompts: Arc<PaddedPrompts>,
    pub(super) source: Option<Py<PyEncoderSource>>,
    pub(super) seed: u64,
    pub(super) tokenizer: Option<Tokenizer>,
}

#[gen_stub_pymethods]
#[pymethods]
impl PyGenerationRequest {
    #[new]
    #[pyo3(signature = (model, settings, *, seed, inputs=None, attention_mask=None, tokenizer=None, source=None))]
    #[expect(clippy::too_many_arguments, reason = "keyword arguments of a Python class")]
    fn new(
        py: Python<'_>,
        model: &PyModel,
        settings: &PyGenerationSettings,
        seed: u64,
        inputs: Option<Inputs<'_>>,
        attention_mask: Option<PyReadonlyArray2<'_, i64>>,
        tokenizer: Option<&PyTokenizer>,
        source: Option<Py<PyEncoderSource>>,
    ) -> PyResult<Self> {
        let attended = source.as_ref().map(|source| source.get());
        let model = model.inner.clone();
        let settings = settings.inner.clone();
        let tokenizer = tokenizer.map(|tokenizer| tokenizer.inner.clone());
        let inputs = inputs.map(Inputs::copy);
        let mask = attention_mask.as_ref().map(Ids::copy);
        door::run_here(py, || {
            let mask = mask.map(|mask| (mask.values, mask.shape));
            if let Some(attended) = attended {
                if let Some(ids) = attended.ids() {
                    model.check_input_ids(&ids.values, ids.shape)?;
                }
                let given = match inputs {
                    None => None,
                    Some(Prompt::Ids(ids)) => {
                        model.check_decoder_input_ids(&ids.values, ids.shape)?;
                        Some((ids.values, ids.shape))
                    }
                    Some(Prompt::Text(_)) => return Err(Error::unsupported("a text as the prompt of a decoder")),
                };
                let prompts = Arc::new(PaddedPrompts::of_decoder(attended.batch()?, given, mask, &settings)?);
                return Ok(Self { model, settings, prompts, source: None, seed, tokenizer });
            }
            let prompts = match inputs {
                None => PaddedPrompts::default(),
                Some(Prompt::Ids(ids)) => {
                    if !ids.values.is_empty() {
                        model.check_input_ids(&ids.values, ids.shape)?;
                    }
                    PaddedPrompts::new(ids.values, ids.shape, mask, &settings)?
                }
                Some(Prompt::Text(text)) => {
                    let Some(tokenizer) = &tokenizer else {
                        return Err(Error::input("inputs", "a text takes a tokenizer; pass tokenizer=..."));
                    };
                    let ids = encoded(tokenizer, &text)?;
                    let shape = [1, ids.len()];
                    PaddedPrompts::new(ids, shape, mask, &settings)?
                }
            };
            Ok(Self { model, settings, prompts: Arc::new(prompts), source: None, seed, tokenizer })
        })
        .map(|request| Self { source, ..request })
    }

    /// The attention mask of the prompts, (batch, seq): given, or inferred from padding.
    #[getter]
    fn attention_mask<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyArray2<i64>>> {
        let shape = self.prompts.shape();
        let mask = match self.prompts.attention_mask() {
            [] => vec![1; shape[0] * shape[1]],
            mask => mask.to_vec(),
        };
        PyArray1::from_vec(py, mask).reshape(shape)
    }
}

fn encoded(tokenizer: &Tokenizer, text: &str) -> Result<Vec<i64>> {
    let encoding = tokenizer.encode(text, &EncodeOptions::default())?;
    Ok(encoding.get_ids().iter().map(|id| i64::from(*id)).collect())
}

/// Prompts as Python passes them.
enum Inputs<'py> {
    Text(PyBackedStr),
    Ids(PyReadonlyArray2<'py, i64>),
}

/// Prompts copied from Python.
enum Prompt {
    Text(PyBackedStr),
    Ids(Ids),
}

impl Inputs<'_> {
    fn copy(self) -> Prompt {
        match self {
            Self::Text(text) => Prompt::Text(text),
            Self::Ids(ids) => Prompt::Ids(Ids::copy(&ids)),
        }
    }
}

// A derived implementation hides the error of a string that has no UTF-8 form among those of all variants.
impl<'a, 'py> FromPyObject<'a, 'py> for Inputs<'py> {
    type Error = PyErr;

    fn extract(object: Borrowed<'a, 'py, PyAny>) -> PyResult<Self> {
        match object.is_instance_of::<PyString>() {
            true => object
                .extract()
                .map(Self::Text)
                .map_err(|error| door::exception(object.py(), &Error::input("inputs", error))),
            false => Ok(Self::Ids(object.extract()?)),
        }
    }
}

impl PyStubType for Inputs<'_> {
    fn type_output() -> TypeInfo {
        String::type_output() | Py::<PyArray2<i64>>::type_output()
    }
}
