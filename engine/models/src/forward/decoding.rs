//! Passes of the stack that decodes, with or without an encoder beside it.

use burn::tensor::{Int, Tensor};
use trustformers_core::{Error, Result};
use trustformers_nn as nn;
use trustformers_ops::{CachedSegment, EngineBackend, Segments, int_vector};

use crate::cache::layer_caches::{CacheSlots, LayerCaches};
use crate::cache::sources::Sources;
use crate::forward::packed_batch::{PackedBatch, Pass, Tokens};
use crate::host::read_all;
use crate::load::assembly::Assembly;
use crate::model::LoadedModel;
use crate::output::{ChunkedTensor, OutputFlags, PackedOutput};
use crate::{HostTensor, SequenceInput};

/// A module with a stack that decodes.
pub(crate) trait Decoding<B: EngineBackend>: Assembly<B> + Sync + 'static {
    /// The stack that decodes.
    fn stack(&self) -> &nn::Decoder<B>;

    /// Logits of the `picked` rows, or of all rows; `None` without a head. All tensors are on the output's device.
    ///
    /// **Shapes:** `hidden: [rows, hidden]`; returns `[picked, outputs]`.
    fn logits(&self, hidden: Tensor<B, 2>, picked: Option<Tensor<B, 1, Int>>) -> Option<Tensor<B, 2>>;

    /// Encodes sequences, or takes them for outputs of the encoder if `is_encoded` is set; the given slots attend to them
    /// from then on.
    ///
    /// **Errors:** `Input` naming the argument that does not fit the model; `OutOfMemory` if the keys and values do not fit
    /// in memory; `Unsupported` for a module without an encoder.
    fn encode(
        _model: &LoadedModel<Self>,
        _sequences: &[SequenceInput<'_>],
        _is_encoded: bool,
        _sources: &mut Sources<B>,
        _slots: &[usize],
    ) -> Result<()> {
        Err(Error::unsupported("a source for a model without an encoder and a decoder"))
    }
}

impl<M> LoadedModel<M> {
    /// The row of a pass that each sequence's classification reads: the last token that is not the padding token, or
    /// the first token; `None` for a fully masked sequence.
    ///
    /// **Errors:** `Input` if there are several sequences and no padding token is configured.
    pub(super) fn classified_rows(&self, batch: &PackedBatch<'_>, pass: &Pass) -> Result<Vec<Option<i64>>> {
        let padding = self.description.settings.pad_token_id;
        if padding.is_none() && batch.num_sequences() > 1 {
            let message = "a batch of several sequences needs a pad_token_id in the configuration to find their ends";
            return Err(Error::input("input_ids", message));
        }
        let rows = pass.segments.starts().map(|(start, segment)| {
            let at = match &batch.tokens {
                Tokens::Ids(ids) if padding.is_some() => {
                    let ids = &ids[pass.rows.clone()][start..start + segment.rows];
                    ids.iter().rposition(|id| Some(*id) != padding).unwrap_or(0)
                }
                Tokens::Ids(_) | Tokens::Embeddings(_) => segment.rows.saturating_sub(1),
            };
            (segment.rows > 0).then_some((start + at) as i64)
        });
        Ok(rows.collect())
    }

    /// Logits of a row of each sequence of a pass, zero where there is none. **Shapes:** returns `[sequences, outputs]`.
    fn classified<B: EngineBackend>(&self, hidden: Tensor<B, 2>, rows: &[Option<i64>]) -> Result<HostTensor>
    where
        M: Decoding<B>,
    {
        let found = self.picked_logits(hidden, Some(rows.iter().flatten().copied().collect()))?;
        let width = self.description.num_outputs;
        let mut found = found.iter().flat_map(|logits| logits.data.chunks_exact(width.max(1)));
        let mut data = vec![0.0; rows.len() * width];
        for (row, logits) in rows.iter().zip(data.chunks_exact_mut(width.max(1))) {
            if let Some(found) = row.and_then(|_| found.next()) {
                logits.copy_from_slice(found);
            }
        }
        Ok(HostTensor { shape: vec![rows.len(), width], data })
    }

    /// Logits of the picked rows of a pass, or of all; `None` if none are picked.
    fn picked_logits<B: EngineBackend>(
        &self,
        hidden: Tensor<B, 2>,
        picked: Option<Vec<i64>>,
    ) -> Result<Option<HostTensor>>
    where
        M: Decoding<B>,
    {
        if picked.as_ref().is_some_and(Vec::is_empty) {
            return Ok(None);
        }
        let picked = picked.map(|rows| int_vector::<B>(rows, &self.module.stack().placement().output));
        self.module.logits(hidden, picked).map(HostTensor::read).transpose()
    }

