//! From files and keys to models.

pub(crate) mod assemble;
pub(crate) mod assembly;
mod dropout;
mod dropout_places;
mod initialize;
pub(crate) mod keys;
pub(crate) mod precision;
pub(crate) mod settings;
pub(crate) mod state;
mod tables;

use std::path::Path;
use std::str::FromStr;
use std::sync::Arc;

use serde_json::{Value, json};
use trustformers_checkpoint::{Checkpoint, GgufFile, PackedScheme};
use trustformers_core::{ADAPTER_CONFIG, ConfigReader, DType, Error, Result, WeightFiles, adapter_advice};
use trustformers_ops::{Bits, EngineBackend, Grouping, Quantization};

use crate::Model;
use crate::families::{self, families};
use crate::head::Head;
use crate::load::assemble::{Purpose, Source};
use crate::load::precision::{DEFAULT_GROUP_SIZE, LoadedPrecision, precision};

/// Floating-point format in which to compute.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Dtype {
    /// The `dtype` of `config.json`, or else the checkpoint's format.
    #[default]
    Auto,
    /// The given format.
    Exactly(DType),
}

impl FromStr for Dtype {
    type Err = Error;

    /// Reads "auto" or the name of a floating-point format.
    fn from_str(name: &str) -> Result<Self> {
        if name == "auto" { Ok(Self::Auto) } else { Ok(Self::Exactly(name.parse()?)) }
    }
}

/// Quantization to 4 or 8 bits, in groups along the inputs of linear layers. 8 bits without a group size are quantized
/// per output feature; 4 bits have groups of [`DEFAULT_GROUP_SIZE`] by default. Asymmetric groups have a min as
/// well as a scale.
///
/// **Errors:** `Input` for another number of bits.
pub fn quantization(bits: u8, group_size: Option<usize>, is_symmetric: bool) -> Result<Quantization> {
    let groups = |bits, group_size| Quantization::Groups(Grouping { bits, group_size, has_mins: !is_symmetric });
    match (bits, group_size) {
        (8, None) => Ok(Quantization::Int8),
        (8, Some(group_size)) => Ok(groups(Bits::Eight, group_size)),
        (4, group_size) => Ok(groups(Bits::Four, group_size.unwrap_or(DEFAULT_GROUP_SIZE))),
        (bits, Some(group_size)) => {
            Err(Error::input("bits", format!("{bits} in groups of {group_size}; expected 4 or 8 bits")))
        }
        (bits, None) => Err(Error::input("bits", format!("{bits}; expected 4 or 8"))),
    }
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
pub fn unknown_config_keys(file: &str, config: Value) -> Result<Vec<String>> {
    Ok(read_all_keys(file, config)?.unknown())
}

/// Rejects unknown keys with `strict`, or where the environment sets `TRUSTFORMERS_STRICT_CONFIG=1`.
///
/// **Errors:** `Config` listing the keys, or if there is no such family or a key is wrong.
pub fn check_config(file: &str, config: Value, strict: bool) -> Result<()> {
    read_all_keys(file, config)?.finish(strict).map(drop)
}

fn read_all_keys(file: &str, config: Value) -> Result<ConfigReader> {
    let mut reader = ConfigReader::from_json(file, config)?;
    reader.ignore("quantization_config");
    read_keys(&mut reader)?;
    Ok(reader)
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
    made::<B>(&model_type, Source { checkpoint: Some(checkpoint), quantization_config, ..source }, device)
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
        checkpoint = checkpoint.dequantized();
    }
    let is_quantized = checkpoint.is_quantized();
    let quantization_config = if is_quantized { json!({"quant_method": "gguf"}) } else { Value::Null };
    let precision = precision::<B>(dtype, options.quantization, device)?;
    let source = source(head, config, precision, options);
    made::<B>(&model_type, Source { checkpoint: Some(checkpoint), quantization_config, ..source }, device)
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
    made::<B>(&model_type, source(head, config, precision, options), device)
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
        purpose: Purpose::default(),
    }
}

fn model_type(config: &ConfigReader) -> Result<String> {
    let found = config.peek_str("model_type").map(str::to_owned);
    found.ok_or_else(|| Error::config(config.file(), "key \"model_type\" is missing"))
}

fn made<B: EngineBackend>(model_type: &str, source: Source, device: &B::Device) -> Result<Arc<dyn Model>> {
    let file = source.config.file().to_owned();
    families::make::<B>(model_type, source, device).unwrap_or_else(|| Err(unknown_type(&file, model_type)))
}

fn read_keys(reader: &mut ConfigReader) -> Result<Value> {
    let model_type = model_type(reader)?;
    families::read_keys(&model_type, reader).unwrap_or_else(|| Err(unknown_type(reader.file(), &model_type)))
}

fn unknown_type(file: &Path, model_type: &str) -> Error {
    let known = model_types().join(", ");
    Error::config_key(file, "model_type", format!("\"{model_type}\""), format!("one of: {known}"))
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
