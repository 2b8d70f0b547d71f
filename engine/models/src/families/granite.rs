//! Granite: Llama with multipliers of the embeddings, the attention scores, the block outputs and the logits.
//! Config keys and weight names: ibm-granite/granite-3.0-8b-base; paper arXiv 2408.13359.

use trustformers_checkpoint::Rule;
use trustformers_core::{ConfigReader, Result};
use trustformers_nn as nn;

use crate::families::keys::rotary::{BiasKeys, DEFAULTS, PRE_NORM_NAMES, RotaryKeys};
use crate::family::{DecoderFamily, Logits};
use crate::head::Head;
use crate::hf_config::{Epsilon, Positive};

hf_config! {
    pub(crate) struct GraniteConfig {
        #[serde(flatten)]
        keys: RotaryKeys = DEFAULTS,
        rms_norm_eps: Epsilon = 1e-6,
        #[serde(flatten)]
        biases: BiasKeys,
        embedding_multiplier: Positive = 1.0,
        logits_scaling: Positive = 1.0,
        residual_multiplier: Positive = 1.0,
        attention_multiplier: Positive = 1.0,
    }
}

impl DecoderFamily for GraniteConfig {
    const TYPES: &'static [(&'static str, &'static str)] = &[("granite", "Granite")];
    const TOKENS: &'static [(&'static str, i64)] = &[("bos_token_id", 1), ("eos_token_id", 2)];
    const HEADS: &'static [Head] = &[Head::Base, Head::CausalLm];

    fn read_config(reader: &mut ConfigReader) -> Result<Self> {
        Self::read(reader)
    }

    fn weights(&self) -> Vec<Rule> {
        PRE_NORM_NAMES.to_vec()
    }

    fn decoder(&self) -> nn::DecoderConfig {
        let norm = nn::NormConfig::rms(self.rms_norm_eps);
        let mut layer = self.keys.layer(norm);
        layer.attention.scale = self.attention_multiplier;
        self.biases.set(&mut layer);
        layer.residual_multiplier = self.residual_multiplier;
        let embedding_multiplier = self.embedding_multiplier;
        nn::DecoderConfig { embedding_multiplier, ..self.keys.decoder(norm, |_| layer.clone()) }
    }

    fn logits(&self) -> Logits {
        Logits { multiplier: self.logits_scaling.recip(), ..Logits::default() }
    }
}
