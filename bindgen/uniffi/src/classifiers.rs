use std::sync::Arc;

use trustformers::hub::Files;
use trustformers::pipelines::{self, Sentence, TextClassification, TokenClassification, ZeroShotClassification};
use trustformers::tokenizers::{self, TextInput};

use crate::door;
use crate::error::Result;
use crate::hub::resolve;
use crate::load_options::LoadOptions;
use crate::model::{Head, Model};
use crate::tokenizer::{Span, TextPair, Tokenizer, Truncation, span};

/// A label with its score.
#[derive(Clone, Debug, uniffi::Record)]
pub struct LabelScore {
    /// Name of the label.
    pub label: String,
    /// Score of the label.
    pub score: f32,
}

/// Function applied to the logits of a classifier.
#[derive(Clone, Copy, Debug, uniffi::Enum)]
pub enum ScoreFunction {
    /// An independent score for each label.
    Sigmoid,
    /// Scores that sum to one.
    Softmax,
    /// The logits themselves.
    Identity,
}

/// Options of text classification.
#[derive(Clone, Debug, uniffi::Record)]
pub struct TextClassificationOptions {
    /// Number of labels to return, best first; by default all.
    #[uniffi(default = None)]
    pub top_k: Option<u32>,
    /// Function applied to the logits; by default it follows from the model's `problem_type` and number of labels.
    #[uniffi(default = None)]
    pub function_to_apply: Option<ScoreFunction>,
    /// How texts longer than the model's limit are truncated; by default they are an error.
    #[uniffi(default = None)]
    pub truncation: Option<Truncation>,
    /// Number of texts per forward pass.
    #[uniffi(default = 32)]
    pub batch_size: u32,
}

/// Text classification.
#[derive(uniffi::Object)]
pub struct TextClassifier {
    inner: TextClassification,
}

#[uniffi::export]
impl TextClassifier {
    /// A classifier of a model with a sequence classification head and its tokenizer.
    #[uniffi::constructor]
    pub fn new(model: Arc<Model>, tokenizer: Arc<Tokenizer>) -> Result<Arc<Self>> {
        let inner = door::run_here(|| TextClassification::new(model.inner.clone(), tokenizer.inner.clone()))?;
        Ok(Arc::new(Self { inner }))
    }

    /// Loads a model and its tokenizer from a directory or a hub repository.
    #[uniffi::constructor(default(options))]
    pub fn load(name_or_path: String, options: LoadOptions) -> Result<Arc<Self>> {
        let (model, tokenizer) = load(&name_or_path, Head::SequenceClassification, &options)?;
        Self::new(model, tokenizer)
    }

    /// As `load`, without blocking.
    #[uniffi::constructor(default(options))]
    pub async fn load_async(name_or_path: String, options: LoadOptions) -> Result<Arc<Self>> {
        door::spawn(move || Self::load(name_or_path, options)).await
    }

    /// The labels of each text with their scores, best first.
    #[uniffi::method(default(options))]
    pub fn classify(&self, texts: Vec<String>, options: TextClassificationOptions) -> Result<Vec<Vec<LabelScore>>> {
        self.run(texts.iter().map(|text| TextInput::Single(text)).collect(), &options)
    }

    /// The labels of each pair of texts with their scores, best first.
    #[uniffi::method(default(options))]
    pub fn classify_pairs(
        &self,
        pairs: Vec<TextPair>,
        options: TextClassificationOptions,
    ) -> Result<Vec<Vec<LabelScore>>> {
        self.run(pairs.iter().map(TextPair::input).collect(), &options)
    }

    /// As `classify`, without blocking.
    #[uniffi::method(default(options))]
    pub async fn classify_async(
        self: Arc<Self>,
        texts: Vec<String>,
        options: TextClassificationOptions,
    ) -> Result<Vec<Vec<LabelScore>>> {
        door::spawn(move || self.classify(texts, options)).await
    }
}

