use std::ops::Range;

use super::Sums;
use crate::cpu::Kernel;
use crate::gemm::{MAX_PANEL, MAX_ROWS};
use crate::{Activation, Element};

const LANES: usize = 16;

/// Turns sums into outputs: bias, activation, residual and rounding.
pub(super) struct Finish<'a, T> {
    pub(super) sums: &'a mut Sums,
    pub(super) staged: &'a mut Staged<T>,
    /// Number of columns of the sums.
    pub(super) panel: usize,
    /// Rows of the output.
    pub(super) rows: Range<usize>,
    /// Columns of the weight, at most `panel`.
    pub(super) cols: Range<usize>,
    /// Bias of each column of the sums.
    pub(super) bias: Option<&'a [f32]>,
    pub(super) activation: Option<Activation>,
    pub(super) residual: Option<&'a [T]>,
    pub(super) out: *mut T,
    /// Output column of the weight's first column.
    pub(super) first_col: usize,
    /// Number of columns of the output.
    pub(super) n: usize,
}

impl<T: Element> Kernel for Finish<'_, T> {
    type Output = ();

    // Each loop does one thing over all rows at once: LLVM vectorizes such loops, and few others.
    #[inline(always)]
    fn run<const FUSED: bool>(self) {
        let Self { sums, staged, panel, rows, cols, bias, activation, residual, out, first_col, n } = self;
        let sums = &mut sums.floats()[..rows.len() * panel];
        if let Some(bias) = bias {
            for sums in sums.chunks_exact_mut(panel) {
                for (sums, bias) in sums.as_chunks_mut::<LANES>().0.iter_mut().zip(bias.as_chunks::<LANES>().0) {
                    for lane in 0..LANES {
                        sums[lane] += bias[lane];
                    }
                }
            }
        }
        if let Some(activation) = activation {
            activation.apply::<FUSED>(sums);
        }
        let staged = &mut staged.0[..sums.len()];
        let starts = rows.map(|row| row * n + first_col + cols.start);
        if let Some(residual) = residual {
            for (start, staged) in starts.clone().zip(staged.chunks_exact_mut(panel)) {
                copy(&residual[start..start + cols.len()], staged);
            }
            sums.iter_mut().zip(&*staged).for_each(|(sum, residual)| *sum += residual.widen());
        }
        staged.iter_mut().zip(&*sums).for_each(|(out, sum)| *out = T::narrow(*sum));
        for (start, staged) in starts.zip(staged.chunks_exact(panel)) {
            // SAFETY: the row and the columns lie inside the output, in a rectangle that nothing else refers to.
            let out = unsafe { std::slice::from_raw_parts_mut(out.add(start), cols.len()) };
            copy(&staged[..cols.len()], out);
        }
    }
}

/// Staging buffer for the outputs of one block.
#[repr(align(64))]
pub(super) struct Staged<T>([T; MAX_ROWS * MAX_PANEL]);

impl<T: Element> Staged<T> {
    pub(super) fn new() -> Self {
        Self([T::narrow(0.0); MAX_ROWS * MAX_PANEL])
    }
}

/// Copies inline: for lengths unknown at compile time `copy_from_slice` is a call, and rows are short.
#[inline(always)]
fn copy<T: Copy>(from: &[T], to: &mut [T]) {
    let (chunks, rest) = from.as_chunks::<LANES>();
    let (chunks_to, rest_to) = to[..from.len()].as_chunks_mut::<LANES>();
    chunks_to.iter_mut().zip(chunks).for_each(|(to, from)| *to = *from);
    rest_to.iter_mut().zip(rest).for_each(|(to, from)| *to = *from);
}
