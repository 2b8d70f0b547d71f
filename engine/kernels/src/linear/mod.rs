//! Linear layers with packed weights: `out = activation(x * transpose(weight) + bias) + residual`.

mod dequantize;
mod finish;
mod group_layout;
mod groups;
mod pack;
mod prepare;
#[cfg(test)]
mod tests;
mod values;

use std::ops::Range;

pub use groups::Groups;
pub use pack::PackedWeight;
pub use values::Values;

use crate::cpu::{self, Isa};
use crate::gemm::{self, Block, MAX_PANEL, MAX_ROWS, Micro};
use crate::memory::Shared;
use crate::split::Split;
use crate::{Activation, Element};
use finish::{Finish, Staged};
use prepare::Left;
pub(crate) use prepare::{bf16_unit, parts};

/// Bytes of prepared rows per task: half of a small L2 cache; the rest is for panels.
const BLOCK_BYTES: usize = 384 << 10;
/// Tasks per thread for many rows, so that a preempted thread does not delay the others.
const TASKS_PER_THREAD: usize = 4;
/// Products below which a second thread costs more than it saves.
const SERIAL_PRODUCTS: usize = 1 << 17;

/// Weight and bias of one layer.
#[derive(Clone, Copy, Debug)]
pub struct Part<'a, T> {
    /// Packed weight.
    pub weight: &'a PackedWeight,
    /// Bias; `None` if there is none. **Shapes:** `[n]`.
    pub bias: Option<&'a [T]>,
}

/// Linear layers that share an input; their outputs are concatenated along the columns.
///
/// **Shapes:** `x: [m, k]`, all row-major.
#[derive(Clone, Copy, Debug)]
pub struct Linear<'a, T> {
    /// Input rows.
    pub x: &'a [T],
    /// One part per layer, all packed for the same instruction set.
    pub parts: &'a [Part<'a, T>],
    /// Activation, applied after the bias; `None` if there is none.
    pub activation: Option<Activation>,
    /// Residual, added last; `None` if there is none. **Shapes:** `[m, sum of n]`.
    pub residual: Option<&'a [T]>,
}

impl<T: Element> Linear<'_, T> {
    /// Computes the layers on all threads, with the instruction set that the weights were packed for.
    ///
    /// **Shapes:** `out: [m, sum of n]`.
    ///
    /// **Panics** if a length does not match, or if the weights are packed for different instruction sets or `k`.
    pub fn run(&self, out: &mut [T]) {
        let Some(first) = self.parts.first().map(|part| part.weight) else {
            panic!("a linear layer without a weight");
        };
        let (isa, k) = (first.isa, first.k);
        for Part { weight, bias } in self.parts {
            assert_eq!((weight.isa, weight.k), (isa, k), "weights are packed differently");
            assert!(bias.is_none_or(|bias| bias.len() == weight.n), "bias is not [n]");
        }
        let n: usize = self.parts.iter().map(|part| part.weight.n).sum();
        if n == 0 || out.is_empty() {
            assert!(out.is_empty(), "out is not [m, n]");
            return;
        }
        let m = out.len() / n;
        assert_eq!(out.len(), m * n, "out is not [m, n]");
        assert_eq!(self.x.len(), m * k, "x is not [m, k]");
        assert!(self.residual.is_none_or(|residual| residual.len() == m * n), "residual is not [m, n]");

        let out = Shared(out.as_mut_ptr());
        let mut first_col = 0;
        // Adjacent layers with the same format share the prepared rows.
        for parts in self.parts.chunk_by(|a, b| a.weight.format == b.weight.format) {
            let first = parts[0].weight;
            let micro = gemm::micro(isa, first.format);
            let left = Left::prepare(self.x, first, micro, m);
            let panels: usize = parts.iter().map(|part| part.weight.panels()).sum();
            let cols: usize = parts.iter().map(|part| part.weight.n).sum();
            let plan = Plan::new(m, first.units, micro, panels, m * cols * k);
            let run = Run { layer: self, parts, first_col, isa, micro, left: &left, n, out: &out };
            cpu::parallel(plan.tasks(), |task| {
                let (rows, panels) = plan.task(task);
                // SAFETY: the tasks' rectangles are disjoint and lie inside `out`, whose length was checked and which
                // outlives the loop; the weights were packed for `isa`, which the processor has.
                unsafe { run.rectangle(rows, panels) };
            });
            first_col += cols;
        }
    }
}

/// Splits the output into tasks: rectangles of rows and panels.
struct Plan {
    rows: Split,
    panels: Split,
}

