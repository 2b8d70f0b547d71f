//! From files and keys to models.

pub(crate) mod assemble;
mod initialize;
pub(crate) mod keys;
pub(crate) mod precision;
pub(crate) mod settings;

use std::path::Path;
use std::sync::Arc;

use serde_json::{Value, json};
use trustformers_checkpoint::{Checkpoint, GgufFile, PackedScheme};
use trustformers_core::{ADAPTER_CONFIG, ConfigReader, DType, Error, Result, WeightFiles, adapter_advice};
use trustformers_ops::{EngineBackend, Quantization};

use crate::Model;
use crate::families::{self, families};
use crate::head::Head;
use crate::load::assemble::Source;
use crate::load::precision::{LoadedPrecision, precision};

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

/// The keys that a family's configuration reads: the given values as they are understood, and defaults.
///
/// **Errors:** `Config` if there is no such family or a key is wrong; unknown keys are left out.
pub fn complete_config(config: Value) -> Result<Value> {
    read_keys(&mut ConfigReader::from_json("config", config)?)
}

/// The keys of a `config.json` that its family does not read, in alphabetical order.
///
/// **Errors:** `Config` if there is no such family or a key is wrong.
pub fn unknown_config_keys(file: &str, config: Value) -> Result<Vec<String>> {
    Ok(read_all_keys(file, config)?.unknown())
}

/// Refuses unknown keys with `strict`, or where the environment sets `TRUSTFORMERS_STRICT_CONFIG=1`.
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

/// How a model is loaded.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LoadOptions {
    /// Which floating point format to compute in.
    pub dtype: Dtype,
    /// What the weights of linear layers are rounded to.
    pub quantization: Option<Quantization>,
    /// Whether the codes of a GGUF file become floating point numbers.
    pub dequantizes: bool,
    /// Whether a head whose tensors have another shape keeps its random values.
    pub ignores_mismatched_sizes: bool,
    /// Whether unknown keys of the configuration are an error, as with `TRUSTFORMERS_STRICT_CONFIG=1`.
    pub strict_config: bool,
    /// Which of a directory's weights are loaded.
    pub weights: WeightFiles,
    /// Keys that replace those of `config.json`: nothing, or a JSON object.
    pub overrides: Value,
}

/// Loads a model from a directory with `config.json` and safetensors.
///
/// **Errors:** `Config` if `config.json` is missing, damaged or not understood (an unknown `model_type` lists the
/// known); `Weights` if the checkpoint is damaged or does not fit; `Unsupported` if it is quantized
/// in a way that is not read here, or if the backend has no layers of rounded weights.
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
            false => "a model directory holds config.json beside its weights".to_owned(),
        };
        return Err(Error::config(&file, format!("there is no such file; {advice}")));
    }
    let mut config = ConfigReader::open(&file)?;
    config.replace(&options.overrides)?;
    let (quantization_config, packed) = packed_scheme(&mut config, options.quantization)?;
    let model_type = model_type(&config)?;
    let stated = config.peek_str("dtype").or_else(|| config.peek_str("torch_dtype"));
    // Weights in float64 are computed in float32, like those of every other type that no kernel has.
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

/// Loads a model from a GGUF file, in float32 if `options` do not say.
///
/// Where the backend can, linear layers that are stored in blocks are computed with the blocks' codes.
///
/// **Errors:** `Weights` if the file is damaged or does not fit; `Config` if what it says of the model is not understood;
/// `Unsupported` if its architecture or the type of a tensor is not read here.
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
    made::<B>(&model_type, Source { checkpoint: Some(checkpoint), quantization_config, ..source }, device)
}

/// Makes a model with random weights from the keys of a `config.json`.
///
/// **Errors:** `Config` if the configuration is not understood; `Unsupported` as [`load_model`].
pub fn new_model<B: EngineBackend>(
    config: Value,
    head: Head,
    options: &LoadOptions,
    device: &B::Device,
) -> Result<Arc<dyn Model>> {
    let mut config = ConfigReader::from_json("config", config)?;
    config.replace(&options.overrides)?;
    if packed_scheme(&mut config, None)?.1.is_some() {
        return Err(Error::unsupported("random weights in the layout of a quantized checkpoint"));
    }
    let model_type = model_type(&config)?;
    let dtype = match options.dtype {
        Dtype::Exactly(dtype) => dtype,
        Dtype::Auto => DType::F32,
    };
    let precision = precision::<B>(dtype, options.quantization, device)?;
    made::<B>(&model_type, source(head, config, precision, options), device)
}

/// What a model without a checkpoint is made of.
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

/// What the configuration says of how the checkpoint's layers are packed, if they are.
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
