use std::sync::Arc;

use burn::tensor::{Int, Tensor};
use trustformers_core::{Error, Result, Sequences};
use trustformers_nn as nn;
use trustformers_ops::{CachedSegment, EngineBackend, KvCache, Segment, burn_dtype};

use crate::cache::cached_sequences::CachedSequences;
use crate::cache::sequences::DecoderSequences;
use crate::cache::sources::{EncodedSource, Sources, packed_sources};
use crate::encoder_decoder::{EncoderDecoder, EncoderInput};
use crate::family::Shift;
use crate::forward::decoding::{Decoding, attention_chunks};
use crate::forward::input::{Packing, PaddingPolicy};
use crate::forward::packed_batch::{PackedBatch, Pass, Tokens};
use crate::host::read_all;
use crate::model::{LoadedModel, SourceLimits};
use crate::output::{ChunkedTensor, OutputFlags, PackedOutput};
use crate::recording::{RecordedPass, Recording};
use crate::{Head, HostTensor, IGNORED, Model, SequenceInput};

impl<B: EngineBackend> Decoding<B> for nn::EncoderDecoderModel<B> {
    fn stack(&self) -> &nn::Decoder<B> {
        self.base().decoder()
    }

    fn logits(&self, hidden: Tensor<B, 2>, picked: Option<Tensor<B, 1, Int>>) -> Option<Tensor<B, 2>> {
        self.logits(hidden, picked)
    }

    fn encode(
        model: &LoadedModel<Self>,
        sequences: &[SequenceInput<'_>],
        is_encoded: bool,
        sources: &mut Sources<B>,
        slots: &[usize],
    ) -> Result<()> {
        let batch = packed_sources(&model.source_packing(), sequences, is_encoded)?;
        let input = if is_encoded { EncoderInput::Encoded(&batch) } else { EncoderInput::Tokens(&batch) };
        let encoded = model.encoded_sources(&batch)?;
        let indices = sources.free_sources(slots, model.precision.dtype.size())?;
        model.check_room(&sources.layers, &encoded, &indices)?;
        model.append_sources(input, OutputFlags::default(), false, (&mut sources.layers, &indices))?;
        for ((slot, index), source) in slots.iter().zip(indices).zip(encoded) {
            sources.of_slots[*slot] = index;
            sources.sources[index] = source;
        }
        Ok(())
    }
}

impl<B: EngineBackend> EncoderDecoder for LoadedModel<nn::EncoderDecoderModel<B>> {
    fn encode(
        self: Arc<Self>,
        input: EncoderInput<'_>,
        flags: OutputFlags<'_>,
        copies: usize,
        reads: bool,
    ) -> Result<(PackedOutput, Box<dyn CachedSequences>)> {
        let (EncoderInput::Tokens(batch) | EncoderInput::Encoded(batch)) = input;
        let sources = self.encoded_sources(batch)?;
        let mut layers = self.module.base().decoder().source_caches(sources.len());
        let indices: Vec<_> = (0..sources.len()).collect();
        self.check_room(&layers, &sources, &indices)?;
        let output = self.append_sources(input, flags, reads, (&mut layers, &indices))?;
        let of_slots: Vec<_> = (0..sources.len() * copies).map(|slot| slot / copies).collect();
        let num_slots = of_slots.len();
        let sources = Sources { layers, sources, of_slots, seq: batch.seq };
        Ok((output, Box::new(DecoderSequences::new(self, num_slots, Some(sources)))))
    }

    fn shifts_source(&self) -> bool {
        self.source.is_some_and(|source| source.targets.of_source)
    }

