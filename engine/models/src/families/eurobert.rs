//! EuroBERT: Llama's layers with bidirectional attention, and BERT's heads.
//! Config keys and weight names: EuroBERT/EuroBERT-210m; paper arXiv 2503.05500.

use serde::{Deserialize, Serialize};
use serde_json::json;
use trustformers_checkpoint::Rule;
use trustformers_core::{ConfigReader, Result};
use trustformers_nn as nn;
use trustformers_ops::Activation;

use crate::families::keys::rotary::{DEFAULTS, PRE_NORM_NAMES, RotaryDefaults, RotaryKeys};
use crate::family::EncoderFamily;
use crate::forward::input::Limits;
use crate::head::{Head, HeadSpec, dense};
use crate::hf_config::Epsilon;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Pooling {
    Bos,
    Mean,
    Late,
}

hf_config! {
    pub(crate) struct EuroBertConfig {
        #[serde(flatten)]
        keys: RotaryKeys = RotaryDefaults {
            vocab_size: 128_256,
            hidden_size: 768,
            intermediate_size: 3072,
            num_hidden_layers: 12,
            num_attention_heads: 12,
            max_position_embeddings: 8192,
            ..DEFAULTS
        },
        rms_norm_eps: Epsilon = 1e-5,
        attention_bias: bool = false,
        mlp_bias: bool = false,
        classifier_pooling: Pooling = Pooling::Late,
    }
}

impl EncoderFamily for EuroBertConfig {
    const TYPES: &'static [(&'static str, &'static str)] = &[("eurobert", "EuroBert")];
    const PREFIX: &'static str = "model";
    const HEADS: &'static [Head] =
        &[Head::Base, Head::MaskedLm, Head::SequenceClassification, Head::TokenClassification];
    const TOKENS: &'static [(&'static str, i64)] =
        &[("pad_token_id", 128_001), ("bos_token_id", 128_000), ("eos_token_id", 128_001), ("mask_token_id", 128_002)];

    fn read_config(reader: &mut ConfigReader) -> Result<Self> {
        reader.require("is_causal", &json!(false))?;
        let config = Self::read(reader)?;
        let RotaryKeys { num_attention_heads, hidden_size, .. } = config.keys;
        reader.check_divides("num_attention_heads", num_attention_heads, "hidden_size", hidden_size)?;
        Ok(config)
    }

    fn ties_embeddings(stated: Option<bool>) -> bool {
        stated.unwrap_or(false)
    }

    fn limits(&self) -> Limits {
        self.keys.limits(usize::MAX)
    }

    fn weights(&self, _holds: &dyn Fn(&str) -> bool) -> Vec<Rule> {
        let own = [
            Rule::Buffer("rotary_emb.inv_freq"),
            Rule::Rename { field: "embeddings.word_embeddings", stored: "embed_tokens" },
            Rule::Rename { field: "encoder.layer", stored: "layers" },
            Rule::Rename { field: "encoder.norm", stored: "norm" },
        ];
        [&own[..], &PRE_NORM_NAMES].concat()
    }

    fn encoder(&self) -> nn::EncoderConfig {
        let norm = nn::NormConfig::rms(self.rms_norm_eps);
        let mut layer = self.keys.layer(norm);
        layer.attention.has_qkv_bias = self.attention_bias;
        layer.attention.has_output_bias = self.attention_bias;
        layer.feed_forward.has_bias = self.mlp_bias;
        nn::EncoderConfig { norm: Some(norm), ..self.keys.encoder(self.keys.embeddings(), layer) }
    }

    fn head(&self, head: Head) -> Option<HeadSpec> {
        let input = match self.classifier_pooling {
            Pooling::Bos => nn::HeadInput::First,
            Pooling::Mean => nn::HeadInput::Mean,
            Pooling::Late => nn::HeadInput::MeanOfLogits,
        };
        match head {
            Head::Base | Head::Encoder | Head::CausalLm | Head::Seq2SeqLm | Head::QuestionAnswering => None,
            Head::MaskedLm => Some(HeadSpec::linear(&[("head.output", "lm_head")], self.mlp_bias)),
            Head::SequenceClassification => Some(HeadSpec {
                transform: Some(dense(self.keys.hidden_size, Activation::GeluErf)),
                names: &[("head.transform.dense", "dense"), ("head.output", "classifier")],
                ..HeadSpec::classifier(input)
            }),
            Head::TokenClassification => Some(HeadSpec::classifier(nn::HeadInput::EveryToken)),
        }
    }
}
