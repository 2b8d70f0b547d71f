use burn::tensor::backend::Backend;
use burn::tensor::{DType as BurnDType, Tensor};

use crate::EngineBackend;

/// Initial capacity of a slot in rows.
const LEAST_CAPACITY: usize = 64;

/// Rows kept beyond the window, so that rejected draft tokens can be truncated.
const SPARE_ROWS: usize = 64;

/// The new rows of one sequence and its cache slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CachedSegment {
    /// Cache slot of the sequence.
    pub slot: usize,
    /// Number of cached rows before the new ones.
    pub past: usize,
    /// Number of new rows; they follow the previous sequence's rows in the packed batch.
    pub rows: usize,
}

impl CachedSegment {
    /// New sequences without cached rows, one per slot.
    pub fn fresh(rows: impl IntoIterator<Item = usize>) -> Vec<Self> {
        rows.into_iter().enumerate().map(|(slot, rows)| Self { slot, past: 0, rows }).collect()
    }

    /// Each segment with its first row in the packed batch.
    pub fn starts(segments: &[Self]) -> impl Iterator<Item = (usize, Self)> {
        segments.iter().scan(0, |next, segment| {
            let start = *next;
            *next += segment.rows;
            Some((start, *segment))
        })
    }
}

/// Key/value cache of one layer, with one slot per sequence.
///
/// With a sliding window a slot holds about twice the window: when it is full, the latest rows move to its start.
#[derive(Clone, Debug)]
pub struct KvCache<B: Backend> {
    /// Keys and values, `[num_slots * capacity, kv_heads * head_dim]` each; `None` until the first append.
    store: Option<[Tensor<B, 2>; 2]>,
    slots: Vec<Slot>,
    capacity: usize,
    width: usize,
    window: Option<usize>,
}

/// Range of a sequence's rows that its slot holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Slot {
    /// First row that was not dropped.
    first: usize,
    end: usize,
}

impl<B: EngineBackend> KvCache<B> {
    /// An empty cache.
    ///
    /// `width` is `kv_heads * head_dim`; `window` is the sliding-window size in rows, current one included, or `None`
    /// for full attention.
    pub fn new(num_slots: usize, width: usize, window: Option<usize>) -> Self {
        Self { store: None, slots: vec![Slot::default(); num_slots], capacity: 0, width, window }
    }

    /// Rows that each slot can hold before the cache grows or drops rows.
    pub fn capacity(&self) -> usize {
        self.capacity
    }

    /// Width of a row: `kv_heads * head_dim`.
    pub fn width(&self) -> usize {
        self.width
    }

    /// Sliding-window size in rows, current one included; `None` is full attention.
    pub fn window(&self) -> Option<usize> {
        self.window
    }

    /// Appends new rows to each sequence; grows by doubling, or drops rows outside the window.
    ///
    /// **Shapes:** `keys, values: [rows, kv_heads * head_dim]`.
    pub fn append(&mut self, rows: [Tensor<B, 2>; 2], segments: &[CachedSegment]) {
        self.make_room(segments, &rows);
        for segment in segments {
            self.slots[segment.slot].end = segment.past + segment.rows;
        }
        let copies: Vec<_> =
            CachedSegment::starts(segments).map(|(start, s)| (start, self.row(s.slot, s.past), s.rows)).collect();
        if let Some(store) = self.store.take() {
            let [keys, values] = store;
            let [new_keys, new_values] = rows;
            self.store = Some([B::put_rows(keys, new_keys, &copies), B::put_rows(values, new_values, &copies)]);
        }
    }

    /// Copies the first `rows` rows of slot `from` to slot `to`.
    pub fn copy(&mut self, from: usize, to: usize, rows: usize) {
        let first = self.slots[from].first;
        self.slots[to] = Slot { first, end: rows };
        self.shift(self.row(from, first), self.row(to, first), rows - first);
    }

