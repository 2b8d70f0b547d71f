use std::ops::Range;
use std::ptr;

use super::Rows;
use super::softmax::Lanes;
use crate::Element;
use crate::cpu::{Isa, Kernel};
use crate::gemm::Format;
use crate::transpose::{SIDE, transpose};

/// Vectors of `head_dim` elements: the heads of one group, row by row.
#[derive(Clone, Copy)]
pub(super) struct Vectors<'a, T> {
    pub(super) rows: Rows<'a, T>,
    pub(super) first_row: usize,
    pub(super) first_col: usize,
    pub(super) head_dim: usize,
    pub(super) group: usize,
}

impl<'a, T> Vectors<'a, T> {
    #[inline(always)]
    pub(super) fn get(&self, index: usize) -> &'a [T] {
        let (row, head) = self.row_and_head(index);
        let start = (self.first_row + row) * self.rows.stride + self.first_col + head * self.head_dim;
        &self.rows.data[start..][..self.head_dim]
    }

    #[inline(always)]
    pub(super) fn row_and_head(&self, index: usize) -> (usize, usize) {
        row_and_head(index, self.group)
    }

    /// Every `step`th vector of a range; empty slices past its end.
    #[inline(always)]
    pub(super) fn some(&self, range: Range<usize>, step: usize) -> [&'a [T]; SIDE] {
        let mut some: [&[T]; SIDE] = [&[]; SIDE];
        for (index, vector) in range.step_by(step).zip(&mut some) {
            *vector = self.get(index);
        }
        some
    }
}

/// Row and head of a vector. `group == 1` is special because a division takes as long as copying a vector.
#[inline(always)]
fn row_and_head(index: usize, group: usize) -> (usize, usize) {
    if group == 1 { (index, 0) } else { (index / group, index % group) }
}

/// Copies elements into units and pads them with zeros.
#[inline(always)]
fn put<T: Element>(elements: &[T], to: &mut [u32]) {
    let unit = T::FORMAT.unit();
    assert!(elements.len() <= to.len() * unit, "{} elements for {} units", elements.len(), to.len());
    to[elements.len() / unit..].fill(0);
    // SAFETY: the elements are plain numbers that fit into the units, which are borrowed exclusively.
    unsafe { elements.as_ptr().copy_to_nonoverlapping(to.as_mut_ptr().cast(), elements.len()) };
}

/// Copies vectors to rows with a stride of `stride` units, zero-padded to `units`.
pub(super) struct PackRows<'a, T> {
    pub(super) vectors: Vectors<'a, T>,
    pub(super) range: Range<usize>,
    pub(super) units: usize,
    pub(super) stride: usize,
    pub(super) to: &'a mut [u32],
}

impl<T: Element> Kernel for PackRows<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<const FUSED: bool>(self) {
        for (index, to) in self.range.zip(self.to.chunks_exact_mut(self.stride)) {
            put(self.vectors.get(index), &mut to[..self.units]);
        }
    }
}

/// Writes vectors as the columns of a panel, each zero-padded to a multiple of [`SIDE`] units.
pub(super) struct PackPanel<'a, T> {
    pub(super) isa: Isa,
    pub(super) vectors: Vectors<'a, T>,
    /// At most `panel` vectors; the remaining columns become zero.
    pub(super) range: Range<usize>,
    pub(super) panel: usize,
    pub(super) to: &'a mut [u32],
}

impl<T: Element> Kernel for PackPanel<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<const FUSED: bool>(self) {
        let Self { isa, vectors, range, panel, to } = self;
        let unit = T::FORMAT.unit();
        for first_col in (0..panel).step_by(SIDE) {
            if first_col >= range.len() {
                to.chunks_exact_mut(panel).for_each(|row| row[first_col..].fill(0));
                return;
            }
            let cols = vectors.some(range.start + first_col..range.end, 1);
            for (block, to) in to.chunks_exact_mut(SIDE * panel).enumerate() {
                transpose_elements(isa, &cols, block * SIDE * unit, &mut to[first_col..], panel);
            }
        }
    }
}

