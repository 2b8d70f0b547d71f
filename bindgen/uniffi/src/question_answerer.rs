use std::sync::Arc;

use trustformers::pipelines::{self, QuestionAnswering};

use crate::door;
use crate::error::Result;
use crate::load_options::LoadOptions;
use crate::model::{Head, Model};
use crate::tokenizer::{Span, Tokenizer, span};

/// Options of question answering.
#[derive(Clone, Debug, uniffi::Record)]
pub struct QuestionAnsweringOptions {
    /// Maximum number of answers, best first.
    #[uniffi(default = 1)]
    pub top_k: u32,
    /// Maximum tokens of question and context in one row; by default the model's limit, at most 384.
    #[uniffi(default = None)]
    pub max_seq_len: Option<u32>,
    /// Tokens shared by consecutive windows of a long context; by default half of `max_seq_len`, at most 128.
    #[uniffi(default = None)]
    pub doc_stride: Option<u32>,
    /// Maximum tokens of an answer.
    #[uniffi(default = 15)]
    pub max_answer_len: u32,
    /// Whether "no answer" may be returned as an empty answer.
    #[uniffi(default = false)]
    pub handle_impossible_answer: bool,
    /// Whether answers are extended to whole words.
    #[uniffi(default = true)]
    pub align_to_words: bool,
}

/// An answer extracted from a context.
#[derive(Clone, Debug, uniffi::Record)]
pub struct Answer {
    /// Text of the answer; empty for no answer.
    pub answer: String,
    /// Probability, summed over the occurrences of the answer.
    pub score: f64,
    /// Where it is in the context.
    pub span: Span,
}

/// Extractive question answering: finds the spans of a context that answer a question.
#[derive(uniffi::Object)]
pub struct QuestionAnswerer {
    inner: QuestionAnswering,
}

#[uniffi::export]
impl QuestionAnswerer {
    /// Answers with a model that has a question answering head and its tokenizer.
    #[uniffi::constructor]
    pub fn new(model: Arc<Model>, tokenizer: Arc<Tokenizer>) -> Result<Arc<Self>> {
        let inner = door::run_here(|| QuestionAnswering::new(model.inner.clone(), tokenizer.inner.clone()))?;
        Ok(Arc::new(Self { inner }))
    }

    /// Loads a model and its tokenizer from a directory or a hub repository.
    #[uniffi::constructor(default(options))]
    pub fn load(name_or_path: String, options: LoadOptions) -> Result<Arc<Self>> {
        let (model, tokenizer) = crate::classifiers::load(&name_or_path, Head::QuestionAnswering, &options)?;
        Self::new(model, tokenizer)
    }

    /// As `load`, without blocking.
    #[uniffi::constructor(default(options))]
    pub async fn load_async(name_or_path: String, options: LoadOptions) -> Result<Arc<Self>> {
        door::spawn(move || Self::load(name_or_path, options)).await
    }

    /// The best answers to a question from its context, best first.
    #[uniffi::method(default(options))]
    pub fn answer(&self, question: String, context: String, options: QuestionAnsweringOptions) -> Result<Vec<Answer>> {
        let options = options.of_engine();
        let answers = door::run(|| self.inner.run(&[(&*question, &*context)], &options))?;
        Ok(answers.into_iter().flatten().map(Answer::from).collect())
    }

    /// As `answer`, without blocking.
    #[uniffi::method(default(options))]
    pub async fn answer_async(
        self: Arc<Self>,
        question: String,
        context: String,
        options: QuestionAnsweringOptions,
    ) -> Result<Vec<Answer>> {
        door::spawn(move || self.answer(question, context, options)).await
    }
}

impl QuestionAnsweringOptions {
    fn of_engine(self) -> pipelines::QuestionAnsweringOptions {
        pipelines::QuestionAnsweringOptions {
            top_k: self.top_k as usize,
            max_seq_len: self.max_seq_len.map(|length| length as usize),
            doc_stride: self.doc_stride.map(|stride| stride as usize),
            max_answer_len: self.max_answer_len as usize,
            handle_impossible_answer: self.handle_impossible_answer,
            align_to_words: self.align_to_words,
            ..pipelines::QuestionAnsweringOptions::default()
        }
    }
}

impl From<pipelines::Answer> for Answer {
    fn from(answer: pipelines::Answer) -> Self {
        let pipelines::Answer { score, start, end, answer } = answer;
        Self { answer, score, span: span(start, end) }
    }
}
