//! Arcee: the Llama layer with a feed-forward of two matrices and a squared ReLU.
//! Config keys and weight names: arcee-ai/AFM-4.5B.

use trustformers_checkpoint::Rule;
use trustformers_core::{ConfigReader, Result};
use trustformers_nn as nn;
use trustformers_ops::Activation;

use crate::families::keys::rotary::{BiasKeys, DEFAULTS, PRE_NORM_NAMES, RotaryDefaults, RotaryKeys};
use crate::family::DecoderFamily;
use crate::hf_config::Epsilon;

hf_config! {
    pub(crate) struct ArceeConfig {
        #[serde(flatten)]
        keys: RotaryKeys = RotaryDefaults {
            hidden_size: 2560,
            intermediate_size: 18432,
            activation: ("hidden_act", "relu2", Activation::ReluSquared),
            max_position_embeddings: 4096,
            ..DEFAULTS
        },
        rms_norm_eps: Epsilon = 1e-5,
        #[serde(flatten)]
        biases: BiasKeys,
    }
}

impl DecoderFamily for ArceeConfig {
    const TYPES: &'static [(&'static str, &'static str)] = &[("arcee", "Arcee")];
    const TOKENS: &'static [(&'static str, i64)] = &[("bos_token_id", 128000), ("eos_token_id", 128001)];

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
        layer.feed_forward.gate = nn::Gate::Absent;
        self.keys.decoder(norm, |_| layer.clone())
    }
}
