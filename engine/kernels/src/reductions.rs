//! Sums, extrema and their indices over rows and columns.

use crate::Element;
use crate::cpu::{self, Isa, Kernel, vectorize};
use crate::memory::Buffer;
use crate::rows::{LANES, fold, for_each_block, join as join_lanes};
use crate::softmax::Logarithms;

/// Elements whose sum is computed in f32; larger sums are accumulated in f64.
const CHUNK: usize = 4096;
/// Elements per task.
const TASK: usize = 16 * CHUNK;
/// Rows that columns are summed over before the sums are added to those of other rows.
const BLOCK_ROWS: usize = 64;
/// Columns per task.
const STRIPE: usize = 1024;

/// A reduction of floats.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reduction {
    /// Sum.
    Sum,
    /// Sum divided by the number of elements.
    Mean,
    /// Largest element; NaN if any element is NaN.
    Max,
    /// Smallest element; NaN if any element is NaN.
    Min,
}

/// Reduces the middle dimension, on all threads.
///
/// **Shapes:** `x: [outer, size, inner]`, `out: [outer, inner]`. **Panics** if a length does not match, or `size` is 0.
pub fn reduce<T: Element>(op: Reduction, x: &[T], [outer, size, inner]: [usize; 3], out: &mut [T]) {
    reduce_with(cpu::isa(), op, x, [outer, size, inner], out);
}

fn reduce_with<T: Element>(isa: Isa, op: Reduction, x: &[T], [outer, size, inner]: [usize; 3], out: &mut [T]) {
    assert!(size > 0, "a reduction of no elements");
    assert_eq!(x.len(), outer * size * inner, "x is not [outer, size, inner]");
    assert_eq!(out.len(), outer * inner, "out is not [outer, inner]");
    if out.is_empty() {
        return;
    }
    match inner {
        1 if size >= 2 * TASK || outer == 1 => {
            for (x, out) in x.chunks_exact(size).zip(out) {
                *out = T::narrow(whole(isa, op, x));
            }
        }
        1 => {
            let per_task = (TASK / 4 / size).max(1);
            each(out, per_task, x.len(), |first, out| {
                vectorize(isa, Rows { op, x: &x[first * size..][..out.len() * size], size, out });
            });
        }
        _ => columns(isa, op, x, [outer, size, inner], out),
    }
}

/// Calls `body` with parts of `out` and the index of their first element, on all threads if `work` is large.
fn each<T: Send>(out: &mut [T], per_task: usize, work: usize, body: impl Fn(usize, &mut [T]) + Sync) {
    if work < 2 * TASK / 4 {
        return body(0, out);
    }
    let parts: Vec<_> = out.chunks_mut(per_task).map(std::sync::Mutex::new).collect();
    cpu::parallel(parts.len(), |task| {
        if let Ok(mut part) = parts[task].lock() {
            body(task * per_task, &mut part);
        }
    });
}

/// Reduces all elements of a row, with several threads.
fn whole<T: Element>(isa: Isa, op: Reduction, x: &[T]) -> f32 {
    let mut parts = vec![0.0f64; x.len().div_ceil(TASK)];
    each(&mut parts, 1, x.len(), |first, parts| {
        for (at, part) in parts.iter_mut().enumerate() {
            let x = &x[(first + at) * TASK..];
            *part = vectorize(isa, Row { op, x: &x[..x.len().min(TASK)] });
        }
    });
    let found = parts.into_iter().reduce(|a, b| joined(op, a, b)).unwrap_or(f64::NAN);
    finished(op, found, x.len())
}

#[inline(always)]
fn joined(op: Reduction, a: f64, b: f64) -> f64 {
    match op {
        Reduction::Sum | Reduction::Mean => a + b,
        Reduction::Max => {
            if b > a || b.is_nan() {
                b
            } else {
                a
            }
        }
        Reduction::Min => {
            if b < a || b.is_nan() {
                b
            } else {
                a
            }
        }
    }
}

#[inline(always)]
fn finished(op: Reduction, found: f64, size: usize) -> f32 {
    (if op == Reduction::Mean { found / size as f64 } else { found }) as f32
}

// `f32::max` drops NaN.
#[inline(always)]
fn larger(a: f32, b: f32) -> f32 {
    // Without a branch, so that loops are vectorized.
    if (b > a) | b.is_nan() { b } else { a }
}

#[inline(always)]
fn smaller(a: f32, b: f32) -> f32 {
    if (b < a) | b.is_nan() { b } else { a }
}

