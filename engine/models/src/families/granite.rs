//! Granite: Llama with multipliers of the embeddings, the attention scores, the block outputs and the logits.
//! Config keys and weight names: ibm-granite/granite-3.0-8b-base; paper arXiv 2408.13359.

use serde::Serialize;
use trustformers_checkpoint::Rule;
use trustformers_core::{ConfigReader, Error, Result};
use trustformers_nn as nn;

use crate::families::keys::rotary::{BiasKeys, DEFAULTS, PRE_NORM_NAMES, RotaryKeys};
use crate::family::{DecoderFamily, Logits};
use crate::head::Head;

#[derive(Serialize)]
pub(crate) struct GraniteConfig {
    #[serde(flatten)]
    keys: RotaryKeys,
    rms_norm_eps: f64,
    #[serde(flatten)]
    biases: BiasKeys,
    embedding_multiplier: f64,
    logits_scaling: f64,
    residual_multiplier: f64,
    attention_multiplier: f64,
}

impl DecoderFamily for GraniteConfig {
    const TYPES: &'static [(&'static str, &'static str)] = &[("granite", "Granite")];
    const TOKENS: &'static [(&'static str, i64)] = &[("bos_token_id", 1), ("eos_token_id", 2)];
    const HEADS: &'static [Head] = &[Head::Base, Head::CausalLm];

    fn read_config(reader: &mut ConfigReader) -> Result<Self> {
        let keys = RotaryKeys::read(reader, DEFAULTS)?;
        let mut multiplier = |key| match reader.take_or(key, 1.0)? {
            multiplier if multiplier > 0.0 => Ok(multiplier),
            other => Err(Error::config_key(reader.file(), key, other, "more than 0")),
        };
        Ok(Self {
            keys,
            embedding_multiplier: multiplier("embedding_multiplier")?,
            logits_scaling: multiplier("logits_scaling")?,
            residual_multiplier: multiplier("residual_multiplier")?,
            attention_multiplier: multiplier("attention_multiplier")?,
            rms_norm_eps: reader.take_or("rms_norm_eps", 1e-6)?,
            biases: BiasKeys::read(reader)?,
        })
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
