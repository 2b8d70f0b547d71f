use std::f32::consts::{FRAC_1_SQRT_2, FRAC_2_SQRT_PI};

use crate::Activation;
use crate::cpu::{self, Isa, Kernel, mul_add, vectorize};
use crate::math::{erf, exp, sigmoid, tanh};
use crate::rows;

/// Applies an activation elementwise, on all threads.
///
/// **Panics** if `out` is not as long as `x`.
pub fn activate(activation: Activation, x: &[f32], out: &mut [f32]) {
    assert_eq!(x.len(), out.len(), "out is not as long as x");
    rows::for_each_block(out, 1, |first, out| {
        out.copy_from_slice(&x[first..first + out.len()]);
        vectorize(cpu::isa(), Apply { activation, out });
    });
}

struct Apply<'a> {
    activation: Activation,
    out: &'a mut [f32],
}

impl Kernel for Apply<'_> {
    type Output = ();

    #[inline(always)]
    fn run<const FUSED: bool>(self) {
        self.activation.apply::<FUSED>(self.out);
    }
}

/// Gradient of the input of an activation, on all threads.
///
/// **Shapes:** `x, gradient, out: [len]`. **Panics** if a length does not match.
pub fn activate_backward(activation: Activation, x: &[f32], gradient: &[f32], out: &mut [f32]) {
    activate_with(cpu::isa(), activation, x, gradient, out);
}

fn activate_with(isa: Isa, activation: Activation, x: &[f32], gradient: &[f32], out: &mut [f32]) {
    assert_eq!((x.len(), gradient.len()), (out.len(), out.len()), "x and gradient are not as long as out");
    rows::for_each_block(out, 1, |first, out| {
        let [x, gradient] = [x, gradient].map(|all| &all[first..first + out.len()]);
        vectorize(isa, Activate { activation, x, gradient, out });
    });
}

/// Gradient of the input of [`crate::gate::gate`], on all threads.
///
/// **Shapes:** `x, out: [rows, 2 * width]`, `gradient: [rows, width]`. **Panics** if a length does not match.
pub fn gate_backward(activation: Activation, x: &[f32], gradient: &[f32], width: usize, out: &mut [f32]) {
    gate_with(cpu::isa(), activation, x, gradient, width, out);
}

fn gate_with(isa: Isa, activation: Activation, x: &[f32], gradient: &[f32], width: usize, out: &mut [f32]) {
    assert_eq!((x.len(), 2 * gradient.len()), (out.len(), out.len()), "x and out are not [rows, 2 * width]");
    rows::for_each_block(out, 2 * width, |first, out| {
        let x = &x[2 * first * width..][..out.len()];
        let gradient = &gradient[first * width..][..out.len() / 2];
        vectorize(isa, Gate { activation, x, gradient, width, out });
    });
}

#[inline(always)]
fn gelu_erf<const FUSED: bool>(x: f32) -> (f32, f32) {
    let phi = mul_add::<FUSED>(0.5, erf::<FUSED>(x * FRAC_1_SQRT_2), 0.5);
    // The density of the normal distribution, 1 / sqrt(2 pi) * exp(-x^2 / 2).
    let density = 0.5 * FRAC_2_SQRT_PI * FRAC_1_SQRT_2 * exp::<FUSED>(-0.5 * x * x);
    (x * phi, mul_add::<FUSED>(x, density, phi))
}

#[inline(always)]
fn gelu_tanh<const FUSED: bool>(x: f32) -> (f32, f32) {
    const LINEAR: f32 = 1.595_769_2;
    const CUBIC: f32 = 0.044_715 * LINEAR;
    let gate = sigmoid::<FUSED>(x * mul_add::<FUSED>(x * x, CUBIC, LINEAR));
    let slope = gate * (1.0 - gate) * mul_add::<FUSED>(3.0 * CUBIC, x * x, LINEAR);
    (x * gate, mul_add::<FUSED>(x, slope, gate))
}

#[inline(always)]
fn relu(x: f32) -> (f32, f32) {
    if x > 0.0 { (x, 1.0) } else { (0.0, 0.0) }
}

#[inline(always)]
fn silu<const FUSED: bool>(x: f32) -> (f32, f32) {
    let gate = sigmoid::<FUSED>(x);
    (x * gate, gate * mul_add::<FUSED>(x, 1.0 - gate, 1.0))
}

#[inline(always)]
fn tanh_slope<const FUSED: bool>(x: f32) -> (f32, f32) {
    let value = tanh::<FUSED>(x);
    (value, mul_add::<FUSED>(-value, value, 1.0))
}

struct Activate<'a> {
    activation: Activation,
    x: &'a [f32],
    gradient: &'a [f32],
    out: &'a mut [f32],
}

