use std::fs;
use std::path::Path;
use std::sync::Arc;

use burn::module::Module;
use burn::tensor::{Tensor, TensorData};
use serde_json::Value;
use trustformers_checkpoint::{LoadReport, Rules, save};
use trustformers_core::{DType, Error, Result, Sequences};
use trustformers_nn as nn;
use trustformers_ops::{AttentionKind, EngineBackend, int_vector};

use crate::cache::cached_sequences::CachedSequences;
use crate::forward::input::Limits;
use crate::load::precision::LoadedPrecision;
use crate::load::settings::Settings;
use crate::output::{ModelOutput, OutputFlags};
use crate::{Head, ModelInput};

/// What a model is, whatever it computes.
#[derive(Clone, Debug)]
pub struct Description {
    /// What the model has behind its stack of layers.
    pub head: Head,
    /// What `config.json` says that means the same for every family.
    pub settings: Settings,
    /// `config.json` as it was read.
    pub config: Value,
    /// Keys of `config` that nothing reads, in alphabetical order.
    pub unknown_config_keys: Vec<String>,
    /// The floating point format that the model computes in.
    pub dtype: DType,
    /// Which tokens of its sequence a token attends to.
    pub attention: AttentionKind,
    /// The most tokens that a sequence may have, if positions have learned vectors.
    pub max_tokens: Option<usize>,
    /// Whether a token's result depends on padding beside it, so that a row in a padded batch is not what it is alone.
    pub reads_padding: bool,
    /// Where the checkpoint and the model differed.
    pub report: LoadReport,
}

/// A model, with its backend and family erased.
pub trait Model: Send + Sync {
    /// Runs the model on a batch.
    ///
    /// **Errors:** `Input` naming the argument that does not fit the model.
    fn forward(&self, input: &ModelInput<'_>, flags: OutputFlags<'_>) -> Result<ModelOutput>;

    /// Refuses token ids outside the vocabulary, padding included. **Shapes:** `input_ids: [batch, seq]`.
    ///
    /// **Errors:** `Input` naming the id and its place.
    fn check_input_ids(&self, input_ids: &[i64], shape: [usize; 2]) -> Result<()>;

    /// Sequences that the model reads token by token, as many as there are slots.
    ///
    /// **Errors:** `Unsupported` if the model has no causal language modeling head.
    fn sequences(self: Arc<Self>, num_slots: usize) -> Result<Box<dyn Sequences>>;

    /// Sequences that the model reads token by token or in padded batches, as many as there are slots.
    ///
    /// **Errors:** `Unsupported` for an encoder, or for a head that has one answer for a sequence.
    fn cached_sequences(self: Arc<Self>, num_slots: usize) -> Result<Box<dyn CachedSequences>>;

    /// What the model is.
    fn description(&self) -> &Description;

    /// Writes `config.json` and `model.safetensors` into `dir`, which is made if it is not there.
    ///
    /// **Errors:** `Io` if a file cannot be written; `Unsupported` if the weights were rounded to bytes.
    fn save_pretrained(&self, dir: &Path) -> Result<()>;

    /// See [`Description::head`].
    fn head(&self) -> Head {
        self.description().head
    }

    /// See [`Description::settings`].
    fn settings(&self) -> &Settings {
        &self.description().settings
    }

    /// See [`Description::config`].
    fn config(&self) -> &Value {
        &self.description().config
    }

    /// See [`Description::unknown_config_keys`].
    fn unknown_config_keys(&self) -> &[String] {
        &self.description().unknown_config_keys
    }

    /// See [`Description::dtype`].
    fn dtype(&self) -> DType {
        self.description().dtype
    }

    /// See [`Description::attention`].
    fn attention(&self) -> AttentionKind {
        self.description().attention
    }

    /// See [`Description::max_tokens`].
    fn max_tokens(&self) -> Option<usize> {
        self.description().max_tokens
    }

    /// See [`Description::report`].
    fn report(&self) -> &LoadReport {
        &self.description().report
    }
}

/// A module with the weights of a checkpoint, and what is known of it.
pub(crate) struct LoadedModel<B: EngineBackend, M> {
    pub(crate) description: Description,
    pub(crate) num_outputs: usize,
    pub(crate) limits: Limits,
    pub(crate) precision: LoadedPrecision,
    /// Whether weights are not what a floating point checkpoint would hold.
    pub(crate) is_rounded: bool,
    pub(crate) module: M,
    pub(crate) rules: Rules,
    pub(crate) device: B::Device,
}

impl<B: EngineBackend, M: Module<B>> LoadedModel<B, M> {
    pub(crate) fn save(&self, dir: &Path) -> Result<()> {
        if self.is_rounded {
            return Err(Error::unsupported("saving a model whose weights were rounded; load it without and save that"));
        }
        fs::create_dir_all(dir).map_err(|source| Error::io(dir, source))?;
        save(&self.module, &self.rules, dir)?;
        let mut config = self.description.config.clone();
        if let Some(keys) = config.as_object_mut() {
            keys.remove("torch_dtype");
            keys.insert("dtype".to_owned(), self.precision.dtype.name().into());
        }
        let file = dir.join("config.json");
        fs::write(&file, format!("{config:#}\n")).map_err(|source| Error::io(&file, source))
    }

    /// The tokens at some places of the padded batch, or the vectors given in place of their embeddings.
    pub(crate) fn token_input(&self, input: &ModelInput<'_>, indices: &[usize]) -> nn::TokenInput<B> {
        match input.inputs_embeds {
            None => {
                let ids = indices.iter().map(|index| input.input_ids[*index]).collect();
                nn::TokenInput::Ids(int_vector::<B>(ids, &self.device))
            }
            Some(vectors) => {
                let width = self.limits.embedding_size;
                let rows = indices.iter().flat_map(|index| &vectors[index * width..][..width]);
                let data = TensorData::new(rows.copied().collect::<Vec<f32>>(), [indices.len(), width]);
                nn::TokenInput::Embeddings(Tensor::from_data(data, &self.device))
            }
        }
    }
}
