//! OLMo: Llama with layer norms without learned parameters, and optionally clamped queries, keys and values.
//! Config keys and weight names: allenai/OLMo-1B-hf; paper arXiv 2402.00838.

use trustformers_checkpoint::Rule;
use trustformers_core::{ConfigReader, Error, Result};
use trustformers_nn as nn;

use crate::families::keys::rotary::RotaryKeys;
use crate::families::olmo2::OLMO;
use crate::family::DecoderFamily;
use crate::head::Head;

hf_config! {
    pub(crate) struct OlmoConfig {
        #[serde(flatten)]
        keys: RotaryKeys = OLMO,
        attention_bias: bool = false,
        clip_qkv: Option<f64> = None,
    }
}

impl DecoderFamily for OlmoConfig {
    const TYPES: &'static [(&'static str, &'static str)] = &[("olmo", "Olmo")];
    const TOKENS: &'static [(&'static str, i64)] = &[("pad_token_id", 1), ("eos_token_id", 50279)];
    const HEADS: &'static [Head] = &[Head::Base, Head::CausalLm, Head::SequenceClassification];

    fn read_config(reader: &mut ConfigReader) -> Result<Self> {
        let config = Self::read(reader)?;
        if let Some(bound) = config.clip_qkv.filter(|bound| *bound < 0.0) {
            return Err(Error::config_key(reader.file(), "clip_qkv", bound, "at least 0, or null"));
        }
        Ok(config)
    }

    fn weights(&self) -> Vec<Rule> {
        Vec::new()
    }

    fn decoder(&self) -> nn::DecoderConfig {
        let norm = nn::NormConfig { kind: nn::NormKind::Unscaled, eps: 1e-5 };
        let mut layer = self.keys.layer(norm);
        layer.attention.has_qkv_bias = self.attention_bias;
        layer.attention.has_output_bias = self.attention_bias;
        layer.attention.qkv_clip = self.clip_qkv;
        self.keys.decoder(norm, |_| layer.clone())
    }
}
