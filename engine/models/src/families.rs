use std::path::Path;
use std::sync::Arc;

use serde_json::{Value, json};
use trustformers_checkpoint::{Checkpoint, GgufFile, PackedScheme};
use trustformers_core::{ADAPTER_CONFIG, ConfigReader, DType, Error, Result, WeightFiles, adapter_advice};
use trustformers_ops::{EngineBackend, Precision, Quantization, supports_dtype};

use crate::Model;
use crate::albert::AlbertConfig;
use crate::assemble::{self, LoadedPrecision, Source, to_json};
use crate::bert::BertConfig;
use crate::bloom::BloomConfig;
use crate::cohere::CohereConfig;
use crate::data2vec_text::Data2VecTextConfig;
use crate::deberta_v2::DebertaV2Config;
use crate::distilbert::DistilBertConfig;
use crate::electra::ElectraConfig;
use crate::ernie::ErnieConfig;
use crate::ernie4_5::Ernie45Config;
use crate::eurobert::EuroBertConfig;
use crate::exaone4::Exaone4Config;
use crate::falcon::FalconConfig;
use crate::family::{DecoderFamily, EncoderFamily};
use crate::gemma::GemmaConfig;
use crate::gemma2::{Gemma2Config, Gemma3Config};
use crate::glm::{Glm4Config, GlmConfig};
use crate::gpt_neo::GptNeoConfig;
use crate::gpt_neox::GptNeoXConfig;
use crate::gpt_oss::GptOssConfig;
use crate::gpt2::Gpt2Config;
use crate::gptj::GptJConfig;
use crate::granite::GraniteConfig;
use crate::head::Head;
use crate::hunyuan::HunYuanDenseConfig;
use crate::llama::LlamaConfig;
use crate::megatron_bert::MegatronBertConfig;
use crate::mistral::MistralConfig;
use crate::mixtral::MixtralConfig;
use crate::mobilebert::MobileBertConfig;
use crate::modernbert::ModernBertConfig;
use crate::mpnet::MpnetConfig;
use crate::nomic_bert::NomicBertConfig;
use crate::olmo::OlmoConfig;
use crate::olmo2::Olmo2Config;
use crate::olmo3::Olmo3Config;
use crate::opt::OptConfig;
use crate::phi::PhiConfig;
use crate::phi3::Phi3Config;
use crate::qwen::{Qwen2Config, Qwen3Config};
use crate::qwen_moe::{Qwen2MoeConfig, Qwen3MoeConfig};
use crate::rembert::RemBertConfig;
use crate::roberta::RobertaConfig;
use crate::roberta_prelayernorm::RobertaPreLayerNormConfig;
use crate::roformer::RoFormerConfig;
use crate::seed_oss::SeedOssConfig;
use crate::settings::{check_decoder, check_shared};
use crate::smollm3::SmolLm3Config;
use crate::squeezebert::SqueezeBertConfig;
use crate::stablelm::StableLmConfig;
use crate::starcoder2::Starcoder2Config;
use crate::xlm_roberta_xl::XlmRobertaXlConfig;

