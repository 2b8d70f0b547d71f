//! Activation and product of a gated MLP.

use crate::cpu::{self, Isa, Kernel};
use crate::rows;
use crate::{Activation, Element};

/// Gated activation `out = activation(first half) * second half` of each row, on all threads, computed in f32 and
/// rounded once.
///
/// **Shapes:** `x: [rows, 2 * width]`, `out: [rows, width]`. **Source:** arXiv 2002.05202. **Panics** if the lengths do
/// not fit.
pub fn gate<T: Element>(activation: Activation, x: &[T], width: usize, out: &mut [T]) {
    gate_with(cpu::isa(), activation, x, width, out);
}

/// [`gate`] with the given instruction set.
///
/// **Panics** if the lengths do not fit or the processor lacks the instruction set.
pub fn gate_with<T: Element>(isa: Isa, activation: Activation, x: &[T], width: usize, out: &mut [T]) {
    assert!(isa.is_available(), "this processor has no {}", isa.name());
    assert!(out.len().is_multiple_of(width) && x.len() == 2 * out.len(), "x is not [rows, 2 * width]");
    rows::for_each_block(out, width, |first, out| {
        let x = &x[2 * first * width..][..2 * out.len()];
        cpu::vectorize(isa, Gate { activation, x, width, out });
    });
}

struct Gate<'a, T> {
    activation: Activation,
    x: &'a [T],
    width: usize,
    out: &'a mut [T],
}

/// Elements per chunk in f32.
const PART: usize = 256;

impl<T: Element> Kernel for Gate<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<const FUSED: bool>(self) {
        let Self { activation, x, width, out } = self;
        for (x, out) in x.chunks_exact(2 * width).zip(out.chunks_exact_mut(width)) {
            let (gate, up) = x.split_at(width);
            for ((gate, up), out) in gate.chunks(PART).zip(up.chunks(PART)).zip(out.chunks_mut(PART)) {
                let mut values = [0.0; PART];
                let values = &mut values[..out.len()];
                values.iter_mut().zip(gate).for_each(|(value, x)| *value = x.widen());
                activation.apply::<FUSED>(values);
                for ((out, value), up) in out.iter_mut().zip(values).zip(up) {
                    *out = T::narrow(*value * up.widen());
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use half::bf16;

    use super::*;
    use crate::testing::{elements, rounding};

    fn matches_double_precision<T: Element>() {
        for (rows, width) in [(1, 1), (3, 72), (5, 257), (70, 640)] {
            let x = elements::<T>(rows * 2 * width, 1);
            for isa in Isa::testable() {
                let mut out = elements::<T>(rows * width, 2);
                gate_with(isa, Activation::Silu, &x, width, &mut out);
                for (at, found) in out.iter().enumerate() {
                    let start = at / width * 2 * width + at % width;
                    let [a, b] = [x[start], x[start + width]].map(|x| f64::from(x.widen()));
                    let expected = a / (1.0 + (-a).exp()) * b;
                    let error = (f64::from(found.widen()) - expected).abs();
                    assert!(error <= rounding::<T>() * 4.0 * (1.0 + expected.abs()), "{isa:?} {at}: off by {error:e}");
                }
            }
        }
    }

    #[test]
    fn gate_matches_double_precision() {
        matches_double_precision::<f32>();
        matches_double_precision::<bf16>();
    }
}
