use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use tokenizers::ModelWrapper;
use tokenizers::models::bpe::{BPE, Vocab};
use tokenizers::models::unigram::Unigram;
use tokenizers::models::wordlevel::WordLevel;
use tokenizers::models::wordpiece::WordPiece;
use trustformers_core::Result;

use super::Section;
use crate::files::kind;
use crate::lookup::LookupParts;
use crate::model::Model;

const MODELS: &[&str] = &["BPE", "WordPiece", "WordLevel", "Unigram", "Lookup"];

/// A model's settings, before the model is built.
#[derive(Debug)]
pub(crate) enum ModelParts {
    Bpe(BpeParts),
    WordPiece { vocab: Vocab, unk_token: String, continuing_subword_prefix: String, max_input_chars_per_word: usize },
    WordLevel { vocab: Vocab, unk_token: String },
    Unigram { vocab: Vec<(String, f64)>, unk_id: Option<usize>, byte_fallback: bool },
    Lookup(Box<LookupParts>),
}

/// Vocabulary, merges and settings of a BPE model.
#[derive(Debug, Default)]
pub(crate) struct BpeParts {
    pub vocab: Vocab,
    pub merges: Vec<(String, String)>,
    pub dropout: Option<f32>,
    pub unk_token: Option<String>,
    pub continuing_subword_prefix: Option<String>,
    pub end_of_word_suffix: Option<String>,
    pub fuse_unk: bool,
    pub byte_fallback: bool,
    pub ignore_merges: bool,
}

impl ModelParts {
    /// The type's name in `tokenizer.json`.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Bpe(_) => "BPE",
            Self::WordPiece { .. } => "WordPiece",
            Self::WordLevel { .. } => "WordLevel",
            Self::Unigram { .. } => "Unigram",
            Self::Lookup(_) => "Lookup",
        }
    }

    /// Builds the model.
    ///
    /// **Errors:** the first invalid setting.
    pub fn build(self) -> tokenizers::Result<Model> {
        Ok(Model::plain(match self {
            Self::Bpe(parts) => ModelWrapper::from(parts.build()?),
            Self::WordPiece { vocab, unk_token, continuing_subword_prefix, max_input_chars_per_word } => {
                WordPiece::builder()
                    .vocab(vocab)
                    .unk_token(unk_token)
                    .continuing_subword_prefix(continuing_subword_prefix)
                    .max_input_chars_per_word(max_input_chars_per_word)
                    .build()?
                    .into()
            }
            Self::WordLevel { vocab, unk_token } => {
                WordLevel::builder().vocab(vocab).unk_token(unk_token).build()?.into()
            }
            Self::Unigram { vocab, unk_id, byte_fallback } => Unigram::from(vocab, unk_id, byte_fallback)?.into(),
            Self::Lookup(parts) => return Ok(Model::Lookup(Box::new(parts.build()?))),
        }))
    }
}

impl BpeParts {
    /// Default settings for a vocabulary with checked merges.
    pub fn new(vocab: Vocab, merges: Vec<(String, String)>) -> Self {
        Self { vocab, merges, ..Self::default() }
    }

    /// Checks a merge.
    ///
    /// **Errors:** a token that is not in the vocabulary, or one that lacks the prefix.
    pub fn check_merge(vocab: &Vocab, prefix: Option<&str>, (left, right): (&str, &str)) -> Result<(), String> {
        let prefix = prefix.unwrap_or_default();
        let Some(rest) = right.strip_prefix(prefix) else {
            return Err(format!("{right:?} does not begin with the continuing_subword_prefix {prefix:?}"));
        };
        let merged = format!("{left}{rest}");
        match [left, right, &merged].into_iter().find(|token| !vocab.contains_key(*token)) {
            Some(missing) => Err(format!("the vocabulary does not contain {missing:?}")),
            None => Ok(()),
        }
    }

    /// Builds the BPE model.
    ///
    /// **Errors:** the first invalid setting.
    pub fn build(self) -> tokenizers::Result<BPE> {
        let mut builder = BPE::builder()
            .vocab_and_merges(self.vocab, self.merges)
            .fuse_unk(self.fuse_unk)
            .byte_fallback(self.byte_fallback)
            .ignore_merges(self.ignore_merges);
        if let Some(prefix) = self.continuing_subword_prefix {
            builder = builder.continuing_subword_prefix(prefix);
        }
        if let Some(suffix) = self.end_of_word_suffix {
            builder = builder.end_of_word_suffix(suffix);
        }
        if let Some(dropout) = self.dropout {
            builder = builder.dropout(dropout);
        }
        if let Some(unk_token) = self.unk_token {
            builder = builder.unk_token(unk_token);
        }
        builder.build()
    }
}

