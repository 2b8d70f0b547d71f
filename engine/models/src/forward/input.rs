use trustformers_core::{ConfigReader, Error, Result};

/// A batch of token sequences of one length.
///
/// **Shapes:** every slice of integers holds `batch * seq` elements, row-major, unless it says otherwise.
#[derive(Clone, Copy, Debug, Default)]
pub struct ModelInput<'a> {
    /// Number of sequences.
    pub batch: usize,
    /// Number of tokens per sequence, padding included.
    pub seq: usize,
    /// Token ids, each below `vocab_size`; empty if `inputs_embeds` are given.
    pub input_ids: &'a [i64],
    /// Token embeddings to use in place of `input_ids`. **Shapes:** `[batch, seq, embedding_size]`.
    pub inputs_embeds: Option<&'a [f32]>,
    /// Zero at padding, nonzero elsewhere; `None` if there is no padding. **Shapes:** `[batch, past + seq]`.
    pub attention_mask: Option<&'a [i64]>,
    /// Token types; all zero if `None`.
    pub token_type_ids: Option<&'a [i64]>,
    /// Positions; computed by the family's rule if `None`.
    pub position_ids: Option<&'a [i64]>,
    /// Task types; all zero if `None`.
    pub task_type_ids: Option<&'a [i64]>,
    /// Number of past tokens per sequence in the cache, padding included.
    pub past: usize,
}

/// How a family computes `position_ids` if the caller passes none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PositionRule {
    /// Counts columns from zero, padding included.
    FromZero,
    /// Counts columns from zero, padding included; `position_ids` from the caller are rejected.
    Columns,
    /// Counts tokens other than this padding token from its id plus one; padding has the id itself as its position.
    AfterPadding(i64),
    /// Counts unmasked tokens from zero; masked tokens have position -1.
    Unmasked,
}

impl PositionRule {
    /// The rule after a padding token; without one, token 0 counts as padding.
    pub(crate) fn after_padding(pad_token_id: Option<i64>) -> Self {
        Self::AfterPadding(pad_token_id.unwrap_or(0))
    }
}

/// Reads `pad_token_id` from a configuration.
///
/// **Errors:** `Config` if the value is not a valid id.
pub(crate) fn padding_id(reader: &mut ConfigReader, default: i64) -> Result<Option<i64>> {
    let id: Option<i64> = reader.take_or("pad_token_id", Some(default))?;
    match id {
        Some(id) if !(-1..=i64::from(i32::MAX)).contains(&id) => {
            Err(Error::config_key(reader.file(), "pad_token_id", id, "an id of the vocabulary, -1 or null"))
        }
        id => Ok(id),
    }
}

/// Sizes that a model's inputs are checked against.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    pub(crate) vocab_size: usize,
    /// Number of learned position embeddings; `None` if there are none.
    pub(crate) max_position_embeddings: Option<usize>,
    pub(crate) type_vocab_size: usize,
    /// Number of accepted task types; `None` if the family has no task types.
    pub(crate) task_type_vocab_size: Option<usize>,
    pub(crate) embedding_size: usize,
    pub(crate) hidden_size: usize,
    pub(crate) positions: PositionRule,
    /// Peak bytes of activations per token of a batch.
    pub(crate) bytes_per_token: usize,
    /// Peak bytes of activations per pair of tokens of a sequence, for layers with relative positions.
    pub(crate) bytes_per_pair: usize,
    /// Value of returned attention weights at masked keys.
    pub(crate) hidden_attention: f32,
}

impl Limits {
    /// Rejects token ids outside the vocabulary; see [`Model::check_input_ids`](crate::Model::check_input_ids).
    pub(crate) fn check_input_ids(&self, input_ids: &[i64], [batch, seq]: [usize; 2]) -> Result<()> {
        let input = ModelInput { batch, seq, input_ids, ..ModelInput::default() };
        input.check_ids("input_ids", input_ids, "vocab_size", self.vocab_size)
    }

    /// Number of position embeddings before the first token's.
    fn reserved(self) -> usize {
        match self.positions {
            PositionRule::FromZero | PositionRule::Columns | PositionRule::Unmasked => 0,
            PositionRule::AfterPadding(padding) => (padding + 1) as usize,
        }
    }

    /// Maximum number of tokens in a sequence; `None` without learned positions.
    pub(crate) fn max_tokens(self) -> Option<usize> {
        self.max_position_embeddings.map(|positions| positions.saturating_sub(self.reserved()))
    }
}

