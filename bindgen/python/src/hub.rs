//! Finds a model's files on disk or downloads them from the hub.

use std::path::PathBuf;

use pyo3::prelude::*;
use pyo3_stub_gen::derive::gen_stub_pyfunction;
use trustformers::hub::{self, Files, HubOptions};
use trustformers::{Error, WeightFiles};

use crate::door;

/// The directory that holds a model's files: `name_or_path` itself, or a snapshot in the cache, downloaded if needed.
///
/// `files` is "config", "tokenizer", "model" or "pipeline" (model and tokenizer). With `gguf_file`, returns the path of
/// that file instead. `variant` and `use_safetensors` select the weight files.
#[gen_stub_pyfunction]
#[pyfunction]
#[pyo3(signature = (name_or_path, files, revision=None, token=None, cache_dir=None, local_files_only=false,
    gguf_file=None, *, subfolder=None, variant=None, use_safetensors=None))]
#[expect(clippy::too_many_arguments, reason = "keyword arguments of a Python function")]
pub(crate) fn resolve(
    py: Python<'_>,
    name_or_path: &str,
    files: &str,
    revision: Option<String>,
    token: Option<String>,
    cache_dir: Option<PathBuf>,
    local_files_only: bool,
    gguf_file: Option<&str>,
    subfolder: Option<String>,
    variant: Option<String>,
    use_safetensors: Option<bool>,
) -> PyResult<PathBuf> {
    door::run(py, || {
        let weights = WeightFiles { variant, use_safetensors };
        let options = HubOptions {
            revision,
            token,
            cache_dir,
            subfolder,
            weights,
            local_files_only,
            progress: true,
            on_progress: None,
        };
        if let Some(file) = gguf_file {
            return hub::resolve_file(name_or_path, file, &options);
        }
        let files: &[Files] = match files {
            "config" => &[Files::Config],
            // The model's configuration can name the tokenizer's class.
            "tokenizer" => &[Files::Tokenizer, Files::Config],
            "model" => &[Files::Model],
            "pipeline" => &[Files::Model, Files::Tokenizer],
            other => {
                return Err(Error::input(
                    "files",
                    format!("\"{other}\" is not one of config, tokenizer, model, pipeline"),
                ));
            }
        };
        hub::resolve(name_or_path, files, &options)
    })
}
