//! Marian: BART's layers with sinusoidal positions; the two stacks may have vocabularies of their own.
//! Config keys and weight names: Helsinki-NLP/opus-mt-en-de; paper arXiv 1804.00344.

use trustformers_checkpoint::Rule;
use trustformers_core::{ConfigReader, Result};
use trustformers_nn as nn;

use crate::families::keys::seq2seq::{self, LARGE, Order, Seq2SeqKeys};
use crate::family::EncoderDecoderFamily;
use crate::head::{Head, HeadSpec};
use crate::hf_config::OptionalSize;

hf_config! {
    pub(crate) struct MarianConfig(reader) {
        #[serde(flatten)]
        sizes: Seq2SeqKeys = Seq2SeqKeys { vocab_size: 58101, ..LARGE },
        decoder_vocab_size: OptionalSize = None,
        share_encoder_decoder_embeddings: bool = true,
    }
}

impl EncoderDecoderFamily for MarianConfig {
    const TYPES: &'static [(&'static str, &'static str)] = &[("marian", "Marian")];
    const ALIASES: &'static [(&'static str, &'static str)] = seq2seq::ALIASES;
    const SEQ2SEQ_LM: Option<&'static str> = Some("MarianMTModel");
    const TOKENS: &'static [(&'static str, i64)] =
        &[("pad_token_id", 58100), ("eos_token_id", 0), ("decoder_start_token_id", 58100), ("forced_eos_token_id", 0)];

    fn read_config(reader: &mut ConfigReader) -> Result<Self> {
        Self::read(reader)
    }

    fn weights(&self) -> Vec<Rule> {
        let mut rules = seq2seq::weights(Order::PostNorm);
        rules.extend(seq2seq::stored_sinusoids());
        rules
    }

    fn shares_embeddings(&self) -> bool {
        self.share_encoder_decoder_embeddings
    }

    fn encoder(&self) -> nn::DecoderConfig {
        nn::DecoderConfig { sinusoids: self.sizes.sinusoids(), ..self.sizes.encoder(Order::PostNorm) }
    }

    fn decoder(&self) -> nn::DecoderConfig {
        let own = self.decoder_vocab_size.filter(|_| !self.share_encoder_decoder_embeddings);
        let decoder = self.sizes.decoder(Order::PostNorm);
        nn::DecoderConfig {
            vocab_size: own.unwrap_or(decoder.vocab_size),
            sinusoids: self.sizes.sinusoids(),
            ..seq2seq::scaling_all(decoder)
        }
    }

    fn head(&self, head: Head) -> Option<HeadSpec> {
        seq2seq::head(head, self.sizes.d_model)
    }
}
