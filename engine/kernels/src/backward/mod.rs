//! Backward passes of fused operations, in f32.

mod activation;
mod attention;
mod norm;

use crate::cpu::{self, Kernel, vectorize};
use crate::memory::Shared;
use crate::rows;

pub use activation::{activate, activate_backward, gate_backward};
pub use attention::{AttentionBackward, Sequence};
pub use norm::NormBackward;

/// Adds a bias to every row in place, on all threads.
///
/// **Shapes:** `x: [rows, width]`, `bias: [width]`. **Panics** if `x` is not of whole rows.
pub fn add_bias(x: &mut [f32], bias: &[f32]) {
    assert!(x.len().is_multiple_of(bias.len().max(1)), "x is not [rows, width]");
    rows::for_each_block(x, bias.len(), |_, block| {
        vectorize(cpu::isa(), AddBias { block, bias });
    });
}

struct AddBias<'a> {
    block: &'a mut [f32],
    bias: &'a [f32],
}

impl Kernel for AddBias<'_> {
    type Output = ();

    #[inline(always)]
    fn run<const FUSED: bool>(self) {
        for row in self.block.chunks_exact_mut(self.bias.len()) {
            row.iter_mut().zip(self.bias).for_each(|(x, bias)| *x += bias);
        }
    }
}

/// Sum of all rows, on all threads.
///
/// **Shapes:** `x: [rows, width]`, `out: [width]`. **Panics** if `x` is not of whole rows.
pub fn sum_rows(x: &[f32], out: &mut [f32]) {
    let width = out.len();
    assert!(x.len().is_multiple_of(width.max(1)), "x is not [rows, width]");
    let target = Shared(out.as_mut_ptr());
    let tasks = width.div_ceil(COLUMNS);
    let task = |task: usize| {
        let first = task * COLUMNS;
        let len = COLUMNS.min(width - first);
        // SAFETY: the columns of different tasks are disjoint and lie inside `out`, which outlives the call.
        let out = unsafe { std::slice::from_raw_parts_mut(target.start().add(first), len) };
        vectorize(cpu::isa(), SumRows { x, width, first, out });
    };
    if x.len() < SERIAL { (0..tasks).for_each(task) } else { cpu::parallel(tasks, task) }
}

/// Columns per task.
const COLUMNS: usize = 256;
/// Elements below which a second thread costs more than it saves.
const SERIAL: usize = 32 * 1024;

struct SumRows<'a> {
    x: &'a [f32],
    width: usize,
    first: usize,
    out: &'a mut [f32],
}

impl Kernel for SumRows<'_> {
    type Output = ();

    #[inline(always)]
    fn run<const FUSED: bool>(self) {
        let Self { x, width, first, out } = self;
        let mut sums = [0.0f32; COLUMNS];
        let sums = &mut sums[..out.len()];
        for row in x.chunks_exact(width) {
            let row = &row[first..first + sums.len()];
            sums.iter_mut().zip(row).for_each(|(sum, x)| *sum += x);
        }
        out.copy_from_slice(sums);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::elements;

    #[test]
    fn sums_and_biases_of_rows() {
        for (rows, width) in [(1, 1), (7, 5), (300, 257), (200, 700)] {
            let x = elements::<f32>(rows * width, 1);
            let bias = elements::<f32>(width, 2);
            let mut sums = vec![f32::NAN; width];
            sum_rows(&x, &mut sums);
            let mut biased = x.clone();
            add_bias(&mut biased, &bias);
            for column in 0..width {
                let expected: f64 = (0..rows).map(|row| f64::from(x[row * width + column])).sum();
                assert!((f64::from(sums[column]) - expected).abs() < 1e-4 * (1.0 + expected.abs()));
                assert_eq!(biased[(rows - 1) * width + column], x[(rows - 1) * width + column] + bias[column]);
            }
        }
    }
}
