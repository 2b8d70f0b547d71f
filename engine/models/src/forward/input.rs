use trustformers_core::{ConfigReader, Error, Result};

/// A token sequence of a batch, masked tokens included.
///
/// **Shapes:** `[seq]` each, unless stated otherwise.
#[derive(Clone, Copy, Debug, Default)]
pub struct SequenceInput<'a> {
    /// Token ids, each below `vocab_size`; empty if `inputs_embeds` are given.
    pub input_ids: &'a [i64],
    /// Token embeddings to use in place of `input_ids`. **Shapes:** `[seq, embedding_size]`.
    pub inputs_embeds: Option<&'a [f32]>,
    /// Zero at masked tokens, nonzero elsewhere; `None` if no token is masked.
    pub attention_mask: Option<&'a [i64]>,
    /// Token types; all zero if `None`.
    pub token_type_ids: Option<&'a [i64]>,
    /// Positions; computed by the family's rule if `None`.
    pub position_ids: Option<&'a [i64]>,
    /// Task types; all zero if `None`.
    pub task_type_ids: Option<&'a [i64]>,
}

/// Cached columns that a sequence continues.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct PastColumns {
    /// Number of columns, padding included.
    pub(crate) columns: usize,
    /// Number of tokens.
    pub(crate) tokens: usize,
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

/// Which masked tokens a model computes, though no token attends to them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PaddingPolicy {
    /// None, even on request.
    Skip,
    /// All on request, otherwise those that other outputs depend on.
    Read {
        /// Whether the first token of each sequence is read, as by a pooler.
        first: bool,
        /// Whether the neighbors of each computed token are read, as by trigram embeddings.
        neighbors: bool,
    },
}

impl PaddingPolicy {
    /// Columns of the masked tokens to compute; `all` requests every one of them.
    pub(crate) fn computed(self, mask: &[i64], all: bool) -> impl Iterator<Item = usize> {
        let reads = move |column: usize| match self {
            Self::Skip => false,
            Self::Read { .. } if all => true,
            Self::Read { first, neighbors } => {
                let is_read = |at: usize| mask.get(at).is_some_and(|seen| *seen != 0) || (first && at == 0);
                (first && column == 0) || (neighbors && (is_read(column + 1) || (column > 0 && is_read(column - 1))))
            }
        };
        (0..mask.len()).filter(move |column| mask[*column] == 0 && reads(*column))
    }
}