/// Reduces a row, without the division of a mean.
struct Row<'a, T> {
    op: Reduction,
    x: &'a [T],
}

impl<T: Element> Kernel for Row<'_, T> {
    type Output = f64;

    #[inline(always)]
    fn run<const FUSED: bool>(self) -> f64 {
        match self.op {
            Reduction::Sum | Reduction::Mean => {
                let (whole, rest) = self.x.split_at(self.x.len() / LANES * LANES);
                let sums = whole.chunks(CHUNK).map(|chunk| f64::from(fold(chunk, 0.0, |a, b| a + b, |a, b| a + b)));
                // Elements beside the lanes have no accumulators of their own.
                sums.sum::<f64>() + rest.iter().map(|x| f64::from(x.widen())).sum::<f64>()
            }
            Reduction::Max => f64::from(fold(self.x, f32::NEG_INFINITY, larger, larger)),
            Reduction::Min => f64::from(fold(self.x, f32::INFINITY, smaller, smaller)),
        }
    }
}

struct Rows<'a, T> {
    op: Reduction,
    x: &'a [T],
    size: usize,
    out: &'a mut [T],
}

impl<T: Element> Kernel for Rows<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<const FUSED: bool>(self) {
        for (x, out) in self.x.chunks_exact(self.size).zip(self.out) {
            *out = T::narrow(finished(self.op, Row { op: self.op, x }.run::<FUSED>(), self.size));
        }
    }
}

fn columns<T: Element>(isa: Isa, op: Reduction, x: &[T], [outer, size, inner]: [usize; 3], out: &mut [T]) {
    let stripes = inner.div_ceil(STRIPE);
    // Where there are few columns, threads share the rows.
    let wanted = if x.len() < 2 * TASK / 4 { 1 } else { 4 * cpu::num_threads() };
    let parts = wanted.div_ceil(outer * stripes).min(size.div_ceil(BLOCK_ROWS)).max(1);
    let rows = size.div_ceil(parts).next_multiple_of(BLOCK_ROWS);
    let parts = size.div_ceil(rows);
    let mut partial = Buffer::reused(4 * parts * outer * inner);
    let partial = partial.as_mut_slice::<f32>();
    let mut targets: Vec<_> = partial
        .chunks_exact_mut(inner)
        .enumerate()
        .flat_map(|(at, row)| row.chunks_mut(STRIPE).enumerate().map(move |(stripe, row)| (at, stripe * STRIPE, row)))
        .collect();
    let per_task = if wanted == 1 { targets.len() } else { 1 };
    each(&mut targets, per_task, x.len(), |_, targets| {
        for (at, col, out) in targets {
            let (start, part) = (*at / parts, *at % parts);
            let rows = part * rows..((part + 1) * rows).min(size);
            vectorize(isa, Columns { op, x: &x[start * size * inner..][..size * inner], inner, rows, col: *col, out });
        }
    });
    let divisor = if op == Reduction::Mean { size as f32 } else { 1.0 };
    for (out, partial) in out.chunks_exact_mut(inner).zip(partial.chunks_exact(parts * inner)) {
        for (col, out) in out.iter_mut().enumerate() {
            let found = (1..parts).fold(partial[col], |sum, part| step(op)(sum, partial[part * inner + col]));
            *out = T::narrow(found / divisor);
        }
    }
}

fn step(op: Reduction) -> fn(f32, f32) -> f32 {
    match op {
        Reduction::Sum | Reduction::Mean => |a, b| a + b,
        Reduction::Max => larger,
        Reduction::Min => smaller,
    }
}

/// Reduces some columns over some rows.
struct Columns<'a, T> {
    op: Reduction,
    x: &'a [T],
    inner: usize,
    rows: std::ops::Range<usize>,
    col: usize,
    out: &'a mut [f32],
}

impl<T: Element> Kernel for Columns<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<const FUSED: bool>(self) {
        match self.op {
            Reduction::Sum | Reduction::Mean => self.sums(),
            Reduction::Max => self.extrema(larger),
            Reduction::Min => self.extrema(smaller),
        }
    }
}

