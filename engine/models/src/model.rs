use std::collections::{HashMap, HashSet};
use std::fs;
use std::path::Path;
use std::sync::Arc;

use burn::module::Module;
use serde_json::Value;
use trustformers_checkpoint::{
    Checkpoint, LoadReport, Parameter, Place, Rules, StateNames, cast, load_some, parameters, places, save,
};
use trustformers_core::{DType, Error, Result, Sequences};
use trustformers_nn as nn;
use trustformers_ops::{AttentionKind, EngineBackend, Keep};
use trustformers_tensor::{DType as TensorDType, Tensor, TensorDevice};

use crate::adapter::{Adapter, Attached, Factors, Plan};
use crate::cache::cached_sequences::CachedSequences;
use crate::dense::{OUTPUT, make_dense, tie, unpack};
use crate::encoder_decoder::EncoderDecoder;
use crate::family::Targets;
use crate::forward::input::{Limits, Packing};
use crate::forward::packed_batch::PackedBatch;
use crate::load::assembly::Assembly;
use crate::load::precision::LoadedPrecision;
use crate::load::settings::Settings;
use crate::output::{OutputFlags, PackedOutput};
use crate::recording::{RecordedPass, Recording};
use crate::{Head, LoadBalance};

/// Configuration and properties of a loaded model.
#[derive(Clone, Debug)]
pub struct Description {
    /// Head of the model.
    pub head: Head,
    /// Keys of `config.json` with the same meaning in every family.
    pub settings: Settings,
    /// Contents of `config.json`.
    pub config: Value,
    /// Keys of `config` that nothing reads, in alphabetical order.
    pub unknown_config_keys: Vec<String>,
    /// Floating-point format in which the model computes.
    pub dtype: DType,
    /// Number of logits per row.
    pub num_outputs: usize,
    /// Whether attention is causal or bidirectional.
    pub attention: AttentionKind,
    /// Maximum number of tokens in a sequence; `None` without learned positions.
    pub max_tokens: Option<usize>,
    /// Whether a token's result depends on padding beside the token, so that a row of a padded batch differs from the
    /// row alone.
    pub reads_padding: bool,
    /// Load-balancing loss of experts; `None` without experts.
    pub load_balance: Option<LoadBalance>,
    /// Missing, unused and mismatched tensors of the checkpoint.
    pub report: LoadReport,
}

/// A model of any backend and family.
pub trait Model: Send + Sync {
    /// Runs the model on a batch that was packed for it.
    ///
    /// **Errors:** `Input` if the head needs a configuration key that is not set.
    fn forward(&self, batch: &PackedBatch<'_>, flags: OutputFlags<'_>) -> Result<PackedOutput>;

    /// Runs the model on a batch that was packed for it, and keeps what a backward pass needs. Attention weights are not
    /// returned.
    ///
    /// **Errors:** `Unsupported` for gradients of quantized weights, and for dropout of a family without it.
    fn record(
        &self,
        batch: &PackedBatch<'_>,
        recording: Recording<'_>,
    ) -> Result<(PackedOutput, Box<dyn RecordedPass>)>;

    /// How the model's inputs are checked and packed; those of its decoder if it has an encoder as well.
    fn packing(&self) -> Packing;

    /// How the inputs of the encoder are checked and packed, or those of a model of one stack.
    fn source_packing(&self) -> Packing {
        self.packing()
    }

    /// Sequences for generation, one per slot.
    ///
    /// **Errors:** `Unsupported` if the model has no causal language modeling head.
    fn sequences(self: Arc<Self>, num_slots: usize) -> Result<Box<dyn Sequences>>;

    /// Sequences for generation and for forward calls with `past_key_values`, one per slot.
    ///
    /// **Errors:** `Unsupported` unless the model is a causal decoder without a head or with a language modeling head.
    fn cached_sequences(self: Arc<Self>, num_slots: usize) -> Result<Box<dyn CachedSequences>>;

    /// The model as an encoder and a decoder; `None` unless it has both.
    fn encoder_decoder(self: Arc<Self>) -> Option<Arc<dyn EncoderDecoder>> {
        None
    }

    /// Configuration and properties of the model.
    fn description(&self) -> &Description;

    /// Writes `config.json` and `model.safetensors` to `dir`, which is created if needed.
    ///
    /// **Errors:** `Io` if a file cannot be written; `Unsupported` if the weights are quantized.
    fn save_pretrained(&self, dir: &Path) -> Result<()>;

