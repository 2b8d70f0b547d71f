//! Pipelines of vocabularies whose ids are those of a `vocab.json` beside the pieces.

use std::collections::{BTreeMap, HashSet};

use serde_json::{Value, json};
use tokenizers::normalizers::NormalizerWrapper;
use tokenizers::pre_tokenizers::PreTokenizerWrapper;
use tokenizers::{NormalizedString, Normalizer as _};
use trustformers_core::{Error, Result};

use super::byte_level::read_merges;
use super::{Converted, Stated, charsmap, damaged, needed, part};
use crate::base64;
use crate::config::TokenizerConfig;
use crate::files::{Files, MERGES, SENTENCE_PIECE_BPE, SOURCE_SPM, TARGET_SPM, TARGET_VOCAB_JSON, VOCAB_JSON};
use crate::lookup::{LookupParts, Pieces};
use crate::model::Model;
use crate::pipeline::Pipeline;
use crate::sentence_piece;
use crate::tokenizer_file::MAX_ID;

/// A text that begins with the code of a language, such as `>>fr<<`.
const CODE: &str = r">>.*?<<";

pub(super) fn marian(files: &Files, config: &TokenizerConfig, _: Option<Stated>) -> Result<Converted> {
    let vocab = vocabulary(files, config, VOCAB_JSON)?;
    let is_separate = config.flag(files, "separate_vocabs")?.unwrap_or(false);
    let decoded = is_separate.then(|| vocabulary(files, config, TARGET_VOCAB_JSON)).transpose()?;
    let decoded_spm = if is_separate { TARGET_SPM } else { SOURCE_SPM };
    let parts = |spm: &'static str, vocab, decoded_vocab: Option<BTreeMap<String, u32>>| {
        let pieces = pieces(needed(files, spm, &config.tokenizer_class)?, true);
        // As in the reference, ids beyond the vocabulary are those of pieces.
        let known: HashSet<u32> = decoded_vocab.as_ref().unwrap_or(&vocab).values().copied().collect();
        let tokens = (0..).zip(read(files, decoded_spm)?.pieces).map(|(id, piece)| (id, piece.text));
        let more_tokens = tokens.filter(|(id, _)| !known.contains(id)).collect();
        Ok::<_, Error>(LookupParts { decoded_vocab, more_tokens, ..plain(vocab, pieces, config)? })
    };
    let target_vocab = decoded.clone().unwrap_or_else(|| vocab.clone());
    let tokenizer = build(files, SOURCE_SPM, parts(SOURCE_SPM, vocab, decoded)?)?;
    let target = build(files, TARGET_SPM, parts(TARGET_SPM, target_vocab, None)?)?;
    Ok(Converted { target: Some(target), ..Converted::plain(tokenizer) })
}

pub(super) fn m2m_100(files: &Files, config: &TokenizerConfig, _: Option<Stated>) -> Result<Converted> {
    let vocab = vocabulary(files, config, VOCAB_JSON)?;
    let pieces = pieces(needed(files, SENTENCE_PIECE_BPE, &config.tokenizer_class)?, false);
    let first = u32::try_from(vocab.len()).map_err(Error::internal)?;
    let languages = config.languages.iter().flat_map(|languages| languages.tokens());
    let more_ids = languages.zip(first..).collect();
    let parts = LookupParts { more_ids, ..plain(vocab, pieces, config)? };
    Ok(Converted::plain(build(files, SENTENCE_PIECE_BPE, parts)?))
}

pub(super) fn blenderbot_small(files: &Files, config: &TokenizerConfig, _: Option<Stated>) -> Result<Converted> {
    let vocab = vocabulary(files, config, VOCAB_JSON)?;
    let pieces = Pieces::Merges { merges: read_merges(files, config, |_| Ok(()))? };
    let parts = plain(vocab, pieces, config)?;
    let model = parts.build().map_err(|error| damaged(files, MERGES, error))?;
    let mut tokenizer = Pipeline::new(Model::Lookup(Box::new(model)));
    // A line break that follows text, other than an apostrophe, is a word.
    let newline = json!({"type": "Replace", "pattern": {"Regex": r"(?<=[^\s'])\n"}, "content": " __newln__ "});
    let normalizers = json!({"type": "Sequence", "normalizers": [newline, {"type": "Lowercase"}]});
    let split = |pattern: &str, behavior: &str| json!({"type": "Split", "pattern": {"Regex": pattern}, "behavior": behavior, "invert": false});
    let splits = json!({"type": "Sequence", "pretokenizers": [
        {"type": "WhitespaceSplit"}, split(r"[.,!?()]", "MergedWithNext"), split("'", "Isolated"),
    ]});
    tokenizer
        .with_pre_tokenizer(Some(part::<PreTokenizerWrapper>(splits)?))
        .with_normalizer(Some(part::<NormalizerWrapper>(normalizers)?))
        .map_err(Error::tokenizer)?;
    Ok(Converted::plain(tokenizer))
}

