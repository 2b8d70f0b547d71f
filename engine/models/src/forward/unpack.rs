use trustformers_core::{Error, Result};

use crate::HostTensor;
use crate::cache::cached_sequences::SourceLayout;
use crate::forward::packed_batch::PackedBatch;
use crate::output::{ChunkedTensor, ModelOutput, OutputGradients};

impl PackedBatch<'_> {
    /// Per-row values of each sequence, zero at tokens without outputs; `lengths` are the sequences' numbers of tokens,
    /// masked ones included.
    ///
    /// **Shapes:** `rows: [rows, width]`; returns `[length, width]` each.
    pub fn sequences(
        &self,
        rows: &ChunkedTensor,
        lengths: impl IntoIterator<Item = usize>,
    ) -> impl Iterator<Item = HostTensor> {
        let parts = rows.split(self.segments.0.iter().map(|segment| segment.rows));
        parts.zip(self.segments.starts()).zip(lengths).map(|((part, (start, segment)), length)| {
            let width = part.shape[1];
            if segment.keys == length {
                return part;
            }
            let mut data = vec![0.0; length * width];
            let columns = &self.columns[start..start + self.returned(segment)];
            for (column, row) in columns.iter().zip(part.data.chunks_exact(width.max(1))) {
                data[*column as usize * width..][..width].copy_from_slice(row);
            }
            HostTensor { shape: vec![length, width], data }
        })
    }

    /// Per-row values as an array of the padded batch, zero at tokens without outputs. Nothing is copied if there is no
    /// padding and the batch went through the layers at once.
    ///
    /// **Shapes:** `rows: [rows, width]`; returns `[batch, seq, width]`.
    pub(crate) fn unpack(&self, rows: ChunkedTensor) -> Option<HostTensor> {
        if rows.is_empty() {
            return None;
        }
        let shape = vec![self.num_sequences(), self.seq, rows.width()];
        if self.has_no_padding() {
            return rows.into_tensor().map(|rows| HostTensor { shape, data: rows.data });
        }
        let (width, mut data) = (rows.width(), vec![0.0; shape.iter().product()]);
        let mut indices = self.segments.starts().enumerate().flat_map(|(sequence, (start, segment))| {
            let returned = self.returned(segment);
            (0..segment.rows)
                .map(move |at| (at < returned).then(|| sequence * self.seq + self.columns[start + at] as usize))
        });
        rows.into_rows(|row| {
            if let Some(index) = indices.next().flatten() {
                data[index * width..][..width].copy_from_slice(row);
            }
        });
        Some(HostTensor { shape, data })
    }

    /// Attention weights as an array of the padded batch, zero at queries without outputs and `hidden` at keys without
    /// outputs.
    ///
    /// **Shapes:** `weights: [sequences, heads, longest, longest]`; returns `[batch, heads, seq, seq]`.
    ///
    /// **Errors:** `OutOfMemory` naming the `layer` if the array does not fit in memory.
    pub(crate) fn unpack_attention(&self, weights: ChunkedTensor, layer: usize, hidden: f32) -> Result<HostTensor> {
        let heads = weights.chunks.iter().map(|chunk| chunk.shape[1]).max().unwrap_or(0);
        let (seq, shape) = (self.seq, vec![self.num_sequences(), heads, self.seq, self.seq]);
        let bytes = shape.iter().fold(size_of::<f32>(), |bytes, size| bytes.saturating_mul(*size));
        Error::check_memory(format!("the attention weights of layer {layer}"), bytes)?;
        if self.has_no_padding() {
            let data = weights.into_tensor().map_or_else(Vec::new, |weights| weights.data);
            return Ok(HostTensor { shape, data });
        }
        let mut data = vec![0.0; shape.iter().product()];
        let mut sequences = self.segments.starts().enumerate();
        for HostTensor { shape, data: weights } in weights.chunks {
            let [count, heads, _, longest] = shape[..] else {
                unreachable!("attention weights have four dimensions, not {shape:?}");
            };
            for (index, (sequence, (start, segment))) in sequences.by_ref().take(count).enumerate() {
                let columns = &self.columns[start..start + self.returned(segment)];
                for head in 0..heads {
                    for (query, query_column) in columns.iter().enumerate() {
                        let from = ((index * heads + head) * longest + query) * longest;
                        let to = ((sequence * heads + head) * seq + *query_column as usize) * seq;
                        data[to..to + seq].fill(hidden);
                        for (key, key_column) in columns.iter().enumerate() {
                            data[to + *key_column as usize] = weights[from + key];
                        }
                    }
                }
            }
        }
        Ok(HostTensor { shape, data })
    }

    /// Weights of a layer's cross-attention as an array of the padded batch, zero at masked tokens of either side; `source`
    /// has the columns of each sequence's source.
    ///
    /// **Shapes:** `weights: [1, heads, rows, source rows]` for each sequence; returns `[batch, heads, seq, source seq]`.
    pub(crate) fn unpack_cross_attention(&self, weights: &ChunkedTensor, source: &SourceLayout<'_>) -> HostTensor {
        let heads = weights.chunks.iter().map(|weights| weights.shape[1]).max().unwrap_or(0);
        let shape = vec![self.num_sequences(), heads, self.seq, source.seq];
        let mut data = vec![0.0; shape.iter().product()];
        let sequences = self.segments.starts().zip(&weights.chunks).zip(&source.columns).enumerate();
        for (sequence, (((start, segment), weights), columns)) in sequences {
            let queries = &self.columns[start..start + segment.rows];
            for (head, weights) in weights.data.chunks_exact((segment.rows * columns.len()).max(1)).enumerate() {
                for (query, weights) in queries.iter().zip(weights.chunks_exact(columns.len().max(1))) {
                    let to = ((sequence * heads + head) * self.seq + *query as usize) * source.seq;
                    for (column, weight) in columns.iter().zip(weights) {
                        data[to + *column as usize] = *weight;
                    }
                }
            }
        }
        HostTensor { shape, data }
    }

    /// **Errors:** `Input` naming a sequence without an unmasked token, which no source may be.
    pub(crate) fn check_unmasked(&self) -> Result<()> {
        match self.segments.0.iter().position(|segment| segment.rows == 0) {
            Some(sequence) => {
                let message = format!("masks every token of sequence {sequence}; a source needs an unmasked token");
                Err(Error::input("attention_mask", message))
            }
            None => Ok(()),
        }
    }

    /// Whether every token of the padded batch has a row.
    fn has_no_padding(&self) -> bool {
        self.segments.0.iter().all(|segment| segment.keys == self.seq)
    }
}