    /// The parameters in the layout of the family's checkpoints, with values for those whose names are `wanted`; values
    /// share the model's memory where the layout allows. `device` is the model's.
    fn parameters(&self, wanted: &dyn Fn(&str) -> bool, device: &TensorDevice) -> Result<Vec<ModelParameter>>;

    /// The same model with these low-rank adapters in place of those that it has. The weights share its memory.
    ///
    /// **Errors:** `Input` naming a module that is not there or is no linear layer or embedding table, or a tensor of
    /// another shape.
    fn with_adapters(&self, adapters: Vec<Adapter>) -> Result<Arc<dyn Model>>;

    /// The model's adapters, with other tensors where `tensors` has some by name, which are removed from it.
    fn adapters(&self, tensors: &mut HashMap<String, Tensor>) -> Vec<Adapter>;

    /// The same model for one recorded pass, with the values of `weights` by name and these low-rank adapters in place of
    /// those that it has. The values share the memory of `weights` where their layout allows. `None` if all weights are
    /// given, and for a model whose own weights have no memory.
    ///
    /// **Errors:** `Unsupported` naming a quantized weight; `Weights` naming tensors that have another shape.
    fn with_some_weights(
        &self,
        weights: &HashMap<String, Tensor>,
        adapters: &[Adapter],
    ) -> Result<Option<Arc<dyn Model>>>;

    /// The same model with the values of `weights` by name, which are copied and quantized as the model's were on loading,
    /// and these low-rank adapters in place of those that it has. `None` if all weights are given.
    ///
    /// **Errors:** `Weights` naming tensors that have another shape; `Input` as [`Model::with_adapters`].
    fn with_replaced_weights(
        &self,
        weights: &HashMap<String, Tensor>,
        adapters: &[Adapter],
    ) -> Result<Option<Arc<dyn Model>>>;

    /// Assigns the names of a state dict to the model's parameters and the tensors of its adapters.
    fn match_state(&self, state: &[&str]) -> StateNames;

    /// Name of the token embeddings' parameter.
    fn input_embeddings(&self) -> String;

    /// Name of the parameter that a language model's logits are computed with; `None` for other heads.
    fn output_embeddings(&self) -> Option<String>;

    /// Path of a language model's output layer, whose weight may be the token embeddings'; `None` for other heads.
    fn output_layer(&self) -> Option<String>;

    /// Name of the model without its head in checkpoints of models with one.
    fn base_model_prefix(&self) -> &str;

    /// Rejects token ids outside the vocabulary, padding included. **Shapes:** `input_ids: [batch, seq]`.
    ///
    /// **Errors:** `Input` naming the id, its row and its column.
    fn check_input_ids(&self, input_ids: &[i64], shape: [usize; 2]) -> Result<()> {
        self.source_packing().limits.check_input_ids("input_ids", input_ids, shape)
    }

    /// Rejects token ids of an encoder-decoder's decoder outside its vocabulary. **Shapes:** `input_ids: [batch, seq]`.
    ///
    /// **Errors:** `Input` naming the id, its row and its column.
    fn check_decoder_input_ids(&self, input_ids: &[i64], shape: [usize; 2]) -> Result<()> {
        self.packing().limits.check_input_ids("decoder_input_ids", input_ids, shape)
    }

    /// Head of the model.
    fn head(&self) -> Head {
        self.description().head
    }

    /// Keys of `config.json` with the same meaning in every family.
    fn settings(&self) -> &Settings {
        &self.description().settings
    }

    /// Contents of `config.json`.
    fn config(&self) -> &Value {
        &self.description().config
    }

    /// Keys of `config.json` that nothing reads, in alphabetical order.
    fn unknown_config_keys(&self) -> &[String] {
        &self.description().unknown_config_keys
    }

    /// Floating-point format in which the model computes.
    fn dtype(&self) -> DType {
        self.description().dtype
    }

    /// Whether attention is causal or bidirectional.
    fn attention(&self) -> AttentionKind {
        self.description().attention
    }

    /// Maximum number of tokens in a sequence; `None` without learned positions.
    fn max_tokens(&self) -> Option<usize> {
        self.description().max_tokens
    }

    /// Missing, unused and mismatched tensors of the checkpoint.
    fn report(&self) -> &LoadReport {
        &self.description().report
    }
}