fn plain(vocab: BTreeMap<String, u32>, pieces: Pieces, config: &TokenizerConfig) -> Result<LookupParts> {
    let (more_ids, more_tokens) = (BTreeMap::new(), BTreeMap::new());
    Ok(LookupParts { vocab, decoded_vocab: None, more_ids, more_tokens, unk_token: unk(config)?, pieces })
}

fn read(files: &Files, spm: &'static str) -> Result<sentence_piece::Model> {
    sentence_piece::Model::read(files.bytes(spm).unwrap_or_default()).map_err(|error| damaged(files, spm, error))
}

fn pieces(model: &[u8], names_language: bool) -> Pieces {
    Pieces::SentencePiece { model: base64::encode(model), names_language }
}

/// Builds a pipeline with SentencePiece's normalization; the model marks the beginning of a text.
fn build(files: &Files, spm: &'static str, parts: LookupParts) -> Result<Pipeline> {
    let names_language = matches!(parts.pieces, Pieces::SentencePiece { names_language: true, .. });
    let spec = read(files, spm)?;
    let model = parts.build().map_err(|error| damaged(files, spm, error))?;
    let mut tokenizer = Pipeline::new(Model::Lookup(Box::new(model)));
    let replace = |pattern: &str, content: &str| -> Value {
        json!({"type": "Replace", "pattern": {"Regex": pattern}, "content": content})
    };
    let mut normalizers: Vec<NormalizerWrapper> = Vec::new();
    let charsmap = charsmap::normalizer(&spec.charsmap).map_err(|error| damaged(files, spm, error))?;
    if let Some(charsmap) = charsmap {
        // The normalizer takes a line break of two characters for one, for which SentencePiece has two spaces.
        let mut first = NormalizedString::from("\r");
        charsmap.normalize(&mut first).map_err(Error::tokenizer)?;
        if !spec.remove_extra_whitespaces && first.get() != "\r" {
            normalizers.push(part(replace("\r\n", &format!("{}\n", first.get())))?);
        }
        normalizers.push(charsmap);
    }
    if spec.remove_extra_whitespaces {
        let first = if names_language { format!("^ (?!{CODE})") } else { "^ ".to_owned() };
        for normalizer in [replace(" {2,}", " "), replace(&first, ""), replace(r" \z", "")] {
            normalizers.push(part(normalizer)?);
        }
    }
    normalizers.push(part(replace(" ", "\u{2581}"))?);
    tokenizer.with_normalizer(Some(tokenizers::normalizers::Sequence::new(normalizers))).map_err(Error::tokenizer)?;
    Ok(tokenizer)
}

fn unk(config: &TokenizerConfig) -> Result<String> {
    let unk = config.special_tokens.get("unk_token").map(|token| token.content.clone());
    unk.ok_or_else(|| Error::tokenizer(format!("a {} needs an unk_token", config.tokenizer_class)))
}

fn vocabulary(files: &Files, config: &TokenizerConfig, name: &'static str) -> Result<BTreeMap<String, u32>> {
    let vocab: BTreeMap<String, u32> = serde_json::from_slice(needed(files, name, &config.tokenizer_class)?)
        .map_err(|error| damaged(files, name, format!("expected an object of ids by token: {error}")))?;
    if let Some((token, id)) = vocab.iter().find(|(_, id)| **id >= MAX_ID) {
        return Err(damaged(files, name, format!("{token:?} has {id}, which is not an id")));
    }
    let unk = unk(config)?;
    if !vocab.contains_key(&unk) {
        return Err(damaged(files, name, format!("it does not contain the unk_token {unk:?}")));
    }
    Ok(vocab)
}
