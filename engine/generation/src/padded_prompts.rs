use trustformers_core::{Error, Result};

use crate::{Generated, Settings, StepRow};

/// The prompts of a call as a padded batch, whose outputs begin with the prompts as they were given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PaddedPrompts {
    batch: usize,
    seq: usize,
    input_ids: Vec<i64>,
    /// Empty without padding.
    attention_mask: Vec<i64>,
}

impl Default for PaddedPrompts {
    /// One empty prompt, which becomes the BOS token.
    fn default() -> Self {
        Self { batch: 1, seq: 0, input_ids: Vec::new(), attention_mask: Vec::new() }
    }
}

impl PaddedPrompts {
    /// Prompts with an attention mask, given as values and shape; without one, the mask is inferred from padding: see
    /// [`Settings::inferred_attention_mask`].
    ///
    /// **Shapes:** `input_ids, attention_mask: [batch, seq]`.
    ///
    /// **Errors:** `Input` if a shape differs.
    pub fn new(
        input_ids: Vec<i64>,
        [batch, seq]: [usize; 2],
        attention_mask: Option<(Vec<i64>, [usize; 2])>,
        settings: &Settings,
    ) -> Result<Self> {
        if input_ids.len() != batch * seq {
            let message = format!("has {} values, expected the shape ({batch}, {seq})", input_ids.len());
            return Err(Error::input("input_ids", message));
        }
        if let Some((_, [rows, columns])) = attention_mask.as_ref().filter(|(_, shape)| *shape != [batch, seq]) {
            let message = format!("has shape ({rows}, {columns}), expected the shape of input_ids, ({batch}, {seq})");
            return Err(Error::input("attention_mask", message));
        }
        let attention_mask = match attention_mask {
            Some((values, _)) => values,
            None => settings.inferred_attention_mask(&input_ids).unwrap_or_default(),
        };
        Ok(Self { batch, seq, input_ids, attention_mask })
    }

    /// Prompts of an encoder-decoder's decoder, which begin with `decoder_start_token_id`, else `bos_token_id`; it is
    /// put before prompts of which none begins with it.
    ///
    /// **Shapes:** `input_ids, attention_mask: [batch, seq]`.
    ///
    /// **Errors:** `Input` if there is no such token, or if a shape differs.
    ///
    /// **Source:** `_prepare_decoder_input_ids_for_generation` of transformers 5.23.0.
    pub fn of_decoder(
        batch: usize,
        input_ids: Option<(Vec<i64>, [usize; 2])>,
        attention_mask: Option<(Vec<i64>, [usize; 2])>,
        settings: &Settings,
    ) -> Result<Self> {
        let config = settings.config();
        let starts = match (&config.decoder_start_token_id, settings.bos_token_id()) {
            (Some(starts), _) => starts.as_slice().to_vec(),
            (None, Some(bos)) => vec![bos],
            (None, None) => {
                let message = "must be set, or bos_token_id: a decoder's sequences begin with it";
                return Err(Error::input("decoder_start_token_id", message));
            }
        };
        if starts.len() != 1 && starts.len() != batch {
            let message = format!("has {} tokens, expected one, or one for each of {batch} sources", starts.len());
            return Err(Error::input("decoder_start_token_id", message));
        }
        let start = |row: usize| starts[if starts.len() == 1 { 0 } else { row }];
        let Some((ids, [rows, columns])) = input_ids else {
            let input_ids = (0..batch).map(start).collect();
            return Ok(Self { batch, seq: 1, input_ids, attention_mask: Vec::new() });
        };
        if rows != batch || columns == 0 || ids.len() != rows * columns {
            let message = format!("has shape ({rows}, {columns}), expected a sequence for each of {batch} sources");
            return Err(Error::input("decoder_input_ids", message));
        }
        if let Some((_, [found, wide])) = attention_mask.as_ref().filter(|(_, shape)| *shape != [rows, columns]) {
            let message =
                format!("has shape ({found}, {wide}), expected the shape of decoder_input_ids, ({rows}, {columns})");
            return Err(Error::input("decoder_attention_mask", message));
        }
        let mask = attention_mask.map(|(values, _)| values).filter(|mask| mask.contains(&0)).unwrap_or_default();
        if let Some(row) = mask.chunks_exact(columns).position(|mask| mask[columns - 1] == 0) {
            let message = format!("masks the last token of sequence {row}, which is continued; pad on the left");
            return Err(Error::input("decoder_attention_mask", message));
        }
        if (0..rows).any(|row| ids[row * columns] == start(row)) {
            return Ok(Self { batch, seq: columns, input_ids: ids, attention_mask: mask });
        }
        let with_first = |values: &[i64], first: &dyn Fn(usize) -> i64| {
            let rows = values.chunks_exact(columns).enumerate();
            rows.flat_map(|(row, values)| [&[first(row)], values].concat()).collect()
        };
        Ok(Self {
            batch,
            seq: columns + 1,
            input_ids: with_first(&ids, &start),
            attention_mask: with_first(&mask, &|_| 1),
        })
    }

