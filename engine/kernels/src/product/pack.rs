//! Operands in the layout of the microkernels, one block along k after another.

use std::marker::PhantomData;
use std::ops::Range;

use super::{Factor, Left, Right};
use crate::Element;
use crate::cpu::{self, Isa, Kernel, vectorize};
use crate::gemm::Micro;
use crate::linear::{bf16_unit, parts};
use crate::memory::{Buffer, Shared};
use crate::split::Split;
use crate::transpose::{SIDE, transpose};

/// Rows or columns per task.
const STRIP: usize = 96;
/// Elements below which a second thread costs more than it saves.
const SERIAL_ELEMENTS: usize = 1 << 16;
/// Rows with a stride of a multiple of this many bytes map to the same few sets of the L1 cache.
const PAGE: usize = 4096;

/// Blocks along k, in units of elements that are adjacent in a microkernel's operands.
pub(super) struct Depth {
    pub(super) blocks: Vec<Range<usize>>,
    pub(super) k: usize,
    pub(super) unit: usize,
}

impl Depth {
    /// Blocks of at most `most` units, or a single one if it were little more.
    pub(super) fn new(k: usize, unit: usize, micro: Micro, most: usize) -> Self {
        let units = k.div_ceil(unit).next_multiple_of(micro.depth);
        let count = if units <= most + most / 4 { 1 } else { units.div_ceil(most) };
        let split = Split { len: units, parts: count, multiple: micro.depth };
        Self { blocks: (0..count).map(|index| split.part(index)).collect(), k, unit }
    }

    /// The elements of a block's units that exist.
    fn elements(&self, block: &Range<usize>) -> Range<usize> {
        (block.start * self.unit).min(self.k)..(block.end * self.unit).min(self.k)
    }
}

/// The left operand: rows of units.
pub(super) struct PackedLeft<'a> {
    data: Rows<'a>,
    /// Units before each block along k, and between its rows.
    blocks: Vec<(usize, usize)>,
}

enum Rows<'a> {
    /// The matrix itself.
    Input(*const u32, PhantomData<&'a [u32]>),
    /// Rows padded to an odd number of cache lines, so that they map to different cache sets.
    Packed(Buffer),
}

// SAFETY: the pointer represents a shared borrow of plain numbers.
unsafe impl Sync for PackedLeft<'_> {}

impl<'a> PackedLeft<'a> {
    pub(super) fn new<T: Factor>(isa: Isa, a: Left<'a, T>, m: usize, depth: &Depth, micro: Micro) -> Self {
        if let (Left::Rows(values), [block], 1) = (a, &depth.blocks[..], micro.row_group)
            && block.len() * depth.unit == depth.k
            && !(4 * block.len()).is_multiple_of(PAGE)
        {
            return Self { data: Rows::Input(values.as_ptr().cast(), PhantomData), blocks: vec![(0, block.len())] };
        }
        let rows = m.next_multiple_of(micro.row_group);
        let mut blocks = Vec::with_capacity(depth.blocks.len());
        let mut len = 0;
        for block in &depth.blocks {
            let stride = block.len().next_multiple_of(16) | 16;
            blocks.push((len, stride));
            len += rows * stride;
        }
        let mut data = Buffer::reused(4 * len);
        let target = Shared(data.as_mut_slice::<T>().as_mut_ptr());
        run(m, m * depth.k, |strip| {
            for (block, (start, stride)) in depth.blocks.iter().zip(&blocks) {
                let from = depth.elements(block);
                let len = block.len() * depth.unit;
                // SAFETY: each row of a block is one task's alone, and has room for the block's units.
                let row = |row: usize| unsafe {
                    std::slice::from_raw_parts_mut(target.start().add((start + row * stride) * depth.unit), len)
                };
                match a {
                    Left::Rows(values) => {
                        for index in strip.clone() {
                            vectorize(isa, CopyRow { from: &values[index * depth.k..][from.clone()], to: row(index) });
                        }
                    }
                    Left::Columns(values) => {
                        let to = (target.start().cast::<u32>().wrapping_add(*start), *stride, block.len());
                        // SAFETY: these rows are this task's alone.
                        unsafe { TransposedRows { values, width: m, from, to }.run(isa, strip.clone()) };
                    }
                }
            }
        });
        Self { data: Rows::Packed(data), blocks }
    }

    /// Address of a row in a block along k, and the stride between rows in units.
    pub(super) fn row(&self, block: usize, row: usize) -> (*const u32, usize) {
        let (start, stride) = self.blocks[block];
        let first = match &self.data {
            Rows::Input(first, _) => *first,
            Rows::Packed(data) => data.as_slice::<u32>().as_ptr(),
        };
        (first.wrapping_add(start + row * stride), stride)
    }
}

