use trustformers_ops::{Segment, Segments};

use crate::{HostTensor, ModelInput};

/// The positions of a padded batch that are computed, sequence by sequence.
#[derive(Debug)]
pub(crate) struct Ragged {
    /// For each row its position in the padded batch.
    pub(crate) places: Vec<usize>,
    pub(crate) segments: Segments,
    /// The row of each sequence's first position.
    pub(crate) first: Vec<i64>,
    keeps: Keeps,
}

/// Which of the positions that the mask hides are computed all the same, though nothing sees them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Keeps {
    /// None.
    Nothing,
    /// The first of each sequence: a pooler reads it.
    First,
    /// All.
    Everything,
}

impl Ragged {
    /// Leaves out what the mask hides, but for what is kept.
    pub(crate) fn new(input: &ModelInput<'_>, keeps: Keeps) -> Self {
        let ModelInput { batch, seq, .. } = *input;
        let is_seen = |place: &usize| input.is_seen(*place);
        let mut ragged = Self { places: Vec::new(), segments: Segments::default(), first: Vec::new(), keeps };
        for row in 0..batch {
            let start = ragged.places.len();
            let all = row * seq..(row + 1) * seq;
            let first_place = all.start;
            ragged.places.extend(all.clone().filter(is_seen));
            let keys = ragged.places.len() - start;
            let hidden = all.filter(|place| !is_seen(place));
            ragged.places.extend(hidden.filter(|place| match keeps {
                Keeps::Nothing => false,
                Keeps::First => *place == first_place,
                Keeps::Everything => true,
            }));
            ragged.segments.0.push(Segment { rows: ragged.places.len() - start, keys });
            ragged.first.push((if is_seen(&first_place) { start } else { start + keys }) as i64);
        }
        ragged
    }

    /// The sequences in groups of at most so many rows, or of one sequence that is longer.
    pub(crate) fn passes(self, most_rows: usize) -> Vec<Self> {
        if self.places.len() <= most_rows {
            return vec![self];
        }
        let mut passes: Vec<Self> = Vec::new();
        for ((start, segment), first) in self.segments.starts().zip(&self.first) {
            let fits = passes.last().is_some_and(|pass| pass.places.len() + segment.rows <= most_rows);
            if !fits {
                passes.push(Self {
                    places: Vec::new(),
                    segments: Segments::default(),
                    first: Vec::new(),
                    keeps: self.keeps,
                });
            }
            if let Some(pass) = passes.last_mut() {
                pass.first.push(*first - start as i64 + pass.places.len() as i64);
                pass.places.extend(&self.places[start..start + segment.rows]);
                pass.segments.0.push(segment);
            }
        }
        passes
    }

    /// The passes with sequences that are longer than so many rows in parts, for a cache to put together.
    pub(crate) fn parts(self, most_rows: usize) -> Vec<Self> {
        let mut parts = Vec::new();
        for pass in self.passes(most_rows) {
            if pass.places.len() <= most_rows {
                parts.push(pass);
                continue;
            }
            parts.extend(pass.places.chunks(most_rows).map(|places| Self {
                places: places.to_vec(),
                segments: Segments(vec![Segment { rows: places.len(), keys: places.len() }]),
                first: vec![0],
                keeps: pass.keeps,
            }));
        }
        parts
    }

    /// Puts the attention weights of sequences back to their positions, as [`Ragged::put_back`]; a query has `hidden`
    /// for keys that are not computed.
    ///
    /// **Shapes:** `weights: [sequences, heads, longest, longest]`, `padded: [batch, heads, seq, seq]`.
    pub(crate) fn put_weights_back(&self, weights: &HostTensor, seq: usize, hidden: f32, padded: &mut [f32]) {
        let [_, heads, longest, _] = weights.shape[..] else {
            unreachable!("attention weights have four dimensions, not {:?}", weights.shape);
        };
        for (index, (start, segment)) in self.segments.starts().enumerate() {
            let places = &self.places[start..start + self.returned(segment)];
            for head in 0..heads {
                for (query, query_place) in places.iter().enumerate() {
                    let from = ((index * heads + head) * longest + query) * longest;
                    let to = ((query_place / seq * heads + head) * seq + query_place % seq) * seq;
                    padded[to..to + seq].fill(hidden);
                    for (key, key_place) in places.iter().enumerate() {
                        padded[to + key_place % seq] = weights.data[from + key];
                    }
                }
            }
        }
    }

    /// How many of a sequence's rows go back to their positions.
    fn returned(&self, segment: Segment) -> usize {
        if self.keeps == Keeps::Everything { segment.rows } else { segment.keys }
    }

