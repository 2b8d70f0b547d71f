use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use tokenizers::decoders::sequence::Sequence as Decoders;
use tokenizers::normalizers::precompiled::Precompiled;
use tokenizers::normalizers::{NormalizerWrapper, Sequence as Normalizers};
use tokenizers::pre_tokenizers::sequence::Sequence as PreTokenizers;
use tokenizers::processors::PostProcessorWrapper;
use tokenizers::processors::bert::BertProcessing;
use tokenizers::processors::roberta::RobertaProcessing;
use tokenizers::processors::sequence::Sequence as PostProcessors;
use tokenizers::processors::template::TemplateProcessing;
use tokenizers::{DecoderWrapper, PreTokenizerWrapper};
use trustformers_core::Result;

use super::Section;
use crate::base64;
use crate::convert::check_charsmap;
use crate::files::kind;

const NORMALIZERS: &[&str] = &[
    "BertNormalizer",
    "Strip",
    "StripAccents",
    "NFC",
    "NFD",
    "NFKC",
    "NFKD",
    "Sequence",
    "Lowercase",
    "Nmt",
    "Precompiled",
    "Replace",
    "Prepend",
    "ByteLevel",
];
const PRE_TOKENIZERS: &[&str] = &[
    "BertPreTokenizer",
    "ByteLevel",
    "CharDelimiterSplit",
    "Metaspace",
    "Whitespace",
    "Sequence",
    "Split",
    "Punctuation",
    "WhitespaceSplit",
    "Digits",
    "UnicodeScripts",
    "FixedLength",
];
const POST_PROCESSORS: &[&str] =
    &["BertProcessing", "RobertaProcessing", "ByteLevel", "TemplateProcessing", "Sequence"];
const DECODERS: &[&str] = &[
    "BPEDecoder",
    "ByteLevel",
    "WordPiece",
    "Metaspace",
    "CTC",
    "Sequence",
    "Replace",
    "Fuse",
    "Strip",
    "ByteFallback",
];

/// The component types of a section, and how a sequence of components becomes one.
struct Kinds<T> {
    known: &'static [&'static str],
    /// The key that lists the components of a sequence.
    members: &'static str,
    read: fn(Section<'_>, &str, &str, Map<String, Value>) -> Result<T>,
    sequence: fn(Vec<T>) -> T,
}