impl TextClassifier {
    fn run(&self, texts: Vec<TextInput<'_>>, options: &TextClassificationOptions) -> Result<Vec<Vec<LabelScore>>> {
        let options = pipelines::TextClassificationOptions {
            function_to_apply: options.function_to_apply.map(|function| match function {
                ScoreFunction::Sigmoid => pipelines::ScoreFunction::Sigmoid,
                ScoreFunction::Softmax => pipelines::ScoreFunction::Softmax,
                ScoreFunction::Identity => pipelines::ScoreFunction::None,
            }),
            top_k: options.top_k.map(|count| count as usize),
            encode: tokenizers::EncodeOptions {
                truncation: options.truncation.map(Into::into),
                ..tokenizers::EncodeOptions::default()
            },
            batch_size: options.batch_size as usize,
        };
        let results = door::run(|| self.inner.run(texts, &options))?;
        let labeled = |pipelines::LabelScore { label, score }| LabelScore { label, score };
        Ok(results.into_iter().map(|labels| labels.into_iter().map(labeled).collect()).collect())
    }
}

/// How tokens are grouped into entities.
#[derive(Clone, Copy, Debug, uniffi::Enum)]
pub enum AggregationStrategy {
    /// Every token is an entity.
    Separate,
    /// Adjacent tokens with the same label form an entity.
    Simple,
    /// Like `Simple`, on whole words with the label of their first token.
    First,
    /// Like `Simple`, on whole words with the label of the highest mean score.
    Average,
    /// Like `Simple`, on whole words with the label of the highest score.
    Max,
}

/// Options of token classification.
#[derive(Clone, Debug, uniffi::Record)]
pub struct TokenClassificationOptions {
    /// How tokens are grouped into entities; by default every token is one.
    #[uniffi(default = None)]
    pub aggregation_strategy: Option<AggregationStrategy>,
    /// Labels whose entities are dropped; by default `O`.
    #[uniffi(default = None)]
    pub ignore_labels: Option<Vec<String>>,
    /// Tokens shared by consecutive windows of a long text; by default long texts are truncated.
    #[uniffi(default = None)]
    pub stride: Option<u32>,
    /// Number of rows per forward pass.
    #[uniffi(default = 32)]
    pub batch_size: u32,
}

/// A labeled part of a text.
#[derive(Clone, Debug, uniffi::Record)]
pub struct Entity {
    /// The label; for a group without its `B-` or `I-` prefix.
    pub label: String,
    /// Probability of the label.
    pub score: f32,
    /// Text of the tokens.
    pub word: String,
    /// Where it is in the text.
    pub span: Span,
}

/// Token classification.
#[derive(uniffi::Object)]
pub struct TokenClassifier {
    inner: TokenClassification,
}

#[uniffi::export]
impl TokenClassifier {
    /// A classifier of a model with a token classification head and its tokenizer.
    #[uniffi::constructor]
    pub fn new(model: Arc<Model>, tokenizer: Arc<Tokenizer>) -> Result<Arc<Self>> {
        let inner = door::run_here(|| TokenClassification::new(model.inner.clone(), tokenizer.inner.clone()))?;
        Ok(Arc::new(Self { inner }))
    }

    /// Loads a model and its tokenizer from a directory or a hub repository.
    #[uniffi::constructor(default(options))]
    pub fn load(name_or_path: String, options: LoadOptions) -> Result<Arc<Self>> {
        let (model, tokenizer) = load(&name_or_path, Head::TokenClassification, &options)?;
        Self::new(model, tokenizer)
    }

    /// As `load`, without blocking.
    #[uniffi::constructor(default(options))]
    pub async fn load_async(name_or_path: String, options: LoadOptions) -> Result<Arc<Self>> {
        door::spawn(move || Self::load(name_or_path, options)).await
    }

    /// The entities of each text.
    #[uniffi::method(default(options))]
    pub fn classify(&self, texts: Vec<String>, options: TokenClassificationOptions) -> Result<Vec<Vec<Entity>>> {
        let options = options.of_engine();
        let sentences: Vec<_> = texts.iter().map(|text| Sentence::Text(text)).collect();
        let results = door::run(|| self.inner.run(&sentences, &options))?;
        Ok(results.into_iter().map(|entities| entities.into_iter().map(Entity::from).collect()).collect())
    }

    /// As `classify`, without blocking.
    #[uniffi::method(default(options))]
    pub async fn classify_async(
        self: Arc<Self>,
        texts: Vec<String>,
        options: TokenClassificationOptions,
    ) -> Result<Vec<Vec<Entity>>> {
        door::spawn(move || self.classify(texts, options)).await
    }
}

