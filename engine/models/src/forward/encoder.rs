use std::collections::HashMap;
use std::sync::Arc;

use trustformers_core::{Error, Result, Sequences};
use trustformers_nn as nn;
use trustformers_ops::{EngineBackend, int_vector};

use crate::cache::cached_sequences::CachedSequences;
use crate::forward::input::{Packing, PaddingPolicy};
use crate::forward::packed_batch::{PackedBatch, Pass};
use crate::host::read_all;
use crate::model::LoadedModel;
use crate::output::{ChunkedTensor, OutputFlags, PackedOutput};
use crate::recording::{RecordedPass, Recording};
use crate::{HostTensor, Model};

/// The rows of a pass as an encoder's input.
pub(super) fn batch_of<B: EngineBackend>(
    module: &nn::EncoderModel<B>,
    batch: &PackedBatch<'_>,
    pass: &Pass,
) -> nn::EncoderBatch<B> {
    let rows = pass.rows.clone();
    let placement = module.base().placement();
    let vector = |ids: Vec<i64>| int_vector::<B>(ids, &placement.embeddings);
    let types = |ids: &Option<Vec<i64>>| {
        vector(ids.as_ref().map_or_else(|| vec![0; rows.len()], |ids| ids[rows.clone()].to_vec()))
    };
    let ids = nn::EncoderIds {
        tokens: batch.tokens.input(rows.clone(), &placement.embeddings),
        neighbors: module.base().reads_neighbors().then(|| vector(neighbors(batch, pass))),
        token_type_ids: types(&batch.token_type_ids),
        position_ids: vector(batch.position_ids[rows.clone()].to_vec()),
        task_type_ids: types(&batch.task_type_ids),
    };
    let first = batch.first[pass.sequences.clone()].iter().map(|row| row - rows.start as i64).collect();
    let rows = nn::RowPositions {
        segments: pass.segments.clone(),
        columns: batch.columns[rows.clone()].to_vec(),
        position_ids: batch.position_ids[rows].to_vec(),
    };
    nn::EncoderBatch { ids, rows, first: vector(first) }
}

/// Field of the token embeddings.
const TOKEN_EMBEDDINGS: &str = "base.embeddings.word_embeddings.weight";

impl<B: EngineBackend> Model for LoadedModel<nn::EncoderModel<B>> {
    fn forward(&self, batch: &PackedBatch<'_>, flags: OutputFlags<'_>) -> Result<PackedOutput> {
        let head = self.description.head;
        let intermediates = nn::Intermediates {
            hidden_states: flags.hidden_states,
            attentions: flags.attentions,
            router_logits: false,
        };
        let mut output = PackedOutput::default();
        for pass in &batch.passes(B::ROWS_PER_PASS) {
            let picked = flags.picked(&pass.rows).filter(|_| head.is_per_token());
            if picked.as_ref().is_some_and(Vec::is_empty) && intermediates == nn::Intermediates::default() {
                continue;
            }
            let picked = picked.map(|rows| int_vector::<B>(rows, &self.module.base().placement().output));
            let (computed, logits) = self.module.forward(&batch_of(&self.module, batch, pass), intermediates, picked);
            if head.is_absent() {
                output.last_hidden_state.push(HostTensor::read(computed.last_hidden_state)?);
                if let Some(pooled) = computed.pooler_output {
                    output.pooler_output.push(HostTensor::read(pooled)?);
                }
            }
            if let Some(logits) = logits {
                output.logits.push(HostTensor::read(logits)?);
            }
            ChunkedTensor::push_each(&mut output.hidden_states, read_all(computed.hidden_states)?);
            ChunkedTensor::push_each(&mut output.attentions, read_all(computed.attentions)?);
        }
        Ok(output.with_logits_width(head, self.description.num_outputs))
    }

    fn record(
        &self,
        batch: &PackedBatch<'_>,
        recording: Recording<'_>,
    ) -> Result<(PackedOutput, Box<dyn RecordedPass>)> {
        self.recorded::<B>(batch, recording)
    }

    fn packing(&self) -> Packing {
        let (first, neighbors) = (self.module.reads_first(), self.module.reads_neighbors());
        Packing { limits: self.limits, padding: PaddingPolicy::Read { first, neighbors } }
    }

    fn sequences(self: Arc<Self>, _num_slots: usize) -> Result<Box<dyn Sequences>> {
        Err(Error::unsupported("generation with an encoder model; generate() needs a causal language model"))
    }

    fn cached_sequences(self: Arc<Self>, _num_slots: usize) -> Result<Box<dyn CachedSequences>> {
        Err(Error::unsupported("past_key_values for an encoder model; they need a causal language model"))
    }

    weight_methods!(TOKEN_EMBEDDINGS);
}

/// For each row of a pass the rows of its next token, itself and its previous token, or the number of rows for none.
fn neighbors(batch: &PackedBatch<'_>, pass: &Pass) -> Vec<i64> {
    let columns = &batch.columns[pass.rows.clone()];
    let mut neighbors = Vec::with_capacity(3 * columns.len());
    for (start, segment) in pass.segments.starts() {
        let own = (start..).zip(&columns[start..start + segment.rows]);
        let row_of: HashMap<i64, usize> = own.clone().map(|(row, column)| (*column, row)).collect();
        let row = |column: i64| row_of.get(&column).copied().unwrap_or(columns.len()) as i64;
        neighbors.extend(own.flat_map(|(_, column)| [row(column + 1), row(*column), row(column - 1)]));
    }
    neighbors
}

#[cfg(test)]
mod tests {
    use trustformers_ops::{Segment, Segments};

    use super::*;

    #[test]
    fn neighbors_belong_to_the_same_sequence() {
        // Two sequences of three columns; the last column of the first and the middle column of the second are masked.
        let segments = Segments(vec![Segment { rows: 3, keys: 2 }, Segment { rows: 3, keys: 2 }]);
        let pass = Pass { rows: 0..6, sequences: 0..2, segments };
        let batch = PackedBatch { columns: vec![0, 1, 2, 0, 2, 1], ..PackedBatch::of_ids([].into_iter(), 0) };
        let expected = [[1, 0, 6], [2, 1, 0], [6, 2, 1], [5, 3, 6], [6, 4, 5], [4, 5, 3]];
        assert_eq!(neighbors(&batch, &pass), expected.concat());
    }
}