    /// The tokens of each prompt, without padding.
    pub fn rows(&self) -> Vec<Vec<i64>> {
        let is_token = |index: usize| self.attention_mask.get(index).is_none_or(|seen| *seen != 0);
        let row = |row: usize| {
            (row * self.seq..(row + 1) * self.seq).filter(|index| is_token(*index)).map(|index| self.input_ids[index])
        };
        (0..self.batch).map(|index| row(index).collect()).collect()
    }

    /// The sequences of a step as a padded batch, and the number of columns: the prompts as they were given, padding
    /// included, and the generated tokens, padded with `fill` after a sequence's end.
    ///
    /// **Shapes:** `[rows, seq]`.
    pub fn extended(&self, rows: &[StepRow<'_>], fill: i64) -> (Vec<i64>, usize) {
        let prompt_len = rows.iter().map(|row| row.prompt_len).max().unwrap_or(0);
        let new_len = rows.iter().map(|row| row.tokens.len() - row.prompt_len).max().unwrap_or(0);
        let width = new_len + if self.seq == 0 { prompt_len } else { self.seq };
        let mut extended = Vec::with_capacity(rows.len() * width);
        for (index, row) in rows.iter().enumerate() {
            let (prompt, new) = row.tokens.split_at(row.prompt_len);
            if self.seq == 0 {
                extended.extend(std::iter::repeat_n(fill, prompt_len - row.prompt_len));
                extended.extend_from_slice(prompt);
            } else {
                extended.extend_from_slice(&self.input_ids[row.prompt * self.seq..][..self.seq]);
            }
            extended.extend_from_slice(new);
            extended.resize((index + 1) * width, fill);
        }
        (extended, width)
    }

    /// Whether a token is masked.
    pub fn has_padding(&self) -> bool {
        self.attention_mask.contains(&0)
    }

    /// Token ids and mask of a row, of whose batch a token is masked. **Shapes:** `[seq]` each.
    pub fn padded_row(&self, row: usize) -> (&[i64], &[i64]) {
        let columns = row * self.seq..(row + 1) * self.seq;
        (&self.input_ids[columns.clone()], &self.attention_mask[columns])
    }

    /// The attention mask; empty if there is no padding. **Shapes:** `[batch, seq]`.
    pub fn attention_mask(&self) -> &[i64] {
        &self.attention_mask
    }

    /// Number of prompts and their width, padding included; an empty prompt is as wide as the BOS token.
    pub fn shape(&self) -> [usize; 2] {
        [self.batch, self.seq.max(1)]
    }

    /// The prompts, padding included, followed by the generated tokens, and the number of columns.
    ///
    /// **Shapes:** `[rows, seq]`, the rows grouped by prompt.
    pub fn join(&self, generated: &Generated) -> (Vec<i64>, usize) {
        if self.seq == 0 {
            return generated.padded(0);
        }
        let copies = (generated.rows.len() / self.batch).max(1);
        let new_len = generated.rows.iter().map(|row| row.tokens.len() - row.prompt_len).max().unwrap_or(0);
        let width = self.seq + new_len;
        let mut joined = Vec::with_capacity(generated.rows.len() * width);
        for (index, row) in generated.rows.iter().enumerate() {
            joined.extend_from_slice(&self.input_ids[index / copies * self.seq..][..self.seq]);
            joined.extend_from_slice(&row.tokens[row.prompt_len..]);
            joined.resize((index + 1) * width, generated.fill_token_id);
        }
        (joined, width)
    }
}

impl Settings {
    /// The attention mask of prompts that were padded with `pad_token_id`; `None` if there is no padding, or if
    /// `pad_token_id` also ends sequences, so that it may be part of a prompt.
    ///
    /// **Source:** `_prepare_attention_mask_for_generation` of transformers 5.23.0.
    pub fn inferred_attention_mask(&self, input_ids: &[i64]) -> Option<Vec<i64>> {
        let pad = self.config().pad_token_id.filter(|pad| !self.eos_token_ids().contains(pad))?;
        input_ids.contains(&pad).then(|| input_ids.iter().map(|token| i64::from(*token != pad)).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{GeneratedRow, GenerationConfig};
    use serde_json::{Value, json};

    fn settings(kwargs: Value) -> Settings {
        Settings::new(&GenerationConfig::default(), None, &kwargs).unwrap()
    }

    fn generated(rows: &[(&[i64], usize)]) -> Generated {
        let row = |(tokens, prompt_len): &(&[i64], usize)| GeneratedRow {
            tokens: tokens.to_vec(),
            prompt_len: *prompt_len,
            finish: None,
            score: None,
            beam_indices: Vec::new(),
        };
        Generated { rows: rows.iter().map(row).collect(), scores: Vec::new(), logits: Vec::new(), fill_token_id: 9 }
    }

    #[test]
    fn padding_is_inferred_unless_it_may_end_a_prompt() {
        let mask = |kwargs| settings(kwargs).inferred_attention_mask(&[0, 5, 0, 6]);
        assert_eq!(mask(json!({"pad_token_id": 0, "eos_token_id": [1, 2]})), Some(vec![0, 1, 0, 1]));
        assert_eq!(mask(json!({"pad_token_id": 0, "eos_token_id": [1, 0]})), None);
        assert_eq!(mask(json!({"pad_token_id": 3})), None);
        assert_eq!(mask(json!({"eos_token_id": 0})), None);
    }

    #[test]
    fn rows_have_no_padding_and_outputs_begin_with_the_prompts_as_given() {
        let prompts =
            PaddedPrompts::new(vec![0, 5, 6, 7, 8, 0], [2, 3], None, &settings(json!({"pad_token_id": 0}))).unwrap();
        assert_eq!(prompts.rows(), [[5, 6], [7, 8]]);
        let found = generated(&[(&[5, 6, 1], 2), (&[5, 6, 1, 2], 2), (&[7, 8, 3], 2), (&[7, 8], 2)]);
        let expected = [[0, 5, 6, 1, 9], [0, 5, 6, 1, 2], [7, 8, 0, 3, 9], [7, 8, 0, 9, 9]].concat();
        assert_eq!(prompts.join(&found), (expected, 5));
    }

    #[test]
    fn rows_of_a_step_have_the_padding_of_their_prompts() {
        let prompts =
            PaddedPrompts::new(vec![0, 5, 6, 7], [2, 2], None, &settings(json!({"pad_token_id": 0}))).unwrap();
        let row = |prompt, prompt_len, tokens| StepRow { prompt, prompt_len, tokens };
        let rows = [row(0, 1, &[5, 1, 2][..]), row(1, 2, &[6, 7, 3])];
        assert_eq!(prompts.extended(&rows, 9), (vec![0, 5, 1, 2, 6, 7, 3, 9], 4));
        assert_eq!(PaddedPrompts::default().extended(&[row(0, 1, &[8, 1])], 9), (vec![8, 1], 2));
    }

    #[test]
    fn a_given_mask_is_used_instead_of_padding() {
        let settings = settings(json!({"pad_token_id": 0}));
        let prompts = PaddedPrompts::new(vec![0, 5], [1, 2], Some((vec![1, 1], [1, 2])), &settings).unwrap();
        assert_eq!(prompts.rows(), [[0, 5]]);
        let error = PaddedPrompts::new(vec![0, 5], [1, 2], Some((vec![1], [1, 1])), &settings).unwrap_err();
        assert!(error.to_string().contains("attention_mask"), "{error}");
    }

    #[test]
    fn an_output_without_prompts_begins_with_the_generated_rows() {
        assert_eq!(PaddedPrompts::default().rows(), [Vec::<i64>::new()]);
        assert_eq!(PaddedPrompts::default().join(&generated(&[(&[1, 4, 5], 1)])), (vec![1, 4, 5], 3));
    }
}
