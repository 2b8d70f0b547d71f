use serde_json::{Map, Value, json};
use trustformers_core::{Error, Result};

use super::GgufFile;
use super::architecture::{Architecture, CONTEXT, HEADS, KV_HEADS, LAYERS, WIDTH};
use super::names::{LONG_ROPE_FACTORS, ROPE_FREQUENCIES, SHORT_ROPE_FACTORS};

/// Metadata keys that any architecture may have, without the architecture prefix.
const COMMON: &[&str] = &[
    "attention.head_count_kv",
    "attention.key_length",
    "attention.value_length",
    "context_length",
    "feed_forward_length",
    "rope.dimension_count",
    "rope.scale_linear",
    "rope.scaling.attn_factor",
    "rope.scaling.factor",
    "rope.scaling.original_context_length",
    "rope.scaling.type",
    "rope.scaling.yarn_beta_fast",
    "rope.scaling.yarn_beta_slow",
    "vocab_size",
    // The following do not affect the computation.
    "expert_count",
    "expert_used_count",
    "pooling_type",
    "rope.scaling.finetuned",
    "tensor_data_layout",
    "use_parallel_residual",
];

/// Unsupported metadata keys that affect llama.cpp's computation, without the architecture prefix, and their neutral
/// values. Names: `gguf` 0.19.0 (`gguf/constants.py`).
const UNSUPPORTED: &[(&str, &[f64])] = &[
    ("attention.clamp_kqv", &[0.0]),
    ("attention.max_alibi_bias", &[0.0, 8.0]),
    ("attention.scale", &[0.0]),
    ("attention.temperature_scale", &[0.0]),
    ("attn_logit_softcapping", &[0.0]),
    ("embedding_scale", &[0.0, 1.0]),
    ("final_logit_softcapping", &[0.0]),
    ("logit_scale", &[0.0, 1.0]),
    ("residual_scale", &[0.0, 1.0]),
    ("rope.scaling.alpha", &[0.0, 1.0]),
    ("rope.scaling.yarn_attn_factor", &[0.0, 1.0]),
    ("rope.scaling.yarn_ext_factor", &[-1.0, 1.0]),
    ("rope.scaling.yarn_log_multiplier", &[0.0]),
];

impl GgufFile {
    /// Converts the metadata to the model's `config.json`.
    ///
    /// **Errors:** `Weights` naming a missing or invalid key; `Unsupported` for an unsupported architecture or rotary
    /// scaling.
    pub fn config(&self) -> Result<Value> {
        let architecture = self.architecture()?;
        let metadata = self.metadata();
        self.check_unsupported(architecture)?;
        let mut config = Map::new();
        let is_mistral = architecture.name == "llama" && metadata.string("general.name")? == Some("mistral");
        let model_type = if is_mistral { "mistral" } else { architecture.model_type };
        config.insert("model_type".to_owned(), json!(model_type));
        for (name, key) in architecture.sizes.iter().copied().flatten() {
            let size = self.size(architecture, name)?;
            let size = if [WIDTH, LAYERS, HEADS].contains(name) {
                Some(metadata.needed(&format!("{}.{name}", architecture.name), size)?)
            } else {
                size
            };
            config.extend(size.map(|size| ((*key).to_owned(), json!(size))));
        }
        for (name, key) in architecture.numbers.iter().copied().flatten() {
            let number = metadata.number(&format!("{}.{name}", architecture.name))?;
            config.extend(number.map(|number| ((*key).to_owned(), json!(number))));
        }
        for (name, key) in [("bos", "bos_token_id"), ("eos", "eos_token_id"), ("padding", "pad_token_id")] {
            let id = metadata.count(&format!("tokenizer.ggml.{name}_token_id"))?;
            config.extend(id.map(|id| (key.to_owned(), json!(id))));
        }
        config.extend(self.vocab_size(architecture)?.map(|size| ("vocab_size".to_owned(), json!(size))));
        let ties = !self.tensors.contains_key("output.weight") || ["bloom", "falcon"].contains(&architecture.name);
        config.insert("tie_word_embeddings".to_owned(), json!(ties));
        self.add_positions(architecture, &mut config)?;
        self.add_own_keys(architecture, &mut config)?;
        Ok(Value::Object(config))
    }

    /// Unknown metadata keys of the architecture, in alphabetical order.
    ///
    /// **Errors:** `Unsupported` for an unsupported architecture.
    pub fn unknown_keys(&self) -> Result<Vec<String>> {
        let architecture = self.architecture()?;
        let is_known = |key: &str| {
            let is_refused = UNSUPPORTED.iter().any(|(name, _)| *name == key) || ["attention.causal"].contains(&key);
            COMMON.contains(&key) || is_refused || architecture.reads(key)
        };
        let is_unknown = |key: &&str| {
            let own = key.strip_prefix(architecture.name).and_then(|key| key.strip_prefix('.'));
            own.is_some_and(|key| !is_known(key))
        };
        let mut unknown: Vec<_> = self.metadata().keys().filter(is_unknown).map(str::to_owned).collect();
        unknown.sort_unstable();
        Ok(unknown)
    }

