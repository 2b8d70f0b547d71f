use std::collections::BTreeMap;

use serde_json::{Map, Value};
use tokenizers::AddedToken;
use trustformers_core::{Error, Result};

use crate::class_defaults::ClassDefaults;
use crate::files::{
    ADDED_TOKENS, Files, MODEL_CONFIG, SPECIAL_TOKENS_MAP, TOKENIZER, TOKENIZER_CONFIG, TOKENIZER_MODEL, VOCAB_TXT,
};
use crate::keys::Keys;
use crate::languages::Languages;
use crate::model_types::{GENERIC, class_of_vocabulary, selected_class};
use crate::side::Side;
use crate::special_tokens::{NAMED, SpecialTokens, parse_token};

/// A limit above this means "no limit"; transformers writes 1e30.
const LARGEST_MODEL_MAX_LENGTH: f64 = 1e18;

/// Settings of `tokenizer.json` besides its pipeline: padding and truncation are never applied and only give defaults
/// for sides and pad token.
#[derive(Clone, Debug, Default)]
pub(crate) struct BackendDefaults {
    pub pad_token: Option<String>,
    pub padding_side: Option<Side>,
    pub truncation_side: Option<Side>,
    pub added_tokens: Vec<(u32, AddedToken)>,
}

/// The settings of a tokenizer outside `tokenizer.json`.
#[derive(Clone, Debug)]
pub(crate) struct TokenizerConfig {
    pub tokenizer_class: String,
    pub model_max_length: Option<usize>,
    pub padding_side: Side,
    pub truncation_side: Side,
    pub model_input_names: Vec<String>,
    pub clean_up_tokenization_spaces: bool,
    pub cleans_up_bpe: bool,
    pub split_special_tokens: bool,
    pub special_tokens: SpecialTokens,
    /// The tokens of `added_tokens_decoder`, else of older files and `tokenizer.json`, by id.
    pub added_tokens: Vec<(u32, AddedToken)>,
    /// Whether `bos_token` and `eos_token` are added around sequences; set by the caller, or by the configuration of a
    /// repository without `tokenizer.json`.
    pub adds_bos_eos: Option<(bool, bool)>,
    pub normalizer: Option<NormalizerRules>,
    /// The languages that rows name, for translation tokenizers.
    pub languages: Option<Languages>,
    /// Chat templates by name; the standard name is `default`.
    pub chat_templates: BTreeMap<String, String>,
    /// Every key of `tokenizer_config.json`, for saving.
    pub raw: Map<String, Value>,
}

/// Settings of a BERT normalizer from `tokenizer_config.json`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct NormalizerRules {
    pub lowercase: bool,
    pub strip_accents: Option<bool>,
    pub handle_chinese_chars: bool,
}

impl Default for NormalizerRules {
    fn default() -> Self {
        Self { lowercase: true, strip_accents: None, handle_chinese_chars: true }
    }
}

impl TokenizerConfig {
    /// Reads a boolean key of `tokenizer_config.json` that only some classes have.
    ///
    /// **Errors:** `Config` naming file and key if the value is not a boolean.
    pub fn flag(&self, files: &Files, key: &str) -> Result<Option<bool>> {
        Keys { file: files.path(TOKENIZER_CONFIG), object: &self.raw }.bool(key)
    }