    fn shifted(&self, labels: Option<&[i64]>, source: Option<&[i64]>, batch: usize) -> Result<Vec<i64>> {
        let Some(SourceLimits { targets, pad, start, .. }) = self.source else {
            return Err(Error::internal("targets of a model without a source"));
        };
        let source = source.filter(|_| self.shifts_source());
        let Some(tokens) = labels.or(source) else {
            let message = "missing; pass decoder_input_ids, decoder_inputs_embeds or labels";
            return Err(Error::input("decoder_input_ids", message));
        };
        let token = |key: &str, token: Option<i64>| {
            let message = "must be set in the configuration to compute decoder_input_ids from other tokens";
            token.ok_or_else(|| Error::input(key, message))
        };
        let pad = token("pad_token_id", pad)?;
        let start = match targets.shift {
            Shift::FromLast => None,
            Shift::FromStart => Some(token("decoder_start_token_id", start)?),
        };
        Ok(shift_right(tokens, batch, pad, start))
    }
}

/// Tokens shifted to the right, after `start`, or without it after the last token of each row that is not padding;
/// ignored ones become padding.
///
/// **Shapes:** `tokens: [batch, seq]`; returns the same.
///
/// **Source:** `shift_tokens_right` of BART and mBART in transformers 5.23.0.
pub fn shift_right(tokens: &[i64], batch: usize, pad: i64, start: Option<i64>) -> Vec<i64> {
    let seq = (tokens.len() / batch.max(1)).max(1);
    let row = |row: &[i64]| {
        let row: Vec<i64> = row.iter().map(|token| if *token == IGNORED { pad } else { *token }).collect();
        let count = row.iter().filter(|token| **token != pad).count();
        let first = start.unwrap_or(row[count.saturating_sub(1)]);
        [&[first], &row[..row.len() - 1]].concat()
    };
    tokens.chunks_exact(seq).flat_map(row).collect()
}

/// Runs the encoder on a pass of a batch.
fn encoded<B: EngineBackend>(
    encoder: &nn::Decoder<B>,
    batch: &PackedBatch<'_>,
    pass: &Pass,
    flags: OutputFlags<'_>,
) -> nn::DecoderOutput<B> {
    let rope_lengths: Vec<_> = batch.lengths().map(nn::RopeLength::Whole).collect();
    let segments = CachedSegment::fresh(pass.segments.0.iter().map(|segment| segment.rows));
    let rows = nn::DecoderBatch {
        tokens: batch.tokens.input(pass.rows.clone(), &encoder.placement().embeddings),
        position_ids: &batch.position_ids[pass.rows.clone()],
        segments: &segments,
        rope_lengths: &rope_lengths[pass.sequences.clone()],
        source: None,
    };
    let intermediates = nn::Intermediates {
        hidden_states: flags.hidden_states,
        attentions: flags.attentions,
        ..nn::Intermediates::default()
    };
    encoder.forward(&rows, None, intermediates)
}

impl<B: EngineBackend> LoadedModel<nn::EncoderDecoderModel<B>> {
    /// What is known of the sources of a batch before they are encoded.
    ///
    /// **Errors:** `Input` for a source without an unmasked token.
    pub(super) fn encoded_sources(&self, batch: &PackedBatch<'_>) -> Result<Vec<EncodedSource>> {
        let token = self.source.and_then(|source| source.classified_token);
        batch.check_unmasked()?;
        let source = |(start, segment): (usize, Segment)| {
            let rows = start..start + segment.rows;
            let classified = match (&batch.tokens, token) {
                (Tokens::Ids(ids), Some(token)) => {
                    let ends = ids[rows.clone()].iter().zip(&batch.columns[rows.clone()]);
                    let mut ends = ends.filter(|(id, _)| **id == token).map(|(_, column)| *column as usize);
                    let count = ends.clone().count();
                    (ends.next_back().unwrap_or(0), count)
                }
                _ => (0, 0),
            };
            EncodedSource { columns: batch.columns[rows].to_vec(), classified }
        };
        Ok(batch.segments.starts().map(source).collect())
    }

    /// Checks that there is memory for the keys and values of sources in these slots of the caches.
    ///
    /// **Errors:** `OutOfMemory` if there is not.
    fn check_room(&self, layers: &[KvCache<B>], sources: &[EncodedSource], indices: &[usize]) -> Result<()> {
        let new = sources.iter().zip(indices);
        let new: Vec<_> =
            new.map(|(source, slot)| CachedSegment { slot: *slot, past: 0, rows: source.columns.len() }).collect();
        let bytes = layers.iter().map(|cache| cache.bytes_of_growth(&new, self.precision.dtype.size()));
        let what = format!("the encoder's keys and values of {} sequences", sources.len());
        Error::check_memory(what, bytes.fold(0, usize::saturating_add))
    }

