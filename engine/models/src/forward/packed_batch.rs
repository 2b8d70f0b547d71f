use trustformers_ops::{Segment, Segments};

use crate::{HostTensor, ModelInput};

/// A packed batch: the rows of a padded batch that are computed, sequence by sequence.
#[derive(Debug)]
pub(crate) struct PackedBatch {
    /// Each row's index in the padded batch.
    pub(crate) indices: Vec<usize>,
    pub(crate) segments: Segments,
    /// The row of each sequence's first token.
    pub(crate) first: Vec<i64>,
    padding: PaddingPolicy,
}

/// Which masked positions are computed nevertheless, though nothing attends to them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PaddingPolicy {
    /// No masked position.
    Skip,
    /// The first position of each sequence, which a pooler reads.
    First,
    /// All masked positions.
    All,
}

impl PackedBatch {
    /// Packs a batch, leaving out masked positions except those of the policy.
    pub(crate) fn new(input: &ModelInput<'_>, padding: PaddingPolicy) -> Self {
        let ModelInput { batch, seq, .. } = *input;
        let is_unmasked = |index: &usize| input.is_unmasked(*index);
        let mut packed = Self { indices: Vec::new(), segments: Segments::default(), first: Vec::new(), padding };
        for row in 0..batch {
            let start = packed.indices.len();
            let all = row * seq..(row + 1) * seq;
            let first_index = all.start;
            packed.indices.extend(all.clone().filter(is_unmasked));
            let keys = packed.indices.len() - start;
            let hidden = all.filter(|index| !is_unmasked(index));
            packed.indices.extend(hidden.filter(|index| match padding {
                PaddingPolicy::Skip => false,
                PaddingPolicy::First => *index == first_index,
                PaddingPolicy::All => true,
            }));
            packed.segments.0.push(Segment { rows: packed.indices.len() - start, keys });
            packed.first.push((if is_unmasked(&first_index) { start } else { start + keys }) as i64);
        }
        packed
    }

    /// Splits the sequences into groups of at most `most_rows` rows, or of one longer sequence.
    pub(crate) fn passes(self, most_rows: usize) -> Vec<Self> {
        if self.indices.len() <= most_rows {
            return vec![self];
        }
        let mut passes: Vec<Self> = Vec::new();
        for ((start, segment), first) in self.segments.starts().zip(&self.first) {
            let fits = passes.last().is_some_and(|pass| pass.indices.len() + segment.rows <= most_rows);
            if !fits {
                passes.push(Self {
                    indices: Vec::new(),
                    segments: Segments::default(),
                    first: Vec::new(),
                    padding: self.padding,
                });
            }
            if let Some(pass) = passes.last_mut() {
                pass.first.push(*first - start as i64 + pass.indices.len() as i64);
                pass.indices.extend(&self.indices[start..start + segment.rows]);
                pass.segments.0.push(segment);
            }
        }
        passes
    }

    /// Splits the batch into passes of at most `most_rows` rows; a cache joins the parts of longer sequences.
    pub(crate) fn parts(self, most_rows: usize) -> Vec<Self> {
        let mut parts = Vec::new();
        for pass in self.passes(most_rows) {
            if pass.indices.len() <= most_rows {
                parts.push(pass);
                continue;
            }
            parts.extend(pass.indices.chunks(most_rows).map(|indices| Self {
                indices: indices.to_vec(),
                segments: Segments(vec![Segment { rows: indices.len(), keys: indices.len() }]),
                first: vec![0],
                padding: pass.padding,
            }));
        }
        parts
    }

    /// Scatters attention weights to the padded batch, for the same rows as [`PackedBatch::put_back`]; keys that are
    /// not computed get `hidden`.
    ///
    /// **Shapes:** `weights: [sequences, heads, longest, longest]`, `padded: [batch, heads, seq, seq]`.
    pub(crate) fn put_weights_back(&self, weights: &HostTensor, seq: usize, hidden: f32, padded: &mut [f32]) {
        let [_, heads, longest, _] = weights.shape[..] else {
            unreachable!("attention weights have four dimensions, not {:?}", weights.shape);
        };
        for (index, (start, segment)) in self.segments.starts().enumerate() {
            let indices = &self.indices[start..start + self.returned(segment)];
            for head in 0..heads {
                for (query, query_index) in indices.iter().enumerate() {
                    let from = ((index * heads + head) * longest + query) * longest;
                    let to = ((query_index / seq * heads + head) * seq + query_index % seq) * seq;
                    padded[to..to + seq].fill(hidden);
                    for (key, key_index) in indices.iter().enumerate() {
                        padded[to + key_index % seq] = weights.data[from + key];
                    }
                }
            }
        }
    }

    /// Number of a sequence's rows that are scattered to the padded batch.
    fn returned(&self, segment: Segment) -> usize {
        if self.padding == PaddingPolicy::All { segment.rows } else { segment.keys }
    }

