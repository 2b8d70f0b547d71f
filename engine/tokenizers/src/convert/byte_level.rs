use std::collections::HashMap;

use serde_json::{Value, json};
use tokenizers::models::bpe::Vocab;
use tokenizers::normalizers::NormalizerWrapper;
use tokenizers::{DecoderWrapper, PreTokenizerWrapper};
use trustformers_core::{Error, Result};

use super::{Converted, Stated, damaged, needed, part, text};
use crate::config::TokenizerConfig;
use crate::files::{Files, MERGES, VOCAB_JSON};
use crate::model::Model;
use crate::pipeline::Pipeline;
use crate::tokenizer_file::{BpeParts, ModelParts};

/// Source: Qwen/Qwen2-0.5B, `tokenizer.json`.
pub(super) const QWEN2_SPLIT: &str =
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";

pub(super) fn gpt2(files: &Files, config: &TokenizerConfig, stated: Option<Stated>) -> Result<Converted> {
    let add_prefix_space = config.flag(files, "add_prefix_space")?.unwrap_or(false);
    build(files, config, stated, byte_level(add_prefix_space, true), byte_level(true, true), None)
}

/// GPT-2's pipeline, which adds a space before the text unless told otherwise.
pub(super) fn blenderbot(files: &Files, config: &TokenizerConfig, stated: Option<Stated>) -> Result<Converted> {
    let add_prefix_space = config.flag(files, "add_prefix_space")?.unwrap_or(true);
    build(files, config, stated, byte_level(add_prefix_space, true), byte_level(true, true), None)
}

pub(super) fn gpt_neox(files: &Files, config: &TokenizerConfig, stated: Option<Stated>) -> Result<Converted> {
    let mut splits = byte_level(config.flag(files, "add_prefix_space")?.unwrap_or(false), true);
    splits["trim_offsets"] = json!(config.flag(files, "trim_offsets")?.unwrap_or(true));
    build(files, config, stated, splits, byte_level(true, true), Some(json!({"type": "NFC"})))
}

pub(super) fn cohere(files: &Files, config: &TokenizerConfig, stated: Option<Stated>) -> Result<Converted> {
    let bytes = byte_level(config.flag(files, "add_prefix_space")?.unwrap_or(false), true);
    let digits = json!({"type": "Digits", "individual_digits": true});
    let splits = json!({"type": "Sequence", "pretokenizers": [digits, bytes.clone()]});
    build(files, config, stated, splits, bytes, Some(json!({"type": "NFC"})))
}

pub(super) fn qwen2(files: &Files, config: &TokenizerConfig, stated: Option<Stated>) -> Result<Converted> {
    let add_prefix_space = config.flag(files, "add_prefix_space")?.unwrap_or(false);
    let split = json!({"type": "Split", "pattern": {"Regex": QWEN2_SPLIT}, "behavior": "Isolated", "invert": false});
    let splits = json!({"type": "Sequence", "pretokenizers": [split, byte_level(add_prefix_space, false)]});
    build(files, config, stated, splits, byte_level(true, true), Some(json!({"type": "NFC"})))
}

pub(super) fn byte_level(add_prefix_space: bool, use_regex: bool) -> Value {
    json!({
        "type": "ByteLevel",
        "add_prefix_space": add_prefix_space,
        "trim_offsets": true,
        "use_regex": use_regex,
    })
}

fn build(
    files: &Files,
    config: &TokenizerConfig,
    stated: Option<Stated>,
    splits: Value,
    decoder: Value,
    normalizer: Option<Value>,
) -> Result<Converted> {
    let parts = match stated.map(|stated| stated.model) {
        Some(ModelParts::Bpe(parts)) => BpeParts::new(parts.vocab, parts.merges),
        _ => vocabulary_files(files, config)?,
    };
    let (prefix, suffix) = (Some(String::new()), Some(String::new()));
    let parts = BpeParts { continuing_subword_prefix: prefix, end_of_word_suffix: suffix, ..parts };
    let mut tokenizer = Pipeline::new(Model::plain(parts.build().map_err(Error::tokenizer)?));
    let normalizer = normalizer.map(part::<NormalizerWrapper>).transpose()?;
    tokenizer
        .with_pre_tokenizer(Some(part::<PreTokenizerWrapper>(splits)?))
        .with_decoder(Some(part::<DecoderWrapper>(decoder)?))
        .with_normalizer(normalizer)
        .map_err(Error::tokenizer)?;
    Ok(Converted::plain(tokenizer))
}

fn vocabulary_files(files: &Files, config: &TokenizerConfig) -> Result<BpeParts> {
    let class = &config.tokenizer_class;
    let vocab: HashMap<String, u32> = serde_json::from_slice(needed(files, VOCAB_JSON, class)?)
        .map_err(|error| damaged(files, VOCAB_JSON, format!("expected an object of ids by token: {error}")))?;
    if let Some((token, id)) = vocab.iter().find(|(_, id)| **id >= crate::tokenizer_file::MAX_ID) {
        return Err(damaged(files, VOCAB_JSON, format!("{token:?} has {id}, which is not an id")));
    }
    let vocab = Vocab::from_iter(vocab);
    let merges = read_merges(files, config, |pair| BpeParts::check_merge(&vocab, None, pair))?;
    Ok(BpeParts::new(vocab, merges))
}

/// Reads the merges of `merges.txt`.
///
/// **Errors:** `Tokenizer` naming the file and a line that is not two tokens, or that `check` refuses.
pub(super) fn read_merges(
    files: &Files,
    config: &TokenizerConfig,
    check: impl Fn((&str, &str)) -> Result<(), String>,
) -> Result<Vec<(String, String)>> {
    let mut merges = Vec::new();
    for (index, line) in text(files, MERGES, needed(files, MERGES, &config.tokenizer_class)?)?.lines().enumerate() {
        if line.starts_with("#version") || line.trim().is_empty() {
            continue;
        }
        let damaged = |error: String| damaged(files, MERGES, format!("line {}: {error}", index + 1));
        let Some((left, right)) = line.split_once(' ').filter(|(_, right)| !right.contains(' ')) else {
            return Err(damaged(format!("{line:?} is not two tokens")));
        };
        check((left, right)).map_err(damaged)?;
        merges.push((left.to_owned(), right.to_owned()));
    }
    Ok(merges)
}
