use std::path::Path;
use std::sync::Arc;

use trustformers_core::{Error, Result};
use trustformers_models::{AttentionKind, Head, HostTensor, Model};
use trustformers_tokenizers::{EncodeOptions, TextInput, Tokenizer, Truncation};

use crate::sentence_transformers::{
    Feature, ModelType, Pooling, Prompt, Repository, Rows, SimilarityFunction, Step, check, run,
};
use crate::text_model::TextModel;

/// How sentences become vectors.
#[derive(Clone, Copy, Debug)]
pub struct EmbedOptions<'a> {
    /// What comes before each sentence.
    pub prompt: Prompt<'a>,
    /// How many components a vector keeps; if absent, as many as the model's files say.
    pub truncate_dim: Option<usize>,
    /// Whether vectors get the length one, whatever the model's modules do.
    pub normalize_embeddings: bool,
    /// How many sentences the model sees at once.
    pub batch_size: usize,
}

/// One vector per sentence, and how alike vectors are, as a sentence-transformers repository says.
pub struct SentenceSimilarity {
    model: TextModel,
    repository: Repository,
}

impl SentenceSimilarity {
    /// The task over a model, its tokenizer and the sentence-transformers files of its directory.
    ///
    /// Without a `modules.json` a vector is the mean over the tokens, or that of the last token for a causal language
    /// model.
    ///
    /// **Errors:** `Input` if the model has a head; `Unsupported`, `Config` or `Weights` if those files ask for what does
    /// not exist here or are damaged.
    pub fn new(encoder: Arc<dyn Model>, tokenizer: &Tokenizer, dir: Option<&Path>) -> Result<Self> {
        let mut repository = Repository::read(dir, ModelType::SentenceTransformer)?;
        if !repository.has_modules {
            if !tokenizer.chat_templates().is_empty() {
                return Err(Error::unsupported(
                    "sentences in the chat template of a repository without modules.json, as sentence-transformers puts them",
                ));
            }
            let pooling = if is_causal_lm(&*encoder, dir)? { Pooling::last_token() } else { Pooling::mean() };
            repository.steps = vec![Step::from(pooling)];
        }
        let tokenizer = Arc::new(repository.transformer.applied(tokenizer)?);
        let model = TextModel::new(encoder, tokenizer, Head::Base, "sentence-similarity")?;
        Ok(Self { model, repository })
    }

    /// The texts that may come before sentences, by name.
    pub fn prompts(&self) -> impl Iterator<Item = (&str, &str)> {
        self.repository.prompts.texts.iter().map(|(name, text)| (name.as_str(), text.as_str()))
    }

    /// The name of the prompt that comes before sentences where a call does not say.
    pub fn default_prompt_name(&self) -> Option<&str> {
        self.repository.prompts.default_name.as_deref()
    }

    /// How vectors are compared.
    pub fn similarity_fn(&self) -> SimilarityFunction {
        self.repository.similarity
    }

    /// The most tokens of a sentence, special tokens and a prompt included.
    pub fn max_seq_length(&self) -> Option<usize> {
        self.repository.transformer.max_length(&*self.model.encoder, &self.model.tokenizer, None)
    }

    /// The sentences' vectors; a sentence longer than the model's limit is truncated.
    ///
    /// **Shapes:** returns `[sentences, width]`, in the order of `sentences`.
    ///
    /// **Errors:** `Input` if there is no sentence or no prompt of the name; `Config` if the modules do not fit the model.
    pub fn embed(&self, sentences: &[&str], options: &EmbedOptions<'_>) -> Result<HostTensor> {
        if sentences.is_empty() {
            return Err(Error::input("sentences", "the list is empty"));
        }
        let Repository { transformer, steps, prompts, .. } = &self.repository;
        let prompt = prompts.resolve(options.prompt)?;
        let encode = EncodeOptions {
            truncation: Some(Truncation::LongestFirst),
            max_length: transformer.max_length(&*self.model.encoder, &self.model.tokenizer, options.prompt.task),
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

    /// Tokens of a prompt, less a special token at its end.
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

/// Whether the checkpoint is one of a causal language model.
fn is_causal_lm(encoder: &dyn Model, dir: Option<&Path>) -> Result<bool> {
    if encoder.attention() == AttentionKind::Bidirectional && encoder.config().get("is_causal").is_some() {
        return Ok(false);
    }
    // The configuration of a loaded model names the class that it was loaded as.
    let file = dir.map(|dir| dir.join("config.json")).filter(|file| file.is_file());
    let Some(file) = file else { return Ok(false) };
    let config = trustformers_core::read_json(&file)?;
    Ok(config["architectures"][0].as_str().is_some_and(|class| class.ends_with("ForCausalLM")))
}
