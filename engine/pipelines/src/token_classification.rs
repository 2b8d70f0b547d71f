use std::borrow::Cow;
use std::sync::Arc;

use trustformers_core::{Error, Result};
use trustformers_models::{Head, HostTensor, Model};
use trustformers_tokenizers::{EncodeOptions, Encoding, TextInput, Tokenizer, Truncation};

use crate::aggregation::{Aggregation, AggregationStrategy, Entity, ScoredToken, without_overlaps};
use crate::characters::Characters;
use crate::scores::softmax;
use crate::text_model::TextModel;

/// Options of the token classification pipeline.
#[derive(Clone, Debug)]
pub struct TokenClassificationOptions {
    /// How tokens are grouped into entities.
    pub aggregation_strategy: AggregationStrategy,
    /// Labels whose entities are dropped.
    pub ignore_labels: Vec<String>,
    /// Tokens shared by consecutive windows of a long text; `None` truncates long texts.
    pub stride: Option<usize>,
    /// Number of rows per forward pass.
    pub batch_size: usize,
}

/// A text whose tokens are classified.
#[derive(Clone, Copy, Debug)]
pub enum Sentence<'a> {
    /// A plain text.
    Text(&'a str),
    /// A list of words, and the delimiter that joins them.
    Words(&'a [&'a str], &'a str),
}

/// Token classification pipeline: labels tokens, or the entities that they form.
pub struct TokenClassification {
    model: TextModel,
}

impl TokenClassification {
    /// Creates the pipeline from a model and its tokenizer.
    ///
    /// **Errors:** `Input` if the model has no token classification head.
    pub fn new(model: Arc<dyn Model>, tokenizer: Arc<Tokenizer>) -> Result<Self> {
        Ok(Self { model: TextModel::new(model, tokenizer, Head::TokenClassification, "token-classification")? })
    }

    /// Returns the entities of each text, in the order of `sentences`.
    ///
    /// **Errors:** `Input` if `stride` is not smaller than the maximum length of a row.
    pub fn run(&self, sentences: &[Sentence<'_>], options: &TokenClassificationOptions) -> Result<Vec<Vec<Entity>>> {
        if let (Some(stride), Some(most)) = (options.stride, self.model.max_length())
            && stride >= most
        {
            return Err(Error::input(
                "stride",
                format!("must be less than the maximum length of {most} tokens, found {stride}"),
            ));
        }
        let encode = EncodeOptions {
            truncation: Some(Truncation::LongestFirst),
            return_overflowing_tokens: options.stride.is_some(),
            stride: options.stride.unwrap_or(0),
            ..EncodeOptions::default()
        };
        let rows = self.model.encode(sentences.iter().map(Sentence::input).collect(), &encode)?;
        let mut entities = vec![Vec::new(); rows.len()];
        let texts: Vec<_> = sentences.iter().map(SentenceText::new).collect();
        let sample = |row: usize| rows.sample_mapping().map_or(row, |mapping| mapping[row]);
        self.model.for_each(rows.encodings(), options.batch_size, |row, logits| {
            entities[row] = self.entities(&texts[sample(row)], &rows.encodings()[row], &logits, options)?;
            Ok(())
        })?;
        let mut results: Vec<(usize, Vec<Entity>)> = vec![(0, Vec::new()); sentences.len()];
        for (row, found) in entities.into_iter().enumerate() {
            let (parts, result) = &mut results[sample(row)];
            *parts += 1;
            result.extend(found);
        }
        let whole = |(parts, result)| if parts > 1 { without_overlaps(result) } else { result };
        Ok(results.into_iter().map(whole).collect())
    }

    fn entities(
        &self,
        sentence: &SentenceText<'_>,
        row: &Encoding,
        logits: &HostTensor,
        options: &TokenClassificationOptions,
    ) -> Result<Vec<Entity>> {
        let tokenizer = &self.model.tokenizer;
        let prefix = tokenizer.continuing_subword_prefix().is_some_and(|prefix| !prefix.is_empty());
        let unknown = tokenizer.special_token_id("unk_token");
        let mut tokens = Vec::with_capacity(row.len());
        for (index, scores) in logits.data.chunks_exact(logits.shape[1].max(1)).enumerate() {
            if row.get_special_tokens_mask()[index] != 0 {
                continue;
            }
            let (start, end) = sentence.span(row, index);
            let mut word = row.get_tokens()[index].clone();
            let reference = sentence.characters.slice(start, end);
            let is_unknown = Some(row.get_ids()[index]) == unknown;
            let is_subword = !is_unknown
                && match prefix {
                    // A token that continues a word is longer than its text, by its prefix.
                    true => word.chars().count() != reference.chars().count(),
                    false => start > 0 && !sentence.characters.slice(start - 1, start + 1).contains(' '),
                };
            if is_unknown {
                word = reference.to_owned();
            }
            tokens.push(ScoredToken { scores: softmax(scores), word, index, start, end, is_subword });
        }
        let aggregation = Aggregation {
            strategy: options.aggregation_strategy,
            labels: &self.model.model.settings().labels,
            join: &|tokens| tokenizer.convert_tokens_to_string(tokens),
        };
        let mut entities = aggregation.entities(tokens)?;
        entities.retain(|entity| !options.ignore_labels.contains(&entity.label));
        Ok(entities)
    }
}

impl<'a> Sentence<'a> {
    fn input(&self) -> TextInput<'a> {
        match *self {
            Self::Text(text) => TextInput::Single(text),
            Self::Words(words, _) => TextInput::Words(words),
        }
    }
}

/// A sentence as one text.
struct SentenceText<'a> {
    characters: Characters<'a>,
    /// Start character of each word, if the sentence is a list of words.
    words: Option<Vec<usize>>,
}

impl<'a> SentenceText<'a> {
    fn new(sentence: &Sentence<'a>) -> Self {
        match *sentence {
            Sentence::Text(text) => Self { characters: Characters::new(Cow::Borrowed(text)), words: None },
            Sentence::Words(words, delimiter) => {
                let between = delimiter.chars().count();
                let starts = words.iter().scan(0, |next, word| {
                    let start = *next;
                    *next += word.chars().count() + between;
                    Some(start)
                });
                let starts = starts.collect();
                Self { characters: Characters::new(Cow::Owned(words.join(delimiter))), words: Some(starts) }
            }
        }
    }

    /// Start and end character (exclusive) of a token.
    fn span(&self, row: &Encoding, index: usize) -> (usize, usize) {
        let (start, end) = row.get_offsets()[index];
        let word = self.words.as_ref().zip(row.get_word_ids()[index]);
        let shift = word.and_then(|(words, word)| words.get(word as usize)).copied().unwrap_or(0);
        (start + shift, end + shift)
    }
}
