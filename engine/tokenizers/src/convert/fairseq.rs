//! Pipelines of translation tokenizers of fairseq, whose vocabularies begin with fairseq's special tokens.

use serde_json::{Value, json};
use tokenizers::normalizers::{NormalizerWrapper, Sequence};
use tokenizers::{AddedToken, DecoderWrapper, PreTokenizerWrapper};
use trustformers_core::{Error, Result};

use super::subword::{Scores, Source, Vocabulary, metaspace, words};
use super::{Converted, Stated, part};
use crate::config::TokenizerConfig;
use crate::files::Files;
use crate::sentence_piece::{Piece, PieceKind};

pub(super) fn mbart(files: &Files, config: &TokenizerConfig, stated: Option<Stated>) -> Result<Converted> {
    let mut source = Source::read(files, config, stated)?;
    let scores = source.scores(|source, pieces| arranged(source, config, "bos_token", pieces.collect()))?;
    let mut converted = source.unigram(scores, 3, None, words(true))?;
    converted.marked = codes(config).chain(converted.marked).collect();
    Ok(converted)
}

pub(super) fn mbart_50(files: &Files, config: &TokenizerConfig, stated: Option<Stated>) -> Result<Converted> {
    let mut source = Source::read(files, config, stated)?;
    let mut scores = source.scores(|_, pieces| pieces.collect())?;
    let known = config.languages.iter().flat_map(|languages| languages.codes());
    if !known.into_iter().any(|code| scores.iter().any(|(piece, _)| piece == code)) {
        scores = arranged(&source, config, "cls_token", scores);
    }
    let normalizer = with_single_spaces(&source, Vec::new())?;
    let marks = metaspace("always", true);
    let mut converted = source.unigram(scores, 3, Some(normalizer), (marks.clone(), marks))?;
    converted.marked.extend(codes(config));
    Ok(converted)
}

/// NLLB's pipeline. A SentencePiece model alone does not have the language codes, which published vocabularies have
/// after the pieces and before `mask_token`.
pub(super) fn nllb(files: &Files, config: &TokenizerConfig, stated: Option<Stated>) -> Result<Converted> {
    let mut source = Source::read(files, config, stated)?;
    let roles = ["bos_token", "pad_token", "eos_token", "unk_token"].map(|role| source.role(role));
    if let Vocabulary::SentencePiece { model, .. } = &mut source.vocabulary {
        let first = roles.iter().map(|text| Piece { text: text.clone(), score: 0.0, kind: PieceKind::Normal });
        let others = model.pieces.drain(..).filter(|piece| !roles.contains(&piece.text));
        model.pieces = first.chain(others.collect::<Vec<_>>()).collect();
    }
    let mut tokenizer = source.bpe(Some(source.role("unk_token")), false)?;
    let normalizer = match source.charsmap()? {
        Some(_) => Some(with_single_spaces(&source, Vec::new())?),
        None => None,
    };
    tokenizer
        .with_pre_tokenizer(Some(part::<PreTokenizerWrapper>(metaspace("always", true))?))
        .with_decoder(Some(part::<DecoderWrapper>(metaspace("always", true))?))
        .with_normalizer(normalizer)
        .map_err(Error::tokenizer)?;
    if !source.is_stated() {
        let special = roles.into_iter().map(|role| AddedToken::from(role, true)).chain(codes(config));
        let mask = config.special_tokens.get("mask_token").map(|token| AddedToken { special: true, ..token.clone() });
        tokenizer.add_tokens(special.chain(mask)).map_err(Error::tokenizer)?;
    }
    Ok(Converted { marked: codes(config).collect(), ..source.converted(tokenizer) })
}

/// The pieces of a SentencePiece model between fairseq's special tokens, which replace the first three, and the language
/// codes with `mask_token`.
fn arranged(source: &Source<'_>, config: &TokenizerConfig, start: &str, pieces: Scores) -> Scores {
    let first = [start, "pad_token", "eos_token", "unk_token"].map(|role| (source.role(role), 0.0));
    let codes = codes(config).map(|code| (code.content, 0.0));
    let last = (source.role("mask_token"), 0.0);
    first.into_iter().chain(pieces.into_iter().skip(3)).chain(codes).chain([last]).collect()
}

fn codes(config: &TokenizerConfig) -> impl Iterator<Item = AddedToken> {
    let codes = config.languages.iter().flat_map(|languages| languages.codes());
    codes.map(|&code| AddedToken::from(code, true))
}

/// The model's own rules, then `more`, then one space in place of several.
pub(super) fn with_single_spaces(source: &Source<'_>, more: Vec<Value>) -> Result<NormalizerWrapper> {
    let spaces = json!({"type": "Replace", "pattern": {"Regex": " {2,}"}, "content": " "});
    let mut normalizers: Vec<NormalizerWrapper> = source.charsmap()?.into_iter().collect();
    for normalizer in more.into_iter().chain([spaces]) {
        normalizers.push(part(normalizer)?);
    }
    Ok(Sequence::new(normalizers).into())
}