/// How a model's inputs are checked and packed.
#[derive(Clone, Copy, Debug)]
pub struct Packing {
    pub(crate) limits: Limits,
    pub(crate) padding: PaddingPolicy,
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
    /// Number of position embeddings before the first token's.
    pub(crate) fn reserved(self) -> usize {
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

impl SequenceInput<'_> {
    /// The number of tokens, masked ones included.
    pub(crate) fn seq(&self, limits: &Limits) -> usize {
        self.inputs_embeds.map_or(self.input_ids.len(), |embeds| embeds.len() / limits.embedding_size)
    }

    /// The position of every token.
    pub(crate) fn positions(&self, limits: &Limits, past: PastColumns) -> Vec<i64> {
        let seq = self.seq(limits) as i64;
        let from = |first: i64| (first..first + seq).collect();
        match (self.position_ids, limits.positions) {
            (Some(given), _) => given.to_vec(),
            (None, PositionRule::FromZero | PositionRule::Columns) => from(past.columns as i64),
            (None, PositionRule::Unmasked) => match self.attention_mask {
                None => from(past.tokens as i64),
                Some(mask) => {
                    let counted = mask.iter().scan(past.tokens as i64 - 1, |last, seen| {
                        *last += i64::from(*seen != 0);
                        Some(if *seen == 0 { -1 } else { *last })
                    });
                    counted.collect()
                }
            },
            (None, PositionRule::AfterPadding(padding)) if self.inputs_embeds.is_some() => {
                from(past.columns as i64 + padding + 1)
            }
            (None, PositionRule::AfterPadding(padding)) => {
                let counted = self.input_ids.iter().scan(padding + past.columns as i64, |last, id| {
                    *last += i64::from(*id != padding);
                    Some(if *id == padding { padding } else { *last })
                });
                counted.collect()
            }
        }
    }

    /// Checks a sequence; `row` is its index in the batch.
    ///
    /// **Errors:** `Input` or `Unsupported` naming the argument that does not fit the model.
    pub(crate) fn check(&self, limits: &Limits, past: PastColumns, row: usize) -> Result<()> {
        let seq = self.seq(limits);
        let len = past.columns + seq;
        if let (Some(positions), Some(most), None) =
            (limits.max_position_embeddings, limits.max_tokens(), self.position_ids)
            && len > most
        {
            let reserved = match limits.reserved() {
                0 => String::new(),
                count => format!(" minus {count} reserved positions"),
            };
            let message = format!(
                "a sequence of {len} tokens is longer than max_position_embeddings = {positions}{reserved}; tokenize \
                 with truncation=True, max_length={most}"
            );
            return Err(Error::input("input_ids", message));
        }
        if self.inputs_embeds.is_none() {
            check_ids("input_ids", self.input_ids, row, ("vocab_size", limits.vocab_size))?;
        }
        let arrays = [
            ("attention_mask", self.attention_mask),
            ("token_type_ids", self.token_type_ids),
            ("position_ids", self.position_ids),
            ("task_type_ids", self.task_type_ids),
        ];
        for (argument, array) in arrays {
            if let Some(found) = array.map(<[i64]>::len).filter(|found| *found != seq) {
                return Err(Error::input(
                    argument,
                    format!("has {found} elements, expected one for each of {seq} tokens"),
                ));
            }
        }
        if let Some(types) = self.token_type_ids {
            check_ids("token_type_ids", types, row, ("type_vocab_size", limits.type_vocab_size))?;
        }
        if let Some(tasks) = self.task_type_ids {
            let limit = limits
                .task_type_vocab_size
                .ok_or_else(|| Error::unsupported("task_type_ids for a model without task type embeddings"))?;
            check_ids("task_type_ids", tasks, row, ("task_type_vocab_size", limit))?;
        }
        if let Some(positions) = self.position_ids {
            if limits.positions == PositionRule::Columns {
                return Err(Error::unsupported("position_ids for a model that always counts positions from zero"));
            }
            let limit = limits.max_position_embeddings.unwrap_or(usize::MAX);
            check_ids("position_ids", positions, row, ("max_position_embeddings", limit))?;
        }
        Ok(())
    }
}

impl Limits {
    /// Checks that there is memory for the activations of a batch.
    ///
    /// **Errors:** `OutOfMemory` if there is not.
    pub(crate) fn check_memory(&self, batch: usize, seq: usize) -> Result<()> {
        let by_token = seq.saturating_mul(self.bytes_per_pair).saturating_add(self.bytes_per_token);
        let bytes = (batch * seq).saturating_mul(by_token);
        Error::check_memory(format!("a batch of {batch} sequences of {seq} tokens"), bytes)
    }

    /// Rejects token ids of an argument outside the vocabulary; see
    /// [`Model::check_input_ids`](crate::Model::check_input_ids).
    pub(crate) fn check_input_ids(&self, argument: &str, input_ids: &[i64], [batch, seq]: [usize; 2]) -> Result<()> {
        if input_ids.len() != batch * seq {
            let message = format!("has {} elements, expected shape ({batch}, {seq})", input_ids.len());
            return Err(Error::input(argument, message));
        }
        let mut rows = input_ids.chunks_exact(seq.max(1)).enumerate();
        rows.try_for_each(|(row, ids)| check_ids(argument, ids, row, ("vocab_size", self.vocab_size)))
    }
}

/// Checks that the ids of a sequence are below a named limit; `row` is the sequence's index in the batch.
fn check_ids(argument: &str, ids: &[i64], row: usize, (limit_name, limit): (&str, usize)) -> Result<()> {
    let is_outside = |id: &i64| usize::try_from(*id).map_or(true, |id| id >= limit);
    let Some(col) = ids.iter().position(is_outside) else { return Ok(()) };
    let at = format!("{} at row {row}, column {col}", ids[col]);
    let message = match limit {
        usize::MAX => format!("{at} is negative"),
        _ => format!("id {at} is outside 0..{limit} ({limit_name})"),
    };
    Err(Error::input(argument, message))
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

    fn input(ids: &[i64]) -> SequenceInput<'_> {
        SequenceInput { input_ids: ids, ..SequenceInput::default() }
    }

    fn error_of(input: SequenceInput<'_>, limits: &Limits) -> Error {
        input.check(limits, PastColumns::default(), 1).unwrap_err()
    }

    #[test]
    fn error_names_an_out_of_vocabulary_id_and_its_position() {
        for (id, ids) in [(10, [3, 10]), (-1, [3, -1])] {
            let message = error_of(input(&ids), &LIMITS).to_string();
            assert!(message.contains(&format!("id {id} at row 1, column 1")), "{message}");
            let ids = [[1, 2], ids].concat();
            assert_eq!(LIMITS.check_input_ids("input_ids", &ids, [2, 2]).unwrap_err().to_string(), message);
        }
    }

