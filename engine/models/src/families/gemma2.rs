//! Gemma 2 and Gemma 3: Gemma with norms after its blocks too and sliding-window layers. Gemma 2 softcaps scores and
//! logits; Gemma 3 normalizes queries and keys, and its sliding-window layers have their own rotary base.
//! Config keys and weight names: google/gemma-2-2b and google/gemma-3-1b-pt; papers arXiv 2408.00118 and 2503.19786.

use serde::Serialize;
use serde_json::{Map, Value, json};
use trustformers_checkpoint::Rule;
use trustformers_core::{ConfigReader, Error, Result};
use trustformers_nn as nn;
use trustformers_ops::{Activation, AttentionKind};

use crate::families::gemma::{GEMMA, GemmaKeys, TOKENS, refuse_bidirectional};
use crate::families::keys::rope::Rope;
use crate::families::keys::rotary::RotaryDefaults;
use crate::families::keys::windows::Windows;
use crate::family::{DecoderFamily, Logits};
use crate::head::Head;
use crate::hf_config::{Key, Size};

const GEMMA2: RotaryDefaults = RotaryDefaults {
    hidden_size: 2304,
    intermediate_size: 9216,
    num_hidden_layers: 26,
    num_attention_heads: 8,
    num_key_value_heads: Some(4),
    activation: ("hidden_activation", "gelu_pytorch_tanh", Activation::GeluTanh),
    ..GEMMA
};

hf_config! {
    /// Configuration keys that Gemma 2 and Gemma 3 share; every `period`-th layer has full attention, and `caps` are
    /// the default softcaps of logits and scores.
    struct Gemma2Keys(reader, default: RotaryDefaults, period: usize, caps: [Option<f64>; 2]) {
        #[serde(flatten)]
        gemma: GemmaKeys = default,
        query_pre_attn_scalar: Size = 256,
        #[serde(flatten)]
        windows: Windows => {
            let is_sliding = |index: usize| !(index + 1).is_multiple_of(period);
            Windows::read(reader, gemma.keys.num_hidden_layers, Some(4096), is_sliding)?
        },
        final_logit_softcapping: Softcap = caps[0],
        attn_logit_softcapping: Softcap = caps[1],
    }
}

impl Gemma2Keys {
    fn layer(&self, index: usize) -> nn::LayerConfig {
        let mut layer = self.gemma.layer();
        let norm = Some(self.gemma.norm());
        layer.order = nn::LayerOrder::Sequential {
            input_norm: norm,
            attention_norm: norm,
            feed_forward_norm: norm,
            output_norm: norm,
        };
        layer.attention.scale = (self.query_pre_attn_scalar as f64).powf(-0.5);
        layer.attention.scores.window = self.windows.of(index);
        layer
    }

    fn weights() -> Vec<Rule> {
        let names = [
            ("input_norm", "input_layernorm"),
            ("attention_norm", "post_attention_layernorm"),
            ("feed_forward_norm", "pre_feedforward_layernorm"),
            ("output_norm", "post_feedforward_layernorm"),
        ];
        names.map(|(field, stored)| Rule::Rename { field, stored }).to_vec()
    }

    fn logits(&self) -> Logits {
        Logits { softcap: self.final_logit_softcapping, ..Logits::default() }
    }
}

/// An `f64` of more than 0, or null.
struct Softcap;

impl Key for Softcap {
    type Value = Option<f64>;
    type Default = Option<f64>;

    fn read(reader: &mut ConfigReader, key: &str, default: Option<f64>) -> Result<Option<f64>> {
        match reader.take_or(key, default)? {
            Some(cap) if cap <= 0.0 => Err(Error::config_key(reader.file(), key, cap, "more than 0, or null")),
            cap => Ok(cap),
        }
    }
}

#[derive(Serialize)]
#[serde(transparent)]
pub(crate) struct Gemma2Config(Gemma2Keys);