    /// Adopts special tokens and roles marked by a vocabulary file, unless the configuration sets them.
    pub fn take_marked(&mut self, marked: Vec<AddedToken>, roles: Vec<(&'static str, String)>) {
        for (role, token) in roles {
            if !self.raw.contains_key(role) {
                self.special_tokens.set(role, Some(AddedToken::from(token, true)));
            }
        }
        if !self.raw.contains_key("extra_special_tokens") {
            self.special_tokens.extra = marked;
        }
    }

    /// Reads an integer key of `tokenizer_config.json` that only some classes have.
    ///
    /// **Errors:** `Config` naming file and key if the value is not an integer of at least 0.
    pub fn count(&self, files: &Files, key: &str) -> Result<Option<usize>> {
        let keys = Keys { file: files.path(TOKENIZER_CONFIG), object: &self.raw };
        keys.parsed(key, Value::as_u64, "a count of at least 0", |count| usize::try_from(count).ok())
    }

    /// The tokenizer class that applies to the files, without `Fast`.
    ///
    /// **Errors:** `Config` naming a file that is not a JSON object.
    pub fn class(files: &Files) -> Result<String> {
        tokenizer_class(files, &files.object(TOKENIZER_CONFIG)?)
    }

    /// Reads a string key of `tokenizer_config.json` that only some classes have, or the content of a token.
    ///
    /// **Errors:** `Config` naming file and key if the value is neither.
    pub fn text(&self, files: &Files, key: &str) -> Result<Option<String>> {
        let keys = Keys { file: files.path(TOKENIZER_CONFIG), object: &self.raw };
        keys.parsed(key, Some, "a string or a token", |value| Some(parse_token(value)?.content))
    }

    /// Merges the settings in order of precedence: `overrides`, `special_tokens_map.json` (unless there is an
    /// `added_tokens_decoder`), `tokenizer_config.json`, the class's defaults and `tokenizer.json`.
    ///
    /// **Errors:** `Config` naming file and key.
    pub fn read(files: &Files, overrides: &Map<String, Value>, backend: &BackendDefaults) -> Result<Self> {
        let mut raw = files.object(TOKENIZER_CONFIG)?;
        let tokenizer_class = tokenizer_class(files, &raw)?;
        raw.extend(overrides.clone());
        if !is_truthy(raw.get("extra_special_tokens"))
            && let Some(additional) = raw.remove("additional_special_tokens")
        {
            raw.insert("extra_special_tokens".to_owned(), additional);
        }
        if !raw.contains_key("added_tokens_decoder") {
            merge_special_tokens_map(&mut raw, files.object(SPECIAL_TOKENS_MAP)?, overrides);
        }

        let keys = Keys { file: files.path(TOKENIZER_CONFIG), object: &raw };
        let class = ClassDefaults::of(&tokenizer_class);
        let side = |key| keys.parsed(key, Value::as_str, "\"left\" or \"right\"", |name| name.parse().ok());
        let limit = if raw.contains_key("model_max_length") { "model_max_length" } else { "max_len" };
        let model_max_length = match raw.contains_key(limit) {
            true => keys.model_max_length(limit)?,
            false => class.model_max_length,
        };
        let special_tokens = keys.special_tokens(class, backend)?;
        let languages = Languages::of(&tokenizer_class, &keys)?;
        Ok(Self {
            model_max_length,
            padding_side: side("padding_side")?.or(backend.padding_side).unwrap_or(class.padding_side),
            truncation_side: side("truncation_side")?.or(backend.truncation_side).unwrap_or(Side::Right),
            model_input_names: keys
                .strings("model_input_names")?
                .unwrap_or_else(|| class.model_input_names.iter().map(|&name| name.to_owned()).collect()),
            clean_up_tokenization_spaces: keys.bool("clean_up_tokenization_spaces")?.unwrap_or(false),
            cleans_up_bpe: keys
                .bool("clean_up_tokenization_spaces_for_bpe_even_though_it_will_corrupt_output")?
                .unwrap_or(false),
            split_special_tokens: keys.bool("split_special_tokens")?.unwrap_or(false),
            added_tokens: match keys.added_tokens()? {
                Some(tokens) => tokens,
                None => keys.older_added_tokens(files, backend)?,
            },
            adds_bos_eos: keys.adds_bos_eos(files, overrides)?,
            special_tokens,
            languages,
            chat_templates: match files.chat_templates() {
                found if found.is_empty() || overrides.contains_key("chat_template") => keys.chat_templates()?,
                found => found,
            },
            normalizer: class
                .rules_normalizer
                .then(|| {
                    Ok::<_, Error>(NormalizerRules {
                        lowercase: keys.bool("do_lower_case")?.unwrap_or(true),
                        strip_accents: keys.bool("strip_accents")?,
                        handle_chinese_chars: keys.bool("tokenize_chinese_chars")?.unwrap_or(true),
                    })
                })
                .transpose()?,
            tokenizer_class,
            raw,
        })
    }
}

/// The tokenizer class that applies to the files, without `Fast`.
fn tokenizer_class(files: &Files, config: &Map<String, Value>) -> Result<String> {
    let named = |object: &Map<String, Value>, key| Some(object.get(key)?.as_str()?.to_owned());
    let model = files.object(MODEL_CONFIG)?;
    let stated = named(config, "tokenizer_class").or_else(|| named(&model, "tokenizer_class"));
    let model_type = named(&model, "model_type").unwrap_or_default();
    if stated.is_none() && model_type.is_empty() && files.bytes(VOCAB_TXT).is_some() {
        return Ok("BertTokenizer".to_owned());
    }
    let is_byte_level = files.text(TOKENIZER).is_some_and(|text| text.contains("\"ByteLevel\""));
    let class = selected_class(stated.as_deref(), &model_type, is_byte_level);
    // For the generic class the reference reads no other SentencePiece file than this one, and fails without.
    let is_alone = files.sentence_piece().is_some_and(|(name, _)| name != TOKENIZER_MODEL);
    if [GENERIC, "TokenizersBackend"].contains(&class.as_str()) && is_alone {
        return Ok(class_of_vocabulary(stated.as_deref(), &model_type).to_owned());
    }
    Ok(class)
}

fn merge_special_tokens_map(config: &mut Map<String, Value>, map: Map<String, Value>, overrides: &Map<String, Value>) {
    for (key, mut value) in map {
        if is_truthy(overrides.get(&key)) {
            continue;
        }
        let key = match key.as_str() {
            "additional_special_tokens" if config.contains_key("extra_special_tokens") => continue,
            "additional_special_tokens" => "extra_special_tokens".to_owned(),
            _ => key,
        };
        if let Value::Object(token) = &mut value
            && token.contains_key("content")
        {
            token.insert("special".to_owned(), Value::Bool(true));
        }
        config.insert(key, value);
    }
}

fn is_truthy(value: Option<&Value>) -> bool {
    match value {
        None | Some(Value::Null | Value::Bool(false)) => false,
        Some(Value::String(text)) => !text.is_empty(),
        Some(Value::Array(items)) => !items.is_empty(),
        Some(Value::Object(object)) => !object.is_empty(),
        Some(Value::Number(number)) => number.as_f64() != Some(0.0),
        Some(Value::Bool(true)) => true,
    }
}

/// Whether a key names the role of a model-specific special token, such as `image_token`.
fn is_specific_role(key: &str) -> bool {
    key.ends_with("_token") && !NAMED.contains(&key)
}

impl Keys<'_> {
    /// Reads one template, or a list of objects with `name` and `template`.
    fn chat_templates(&self) -> Result<BTreeMap<String, String>> {
        let expected = "a template, or a list of objects with name and template";
        let named = |item: &Value| {
            let text = |key| Some(item.get(key)?.as_str()?.to_owned());
            Some((text("name")?, text("template")?))
        };
        let templates = self.parsed("chat_template", Some, expected, |value| match value {
            Value::String(text) => Some(BTreeMap::from([("default".to_owned(), text.clone())])),
            Value::Array(items) => items.iter().map(named).collect(),
            _ => None,
        })?;
        Ok(templates.unwrap_or_default())
    }

