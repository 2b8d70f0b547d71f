use std::sync::Arc;

use trustformers::hub::Files;
use trustformers::pipelines::{self, Prompt, SentenceSimilarity};

use crate::door;
use crate::error::Result;
use crate::hub::resolve;
use crate::load_options::LoadOptions;
use crate::model::{Head, Model};
use crate::rows::{Matrix, rows};
use crate::tokenizer::Tokenizer;

/// The role of texts, for models that treat queries and documents differently.
#[derive(Clone, Copy, Debug, uniffi::Enum)]
pub enum PromptTask {
    /// Queries.
    Query,
    /// Documents.
    Document,
}

/// Options of a call that embeds.
#[derive(Clone, Debug, uniffi::Record)]
pub struct EmbedOptions {
    /// Text that is prepended to each text; by default the prompt named `prompt_name`.
    #[uniffi(default = None)]
    pub prompt: Option<String>,
    /// Name of one of the model's prompts; by default the prompt of the `task`.
    #[uniffi(default = None)]
    pub prompt_name: Option<String>,
    /// The role of the texts; by default the model's default prompt is used.
    #[uniffi(default = None)]
    pub task: Option<PromptTask>,
    /// Number of components to keep; by default the number in the model's files, if any.
    #[uniffi(default = None)]
    pub truncate_dim: Option<u32>,
    /// Whether embeddings are normalized to length one after the model's modules.
    #[uniffi(default = false)]
    pub normalize_embeddings: bool,
    /// Number of texts per forward pass.
    #[uniffi(default = 32)]
    pub batch_size: u32,
}

/// Text embeddings and their similarity, with the pooling of the checkpoint.
#[derive(uniffi::Object)]
pub struct Encoder {
    inner: SentenceSimilarity,
}

#[uniffi::export]
impl Encoder {
    /// An encoder of a model without a head and its tokenizer.
    #[uniffi::constructor]
    pub fn new(model: Arc<Model>, tokenizer: Arc<Tokenizer>) -> Result<Arc<Self>> {
        let dir = model.dir.as_deref();
        let inner = door::run(|| SentenceSimilarity::new(model.inner.clone(), &tokenizer.inner, dir))?;
        Ok(Arc::new(Self { inner }))
    }

    /// Loads a model and its tokenizer from a directory, a GGUF file or a hub repository.
    #[uniffi::constructor(default(options))]
    pub fn load(name_or_path: String, options: LoadOptions) -> Result<Arc<Self>> {
        let files = [Files::Model, Files::Tokenizer];
        let path = door::run_here(|| resolve(&name_or_path, &files, &options.hub()))?;
        let model = Model::open(&path, Head::Base, &options)?;
        let tokenizer = Tokenizer::open(model.dir.as_deref().unwrap_or(&path))?;
        Self::new(model, tokenizer)
    }

    /// As `load`, without blocking.
    #[uniffi::constructor(default(options))]
    pub async fn load_async(name_or_path: String, options: LoadOptions) -> Result<Arc<Self>> {
        door::spawn(move || Self::load(name_or_path, options)).await
    }

    /// Embeds texts, a vector for each; a text longer than the model's limit is truncated.
    #[uniffi::method(default(options))]
    pub fn embed(&self, texts: Vec<String>, options: EmbedOptions) -> Result<Vec<Vec<f32>>> {
        door::run(|| {
            let prompt = Prompt {
                text: options.prompt.as_deref(),
                name: options.prompt_name.as_deref(),
                task: options.task.map(|task| match task {
                    PromptTask::Query => pipelines::PromptTask::Query,
                    PromptTask::Document => pipelines::PromptTask::Document,
                }),
            };
            let options = pipelines::EmbedOptions {
                prompt,
                truncate_dim: options.truncate_dim.map(|width| width as usize),
                normalize_embeddings: options.normalize_embeddings,
                batch_size: options.batch_size as usize,
            };
            let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
            Ok(rows(self.inner.embed(&texts, &options)?))
        })
    }

    /// As `embed`, without blocking.
    #[uniffi::method(default(options))]
    pub async fn embed_async(self: Arc<Self>, texts: Vec<String>, options: EmbedOptions) -> Result<Vec<Vec<f32>>> {
        door::spawn(move || self.embed(texts, options)).await
    }

    /// Compares each of `first` with each of `second`, by the model's similarity function; larger is more similar.
    pub fn similarity(&self, first: Vec<Vec<f32>>, second: Vec<Vec<f32>>) -> Result<Vec<Vec<f32>>> {
        door::run(|| {
            let first = Matrix::new("first", &first)?.into_tensor();
            let second = Matrix::new("second", &second)?.into_tensor();
            Ok(rows(self.inner.similarity_fn().between(first, second)?))
        })
    }

    /// Maximum number of tokens of a text; `None` if there is no limit.
    pub fn max_seq_length(&self) -> Option<u64> {
        self.inner.max_seq_length().map(|length| length as u64)
    }
}