    /// Scatters rows to the padded batch; masked rows only with [`PaddingPolicy::All`].
    ///
    /// **Shapes:** `rows: [rows, hidden]`, `padded: [batch, seq, hidden]`.
    pub(crate) fn put_back(&self, rows: &HostTensor, padded: &mut [f32]) {
        let width = rows.shape[1];
        for (start, segment) in self.segments.starts() {
            for row in start..start + self.returned(segment) {
                padded[self.indices[row] * width..][..width].copy_from_slice(&rows.data[row * width..][..width]);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn packed(mask: &[i64], seq: usize, padding: PaddingPolicy) -> PackedBatch {
        let input_ids = vec![1; mask.len()];
        let input = ModelInput {
            batch: mask.len() / seq,
            seq,
            input_ids: &input_ids,
            attention_mask: Some(mask),
            ..ModelInput::default()
        };
        PackedBatch::new(&input, padding)
    }

    #[test]
    fn masked_positions_are_left_out_anywhere() {
        let found = packed(&[1, 1, 0, 0, 1, 0, 1, 1], 4, PaddingPolicy::First);
        assert_eq!(found.indices, [0, 1, 4, 6, 7]);
        assert_eq!(found.segments.0, [Segment { rows: 2, keys: 2 }, Segment { rows: 3, keys: 3 }]);
        assert_eq!(found.first, [0, 2]);
    }

    #[test]
    fn first_policy_computes_a_masked_first_position_without_keys() {
        let found = packed(&[0, 1, 1, 0, 0, 0], 3, PaddingPolicy::First);
        assert_eq!(found.indices, [1, 2, 0, 3]);
        assert_eq!(found.segments.0, [Segment { rows: 3, keys: 2 }, Segment { rows: 1, keys: 0 }]);
        assert_eq!(found.first, [2, 3]);
        let rows = HostTensor { shape: vec![4, 1], data: vec![1.0, 2.0, 3.0, 4.0] };
        let mut padded = [0.0; 6];
        found.put_back(&rows, &mut padded);
        assert_eq!(padded, [0.0, 1.0, 2.0, 0.0, 0.0, 0.0]);
        assert_eq!(packed(&[0, 1, 1, 0, 0, 0], 3, PaddingPolicy::Skip).indices, [1, 2]);
    }

    #[test]
    fn all_policy_computes_and_returns_every_position() {
        let found = packed(&[0, 1, 1, 0, 0, 0], 3, PaddingPolicy::All);
        assert_eq!(found.indices, [1, 2, 0, 3, 4, 5]);
        assert_eq!(found.segments.0, [Segment { rows: 3, keys: 2 }, Segment { rows: 3, keys: 0 }]);
        let rows = HostTensor { shape: vec![6, 1], data: vec![1.0, 2.0, 3.0, 4.0, 5.0, 6.0] };
        let mut padded = [0.0; 6];
        found.put_back(&rows, &mut padded);
        assert_eq!(padded, [3.0, 1.0, 2.0, 4.0, 5.0, 6.0]);
    }

    #[test]
    fn put_back_restores_padded_positions() {
        let found = packed(&[0, 1, 1, 1], 2, PaddingPolicy::Skip);
        let rows = HostTensor { shape: vec![3, 2], data: vec![1.0, 2.0, 3.0, 4.0, 5.0, 6.0] };
        let mut padded = [0.0; 8];
        found.put_back(&rows, &mut padded);
        assert_eq!(padded, [0.0, 0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
    }

    #[test]
    fn passes_hold_whole_sequences_up_to_the_row_limit() {
        let mask = [1, 1, 1, 0, 1, 1, 1, 0, 0, 1, 1, 1];
        let passes = packed(&mask, 3, PaddingPolicy::First).passes(5);
        let rows: Vec<_> = passes.iter().map(|pass| pass.indices.clone()).collect();
        assert_eq!(rows, [vec![0, 1, 2], vec![4, 5, 3, 6], vec![9, 10, 11]]);
        let first: Vec<_> = passes.iter().map(|pass| pass.first.clone()).collect();
        assert_eq!(first, [vec![0], vec![2, 3], vec![0]]);
        assert_eq!(packed(&mask, 3, PaddingPolicy::First).passes(1).len(), 4);
        assert_eq!(packed(&mask, 3, PaddingPolicy::First).passes(10).len(), 1);
    }

    #[test]
    fn parts_cut_a_sequence_longer_than_the_row_limit() {
        let parts = packed(&[1, 1, 1, 1, 1, 0, 0, 0, 1, 1], 5, PaddingPolicy::Skip).parts(2);
        let rows: Vec<_> = parts.iter().map(|part| part.indices.clone()).collect();
        assert_eq!(rows, [vec![0, 1], vec![2, 3], vec![4], vec![8, 9]]);
        assert_eq!(parts[2].segments.0, [Segment { rows: 1, keys: 1 }]);
    }
}