impl ModelInput<'_> {
    /// The position of every token.
    pub(crate) fn positions(&self, rule: PositionRule) -> Vec<i64> {
        if let Some(given) = self.position_ids {
            return given.to_vec();
        }
        let from = |first: i64| (0..self.batch * self.seq).map(|index| first + (index % self.seq) as i64).collect();
        match rule {
            PositionRule::FromZero | PositionRule::Columns => from(self.past as i64),
            PositionRule::Unmasked => {
                let Some(mask) = self.attention_mask else { return from(self.past as i64) };
                let counted = mask.chunks_exact(self.past + self.seq).flat_map(|row| {
                    let counted = row.iter().scan(-1, |last, seen| {
                        *last += i64::from(*seen != 0);
                        Some(if *seen == 0 { -1 } else { *last })
                    });
                    counted.skip(self.past)
                });
                counted.collect()
            }
            PositionRule::AfterPadding(padding) if self.inputs_embeds.is_some() => from(padding + 1),
            PositionRule::AfterPadding(padding) => {
                let rows = self.input_ids.chunks_exact(self.seq);
                let counted = rows.flat_map(|row| {
                    row.iter().scan(padding, move |last, id| {
                        *last += i64::from(*id != padding);
                        Some(if *id == padding { padding } else { *last })
                    })
                });
                counted.collect()
            }
        }
    }

    /// Whether the token at an index of the padded batch is unmasked.
    pub(crate) fn is_unmasked(&self, index: usize) -> bool {
        let (row, column) = (index / self.seq, index % self.seq);
        self.attention_mask.is_none_or(|mask| mask[row * (self.past + self.seq) + self.past + column] != 0)
    }

    pub(crate) fn check(&self, limits: Limits) -> Result<()> {
        let Self { batch, seq, past, .. } = *self;
        if batch == 0 || seq == 0 {
            return Err(Error::input("input_ids", format!("the batch is empty: shape ({batch}, {seq})")));
        }
        if let (Some(positions), Some(most)) = (limits.max_position_embeddings, limits.max_tokens())
            && past + seq > most
            && self.position_ids.is_none()
        {
            let reserved = match limits.reserved() {
                0 => String::new(),
                count => format!(" minus {count} reserved positions"),
            };
            let message = format!(
                "a sequence of {} tokens is longer than max_position_embeddings = {positions}{reserved}; \
                 tokenize with truncation=True, max_length={most}",
                past + seq
            );
            return Err(Error::input("input_ids", message));
        }
        match self.inputs_embeds {
            None => limits.check_input_ids(self.input_ids, [batch, seq])?,
            Some(vectors) if vectors.len() == batch * seq * limits.embedding_size => {}
            Some(vectors) => {
                let (found, width) = (vectors.len() / (batch * seq), limits.embedding_size);
                let message = format!("the embeddings have width {found}, expected shape ({batch}, {seq}, {width})");
                return Err(Error::input("inputs_embeds", message));
            }
        }
        if let Some(mask) = self.attention_mask {
            check_len("attention_mask", mask, [batch, past + seq])?;
        }
        if let Some(types) = self.token_type_ids {
            self.check_ids("token_type_ids", types, "type_vocab_size", limits.type_vocab_size)?;
        }
        if let Some(tasks) = self.task_type_ids {
            let limit = limits
                .task_type_vocab_size
                .ok_or_else(|| Error::unsupported("task_type_ids for a model without task type embeddings"))?;
            self.check_ids("task_type_ids", tasks, "task_type_vocab_size", limit)?;
        }
        if let Some(positions) = self.position_ids {
            if limits.positions == PositionRule::Columns {
                return Err(Error::unsupported("position_ids for a model that always counts positions from zero"));
            }
            let limit = limits.max_position_embeddings.unwrap_or(usize::MAX);
            self.check_ids("position_ids", positions, "max_position_embeddings", limit)?;
        }
        let by_token = seq.saturating_mul(limits.bytes_per_pair).saturating_add(limits.bytes_per_token);
        let bytes = (batch * seq).saturating_mul(by_token);
        Error::check_memory(format!("a batch of {batch} sequences of {seq} tokens"), bytes)
    }

    fn check_ids(&self, argument: &str, ids: &[i64], limit_name: &str, limit: usize) -> Result<()> {
        check_len(argument, ids, [self.batch, self.seq])?;
        match ids.iter().position(|id| usize::try_from(*id).map_or(true, |id| id >= limit)) {
            None => Ok(()),
            Some(at) => {
                let (row, col) = (at / self.seq, at % self.seq);
                if limit == usize::MAX {
                    let message = format!("{} at row {row}, column {col} is negative", ids[at]);
                    return Err(Error::input(argument, message));
                }
                let message = format!("id {} at row {row}, column {col} is outside 0..{limit} ({limit_name})", ids[at]);
                Err(Error::input(argument, message))
            }
        }
    }
}

