//! Layer norm and RMS norm over rows, with an optional residual added to the input.

mod row;

use crate::cpu::{self, Isa};
use crate::element::Element;

use row::Input;
pub(crate) use row::{Norm, run};

/// Layer norm operands: `out = (h - mean(h)) / sqrt(var(h) + eps) * weight + bias` per row of `h = x + residual`.
///
/// The variance is biased. Statistics are in f32 and the result is rounded once.
///
/// **Shapes:** `x, residual: [rows, width]`, `weight, bias: [width]`. **Source:** arXiv 1607.06450.
#[derive(Clone, Copy, Debug)]
pub struct LayerNorm<'a, T> {
    /// Input rows.
    pub x: &'a [T],
    /// Residual added to the input rows first; `None` if there is none.
    pub residual: Option<&'a [T]>,
    /// Weight of each column.
    pub weight: &'a [T],
    /// Bias added to every output row; `None` if there is none.
    pub bias: Option<&'a [T]>,
    /// Epsilon added to the variance.
    pub eps: f32,
    /// Length of a row.
    pub width: usize,
}

/// RMS norm operands: `out = h / sqrt(mean(h * h) + eps) * weight` per row of `h = x + residual`.
///
/// Statistics are in f32 and the result is rounded once.
///
/// **Shapes:** `x, residual: [rows, width]`, `weight: [width]`. **Source:** arXiv 1910.07467.
#[derive(Clone, Copy, Debug)]
pub struct RmsNorm<'a, T> {
    /// Input rows.
    pub x: &'a [T],
    /// Residual added to the input rows first; `None` if there is none.
    pub residual: Option<&'a [T]>,
    /// Weight of each column.
    pub weight: &'a [T],
    /// Epsilon added to the mean square.
    pub eps: f32,
    /// Length of a row.
    pub width: usize,
}

impl<T: Element> LayerNorm<'_, T> {
    /// Normalizes with the processor's best instruction set on all threads.
    ///
    /// **Shapes:** `out: [rows, width]`. **Panics** if a slice's length does not match `width` and `out`.
    pub fn run(&self, out: &mut [T]) {
        self.run_with(cpu::isa(), out);
    }

    /// Normalizes with the given instruction set.
    ///
    /// **Panics** if a slice's length does not match, or if the processor lacks the instruction set.
    pub fn run_with(&self, isa: Isa, out: &mut [T]) {
        let Self { x, residual, weight, bias, eps, width } = *self;
        check(x, residual, weight, width, out);
        assert!(bias.is_none_or(|bias| bias.len() == width), "bias is not [width]");
        run(isa, &Input { x, residual, width }, Norm::Layer { weight, bias, eps }, width, out);
    }
}

impl<T: Element> RmsNorm<'_, T> {
    /// Normalizes with the processor's best instruction set on all threads.
    ///
    /// **Shapes:** `out: [rows, width]`. **Panics** if a slice's length does not match `width` and `out`.
    pub fn run(&self, out: &mut [T]) {
        self.run_with(cpu::isa(), out);
    }

    /// Normalizes with the given instruction set.
    ///
    /// **Panics** if a slice's length does not match, or if the processor lacks the instruction set.
    pub fn run_with(&self, isa: Isa, out: &mut [T]) {
        let Self { x, residual, weight, eps, width } = *self;
        check(x, residual, weight, width, out);
        run(isa, &Input { x, residual, width }, Norm::Rms { weight, eps }, width, out);
    }
}

fn check<T>(x: &[T], residual: Option<&[T]>, weight: &[T], width: usize, out: &[T]) {
    assert!(out.len().is_multiple_of(width), "out is not [rows, width]");
    assert_eq!(x.len(), out.len(), "x is not as long as out");
    assert!(residual.is_none_or(|residual| residual.len() == out.len()), "residual is not as long as out");
    assert_eq!(weight.len(), width, "weight is not [width]");
}

#[cfg(test)]
mod tests {
    use half::bf16;

    use super::*;
    use crate::testing::{elements, rounding, row_shapes, values};

    fn widened<T: Element>(values: &[T]) -> Vec<f64> {
        values.iter().map(|value| f64::from(value.widen())).collect()
    }

    /// Rows of `x + residual`, where the sum is rounded to f32 as in the kernel.
    fn inputs<T: Element>(x: &[T], residual: Option<&[T]>) -> Vec<f64> {
        let added = |at: usize| residual.map_or(0.0, |residual| residual[at].widen());
        x.iter().enumerate().map(|(at, x)| f64::from(x.widen() + added(at))).collect()
    }

    fn layer_norm_in_double_precision<T: Element>(norm: &LayerNorm<'_, T>) -> Vec<f64> {
        let (weight, bias) = (widened(norm.weight), norm.bias.map(widened));
        let rows = inputs(norm.x, norm.residual);
        let normalize = |row: &[f64]| -> Vec<f64> {
            let mean = row.iter().sum::<f64>() / row.len() as f64;
            let variance = row.iter().map(|h| (h - mean).powi(2)).sum::<f64>() / row.len() as f64;
            let scale = 1.0 / (variance + f64::from(norm.eps)).sqrt();
            let bias = |column: usize| bias.as_ref().map_or(0.0, |bias| bias[column]);
            row.iter().enumerate().map(|(column, h)| (h - mean) * scale * weight[column] + bias(column)).collect()
        };
        rows.chunks(norm.width).flat_map(normalize).collect()
    }

