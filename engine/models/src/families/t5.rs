//! T5, mT5 and umT5: pre-norm encoder-decoders with RMS norms, bucketed relative position biases and unscaled scores.
//! Config keys and weight names: google-t5/t5-small, google/mt5-small and google/umt5-small; paper arXiv 1910.10683.

use serde_json::{Value, json};
use trustformers_checkpoint::Rule;
use trustformers_core::{ConfigReader, Error, Result};
use trustformers_nn as nn;
use trustformers_ops::{Activation, AttentionKind};

use crate::family::{EncoderDecoderFamily, Shift, Targets};
use crate::head::{Head, HeadSpec};
use crate::hf_config::{Epsilon, LayerCount, Size};

hf_config! {
    pub(crate) struct T5Config(reader) {
        vocab_size: Size = if is_t5(reader) { 32128 } else { 250112 },
        d_model: Size = 512,
        d_kv: Size = 64,
        d_ff: Size = if is_t5(reader) { 2048 } else { 1024 },
        num_layers: LayerCount = if is_t5(reader) { 6 } else { 8 },
        num_decoder_layers: Option<usize> = None,
        num_heads: Size = if is_t5(reader) { 8 } else { 6 },
        relative_attention_num_buckets: Size = 32,
        relative_attention_max_distance: Size = 128,
        layer_norm_epsilon: Epsilon = 1e-6,
        feed_forward_proj: String = if is_t5(reader) { "relu" } else { "gated-gelu" }.to_owned(),
        eos_token_id: Option<i64> = Some(1),
        #[serde(skip)]
        activation: (Activation, nn::Gate) => activation(reader, &feed_forward_proj)?,
        /// Whether the decoder's hidden states are scaled for the head: only by the first T5, which ties it.
        #[serde(skip)]
        scales_outputs: bool => scales_outputs(reader),
        /// Whether every layer has a table of its own.
        #[serde(skip)]
        has_tables: bool => reader.peek_str("model_type") == Some("umt5"),
    }
    check = Self::check;
}

fn is_t5(reader: &ConfigReader) -> bool {
    reader.peek_str("model_type") == Some("t5")
}

fn scales_outputs(reader: &ConfigReader) -> bool {
    let stated = reader.peek("scale_decoder_outputs").and_then(Value::as_bool);
    let is_tied = reader.peek("tie_word_embeddings") != Some(&Value::Bool(false));
    match reader.peek_str("model_type") {
        Some("t5") => stated.unwrap_or(is_tied),
        model_type => model_type == Some("umt5"),
    }
}

/// The activation and gate that `feed_forward_proj` names.
fn activation(reader: &ConfigReader, name: &str) -> Result<(Activation, nn::Gate)> {
    let (gate, own) = match name.strip_prefix("gated-") {
        Some(own) => (nn::Gate::Activated, if own == "gelu" { "gelu_new" } else { own }),
        None => (nn::Gate::Absent, name),
    };
    let activation = serde_json::from_value(json!(own)).map_err(|error| {
        Error::config_key(reader.file(), "feed_forward_proj", format!("\"{name}\""), format!("an activation: {error}"))
    })?;
    Ok((activation, gate))
}

impl T5Config {
    fn check(&self, reader: &mut ConfigReader) -> Result<()> {
        let (buckets, distance) = (self.relative_attention_num_buckets, self.relative_attention_max_distance);
        if !(4..=1 << 16).contains(&buckets) {
            let expected = format!("from 4 to {}", 1 << 16);
            return Err(Error::config_key(reader.file(), "relative_attention_num_buckets", buckets, expected));
        }
        if distance <= buckets / 2 {
            let expected = format!("more than {}, half of relative_attention_num_buckets", buckets / 2);
            return Err(Error::config_key(reader.file(), "relative_attention_max_distance", distance, expected));
        }
        reader.check_at_most("num_decoder_layers", self.num_decoder_layers.unwrap_or(0), 1000)
    }

    fn stack(&self, num_layers: usize, attention: AttentionKind) -> nn::DecoderConfig {
        let norm = nn::NormConfig::rms(self.layer_norm_epsilon);
        let is_causal = attention == AttentionKind::Causal;
        let (activation, gate) = self.activation;
        let plain =
            nn::AttentionConfig { scale: 1.0, ..nn::AttentionConfig::plain(self.num_heads, self.num_heads, self.d_kv) };
        let buckets = nn::Buckets {
            num_buckets: self.relative_attention_num_buckets,
            max_distance: self.relative_attention_max_distance,
            is_bidirectional: !is_causal,
        };
        let layer = |index: usize| {
            let attention = nn::AttentionConfig {
                relative_bias: Some(if self.has_tables { index } else { 0 }),
                bias_buckets: (self.has_tables || index == 0).then_some(buckets),
                ..plain.clone()
            };
            let mlp = nn::FeedForwardConfig { intermediate_size: self.d_ff, activation, gate, has_bias: false };
            nn::LayerConfig {
                cross_attention: is_causal.then(|| nn::CrossAttentionConfig { attention: plain.clone(), norm }),
                ..nn::LayerConfig::plain(attention, mlp, nn::LayerOrder::pre_norm(norm))
            }
        };
        let layers = (0..num_layers).map(layer).collect();
        nn::DecoderConfig { attention, ..nn::DecoderConfig::plain(self.vocab_size, self.d_model, layers, norm) }
    }
}

