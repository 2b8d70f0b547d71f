use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use trustformers_core::{Error, Result, Sequences};
use trustformers_nn as nn;
use trustformers_ops::{EngineBackend, int_vector};

use crate::cache::cached_sequences::CachedSequences;
use crate::forward::outputs::OutputBuilder;
use crate::forward::packed_batch::{PackedBatch, PaddingPolicy};
use crate::host::read_all;
use crate::model::{Description, LoadedModel};
use crate::output::{ModelOutput, OutputFlags};
use crate::{Head, HostTensor, Model, ModelInput};

impl<B: EngineBackend> LoadedModel<B, nn::EncoderModel<B>> {
    fn batch(&self, input: &ModelInput<'_>, positions: &[i64], pass: &PackedBatch) -> nn::EncoderBatch<B> {
        let ids = |id: &dyn Fn(usize) -> i64| {
            int_vector::<B>(pass.indices.iter().map(|index| id(*index)).collect(), &self.device)
        };
        let (read, neighbors) = match self.module.base().reads_neighbors() {
            false => (Vec::new(), None),
            true => {
                let (read, neighbors) = with_neighbors(&pass.indices, input.seq);
                (read, Some(int_vector::<B>(neighbors, &self.device)))
            }
        };
        let read = if neighbors.is_some() { &read } else { &pass.indices };
        let ids = nn::EncoderIds {
            tokens: self.token_input(input, read),
            neighbors,
            token_type_ids: ids(&|index| input.token_type_ids.map_or(0, |types| types[index])),
            position_ids: ids(&|index| positions[index]),
            task_type_ids: ids(&|index| input.task_type_ids.map_or(0, |types| types[index])),
        };
        let rows = nn::RowPositions {
            segments: pass.segments.clone(),
            columns: pass.indices.iter().map(|index| (index % input.seq) as i64).collect(),
            position_ids: pass.indices.iter().map(|index| positions[*index]).collect(),
        };
        nn::EncoderBatch { ids, rows, first: int_vector::<B>(pass.first.clone(), &self.device) }
    }
}

impl<B: EngineBackend> Model for LoadedModel<B, nn::EncoderModel<B>> {
    fn forward(&self, input: &ModelInput<'_>, flags: OutputFlags<'_>) -> Result<ModelOutput> {
        input.check(self.limits)?;
        let positions = input.positions(self.limits.positions);
        let intermediates = nn::Intermediates { hidden_states: flags.hidden_states, attentions: flags.attentions };
        let mut builder = OutputBuilder::new(input, flags.logits_at.filter(|_| self.description.head.is_per_token()));
        let padding = match (flags.padding, self.module.reads_first()) {
            (true, _) => PaddingPolicy::All,
            (false, true) => PaddingPolicy::First,
            (false, false) => PaddingPolicy::Skip,
        };
        for pass in &PackedBatch::new(input, padding).passes(B::ROWS_PER_PASS) {
            let batch = self.batch(input, &positions, pass);
            let picks = builder.picks(pass);
            if picks.as_ref().is_some_and(Vec::is_empty) {
                continue;
            }
            let rows = picks
                .as_ref()
                .map(|picks| int_vector::<B>(picks.iter().map(|(row, _)| *row as i64).collect(), &self.device));
            let (output, logits) = self.module.forward(&batch, intermediates, rows);
            if self.description.head == Head::Base {
                builder.last_hidden_state.add(pass, HostTensor::read(output.last_hidden_state)?);
                if let Some(pooled) = output.pooler_output {
                    builder.pooler_output.extend(HostTensor::read(pooled)?.data);
                }
            }
            if let Some(logits) = logits {
                let logits = HostTensor::read(logits)?;
                match picks {
                    Some(picks) => builder.add_picked(&picks, &logits),
                    None if self.description.head.is_per_token() => builder.token_logits.add(pass, logits),
                    None => builder.sequence_logits.extend(logits.data),
                }
            }
            builder.add_hidden_states(pass, read_all(output.hidden_states)?);
            builder.add_attentions(pass, read_all(output.attentions)?, self.limits.hidden_attention)?;
        }
        Ok(builder.into_output(self.description.head, self.module.base().has_pooler(), self.num_outputs))
    }

    fn check_input_ids(&self, input_ids: &[i64], shape: [usize; 2]) -> Result<()> {
        self.limits.check_input_ids(input_ids, shape)
    }

    fn sequences(self: Arc<Self>, _num_slots: usize) -> Result<Box<dyn Sequences>> {
        Err(Error::unsupported("generation with an encoder model; generate() needs a causal language model"))
    }

    fn cached_sequences(self: Arc<Self>, _num_slots: usize) -> Result<Box<dyn CachedSequences>> {
        Err(Error::unsupported("past_key_values for an encoder model; they need a causal language model"))
    }

    fn description(&self) -> &Description {
        &self.description
    }

    fn save_pretrained(&self, dir: &Path) -> Result<()> {
        self.save(dir)
    }
}

/// Indices of the tokens that trigram embeddings read: the computed ones, followed by neighbors that are only read; and
/// for each computed token the rows of its next token, itself and its previous token, or the number of rows for none.
fn with_neighbors(indices: &[usize], seq: usize) -> (Vec<usize>, Vec<i64>) {
    let mut read = indices.to_vec();
    let mut row_of: HashMap<usize, usize> = indices.iter().enumerate().map(|(row, index)| (*index, row)).collect();
    let mut neighbors = Vec::with_capacity(3 * indices.len());
    for index in indices {
        let column = index % seq;
        let next = (column + 1 < seq).then_some(index + 1);
        for neighbor in [next, Some(*index), (column > 0).then(|| index - 1)] {
            neighbors.push(neighbor.map(|neighbor| {
                *row_of.entry(neighbor).or_insert_with(|| {
                    read.push(neighbor);
                    read.len() - 1
                })
            }));
        }
    }
    let nothing = read.len();
    (read, neighbors.into_iter().map(|row| row.unwrap_or(nothing) as i64).collect())
}

#[cfg(test)]
mod tests {
    use super::with_neighbors;

    #[test]
    fn neighbors_come_from_the_padded_batch() {
        // Two sequences of three columns; the last column of the first and the middle column of the second are masked.
        let (read, neighbors) = with_neighbors(&[0, 1, 3, 5], 3);
        assert_eq!(read, [0, 1, 3, 5, 2, 4]);
        assert_eq!(neighbors, [1, 0, 6, 4, 1, 0, 5, 2, 6, 6, 3, 5]);
    }
}
