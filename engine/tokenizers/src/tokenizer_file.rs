//! Reads `tokenizer.json` section by section, and checks what the tokenizers crate does not: its reader and its
//! pipelines panic on some damaged sections, or refuse them without naming the section.

mod components;
mod model;

use std::fmt::Display;
use std::path::Path;

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use tokenizers::normalizers::NormalizerWrapper;
use tokenizers::processors::PostProcessorWrapper;
use tokenizers::utils::padding::PaddingParams;
use tokenizers::utils::truncation::TruncationParams;
use tokenizers::{AddedToken, DecoderWrapper, PostProcessor, PreTokenizerWrapper};
use trustformers_core::{Error, Result};

use crate::files::kind;
use crate::pipeline::Pipeline;
pub(crate) use model::{BpeParts, ModelParts};

/// The sections of a `tokenizer.json`.
#[derive(Debug)]
pub(crate) struct TokenizerFile {
    pub model: ModelParts,
    pub normalizer: Option<NormalizerWrapper>,
    pub pre_tokenizer: Option<PreTokenizerWrapper>,
    pub post_processor: Option<PostProcessorWrapper>,
    pub decoder: Option<DecoderWrapper>,
    /// Added tokens with their ids in the file.
    pub added_tokens: Vec<(u32, AddedToken)>,
    pub padding: Option<PaddingParams>,
    pub truncation: Option<TruncationParams>,
}

impl TokenizerFile {
    /// Parses the text of `file`.
    ///
    /// **Errors:** `Tokenizer` naming file, section and problem; `Unsupported` naming an unknown type.
    pub fn parse(file: &Path, text: &str) -> Result<Self> {
        let damaged =
            |error: &dyn Display| Error::tokenizer(format!("{}: not a valid tokenizer: {error}", file.display()));
        if text.trim().is_empty() {
            return Err(damaged(&"the file is empty"));
        }
        let mut root = match serde_json::from_str(text) {
            Ok(Value::Object(root)) => root,
            Ok(other) => return Err(damaged(&format!("expected a JSON object, found {}", kind(&other)))),
            Err(error) => return Err(damaged(&format!("not valid JSON: {error}"))),
        };
        match root.remove("version") {
            None => {}
            Some(Value::String(version)) if version == "1.0" => {}
            Some(version) => {
                return Err(Error::unsupported(format!(
                    "{}: version {version} of tokenizer.json, expected \"1.0\"",
                    file.display()
                )));
            }
        }
        let section = Section { file };
        let model = section.model(root.remove("model"))?;
        let normalizer = section.normalizer(root.remove("normalizer"))?;
        let post_processor = section.post_processor(root.remove("post_processor"))?;
        let truncation: Option<TruncationParams> = section.read("truncation", root.remove("truncation"))?;
        if let Some(params) = &truncation {
            let special = post_processor.as_ref().map_or(0, |post_processor| post_processor.added_tokens(false));
            if params.max_length.checked_sub(special).is_some_and(|room| params.stride > room) {
                let (stride, length) = (params.stride, params.max_length);
                return Err(
                    section.damaged("truncation", format!("stride {stride} does not fit into max_length {length}"))
                );
            }
        }
        Ok(Self {
            model,
            normalizer,
            pre_tokenizer: section.pre_tokenizer(root.remove("pre_tokenizer"))?,
            post_processor,
            decoder: section.decoder(root.remove("decoder"))?,
            added_tokens: section.added_tokens(root.remove("added_tokens"))?,
            padding: section.read("padding", root.remove("padding"))?,
            truncation,
        })
    }

    /// Builds the pipeline of the file, without its post-processor.
    ///
    /// **Errors:** `Tokenizer` naming file and section.
    pub fn pipeline(self, file: &Path) -> Result<Pipeline> {
        let section = Section { file };
        let model = self.model.build().map_err(|error| section.damaged("model", error))?;
        let mut tokenizer = Pipeline::new(model);
        tokenizer
            .with_pre_tokenizer(self.pre_tokenizer)
            .with_decoder(self.decoder)
            .with_normalizer(self.normalizer)
            .map_err(|error| section.damaged("normalizer", error))?;
        tokenizer
            .add_tokens(self.added_tokens.into_iter().map(|(_, token)| token))
            .map_err(|error| section.damaged("added_tokens", error))?;
        Ok(tokenizer)
    }
}

/// Reads sections of a file and names them in errors.
#[derive(Clone, Copy)]
struct Section<'a> {
    file: &'a Path,
}

