//! OLMo 2: Llama that normalizes the outputs of its blocks instead of their inputs, and whole queries and keys.
//! Config keys and weight names: allenai/OLMo-2-1124-7B; paper arXiv 2501.00656.

use trustformers_checkpoint::Rule;
use trustformers_core::{ConfigReader, Result};
use trustformers_nn as nn;

use crate::families::keys::rotary::{DEFAULTS, POST_NORM_NAMES, RotaryDefaults, RotaryKeys};
use crate::family::DecoderFamily;
use crate::head::Head;
use crate::hf_config::Epsilon;

/// Sizes of the first OLMo, arXiv 2402.00838, the defaults of all OLMo families.
pub(crate) const OLMO: RotaryDefaults = RotaryDefaults { vocab_size: 50304, ..DEFAULTS };

hf_config! {
    pub(crate) struct Olmo2Config {
        #[serde(flatten)]
        keys: RotaryKeys = OLMO,
        rms_norm_eps: Epsilon = 1e-5,
        attention_bias: bool = false,
    }
}

impl DecoderFamily for Olmo2Config {
    const TYPES: &'static [(&'static str, &'static str)] = &[("olmo2", "Olmo2")];
    const TOKENS: &'static [(&'static str, i64)] = &[("pad_token_id", 1), ("eos_token_id", 50279)];
    const HEADS: &'static [Head] = &[Head::Base, Head::CausalLm, Head::SequenceClassification];

    fn read_config(reader: &mut ConfigReader) -> Result<Self> {
        Self::read(reader)
    }

    fn weights(&self) -> Vec<Rule> {
        POST_NORM_NAMES.to_vec()
    }

    fn decoder(&self) -> nn::DecoderConfig {
        let norm = nn::NormConfig::rms(self.rms_norm_eps);
        let mut layer = self.keys.layer(norm);
        layer.order = nn::LayerOrder::reordered_norm(norm);
        layer.attention.has_qkv_bias = self.attention_bias;
        layer.attention.has_output_bias = self.attention_bias;
        layer.attention.qk_norm = Some(nn::QkNorm::Whole(norm));
        self.keys.decoder(norm, |_| layer.clone())
    }
}