/// A parameter of a model as its family's checkpoints store it.
#[derive(Clone, Debug)]
pub struct ModelParameter {
    /// Name in the checkpoint.
    pub name: String,
    /// Shape in the checkpoint.
    pub shape: Vec<usize>,
    /// Whether the parameter is an embedding table.
    pub is_embedding: bool,
    /// Whether the parameter is quantized.
    pub is_quantized: bool,
    /// Size in bytes, with the scales of a quantized parameter.
    pub num_bytes: usize,
    /// Values in the checkpoint's layout and the model's dtype; `None` unless requested.
    pub values: Option<Tensor>,
}

/// Sizes that the inputs of an encoder-decoder's encoder are checked against.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SourceLimits {
    pub(crate) limits: Limits,
    /// The token whose last occurrence in the source selects the position that a sequence classifier reads.
    pub(crate) classified_token: Option<i64>,
    /// How the decoder's tokens are computed if the caller passes none.
    pub(crate) targets: Targets,
    /// What replaces ignored labels among these tokens.
    pub(crate) pad: Option<i64>,
    /// The first of these tokens, for families that do not take it from the others.
    pub(crate) start: Option<i64>,
}

/// A module with its weights and description.
pub(crate) struct LoadedModel<M> {
    pub(crate) description: Description,
    pub(crate) limits: Limits,
    /// What the inputs of the encoder are checked against; `None` unless there is a decoder besides it.
    pub(crate) source: Option<SourceLimits>,
    pub(crate) precision: LoadedPrecision,
    /// Whether weights are quantized.
    pub(crate) is_quantized: bool,
    pub(crate) module: M,
    pub(crate) rules: Rules,
    pub(crate) adapters: Vec<Attached>,
    /// Keeps the memory of training steps, for a model that stands for one in training.
    pub(crate) kept_memory: Option<Keep>,
}

impl<M> LoadedModel<M> {
    pub(crate) fn stored_parameters<B: EngineBackend>(
        &self,
        wanted: &dyn Fn(&str) -> bool,
        device: &TensorDevice,
    ) -> Result<Vec<ModelParameter>>
    where
        M: Module<B>,
    {
        let dtype: TensorDType = self.description.dtype.into();
        let parameter = |Parameter { name, shape, is_embedding, quantized_bytes, values }: Parameter<B>| {
            let values = values.map(|values| Tensor::from_float_primitive::<B>(values, device).cast(dtype));
            let num_bytes = quantized_bytes.unwrap_or_else(|| shape.iter().product::<usize>() * dtype.size());
            let is_quantized = quantized_bytes.is_some();
            Ok(ModelParameter { name, shape, is_embedding, is_quantized, num_bytes, values: values.transpose()? })
        };
        let own = parameters::<B, M>(&self.module, &self.rules, wanted).into_iter().map(parameter);
        let of_adapter = |(name, tensor): (String, &Tensor)| ModelParameter {
            shape: tensor.shape(),
            is_embedding: false,
            is_quantized: false,
            num_bytes: tensor.num_elements() * tensor.dtype().size(),
            values: wanted(&name).then(|| tensor.clone()),
            name,
        };
        own.chain(self.adapters.iter().flat_map(Attached::tensors).map(|named| Ok(of_adapter(named)))).collect()
    }

    /// The same model with these low-rank adapters in place of those that it has.
    ///
    /// **Errors:** `Input` naming a module that is not there or is no linear layer or embedding table, or a tensor of
    /// another shape.
    pub(crate) fn adapted<B: EngineBackend>(&self, adapters: Vec<Adapter>) -> Result<Self>
    where
        M: Assembly<B>,
    {
        let mut module = self.module.clone();
        let plan = Plan::new::<B, M>(&mut module, &self.rules, &adapters)?;
        let adapters = plan.attached(adapters);
        // A model whose weights have no memory does not run.
        if self.kept_memory.is_none() {
            let dtype = self.description.dtype;
            let factors = adapters.iter().map(|own| Factors::of(&own.adapter, dtype, &B::Device::default()));
            plan.attach::<B, M>(&mut module, &adapters, &factors.collect::<Result<Vec<_>>>()?);
        }
        Ok(Self {
            description: self.description.clone(),
            limits: self.limits,
            source: self.source,
            precision: self.precision,
            is_quantized: self.is_quantized,
            module,
            rules: self.rules.clone(),
            adapters,
            kept_memory: self.kept_memory.as_ref().map(|_| Keep::new()),
        })
    }

