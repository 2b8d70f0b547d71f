//! Generation settings: configurations and their precedence.

use std::path::PathBuf;

use pyo3::prelude::*;
use pyo3_stub_gen::derive::{gen_stub_pyclass, gen_stub_pyfunction, gen_stub_pymethods};
use trustformers::Result;
use trustformers::generation::{GenerationConfig, Issue, Settings};

use crate::door;
use crate::json::{Keys, json_keys, python_dict};

/// Argument that errors of configurations name.
const CONFIG: &str = "generation_config";

/// The settings of a `generate` call: `kwargs` take precedence over the configuration `user`, which takes precedence
/// over the configuration `model` and the defaults. A None in `kwargs` switches its key off.
#[gen_stub_pyclass]
#[pyclass(name = "GenerationSettings", frozen)]
pub struct PyGenerationSettings {
    pub(super) inner: Settings,
}

#[gen_stub_pymethods]
#[pymethods]
impl PyGenerationSettings {
    #[new]
    fn new(py: Python<'_>, model: Keys<'_>, user: Option<Keys<'_>>, kwargs: Keys<'_>) -> PyResult<Self> {
        let model = json_keys(CONFIG, &model)?;
        let user = user.map(|user| json_keys(CONFIG, &user)).transpose()?;
        let kwargs = json_keys("model_kwargs", &kwargs)?;
        door::run_here(py, || {
            let model = GenerationConfig::from_json(&model)?;
            let user = user.as_ref().map(GenerationConfig::from_json).transpose()?;
            Ok(Self { inner: Settings::new(&model, user.as_ref(), &kwargs)? })
        })
    }

    /// The caller's arguments that have no effect, each with the reason.
    #[getter]
    fn issues(&self) -> Vec<(&'static str, String)> {
        pairs(self.inner.issues())
    }

    /// Whether the caller wants an output object rather than the sequences alone.
    #[getter]
    fn returns_dict(&self) -> bool {
        self.inner.returns_dict()
    }

    /// Whether the processed logits of every step are recorded.
    #[getter]
    fn outputs_scores(&self) -> bool {
        self.inner.outputs_scores()
    }

    /// Number of beams; 1 without beam search.
    #[getter]
    fn num_beams(&self) -> usize {
        self.inner.num_beams()
    }

    /// Whether the hidden states of every step are returned.
    #[getter]
    fn outputs_hidden_states(&self) -> bool {
        self.inner.outputs_hidden_states()
    }

    /// Whether the attention weights of every step are returned.
    #[getter]
    fn outputs_attentions(&self) -> bool {
        self.inner.outputs_attentions()
    }

    /// Whether steps continue from keys and values of earlier ones.
    #[getter]
    fn uses_cache(&self) -> bool {
        self.inner.uses_cache()
    }

    /// Whether the call can be computed together with others.
    #[getter]
    fn can_batch(&self) -> bool {
        !self.inner.returns_dict() && self.inner.check_batched().is_ok()
    }
}

/// The keys that a generation configuration sets; unknown keys are kept.
#[gen_stub_pyfunction]
#[pyfunction]
pub(super) fn generation_config<'py>(py: Python<'py>, keys: Keys<'py>) -> PyResult<Keys<'py>> {
    let keys = json_keys(CONFIG, &keys)?;
    settings_dict(py, || GenerationConfig::from_json(&keys))
}

/// The keys of a generation configuration that have no effect, each with the reason.
///
/// **Errors:** `Input` for values that contradict one another.
#[gen_stub_pyfunction]
#[pyfunction]
pub(super) fn generation_config_issues(py: Python<'_>, keys: Keys<'_>) -> PyResult<Vec<(&'static str, String)>> {
    let keys = json_keys(CONFIG, &keys)?;
    door::run_here(py, || Ok(pairs(&GenerationConfig::from_json(&keys)?.validate(None)?)))
}

/// The keys that a generation configuration may have.
#[gen_stub_pyfunction]
#[pyfunction]
pub(super) fn generation_config_keys() -> Vec<&'static str> {
    GenerationConfig::KEYS.to_vec()
}

/// The generation settings in the keys of a `config.json`.
#[gen_stub_pyfunction]
#[pyfunction]
pub(super) fn generation_config_of_model<'py>(py: Python<'py>, config: Keys<'py>) -> PyResult<Keys<'py>> {
    let config = json_keys("config", &config)?;
    settings_dict(py, || GenerationConfig::from_model_config(&config))
}

/// The keys of a `generation_config.json`.
#[gen_stub_pyfunction]
#[pyfunction]
pub(super) fn read_generation_config(py: Python<'_>, file: PathBuf) -> PyResult<Keys<'_>> {
    settings_dict(py, || GenerationConfig::open(&file))
}

fn settings_dict<'py>(
    py: Python<'py>,
    config: impl FnOnce() -> Result<GenerationConfig> + Send,
) -> PyResult<Keys<'py>> {
    python_dict(py, &door::run_here(py, || config()?.to_map())?)
}

fn pairs(issues: &[Issue]) -> Vec<(&'static str, String)> {
    issues.iter().map(|issue| (issue.key, issue.message.clone())).collect()
}
