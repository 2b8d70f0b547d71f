use std::path::PathBuf;

use trustformers_core::Error;

/// The vocabulary of a GGUF file, from its metadata keys under `tokenizer.`.
#[derive(Clone, Debug, Default)]
pub struct GgufVocabulary {
    /// The file, for error messages.
    pub file: PathBuf,
    /// `general.architecture`.
    pub architecture: String,
    /// `ggml.model`.
    pub kind: String,
    /// `ggml.pre`: name of the pre-tokenizer.
    pub splits: Option<String>,
    /// `ggml.tokens`, by id.
    pub tokens: Vec<String>,
    /// `ggml.token_type`.
    pub kinds: Vec<f64>,
    /// `ggml.scores`.
    pub scores: Option<Vec<f64>>,
    /// `ggml.merges`.
    pub merges: Option<Vec<String>>,
    /// `ggml.precompiled_charsmap`: SentencePiece's table of normalization rules.
    pub charsmap: Option<Vec<u8>>,
    /// Roles of special tokens, such as `bos_token`, with the id of the token if there is one.
    pub roles: Vec<(&'static str, Option<usize>)>,
    /// `ggml.add_bos_token`.
    pub adds_bos: Option<bool>,
    /// `ggml.add_eos_token`.
    pub adds_eos: Option<bool>,
    /// `chat_template`.
    pub chat_template: Option<String>,
}

/// Token types that can occur in text; the numbers are the file format's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TokenKind {
    Control = 3,
    UserDefined = 4,
}

impl GgufVocabulary {
    pub(crate) fn tokens_of(&self, kind: TokenKind) -> impl Iterator<Item = &str> {
        let pairs = self.tokens.iter().zip(&self.kinds);
        pairs.filter(move |(_, found)| **found == f64::from(kind as u8)).map(|(token, _)| token.as_str())
    }

    pub(crate) fn damaged(&self, error: impl std::fmt::Display) -> Error {
        Error::tokenizer(format!("{}: not a valid vocabulary: {error}", self.file.display()))
    }
}
