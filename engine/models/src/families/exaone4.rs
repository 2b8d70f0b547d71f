//! EXAONE 4.0: OLMo 2 with per-head query/key norms, and in larger models sliding windows with global layers without
//! rotary positions.
//! Config keys and weight names: LGAI-EXAONE/EXAONE-4.0-32B; report arXiv 2507.11407.

use trustformers_checkpoint::Rule;
use trustformers_core::{ConfigReader, Result};
use trustformers_nn as nn;

use crate::families::keys::rotary::{DEFAULTS, POST_NORM_NAMES, RotaryDefaults, RotaryKeys};
use crate::families::keys::windows::{LayerType, Windows};
use crate::family::DecoderFamily;
use crate::hf_config::Epsilon;

hf_config! {
    pub(crate) struct Exaone4Config(reader) {
        #[serde(flatten)]
        keys: RotaryKeys = RotaryDefaults {
            vocab_size: 102_400,
            intermediate_size: 16384,
            num_key_value_heads: Some(32),
            ..DEFAULTS
        },
        rms_norm_eps: Epsilon = 1e-5,
        #[serde(flatten)]
        windows: Windows => windows(reader, keys.num_hidden_layers)?,
    }
}

fn windows(reader: &mut ConfigReader, num_hidden_layers: usize) -> Result<Windows> {
    let window: Option<usize> = reader.take_or("sliding_window", Some(4096))?;
    let has_layer_types = reader.peek("layer_types").is_some_and(|types| !types.is_null());
    // Next to `layer_types` the pattern may be a string such as "LLLG", which the reference ignores.
    let period = if has_layer_types || window.is_none() {
        reader.ignore("sliding_window_pattern");
        1
    } else {
        reader.take_size("sliding_window_pattern", 4)?
    };
    Windows::of_size(reader, num_hidden_layers, window, |index| !(index + 1).is_multiple_of(period))
}

impl DecoderFamily for Exaone4Config {
    const TYPES: &'static [(&'static str, &'static str)] = &[("exaone4", "Exaone4")];
    const TOKENS: &'static [(&'static str, i64)] = &[("bos_token_id", 0), ("eos_token_id", 2)];

    fn read_config(reader: &mut ConfigReader) -> Result<Self> {
        Self::read(reader)
    }

    fn weights(&self) -> Vec<Rule> {
        POST_NORM_NAMES.to_vec()
    }

    fn decoder(&self) -> nn::DecoderConfig {
        let norm = nn::NormConfig::rms(self.rms_norm_eps);
        self.keys.decoder(norm, |index| {
            let is_sliding = self.windows.layer_types[index] == LayerType::SlidingAttention;
            let mut layer = self.keys.layer(norm);
            layer.order = nn::LayerOrder::reordered_norm(norm);
            layer.attention.qk_norm = Some(nn::QkNorm::PerHead(norm));
            layer.attention.scores.window = self.windows.of(index);
            layer.attention.rope = (self.windows.sliding_window.is_none() || is_sliding).then_some(0);
            layer
        })
    }
}