    /// Reads the maximum length; `None` is no limit.
    fn model_max_length(&self, key: &str) -> Result<Option<usize>> {
        let limit = self.parsed(key, Value::as_f64, "a length of at least 0", |length| {
            (length >= 0.0).then_some((length < LARGEST_MODEL_MAX_LENGTH).then_some(length as usize))
        })?;
        Ok(limit.flatten())
    }

    fn special_tokens(&self, class: ClassDefaults, backend: &BackendDefaults) -> Result<SpecialTokens> {
        let expected = "a token or an AddedToken object";
        let mut tokens = SpecialTokens::default();
        for attribute in NAMED {
            let default = class.special_tokens.iter().find(|(name, _)| *name == attribute).map(|(_, token)| *token);
            let default = default.or(backend.pad_token.as_deref().filter(|_| attribute == "pad_token"));
            match self.object.get(attribute) {
                None => tokens.set(attribute, default.map(|content| class.token(attribute, content))),
                Some(Value::Null) => {}
                Some(Value::String(content)) => tokens.set(attribute, Some(class.token(attribute, content))),
                Some(value) => {
                    let token = parse_token(value).ok_or_else(|| self.wrong(attribute, value, expected))?;
                    tokens.set(attribute, Some(token));
                }
            }
        }
        for (key, value) in self.object.iter().filter(|(key, _)| is_specific_role(key)) {
            tokens.set(key, parse_token(value));
        }
        let specific = self.object.get("model_specific_special_tokens");
        let specific = specific.filter(|_| !self.object.keys().any(|key| is_specific_role(key)));
        for (key, value) in specific.and_then(Value::as_object).into_iter().flatten() {
            let token = parse_token(value).ok_or_else(|| self.wrong(key, value, expected))?;
            tokens.set(key, Some(token));
        }
        match self.object.get("extra_special_tokens") {
            None | Some(Value::Null) => {}
            Some(Value::Object(named)) => {
                for (key, value) in named {
                    let token = parse_token(value).ok_or_else(|| self.wrong(key, value, expected))?;
                    tokens.set(key, Some(token));
                }
            }
            Some(Value::Array(items)) => {
                tokens.extra = items
                    .iter()
                    .map(|item| parse_token(item).ok_or_else(|| self.wrong("extra_special_tokens", item, expected)))
                    .collect::<Result<_>>()?;
            }
            Some(value) => return Err(self.wrong("extra_special_tokens", value, "an array of tokens")),
        }
        Ok(tokens)
    }

