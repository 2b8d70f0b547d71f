//! Products in blocks that fit the caches: both operands are packed once, and every task multiplies its rows and columns
//! one block along k at a time.

use std::ops::Range;

use super::pack::{Depth, PackedLeft, PackedRight};
use super::{Factor, Left, Right, SERIAL};
use crate::Element;
use crate::cpu::{self, Isa, Kernel, vectorize};
use crate::gemm::{self, Block, MAX_ROWS, Micro};
use crate::memory::{Buffer, Shared};
use crate::split::Split;

/// Sizes of a task's blocks.
struct Limits {
    /// Rows and columns.
    side: usize,
    /// Units along k.
    depth: usize,
}

/// A panel fits in the L1 cache, and a task's sums with a block of each operand in 1 MiB of L2 cache.
const VECTORS: Limits = Limits { side: 256, depth: 320 };
/// For processors with tiles: a task's sums and a block of each operand fit in the 2 MiB of L2 cache that they all have.
const TILES: Limits = Limits { side: 192, depth: 896 };
/// Tasks per thread at least, so that a preempted thread does not delay the others.
const TASKS_PER_THREAD: usize = 3;

/// `a * b`; see [`super::product`].
pub(super) fn product<T: Factor, O: Element>(
    isa: Isa,
    a: Left<'_, T>,
    b: Right<'_, T>,
    [m, k, n]: [usize; 3],
    out: &mut [O],
) {
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
    rows: Split,
    cols: Split,
}

impl Grid {
    fn new([m, n]: [usize; 2], micro: Micro, side: usize, wanted: usize) -> Self {
        let mut rows = Split { len: m, parts: m.div_ceil(side), multiple: micro.rows };
        let mut cols = Split { len: n, parts: n.div_ceil(side), multiple: micro.panel };
        while rows.parts * cols.parts < wanted {
            let side = |split: &Split| split.len / split.parts;
            let is_splittable = |split: &&mut Split| side(split) >= 2 * split.multiple;
            match [&mut rows, &mut cols].into_iter().filter(is_splittable).max_by_key(|split| side(split)) {
                Some(split) => split.parts += 1,
                None => break,
            }
        }
        Self { rows, cols }
    }

    fn tasks(&self) -> usize {
        self.rows.parts * self.cols.parts
    }

    fn task(&self, task: usize) -> (Range<usize>, Range<usize>) {
        (self.rows.part(task / self.cols.parts), self.cols.part(task % self.cols.parts))
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
        let last = depth.blocks.len() - 1;
        // `[panels][rows][panel]`, or the sums of one call if no others are added to them.
        let panel_len = rows.len().next_multiple_of(micro.row_group) * micro.panel;
        let len = if last == 0 { MAX_ROWS * micro.panel } else { panels.len() * panel_len };
        let mut all_sums = Buffer::reused(4 * len);
        let all_sums = all_sums.as_mut_slice::<f32>();
        for (index, block) in depth.blocks.iter().enumerate() {
            for panel in panels.clone() {
                let first_col = panel * micro.panel;
                let width = micro.panel.min(cols.end - first_col);
                let start = right.panel(block, panel);
                for row in rows.clone().step_by(micro.rows) {
                    let count = micro.rows.min(rows.end - row);
                    let (address, stride) = left.row(index, row);
                    let at = (panel - panels.start) * panel_len + (row - rows.start) * micro.panel;
                    let sums = &mut all_sums[if last == 0 { 0 } else { at }..];
                    // SAFETY: the rows lie inside the packed rows and the sums, both padded as the microkernel requires;
                    // the panel is whole; the caller promises `isa`.
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
                            sums: sums.as_mut_ptr().cast(),
                            adds: index > 0,
                        });
                    }
                    if index == last {
                        // SAFETY: the rows and columns lie inside the rectangle, which is this task's alone.
                        let row = |at: usize| unsafe {
                            std::slice::from_raw_parts_mut(out.start().add((row + at) * n + first_col), width)
                        };
                        vectorize(isa, Store { sums: &sums[..count * micro.panel], panel: micro.panel, row });
                    }
                }
            }
        }
    }
}

/// Rounds sums into the output.
struct Store<'a, R> {
    sums: &'a [f32],
    panel: usize,
    row: R,
}

impl<'a, T: Element, R: Fn(usize) -> &'a mut [T]> Kernel for Store<'_, R> {
    type Output = ();

    #[inline(always)]
    fn run<const FUSED: bool>(self) {
        for (at, sums) in self.sums.chunks_exact(self.panel).enumerate() {
            let out = (self.row)(at);
            out.iter_mut().zip(sums).for_each(|(out, sum)| *out = T::narrow(*sum));
        }
    }
}
