use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value, json};
use trustformers_core::{Error, Result};

use crate::Tokenizer;
use crate::class_defaults::ClassDefaults;
use crate::files::{
    CHAT_TEMPLATE, CHAT_TEMPLATES, MERGES, SENTENCE_PIECE_BPE, SOURCE_SPM, SPECIAL_TOKENS_MAP, TARGET_SPM,
    TARGET_TOKENIZER, TARGET_VOCAB_JSON, TOKENIZER, TOKENIZER_CONFIG, VOCAB_JSON,
};
use crate::lookup::PiecesFile;
use crate::model::Model;

/// Keys that describe a tokenizer's origin, or that `tokenizer.json` covers.
const NOT_SAVED: &[&str] = &[
    "add_bos_token",
    "add_eos_token",
    "added_tokens_decoder",
    "additional_special_tokens",
    "chat_template",
    "device_map",
    "max_len",
    "name_or_path",
    "special_tokens_map_file",
    "tokenizer_file",
];

impl Tokenizer {
    /// Writes files that `from_dir` and transformers load as the same tokenizer; returns their paths.
    ///
    /// **Errors:** `Io` naming a file or directory that cannot be written.
    pub fn save_pretrained(&self, dir: &Path) -> Result<Vec<PathBuf>> {
        fs::create_dir_all(dir).map_err(|source| Error::io(dir, source))?;
        let mut paths = Vec::new();
        let mut files: BTreeMap<String, Vec<u8>> =
            self.to_files()?.into_iter().map(|(name, text)| (name, text.into_bytes())).collect();
        let vocabulary = self.vocabulary_files()?;
        if !vocabulary.is_empty() {
            files.retain(|name, _| ![TOKENIZER, TARGET_TOKENIZER].contains(&name.as_str()));
            files.extend(vocabulary);
        }
        for (name, text) in files {
            let file = dir.join(name);
            if let Some(parent) = file.parent() {
                fs::create_dir_all(parent).map_err(|source| Error::io(parent, source))?;
            }
            fs::write(&file, text).map_err(|source| Error::io(&file, source))?;
            paths.push(file);
        }
        Ok(paths)
    }

    /// The vocabulary files of a tokenizer whose class reads them and no `tokenizer.json`, by file name; none for others.
    ///
    /// **Errors:** `Internal` if a vocabulary cannot be written.
    pub fn vocabulary_files(&self) -> Result<BTreeMap<String, Vec<u8>>> {
        let Model::Lookup(source) = self.backend.tokenizer.get_model() else { return Ok(BTreeMap::new()) };
        let json = |vocab| serde_json::to_vec(vocab).map_err(|error| Error::internal(format!("a vocabulary: {error}")));
        let mut files = BTreeMap::from([(VOCAB_JSON.to_owned(), json(source.vocab())?)]);
        if let Some(vocab) = &source.parts().decoded_vocab {
            files.insert(TARGET_VOCAB_JSON.to_owned(), json(vocab)?);
        }
        let mut insert = |name: &str, bytes| files.insert(name.to_owned(), bytes);
        match (source.parts().pieces.file(), &self.target) {
            (PiecesFile::Merges(text), _) => insert(MERGES, text.into_bytes()),
            (PiecesFile::SentencePiece(bytes), None) => insert(SENTENCE_PIECE_BPE, bytes),
            (PiecesFile::SentencePiece(bytes), Some(target)) => {
                insert(SOURCE_SPM, bytes);
                match target.tokenizer.get_model() {
                    Model::Lookup(target) => match target.parts().pieces.file() {
                        PiecesFile::SentencePiece(bytes) => insert(TARGET_SPM, bytes),
                        PiecesFile::Merges(_) => None,
                    },
                    Model::Plain(_) => None,
                }
            }
        };
        Ok(files)
    }

    /// Contents of the tokenizer's files, by file name, from which `from_files` restores it.
    ///
    /// **Errors:** `Tokenizer` if the pipeline cannot be serialized, or a chat template's name is not a valid file
    /// name.
    pub fn to_files(&self) -> Result<BTreeMap<String, String>> {
        let mut tokenizer = self.backend.tokenizer.clone();
        tokenizer
            .with_post_processor(Some(self.around.post_processor.clone()))
            .with_padding(self.backend.unapplied.padding.clone())
            .with_truncation(self.backend.unapplied.truncation.clone())
            .map_err(Error::tokenizer)?;
        let mut files = BTreeMap::from([
            (TOKENIZER.to_owned(), tokenizer.to_string(true).map_err(Error::tokenizer)?),
            (TOKENIZER_CONFIG.to_owned(), pretty(&self.saved_config())?),
            (SPECIAL_TOKENS_MAP.to_owned(), pretty(&self.named_tokens())?),
        ]);
        if let Some(target) = &self.target {
            files.insert(TARGET_TOKENIZER.to_owned(), target.tokenizer.to_string(false).map_err(Error::tokenizer)?);
        }
        for (name, template) in &self.config.chat_templates {
            let file = match name.as_str() {
                "default" => CHAT_TEMPLATE.to_owned(),
                name if Path::new(name).file_name().is_some_and(|file| file == name) => {
                    format!("{CHAT_TEMPLATES}/{name}.jinja")
                }
                name => {
                    let message = format!("the chat template name {name:?} is not a valid file name");
                    return Err(Error::tokenizer(message));
                }
            };
            files.insert(file, template.clone());
        }
        Ok(files)
    }

    fn named_tokens(&self) -> Map<String, Value> {
        self.special_tokens_map().into_iter().map(|(name, token)| (name.to_owned(), token.into())).collect()
    }

    fn saved_config(&self) -> Map<String, Value> {
        let mut config = self.config.raw.clone();
        config.retain(|key, value| !NOT_SAVED.contains(&key.as_str()) && !is_named_token(key, value));
        let defaults = ClassDefaults::of(self.tokenizer_class()).special_tokens.iter().map(|(name, _)| *name);
        config.extend(defaults.chain(["pad_token"]).map(|name| (name.to_owned(), Value::Null)));
        config.extend(self.named_tokens());
        let extra = self.extra_special_tokens();
        if extra.is_empty() {
            config.remove("extra_special_tokens");
        } else {
            config.insert("extra_special_tokens".to_owned(), json!(extra));
        }
        if let Model::Lookup(_) = self.backend.tokenizer.get_model() {
            let added = self.added_tokens().into_iter().map(|(id, token)| (id.to_string(), json!(token)));
            config.insert("added_tokens_decoder".to_owned(), added.collect::<Map<_, _>>().into());
        }
        match self.model_max_length() {
            Some(limit) => config.insert("model_max_length".to_owned(), json!(limit)),
            None => config.remove("model_max_length"),
        };
        config.extend([
            ("padding_side".to_owned(), json!(self.padding_side().name())),
            ("truncation_side".to_owned(), json!(self.truncation_side().name())),
            ("model_input_names".to_owned(), json!(self.model_input_names())),
            ("clean_up_tokenization_spaces".to_owned(), json!(self.clean_up_tokenization_spaces())),
            ("tokenizer_class".to_owned(), json!(self.tokenizer_class())),
        ]);
        config
    }
}

fn is_named_token(key: &str, value: &Value) -> bool {
    key.ends_with("_token") && !value.is_boolean()
}

fn pretty(object: &Map<String, Value>) -> Result<String> {
    let sorted: BTreeMap<&String, &Value> = object.iter().collect();
    match serde_json::to_string_pretty(&sorted) {
        Ok(text) => Ok(text + "\n"),
        Err(error) => Err(Error::internal(format!("writing {TOKENIZER_CONFIG}: {error}"))),
    }
}
