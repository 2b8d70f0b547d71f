//! Pegasus: pre-norm encoder-decoder with sinusoidal positions.
//! Config keys and weight names: google/pegasus-large; paper arXiv 1912.08777.

use trustformers_checkpoint::Rule;
use trustformers_core::{ConfigReader, Result};
use trustformers_nn as nn;

use crate::families::keys::seq2seq::{self, LARGE, Order, Seq2SeqKeys};
use crate::family::EncoderDecoderFamily;
use crate::head::{Head, HeadSpec};

hf_config! {
    pub(crate) struct PegasusConfig(reader) {
        #[serde(flatten)]
        sizes: Seq2SeqKeys = LARGE,
    }
}

impl EncoderDecoderFamily for PegasusConfig {
    const TYPES: &'static [(&'static str, &'static str)] = &[("pegasus", "Pegasus")];
    const ALIASES: &'static [(&'static str, &'static str)] = seq2seq::ALIASES;
    const TOKENS: &'static [(&'static str, i64)] =
        &[("pad_token_id", 0), ("eos_token_id", 1), ("decoder_start_token_id", 0), ("forced_eos_token_id", 1)];

    fn read_config(reader: &mut ConfigReader) -> Result<Self> {
        Self::read(reader)
    }

    fn weights(&self) -> Vec<Rule> {
        let mut rules = seq2seq::weights(Order::PreNorm);
        rules.extend(seq2seq::stored_sinusoids());
        rules
    }

    fn encoder(&self) -> nn::DecoderConfig {
        nn::DecoderConfig { sinusoids: self.sizes.sinusoids(), ..self.sizes.encoder(Order::PreNorm) }
    }

    fn decoder(&self) -> nn::DecoderConfig {
        let decoder = self.sizes.decoder(Order::PreNorm);
        nn::DecoderConfig { sinusoids: self.sizes.sinusoids(), ..seq2seq::scaling_all(decoder) }
    }

    fn head(&self, head: Head) -> Option<HeadSpec> {
        seq2seq::head(head, self.sizes.d_model)
    }
}