    fn added_tokens(&self) -> Result<Option<Vec<(u32, AddedToken)>>> {
        let expected = "an object of AddedToken objects by id";
        let tokens = self.parsed("added_tokens_decoder", Value::as_object, expected, |tokens| {
            let parse = |(id, token): (&String, &Value)| Some((id.parse().ok()?, parse_token(token)?));
            tokens.iter().map(parse).collect::<Option<Vec<(u32, AddedToken)>>>()
        })?;
        Ok(tokens.map(|mut tokens| {
            tokens.sort_by_key(|(id, _)| *id);
            tokens
        }))
    }

    /// The tokens of `added_tokens.json`, which maps tokens to ids, and of `tokenizer.json`.
    fn older_added_tokens(&self, files: &Files, backend: &BackendDefaults) -> Result<Vec<(u32, AddedToken)>> {
        let content = |value: &Value| parse_token(value).map(|token| token.content);
        let named = NAMED.iter().filter_map(|name| content(self.object.get(*name)?));
        let extra = self.object.get("extra_special_tokens").and_then(Value::as_array).into_iter().flatten();
        let special: Vec<String> = named.chain(extra.filter_map(content)).collect();
        let mut tokens = BTreeMap::new();
        for (content, id) in files.object(ADDED_TOKENS)? {
            let Some(index) = id.as_u64().and_then(|id| u32::try_from(id).ok()) else {
                return Err(Error::config_key(files.path(ADDED_TOKENS), &content, id, "an id"));
            };
            let is_special = special.contains(&content);
            tokens.insert(index, AddedToken::from(content, is_special));
        }
        tokens.extend(backend.added_tokens.iter().cloned());
        Ok(tokens.into_iter().collect())
    }

    /// Reads `add_bos_token` and `add_eos_token`: `tokenizer.json` overrides the configuration, the caller overrides
    /// both.
    fn adds_bos_eos(&self, files: &Files, overrides: &Map<String, Value>) -> Result<Option<(bool, bool)>> {
        let names = ["add_bos_token", "add_eos_token"];
        let counts = |name: &str| overrides.contains_key(name) || files.text(TOKENIZER).is_none();
        let flag = |name| if counts(name) { self.bool(name) } else { Ok(None) };
        let [bos, eos] = [flag(names[0])?, flag(names[1])?];
        Ok((bos.is_some() || eos.is_some()).then_some((bos.unwrap_or(false), eos.unwrap_or(false))))
    }
}
