//! RoBERTa-PreLayerNorm: RoBERTa with pre-norm layers and a final norm.
//! Config keys and weight names: andreasmadsen/efficient_mlm_m0.40; paper arXiv 2202.08005.

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
pub(crate) struct RobertaPreLayerNormConfig(RobertaConfig);

impl EncoderFamily for RobertaPreLayerNormConfig {
    const TYPES: &'static [(&'static str, &'static str)] = &[("roberta-prelayernorm", "RobertaPreLayerNorm")];
    const PREFIX: &'static str = "roberta_prelayernorm";
    const HAS_POOLER: bool = true;
    const TOKENS: &'static [(&'static str, i64)] = RobertaConfig::TOKENS;
    const PADS_POSITIONS: bool = true;

    fn read_config(reader: &mut ConfigReader) -> Result<Self> {
        RobertaConfig::read(reader, PostNormKeys { vocab_size: 50_265, ..BERT }, 2).map(Self)
    }

    fn limits(&self) -> Limits {
        self.0.limits()
    }

    fn weights(&self, _holds: &dyn Fn(&str) -> bool) -> Vec<Rule> {
        let own = [
            Rule::Rename { field: "embeddings.layer_norm", stored: "embeddings.LayerNorm" },
            Rule::Rename { field: "input_norm", stored: "attention.LayerNorm" },
            Rule::Rename { field: "feed_forward_norm", stored: "intermediate.LayerNorm" },
            Rule::Rename { field: "encoder.norm", stored: "LayerNorm" },
        ];
        [&own, BERT_NAMES].concat()
    }

    fn encoder(&self) -> nn::EncoderConfig {
        self.0.sizes.pre_norm_encoder(self.0.embeddings())
    }

    fn head(&self, head: Head) -> Option<HeadSpec> {
        self.0.head(head)
    }
}
