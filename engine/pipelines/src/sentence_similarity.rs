use std::path::Path;
use std::sync::Arc;

use trustformers_core::{Error, Result};
use trustformers_models::{AttentionKind, Head, HostTensor, Model};
use trustformers_tokenizers::{EncodeOptions, TextInput, Tokenizer, Truncation};

use crate::sentence_transformers::{
    Feature, ModelType, Pooling, Prompt, Repository, Rows, SimilarityFunction, Step, check, run,
};
use crate::text_model::{TextModel, states_causal_lm};

/// Options of sentence embedding.
#[derive(Clone, Copy, Debug)]
pub struct EmbedOptions<'a> {
    /// The prompt that is prepended to each sentence.
    pub prompt: Prompt<'a>,
    /// Number of components to keep; by default the number in the model's files, if any.
    pub truncate_dim: Option<usize>,
    /// Whether embeddings are normalized to length one after the model's modules.
    pub normalize_embeddings: bool,
    /// Number of sentences per forward pass.
    pub batch_size: usize,
}

/// Sentence embeddings and their similarity, as defined by a sentence-transformers repository.
pub struct SentenceSimilarity {
    model: TextModel,
    repository: Repository,
}

impl SentenceSimilarity {
    /// Creates the pipeline from a model, its tokenizer and the sentence-transformers files in `dir`.
    ///
    /// Without a `modules.json`, an embedding is the mean of the token embeddings, or for a causal language model the
    /// last token's embedding.
    ///
    /// **Errors:** `Input` if the model has a head; `Unsupported`, `Config` or `Weights` if the files need a missing
    /// feature or are damaged.
    pub fn new(model: Arc<dyn Model>, tokenizer: &Tokenizer, dir: Option<&Path>) -> Result<Self> {
        let mut repository = Repository::read(dir, ModelType::SentenceTransformer)?;
        if !repository.has_modules {
            if !tokenizer.chat_templates().is_empty() {
                return Err(Error::unsupported(
                    "formatting sentences with the chat template of a repository without modules.json",
                ));
            }
            let pooling = if is_causal_lm(&*model, dir)? { Pooling::last_token() } else { Pooling::mean() };
            repository.steps = vec![Step::from(pooling)];
        }
        let tokenizer = Arc::new(repository.transformer.applied(tokenizer)?);
        let model = TextModel::new(model, tokenizer, Head::Base, "sentence-similarity")?;
        Ok(Self { model, repository })
    }

    /// Prompts by name; a prompt is prepended to the sentences.
    pub fn prompts(&self) -> impl Iterator<Item = (&str, &str)> {
        self.repository.prompts.texts.iter().map(|(name, text)| (name.as_str(), text.as_str()))
    }

    /// Name of the prompt that is used if a call names none.
    pub fn default_prompt_name(&self) -> Option<&str> {
        self.repository.prompts.default_name.as_deref()
    }

    /// The function that compares embeddings.
    pub fn similarity_fn(&self) -> SimilarityFunction {
        self.repository.similarity
    }

    /// Maximum tokens of a sentence, special tokens and prompt included.
    pub fn max_seq_length(&self) -> Option<usize> {
        self.repository.transformer.max_length(&*self.model.model, &self.model.tokenizer, None)
    }

    /// Embeds sentences; a sentence longer than the model's limit is truncated.
    ///
    /// **Shapes:** returns `[sentences, width]`, in the order of `sentences`.
    ///
    /// **Errors:** `Input` for an empty list or an unknown prompt name; `Config` if the modules do not fit the model.
    pub fn embed(&self, sentences: &[&str], options: &EmbedOptions<'_>) -> Result<HostTensor> {
        if sentences.is_empty() {
            return Err(Error::input("sentences", "the list is empty"));
        }
        let Repository { transformer, steps, prompts, .. } = &self.repository;
        let prompt = prompts.resolve(options.prompt)?;
        let encode = EncodeOptions {
            truncation: Some(Truncation::LongestFirst),
            max_length: transformer.max_length(&*self.model.model, &self.model.tokenizer, options.prompt.task),
            ..EncodeOptions::default()
        };
        let excludes_prompt = !prompt.is_empty() && steps.iter().any(Step::excludes_prompt);
        let prompt_length = if excludes_prompt { self.prompt_length(prompt, &encode)? } else { 0 };
        let prompted: Vec<String>;
        let rows = if prompt.is_empty() {
            sentences.iter().copied().map(TextInput::Single).collect()
        } else {
            prompted = sentences.iter().map(|sentence| format!("{prompt}{sentence}")).collect();
            prompted.iter().map(|sentence| TextInput::Single(sentence)).collect()
        };
        let encoded = self.model.encode(rows, &encode)?;
        let mut vectors = vec![Vec::new(); sentences.len()];
        let mut is_checked = false;
        self.model.for_each(encoded.encodings(), options.batch_size, |index, tokens| {
            let tokens = Rows::of(tokens);
            if !is_checked {
                check(steps, tokens.width, Feature::SentenceEmbedding)?;
                is_checked = true;
            }
            let mut vector = run(steps, tokens, prompt_length, Feature::SentenceEmbedding)?;
            if let Some(width) = options.truncate_dim.or(self.repository.truncate_dim) {
                vector = vector.truncated(width);
            }
            if options.normalize_embeddings {
                vector.normalize();
            }
            vectors[index] = vector.data;
            Ok(())
        })?;
        let shape = vec![vectors.len(), vectors[0].len()];
        Ok(HostTensor { shape, data: vectors.concat() })
    }

    /// Number of tokens of a prompt, without a special token at its end.
    fn prompt_length(&self, prompt: &str, encode: &EncodeOptions) -> Result<usize> {
        let tokenizer = &self.model.tokenizer;
        let encoding = tokenizer.encode(prompt, encode)?;
        let special: Vec<u32> = tokenizer
            .all_special_tokens()
            .into_iter()
            .filter_map(|token| tokenizer.convert_token_to_id(token))
            .collect();
        let ends_special = encoding.get_ids().last().is_some_and(|id| special.contains(id));
        Ok(encoding.len() - usize::from(ends_special))
    }
}

/// Whether the checkpoint is a causal language model.
fn is_causal_lm(model: &dyn Model, dir: Option<&Path>) -> Result<bool> {
    if model.attention() == AttentionKind::Bidirectional && model.config().get("is_causal").is_some() {
        return Ok(false);
    }
    // The configuration of a loaded model names the class that it was loaded as.
    dir.map_or(Ok(false), states_causal_lm)
}
