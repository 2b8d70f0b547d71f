//! SqueezeBERT: BERT with grouped linear layers.
//! Config keys and weight names: squeezebert/squeezebert-uncased; paper arXiv 2006.11316.

use trustformers_checkpoint::Rule;
use trustformers_core::{ConfigReader, Error, Result};
use trustformers_nn as nn;

use crate::families::bert::BertConfig;
use crate::families::keys::post_norm::BERT;
use crate::family::EncoderFamily;
use crate::forward::input::Limits;
use crate::head::{Head, HeadSpec};
use crate::hf_config::Key;

hf_config! {
    pub(crate) struct SqueezeBertConfig {
        #[serde(flatten)]
        bert: BertConfig = BERT,
        embedding_size: usize = bert.sizes.hidden_size,
        q_groups: GroupCount = (4, [bert.sizes.hidden_size; 2]),
        k_groups: GroupCount = (4, [bert.sizes.hidden_size; 2]),
        v_groups: GroupCount = (4, [bert.sizes.hidden_size; 2]),
        post_attention_groups: GroupCount = (1, [bert.sizes.hidden_size; 2]),
        intermediate_groups: GroupCount = (4, [bert.sizes.hidden_size, bert.sizes.intermediate_size]),
        output_groups: GroupCount = (4, [bert.sizes.intermediate_size, bert.sizes.hidden_size]),
    }
}

/// Number of groups of a linear layer, which divides its widths; the default is `(count, [input, output])`.
pub(crate) struct GroupCount;

impl Key for GroupCount {
    type Value = usize;
    type Default = (usize, [usize; 2]);

    fn read(reader: &mut ConfigReader, key: &str, (default, [input, output]): Self::Default) -> Result<usize> {
        let count = reader.take_or(key, default)?;
        if count > 0 && input.is_multiple_of(count) && output.is_multiple_of(count) {
            return Ok(count);
        }
        let expected = format!("a divisor of {input} and {output}");
        Err(Error::config_key(reader.file(), key, count, expected))
    }
}

impl EncoderFamily for SqueezeBertConfig {
    const TYPES: &'static [(&'static str, &'static str)] = &[("squeezebert", "SqueezeBert")];
    const PREFIX: &'static str = "transformer";
    const HAS_POOLER: bool = true;

    fn read_config(reader: &mut ConfigReader) -> Result<Self> {
        for key in ["is_decoder", "add_cross_attention"] {
            reader.ignore(key);
        }
        let config = Self::read(reader)?;
        let hidden_size = config.bert.sizes.hidden_size;
        if config.embedding_size != hidden_size {
            let expected = format!("hidden_size = {hidden_size}");
            return Err(Error::config_key(reader.file(), "embedding_size", config.embedding_size, expected));
        }
        Ok(config)
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
