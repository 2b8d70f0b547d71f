use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::{Map, Value};
use tokenizers::normalizers::{Lowercase, NormalizerWrapper, Sequence};
use tokenizers::processors::PostProcessorWrapper;
use tokenizers::utils::padding::{PaddingDirection, PaddingParams};
use tokenizers::utils::truncation::{TruncationDirection, TruncationParams};
use tokenizers::{AddedToken, ModelWrapper, PostProcessor};
use trustformers_core::{Error, Result};

use crate::assembly::Assembly;
use crate::config::{BackendDefaults, NormalizerRules, Side, TokenizerConfig};
use crate::convert::{Stated, convert, post_processor};
use crate::files::{Files, TOKENIZER};
use crate::tokenizer_file::TokenizerFile;

/// A tokenizer read from Hugging Face's files: the pipeline of `tokenizer.json` and the settings around it.
///
/// Calls do not change it; a changed setting gives another tokenizer that shares the vocabulary.
#[derive(Clone, Debug)]
pub struct Tokenizer {
    pub(crate) backend: Arc<Backend>,
    pub(crate) config: TokenizerConfig,
}

/// The pipeline with its post-processor taken out, so that truncation can happen between the two per call.
#[derive(Clone, Debug)]
pub(crate) struct Backend {
    pub tokenizer: tokenizers::Tokenizer,
    pub post_processor: PostProcessorWrapper,
    /// The post-processor again, if it is a template.
    pub assembly: Option<Assembly>,
    pub unapplied: Unapplied,
}

/// Sections of `tokenizer.json` that are kept for saving and not applied.
#[derive(Clone, Debug, Default)]
pub(crate) struct Unapplied {
    pub padding: Option<PaddingParams>,
    pub truncation: Option<TruncationParams>,
}

impl Tokenizer {
    /// Reads `tokenizer.json` and, where they exist, `tokenizer_config.json`, `special_tokens_map.json`,
    /// `added_tokens.json` and the model's `config.json` (only to learn the tokenizer class). The tokenizer class builds
    /// its pipeline from the vocabulary of `tokenizer.json`; without such a file, from `vocab.txt`, `vocab.json` and
    /// `merges.txt`, or a SentencePiece model. A class without a pipeline of its own takes the one that `tokenizer.json`
    /// states.
    ///
    /// **Errors:** `Io` naming a file or directory that cannot be read; `Tokenizer` if there is none of these files or
    /// one is damaged; `Unsupported` for a class that is not built from a vocabulary, or a kind of component that is not
    /// known; `Config` naming file and key.
    pub fn from_dir(dir: &Path) -> Result<Self> {
        Self::from_dir_with(dir, &Map::new())
    }

    /// As `from_dir`, with values that come before those of `tokenizer_config.json` and `special_tokens_map.json`.
    pub fn from_dir_with(dir: &Path, overrides: &Map<String, Value>) -> Result<Self> {
        Self::build(&Files::read(dir)?, overrides, false)
    }

    /// As `from_dir_with`, with the overrides as the text of a JSON object.
    ///
    /// **Errors:** as `from_dir`; `Input` if `overrides` is not a JSON object.
    pub fn from_dir_with_json(dir: &Path, overrides: &str) -> Result<Self> {
        Self::from_dir_with(dir, &parsed(overrides)?)
    }

    /// Reads `text`, the contents of a `tokenizer.json` called `file`, without any file beside it; `overrides` as in
    /// `from_dir_with_json`.
    ///
    /// **Errors:** as `from_dir_with_json`.
    pub fn from_json(file: &Path, text: String, overrides: &str) -> Result<Self> {
        Self::build(&Files::one(file, text), &parsed(overrides)?, false)
    }

    /// Rebuilds a tokenizer from what `to_files` returned: the pipeline is the one that `tokenizer.json` states.
    pub fn from_files(texts: BTreeMap<String, String>) -> Result<Self> {
        Self::build(&Files::new(PathBuf::new(), texts), &Map::new(), true)
    }