    fn rms_norm_in_double_precision<T: Element>(norm: &RmsNorm<'_, T>) -> Vec<f64> {
        let weight = widened(norm.weight);
        let normalize = |row: &[f64]| -> Vec<f64> {
            let square = row.iter().map(|h| h * h).sum::<f64>() / row.len() as f64;
            let scale = 1.0 / (square + f64::from(norm.eps)).sqrt();
            row.iter().zip(&weight).map(|(h, weight)| h * scale * weight).collect()
        };
        inputs(norm.x, norm.residual).chunks(norm.width).flat_map(normalize).collect()
    }

    #[track_caller]
    fn assert_close<T: Element>(isa: Isa, width: usize, found: &[T], expected: &[f64]) {
        for (found, expected) in widened(found).into_iter().zip(expected) {
            let error = (found - expected).abs();
            // f32 arithmetic on numbers of size one, and the rounding of the result.
            let bound = 2e-6 + (1e-6 + rounding::<T>()) * expected.abs();
            assert!(error <= bound, "{isa:?}, width {width}: off by {error:e} from {expected}");
        }
    }

    fn norms_match_double_precision<T: Element>() {
        for (rows, width) in row_shapes() {
            // One element of padding in front varies the alignment.
            let (x, residual) = (elements::<T>(rows * width + 1, 1), elements::<T>(rows * width + 1, 2));
            let (weight, bias) = (elements::<T>(width + 1, 3), elements::<T>(width + 1, 4));
            let (x, weight) = (&x[1..], &weight[1..]);
            for (residual, bias) in [
                (None, None),
                (None, Some(&bias[1..])),
                (Some(&residual[1..]), None),
                (Some(&residual[1..]), Some(&bias[1..])),
            ] {
                let layer = LayerNorm { x, residual, weight, bias, eps: 1e-5, width };
                let rms = RmsNorm { x, residual, weight, eps: 1e-6, width };
                let expected = (layer_norm_in_double_precision(&layer), rms_norm_in_double_precision(&rms));
                for isa in Isa::testable() {
                    let mut out = vec![T::narrow(f32::NAN); rows * width + 1];
                    layer.run_with(isa, &mut out[1..]);
                    assert_close(isa, width, &out[1..], &expected.0);
                    rms.run_with(isa, &mut out[1..]);
                    assert_close(isa, width, &out[1..], &expected.1);
                }
            }
        }
    }

    #[test]
    fn norms_match_double_precision_in_f32() {
        norms_match_double_precision::<f32>();
    }

    #[test]
    fn norms_match_double_precision_in_bf16() {
        norms_match_double_precision::<bf16>();
    }

    #[test]
    fn layer_norm_is_accurate_with_a_large_mean_or_outlier() {
        let width = 384;
        let noise = values(width, 5);
        let shifted: Vec<f32> = noise.iter().map(|value| 1e4 + 1.7 * value).collect();
        let mut outlier_first = shifted.clone();
        outlier_first[0] = -1e4;
        let mut outlier_last = noise;
        outlier_last[width - 1] = 1e4;
        let x = [shifted, outlier_first, outlier_last].concat();
        let weight = vec![1.0; width];
        let norm = LayerNorm { x: &x, residual: None, weight: &weight, bias: None, eps: 1e-5, width };
        let expected = layer_norm_in_double_precision(&norm);
        for isa in Isa::testable() {
            let mut out = vec![f32::NAN; x.len()];
            norm.run_with(isa, &mut out);
            assert_close(isa, width, &out, &expected);
        }
    }

    #[test]
    fn nan_stays_in_its_row() {
        let (rows, width) = (3, 70);
        let mut x = values(rows * width, 8);
        x[width + 69] = f32::NAN;
        let weight = values(width, 9);
        for isa in Isa::testable() {
            let (mut layer, mut rms) = (vec![0.0; x.len()], vec![0.0; x.len()]);
            LayerNorm { x: &x, residual: None, weight: &weight, bias: None, eps: 1e-5, width }
                .run_with(isa, &mut layer);
            RmsNorm { x: &x, residual: None, weight: &weight, eps: 1e-5, width }.run_with(isa, &mut rms);
            for out in [layer, rms] {
                let is_nan = |row: usize| out[row * width..][..width].iter().map(|value| value.is_nan());
                assert!(is_nan(1).all(|nan| nan), "{isa:?}");
                assert!(!is_nan(0).chain(is_nan(2)).any(|nan| nan), "{isa:?}");
            }
        }
    }

    #[test]
    #[should_panic(expected = "residual is not as long as out")]
    fn rejects_a_residual_of_another_length() {
        let norm =
            LayerNorm { x: &[0.0; 4], residual: Some(&[0.0; 3]), weight: &[1.0; 2], bias: None, eps: 0.0, width: 2 };
        norm.run(&mut [0.0; 4]);
    }

    #[test]
    #[should_panic(expected = "out is not [rows, width]")]
    fn rejects_an_output_of_incomplete_rows() {
        RmsNorm { x: &[0.0; 5], residual: None, weight: &[1.0; 2], eps: 0.0, width: 2 }.run(&mut [0.0; 5]);
    }
}
