//! Cross entropy of rows of logits, and its gradient.

use crate::cpu::{self, Isa, Kernel, vectorize};
use crate::element::Element;
use crate::math::exp;
use crate::rows;
use crate::softmax::log_sum;

/// Writes the logarithm of each row's sum of exponentials, with the processor's best instruction set on all threads; zero for
/// rows of a negative class, which are not read.
///
/// **Shapes:** `logits: [rows, width]`, `classes, sums: [rows]`. **Panics** if a length does not match.
pub fn log_sums<T: Element>(logits: &[T], classes: &[i64], sums: &mut [f32]) {
    log_sums_with(cpu::isa(), logits, classes, sums);
}

fn log_sums_with<T: Element>(isa: Isa, logits: &[T], classes: &[i64], sums: &mut [f32]) {
    let width = width_of(logits.len(), classes);
    assert_eq!(sums.len(), classes.len(), "sums is not [rows]");
    rows::for_each_result(sums, width, |first, sums| {
        vectorize(isa, LogSums { logits: &logits[first * width..], width, classes: &classes[first..], sums });
    });
}

/// Replaces logits by the gradient of the cross entropies of their rows' classes, times `factor`, with the processor's best
/// instruction set on all threads: the softmax, less one at the class; zero in rows of a negative class.
///
/// **Shapes:** `logits: [rows, width]`, `classes: [rows]`, and `sums` as [`log_sums`] wrote it. **Panics** if a length does
/// not match, or if a class is not below `width`.
pub fn gradient<T: Element>(logits: &mut [T], classes: &[i64], sums: &[f32], factor: f32) {
    gradient_with(cpu::isa(), logits, classes, sums, factor);
}

fn gradient_with<T: Element>(isa: Isa, logits: &mut [T], classes: &[i64], sums: &[f32], factor: f32) {
    let width = width_of(logits.len(), classes);
    assert_eq!(sums.len(), classes.len(), "sums is not [rows]");
    rows::for_each_block(logits, width, |first, logits| {
        vectorize(isa, Gradient { logits, width, classes: &classes[first..], sums: &sums[first..], factor });
    });
}

/// Number of columns of `len` elements with a row for each class.
fn width_of(len: usize, classes: &[i64]) -> usize {
    let width = len / classes.len().max(1);
    assert_eq!(width * classes.len(), len, "logits is not [rows, width]");
    width
}

struct LogSums<'a, T> {
    logits: &'a [T],
    width: usize,
    classes: &'a [i64],
    sums: &'a mut [f32],
}

impl<T: Element> Kernel for LogSums<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<const FUSED: bool>(self) {
        for ((row, class), out) in self.logits.chunks_exact(self.width).zip(self.classes).zip(self.sums) {
            *out = 0.0;
            if *class >= 0 {
                let (max, log) = log_sum::<FUSED, _>(row);
                *out = max + log;
            }
        }
    }
}

struct Gradient<'a, T> {
    logits: &'a mut [T],
    width: usize,
    classes: &'a [i64],
    sums: &'a [f32],
    factor: f32,
}

impl<T: Element> Kernel for Gradient<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<const FUSED: bool>(self) {
        let Self { logits, width, classes, sums, factor } = self;
        for ((row, class), sum) in logits.chunks_exact_mut(width).zip(classes).zip(sums) {
            let Ok(class) = usize::try_from(*class) else {
                row.fill(T::narrow(0.0));
                continue;
            };
            let of_class = (exp::<FUSED>(row[class].widen() - sum) - 1.0) * factor;
            row.iter_mut().for_each(|x| *x = T::narrow(exp::<FUSED>(x.widen() - sum) * factor));
            row[class] = T::narrow(of_class);
        }
    }
}

#[cfg(test)]
mod tests {
    use half::bf16;

    use super::*;
    use crate::testing::{elements, rounding, row_shapes};

    fn agrees_with_double_precision<T: Element>() {
        for (rows, width) in row_shapes() {
            // One element of padding in front varies the alignment.
            let x: Vec<T> = elements::<T>(rows * width + 1, 1).iter().map(|x| T::narrow(20.0 * x.widen())).collect();
            let classes: Vec<i64> =
                (0..rows).map(|row| if row % 3 == 1 { -100 } else { (row * 7 % width) as i64 }).collect();
            for isa in Isa::testable() {
                let mut sums = vec![1.0; rows];
                log_sums_with(isa, &x[1..], &classes, &mut sums);
                let mut found = x.clone();
                gradient_with(isa, &mut found[1..], &classes, &sums, 0.5);
                let of_rows = x[1..].chunks(width).zip(found[1..].chunks(width)).zip(&sums).zip(&classes);
                for (((row, found), log_sum), class) in of_rows {
                    let wide: Vec<f64> = row.iter().map(|x| f64::from(x.widen())).collect();
                    let sum: f64 = wide.iter().map(|x| x.exp()).sum();
                    if *class < 0 {
                        assert_eq!(*log_sum, 0.0);
                        assert!(found.iter().all(|x| x.widen() == 0.0));
                        continue;
                    }
                    let off = (f64::from(*log_sum) - sum.ln()).abs();
                    assert!(off <= 8e-6, "{isa:?}, width {width}: off by {off:e} from {}", sum.ln());
                    for (at, (found, x)) in found.iter().zip(&wide).enumerate() {
                        let expected = (x.exp() / sum - if at as i64 == *class { 1.0 } else { 0.0 }) / 2.0;
                        let off = (f64::from(found.widen()) - expected).abs();
                        let bound = 4e-6 + rounding::<T>() * expected.abs();
                        assert!(off <= bound, "{isa:?}, width {width}: off by {off:e} from {expected}");
                    }
                }
            }
        }
    }

    #[test]
    fn sums_and_gradients_agree_with_double_precision_in_f32() {
        agrees_with_double_precision::<f32>();
    }

    #[test]
    fn sums_and_gradients_agree_with_double_precision_in_bf16() {
        agrees_with_double_precision::<bf16>();
    }

    #[test]
    fn infinite_and_missing_numbers_stay_in_their_row() {
        for isa in Isa::testable() {
            let mut x = [0.5f32; 3 * 40];
            x[3] = f32::NEG_INFINITY;
            x[45] = f32::NAN;
            let (classes, mut sums) = ([0, 1, 2], [0.0; 3]);
            log_sums_with(isa, &x, &classes, &mut sums);
            assert!((sums[0] - 0.5 - 39f32.ln()).abs() < 1e-6 && sums[1].is_nan(), "{isa:?} {sums:?}");
            gradient_with(isa, &mut x, &classes, &sums, 1.0);
            assert_eq!(x[3], 0.0, "{isa:?}");
            assert!(x[40..80].iter().all(|x| x.is_nan()) && x[80..].iter().all(|x| x.is_finite()), "{isa:?}");
        }
    }

    #[test]
    #[should_panic(expected = "logits is not [rows, width]")]
    fn rejects_incomplete_rows() {
        log_sums(&[0.0; 5], &[0, 0], &mut [0.0; 2]);
    }
}
