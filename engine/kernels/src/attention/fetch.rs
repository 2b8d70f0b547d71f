use std::ops::Range;

use super::pack::{Out, Vectors};

const LINE: usize = 64;

/// Software prefetch of rows that are needed soon, a few at a time between products; their stride is too large for the
/// hardware prefetcher.
#[derive(Default)]
pub(super) struct Fetch {
    areas: Vec<Area>,
    /// Rows to prefetch per call of [`Fetch::some`].
    portion: usize,
}

struct Area {
    start: *const u8,
    bytes: usize,
    stride: usize,
    rows: usize,
}

impl Fetch {
    /// Drops all pending requests.
    pub(super) fn clear(&mut self) {
        self.areas.clear();
    }

    /// Requests a range of vectors.
    pub(super) fn add<T>(&mut self, vectors: &Vectors<'_, T>, range: Range<usize>) {
        let Vectors { ref rows, first_row, first_col, head_dim, group } = *vectors;
        let start = rows.data.as_ptr().wrapping_add(first_row * rows.stride + first_col);
        self.add_rows(start, rows.stride, group * head_dim, range.start / group..range.end.div_ceil(group));
    }

    /// Requests columns of the output.
    pub(super) fn add_output<T>(&mut self, out: &Out<T>, cols: Range<usize>) {
        let Out { start, stride, head_dim, group } = *out;
        self.add_rows(start.cast_const(), stride, group * head_dim, cols.start / group..cols.end.div_ceil(group));
    }

    fn add_rows<T>(&mut self, start: *const T, stride: usize, width: usize, rows: Range<usize>) {
        let start = start.wrapping_add(rows.start * stride).cast();
        let (bytes, stride) = (width * size_of::<T>(), stride * size_of::<T>());
        self.areas.push(Area { start, bytes, stride, rows: rows.len() });
    }

    /// Distributes the requested rows over `times` calls of [`Fetch::some`].
    pub(super) fn spread(&mut self, times: usize) {
        let rows: usize = self.areas.iter().map(|area| area.rows).sum();
        self.portion = rows.div_ceil(times.max(1));
        // `some` pops areas from the end.
        self.areas.reverse();
    }

    /// Prefetches the next rows.
    #[inline]
    pub(super) fn some(&mut self) {
        for _ in 0..self.portion {
            let Some(area) = self.areas.last_mut() else { return };
            prefetch_bytes(area.start, area.bytes);
            area.start = area.start.wrapping_add(area.stride);
            area.rows = area.rows.saturating_sub(1);
            if area.rows == 0 {
                self.areas.pop();
            }
        }
    }
}

/// Prefetches elements into the L2 cache.
#[inline(always)]
pub(super) fn prefetch<T>(elements: &[T]) {
    prefetch_bytes(elements.as_ptr().cast(), size_of_val(elements));
}

#[inline(always)]
fn prefetch_bytes(start: *const u8, bytes: usize) {
    let lines = (start.addr() % LINE + bytes).div_ceil(LINE);
    for line in 0..lines {
        let address = start.wrapping_add(line * LINE);
        #[cfg(target_arch = "x86_64")]
        // SAFETY: every x86-64 processor has the instruction, and it may name any address.
        unsafe {
            std::arch::x86_64::_mm_prefetch::<{ std::arch::x86_64::_MM_HINT_T1 }>(address.cast());
        }
        #[cfg(not(target_arch = "x86_64"))]
        let _ = address;
    }
}
