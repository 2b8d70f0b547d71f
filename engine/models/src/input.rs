use trustformers_core::{Error, Result};

/// A batch of token sequences of one length.
///
/// **Shapes:** every slice holds `batch * seq` elements, row-major.
#[derive(Clone, Copy, Debug)]
pub struct EncoderInput<'a> {
    /// Sequences.
    pub batch: usize,
    /// Tokens in each sequence, padding included.
    pub seq: usize,
    /// Tokens, each below the vocabulary's size.
    pub input_ids: &'a [i64],
    /// Nonzero where a token is no padding; all of them are if absent.
    pub attention_mask: Option<&'a [i64]>,
    /// Segments; all zero if absent.
    pub token_type_ids: Option<&'a [i64]>,
    /// Positions; counted from zero if absent.
    pub position_ids: Option<&'a [i64]>,
}

/// What a model's tables hold.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    pub(crate) vocab_size: usize,
    pub(crate) max_position_embeddings: usize,
    pub(crate) type_vocab_size: usize,
    /// Bytes of activations that are alive at once for each token of a batch.
    pub(crate) bytes_per_token: usize,
}

impl EncoderInput<'_> {
    pub(crate) fn check(&self, limits: Limits) -> Result<()> {
        let Self { batch, seq, .. } = *self;
        if batch == 0 || seq == 0 {
            return Err(Error::input("input_ids", format!("the batch is empty: shape ({batch}, {seq})")));
        }
        if seq > limits.max_position_embeddings && self.position_ids.is_none() {
            let most = limits.max_position_embeddings;
            let message = format!(
                "a sequence of {seq} tokens is longer than max_position_embeddings = {most}; \
                 tokenize with truncation=True, max_length={most}"
            );
            return Err(Error::input("input_ids", message));
        }
        self.check_ids("input_ids", self.input_ids, "vocab_size", limits.vocab_size)?;
        if let Some(mask) = self.attention_mask {
            self.check_len("attention_mask", mask)?;
        }
        if let Some(types) = self.token_type_ids {
            self.check_ids("token_type_ids", types, "type_vocab_size", limits.type_vocab_size)?;
        }
        if let Some(positions) = self.position_ids {
            let name = "max_position_embeddings";
            self.check_ids("position_ids", positions, name, limits.max_position_embeddings)?;
        }
        let bytes = (batch * seq).saturating_mul(limits.bytes_per_token);
        Error::check_memory(format!("a batch of {batch} sequences of {seq} tokens"), bytes)
    }

    fn check_len(&self, argument: &str, values: &[i64]) -> Result<()> {
        let Self { batch, seq, .. } = *self;
        if values.len() == batch * seq {
            return Ok(());
        }
        Err(Error::input(argument, format!("has {} elements, expected shape ({batch}, {seq})", values.len())))
    }

    fn check_ids(&self, argument: &str, ids: &[i64], limit_name: &str, limit: usize) -> Result<()> {
        self.check_len(argument, ids)?;
        match ids.iter().position(|id| usize::try_from(*id).map_or(true, |id| id >= limit)) {
            None => Ok(()),
            Some(at) => {
                let (row, col) = (at / self.seq, at % self.seq);
                let message = format!("id {} at row {row}, column {col} is outside 0..{limit} ({limit_name})", ids[at]);
                Err(Error::input(argument, message))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: Limits =
        Limits { vocab_size: 10, max_position_embeddings: 4, type_vocab_size: 2, bytes_per_token: 64 };

    fn input<'a>(ids: &'a [i64], batch: usize, seq: usize) -> EncoderInput<'a> {
        EncoderInput { batch, seq, input_ids: ids, attention_mask: None, token_type_ids: None, position_ids: None }
    }

    #[test]
    fn an_id_outside_the_vocabulary_is_named_with_its_place() {
        for (id, ids) in [(10, [1, 2, 3, 10]), (-1, [1, 2, 3, -1])] {
            let message = input(&ids, 2, 2).check(LIMITS).unwrap_err().to_string();
            assert!(message.contains(&format!("id {id} at row 1, column 1")), "{message}");
        }
    }

    #[test]
    fn a_sequence_longer_than_the_positions_is_refused() {
        let message = input(&[1; 5], 1, 5).check(LIMITS).unwrap_err().to_string();
        assert!(message.contains("5 tokens") && message.contains("max_position_embeddings = 4"), "{message}");
    }

    #[test]
    fn an_empty_batch_is_refused() {
        assert!(input(&[], 0, 3).check(LIMITS).is_err());
        assert!(input(&[], 3, 0).check(LIMITS).is_err());
    }

    #[test]
    fn a_mask_of_another_shape_is_refused() {
        let input = EncoderInput { attention_mask: Some(&[1, 1, 1]), ..input(&[1; 4], 2, 2) };
        assert!(input.check(LIMITS).unwrap_err().to_string().starts_with("attention_mask: has 3 elements"));
    }

    #[test]
    fn a_batch_that_no_memory_holds_is_refused() {
        let limits = Limits { bytes_per_token: usize::MAX / 2, ..LIMITS };
        assert_eq!(input(&[1; 4], 2, 2).check(limits).unwrap_err().code(), "out_of_memory");
    }

    #[test]
    fn segments_and_positions_have_their_own_limits() {
        let types = EncoderInput { token_type_ids: Some(&[0, 2]), ..input(&[1; 2], 1, 2) };
        assert!(types.check(LIMITS).unwrap_err().to_string().contains("type_vocab_size"));
        let positions = EncoderInput { position_ids: Some(&[0, 4]), ..input(&[1; 2], 1, 2) };
        assert!(positions.check(LIMITS).unwrap_err().to_string().contains("max_position_embeddings"));
    }
}
