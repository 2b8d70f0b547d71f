use std::path::Path;
use std::sync::Arc;

use trustformers_core::{Error, Result};
use trustformers_models::{Head, HostTensor, Model};
use trustformers_tokenizers::{EncodeOptions, TextInput, Tokenizer, Truncation};

use crate::scores::{descending, sigmoid, softmax};
use crate::sentence_transformers::{Feature, ModelType, ModuleActivation, Prompt, Repository, Rows, check, run};
use crate::text_classification::ScoreFunction;
use crate::text_model::{TextModel, states_causal_lm};

/// Options of the text ranking pipeline.
#[derive(Clone, Copy, Debug)]
pub struct RankingOptions<'a> {
    /// The prompt that is prepended to the first text of each pair; its task has no effect.
    pub prompt: Prompt<'a>,
    /// Function applied to the logits; by default the activation in the model's files.
    pub function_to_apply: Option<ScoreFunction>,
    /// Number of pairs per forward pass.
    pub batch_size: usize,
}

/// Text ranking pipeline: a cross-encoder of sentence-transformers scores pairs of texts.
pub struct TextRanking {
    model: TextModel,
    repository: Repository,
    activation: ModuleActivation,
}

impl TextRanking {
    /// The head that the model in `dir` needs.
    ///
    /// **Errors:** as [`TextRanking::new`].
    pub fn head(dir: &Path) -> Result<Head> {
        let repository = Repository::read(Some(dir), ModelType::CrossEncoder)?;
        if !repository.has_modules && states_causal_lm(dir)? {
            let message = format!(
                "a causal language model as a reranker ({}); use its sequence classification checkpoint",
                dir.join("config.json").display()
            );
            return Err(Error::unsupported(message));
        }
        Ok(if repository.steps.is_empty() { Head::SequenceClassification } else { Head::Base })
    }

    /// Creates the pipeline from a model, its tokenizer and the sentence-transformers files in `dir`.
    ///
    /// **Errors:** `Input` if the model does not have the [head](TextRanking::head); `Unsupported`, `Config` or
    /// `Weights` if the files need a missing feature or are damaged.
    pub fn new(model: Arc<dyn Model>, tokenizer: &Tokenizer, dir: Option<&Path>) -> Result<Self> {
        let repository = Repository::read(dir, ModelType::CrossEncoder)?;
        let head = if repository.steps.is_empty() { Head::SequenceClassification } else { Head::Base };
        let tokenizer = Arc::new(repository.transformer.applied(tokenizer)?);
        let model = TextModel::new(model, tokenizer, head, "text-ranking")?;
        let by_default = match head {
            Head::Base => check(&repository.steps, hidden_size(&model)?, Feature::Scores)?,
            _ => model.model.settings().num_labels,
        };
        let by_default = if by_default == 1 { ModuleActivation::Sigmoid } else { ModuleActivation::Identity };
        let activation = match repository.activation {
            Some(activation) => activation,
            None => stated_activation(model.model.config())?.unwrap_or(by_default),
        };
        Ok(Self { model, repository, activation })
    }

    /// Prompts by name; a prompt is prepended to the first text of each pair.
    pub fn prompts(&self) -> impl Iterator<Item = (&str, &str)> {
        self.repository.prompts.texts.iter().map(|(name, text)| (name.as_str(), text.as_str()))
    }

    /// Maximum tokens of a pair, special tokens and prompt included.
    pub fn max_seq_length(&self) -> Option<usize> {
        self.repository.transformer.max_length(&*self.model.model, &self.model.tokenizer, None)
    }

    /// Scores pairs of texts; a pair longer than the model's limit is truncated.
    ///
    /// **Shapes:** returns `[pairs, labels]`, in the order of `pairs`.
    ///
    /// **Errors:** `Input` for an empty list or an unknown prompt name.
    pub fn predict(&self, pairs: &[(&str, &str)], options: &RankingOptions<'_>) -> Result<HostTensor> {
        if pairs.is_empty() {
            return Err(Error::input("pairs", "the list is empty"));
        }
        let Repository { transformer, steps, prompts, .. } = &self.repository;
        let prompt = prompts.resolve(Prompt { task: None, ..options.prompt })?;
        let encode = EncodeOptions {
            truncation: Some(Truncation::LongestFirst),
            max_length: transformer.max_length(&*self.model.model, &self.model.tokenizer, None),
            ..EncodeOptions::default()
        };
        let firsts: Vec<String> = pairs.iter().map(|(first, _)| format!("{prompt}{first}")).collect();
        let rows = firsts.iter().zip(pairs).map(|(first, (_, second))| TextInput::Pair(first, second)).collect();
        let encoded = self.model.encode(rows, &encode)?;
        let mut scores = vec![Vec::new(); pairs.len()];
        self.model.for_each(encoded.encodings(), options.batch_size, |index, output| {
            let logits = match steps.is_empty() {
                true => output.data,
                false => run(steps, Rows::of(output), 0, Feature::Scores)?.data,
            };
            scores[index] = self.scores(logits, options.function_to_apply);
            Ok(())
        })?;
        let shape = vec![scores.len(), scores[0].len()];
        Ok(HostTensor { shape, data: scores.concat() })
    }

    /// Ranks texts by their score for a query: indices and scores, best first; equal scores keep their order.
    ///
    /// **Errors:** as [`TextRanking::predict`]; `Input` if the model has more than one label.
    pub fn rank(&self, query: &str, texts: &[&str], options: &RankingOptions<'_>) -> Result<Vec<(usize, f32)>> {
        if texts.is_empty() {
            return Ok(Vec::new());
        }
        let pairs: Vec<_> = texts.iter().map(|text| (query, *text)).collect();
        let scores = self.predict(&pairs, options)?;
        if scores.shape[1] != 1 {
            let message =
                format!("a model with {} labels cannot rank texts; predict() returns all scores", scores.shape[1]);
            return Err(Error::input("model", message));
        }
        let mut ranked: Vec<_> = scores.data.into_iter().enumerate().collect();
        ranked.sort_by(|a, b| descending(a.1, b.1));
        Ok(ranked)
    }

    fn scores(&self, mut logits: Vec<f32>, function: Option<ScoreFunction>) -> Vec<f32> {
        match function {
            Some(ScoreFunction::Softmax) => return softmax(&logits),
            Some(ScoreFunction::None) => {}
            Some(ScoreFunction::Sigmoid) => logits.iter_mut().for_each(|logit| *logit = sigmoid(*logit)),
            None => logits.iter_mut().for_each(|logit| *logit = self.activation.apply(*logit)),
        }
        logits
    }
}

/// The activation in a `config.json`, under its current or its former key.
fn stated_activation(config: &serde_json::Value) -> Result<Option<ModuleActivation>> {
    let newer = &config["sentence_transformers"]["activation_fn"];
    let stated = if newer.is_null() { &config["sbert_ce_default_activation_function"] } else { newer };
    stated.as_str().map(str::parse).transpose()
}

fn hidden_size(model: &TextModel) -> Result<usize> {
    let encoding = model.tokenizer.encode("a", &EncodeOptions::default())?;
    let mut width = 0;
    model.for_each(&[encoding], 1, |_, tokens| {
        width = Rows::of(tokens).width;
        Ok(())
    })?;
    Ok(width)
}
