//! Keys and layers of encoder-decoders with learned or sinusoidal positions, as BART names them.

use trustformers_checkpoint::Rule;
use trustformers_nn as nn;
use trustformers_ops::{Activation, AttentionKind};

use crate::head::{Head, HeadSpec};
use crate::hf_config::{HeadCount, LayerCount, Size};

/// Common names of configuration keys and the families' names.
pub(crate) const ALIASES: &[(&str, &str)] = &[
    ("num_attention_heads", "encoder_attention_heads"),
    ("hidden_size", "d_model"),
    ("num_hidden_layers", "encoder_layers"),
];

hf_config! {
    pub(crate) struct Seq2SeqKeys(reader, default: Seq2SeqKeys) {
        pub(crate) vocab_size: Size = default.vocab_size,
        pub(crate) max_position_embeddings: Size = default.max_position_embeddings,
        pub(crate) d_model: Size = default.d_model,
        pub(crate) encoder_layers: LayerCount = default.encoder_layers,
        pub(crate) encoder_ffn_dim: Size = default.encoder_ffn_dim,
        pub(crate) encoder_attention_heads: HeadCount = (default.encoder_attention_heads, "d_model", d_model),
        pub(crate) decoder_layers: LayerCount = default.decoder_layers,
        pub(crate) decoder_ffn_dim: Size = default.decoder_ffn_dim,
        pub(crate) decoder_attention_heads: HeadCount = (default.decoder_attention_heads, "d_model", d_model),
        pub(crate) activation_function: Activation = default.activation_function,
        pub(crate) scale_embedding: bool = default.scale_embedding,
    }
}

/// Sizes of facebook/bart-large.
pub(crate) const LARGE: Seq2SeqKeys = Seq2SeqKeys {
    vocab_size: 50265,
    max_position_embeddings: 1024,
    d_model: 1024,
    encoder_layers: 12,
    encoder_ffn_dim: 4096,
    encoder_attention_heads: 16,
    decoder_layers: 12,
    decoder_ffn_dim: 4096,
    decoder_attention_heads: 16,
    activation_function: Activation::GeluErf,
    scale_embedding: false,
};

/// Order of a layer's blocks and normalizations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Order {
    /// The sum of each block's input and output is normalized.
    PostNorm,
    /// Each block's input is normalized, and the output of the last layer.
    PreNorm,
}

impl Seq2SeqKeys {
    /// The encoder, without position embeddings.
    pub(crate) fn encoder(&self, order: Order) -> nn::DecoderConfig {
        let sizes = [self.encoder_layers, self.encoder_ffn_dim, self.encoder_attention_heads];
        let attention = AttentionKind::Bidirectional;
        nn::DecoderConfig { attention, ..self.stack(order, sizes, false) }
    }

    /// The decoder, without position embeddings.
    pub(crate) fn decoder(&self, order: Order) -> nn::DecoderConfig {
        self.stack(order, [self.decoder_layers, self.decoder_ffn_dim, self.decoder_attention_heads], true)
    }

    fn stack(&self, order: Order, [layers, ffn_dim, heads]: [usize; 3], attends: bool) -> nn::DecoderConfig {
        let norm = nn::NormConfig::layer(1e-5, true);
        let attention = nn::AttentionConfig {
            has_qkv_bias: true,
            has_output_bias: true,
            ..nn::AttentionConfig::plain(heads, heads, self.d_model / heads)
        };
        let feed_forward = nn::FeedForwardConfig::plain(ffn_dim, self.activation_function);
        let layer = nn::LayerConfig {
            cross_attention: attends.then(|| nn::CrossAttentionConfig { attention: attention.clone(), norm }),
            ..nn::LayerConfig::plain(
                attention,
                feed_forward,
                match order {
                    Order::PostNorm => nn::LayerOrder::post_norm(norm),
                    Order::PreNorm => nn::LayerOrder::pre_norm(norm),
                },
            )
        };
        nn::DecoderConfig {
            embedding_scale: if self.scale_embedding { (self.d_model as f64).sqrt() } else { 1.0 },
            norm: (order == Order::PreNorm).then_some(norm),
            ..nn::DecoderConfig::plain(self.vocab_size, self.d_model, vec![layer; layers], norm)
        }
    }

    /// Sinusoidal position embeddings of the paper.
    pub(crate) fn sinusoids(&self) -> Option<nn::SinusoidsConfig> {
        let num_positions = self.max_position_embeddings;
        let frequencies = nn::Frequencies::Paper;
        Some(nn::SinusoidsConfig { num_positions, frequencies, is_stored: true, zero_position: None })
    }
}

/// The stack with `inputs_embeds` scaled like the embeddings of token ids.
pub(crate) fn scaling_all(stack: nn::DecoderConfig) -> nn::DecoderConfig {
    nn::DecoderConfig { embedding_scale: 1.0, embedding_multiplier: stack.embedding_scale, ..stack }
}

/// Sinusoidal tables that checkpoints may leave out.
pub(crate) fn stored_sinusoids() -> [Rule; 2] {
    ["base.encoder.embed_positions.weight", "base.decoder.embed_positions.weight"].map(Rule::Neutral)
}

/// Normalization of the sum of token and position embeddings.
pub(crate) fn input_norm() -> Option<nn::NormConfig> {
    Some(nn::NormConfig::layer(1e-5, true))
}

/// Checkpoint names of the layers' parts.
pub(crate) fn weights(order: Order) -> Vec<Rule> {
    let (first, second) = match order {
        Order::PostNorm => ("feed_forward_norm", "output_norm"),
        Order::PreNorm => ("input_norm", "feed_forward_norm"),
    };
    let names = [
        ("self_attn.o_proj", "self_attn.out_proj"),
        ("encoder_attn.o_proj", "encoder_attn.out_proj"),
        ("encoder_attn_norm", "encoder_attn_layer_norm"),
        ("mlp.up_proj", "fc1"),
        ("mlp.down_proj", "fc2"),
        (first, "self_attn_layer_norm"),
        (second, "final_layer_norm"),
        ("norm", "layer_norm"),
    ];
    let mut rules = names.map(|(field, stored)| Rule::Rename { field, stored }).to_vec();
    rules.extend([Rule::Buffer("encoder.version"), Rule::Buffer("decoder.version")]);
    rules.push(Rule::OneRow("final_logits_bias"));
    rules
}

/// Heads of these families, but for the base model.
pub(crate) fn head(head: Head, hidden_size: usize) -> Option<HeadSpec> {
    match head {
        Head::Seq2SeqLm => {
            let names = &[("head.output.bias", "final_logits_bias"), ("head.output", "lm_head")];
            Some(HeadSpec::linear(names, true))
        }
        Head::SequenceClassification => Some(HeadSpec::classification_head(hidden_size)),
        Head::QuestionAnswering => Some(HeadSpec::qa_outputs()),
        Head::Base | Head::Encoder | Head::MaskedLm | Head::CausalLm | Head::TokenClassification => None,
    }
}