impl<T: Element> Columns<'_, T> {
    #[inline(always)]
    fn sums(self) {
        let mut block = [0.0f32; STRIPE];
        let block = &mut block[..self.out.len()];
        self.out.fill(0.0);
        let mut row = self.rows.start;
        while row < self.rows.end {
            block.fill(0.0);
            let end = (row + BLOCK_ROWS).min(self.rows.end);
            while row + 4 <= end {
                let [a, b, c, d] = [0, 1, 2, 3].map(|at| &self.x[(row + at) * self.inner + self.col..][..block.len()]);
                for (sum, (((a, b), c), d)) in block.iter_mut().zip(a.iter().zip(b).zip(c).zip(d)) {
                    *sum += (a.widen() + b.widen()) + (c.widen() + d.widen());
                }
                row += 4;
            }
            while row < end {
                let x = &self.x[row * self.inner + self.col..][..block.len()];
                block.iter_mut().zip(x).for_each(|(sum, x)| *sum += x.widen());
                row += 1;
            }
            self.out.iter_mut().zip(&*block).for_each(|(sum, block)| *sum += *block);
        }
    }

    #[inline(always)]
    fn extrema(self, better: impl Fn(f32, f32) -> f32) {
        let Self { x, inner, rows, col, out, .. } = self;
        let row = |row: usize| &x[row * inner + col..];
        out.iter_mut().zip(row(rows.start)).for_each(|(best, x)| *best = x.widen());
        for at in rows.start + 1..rows.end {
            // Adding zero keeps LLVM from a masked AVX2 store, which is several times slower.
            out.iter_mut().zip(row(at)).for_each(|(best, x)| *best = better(*best + 0.0, x.widen()));
        }
    }
}

/// Index of the first largest or smallest element of each row, or of the first NaN, on all threads.
///
/// **Shapes:** `x: [rows, size]`, `out: [rows]`. **Panics** if a length does not match, or `size` is 0.
pub fn arg_extremum<T: Element>(is_max: bool, x: &[T], size: usize, out: &mut [i64]) {
    arg_extremum_with(cpu::isa(), is_max, x, size, out);
}

fn arg_extremum_with<T: Element>(isa: Isa, is_max: bool, x: &[T], size: usize, out: &mut [i64]) {
    assert!(size > 0, "a reduction of no elements");
    assert_eq!(x.len(), out.len() * size, "x is not [rows, size]");
    if size < 2 * TASK {
        let per_task = (TASK / 4 / size).max(1);
        return each(out, per_task, x.len(), |first, out| {
            vectorize(isa, ArgRows { is_max, x: &x[first * size..][..out.len() * size], size, out });
        });
    }
    for (x, out) in x.chunks_exact(size).zip(out) {
        let mut parts = vec![(0, 0.0); size.div_ceil(TASK)];
        each(&mut parts, 1, size, |first, parts| {
            for (at, part) in parts.iter_mut().enumerate() {
                let start = (first + at) * TASK;
                let (index, value) = vectorize(isa, Arg { is_max, x: &x[start..][..TASK.min(size - start)] });
                *part = (start + index, value);
            }
        });
        let best = parts.into_iter().reduce(|best, next| if is_better(is_max, next.1, best.1) { next } else { best });
        *out = best.map_or(0, |(index, _)| index as i64);
    }
}

/// Whether a later value replaces the best one.
#[inline(always)]
fn is_better(is_max: bool, next: f32, best: f32) -> bool {
    !best.is_nan() && (next.is_nan() || if is_max { next > best } else { next < best })
}

/// The index of the first extremum of each row.
struct ArgRows<'a, T> {
    is_max: bool,
    x: &'a [T],
    size: usize,
    out: &'a mut [i64],
}

impl<T: Element> Kernel for ArgRows<'_, T> {
    type Output = ();

    // A negated comparison is true for NaN.
    #[expect(clippy::neg_cmp_op_on_partial_ord, reason = "one instruction, unlike a comparison and is_nan")]
    #[inline(always)]
    fn run<const FUSED: bool>(self) {
        for (x, out) in self.x.chunks_exact(self.size).zip(self.out) {
            *out = if self.size > SHORT {
                Arg { is_max: self.is_max, x }.run::<FUSED>().0 as i64
            } else if self.is_max {
                short(x, f32::NEG_INFINITY, larger, |next, best| !(next <= best) & !best.is_nan())
            } else {
                short(x, f32::INFINITY, smaller, |next, best| !(next >= best) & !best.is_nan())
            };
        }
    }
}

/// Elements of a row whose extremum and index are found together.
const SHORT: usize = 512;

