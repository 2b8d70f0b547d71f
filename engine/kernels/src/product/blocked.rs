//! Products in blocks that fit the caches: both operands are packed once, and every task multiplies its rows and columns
//! one block along k at a time.

use std::ops::Range;

use super::pack::{Depth, PackedLeft, PackedRight};
use super::{Factor, Left, Right, SERIAL, Shared};
use crate::Element;
use crate::cpu::{self, Isa, Kernel, vectorize};
use crate::gemm::{self, Block, Micro};
use crate::linear::Sums;
use crate::memory::Buffer;

/// Sizes of a task's blocks.
struct Limits {
    /// Rows and columns.
    side: usize,
    /// Units along k.
    depth: usize,
}

/// A task's sums and a block of each operand together fit in 1 MiB of L2 cache.
const VECTORS: Limits = Limits { side: 240, depth: 384 };
/// As above in 2 MiB, which every processor with tiles has: products are so fast that adding up blocks would take longer.
const TILES: Limits = Limits { side: 192, depth: 896 };
/// Tasks per thread at least, so that a preempted thread does not delay the others.
const TASKS_PER_THREAD: usize = 3;

/// `a * b`; see [`super::product`].
pub(super) fn product<T: Factor>(isa: Isa, a: Left<'_, T>, b: Right<'_, T>, [m, k, n]: [usize; 3], out: &mut [T]) {
    let micro = gemm::micro(isa, T::FORMAT);
    let limits = if micro.row_group == 1 { VECTORS } else { TILES };
    let depth = Depth::new(k, T::FORMAT.unit(), micro, limits.depth);
    let left = PackedLeft::new(isa, a, m, &depth, micro);
    let right = PackedRight::new(isa, b, n, &depth, micro);
    let is_serial = m * k * n < SERIAL || cpu::num_threads() == 1;
    let grid = Grid::new([m, n], micro, limits.side, if is_serial { 1 } else { TASKS_PER_THREAD * cpu::num_threads() });
    let run = Run { isa, micro, depth: &depth, left: &left, right: &right, n, out: Shared(out.as_mut_ptr()) };
    let task = |task: usize| {
        let (rows, cols) = grid.task(task);
        // SAFETY: the tasks' rectangles are disjoint and lie inside `out`; the operands were packed for `isa`.
        unsafe { run.rectangle(rows, cols) };
    };
    if is_serial { (0..grid.tasks()).for_each(task) } else { cpu::parallel(grid.tasks(), task) }
}

/// Splits the output into rectangles of nearly equal size.
struct Grid {
    shape: [usize; 2],
    parts: [usize; 2],
    multiples: [usize; 2],
}

impl Grid {
    fn new(shape: [usize; 2], micro: Micro, side: usize, wanted: usize) -> Self {
        let multiples = [micro.rows, micro.panel];
        let mut parts = shape.map(|len| len.div_ceil(side));
        while parts[0] * parts[1] < wanted {
            let side = |axis: usize| shape[axis] / parts[axis];
            let splittable = |axis: &usize| side(*axis) >= 2 * multiples[*axis];
            match [0, 1].into_iter().filter(splittable).max_by_key(|axis| side(*axis)) {
                Some(axis) => parts[axis] += 1,
                None => break,
            }
        }
        Self { shape, parts, multiples }
    }

    fn tasks(&self) -> usize {
        self.parts[0] * self.parts[1]
    }

    fn task(&self, task: usize) -> (Range<usize>, Range<usize>) {
        let part = |axis: usize, index: usize| {
            let (len, parts, multiple) = (self.shape[axis], self.parts[axis], self.multiples[axis]);
            let cut = |index: usize| (index * len / parts).next_multiple_of(multiple).min(len);
            cut(index)..cut(index + 1)
        };
        (part(0, task / self.parts[1]), part(1, task % self.parts[1]))
    }
}

struct Run<'a, T> {
    isa: Isa,
    micro: Micro,
    depth: &'a Depth,
    left: &'a PackedLeft<'a>,
    right: &'a PackedRight,
    n: usize,
    out: Shared<T>,
}

