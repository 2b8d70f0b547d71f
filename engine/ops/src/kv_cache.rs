use burn::tensor::backend::Backend;
use burn::tensor::{DType as BurnDType, Tensor};

use crate::EngineBackend;

/// Rows of a slot to begin with.
const LEAST_CAPACITY: usize = 64;

/// Where one sequence's new rows lie in a cache.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CachedSegment {
    /// Its part of the cache.
    pub slot: usize,
    /// Rows that it had before.
    pub past: usize,
    /// Its new rows, which follow those of the sequence before in the batch.
    pub rows: usize,
}

impl CachedSegment {
    /// Sequences without a past, one in each slot.
    pub fn fresh(rows: impl IntoIterator<Item = usize>) -> Vec<Self> {
        rows.into_iter().enumerate().map(|(slot, rows)| Self { slot, past: 0, rows }).collect()
    }

    /// Each sequence with its first row in the batch.
    pub fn starts(segments: &[Self]) -> impl Iterator<Item = (usize, Self)> {
        segments.iter().scan(0, |next, segment| {
            let start = *next;
            *next += segment.rows;
            Some((start, *segment))
        })
    }
}

/// Keys and values that a layer has computed of the sequences in some slots.
#[derive(Clone, Debug)]
pub struct KvCache<B: Backend> {
    /// `[num_slots * capacity, kv_heads * head_dim]` each; absent until the first rows come.
    store: Option<[Tensor<B, 2>; 2]>,
    /// Rows that were written to each slot.
    used: Vec<usize>,
    capacity: usize,
}

impl<B: EngineBackend> KvCache<B> {
    /// An empty cache.
    pub fn new(num_slots: usize) -> Self {
        Self { store: None, used: vec![0; num_slots], capacity: 0 }
    }

    /// Rows that each slot holds before the cache has to grow.
    pub fn capacity(&self) -> usize {
        self.capacity
    }

    /// Writes new rows behind those of each sequence; room for them comes by doubling.
    ///
    /// **Shapes:** `keys, values: [rows, kv_heads * head_dim]`.
    pub fn append(&mut self, rows: [Tensor<B, 2>; 2], segments: &[CachedSegment]) {
        let needed = segments.iter().map(|segment| segment.past + segment.rows).max().unwrap_or(0);
        self.reserve(needed, &rows);
        for segment in segments {
            self.used[segment.slot] = self.used[segment.slot].max(segment.past + segment.rows);
        }
        let places: Vec<_> =
            CachedSegment::starts(segments).map(|(start, s)| (start, self.row(s.slot, s.past), s.rows)).collect();
        if let Some(store) = self.store.take() {
            let [keys, values] = store;
            let [new_keys, new_values] = rows;
            self.store = Some([B::put_rows(keys, new_keys, &places), B::put_rows(values, new_values, &places)]);
        }
    }

    /// Makes a slot begin with the same rows as another.
    pub fn copy(&mut self, from: usize, to: usize, rows: usize) {
        self.used[to] = self.used[to].max(rows);
        let (from, to) = (self.row(from, 0), self.row(to, 0));
        if let Some(store) = self.store.take() {
            self.store = Some(store.map(|table| {
                let source = table.clone().narrow(0, from, rows) * 1.0;
                B::put_rows(table, source, &[(0, to, rows)])
            }));
        }
    }

    /// The first row of a slot, or one after it.
    pub(crate) fn row(&self, slot: usize, index: usize) -> usize {
        slot * self.capacity + index
    }

    /// Keys and values. **Shapes:** `[num_slots * capacity, kv_heads * head_dim]`.
    ///
    /// **Panics** before any rows came.
    pub(crate) fn tables(&self) -> [&Tensor<B, 2>; 2] {
        self.store.as_ref().expect("rows were appended before they are read").each_ref()
    }

    fn reserve(&mut self, needed: usize, like: &[Tensor<B, 2>; 2]) {
        if needed <= self.capacity && self.store.is_some() {
            return;
        }
        let capacity = needed.next_power_of_two().max(LEAST_CAPACITY);
        let device = like[0].device();
        let grown = like.each_ref().map(|like| {
            let dtype: BurnDType = like.dtype();
            Tensor::zeros([self.used.len() * capacity, like.dims()[1]], (&device, dtype))
        });
        let before = self.capacity;
        // What nobody wrote to stays memory that was never touched.
        let place = |(slot, used): (usize, &usize)| (slot * before, slot * capacity, *used);
        let places: Vec<_> = self.used.iter().enumerate().map(place).collect();
        self.store = Some(match self.store.take() {
            None => grown,
            Some([keys, values]) => {
                let [new_keys, new_values] = grown;
                [B::put_rows(new_keys, keys, &places), B::put_rows(new_values, values, &places)]
            }
        });
        self.capacity = capacity;
    }
}

/// [`EngineBackend::put_rows`] in plain burn.
pub(crate) fn put_in_plain_burn<B: Backend>(
    into: Tensor<B, 2>,
    rows: Tensor<B, 2>,
    places: &[(usize, usize, usize)],
) -> Tensor<B, 2> {
    let width = into.dims()[1];
    let rows = rows.cast(into.dtype());
    places.iter().filter(|(_, _, count)| *count > 0).fold(into, |into, &(from, to, count)| {
        into.slice_assign([to..to + count, 0..width], rows.clone().narrow(0, from, count))
    })
}
