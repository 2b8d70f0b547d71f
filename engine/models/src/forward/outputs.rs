use std::collections::HashMap;

use trustformers_core::{Error, Result};

use crate::forward::packed_batch::PackedBatch;
use crate::{Head, HostTensor, ModelInput, ModelOutput};

/// A per-token output, assembled from the passes of a batch.
pub(crate) struct Tokens {
    indices: usize,
    found: Option<HostTensor>,
}

impl Tokens {
    /// Adds the rows of a pass. **Shapes:** `rows: [rows, width]`.
    pub(crate) fn add(&mut self, pass: &PackedBatch, rows: HostTensor) {
        let is_whole = pass.indices.len() == self.indices && pass.segments.0.iter().all(|s| s.keys == s.rows);
        if is_whole {
            self.found = Some(rows);
            return;
        }
        let (indices, width) = (self.indices, rows.shape[1]);
        let zeros = || HostTensor { shape: vec![indices, width], data: vec![0.0; indices * width] };
        pass.put_back(&rows, &mut self.found.get_or_insert_with(zeros).data);
    }

    fn into_batch(self, batch: usize, seq: usize) -> Option<HostTensor> {
        self.found.map(|HostTensor { shape, data }| HostTensor { shape: vec![batch, seq, shape[1]], data })
    }
}

/// Assembles the outputs of a padded batch from its passes.
pub(crate) struct OutputBuilder<'a> {
    batch: usize,
    seq: usize,
    pub(crate) last_hidden_state: Tokens,
    pub(crate) pooler_output: Vec<f32>,
    pub(crate) token_logits: Tokens,
    pub(crate) sequence_logits: Vec<f32>,
    /// Indices of the tokens that get logits; `None` if all do.
    logits_at: Option<&'a [usize]>,
    /// For each of these indices its rows in the logits.
    logit_rows: HashMap<usize, Vec<usize>>,
    picked_logits: Vec<f32>,
    hidden_states: Vec<Tokens>,
    attentions: Vec<HostTensor>,
}

impl<'a> OutputBuilder<'a> {
    pub(crate) fn new(input: &ModelInput<'_>, logits_at: Option<&'a [usize]>) -> Self {
        let indices = input.batch * input.seq;
        let tokens = || Tokens { indices, found: None };
        let mut logit_rows: HashMap<usize, Vec<usize>> = HashMap::new();
        for (logit_row, index) in logits_at.unwrap_or_default().iter().enumerate() {
            logit_rows.entry(*index).or_default().push(logit_row);
        }
        Self {
            batch: input.batch,
            seq: input.seq,
            last_hidden_state: tokens(),
            pooler_output: Vec::new(),
            token_logits: tokens(),
            sequence_logits: Vec::new(),
            logits_at,
            logit_rows,
            picked_logits: Vec::new(),
            hidden_states: Vec::new(),
            attentions: Vec::new(),
        }
    }

    /// The rows of a pass that get logits, each with its rows in the output; `None` if all rows do.
    pub(crate) fn picks(&self, pass: &PackedBatch) -> Option<Vec<(usize, Vec<usize>)>> {
        self.logits_at?;
        let rows = pass.indices.iter().enumerate();
        Some(rows.filter_map(|(row, index)| Some((row, self.logit_rows.get(index)?.clone()))).collect())
    }

    pub(crate) fn add_picked(&mut self, picks: &[(usize, Vec<usize>)], logits: &HostTensor) {
        let width = logits.shape[1];
        let count = self.logits_at.map_or(0, <[usize]>::len);
        self.picked_logits.resize(count * width, 0.0);
        for ((_, logit_rows), logits) in picks.iter().zip(logits.data.chunks_exact(width.max(1))) {
            for logit_row in logit_rows {
                self.picked_logits[logit_row * width..][..width].copy_from_slice(logits);
            }
        }
    }

    pub(crate) fn add_hidden_states(&mut self, pass: &PackedBatch, hidden_states: Vec<HostTensor>) {
        let indices = self.batch * self.seq;
        for (index, state) in hidden_states.into_iter().enumerate() {
            if index == self.hidden_states.len() {
                self.hidden_states.push(Tokens { indices, found: None });
            }
            self.hidden_states[index].add(pass, state);
        }
    }

    /// Adds each layer's attention weights; masked keys of an unmasked query get `hidden`.
    ///
    /// **Shapes:** `attentions: [sequences, heads, longest, longest]` each.
    pub(crate) fn add_attentions(
        &mut self,
        pass: &PackedBatch,
        attentions: Vec<HostTensor>,
        hidden: f32,
    ) -> Result<()> {
        let (batch, seq) = (self.batch, self.seq);
        for (index, weights) in attentions.into_iter().enumerate() {
            if index == self.attentions.len() {
                let shape = vec![batch, weights.shape[1], seq, seq];
                let bytes = shape.iter().fold(size_of::<f32>(), |bytes, size| bytes.saturating_mul(*size));
                Error::check_memory(format!("the attention weights of layer {index}"), bytes)?;
                let data = vec![0.0; shape.iter().product()];
                self.attentions.push(HostTensor { shape, data });
            }
            pass.put_weights_back(&weights, seq, hidden, &mut self.attentions[index].data);
        }
        Ok(())
    }

    pub(crate) fn into_output(self, head: Head, has_pooler: bool, num_outputs: usize) -> ModelOutput {
        let Self { batch, seq, .. } = self;
        let by_sequence = |data: Vec<f32>| HostTensor { shape: vec![batch, data.len() / batch], data };
        let logits = match (head, self.logits_at) {
            (Head::Base, _) => None,
            (_, Some(logits_at)) => {
                let mut data = self.picked_logits;
                data.resize(logits_at.len() * num_outputs, 0.0);
                Some(HostTensor { shape: vec![logits_at.len(), num_outputs], data })
            }
            (head, None) if head.is_per_token() => self.token_logits.into_batch(batch, seq),
            _ => Some(by_sequence(self.sequence_logits)),
        };
        ModelOutput {
            last_hidden_state: self.last_hidden_state.into_batch(batch, seq),
            pooler_output: (head == Head::Base && has_pooler).then(|| by_sequence(self.pooler_output)),
            logits,
            hidden_states: self.hidden_states.into_iter().filter_map(|state| state.into_batch(batch, seq)).collect(),
            attentions: self.attentions,
        }
    }
}
