use std::path::Path;
use std::sync::Arc;

use trustformers_core::{Error, Result, Sequences};
use trustformers_nn as nn;
use trustformers_ops::{AttentionKind, CachedSegment, EngineBackend, int_vector};

use crate::cache::cached_sequences::CachedSequences;
use crate::cache::layer_caches::{LayerCaches, ROWS_AT_ONCE};
use crate::cache::sequences::DecoderSequences;
use crate::forward::outputs::OutputBuilder;
use crate::forward::packed_batch::{PackedBatch, PaddingPolicy};
use crate::host::read_all;
use crate::model::{Description, LoadedModel};
use crate::output::{ModelOutput, OutputFlags};
use crate::{Head, HostTensor, Model, ModelInput};

impl<B: EngineBackend> LoadedModel<B, nn::DecoderModel<B>> {
    /// The row that each sequence's classification reads: the last token that is not the padding token.
    ///
    /// **Errors:** `Input` if there are several sequences and no padding token is configured.
    fn last_rows(&self, input: &ModelInput<'_>, pass: &PackedBatch) -> Result<Vec<i64>> {
        let padding = self.description.settings.pad_token_id;
        if padding.is_none() && input.batch > 1 {
            let message = "a batch of several sequences needs a pad_token_id in the configuration to find their ends";
            return Err(Error::input("input_ids", message));
        }
        let ends = pass.segments.starts().map(|(start, segment)| {
            let indices = &pass.indices[start..start + segment.rows];
            let is_token = |index: &usize| input.inputs_embeds.is_some() || Some(input.input_ids[*index]) != padding;
            let last = indices.iter().rposition(is_token).unwrap_or(segment.rows.saturating_sub(1));
            (start + last) as i64
        });
        Ok(ends.collect())
    }

    /// Rejects token-by-token reading with bidirectional attention.
    fn check_causal(&self, what: &str) -> Result<()> {
        match self.module.base().attention() {
            AttentionKind::Causal => Ok(()),
            _ => Err(Error::unsupported(format!(
                "{what} with bidirectional attention; it needs a causal language model"
            ))),
        }
    }

    /// Runs the model on a batch; with a cache the sequences continue from their past tokens.
    pub(crate) fn run(
        &self,
        input: &ModelInput<'_>,
        flags: OutputFlags<'_>,
        mut cache: Option<&mut LayerCaches<B>>,
    ) -> Result<ModelOutput> {
        input.check(self.limits)?;
        if input.token_type_ids.is_some() {
            return Err(Error::unsupported("token_type_ids for a decoder"));
        }
        let head = self.description.head;
        let positions = input.positions(self.limits.positions);
        let outputs = nn::Intermediates { hidden_states: flags.hidden_states, attentions: flags.attentions };
        let mut builder = OutputBuilder::new(input, flags.logits_at.filter(|_| head.is_per_token()));
        let packed = PackedBatch::new(input, PaddingPolicy::Skip);
        let lengths = sequence_lengths(input, &packed, &positions);
        let passes = match &mut cache {
            Some(cache) => {
                let rows = packed.segments.0.iter().map(|segment| segment.rows);
                cache.check_room(rows.enumerate(), self.precision.dtype.size())?;
                let read = || lengths.iter().copied().enumerate().filter(|(_, length)| *length > 0);
                cache.follow_lengths(self, read())?;
                cache.note_lengths(read());
                packed.parts(if flags.attentions { usize::MAX } else { ROWS_AT_ONCE })
            }
            None => packed.passes(B::ROWS_PER_PASS),
        };
        for pass in &passes {
            let position_ids: Vec<i64> = pass.indices.iter().map(|index| positions[*index]).collect();
            let segments = match &cache {
                Some(cache) => cache.segments(pass, input.seq),
                None => CachedSegment::fresh(pass.segments.0.iter().map(|segment| segment.rows)),
            };
            let row = |start: usize| pass.indices.get(start).map_or(0, |index| index / input.seq);
            let rope_lengths: Vec<_> =
                CachedSegment::starts(&segments).map(|(start, _)| nn::RopeLength::Whole(lengths[row(start)])).collect();
            let batch = nn::DecoderBatch {
                tokens: self.token_input(input, &pass.indices),
                position_ids: &position_ids,
                segments: &segments,
                rope_lengths: &rope_lengths,
            };
            let caches = cache.as_deref_mut().map(|cache| &mut cache.layers[..]);
            let output = self.module.base().forward(&batch, caches, outputs);
            if let Some(cache) = &mut cache {
                if let Some(histories) = &mut cache.histories {
                    histories.add_pass(input, pass, &position_ids, &segments);
                }
                cache.advance(&segments);
            }
            let rows = |rows: Vec<i64>| Some(int_vector::<B>(rows, &self.device));
            let hidden = output.last_hidden_state;
            match (head, builder.picks(pass)) {
                (Head::Base, _) => builder.last_hidden_state.add(pass, HostTensor::read(hidden)?),
                (_, Some(picks)) if picks.is_empty() => {}
                (_, Some(picks)) => {
                    let picked = rows(picks.iter().map(|(row, _)| *row as i64).collect());
                    if let Some(logits) = self.module.logits(hidden, picked) {
                        builder.add_picked(&picks, &HostTensor::read(logits)?);
                    }
                }
                (head, None) if head.is_per_token() => {
                    if let Some(logits) = self.module.logits(hidden, None) {
                        builder.token_logits.add(pass, HostTensor::read(logits)?);
                    }
                }
                _ => {
                    if let Some(logits) = self.module.logits(hidden, rows(self.last_rows(input, pass)?)) {
                        builder.sequence_logits.extend(HostTensor::read(logits)?.data);
                    }
                }
            }
            builder.add_hidden_states(pass, read_all(output.hidden_states)?);
            let attentions = output.attentions.into_iter().map(|layer| stacked(read_all(layer)?));
            builder.add_attentions(pass, attentions.collect::<Result<_>>()?, 0.0)?;
        }
        Ok(builder.into_output(head, false, self.num_outputs))
    }
}

