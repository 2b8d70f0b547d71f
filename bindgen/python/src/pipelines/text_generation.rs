use numpy::{PyReadonlyArray2, PyUntypedArrayMethods};
use pyo3::prelude::*;
use pyo3::pybacked::PyBackedStr;
use pyo3_stub_gen::derive::{gen_stub_pyclass, gen_stub_pyfunction, gen_stub_pymethods};
use pyo3_stub_gen::{PyStubType, TypeInfo};
use serde_json::{Map, Value};
use trustformers::generation::{GenerationConfig, Settings};
use trustformers::pipelines::{
    self, GenerationPrompt, GenerationResult, LastMessage, ResultOptions, default_keys, kept_prompt_len,
    keys_with_prefix, rows_as_alone,
};

use crate::arrays::Ids;
use crate::door;
use crate::json::{Keys, json_object, python_dict};
use crate::tokenizer::PyTokenizer;

/// The generation settings that a call of the text generation pipeline sets explicitly: `kwargs` take precedence over
/// the configuration `user`, which takes precedence over the configuration `model`.
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

    /// Default settings of the pipeline for keys that are not set.
    fn defaults<'py>(&self, py: Python<'py>, pad_token_id: Option<i64>) -> PyResult<Keys<'py>> {
        python_dict(py, &default_keys(&self.keys, pad_token_id))
    }

    /// The explicit `max_length` and `min_length`, plus the length of a prefix that is added to each prompt.
    fn with_prefix<'py>(&self, py: Python<'py>, prefix_len: usize) -> PyResult<Keys<'py>> {
        python_dict(py, &keys_with_prefix(&self.keys, prefix_len))
    }

    /// Number of tokens to keep at the end of a prompt so that the new tokens fit.
    fn kept_prompt_len(&self, py: Python<'_>, prompt_len: usize, model_max_length: usize) -> PyResult<usize> {
        door::run_here(py, || kept_prompt_len(&self.keys, prompt_len, model_max_length))
    }

    /// The sequences of each prompt, without the padding due to other prompts of the batch. `sequences` is int64 of
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

/// Role and content of the last message of a chat; the content is `None` if it is not text.
type PyLastMessage = (PyBackedStr, Option<PyBackedStr>);

fn last_message((role, content): &PyLastMessage) -> LastMessage<'_> {
    LastMessage { role, content: content.as_deref() }
}

/// Whether generation continues the last message of a chat; by default only an assistant's.
#[gen_stub_pyfunction]
#[pyfunction]
#[pyo3(signature = (message, continue_final_message))]
pub fn continues_last_message(
    py: Python<'_>,
    message: PyLastMessage,
    continue_final_message: Option<bool>,
) -> PyResult<bool> {
    door::run_here(py, || Ok(last_message(&message).continued(continue_final_message)?.is_some()))
}

/// A text, or the last message of a chat.
#[derive(FromPyObject)]
pub enum PyPrompt {
    Text(PyBackedStr),
    Chat(PyLastMessage),
}

impl PyStubType for PyPrompt {
    fn type_output() -> TypeInfo {
        PyBackedStr::type_output() | PyLastMessage::type_output()
    }
}

/// Token ids, a text, or the role and the content of a message and whether it replaces the last one of the chat.
#[derive(IntoPyObject)]
pub enum PyGenerationResult {
    TokenIds(Vec<i64>),
    Text(String),
    Message((String, String, bool)),
}

impl PyStubType for PyGenerationResult {
    fn type_output() -> TypeInfo {
        Vec::<i64>::type_output() | String::type_output() | <(String, String, bool)>::type_output()
    }
}

impl From<GenerationResult> for PyGenerationResult {
    fn from(result: GenerationResult) -> Self {
        match result {
            GenerationResult::TokenIds(tokens) => Self::TokenIds(tokens),
            GenerationResult::Text(text) => Self::Text(text),
            GenerationResult::Message { role, content, replaces_last } => Self::Message((role, content, replaces_last)),
        }
    }
}

/// The results of a prompt, one per sequence; sequences begin with the prompt's tokens.
#[gen_stub_pyfunction]
#[pyfunction]
#[pyo3(signature = (tokenizer, prompt, sequences, prompt_len, *, return_type, skip_special_tokens=true,
    clean_up_tokenization_spaces=None, continue_final_message=None))]
#[expect(clippy::too_many_arguments, reason = "keyword arguments of a Python function")]
pub fn generation_results(
    py: Python<'_>,
    tokenizer: &PyTokenizer,
    prompt: PyPrompt,
    sequences: Vec<Vec<i64>>,
    prompt_len: usize,
    return_type: &str,
    skip_special_tokens: bool,
    clean_up_tokenization_spaces: Option<bool>,
    continue_final_message: Option<bool>,
) -> PyResult<Vec<PyGenerationResult>> {
    let results = door::run(py, || {
        let return_type = return_type.parse()?;
        let options =
            ResultOptions { return_type, skip_special_tokens, clean_up_tokenization_spaces, continue_final_message };
        let prompt = match &prompt {
            PyPrompt::Text(text) => GenerationPrompt::Text(text),
            PyPrompt::Chat(message) => GenerationPrompt::Chat(last_message(message)),
        };
        pipelines::generation_results(&tokenizer.inner, prompt, sequences, prompt_len, &options)
    })?;
    Ok(results.into_iter().map(PyGenerationResult::from).collect())
}
