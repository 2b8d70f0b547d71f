//! Vocabularies whose pieces come from one file and whose ids from another: the pieces of a SentencePiece model, or of
//! merges, are looked up in a `vocab.json`. Pieces that it lacks are unknown.

use std::collections::{BTreeMap, HashMap};

use serde::{Deserialize, Serialize};
use tokenizers::models::bpe::{BPE, Vocab};
use tokenizers::models::unigram::Unigram;
use tokenizers::{Model as _, ModelWrapper, Result, Token};

use crate::base64;
use crate::sentence_piece::{Algorithm, Model, PieceKind, merges};

const SPACE: char = '\u{2581}';
const END_OF_WORD: &str = "</w>";
/// Marks a piece that its word continues after.
const CONTINUES: &str = "@@";
/// Ids are limited as in a `tokenizer.json`.
const MAX_ID: u32 = 1 << 24;

/// What a lookup is built from, and its form in `tokenizer.json`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "type", rename = "Lookup")]
pub(crate) struct LookupParts {
    pub vocab: BTreeMap<String, u32>,
    /// The tokens that ids decode to, if they are of another vocabulary.
    pub decoded_vocab: Option<BTreeMap<String, u32>>,
    /// Tokens with ids that are not part of the vocabulary, or that differ from it.
    pub more_ids: BTreeMap<String, u32>,
    /// Tokens of ids that the vocabulary lacks.
    pub more_tokens: BTreeMap<u32, String>,
    pub unk_token: String,
    pub pieces: Pieces,
}

/// Where pieces come from.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "type")]
pub(crate) enum Pieces {
    /// A SentencePiece model in base64.
    SentencePiece {
        model: String,
        /// Whether a text may begin with the code of a language, such as `>>fr<<`, and special tokens are followed by a
        /// space in decoded texts.
        names_language: bool,
    },
    /// Merges of pieces, of which the last of a word ends in `</w>`. In the vocabulary the others end in `@@`.
    Merges { merges: Vec<(String, String)> },
}

/// A model whose ids are looked up.
#[derive(Clone, Debug)]
pub(crate) struct Lookup {
    parts: LookupParts,
    pieces: ModelWrapper,
    /// The id of the unknown piece among the pieces.
    unk_piece: Option<u32>,
    unk_id: u32,
    tokens: HashMap<u32, String>,
    adds_prefix: bool,
}

impl LookupParts {
    /// Builds the model.
    ///
    /// **Errors:** a description of what is wrong with the parts.
    pub fn build(self) -> std::result::Result<Lookup, String> {
        let all = self.vocab.iter().chain(self.decoded_vocab.iter().flatten()).chain(&self.more_ids);
        if let Some((token, id)) = all.into_iter().find(|(_, id)| **id >= MAX_ID) {
            return Err(format!("{token:?} has {id}, which is not an id"));
        }
        let unk_id = *self.vocab.get(&self.unk_token).ok_or_else(|| format!("it has no {:?}", self.unk_token))?;
        let decoded = self.decoded_vocab.as_ref().unwrap_or(&self.vocab);
        let named = decoded.iter().chain(&self.more_ids).map(|(token, id)| (*id, token.clone()));
        let tokens = self.more_tokens.clone().into_iter().chain(named).collect();
        let (pieces, unk_piece, adds_prefix) = self.pieces.build()?;
        Ok(Lookup { pieces, unk_piece, unk_id, tokens, adds_prefix, parts: self })
    }
}

/// The file that pieces come from.
pub(crate) enum PiecesFile {
    SentencePiece(Vec<u8>),
    Merges(String),
}

impl Pieces {
    /// The contents of the file that the pieces come from.
    pub fn file(&self) -> PiecesFile {
        match self {
            Self::SentencePiece { model, .. } => PiecesFile::SentencePiece(base64::decode(model).unwrap_or_default()),
            Self::Merges { merges } => {
                let lines = merges.iter().map(|(left, right)| format!("{left} {right}\n"));
                PiecesFile::Merges(["#version: 0.2\n".to_owned()].into_iter().chain(lines).collect())
            }
        }
    }

    fn build(&self) -> std::result::Result<(ModelWrapper, Option<u32>, bool), String> {
        match self {
            Self::SentencePiece { model, .. } => {
                let bytes = base64::decode(model).ok_or("its SentencePiece model is not base64")?;
                let model = Model::read(&bytes)?;
                let built = sentence_pieces(&model).map_err(|error| error.to_string())?;
                let unk_piece = built.token_to_id(&model.unk_piece);
                Ok((built, unk_piece, model.add_dummy_prefix))
            }
            Self::Merges { merges } => {
                let (built, unk_piece) = merged_pieces(merges).map_err(|error| error.to_string())?;
                Ok((built, Some(unk_piece), false))
            }
        }
    }
}

