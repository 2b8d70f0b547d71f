//! Blenderbot and BlenderbotSmall: BART's layers, pre-norm or post-norm, with learned positions from the first row on.
//! Config keys and weight names: facebook/blenderbot-3B and facebook/blenderbot_small-90M; paper arXiv 2004.13637.

use trustformers_checkpoint::Rule;
use trustformers_core::{ConfigReader, Result};
use trustformers_nn as nn;

use crate::families::keys::seq2seq::{self, LARGE, Order, Seq2SeqKeys};
use crate::family::EncoderDecoderFamily;
use crate::head::{Head, HeadSpec};

/// Default ids of both families.
const TOKENS: &[(&str, i64)] = &[
    ("pad_token_id", 0),
    ("bos_token_id", 1),
    ("eos_token_id", 2),
    ("decoder_start_token_id", 1),
    ("forced_eos_token_id", 2),
];

hf_config! {
    pub(crate) struct BlenderbotConfig(reader) {
        #[serde(flatten)]
        sizes: Seq2SeqKeys = Seq2SeqKeys {
            vocab_size: 8008,
            max_position_embeddings: 128,
            d_model: 2560,
            encoder_layers: 2,
            encoder_ffn_dim: 10240,
            encoder_attention_heads: 32,
            decoder_layers: 24,
            decoder_ffn_dim: 10240,
            decoder_attention_heads: 32,
            ..LARGE
        },
    }
}

hf_config! {
    pub(crate) struct BlenderbotSmallConfig(reader) {
        #[serde(flatten)]
        sizes: Seq2SeqKeys = Seq2SeqKeys {
            max_position_embeddings: 512,
            d_model: 512,
            encoder_layers: 8,
            encoder_ffn_dim: 2048,
            decoder_layers: 8,
            decoder_ffn_dim: 2048,
            ..LARGE
        },
    }
}

fn with_positions(sizes: &Seq2SeqKeys, stack: nn::DecoderConfig) -> nn::DecoderConfig {
    nn::DecoderConfig { positions: Some((sizes.max_position_embeddings, 0)), ..stack }
}

impl EncoderDecoderFamily for BlenderbotConfig {
    const TYPES: &'static [(&'static str, &'static str)] = &[("blenderbot", "Blenderbot")];
    const ALIASES: &'static [(&'static str, &'static str)] = seq2seq::ALIASES;
    const TOKENS: &'static [(&'static str, i64)] = TOKENS;

    fn read_config(reader: &mut ConfigReader) -> Result<Self> {
        Self::read(reader)
    }

    fn weights(&self) -> Vec<Rule> {
        seq2seq::weights(Order::PreNorm)
    }

    fn encoder(&self) -> nn::DecoderConfig {
        with_positions(&self.sizes, self.sizes.encoder(Order::PreNorm))
    }

    fn decoder(&self) -> nn::DecoderConfig {
        with_positions(&self.sizes, self.sizes.decoder(Order::PreNorm))
    }

    fn head(&self, head: Head) -> Option<HeadSpec> {
        seq2seq::head(head, self.sizes.d_model)
    }
}

impl EncoderDecoderFamily for BlenderbotSmallConfig {
    const TYPES: &'static [(&'static str, &'static str)] = &[("blenderbot-small", "BlenderbotSmall")];
    const ALIASES: &'static [(&'static str, &'static str)] = seq2seq::ALIASES;
    const TOKENS: &'static [(&'static str, i64)] = TOKENS;

    fn read_config(reader: &mut ConfigReader) -> Result<Self> {
        Self::read(reader)
    }

    fn weights(&self) -> Vec<Rule> {
        let mut rules = vec![Rule::RenameIn { part: "decoder", field: "embed_norm", stored: "layernorm_embedding" }];
        rules.extend(seq2seq::weights(Order::PostNorm));
        rules
    }

    fn encoder(&self) -> nn::DecoderConfig {
        let encoder = with_positions(&self.sizes, self.sizes.encoder(Order::PostNorm));
        nn::DecoderConfig { input_norm: seq2seq::input_norm(), ..encoder }
    }

    fn decoder(&self) -> nn::DecoderConfig {
        // Unlike the encoder's, the decoder's token embeddings are not scaled, and are normalized before positions are
        // added.
        let decoder = with_positions(&self.sizes, self.sizes.decoder(Order::PostNorm));
        nn::DecoderConfig { embedding_norm: seq2seq::input_norm(), embedding_scale: 1.0, ..decoder }
    }

    fn head(&self, head: Head) -> Option<HeadSpec> {
        seq2seq::head(head, self.sizes.d_model)
    }
}
