use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value};
use trustformers_core::{Error, Result};

pub(crate) const TOKENIZER: &str = "tokenizer.json";
pub(crate) const TOKENIZER_CONFIG: &str = "tokenizer_config.json";
pub(crate) const SPECIAL_TOKENS_MAP: &str = "special_tokens_map.json";
pub(crate) const MODEL_CONFIG: &str = "config.json";
pub(crate) const CHAT_TEMPLATE: &str = "chat_template.jinja";

const CONVERTIBLE: &[&str] =
    &["vocab.txt", "vocab.json", "spiece.model", "sentencepiece.bpe.model", "tokenizer.model", "tekken.json"];

/// The texts of a tokenizer's files, by name.
#[derive(Clone, Debug)]
pub(crate) struct Files {
    directory: PathBuf,
    texts: BTreeMap<String, String>,
}

impl Files {
    pub fn read(directory: &Path) -> Result<Self> {
        let mut texts = BTreeMap::new();
        for name in [TOKENIZER, TOKENIZER_CONFIG, SPECIAL_TOKENS_MAP, MODEL_CONFIG, CHAT_TEMPLATE] {
            let file = directory.join(name);
            match fs::read_to_string(&file) {
                Ok(text) => drop(texts.insert(name.to_owned(), text)),
                Err(source) if source.kind() == io::ErrorKind::NotFound => {}
                Err(source) => return Err(Error::io(file, source)),
            }
        }
        if !texts.contains_key(TOKENIZER) {
            return Err(missing(directory));
        }
        Ok(Self { directory: directory.to_owned(), texts })
    }

    pub fn new(directory: PathBuf, texts: BTreeMap<String, String>) -> Self {
        Self { directory, texts }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.directory.join(name)
    }

    pub fn text(&self, name: &str) -> Option<&str> {
        self.texts.get(name).map(String::as_str)
    }

    /// A file's JSON object, empty if there is no such file.
    ///
    /// **Errors:** `Config` naming the file if it is not a JSON object.
    pub fn object(&self, name: &str) -> Result<Map<String, Value>> {
        let Some(text) = self.text(name) else { return Ok(Map::new()) };
        match serde_json::from_str(text) {
            Ok(Value::Object(object)) => Ok(object),
            Ok(other) => Err(Error::config(self.path(name), format!("expected a JSON object, found {}", kind(&other)))),
            Err(error) => Err(Error::config(self.path(name), format!("not valid JSON: {error}"))),
        }
    }
}

pub(crate) fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}

fn missing(directory: &Path) -> Error {
    if let Err(source) = fs::read_dir(directory) {
        return Error::io(directory, source);
    }
    match CONVERTIBLE.iter().find(|name| directory.join(name).is_file()) {
        Some(name) => Error::unsupported(format!(
            "building a tokenizer from {name}: {} has no {TOKENIZER}; save one with a fast tokenizer of transformers",
            directory.display()
        )),
        None => Error::tokenizer(format!(
            "{} holds no tokenizer: looked for {TOKENIZER} (and {TOKENIZER_CONFIG}, {SPECIAL_TOKENS_MAP})",
            directory.display()
        )),
    }
}