impl TokenClassificationOptions {
    fn of_engine(self) -> pipelines::TokenClassificationOptions {
        pipelines::TokenClassificationOptions {
            aggregation_strategy: match self.aggregation_strategy {
                None | Some(AggregationStrategy::Separate) => pipelines::AggregationStrategy::None,
                Some(AggregationStrategy::Simple) => pipelines::AggregationStrategy::Simple,
                Some(AggregationStrategy::First) => pipelines::AggregationStrategy::First,
                Some(AggregationStrategy::Average) => pipelines::AggregationStrategy::Average,
                Some(AggregationStrategy::Max) => pipelines::AggregationStrategy::Max,
            },
            ignore_labels: self.ignore_labels.unwrap_or_else(|| vec!["O".to_owned()]),
            stride: self.stride.map(|stride| stride as usize),
            batch_size: self.batch_size as usize,
        }
    }
}

impl From<pipelines::Entity> for Entity {
    fn from(entity: pipelines::Entity) -> Self {
        let pipelines::Entity { label, score, word, start, end, .. } = entity;
        Self { label, score, word, span: span(start, end) }
    }
}

/// Options of zero-shot classification.
#[derive(Clone, Debug, uniffi::Record)]
pub struct ZeroShotClassificationOptions {
    /// A hypothesis in which `{}` stands for the label.
    #[uniffi(default = "This example is {}.")]
    pub hypothesis_template: String,
    /// Whether each label is scored independently; otherwise the scores sum to one.
    #[uniffi(default = false)]
    pub multi_label: bool,
    /// Number of rows per forward pass.
    #[uniffi(default = 32)]
    pub batch_size: u32,
}

/// Zero-shot classification: scores labels by whether a text entails their hypotheses.
#[derive(uniffi::Object)]
pub struct ZeroShotClassifier {
    inner: ZeroShotClassification,
}

#[uniffi::export]
impl ZeroShotClassifier {
    /// A classifier of a natural language inference model with a sequence classification head and its tokenizer.
    #[uniffi::constructor]
    pub fn new(model: Arc<Model>, tokenizer: Arc<Tokenizer>) -> Result<Arc<Self>> {
        let inner = door::run_here(|| ZeroShotClassification::new(model.inner.clone(), tokenizer.inner.clone()))?;
        Ok(Arc::new(Self { inner }))
    }

    /// Loads a model and its tokenizer from a directory or a hub repository.
    #[uniffi::constructor(default(options))]
    pub fn load(name_or_path: String, options: LoadOptions) -> Result<Arc<Self>> {
        let (model, tokenizer) = load(&name_or_path, Head::SequenceClassification, &options)?;
        Self::new(model, tokenizer)
    }

    /// As `load`, without blocking.
    #[uniffi::constructor(default(options))]
    pub async fn load_async(name_or_path: String, options: LoadOptions) -> Result<Arc<Self>> {
        door::spawn(move || Self::load(name_or_path, options)).await
    }

    /// The labels of each text with their scores, best first.
    #[uniffi::method(default(options))]
    pub fn classify(
        &self,
        texts: Vec<String>,
        candidate_labels: Vec<String>,
        options: ZeroShotClassificationOptions,
    ) -> Result<Vec<Vec<LabelScore>>> {
        let ZeroShotClassificationOptions { hypothesis_template, multi_label, batch_size } = options;
        let results = door::run(|| {
            let hypotheses = ZeroShotClassification::hypotheses(&hypothesis_template, &candidate_labels)?;
            let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
            let hypotheses: Vec<&str> = hypotheses.iter().map(String::as_str).collect();
            self.inner.run(&texts, &hypotheses, multi_label, batch_size as usize)
        })?;
        let labeled = |(label, score): (usize, f32)| LabelScore { label: candidate_labels[label].clone(), score };
        Ok(results.into_iter().map(|scores| scores.into_iter().map(labeled).collect()).collect())
    }

    /// As `classify`, without blocking.
    #[uniffi::method(default(options))]
    pub async fn classify_async(
        self: Arc<Self>,
        texts: Vec<String>,
        candidate_labels: Vec<String>,
        options: ZeroShotClassificationOptions,
    ) -> Result<Vec<Vec<LabelScore>>> {
        door::spawn(move || self.classify(texts, candidate_labels, options)).await
    }
}

/// A model and its tokenizer.
pub(crate) fn load(name_or_path: &str, head: Head, options: &LoadOptions) -> Result<(Arc<Model>, Arc<Tokenizer>)> {
    let path = door::run_here(|| resolve(name_or_path, &[Files::Model, Files::Tokenizer], &options.hub()))?;
    Ok((Model::open(&path, head, options)?, Tokenizer::open(&path)?))
}
