//! Phi-3: Llama with fused query/key/value and gate/up projections.
//! Config keys and weight names: microsoft/Phi-3-mini-4k-instruct; paper arXiv 2404.14219.

use serde_json::{Value, json};
use trustformers_checkpoint::Rule;
use trustformers_core::{ConfigReader, Error, Result};
use trustformers_nn as nn;

use crate::families::keys::rope::{Rope, RopeDefaults};
use crate::families::keys::rotary::{DEFAULTS, PRE_NORM_NAMES, RotaryDefaults, RotaryKeys};
use crate::family::DecoderFamily;
use crate::hf_config::{Epsilon, OptionalSize};

hf_config! {
    pub(crate) struct Phi3Config {
        #[serde(flatten)]
        keys: RotaryKeys = RotaryDefaults {
            vocab_size: 32064,
            hidden_size: 3072,
            intermediate_size: 8192,
            max_position_embeddings: 4096,
            rope: RopeDefaults::partial(1.0),
            ..DEFAULTS
        },
        rms_norm_eps: Epsilon = 1e-5,
        sliding_window: OptionalSize = None,
    }
}

impl DecoderFamily for Phi3Config {
    const TYPES: &'static [(&'static str, &'static str)] = &[("phi3", "Phi3")];
    const TOKENS: &'static [(&'static str, i64)] =
        &[("bos_token_id", 1), ("eos_token_id", 32000), ("pad_token_id", 32000)];

    fn read_config(reader: &mut ConfigReader) -> Result<Self> {
        reader.ignore("embd_pdrop");
        reader.ignore("resid_pdrop");
        let key = "original_max_position_embeddings";
        if reader.peek(key).is_none_or(Value::is_null) {
            reader.replace(&json!({key: 4096}))?;
        }
        // Early files say `su` or `yarn` for what was named longrope later.
        for key in ["rope_parameters", "rope_scaling"] {
            let stated = reader.peek(key).and_then(Value::as_object).cloned();
            let Some(mut parameters) = stated else { continue };
            let kind = parameters.get("rope_type").or_else(|| parameters.get("type")).and_then(Value::as_str);
            if matches!(kind, Some("su" | "yarn")) {
                parameters.insert("rope_type".to_owned(), "longrope".into());
                reader.replace(&json!({key: parameters}))?;
            }
        }
        let mut config = Self::read(reader)?;
        let Rope { parameters, config: rope } = &mut config.keys.rotary;
        if let nn::RopeScaling::LongRope { recomputes_cache, .. } = &mut rope.scaling {
            *recomputes_cache = true;
        }
        if !matches!(rope.scaling, nn::RopeScaling::Unscaled | nn::RopeScaling::LongRope { .. }) {
            let found = &parameters["rope_type"];
            return Err(Error::config_key(reader.file(), "rope_parameters.rope_type", found, "default or longrope"));
        }
        Ok(config)
    }

    fn weights(&self) -> Vec<Rule> {
        let RotaryKeys { num_attention_heads, num_key_value_heads, head_dim, .. } = self.keys;
        let key_rows = num_key_value_heads * head_dim;
        let qkv = Rule::Fused {
            fields: &["q_proj", "k_proj", "v_proj"],
            stored: "qkv_proj",
            rows: [num_attention_heads * head_dim, key_rows, key_rows],
            groups: 1,
        };
        [&PRE_NORM_NAMES[..], &[qkv, self.keys.fused_gate_up()]].concat()
    }

    fn decoder(&self) -> nn::DecoderConfig {
        let norm = nn::NormConfig::rms(self.rms_norm_eps);
        let mut layer = self.keys.layer(norm);
        layer.attention.scores.window = self.sliding_window;
        self.keys.decoder(norm, |_| layer.clone())
    }
}