/// The index of the first extremum of a row, which each lane finds among its own elements.
#[inline(always)]
fn short<T: Element>(x: &[T], start: f32, join: impl Fn(f32, f32) -> f32, is_better: impl Fn(f32, f32) -> bool) -> i64 {
    const WIDTH: usize = 16;
    let (mut best, mut steps) = ([start; WIDTH], [0u32; WIDTH]);
    let (chunks, rest) = x.as_chunks::<WIDTH>();
    for (step, chunk) in (0..).zip(chunks) {
        for lane in 0..WIDTH {
            let next = chunk[lane].widen();
            let is_better = is_better(next, best[lane]);
            best[lane] = if is_better { next } else { best[lane] };
            steps[lane] = if is_better { step } else { steps[lane] };
        }
    }
    // As in `fold`.
    let (best, steps) = std::hint::black_box((best, steps));
    let mut found = join_lanes(best, join);
    let mut candidates = [u32::MAX; WIDTH];
    for lane in 0..WIDTH {
        let is_found = (best[lane] == found) | (found.is_nan() & best[lane].is_nan());
        candidates[lane] = if is_found { steps[lane] * WIDTH as u32 + lane as u32 } else { u32::MAX };
    }
    let mut index = candidates.into_iter().fold(u32::MAX, u32::min);
    for (at, next) in ((chunks.len() * WIDTH) as u32..).zip(rest) {
        if is_better(next.widen(), found) {
            (found, index) = (next.widen(), at);
        }
    }
    i64::from(index)
}

/// The index of the first extremum and its value.
struct Arg<'a, T> {
    is_max: bool,
    x: &'a [T],
}

impl<T: Element> Kernel for Arg<'_, T> {
    type Output = (usize, f32);

    #[inline(always)]
    fn run<const FUSED: bool>(self) -> (usize, f32) {
        /// Elements whose extremum is found before its index.
        const BLOCK: usize = 1024;
        let mut best = (0, if self.is_max { f32::NEG_INFINITY } else { f32::INFINITY });
        for (at, block) in self.x.chunks(BLOCK).enumerate() {
            let found = if self.is_max {
                fold(block, f32::NEG_INFINITY, larger, larger)
            } else {
                fold(block, f32::INFINITY, smaller, smaller)
            };
            if is_better(self.is_max, found, best.1) {
                best = (at * BLOCK, found);
            }
        }
        let rest = &self.x[best.0..];
        let is_best = |x: &T| (x.widen() == best.1) | (best.1.is_nan() & x.widen().is_nan());
        /// Elements that are compared at once.
        const CHUNK: usize = 64;
        let has_best = |chunk: &[T]| chunk.iter().fold(false, |any, x| any | is_best(x));
        let chunk = rest.chunks(CHUNK).position(has_best).unwrap_or(0) * CHUNK;
        (best.0 + chunk + rest[chunk..].iter().position(is_best).unwrap_or(0), best.1)
    }
}

/// Softmax of every row, or its logarithm, on all threads; NaN where a row has NaN or no finite element.
///
/// **Shapes:** `x` and `out`: `[rows, width]`. **Panics** if a length does not match.
pub fn softmax<T: Element>(x: &[T], width: usize, is_log: bool, out: &mut [T]) {
    assert_eq!(x.len(), out.len(), "out is not as long as x");
    assert!(x.len().is_multiple_of(width), "x is not [rows, width]");
    let isa = cpu::isa();
    for_each_block(out, width, |first, out| {
        let x = &x[first * width..][..out.len()];
        if is_log {
            out.copy_from_slice(x);
            vectorize(isa, Logarithms { x: out, width });
        } else {
            vectorize(isa, Softmax { x, width, out });
        }
    });
}

struct Softmax<'a, T> {
    x: &'a [T],
    width: usize,
    out: &'a mut [T],
}

