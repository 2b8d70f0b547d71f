use std::collections::{BTreeMap, HashMap, HashSet};
use std::fs;
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
use crate::config::{BackendDefaults, NormalizerRules, TokenizerConfig};
use crate::convert::{Stated, convert, lookup_files, post_processor};
use crate::files::{Files, TARGET_TOKENIZER, TOKENIZER};
use crate::model::Model;
use crate::pipeline::Pipeline;
use crate::side::Side;
use crate::tokenizer_file::TokenizerFile;

/// A tokenizer read from Hugging Face's files: the pipeline of `tokenizer.json` and the settings around it.
///
/// A tokenizer is immutable; changing a setting returns another tokenizer that shares the vocabulary.
#[derive(Clone, Debug)]
pub struct Tokenizer {
    pub(crate) backend: Arc<Backend>,
    /// The backend of target texts, if it is another.
    pub(crate) target: Option<Arc<Backend>>,
    pub(crate) around: Arc<Around>,
    pub(crate) config: TokenizerConfig,
}

/// The pipeline and the vocabulary.
#[derive(Clone, Debug)]
pub(crate) struct Backend {
    pub tokenizer: Pipeline,
    pub unapplied: Unapplied,
}

/// The post-processor, kept apart from the pipeline so that each call can truncate between the two, and so that other
/// special tokens share the vocabulary.
#[derive(Clone, Debug)]
pub(crate) struct Around {
    pub post_processor: PostProcessorWrapper,
    /// A faster form of the post-processor, if it is a template.
    pub assembly: Option<Assembly>,
}

impl Around {
    pub fn new(post_processor: PostProcessorWrapper) -> Self {
        Self { assembly: Assembly::of(&post_processor), post_processor }
    }
}

/// Sections of `tokenizer.json` that are kept for saving but not applied.
#[derive(Clone, Debug, Default)]
pub(crate) struct Unapplied {
    pub padding: Option<PaddingParams>,
    pub truncation: Option<TruncationParams>,
}

impl Tokenizer {
    /// Loads a tokenizer from `tokenizer.json` and, if they exist, `tokenizer_config.json`, `special_tokens_map.json`,
    /// `added_tokens.json` and the model's `config.json` (only for the tokenizer class). The tokenizer class builds its
    /// pipeline from the vocabulary of `tokenizer.json`; without that file, from `vocab.txt`, `vocab.json` and
    /// `merges.txt`, or a SentencePiece model. A class whose pipeline is not implemented here uses the pipeline in
    /// `tokenizer.json`.
    ///
    /// **Errors:** `Io` naming a file or directory that cannot be read; `Tokenizer` if none of these files exists or
    /// one is damaged; `Unsupported` for a class that cannot be built from a vocabulary, or an unknown kind of
    /// component; `Config` naming file and key.
    pub fn from_dir(dir: &Path) -> Result<Self> {
        Self::from_dir_with(dir, &Map::new())
    }

    /// Loads a tokenizer like `from_dir`; `overrides` take precedence over `tokenizer_config.json` and
    /// `special_tokens_map.json`.
    pub fn from_dir_with(dir: &Path, overrides: &Map<String, Value>) -> Result<Self> {
        let files = Files::read(dir)?;
        let needed = lookup_files(&TokenizerConfig::class(&files)?);
        let files = if needed.is_empty() { files } else { files.with_vocabulary()? };
        Self::build(&files, overrides, false)
    }

    /// Loads a tokenizer from a `tokenizer.json`, ignoring files beside it; `overrides` are settings of
    /// `tokenizer_config.json`.
    ///
    /// **Errors:** as `from_dir`.
    pub fn from_file(file: &Path, overrides: &Map<String, Value>) -> Result<Self> {
        let text = fs::read_to_string(file).map_err(|source| Error::io(file, source))?;
        Self::from_json(file, text, overrides)
    }

    /// Loads a tokenizer like `from_file`, from the contents of a `tokenizer.json`; errors name the path `file`.
    ///
    /// **Errors:** as `from_dir`, except for `Io`.
    pub fn from_json(file: &Path, text: String, overrides: &Map<String, Value>) -> Result<Self> {
        Self::build(&Files::one(file, text), overrides, false)
    }

    /// Rebuilds a tokenizer from the output of `to_files`, with the pipeline in its `tokenizer.json`.
    pub fn from_files(texts: BTreeMap<String, String>) -> Result<Self> {
        Self::build(&Files::new(PathBuf::new(), texts), &Map::new(), true)
    }

