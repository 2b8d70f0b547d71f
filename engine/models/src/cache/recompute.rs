//! Recomputes cached keys when a sequence grows beyond a length or is truncated to it: with Phi-3's LongRoPE the
//! frequencies of all keys depend on the sequence length.

use trustformers_core::{Error, Result};
use trustformers_nn::{self as nn, RopeLength};
use trustformers_ops::{CachedSegment, EngineBackend};

use crate::cache::history::{History, Token};
use crate::cache::layer_caches::{LayerCaches, ROWS_AT_ONCE};
use crate::forward::decoding::Decoding;
use crate::forward::packed_batch::Tokens;
use crate::model::LoadedModel;

impl<B: EngineBackend> LayerCaches<B> {
    /// Prepares slots for new tokens, recomputing the keys of sequences that cross the length limit; `lengths` are
    /// slots and the lengths of their whole sequences.
    ///
    /// **Errors:** any error of [`Self::recompute`].
    pub(crate) fn follow_lengths<M: Decoding<B>>(
        &mut self,
        model: &LoadedModel<M>,
        lengths: &[(usize, usize)],
    ) -> Result<()> {
        for (slot, length) in lengths.iter().copied() {
            let Some(histories) = &mut self.histories else { break };
            let (past, history) = (self.lengths[slot], &mut histories.slots[slot]);
            let longest = history.position_ids[..past].iter().max().map_or(0, |position| *position as usize + 1);
            let is_beyond = length.max(longest) > histories.limit;
            if std::mem::replace(&mut history.is_beyond, is_beyond) != is_beyond && past > 0 {
                self.recompute(model, slot, past)?;
            }
        }
        self.note_lengths(lengths);
        Ok(())
    }

    /// Recomputes the first `len` tokens of a slot with the rotary frequencies of its side of the limit.
    ///
    /// **Errors:** `Internal` without a history.
    pub(crate) fn recompute<M: Decoding<B>>(&mut self, model: &LoadedModel<M>, slot: usize, len: usize) -> Result<()> {
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
                tokens: rows_of(tokens).input::<B>(0..tokens.len(), &model.module.stack().placement().embeddings),
                position_ids: &position_ids[past..past + tokens.len()],
                segments: &segments,
                rope_lengths: &[length],
                source: None,
            };
            model.module.stack().forward(&batch, Some(&mut self.layers), nn::Intermediates::default());
            self.advance(&segments);
            past += tokens.len();
        }
        Ok(())
    }
}

/// Rows of tokens that are either all ids or all embeddings.
fn rows_of(tokens: &[Token]) -> Tokens<'_> {
    let (mut ids, mut vectors) = (Vec::new(), Vec::new());
    for token in tokens {
        match token {
            Token::Id(id) => ids.push(*id),
            Token::Embedding(vector) => vectors.push(&vector[..]),
        }
    }
    if vectors.is_empty() { Tokens::Ids(ids) } else { Tokens::Embeddings(vectors) }
}
