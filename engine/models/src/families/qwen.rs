//! Qwen2 and Qwen3: Llama with query/key/value biases, or with per-head query/key RMS norms; some layers may have a
//! sliding window.
//! Config keys and weight names: Qwen/Qwen2.5-0.5B and Qwen/Qwen3-0.6B; papers arXiv 2407.10671 and 2505.09388.

use serde::Serialize;
use trustformers_checkpoint::Rule;
use trustformers_core::{ConfigReader, Result};
use trustformers_nn as nn;

use crate::families::keys::rotary::{DEFAULTS, PRE_NORM_NAMES, RotaryDefaults, RotaryKeys};
use crate::families::keys::windows::{Windows, optional_window};
use crate::family::DecoderFamily;
use crate::hf_config::Epsilon;

const QWEN: RotaryDefaults = RotaryDefaults {
    vocab_size: 151_936,
    intermediate_size: 22016,
    num_key_value_heads: Some(32),
    max_position_embeddings: 32768,
    ..DEFAULTS
};

hf_config! {
    struct QwenKeys(reader, default: RotaryDefaults) {
        #[serde(flatten)]
        keys: RotaryKeys = default,
        rms_norm_eps: Epsilon = 1e-6,
        use_sliding_window: bool = false,
        max_window_layers: usize = 28,
        #[serde(flatten)]
        windows: Windows => {
            let window = optional_window(reader, use_sliding_window)?;
            let is_sliding = |index: usize| window.is_some() && index >= max_window_layers;
            Windows::of_size(reader, keys.num_hidden_layers, window, is_sliding)?
        },
    }
}

impl QwenKeys {
    fn decoder(&self, change: impl Fn(&mut nn::AttentionConfig)) -> nn::DecoderConfig {
        let norm = nn::NormConfig::rms(self.rms_norm_eps);
        self.keys.decoder(norm, |index| {
            let mut layer = self.keys.layer(norm);
            layer.attention.scores.window = self.windows.of(index);
            change(&mut layer.attention);
            layer
        })
    }
}

#[derive(Serialize)]
#[serde(transparent)]
pub(crate) struct Qwen2Config(QwenKeys);

impl DecoderFamily for Qwen2Config {
    const TYPES: &'static [(&'static str, &'static str)] = &[("qwen2", "Qwen2")];

    fn read_config(reader: &mut ConfigReader) -> Result<Self> {
        QwenKeys::read(reader, QWEN).map(Self)
    }

    fn weights(&self) -> Vec<Rule> {
        PRE_NORM_NAMES.to_vec()
    }

    fn decoder(&self) -> nn::DecoderConfig {
        self.0.decoder(|attention| attention.has_qkv_bias = true)
    }
}

hf_config! {
    pub(crate) struct Qwen3Config {
        #[serde(flatten)]
        keys: QwenKeys = RotaryDefaults { head_dim: Some(128), ..QWEN },
        attention_bias: bool = false,
    }
}

impl DecoderFamily for Qwen3Config {
    const TYPES: &'static [(&'static str, &'static str)] = &[("qwen3", "Qwen3")];

    fn read_config(reader: &mut ConfigReader) -> Result<Self> {
        Self::read(reader)
    }

    fn weights(&self) -> Vec<Rule> {
        PRE_NORM_NAMES.to_vec()
    }

    fn decoder(&self) -> nn::DecoderConfig {
        let norm = nn::NormConfig::rms(self.keys.rms_norm_eps);
        self.keys.decoder(|attention| {
            attention.qk_norm = Some(nn::QkNorm::PerHead(norm));
            attention.has_qkv_bias = self.attention_bias;
            attention.has_output_bias = self.attention_bias;
        })
    }
}