    fn build(files: &Files, overrides: &Map<String, Value>, keeps_pipeline: bool) -> Result<Self> {
        let path = files.path(TOKENIZER);
        let file = files.text(TOKENIZER).map(|text| TokenizerFile::parse(&path, text)).transpose()?;
        let backend = file.as_ref().map(backend_defaults).unwrap_or_default();
        let mut config = TokenizerConfig::read(files, overrides, &backend)?;
        let mut unapplied = Unapplied::default();
        let mut stated = None;
        let vocabulary = match file {
            None => Ok(None),
            Some(mut file) => {
                unapplied = Unapplied { padding: file.padding.take(), truncation: file.truncation.take() };
                stated = file.post_processor.take();
                match keeps_pipeline {
                    true => Err(Box::new(file)),
                    false => Stated::of(&config.tokenizer_class, file).map(Some),
                }
            }
        };
        let is_built = vocabulary.is_ok();
        let tokenizer = match vocabulary {
            Err(file) => file.pipeline(&path)?,
            Ok(vocabulary) => {
                let converted = convert(files, &config, vocabulary)?;
                config.take_marked(converted.marked, converted.roles);
                converted.tokenizer
            }
        };
        let around = |tokenizer: &mut tokenizers::Tokenizer| {
            if is_built && config.tokenizer_class == "Qwen2Tokenizer" {
                let special = config.special_tokens.all().into_iter();
                let special = special.map(|token| AddedToken::from(token.content.as_str(), true));
                tokenizer.add_tokens(special.collect::<Vec<_>>()).map_err(Error::tokenizer)?;
            }
            post_processor(files, &config, tokenizer, stated, is_built)
        };
        let damaged = |error: &dyn std::fmt::Display| Error::tokenizer(format!("{}: {error}", path.display()));
        Self::finish(tokenizer, config.clone(), unapplied, around, damaged)
    }

    /// A tokenizer of a pipeline and its settings; `around` gives what goes around sequences, when every token is there.
    pub(crate) fn finish(
        mut tokenizer: tokenizers::Tokenizer,
        config: TokenizerConfig,
        unapplied: Unapplied,
        around: impl FnOnce(&mut tokenizers::Tokenizer) -> Result<PostProcessorWrapper>,
        damaged: impl Fn(&dyn std::fmt::Display) -> Error,
    ) -> Result<Self> {
        if let Some(rules) = config.normalizer {
            apply_normalizer_rules(&mut tokenizer, rules).map_err(|error| damaged(&error))?;
        }
        add_missing_tokens(&mut tokenizer, &config).map_err(|error| damaged(&error))?;
        tokenizer.set_encode_special_tokens(config.split_special_tokens);
        let post_processor = around(&mut tokenizer)?;
        let assembly = Assembly::of(&post_processor);
        Ok(Self { backend: Arc::new(Backend { assembly, tokenizer, post_processor, unapplied }), config })
    }

    /// The class that reads the files, without `Fast`; it decides the defaults of what they leave out.
    pub fn tokenizer_class(&self) -> &str {
        &self.config.tokenizer_class
    }

