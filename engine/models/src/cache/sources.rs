use trustformers_core::{Error, Result};
use trustformers_ops::{CachedSegment, EngineBackend, KvCache};

use crate::SequenceInput;
use crate::forward::input::Packing;
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

/// An encoded sequence; one without rows stands for no source.
#[derive(Clone, Debug, Default)]
pub(crate) struct EncodedSource {
    /// Column of each row in the padded source.
    pub(crate) columns: Vec<i64>,
    /// The column that a sequence classifier reads, and how many there are; zero if it reads none.
    pub(crate) classified: (usize, usize),
}

/// Packs sources, of which all or none are outputs of the encoder.
///
/// **Errors:** as [`PackedBatch::new`].
pub(crate) fn packed_sources<'a>(
    packing: &Packing,
    sequences: &[SequenceInput<'a>],
    is_encoded: bool,
) -> Result<PackedBatch<'a>> {
    // Positions of encoder outputs are not read, so that they may be longer than the encoder's table.
    let mut limits = packing.limits;
    if is_encoded {
        limits.max_position_embeddings = None;
    }
    PackedBatch::new(&Packing { limits, ..*packing }, sequences)
}

impl<B: EngineBackend> Sources<B> {
    /// Slots without sources; `layers` have a slot for a single one.
    pub(crate) fn without(num_slots: usize, layers: Vec<KvCache<B>>) -> Self {
        Self { layers, sources: vec![EncodedSource::default()], of_slots: vec![0; num_slots], seq: 0 }
    }

    /// Number of rows of each source.
    fn len(&self, source: usize) -> usize {
        self.sources[source].columns.len()
    }

    /// Whether a slot attends to a source.
    pub(crate) fn has_source(&self, slot: usize) -> bool {
        self.len(self.of_slots[slot]) > 0
    }

    /// For each of these slots, the index of a source that no other slot attends to. There are as many sources as slots
    /// attended to sources at once, so that few sequences do not take the memory of all slots.
    ///
    /// **Errors:** `OutOfMemory` if there is none for more sources, with elements of `number_bytes`.
    pub(crate) fn free_sources(&mut self, slots: &[usize], number_bytes: usize) -> Result<Vec<usize>> {
        let others = self.of_slots.iter().enumerate().filter(|(slot, _)| !slots.contains(slot));
        let used: Vec<_> = others.map(|(_, source)| *source).collect();
        let is_free = |source: &usize| !used.contains(source);
        let count = self.sources.len();
        let missing = slots.len().saturating_sub((0..count).filter(is_free).count());
        if missing > 0 {
            let rows: Vec<_> = (0..count).map(|source| self.len(source)).collect();
            let grown = (count + missing).next_power_of_two();
            let bytes = self.layers.iter().map(|cache| cache.bytes(grown, number_bytes));
            let what = format!("the encoder's keys and values of {grown} sequences");
            Error::check_memory(what, bytes.fold(0, usize::saturating_add))?;
            let kept: Vec<_> = (0..grown).map(|source| (source < count).then_some(source)).collect();
            self.layers.iter_mut().for_each(|cache| *cache = cache.select(&kept, &rows));
            self.sources.resize_with(grown, EncodedSource::default);
        }
        Ok((0..self.sources.len()).filter(is_free).take(slots.len()).collect())
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
