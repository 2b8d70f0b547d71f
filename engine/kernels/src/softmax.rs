//! Softmax over rows.

use crate::cpu::{self, Isa, Kernel, vectorize};
use crate::element::Element;
use crate::math::exp;
use crate::rows;

/// Replaces every row by its softmax, with the processor's best instruction set on all threads.
///
/// A row of minus infinity becomes zero. Arithmetic is in f32 and the result is rounded once.
///
/// **Shapes:** `x: [rows, width]`. **Panics** if the length of `x` is not a multiple of `width`.
pub fn softmax<T: Element>(x: &mut [T], width: usize) {
    softmax_with(cpu::isa(), x, width);
}

/// [`softmax`] with the given instruction set.
///
/// **Panics** if the length of `x` is not a multiple of `width`, or if the processor lacks the instruction set.
pub fn softmax_with<T: Element>(isa: Isa, x: &mut [T], width: usize) {
    assert!(isa.is_available(), "this processor has no {}", isa.name());
    assert!(x.len().is_multiple_of(width), "x is not [rows, width]");
    rows::for_each_block(x, width, |_, x| vectorize(isa, Block { x, width }));
}

/// Replaces every row by the logarithm of its softmax, with the processor's best instruction set on all threads.
///
/// A row with NaN, with infinity or of minus infinity becomes NaN. The sum over a row is taken in f32, and the result is
/// rounded once.
///
/// **Shapes:** `x: [rows, width]`. **Panics** if the length of `x` is not a multiple of `width`.
pub fn log_softmax<T: Element>(x: &mut [T], width: usize) {
    log_softmax_with(cpu::isa(), x, width);
}

/// [`log_softmax`] with the given instruction set.
///
/// **Panics** if the length of `x` is not a multiple of `width`, or if the processor lacks the instruction set.
pub fn log_softmax_with<T: Element>(isa: Isa, x: &mut [T], width: usize) {
    assert!(isa.is_available(), "this processor has no {}", isa.name());
    assert!(x.len().is_multiple_of(width), "x is not [rows, width]");
    rows::for_each_block(x, width, |_, x| vectorize(isa, Logarithms { x, width }));
}

/// Replaces every row by the logarithm of its softmax.
pub(crate) struct Logarithms<'a, T> {
    /// **Shapes:** `[rows, width]`.
    pub(crate) x: &'a mut [T],
    pub(crate) width: usize,
}

impl<T: Element> Kernel for Logarithms<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<const FUSED: bool>(self) {
        for x in self.x.chunks_exact_mut(self.width) {
            let (max, log) = log_sum::<FUSED, _>(x);
            x.iter_mut().for_each(|x| *x = T::narrow(x.widen() - max - log));
        }
    }
}

/// The largest element of a row, and the logarithm of the sum of exponentials of the differences from it.
#[inline(always)]
pub(crate) fn log_sum<const FUSED: bool, T: Element>(row: &[T]) -> (f32, f32) {
    let max = largest(row);
    let sum = rows::sum(row, |sum, x| sum + exp::<FUSED>(x - max));
    (max, f64::from(sum).ln() as f32)
}

/// The largest element of a row. Skips NaN, which reappears in sums of exponentials.
#[inline(always)]
fn largest<T: Element>(row: &[T]) -> f32 {
    let larger = |a: f32, b: f32| if b > a { b } else { a };
    rows::fold(row, f32::NEG_INFINITY, larger, larger)
}

struct Block<'a, T> {
    x: &'a mut [T],
    width: usize,
}

impl<T: Element> Kernel for Block<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<const FUSED: bool>(self) {
        let mut scratch = rows::scratch(self.width);
        let row = scratch.as_mut_slice::<f32>();
        for x in self.x.chunks_exact_mut(self.width) {
            row.iter_mut().zip(&*x).for_each(|(value, x)| *value = x.widen());
            let scale = exponentials::<FUSED>(row);
            x.iter_mut().zip(&*row).for_each(|(x, value)| *x = T::narrow(value * scale));
        }
    }
}

/// Replaces the row by its exponentials up to a factor, and returns the scale that makes their sum one.
#[inline(always)]
fn exponentials<const FUSED: bool>(row: &mut [f32]) -> f32 {
    let max = largest(row);
    // The difference of infinities would be NaN.
    let shift = if max == f32::NEG_INFINITY { 0.0 } else { max };
    row.iter_mut().for_each(|value| *value = exp::<FUSED>(*value - shift));
    let sum = rows::sum(row, |sum, value| sum + value);
    if sum == 0.0 { 0.0 } else { 1.0 / sum }
}

