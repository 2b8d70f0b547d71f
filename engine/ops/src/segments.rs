use burn::tensor::{Int, Tensor};

use crate::{EngineBackend, int_vector};

/// Where one sequence lies among the rows of a batch without padding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Segment {
    /// Its rows, which follow those of the sequence before.
    pub rows: usize,
    /// How many of them, from the first on, may be seen; the others only see.
    pub keys: usize,
}

/// The sequences of a batch whose tokens lie row after row, without padding.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Segments(pub Vec<Segment>);

impl Segments {
    /// Rows of all sequences.
    pub fn rows(&self) -> usize {
        self.0.iter().map(|segment| segment.rows).sum()
    }

    /// Rows of the longest sequence.
    pub fn longest(&self) -> usize {
        self.0.iter().map(|segment| segment.rows).max().unwrap_or(0)
    }

    /// Each sequence with its first row.
    pub fn starts(&self) -> impl Iterator<Item = (usize, Segment)> {
        self.0.iter().scan(0, |next, segment| {
            let start = *next;
            *next += segment.rows;
            Some((start, *segment))
        })
    }

    /// The length that all sequences have, if they have one and every row may be seen.
    pub(crate) fn common_len(&self) -> Option<usize> {
        let first = self.0.first()?;
        self.0.iter().all(|segment| segment == first && segment.keys == segment.rows).then_some(first.rows)
    }

    /// For each place of a padded batch the row that goes there, some row where none does.
    pub(crate) fn rows_of_places<B: EngineBackend>(&self, len: usize, device: &B::Device) -> Tensor<B, 1, Int> {
        let places = self.starts().flat_map(|(start, segment)| {
            (0..len).map(move |at| if at < segment.rows { (start + at) as i64 } else { 0 })
        });
        int_vector(places.collect(), device)
    }

    /// For each row its place in a padded batch.
    pub(crate) fn places_of_rows<B: EngineBackend>(&self, len: usize, device: &B::Device) -> Tensor<B, 1, Int> {
        let places = self
            .0
            .iter()
            .enumerate()
            .flat_map(|(index, segment)| (0..segment.rows).map(move |at| (index * len + at) as i64));
        int_vector(places.collect(), device)
    }
}