/// Length of each sequence of a batch, its largest position plus one; zero without tokens.
fn sequence_lengths(input: &ModelInput<'_>, packed: &PackedBatch, positions: &[i64]) -> Vec<usize> {
    let mut lengths = vec![0; input.batch];
    for index in &packed.indices {
        let length = &mut lengths[index / input.seq];
        *length = (*length).max(positions[*index] as usize + 1);
    }
    lengths
}

impl<B: EngineBackend> Model for LoadedModel<B, nn::DecoderModel<B>> {
    fn forward(&self, input: &ModelInput<'_>, flags: OutputFlags<'_>) -> Result<ModelOutput> {
        self.run(input, flags, None)
    }

    fn check_input_ids(&self, input_ids: &[i64], shape: [usize; 2]) -> Result<()> {
        self.limits.check_input_ids(input_ids, shape)
    }

    fn sequences(self: Arc<Self>, num_slots: usize) -> Result<Box<dyn Sequences>> {
        if self.description.head != Head::CausalLm {
            return Err(Error::unsupported(
                "generation without a language modeling head; load the model with AutoModelForCausalLM",
            ));
        }
        self.check_causal("generation")?;
        Ok(Box::new(DecoderSequences::new(self, num_slots)))
    }

    fn cached_sequences(self: Arc<Self>, num_slots: usize) -> Result<Box<dyn CachedSequences>> {
        self.check_causal("past_key_values")?;
        match self.description.head {
            Head::Base | Head::CausalLm => Ok(Box::new(DecoderSequences::new(self, num_slots))),
            head => Err(Error::unsupported(format!("past_key_values for a model with a {} head", head.name()))),
        }
    }

    fn description(&self) -> &Description {
        &self.description
    }

    fn save_pretrained(&self, dir: &Path) -> Result<()> {
        self.save(dir)
    }
}

/// Attention weights of all sequences in one tensor, zero-padded to the longest sequence.
///
/// **Shapes:** `weights: [heads, rows, rows]` each; returns `[sequences, heads, longest, longest]`.
fn stacked(weights: Vec<HostTensor>) -> Result<HostTensor> {
    let heads = weights.first().map_or(0, |weights| weights.shape[0]);
    let longest = weights.iter().map(|weights| weights.shape[1]).max().unwrap_or(0);
    let shape = vec![weights.len(), heads, longest, longest];
    let mut data = vec![0.0; shape.iter().product()];
    for (weights, stacked) in weights.iter().zip(data.chunks_exact_mut(heads * longest * longest)) {
        let rows = weights.shape[1];
        for (index, row) in weights.data.chunks_exact(rows).enumerate() {
            let start = (index / rows * longest + index % rows) * longest;
            stacked[start..start + rows].copy_from_slice(row);
        }
    }
    Ok(HostTensor { shape, data })
}