    /// Puts rows back to their positions; those that the mask hides only if all of them are kept.
    ///
    /// **Shapes:** `rows: [rows, hidden]`, `padded: [batch, seq, hidden]`.
    pub(crate) fn put_back(&self, rows: &HostTensor, padded: &mut [f32]) {
        let width = rows.shape[1];
        for (start, segment) in self.segments.starts() {
            for row in start..start + self.returned(segment) {
                padded[self.places[row] * width..][..width].copy_from_slice(&rows.data[row * width..][..width]);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ragged(mask: &[i64], seq: usize, keeps: Keeps) -> Ragged {
        let input_ids = vec![1; mask.len()];
        let input = ModelInput {
            batch: mask.len() / seq,
            seq,
            input_ids: &input_ids,
            attention_mask: Some(mask),
            ..ModelInput::default()
        };
        Ragged::new(&input, keeps)
    }

    #[test]
    fn hidden_positions_are_left_out_wherever_they_are() {
        let found = ragged(&[1, 1, 0, 0, 1, 0, 1, 1], 4, Keeps::First);
        assert_eq!(found.places, [0, 1, 4, 6, 7]);
        assert_eq!(found.segments.0, [Segment { rows: 2, keys: 2 }, Segment { rows: 3, keys: 3 }]);
        assert_eq!(found.first, [0, 2]);
    }

    #[test]
    fn a_pooler_gets_a_hidden_first_position_that_nothing_sees() {
        let found = ragged(&[0, 1, 1, 0, 0, 0], 3, Keeps::First);
        assert_eq!(found.places, [1, 2, 0, 3]);
        assert_eq!(found.segments.0, [Segment { rows: 3, keys: 2 }, Segment { rows: 1, keys: 0 }]);
        assert_eq!(found.first, [2, 3]);
        let rows = HostTensor { shape: vec![4, 1], data: vec![1.0, 2.0, 3.0, 4.0] };
        let mut padded = [0.0; 6];
        found.put_back(&rows, &mut padded);
        assert_eq!(padded, [0.0, 1.0, 2.0, 0.0, 0.0, 0.0]);
        assert_eq!(ragged(&[0, 1, 1, 0, 0, 0], 3, Keeps::Nothing).places, [1, 2]);
    }

    #[test]
    fn everything_is_computed_and_put_back_if_it_is_wanted() {
        let found = ragged(&[0, 1, 1, 0, 0, 0], 3, Keeps::Everything);
        assert_eq!(found.places, [1, 2, 0, 3, 4, 5]);
        assert_eq!(found.segments.0, [Segment { rows: 3, keys: 2 }, Segment { rows: 3, keys: 0 }]);
        let rows = HostTensor { shape: vec![6, 1], data: vec![1.0, 2.0, 3.0, 4.0, 5.0, 6.0] };
        let mut padded = [0.0; 6];
        found.put_back(&rows, &mut padded);
        assert_eq!(padded, [3.0, 1.0, 2.0, 4.0, 5.0, 6.0]);
    }

    #[test]
    fn rows_go_back_to_their_positions() {
        let found = ragged(&[0, 1, 1, 1], 2, Keeps::Nothing);
        let rows = HostTensor { shape: vec![3, 2], data: vec![1.0, 2.0, 3.0, 4.0, 5.0, 6.0] };
        let mut padded = [0.0; 8];
        found.put_back(&rows, &mut padded);
        assert_eq!(padded, [0.0, 0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
    }

    #[test]
    fn passes_hold_whole_sequences_and_no_more_rows_than_asked() {
        let mask = [1, 1, 1, 0, 1, 1, 1, 0, 0, 1, 1, 1];
        let passes = ragged(&mask, 3, Keeps::First).passes(5);
        let rows: Vec<_> = passes.iter().map(|pass| pass.places.clone()).collect();
        assert_eq!(rows, [vec![0, 1, 2], vec![4, 5, 3, 6], vec![9, 10, 11]]);
        let first: Vec<_> = passes.iter().map(|pass| pass.first.clone()).collect();
        assert_eq!(first, [vec![0], vec![2, 3], vec![0]]);
        assert_eq!(ragged(&mask, 3, Keeps::First).passes(1).len(), 4);
        assert_eq!(ragged(&mask, 3, Keeps::First).passes(10).len(), 1);
    }

    #[test]
    fn parts_cut_a_sequence_that_is_longer_than_asked() {
        let parts = ragged(&[1, 1, 1, 1, 1, 0, 0, 0, 1, 1], 5, Keeps::Nothing).parts(2);
        let rows: Vec<_> = parts.iter().map(|part| part.places.clone()).collect();
        assert_eq!(rows, [vec![0, 1], vec![2, 3], vec![4], vec![8, 9]]);
        assert_eq!(parts[2].segments.0, [Segment { rows: 1, keys: 1 }]);
    }
}
