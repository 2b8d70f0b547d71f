use trustformers_core::{Error, Result};
use trustformers_ops::{CachedSegment, EngineBackend, KvCache};

use crate::cache::history::Histories;
use crate::cache::positions::PromptPositions;
use crate::cache::sources::Sources;

/// Rows per pass through the layers: enough to reuse each weight often, few enough for a layer's activations to stay in
/// the CPU cache.
pub(crate) const ROWS_AT_ONCE: usize = 512;

/// Key/value caches of all layers, with the state of each slot.
pub(crate) struct LayerCaches<B: EngineBackend> {
    /// Key/value cache of each layer.
    pub(crate) layers: Vec<KvCache<B>>,
    /// Number of tokens in each slot.
    pub(crate) lengths: Vec<usize>,
    /// Smallest and largest sequence length that each slot's keys were rotated for.
    pub(crate) rope_lengths: Vec<Option<(usize, usize)>>,
    /// Positions of each slot's tokens; `None` if they are their indices.
    pub(crate) positions: Vec<Option<PromptPositions>>,
    /// Encoded sources that the slots attend to; `None` for a model without an encoder.
    pub(crate) sources: Option<Sources<B>>,
    /// Tokens that the slots have read; `None` unless keys are recomputed beyond a length.
    pub(crate) histories: Option<Histories>,
}

impl<B: EngineBackend> LayerCaches<B> {
    /// Records the sequence lengths that the keys of slots are rotated for.
    pub(crate) fn note_lengths(&mut self, lengths: &[(usize, usize)]) {
        for (slot, length) in lengths.iter().copied() {
            let known = self.rope_lengths[slot].filter(|_| self.lengths[slot] > 0);
            let (least, most) = known.unwrap_or((length, length));
            self.rope_lengths[slot] = Some((least.min(length), most.max(length)));
        }
    }

    /// Adds the rows that were read to the slots' lengths.
    pub(crate) fn advance(&mut self, segments: &[CachedSegment]) {
        for segment in segments {
            self.lengths[segment.slot] += segment.rows;
        }
    }

    /// Checks that there is memory for new rows of each slot.
    ///
    /// **Errors:** `OutOfMemory` if there is not.
    pub(crate) fn check_room(&self, new_rows: impl Iterator<Item = (usize, usize)>, number_bytes: usize) -> Result<()> {
        let whole: Vec<_> =
            new_rows.map(|(slot, rows)| CachedSegment { slot, past: self.lengths[slot], rows }).collect();
        // A layer with a window drops rows between the parts of a read.
        let last_part = |segment: &CachedSegment| {
            let rows = segment.rows.min(ROWS_AT_ONCE);
            CachedSegment { past: segment.past + segment.rows - rows, rows, ..*segment }
        };
        let parts: Vec<_> = whole.iter().map(last_part).collect();
        let bytes_of = |cache: &KvCache<B>| {
            cache.bytes_of_growth(if cache.window().is_some() { &parts } else { &whole }, number_bytes)
        };
        let bytes = self.layers.iter().map(bytes_of).fold(0, usize::saturating_add);
        if bytes == 0 {
            return Ok(());
        }
        let longest = whole.iter().map(|segment| segment.past + segment.rows).max().unwrap_or(0);
        Error::check_memory(
            format!("the keys and values of {} sequences of {longest} tokens", self.lengths.len()),
            bytes,
        )
    }

    /// The caches of some slots, or empty ones.
    pub(crate) fn select(&self, slots: &[Option<usize>]) -> Self {
        Self {
            layers: self.layers.iter().map(|cache| cache.select(slots, &self.lengths)).collect(),
            lengths: slots.iter().map(|slot| slot.map_or(0, |slot| self.lengths[slot])).collect(),
            rope_lengths: slots.iter().map(|slot| slot.and_then(|slot| self.rope_lengths[slot])).collect(),
            positions: slots.iter().map(|slot| self.positions[(*slot)?].clone()).collect(),
            sources: self.sources.as_ref().map(|sources| sources.select(slots)),
            histories: self.histories.as_ref().map(|histories| histories.select(slots, &self.lengths)),
        }
    }
}

/// Cache slots that the sequences of a batch continue.
pub(crate) struct CacheSlots<'a, B: EngineBackend> {
    pub(crate) caches: &'a mut LayerCaches<B>,
    /// Slot of each sequence.
    pub(crate) slots: &'a [usize],
    /// Maximum number of rows of a pass through the layers.
    pub(crate) rows_at_once: usize,
}

impl<B: EngineBackend> CacheSlots<'_, B> {
    /// New rows of a sequence.
    pub(crate) fn segment(&self, sequence: usize, rows: usize) -> CachedSegment {
        let slot = self.slots[sequence];
        CachedSegment { slot, past: self.caches.lengths[slot], rows }
    }
}
