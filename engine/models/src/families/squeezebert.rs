//! SqueezeBERT: BERT with grouped linear layers.
//! Config keys and weight names: squeezebert/squeezebert-uncased; paper arXiv 2006.11316.

use serde::Serialize;
use trustformers_checkpoint::Rule;
use trustformers_core::{ConfigReader, Error, Result};
use trustformers_nn as nn;

use crate::families::bert::BertConfig;
use crate::family::EncoderFamily;
use crate::forward::input::Limits;
use crate::head::{Head, HeadSpec};

#[derive(Serialize)]
pub(crate) struct SqueezeBertConfig {
    #[serde(flatten)]
    bert: BertConfig,
    embedding_size: usize,
    q_groups: usize,
    k_groups: usize,
    v_groups: usize,
    post_attention_groups: usize,
    intermediate_groups: usize,
    output_groups: usize,
}

impl EncoderFamily for SqueezeBertConfig {
    const TYPES: &'static [(&'static str, &'static str)] = &[("squeezebert", "SqueezeBert")];
    const PREFIX: &'static str = "transformer";
    const HAS_POOLER: bool = true;

    fn read_config(reader: &mut ConfigReader) -> Result<Self> {
        for key in ["is_decoder", "add_cross_attention"] {
            reader.ignore(key);
        }
        let bert = BertConfig::read_config(reader)?;
        let (hidden, inner) = (bert.sizes.hidden_size, bert.sizes.intermediate_size);
        let embedding_size: usize = reader.take_or("embedding_size", hidden)?;
        if embedding_size != hidden {
            let expected = format!("hidden_size = {hidden}");
            return Err(Error::config_key(reader.file(), "embedding_size", embedding_size, expected));
        }
        let mut groups = |key: &str, default: usize, widths: [usize; 2]| -> Result<usize> {
            let count: usize = reader.take_or(key, default)?;
            if count > 0 && widths.iter().all(|width| width.is_multiple_of(count)) {
                return Ok(count);
            }
            let expected = format!("a divisor of {} and {}", widths[0], widths[1]);
            Err(Error::config_key(reader.file(), key, count, expected))
        };
        Ok(Self {
            q_groups: groups("q_groups", 4, [hidden, hidden])?,
            k_groups: groups("k_groups", 4, [hidden, hidden])?,
            v_groups: groups("v_groups", 4, [hidden, hidden])?,
            post_attention_groups: groups("post_attention_groups", 1, [hidden, hidden])?,
            intermediate_groups: groups("intermediate_groups", 4, [hidden, inner])?,
            output_groups: groups("output_groups", 4, [inner, hidden])?,
            embedding_size,
            bert,
        })
    }

    fn limits(&self) -> Limits {
        // The reference returns the masked scores in place of attention weights.
        Limits { hidden_attention: f32::MIN, ..self.bert.limits() }
    }

    fn weights(&self, _holds: &dyn Fn(&str) -> bool) -> Vec<Rule> {
        vec![
            Rule::Rename { field: "embeddings.layer_norm", stored: "embeddings.LayerNorm" },
            Rule::Rename { field: "encoder.layer", stored: "encoder.layers" },
            Rule::Rename { field: "post_attention.dense", stored: "post_attention.conv1d" },
            Rule::Rename { field: "intermediate", stored: "intermediate.conv1d" },
            Rule::Rename { field: "output.dense", stored: "output.conv1d" },
            Rule::Rename { field: "layer_norm", stored: "layernorm" },
        ]
    }

    fn encoder(&self) -> nn::EncoderConfig {
        let sizes = &self.bert.sizes;
        let config = nn::GroupedLayerConfig {
            hidden_size: sizes.hidden_size,
            intermediate_size: sizes.intermediate_size,
            hidden_act: sizes.hidden_act,
            num_attention_heads: sizes.num_attention_heads,
            qkv_groups: [self.q_groups, self.k_groups, self.v_groups],
            post_attention_groups: self.post_attention_groups,
            intermediate_groups: self.intermediate_groups,
            output_groups: self.output_groups,
            // The reference ignores the configured epsilon in the layers.
            layer_norm_eps: 1e-12,
        };
        sizes.encoder(self.bert.embeddings(), nn::EncoderLayerConfig::Grouped(config))
    }

    fn head(&self, head: Head) -> Option<HeadSpec> {
        self.bert.head(head)
    }
}
