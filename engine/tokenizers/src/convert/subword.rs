//! Builds the pipelines of SentencePiece vocabularies, family by family.

use std::collections::HashMap;

use serde_json::{Value, json};
use tokenizers::models::bpe::Vocab;
use tokenizers::models::unigram::Unigram;
use tokenizers::normalizers::{NormalizerWrapper, Sequence};
use tokenizers::{AddedToken, DecoderWrapper, ModelWrapper, PreTokenizerWrapper};
use trustformers_core::{Error, Result};

use super::{Converted, Stated, charsmap, damaged, part};
use crate::config::TokenizerConfig;
use crate::files::{Files, TOKENIZER};
use crate::model::Model as PipelineModel;
use crate::pipeline::Pipeline;
use crate::sentence_piece::{Algorithm, Model, PieceKind, merges};
use crate::tokenizer_file::{BpeParts, ModelParts};

pub(super) type Scores = Vec<(String, f64)>;

/// A SentencePiece model, or its vocabulary in a `tokenizer.json`.
pub(super) enum Vocabulary {
    SentencePiece { name: &'static str, model: Model },
    Stated(Box<Stated>),
}

/// What a pipeline is built from.
pub(super) struct Source<'a> {
    files: &'a Files,
    config: &'a TokenizerConfig,
    pub vocabulary: Vocabulary,
}

pub(super) fn xlm_roberta(files: &Files, config: &TokenizerConfig, stated: Option<Stated>) -> Result<Converted> {
    let mut source = Source::read(files, config, stated)?;
    let scores = source.scores(|source, pieces| {
        let first = ["bos_token", "pad_token", "eos_token", "unk_token"].map(|role| (source.role(role), 0.0));
        let last = (source.role("mask_token"), 0.0);
        first.into_iter().chain(pieces.skip(3)).chain([last]).collect()
    })?;
    let splits = words(source.flag("add_prefix_space", true)?);
    let charsmap = source.charsmap()?;
    source.unigram(scores, 3, charsmap, splits)
}

pub(super) fn camembert(files: &Files, config: &TokenizerConfig, stated: Option<Stated>) -> Result<Converted> {
    const NOT_USED: [&str; 3] = ["<s>NOTUSED", "</s>NOTUSED", "<unk>NOTUSED"];
    let mut source = Source::read(files, config, stated)?;
    let scores = source.scores(|source, pieces| {
        let first = [
            (NOT_USED[0].to_owned(), 0.0),
            (source.role("pad_token"), 0.0),
            (NOT_USED[1].to_owned(), 0.0),
            (source.role("unk_token"), 0.0),
            (NOT_USED[2].to_owned(), -100.0),
        ];
        let last = (source.role("mask_token"), 0.0);
        first.into_iter().chain(pieces.skip(1)).chain([last]).collect()
    })?;
    let unk_token = source.role("unk_token");
    let unk_id = scores.iter().position(|(piece, _)| *piece == unk_token).unwrap_or(0);
    let splits = words(source.flag("add_prefix_space", true)?);
    let charsmap = source.charsmap()?;
    let mut converted = source.unigram(scores, unk_id, charsmap, splits)?;
    if source.is_stated() {
        converted.marked = NOT_USED.map(|token| AddedToken::from(token, true)).to_vec();
    }
    Ok(converted)
}

pub(super) fn albert(files: &Files, config: &TokenizerConfig, stated: Option<Stated>) -> Result<Converted> {
    let mut source = Source::read(files, config, stated)?;
    let quotes = vec![replace("``", "\""), replace("''", "\"")];
    let normalizer = source.letters(quotes, false, true)?;
    let scores = source.scores(|_, pieces| pieces.collect())?;
    let splits = words(source.flag("add_prefix_space", true)?);
    source.unigram(scores, 1, Some(normalizer), splits)
}

pub(super) fn rembert(files: &Files, config: &TokenizerConfig, stated: Option<Stated>) -> Result<Converted> {
    let mut source = Source::read(files, config, stated)?;
    let spaces = json!({"type": "Replace", "pattern": {"Regex": " {2,}"}, "content": " "});
    let quotes = vec![replace("``", "\""), replace("''", "\""), spaces];
    let normalizer = source.letters(quotes, true, false)?;
    let scores = source.scores(|_, pieces| pieces.collect())?;
    let scheme = if source.flag("add_prefix_space", true)? { "always" } else { "never" };
    source.unigram(scores, 2, Some(normalizer), (metaspace(scheme, true), metaspace(scheme, true)))
}