impl DecoderFamily for Gemma2Config {
    const TYPES: &'static [(&'static str, &'static str)] = &[("gemma2", "Gemma2")];
    const TIES_EMBEDDINGS: bool = true;
    const TOKENS: &'static [(&'static str, i64)] = &TOKENS;

    fn read_config(reader: &mut ConfigReader) -> Result<Self> {
        refuse_bidirectional(reader)?;
        reader.ignore("hidden_act");
        Gemma2Keys::read(reader, GEMMA2, 2, [Some(30.0), Some(50.0)]).map(Self)
    }

    fn weights(&self) -> Vec<Rule> {
        Gemma2Keys::weights()
    }

    fn decoder(&self) -> nn::DecoderConfig {
        self.0.gemma.decoder(|index| {
            let mut layer = self.0.layer(index);
            layer.attention.scores.logit_softcap = self.0.attn_logit_softcapping;
            layer
        })
    }

    fn logits(&self) -> Logits {
        self.0.logits()
    }
}

hf_config! {
    pub(crate) struct Gemma3Config(reader, parameters: Map<String, Value>, thetas: [f64; 2]) {
        #[serde(flatten)]
        keys: Gemma2Keys = {
            let default = RotaryDefaults { vocab_size: 262_208, max_position_embeddings: 131_072, ..GEMMA2 };
            (default, reader.take_size("sliding_window_pattern", 6)?, [None; 2])
        },
        use_bidirectional_attention: bool = false,
        /// Rotary positions of full-attention layers and of sliding-window layers.
        #[serde(skip)]
        ropes: [Rope; 2] => Rope::by_layer_type(reader, &parameters, thetas, keys.gemma.keys.lengths())?,
    }
}

impl DecoderFamily for Gemma3Config {
    const TYPES: &'static [(&'static str, &'static str)] = &[("gemma3_text", "Gemma3Text")];
    const CAUSAL_LM: Option<&'static str> = Some("Gemma3ForCausalLM");
    const TIES_EMBEDDINGS: bool = true;
    const TOKENS: &'static [(&'static str, i64)] = &TOKENS;
    const HEADS: &'static [Head] = &[Head::Base, Head::CausalLm, Head::SequenceClassification];

    fn read_config(reader: &mut ConfigReader) -> Result<Self> {
        let stated: Option<Map<String, Value>> = reader.take_or("rope_parameters", None)?;
        let mut parameters = stated.unwrap_or_default();
        if let Some(older) = reader.take_or::<Option<Map<String, Value>>>("rope_scaling", None)? {
            // The reference updates parameters of `rope_type` "default": only `rope_type` replaces it, `type` does not.
            let full = parameters.entry("full_attention").or_insert_with(|| json!({"rope_type": "default"}));
            if let Some(full) = full.as_object_mut() {
                full.extend(older);
            }
        }
        let thetas = [reader.take_or("rope_theta", 1e6)?, reader.take_or("rope_local_base_freq", 1e4)?];
        reader.ignore("hidden_act");
        let mut config = Self::read(reader, parameters, thetas)?;
        config.keys.gemma.keys.rotary.parameters = Rope::parameters_by_layer_type(&config.ropes);
        Ok(config)
    }

    fn weights(&self) -> Vec<Rule> {
        Gemma2Keys::weights()
    }

    fn decoder(&self) -> nn::DecoderConfig {
        let decoder = self.keys.gemma.decoder(|index| {
            let mut layer = self.keys.layer(index);
            layer.attention.qk_norm = Some(nn::QkNorm::PerHead(self.keys.gemma.norm()));
            layer.attention.rope = Some(usize::from(layer.attention.scores.window.is_some()));
            if self.use_bidirectional_attention {
                // With bidirectional attention `sliding_window` counts both sides.
                layer.attention.scores.window = layer.attention.scores.window.map(|window| window / 2 + 1);
            }
            layer
        });
        let is_causal = !self.use_bidirectional_attention;
        let attention = if is_causal { AttentionKind::Causal } else { AttentionKind::Bidirectional };
        nn::DecoderConfig { attention, ropes: self.ropes.iter().map(|rope| rope.config.clone()).collect(), ..decoder }
    }

    fn logits(&self) -> Logits {
        self.keys.logits()
    }
}