    fn build(files: &Files, overrides: &Map<String, Value>, keeps_pipeline: bool) -> Result<Self> {
        let path = files.path(TOKENIZER);
        let needed = lookup_files(&TokenizerConfig::class(files)?);
        // These classes read their vocabulary files; a tokenizer.json is only approximately the same.
        let is_looked_up = !needed.is_empty() && files.has_vocabulary(needed);
        let file = files.text(TOKENIZER).filter(|_| !is_looked_up);
        let file = file.map(|text| TokenizerFile::parse(&path, text)).transpose()?;
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
        let (tokenizer, target) = match vocabulary {
            Err(file) => (file.pipeline(&path)?, target_pipeline(files)?),
            Ok(vocabulary) => {
                let converted = convert(files, &config, vocabulary)?;
                config.take_marked(converted.marked, converted.roles);
                (converted.tokenizer, converted.target)
            }
        };
        let around = |tokenizer: &mut Pipeline| {
            if is_built && config.tokenizer_class == "Qwen2Tokenizer" {
                let special = config.special_tokens.all().into_iter();
                let special = special.map(|token| AddedToken::from(token.content.as_str(), true));
                tokenizer.add_tokens(special.collect::<Vec<_>>()).map_err(Error::tokenizer)?;
            }
            post_processor(files, &config, tokenizer, stated, is_built)
        };
        let damaged = |error: &dyn std::fmt::Display| Error::tokenizer(format!("{}: {error}", path.display()));
        let tokenizer = Self::finish(tokenizer, config.clone(), unapplied, around, damaged)?;
        tokenizer.with_target(target)
    }

    /// Completes a tokenizer from a pipeline and its settings; `around` builds the post-processor once all tokens are
    /// added.
    pub(crate) fn finish(
        mut tokenizer: Pipeline,
        config: TokenizerConfig,
        unapplied: Unapplied,
        around: impl FnOnce(&mut Pipeline) -> Result<PostProcessorWrapper>,
        damaged: impl Fn(&dyn std::fmt::Display) -> Error,
    ) -> Result<Self> {
        if let Some(rules) = config.normalizer {
            apply_normalizer_rules(&mut tokenizer, rules).map_err(|error| damaged(&error))?;
        }
        add_missing_tokens(&mut tokenizer, &config).map_err(|error| damaged(&error))?;
        tokenizer.set_encode_special_tokens(config.split_special_tokens);
        let around = Arc::new(Around::new(around(&mut tokenizer)?));
        Ok(Self { backend: Arc::new(Backend { tokenizer, unapplied }), target: None, around, config })
    }

    /// The tokenizer with another pipeline for target texts, which gets the added tokens with their ids.
    ///
    /// **Errors:** `Tokenizer` if the pipeline refuses a token.
    pub(crate) fn with_target(self, target: Option<Pipeline>) -> Result<Self> {
        let Some(mut pipeline) = target else { return Ok(self) };
        let added = self.added_tokens();
        if let Model::Lookup(model) = pipeline.get_model() {
            let ids = added.iter().map(|(id, token)| (token.content.clone(), *id));
            let model = Model::Lookup(Box::new(model.as_ref().clone().with_ids(ids)));
            pipeline.with_model(model);
        }
        pipeline.add_tokens(added.into_iter().map(|(_, token)| token)).map_err(Error::tokenizer)?;
        pipeline.set_encode_special_tokens(self.config.split_special_tokens);
        let target = Backend { tokenizer: pipeline, unapplied: Unapplied::default() };
        Ok(Self { target: Some(Arc::new(target)), ..self })
    }

    /// The tokenizer class, without `Fast`; it sets the defaults of keys that the files leave out.
    pub fn tokenizer_class(&self) -> &str {
        &self.config.tokenizer_class
    }

