//! M2M100 and NLLB: pre-norm encoder-decoder with sinusoidal positions that count tokens other than padding.
//! Config keys and weight names: facebook/m2m100_418M and facebook/nllb-200-distilled-600M; paper arXiv 2010.11125.

use trustformers_checkpoint::Rule;
use trustformers_core::{ConfigReader, Result};
use trustformers_nn as nn;
use trustformers_ops::Activation;

use crate::families::keys::seq2seq::{self, LARGE, Order, Seq2SeqKeys};
use crate::family::EncoderDecoderFamily;
use crate::forward::input::{PositionRule, padding_id};
use crate::head::{Head, HeadSpec};

/// Position embeddings before the first token's.
const RESERVED: usize = 2;

hf_config! {
    pub(crate) struct M2m100Config(reader) {
        #[serde(flatten)]
        sizes: Seq2SeqKeys = Seq2SeqKeys {
            vocab_size: 128112,
            activation_function: Activation::Relu,
            scale_embedding: true,
            ..LARGE
        },
        #[serde(skip)]
        pad_token_id: Option<i64> => padding_id(reader, 1)?,
    }
}

impl M2m100Config {
    fn with_positions(&self, stack: nn::DecoderConfig) -> nn::DecoderConfig {
        let sinusoids = nn::SinusoidsConfig {
            num_positions: self.sizes.max_position_embeddings + RESERVED,
            frequencies: nn::Frequencies::Inclusive,
            is_stored: false,
            zero_position: self.pad_token_id.and_then(|id| usize::try_from(id).ok()),
        };
        nn::DecoderConfig { sinusoids: Some(sinusoids), ..stack }
    }
}

impl EncoderDecoderFamily for M2m100Config {
    const TYPES: &'static [(&'static str, &'static str)] = &[("m2m_100", "M2M100")];
    const ALIASES: &'static [(&'static str, &'static str)] = seq2seq::ALIASES;
    const TOKENS: &'static [(&'static str, i64)] =
        &[("pad_token_id", 1), ("bos_token_id", 0), ("eos_token_id", 2), ("decoder_start_token_id", 2)];

    fn read_config(reader: &mut ConfigReader) -> Result<Self> {
        Self::read(reader)
    }

    fn weights(&self) -> Vec<Rule> {
        let mut rules = seq2seq::weights(Order::PreNorm);
        rules.extend(["embed_positions.weights", "embed_positions.weight"].map(Rule::Buffer));
        rules
    }

    fn encoder(&self) -> nn::DecoderConfig {
        self.with_positions(self.sizes.encoder(Order::PreNorm))
    }

    fn decoder(&self) -> nn::DecoderConfig {
        self.with_positions(self.sizes.decoder(Order::PreNorm))
    }

    fn positions(&self) -> PositionRule {
        PositionRule::after_padding(self.pad_token_id)
    }

    fn head(&self, head: Head) -> Option<HeadSpec> {
        match head {
            Head::Seq2SeqLm => Some(HeadSpec::linear(&[("head.output", "lm_head")], false)),
            _ => None,
        }
    }
}