/// Registry of the families: one line per family.
macro_rules! families {
    (encoders: [$($encoder:ty),* $(,)?], decoders: [$($decoder:ty),* $(,)?]) => {
        /// All supported model families.
        pub fn families() -> Vec<Family> {
            let mut families = Vec::new();
            $(for (model_type, class_prefix) in <$encoder>::TYPES {
                let (aliases, heads) = (<$encoder>::ALIASES, <$encoder>::HEADS);
                families.push(Family { model_type, class_prefix, causal_lm: None, aliases, heads });
            })*
            $(for (model_type, class_prefix) in <$decoder>::TYPES {
                let (aliases, heads, causal_lm) = (<$decoder>::ALIASES, <$decoder>::HEADS, <$decoder>::CAUSAL_LM);
                families.push(Family { model_type, class_prefix, causal_lm, aliases, heads });
            })*
            families
        }

        fn make<B: EngineBackend>(model_type: &str, source: Source, device: &B::Device) -> Result<Arc<dyn Model>> {
            $(if <$encoder>::TYPES.iter().any(|(known, _)| *known == model_type) {
                return assemble::encoder::<$encoder, B>(source, device);
            })*
            $(if <$decoder>::TYPES.iter().any(|(known, _)| *known == model_type) {
                return assemble::decoder::<$decoder, B>(source, device);
            })*
            Err(unknown_type(source.config.file(), model_type))
        }

        fn read_keys(reader: &mut ConfigReader) -> Result<Value> {
            let model_type = &*model_type(reader)?;
            $(if <$encoder>::TYPES.iter().any(|(known, _)| *known == model_type) {
                reader.rename_all(<$encoder>::ALIASES);
                check_shared(reader)?;
                let mut config = with_tokens(to_json(&<$encoder>::read_config(reader)?)?, <$encoder>::TOKENS)?;
                config["tie_word_embeddings"] = json!(<$encoder>::ties_embeddings(None));
                return Ok(config);
            })*
            $(if <$decoder>::TYPES.iter().any(|(known, _)| *known == model_type) {
                reader.rename_all(<$decoder>::ALIASES);
                check_shared(reader)?;
                check_decoder(reader)?;
                reader.ignore("is_causal");
                let mut config = with_tokens(to_json(&<$decoder>::read_config(reader)?)?, <$decoder>::TOKENS)?;
                config["tie_word_embeddings"] = json!(<$decoder>::TIES_WORDS);
                return Ok(config);
            })*
            Err(unknown_type(reader.file(), model_type))
        }
    };
}

families! {
    encoders: [
        AlbertConfig,
        BertConfig,
        Data2VecTextConfig,
        DebertaV2Config,
        DistilBertConfig,
        ElectraConfig,
        ErnieConfig,
        EuroBertConfig,
        MegatronBertConfig,
        MobileBertConfig,
        ModernBertConfig,
        MpnetConfig,
        NomicBertConfig,
        RemBertConfig,
        RobertaConfig,
        RobertaPreLayerNormConfig,
        RoFormerConfig,
        SqueezeBertConfig,
        XlmRobertaXlConfig,
    ],
    decoders: [
        BloomConfig,
        CohereConfig,
        Ernie45Config,
        Exaone4Config,
        FalconConfig,
        Gemma2Config,
        Gemma3Config,
        GemmaConfig,
        Glm4Config,
        GlmConfig,
        Gpt2Config,
        GptJConfig,
        GptNeoConfig,
        GptNeoXConfig,
        GptOssConfig,
        GraniteConfig,
        HunYuanDenseConfig,
        LlamaConfig,
        MistralConfig,
        MixtralConfig,
        Olmo2Config,
        Olmo3Config,
        OlmoConfig,
        OptConfig,
        Phi3Config,
        PhiConfig,
        Qwen2Config,
        Qwen2MoeConfig,
        Qwen3Config,
        Qwen3MoeConfig,
        SeedOssConfig,
        SmolLm3Config,
        StableLmConfig,
        Starcoder2Config,
    ]
}

/// A `model_type` that can be loaded.
#[derive(Clone, Copy, Debug)]
pub struct Family {
    /// Value of `model_type` in `config.json`.
    pub model_type: &'static str,
    /// Prefix of the family's class names, such as `Bert`.
    pub class_prefix: &'static str,
    causal_lm: Option<&'static str>,
    /// Common names of configuration keys and this family's names.
    pub aliases: &'static [(&'static str, &'static str)],
    /// Heads that the family supports.
    pub heads: &'static [Head],
}

impl Family {
    /// Class name of the family with a head, such as `BertForMaskedLM`.
    pub fn class_name(&self, head: Head) -> String {
        let own = self.causal_lm.filter(|_| head == Head::CausalLm);
        own.map_or_else(|| format!("{}{}", self.class_prefix, head.class_suffix()), str::to_owned)
    }
}

/// Floating-point format in which to compute.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Dtype {
    /// The `dtype` of `config.json`, or else the checkpoint's format.
    #[default]
    Auto,
    /// The given format.
    Exactly(DType),
}

/// The `model_type`s that can be loaded.
pub fn model_types() -> Vec<&'static str> {
    families().iter().map(|family| family.model_type).collect()
}

/// The complete configuration of a family: the keys that it reads, with the given values or defaults. Unknown keys are
/// left out.
///
/// **Errors:** `Config` if there is no such family or a key is wrong.
pub fn complete_config(config: Value) -> Result<Value> {
    read_keys(&mut ConfigReader::from_json("config", config)?)
}