    fn check_unsupported(&self, architecture: &Architecture) -> Result<()> {
        let metadata = self.metadata();
        let refused = |key: &str, value: String, harmless: String| {
            let file = metadata.file().display();
            Error::unsupported(format!("{file}: key \"{key}\" is {value}, expected {harmless}"))
        };
        for (name, harmless) in UNSUPPORTED.iter().filter(|(name, _)| !architecture.reads(name)) {
            let key = format!("{}.{name}", architecture.name);
            if let Some(value) = metadata.number(&key)?
                && !harmless.contains(&value)
            {
                return Err(refused(&key, value.to_string(), format!("{harmless:?}")));
            }
        }
        let key = format!("{}.attention.causal", architecture.name);
        match metadata.flag(&key)? {
            Some(false) => Err(refused(&key, "false".to_owned(), "true".to_owned())),
            _ => Ok(()),
        }
    }

    fn vocab_size(&self, architecture: &Architecture) -> Result<Option<usize>> {
        let rows = || self.tensors.get("token_embd.weight").map(|tensor| tensor.shape[0]);
        let stated = self.size(architecture, "vocab_size")?;
        Ok(stated.or_else(|| self.metadata().len_of("tokenizer.ggml.tokens")).or_else(rows))
    }

    /// Adds `head_dim`, `partial_rotary_factor` and `rope_scaling`.
    fn add_positions(&self, architecture: &Architecture, config: &mut Map<String, Value>) -> Result<()> {
        let size = |name: &str| self.size(architecture, name);
        let (stated, rotary_dim) = (size("attention.key_length")?, size("rope.dimension_count")?);
        if let (Some(keys), Some(values)) = (stated, size("attention.value_length")?)
            && keys != values
        {
            let file = self.metadata().file().display();
            let message = format!("{file}: key heads of {keys} elements with value heads of {values}");
            return Err(Error::unsupported(message));
        }
        let is_rotary = !["gpt2", "bloom", "t5", "t5encoder"].contains(&architecture.name);
        if !is_rotary {
            return Ok(());
        }
        let stated = stated.or(rotary_dim.filter(|_| architecture.name == "llama"));
        if let Some(head_dim) = stated.filter(|_| architecture.name != "falcon") {
            config.insert("head_dim".to_owned(), json!(head_dim));
        }
        let width = match (stated, size(WIDTH)?, size(HEADS)?) {
            (Some(width), ..) => Some(width),
            (None, Some(width), Some(heads)) => width.checked_div(heads),
            _ => None,
        };
        if let (Some(rotary_dim), Some(width)) = (rotary_dim, width)
            && (rotary_dim != width || architecture.name == "stablelm")
        {
            if !["phi3", "stablelm"].contains(&architecture.name) {
                let (file, name) = (self.metadata().file().display(), architecture.name);
                let message = format!("{file}: {name} with {rotary_dim} rotated elements of the {width} of a head");
                return Err(Error::unsupported(message));
            }
            config.insert("partial_rotary_factor".to_owned(), json!(rotary_dim as f64 / width as f64));
        }
        if let Some(scaling) = self.rope_scaling(architecture)? {
            if let Some(original) = scaling.get("original_max_position_embeddings").filter(|value| !value.is_null()) {
                config.insert("original_max_position_embeddings".to_owned(), original.clone());
            }
            config.insert("rope_scaling".to_owned(), scaling);
        }
        Ok(())
    }