/// The right operand: panels of `Micro::panel` columns, whose units are interleaved.
pub(super) struct PackedRight {
    data: Buffer,
    panels: usize,
    panel: usize,
}

impl PackedRight {
    pub(super) fn new<T: Factor>(isa: Isa, b: Right<'_, T>, n: usize, depth: &Depth, micro: Micro) -> Self {
        let (panel, unit) = (micro.panel, depth.unit);
        let panels = n.div_ceil(panel);
        let units = depth.blocks.last().map_or(0, |block| block.end);
        let mut data = Buffer::reused(4 * units * panels * panel);
        let target = Shared(data.as_mut_slice::<u32>().as_mut_ptr());
        let per_strip = (STRIP / panel).max(1) * panel;
        run_strips(n, per_strip, n * depth.k, |strip| {
            for block in &depth.blocks {
                let from = depth.elements(block);
                for first in strip.clone().step_by(panel) {
                    let start = (block.start * panels + first / panel * block.len()) * panel;
                    // SAFETY: each panel of a block is one task's alone, and has room for the block's units.
                    let packed =
                        unsafe { std::slice::from_raw_parts_mut(target.start().add(start), block.len() * panel) };
                    let cols = first..(first + panel).min(n);
                    match b {
                        Right::Rows(values) => {
                            let from = from.clone();
                            let packed = parts(packed);
                            vectorize(isa, PanelOfRows { values, width: n, from, cols, panel, unit, packed });
                        }
                        Right::Columns(values) => {
                            let (from, k) = (from.clone(), depth.k);
                            PanelOfColumns { values, k, from, cols, panel, packed }.run(isa);
                        }
                    }
                }
            }
        });
        Self { data, panels, panel }
    }

    /// Address of a panel in a block along k.
    pub(super) fn panel(&self, block: &Range<usize>, panel: usize) -> *const u32 {
        let start = (block.start * self.panels + panel * block.len()) * self.panel;
        self.data.as_slice::<u32>().as_ptr().wrapping_add(start)
    }
}

fn run(len: usize, elements: usize, strip: impl Fn(Range<usize>) + Sync) {
    run_strips(len, STRIP, elements, strip);
}

/// Runs a task for each strip of a length, on all threads if there are enough elements.
fn run_strips(len: usize, per_strip: usize, elements: usize, strip: impl Fn(Range<usize>) + Sync) {
    let task = |task: usize| strip(task * per_strip..((task + 1) * per_strip).min(len));
    let tasks = len.div_ceil(per_strip);
    if elements < SERIAL_ELEMENTS { (0..tasks).for_each(task) } else { cpu::parallel(tasks, task) }
}

/// Copies a row and pads it with zeros.
struct CopyRow<'a, T> {
    from: &'a [T],
    to: &'a mut [T],
}

impl<T: Element> Kernel for CopyRow<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<const FUSED: bool>(self) {
        let (own, rest) = self.to.split_at_mut(self.from.len());
        own.copy_from_slice(self.from);
        rest.fill(T::narrow(0.0));
    }
}

/// Copies columns of a row-major matrix to rows of units, and pads them with zeros.
struct TransposedRows<'a, T> {
    values: &'a [T],
    /// Columns of the matrix.
    width: usize,
    /// Rows of the matrix.
    from: Range<usize>,
    /// Start of the packed rows of the block, the stride between them, and their length, in units.
    to: (*mut u32, usize, usize),
}

impl<T: Factor> TransposedRows<'_, T> {
    /// # Safety
    /// The packed rows of `cols` are valid, and nothing else refers to them; the processor has `isa`.
    unsafe fn run(&self, isa: Isa, cols: Range<usize>) {
        let Self { values, width, ref from, to: (to, stride, units) } = *self;
        let unit = T::FORMAT.unit();
        for first in (0..units).step_by(SIDE) {
            for first_col in cols.clone().step_by(SIDE) {
                let lanes = first_col..(first_col + SIDE).min(cols.end);
                let mut square = [[0; SIDE]; SIDE];
                for (at, row) in square.iter_mut().enumerate() {
                    let source = |part: usize| {
                        let index = from.start + (first + at) * unit + part;
                        if index < from.end { &values[index * width..][lanes.clone()] } else { &[] }
                    };
                    vectorize(isa, Interleave { sources: [source(0), if unit == 2 { source(1) } else { &[] }], row });
                }
                let sizes = [lanes.len(), SIDE.min(units - first)];
                // SAFETY: the caller's promise: these rows have room for `units` units.
                unsafe { store_transposed(isa, &square, to.add(lanes.start * stride + first), stride, sizes) };
            }
        }
    }
}

/// Units of elements of one matrix row, or of two that are adjacent along k.
struct Interleave<'a, T> {
    sources: [&'a [T]; 2],
    row: &'a mut [u32; SIDE],
}

