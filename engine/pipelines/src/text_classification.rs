use std::str::FromStr;
use std::sync::Arc;

use trustformers_core::{Error, Result};
use trustformers_models::{Head, Model};
use trustformers_tokenizers::{EncodeOptions, TextInput, Tokenizer};

use crate::scores::{largest, sigmoid, softmax};
use crate::text_model::TextModel;

/// What a classifier's logits become.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScoreFunction {
    /// A score of its own for each label.
    Sigmoid,
    /// Scores that add up to one.
    Softmax,
    /// The logits themselves.
    None,
}

impl FromStr for ScoreFunction {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self> {
        match name {
            "sigmoid" => Ok(Self::Sigmoid),
            "softmax" => Ok(Self::Softmax),
            "none" => Ok(Self::None),
            _ => {
                let message = format!("\"{name}\" is not one of \"sigmoid\", \"softmax\", \"none\"");
                Err(Error::input("function_to_apply", message))
            }
        }
    }
}

/// How texts are classified.
#[derive(Clone, Debug)]
pub struct TextClassificationOptions {
    /// What the logits become; if absent, what the model's `problem_type` and number of labels say.
    pub function_to_apply: Option<ScoreFunction>,
    /// How many labels are returned; all of them if absent.
    pub top_k: Option<usize>,
    /// How texts become tokens.
    pub encode: EncodeOptions,
    /// How many texts the model sees at once.
    pub batch_size: usize,
}

/// A label and how well it fits.
#[derive(Clone, Debug, PartialEq)]
pub struct LabelScore {
    /// The label's name.
    pub label: String,
    /// Its score.
    pub score: f32,
}

/// The labels of a text.
pub struct TextClassification {
    model: TextModel,
}

impl TextClassification {
    /// The task over a model and its tokenizer.
    ///
    /// **Errors:** `Input` if the model does not classify sequences.
    pub fn new(encoder: Arc<dyn Model>, tokenizer: Arc<Tokenizer>) -> Result<Self> {
        Ok(Self { model: TextModel::new(encoder, tokenizer, Head::SequenceClassification, "text-classification")? })
    }

    /// The best labels of each text, best first, in the order of `texts`.
    ///
    /// **Errors:** `Input` if a text has more tokens than the model has positions and is not to be cut.
    pub fn run(&self, texts: Vec<TextInput<'_>>, options: &TextClassificationOptions) -> Result<Vec<Vec<LabelScore>>> {
        let settings = self.model.encoder.settings();
        let by_default = default_function(settings.problem_type.as_deref(), settings.num_labels);
        let function = options.function_to_apply.unwrap_or(by_default);
        let mut results = vec![Vec::new(); texts.len()];
        let rows = self.model.encode(texts, &options.encode)?;
        self.model.for_each(rows.encodings(), options.batch_size, |index, logits| {
            let scores = apply(function, &logits.data);
            let best = largest(&scores, options.top_k.unwrap_or(scores.len()));
            let labeled = |place: usize| LabelScore { label: settings.labels[place].clone(), score: scores[place] };
            results[index] = best.into_iter().map(labeled).collect();
            Ok(())
        })?;
        Ok(results)
    }
}

fn default_function(problem_type: Option<&str>, num_labels: usize) -> ScoreFunction {
    match problem_type {
        Some("regression") => ScoreFunction::None,
        Some("multi_label_classification") => ScoreFunction::Sigmoid,
        _ if num_labels == 1 => ScoreFunction::Sigmoid,
        _ => ScoreFunction::Softmax,
    }
}

fn apply(function: ScoreFunction, logits: &[f32]) -> Vec<f32> {
    match function {
        ScoreFunction::Sigmoid => logits.iter().copied().map(sigmoid).collect(),
        ScoreFunction::Softmax => softmax(logits),
        ScoreFunction::None => logits.to_vec(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_problem_decides_before_the_number_of_labels() {
        assert_eq!(default_function(Some("regression"), 3), ScoreFunction::None);
        assert_eq!(default_function(Some("multi_label_classification"), 3), ScoreFunction::Sigmoid);
        assert_eq!(default_function(Some("single_label_classification"), 3), ScoreFunction::Softmax);
        assert_eq!(default_function(Some("single_label_classification"), 1), ScoreFunction::Sigmoid);
        assert_eq!(default_function(None, 1), ScoreFunction::Sigmoid);
        assert_eq!(default_function(None, 2), ScoreFunction::Softmax);
    }

    #[test]
    fn an_unknown_function_is_refused_by_name() {
        let error = "tanh".parse::<ScoreFunction>().unwrap_err().to_string();
        assert!(error.starts_with("function_to_apply: \"tanh\""), "{error}");
    }
}