/// Writes vectors transposed: row `d` holds element `d` of each vector, and a unit holds elements of adjacent vectors.
/// Rows and units are zero-padded to multiples of [`SIDE`].
pub(super) struct PackTransposed<'a, T> {
    pub(super) isa: Isa,
    pub(super) vectors: Vectors<'a, T>,
    pub(super) range: Range<usize>,
    pub(super) stride: usize,
    pub(super) to: &'a mut [u32],
}

impl<T: Element> Kernel for PackTransposed<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<const FUSED: bool>(self) {
        let Self { isa, vectors, range, stride, to } = self;
        let unit = T::FORMAT.unit();
        let mut units = [[0; SIDE]; SIDE];
        for first_unit in (0..range.len().div_ceil(unit)).step_by(SIDE) {
            let first = range.start + first_unit * unit;
            let low = vectors.some(first..range.end, unit);
            if T::FORMAT == Format::F32 {
                for (block, to) in to.chunks_exact_mut(SIDE * stride).enumerate() {
                    transpose_elements(isa, &low, block * SIDE, &mut to[first_unit..], stride);
                }
                continue;
            }
            let high = vectors.some(first + 1..range.end, unit);
            for (block, to) in to.chunks_exact_mut(SIDE * stride).enumerate() {
                let (col, to) = (block * SIDE, &mut to[first_unit..]);
                for row in 0..SIDE {
                    join(rest(low[row], col), rest(high[row], col), &mut units[row]);
                }
                transpose_spare(isa, &units, to, stride);
            }
        }
    }
}

#[inline(always)]
fn rest<T>(vector: &[T], from: usize) -> &[T] {
    &vector[from.min(vector.len())..]
}

/// Interleaves two bf16 vectors into units, padded with zeros.
#[inline(always)]
fn join<T: Element>(low: &[T], high: &[T], to: &mut [u32; SIDE]) {
    let join = |low: T, high: T| low.widen().to_bits() >> 16 | high.widen().to_bits() & 0xffff_0000;
    if let (Some(low), Some(high)) = (low.first_chunk::<SIDE>(), high.first_chunk::<SIDE>()) {
        for lane in 0..SIDE {
            to[lane] = join(low[lane], high[lane]);
        }
        return;
    }
    let zero = T::narrow(0.0);
    for (lane, to) in to.iter_mut().enumerate() {
        *to = join(*low.get(lane).unwrap_or(&zero), *high.get(lane).unwrap_or(&zero));
    }
}

/// Writes [`SIDE`] units of each row from element `first` on as a column, padded with zeros.
#[inline(always)]
fn transpose_elements<T: Element>(isa: Isa, rows: &[&[T]; SIDE], first: usize, to: &mut [u32], stride: usize) {
    let len = SIDE * T::FORMAT.unit();
    let mut starts = [ptr::null(); SIDE];
    let mut are_whole = true;
    for (start, row) in starts.iter_mut().zip(rows) {
        are_whole &= row.len() >= first + len;
        *start = row.as_ptr().wrapping_add(first).cast();
    }
    if are_whole {
        return transpose_units(isa, &starts, to, stride);
    }
    let mut spare = [[0; SIDE]; SIDE];
    for (spare, row) in spare.iter_mut().zip(rows) {
        let row = rest(row, first);
        put(&row[..row.len().min(len)], spare);
    }
    transpose_spare(isa, &spare, to, stride);
}

#[inline(always)]
fn transpose_spare(isa: Isa, spare: &[[u32; SIDE]; SIDE], to: &mut [u32], stride: usize) {
    let mut starts = [ptr::null(); SIDE];
    for (start, row) in starts.iter_mut().zip(spare) {
        *start = row.as_ptr();
    }
    transpose_units(isa, &starts, to, stride);
}

