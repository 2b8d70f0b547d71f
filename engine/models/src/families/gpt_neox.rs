//! GPT-NeoX: parallel attention and ungated feed-forward, each with its own layer norm, and partial rotary positions;
//! the fused query/key/value weights are interleaved by head.
//! Config keys and weight names: EleutherAI/gpt-neox-20b and EleutherAI/pythia-70m; paper arXiv 2204.06745.

use trustformers_checkpoint::Rule;
use trustformers_core::{ConfigReader, Result};
use trustformers_nn as nn;
use trustformers_ops::Activation;

use crate::families::keys::rope::RopeDefaults;
use crate::families::keys::rotary::{DEFAULTS, PRE_NORM_NAMES, RotaryDefaults, RotaryKeys};
use crate::family::DecoderFamily;
use crate::head::{Head, HeadSpec};
use crate::hf_config::Epsilon;

hf_config! {
    pub(crate) struct GptNeoXConfig(reader) {
        #[serde(flatten)]
        keys: RotaryKeys = RotaryDefaults {
            vocab_size: 50432,
            hidden_size: 6144,
            intermediate_size: 24576,
            num_hidden_layers: 44,
            num_attention_heads: 64,
            activation: ("hidden_act", "gelu", Activation::GeluErf),
            rope: RopeDefaults {
                theta: reader.take_or("rotary_emb_base", 10_000.0)?,
                ..RopeDefaults::partial(reader.take_or("rotary_pct", 0.25)?)
            },
            ..DEFAULTS
        },
        layer_norm_eps: Epsilon = 1e-5,
        use_parallel_residual: bool = true,
        attention_bias: bool = true,
    }
}

impl DecoderFamily for GptNeoXConfig {
    const TYPES: &'static [(&'static str, &'static str)] = &[("gpt_neox", "GPTNeoX")];
    const PREFIX: &'static str = "gpt_neox";
    const TOKENS: &'static [(&'static str, i64)] = &[("bos_token_id", 0), ("eos_token_id", 2)];
    const PADS_EMBEDDINGS: bool = false;

    fn read_config(reader: &mut ConfigReader) -> Result<Self> {
        // The rotary keys have other names here, and there are as many key/value heads as query heads.
        for key in ["is_decoder", "rope_theta", "partial_rotary_factor", "num_key_value_heads"] {
            reader.ignore(key);
        }
        Self::read(reader)
    }

    fn weights(&self) -> Vec<Rule> {
        let fused = Rule::Fused {
            fields: &["q_proj", "k_proj", "v_proj"],
            stored: "query_key_value",
            rows: [self.keys.num_attention_heads * self.keys.head_dim; 3],
            groups: self.keys.num_attention_heads,
        };
        let names = [
            ("self_attn", "attention"),
            ("o_proj", "dense"),
            ("up_proj", "dense_h_to_4h"),
            ("down_proj", "dense_4h_to_h"),
            ("embed_tokens", "embed_in"),
            ("norm", "final_layer_norm"),
        ];
        let mut rules = names.map(|(field, stored)| Rule::Rename { field, stored }).to_vec();
        rules.extend(PRE_NORM_NAMES);
        rules.push(fused);
        if !self.attention_bias {
            rules.extend([Rule::Unread(".query_key_value.bias"), Rule::Unread(".dense.bias")]);
        }
        rules.extend([".attention.bias", ".attention.masked_bias"].map(Rule::Buffer));
        rules
    }

    fn decoder(&self) -> nn::DecoderConfig {
        let norm = nn::NormConfig::layer(self.layer_norm_eps, true);
        let mut layer = self.keys.layer(norm);
        if self.use_parallel_residual {
            layer.order = nn::LayerOrder::Parallel { input_norm: norm, feed_forward_norm: Some(norm) };
        }
        layer.attention.has_qkv_bias = self.attention_bias;
        layer.attention.has_output_bias = self.attention_bias;
        layer.feed_forward.gate = nn::Gate::Absent;
        layer.feed_forward.has_bias = true;
        self.keys.decoder(norm, |_| layer.clone())
    }

    fn head(&self, head: Head) -> Option<HeadSpec> {
        match head {
            Head::CausalLm => Some(HeadSpec::linear(&[("head.output", "embed_out")], false)),
            other => HeadSpec::of_decoder(other),
        }
    }
}