    #[test]
    fn rejects_a_sequence_longer_than_max_position_embeddings() {
        let message = error_of(input(&[1; 5]), &LIMITS).to_string();
        assert!(message.contains("5 tokens") && message.contains("max_position_embeddings = 4"), "{message}");
        let past = PastColumns { columns: 3, tokens: 2 };
        assert!(input(&[1; 2]).check(&LIMITS, past, 0).unwrap_err().to_string().contains("5 tokens"));
    }

    #[test]
    fn rejects_an_attention_mask_of_another_length() {
        let input = SequenceInput { attention_mask: Some(&[1, 1, 1]), ..input(&[1; 4]) };
        assert!(error_of(input, &LIMITS).to_string().starts_with("attention_mask: has 3 elements"));
    }

    #[test]
    fn rejects_a_batch_that_does_not_fit_in_memory() {
        let limits = Limits { bytes_per_token: usize::MAX / 2, ..LIMITS };
        assert_eq!(limits.check_memory(2, 2).unwrap_err().code(), "out_of_memory");
        let limits = Limits { bytes_per_pair: usize::MAX / 4, ..LIMITS };
        assert_eq!(limits.check_memory(1, 4).unwrap_err().code(), "out_of_memory");
    }

    #[test]
    fn positions_after_padding_skip_it() {
        let limits = Limits { positions: PositionRule::AfterPadding(1), max_position_embeddings: Some(5), ..LIMITS };
        let positions = |input: SequenceInput<'_>| input.positions(&limits, PastColumns::default());
        assert_eq!(positions(input(&[1, 5, 1, 7])), [1, 2, 1, 3]);
        assert_eq!(positions(input(&[0, 2, 1, 1])), [2, 3, 1, 1]);
        assert_eq!(positions(SequenceInput { inputs_embeds: Some(&[0.0; 6]), ..input(&[]) }), [2, 3]);
        input(&[2; 3]).check(&limits, PastColumns::default(), 0).unwrap();
        let message = error_of(input(&[2; 4]), &limits).to_string();
        assert!(message.contains("max_length=3"), "{message}");
    }

    #[test]
    fn positions_of_unmasked_tokens_skip_masked_ones() {
        let limits = Limits { positions: PositionRule::Unmasked, ..LIMITS };
        let positions = |mask, past| SequenceInput { attention_mask: mask, ..input(&[5; 4]) }.positions(&limits, past);
        let past = PastColumns { columns: 3, tokens: 2 };
        assert_eq!(positions(None, PastColumns::default()), [0, 1, 2, 3]);
        assert_eq!(positions(Some(&[0, 1, 0, 1]), PastColumns::default()), [-1, 0, -1, 1]);
        assert_eq!(positions(None, past), [2, 3, 4, 5]);
        assert_eq!(positions(Some(&[1, 1, 1, 0]), past), [2, 3, 4, -1]);
        assert_eq!(input(&[5; 2]).positions(&LIMITS, past), [3, 4]);
    }

    #[test]
    fn token_types_tasks_and_positions_have_their_own_limits() {
        let types = SequenceInput { token_type_ids: Some(&[0, 2]), ..input(&[1; 2]) };
        assert!(error_of(types, &LIMITS).to_string().contains("type_vocab_size"));
        let tasks = SequenceInput { task_type_ids: Some(&[0, 3]), ..input(&[1; 2]) };
        assert!(error_of(tasks, &LIMITS).to_string().contains("task_type_vocab_size"));
        let without = Limits { task_type_vocab_size: None, ..LIMITS };
        assert_eq!(error_of(tasks, &without).code(), "unsupported");
        let positions = SequenceInput { position_ids: Some(&[0, 4]), ..input(&[1; 2]) };
        assert!(error_of(positions, &LIMITS).to_string().contains("max_position_embeddings"));
        let columns = Limits { positions: PositionRule::Columns, ..LIMITS };
        assert!(error_of(positions, &columns).to_string().contains("position_ids"));
    }

    #[test]
    fn policy_computes_the_masked_tokens_that_outputs_depend_on() {
        let computed = |policy: PaddingPolicy, all| policy.computed(&[0, 0, 0, 1, 0, 0], all).collect::<Vec<_>>();
        let read = |first, neighbors| PaddingPolicy::Read { first, neighbors };
        assert!(computed(PaddingPolicy::Skip, true).is_empty());
        assert!(computed(read(false, false), false).is_empty());
        assert_eq!(computed(read(true, false), false), [0]);
        assert_eq!(computed(read(false, true), false), [2, 4]);
        assert_eq!(computed(read(true, true), false), [0, 1, 2, 4]);
        assert_eq!(computed(read(false, false), true), [0, 1, 2, 4, 5]);
    }
}