impl<T: Element> Kernel for Softmax<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<const FUSED: bool>(self) {
        let mut scratch = crate::rows::scratch(self.width);
        let row = scratch.as_mut_slice::<f32>();
        let greater = |a: f32, b: f32| if b > a { b } else { a };
        for (x, out) in self.x.chunks_exact(self.width).zip(self.out.chunks_exact_mut(self.width)) {
            // NaN reappears in the sum.
            let max = fold(x, f32::NEG_INFINITY, greater, greater);
            row.iter_mut().zip(x).for_each(|(value, x)| *value = crate::math::exp::<FUSED>(x.widen() - max));
            let sum = f64::from(fold(row, 0.0, |a, b| a + b, |a, b| a + b));
            let scale = (1.0 / sum) as f32;
            out.iter_mut().zip(&*row).for_each(|(out, value)| *out = T::narrow(value * scale));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::values;

    const SHAPES: [[usize; 3]; 8] = [
        [1, 1, 1],
        [1, 300_001, 1],
        [70, 1025, 1],
        [9000, 7, 1],
        [1, 1000, 700],
        [3, 50_000, 2],
        [40, 33, 65],
        [2, 5, 3],
    ];

    #[test]
    fn reductions_match_double_precision() {
        for [outer, size, inner] in SHAPES {
            let x = values(outer * size * inner, 5);
            let lane = |at: usize| (0..size).map(move |row| at / inner * size * inner + row * inner + at % inner);
            for isa in Isa::testable() {
                for op in [Reduction::Sum, Reduction::Mean, Reduction::Max, Reduction::Min] {
                    let mut out = vec![0.0; outer * inner];
                    reduce_with(isa, op, &x, [outer, size, inner], &mut out);
                    for (at, found) in out.into_iter().enumerate() {
                        let lane = lane(at).map(|at| f64::from(x[at]));
                        let start = match op {
                            Reduction::Max => f64::NEG_INFINITY,
                            Reduction::Min => f64::INFINITY,
                            _ => 0.0,
                        };
                        let expected = lane.fold(start, |a, b| joined(op, a, b));
                        let expected = if op == Reduction::Mean { expected / size as f64 } else { expected };
                        let scale = if op == Reduction::Sum { size as f64 } else { 1.0 };
                        let error = (f64::from(found) - expected).abs();
                        assert!(
                            error <= 1e-6 * scale.sqrt() + 1e-7 * expected.abs(),
                            "{isa:?} {op:?}: {found}, {expected}"
                        );
                    }
                }
            }
        }
    }

    #[test]
    fn nan_wins_wherever_it_is() {
        for [outer, size, inner] in SHAPES {
            let mut x = values(outer * size * inner, 6);
            let (bad_row, bad) = (size / 2, (outer / 2) * size * inner + (size / 2) * inner + inner / 2);
            x[bad] = f32::NAN;
            for isa in Isa::testable() {
                for op in [Reduction::Sum, Reduction::Mean, Reduction::Max, Reduction::Min] {
                    let mut out = vec![0.0; outer * inner];
                    reduce_with(isa, op, &x, [outer, size, inner], &mut out);
                    let found: Vec<_> = (0..out.len()).filter(|at| out[*at].is_nan()).collect();
                    assert_eq!(found, [outer / 2 * inner + inner / 2], "{isa:?} {op:?}");
                }
                if inner == 1 {
                    let mut out = vec![0; outer];
                    arg_extremum_with(isa, size % 2 == 1, &x, size, &mut out);
                    assert_eq!(out[outer / 2], bad_row as i64, "{isa:?}");
                }
            }
        }
    }

    #[test]
    fn the_first_extremum_is_found() {
        for size in [1, 5, 16, 37, 128, 512, 1024, 3000, 200_000] {
            let mut x: Vec<f32> = values(3 * size, 8).into_iter().map(|x| (x * 50.0).round()).collect();
            for is_max in [true, false] {
                x[size..2 * size].fill(if is_max { f32::NEG_INFINITY } else { f32::INFINITY });
                x[2 * size + size / 2] = f32::NAN;
                x[3 * size - 1] = f32::NAN;
                let expected: Vec<i64> = x
                    .chunks(size)
                    .map(|row| {
                        let better =
                            |best: usize, at: usize| if is_better(is_max, row[at], row[best]) { at } else { best };
                        (0..size).reduce(better).unwrap_or(0) as i64
                    })
                    .collect();
                for isa in Isa::testable() {
                    let mut out = vec![0; 3];
                    arg_extremum_with(isa, is_max, &x, size, &mut out);
                    assert_eq!(out, expected, "{isa:?} {size} {is_max}");
                }
            }
        }
    }

    #[test]
    fn softmax_of_a_row_without_finite_elements_is_nan() {
        let x = [f32::NEG_INFINITY, f32::NEG_INFINITY, 0.0, f32::NEG_INFINITY, 1.0, f32::NAN, 2.0, 2.0];
        let (mut plain, mut log) = ([0.0; 8], [0.0; 8]);
        softmax(&x, 2, false, &mut plain);
        softmax(&x, 2, true, &mut log);
        assert!(plain[..2].iter().chain(&plain[4..6]).all(|x| x.is_nan()), "{plain:?}");
        assert_eq!(plain[2..4], [1.0, 0.0]);
        assert_eq!(plain[6..], [0.5, 0.5]);
        assert_eq!(log[2..4], [0.0, f32::NEG_INFINITY]);
    }
}
