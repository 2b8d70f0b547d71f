use std::path::Path;

use serde_json::Value;
use trustformers_checkpoint::{Checkpoint, Loaded, Rule, Rules, cast, load};
use trustformers_core::{ConfigReader, DType, Error, Result};
use trustformers_nn as nn;
use trustformers_ops::{EngineBackend, Precision};

use crate::bert::BertConfig;
use crate::encoder::{Encoder, LoadedEncoder, LoadedPrecision};
use crate::input::Limits;

/// A family of encoders: its configuration, its layer and its weight names.
pub(crate) trait EncoderFamily: Sized + Send + Sync + 'static {
    const MODEL_TYPES: &'static [&'static str];
    const WEIGHTS: &'static [Rule];
    type Layer<B: EngineBackend>: nn::EncoderLayer<B>;

    fn read_config(reader: &mut ConfigReader) -> Result<Self>;
    fn limits(&self) -> Limits;
    fn encoder<B: EngineBackend>(&self, device: &B::Device) -> nn::Encoder<B, Self::Layer<B>>;
}

/// One line per family.
macro_rules! encoder_families {
    ($($family:ty),* $(,)?) => {
        fn encoder_model_types() -> Vec<&'static str> {
            [$(<$family>::MODEL_TYPES),*].concat()
        }

        fn load_family<B: EngineBackend>(model_type: &str, opened: Opened, device: &B::Device) -> Result<Box<dyn Encoder>> {
            $(if <$family>::MODEL_TYPES.contains(&model_type) {
                return load_encoder_of::<$family, B>(opened, device);
            })*
            let known = encoder_model_types().join(", ");
            Err(Error::config_key(opened.config.file(), "model_type", format!("\"{model_type}\""), format!("one of: {known}")))
        }
    };
}

encoder_families![BertConfig];

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
    encoder_model_types()
}

/// How a model is loaded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LoadOptions {
    /// Which floating point format to compute in.
    pub dtype: Dtype,
    /// Whether the weights of linear layers are rounded to 8 bits.
    pub in_8_bits: bool,
}

struct Opened {
    config: ConfigReader,
    checkpoint: Checkpoint,
    precision: LoadedPrecision,
}

/// Loads the base model from a directory with `config.json` and safetensors.
///
/// **Errors:** `Config` if `config.json` is missing, damaged or not understood (an unknown `model_type` lists the
/// known); `Weights` if the checkpoint is damaged or does not fit; `Unsupported` if it is quantized, or if the backend
/// has no 8-bit layers.
pub fn load_encoder<B: EngineBackend>(
    dir: &Path,
    options: LoadOptions,
    device: &B::Device,
) -> Result<Box<dyn Encoder>> {
    if options.in_8_bits && !B::HAS_INT8 {
        return Err(Error::unsupported("8-bit weights anywhere but on the cpu"));
    }
    let file = dir.join("config.json");
    if !file.is_file() {
        return Err(Error::config(
            &file,
            "there is no such file; a model directory holds config.json beside its weights",
        ));
    }
    let mut config = ConfigReader::open(&file)?;
    refuse_quantized(&mut config)?;
    let Some(model_type) = config.peek_str("model_type").map(str::to_owned) else {
        return Err(Error::config(&file, "key \"model_type\" is missing"));
    };
    let stated = config.peek_str("dtype").or_else(|| config.peek_str("torch_dtype")).map(str::parse).transpose();
    let checkpoint = Checkpoint::open(dir)?;
    let dtype = match options.dtype {
        Dtype::Exactly(dtype) => dtype,
        Dtype::Auto => stated
            .map_err(|error| Error::config(&file, error))?
            .or_else(|| checkpoint.dtype())
            .ok_or_else(|| Error::weights(checkpoint.root(), "holds no floating point tensor"))?,
    };
    let linear = if options.in_8_bits { Precision::Int8 } else { Precision::Float(dtype) };
    let precision = LoadedPrecision { dtype, linear };
    load_family::<B>(&model_type, Opened { config, checkpoint, precision }, device)
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

fn load_encoder_of<F: EncoderFamily, B: EngineBackend>(opened: Opened, device: &B::Device) -> Result<Box<dyn Encoder>> {
    let Opened { config: mut reader, checkpoint, precision } = opened;
    let config = reader.json();
    let family = F::read_config(&mut reader)?;
    reader.finish()?;
    let Loaded { mut module, unused } = load(family.encoder::<B>(device), &checkpoint, Rules(F::WEIGHTS), device)?;
    module.prepare(precision.linear);
    let module = cast(module, precision.dtype);
    let device = device.clone();
    Ok(Box::new(LoadedEncoder::<F, B> { family, config, precision, module, unused_weights: unused, device }))
}
