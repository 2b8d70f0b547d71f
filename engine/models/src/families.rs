use std::path::Path;

use serde::Serialize;
use serde_json::{Value, json};
use trustformers_checkpoint::{Checkpoint, LoadReport, Loaded, Rule, Rules, cast, load};
use trustformers_core::{ConfigReader, DType, Error, Result};
use trustformers_nn as nn;
use trustformers_ops::{EngineBackend, Precision};

use crate::albert::AlbertConfig;
use crate::bert::BertConfig;
use crate::deberta_v2::DebertaV2Config;
use crate::distilbert::DistilBertConfig;
use crate::electra::ElectraConfig;
use crate::encoder::{Encoder, LoadedEncoder, LoadedPrecision};
use crate::head::{Head, HeadSpec};
use crate::initialize::initialize;
use crate::input::Limits;
use crate::modernbert::ModernBertConfig;
use crate::mpnet::MpnetConfig;
use crate::roberta::RobertaConfig;
use crate::settings::Settings;

/// A family of encoders: its configuration, its layer, its heads and its weight names.
pub(crate) trait EncoderFamily: Serialize + Sized + Send + Sync + 'static {
    /// Each `model_type`, and how the names of its classes begin.
    const TYPES: &'static [(&'static str, &'static str)];
    /// Under which checkpoints with a head hold the encoder.
    const PREFIX: &'static str;
    /// Whether the base model has a pooler.
    const HAS_POOLER: bool = false;
    /// Common names of keys, and this family's.
    const ALIASES: &'static [(&'static str, &'static str)] = &[];
    /// Special tokens that a configuration has if it does not say otherwise.
    const TOKENS: &'static [(&'static str, i64)] = &[("pad_token_id", 0)];
    const WEIGHTS: &'static [Rule];
    type Positions<B: EngineBackend>: nn::Positions<B>;
    type Layer<B: EngineBackend>: nn::EncoderLayer<B, Shared = <Self::Positions<B> as nn::Positions<B>>::Shared>;

    fn read_config(reader: &mut ConfigReader) -> Result<Self>;
    fn limits(&self) -> Limits;
    fn encoder<B: EngineBackend>(&self, has_pooler: bool, device: &B::Device) -> EncoderOf<Self, B>;
    /// Nothing for the base model.
    fn head(&self, head: Head) -> Option<HeadSpec>;
}

/// The encoder of a family.
pub(crate) type EncoderOf<F, B> = nn::Encoder<B, <F as EncoderFamily>::Positions<B>, <F as EncoderFamily>::Layer<B>>;

/// One line per family.
macro_rules! encoder_families {
    ($($family:ty),* $(,)?) => {
        /// The families.
        pub fn families() -> Vec<Family> {
            let mut families = Vec::new();
            $(for (model_type, class_prefix) in <$family>::TYPES {
                families.push(Family { model_type, class_prefix, aliases: <$family>::ALIASES });
            })*
            families
        }

        fn make<B: EngineBackend>(model_type: &str, source: Source, device: &B::Device) -> Result<Box<dyn Encoder>> {
            $(if <$family>::TYPES.iter().any(|(known, _)| *known == model_type) {
                return make_of::<$family, B>(source, device);
            })*
            Err(unknown_type(source.config.file(), model_type))
        }

        /// The keys that a family's configuration understands, with their defaults.
        ///
        /// **Errors:** `Config` if there is no such family.
        pub fn config_defaults(model_type: &str) -> Result<Value> {
            let mut reader = ConfigReader::from_json("config", json!({"model_type": model_type}))?;
            $(if <$family>::TYPES.iter().any(|(known, _)| *known == model_type) {
                return with_tokens(to_json(&<$family>::read_config(&mut reader)?)?, <$family>::TOKENS);
            })*
            Err(unknown_type(reader.file(), model_type))
        }
    };
}

encoder_families![
    AlbertConfig,
    BertConfig,
    DebertaV2Config,
    DistilBertConfig,
    ElectraConfig,
    ModernBertConfig,
    MpnetConfig,
    RobertaConfig,
];

/// A `model_type` that can be loaded.
#[derive(Clone, Copy, Debug)]
pub struct Family {
    /// The value of the key in `config.json`.
    pub model_type: &'static str,
    /// How the names of its classes begin.
    pub class_prefix: &'static str,
    /// Common names of keys, and this family's.
    pub aliases: &'static [(&'static str, &'static str)],
}

