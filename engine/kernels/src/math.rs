//! Elementary functions without branches or library calls, so that loops over them vectorize.
//!
//! `FUSED` is the parameter of [`Kernel::run`](crate::cpu::Kernel::run).

use std::f32::consts::LOG2_E;

use crate::cpu::mul_add;

/// `e^x`; relative error below 1e-7, or half the spacing of subnormal numbers.
#[inline(always)]
pub(crate) fn exp<const FUSED: bool>(x: f32) -> f32 {
    // The limits give 0 and infinity. `clamp` propagates NaN, unlike `min` and `max`.
    let (power, fraction) = exp_parts::<FUSED>(x.clamp(-105.0, 89.0));
    // Two factors, because 2^power alone may be outside the range of normal numbers.
    let half = power >> 1;
    (1.0 + fraction) * power_of_two(half) * power_of_two(power.wrapping_sub(half))
}

/// `1 / (1 + exp(-x))`, relative error below 2e-7 where the result is a normal number.
#[inline(always)]
pub(crate) fn sigmoid<const FUSED: bool>(x: f32) -> f32 {
    // From 88.4 on `power` is 128, and 2^128 rounds to infinity.
    let (power, fraction) = exp_parts::<FUSED>((-x).clamp(-87.0, 89.0));
    1.0 / (1.0 + (1.0 + fraction) * power_of_two(power))
}

/// Hyperbolic tangent, relative error below 2e-7; exactly one from 10 on.
#[inline(always)]
pub(crate) fn tanh<const FUSED: bool>(x: f32) -> f32 {
    let (power, fraction) = exp_parts::<FUSED>(2.0 * x.clamp(-10.0, 10.0));
    let scale = power_of_two(power);
    // exp(2 x) - 1, without the cancellation near zero.
    let grown = mul_add::<FUSED>(fraction, scale, scale - 1.0);
    grown / (grown + 2.0)
}

/// Error function, absolute error below 5e-7; exactly one from 4 on.
///
/// **Source:** the rational function of Eigen 3.4, `generic_fast_erf_float`.
#[inline(always)]
pub(crate) fn erf<const FUSED: bool>(x: f32) -> f32 {
    const NUMERATOR: [f32; 7] = [
        -2.726_142_3e-10,
        2.770_681_4e-8,
        -2.101_024e-6,
        -5.692_506_4e-5,
        -7.349_906_3e-4,
        -2.954_6e-3,
        -1.609_603_3e-2,
    ];
    const DENOMINATOR: [f32; 5] = [-1.456_607_2e-5, -2.133_740_6e-4, -1.682_827e-3, -7.373_329e-3, -1.426_473_9e-2];
    // The first argument whose error function rounds to one; beyond it the ratio falls again.
    const END: f32 = 3.9252;
    let x = x.clamp(-END, END);
    let square = x * x;
    let ratio = x * polynomial::<FUSED>(square, &NUMERATOR) / polynomial::<FUSED>(square, &DENOMINATOR);
    ratio.clamp(-1.0, 1.0)
}

/// Splits `exp(x) = 2^n (1 + f)` into `n` and `f` with `|f| < 0.42`, for |x| below 1e4.
///
/// **Source:** the polynomial of Cephes 2.2, `single/expf.c`.
#[inline(always)]
fn exp_parts<const FUSED: bool>(x: f32) -> (i32, f32) {
    const COEFFICIENTS: [f32; 6] = [1.987_569_1e-4, 1.398_199_9e-3, 8.333_452e-3, 4.166_579_6e-2, 1.666_666_5e-1, 5e-1];
    // ln 2 in two parts; the first has nine bits, so that its product with `whole` is exact.
    const LN_2_HIGH: f32 = 0.693_359_4;
    const LN_2_LOW: f32 = -2.121_944_4e-4;
    // 1.5 * 2^23: numbers near it have no fraction, so adding it rounds; the low bits then hold the integer.
    const ROUND: f32 = 12_582_912.0;

    let rounded = mul_add::<FUSED>(x, LOG2_E, ROUND);
    let power = rounded.to_bits().wrapping_sub(ROUND.to_bits()) as i32;
    let whole = rounded - ROUND;
    let rest = mul_add::<FUSED>(whole, -LN_2_LOW, mul_add::<FUSED>(whole, -LN_2_HIGH, x));
    (power, mul_add::<FUSED>(polynomial::<FUSED>(rest, &COEFFICIENTS), rest * rest, rest))
}

/// Evaluates a polynomial; coefficients by descending power.
#[inline(always)]
fn polynomial<const FUSED: bool>(x: f32, coefficients: &[f32]) -> f32 {
    let [highest, rest @ ..] = coefficients else { return 0.0 };
    rest.iter().fold(*highest, |sum, c| mul_add::<FUSED>(sum, x, *c))
}