    /// A new cache with copies of the given slots, slot `s` truncated to `rows[s]`; `None` gives an empty slot.
    pub fn select(&self, slots: &[Option<usize>], rows: &[usize]) -> Self {
        let kept = |slot: &Option<usize>| {
            let slot = slot.filter(|slot| rows[*slot] > 0);
            slot.map_or(Slot::default(), |slot| Slot { end: rows[slot], ..self.slots[slot] })
        };
        let kept: Vec<_> = slots.iter().map(kept).collect();
        let copies: Vec<_> = kept
            .iter()
            .zip(slots)
            .enumerate()
            .filter_map(|(to, (kept, from))| {
                Some(((*from)? * self.capacity, to * self.capacity, kept.end - kept.first)).filter(|copy| copy.2 > 0)
            })
            .collect();
        let store = self.store.as_ref().map(|store| {
            store
                .each_ref()
                .map(|table| B::put_rows(self.empty(slots.len(), self.capacity, table), table.clone(), &copies))
        });
        Self { store, slots: kept, ..*self }
    }

    /// Whether a slot can be truncated to `rows` rows: the next row's window must still be cached.
    pub fn can_truncate(&self, slot: usize, rows: usize) -> bool {
        let first = self.slots[slot].first;
        first == 0 || rows == 0 || self.window.is_none_or(|window| rows + 1 >= first + window)
    }

    /// Cached keys and values of a slot's first `rows` rows, and how many of those rows were dropped.
    ///
    /// **Shapes:** returns `[rows - dropped, kv_heads * head_dim]` each; `None` if no such row is cached.
    pub fn rows_of(&self, slot: usize, rows: usize) -> Option<([Tensor<B, 2>; 2], usize)> {
        let first = self.slots[slot].first;
        let start = self.row(slot, first);
        let store = self.store.as_ref().filter(|_| rows > first)?;
        Some((store.each_ref().map(|table| table.clone().narrow(0, start, rows - first)), first))
    }

    /// Bytes that [`KvCache::append`] would allocate for these segments, with elements of `number_bytes`.
    pub fn bytes_of_growth(&self, segments: &[CachedSegment], number_bytes: usize) -> usize {
        if self.fits(segments) {
            return 0;
        }
        let (_, capacity) = self.room(segments);
        if self.store.is_some() && capacity <= self.capacity {
            return 0;
        }
        bytes_of([capacity, self.slots.len(), self.width, number_bytes])
    }

    /// Bytes of `num_slots` slots of the current capacity, with elements of `number_bytes`.
    pub fn bytes(&self, num_slots: usize, number_bytes: usize) -> usize {
        bytes_of([self.capacity, num_slots, self.width, number_bytes])
    }

    /// Index in the tables of a slot's row.
    pub(crate) fn row(&self, slot: usize, index: usize) -> usize {
        slot * self.capacity + index - self.slots[slot].first
    }

    /// The first row of a slot that was not dropped.
    pub(crate) fn first(&self, slot: usize) -> usize {
        self.slots[slot].first
    }

    /// Key and value tables. **Shapes:** `[num_slots * capacity, kv_heads * head_dim]`.
    ///
    /// **Panics** before the first append.
    pub(crate) fn tables(&self) -> [&Tensor<B, 2>; 2] {
        self.store.as_ref().expect("rows were appended before they are read").each_ref()
    }

    /// Whether the new rows fit without growing or dropping rows.
    fn fits(&self, segments: &[CachedSegment]) -> bool {
        let end = |segment: &CachedSegment| {
            let first = if segment.past == 0 { 0 } else { self.slots[segment.slot].first };
            segment.past + segment.rows - first
        };
        self.store.is_some() && segments.iter().all(|segment| end(segment) <= self.capacity)
    }

