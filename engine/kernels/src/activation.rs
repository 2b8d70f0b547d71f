use std::f32::consts::FRAC_1_SQRT_2;

use crate::cpu::mul_add;
use crate::math::{erf, sigmoid, tanh};

/// Elementwise activations that kernels apply to their output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Activation {
    /// `x * Phi(x)` with the error function, arXiv 1606.08415 section 2.
    GeluErf,
    /// The tanh approximation of [`Activation::GeluErf`], arXiv 1606.08415 section 2.
    GeluTanh,
    /// `max(x, 0)`.
    Relu,
    /// `x * sigmoid(x)`, arXiv 1702.03118.
    Silu,
    /// `tanh(x)`.
    Tanh,
}

impl Activation {
    /// Every activation.
    #[cfg(test)]
    pub(crate) const ALL: [Self; 5] = [Self::GeluErf, Self::GeluTanh, Self::Relu, Self::Silu, Self::Tanh];

    /// Applies the activation elementwise; NaN stays NaN.
    ///
    /// `FUSED` is the parameter of [`Kernel::run`](crate::cpu::Kernel::run).
    #[inline(always)]
    pub(crate) fn apply<const FUSED: bool>(self, values: &mut [f32]) {
        match self {
            Self::GeluErf => map(values, gelu_erf::<FUSED>),
            Self::GeluTanh => map(values, gelu_tanh::<FUSED>),
            Self::Relu => map(values, relu),
            Self::Silu => map(values, silu::<FUSED>),
            Self::Tanh => map(values, tanh::<FUSED>),
        }
    }
}

#[inline(always)]
fn map(values: &mut [f32], function: impl Fn(f32) -> f32) {
    for value in values {
        *value = function(*value);
    }
}

#[inline(always)]
fn gelu_erf<const FUSED: bool>(x: f32) -> f32 {
    let half = 0.5 * x;
    mul_add::<FUSED>(half, erf::<FUSED>(x * FRAC_1_SQRT_2), half)
}

#[inline(always)]
fn gelu_tanh<const FUSED: bool>(x: f32) -> f32 {
    const LINEAR: f32 = 1.595_769_2;
    const CUBIC: f32 = 0.044_715 * LINEAR;
    // (1 + tanh(u)) / 2 = sigmoid(2 u), which avoids the sum's cancellation for negative u; and
    // 2 u = 2 sqrt(2 / pi) (x + 0.044715 x^3).
    x * sigmoid::<FUSED>(x * mul_add::<FUSED>(x * x, CUBIC, LINEAR))
}

#[inline(always)]
fn relu(x: f32) -> f32 {
    // Adding zero keeps LLVM from a masked AVX2 store of the negative elements, which is ten times slower.
    let x = x + 0.0;
    // Unlike `max`, this propagates NaN.
    if x < 0.0 { 0.0 } else { x }
}

#[inline(always)]
fn silu<const FUSED: bool>(x: f32) -> f32 {
    x * sigmoid::<FUSED>(x)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cpu::{Isa, Kernel, vectorize};

    struct Apply<'a>(Activation, &'a mut [f32]);

    impl Kernel for Apply<'_> {
        type Output = ();

        #[inline(always)]
        fn run<const FUSED: bool>(self) {
            self.0.apply::<FUSED>(self.1);
        }
    }

    fn in_double_precision(activation: Activation, x: f64) -> f64 {
        let cubic = (2.0 / std::f64::consts::PI).sqrt() * (x + 0.044_715 * x * x * x);
        match activation {
            Activation::GeluErf => 0.5 * x * (1.0 + libm::erf(x / 2f64.sqrt())),
            Activation::GeluTanh => 0.5 * x * (1.0 + cubic.tanh()),
            Activation::Relu => x.max(0.0),
            Activation::Silu => x / (1.0 + (-x).exp()),
            Activation::Tanh => x.tanh(),
        }
    }

    #[test]
    fn activations_match_double_precision() {
        let inputs: Vec<f32> = (-2000..=2000).map(|step| step as f32 * 0.01).collect();
        for (isa, activation) in Isa::testable().flat_map(|isa| Activation::ALL.map(|activation| (isa, activation))) {
            let mut outputs = inputs.clone();
            vectorize(isa, Apply(activation, &mut outputs));
            for (&x, &found) in inputs.iter().zip(&outputs) {
                let error = (f64::from(found) - in_double_precision(activation, f64::from(x))).abs();
                assert!(error <= 3e-7 * (1.0 + f64::from(x.abs())), "{isa:?} {activation:?}({x}) is off by {error:e}");
            }
        }
    }

    #[test]
    fn nan_stays_nan_and_large_inputs_give_exact_results() {
        for (isa, activation) in Isa::testable().flat_map(|isa| Activation::ALL.map(|activation| (isa, activation))) {
            let mut values = [f32::NAN, 1e4, -1e4, 1e30, -1e30];
            vectorize(isa, Apply(activation, &mut values));
            assert!(values[0].is_nan(), "{isa:?} {activation:?}");
            let expected = if activation == Activation::Tanh { [1.0, -1.0, 1.0, -1.0] } else { [1e4, 0.0, 1e30, 0.0] };
            assert_eq!(values[1..], expected, "{isa:?} {activation:?}");
        }
    }
}