    fn rope_scaling(&self, architecture: &Architecture) -> Result<Option<Value>> {
        let metadata = self.metadata();
        let key = |name: &str| format!("{}.rope.{name}", architecture.name);
        let kind_key = key("scaling.type");
        let kind = metadata.string(&kind_key)?;
        let factor = metadata.number(&key("scaling.factor"))?.or(metadata.number(&key("scale_linear"))?);
        let original = self.size(architecture, "rope.scaling.original_context_length")?;
        let attention = metadata.number(&key("scaling.attn_factor"))?;
        let divisors = self.vector(ROPE_FREQUENCIES)?;
        let long = self.vector(LONG_ROPE_FACTORS)?.zip(self.vector(SHORT_ROPE_FACTORS)?);
        let unsupported = |what: String| Error::unsupported(format!("{}: {what}", metadata.file().display()));
        if let Some((long, short)) = long {
            let scaling = json!({"rope_type": "longrope", "long_factor": long, "short_factor": short,
                "original_max_position_embeddings": original, "attention_factor": attention});
            return Ok(Some(scaling));
        }
        if let Some(divisors) = divisors {
            if kind.is_some_and(|kind| kind != "none") {
                return Err(unsupported(format!("{ROPE_FREQUENCIES} together with {kind_key}")));
            }
            // The file has no scaling parameters, only the divisor of each frequency, which applies at any length.
            let original = self.size(architecture, CONTEXT)?;
            let scaling = json!({"rope_type": "longrope", "long_factor": divisors, "short_factor": divisors,
                "original_max_position_embeddings": original, "attention_factor": 1.0, "factor": 1.0});
            return Ok(Some(scaling));
        }
        if let Some(attention) = attention.filter(|factor| *factor != 1.0) {
            return Err(unsupported(format!("{} is {attention} without longrope", key("scaling.attn_factor"))));
        }
        // Without a type, a factor means linear scaling.
        match (kind, factor) {
            (Some("none"), _) | (None, None) => Ok(None),
            (None | Some("linear"), Some(factor)) if factor == 1.0 || factor == 0.0 => Ok(None),
            (None | Some("linear"), Some(factor)) => Ok(Some(json!({"rope_type": "linear", "factor": factor}))),
            (Some("yarn"), Some(factor)) => {
                let mut scaling =
                    json!({"rope_type": "yarn", "factor": factor, "original_max_position_embeddings": original});
                for beta in ["beta_fast", "beta_slow"] {
                    if let Some(stated) = metadata.number(&key(&format!("scaling.yarn_{beta}")))? {
                        scaling[beta] = json!(stated);
                    }
                }
                Ok(Some(scaling))
            }
            (Some(kind), _) => {
                Err(unsupported(format!("\"{kind_key}\" is \"{kind}\", expected none, linear or yarn with a factor")))
            }
        }
    }

    /// Adds keys of a single architecture, and keys that are inferred from the tensors.
    fn add_own_keys(&self, architecture: &Architecture, config: &mut Map<String, Value>) -> Result<()> {
        let has = |end: &str| self.tensors.keys().any(|name| name.ends_with(end));
        let mut add = |key: &str, value: Value| drop(config.insert(key.to_owned(), value));
        match architecture.name {
            "llama" if has(".attn_output.bias") || has(".attn_q.bias") => add("attention_bias", json!(true)),
            // google/gemma-2-27b and google/gemma-3-27b-pt scale scores by hidden_size / num_attention_heads, which no
            // metadata key says; they are recognized by their number of layers.
            "gemma2" | "gemma3" => {
                let layers = self.size(architecture, LAYERS)?;
                let share = self.size(architecture, WIDTH)?.zip(self.size(architecture, HEADS)?);
                if let (Some(46 | 62), Some((width, heads))) = (layers, share) {
                    add("query_pre_attn_scalar", json!(width.checked_div(heads)));
                }
            }
            "qwen3" | "qwen3moe" => {
                add("attention_bias", json!(has(".attn_q.bias")));
                if architecture.name == "qwen3moe" {
                    // The router weights of the selected experts are always normalized, whatever the file says.
                    add("norm_topk_prob", json!(true));
                }
            }
            "qwen2moe" => add("qkv_bias", json!(has(".attn_q.bias"))),
            "stablelm" => {
                add("use_qkv_bias", json!(has(".attn_q.bias")));
                add("use_parallel_residual", json!(!has(".ffn_norm.weight")));
            }
            "starcoder2" => add("use_bias", json!(has(".attn_q.bias"))),
            "t5" | "t5encoder" => {
                // umT5 has a table of relative positions in every layer; T5 and mT5 only in the first.
                let is_umt5 = self.tensors.contains_key("enc.blk.1.attn_rel_b.weight");
                let is_gated = self.has_gates();
                add("model_type", json!(if is_umt5 { "umt5" } else { "t5" }));
                add("is_encoder_decoder", json!(architecture.name == "t5"));
                add("feed_forward_proj", json!(if is_gated { "gated-gelu" } else { "relu" }));
                // Only the first T5, whose layers have no gates, scales what its head reads.
                add("scale_decoder_outputs", json!(!is_gated));
            }
            "falcon" => {
                let kv_heads = self.size(architecture, KV_HEADS)?.unwrap_or(1);
                if kv_heads != 1 {
                    let file = self.metadata().file().display();
                    return Err(Error::unsupported(format!(
                        "{file}: falcon with {kv_heads} key/value heads in GGUF files"
                    )));
                }
            }
            _ => {}
        }
        Ok(())
    }
}
