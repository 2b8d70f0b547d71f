//! BART: post-norm encoder-decoder with learned positions that start at the table's third row.
//! Config keys and weight names: facebook/bart-large; paper arXiv 1910.13461.

use trustformers_checkpoint::Rule;
use trustformers_core::{ConfigReader, Result};
use trustformers_nn as nn;

use crate::families::keys::seq2seq::{self, LARGE, Order, Seq2SeqKeys};
use crate::family::{EncoderDecoderFamily, Shift, Targets};
use crate::head::{Head, HeadSpec};

/// Offset of the position embedding table: the row of position 0.
pub(crate) const RESERVED: usize = 2;

hf_config! {
    pub(crate) struct BartConfig(reader) {
        #[serde(flatten)]
        sizes: Seq2SeqKeys = LARGE,
        eos_token_id: Option<i64> = Some(2),
    }
}

impl BartConfig {
    fn with_positions(&self, stack: nn::DecoderConfig) -> nn::DecoderConfig {
        let positions = Some((self.sizes.max_position_embeddings, RESERVED));
        nn::DecoderConfig { positions, input_norm: seq2seq::input_norm(), ..stack }
    }
}

impl EncoderDecoderFamily for BartConfig {
    const TYPES: &'static [(&'static str, &'static str)] = &[("bart", "Bart")];
    const ALIASES: &'static [(&'static str, &'static str)] = seq2seq::ALIASES;
    const TOKENS: &'static [(&'static str, i64)] = &[
        ("pad_token_id", 1),
        ("bos_token_id", 0),
        ("eos_token_id", 2),
        ("decoder_start_token_id", 2),
        ("forced_eos_token_id", 2),
    ];
    const HEADS: &'static [Head] =
        &[Head::Base, Head::Seq2SeqLm, Head::SequenceClassification, Head::QuestionAnswering];

    fn read_config(reader: &mut ConfigReader) -> Result<Self> {
        Self::read(reader)
    }

    fn weights(&self) -> Vec<Rule> {
        seq2seq::weights(Order::PostNorm)
    }

    fn encoder(&self) -> nn::DecoderConfig {
        self.with_positions(self.sizes.encoder(Order::PostNorm))
    }

    fn decoder(&self) -> nn::DecoderConfig {
        self.with_positions(self.sizes.decoder(Order::PostNorm))
    }

    fn classified_token(&self) -> Option<i64> {
        self.eos_token_id
    }

    fn targets(_head: Head) -> Targets {
        Targets { shift: Shift::FromStart, of_source: true }
    }

    fn head(&self, head: Head) -> Option<HeadSpec> {
        seq2seq::head(head, self.sizes.d_model)
    }
}
