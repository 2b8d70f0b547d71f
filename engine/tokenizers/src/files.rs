use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value};
use trustformers_core::{Error, Result, check_lfs_pointer};

pub(crate) const TOKENIZER: &str = "tokenizer.json";
pub(crate) const TOKENIZER_CONFIG: &str = "tokenizer_config.json";
pub(crate) const SPECIAL_TOKENS_MAP: &str = "special_tokens_map.json";
pub(crate) const MODEL_CONFIG: &str = "config.json";
pub(crate) const CHAT_TEMPLATE: &str = "chat_template.jinja";

pub(crate) const ADDED_TOKENS: &str = "added_tokens.json";
pub(crate) const VOCAB_TXT: &str = "vocab.txt";
pub(crate) const VOCAB_JSON: &str = "vocab.json";
pub(crate) const MERGES: &str = "merges.txt";

/// Folder of chat templates other than the default one, as `NAME.jinja`.
pub(crate) const CHAT_TEMPLATES: &str = "additional_chat_templates";

pub(crate) const TOKENIZER_MODEL: &str = "tokenizer.model";
pub(crate) const SENTENCE_PIECE_BPE: &str = "sentencepiece.bpe.model";
pub(crate) const SOURCE_SPM: &str = "source.spm";
pub(crate) const TARGET_SPM: &str = "target.spm";
pub(crate) const TARGET_VOCAB_JSON: &str = "target_vocab.json";

/// The state of the tokenizer of target texts, in files that only this crate reads.
pub(crate) const TARGET_TOKENIZER: &str = "target_tokenizer.json";

const SENTENCE_PIECE: [&str; 5] =
    [SENTENCE_PIECE_BPE, "sentencepiece.model", "spiece.model", "spm.model", TOKENIZER_MODEL];
const VOCABULARY: [&str; 6] = [VOCAB_TXT, VOCAB_JSON, MERGES, SOURCE_SPM, TARGET_SPM, TARGET_VOCAB_JSON];
const TEXTS: [&str; 6] = [TOKENIZER, TOKENIZER_CONFIG, SPECIAL_TOKENS_MAP, ADDED_TOKENS, MODEL_CONFIG, CHAT_TEMPLATE];

/// The contents of a tokenizer's files, by name.
#[derive(Clone, Debug)]
pub(crate) struct Files {
    directory: PathBuf,
    /// The file used as `tokenizer.json`, if it has another name.
    tokenizer: Option<PathBuf>,
    texts: BTreeMap<String, String>,
    /// Vocabulary files, unless there is a `tokenizer.json` that is read instead.
    vocabulary: BTreeMap<&'static str, Vec<u8>>,
}

impl Files {
    pub fn read(directory: &Path) -> Result<Self> {
        let mut texts = BTreeMap::new();
        for name in TEXTS {
            let file = directory.join(name);
            if let Some(text) = existing(file.clone(), |file| fs::read_to_string(file))? {
                check_lfs_pointer(&file, text.as_bytes())?;
                texts.insert(name.to_owned(), without_mark(text));
            }
        }
        for name in more_templates(directory)? {
            if let Some(text) = existing(directory.join(&name), |file| fs::read_to_string(file))? {
                texts.insert(name, text);
            }
        }
        let files = Self { directory: directory.to_owned(), tokenizer: None, texts, vocabulary: BTreeMap::new() };
        if files.texts.contains_key(TOKENIZER) {
            return Ok(files);
        }
        let files = files.with_vocabulary()?;
        if files.vocabulary.is_empty() {
            if let Some(file) = tiktoken_file(directory)? {
                return Err(tiktoken(&file));
            }
            return Err(missing(directory));
        }
        Ok(files)
    }

    /// The files with the vocabulary files beside them.
    ///
    /// **Errors:** `Io` naming a file that cannot be read; `Unsupported` for a vocabulary of tiktoken.
    pub fn with_vocabulary(mut self) -> Result<Self> {
        for name in VOCABULARY.into_iter().chain(SENTENCE_PIECE) {
            let file = self.directory.join(name);
            if let Some(bytes) = existing(file.clone(), |file| fs::read(file))? {
                check_lfs_pointer(&file, &bytes)?;
                if SENTENCE_PIECE.contains(&name) && is_tiktoken(&bytes) {
                    return Err(tiktoken(&file));
                }
                self.vocabulary.insert(name, bytes);
            }
        }
        Ok(self)
    }

    pub fn new(directory: PathBuf, texts: BTreeMap<String, String>) -> Self {
        Self { directory, tokenizer: None, texts, vocabulary: BTreeMap::new() }
    }

    /// A single file with the contents of a `tokenizer.json`.
    pub fn one(file: &Path, text: String) -> Self {
        let texts = BTreeMap::from([(TOKENIZER.to_owned(), without_mark(text))]);
        Self { tokenizer: Some(file.to_owned()), ..Self::new(PathBuf::new(), texts) }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        match &self.tokenizer {
            Some(file) if name == TOKENIZER => file.clone(),
            _ => self.directory.join(name),
        }
    }

    pub fn text(&self, name: &str) -> Option<&str> {
        self.texts.get(name).map(String::as_str)
    }

