//! Shared parts of kernels that work on one row at a time.

use crate::cpu;
use crate::element::Element;
use crate::memory::{Buffer, Shared};

/// Elements below which a parallel loop, with an overhead of about 5 us, costs more than it saves.
const INLINE: usize = 32 * 1024;
/// Elements per task.
const TASK: usize = 16 * 1024;
/// Accumulators of a reduction: float additions are not reordered, so each vector lane needs its own.
pub(crate) const LANES: usize = 32;

/// Splits `out` into blocks of rows and calls `body` with each block's first row and the block.
pub(crate) fn for_each_block<T: Send>(out: &mut [T], width: usize, body: impl Fn(usize, &mut [T]) + Sync) {
    if out.is_empty() {
        return;
    }
    if out.len() < INLINE {
        return body(0, out);
    }
    let rows = TASK.div_ceil(width);
    for_each_part(out, rows * width, |task, block| body(task * rows, block));
}

/// Splits `out`, a number for each row of `width` elements, and calls `body` with each part's first row and the part.
pub(crate) fn for_each_result<T: Send>(out: &mut [T], width: usize, body: impl Fn(usize, &mut [T]) + Sync) {
    if out.is_empty() {
        return;
    }
    if out.len() * width < INLINE {
        return body(0, out);
    }
    let rows = TASK.div_ceil(width);
    for_each_part(out, rows, |task, part| body(task * rows, part));
}

/// Calls `body` on all threads with each part of `len` elements and its index.
fn for_each_part<T: Send>(out: &mut [T], len: usize, body: impl Fn(usize, &mut [T]) + Sync) {
    let total = out.len();
    let target = Shared(out.as_mut_ptr());
    cpu::parallel(total.div_ceil(len), |task| {
        let first = task * len;
        // SAFETY: the parts of different tasks are disjoint and lie inside `out`, which outlives the call.
        let part = unsafe { std::slice::from_raw_parts_mut(target.start().add(first), len.min(total - first)) };
        body(task, part);
    });
}

/// Scratch memory for an f32 row, aligned to a cache line.
pub(crate) fn scratch(width: usize) -> Buffer {
    Buffer::reused(width * size_of::<f32>())
}

/// Source of f32 rows.
pub(crate) trait Source: Sync {
    /// Writes a row to `out`. Implementations are `#[inline(always)]`, like kernels.
    fn load(&self, row: usize, out: &mut [f32]);
}

/// Folds the row with `step` from `start` in [`LANES`] interleaved accumulators, and reduces them with `join`.
#[inline(always)]
pub(crate) fn fold<T: Element>(
    row: &[T],
    start: f32,
    step: impl Fn(f32, f32) -> f32,
    join: impl Fn(f32, f32) -> f32,
) -> f32 {
    let mut lanes = [start; LANES];
    let (chunks, rest) = row.as_chunks::<LANES>();
    for chunk in chunks {
        for (lane, value) in lanes.iter_mut().zip(chunk) {
            *lane = step(*lane, value.widen());
        }
    }
    // Without this, LLVM vectorizes the loop only two lanes wide, after the pairs in `join`.
    let lanes = std::hint::black_box(lanes);
    let rest = rest.iter().fold(start, |last, value| step(last, value.widen()));
    join(self::join(lanes, &join), rest)
}

/// Reduces the lanes to one by joining the lower with the upper half repeatedly.
#[inline(always)]
pub(crate) fn join<const LANES: usize>(mut lanes: [f32; LANES], join: impl Fn(f32, f32) -> f32) -> f32 {
    let mut half = LANES / 2;
    while half > 0 {
        for lane in 0..half {
            lanes[lane] = join(lanes[lane], lanes[lane + half]);
        }
        half /= 2;
    }
    lanes[0]
}

/// Folds the row with `step` from zero and adds up the accumulators.
#[inline(always)]
pub(crate) fn sum<T: Element>(row: &[T], step: impl Fn(f32, f32) -> f32) -> f32 {
    fold(row, 0.0, step, |a, b| a + b)
}

/// Zero if every number is finite, else NaN.
#[inline(always)]
pub(crate) fn finite_or_nan<T: Element>(row: &[T]) -> f32 {
    sum(row, |sum, x| sum + x * 0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_of_every_row_are_written_once() {
        for (rows, width) in [(0, 3), (3, 0), (1, 1), (7, 100_000), (1_000, 129), (5, 30_000)] {
            let mut out = vec![0; rows];
            for_each_result(&mut out, width, |first, part| {
                part.iter_mut().enumerate().for_each(|(index, value)| *value += 1 + first + index);
            });
            assert!(out.iter().enumerate().all(|(row, value)| *value == 1 + row), "{rows} x {width}");
        }
    }

    #[test]
    fn blocks_cover_every_row_once() {
        for (rows, width) in [(0, 3), (3, 0), (1, 1), (7, 100_000), (70_001, 1), (1_000, 129)] {
            let mut out = vec![0; rows * width];
            for_each_block(&mut out, width, |first, block| {
                assert_eq!(block.len() % width, 0);
                for (index, row) in block.chunks_exact_mut(width).enumerate() {
                    row.iter_mut().for_each(|value| *value += 1 + first + index);
                }
            });
            assert!(out.iter().enumerate().all(|(at, value)| *value == 1 + at / width), "{rows} x {width}");
        }
    }
}
