use crate::{FinishReason, Settings};

/// A sequence that `generate` returns.
#[derive(Clone, Debug, PartialEq)]
pub struct GeneratedRow {
    /// The tokens of the prompt and the generated tokens, without padding.
    pub tokens: Vec<i64>,
    /// Number of prompt tokens.
    pub prompt_len: usize,
    /// Why the sequence finished; `None` for a beam that did not.
    pub finish: Option<FinishReason>,
    /// Beam score: the sum of log probabilities divided by the number of new tokens to the power of `length_penalty`;
    /// `None` without beam search.
    pub score: Option<f32>,
    /// For each new token, the row of `Generated::scores` that it was selected from; empty without beam search.
    pub beam_indices: Vec<usize>,
}

/// The output of `generate`.
#[derive(Clone, Debug, PartialEq)]
pub struct Generated {
    /// The sequences, grouped by prompt.
    pub rows: Vec<GeneratedRow>,
    /// Processed logits of each step, if `output_scores` is set; zero for finished rows.
    ///
    /// **Shapes:** `[rows, vocab]` each, with beam search `[prompts * num_beams, vocab]`.
    pub scores: Vec<Vec<f32>>,
    /// Unprocessed logits of each step, if `output_logits` is set; zero for finished rows.
    ///
    /// **Shapes:** `[rows, vocab]` each, with beam search `[prompts * num_beams, vocab]`.
    pub logits: Vec<Vec<f32>>,
    /// The token that pads rows after their end.
    pub fill_token_id: i64,
}

impl Generated {
    /// The sequences as a padded matrix and its width: prompts end in one column, padded with `fill` on the left.
    ///
    /// **Shapes:** `[rows, seq]`.
    pub fn padded(&self, fill: i64) -> (Vec<i64>, usize) {
        let prompt_len = self.rows.iter().map(|row| row.prompt_len).max().unwrap_or(0);
        let new_len = self.rows.iter().map(|row| row.tokens.len() - row.prompt_len).max().unwrap_or(0);
        let width = prompt_len + new_len;
        let mut padded = Vec::with_capacity(self.rows.len() * width);
        for (index, row) in self.rows.iter().enumerate() {
            padded.extend(std::iter::repeat_n(fill, prompt_len - row.prompt_len));
            padded.extend_from_slice(&row.tokens);
            padded.resize((index + 1) * width, self.fill_token_id);
        }
        (padded, width)
    }

    /// Beam scores of the sequences, if `output_scores` is set; `None` without beam search.
    pub fn sequences_scores(&self, settings: &Settings) -> Option<Vec<f32>> {
        let scores = self.rows.iter().map(|row| row.score).collect::<Option<_>>();
        scores.filter(|_| settings.config().output_scores == Some(true))
    }

    /// Beam indices of the new tokens as a matrix and its width, padded with -1; `None` without beam search.
    ///
    /// **Shapes:** `[rows, new tokens]`.
    pub fn padded_beam_indices(&self) -> Option<(Vec<i64>, usize)> {
        if self.rows.iter().any(|row| row.score.is_none()) {
            return None;
        }
        let width = self.rows.iter().map(|row| row.beam_indices.len()).max().unwrap_or(0);
        let mut padded = Vec::with_capacity(self.rows.len() * width);
        for (index, row) in self.rows.iter().enumerate() {
            padded.extend(row.beam_indices.iter().map(|index| i64::try_from(*index).unwrap_or(-1)));
            padded.resize((index + 1) * width, -1);
        }
        Some((padded, width))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(tokens: &[i64], prompt_len: usize) -> GeneratedRow {
        let finish = Some(FinishReason::Length);
        GeneratedRow { tokens: tokens.to_vec(), prompt_len, finish, score: None, beam_indices: Vec::new() }
    }

    #[test]
    fn padded_prompts_end_in_one_column() {
        let rows = vec![row(&[1, 2, 3, 4], 3), row(&[5, 6, 7], 1)];
        let generated = Generated { rows, scores: Vec::new(), logits: Vec::new(), fill_token_id: 9 };
        assert_eq!(generated.padded(0), (vec![1, 2, 3, 4, 9, 0, 0, 5, 6, 7], 5));
    }

    #[test]
    fn beam_indices_are_padded_after_the_end_of_a_sequence() {
        let beam = |indices: &[usize]| GeneratedRow {
            score: Some(-0.5),
            beam_indices: indices.to_vec(),
            ..row(&[1, 2, 3], 1)
        };
        let generated = |rows| Generated { rows, scores: Vec::new(), logits: Vec::new(), fill_token_id: 9 };
        let found = generated(vec![beam(&[0, 2]), beam(&[1])]);
        assert_eq!(found.padded_beam_indices(), Some((vec![0, 2, 1, -1], 2)));
        assert_eq!(generated(vec![row(&[1, 2], 1)]).padded_beam_indices(), None);
    }
}