/// Transposes a block; each row must be valid for [`SIDE`] units.
#[inline(always)]
fn transpose_units(isa: Isa, rows: &[*const u32; SIDE], to: &mut [u32], stride: usize) {
    assert!(to.len() >= (SIDE - 1) * stride + SIDE, "a block of {SIDE} rows of {stride} units");
    // SAFETY: the length was just checked; the callers' rows are slices of this length; whoever names an instruction
    // set has checked that the processor has it.
    unsafe { transpose(isa, rows, to.as_mut_ptr(), stride) };
}

/// Divides the columns of a result by their sums of weights and writes them to the output's rows.
pub(super) struct Unpack<'a, T> {
    pub(super) isa: Isa,
    /// `[head_dim, padded][panel]`.
    pub(super) result: &'a [Lanes],
    /// `[panel]`.
    pub(super) sums: &'a [Lanes],
    /// Columns of the sequence; the first is the result's first column.
    pub(super) cols: Range<usize>,
    pub(super) out: Out<T>,
}

/// Output of a sequence for the heads of a group.
#[derive(Clone, Copy)]
pub(super) struct Out<T> {
    /// Start of the first row's first head.
    pub(super) start: *mut T,
    /// Row stride of the output in elements.
    pub(super) stride: usize,
    pub(super) head_dim: usize,
    pub(super) group: usize,
}

impl<T: Element> Kernel for Unpack<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<const FUSED: bool>(self) {
        let vectors = self.sums.len();
        let (mut starts, mut rows) = ([ptr::null(); SIDE], [[0.0; SIDE]; SIDE]);
        for (vector, sums) in self.sums.iter().enumerate().take(self.cols.len().div_ceil(SIDE)) {
            let mut inverses = [0.0; SIDE];
            for lane in 0..SIDE {
                inverses[lane] = if sums[lane] == 0.0 { 0.0 } else { 1.0 / sums[lane] };
            }
            for (block, result) in self.result.chunks_exact(SIDE * vectors).enumerate() {
                for (row, start) in starts.iter_mut().enumerate() {
                    *start = result[row * vectors + vector].as_ptr().cast();
                }
                // SAFETY: both are 16 rows of 16; whoever names an instruction set has checked that the processor has
                // it.
                unsafe { transpose(self.isa, &starts, rows.as_flattened_mut().as_mut_ptr().cast(), SIDE) };
                let cols = self.cols.start + vector * SIDE..self.cols.end;
                for ((col, row), inverse) in cols.zip(&rows).zip(inverses) {
                    // SAFETY: the column is one of the task's, whose part of the output is the task's alone.
                    unsafe { self.out.put(col, block * SIDE, row, inverse) };
                }
            }
        }
    }
}

impl<T: Element> Out<T> {
    /// Writes the elements of a column's result from `first` on, multiplied by a factor.
    ///
    /// # Safety
    /// The column exists, and nothing else refers to its part of the output.
    #[inline(always)]
    pub(super) unsafe fn put(&self, col: usize, first: usize, result: &Lanes, factor: f32) {
        let mut elements = [T::narrow(0.0); SIDE];
        for lane in 0..SIDE {
            // A query without visible keys gives zeros even if values are NaN.
            elements[lane] = T::narrow(if factor == 0.0 { 0.0 } else { result[lane] * factor });
        }
        let (row, head) = row_and_head(col, self.group);
        let at = row * self.stride + head * self.head_dim + first;
        let count = (self.head_dim - first).min(SIDE);
        // SAFETY: the elements lie inside the output; nothing else refers to them by the caller's promise.
        let out = unsafe { std::slice::from_raw_parts_mut(self.start.add(at), count) };
        match out.as_mut_array::<SIDE>() {
            Some(out) => *out = elements,
            None => out.copy_from_slice(&elements[..count]),
        }
    }
}
