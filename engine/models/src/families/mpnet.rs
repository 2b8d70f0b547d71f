//! MPNet: RoBERTa without token types, with a learned relative-position bias that all layers share.
//! Config keys and weight names: microsoft/mpnet-base; paper arXiv 2004.09297.

use trustformers_checkpoint::Rule;
use trustformers_core::{ConfigReader, Error, Result};
use trustformers_nn as nn;
use trustformers_ops::Activation;

use crate::families::keys::post_norm::{BERT, PostNormKeys};
use crate::families::roberta::LM_HEAD;
use crate::family::EncoderFamily;
use crate::forward::input::{Limits, PositionRule, padding_id};
use crate::head::{Head, HeadSpec, dense};

/// Padding token after which the reference counts positions whatever `pad_token_id` says.
const PADDING: i64 = 1;

hf_config! {
    pub(crate) struct MpnetConfig {
        #[serde(flatten)]
        sizes: PostNormKeys = PostNormKeys { vocab_size: 30527, ..BERT },
        relative_attention_num_buckets: usize = 32,
    }
}

impl EncoderFamily for MpnetConfig {
    const TYPES: &'static [(&'static str, &'static str)] = &[("mpnet", "MPNet")];
    const PREFIX: &'static str = "mpnet";
    const HAS_POOLER: bool = true;
    const TOKENS: &'static [(&'static str, i64)] = &[("pad_token_id", 1), ("bos_token_id", 0), ("eos_token_id", 2)];
    const PADDING: Option<i64> = Some(PADDING);
    const PADS_POSITIONS: bool = true;

    fn read_config(reader: &mut ConfigReader) -> Result<Self> {
        for key in ["is_decoder", "add_cross_attention", "is_causal"] {
            reader.ignore(key);
        }
        padding_id(reader, 1)?;
        let config = Self::read(reader)?;
        let count = config.relative_attention_num_buckets;
        if !(nn::NUM_BUCKETS..=1 << 16).contains(&count) {
            let expected = format!("from {} to {}", nn::NUM_BUCKETS, 1 << 16);
            return Err(Error::config_key(reader.file(), "relative_attention_num_buckets", count, expected));
        }
        Ok(config)
    }

    fn limits(&self) -> Limits {
        let limits = self.sizes.limits(usize::MAX, PositionRule::AfterPadding(PADDING));
        Limits { bytes_per_pair: 4 * self.sizes.num_attention_heads, ..limits }
    }

    fn weights(&self, _holds: &dyn Fn(&str) -> bool) -> Vec<Rule> {
        vec![
            Rule::Rename {
                field: "encoder.positions.relative_attention_bias",
                stored: "encoder.relative_attention_bias",
            },
            Rule::Rename { field: "self_attn.q_proj", stored: "attention.attn.q" },
            Rule::Rename { field: "self_attn.k_proj", stored: "attention.attn.k" },
            Rule::Rename { field: "self_attn.v_proj", stored: "attention.attn.v" },
            Rule::Rename { field: "self_attn.o_proj", stored: "attention.attn.o" },
            Rule::Rename { field: "feed_forward_norm", stored: "attention.LayerNorm" },
            Rule::Rename { field: "mlp.up_proj", stored: "intermediate.dense" },
            Rule::Rename { field: "mlp.down_proj", stored: "output.dense" },
            Rule::Rename { field: "output_norm", stored: "output.LayerNorm" },
            Rule::Rename { field: "layer_norm", stored: "LayerNorm" },
        ]
    }

    fn encoder(&self) -> nn::EncoderConfig {
        let positions = nn::PositionsConfig::BucketedBias {
            num_buckets: self.relative_attention_num_buckets,
            num_heads: self.sizes.num_attention_heads,
        };
        nn::EncoderConfig { positions, ..self.sizes.encoder(self.sizes.embeddings(), self.sizes.layer()) }
    }

    fn head(&self, head: Head) -> Option<HeadSpec> {
        let hidden_size = self.sizes.hidden_size;
        match head {
            Head::Base | Head::Encoder | Head::CausalLm | Head::Seq2SeqLm => None,
            Head::MaskedLm => {
                let transform = dense(hidden_size, Activation::GeluErf);
                Some(HeadSpec::masked_lm(transform, self.sizes.layer_norm_eps, LM_HEAD))
            }
            Head::SequenceClassification => Some(HeadSpec::dense_classifier(hidden_size, Activation::Tanh)),
            Head::TokenClassification => Some(HeadSpec::classifier(nn::HeadInput::EveryToken)),
            Head::QuestionAnswering => Some(HeadSpec::qa_outputs()),
        }
    }
}
