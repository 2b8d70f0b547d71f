use trustformers_core::{Error, Result};

use crate::SequenceInput;
use crate::forward::input::{Limits, PastColumns};

/// Positions of the tokens of a slot whose sequence began as a row of padded prompts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PromptPositions {
    /// Positions of the prompt's tokens, without padding.
    prompt: Vec<i64>,
    /// Number of padding tokens of the prompt.
    pub(crate) num_padding: usize,
    /// Position of the first token after the prompt.
    next: i64,
}

impl PromptPositions {
    /// The positions for a row of padded prompts.
    ///
    /// **Errors:** `Input` for a mask of another length.
    pub(crate) fn new(input_ids: &[i64], mask: &[i64], limits: &Limits) -> Result<Self> {
        if mask.len() != input_ids.len() {
            let message = format!("has {} elements, expected one for each of {} tokens", mask.len(), input_ids.len());
            return Err(Error::input("decoder_attention_mask", message));
        }
        let row = SequenceInput { input_ids, attention_mask: Some(mask), ..SequenceInput::default() };
        let positions = row.positions(limits, PastColumns::default());
        let prompt: Vec<_> =
            positions.into_iter().zip(mask).filter(|(_, seen)| **seen != 0).map(|(position, _)| position).collect();
        let num_padding = input_ids.len() - prompt.len();
        Ok(Self { prompt, num_padding, next: (limits.reserved() + input_ids.len()) as i64 })
    }

    /// Position of the token with an index in the sequence, padding not counted.
    pub(crate) fn of(&self, index: usize) -> i64 {
        let after = index.saturating_sub(self.prompt.len()) as i64;
        self.prompt.get(index).copied().unwrap_or(self.next + after)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::forward::input::PositionRule;

    #[test]
    fn tokens_after_a_padded_prompt_count_its_columns() {
        let limits = Limits {
            vocab_size: 10,
            max_position_embeddings: None,
            type_vocab_size: 0,
            task_type_vocab_size: None,
            embedding_size: 1,
            hidden_size: 1,
            positions: PositionRule::FromZero,
            bytes_per_token: 0,
            bytes_per_pair: 0,
            hidden_attention: 0.0,
        };
        let of = |limits: &Limits| {
            let positions = PromptPositions::new(&[1, 1, 5, 6], &[0, 0, 1, 1], limits).unwrap();
            [0, 1, 2, 3].map(|index| positions.of(index))
        };
        assert_eq!(of(&limits), [2, 3, 4, 5]);
        // Embeddings after the padding token's, whose prompts skip padding and whose later tokens count it.
        assert_eq!(of(&Limits { positions: PositionRule::AfterPadding(1), ..limits }), [2, 3, 6, 7]);
    }
}