    /// Whether `weights` replace all that a model has, or its weights have no memory.
    fn keeps_none(&self, all: &[Place], weights: &HashMap<String, Tensor>) -> bool {
        self.kept_memory.is_some() || all.iter().all(|place| place.is_tied || weights.contains_key(&place.name))
    }

    /// See [`Model::with_some_weights`].
    pub(crate) fn with_some<B: EngineBackend>(
        &self,
        weights: &HashMap<String, Tensor>,
        adapters: &[Adapter],
    ) -> Result<Option<Self>>
    where
        M: Assembly<B>,
    {
        if self.keeps_none(&places::<B, M>(&self.module, &self.rules), weights) {
            return Ok(None);
        }
        let mut adapted = self.adapted::<B>(adapters.to_vec())?;
        if !weights.is_empty() {
            let dense = unpack::<B, M>(&mut adapted.module, &self.rules, &|name| weights.contains_key(name))?;
            let checkpoint = Checkpoint::sharing(Path::new("weights"), weights.clone())?;
            adapted.module = load_some::<B, M>(adapted.module, &checkpoint, &self.rules)?;
            if dense.has_tied_table {
                tie::<B, M>(&mut adapted.module, &self.rules);
            }
        }
        Ok(Some(adapted))
    }

    /// See [`Model::with_replaced_weights`].
    pub(crate) fn with_replaced<B: EngineBackend>(
        &self,
        weights: &HashMap<String, Tensor>,
        adapters: &[Adapter],
    ) -> Result<Option<Self>>
    where
        M: Assembly<B>,
    {
        let all = places::<B, M>(&self.module, &self.rules);
        if self.keeps_none(&all, weights) {
            return Ok(None);
        }
        let mut replaced = self.adapted::<B>(Vec::new())?;
        let dense = make_dense::<B, M>(&mut replaced.module, &all, &|name| weights.contains_key(name));
        let checkpoint = Checkpoint::of_tensors(Path::new("state_dict"), weights.clone())?;
        replaced.module = load_some::<B, M>(replaced.module, &checkpoint, &self.rules)?;
        if dense.has_tied_table {
            tie::<B, M>(&mut replaced.module, &self.rules);
        }
        let LoadedPrecision { linear, dtype } = self.precision;
        replaced.module.prepare(&nn::Preparation { precision: linear, dtype, quantized: &|_| None });
        replaced.module = cast(replaced.module, dtype);
        Ok(Some(if adapters.is_empty() { replaced } else { replaced.adapted::<B>(adapters.to_vec())? }))
    }

    pub(crate) fn state_names<B: EngineBackend>(&self, state: &[&str]) -> StateNames
    where
        M: Module<B>,
    {
        let parameters = parameters::<B, M>(&self.module, &self.rules, |_| false);
        let names: Vec<_> = parameters.into_iter().map(|parameter| parameter.name).collect();
        let of_adapters: HashSet<_> = self.adapters.iter().flat_map(Attached::tensors).map(|(name, _)| name).collect();
        let (of_adapters, own): (Vec<&str>, Vec<&str>) = state.iter().partition(|name| of_adapters.contains(**name));
        let mut names = self.rules.match_state(&names, own);
        names.parameters.extend(of_adapters.into_iter().map(|name| (name.to_owned(), name.to_owned())));
        names
    }

    /// Name of the parameter of a language model's output layer, which may be the token embeddings' at `input`.
    pub(crate) fn output_name(&self, input: &str) -> Option<String> {
        self.has_output_layer().then(|| self.rules.stored_name(if self.rules.is_tied(OUTPUT) { input } else { OUTPUT }))
    }

    /// Path of a language model's output layer in checkpoints in which it is not tied.
    pub(crate) fn output_path(&self) -> Option<String> {
        let name = self.has_output_layer().then(|| self.rules.stored_name(OUTPUT))?;
        Some(name.strip_suffix(".weight").unwrap_or(&name).to_owned())
    }

    fn has_output_layer(&self) -> bool {
        matches!(self.description.head, Head::MaskedLm | Head::CausalLm | Head::Seq2SeqLm)
    }

    /// First segment of the base model's prefix.
    pub(crate) fn prefix(&self) -> &str {
        let prefix = self.rules.prefix("base").unwrap_or_default();
        prefix.split_once('.').map_or(prefix, |(first, _)| first)
    }

    pub(crate) fn save<B: EngineBackend>(&self, dir: &Path) -> Result<()>
    where
        M: Module<B>,
    {
        if self.is_quantized {
            return Err(Error::unsupported("saving quantized weights; load the model without quantization to save it"));
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
}
