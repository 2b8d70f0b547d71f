//! Llama: the base of most decoders here; rotary positions, RMS norm, gated MLP.
//! Config keys and weight names: meta-llama/Llama-3.2-1B; papers arXiv 2302.13971 and 2307.09288.

use trustformers_checkpoint::Rule;
use trustformers_core::{ConfigReader, Result};
use trustformers_nn as nn;

use crate::families::keys::rotary::{BiasKeys, DEFAULTS, PRE_NORM_NAMES, RotaryKeys};
use crate::family::DecoderFamily;
use crate::hf_config::Epsilon;

hf_config! {
    pub(crate) struct LlamaConfig {
        #[serde(flatten)]
        keys: RotaryKeys = DEFAULTS,
        rms_norm_eps: Epsilon = 1e-6,
        #[serde(flatten)]
        biases: BiasKeys,
    }
}

impl DecoderFamily for LlamaConfig {
    const TYPES: &'static [(&'static str, &'static str)] = &[("llama", "Llama")];
    const TOKENS: &'static [(&'static str, i64)] = &[("bos_token_id", 1), ("eos_token_id", 2)];

    fn read_config(reader: &mut ConfigReader) -> Result<Self> {
        Self::read(reader)
    }

    fn weights(&self) -> Vec<Rule> {
        PRE_NORM_NAMES.to_vec()
    }

    fn decoder(&self) -> nn::DecoderConfig {
        let norm = nn::NormConfig::rms(self.rms_norm_eps);
        let mut layer = self.keys.layer(norm);
        self.biases.set(&mut layer);
        self.keys.decoder(norm, |_| layer.clone())
    }
}
