//! DeBERTa v2 and v3: BERT with disentangled attention over contents and relative positions.
//! Config keys and weight names: microsoft/deberta-v3-base; papers arXiv 2006.03654 and arXiv 2111.09543.

use serde::Deserialize;
use serde_json::json;
use trustformers_checkpoint::Rule;
use trustformers_core::{ConfigReader, Error, Result};
use trustformers_nn as nn;
use trustformers_ops::Activation;

use crate::families::keys::post_norm::{BERT, BERT_NAMES, PostNormKeys};
use crate::family::EncoderFamily;
use crate::forward::input::{Limits, PositionRule};
use crate::head::{Head, HeadSpec, dense};
use crate::hf_config::Key;

hf_config! {
    pub(crate) struct DebertaV2Config {
        #[serde(flatten)]
        sizes: PostNormKeys = PostNormKeys {
            vocab_size: 128100,
            hidden_size: 1536,
            num_hidden_layers: 24,
            num_attention_heads: 24,
            intermediate_size: 6144,
            layer_norm_eps: 1e-7,
            ..BERT
        },
        type_vocab_size: usize = 0,
        relative_attention: bool = false,
        max_relative_positions: i64 = -1,
        position_buckets: i64 = -1,
        norm_rel_ebd: String = "none".to_owned(),
        share_att_key: bool = false,
        pos_att_type: AttentionTerms,
        position_biased_input: bool = true,
        pooler_hidden_act: Activation = Activation::GeluErf,
        legacy: bool = true,
        conv_kernel_size: usize = 0,
        conv_act: Activation = Activation::Tanh,
    }
}

/// Terms of the attention scores: `["p2c", "c2p"]`, or `"p2c|c2p"` in older files.
pub(crate) struct AttentionTerms;

impl Key for AttentionTerms {
    type Value = Vec<String>;
    type Default = ();

    fn read(reader: &mut ConfigReader, key: &str, (): ()) -> Result<Vec<String>> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Terms {
            One(String),
            Many(Vec<String>),
        }
        Ok(match reader.take_or(key, Some(Terms::Many(Vec::new())))? {
            None => Vec::new(),
            Some(Terms::Many(terms)) => terms,
            Some(Terms::One(terms)) => terms.to_lowercase().split('|').map(|term| term.trim().to_owned()).collect(),
        })
    }
}

impl DebertaV2Config {
    fn vectors(&self) -> nn::RelativeVectorsConfig {
        let positive = |value: i64| usize::try_from(value).ok().filter(|value| *value > 0);
        let max_distance = positive(self.max_relative_positions).unwrap_or(self.sizes.max_position_embeddings);
        let position_buckets = positive(self.position_buckets).unwrap_or(0);
        nn::RelativeVectorsConfig {
            has_vectors: self.relative_attention,
            span: positive(self.position_buckets).unwrap_or(max_distance),
            position_buckets,
            max_distance,
            hidden_size: self.sizes.hidden_size,
            layer_norm_eps: self.norm_rel_ebd.contains("layer_norm").then_some(self.sizes.layer_norm_eps),
        }
    }

    fn terms(&self) -> nn::PositionTerms {
        let has = |name: &str| self.pos_att_type.iter().any(|term| term == name);
        nn::PositionTerms { c2p: has("c2p"), p2c: has("p2c"), shares_projections: self.share_att_key }
    }
}

impl EncoderFamily for DebertaV2Config {
    const TYPES: &'static [(&'static str, &'static str)] = &[("deberta-v2", "DebertaV2")];
    const PREFIX: &'static str = "deberta";

    fn read_config(reader: &mut ConfigReader) -> Result<Self> {
        for key in ["is_decoder", "add_cross_attention", "is_causal"] {
            reader.ignore(key);
        }
        reader.require("conv_groups", &json!(1))?;
        let config = Self::read(reader)?;
        for key in ["embedding_size", "pooler_hidden_size"] {
            reader.require(key, &json!(config.sizes.hidden_size))?;
        }
        let head_dim = config.sizes.hidden_size / config.sizes.num_attention_heads;
        reader.require("attention_head_size", &json!(head_dim))?;
        if config.conv_kernel_size != 0 && config.conv_kernel_size.is_multiple_of(2) {
            return Err(Error::config_key(reader.file(), "conv_kernel_size", config.conv_kernel_size, "an odd number"));
        }
        Ok(config)
    }