impl OutputGradients {
    /// Packs the gradients of a padded batch's outputs; those of masked tokens without outputs are dropped.
    pub(crate) fn packed(batch: &PackedBatch<'_>, gradients: &ModelOutput, has_logits_per_token: bool) -> Self {
        let rows = |gradient: &HostTensor| batch.rows_of(gradient);
        Self {
            last_hidden_state: gradients.last_hidden_state.as_ref().map(rows),
            pooler_output: gradients.pooler_output.clone(),
            logits: match has_logits_per_token {
                true => gradients.logits.as_ref().map(rows),
                false => gradients.logits.clone(),
            },
            hidden_states: gradients.hidden_states.iter().map(rows).collect(),
            router_logits: gradients.router_logits.iter().map(rows).collect(),
            loss: None,
            aux_loss: gradients.aux_loss,
            encoder: None,
        }
    }
}

impl PackedBatch<'_> {
    /// The rows of an array of the padded batch, zero at masked tokens without outputs.
    ///
    /// **Shapes:** `padded: [batch, seq, width]`, or `[batch * seq, width]`; returns `[rows, width]`.
    fn rows_of(&self, padded: &HostTensor) -> HostTensor {
        let width = padded.shape[padded.shape.len() - 1];
        let mut data = vec![0.0; self.columns.len() * width];
        for (sequence, (start, segment)) in self.segments.starts().enumerate() {
            for row in start..start + self.returned(segment) {
                let index = sequence * self.seq + self.columns[row] as usize;
                data[row * width..][..width].copy_from_slice(&padded.data[index * width..][..width]);
            }
        }
        HostTensor { shape: vec![self.columns.len(), width], data }
    }

    /// The rows' elements of an array of the padded batch with one for each token; `absent` at masked tokens without outputs.
    ///
    /// **Shapes:** `padded: [batch, seq]`; returns `[rows]`.
    pub(crate) fn rows_of_tokens<T: Copy>(&self, padded: &[T], absent: T) -> Vec<T> {
        let mut found = vec![absent; self.columns.len()];
        for (sequence, (start, segment)) in self.segments.starts().enumerate() {
            for row in start..start + self.returned(segment) {
                found[row] = padded[sequence * self.seq + self.columns[row] as usize];
            }
        }
        found
    }

    /// Values of the rows of all tokens, zero at tokens that are not computed.
    ///
    /// **Shapes:** `rows: [rows, width]`; returns `[batch * seq, width]`.
    pub(crate) fn all_rows(&self, rows: &HostTensor) -> HostTensor {
        let width = rows.shape[1];
        let HostTensor { shape, data } = self.padded_rows(&rows.data, width);
        HostTensor { shape: vec![shape[0] * shape[1], width], data }
    }

    /// Whether each row is that of an unmasked token.
    pub(crate) fn unmasked(&self) -> Vec<bool> {
        self.segments.0.iter().flat_map(|segment| (0..segment.rows).map(|row| row < segment.keys)).collect()
    }

    /// An array of the padded batch with the given rows, zero at tokens that are not computed.
    ///
    /// **Shapes:** `rows: [rows, width]`; returns `[batch, seq, width]`.
    pub(crate) fn padded_rows(&self, rows: &[f32], width: usize) -> HostTensor {
        let mut data = vec![0.0; self.num_sequences() * self.seq * width];
        for (sequence, (start, segment)) in self.segments.starts().enumerate() {
            for row in start..start + segment.rows {
                let index = sequence * self.seq + self.columns[row] as usize;
                data[index * width..][..width].copy_from_slice(&rows[row * width..][..width]);
            }
        }
        HostTensor { shape: vec![self.num_sequences(), self.seq, width], data }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::forward::packed_batch::Tokens;
    use trustformers_ops::{Segment, Segments};

    /// Two sequences of three tokens; the first token of the first and the last of the second are masked.
    fn padded(masked: [usize; 2], returns_masked: bool) -> PackedBatch<'static> {
        let columns = [&[1, 2, 0][..2 + masked[0]], &[0, 1, 2][..2 + masked[1]]].concat();
        PackedBatch {
            segments: Segments(masked.map(|masked| Segment { rows: 2 + masked, keys: 2 }).to_vec()),
            columns,
            seq: 3,
            returns_masked,
            tokens: Tokens::Ids(Vec::new()),
            position_ids: Vec::new(),
            token_type_ids: None,
            task_type_ids: None,
            first: Vec::new(),
        }
    }

    fn chunked(chunks: &[&[f32]]) -> ChunkedTensor {
        let chunk = |data: &&[f32]| HostTensor { shape: vec![data.len(), 1], data: data.to_vec() };
        ChunkedTensor { chunks: chunks.iter().map(chunk).collect() }
    }

    #[test]
    fn unpacking_restores_padded_positions() {
        let rows = [&[1.0, 2.0][..], &[3.0, 4.0]];
        let found = padded([0, 0], false).unpack(chunked(&rows)).unwrap();
        assert_eq!((&found.shape[..], &found.data[..]), (&[2, 3, 1][..], &[0.0, 1.0, 2.0, 3.0, 4.0, 0.0][..]));
        assert_eq!(padded([0, 0], false).unpack(ChunkedTensor::default()), None);
    }

    #[test]
    fn masked_rows_are_unpacked_only_if_they_have_outputs() {
        let rows = [&[1.0, 2.0, 5.0, 3.0][..], &[4.0, 6.0]];
        let found = |returns_masked| padded([1, 1], returns_masked).unpack(chunked(&rows)).unwrap().data;
        assert_eq!(found(false), [0.0, 1.0, 2.0, 3.0, 4.0, 0.0]);
        assert_eq!(found(true), [5.0, 1.0, 2.0, 3.0, 4.0, 6.0]);
    }

    #[test]
    fn sequences_are_zero_at_tokens_without_outputs() {
        let rows = chunked(&[&[1.0, 2.0, 5.0][..], &[3.0, 4.0]]);
        let found: Vec<_> = padded([1, 0], false).sequences(&rows, [3, 2]).map(|tensor| tensor.data).collect();
        assert_eq!(found, [vec![0.0, 1.0, 2.0], vec![3.0, 4.0]]);
    }

    #[test]
    fn attention_weights_of_each_chunk_have_their_own_length() {
        let chunk =
            |data: &[f32], longest: usize| HostTensor { shape: vec![1, 1, longest, longest], data: data.to_vec() };
        let weights = ChunkedTensor {
            chunks: vec![chunk(&[1.0, 0.0, 0.25, 0.75], 2), chunk(&[0.5, 0.5, 0.0, 0.1, 0.9, 0.0, 0.0, 0.0, 0.0], 3)],
        };
        let found = padded([0, 0], false).unpack_attention(weights, 0, -1.0).unwrap();
        assert_eq!(found.shape, [2, 1, 3, 3]);
        assert_eq!(found.data[..9], [0.0, 0.0, 0.0, -1.0, 1.0, 0.0, -1.0, 0.25, 0.75]);
        assert_eq!(found.data[9..], [0.5, 0.5, -1.0, 0.1, 0.9, -1.0, 0.0, 0.0, 0.0]);
    }
}