    /// The tokenization model: `BPE`, `WordPiece`, `WordLevel`, `Unigram`, or `Lookup` for pieces of one file whose ids are
    /// those of another.
    pub fn model_kind(&self) -> &'static str {
        self.backend.tokenizer.get_model().kind()
    }

    /// Prefix of tokens that continue a word, if the model has one.
    pub fn continuing_subword_prefix(&self) -> Option<&str> {
        match self.backend.tokenizer.get_model() {
            Model::Plain(ModelWrapper::BPE(model)) => model.continuing_subword_prefix.as_deref(),
            Model::Plain(ModelWrapper::WordPiece(model)) => Some(&model.continuing_subword_prefix),
            Model::Plain(ModelWrapper::WordLevel(_) | ModelWrapper::Unigram(_)) | Model::Lookup(_) => None,
        }
    }

    /// Maximum sequence length in tokens, special tokens included; `None` if there is no limit.
    pub fn model_max_length(&self) -> Option<usize> {
        self.config.model_max_length
    }

    /// A tokenizer with another `model_max_length`.
    pub fn with_model_max_length(mut self, model_max_length: Option<usize>) -> Self {
        self.config.model_max_length = model_max_length;
        self
    }

    /// Side that padding is added on by default.
    pub fn padding_side(&self) -> Side {
        self.config.padding_side
    }

    /// A tokenizer with another `padding_side`.
    pub fn with_padding_side(mut self, side: Side) -> Self {
        self.config.padding_side = side;
        self
    }

    /// Side that truncation removes tokens from.
    pub fn truncation_side(&self) -> Side {
        self.config.truncation_side
    }

    /// A tokenizer with another `truncation_side`.
    pub fn with_truncation_side(mut self, side: Side) -> Self {
        self.config.truncation_side = side;
        self
    }

    /// A tokenizer that lowercases texts before all other normalization.
    ///
    /// **Errors:** `Tokenizer` if the pipeline does not accept another normalizer.
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

    /// Names of the model inputs, such as `token_type_ids`.
    pub fn model_input_names(&self) -> &[String] {
        &self.config.model_input_names
    }

    /// Whether `decode` removes spaces before punctuation by default.
    pub fn clean_up_tokenization_spaces(&self) -> bool {
        self.config.clean_up_tokenization_spaces
    }

    /// A special token by its attribute name, such as `cls_token`.
    pub fn special_token(&self, attribute: &str) -> Option<&str> {
        self.config.special_tokens.get(attribute).map(|token| token.content.as_str())
    }

    /// The id of a special token by its attribute name; the id of `unk_token` if the token is not in the vocabulary.
    pub fn special_token_id(&self, attribute: &str) -> Option<u32> {
        self.convert_token_to_id(self.special_token(attribute)?)
    }

    /// A tokenizer with `token` as the special token `attribute`; `None` removes it. The vocabulary is unchanged.
    pub fn with_special_token(mut self, attribute: &str, token: Option<&str>) -> Self {
        self.config.special_tokens.set(attribute, token.map(|content| AddedToken::from(content, true)));
        self
    }

    /// Attribute names and contents of the named special tokens.
    pub fn special_tokens_map(&self) -> Vec<(&str, &str)> {
        self.config.special_tokens.named().map(|(name, token)| (name, token.content.as_str())).collect()
    }

    /// Special tokens without a named attribute.
    pub fn extra_special_tokens(&self) -> Vec<&str> {
        self.config.special_tokens.extra.iter().map(|token| token.content.as_str()).collect()
    }

    /// All special tokens without duplicates: named ones, then extra ones.
    pub fn all_special_tokens(&self) -> Vec<&str> {
        self.config.special_tokens.all().into_iter().map(|token| token.content.as_str()).collect()
    }

    /// How many special tokens encoding adds to one sequence, or to a pair.
    pub fn num_special_tokens_to_add(&self, pair: bool) -> usize {
        self.around.post_processor.added_tokens(pair)
    }

    /// The size of the vocabulary without added tokens.
    pub fn vocab_size(&self) -> usize {
        self.backend.tokenizer.get_vocab_size(false)
    }

    /// The size of the vocabulary with added tokens.
    pub fn vocab_size_with_added_tokens(&self) -> usize {
        match self.backend.tokenizer.get_model() {
            // Added tokens may have ids of the model that are not in its vocabulary.
            Model::Lookup(_) => self.backend.tokenizer.get_vocab(true).len(),
            Model::Plain(_) => self.backend.tokenizer.get_vocab_size(true),
        }
    }

    /// Every token and its id, added tokens included.
    pub fn vocab(&self) -> HashMap<String, u32> {
        self.backend.tokenizer.get_vocab(true)
    }

    /// The id of a token; `None` if it is not in the vocabulary.
    pub fn token_to_id(&self, token: &str) -> Option<u32> {
        self.backend.tokenizer.token_to_id(token)
    }

    /// The id of a token, or the id of `unk_token` if the token is not in the vocabulary.
    pub fn convert_token_to_id(&self, token: &str) -> Option<u32> {
        self.token_to_id(token).or_else(|| self.token_to_id(self.special_token("unk_token")?))
    }

    /// The token of an id; `None` if it is not in the vocabulary.
    pub fn id_to_token(&self, id: u32) -> Option<String> {
        self.backend.tokenizer.id_to_token(id)
    }
}

/// The pipeline of target texts among the files that `to_files` returns.
fn target_pipeline(files: &Files) -> Result<Option<Pipeline>> {
    let path = files.path(TARGET_TOKENIZER);
    let file = files.text(TARGET_TOKENIZER).map(|text| TokenizerFile::parse(&path, text)).transpose()?;
    file.map(|file| file.pipeline(&path)).transpose()
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

fn apply_normalizer_rules(tokenizer: &mut Pipeline, rules: NormalizerRules) -> tokenizers::Result<()> {
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

fn add_missing_tokens(tokenizer: &mut Pipeline, config: &TokenizerConfig) -> tokenizers::Result<()> {
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
