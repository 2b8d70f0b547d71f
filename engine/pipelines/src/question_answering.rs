use std::sync::Arc;

use trustformers_core::{Error, Result};
use trustformers_models::{Head, Model};
use trustformers_tokenizers::{BatchEncoding, EncodeOptions, Encoding, Side, TextInput, Tokenizer, Truncation};

use crate::answer_spans::{RowSpans, Span, best_spans};
use crate::characters::Characters;
use crate::scores::descending;
use crate::text_model::TextModel;

/// Options of the question answering pipeline.
#[derive(Clone, Debug)]
pub struct QuestionAnsweringOptions {
    /// Maximum number of answers.
    pub top_k: usize,
    /// Maximum tokens of question and context in one row; by default the model's limit, at most 384.
    pub max_seq_len: Option<usize>,
    /// Tokens shared by consecutive windows of a long context; by default half of `max_seq_len`, at most 128.
    pub doc_stride: Option<usize>,
    /// Maximum tokens of an answer.
    pub max_answer_len: usize,
    /// Whether "no answer" may be returned as an answer.
    pub handle_impossible_answer: bool,
    /// Whether answers are extended to whole words.
    pub align_to_words: bool,
    /// Number of rows per forward pass.
    pub batch_size: usize,
}

impl Default for QuestionAnsweringOptions {
    fn default() -> Self {
        Self {
            top_k: 1,
            max_seq_len: None,
            doc_stride: None,
            max_answer_len: 15,
            handle_impossible_answer: false,
            align_to_words: true,
            batch_size: 1,
        }
    }
}

/// An answer extracted from a context.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// Probability, summed over the occurrences of the answer.
    pub score: f64,
    /// Start character in the context.
    pub start: usize,
    /// End character in the context (exclusive).
    pub end: usize,
    /// Text of the answer; empty for no answer.
    pub answer: String,
}

/// Extractive question answering pipeline: finds the spans of a context that answer a question.
pub struct QuestionAnswering {
    model: TextModel,
}

impl QuestionAnswering {
    /// Creates the pipeline from a model and its tokenizer.
    ///
    /// **Errors:** `Input` if the model has no question answering head.
    pub fn new(model: Arc<dyn Model>, tokenizer: Arc<Tokenizer>) -> Result<Self> {
        Ok(Self { model: TextModel::new(model, tokenizer, Head::QuestionAnswering, "question-answering")? })
    }

    /// Returns the best answers to each question from its context, best first, in the order of `examples`.
    ///
    /// **Errors:** `Input` if an option is out of range, or a question leaves no room for its context.
    pub fn run(&self, examples: &[(&str, &str)], options: &QuestionAnsweringOptions) -> Result<Vec<Vec<Answer>>> {
        for (name, value) in [("top_k", options.top_k), ("max_answer_len", options.max_answer_len)] {
            if value == 0 {
                return Err(Error::input(name, "must be at least 1, found 0"));
            }
        }
        // Spans that cover the same words are merged into one answer.
        let wanted =
            if options.align_to_words { options.top_k.saturating_mul(2).saturating_add(10) } else { options.top_k };
        let rows = self.encode(examples, options)?;
        let mut found = vec![RowSpans::default(); rows.len()];
        self.model.for_each(rows.encodings(), options.batch_size, |row, logits| {
            let may_answer = self.may_answer(&rows.encodings()[row]);
            found[row] = best_spans(&logits.data, &may_answer, wanted, options.max_answer_len);
            Ok(())
        })?;
        let mut parts: Vec<Vec<(&Encoding, RowSpans)>> = vec![Vec::new(); examples.len()];
        for (row, (encoding, spans)) in rows.encodings().iter().zip(found).enumerate() {
            parts[rows.sample_mapping().map_or(row, |mapping| mapping[row])].push((encoding, spans));
        }
        let answers = |((_, context), parts): (&(&str, &str), _)| self.answers(context, parts, options);
        Ok(examples.iter().zip(parts).map(answers).collect())
    }

