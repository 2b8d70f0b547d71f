use std::ops::Range;

use super::Sums;
use crate::cpu::Kernel;
use crate::{Activation, Element};

const LANES: usize = 16;

/// Turns sums into outputs.
pub(super) struct Finish<'a, T> {
    pub(super) sums: &'a mut Sums,
    /// Columns of the sums.
    pub(super) panel: usize,
    /// Rows of the output.
    pub(super) rows: Range<usize>,
    /// Columns of the weight, at most `panel`.
    pub(super) cols: Range<usize>,
    pub(super) bias: Option<&'a [T]>,
    pub(super) activation: Option<Activation>,
    pub(super) residual: Option<&'a [T]>,
    pub(super) out: *mut T,
    /// The output's column at which the weight's first lies.
    pub(super) first_col: usize,
    /// Columns of the output.
    pub(super) n: usize,
}

impl<T: Element> Kernel for Finish<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<const FUSED: bool>(self) {
        let Self { sums, panel, rows, cols, mut bias, activation, residual, out, first_col, n } = self;
        let sums = &mut sums.floats()[..rows.len() * panel];
        bias = bias.map(|bias| &bias[cols.clone()]);
        if let Some(activation) = activation {
            if let Some(bias) = bias.take() {
                sums.chunks_exact_mut(panel).for_each(|sums| add_in_place(sums, bias));
            }
            // All rows at once: one long loop hides the latency of the function's chain of operations.
            activation.apply::<FUSED>(sums);
        }
        for (row, sums) in rows.zip(sums.chunks_exact(panel)) {
            let start = row * n + first_col + cols.start;
            // SAFETY: the row and the columns lie inside the output, in a rectangle that nothing else refers to.
            let out = unsafe { std::slice::from_raw_parts_mut(out.add(start), cols.len()) };
            let residual = residual.map(|residual| &residual[start..start + cols.len()]);
            match (bias, residual) {
                (None, None) => store(out, sums, |_| 0.0),
                (Some(bias), None) => store(out, sums, |col| bias[col].widen()),
                (None, Some(residual)) => store(out, sums, |col| residual[col].widen()),
                (Some(bias), Some(residual)) => store(out, sums, |col| bias[col].widen() + residual[col].widen()),
            }
        }
    }
}

#[inline(always)]
fn add_in_place<T: Element>(sums: &mut [f32], bias: &[T]) {
    sums.iter_mut().zip(bias).for_each(|(sum, bias)| *sum += bias.widen());
}

/// `out = sums + term`, in chunks whose length the compiler knows.
#[inline(always)]
fn store<T: Element>(out: &mut [T], sums: &[f32], term: impl Fn(usize) -> f32) {
    let (chunks, rest) = out.as_chunks_mut::<LANES>();
    let whole = chunks.len() * LANES;
    for (chunk, (out, sums)) in chunks.iter_mut().zip(sums.as_chunks::<LANES>().0).enumerate() {
        for lane in 0..LANES {
            out[lane] = T::narrow(sums[lane] + term(chunk * LANES + lane));
        }
    }
    for (at, out) in rest.iter_mut().enumerate() {
        *out = T::narrow(sums[whole + at] + term(whole + at));
    }
}
