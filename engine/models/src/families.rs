use std::path::Path;

use trustformers_checkpoint::{Checkpoint, Rule, Rules, load};
use trustformers_core::{ConfigReader, DType, Error, Result};
use trustformers_nn as nn;
use trustformers_ops::EngineBackend;

use crate::bert::BertConfig;
use crate::encoder::{Encoder, LoadedEncoder};
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

struct Opened {
    config: ConfigReader,
    checkpoint: Checkpoint,
    dtype: DType,
}

/// Loads the base model from a directory with `config.json` and safetensors.
///
/// **Errors:** `Config` if `config.json` is missing, damaged or not understood (an unknown `model_type` lists the
/// known); `Weights` if the checkpoint is damaged or does not fit.
pub fn load_encoder<B: EngineBackend>(dir: &Path, dtype: Dtype, device: &B::Device) -> Result<Box<dyn Encoder>> {
    let file = dir.join("config.json");
    if !file.is_file() {
        return Err(Error::config(
            &file,
            "there is no such file; a model directory holds config.json beside its weights",
        ));
    }
    let config = ConfigReader::open(&file)?;
    let Some(model_type) = config.peek_str("model_type").map(str::to_owned) else {
        return Err(Error::config(&file, "key \"model_type\" is missing"));
    };
    let stated = config.peek_str("dtype").or_else(|| config.peek_str("torch_dtype")).map(str::parse).transpose();
    let checkpoint = Checkpoint::open(dir)?;
    let dtype = match dtype {
        Dtype::Exactly(dtype) => dtype,
        Dtype::Auto => stated
            .map_err(|error| Error::config(&file, error))?
            .or_else(|| checkpoint.dtype())
            .ok_or_else(|| Error::weights(checkpoint.root(), "holds no floating point tensor"))?,
    };
    load_family::<B>(&model_type, Opened { config, checkpoint, dtype }, device)
}

fn load_encoder_of<F: EncoderFamily, B: EngineBackend>(opened: Opened, device: &B::Device) -> Result<Box<dyn Encoder>> {
    let Opened { config: mut reader, checkpoint, dtype } = opened;
    let raw = reader.json();
    let family = F::read_config(&mut reader)?;
    reader.finish()?;
    let loaded = load(family.encoder::<B>(device), &checkpoint, Rules(F::WEIGHTS), dtype, device)?;
    Ok(Box::new(LoadedEncoder::<F, B>::new(family, raw, dtype, loaded, device.clone())))
}
