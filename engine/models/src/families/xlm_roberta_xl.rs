//! XLM-RoBERTa-XL: RoBERTa with pre-norm layers, a final norm and unnormalized embeddings.
//! Config keys and weight names: facebook/xlm-roberta-xl; paper arXiv 2105.00572.

use serde::Serialize;
use trustformers_checkpoint::Rule;
use trustformers_core::{ConfigReader, Result};
use trustformers_nn as nn;

use crate::families::keys::post_norm::{BERT, BERT_NAMES, PostNormKeys};
use crate::families::roberta::RobertaConfig;
use crate::family::EncoderFamily;
use crate::forward::input::Limits;
use crate::head::{Head, HeadSpec};

#[derive(Serialize)]
#[serde(transparent)]
pub(crate) struct XlmRobertaXlConfig(RobertaConfig);

impl EncoderFamily for XlmRobertaXlConfig {
    const TYPES: &'static [(&'static str, &'static str)] = &[("xlm-roberta-xl", "XLMRobertaXL")];
    const PREFIX: &'static str = "roberta";
    const HAS_POOLER: bool = true;
    const TOKENS: &'static [(&'static str, i64)] = RobertaConfig::TOKENS;
    const PADS_POSITIONS: bool = true;

    fn read_config(reader: &mut ConfigReader) -> Result<Self> {
        let default = PostNormKeys {
            vocab_size: 250_880,
            hidden_size: 2560,
            num_hidden_layers: 36,
            num_attention_heads: 32,
            intermediate_size: 10_240,
            max_position_embeddings: 514,
            layer_norm_eps: 1e-5,
            ..BERT
        };
        RobertaConfig::read(reader, default, 1).map(Self)
    }

    fn limits(&self) -> Limits {
        self.0.limits()
    }

    fn weights(&self, _holds: &dyn Fn(&str) -> bool) -> Vec<Rule> {
        let own = [
            Rule::Rename { field: "encoder.norm", stored: "encoder.LayerNorm" },
            Rule::Rename { field: "input_norm", stored: "attention.self_attn_layer_norm" },
            Rule::Rename { field: "feed_forward_norm", stored: "LayerNorm" },
        ];
        [&own, BERT_NAMES].concat()
    }

    fn encoder(&self) -> nn::EncoderConfig {
        let embeddings = nn::EncoderEmbeddingsConfig { norm: None, ..self.0.embeddings() };
        self.0.sizes.pre_norm_encoder(embeddings)
    }

    fn head(&self, head: Head) -> Option<HeadSpec> {
        self.0.head(head)
    }
}