/// Which floating point format to compute in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Dtype {
    /// The one that `config.json` states, else the checkpoint's.
    #[default]
    Auto,
    /// This one.
    Exactly(DType),
}

/// The `model_type`s that can be loaded.
pub fn model_types() -> Vec<&'static str> {
    families().iter().map(|family| family.model_type).collect()
}

/// How a model is loaded.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LoadOptions {
    /// Which floating point format to compute in.
    pub dtype: Dtype,
    /// Whether the weights of linear layers are rounded to 8 bits.
    pub in_8_bits: bool,
    /// Whether a head whose tensors have another shape keeps its random values.
    pub ignores_mismatched_sizes: bool,
    /// Keys that replace those of `config.json`: nothing, or a JSON object.
    pub overrides: Value,
}

/// What a model is made of; without a checkpoint its weights are random.
struct Source {
    head: Head,
    config: ConfigReader,
    checkpoint: Option<Checkpoint>,
    precision: LoadedPrecision,
    ignores_mismatched_sizes: bool,
}

/// Loads a model from a directory with `config.json` and safetensors.
///
/// **Errors:** `Config` if `config.json` is missing, damaged or not understood (an unknown `model_type` lists the
/// known); `Weights` if the checkpoint is damaged or does not fit; `Unsupported` if it is quantized, or if the backend
/// has no 8-bit layers.
pub fn load_encoder<B: EngineBackend>(
    dir: &Path,
    head: Head,
    options: &LoadOptions,
    device: &B::Device,
) -> Result<Box<dyn Encoder>> {
    let file = dir.join("config.json");
    if !file.is_file() {
        return Err(Error::config(
            &file,
            "there is no such file; a model directory holds config.json beside its weights",
        ));
    }
    let mut config = ConfigReader::open(&file)?;
    config.replace(&options.overrides)?;
    refuse_quantized(&mut config)?;
    let model_type = model_type(&config)?;
    let stated = config.peek_str("dtype").or_else(|| config.peek_str("torch_dtype")).map(str::parse).transpose();
    let checkpoint = Checkpoint::open(dir)?;
    let dtype = match options.dtype {
        Dtype::Exactly(dtype) => dtype,
        Dtype::Auto => stated
            .map_err(|error| Error::config(&file, error))?
            .or_else(|| checkpoint.dtype())
            .ok_or_else(|| Error::weights(checkpoint.root(), "holds no floating point tensor"))?,
    };
    let precision = precision::<B>(dtype, options.in_8_bits)?;
    let ignores_mismatched_sizes = options.ignores_mismatched_sizes;
    let source = Source { head, config, checkpoint: Some(checkpoint), precision, ignores_mismatched_sizes };
    make::<B>(&model_type, source, device)
}

/// Makes a model with random weights from the keys of a `config.json`.
///
/// **Errors:** `Config` if the configuration is not understood; `Unsupported` as [`load_encoder`].
pub fn new_encoder<B: EngineBackend>(
    config: Value,
    head: Head,
    options: &LoadOptions,
    device: &B::Device,
) -> Result<Box<dyn Encoder>> {
    let mut config = ConfigReader::from_json("config", config)?;
    config.replace(&options.overrides)?;
    refuse_quantized(&mut config)?;
    let model_type = model_type(&config)?;
    let dtype = match options.dtype {
        Dtype::Exactly(dtype) => dtype,
        Dtype::Auto => DType::F32,
    };
    let precision = precision::<B>(dtype, options.in_8_bits)?;
    make::<B>(
        &model_type,
        Source { head, config, checkpoint: None, precision, ignores_mismatched_sizes: false },
        device,
    )
}

fn model_type(config: &ConfigReader) -> Result<String> {
    let found = config.peek_str("model_type").map(str::to_owned);
    found.ok_or_else(|| Error::config(config.file(), "key \"model_type\" is missing"))
}

fn unknown_type(file: &Path, model_type: &str) -> Error {
    let known = model_types().join(", ");
    Error::config_key(file, "model_type", format!("\"{model_type}\""), format!("one of: {known}"))
}

fn precision<B: EngineBackend>(dtype: DType, in_8_bits: bool) -> Result<LoadedPrecision> {
    if in_8_bits && !B::HAS_INT8 {
        return Err(Error::unsupported("8-bit weights anywhere but on the cpu"));
    }
    let linear = if in_8_bits { Precision::Int8 } else { Precision::Float(dtype) };
    Ok(LoadedPrecision { dtype, linear })
}

