use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use burn::tensor::Tensor;
use trustformers_checkpoint::StateNames;
use trustformers_core::{Error, Result, Sequences};
use trustformers_nn as nn;
use trustformers_ops::{AttentionKind, CachedSegment, EngineBackend, Segments, int_vector};
use trustformers_tensor::{self as host, TensorDevice};

use crate::cache::cached_sequences::CachedSequences;
use crate::cache::layer_caches::CacheSlots;
use crate::cache::sequences::DecoderSequences;
use crate::forward::input::{Packing, PaddingPolicy};
use crate::forward::packed_batch::{PackedBatch, Pass, Tokens};
use crate::host::read_all;
use crate::model::{Description, LoadedModel, ModelParameter};
use crate::output::{ChunkedTensor, OutputFlags, PackedOutput};
use crate::recording::{RecordedPass, Recording};
use crate::{Adapter, Head, HostTensor, Model};

impl<B: EngineBackend> LoadedModel<nn::DecoderModel<B>> {
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

    /// Logits of each sequence of a pass, zero for a fully masked sequence. **Shapes:** `[sequences, outputs]`.
    fn classified(&self, hidden: Tensor<B, 2>, batch: &PackedBatch<'_>, pass: &Pass) -> Result<HostTensor> {
        let rows = self.classified_rows(batch, pass)?;
        let found = self.logits(hidden, Some(rows.iter().flatten().copied().collect()))?;
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

    /// Rejects token-by-token reading with bidirectional attention.
    fn check_causal(&self, what: &str) -> Result<()> {
        match self.module.base().attention() {
            AttentionKind::Causal => Ok(()),
            _ => Err(Error::unsupported(format!(
                "{what} with bidirectional attention; it needs a causal language model"
            ))),
        }
    }

    /// Logits of the picked rows of a pass, or of all; `None` if none are picked.
    fn logits(&self, hidden: Tensor<B, 2>, picked: Option<Vec<i64>>) -> Result<Option<HostTensor>> {
        if picked.as_ref().is_some_and(Vec::is_empty) {
            return Ok(None);
        }
        let picked = picked.map(|rows| int_vector::<B>(rows, &self.module.base().placement().output));
        self.module.logits(hidden, picked).map(HostTensor::read).transpose()
    }

    /// Runs the model on a batch; with cache slots the sequences continue the slots' tokens and are appended to them.
    ///
    /// **Shapes:** `rope_lengths: [sequences]`.
    pub(crate) fn run(
        &self,
        batch: &PackedBatch<'_>,
        flags: OutputFlags<'_>,
        rope_lengths: &[nn::RopeLength],
        mut cache: Option<CacheSlots<'_, B>>,
    ) -> Result<PackedOutput> {
        if batch.token_type_ids.is_some() {
            return Err(Error::unsupported("token_type_ids for a decoder"));
        }
        let head = self.description.head;
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
            let rows = nn::DecoderBatch {
                tokens: batch.tokens.input(pass.rows.clone(), &self.module.base().placement().embeddings),
                position_ids: &batch.position_ids[pass.rows.clone()],
                segments: &segments,
                rope_lengths: &rope_lengths,
            };
            let caches = cache.as_mut().map(|cache| &mut cache.caches.layers[..]);
            let computed = self.module.base().forward(&rows, caches, intermediates);
            if let Some(CacheSlots { caches, .. }) = &mut cache {
                if let Some(histories) = &mut caches.histories {
                    histories.add_pass(batch, pass, &segments);
                }
                caches.advance(&segments);
            }
            let hidden = computed.last_hidden_state;
            match head {
                Head::Base => output.last_hidden_state.push(HostTensor::read(hidden)?),
                _ if head.is_per_token() => output.logits.chunks.extend(self.logits(hidden, flags.picked(&pass.rows))?),
                _ => output.logits.push(self.classified(hidden, batch, pass)?),
            }
            ChunkedTensor::push_each(&mut output.hidden_states, read_all(computed.hidden_states)?);
            ChunkedTensor::push_each(&mut output.router_logits, read_all(computed.router_logits)?);
            for (index, layer) in computed.attentions.into_iter().enumerate() {
                if index == output.attentions.len() {
                    output.attentions.push(ChunkedTensor::default());
                }
                output.attentions[index].chunks.extend(attention_chunks(read_all(layer)?, &pass.segments, min_rows));
            }
        }
        Ok(output.with_logits_width(head, self.description.num_outputs))
    }
}

/// Field of the token embeddings.
const TOKEN_EMBEDDINGS: &str = "base.embed_tokens.weight";

impl<B: EngineBackend> Model for LoadedModel<nn::DecoderModel<B>> {
    fn forward(&self, batch: &PackedBatch<'_>, flags: OutputFlags<'_>) -> Result<PackedOutput> {
        let rope_lengths: Vec<_> = batch.lengths().map(nn::RopeLength::Whole).collect();
        self.run(batch, flags, &rope_lengths, None)
    }

    fn record(
        &self,
        batch: &PackedBatch<'_>,
        recording: Recording<'_>,
    ) -> Result<(PackedOutput, Box<dyn RecordedPass>)> {
        self.recorded::<B>(batch, recording)
    }

    fn packing(&self) -> Packing {
        Packing { limits: self.limits, padding: PaddingPolicy::Skip }
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

    fn parameters(&self, wanted: &dyn Fn(&str) -> bool, device: &TensorDevice) -> Result<Vec<ModelParameter>> {
        self.stored_parameters(wanted, device)
    }

    fn with_adapters(&self, adapters: Vec<Adapter>) -> Result<Arc<dyn Model>> {
        Ok(Arc::new(self.adapted::<B>(adapters)?))
    }

    fn adapters(&self, tensors: &mut HashMap<String, host::Tensor>) -> Vec<Adapter> {
        self.adapters.iter().map(|own| own.replaced(tensors)).collect()
    }

    fn with_some_weights(
        &self,
        weights: &HashMap<String, host::Tensor>,
        adapters: &[Adapter],
    ) -> Result<Option<Arc<dyn Model>>> {
        Ok(self.with_some::<B>(weights, adapters)?.map(|model| Arc::new(model) as Arc<dyn Model>))
    }

    fn with_replaced_weights(
        &self,
        weights: &HashMap<String, host::Tensor>,
        adapters: &[Adapter],
    ) -> Result<Option<Arc<dyn Model>>> {
        Ok(self.with_replaced::<B>(weights, adapters)?.map(|model| Arc::new(model) as Arc<dyn Model>))
    }

    fn match_state(&self, state: &[&str]) -> StateNames {
        self.state_names(state)
    }

    fn input_embeddings(&self) -> String {
        self.rules.stored_name(TOKEN_EMBEDDINGS)
    }

    fn output_embeddings(&self) -> Option<String> {
        self.output_name(TOKEN_EMBEDDINGS)
    }

    fn output_layer(&self) -> Option<String> {
        self.output_path()
    }

    fn base_model_prefix(&self) -> &str {
        self.prefix()
    }
}

/// Attention weights of a layer as a chunk for each segment; those of segments with less than `min_rows` are empty.
///
/// **Shapes:** `weights: [heads, rows, rows]` each; returns `[1, heads, rows, rows]` each.
fn attention_chunks(
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
