use numpy::{PyReadonlyArray2, PyUntypedArrayMethods};
use pyo3::prelude::*;
use pyo3_stub_gen::derive::{gen_stub_pyclass, gen_stub_pymethods};
use serde_json::{Map, Value};
use trustformers::generation::{GenerationConfig, Settings};
use trustformers::pipelines::{default_keys, kept_prompt_len, keys_with_prefix, rows_as_alone};

use crate::arrays::Ids;
use crate::door;
use crate::json::{Keys, json_object, python_dict};

/// The generation settings that a call of the text generation pipeline states: `kwargs` take precedence over the
/// configuration `user`, which takes precedence over the configuration `model`.
#[gen_stub_pyclass]
#[pyclass(name = "StatedSettings", frozen)]
pub struct PyStatedSettings {
    keys: Map<String, Value>,
}

#[gen_stub_pymethods]
#[pymethods]
impl PyStatedSettings {
    #[new]
    fn new(py: Python<'_>, model: Keys<'_>, user: Option<Keys<'_>>, kwargs: Keys<'_>) -> PyResult<Self> {
        let model = json_object("generation_config", &model)?;
        let user = user.map(|user| json_object("generation_config", &user)).transpose()?;
        let kwargs = json_object("model_kwargs", &kwargs)?;
        door::run_here(py, || {
            let model = GenerationConfig::from_json(&Value::Object(model))?;
            let user = user.map(|user| GenerationConfig::from_json(&Value::Object(user))).transpose()?;
            Ok(Self { keys: Settings::stated(&model, user.as_ref(), &kwargs)? })
        })
    }

    /// The settings that the pipeline adds.
    fn defaults<'py>(&self, py: Python<'py>, pad_token_id: Option<i64>) -> PyResult<Keys<'py>> {
        python_dict(py, &default_keys(&self.keys, pad_token_id))
    }

    /// The stated lengths of whole sequences, plus the tokens of a prefix that precedes each prompt.
    fn with_prefix<'py>(&self, py: Python<'py>, prefix_len: usize) -> PyResult<Keys<'py>> {
        python_dict(py, &keys_with_prefix(&self.keys, prefix_len))
    }

    /// How many tokens at the end of a prompt leave room for the new tokens.
    fn kept_prompt_len(&self, py: Python<'_>, prompt_len: usize, model_max_length: usize) -> PyResult<usize> {
        door::run_here(py, || kept_prompt_len(&self.keys, prompt_len, model_max_length))
    }

    /// The sequences of each prompt, without the padding that other prompts of the batch cause. `sequences` is int64 of
    /// shape (rows, seq).
    fn rows_as_alone(
        &self,
        py: Python<'_>,
        sequences: PyReadonlyArray2<'_, i64>,
        prompts: Vec<Vec<i64>>,
        has_criteria: bool,
    ) -> PyResult<Vec<Vec<Vec<i64>>>> {
        let width = sequences.shape()[1];
        let ids = Ids::copy(&sequences);
        door::run_here(py, || {
            let rows: Vec<&[i64]> = ids.values.chunks(width.max(1)).collect();
            rows_as_alone(&rows, &prompts, &self.keys, has_criteria)
        })
    }
}