/// The keys of a `config.json` that its family does not read, in alphabetical order.
///
/// **Errors:** `Config` if there is no such family or a key is wrong.
pub fn unknown_config_keys(config: Value) -> Result<Vec<String>> {
    let mut reader = ConfigReader::from_json("config", config)?;
    reader.ignore("quantization_config");
    read_keys(&mut reader)?;
    reader.finish(false)
}

/// Options for loading a model.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LoadOptions {
    /// Floating-point format in which to compute.
    pub dtype: Dtype,
    /// Quantization of the linear layers' weights; `None` keeps the checkpoint's.
    pub quantization: Option<Quantization>,
    /// Whether the quantized weights of a GGUF file are dequantized to floats.
    pub dequantizes: bool,
    /// Whether parameters of another shape than the checkpoint's keep random values instead of raising an error.
    pub ignores_mismatched_sizes: bool,
    /// Whether unknown configuration keys are an error, as with `TRUSTFORMERS_STRICT_CONFIG=1`.
    pub strict_config: bool,
    /// Which of a directory's weights are loaded.
    pub weights: WeightFiles,
    /// Values that override keys of `config.json`: a JSON object, or null for none.
    pub overrides: Value,
}

/// Loads a model from a directory with `config.json` and safetensors.
///
/// **Errors:** `Config` if `config.json` is missing, damaged or invalid (for an unknown `model_type` it lists the known
/// ones); `Weights` if the checkpoint is damaged or does not fit the model; `Unsupported` for an unknown quantization
/// scheme, or if the backend has no quantized linear layers.
pub fn load_model<B: EngineBackend>(
    dir: &Path,
    head: Head,
    options: &LoadOptions,
    device: &B::Device,
) -> Result<Arc<dyn Model>> {
    let file = dir.join("config.json");
    if !file.is_file() {
        let adapter = dir.join(ADAPTER_CONFIG);
        let advice = match adapter.is_file() {
            true => adapter_advice(Some(&adapter)),
            false => "a model directory needs a config.json next to its weights".to_owned(),
        };
        return Err(Error::config(&file, format!("there is no such file; {advice}")));
    }
    let mut config = ConfigReader::open(&file)?;
    config.replace(&options.overrides)?;
    let (quantization_config, packed) = packed_scheme(&mut config, options.quantization)?;
    let model_type = model_type(&config)?;
    let stated = config.peek_str("dtype").or_else(|| config.peek_str("torch_dtype"));
    // float64 weights are computed in float32, like every format without kernels.
    let stated = stated.filter(|dtype| *dtype != "float64").map(str::parse).transpose();
    let mut checkpoint = Checkpoint::open_files(dir, &options.weights)?;
    if let Some(scheme) = packed {
        checkpoint.join(scheme)?;
    }
    let dtype = match options.dtype {
        Dtype::Exactly(dtype) => dtype,
        Dtype::Auto => stated
            .map_err(|error| Error::config(&file, error))?
            .or_else(|| checkpoint.dtype())
            .ok_or_else(|| Error::weights(checkpoint.root(), "holds no floating point tensor"))?,
    };
    let precision = precision::<B>(dtype, options.quantization, device)?;
    let source = source(head, config, precision, options);
    make::<B>(&model_type, Source { checkpoint: Some(checkpoint), quantization_config, ..source }, device)
}

/// Loads a model from a GGUF file, in float32 unless `options` set a dtype.
///
/// Where the backend can, linear layers compute directly on the file's quantized blocks.
///
/// **Errors:** `Weights` if the file is damaged or does not fit the model; `Config` if its model metadata is invalid;
/// `Unsupported` for an unknown architecture or tensor type.
pub fn load_gguf<B: EngineBackend>(
    file: &Path,
    head: Head,
    options: &LoadOptions,
    device: &B::Device,
) -> Result<Arc<dyn Model>> {
    let gguf = GgufFile::open(file)?;
    let mut config = ConfigReader::from_json(&file.to_string_lossy(), gguf.config()?)?;
    config.replace(&options.overrides)?;
    config.ignore("quantization_config");
    config.add_unknown(gguf.unknown_keys()?);
    let model_type = model_type(&config)?;
    let dtype = match options.dtype {
        Dtype::Exactly(dtype) => dtype,
        Dtype::Auto => DType::F32,
    };
    let mut checkpoint = Checkpoint::of_gguf(&gguf)?;
    if options.dequantizes {
        checkpoint = checkpoint.in_numbers();
    }
    let keeps_codes = checkpoint.keeps_codes();
    let quantization_config = if keeps_codes { json!({"quant_method": "gguf"}) } else { Value::Null };
    let precision = precision::<B>(dtype, options.quantization, device)?;
    let source = source(head, config, precision, options);
    make::<B>(&model_type, Source { checkpoint: Some(checkpoint), quantization_config, ..source }, device)
}

