use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use trustformers::generation::{Batcher, GenerationConfig};
use trustformers::hub::Files;
use trustformers::models::{self, ForwardCall};
use trustformers::{ModelSource, generation_config, load_model, pipelines};

use crate::door;
use crate::error::Result;
use crate::hub::resolve;
use crate::load_options::{Device, LoadOptions};
use crate::rows::{Matrix, Tensor};

/// Requests of one model that are computed together; more wait for their turn.
const NUM_SLOTS: usize = 64;

/// Head of a model.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum Head {
    /// No head: hidden states, for embeddings.
    Base,
    /// Logits over the vocabulary for the next token.
    CausalLm,
    /// Logits over the labels for each sequence.
    SequenceClassification,
    /// Logits over the labels for every token.
    TokenClassification,
    /// Logits of the answer's start and end for every token.
    QuestionAnswering,
}

impl From<Head> for models::Head {
    fn from(head: Head) -> Self {
        match head {
            Head::Base => Self::Base,
            Head::CausalLm => Self::CausalLm,
            Head::SequenceClassification => Self::SequenceClassification,
            Head::TokenClassification => Self::TokenClassification,
            Head::QuestionAnswering => Self::QuestionAnswering,
        }
    }
}

/// Inputs of a model: rows of equal length, one for each sequence.
#[derive(Clone, Debug, uniffi::Record)]
pub struct ModelInputs {
    /// Token ids.
    pub input_ids: Vec<Vec<i64>>,
    /// 0 at padding, 1 elsewhere; by default there is no padding.
    #[uniffi(default = None)]
    pub attention_mask: Option<Vec<Vec<i64>>>,
    /// Token types; by default all 0.
    #[uniffi(default = None)]
    pub token_type_ids: Option<Vec<Vec<i64>>>,
}

/// Outputs of a model.
#[derive(Clone, Debug, uniffi::Record)]
pub struct ModelOutput {
    /// Last hidden states, `[batch, seq, hidden]`; models without a head only.
    pub last_hidden_state: Option<Tensor>,
    /// Pooler output, `[batch, hidden]`; models without a head that have a pooler only.
    pub pooler_output: Option<Tensor>,
    /// Logits of the head, `[batch, seq, outputs]` or `[batch, outputs]`.
    pub logits: Option<Tensor>,
}

/// A loaded model, which any number of pipelines and generators share.
#[derive(uniffi::Object)]
pub struct Model {
    pub(crate) inner: Arc<dyn models::Model>,
    /// The directory that the model was loaded from; `None` for a GGUF file.
    pub(crate) dir: Option<PathBuf>,
    pub(crate) generation_config: GenerationConfig,
    device: Device,
    batcher: Mutex<Option<Arc<Batcher>>>,
}

#[uniffi::export]
impl Model {
    /// Loads a model from a directory, a GGUF file or a hub repository.
    #[uniffi::constructor(default(options))]
    pub fn load(name_or_path: String, head: Head, options: LoadOptions) -> Result<Arc<Self>> {
        let path = door::run_here(|| resolve(&name_or_path, &[Files::Model], &options.hub()))?;
        Self::open(&path, head, &options)
    }

    /// As `load`, without blocking.
    #[uniffi::constructor(default(options))]
    pub async fn load_async(name_or_path: String, head: Head, options: LoadOptions) -> Result<Arc<Self>> {
        door::spawn(move || Self::load(name_or_path, head, options)).await
    }

    /// Runs the model.
    pub fn forward(&self, inputs: ModelInputs) -> Result<ModelOutput> {
        door::run(|| {
            let input_ids = Matrix::new("input_ids", &inputs.input_ids)?;
            let matrix =
                |name, rows: &Option<Vec<Vec<i64>>>| rows.as_ref().map(|rows| Matrix::new(name, rows)).transpose();
            let attention_mask = matrix("attention_mask", &inputs.attention_mask)?;
            let token_type_ids = matrix("token_type_ids", &inputs.token_type_ids)?;
            let call = ForwardCall {
                input_ids: Some(input_ids.padded()),
                attention_mask: attention_mask.as_ref().map(Matrix::padded),
                token_type_ids: token_type_ids.as_ref().map(Matrix::padded),
                ..ForwardCall::default()
            };
            let output = call.run(&*self.inner, None)?;
            Ok(ModelOutput {
                last_hidden_state: output.last_hidden_state.map(Tensor::from),
                pooler_output: output.pooler_output.map(Tensor::from),
                logits: output.logits.map(Tensor::from),
            })
        })
    }

    /// As `forward`, without blocking.
    pub async fn forward_async(self: Arc<Self>, inputs: ModelInputs) -> Result<ModelOutput> {
        door::spawn(move || self.forward(inputs)).await
    }

    /// The model's `config.json`.
    pub fn config(&self) -> String {
        self.inner.config().to_string()
    }

    /// Names of the labels of a classifier.
    pub fn labels(&self) -> Vec<String> {
        self.inner.settings().labels.clone()
    }

    /// The device that the model computes on.
    pub fn device(&self) -> Device {
        self.device
    }

    /// The floating point format that the model computes in.
    pub fn dtype(&self) -> String {
        self.inner.dtype().name().to_owned()
    }
}

impl Model {
    /// Loads a model from a directory or a GGUF file. The transformer of a sentence-transformers repository may be in a
    /// folder of it.
    pub(crate) fn open(path: &Path, head: Head, options: &LoadOptions) -> Result<Arc<Self>> {
        door::run(|| {
            let dir = match head {
                _ if path.is_file() => None,
                Head::Base => Some(transformer_dir(path)?),
                _ => Some(path.to_owned()),
            };
            let source = dir.as_deref().map_or(ModelSource::Gguf(path), ModelSource::Dir);
            let device = options.device.map(trustformers::Device::from);
            let (inner, device) = load_model(source, head.into(), device, &options.of_engine()?)?;
            let generation_config = generation_config(dir.as_deref(), inner.config())?;
            let device = device.into();
            Ok(Arc::new(Self { inner, dir, generation_config, device, batcher: Mutex::default() }))
        })
    }

    /// Continuous batching of the requests of all generators.
    pub(crate) fn batcher(&self) -> trustformers::Result<Arc<Batcher>> {
        let mut batcher = self.batcher.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(batcher) = &*batcher {
            return Ok(batcher.clone());
        }
        let started = Arc::new(trustformers::batcher(self.inner.clone(), NUM_SLOTS, || {})?);
        Ok(batcher.insert(started).clone())
    }
}

/// The folder of a repository that holds its transformer: usually the repository itself.
pub(crate) fn transformer_dir(dir: &Path) -> trustformers::Result<PathBuf> {
    let folder = pipelines::transformer_folder(dir)?;
    Ok(if folder.as_os_str().is_empty() { dir.to_owned() } else { dir.join(folder) })
}