    /// First row of each slot and the capacity after making room for the new rows.
    fn room(&self, segments: &[CachedSegment]) -> (Vec<usize>, usize) {
        let mut first: Vec<usize> = self.slots.iter().map(|slot| slot.first).collect();
        for segment in segments.iter().filter(|segment| segment.past == 0) {
            first[segment.slot] = 0;
        }
        let needed = |first: &[usize]| {
            let needed = segments.iter().map(|segment| segment.past + segment.rows - first[segment.slot]);
            needed.max().unwrap_or(0)
        };
        let longest = needed(&first);
        if longest <= self.capacity {
            return (first, self.capacity);
        }
        let capacity = longest.next_power_of_two().max(LEAST_CAPACITY);
        let Some(kept) = self.window.map(|window| window.saturating_add(SPARE_ROWS)) else { return (first, capacity) };
        let bound = kept.saturating_mul(2);
        if capacity <= bound {
            return (first, capacity);
        }
        for CachedSegment { slot, past, rows } in segments {
            if past + rows - first[*slot] > self.capacity {
                first[*slot] = first[*slot].max(past.saturating_sub(kept));
            }
        }
        let capacity = needed(&first).max(bound).max(self.capacity);
        (first, capacity)
    }

    fn make_room(&mut self, segments: &[CachedSegment], like: &[Tensor<B, 2>; 2]) {
        for CachedSegment { slot, past, .. } in segments {
            self.slots[*slot].end = *past;
            if *past == 0 {
                self.slots[*slot].first = 0;
            }
        }
        if self.fits(segments) {
            return;
        }
        let (first, capacity) = self.room(segments);
        let before = self.capacity;
        let moved = |slot: usize| {
            let Slot { first: old, end } = self.slots[slot];
            (slot * before + first[slot] - old, slot * capacity, end - first[slot])
        };
        let moves: Vec<_> = (0..self.slots.len()).map(moved).filter(|(.., rows)| *rows > 0).collect();
        if capacity > before || self.store.is_none() {
            // Rows that were never written stay untouched memory.
            let grown = like.each_ref().map(|like| self.empty(self.slots.len(), capacity, like));
            self.store = Some(match self.store.take() {
                None => grown,
                Some([keys, values]) => {
                    let [new_keys, new_values] = grown;
                    [B::put_rows(new_keys, keys, &moves), B::put_rows(new_values, values, &moves)]
                }
            });
            self.capacity = capacity;
        } else {
            for (from, to, rows) in moves.into_iter().filter(|(from, to, _)| from != to) {
                self.shift(from, to, rows);
            }
        }
        for (slot, first) in self.slots.iter_mut().zip(first) {
            slot.first = first;
        }
    }

    /// Copies `rows` rows of the tables from one index to another.
    fn shift(&mut self, from: usize, to: usize, rows: usize) {
        if rows == 0 {
            return;
        }
        if let Some(store) = self.store.take() {
            self.store = Some(store.map(|table| {
                let source = table.clone().narrow(0, from, rows) * 1.0;
                B::put_rows(table, source, &[(0, to, rows)])
            }));
        }
    }

    fn empty(&self, num_slots: usize, capacity: usize, like: &Tensor<B, 2>) -> Tensor<B, 2> {
        let dtype: BurnDType = like.dtype();
        Tensor::zeros([num_slots * capacity, like.dims()[1]], (&like.device(), dtype))
    }
}

/// Product of the sizes, doubled for keys and values; saturating.
fn bytes_of(sizes: [usize; 4]) -> usize {
    sizes.into_iter().fold(2, usize::saturating_mul)
}

/// [`EngineBackend::put_rows`] in plain burn.
pub(crate) fn put_reference<B: Backend>(
    into: Tensor<B, 2>,
    rows: Tensor<B, 2>,
    copies: &[(usize, usize, usize)],
) -> Tensor<B, 2> {
    let width = into.dims()[1];
    let rows = rows.cast(into.dtype());
    copies.iter().filter(|(_, _, count)| *count > 0).fold(into, |into, &(from, to, count)| {
        into.slice_assign([to..to + count, 0..width], rows.clone().narrow(0, from, count))
    })
}
