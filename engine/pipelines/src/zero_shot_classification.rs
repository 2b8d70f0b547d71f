use std::sync::Arc;

use trustformers_core::{Error, Result};
use trustformers_models::{Head, Model};
use trustformers_tokenizers::{BatchEncoding, EncodeOptions, Encoding, TextInput, Tokenizer, Truncation};

use crate::scores::{descending, softmax};
use crate::text_model::TextModel;

/// How well labels that the model was never trained on fit a text, as far as the text entails a hypothesis of each.
pub struct ZeroShotClassification {
    model: TextModel,
    entailment: Option<usize>,
}

/// A hypothesis by its place among those given, and its score.
pub type HypothesisScore = (usize, f32);

impl ZeroShotClassification {
    /// The task over a model and its tokenizer.
    ///
    /// **Errors:** `Input` if the model does not classify sequences.
    pub fn new(encoder: Arc<dyn Model>, tokenizer: Arc<Tokenizer>) -> Result<Self> {
        let model = TextModel::new(encoder, tokenizer, Head::SequenceClassification, "zero-shot-classification")?;
        let entails = |label: &str| label.to_lowercase().starts_with("entail");
        let settings = model.encoder.settings();
        let ids = model.encoder.config()["label2id"].as_object();
        let stated = ids.and_then(|ids| ids.iter().find(|(label, _)| entails(label)));
        let stated = stated.and_then(|(_, id)| usize::try_from(id.as_u64()?).ok());
        let named = || settings.labels.iter().position(|label| entails(label));
        let entailment = stated.filter(|id| *id < settings.num_labels).or_else(named);
        Ok(Self { model, entailment })
    }

    /// The label of the model that stands for entailment; without one its last label does.
    pub fn entailment(&self) -> Option<usize> {
        self.entailment
    }

    /// The hypotheses of each text, best first, in the order of `texts`.
    ///
    /// With `multi_label` each has a score of its own, of entailment against contradiction; otherwise they add up to
    /// one. A text that is too long is cut, a hypothesis is not.
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
            return Err(Error::input("candidate_labels", "there is no label"));
        }
        let pair = |text| hypotheses.iter().map(move |hypothesis| TextInput::Pair(text, hypothesis));
        let rows = self.encode(texts.iter().copied().flat_map(pair).collect())?;
        let mut logits = vec![Vec::new(); rows.len()];
        self.model.for_each(rows.encodings(), batch_size, |index, row| {
            logits[index] = row.data;
            Ok(())
        })?;
        let is_alone = multi_label || hypotheses.len() == 1;
        let scores = |logits| if is_alone { self.each_alone(logits) } else { self.together(logits) };
        Ok(logits.chunks_exact(hypotheses.len()).map(|logits| ranked(&scores(logits))).collect())
    }

    fn encode(&self, pairs: Vec<TextInput<'_>>) -> Result<BatchEncoding> {
        let cut = EncodeOptions { truncation: Some(Truncation::OnlyFirst), ..EncodeOptions::default() };
        let is_too_short = |error: &Error| matches!(error, Error::Input { argument, .. } if argument == "truncation");
        match self.model.encode(pairs.clone(), &cut) {
            // A hypothesis alone is over the limit of the tokenizer; the model may still take it.
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

    fn each_alone(&self, logits: &[Vec<f32>]) -> Vec<f32> {
        let score = |logits: &Vec<f32>| {
            let last = logits.len() - 1;
            let entailment = self.entailment.unwrap_or(last);
            let contradiction = if self.entailment == Some(0) { last } else { 0 };
            softmax(&[logits[contradiction], logits[entailment]])[1]
        };
        logits.iter().map(score).collect()
    }

    fn together(&self, logits: &[Vec<f32>]) -> Vec<f32> {
        let entailment: Vec<_> =
            logits.iter().map(|logits| logits[self.entailment.unwrap_or(logits.len() - 1)]).collect();
        softmax(&entailment)
    }
}

/// Of equal scores the last comes first, as in the reference, which reverses an ascending order.
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