impl<T: Factor> Kernel for Interleave<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<const FUSED: bool>(self) {
        let Self { sources: [even, odd], row } = self;
        if T::FORMAT.unit() == 1 {
            row.iter_mut().zip(even).for_each(|(unit, x)| *unit = x.widen().to_bits());
        } else if odd.is_empty() {
            row.iter_mut().zip(even).for_each(|(unit, x)| *unit = bf16_unit([*x, T::narrow(0.0)]));
        } else {
            row.iter_mut().zip(even).zip(odd).for_each(|((unit, even), odd)| *unit = bf16_unit([*even, *odd]));
        }
    }
}

/// Transposes a square and stores its first columns and rows.
///
/// # Safety
/// `to` is valid for `rows` times `stride` units, as far as `cols` units of the last; the processor has `isa`.
unsafe fn store_transposed(
    isa: Isa,
    square: &[[u32; SIDE]; SIDE],
    to: *mut u32,
    stride: usize,
    [rows, cols]: [usize; 2],
) {
    let starts = square.each_ref().map(|row| row.as_ptr());
    if [rows, cols] == [SIDE; 2] {
        // SAFETY: the caller's promises.
        return unsafe { transpose(isa, &starts, to, stride) };
    }
    let mut turned = [[0; SIDE]; SIDE];
    // SAFETY: a square has 16 rows of 16 units.
    unsafe { transpose(isa, &starts, turned.as_mut_ptr().cast(), SIDE) };
    for (at, row) in turned[..rows].iter().enumerate() {
        // SAFETY: the caller's promises.
        unsafe { std::slice::from_raw_parts_mut(to.add(at * stride), cols) }.copy_from_slice(&row[..cols]);
    }
}

/// Packs a panel of a row-major matrix.
struct PanelOfRows<'a, T> {
    values: &'a [T],
    /// Columns of the matrix.
    width: usize,
    /// Rows of the matrix.
    from: Range<usize>,
    cols: Range<usize>,
    panel: usize,
    unit: usize,
    packed: &'a mut [T],
}

impl<T: Element> Kernel for PanelOfRows<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<const FUSED: bool>(self) {
        let Self { values, width, from, cols, panel, unit, packed } = self;
        let zero = T::narrow(0.0);
        let row = |index: usize| {
            let index = from.start + index;
            if index < from.end { &values[index * width + cols.start..][..cols.len()] } else { &[] }
        };
        for (group, packed) in packed.chunks_exact_mut(panel * unit).enumerate() {
            match unit {
                1 => {
                    let values = row(group);
                    let (own, rest) = packed.split_at_mut(values.len());
                    own.copy_from_slice(values);
                    rest.fill(zero);
                }
                2 => {
                    let (even, odd) = (row(2 * group), row(2 * group + 1));
                    let (own, rest) = packed.split_at_mut(2 * even.len());
                    if odd.len() == even.len() {
                        for ((pair, even), odd) in own.as_chunks_mut::<2>().0.iter_mut().zip(even).zip(odd) {
                            *pair = [*even, *odd];
                        }
                    } else {
                        own.as_chunks_mut::<2>().0.iter_mut().zip(even).for_each(|(pair, even)| *pair = [*even, zero]);
                    }
                    rest.fill(zero);
                }
                _ => unreachable!("floats come in units of one or two"),
            }
        }
    }
}

/// Packs a panel of the transpose of a row-major matrix.
struct PanelOfColumns<'a, T> {
    values: &'a [T],
    /// Columns of the matrix.
    k: usize,
    /// Columns of the matrix in this block.
    from: Range<usize>,
    /// Rows of the matrix.
    cols: Range<usize>,
    panel: usize,
    packed: &'a mut [u32],
}

impl<T: Factor> PanelOfColumns<'_, T> {
    fn run(self, isa: Isa) {
        let Self { values, k, from, cols, panel, packed } = self;
        let unit = T::FORMAT.unit();
        let units = packed.len() / panel;
        for first in (0..units).step_by(SIDE) {
            for first_col in (0..panel).step_by(SIDE) {
                let mut square = [[0; SIDE]; SIDE];
                for (lane, row) in square.iter_mut().enumerate() {
                    let (col, start) = (cols.start + first_col + lane, from.start + first * unit);
                    if col < cols.end && start < from.end {
                        let values = &values[col * k + start..col * k + (start + SIDE * unit).min(from.end)];
                        vectorize(isa, CopyRow { from: values, to: parts(row) });
                    }
                }
                let sizes = [SIDE.min(units - first), SIDE.min(panel - first_col)];
                let to = packed[first * panel + first_col..].as_mut_ptr();
                // SAFETY: the panel has `panel` columns of each unit.
                unsafe { store_transposed(isa, &square, to, panel, sizes) };
            }
        }
    }
}