    /// The kind of the model in `tokenizer.json`: `BPE`, `WordPiece`, `WordLevel` or `Unigram`.
    pub fn model_kind(&self) -> &'static str {
        match self.backend.tokenizer.get_model() {
            ModelWrapper::BPE(_) => "BPE",
            ModelWrapper::WordPiece(_) => "WordPiece",
            ModelWrapper::WordLevel(_) => "WordLevel",
            ModelWrapper::Unigram(_) => "Unigram",
        }
    }

    /// What tokens that continue a word begin with, if the model marks them so.
    pub fn continuing_subword_prefix(&self) -> Option<&str> {
        match self.backend.tokenizer.get_model() {
            ModelWrapper::BPE(model) => model.continuing_subword_prefix.as_deref(),
            ModelWrapper::WordPiece(model) => Some(&model.continuing_subword_prefix),
            ModelWrapper::WordLevel(_) | ModelWrapper::Unigram(_) => None,
        }
    }

    /// The longest sequence the model takes, special tokens included; `None` if there is no limit.
    pub fn model_max_length(&self) -> Option<usize> {
        self.config.model_max_length
    }

    /// This tokenizer with another `model_max_length`.
    pub fn with_model_max_length(mut self, model_max_length: Option<usize>) -> Self {
        self.config.model_max_length = model_max_length;
        self
    }

    /// Where padding goes when a call does not say.
    pub fn padding_side(&self) -> Side {
        self.config.padding_side
    }

    /// This tokenizer with another `padding_side`.
    pub fn with_padding_side(mut self, side: Side) -> Self {
        self.config.padding_side = side;
        self
    }

    /// Where truncation removes tokens.
    pub fn truncation_side(&self) -> Side {
        self.config.truncation_side
    }

    /// This tokenizer with another `truncation_side`.
    pub fn with_truncation_side(mut self, side: Side) -> Self {
        self.config.truncation_side = side;
        self
    }

    /// This tokenizer with texts in lower case before everything else that normalizes them.
    ///
    /// **Errors:** `Tokenizer` if the pipeline cannot take another normalizer.
    pub fn with_lowercase(mut self) -> Result<Self> {
        let is_lowercase = |normalizer: &NormalizerWrapper| matches!(normalizer, NormalizerWrapper::Lowercase(_));
        let found: Vec<NormalizerWrapper> = match self.backend.tokenizer.get_normalizer() {
            None => Vec::new(),
            Some(NormalizerWrapper::Sequence(sequence)) => sequence.as_ref().to_vec(),
            Some(other) => vec![other.clone()],
        };
        if !found.iter().any(is_lowercase) {
            let all = [vec![NormalizerWrapper::Lowercase(Lowercase)], found].concat();
            let backend = Arc::make_mut(&mut self.backend);
            let changed = backend.tokenizer.with_normalizer(Some(Sequence::new(all)));
            changed.map_err(|error| Error::tokenizer(format!("do_lower_case: {error}")))?;
        }
        Ok(self)
    }

    /// The names of what the model takes, such as `token_type_ids`.
    pub fn model_input_names(&self) -> &[String] {
        &self.config.model_input_names
    }

    /// Whether `decode` removes spaces before punctuation when a call does not say.
    pub fn clean_up_tokenization_spaces(&self) -> bool {
        self.config.clean_up_tokenization_spaces
    }

    /// A special token by its attribute name, such as `cls_token`.
    pub fn special_token(&self, attribute: &str) -> Option<&str> {
        self.config.special_tokens.get(attribute).map(|token| token.content.as_str())
    }

    /// The id of a special token by its attribute name; that of `unk_token` if the vocabulary does not hold it.
    pub fn special_token_id(&self, attribute: &str) -> Option<u32> {
        self.convert_token_to_id(self.special_token(attribute)?)
    }

    /// This tokenizer with another token, or none, in the role of `attribute`; the vocabulary stays as it is.
    pub fn with_special_token(mut self, attribute: &str, token: Option<&str>) -> Self {
        self.config.special_tokens.set(attribute, token.map(|content| AddedToken::from(content, true)));
        self
    }

    /// Attribute names and contents of the named special tokens.
    pub fn special_tokens_map(&self) -> Vec<(&str, &str)> {
        self.config.special_tokens.named().map(|(name, token)| (name, token.content.as_str())).collect()
    }

    /// Special tokens without an attribute of their own.
    pub fn extra_special_tokens(&self) -> Vec<&str> {
        self.config.special_tokens.extra.iter().map(|token| token.content.as_str()).collect()
    }

    /// Every special token once: the named, then the extra ones.
    pub fn all_special_tokens(&self) -> Vec<&str> {
        self.config.special_tokens.all().into_iter().map(|token| token.content.as_str()).collect()
    }

    /// How many special tokens encoding adds to one sequence, or to a pair.
    pub fn num_special_tokens_to_add(&self, pair: bool) -> usize {
        self.backend.post_processor.added_tokens(pair)
    }

    /// The size of the vocabulary without added tokens.
    pub fn vocab_size(&self) -> usize {
        self.backend.tokenizer.get_vocab_size(false)
    }

    /// The size of the vocabulary with added tokens.
    pub fn vocab_size_with_added_tokens(&self) -> usize {
        self.backend.tokenizer.get_vocab_size(true)
    }

    /// Every token and its id, added tokens included.
    pub fn vocab(&self) -> HashMap<String, u32> {
        self.backend.tokenizer.get_vocab(true)
    }

    /// The id of a token, if the vocabulary holds it.
    pub fn token_to_id(&self, token: &str) -> Option<u32> {
        self.backend.tokenizer.token_to_id(token)
    }

    /// The id of a token, or that of `unk_token`.
    pub fn convert_token_to_id(&self, token: &str) -> Option<u32> {
        self.token_to_id(token).or_else(|| self.token_to_id(self.special_token("unk_token")?))
    }

    /// The token of an id, if the vocabulary holds it.
    pub fn id_to_token(&self, id: u32) -> Option<String> {
        self.backend.tokenizer.id_to_token(id)
    }
}