    /// Runs the model on a batch; with cache slots the sequences continue the slots' tokens and are appended to them.
    ///
    /// **Shapes:** `rope_lengths: [sequences]`.
    pub(crate) fn run<B: EngineBackend>(
        &self,
        batch: &PackedBatch<'_>,
        flags: OutputFlags<'_>,
        rope_lengths: &[nn::RopeLength],
        mut cache: Option<CacheSlots<'_, B>>,
    ) -> Result<PackedOutput>
    where
        M: Decoding<B>,
    {
        if batch.token_type_ids.is_some() {
            return Err(Error::unsupported("token_type_ids for a decoder"));
        }
        let (head, stack) = (self.description.head, self.module.stack());
        if stack.has_relative_bias() && cache.is_some() && batch.has_gaps() {
            return Err(gaps_of_relative_positions());
        }
        let intermediates = nn::Intermediates {
            hidden_states: flags.hidden_states,
            attentions: flags.attentions,
            router_logits: flags.router_logits,
        };
        // A cache has no rows of a sequence without tokens.
        let min_rows = usize::from(cache.is_some());
        let passes = match &cache {
            Some(cache) => batch.parts(cache.rows_at_once),
            None => batch.passes(B::ROWS_PER_PASS),
        };
        let mut output = PackedOutput::default();
        for pass in passes.iter().filter(|pass| pass.rows.len() >= min_rows) {
            let rows = pass.segments.0.iter().map(|segment| segment.rows);
            let sequences: Vec<_> = pass.sequences.clone().zip(rows).filter(|(_, rows)| *rows >= min_rows).collect();
            let segments = match &cache {
                Some(cache) => sequences.iter().map(|(sequence, rows)| cache.segment(*sequence, *rows)).collect(),
                None => CachedSegment::fresh(sequences.iter().map(|(_, rows)| *rows)),
            };
            let rope_lengths: Vec<_> = sequences.iter().map(|(sequence, _)| rope_lengths[*sequence]).collect();
            let (caches, sources) = match &mut cache {
                Some(CacheSlots { caches: LayerCaches { layers, sources, .. }, .. }) => {
                    (Some(&mut layers[..]), sources.as_ref())
                }
                None => (None, None),
            };
            // The rows of beams with one source are one segment, which reads the source's keys once.
            let source_segments = sources.map(|sources| sources.segments(&segments, !flags.attentions));
            let source = sources.zip(source_segments.as_deref());
            let rows = nn::DecoderBatch {
                tokens: batch.tokens.input(pass.rows.clone(), &stack.placement().embeddings),
                position_ids: &batch.position_ids[pass.rows.clone()],
                segments: &segments,
                rope_lengths: &rope_lengths,
                source: source.map(|(sources, segments)| nn::Source::Cached { caches: &sources.layers, segments }),
            };
            let computed = stack.forward(&rows, caches, intermediates);
            let hidden = computed.last_hidden_state;
            match head {
                _ if head.is_absent() => output.last_hidden_state.push(HostTensor::read(hidden)?),
                _ if head.is_per_token() => {
                    output.logits.chunks.extend(self.picked_logits(hidden, flags.picked(&pass.rows))?);
                }
                _ => {
                    let rows = match sources {
                        Some(sources) => sources.classified_rows(batch, pass)?,
                        None => self.classified_rows(batch, pass)?,
                    };
                    output.logits.push(self.classified(hidden, &rows)?);
                }
            }
            if let Some(CacheSlots { caches, .. }) = &mut cache {
                if let Some(histories) = &mut caches.histories {
                    histories.add_pass(batch, pass, &segments);
                }
                caches.advance(&segments);
            }
            ChunkedTensor::push_each(&mut output.hidden_states, read_all(computed.hidden_states)?);
            ChunkedTensor::push_each(&mut output.router_logits, read_all(computed.router_logits)?);
            for (all, layers) in [
                (&mut output.attentions, computed.attentions),
                (&mut output.cross_attentions, computed.cross_attentions),
            ] {
                let chunks = |layer| Ok(attention_chunks(read_all(layer)?, &pass.segments, min_rows));
                ChunkedTensor::extend_each(all, layers.into_iter().map(chunks))?;
            }
        }
        Ok(output.with_logits_width(head, self.description.num_outputs))
    }
}

/// An error of a mask with masked tokens between others, which do not count in the distances that a cache computes.
pub(crate) fn gaps_of_relative_positions() -> Error {
    Error::unsupported("a decoder_attention_mask with masked tokens between others, for relative positions")
}

/// Attention weights of a layer as a chunk for each segment; those of segments with less than `min_rows` are empty.
///
/// **Shapes:** `weights: [heads, rows, keys]` each; returns `[1, heads, rows, keys]` each.
pub(super) fn attention_chunks(
    weights: Vec<HostTensor>,
    segments: &Segments,
    min_rows: usize,
) -> impl Iterator<Item = HostTensor> {
    let mut weights = weights.into_iter();
    segments.0.iter().map(move |segment| {
        let weights = if segment.rows >= min_rows { weights.next() } else { None };
        let HostTensor { shape, data } = weights.unwrap_or(HostTensor { shape: vec![0; 3], data: Vec::new() });
        HostTensor { shape: [&[1], &shape[..]].concat(), data }
    })
}