impl EncoderDecoderFamily for T5Config {
    const TYPES: &'static [(&'static str, &'static str)] = &[("t5", "T5"), ("mt5", "MT5"), ("umt5", "UMT5")];
    const ALIASES: &'static [(&'static str, &'static str)] = &[
        ("hidden_size", "d_model"),
        ("num_attention_heads", "num_heads"),
        ("num_hidden_layers", "num_layers"),
        ("head_dim", "d_kv"),
    ];
    const TOKENS: &'static [(&'static str, i64)] = &[("pad_token_id", 0), ("eos_token_id", 1)];
    const PADS_EMBEDDINGS: bool = false;
    const HEADS: &'static [Head] = &[
        Head::Base,
        Head::Encoder,
        Head::Seq2SeqLm,
        Head::SequenceClassification,
        Head::TokenClassification,
        Head::QuestionAnswering,
    ];
    const OF_ENCODER: &'static [Head] = &[Head::Encoder, Head::TokenClassification];
    const TIES_HEAD_FIRST: bool = false;

    fn read_config(reader: &mut ConfigReader) -> Result<Self> {
        let config = Self::read(reader)?;
        ["scale_decoder_outputs", "dense_act_fn", "is_gated_act"].into_iter().for_each(|key| reader.ignore(key));
        Ok(config)
    }

    fn prefix(head: Head) -> &'static str {
        if matches!(head, Head::SequenceClassification | Head::TokenClassification) { "transformer" } else { "" }
    }

    fn ties_embeddings(_stated: bool) -> bool {
        true
    }

    fn weights(&self) -> Vec<Rule> {
        let up = if self.activation.1 == nn::Gate::Absent { "wi" } else { "wi_1" };
        let names = [
            ("layers", "block"),
            ("self_attn", "layer.0.SelfAttention"),
            ("encoder_attn", "layer.1.EncDecAttention"),
            ("q_proj", "q"),
            ("k_proj", "k"),
            ("v_proj", "v"),
            ("o_proj", "o"),
            ("input_norm", "layer.0.layer_norm"),
            ("encoder_attn_norm", "layer.1.layer_norm"),
            ("norm", "final_layer_norm"),
            ("up_proj", up),
            ("gate_proj", "wi_0"),
            ("down_proj", "wo"),
        ]
        .map(|(field, stored)| Rule::Rename { field, stored });
        let of_part = |part: &'static str, mlp: &'static str, norm: &'static str| {
            [("mlp", mlp), ("feed_forward_norm", norm)].map(|(field, stored)| Rule::RenameIn { part, field, stored })
        };
        let encoder = of_part("encoder", "layer.1.DenseReluDense", "layer.1.layer_norm");
        let decoder = of_part("decoder", "layer.2.DenseReluDense", "layer.2.layer_norm");
        let unread = Rule::Buffer("EncDecAttention.relative_attention_bias.weight");
        [&encoder[..], &decoder, &names, &[unread]].concat()
    }

    fn encoder(&self) -> nn::DecoderConfig {
        self.stack(self.num_layers, AttentionKind::Bidirectional)
    }

    fn decoder(&self) -> nn::DecoderConfig {
        self.stack(self.num_decoder_layers.unwrap_or(self.num_layers), AttentionKind::Causal)
    }

    fn logit_multiplier(&self) -> f64 {
        if self.scales_outputs { (self.d_model as f64).powf(-0.5) } else { 1.0 }
    }

    fn classified_token(&self) -> Option<i64> {
        self.eos_token_id
    }

    fn targets(head: Head) -> Targets {
        let of_source = matches!(head, Head::SequenceClassification | Head::QuestionAnswering);
        Targets { shift: Shift::FromStart, of_source }
    }

    fn head(&self, head: Head) -> Option<HeadSpec> {
        match head {
            Head::Seq2SeqLm => Some(HeadSpec::linear(&[("head.output", "lm_head")], false)),
            Head::SequenceClassification => Some(HeadSpec::classification_head(self.d_model)),
            Head::QuestionAnswering => Some(HeadSpec::qa_outputs()),
            Head::TokenClassification => Some(HeadSpec::classifier(nn::HeadInput::EveryToken)),
            Head::Base | Head::Encoder | Head::MaskedLm | Head::CausalLm => None,
        }
    }
}
