//! Caches whose keys are computed again when a sequence grows beyond a length, or is cut back to it: with longrope as
//! Phi-3 has it, all keys of a sequence are rotated by the divisors of its length.

use burn::tensor::{Tensor, TensorData};
use trustformers_core::{Error, Result};
use trustformers_nn::{self as nn, RopeLength};
use trustformers_ops::{CachedSegment, EngineBackend, int_vector};

use crate::cache::history::{History, Token};
use crate::cache::layer_caches::{LayerCaches, ROWS_AT_ONCE};
use crate::model::LoadedModel;

impl<B: EngineBackend> LayerCaches<B> {
    /// Computes the keys of slots again whose sequences are to be of another side of the limit than they were.
    ///
    /// **Shapes:** `lengths`: slots and the length of their whole sequences.
    ///
    /// **Errors:** those of reading.
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

    /// Reads the first `len` tokens of a slot again, with the frequencies of the side of the limit that it is on.
    ///
    /// **Errors:** `Internal` without a history, and those of reading.
    pub(crate) fn recompute(
        &mut self,
        model: &LoadedModel<B, nn::DecoderModel<B>>,
        slot: usize,
        len: usize,
    ) -> Result<()> {
        let Some(histories) = &self.histories else { return Err(Error::internal("a slot has no history")) };
        let History { tokens, position_ids, is_beyond } = histories.slots[slot].first(len);
        // Any length of the side has its frequencies.
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

/// What the layers read of tokens, all of them ids or all of them embeddings.
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