pub(super) fn deberta_v2(files: &Files, config: &TokenizerConfig, stated: Option<Stated>) -> Result<Converted> {
    let mut source = Source::read(files, config, stated)?;
    let mut normalizers = Vec::new();
    if source.flag("do_lower_case", false)? {
        normalizers.push(json!({"type": "Lowercase"}));
    }
    normalizers.extend([
        json!({"type": "Replace", "pattern": {"Regex": r"\s{2,}|[\n\r\t]"}, "content": " "}),
        json!({"type": "NFC"}),
        json!({"type": "Strip", "strip_left": false, "strip_right": true}),
    ]);
    let scheme = if source.flag("add_prefix_space", true)? { "always" } else { "first" };
    let mut splits = Vec::new();
    if source.flag("split_by_punct", false)? {
        splits.push(json!({"type": "Punctuation", "behavior": "Isolated"}));
    }
    splits.push(metaspace(scheme, true));
    let scores = source.scores(|_, pieces| pieces.collect())?;
    let unk = (source.role("unk_token"), 0.0);
    let unk_id = match (scores.iter().position(|piece| *piece == unk), &source.vocabulary) {
        (Some(index), _) => index,
        (None, Vocabulary::SentencePiece { model, .. }) => usize::try_from(model.unk_id).unwrap_or(1),
        (None, Vocabulary::Stated(_)) => config.count(files, "unk_id")?.unwrap_or(1),
    };
    let normalizer = part(json!({"type": "Sequence", "normalizers": normalizers}))?;
    let splits = (json!({"type": "Sequence", "pretokenizers": splits}), metaspace(scheme, true));
    source.unigram(scores, unk_id, Some(normalizer), splits)
}

pub(super) fn t5(files: &Files, config: &TokenizerConfig, stated: Option<Stated>) -> Result<Converted> {
    const MOST_EXTRA_IDS: usize = 1 << 16;
    let mut source = Source::read(files, config, stated)?;
    let extra_ids = config.count(files, "extra_ids")?.unwrap_or(100);
    if extra_ids > MOST_EXTRA_IDS {
        let file = files.path(crate::files::TOKENIZER_CONFIG);
        return Err(Error::config_key(file, "extra_ids", extra_ids, format!("at most {MOST_EXTRA_IDS}")));
    }
    let sentinel = |index: usize| format!("<extra_id_{index}>");
    let scores =
        source.scores(|_, pieces| pieces.chain((0..extra_ids).rev().map(|index| (sentinel(index), 0.0))).collect())?;
    let charsmap = source.charsmap()?;
    let mut converted = source.unigram(scores, 2, charsmap, words(true))?;
    if !converted.marked.iter().any(|token| token.content.contains("<extra_id_")) {
        converted.marked.extend((0..extra_ids).map(|index| AddedToken::from(sentinel(index), true)));
    }
    Ok(converted)
}

pub(super) fn llama(files: &Files, config: &TokenizerConfig, stated: Option<Stated>) -> Result<Converted> {
    let mut source = Source::read(files, config, stated)?;
    let add_prefix_space = source.flag("add_prefix_space", true)?;
    let scheme = match (add_prefix_space, source.flag("legacy", false)?) {
        (false, _) => "never",
        (true, true) => "always",
        (true, false) => "first",
    };
    let mut decoders = byte_decoders();
    if add_prefix_space {
        decoders.push(json!({"type": "Strip", "content": " ", "start": 1, "stop": 0}));
    }
    let mut tokenizer = source.bpe(None, true)?;
    tokenizer
        .with_pre_tokenizer(Some(part::<PreTokenizerWrapper>(metaspace(scheme, false))?))
        .with_decoder(Some(part::<DecoderWrapper>(json!({"type": "Sequence", "decoders": decoders}))?));
    Ok(source.converted(tokenizer))
}

pub(super) fn gemma(files: &Files, config: &TokenizerConfig, stated: Option<Stated>) -> Result<Converted> {
    let mut source = Source::read(files, config, stated)?;
    let split = json!({"type": "Split", "pattern": {"String": " "}, "behavior": "MergedWithPrevious", "invert": false});
    let mut tokenizer = source.bpe(Some(source.role("unk_token")), true)?;
    tokenizer
        .with_pre_tokenizer(Some(part::<PreTokenizerWrapper>(split)?))
        .with_decoder(Some(part::<DecoderWrapper>(json!({"type": "Sequence", "decoders": byte_decoders()}))?))
        .with_normalizer(Some(part::<NormalizerWrapper>(replace(" ", "\u{2581}"))?))
        .map_err(Error::tokenizer)?;
    Ok(source.converted(tokenizer))
}