impl Section<'_> {
    fn damaged(self, at: &str, error: impl Display) -> Error {
        Error::tokenizer(format!("{}: {at}: {error}", self.file.display()))
    }

    fn unknown(self, at: &str, found: &str, known: &[&str]) -> Error {
        Error::unsupported(format!(
            "{}: {at}: type {found:?}, expected one of {}",
            self.file.display(),
            known.join(", ")
        ))
    }

    fn read<T: DeserializeOwned>(self, at: &str, value: Option<Value>) -> Result<Option<T>> {
        let Some(value) = value.filter(|value| !value.is_null()) else { return Ok(None) };
        serde_json::from_value(value).map(Some).map_err(|error| self.damaged(at, error))
    }

    fn object(self, at: &str, value: Value) -> Result<Map<String, Value>> {
        match value {
            Value::Object(object) => Ok(object),
            other => Err(self.damaged(at, format!("expected an object, found {}", kind(&other)))),
        }
    }

    fn array(self, at: &str, value: Value) -> Result<Vec<Value>> {
        match value {
            Value::Array(items) => Ok(items),
            other => Err(self.damaged(at, format!("expected an array, found {}", kind(&other)))),
        }
    }

    fn added_tokens(self, value: Option<Value>) -> Result<Vec<(u32, AddedToken)>> {
        let Some(value) = value else { return Ok(Vec::new()) };
        let read = |(index, value): (usize, Value)| {
            let at = format!("added_tokens[{index}]");
            let id = self.id(&at, value.get("id").unwrap_or(&Value::Null))?;
            let token = serde_json::from_value(value).map_err(|error| self.damaged(&at, error))?;
            Ok((id, token))
        };
        self.array("added_tokens", value)?.into_iter().enumerate().map(read).collect()
    }

    /// Reads an id, limited because building a vocabulary takes memory and time for every id up to the largest.
    fn id(self, at: &str, value: &Value) -> Result<u32> {
        let id = value.as_u64().filter(|&id| id < u64::from(MAX_ID)).and_then(|id| u32::try_from(id).ok());
        id.ok_or_else(|| self.damaged(at, format!("{value} is not an id (an integer from 0 to {})", MAX_ID - 1)))
    }
}

/// Exclusive limit on ids, larger than any real vocabulary.
pub(crate) const MAX_ID: u32 = 1 << 24;

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn file() -> Value {
        json!({
            "version": "1.0",
            "added_tokens": [],
            "model": {"type": "WordLevel", "vocab": {"a": 0, "[UNK]": 1, "[SEP]": 2}, "unk_token": "[UNK]"},
        })
    }

    fn refused(pointer: &str, key: &str, value: Value) -> Error {
        let mut file = file();
        file.pointer_mut(pointer).and_then(Value::as_object_mut).unwrap().insert(key.to_owned(), value);
        TokenizerFile::parse(Path::new("here/tokenizer.json"), &file.to_string()).map(drop).unwrap_err()
    }

    #[test]
    fn errors_name_file_and_section() {
        let template = |pieces: Value, tokens: Value| json!({"type": "TemplateProcessing", "single": pieces, "pair": [], "special_tokens": tokens});
        let special = json!([{"SpecialToken": {"id": "[SEP]", "type_id": 0}}]);
        let cases: &[(&str, &str, Value, &[&str])] = &[
            ("", "model", json!(null), &["model", "missing"]),
            ("/model", "vocab", json!({"a": -1}), &["model.vocab", "\"a\"", "-1"]),
            ("/model", "vocab", json!({"a": 4_000_000_000_u32}), &["model.vocab", "4000000000"]),
            ("/model", "vocab", json!([]), &["model.vocab", "an array"]),
            ("", "normalizer", json!(3), &["normalizer", "a number"]),
            ("", "normalizer", json!({"type": "Replace", "content": ""}), &["normalizer", "pattern"]),
            ("", "decoder", json!({"type": "Strip", "content": "ab", "start": 1}), &["decoder"]),
            ("", "pre_tokenizer", json!({"type": "FixedLength", "length": 0}), &["pre_tokenizer", "length"]),
            ("", "post_processor", template(special.clone(), json!({})), &["post_processor", "single", "[SEP]"]),
            (
                "",
                "post_processor",
                template(special, json!({"[SEP]": {"id": "[SEP]", "ids": [2, 2], "tokens": ["[SEP]"]}})),
                &["post_processor", "[SEP]", "2 ids"],
            ),
            (
                "",
                "post_processor",
                template(json!([{"Sequence": {"id": "B", "type_id": 0}}]), json!({})),
                &["post_processor", "single", "second sequence"],
            ),
            ("", "added_tokens", json!([{"id": 3}]), &["added_tokens[0]", "content"]),
            ("", "truncation", json!({"max_length": 2, "strategy": "LongestFirst", "stride": 3}), &["truncation"]),
        ];
        for (pointer, key, value, parts) in cases {
            let error = refused(pointer, key, value.clone());
            assert_eq!(error.code(), "tokenizer", "{error}");
            let error = error.to_string();
            assert!(error.starts_with("here/tokenizer.json: "), "{error}");
            assert!(parts.iter().all(|part| error.contains(part)), "{error}");
        }
    }

    #[test]
    fn unknown_types_are_named_in_the_error() {
        let nested = json!({"type": "Sequence", "pretokenizers": [{"type": "Digits", "individual_digits": true},
                            {"type": "NextYears"}]});
        for (pointer, key, value, parts) in [
            ("", "pre_tokenizer", nested, ["pre_tokenizer.pretokenizers[1]", "NextYears"]),
            ("", "decoder", json!({"type": "NextYears"}), ["decoder", "NextYears"]),
            ("/model", "type", json!("NextYears"), ["model", "NextYears"]),
            ("", "version", json!("2.0"), ["version", "2.0"]),
        ] {
            let error = refused(pointer, key, value);
            assert_eq!(error.code(), "unsupported", "{error}");
            assert!(parts.iter().all(|part| error.to_string().contains(part)), "{error}");
            assert!(error.to_string().contains("here/tokenizer.json"), "{error}");
        }
    }
}