fn refuse_quantized(config: &mut ConfigReader) -> Result<()> {
    let stated: Value = config.take_or("quantization_config", Value::Null)?;
    if stated.is_null() {
        return Ok(());
    }
    let method = stated["quant_method"].as_str().unwrap_or("unknown");
    let file = config.file().display();
    Err(Error::unsupported(format!(
        "a quantized checkpoint: \"quantization_config\" in {file} (quant_method: {method}); load the floating point \
         checkpoint that it was made from, with load_in_8bit=True to round its weights to 8 bits"
    )))
}

fn with_tokens(mut config: Value, tokens: &[(&str, i64)]) -> Result<Value> {
    if let Some(keys) = config.as_object_mut() {
        keys.extend(tokens.iter().map(|(key, id)| ((*key).to_owned(), json!(id))));
    }
    Ok(config)
}

fn to_json<F: EncoderFamily>(config: &F) -> Result<Value> {
    serde_json::to_value(config).map_err(|error| Error::internal(error.to_string()))
}

fn make_of<F: EncoderFamily, B: EngineBackend>(source: Source, device: &B::Device) -> Result<Box<dyn Encoder>> {
    let Source { head, config: mut reader, checkpoint, precision, ignores_mismatched_sizes } = source;
    let mut config = reader.json();
    let settings = Settings::read(&reader)?;
    let family = F::read_config(&mut reader)?;
    reader.finish()?;
    let limits = family.limits();
    let spec = family.head(head);
    let has_pooler = spec.map_or(F::HAS_POOLER, |spec| spec.input == nn::HeadInput::Pooled);
    let base = family.encoder::<B>(has_pooler, device);
    let num_outputs = match head {
        Head::MaskedLm => limits.vocab_size,
        Head::QuestionAnswering => 2,
        Head::Base | Head::SequenceClassification | Head::TokenClassification => settings.num_labels,
    };
    let made = spec.map(|spec| {
        let hidden_size = limits.hidden_size;
        let config = nn::HeadConfig { hidden_size, transform: spec.transform, num_outputs, has_bias: spec.has_bias };
        (spec.input, nn::Head::new(&config, device))
    });
    let is_tied = head == Head::MaskedLm && settings.tie_word_embeddings;
    let rules = rules::<F>(spec, is_tied);
    let module = nn::EncoderModel::new(base, made);
    let (mut module, report) = match &checkpoint {
        Some(checkpoint) => {
            let Loaded { module, report } = load(module, checkpoint, &rules, ignores_mismatched_sizes, device)?;
            let fresh =
                [&report.missing[..], &report.mismatched.iter().map(|(name, ..)| name.clone()).collect::<Vec<_>>()]
                    .concat();
            (initialize(module, &rules, &settings, |name| fresh.iter().any(|fresh| fresh == name))?, report)
        }
        None => (initialize(module, &rules, &settings, |_| true)?, LoadReport::default()),
    };
    if is_tied {
        module.tie_head();
    }
    module.prepare(precision.linear);
    let module = cast(module, precision.dtype);
    if let (Some(keys), Value::Object(defaults)) = (config.as_object_mut(), to_json(&family)?) {
        // A model of a configuration that leaves keys out still says what it was made with.
        if checkpoint.is_none() {
            for (key, value) in defaults {
                keys.entry(key).or_insert(value);
            }
        }
        let class = F::TYPES.iter().find(|(model_type, _)| keys.get("model_type") == Some(&json!(model_type)));
        if let Some((_, prefix)) = class {
            keys.insert("architectures".to_owned(), json!([format!("{prefix}{}", head.class_suffix())]));
        }
    }
    let device = device.clone();
    Ok(Box::new(LoadedEncoder {
        head,
        num_outputs,
        limits,
        settings,
        config,
        precision,
        module,
        rules,
        report,
        device,
    }))
}

fn rules<F: EncoderFamily>(spec: Option<HeadSpec>, is_tied: bool) -> Rules {
    let mut rules = vec![Rule::Optional("head"), Rule::Optional("base.pooler"), Rule::Buffer("position_ids")];
    rules.push(Rule::Buffer("embeddings.token_type_ids"));
    if is_tied {
        rules.push(Rule::Tied("head.output.weight"));
    }
    rules.extend(spec.iter().flat_map(|spec| spec.names).map(|(field, stored)| Rule::Head { field, stored }));
    rules.push(Rule::Part { field: "base", stored: F::PREFIX, is_written: spec.is_some() });
    rules.extend(F::WEIGHTS);
    Rules(rules)
}