    /// Chat templates in separate files, by name.
    pub fn chat_templates(&self) -> BTreeMap<String, String> {
        let name = |file: &str| match file {
            CHAT_TEMPLATE => Some("default".to_owned()),
            _ => Some(file.strip_prefix(CHAT_TEMPLATES)?.strip_prefix('/')?.strip_suffix(".jinja")?.to_owned()),
        };
        self.texts.iter().filter_map(|(file, text)| Some((name(file)?, text.clone()))).collect()
    }

    /// The contents of a vocabulary file.
    pub fn bytes(&self, name: &str) -> Option<&[u8]> {
        let bytes = self.vocabulary.get(name)?;
        let mark: &[u8] =
            if [VOCAB_JSON, TARGET_VOCAB_JSON, MERGES].contains(&name) { "\u{feff}".as_bytes() } else { &[] };
        Some(bytes.strip_prefix(mark).unwrap_or(bytes))
    }

    /// The file name and contents of the SentencePiece model.
    pub fn sentence_piece(&self) -> Option<(&'static str, &[u8])> {
        SENTENCE_PIECE.iter().find_map(|&name| Some((name, self.bytes(name)?)))
    }

    /// Whether all of these vocabulary files were read.
    pub fn has_vocabulary(&self, names: &[&str]) -> bool {
        names.iter().all(|name| self.vocabulary.contains_key(name))
    }

    /// The names of the vocabulary files.
    pub fn vocabulary(&self) -> Vec<&'static str> {
        self.vocabulary.keys().copied().collect()
    }

    /// The JSON object in a file; empty if the file does not exist.
    ///
    /// **Errors:** `Config` naming the file if it is not a JSON object.
    pub fn object(&self, name: &str) -> Result<Map<String, Value>> {
        let Some(text) = self.text(name) else { return Ok(Map::new()) };
        if text.trim().is_empty() {
            return Err(Error::config(self.path(name), "the file is empty, expected a JSON object"));
        }
        match serde_json::from_str(text) {
            Ok(Value::Object(object)) => Ok(object),
            Ok(other) => Err(Error::config(self.path(name), format!("expected a JSON object, found {}", kind(&other)))),
            Err(error) => Err(Error::config(self.path(name), format!("not valid JSON: {error}"))),
        }
    }
}

/// Strips the byte order mark that some editors write.
fn without_mark(text: String) -> String {
    match text.strip_prefix('\u{feff}') {
        Some(text) => text.to_owned(),
        None => text,
    }
}

fn more_templates(directory: &Path) -> Result<Vec<String>> {
    let directory = directory.join(CHAT_TEMPLATES);
    let Some(entries) = existing(directory, |directory| fs::read_dir(directory))? else { return Ok(Vec::new()) };
    let names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    Ok(names.filter(|name| name.ends_with(".jinja")).map(|name| format!("{CHAT_TEMPLATES}/{name}")).collect())
}

/// A file with the name of a tiktoken vocabulary.
fn tiktoken_file(directory: &Path) -> Result<Option<PathBuf>> {
    let Some(entries) = existing(directory.to_owned(), |directory| fs::read_dir(directory))? else { return Ok(None) };
    let mut files = entries.filter_map(|entry| entry.ok().map(|entry| entry.path()));
    Ok(files.find(|file| {
        file.file_name().is_some_and(|name| name == "tekken.json")
            || file.extension().is_some_and(|extension| extension == "tiktoken")
    }))
}

/// Whether the first line is a base64 token and its rank, the format of tiktoken vocabularies.
fn is_tiktoken(bytes: &[u8]) -> bool {
    let line = bytes.split(|&byte| byte == b'\n').next().unwrap_or_default();
    let mut fields = line.trim_ascii_end().split(|&byte| byte == b' ');
    let is_base64 = |byte: &u8| byte.is_ascii_alphanumeric() || b"+/=".contains(byte);
    let token = fields.next().is_some_and(|token| !token.is_empty() && token.iter().all(is_base64));
    let rank = fields.next().is_some_and(|rank| !rank.is_empty() && rank.iter().all(u8::is_ascii_digit));
    token && rank && fields.next().is_none()
}

fn tiktoken(file: &Path) -> Error {
    Error::unsupported(format!(
        "{}: a vocabulary in tiktoken's format; a {TOKENIZER} is needed, which transformers writes with \
         AutoTokenizer.from_pretrained(...).save_pretrained(...)",
        file.display()
    ))
}

fn existing<T>(file: PathBuf, read: impl Fn(&Path) -> io::Result<T>) -> Result<Option<T>> {
    match read(&file) {
        Ok(content) => Ok(Some(content)),
        Err(source) if source.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(Error::io(file, source)),
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
    let directory = directory.display();
    Error::tokenizer(format!(
        "{directory} contains no tokenizer: looked for {TOKENIZER} (and {TOKENIZER_CONFIG}, {SPECIAL_TOKENS_MAP}), \
         {VOCAB_TXT}, {VOCAB_JSON} with {MERGES}, {VOCAB_JSON} with {SOURCE_SPM} and {TARGET_SPM}, {}",
        SENTENCE_PIECE.join(", ")
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tiktoken_vocabularies_are_distinguished_from_sentence_piece_models() {
        assert!(is_tiktoken(b"IQ== 0\nIg== 1\n"));
        assert!(is_tiktoken(b"IQ== 0\r\n"));
        for other in [b"".as_slice(), b"\n", b"IQ==\n", b"IQ== x\n", b"\x0a\x0e\x0a\x05<unk>\x15 0\n", b"a b 0\n"] {
            assert!(!is_tiktoken(other), "{other:?}");
        }
    }
}
