use std::str::FromStr;
use std::sync::Arc;

use trustformers_core::{Error, Result};
use trustformers_models::{Head, Model};
use trustformers_tokenizers::{EncodeOptions, TextInput, Tokenizer};

use crate::scores::{largest, sigmoid, softmax};
use crate::text_model::TextModel;

/// Function applied to the logits of a classifier.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScoreFunction {
    /// An independent score for each label.
    Sigmoid,
    /// Scores that sum to one.
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

/// Options of the text classification pipeline.
#[derive(Clone, Debug)]
pub struct TextClassificationOptions {
    /// Function applied to the logits; by default depends on the model's `problem_type` and number of labels.
    pub function_to_apply: Option<ScoreFunction>,
    /// Number of labels to return; `None` returns all.
    pub top_k: Option<usize>,
    /// Tokenizer options.
    pub encode: EncodeOptions,
    /// Number of texts per forward pass.
    pub batch_size: usize,
}

/// A label with its score.
#[derive(Clone, Debug, PartialEq)]
pub struct LabelScore {
    /// Name of the label.
    pub label: String,
    /// Score of the label.
    pub score: f32,
}

/// Text classification pipeline.
pub struct TextClassification {
    model: TextModel,
}

impl TextClassification {
    /// Creates the pipeline from a model and its tokenizer.
    ///
    /// **Errors:** `Input` if the model has no sequence classification head.
    pub fn new(model: Arc<dyn Model>, tokenizer: Arc<Tokenizer>) -> Result<Self> {
        Ok(Self { model: TextModel::new(model, tokenizer, Head::SequenceClassification, "text-classification")? })
    }

    /// Returns the best labels of each text, best first, in the order of `texts`.
    ///
    /// **Errors:** `Input` if a text has more tokens than the model has positions and is not truncated.
    pub fn run(&self, texts: Vec<TextInput<'_>>, options: &TextClassificationOptions) -> Result<Vec<Vec<LabelScore>>> {
        let settings = self.model.model.settings();
        let by_default = default_function(settings.problem_type.as_deref(), settings.num_labels);
        let function = options.function_to_apply.unwrap_or(by_default);
        let mut results = vec![Vec::new(); texts.len()];
        let rows = self.model.encode(texts, &options.encode)?;
        self.model.for_each(rows.encodings(), options.batch_size, |index, logits| {
            let scores = apply(function, &logits.data);
            let best = largest(&scores, options.top_k.unwrap_or(scores.len()));
            let labeled = |class: usize| LabelScore { label: settings.labels[class].clone(), score: scores[class] };
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
    fn problem_type_overrides_the_number_of_labels() {
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