/// Builds a model with random weights from the keys of a `config.json`.
///
/// **Errors:** `Config` if the configuration is invalid; `Unsupported` for a quantized checkpoint's configuration, or
/// if the backend has no quantized linear layers.
pub fn new_model<B: EngineBackend>(
    config: Value,
    head: Head,
    options: &LoadOptions,
    device: &B::Device,
) -> Result<Arc<dyn Model>> {
    let mut config = ConfigReader::from_json("config", config)?;
    config.replace(&options.overrides)?;
    if packed_scheme(&mut config, None)?.1.is_some() {
        return Err(Error::unsupported("random weights for a configuration with a quantization_config"));
    }
    let model_type = model_type(&config)?;
    let dtype = match options.dtype {
        Dtype::Exactly(dtype) => dtype,
        Dtype::Auto => DType::F32,
    };
    let precision = precision::<B>(dtype, options.quantization, device)?;
    make::<B>(&model_type, source(head, config, precision, options), device)
}

/// The source of a model without a checkpoint.
fn source(head: Head, config: ConfigReader, precision: LoadedPrecision, options: &LoadOptions) -> Source {
    Source {
        head,
        config,
        checkpoint: None,
        precision,
        ignores_mismatched_sizes: options.ignores_mismatched_sizes,
        strict_config: options.strict_config,
        quantization_config: Value::Null,
    }
}

fn model_type(config: &ConfigReader) -> Result<String> {
    let found = config.peek_str("model_type").map(str::to_owned);
    found.ok_or_else(|| Error::config(config.file(), "key \"model_type\" is missing"))
}

fn unknown_type(file: &Path, model_type: &str) -> Error {
    let known = model_types().join(", ");
    Error::config_key(file, "model_type", format!("\"{model_type}\""), format!("one of: {known}"))
}

fn precision<B: EngineBackend>(
    dtype: DType,
    quantization: Option<Quantization>,
    device: &B::Device,
) -> Result<LoadedPrecision> {
    if !supports_dtype::<B>(device, dtype) {
        return Err(Error::unsupported(format!("{dtype} on this device; pass dtype=\"float32\"")));
    }
    if quantization.is_some() && !B::HAS_ROUNDING {
        return Err(Error::unsupported("8-bit and 4-bit weights on this device; load the model on the cpu"));
    }
    if let Some(Quantization::Groups(grouping)) = quantization
        && !grouping.is_known()
    {
        let message = format!("{} is not a multiple of 32", grouping.group_size);
        return Err(Error::input("group_size", message));
    }
    Ok(LoadedPrecision { dtype, linear: quantization.map_or(Precision::Float(dtype), Precision::Quantized) })
}

/// The `quantization_config` and the packing scheme that it describes; `None` for an unquantized checkpoint.
fn packed_scheme(
    config: &mut ConfigReader,
    quantization: Option<Quantization>,
) -> Result<(Value, Option<PackedScheme>)> {
    let stated: Value = config.take_or("quantization_config", Value::Null)?;
    if stated.is_null() {
        return Ok((stated, None));
    }
    let scheme = PackedScheme::read(config.file(), &stated)?;
    if quantization.is_some() {
        let method = stated["quant_method"].as_str().unwrap_or_default();
        let message = format!("{} is quantized with {method} already; load it as it is", config.file().display());
        return Err(Error::input("quantization_config", message));
    }
    Ok((stated, Some(scheme)))
}

fn with_tokens(mut config: Value, tokens: &[(&str, i64)]) -> Result<Value> {
    if let Some(keys) = config.as_object_mut() {
        keys.extend(tokens.iter().map(|(key, id)| ((*key).to_owned(), json!(id))));
    }
    Ok(config)
}