impl Section<'_> {
    pub fn model(self, value: Option<Value>) -> Result<ModelParts> {
        let Some(value) = value.filter(|value| !value.is_null()) else {
            return Err(self.damaged("model", "it is missing"));
        };
        let mut object = self.object("model", value)?;
        let found = match object.remove("type") {
            Some(Value::String(found)) => found,
            Some(other) => return Err(self.damaged("model.type", format!("expected a name, found {}", kind(&other)))),
            // Files of old versions have no type.
            None if object.contains_key("merges") => "BPE".to_owned(),
            None if object.get("vocab").is_some_and(Value::is_array) => "Unigram".to_owned(),
            None if object.contains_key("continuing_subword_prefix") => "WordPiece".to_owned(),
            None => "WordLevel".to_owned(),
        };
        match found.as_str() {
            "BPE" => self.bpe(object),
            "WordPiece" => self.word_piece(object),
            "WordLevel" => self.word_level(object),
            "Unigram" => self.unigram(object),
            "Lookup" => {
                object.insert("type".to_owned(), found.into());
                self.read("model", Some(Value::Object(object)))?
                    .map(ModelParts::Lookup)
                    .ok_or_else(|| self.damaged("model", "it is missing"))
            }
            _ => Err(self.unknown("model", &found, MODELS)),
        }
    }

    fn bpe(self, mut object: Map<String, Value>) -> Result<ModelParts> {
        let vocab = self.vocab(&mut object)?;
        let lines = self.array("model.merges", object.remove("merges").unwrap_or_default())?;
        let continuing_subword_prefix: Option<String> = self.optional(&mut object, "continuing_subword_prefix")?;
        let mut merges = Vec::with_capacity(lines.len());
        for (index, merge) in lines.into_iter().enumerate() {
            let damaged = |error: String| self.damaged(&format!("model.merges[{index}]"), error);
            let pair = match pair(&merge) {
                Some(pair) => pair,
                None if merge.as_str().is_some_and(|line| line.starts_with("#version")) => continue,
                None => return Err(damaged(format!("{merge} is not a pair of tokens"))),
            };
            BpeParts::check_merge(&vocab, continuing_subword_prefix.as_deref(), pair).map_err(damaged)?;
            merges.push((pair.0.to_owned(), pair.1.to_owned()));
        }
        let dropout: Option<f32> = self.optional(&mut object, "dropout")?;
        if let Some(dropout) = dropout.filter(|dropout| !(0.0..=1.0).contains(dropout)) {
            return Err(self.damaged("model.dropout", format!("{dropout} is not a probability")));
        }
        Ok(ModelParts::Bpe(BpeParts {
            vocab,
            merges,
            dropout,
            unk_token: self.optional(&mut object, "unk_token")?,
            continuing_subword_prefix,
            end_of_word_suffix: self.optional(&mut object, "end_of_word_suffix")?,
            fuse_unk: self.optional(&mut object, "fuse_unk")?.unwrap_or(false),
            byte_fallback: self.optional(&mut object, "byte_fallback")?.unwrap_or(false),
            ignore_merges: self.optional(&mut object, "ignore_merges")?.unwrap_or(false),
        }))
    }

    fn word_piece(self, mut object: Map<String, Value>) -> Result<ModelParts> {
        Ok(ModelParts::WordPiece {
            vocab: self.vocab(&mut object)?,
            unk_token: self.required(&mut object, "unk_token")?,
            continuing_subword_prefix: self.required(&mut object, "continuing_subword_prefix")?,
            max_input_chars_per_word: self.required(&mut object, "max_input_chars_per_word")?,
        })
    }

    fn word_level(self, mut object: Map<String, Value>) -> Result<ModelParts> {
        let (vocab, unk_token) = (self.vocab(&mut object)?, self.required(&mut object, "unk_token")?);
        Ok(ModelParts::WordLevel { vocab, unk_token })
    }

    fn unigram(self, mut object: Map<String, Value>) -> Result<ModelParts> {
        let pieces = self.array("model.vocab", object.remove("vocab").unwrap_or_default())?;
        let mut vocab = Vec::with_capacity(pieces.len());
        for (index, piece) in pieces.into_iter().enumerate() {
            let at = || format!("model.vocab[{index}]");
            match serde_json::from_value::<(String, f64)>(piece) {
                // An empty piece would make the search for pieces loop forever.
                Ok((text, _)) if text.is_empty() => return Err(self.damaged(&at(), "the token is empty")),
                Ok(piece) => vocab.push(piece),
                Err(error) => return Err(self.damaged(&at(), format!("not a token and its score: {error}"))),
            }
        }
        if vocab.is_empty() {
            return Err(self.damaged("model.vocab", "it contains no tokens"));
        }
        let unk_id: Option<usize> = self.optional(&mut object, "unk_id")?;
        if let Some(id) = unk_id.filter(|&id| id >= vocab.len()) {
            return Err(self.damaged("model.unk_id", format!("{id} is not an id of the {} tokens", vocab.len())));
        }
        let byte_fallback = self.optional(&mut object, "byte_fallback")?.unwrap_or(false);
        Ok(ModelParts::Unigram { vocab, unk_id, byte_fallback })
    }

    fn vocab(self, object: &mut Map<String, Value>) -> Result<Vocab> {
        let tokens = self.object("model.vocab", object.remove("vocab").unwrap_or_default())?;
        let id = |(token, id): (String, Value)| match self.id("model.vocab", &id) {
            Ok(id) => Ok((token, id)),
            Err(_) => Err(self.damaged("model.vocab", format!("{token:?} has {id}, which is not an id"))),
        };
        tokens.into_iter().map(id).collect()
    }

    fn optional<T: DeserializeOwned>(self, object: &mut Map<String, Value>, key: &str) -> Result<Option<T>> {
        self.read(&format!("model.{key}"), object.remove(key))
    }

    fn required<T: DeserializeOwned>(self, object: &mut Map<String, Value>, key: &str) -> Result<T> {
        self.optional(object, key)?.ok_or_else(|| self.damaged(&format!("model.{key}"), "it is missing"))
    }
}

/// The two tokens of a merge, written as `"a b"` or as `["a", "b"]`.
fn pair(merge: &Value) -> Option<(&str, &str)> {
    match merge {
        Value::String(line) => line.split_once(' ').filter(|(_, right)| !right.contains(' ')),
        Value::Array(tokens) => match tokens.as_slice() {
            [left, right] => Some((left.as_str()?, right.as_str()?)),
            _ => None,
        },
        _ => None,
    }
}
