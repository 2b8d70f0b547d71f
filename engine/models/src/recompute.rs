//! Recomputes cached keys when a sequence grows beyond a length or is truncated to it: with Phi-3's LongRoPE the
//! frequencies of all keys depend on the sequence length.

use burn::tensor::{Tensor, TensorData};
use trustformers_core::{Error, Result};
use trustformers_nn::{self as nn, RopeLength};
use trustformers_ops::{CachedSegment, EngineBackend, int_vector};

use crate::ModelInput;
use crate::model::LoadedModel;
use crate::packed_batch::PackedBatch;
use crate::sequences::{LayerCaches, ROWS_AT_ONCE};

/// A token that a slot has read.
#[derive(Clone, Debug)]
enum Token {
    Id(i64),
    /// Embedding from `inputs_embeds`. **Shapes:** `[embedding_size]`.
    Embedding(Vec<f32>),
}

/// Tokens and positions that a slot has read.
#[derive(Clone, Debug, Default)]
struct History {
    tokens: Vec<Token>,
    position_ids: Vec<i64>,
    /// Whether the slot's keys use the rotary frequencies of sequences beyond the limit.
    is_beyond: bool,
}

impl History {
    fn first(&self, len: usize) -> Self {
        let (tokens, position_ids) = (self.tokens[..len].to_vec(), self.position_ids[..len].to_vec());
        Self { tokens, position_ids, is_beyond: self.is_beyond }
    }
}

/// The tokens of all slots, and the length limit beyond which their keys change.
#[derive(Clone, Debug)]
pub(crate) struct Histories {
    limit: usize,
    slots: Vec<History>,
}

impl Histories {
    pub(crate) fn new(limit: usize, num_slots: usize) -> Self {
        Self { limit, slots: vec![History::default(); num_slots] }
    }

    /// Length limit beyond which keys change.
    pub(crate) fn limit(&self) -> usize {
        self.limit
    }

    /// Records token ids after the first `past` tokens of a slot.
    pub(crate) fn add_ids(&mut self, slot: usize, past: usize, ids: &[i64]) {
        self.add(slot, past, (past as i64..).zip(ids.iter().map(|id| Token::Id(*id))));
    }

    /// Records the tokens of a pass; `segments` are the pass's sequences with rows.
    ///
    /// **Shapes:** `position_ids: [rows]`.
    pub(crate) fn add_pass(
        &mut self,
        input: &ModelInput<'_>,
        pass: &PackedBatch,
        position_ids: &[i64],
        segments: &[CachedSegment],
    ) {
        let token = |index: &usize| match input.inputs_embeds {
            None => Token::Id(input.input_ids[*index]),
            Some(vectors) => {
                let width = vectors.len() / (input.batch * input.seq);
                Token::Embedding(vectors[index * width..][..width].to_vec())
            }
        };
        for (start, CachedSegment { slot, past, rows }) in CachedSegment::starts(segments) {
            let tokens = pass.indices[start..start + rows].iter().map(token);
            self.add(slot, past, position_ids[start..].iter().copied().zip(tokens));
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

impl<B: EngineBackend> LayerCaches<B> {
    /// Recomputes the keys of slots whose sequences cross the length limit; `lengths` are slots and the lengths of
    /// their whole sequences.
    ///
    /// **Errors:** any error of [`Self::recompute`].
    pub(crate) fn follow_lengths(
        &mut self,
        model: &LoadedModel<B, nn::DecoderModel<B>>,
        lengths: impl Iterator<Item = (usize, usize)>,
    ) -> Result<()> {
        for (slot, length) in lengths {
            let Some(histories) = &mut self.histories else { return Ok(()) };
            let (past, history) = (self.lengths[slot], &mut histories.slots[slot]);
            let longest = history.position_ids[..past].iter().max().map_or(0, |position| *position as usize + 1);
            let is_beyond = length.max(longest) > histories.limit;
            if std::mem::replace(&mut history.is_beyond, is_beyond) != is_beyond && past > 0 {
                self.recompute(model, slot, past)?;
            }
        }
        Ok(())
    }

    /// Recomputes the first `len` tokens of a slot with the rotary frequencies of its side of the limit.
    ///
    /// **Errors:** `Internal` without a history.
    pub(crate) fn recompute(
        &mut self,
        model: &LoadedModel<B, nn::DecoderModel<B>>,
        slot: usize,
        len: usize,
    ) -> Result<()> {
        let Some(histories) = &self.histories else { return Err(Error::internal("a slot has no history")) };
        let History { tokens, position_ids, is_beyond } = histories.slots[slot].first(len);
        // All lengths on one side of the limit have the same frequencies.
        let length = RopeLength::Whole(if is_beyond { histories.limit + 1 } else { histories.limit });
        let is_id = |token: &Token| matches!(token, Token::Id(_));
        self.lengths[slot] = 0;
        let mut past = 0;
        for tokens in
            tokens.chunk_by(|left, right| is_id(left) == is_id(right)).flat_map(|run| run.chunks(ROWS_AT_ONCE))
        {
            let segments = [CachedSegment { slot, past, rows: tokens.len() }];
            let batch = nn::DecoderBatch {
                tokens: token_input::<B>(tokens, &model.device),
                position_ids: &position_ids[past..past + tokens.len()],
                segments: &segments,
                rope_lengths: &[length],
            };
            model.module.base().forward(&batch, Some(&mut self.layers), nn::Intermediates::default());
            self.advance(&segments);
            past += tokens.len();
        }
        Ok(())
    }
}

/// Model input of tokens that are either all ids or all embeddings.
fn token_input<B: EngineBackend>(tokens: &[Token], device: &B::Device) -> nn::TokenInput<B> {
    let (mut ids, mut vectors) = (Vec::new(), Vec::new());
    for token in tokens {
        match token {
            Token::Id(id) => ids.push(*id),
            Token::Embedding(vector) => vectors.extend_from_slice(vector),
        }
    }
    if vectors.is_empty() {
        return nn::TokenInput::Ids(int_vector::<B>(ids, device));
    }
    let width = vectors.len() / tokens.len();
    nn::TokenInput::Embeddings(Tensor::from_data(TensorData::new(vectors, [tokens.len(), width]), device))
}