    fn limits(&self) -> Limits {
        let types = if self.type_vocab_size == 0 { usize::MAX } else { self.type_vocab_size };
        let limits = self.sizes.limits(types, PositionRule::FromZero);
        let positions = limits.max_position_embeddings.filter(|_| self.position_biased_input);
        let bytes_per_pair = 4 * self.sizes.num_attention_heads;
        Limits { max_position_embeddings: positions, bytes_per_pair, ..limits }
    }

    fn weights(&self, _holds: &dyn Fn(&str) -> bool) -> Vec<Rule> {
        let own = [
            Rule::Rename { field: "self_attn.q_proj", stored: "attention.self.query_proj" },
            Rule::Rename { field: "self_attn.k_proj", stored: "attention.self.key_proj" },
            Rule::Rename { field: "self_attn.v_proj", stored: "attention.self.value_proj" },
            Rule::Rename { field: "self_attn.pos_key_proj", stored: "attention.self.pos_key_proj" },
            Rule::Rename { field: "self_attn.pos_query_proj", stored: "attention.self.pos_query_proj" },
            Rule::Rename { field: "encoder.positions.rel_embeddings", stored: "encoder.rel_embeddings" },
            Rule::Rename { field: "encoder.positions.layer_norm", stored: "encoder.LayerNorm" },
            Rule::Rename { field: "encoder.positions.conv", stored: "encoder.conv" },
        ];
        [&own, BERT_NAMES].concat()
    }

    fn encoder(&self) -> nn::EncoderConfig {
        let embeddings = nn::EncoderEmbeddingsConfig {
            num_positions: self.position_biased_input.then_some(self.sizes.max_position_embeddings),
            num_token_types: (self.type_vocab_size > 0).then_some(self.type_vocab_size),
            ..self.sizes.embeddings()
        };
        let attention = self.sizes.attention();
        let terms = self.terms();
        let scale = terms.scale(attention.head_dim);
        let attention = nn::AttentionConfig {
            scale,
            scores: nn::ScoreTerms { position_terms: Some(terms), ..nn::ScoreTerms::default() },
            ..attention
        };
        let convolution = (self.conv_kernel_size > 0).then_some(nn::TokenConvolutionConfig {
            hidden_size: self.sizes.hidden_size,
            kernel_size: self.conv_kernel_size,
            activation: self.conv_act,
            layer_norm_eps: self.sizes.layer_norm_eps,
        });
        let positions = nn::PositionsConfig::RelativeVectors(self.vectors(), convolution);
        let layer = nn::LayerConfig { attention, ..self.sizes.layer() };
        nn::EncoderConfig { positions, ..self.sizes.encoder(embeddings, layer) }
    }

    fn head(&self, head: Head) -> Option<HeadSpec> {
        let names: &[_] = if self.legacy {
            &[
                ("head.transform.layer_norm", "cls.predictions.transform.LayerNorm"),
                ("head.transform", "cls.predictions.transform"),
                ("head.output.bias", "cls.predictions.bias"),
                ("head.output", "cls.predictions.decoder"),
            ]
        } else {
            &[
                ("head.transform.layer_norm", "lm_predictions.lm_head.LayerNorm"),
                ("head.transform.dense", "lm_predictions.lm_head.dense"),
                ("head.output", "lm_predictions.lm_head"),
            ]
        };
        match head {
            Head::Base | Head::Encoder | Head::CausalLm | Head::Seq2SeqLm => None,
            Head::MaskedLm => {
                let transform = dense(self.sizes.hidden_size, self.sizes.hidden_act);
                Some(HeadSpec::masked_lm(transform, self.sizes.layer_norm_eps, names))
            }
            Head::SequenceClassification => Some(HeadSpec {
                transform: Some(dense(self.sizes.hidden_size, self.pooler_hidden_act)),
                names: &[("head.transform.dense", "pooler.dense"), ("head.output", "classifier")],
                ..HeadSpec::classifier(nn::HeadInput::First)
            }),
            Head::TokenClassification => Some(HeadSpec::classifier(nn::HeadInput::EveryToken)),
            Head::QuestionAnswering => Some(HeadSpec::qa_outputs()),
        }
    }
}
