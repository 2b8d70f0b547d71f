use std::sync::Arc;

use trustformers_core::{Error, Result};
use trustformers_models::{Head, Model};
use trustformers_tokenizers::{BatchEncoding, EncodeOptions, Encoding, TextInput, Tokenizer, Truncation};

use crate::scores::{descending, softmax};
use crate::text_model::TextModel;

/// Zero-shot classification pipeline: scores labels by whether the text entails their hypotheses.
pub struct ZeroShotClassification {
    model: TextModel,
    entailment: Option<usize>,
}

/// Index of a hypothesis among the given ones, and its score.
pub type HypothesisScore = (usize, f32);

impl ZeroShotClassification {
    /// Creates the pipeline from a model and its tokenizer.
    ///
    /// **Errors:** `Input` if the model has no sequence classification head.
    pub fn new(model: Arc<dyn Model>, tokenizer: Arc<Tokenizer>) -> Result<Self> {
        let model = TextModel::new(model, tokenizer, Head::SequenceClassification, "zero-shot-classification")?;
        let entails = |label: &str| label.to_lowercase().starts_with("entail");
        let settings = model.model.settings();
        let ids = model.model.config()["label2id"].as_object();
        let stated = ids.and_then(|ids| ids.iter().find(|(label, _)| entails(label)));
        let stated = stated.and_then(|(_, id)| usize::try_from(id.as_u64()?).ok());
        let named = || settings.labels.iter().position(|label| entails(label));
        let entailment = stated.filter(|id| *id < settings.num_labels).or_else(named);
        Ok(Self { model, entailment })
    }

    /// Index of the model's entailment label; if `None`, the last label is used.
    pub fn entailment(&self) -> Option<usize> {
        self.entailment
    }

    /// The hypothesis of each label: `template` with the label in place of `{}`.
    ///
    /// **Errors:** `Input` if the template has no `{}`.
    pub fn hypotheses(template: &str, labels: &[String]) -> Result<Vec<String>> {
        if !template.contains("{}") {
            return Err(Error::input("hypothesis_template", format!("\"{template}\" has no {{}} for the label")));
        }
        Ok(labels.iter().map(|label| template.replace("{}", label)).collect())
    }

    /// Scores the hypotheses for each text, best first, in the order of `texts`.
    ///
    /// With `multi_label`, each hypothesis is scored independently, entailment against contradiction; otherwise the
    /// scores sum to one. Long texts are truncated, hypotheses are not.
    ///
    /// **Errors:** `Input` if there is no hypothesis, or one is longer than the model's limit.
    pub fn run(
        &self,
        texts: &[&str],
        hypotheses: &[&str],
        multi_label: bool,
        batch_size: usize,
    ) -> Result<Vec<Vec<HypothesisScore>>> {
        if hypotheses.is_empty() {
            return Err(Error::input("candidate_labels", "expected at least one label"));
        }
        let pair = |text| hypotheses.iter().map(move |hypothesis| TextInput::Pair(text, hypothesis));
        let rows = self.encode(texts.iter().copied().flat_map(pair).collect())?;
        let mut logits = vec![Vec::new(); rows.len()];
        self.model.for_each(rows.encodings(), batch_size, |index, row| {
            logits[index] = row.data;
            Ok(())
        })?;
        let is_independent = multi_label || hypotheses.len() == 1;
        let scores = |logits| if is_independent { self.independent_scores(logits) } else { self.joint_scores(logits) };
        Ok(logits.chunks_exact(hypotheses.len()).map(|logits| ranked(&scores(logits))).collect())
    }

    fn encode(&self, pairs: Vec<TextInput<'_>>) -> Result<BatchEncoding> {
        let cut = EncodeOptions { truncation: Some(Truncation::OnlyFirst), ..EncodeOptions::default() };
        let is_too_short = |error: &Error| matches!(error, Error::Input { argument, .. } if argument == "truncation");
        match self.model.encode(pairs.clone(), &cut) {
            // A hypothesis alone exceeds the tokenizer's limit; the model may still accept it.
            Err(error) if is_too_short(&error) => {
                let one = |pair: TextInput<'_>| -> Result<Encoding> {
                    let encode = |options: &EncodeOptions| self.model.encode(vec![pair], options);
                    let found = encode(&cut).or_else(|error| match is_too_short(&error) {
                        true => encode(&EncodeOptions::default()),
                        false => Err(error),
                    })?;
                    found.encodings().first().cloned().ok_or_else(|| Error::internal("a pair without an encoding"))
                };
                Ok(BatchEncoding::new(pairs.into_iter().map(one).collect::<Result<_>>()?))
            }
            encoded => encoded,
        }
    }

    fn independent_scores(&self, logits: &[Vec<f32>]) -> Vec<f32> {
        let score = |logits: &Vec<f32>| {
            let last = logits.len() - 1;
            let entailment = self.entailment.unwrap_or(last);
            let contradiction = if self.entailment == Some(0) { last } else { 0 };
            softmax(&[logits[contradiction], logits[entailment]])[1]
        };
        logits.iter().map(score).collect()
    }

    fn joint_scores(&self, logits: &[Vec<f32>]) -> Vec<f32> {
        let entailment: Vec<_> =
            logits.iter().map(|logits| logits[self.entailment.unwrap_or(logits.len() - 1)]).collect();
        softmax(&entailment)
    }
}

/// Ranks scores, best first; of equal scores the last comes first, as in the reference, which reverses an ascending
/// order.
fn ranked(scores: &[f32]) -> Vec<HypothesisScore> {
    let mut ranked: Vec<_> = scores.iter().copied().enumerate().collect();
    ranked.sort_by(|a, b| descending(a.1, b.1).then(b.0.cmp(&a.0)));
    ranked
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_of_equal_scores_comes_first() {
        assert_eq!(ranked(&[0.25, 0.5, 0.25]), [(1, 0.5), (2, 0.25), (0, 0.25)]);
    }
}
