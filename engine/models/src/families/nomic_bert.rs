//! Nomic BERT: BERT with rotary positions, gated MLPs and no biases in its layers.
//! Config keys and weight names: nomic-ai/nomic-embed-text-v1.5; report arXiv 2402.01613.

use serde_json::json;
use trustformers_checkpoint::Rule;
use trustformers_core::{ConfigReader, Result};
use trustformers_nn as nn;

use crate::families::keys::rope::RopeDefaults;
use crate::families::keys::rotary::{DEFAULTS, RotaryDefaults, RotaryKeys};
use crate::family::EncoderFamily;
use crate::forward::input::Limits;
use crate::head::{Head, HeadSpec, dense};
use crate::hf_config::{Epsilon, Size};

hf_config! {
    pub(crate) struct NomicBertConfig {
        #[serde(flatten)]
        keys: RotaryKeys = RotaryDefaults {
            vocab_size: 30_528,
            hidden_size: 768,
            intermediate_size: 3072,
            num_hidden_layers: 12,
            num_attention_heads: 12,
            max_position_embeddings: 2048,
            rope: RopeDefaults { theta: 1000.0, ..RopeDefaults::ROTATE_HALF },
            ..DEFAULTS
        },
        type_vocab_size: Size = 2,
        layer_norm_eps: Epsilon = 1e-12,
    }
}

/// Weight names of the modules in transformers.
const MODULE_NAMES: &[Rule] = &[
    Rule::Rename { field: "embeddings.layer_norm", stored: "embeddings.LayerNorm" },
    Rule::Rename { field: "encoder.layer", stored: "layers" },
    Rule::Rename { field: "feed_forward_norm", stored: "post_attention_layernorm" },
    Rule::Rename { field: "output_norm", stored: "post_mlp_layernorm" },
];

/// Weight names in nomic-ai/nomic-embed-text-v1.5, which transformers 5.23.0 also writes.
const PUBLISHED_NAMES: &[Rule] = &[
    Rule::Rename { field: "embeddings.layer_norm", stored: "emb_ln" },
    Rule::Rename { field: "encoder.layer", stored: "encoder.layers" },
    Rule::Rename { field: "self_attn.o_proj", stored: "attn.out_proj" },
    Rule::Rename { field: "self_attn", stored: "attn" },
    Rule::Rename { field: "mlp.up_proj", stored: "mlp.fc11" },
    Rule::Rename { field: "mlp.gate_proj", stored: "mlp.fc12" },
    Rule::Rename { field: "mlp.down_proj", stored: "mlp.fc2" },
    Rule::Rename { field: "feed_forward_norm", stored: "norm1" },
    Rule::Rename { field: "output_norm", stored: "norm2" },
];

const MASKED_LM: &[(&str, &str)] = &[
    ("head.transform", "cls.predictions.transform"),
    ("head.output.bias", "cls.predictions.bias"),
    ("head.output", "cls.predictions.decoder"),
];

impl EncoderFamily for NomicBertConfig {
    const TYPES: &'static [(&'static str, &'static str)] = &[("nomic_bert", "NomicBert")];
    const PREFIX: &'static str = "nomic_bert";
    const HEADS: &'static [Head] =
        &[Head::Base, Head::MaskedLm, Head::SequenceClassification, Head::TokenClassification];

    fn read_config(reader: &mut ConfigReader) -> Result<Self> {
        reader.require("is_causal", &json!(false))?;
        // There are as many key/value heads as query heads, whatever this key says.
        reader.ignore("num_key_value_heads");
        Self::read(reader)
    }

    fn limits(&self) -> Limits {
        self.keys.limits(self.type_vocab_size)
    }

    fn weights(&self, holds: &dyn Fn(&str) -> bool) -> Vec<Rule> {
        let buffer = [Rule::Buffer("rotary_emb.inv_freq")];
        if holds("q_proj") {
            return [&buffer[..], MODULE_NAMES].concat();
        }
        let rows = self.keys.num_attention_heads * self.keys.head_dim;
        let fields = &["q_proj", "k_proj", "v_proj"];
        let fused = [Rule::Fused { fields, stored: "Wqkv", rows: [rows; 3], groups: 1 }];
        [&buffer[..], &fused, PUBLISHED_NAMES].concat()
    }

    fn encoder(&self) -> nn::EncoderConfig {
        let norm = nn::NormConfig::layer(self.layer_norm_eps, true);
        let embeddings = nn::EncoderEmbeddingsConfig {
            num_token_types: Some(self.type_vocab_size),
            norm: Some(norm),
            ..self.keys.embeddings()
        };
        let layer = nn::LayerConfig { order: nn::LayerOrder::post_norm(norm), ..self.keys.layer(norm) };
        self.keys.encoder(embeddings, layer)
    }

    fn head(&self, head: Head) -> Option<HeadSpec> {
        match head {
            Head::Base | Head::Encoder | Head::CausalLm | Head::Seq2SeqLm | Head::QuestionAnswering => None,
            Head::MaskedLm => Some(HeadSpec::masked_lm(
                dense(self.keys.hidden_size, self.keys.activation),
                self.layer_norm_eps,
                MASKED_LM,
            )),
            Head::SequenceClassification => Some(HeadSpec::classifier(nn::HeadInput::Pooled)),
            Head::TokenClassification => Some(HeadSpec::classifier(nn::HeadInput::EveryToken)),
        }
    }
}