fn check_len(argument: &str, values: &[i64], [batch, seq]: [usize; 2]) -> Result<()> {
    if values.len() == batch * seq {
        return Ok(());
    }
    Err(Error::input(argument, format!("has {} elements, expected shape ({batch}, {seq})", values.len())))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: Limits = Limits {
        vocab_size: 10,
        max_position_embeddings: Some(4),
        type_vocab_size: 2,
        task_type_vocab_size: Some(3),
        embedding_size: 3,
        hidden_size: 3,
        positions: PositionRule::FromZero,
        bytes_per_token: 64,
        bytes_per_pair: 0,
        hidden_attention: 0.0,
    };

    fn input<'a>(ids: &'a [i64], batch: usize, seq: usize) -> ModelInput<'a> {
        ModelInput { batch, seq, input_ids: ids, ..ModelInput::default() }
    }

    #[test]
    fn error_names_an_out_of_vocabulary_id_and_its_position() {
        for (id, ids) in [(10, [1, 2, 3, 10]), (-1, [1, 2, 3, -1])] {
            let message = input(&ids, 2, 2).check(LIMITS).unwrap_err().to_string();
            assert!(message.contains(&format!("id {id} at row 1, column 1")), "{message}");
        }
    }

    #[test]
    fn rejects_a_sequence_longer_than_max_position_embeddings() {
        let message = input(&[1; 5], 1, 5).check(LIMITS).unwrap_err().to_string();
        assert!(message.contains("5 tokens") && message.contains("max_position_embeddings = 4"), "{message}");
    }

    #[test]
    fn rejects_an_empty_batch() {
        assert!(input(&[], 0, 3).check(LIMITS).is_err());
        assert!(input(&[], 3, 0).check(LIMITS).is_err());
    }

    #[test]
    fn rejects_an_attention_mask_of_another_shape() {
        let input = ModelInput { attention_mask: Some(&[1, 1, 1]), ..input(&[1; 4], 2, 2) };
        assert!(input.check(LIMITS).unwrap_err().to_string().starts_with("attention_mask: has 3 elements"));
    }

    #[test]
    fn rejects_a_batch_that_does_not_fit_in_memory() {
        let limits = Limits { bytes_per_token: usize::MAX / 2, ..LIMITS };
        assert_eq!(input(&[1; 4], 2, 2).check(limits).unwrap_err().code(), "out_of_memory");
        let limits = Limits { bytes_per_pair: usize::MAX / 4, ..LIMITS };
        assert_eq!(input(&[1; 4], 1, 4).check(limits).unwrap_err().code(), "out_of_memory");
    }

    #[test]
    fn positions_after_padding_skip_it() {
        let rule = PositionRule::AfterPadding(1);
        assert_eq!(input(&[1, 5, 1, 7, 0, 2, 1, 1], 2, 4).positions(rule), [1, 2, 1, 3, 2, 3, 1, 1]);
        let vectors = ModelInput { inputs_embeds: Some(&[0.0; 6]), ..input(&[], 1, 2) };
        assert_eq!(vectors.positions(rule), [2, 3]);
        let limits = Limits { positions: rule, max_position_embeddings: Some(5), ..LIMITS };
        input(&[2; 3], 1, 3).check(limits).unwrap();
        let message = input(&[2; 4], 1, 4).check(limits).unwrap_err().to_string();
        assert!(message.contains("max_length=3"), "{message}");
    }

    #[test]
    fn positions_of_unmasked_tokens_skip_masked_ones() {
        let rule = PositionRule::Unmasked;
        assert_eq!(input(&[5; 4], 2, 2).positions(rule), [0, 1, 0, 1]);
        let masked = ModelInput { attention_mask: Some(&[0, 1, 0, 1, 1, 1, 1, 0]), ..input(&[5; 8], 2, 4) };
        assert_eq!(masked.positions(rule), [-1, 0, -1, 1, 0, 1, 2, -1]);
    }

    #[test]
    fn rejects_inputs_embeds_of_another_width() {
        let vectors = ModelInput { inputs_embeds: Some(&[0.0; 8]), ..input(&[], 1, 2) };
        assert!(vectors.check(LIMITS).unwrap_err().to_string().contains("expected shape (1, 2, 3)"));
    }

    #[test]
    fn token_types_tasks_and_positions_have_their_own_limits() {
        let types = ModelInput { token_type_ids: Some(&[0, 2]), ..input(&[1; 2], 1, 2) };
        assert!(types.check(LIMITS).unwrap_err().to_string().contains("type_vocab_size"));
        let tasks = ModelInput { task_type_ids: Some(&[0, 3]), ..input(&[1; 2], 1, 2) };
        assert!(tasks.check(LIMITS).unwrap_err().to_string().contains("task_type_vocab_size"));
        let without = Limits { task_type_vocab_size: None, ..LIMITS };
        assert_eq!(tasks.check(without).unwrap_err().code(), "unsupported");
        let positions = ModelInput { position_ids: Some(&[0, 4]), ..input(&[1; 2], 1, 2) };
        assert!(positions.check(LIMITS).unwrap_err().to_string().contains("max_position_embeddings"));
        let columns = Limits { positions: PositionRule::Columns, ..LIMITS };
        assert!(positions.check(columns).unwrap_err().to_string().contains("position_ids"));
    }
}
