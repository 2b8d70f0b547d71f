use super::SERIAL;
use crate::cpu::{self, Isa, Kernel, vectorize};
use crate::memory::Shared;
use crate::reductions::{Reduction, reduce};

use crate::rows::fold;

/// Operands of the backward pass of a layer norm or RMS norm: its input, its weight and the gradient of its output.
///
/// **Shapes:** `x, gradient: [rows, width]`, `weight: [width]`.
#[derive(Clone, Copy, Debug)]
pub struct NormBackward<'a> {
    /// Input rows.
    pub x: &'a [f32],
    /// Weight of each column.
    pub weight: &'a [f32],
    /// Gradient of the output rows.
    pub gradient: &'a [f32],
    /// Epsilon added to the variance or the mean square.
    pub eps: f32,
    /// Whether the mean is subtracted: a layer norm.
    pub is_centered: bool,
}

/// Rows per task.
const ROWS: usize = 32;

impl NormBackward<'_> {
    /// Gradients of the input and of the weight, on all threads.
    ///
    /// **Shapes:** `of_x: [rows, width]`, `of_weight: [width]`. **Panics** if a length does not match.
    pub fn run(&self, of_x: &mut [f32], of_weight: &mut [f32]) {
        self.run_with(cpu::isa(), of_x, of_weight);
    }

    fn run_with(&self, isa: Isa, of_x: &mut [f32], of_weight: &mut [f32]) {
        let width = self.weight.len();
        assert!(width > 0 && of_x.len().is_multiple_of(width), "of_x is not [rows, width]");
        assert_eq!((self.x.len(), self.gradient.len()), (of_x.len(), of_x.len()), "x and gradient are not as long");
        assert_eq!(of_weight.len(), width, "of_weight is not [width]");
        let of_x_len = of_x.len();
        let rows = of_x_len / width;
        let tasks = rows.div_ceil(ROWS);
        // Each task adds up its own rows, so that the sums do not depend on the threads.
        let mut sums = vec![0.0f32; tasks * width];
        let (target, partial) = (Shared(of_x.as_mut_ptr()), Shared(sums.as_mut_ptr()));
        let task = |task: usize| {
            let first = task * ROWS * width;
            let len = (ROWS * width).min(rows * width - first);
            // SAFETY: the rows of different tasks are disjoint and lie inside `of_x`, which outlives the call.
            let of_x = unsafe { std::slice::from_raw_parts_mut(target.start().add(first), len) };
            // SAFETY: each task has one row of the sums, which outlive the call.
            let of_weight = unsafe { std::slice::from_raw_parts_mut(partial.start().add(task * width), width) };
            let [x, gradient] = [self.x, self.gradient].map(|all| &all[first..first + len]);
            vectorize(isa, Rows { norm: &Self { x, gradient, ..*self }, of_x, of_weight });
        };
        if of_x_len < SERIAL {
            (0..tasks).for_each(task)
        } else {
            cpu::parallel(tasks, task)
        }
        of_weight.fill(0.0);
        if tasks > 0 {
            reduce(Reduction::Sum, &sums, [1, tasks, width], of_weight);
        }
    }
}

struct Rows<'a, 'b> {
    norm: &'a NormBackward<'b>,
    of_x: &'a mut [f32],
    of_weight: &'a mut [f32],
}

impl Kernel for Rows<'_, '_> {
    type Output = ();

