//! SmolLM3: Llama with some layers without rotary positions, which may have a sliding window.
//! Config keys and weight names: HuggingFaceTB/SmolLM3-3B.

use trustformers_checkpoint::Rule;
use trustformers_core::{ConfigReader, Error, Result};
use trustformers_nn as nn;

use crate::families::keys::rope::RopeDefaults;
use crate::families::keys::rotary::{BiasKeys, DEFAULTS, PRE_NORM_NAMES, RotaryDefaults, RotaryKeys};
use crate::families::keys::windows::Windows;
use crate::family::DecoderFamily;
use crate::hf_config::{Epsilon, Size};

hf_config! {
    pub(crate) struct SmolLm3Config(reader) {
        #[serde(flatten)]
        keys: RotaryKeys = RotaryDefaults {
            vocab_size: 128_256,
            hidden_size: 2048,
            num_hidden_layers: 36,
            num_attention_heads: 16,
            num_key_value_heads: Some(4),
            max_position_embeddings: 32768,
            rope: RopeDefaults { theta: 2_000_000.0, ..RopeDefaults::ROTATE_HALF },
            ..DEFAULTS
        },
        rms_norm_eps: Epsilon = 1e-6,
        #[serde(flatten)]
        biases: BiasKeys,
        use_sliding_window: bool = false,
        no_rope_layer_interval: Size = 4,
        /// 1 for each layer with rotary positions, 0 for each layer without.
        no_rope_layers: Vec<u8> = {
            let by_interval = |index: usize| u8::from(!(index + 1).is_multiple_of(no_rope_layer_interval));
            (0..keys.num_hidden_layers).map(by_interval).collect()
        },
        #[serde(flatten)]
        windows: Windows => {
            let window: Option<usize> = reader.take_or("sliding_window", None)?;
            let window = window.filter(|_| use_sliding_window);
            let is_sliding = |index: usize| window.is_some() && no_rope_layers.get(index) == Some(&0);
            Windows::of_size(reader, keys.num_hidden_layers, window, is_sliding)?
        },
    }
    check = Self::check;
}

impl SmolLm3Config {
    fn check(&self, reader: &mut ConfigReader) -> Result<()> {
        let count = self.keys.num_hidden_layers;
        if self.no_rope_layers.len() < count {
            let expected = format!("one for each of num_hidden_layers = {count}");
            return Err(Error::config_key(reader.file(), "no_rope_layers", self.no_rope_layers.len(), expected));
        }
        Ok(())
    }
}

impl DecoderFamily for SmolLm3Config {
    const TYPES: &'static [(&'static str, &'static str)] = &[("smollm3", "SmolLM3")];
    const TIES_EMBEDDINGS: bool = true;
    const TOKENS: &'static [(&'static str, i64)] =
        &[("pad_token_id", 128_004), ("bos_token_id", 128_000), ("eos_token_id", 128_001)];

    fn read_config(reader: &mut ConfigReader) -> Result<Self> {
        Self::read(reader)
    }

    fn weights(&self) -> Vec<Rule> {
        PRE_NORM_NAMES.to_vec()
    }

    fn decoder(&self) -> nn::DecoderConfig {
        let norm = nn::NormConfig::rms(self.rms_norm_eps);
        self.keys.decoder(norm, |index| {
            let mut layer = self.keys.layer(norm);
            self.biases.set(&mut layer);
            layer.attention.rope = (self.no_rope_layers[index] != 0).then_some(0);
            layer.attention.scores.window = self.windows.of(index);
            layer
        })
    }
}
