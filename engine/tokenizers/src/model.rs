use std::collections::HashMap;
use std::path::{Path, PathBuf};

use serde::{Serialize, Serializer};
use tokenizers::models::TrainerWrapper;
use tokenizers::{ModelWrapper, Result, Token};

use crate::lookup::Lookup;

/// The model of a pipeline.
#[derive(Clone, Debug)]
#[expect(clippy::large_enum_variant, reason = "there is one per tokenizer")]
pub(crate) enum Model {
    /// A model of the tokenizers crate.
    Plain(ModelWrapper),
    /// Pieces whose ids are looked up in a `vocab.json`.
    Lookup(Box<Lookup>),
}

impl Model {
    /// A model of the tokenizers crate.
    pub fn plain(model: impl Into<ModelWrapper>) -> Self {
        Self::Plain(model.into())
    }

    /// The type's name in `tokenizer.json`.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Plain(ModelWrapper::BPE(_)) => "BPE",
            Self::Plain(ModelWrapper::WordPiece(_)) => "WordPiece",
            Self::Plain(ModelWrapper::WordLevel(_)) => "WordLevel",
            Self::Plain(ModelWrapper::Unigram(_)) => "Unigram",
            Self::Lookup(_) => "Lookup",
        }
    }
}

impl tokenizers::Model for Model {
    type Trainer = TrainerWrapper;

    fn tokenize(&self, sequence: &str) -> Result<Vec<Token>> {
        match self {
            Self::Plain(model) => model.tokenize(sequence),
            Self::Lookup(model) => model.tokenize(sequence),
        }
    }

    fn token_to_id(&self, token: &str) -> Option<u32> {
        match self {
            Self::Plain(model) => model.token_to_id(token),
            Self::Lookup(model) => model.token_to_id(token),
        }
    }

    fn id_to_token(&self, id: u32) -> Option<String> {
        match self {
            Self::Plain(model) => model.id_to_token(id),
            Self::Lookup(model) => Some(model.id_to_token(id)),
        }
    }

    fn get_vocab(&self) -> HashMap<String, u32> {
        match self {
            Self::Plain(model) => model.get_vocab(),
            Self::Lookup(model) => model.vocab().iter().map(|(token, id)| (token.clone(), *id)).collect(),
        }
    }

    fn get_vocab_size(&self) -> usize {
        match self {
            Self::Plain(model) => model.get_vocab_size(),
            Self::Lookup(model) => model.vocab().len(),
        }
    }

    fn save(&self, folder: &Path, prefix: Option<&str>) -> Result<Vec<PathBuf>> {
        match self {
            Self::Plain(model) => model.save(folder, prefix),
            Self::Lookup(model) => model.pieces().save(folder, prefix),
        }
    }

    fn get_trainer(&self) -> TrainerWrapper {
        match self {
            Self::Plain(model) => model.get_trainer(),
            Self::Lookup(model) => model.pieces().get_trainer(),
        }
    }
}

impl Serialize for Model {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        match self {
            Self::Plain(model) => model.serialize(serializer),
            Self::Lookup(model) => model.parts().serialize(serializer),
        }
    }
}