/// Overrides from the text of a JSON object.
pub(crate) fn parsed(overrides: &str) -> Result<Map<String, Value>> {
    serde_json::from_str(overrides).map_err(|error| Error::input("overrides", format!("not a JSON object: {error}")))
}

fn backend_defaults(file: &TokenizerFile) -> BackendDefaults {
    let padding = file.padding.as_ref();
    BackendDefaults {
        pad_token: padding.map(|params| params.pad_token.clone()),
        padding_side: padding.map(|params| match params.direction {
            PaddingDirection::Left => Side::Left,
            PaddingDirection::Right => Side::Right,
        }),
        truncation_side: file.truncation.as_ref().map(|params| match params.direction {
            TruncationDirection::Left => Side::Left,
            TruncationDirection::Right => Side::Right,
        }),
        added_tokens: file.added_tokens.clone(),
    }
}

fn apply_normalizer_rules(tokenizer: &mut tokenizers::Tokenizer, rules: NormalizerRules) -> tokenizers::Result<()> {
    let Some(NormalizerWrapper::BertNormalizer(found)) = tokenizer.get_normalizer() else { return Ok(()) };
    let mut normalizer = *found;
    let before = NormalizerRules {
        lowercase: normalizer.lowercase,
        strip_accents: normalizer.strip_accents,
        handle_chinese_chars: normalizer.handle_chinese_chars,
    };
    if before != rules {
        normalizer.lowercase = rules.lowercase;
        normalizer.strip_accents = rules.strip_accents;
        normalizer.handle_chinese_chars = rules.handle_chinese_chars;
        tokenizer.with_normalizer(Some(normalizer))?;
    }
    Ok(())
}

fn add_missing_tokens(tokenizer: &mut tokenizers::Tokenizer, config: &TokenizerConfig) -> tokenizers::Result<()> {
    let present: Vec<AddedToken> = tokenizer.get_added_tokens_decoder().into_values().collect();
    let is_special: HashSet<&str> = config.special_tokens.named().map(|(_, token)| token.content.as_str()).collect();
    let mut missing: Vec<AddedToken> = Vec::new();
    for (_, token) in config.added_tokens.iter().filter(|(_, token)| !present.contains(token)) {
        let special = token.special || is_special.contains(token.content.as_str());
        missing.push(AddedToken { special, ..token.clone() });
    }
    for token in config.special_tokens.all() {
        if present.iter().chain(&missing).all(|known| known.content != token.content) {
            let special = token.special || is_special.contains(token.content.as_str());
            missing.push(AddedToken { special, ..token.clone() });
        }
    }
    if !missing.is_empty() {
        tokenizer.add_tokens(missing)?;
    }
    Ok(())
}
