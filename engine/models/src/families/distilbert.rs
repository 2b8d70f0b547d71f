//! DistilBERT: BERT without token types and pooler, with its own weight names.
//! Config keys and weight names: distilbert/distilbert-base-uncased; paper arXiv 1910.01108.

use serde_json::json;
use trustformers_checkpoint::Rule;
use trustformers_core::{ConfigReader, Result};
use trustformers_nn as nn;
use trustformers_ops::Activation;

use crate::families::keys::post_norm::{BERT, PostNormKeys};
use crate::family::EncoderFamily;
use crate::forward::input::{Limits, PositionRule};
use crate::head::{Head, HeadSpec, dense};
use crate::hf_config::{LayerCount, Size};

hf_config! {
    pub(crate) struct DistilBertConfig {
        vocab_size: Size = 30522,
        max_position_embeddings: Size = 512,
        n_layers: LayerCount = 6,
        n_heads: usize = 12,
        dim: Size = 768,
        hidden_dim: Size = 3072,
        activation: Activation = Activation::GeluErf,
    }
}

impl DistilBertConfig {
    fn sizes(&self) -> PostNormKeys {
        PostNormKeys {
            vocab_size: self.vocab_size,
            max_position_embeddings: self.max_position_embeddings,
            num_hidden_layers: self.n_layers,
            num_attention_heads: self.n_heads,
            hidden_size: self.dim,
            intermediate_size: self.hidden_dim,
            hidden_act: self.activation,
            ..BERT
        }
    }
}

impl EncoderFamily for DistilBertConfig {
    const TYPES: &'static [(&'static str, &'static str)] = &[("distilbert", "DistilBert")];
    const PREFIX: &'static str = "distilbert";
    const ALIASES: &'static [(&'static str, &'static str)] =
        &[("hidden_size", "dim"), ("num_attention_heads", "n_heads"), ("num_hidden_layers", "n_layers")];

    fn read_config(reader: &mut ConfigReader) -> Result<Self> {
        reader.require("is_causal", &json!(false))?;
        // Checkpoints store the position embeddings.
        reader.ignore("sinusoidal_pos_embds");
        let config = Self::read(reader)?;
        reader.check_divides("n_heads", config.n_heads, "dim", config.dim)?;
        Ok(config)
    }

    fn limits(&self) -> Limits {
        self.sizes().limits(usize::MAX, PositionRule::FromZero)
    }

    fn weights(&self, _holds: &dyn Fn(&str) -> bool) -> Vec<Rule> {
        vec![
            Rule::Rename { field: "encoder", stored: "transformer" },
            Rule::Rename { field: "self_attn.q_proj", stored: "attention.q_lin" },
            Rule::Rename { field: "self_attn.k_proj", stored: "attention.k_lin" },
            Rule::Rename { field: "self_attn.v_proj", stored: "attention.v_lin" },
            Rule::Rename { field: "self_attn.o_proj", stored: "attention.out_lin" },
            Rule::Rename { field: "feed_forward_norm", stored: "sa_layer_norm" },
            Rule::Rename { field: "mlp.up_proj", stored: "ffn.lin1" },
            Rule::Rename { field: "mlp.down_proj", stored: "ffn.lin2" },
            Rule::Rename { field: "output_norm", stored: "output_layer_norm" },
            Rule::Rename { field: "layer_norm", stored: "LayerNorm" },
        ]
    }

    fn encoder(&self) -> nn::EncoderConfig {
        let sizes = self.sizes();
        sizes.encoder(sizes.embeddings(), sizes.layer())
    }

    fn head(&self, head: Head) -> Option<HeadSpec> {
        match head {
            Head::Base | Head::Encoder | Head::CausalLm | Head::Seq2SeqLm => None,
            Head::MaskedLm => Some(HeadSpec::masked_lm(
                dense(self.dim, self.activation),
                BERT.layer_norm_eps,
                &[
                    ("head.transform.dense", "vocab_transform"),
                    ("head.transform.layer_norm", "vocab_layer_norm"),
                    ("head.output", "vocab_projector"),
                ],
            )),
            Head::SequenceClassification => Some(HeadSpec {
                transform: Some(dense(self.dim, Activation::Relu)),
                names: &[("head.transform.dense", "pre_classifier"), ("head.output", "classifier")],
                ..HeadSpec::classifier(nn::HeadInput::First)
            }),
            Head::TokenClassification => Some(HeadSpec::classifier(nn::HeadInput::EveryToken)),
            Head::QuestionAnswering => Some(HeadSpec::qa_outputs()),
        }
    }
}
