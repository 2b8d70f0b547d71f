//! RoBERTa-PreLayerNorm: RoBERTa with pre-norm layers and a final norm.
//! Config keys and weight names: andreasmadsen/efficient_mlm_m0.40; paper arXiv 2202.08005.

use serde::Serialize;
use trustformers_checkpoint::Rule;
use trustformers_core::{ConfigReader, Result};
use trustformers_nn as nn;
use trustformers_ops::EngineBackend;

use crate::families::keys::post_norm::{BERT, PostNormKeys};
use crate::families::keys::pre_norm::{self, PreNormLayer};
use crate::families::roberta::RobertaConfig;
use crate::family::{EncoderFamily, EncoderOf};
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
    const WEIGHTS: &'static [Rule] = &[
        Rule::Rename { field: "embeddings.layer_norm", stored: "embeddings.LayerNorm" },
        Rule::Rename { field: "attention_norm", stored: "attention.LayerNorm" },
        Rule::Rename { field: "attention", stored: "attention.self" },
        Rule::Rename { field: "o_proj", stored: "attention.output.dense" },
        Rule::Rename { field: "feed_forward_norm", stored: "intermediate.LayerNorm" },
        Rule::Rename { field: "mlp.up_proj", stored: "intermediate.dense" },
        Rule::Rename { field: "mlp.down_proj", stored: "output.dense" },
        Rule::Rename { field: "encoder.norm", stored: "LayerNorm" },
    ];
    type Positions<B: EngineBackend> = nn::EmbeddedPositions;
    type Layer<B: EngineBackend> = PreNormLayer<B>;

    fn read_config(reader: &mut ConfigReader) -> Result<Self> {
        RobertaConfig::read(reader, PostNormKeys { vocab_size: 50_265, ..BERT }, 2).map(Self)
    }

    fn limits(&self) -> Limits {
        self.0.limits()
    }

    fn encoder<B: EngineBackend>(&self, has_pooler: bool, device: &B::Device) -> EncoderOf<Self, B> {
        pre_norm::encoder(&self.0.sizes, self.0.embeddings(), has_pooler, device)
    }

    fn head(&self, head: Head) -> Option<HeadSpec> {
        self.0.head(head)
    }
}