    /// Encodes a batch, and appends keys and values of its sources to the given slots of the decoder's caches.
    fn append_sources(
        &self,
        input: EncoderInput<'_>,
        flags: OutputFlags<'_>,
        reads: bool,
        (layers, indices): (&mut [KvCache<B>], &[usize]),
    ) -> Result<PackedOutput> {
        let (EncoderInput::Tokens(batch) | EncoderInput::Encoded(batch)) = input;
        let (encoder, decoder) = (self.module.base().encoder(), self.module.base().decoder());
        let mut output = PackedOutput::default();
        for pass in &batch.passes(B::ROWS_PER_PASS) {
            let hidden = match input {
                EncoderInput::Tokens(_) => {
                    let computed = encoded(encoder, batch, pass, flags);
                    ChunkedTensor::push_each(&mut output.hidden_states, read_all(computed.hidden_states)?);
                    let chunks = |layer| Ok(attention_chunks(read_all(layer)?, &pass.segments, 0));
                    ChunkedTensor::extend_each(&mut output.attentions, computed.attentions.into_iter().map(chunks))?;
                    computed.last_hidden_state
                }
                EncoderInput::Encoded(_) => match batch.tokens.input(pass.rows.clone(), &encoder.placement().output) {
                    nn::TokenInput::Embeddings(vectors) => vectors.cast(burn_dtype(self.precision.dtype)),
                    nn::TokenInput::Ids(_) => return Err(Error::internal("encoder outputs became token ids")),
                },
            };
            let slots = indices[pass.sequences.clone()].iter().zip(&pass.segments.0);
            let segments: Vec<_> =
                slots.map(|(slot, segment)| CachedSegment { slot: *slot, past: 0, rows: segment.rows }).collect();
            if reads {
                output.last_hidden_state.push(HostTensor::read(hidden.clone())?);
            }
            decoder.append_source(layers, &hidden, &segments);
        }
        Ok(output)
    }
}

/// A call that passes no source.
fn no_source(what: &str) -> Error {
    Error::unsupported(format!("{what} of an encoder-decoder without a source"))
}

impl<B: EngineBackend> Model for LoadedModel<nn::EncoderDecoderModel<B>> {
    fn forward(&self, _batch: &PackedBatch<'_>, _flags: OutputFlags<'_>) -> Result<PackedOutput> {
        Err(no_source("a forward pass"))
    }

    fn record(
        &self,
        batch: &PackedBatch<'_>,
        recording: Recording<'_>,
    ) -> Result<(PackedOutput, Box<dyn RecordedPass>)> {
        if recording.source.is_none() {
            return Err(no_source("gradients"));
        }
        self.recorded::<B>(batch, recording)
    }

    fn packing(&self) -> Packing {
        Packing { limits: self.limits, padding: PaddingPolicy::Skip }
    }

    fn source_packing(&self) -> Packing {
        Packing { limits: self.source.map_or(self.limits, |source| source.limits), padding: PaddingPolicy::Skip }
    }

    fn sequences(self: Arc<Self>, num_slots: usize) -> Result<Box<dyn Sequences>> {
        if self.description.head != Head::Seq2SeqLm {
            let message = "generation without a language modeling head; load the model with AutoModelForSeq2SeqLM";
            return Err(Error::unsupported(message));
        }
        let sources = Sources::without(num_slots, self.module.base().decoder().source_caches(1));
        Ok(Box::new(DecoderSequences::new(self, num_slots, Some(sources))))
    }

    fn cached_sequences(self: Arc<Self>, _num_slots: usize) -> Result<Box<dyn CachedSequences>> {
        Err(no_source("past_key_values"))
    }

    fn encoder_decoder(self: Arc<Self>) -> Option<Arc<dyn EncoderDecoder>> {
        Some(self)
    }

    weight_methods!("base.encoder.embed_tokens.weight");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shifted_tokens_start_with_a_token_or_their_own_last() {
        let tokens = [5, 6, 9, 7, IGNORED, 1];
        assert_eq!(shift_right(&tokens, 2, 1, Some(2)), [2, 5, 6, 2, 7, 1]);
        assert_eq!(shift_right(&tokens, 2, 1, None), [9, 5, 6, 7, 7, 1]);
    }
}
