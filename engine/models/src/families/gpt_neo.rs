//! GPT-Neo: GPT-2 with unscaled attention scores, sliding-window layers and weights stored as `[out, in]`.
//! Config keys and weight names: EleutherAI/gpt-neo-125m.

use serde::{Deserialize, Serialize};
use trustformers_checkpoint::Rule;
use trustformers_core::{ConfigReader, Error, Result};
use trustformers_nn as nn;
use trustformers_ops::Activation;

use crate::families::gpt2::{NAMES, ignore_summary};
use crate::family::DecoderFamily;
use crate::family::to_json;
use crate::head::{Head, HeadSpec};
use crate::hf_config::{Epsilon, HeadCount, LayerCount, Size};

/// Attention type of a layer: full or sliding-window.
#[derive(Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Reach {
    Global,
    Local,
}

hf_config! {
    pub(crate) struct GptNeoConfig(reader) {
        vocab_size: Size = 50257,
        max_position_embeddings: Size = 2048,
        hidden_size: Size = 2048,
        num_layers: LayerCount = 24,
        attention_types: Vec<(Vec<Reach>, usize)> = vec![(vec![Reach::Global, Reach::Local], 12)],
        /// Attention type of each layer, expanded from `attention_types`.
        attention_layers: Vec<Reach> => attention_layers(reader, &attention_types, num_layers)?,
        num_heads: HeadCount = (16, "hidden_size", hidden_size),
        intermediate_size: Option<usize> = None,
        window_size: Size = 256,
        activation_function: Activation = Activation::GeluTanh,
        layer_norm_epsilon: Epsilon = 1e-5,
    }
}

fn attention_layers(
    reader: &mut ConfigReader,
    attention_types: &[(Vec<Reach>, usize)],
    num_layers: usize,
) -> Result<Vec<Reach>> {
    let all =
        attention_types.iter().flat_map(|(kinds, times)| kinds.iter().cycle().take(kinds.len().saturating_mul(*times)));
    let expanded: Vec<Reach> = all.copied().take(num_layers + 1).collect();
    let listed: Option<Vec<Reach>> = reader.take_or("attention_layers", None)?;
    let key = if listed.is_some() { "attention_layers" } else { "attention_types" };
    let attention_layers = listed.unwrap_or(expanded);
    if attention_layers.len() != num_layers {
        let expected = format!("one attention type for each of num_layers = {num_layers}");
        return Err(Error::config_key(reader.file(), key, to_json(&attention_layers)?, expected));
    }
    Ok(attention_layers)
}

impl DecoderFamily for GptNeoConfig {
    const TYPES: &'static [(&'static str, &'static str)] = &[("gpt_neo", "GPTNeo")];
    const PREFIX: &'static str = "transformer";
    // The reference's layers apply their own causal mask.
    const READS_IS_CAUSAL: bool = false;
    const TIES_EMBEDDINGS: bool = true;
    const ALIASES: &'static [(&'static str, &'static str)] =
        &[("num_attention_heads", "num_heads"), ("num_hidden_layers", "num_layers")];
    const TOKENS: &'static [(&'static str, i64)] = &[("bos_token_id", 50256), ("eos_token_id", 50256)];
    const PADS_EMBEDDINGS: bool = false;

    fn read_config(reader: &mut ConfigReader) -> Result<Self> {
        ignore_summary(reader);
        Self::read(reader)
    }

    fn weights(&self) -> Vec<Rule> {
        let names = [("self_attn.o_proj", "attn.attention.out_proj"), ("self_attn", "attn.attention")];
        let names = names.into_iter().chain(NAMES).map(|(field, stored)| Rule::Rename { field, stored });
        names.chain([".attention.bias", ".attention.masked_bias"].map(Rule::Buffer)).collect()
    }

    fn decoder(&self) -> nn::DecoderConfig {
        let norm = nn::NormConfig::layer(self.layer_norm_epsilon, true);
        let plain = nn::AttentionConfig::plain(self.num_heads, self.num_heads, self.hidden_size / self.num_heads);
        let layer = |reach: &Reach| {
            nn::LayerConfig::plain(
                nn::AttentionConfig {
                    scale: 1.0,
                    has_output_bias: true,
                    scores: nn::ScoreTerms {
                        window: (*reach == Reach::Local).then_some(self.window_size),
                        ..nn::ScoreTerms::default()
                    },
                    ..plain.clone()
                },
                nn::FeedForwardConfig::plain(
                    self.intermediate_size.unwrap_or(4 * self.hidden_size),
                    self.activation_function,
                ),
                nn::LayerOrder::pre_norm(norm),
            )
        };
        nn::DecoderConfig {
            positions: Some((self.max_position_embeddings, 0)),
            ..nn::DecoderConfig::plain(
                self.vocab_size,
                self.hidden_size,
                self.attention_layers.iter().map(layer).collect(),
                norm,
            )
        }
    }

    fn head(&self, head: Head) -> Option<HeadSpec> {
        HeadSpec::of_decoder(head)
    }
}
