use trustformers_ops::{Segment, Segments};

use crate::{EncoderInput, HostTensor};

/// The positions of a padded batch that are computed, sequence by sequence.
#[derive(Debug)]
pub(crate) struct Ragged {
    /// For each row its position in the padded batch.
    pub(crate) places: Vec<usize>,
    pub(crate) segments: Segments,
    /// The row of each sequence's first position.
    pub(crate) first: Vec<i64>,
}

impl Ragged {
    /// Leaves out what the mask hides; with `keeps_first`, a hidden first position still is computed, though nothing
    /// sees it: a pooler reads it.
    pub(crate) fn new(input: &EncoderInput<'_>, keeps_first: bool) -> Self {
        let EncoderInput { batch, seq, attention_mask, .. } = *input;
        let is_seen = |place: usize| attention_mask.is_none_or(|mask| mask[place] != 0);
        let mut ragged = Self { places: Vec::new(), segments: Segments::default(), first: Vec::new() };
        for row in 0..batch {
            let start = ragged.places.len();
            let first_place = row * seq;
            ragged.places.extend((first_place..first_place + seq).filter(|place| is_seen(*place)));
            let keys = ragged.places.len() - start;
            let first = if is_seen(first_place) {
                start
            } else {
                if keeps_first {
                    ragged.places.push(first_place);
                }
                start + keys
            };
            ragged.segments.0.push(Segment { rows: ragged.places.len() - start, keys });
            ragged.first.push(first as i64);
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
                passes.push(Self { places: Vec::new(), segments: Segments::default(), first: Vec::new() });
            }
            if let Some(pass) = passes.last_mut() {
                pass.first.push(*first - start as i64 + pass.places.len() as i64);
                pass.places.extend(&self.places[start..start + segment.rows]);
                pass.segments.0.push(segment);
            }
        }
        passes
    }

    /// Puts rows back to their positions, but for those that the mask hides.
    ///
    /// **Shapes:** `rows: [rows, hidden]`, `padded: [batch, seq, hidden]`.
    pub(crate) fn put_back(&self, rows: &HostTensor, padded: &mut [f32]) {
        let width = rows.shape[1];
        for (start, segment) in self.segments.starts() {
            for row in start..start + segment.keys {
                padded[self.places[row] * width..][..width].copy_from_slice(&rows.data[row * width..][..width]);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ragged(mask: &[i64], seq: usize, keeps_first: bool) -> Ragged {
        let input_ids = vec![1; mask.len()];
        let input = EncoderInput {
            batch: mask.len() / seq,
            seq,
            input_ids: &input_ids,
            attention_mask: Some(mask),
            token_type_ids: None,
            position_ids: None,
        };
        Ragged::new(&input, keeps_first)
    }

    #[test]
    fn hidden_positions_are_left_out_wherever_they_are() {
        let found = ragged(&[1, 1, 0, 0, 1, 0, 1, 1], 4, true);
        assert_eq!(found.places, [0, 1, 4, 6, 7]);
        assert_eq!(found.segments.0, [Segment { rows: 2, keys: 2 }, Segment { rows: 3, keys: 3 }]);
        assert_eq!(found.first, [0, 2]);
    }

    #[test]
    fn a_pooler_gets_a_hidden_first_position_that_nothing_sees() {
        let found = ragged(&[0, 1, 1, 0, 0, 0], 3, true);
        assert_eq!(found.places, [1, 2, 0, 3]);
        assert_eq!(found.segments.0, [Segment { rows: 3, keys: 2 }, Segment { rows: 1, keys: 0 }]);
        assert_eq!(found.first, [2, 3]);
        let rows = HostTensor { shape: vec![4, 1], data: vec![1.0, 2.0, 3.0, 4.0] };
        let mut padded = [0.0; 6];
        found.put_back(&rows, &mut padded);
        assert_eq!(padded, [0.0, 1.0, 2.0, 0.0, 0.0, 0.0]);
        assert_eq!(ragged(&[0, 1, 1, 0, 0, 0], 3, false).places, [1, 2]);
    }

    #[test]
    fn rows_go_back_to_their_positions() {
        let found = ragged(&[0, 1, 1, 1], 2, false);
        let rows = HostTensor { shape: vec![3, 2], data: vec![1.0, 2.0, 3.0, 4.0, 5.0, 6.0] };
        let mut padded = [0.0; 8];
        found.put_back(&rows, &mut padded);
        assert_eq!(padded, [0.0, 0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
    }

    #[test]
    fn passes_hold_whole_sequences_and_no_more_rows_than_asked() {
        let mask = [1, 1, 1, 0, 1, 1, 1, 0, 0, 1, 1, 1];
        let passes = ragged(&mask, 3, true).passes(5);
        let rows: Vec<_> = passes.iter().map(|pass| pass.places.clone()).collect();
        assert_eq!(rows, [vec![0, 1, 2], vec![4, 5, 3, 6], vec![9, 10, 11]]);
        let first: Vec<_> = passes.iter().map(|pass| pass.first.clone()).collect();
        assert_eq!(first, [vec![0], vec![2, 3], vec![0]]);
        assert_eq!(ragged(&mask, 3, true).passes(1).len(), 4);
        assert_eq!(ragged(&mask, 3, true).passes(10).len(), 1);
    }
}
