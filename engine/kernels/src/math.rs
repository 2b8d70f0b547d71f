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

/// Hyperbolic tangent, within two units in the last place.
///
/// **Source:** the minimax polynomial of N. Juffa's `my_tanhf`.
#[inline(always)]
pub(crate) fn exact_tanh<const FUSED: bool>(x: f32) -> f32 {
    const COEFFICIENTS: [f32; 4] = [1.573_944e-2, -5.230_255_8e-2, 1.331_524_7e-1, -3.333_276_8e-1];
    const SMALL: f32 = 0.599_609_4;
    let size = x.abs();
    let (power, fraction) = exp_parts::<FUSED>(2.0 * size.clamp(0.0, 10.0));
    let large = 1.0 - 2.0 / mul_add::<FUSED>(fraction, power_of_two(power), power_of_two(power) + 1.0);
    let square = x * x;
    let small = mul_add::<FUSED>(polynomial::<FUSED>(square, &COEFFICIENTS) * square, x, x);
    (if size < SMALL { small } else { large }).copysign(x)
}

/// Error function, within two units in the last place.
///
/// **Source:** the minimax polynomials of N. Juffa's answer to Stack Overflow question 35148198.
#[inline(always)]
pub(crate) fn exact_erf<const FUSED: bool>(x: f32) -> f32 {
    const SMALL: f32 = 0.927_734_4;
    const NEAR: [f32; 6] =
        [-5.967_617e-4, 4.991_194_2e-3, -2.676_813_5e-2, 1.128_199_25e-1, -3.761_253_4e-1, 1.283_791_7e-1];
    const FAR: [f32; 7] = [
        -1.728_534_7e-5,
        3.831_971_3e-4,
        -3.883_964_4e-3,
        2.425_462_2e-2,
        -1.067_778_8e-1,
        -6.348_467e-1,
        -1.287_175_1e-1,
    ];
    let (square, size) = (x * x, x.abs().clamp(0.0, 4.0));
    let near = mul_add::<FUSED>(polynomial::<FUSED>(square, &NEAR), x, x);
    let exponent = mul_add::<FUSED>(polynomial::<FUSED>(size, &FAR), size, -size);
    let (power, fraction) = exp_parts::<FUSED>(exponent);
    let far = 1.0 - mul_add::<FUSED>(fraction, power_of_two(power), power_of_two(power));
    (if x.abs() <= SMALL { near } else { far }).copysign(x)
}

/// Natural logarithm, within two units in the last place.
///
/// **Source:** the minimax polynomial of N. Juffa's answer to Stack Overflow question 39821367.
#[inline(always)]
pub(crate) fn log<const FUSED: bool>(x: f32) -> f32 {
    const ODD: [f32; 3] = [0.140_869_14, 0.139_814_85, 0.200_120_34];
    const EVEN: [f32; 4] = [-0.130_310_06, -0.121_483_51, -0.166_846_13, -0.249_996_2];
    const TWO_THIRDS: u32 = 0x3f2a_aaab;
    const SCALE: f32 = 8_388_608.0;
    let is_subnormal = x < f32::MIN_POSITIVE;
    let (scaled, offset) = if is_subnormal { (x * SCALE, -23.0) } else { (x, 0.0) };
    let exponent = scaled.to_bits().wrapping_sub(TWO_THIRDS) & 0xff80_0000;
    let m = f32::from_bits(scaled.to_bits().wrapping_sub(exponent)) - 1.0;
    let power = mul_add::<FUSED>(exponent as i32 as f32, 1.0 / SCALE, offset);
    let square = m * m;
    let sum = mul_add::<FUSED>(polynomial::<FUSED>(square, &ODD), m, polynomial::<FUSED>(square, &EVEN));
    let sum = mul_add::<FUSED>(sum, m, 0.333_331_97);
    let sum = mul_add::<FUSED>(mul_add::<FUSED>(sum, m, -0.5), square, m);
    let result = mul_add::<FUSED>(power, std::f32::consts::LN_2, sum);
    let special = if x == 0.0 { f32::NEG_INFINITY } else { f32::NAN };
    let positive = if x == f32::INFINITY { x } else { result };
    if x > 0.0 { positive } else { special }
}

/// Largest argument of [`sin`] and [`cos`].
pub(crate) const MAX_ANGLE: f32 = 70_000.0;

/// Sine of an angle up to [`MAX_ANGLE`], within two units in the last place; needs fused multiply-add.
#[inline(always)]
pub(crate) fn sin(x: f32) -> f32 {
    turned(x, 0)
}

/// Cosine of an angle up to [`MAX_ANGLE`], within two units in the last place; needs fused multiply-add.
#[inline(always)]
pub(crate) fn cos(x: f32) -> f32 {
    turned(x, 1)
}

/// Sine of an angle and some quarter turns.
///
/// **Source:** range reduction and polynomials of N. Juffa's answer to Stack Overflow question 63918873.
#[inline(always)]
fn turned(x: f32, quarters: u32) -> f32 {
    const SIN: [f32; 4] = [2.865_679_6e-6, -1.985_599_2e-4, 8.333_386e-3, -1.666_666_7e-1];
    const COS: [f32; 5] = [2.446_770_7e-5, -1.388_773e-3, 4.166_665_7e-2, -0.5, 1.0];
    // Half of pi in three parts; the first has few bits, so that its product with `whole` is exact.
    const HALF_PI: [f32; 3] = [-f32::from_bits(0x3fc9_0fd8), -3.139_164_7e-7, -5.390_302_5e-15];
    const ROUND: f32 = 12_582_912.0;
    let rounded = x.mul_add(std::f32::consts::FRAC_2_PI, ROUND);
    let quadrant = rounded.to_bits().wrapping_add(quarters);
    let whole = rounded - ROUND;
    let rest = HALF_PI.iter().fold(x, |rest, part| whole.mul_add(*part, rest));
    let square = rest * rest;
    let sine = polynomial::<true>(square, &SIN).mul_add(square * rest, rest);
    let cosine = polynomial::<true>(square, &COS);
    let found = if quadrant & 1 == 0 { sine } else { cosine };
    f32::from_bits(found.to_bits() ^ (quadrant & 2) << 30)
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
