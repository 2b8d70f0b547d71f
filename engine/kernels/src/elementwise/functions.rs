use crate::Element;
use crate::cpu::{self, Isa, Kernel, vectorize};
use crate::math::{self, MAX_ANGLE, exact_erf, exact_tanh, exp, log, sigmoid};
use crate::rows;

/// An elementary function of floats, computed in f32.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Function {
    /// `e^x`
    Exp,
    /// Natural logarithm.
    Log,
    /// Sine.
    Sin,
    /// Cosine.
    Cos,
    /// Hyperbolic tangent.
    Tanh,
    /// `1 / (1 + exp(-x))`
    Sigmoid,
    /// `x * sigmoid(x)`
    Silu,
    /// Error function.
    Erf,
    /// `x * Phi(x)` with the error function, arXiv 1606.08415 section 2.
    Gelu,
}

/// Applies a function to every element, on all threads; NaN stays NaN.
///
/// **Panics** if the lengths differ.
pub fn map_function<T: Element>(function: Function, x: &[T], out: &mut [T]) {
    map_function_with(cpu::isa(), function, x, out);
}

fn map_function_with<T: Element>(isa: Isa, function: Function, x: &[T], out: &mut [T]) {
    assert_eq!(x.len(), out.len(), "out is not as long as x");
    rows::for_each_block(out, 1, |start, out| {
        vectorize(isa, Block { function, x: &x[start..][..out.len()], out });
    });
}

struct Block<'a, T> {
    function: Function,
    x: &'a [T],
    out: &'a mut [T],
}

impl<T: Element> Kernel for Block<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<const FUSED: bool>(self) {
        match self.function {
            Function::Exp => self.map(exp::<FUSED>),
            Function::Log => self.map(log::<FUSED>),
            Function::Sin if FUSED => self.angles(math::sin, f32::sin),
            Function::Cos if FUSED => self.angles(math::cos, f32::cos),
            Function::Sin => self.map(f32::sin),
            Function::Cos => self.map(f32::cos),
            Function::Tanh => self.map(exact_tanh::<FUSED>),
            Function::Sigmoid => self.map(sigmoid::<FUSED>),
            Function::Silu => self.map(|x| x * sigmoid::<FUSED>(x)),
            Function::Erf => self.map(exact_erf::<FUSED>),
            Function::Gelu => self.map(|x| 0.5 * x * (1.0 + exact_erf::<FUSED>(x * std::f32::consts::FRAC_1_SQRT_2))),
        }
    }
}

impl<T: Element> Block<'_, T> {
    #[inline(always)]
    fn map(self, function: impl Fn(f32) -> f32) {
        self.out.iter_mut().zip(self.x).for_each(|(out, x)| *out = T::narrow(function(x.widen())));
    }

    /// Applies a function of angles, and another one to angles beyond its range.
    #[inline(always)]
    fn angles(self, function: impl Fn(f32) -> f32, large: impl Fn(f32) -> f32) {
        const CHUNK: usize = 256;
        for (out, x) in self.out.chunks_mut(CHUNK).zip(self.x.chunks(CHUNK)) {
            out.iter_mut().zip(x).for_each(|(out, x)| *out = T::narrow(function(x.widen())));
            if rows::fold(x, 0.0, |most, x| if x.abs() > most { x.abs() } else { most }, f32::max) > MAX_ANGLE {
                for (out, x) in out.iter_mut().zip(x).filter(|(_, x)| x.widen().abs() > MAX_ANGLE) {
                    *out = T::narrow(large(x.widen()));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn functions_are_within_two_units_in_the_last_place() {
        type Reference = fn(f64) -> f64;
        let logistic: Reference = |x| 1.0 / (1.0 + (-x).exp());
        let cases: [(Function, Reference, f32, f32); 7] = [
            (Function::Sin, f64::sin, -1e5, 1e5),
            (Function::Cos, f64::cos, -300.0, 300.0),
            (Function::Exp, f64::exp, -87.0, 88.0),
            (Function::Log, f64::ln, 1e-30, 300.0),
            (Function::Tanh, f64::tanh, -12.0, 12.0),
            (Function::Sigmoid, logistic, -80.0, 80.0),
            (Function::Erf, libm::erf, -5.0, 5.0),
        ];
        let count = if cfg!(miri) { 100 } else { 200_000 };
        for (function, reference, low, high) in cases {
            let inputs: Vec<f32> = (0..=count).map(|at| low + (high - low) * at as f32 / count as f32).collect();
            for isa in Isa::testable().filter(|isa| *isa != Isa::Scalar) {
                let mut found = vec![0.0; inputs.len()];
                map_function_with(isa, function, &inputs, &mut found);
                for (&x, found) in inputs.iter().zip(found) {
                    let expected = reference(f64::from(x));
                    let unit = f64::from((expected as f32).abs().next_up() - (expected as f32).abs());
                    let error = (f64::from(found) - expected).abs() / unit;
                    let most = if function == Function::Sigmoid { 2.5 } else { 2.0 };
                    assert!(error <= most, "{isa:?}: {function:?}({x}) is off by {error} units");
                }
            }
        }
    }

    #[test]
    fn special_values_are_exact() {
        const INF: f32 = f32::INFINITY;
        for isa in Isa::testable() {
            let of = |function, inputs: [f32; 5]| {
                let mut found = [0.0; 5];
                map_function_with(isa, function, &inputs, &mut found);
                found
            };
            assert_eq!(of(Function::Log, [0.0, -0.0, 1.0, INF, 0.0]), [-INF, -INF, 0.0, INF, -INF], "{isa:?}");
            assert!(of(Function::Log, [-1.0, f32::NAN, -INF, -1e-45, f32::NAN]).iter().all(|x| x.is_nan()), "{isa:?}");
            let small = of(Function::Log, [1e-45, 1e-40, f32::MIN_POSITIVE, 1e38, 1.0]);
            assert!((small[0] + 103.278_93).abs() < 2e-5 && (small[1] + 92.103_4).abs() < 2e-5, "{isa:?}: {small:?}");
            for function in [Function::Tanh, Function::Erf] {
                assert_eq!(of(function, [INF, -INF, 1e30, 0.0, -20.0]), [1.0, -1.0, 1.0, 0.0, -1.0], "{isa:?}");
                assert!(of(function, [-0.0; 5])[0].is_sign_negative(), "{isa:?}");
                assert!(of(function, [f32::NAN; 5])[0].is_nan(), "{isa:?}");
            }
            assert_eq!(of(Function::Exp, [INF, -INF, 0.0, 200.0, -200.0]), [INF, 0.0, 1.0, INF, 0.0], "{isa:?}");
        }
    }
}