/// The model of the pieces that can match text.
fn sentence_pieces(model: &Model) -> Result<ModelWrapper> {
    let matches = |kind| match kind {
        PieceKind::Normal | PieceKind::UserDefined => true,
        PieceKind::Byte => model.byte_fallback,
        PieceKind::Unknown | PieceKind::Control | PieceKind::Unused => false,
    };
    let pieces = || model.pieces.iter().filter(|piece| matches(piece.kind) && piece.text != model.unk_piece);
    match model.algorithm {
        Algorithm::Unigram => {
            let largest = pieces().map(|piece| f64::from(piece.score)).fold(f64::NEG_INFINITY, f64::max);
            let score = |piece: &crate::sentence_piece::Piece| match piece.kind {
                // SentencePiece's score of symbols that always match.
                PieceKind::UserDefined => piece.text.chars().count() as f64 * largest - 0.1,
                _ => f64::from(piece.score),
            };
            let scores = pieces().map(|piece| (piece.text.clone(), score(piece)));
            let scores = [(model.unk_piece.clone(), 0.0)].into_iter().chain(scores).collect();
            Ok(Unigram::from(scores, Some(0), model.byte_fallback)?.into())
        }
        Algorithm::Bpe => {
            let texts = [model.unk_piece.as_str()].into_iter().chain(pieces().map(|piece| piece.text.as_str()));
            let ids: HashMap<&str, u32> = texts.zip(0..).collect();
            let vocab: Vocab = ids.iter().map(|(piece, id)| ((*piece).to_owned(), *id)).collect();
            let builder = BPE::builder().vocab_and_merges(vocab, merges(&ids));
            let builder = builder.unk_token(model.unk_piece.clone()).fuse_unk(true).byte_fallback(model.byte_fallback);
            Ok(builder.build()?.into())
        }
        Algorithm::Word | Algorithm::Char => {
            Err(format!("its algorithm is {:?}, expected Unigram or Bpe", model.algorithm).into())
        }
    }
}

fn merged_pieces(merges: &[(String, String)]) -> Result<(ModelWrapper, u32)> {
    let mut vocab = Vocab::default();
    for (left, right) in merges {
        for piece in [left.clone(), right.clone(), format!("{left}{right}")] {
            let id = vocab.len() as u32;
            vocab.entry(piece).or_insert(id);
        }
    }
    // No merge makes an empty piece.
    let unk_piece = vocab.len() as u32;
    vocab.insert(String::new(), unk_piece);
    let builder = BPE::builder().vocab_and_merges(vocab, merges.to_vec());
    let builder = builder.unk_token(String::new()).end_of_word_suffix(END_OF_WORD.to_owned());
    Ok((builder.build()?.into(), unk_piece))
}

impl Lookup {
    pub fn parts(&self) -> &LookupParts {
        &self.parts
    }

    pub fn pieces(&self) -> &ModelWrapper {
        &self.pieces
    }

    pub fn vocab(&self) -> &BTreeMap<String, u32> {
        &self.parts.vocab
    }

    /// The model with other ids of some tokens.
    pub fn with_ids(mut self, ids: impl IntoIterator<Item = (String, u32)>) -> Self {
        for (token, id) in ids {
            self.tokens.insert(id, token.clone());
            self.parts.more_ids.insert(token, id);
        }
        self
    }

    pub fn token_to_id(&self, token: &str) -> Option<u32> {
        let found = |token: &str| self.parts.more_ids.get(token).or_else(|| self.parts.vocab.get(token)).copied();
        match self.parts.pieces {
            Pieces::SentencePiece { .. } => found(token),
            Pieces::Merges { .. } => found(token).or_else(|| found(&token.to_lowercase())),
        }
    }

    /// The token of an id, the unknown token for an id that has none.
    pub fn id_to_token(&self, id: u32) -> String {
        self.tokens.get(&id).unwrap_or(&self.parts.unk_token).clone()
    }

    pub fn tokenize(&self, sequence: &str) -> Result<Vec<Token>> {
        match self.parts.pieces {
            Pieces::SentencePiece { names_language, .. } => self.sentence_pieces(sequence, names_language),
            Pieces::Merges { .. } => {
                let tokens = self.pieces.tokenize(sequence)?.into_iter().map(|token| {
                    let (start, end) = token.offsets;
                    let text = &sequence[start..end];
                    let is_last = end == sequence.len();
                    self.looked_up(if is_last { text.to_owned() } else { format!("{text}{CONTINUES}") }, (start, end))
                });
                Ok(tokens.collect())
            }
        }
    }