/// Builds the pipeline from the model's own settings, for a checkpoint that names no family.
pub(super) fn generic(files: &Files, config: &TokenizerConfig) -> Result<Converted> {
    let mut source = Source::read(files, config, None)?;
    let Vocabulary::SentencePiece { model, .. } = &source.vocabulary else {
        return Err(Error::internal("a SentencePiece model that is none"));
    };
    let (algorithm, byte_fallback) = (model.algorithm, model.byte_fallback);
    let roles = [
        ("bos_token", model.bos_id, &model.bos_piece),
        ("eos_token", model.eos_id, &model.eos_piece),
        ("unk_token", model.unk_id, &model.unk_piece),
    ];
    let roles = roles.into_iter().filter(|(_, id, _)| *id >= 0).map(|(role, _, piece)| (role, piece.clone())).collect();
    let unk_id = usize::try_from(model.unk_id);
    let mut tokenizer = match algorithm {
        Algorithm::Bpe => source.bpe(Some(model.unk_piece.clone()), byte_fallback)?,
        _ => {
            let unk_id = unk_id.map_err(|_| source.damaged("it has no unknown piece"))?;
            let scores = source.scores(|_, pieces| pieces.collect())?;
            Pipeline::new(PipelineModel::Plain(source.unigram_model(scores, unk_id, byte_fallback)?))
        }
    };
    let decoders = if byte_fallback { byte_decoders() } else { vec![replace("\u{2581}", " ")] };
    let mut normalizers: Vec<NormalizerWrapper> = source.charsmap()?.into_iter().collect();
    normalizers.push(part(replace(" ", "\u{2581}"))?);
    tokenizer
        .with_decoder(Some(part::<DecoderWrapper>(json!({"type": "Sequence", "decoders": decoders}))?))
        .with_normalizer(Some(NormalizerWrapper::from(Sequence::new(normalizers))))
        .map_err(Error::tokenizer)?;
    Ok(Converted { roles, ..source.converted(tokenizer) })
}

impl<'a> Source<'a> {
    pub fn read(files: &'a Files, config: &'a TokenizerConfig, stated: Option<Stated>) -> Result<Self> {
        let vocabulary = match (stated, files.sentence_piece()) {
            (Some(stated), _) => Vocabulary::Stated(Box::new(stated)),
            (None, Some((name, bytes))) => {
                let model = Model::read(bytes).map_err(|error| damaged(files, name, error))?;
                Vocabulary::SentencePiece { name, model }
            }
            (None, None) => {
                let (directory, class) = (files.path(""), &config.tokenizer_class);
                return Err(Error::tokenizer(format!(
                    "{} has neither tokenizer.json nor a SentencePiece model, from which a {class} is built",
                    directory.display()
                )));
            }
        };
        Ok(Self { files, config, vocabulary })
    }