    #[inline(always)]
    fn run<const FUSED: bool>(self) {
        let Self { norm: NormBackward { x, weight, gradient, eps, is_centered }, of_x, of_weight } = self;
        let width = weight.len();
        let count = width as f32;
        let sum = |row: &[f32]| fold(row, 0.0, |sum, x| sum + x, |a, b| a + b);
        for ((x, gradient), out) in
            x.chunks_exact(width).zip(gradient.chunks_exact(width)).zip(of_x.chunks_exact_mut(width))
        {
            let mean = if *is_centered { sum(x) / count } else { 0.0 };
            let square = fold(x, 0.0, |sum, x| sum + (x - mean) * (x - mean), |a, b| a + b);
            let scale = 1.0 / (square / count + eps).sqrt();
            // With n the normalized row and g the weighted gradient: scale * (g - mean(g) - n * mean(g * n)).
            for ((out, gradient), weight) in out.iter_mut().zip(gradient).zip(*weight) {
                *out = gradient * weight;
            }
            let of_mean = if *is_centered { sum(out) / count } else { 0.0 };
            let mut lanes = [0.0f32; LANES];
            let ((outs, rest_outs), (xs, rest_xs)) = (out.as_chunks::<LANES>(), x.as_chunks::<LANES>());
            for (outs, xs) in outs.iter().zip(xs) {
                for lane in 0..LANES {
                    lanes[lane] += outs[lane] * (xs[lane] - mean);
                }
            }
            let rest: f32 = rest_outs.iter().zip(rest_xs).map(|(out, x)| out * (x - mean)).sum();
            let products = fold(&lanes, 0.0, |a, b| a + b, |a, b| a + b) + rest;
            let along = products * scale * scale / count;
            for (((out, x), gradient), sum) in out.iter_mut().zip(x).zip(gradient).zip(of_weight.iter_mut()) {
                let centered = x - mean;
                *sum += gradient * centered * scale;
                *out = scale * (*out - of_mean - centered * along);
            }
        }
    }
}

const LANES: usize = 16;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::elements;

    /// The sum of the output times its gradient, in double precision.
    fn total(x: &[f64], weight: &[f64], gradient: &[f32], eps: f64, is_centered: bool) -> f64 {
        let width = weight.len() as f64;
        let rows = x.chunks(weight.len()).zip(gradient.chunks(weight.len()));
        rows.map(|(x, gradient)| {
            let mean = if is_centered { x.iter().sum::<f64>() / width } else { 0.0 };
            let square = x.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / width;
            let scale = 1.0 / (square + eps).sqrt();
            let terms = x.iter().zip(weight).zip(gradient);
            terms.map(|((x, weight), gradient)| (x - mean) * scale * weight * f64::from(*gradient)).sum::<f64>()
        })
        .sum()
    }

    #[test]
    fn gradients_are_finite_differences() {
        const EPS: f32 = 1e-5;
        for (rows, width) in [(1, 1), (3, 40), (70, 7), (65, 131)] {
            let (x, weight) = (elements::<f32>(rows * width, 1), elements::<f32>(width, 2));
            let gradient = elements::<f32>(rows * width, 3);
            let wide = |values: &[f32]| values.iter().map(|value| f64::from(*value)).collect::<Vec<_>>();
            for (is_centered, isa) in
                [false, true].into_iter().flat_map(|one| Isa::testable().map(move |isa| (one, isa)))
            {
                // Without variance the gradient is huge.
                if is_centered && width == 1 {
                    continue;
                }
                let (mut of_x, mut of_weight) = (vec![f32::NAN; rows * width], vec![f32::NAN; width]);
                let norm = NormBackward { x: &x, weight: &weight, gradient: &gradient, eps: EPS, is_centered };
                norm.run_with(isa, &mut of_x, &mut of_weight);
                let slope = |values: &[f64], at: usize, total: &dyn Fn(&[f64]) -> f64| {
                    let moved = |step: f64| {
                        let mut values = values.to_vec();
                        values[at] += step;
                        total(&values)
                    };
                    (moved(1e-5) - moved(-1e-5)) / 2e-5
                };
                let (eps, wide_x, wide_weight) = (f64::from(EPS), wide(&x), wide(&weight));
                for at in (0..rows * width).step_by(1 + rows * width / 40) {
                    let of = |x: &[f64]| total(x, &wide_weight, &gradient, eps, is_centered);
                    let expected = slope(&wide_x, at, &of);
                    let error = (f64::from(of_x[at]) - expected).abs();
                    assert!(error < 1e-3 * (1.0 + expected.abs()), "{isa:?} {at}: {} {expected}", of_x[at]);
                }
                for at in (0..width).step_by(1 + width / 20) {
                    let of = |weight: &[f64]| total(&wide_x, weight, &gradient, eps, is_centered);
                    let expected = slope(&wide_weight, at, &of);
                    assert!((f64::from(of_weight[at]) - expected).abs() < 1e-3 * (1.0 + expected.abs()), "{isa:?}");
                }
            }
        }
    }
}