#[cfg(test)]
mod tests {
    use half::bf16;

    use super::*;
    use crate::testing::{elements, rounding, row_shapes, values};

    fn in_double_precision(row: &[f64]) -> Vec<f64> {
        let max = row.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let sum: f64 = row.iter().map(|x| (x - max).exp()).sum();
        row.iter().map(|x| (x - max).exp() / sum).collect()
    }

    fn softmax_matches_double_precision<T: Element>() {
        for (rows, width) in row_shapes() {
            // One element of padding in front varies the alignment; the factor makes some results tiny.
            let x: Vec<T> = elements::<T>(rows * width + 1, 1).iter().map(|x| T::narrow(20.0 * x.widen())).collect();
            let wide: Vec<f64> = x[1..].iter().map(|x| f64::from(x.widen())).collect();
            let expected: Vec<f64> = wide.chunks(width).flat_map(in_double_precision).collect();
            for isa in Isa::testable() {
                let mut found = x.clone();
                softmax_with(isa, &mut found[1..], width);
                for (found, expected) in found[1..].iter().zip(&expected) {
                    let error = (f64::from(found.widen()) - expected).abs();
                    // Differences up to 40 are rounded by 2e-6.
                    let bound = (4e-6 + rounding::<T>()) * expected;
                    assert!(error <= bound, "{isa:?}, width {width}: off by {error:e} from {expected}");
                }
            }
        }
    }

    #[test]
    fn softmax_matches_double_precision_in_f32() {
        softmax_matches_double_precision::<f32>();
    }

    #[test]
    fn softmax_matches_double_precision_in_bf16() {
        softmax_matches_double_precision::<bf16>();
    }

    #[test]
    fn log_softmax_matches_double_precision() {
        for (rows, width) in row_shapes() {
            let x: Vec<f32> = values(rows * width + 1, 1).iter().map(|x| 20.0 * x).collect();
            let wide: Vec<f64> = x[1..].iter().copied().map(f64::from).collect();
            let expected: Vec<f64> = wide.chunks(width).flat_map(in_double_precision).map(f64::ln).collect();
            for isa in Isa::testable() {
                let mut found = x.clone();
                log_softmax_with(isa, &mut found[1..], width);
                for (found, expected) in found[1..].iter().zip(&expected) {
                    let error = (f64::from(*found) - expected).abs();
                    assert!(error <= 8e-6, "{isa:?}, width {width}: off by {error:e} from {expected}");
                }
            }
        }
    }

    #[test]
    fn logarithms_of_rows_without_a_largest_finite_element_are_nan() {
        for isa in Isa::testable() {
            for (one, others) in [(f32::NAN, 1.0), (f32::INFINITY, 1.0), (f32::NEG_INFINITY, f32::NEG_INFINITY)] {
                let mut x = [others; 82];
                x[70] = one;
                x[..41].fill(0.5);
                x[1] = f32::NEG_INFINITY;
                log_softmax_with(isa, &mut x, 41);
                assert!((x[0] + 40f32.ln()).abs() < 1e-6 && x[1] == f32::NEG_INFINITY, "{isa:?}");
                assert!(x[41..].iter().all(|x| x.is_nan()), "{isa:?} {one}");
            }
        }
    }

    #[test]
    fn rows_without_a_finite_element_become_zero_and_nan_stays_in_its_row() {
        const HIDDEN: f32 = f32::NEG_INFINITY;
        for width in [1, 3, 40, 77] {
            for isa in Isa::testable() {
                let mut x = values(5 * width, 2);
                x[..width].fill(HIDDEN);
                x[2 * width..3 * width].fill(HIDDEN);
                x[3 * width - 1] = f32::NAN;
                x[4 * width..].fill(HIDDEN);
                x[4 * width] = -3e38;
                softmax_with(isa, &mut x, width);
                let rows: Vec<&[f32]> = x.chunks(width).collect();
                assert!(rows[0].iter().all(|value| *value == 0.0), "{isa:?} {width}");
                assert!(rows[2].iter().all(|value| value.is_nan()), "{isa:?} {width}");
                for row in [rows[1], rows[3], rows[4]] {
                    assert!((row.iter().sum::<f32>() - 1.0).abs() < 1e-6, "{isa:?} {width}");
                }
                assert_eq!(rows[4][0], 1.0, "{isa:?} {width}");
            }
        }
    }

    #[test]
    #[should_panic(expected = "x is not [rows, width]")]
    fn rejects_incomplete_rows() {
        softmax(&mut [0.0; 5], 2);
    }
}
