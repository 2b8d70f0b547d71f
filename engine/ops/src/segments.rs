use burn::tensor::{Int, Tensor};

use crate::{EngineBackend, int_vector};

/// One sequence of a packed batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Segment {
    /// Number of rows; they follow the previous sequence's rows.
    pub rows: usize,
    /// Number of leading rows that are visible as keys; the other rows are queries only. With
    /// [`AttentionKind::Cross`](crate::AttentionKind::Cross) the number of rows of another packed batch.
    pub keys: usize,
}

/// The sequences of a packed batch: one row per token, without padding.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Segments(pub Vec<Segment>);

impl Segments {
    /// Sequences of these lengths, all of whose rows are visible as keys.
    pub fn whole(lengths: impl IntoIterator<Item = usize>) -> Self {
        Self(lengths.into_iter().map(|rows| Segment { rows, keys: rows }).collect())
    }

    /// Total number of rows.
    pub fn rows(&self) -> usize {
        self.0.iter().map(|segment| segment.rows).sum()
    }

    /// Number of rows of the longest sequence.
    pub fn longest(&self) -> usize {
        self.0.iter().map(|segment| segment.rows).max().unwrap_or(0)
    }

    /// Each segment with its first row.
    pub fn starts(&self) -> impl Iterator<Item = (usize, Segment)> {
        self.0.iter().scan(0, |next, segment| {
            let start = *next;
            *next += segment.rows;
            Some((start, *segment))
        })
    }

    /// The common length of all sequences; `None` if they differ or some rows are not visible as keys.
    pub(crate) fn common_len(&self) -> Option<usize> {
        let first = self.0.first()?;
        self.0.iter().all(|segment| segment == first && segment.keys == segment.rows).then_some(first.rows)
    }

    /// Packed row of each position of the padded batch; row 0 for padding.
    pub(crate) fn padded_row_indices<B: EngineBackend>(&self, len: usize, device: &B::Device) -> Tensor<B, 1, Int> {
        let indices = self.starts().flat_map(|(start, segment)| {
            (0..len).map(move |at| if at < segment.rows { (start + at) as i64 } else { 0 })
        });
        int_vector(indices.collect(), device)
    }

    /// Position in the padded batch of each packed row.
    pub(crate) fn padded_positions<B: EngineBackend>(&self, len: usize, device: &B::Device) -> Tensor<B, 1, Int> {
        let indices = self
            .0
            .iter()
            .enumerate()
            .flat_map(|(index, segment)| (0..segment.rows).map(move |at| (index * len + at) as i64));
        int_vector(indices.collect(), device)
    }
}
