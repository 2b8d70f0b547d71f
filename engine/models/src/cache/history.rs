use trustformers_ops::CachedSegment;

use crate::forward::packed_batch::{PackedBatch, Pass, Tokens};

/// A token that a slot has read.
#[derive(Clone, Debug)]
pub(crate) enum Token {
    Id(i64),
    /// Embedding from `inputs_embeds`. **Shapes:** `[embedding_size]`.
    Embedding(Vec<f32>),
}

/// Tokens and positions that a slot has read.
#[derive(Clone, Debug, Default)]
pub(crate) struct History {
    pub(crate) tokens: Vec<Token>,
    pub(crate) position_ids: Vec<i64>,
    /// Whether the slot's keys use the rotary frequencies of sequences beyond the limit.
    pub(crate) is_beyond: bool,
}

impl History {
    /// The first `len` tokens.
    pub(crate) fn first(&self, len: usize) -> Self {
        let (tokens, position_ids) = (self.tokens[..len].to_vec(), self.position_ids[..len].to_vec());
        Self { tokens, position_ids, is_beyond: self.is_beyond }
    }
}

/// The tokens of all slots, and the length limit beyond which their keys change.
#[derive(Clone, Debug)]
pub(crate) struct Histories {
    pub(crate) limit: usize,
    pub(crate) slots: Vec<History>,
}

impl Histories {
    pub(crate) fn new(limit: usize, num_slots: usize) -> Self {
        Self { limit, slots: vec![History::default(); num_slots] }
    }

    /// Length limit beyond which keys change.
    pub(crate) fn limit(&self) -> usize {
        self.limit
    }

    /// Records the rows of a pass; `segments` are the pass's sequences with rows.
    pub(crate) fn add_pass(&mut self, batch: &PackedBatch<'_>, pass: &Pass, segments: &[CachedSegment]) {
        for (start, CachedSegment { slot, past, rows }) in CachedSegment::starts(segments) {
            let rows = pass.rows.start + start..pass.rows.start + start + rows;
            let tokens = rows.clone().map(|row| match &batch.tokens {
                Tokens::Ids(ids) => Token::Id(ids[row]),
                Tokens::Embeddings(vectors) => Token::Embedding(vectors[row].to_vec()),
            });
            self.add(slot, past, batch.position_ids[rows].iter().copied().zip(tokens));
        }
    }

    fn add(&mut self, slot: usize, past: usize, tokens: impl Iterator<Item = (i64, Token)>) {
        let history = &mut self.slots[slot];
        history.tokens.truncate(past);
        history.position_ids.truncate(past);
        for (position, token) in tokens {
            history.tokens.push(token);
            history.position_ids.push(position);
        }
    }

    /// Copies the first `len` tokens of slot `from` to slot `to`.
    pub(crate) fn copy(&mut self, from: usize, to: usize, len: usize) {
        self.slots[to] = self.slots[from].first(len);
    }

    /// The histories of the given slots, truncated to their lengths; empty for `None`.
    pub(crate) fn select(&self, slots: &[Option<usize>], lengths: &[usize]) -> Self {
        let history =
            |slot: &Option<usize>| slot.map_or_else(History::default, |slot| self.slots[slot].first(lengths[slot]));
        Self { limit: self.limit, slots: slots.iter().map(history).collect() }
    }
}
