use std::collections::HashMap;

use serde_json::{Value, json};
use tokenizers::models::bpe::{BPE, Vocab};
use tokenizers::normalizers::NormalizerWrapper;
use tokenizers::{DecoderWrapper, PreTokenizerWrapper, Tokenizer};
use trustformers_core::{Error, Result};

use super::{Converted, damaged, needed, part, text};
use crate::config::TokenizerConfig;
use crate::files::{Files, MERGES, VOCAB_JSON};

/// Source: Qwen/Qwen2-0.5B, `tokenizer.json`.
pub(super) const QWEN2_SPLIT: &str =
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";

pub(super) fn gpt2(files: &Files, config: &TokenizerConfig) -> Result<Converted> {
    let add_prefix_space = config.flag(files, "add_prefix_space")?.unwrap_or(false);
    build(files, config, byte_level(add_prefix_space, true), None)
}

pub(super) fn qwen2(files: &Files, config: &TokenizerConfig) -> Result<Converted> {
    let add_prefix_space = config.flag(files, "add_prefix_space")?.unwrap_or(false);
    let split = json!({"type": "Split", "pattern": {"Regex": QWEN2_SPLIT}, "behavior": "Isolated", "invert": false});
    let splits = json!({"type": "Sequence", "pretokenizers": [split, byte_level(add_prefix_space, false)]});
    build(files, config, splits, Some(json!({"type": "NFC"})))
}

pub(super) fn byte_level(add_prefix_space: bool, use_regex: bool) -> Value {
    json!({
        "type": "ByteLevel",
        "add_prefix_space": add_prefix_space,
        "trim_offsets": true,
        "use_regex": use_regex,
    })
}

fn build(files: &Files, config: &TokenizerConfig, splits: Value, normalizer: Option<Value>) -> Result<Converted> {
    let class = &config.tokenizer_class;
    let vocab: HashMap<String, u32> = serde_json::from_slice(needed(files, VOCAB_JSON, class)?)
        .map_err(|error| damaged(files, VOCAB_JSON, format!("expected an object of ids by token: {error}")))?;
    let mut merges = Vec::new();
    for (index, line) in text(files, MERGES, needed(files, MERGES, class)?)?.lines().enumerate() {
        if line.starts_with("#version") || line.trim().is_empty() {
            continue;
        }
        let Some((left, right)) = line.split_once(' ').filter(|(_, right)| !right.contains(' ')) else {
            return Err(damaged(files, MERGES, format!("line {} is {line:?}, expected two tokens", index + 1)));
        };
        merges.push((left.to_owned(), right.to_owned()));
    }
    let model = BPE::builder()
        .vocab_and_merges(Vocab::from_iter(vocab), merges)
        .continuing_subword_prefix(String::new())
        .end_of_word_suffix(String::new())
        .build()
        .map_err(|error| damaged(files, MERGES, error))?;
    let mut tokenizer = Tokenizer::new(model);
    let normalizer = normalizer.map(part::<NormalizerWrapper>).transpose()?;
    tokenizer
        .with_pre_tokenizer(Some(part::<PreTokenizerWrapper>(splits)?))
        .with_decoder(Some(part::<DecoderWrapper>(byte_level(true, true))?))
        .with_normalizer(normalizer)
        .map_err(Error::tokenizer)?;
    Ok(Converted::plain(tokenizer))
}