/// `2^exponent` for the exponents of normal numbers; infinity for 128.
#[inline(always)]
fn power_of_two(exponent: i32) -> f32 {
    f32::from_bits((exponent.wrapping_add(127) << 23) as u32)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cpu::{Isa, Kernel, vectorize};

    #[derive(Clone, Copy, Debug)]
    enum Function {
        Exp,
        Sigmoid,
        Tanh,
        Erf,
    }

    struct Map<'a>(Function, &'a mut [f32]);

    impl Kernel for Map<'_> {
        type Output = ();

        #[inline(always)]
        fn run<const FUSED: bool>(self) {
            for x in self.1 {
                *x = match self.0 {
                    Function::Exp => exp::<FUSED>(*x),
                    Function::Sigmoid => sigmoid::<FUSED>(*x),
                    Function::Tanh => tanh::<FUSED>(*x),
                    Function::Erf => erf::<FUSED>(*x),
                };
            }
        }
    }

    /// Results of a function for every instruction set.
    fn results(function: Function, inputs: &[f32]) -> Vec<(Isa, Vec<f32>)> {
        let result = |isa| {
            let mut values = inputs.to_vec();
            vectorize(isa, Map(function, &mut values));
            (isa, values)
        };
        Isa::testable().map(result).collect()
    }

    fn steps(from: f32, to: f32) -> Vec<f32> {
        let count = if cfg!(miri) { 100 } else { 100_000 };
        (0..=count).map(|step| from + (to - from) * step as f32 / count as f32).collect()
    }

    #[test]
    fn functions_match_double_precision() {
        type Reference = fn(f64) -> f64;
        let logistic: Reference = |x| 1.0 / (1.0 + (-x).exp());
        // Bounds on the relative and the absolute error; the smaller applies.
        let cases: [(Function, Reference, f32, f64, f64); 4] = [
            (Function::Exp, f64::exp, 88.0, 1e-7, f64::INFINITY),
            (Function::Sigmoid, logistic, 87.0, 2e-7, f64::INFINITY),
            (Function::Tanh, f64::tanh, 12.0, 2e-7, f64::INFINITY),
            (Function::Erf, libm::erf, 6.0, 6e-7, 5e-7),
        ];
        for (function, reference, end, relative, absolute) in cases {
            let inputs = steps(-end, end);
            for (isa, found) in results(function, &inputs) {
                for (&x, found) in inputs.iter().zip(found) {
                    let expected = reference(f64::from(x));
                    let error = (f64::from(found) - expected).abs();
                    // Plus half the distance between subnormal numbers.
                    let bound = (relative * expected.abs()).min(absolute) + 0.71e-45;
                    assert!(error <= bound, "{isa:?}: {function:?}({x}) is off by {error:e}");
                }
            }
        }
    }

    #[test]
    fn exp_underflows_to_zero_and_overflows_to_infinity() {
        let inputs = [f32::NEG_INFINITY, -1e30, -104.0, -103.9, -88.0, 0.0, 88.722, 88.73, 1e30, f32::INFINITY];
        for (isa, found) in results(Function::Exp, &inputs) {
            assert_eq!(found[..4], [0.0, 0.0, 0.0, 1e-45], "{isa:?}");
            assert!((found[4] - 6.054_602e-39).abs() <= 3e-45, "{isa:?}: {:e}", found[4]);
            assert_eq!(found[5], 1.0, "{isa:?}");
            assert!((found[6] / 3.399_97e38 - 1.0).abs() < 1e-6, "{isa:?}: {:e}", found[6]);
            assert_eq!(found[7..], [f32::INFINITY; 3], "{isa:?}");
        }
    }

    #[test]
    fn bounded_functions_reach_but_do_not_exceed_their_limits() {
        let mut inputs = steps(-20.0, 20.0);
        inputs.extend([f32::NEG_INFINITY, -1e30, 1e30, f32::INFINITY]);
        for function in [Function::Tanh, Function::Erf] {
            for (isa, found) in results(function, &inputs) {
                for (&x, found) in inputs.iter().zip(found) {
                    assert!(found.abs() <= 1.0, "{isa:?}: {function:?}({x}) = {found}");
                    assert!(x.abs() < 10.0 || found == x.signum(), "{isa:?}: {function:?}({x}) = {found}");
                }
            }
        }
        for (isa, found) in results(Function::Sigmoid, &[f32::NEG_INFINITY, f32::INFINITY]) {
            assert_eq!(found, [0.0, 1.0], "{isa:?}");
        }
    }

    #[test]
    fn nan_stays_nan() {
        for function in [Function::Exp, Function::Sigmoid, Function::Tanh, Function::Erf] {
            for (isa, found) in results(function, &[f32::NAN; 17]) {
                assert!(found.iter().all(|value| value.is_nan()), "{isa:?}: {function:?}");
            }
        }
    }
}
