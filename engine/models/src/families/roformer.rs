//! RoFormer: BERT with interleaved rotary positions of queries and keys, and optionally of values.
//! Config keys and weight names: junnyu/roformer_chinese_base; paper arXiv 2104.09864.

use trustformers_checkpoint::Rule;
use trustformers_core::{ConfigReader, Result};
use trustformers_nn as nn;

use crate::families::keys::post_norm::{BERT, BERT_NAMES, PostNormKeys};
use crate::family::EncoderFamily;
use crate::forward::input::{Limits, PositionRule};
use crate::head::{Head, HeadSpec, dense};
use crate::hf_config::Size;

hf_config! {
    pub(crate) struct RoFormerConfig {
        #[serde(flatten)]
        sizes: PostNormKeys = PostNormKeys { vocab_size: 50_000, max_position_embeddings: 1536, ..BERT },
        embedding_size: usize = sizes.hidden_size,
        type_vocab_size: Size = 2,
        rotary_value: bool = false,
    }
}

impl EncoderFamily for RoFormerConfig {
    const TYPES: &'static [(&'static str, &'static str)] = &[("roformer", "RoFormer")];
    const PREFIX: &'static str = "roformer";

    fn read_config(reader: &mut ConfigReader) -> Result<Self> {
        let config = Self::read(reader)?;
        let PostNormKeys { num_attention_heads, hidden_size, .. } = config.sizes;
        reader.check_divides("num_attention_heads", 2 * num_attention_heads, "hidden_size", hidden_size)?;
        Ok(config)
    }

    fn limits(&self) -> Limits {
        let limits = self.sizes.limits(self.type_vocab_size, PositionRule::Columns);
        Limits { embedding_size: self.embedding_size, ..limits }
    }

    fn weights(&self, _holds: &dyn Fn(&str) -> bool) -> Vec<Rule> {
        let own = [
            // A checkpoint without the table uses the initial sinusoids.
            Rule::Optional("base.encoder.positions"),
            Rule::Rename { field: "encoder.positions.embed_positions", stored: "encoder.embed_positions" },
            Rule::Rename { field: "embeddings.project", stored: "embeddings_project" },
        ];
        [&own, BERT_NAMES].concat()
    }

    fn encoder(&self) -> nn::EncoderConfig {
        let PostNormKeys { hidden_size, num_attention_heads, max_position_embeddings, .. } = self.sizes;
        let embeddings = nn::EncoderEmbeddingsConfig {
            num_positions: None,
            embedding_size: self.embedding_size,
            num_token_types: Some(self.type_vocab_size),
            projected_size: (self.embedding_size != hidden_size).then_some(hidden_size),
            ..self.sizes.embeddings()
        };
        let attention =
            nn::AttentionConfig { rope: Some(0), rotates_values: self.rotary_value, ..self.sizes.attention() };
        let positions = nn::PositionsConfig::Sinusoids {
            num_positions: max_position_embeddings,
            head_dim: hidden_size / num_attention_heads,
        };
        let layer = nn::LayerConfig { attention, ..self.sizes.layer() };
        nn::EncoderConfig { positions, ..self.sizes.encoder(embeddings, layer) }
    }

    fn head(&self, head: Head) -> Option<HeadSpec> {
        match head {
            Head::Base | Head::Encoder | Head::CausalLm | Head::Seq2SeqLm => None,
            Head::MaskedLm => Some(HeadSpec::masked_lm(
                dense(self.embedding_size, self.sizes.hidden_act),
                self.sizes.layer_norm_eps,
                crate::families::bert::PREDICTIONS,
            )),
            Head::SequenceClassification => {
                Some(HeadSpec::dense_classifier(self.sizes.hidden_size, self.sizes.hidden_act))
            }
            Head::TokenClassification => Some(HeadSpec::classifier(nn::HeadInput::EveryToken)),
            Head::QuestionAnswering => Some(HeadSpec::qa_outputs()),
        }
    }
}
