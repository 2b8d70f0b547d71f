//! Hunyuan dense: Llama with per-head query/key norms after the rotary position embedding, whose base a fixed `alpha`
//! may scale.
//! Config keys and weight names: tencent/Hunyuan-0.5B-Instruct.

use trustformers_checkpoint::Rule;
use trustformers_core::{ConfigReader, Result};
use trustformers_nn as nn;

use crate::families::keys::rope::Rope;
use crate::families::keys::rotary::{DEFAULTS, PRE_NORM_NAMES, RotaryDefaults, RotaryKeys};
use crate::family::DecoderFamily;
use crate::head::Head;
use crate::hf_config::Epsilon;

hf_config! {
    pub(crate) struct HunYuanDenseConfig {
        #[serde(flatten)]
        keys: RotaryKeys = RotaryDefaults { vocab_size: 290_943, ..DEFAULTS },
        rms_norm_eps: Epsilon = 1e-5,
        attention_bias: bool = false,
    }
}

impl DecoderFamily for HunYuanDenseConfig {
    const TYPES: &'static [(&'static str, &'static str)] = &[("hunyuan_v1_dense", "HunYuanDenseV1")];
    const TOKENS: &'static [(&'static str, i64)] = &[("pad_token_id", 0), ("bos_token_id", 1), ("eos_token_id", 2)];
    const HEADS: &'static [Head] = &[Head::Base, Head::CausalLm, Head::SequenceClassification];

    fn read_config(reader: &mut ConfigReader) -> Result<Self> {
        let mut config = Self::read(reader)?;
        // `dynamic` scaling with an `alpha` does not depend on the sequence length.
        let Rope { parameters, config: rope } = &mut config.keys.rotary;
        let alpha = parameters["alpha"].as_f64().filter(|alpha| *alpha != 0.0);
        if let Some((alpha, nn::RopeScaling::Dynamic { .. })) = alpha.zip(Some(&rope.scaling)) {
            let dim = rope.rotary_dim as f64;
            rope.theta *= alpha.powf(dim / (dim - 2.0));
            rope.scaling = nn::RopeScaling::Unscaled;
        }
        Ok(config)
    }

    fn weights(&self) -> Vec<Rule> {
        let names = [("q_norm", "query_layernorm"), ("k_norm", "key_layernorm")];
        let rename = names.map(|(field, stored)| Rule::Rename { field, stored });
        [&PRE_NORM_NAMES[..], &rename].concat()
    }

    fn decoder(&self) -> nn::DecoderConfig {
        let norm = nn::NormConfig::rms(self.rms_norm_eps);
        let mut layer = self.keys.layer(norm);
        layer.attention.has_qkv_bias = self.attention_bias;
        layer.attention.has_output_bias = self.attention_bias;
        layer.attention.qk_norm = Some(nn::QkNorm::PerHead(norm));
        layer.attention.norms_after_rope = true;
        self.keys.decoder(norm, |_| layer.clone())
    }
}
