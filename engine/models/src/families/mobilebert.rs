//! MobileBERT: BERT with bottleneck layers, trigrams of narrow embeddings, and element-wise affine layers for norms.
//! Config keys and weight names: google/mobilebert-uncased; paper arXiv 2004.02984.

use serde::{Deserialize, Serialize};
use trustformers_checkpoint::Rule;
use trustformers_core::{ConfigReader, Error, Result};
use trustformers_nn as nn;
use trustformers_ops::Activation;

use crate::families::bert::PREDICTIONS;
use crate::families::keys::post_norm::{BERT, PostNormKeys};
use crate::family::EncoderFamily;
use crate::forward::input::{Limits, PositionRule};
use crate::head::{Head, HeadSpec, dense};
use crate::hf_config::Size;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Normalization {
    LayerNorm,
    NoNorm,
}

hf_config! {
    pub(crate) struct MobileBertConfig {
        #[serde(flatten)]
        sizes: PostNormKeys = PostNormKeys {
            hidden_size: 512,
            num_hidden_layers: 24,
            num_attention_heads: 4,
            intermediate_size: 512,
            hidden_act: Activation::Relu,
            ..BERT
        },
        type_vocab_size: Size = 2,
        embedding_size: Size = 128,
        trigram_input: bool = true,
        use_bottleneck: bool = true,
        intra_bottleneck_size: Size = 128,
        use_bottleneck_attention: bool = false,
        key_query_shared_bottleneck: bool = true,
        num_feedforward_networks: Size = 4,
        normalization_type: Normalization = Normalization::NoNorm,
        classifier_activation: bool = true,
    }
}

impl MobileBertConfig {
    fn norm(&self, eps: f64) -> nn::NormConfig {
        match self.normalization_type {
            Normalization::LayerNorm => nn::NormConfig::layer(eps, true),
            Normalization::NoNorm => nn::NormConfig { kind: nn::NormKind::Affine, eps },
        }
    }

    fn widens(&self) -> bool {
        self.trigram_input || self.embedding_size != self.sizes.hidden_size
    }

    fn bottleneck(&self) -> Option<(usize, nn::BottleneckQueries)> {
        let queries = match (self.use_bottleneck_attention, self.key_query_shared_bottleneck) {
            (true, _) => nn::BottleneckQueries::Residual,
            (false, true) => nn::BottleneckQueries::Own,
            (false, false) => nn::BottleneckQueries::Input,
        };
        self.use_bottleneck.then_some((self.intra_bottleneck_size, queries))
    }
}

/// Tensors that a checkpoint stores even if the token embeddings are not widened.
const UNREAD: [&str; 2] = ["embeddings.embedding_transformation.weight", "embeddings.embedding_transformation.bias"];

/// Epsilon that the reference gives two of the norms whatever the configuration says.
const DEFAULT_EPS: f64 = 1e-5;

impl EncoderFamily for MobileBertConfig {
    const TYPES: &'static [(&'static str, &'static str)] = &[("mobilebert", "MobileBert")];
    const PREFIX: &'static str = "mobilebert";
    const HAS_POOLER: bool = true;

    fn read_config(reader: &mut ConfigReader) -> Result<Self> {
        for key in ["is_decoder", "add_cross_attention", "true_hidden_size"] {
            reader.ignore(key);
        }
        let config = Self::read(reader)?;
        reader.check_at_most("num_feedforward_networks", config.num_feedforward_networks, 1000)?;
        reader.check_at_most("embedding_size", config.embedding_size, config.sizes.hidden_size)?;
        if let Some((width, queries)) = config.bottleneck() {
            let (heads, hidden_size) = (config.sizes.num_attention_heads, config.sizes.hidden_size);
            reader.check_divides("num_attention_heads", heads, "intra_bottleneck_size", width)?;
            if queries == nn::BottleneckQueries::Input && width != hidden_size {
                let expected = format!("hidden_size = {hidden_size}, as queries and keys read the layer's input");
                return Err(Error::config_key(reader.file(), "intra_bottleneck_size", width, expected));
            }
        }
        Ok(config)
    }

    fn limits(&self) -> Limits {
        let limits = self.sizes.limits(self.type_vocab_size, PositionRule::FromZero);
        Limits { embedding_size: self.embedding_size, ..limits }
    }

    fn weights(&self, _holds: &dyn Fn(&str) -> bool) -> Vec<Rule> {
        let own = [
            Rule::Transposed("rest"),
            Rule::Rename { field: "embeddings.widen", stored: "embeddings.embedding_transformation" },
            Rule::Rename { field: "self_", stored: "self" },
            Rule::Rename { field: "layer_norm", stored: "LayerNorm" },
        ];
        let unread = UNREAD.iter().filter(|_| !self.widens()).map(|name| Rule::Unread(name));
        own.into_iter().chain(unread).collect()
    }

    fn encoder(&self) -> nn::EncoderConfig {
        let sizes = &self.sizes;
        let input = if self.trigram_input { nn::ProjectionInput::Trigram } else { nn::ProjectionInput::Token };
        let embeddings = nn::EncoderEmbeddingsConfig {
            embedding_size: self.embedding_size,
            num_token_types: Some(self.type_vocab_size),
            input_projection: self.widens().then_some((sizes.hidden_size, input)),
            norm: Some(self.norm(DEFAULT_EPS)),
            ..sizes.embeddings()
        };
        let config = nn::BottleneckConfig {
            hidden_size: sizes.hidden_size,
            bottleneck: self.bottleneck(),
            has_query_bottleneck: self.key_query_shared_bottleneck,
            num_attention_heads: sizes.num_attention_heads,
            intermediate_size: sizes.intermediate_size,
            num_feed_forwards: self.num_feedforward_networks,
            hidden_act: sizes.hidden_act,
            norm: self.norm(sizes.layer_norm_eps),
            last_norm: self.norm(DEFAULT_EPS),
        };
        let pooler = Some(if self.classifier_activation { nn::PoolerKind::Dense } else { nn::PoolerKind::Identity });
        nn::EncoderConfig { pooler, ..sizes.encoder(embeddings, nn::EncoderLayerConfig::Bottleneck(config)) }
    }

    fn head(&self, head: Head) -> Option<HeadSpec> {
        match head {
            Head::MaskedLm => Some(HeadSpec {
                output_width: Some(self.embedding_size),
                ..HeadSpec::masked_lm(
                    dense(self.sizes.hidden_size, self.sizes.hidden_act),
                    self.sizes.layer_norm_eps,
                    PREDICTIONS,
                )
            }),
            _ => HeadSpec::of_pooled_encoder(head),
        }
    }
}