    fn question_is_first(&self) -> bool {
        self.model.tokenizer.padding_side() == Side::Right
    }

    fn encode(&self, examples: &[(&str, &str)], options: &QuestionAnsweringOptions) -> Result<BatchEncoding> {
        let default_length = self.model.max_length().unwrap_or(usize::MAX).min(384);
        let max_length = options.max_seq_len.unwrap_or(default_length);
        let stride = options.doc_stride.unwrap_or((max_length / 2).min(128));
        if stride > max_length {
            let message = format!("{stride} is larger than max_seq_len = {max_length}");
            return Err(Error::input("doc_stride", message));
        }
        let is_first = self.question_is_first();
        let encode = EncodeOptions {
            truncation: Some(if is_first { Truncation::OnlySecond } else { Truncation::OnlyFirst }),
            max_length: Some(max_length),
            return_overflowing_tokens: true,
            stride,
            ..EncodeOptions::default()
        };
        let row = |&(question, context)| match is_first {
            true => TextInput::Pair(question, context),
            false => TextInput::Pair(context, question),
        };
        self.model.encode(examples.iter().map(row).collect(), &encode).map_err(|error| match error {
            Error::Input { argument, message } => {
                let ours = match argument.as_str() {
                    "stride" if options.doc_stride.is_some() => "doc_stride",
                    "stride" | "max_length" | "truncation" => "max_seq_len",
                    other => other,
                };
                Error::input(ours, message)
            }
            other => other,
        })
    }

    /// Marks the tokens of the context, and the CLS token, which stands for no answer.
    fn may_answer(&self, row: &Encoding) -> Vec<bool> {
        let context = usize::from(self.question_is_first());
        let cls = self.model.tokenizer.special_token_id("cls_token");
        let sequences = row.get_sequence_ids();
        let ids = row.get_ids().iter().zip(row.get_attention_mask());
        ids.zip(sequences)
            .map(|((id, seen), sequence)| *seen != 0 && (sequence == Some(context) || Some(*id) == cls))
            .collect()
    }

    fn answers(
        &self,
        context: &str,
        parts: Vec<(&Encoding, RowSpans)>,
        options: &QuestionAnsweringOptions,
    ) -> Vec<Answer> {
        let characters = Characters::new(context.into());
        let mut answers: Vec<(String, Answer)> = Vec::new();
        let mut add = |answer: Answer| {
            let key = answer.answer.to_lowercase();
            match answers.iter_mut().find(|(known, _)| *known == key) {
                Some((_, known)) => known.score += answer.score,
                None => answers.push((key, answer)),
            }
        };
        let nothing = |score| Answer { score, start: 0, end: 0, answer: String::new() };
        let mut null_score = f32::INFINITY;
        for (row, found) in &parts {
            null_score = null_score.min(found.null_score);
            for span in &found.spans {
                let (start, end) = self.characters_of(row, *span, options.align_to_words);
                let answer = characters.slice(start, end).to_owned();
                add(Answer { score: f64::from(span.score), start, end, answer });
            }
            if found.is_short {
                add(nothing(0.0));
            }
        }
        let mut answers: Vec<_> = answers.into_iter().map(|(_, answer)| answer).collect();
        if options.handle_impossible_answer && null_score.is_finite() {
            answers.push(nothing(f64::from(null_score)));
        }
        answers.sort_by(|a, b| descending(a.score, b.score));
        answers.truncate(options.top_k);
        answers
    }

    /// The character range of a span, extended to whole words if `align_to_words`.
    fn characters_of(&self, row: &Encoding, span: Span, align_to_words: bool) -> (usize, usize) {
        let context = usize::from(self.question_is_first());
        let word_of = |token| row.word_to_chars(row.token_to_word(token)?.1, context);
        let words = align_to_words.then(|| Some((word_of(span.start)?.0, word_of(span.end)?.1))).flatten();
        words.unwrap_or_else(|| (row.get_offsets()[span.start].0, row.get_offsets()[span.end].1))
    }
}