    fn name(&self) -> &'static str {
        match &self.vocabulary {
            Vocabulary::SentencePiece { name, .. } => name,
            Vocabulary::Stated(_) => TOKENIZER,
        }
    }

    pub fn is_stated(&self) -> bool {
        matches!(self.vocabulary, Vocabulary::Stated(_))
    }

    pub fn damaged(&self, error: impl std::fmt::Display) -> Error {
        damaged(self.files, self.name(), error)
    }

    pub fn flag(&self, key: &str, default: bool) -> Result<bool> {
        Ok(self.config.flag(self.files, key)?.unwrap_or(default))
    }

    /// The token with a role, empty if there is none; an empty token never matches text.
    pub fn role(&self, role: &str) -> String {
        self.config.special_tokens.get(role).map(|token| token.content.clone()).unwrap_or_default()
    }

    /// Tokens with their scores, by id; `arranged` orders the pieces of a SentencePiece model as the class does.
    pub fn scores(
        &mut self,
        arranged: impl FnOnce(&Self, Box<dyn Iterator<Item = (String, f64)> + '_>) -> Scores,
    ) -> Result<Scores> {
        match &mut self.vocabulary {
            Vocabulary::Stated(stated) => match &mut stated.model {
                ModelParts::Unigram { vocab, .. } => Ok(std::mem::take(vocab)),
                _ => Err(self.mismatch("Unigram")),
            },
            Vocabulary::SentencePiece { model, .. } if model.algorithm == Algorithm::Unigram => {
                let pieces = std::mem::take(&mut model.pieces);
                let scores = pieces.iter().map(|piece| (piece.text.clone(), f64::from(piece.score)));
                let scores = arranged(self, Box::new(scores));
                if let Vocabulary::SentencePiece { model, .. } = &mut self.vocabulary {
                    model.pieces = pieces;
                }
                Ok(scores)
            }
            Vocabulary::SentencePiece { .. } => Err(self.mismatch("Unigram")),
        }
    }

    pub fn charsmap(&self) -> Result<Option<NormalizerWrapper>> {
        let table = match &self.vocabulary {
            Vocabulary::Stated(stated) => return Ok(stated.charsmap.clone()),
            Vocabulary::SentencePiece { model, .. } => &model.charsmap,
        };
        charsmap::normalizer(table).map_err(|error| self.damaged(error))
    }

    /// The normalizers: `first`, then accents and case by the settings with the given defaults, then the model's own
    /// rules.
    fn letters(&self, mut first: Vec<Value>, keep_accents: bool, do_lower_case: bool) -> Result<NormalizerWrapper> {
        if !self.flag("keep_accents", keep_accents)? {
            first.extend([json!({"type": "NFKD"}), json!({"type": "StripAccents"})]);
        }
        if self.flag("do_lower_case", do_lower_case)? {
            first.push(json!({"type": "Lowercase"}));
        }
        let mut normalizers = first.into_iter().map(part).collect::<Result<Vec<_>>>()?;
        normalizers.extend(self.charsmap()?);
        Ok(Sequence::new(normalizers).into())
    }

    fn unigram_model(&self, scores: Scores, unk_id: usize, byte_fallback: bool) -> Result<ModelWrapper> {
        if scores.iter().any(|(piece, _)| piece.is_empty()) {
            return Err(self.damaged("it contains an empty piece; a special token of the class is missing"));
        }
        Ok(Unigram::from(scores, Some(unk_id), byte_fallback).map_err(|error| self.damaged(error))?.into())
    }

    pub fn unigram(
        &self,
        scores: Scores,
        unk_id: usize,
        normalizer: Option<NormalizerWrapper>,
        (splits, decoder): (Value, Value),
    ) -> Result<Converted> {
        let mut tokenizer = Pipeline::new(PipelineModel::Plain(self.unigram_model(scores, unk_id, false)?));
        tokenizer
            .with_pre_tokenizer(Some(part::<PreTokenizerWrapper>(splits)?))
            .with_decoder(Some(part::<DecoderWrapper>(decoder)?))
            .with_normalizer(normalizer)
            .map_err(Error::tokenizer)?;
        Ok(self.converted(tokenizer))
    }

    pub fn bpe(&mut self, unk_token: Option<String>, byte_fallback: bool) -> Result<Pipeline> {
        let parts = match &mut self.vocabulary {
            Vocabulary::Stated(stated) => match &mut stated.model {
                ModelParts::Bpe(parts) => {
                    BpeParts::new(std::mem::take(&mut parts.vocab), std::mem::take(&mut parts.merges))
                }
                _ => return Err(self.mismatch("BPE")),
            },
            Vocabulary::SentencePiece { model, .. } if model.algorithm == Algorithm::Bpe => {
                let ids: HashMap<&str, u32> = model.pieces.iter().map(|piece| piece.text.as_str()).zip(0..).collect();
                let vocab: Vocab = ids.iter().map(|(piece, id)| ((*piece).to_owned(), *id)).collect();
                BpeParts::new(vocab, merges(&ids))
            }
            _ => return Err(self.mismatch("BPE")),
        };
        let parts = BpeParts { unk_token, fuse_unk: true, byte_fallback, ..parts };
        Ok(Pipeline::new(PipelineModel::plain(parts.build().map_err(|error| self.damaged(error))?)))
    }

    fn mismatch(&self, expected: &str) -> Error {
        let class = &self.config.tokenizer_class;
        let found = match &self.vocabulary {
            Vocabulary::SentencePiece { model, .. } => format!("{:?}", model.algorithm),
            Vocabulary::Stated(stated) => stated.model.kind().to_owned(),
        };
        Error::unsupported(format!(
            "building a {class} from {}: its algorithm is {found}, expected {expected}",
            self.files.path(self.name()).display()
        ))
    }

    pub fn converted(&self, tokenizer: Pipeline) -> Converted {
        let pieces = match &self.vocabulary {
            Vocabulary::SentencePiece { model, .. } => model.pieces.as_slice(),
            Vocabulary::Stated(_) => &[],
        };
        let marked = pieces
            .iter()
            .filter(|piece| matches!(piece.kind, PieceKind::Control | PieceKind::UserDefined))
            .map(|piece| AddedToken::from(piece.text.as_str(), piece.kind == PieceKind::Control).normalized(false));
        Converted { marked: marked.collect(), ..Converted::plain(tokenizer) }
    }
}

pub(super) fn replace(from: &str, to: &str) -> Value {
    json!({"type": "Replace", "pattern": {"String": from}, "content": to})
}

pub(super) fn metaspace(scheme: &str, split: bool) -> Value {
    json!({"type": "Metaspace", "replacement": "\u{2581}", "prepend_scheme": scheme, "split": split})
}

/// A pre-tokenizer that splits at whitespace and marks word starts, and its decoder.
pub(super) fn words(add_prefix_space: bool) -> (Value, Value) {
    let marks = metaspace(if add_prefix_space { "always" } else { "never" }, true);
    (json!({"type": "Sequence", "pretokenizers": [{"type": "WhitespaceSplit"}, marks.clone()]}), marks)
}

pub(super) fn byte_decoders() -> Vec<Value> {
    vec![replace("\u{2581}", " "), json!({"type": "ByteFallback"}), json!({"type": "Fuse"})]
}