impl Plan {
    fn new(m: usize, units: usize, micro: Micro, panels: usize, products: usize) -> Self {
        let threads = if products < SERIAL_PRODUCTS { 1 } else { cpu::num_threads() };
        let most_rows = (BLOCK_BYTES / (4 * units.max(1))).max(1).next_multiple_of(micro.rows);
        let rows = Split { len: m, parts: m.div_ceil(most_rows), multiple: micro.row_group };
        // With few rows, loading the weight dominates: long runs of panels make the most of prefetching.
        let per_thread = if rows.parts == 1 { 1 } else { TASKS_PER_THREAD };
        let wanted = if threads == 1 { 1 } else { threads * per_thread };
        Self { panels: Split { len: panels, parts: wanted.div_ceil(rows.parts).min(panels), multiple: 1 }, rows }
    }

    fn tasks(&self) -> usize {
        self.rows.parts * self.panels.parts
    }

    fn task(&self, task: usize) -> (Range<usize>, Range<usize>) {
        (self.rows.part(task / self.panels.parts), self.panels.part(task % self.panels.parts))
    }
}

struct Run<'a, T> {
    layer: &'a Linear<'a, T>,
    /// The layer's parts with the same format, and the output column of the first.
    parts: &'a [Part<'a, T>],
    first_col: usize,
    isa: Isa,
    micro: Micro,
    left: &'a Left<'a>,
    n: usize,
    out: &'a Shared<T>,
}

/// Sums of one microkernel call.
#[repr(align(64))]
pub(crate) struct Sums(pub(crate) [u32; MAX_ROWS * MAX_PANEL]);

/// Working memory of a task.
type Room<T> = (Sums, Staged<T>);

impl Sums {
    /// The sums as f32, for every format but int8 before dequantization.
    fn floats(&mut self) -> &mut [f32] {
        // SAFETY: both have four bytes, the same alignment, and every bit pattern is valid.
        unsafe { std::slice::from_raw_parts_mut(self.0.as_mut_ptr().cast(), self.0.len()) }
    }
}

impl<T: Element> Run<'_, T> {
    /// # Safety
    /// Nothing else writes this rectangle of the output; the processor has `isa`.
    unsafe fn rectangle(&self, rows: Range<usize>, panels: Range<usize>) {
        let mut room = (Sums([0; MAX_ROWS * MAX_PANEL]), Staged::new());
        let (mut first_panel, mut first_col) = (0, self.first_col);
        for part in self.parts {
            let own = first_panel..first_panel + part.weight.panels();
            let wanted = panels.start.max(own.start)..panels.end.min(own.end);
            for panel in wanted {
                // SAFETY: the caller's promises.
                unsafe { self.panel(part, panel - own.start, first_col, rows.clone(), &mut room) };
            }
            first_panel = own.end;
            first_col += part.weight.n;
        }
    }

    /// # Safety
    /// As [`Run::rectangle`].
    unsafe fn panel(&self, part: &Part<'_, T>, panel: usize, first_col: usize, rows: Range<usize>, room: &mut Room<T>) {
        let Self { micro, isa, left, n, .. } = *self;
        let (sums, staged) = room;
        let weight = part.weight;
        let depth = weight.depth();
        let col = panel * micro.panel;
        let cols = col..(col + micro.panel).min(weight.n);
        let mut bias = [0.0; MAX_PANEL];
        if let Some(values) = part.bias {
            bias.iter_mut().zip(&values[cols.clone()]).for_each(|(bias, value)| *bias = value.widen());
        }
        let blocks = Split { len: rows.len(), parts: rows.len().div_ceil(micro.rows), multiple: micro.row_group };
        for index in 0..blocks.parts {
            let block = blocks.part(index);
            let row = rows.start + block.start;
            if block.is_empty() {
                continue;
            }
            let start = weight.panel(panel);
            let fetched = weight.panel_units + index * weight.panel_units / blocks.parts;
            // The output's cache lines arrive while the products are computed.
            for row in row..row + block.len() {
                cpu::prefetch(self.out.start().wrapping_add(row * n + first_col + cols.start), cols.len());
            }
            // SAFETY: `row` and the block's rows lie inside the prepared rows, which are padded as the microkernel
            // requires; the panel is whole; the caller promises `isa`.
            unsafe {
                micro.run(&Block {
                    rows: block.len(),
                    left: left.row(row),
                    stride: left.stride,
                    panel: start,
                    units: depth.units,
                    group_blocks: depth.group_blocks,
                    prefetch: start.wrapping_add(fetched),
                    prefetch_step: depth.unit_bytes.div_ceil(blocks.parts),
                    sums: sums.0.as_mut_ptr(),
                    adds: false,
                });
            }
            if let Some(scales) = weight.scales(panel, left, row..row + block.len()) {
                scales.apply(isa, &mut sums.0[..block.len() * micro.panel]);
            }
            let finish = Finish {
                sums: &mut *sums,
                staged: &mut *staged,
                panel: micro.panel,
                rows: row..row + block.len(),
                cols: cols.clone(),
                bias: part.bias.map(|_| &bias[..micro.panel]),
                activation: self.layer.activation,
                residual: self.layer.residual,
                out: self.out.start(),
                first_col,
                n,
            };
            cpu::vectorize(isa, finish);
        }
    }
}