impl Section<'_> {
    pub fn normalizer(self, value: Option<Value>) -> Result<Option<NormalizerWrapper>> {
        let kinds = Kinds {
            known: NORMALIZERS,
            members: "normalizers",
            read: |section, at, found, object| section.one_normalizer(at, found, object),
            sequence: |members| Normalizers::new(members).into(),
        };
        self.component("normalizer", value, &kinds)
    }

    pub fn pre_tokenizer(self, value: Option<Value>) -> Result<Option<PreTokenizerWrapper>> {
        let kinds = Kinds {
            known: PRE_TOKENIZERS,
            members: "pretokenizers",
            read: |section, at, _, object| section.one_pre_tokenizer(at, object),
            sequence: |members| PreTokenizers::new(members).into(),
        };
        self.component("pre_tokenizer", value, &kinds)
    }

    pub fn post_processor(self, value: Option<Value>) -> Result<Option<PostProcessorWrapper>> {
        let kinds = Kinds {
            known: POST_PROCESSORS,
            members: "processors",
            read: |section, at, found, object| section.one_post_processor(at, found, object),
            sequence: |members| PostProcessors::new(members).into(),
        };
        self.component("post_processor", value, &kinds)
    }

    pub fn decoder(self, value: Option<Value>) -> Result<Option<DecoderWrapper>> {
        let kinds = Kinds {
            known: DECODERS,
            members: "decoders",
            read: |section, at, _, object| section.typed(at, object),
            sequence: |members| Decoders::new(members).into(),
        };
        self.component("decoder", value, &kinds)
    }

    fn component<T>(self, at: &str, value: Option<Value>, kinds: &Kinds<T>) -> Result<Option<T>> {
        value.filter(|value| !value.is_null()).map(|value| self.member(at, value, kinds)).transpose()
    }

    fn member<T>(self, at: &str, value: Value, kinds: &Kinds<T>) -> Result<T> {
        let mut object = self.object(at, value)?;
        let found = match object.get("type") {
            Some(Value::String(found)) => found.clone(),
            Some(other) => return Err(self.damaged(at, format!("expected a type, found {}", kind(other)))),
            None => return Err(self.damaged(at, "it has no type")),
        };
        if !kinds.known.contains(&found.as_str()) {
            return Err(self.unknown(at, &found, kinds.known));
        }
        if found != "Sequence" {
            return (kinds.read)(self, at, &found, object);
        }
        let at = format!("{at}.{}", kinds.members);
        let members = self.array(&at, object.remove(kinds.members).unwrap_or_default())?;
        let read = |(index, member)| self.member(&format!("{at}[{index}]"), member, kinds);
        Ok((kinds.sequence)(members.into_iter().enumerate().map(read).collect::<Result<_>>()?))
    }

    fn typed<T: DeserializeOwned>(self, at: &str, object: Map<String, Value>) -> Result<T> {
        serde_json::from_value(Value::Object(object)).map_err(|error| self.damaged(at, error))
    }

    fn one_normalizer(self, at: &str, found: &str, object: Map<String, Value>) -> Result<NormalizerWrapper> {
        if found != "Precompiled" {
            return self.typed(at, object);
        }
        let at = format!("{at}.precompiled_charsmap");
        let table = object.get("precompiled_charsmap").and_then(Value::as_str).and_then(base64::decode);
        let table = table.ok_or_else(|| self.damaged(&at, "expected a table in base64"))?;
        check_charsmap(&table).map_err(|error| self.damaged(&at, error))?;
        Ok(Precompiled::from(&table).map_err(|error| self.damaged(&at, error))?.into())
    }

    fn one_pre_tokenizer(self, at: &str, object: Map<String, Value>) -> Result<PreTokenizerWrapper> {
        let pre_tokenizer = self.typed(at, object)?;
        match &pre_tokenizer {
            PreTokenizerWrapper::FixedLength(fixed) if fixed.length == 0 => {
                Err(self.damaged(at, "length is 0, expected at least 1"))
            }
            _ => Ok(pre_tokenizer),
        }
    }

    fn one_post_processor(self, at: &str, found: &str, object: Map<String, Value>) -> Result<PostProcessorWrapper> {
        match found {
            "BertProcessing" => self.typed::<BertProcessing>(at, object).map(Into::into),
            "RobertaProcessing" => self.typed::<RobertaProcessing>(at, object).map(Into::into),
            "TemplateProcessing" => {
                self.check_template(at, &object)?;
                self.typed::<TemplateProcessing>(at, object).map(Into::into)
            }
            _ => self.typed(at, object),
        }
    }

    /// Checks that a template's tokens exist, which the crate assumes.
    fn check_template(self, at: &str, template: &Map<String, Value>) -> Result<()> {
        let none = Map::new();
        let tokens = template.get("special_tokens").and_then(Value::as_object).unwrap_or(&none);
        for (token, value) in tokens {
            let count = |key| value.get(key).and_then(Value::as_array).map_or(0, Vec::len);
            let (ids, texts) = (count("ids"), count("tokens"));
            if ids != texts {
                let at = format!("{at}.special_tokens");
                return Err(self.damaged(&at, format!("{token:?} has {ids} ids and {texts} tokens")));
            }
        }
        for name in ["single", "pair"] {
            let at = format!("{at}.{name}");
            for piece in template.get(name).and_then(Value::as_array).into_iter().flatten() {
                if let Some(token) = piece.pointer("/SpecialToken/id").and_then(Value::as_str)
                    && !tokens.contains_key(token)
                {
                    let message = format!("it uses the token {token:?}, which is not in special_tokens");
                    return Err(self.damaged(&at, message));
                }
                if name == "single" && piece.pointer("/Sequence/id").and_then(Value::as_str) == Some("B") {
                    return Err(self.damaged(&at, "it uses the second sequence, but a single row has none"));
                }
            }
        }
        Ok(())
    }
}