impl Activate<'_> {
    /// Multiplies by the derivative; `evaluate` gives the value and the derivative.
    #[inline(always)]
    fn each(self, evaluate: impl Fn(f32) -> (f32, f32)) {
        for ((out, x), gradient) in self.out.iter_mut().zip(self.x).zip(self.gradient) {
            *out = gradient * evaluate(*x).1;
        }
    }
}

impl Kernel for Activate<'_> {
    type Output = ();

    #[inline(always)]
    fn run<const FUSED: bool>(self) {
        match self.activation {
            Activation::GeluErf => self.each(gelu_erf::<FUSED>),
            Activation::GeluTanh => self.each(gelu_tanh::<FUSED>),
            Activation::Relu => self.each(relu),
            Activation::Silu => self.each(silu::<FUSED>),
            Activation::Tanh => self.each(tanh_slope::<FUSED>),
        }
    }
}

struct Gate<'a> {
    activation: Activation,
    x: &'a [f32],
    gradient: &'a [f32],
    width: usize,
    out: &'a mut [f32],
}

impl Gate<'_> {
    #[inline(always)]
    fn each(self, evaluate: impl Fn(f32) -> (f32, f32)) {
        let Self { x, gradient, width, out, .. } = self;
        let rows = x.chunks_exact(2 * width).zip(gradient.chunks_exact(width)).zip(out.chunks_exact_mut(2 * width));
        for ((x, gradient), out) in rows {
            let ((gate, up), (of_gate, of_up)) = (x.split_at(width), out.split_at_mut(width));
            let operands = gate.iter().zip(up).zip(gradient);
            for (((gate, up), gradient), (of_gate, of_up)) in operands.zip(of_gate.iter_mut().zip(of_up)) {
                let (value, slope) = evaluate(*gate);
                *of_gate = gradient * up * slope;
                *of_up = gradient * value;
            }
        }
    }
}

impl Kernel for Gate<'_> {
    type Output = ();

    #[inline(always)]
    fn run<const FUSED: bool>(self) {
        match self.activation {
            Activation::GeluErf => self.each(gelu_erf::<FUSED>),
            Activation::GeluTanh => self.each(gelu_tanh::<FUSED>),
            Activation::Relu => self.each(relu),
            Activation::Silu => self.each(silu::<FUSED>),
            Activation::Tanh => self.each(tanh_slope::<FUSED>),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::elements;

    /// The activation in double precision.
    fn exact(activation: Activation, x: f64) -> f64 {
        match activation {
            Activation::GeluErf => x * 0.5 * (1.0 + error_function(x / 2f64.sqrt())),
            Activation::GeluTanh => {
                x * 0.5 * (1.0 + ((2.0 / std::f64::consts::PI).sqrt() * (x + 0.044_715 * x.powi(3))).tanh())
            }
            Activation::Relu => x.max(0.0),
            Activation::Silu => x / (1.0 + (-x).exp()),
            Activation::Tanh => x.tanh(),
        }
    }

    /// By its Maclaurin series, which converges everywhere.
    fn error_function(x: f64) -> f64 {
        let (mut term, mut sum) = (x, x);
        for n in 1..200 {
            term *= -x * x / f64::from(n);
            sum += term / f64::from(2 * n + 1);
        }
        sum * 2.0 / std::f64::consts::PI.sqrt()
    }

    #[test]
    fn gradients_are_finite_differences() {
        for len in [1, 300, 40_000] {
            let x: Vec<f32> = elements::<f32>(2 * len, 1).iter().map(|x| 3.0 * x).collect();
            let gradient = elements::<f32>(2 * len, 2);
            for (activation, isa) in
                Activation::ALL.into_iter().flat_map(|one| Isa::testable().map(move |isa| (one, isa)))
            {
                let slope = |x: f32| {
                    let (x, step) = (f64::from(x), 1e-5);
                    (exact(activation, x + step) - exact(activation, x - step)) / (2.0 * step)
                };
                let is_close = |found: f32, expected: f64| (f64::from(found) - expected).abs() < 2e-5;
                let mut out = vec![f32::NAN; 2 * len];
                activate_with(isa, activation, &x, &gradient, &mut out);
                for at in (0..2 * len).step_by(1 + len / 50).filter(|at| x[*at].abs() > 1e-4) {
                    let expected = slope(x[at]) * f64::from(gradient[at]);
                    assert!(is_close(out[at], expected), "{activation:?} {isa:?} {}: {} {expected}", x[at], out[at]);
                }
                gate_with(isa, activation, &x, &gradient[..len], len, &mut out);
                for at in (0..len).step_by(1 + len / 50).filter(|at| x[*at].abs() > 1e-4) {
                    let (of_gate, of_up) = (slope(x[at]) * f64::from(x[len + at]), exact(activation, f64::from(x[at])));
                    assert!(is_close(out[at], of_gate * f64::from(gradient[at])), "{activation:?} {isa:?}");
                    assert!(is_close(out[len + at], of_up * f64::from(gradient[at])), "{activation:?} {isa:?}");
                }
            }
        }
    }
}
