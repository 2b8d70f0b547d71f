use trustformers_core::{Error, Result};
use trustformers_ops::{CachedSegment, EngineBackend, KvCache};

use crate::forward::packed_batch::{PackedBatch, Pass};

/// Encoded sequences, with keys and values of their rows for each layer of a decoder.
#[derive(Clone)]
pub(crate) struct Sources<B: EngineBackend> {
    /// Keys and values of each layer; a slot for each source.
    pub(crate) layers: Vec<KvCache<B>>,
    pub(crate) sources: Vec<EncodedSource>,
    /// The source that each slot of the decoder attends to.
    pub(crate) of_slots: Vec<usize>,
    /// Number of columns of the padded sources.
    pub(crate) seq: usize,
}

/// An encoded sequence.
#[derive(Clone, Debug)]
pub(crate) struct EncodedSource {
    /// Column of each row in the padded source.
    pub(crate) columns: Vec<i64>,
    /// The column that a sequence classifier reads, and how many there are; zero if it reads none.
    pub(crate) classified: (usize, usize),
}

impl<B: EngineBackend> Sources<B> {
    /// Number of rows of each source.
    fn len(&self, source: usize) -> usize {
        self.sources[source].columns.len()
    }

    /// The rows of segments of the decoder, with the sources that they attend to; `merges` joins adjacent segments with
    /// the same source.
    pub(crate) fn segments(&self, segments: &[CachedSegment], merges: bool) -> Vec<CachedSegment> {
        let mut all: Vec<CachedSegment> = Vec::with_capacity(segments.len());
        for CachedSegment { slot, rows, .. } in segments {
            let source = self.of_slots[*slot];
            match all.last_mut() {
                Some(last) if merges && last.slot == source => last.rows += rows,
                _ => all.push(CachedSegment { slot: source, past: self.len(source), rows: *rows }),
            }
        }
        all
    }

    /// The row of a pass that each sequence's classification reads: the one in the column of the source's last end.
    ///
    /// **Errors:** `Input` if the sources have no end, or different numbers of ends, or if the decoder's sequence has no
    /// such column.
    pub(crate) fn classified_rows(&self, batch: &PackedBatch<'_>, pass: &Pass) -> Result<Vec<Option<i64>>> {
        let row = |sequence: usize| {
            let (column, count) = self.sources[self.of_slots[sequence]].classified;
            if count == 0 || count != self.sources[0].classified.1 {
                let message = format!(
                    "sequence {sequence} has {count} end-of-sequence tokens, and sequence 0 has {}; a sequence \
                     classifier needs the same number in every sequence, at least one",
                    self.sources[0].classified.1
                );
                return Err(Error::input("input_ids", message));
            }
            let row = batch.row(sequence, column).ok_or_else(|| {
                let message = format!("sequence {sequence} has no token at the position of the source's end, {column}");
                Error::input("decoder_input_ids", message)
            })?;
            Ok(Some((row - pass.rows.start) as i64))
        };
        pass.sequences.clone().map(row).collect()
    }

    /// The encoded sequences for a cache that was reordered, as for beams: its slot `i` attends to the source of the former
    /// slot `slots[i]`, and without one to the source of the slot before it.
    pub(crate) fn select(&self, slots: &[Option<usize>]) -> Self {
        let mut last = 0;
        let of_slot = |slot: &Option<usize>| {
            last = slot.map_or(last, |slot| self.of_slots[slot]);
            last
        };
        Self { of_slots: slots.iter().map(of_slot).collect(), ..self.clone() }
    }
}