    /// The pieces of a normalized text in which spaces are marked, with the mark that a text begins with.
    fn sentence_pieces(&self, sequence: &str, names_language: bool) -> Result<Vec<Token>> {
        let code =
            sequence.find("<<").filter(|_| names_language && sequence.starts_with(">>")).map_or(0, |end| end + 2);
        let mut tokens = Vec::new();
        let mut rest = &sequence[code..];
        if code > 0 {
            tokens.push(self.looked_up(sequence[..code].to_owned(), (0, code)));
            rest = rest.strip_prefix(SPACE).unwrap_or(rest);
        }
        // The normalizer leaves a space before ">>" so that it does not begin a code.
        let is_marked =
            names_language && code == 0 && rest.strip_prefix(SPACE).is_some_and(|rest| rest.starts_with(">>"));
        let mark = if self.adds_prefix && !is_marked && !rest.is_empty() { SPACE.len_utf8() } else { 0 };
        let start = sequence.len() - rest.len();
        let text = if mark > 0 { format!("{SPACE}{rest}") } else { rest.to_owned() };
        for token in self.pieces.tokenize(&text)? {
            let offset = |position: usize| start + position.saturating_sub(mark);
            let value = match Some(token.id) == self.unk_piece {
                true => text[token.offsets.0..token.offsets.1].to_owned(),
                false => token.value,
            };
            tokens.push(self.looked_up(value, (offset(token.offsets.0), offset(token.offsets.1))));
        }
        Ok(tokens)
    }

    fn looked_up(&self, value: String, offsets: (usize, usize)) -> Token {
        Token { id: self.token_to_id(&value).unwrap_or(self.unk_id), value, offsets }
    }

    /// Joins tokens into a text; `is_special` tells which ones are not pieces.
    pub fn join(&self, tokens: &[String], is_special: impl Fn(&str) -> bool) -> String {
        let Pieces::SentencePiece { names_language, .. } = self.parts.pieces else {
            return tokens.join(" ").replace("@@ ", "").trim().to_owned();
        };
        let mut text = String::new();
        let mut bytes = Vec::new();
        let mut starts = true;
        for token in tokens {
            if let Some(byte) = byte_of(token) {
                bytes.push(byte);
                starts = false;
                continue;
            }
            text.push_str(&String::from_utf8_lossy(&std::mem::take(&mut bytes)));
            if is_special(token) {
                text.push_str(token);
                if names_language {
                    text.push(' ');
                }
                starts = true;
                continue;
            }
            let piece = token.strip_prefix(SPACE).filter(|_| starts).unwrap_or(token);
            starts &= piece.is_empty();
            text.extend(piece.chars().map(|letter| if letter == SPACE { ' ' } else { letter }));
        }
        text.push_str(&String::from_utf8_lossy(&bytes));
        text.trim().to_owned()
    }
}

/// The byte of a piece such as `<0xC3>`, which stands for a byte of a character without a piece.
fn byte_of(token: &str) -> Option<u8> {
    let digits = token.strip_prefix("<0x")?.strip_suffix('>')?;
    u8::from_str_radix(digits, 16).ok().filter(|_| digits.len() == 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn byte_pieces_join_to_characters() {
        let model = [0x0a, 10, 0x0a, 1, b'a', 0x15, 0, 0, 0x80, 0xbf, 0x18, 1, 0x12, 2, 0x18, 1, 0x1a, 0];
        let pieces = Pieces::SentencePiece { model: base64::encode(&model), names_language: false };
        let vocab = BTreeMap::from([("<unk>".to_owned(), 0), ("a".to_owned(), 1)]);
        let (more_ids, more_tokens) = (BTreeMap::new(), BTreeMap::new());
        let parts =
            LookupParts { vocab, decoded_vocab: None, more_ids, more_tokens, unk_token: "<unk>".into(), pieces };
        let tokens =
            ["\u{2581}a", "<0xC3>", "<0xBC>", "\u{2581}b", "<s>", "\u{2581}<0x1>", "<0xFF>"].map(str::to_owned);
        let text = parts.build().unwrap().join(&tokens, |token| token == "<s>");
        assert_eq!(text, "aü b<s><0x1>\u{fffd}");
    }
}