impl<T: Element> Run<'_, T> {
    /// # Safety
    /// Nothing else writes this rectangle of the output; the processor has `isa`.
    unsafe fn rectangle(&self, rows: Range<usize>, cols: Range<usize>) {
        let Self { isa, micro, depth, left, right, n, ref out } = *self;
        if rows.is_empty() || cols.is_empty() {
            return;
        }
        let panels = cols.start / micro.panel..cols.end.div_ceil(micro.panel);
        let mut sums = Sums::zeroed();
        let last = depth.blocks.len() - 1;
        // Running sums: `[panels][rows][panel]`.
        let panel_len = rows.len() * micro.panel;
        let mut totals = Buffer::reused(if last == 0 { 0 } else { 4 * panels.len() * panel_len });
        for (index, block) in depth.blocks.iter().enumerate() {
            for panel in panels.clone() {
                let first_col = panel * micro.panel;
                let width = micro.panel.min(cols.end - first_col);
                let start = right.panel(block, panel);
                for row in rows.clone().step_by(micro.rows) {
                    let count = micro.rows.min(rows.end - row);
                    let (address, stride) = left.row(index, row);
                    // SAFETY: the rows lie inside the packed rows, which are padded as the microkernel requires; the
                    // panel is whole; the caller promises `isa`.
                    unsafe {
                        micro.run(&Block {
                            rows: count,
                            left: address,
                            stride,
                            panel: start,
                            units: block.len(),
                            group_blocks: 0,
                            prefetch: start.wrapping_add(block.len() * micro.panel),
                            prefetch_step: 4 * micro.panel * micro.rows / rows.len().max(micro.rows),
                            sums: sums.start(),
                        });
                    }
                    let sums = &sums.floats()[..count * micro.panel];
                    let at = (panel - panels.start) * panel_len + (row - rows.start) * micro.panel;
                    let totals =
                        if last == 0 { &mut [] } else { &mut totals.as_mut_slice::<f32>()[at..][..sums.len()] };
                    if index < last {
                        vectorize(isa, Add { sums, totals, is_first: index == 0 });
                        continue;
                    }
                    // SAFETY: the rows and columns lie inside the rectangle, which is this task's alone.
                    let row = |at: usize| unsafe {
                        std::slice::from_raw_parts_mut(out.start().add((row + at) * n + first_col), width)
                    };
                    vectorize(isa, Store { sums, totals, panel: micro.panel, row });
                }
            }
        }
    }
}

/// Adds the sums of a block to the running sums.
struct Add<'a> {
    sums: &'a [f32],
    totals: &'a mut [f32],
    is_first: bool,
}

impl Kernel for Add<'_> {
    type Output = ();

    #[inline(always)]
    fn run<const FUSED: bool>(self) {
        let Self { sums, totals, is_first } = self;
        if is_first {
            totals.copy_from_slice(sums);
        } else {
            totals.iter_mut().zip(sums).for_each(|(total, sum)| *total += sum);
        }
    }
}

/// Rounds the sums of the last block, and the running sums if there are any, into the output.
struct Store<'a, R> {
    sums: &'a [f32],
    totals: &'a [f32],
    panel: usize,
    row: R,
}

impl<'a, T: Element, R: Fn(usize) -> &'a mut [T]> Kernel for Store<'_, R> {
    type Output = ();

    #[inline(always)]
    fn run<const FUSED: bool>(self) {
        let Self { sums, totals, panel, row } = self;
        for (at, sums) in sums.chunks_exact(panel).enumerate() {
            let out = row(at);
            if totals.is_empty() {
                out.iter_mut().zip(sums).for_each(|(out, sum)| *out = T::narrow(*sum));
            } else {
                let totals = &totals[at * panel..][..panel];
                let both = sums.iter().zip(totals);
                out.iter_mut().zip(both).for_each(|(out, (sum, total))| *out = T::narrow(sum + total));
            }
        }
    }
}
