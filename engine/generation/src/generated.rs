use crate::FinishReason;

/// A sequence that `generate` returns.
#[derive(Clone, Debug, PartialEq)]
pub struct GeneratedRow {
    /// The prompt and what follows it, without padding.
    pub tokens: Vec<i64>,
    /// How many of the tokens are the prompt.
    pub prompt_len: usize,
    /// Why it ended; beams that never ended have none.
    pub finish: Option<FinishReason>,
    /// The beam's score: the sum of its log probabilities by its length to the power of `length_penalty`.
    pub score: Option<f32>,
    /// For each new token the row of `Generated::scores` that it was chosen by; beams only.
    pub beam_indices: Vec<usize>,
}

/// What `generate` returns.
#[derive(Clone, Debug, PartialEq)]
pub struct Generated {
    /// The sequences, those of a prompt one after another.
    pub rows: Vec<GeneratedRow>,
    /// For each step the processed logits, if `output_scores` asks for them. Shapes: `[rows, vocab]`, with beams
    /// `[prompts * num_beams, vocab]`; zero for rows that have ended.
    pub scores: Vec<Vec<f32>>,
    /// For each step the model's logits, if `output_logits` asks for them. Shapes: as `scores`.
    pub logits: Vec<Vec<f32>>,
    /// The token that fills rows after their end.
    pub fill_token_id: i64,
}

impl Generated {
    /// The sequences as a rectangle and its width: prompts end in one column, `fill` stands on their left.
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
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(tokens: &[i64], prompt_len: usize) -> GeneratedRow {
        let finish = Some(FinishReason::Length);
        GeneratedRow { tokens: tokens.to_vec(), prompt_len, finish, score: None, beam_indices: Vec::new() }
    }

    #[test]
    fn prompts_end_in_one_column() {
        let rows = vec![row(&[1, 2, 3, 4], 3), row(&[5, 6, 7], 1)];
        let generated = Generated { rows, scores: Vec::new(), logits: Vec::new(), fill_token_id: 9 };
        assert_eq!(generated.padded(0), (vec![1, 2, 3, 4, 9, 0, 0, 5, 6, 7], 5));
    }
}
