/// Elementwise functions that kernels apply to their output.
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
    /// Applies the function to every element.
    #[inline(always)]
    pub(crate) fn apply(self, values: &mut [f32]) {
        match self {
            Self::GeluErf => map(values, |x| 0.5 * x * (1.0 + erf(x * std::f32::consts::FRAC_1_SQRT_2))),
            Self::GeluTanh => {
                const SQRT_2_OVER_PI: f32 = 0.797_884_6;
                map(values, |x| 0.5 * x * (1.0 + tanh(SQRT_2_OVER_PI * (x + 0.044_715 * x * x * x))));
            }
            Self::Relu => map(values, |x| x.max(0.0)),
            Self::Silu => map(values, |x| x / (1.0 + (-x).exp())),
            Self::Tanh => map(values, tanh),
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
fn tanh(x: f32) -> f32 {
    x.tanh()
}

/// Error function as a ratio of two polynomials in `x * x`, free of branches so that it vectorizes.
///
/// Absolute error below 4e-7. Coefficients: the single-precision rational approximation in Eigen 3.4
/// (`generic_fast_erf_float`), beyond |x| = 4 it is one to working precision.
#[inline(always)]
fn erf(x: f32) -> f32 {
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
    // `clamp` keeps NaN, which `min` and `max` would swallow.
    let x = x.clamp(-4.0, 4.0);
    let square = x * x;
    let numerator = NUMERATOR.iter().fold(0.0, |sum, c| sum * square + c);
    let denominator = DENOMINATOR.iter().fold(0.0, |sum, c| sum * square + c);
    x * numerator / denominator
}

#[cfg(test)]
mod tests {
    use super::*;

    fn applied(activation: Activation, x: f32) -> f32 {
        let mut values = [x];
        activation.apply(&mut values);
        values[0]
    }

    #[test]
    fn functions_match_double_precision() {
        for step in -2000..=2000 {
            let x = step as f32 * 0.01;
            let d = f64::from(x);
            let cubic = (2.0 / std::f64::consts::PI).sqrt() * (d + 0.044_715 * d * d * d);
            let expected = [
                (Activation::GeluErf, 0.5 * d * (1.0 + libm::erf(d / 2f64.sqrt()))),
                (Activation::GeluTanh, 0.5 * d * (1.0 + cubic.tanh())),
                (Activation::Relu, d.max(0.0)),
                (Activation::Silu, d / (1.0 + (-d).exp())),
                (Activation::Tanh, d.tanh()),
            ];
            for (activation, value) in expected {
                let error = (f64::from(applied(activation, x)) - value).abs();
                assert!(error <= 4e-7 * (1.0 + d.abs()), "{activation:?}({x}) is off by {error:e}");
            }
        }
    }

    #[test]
    fn erf_matches_double_precision() {
        for step in -6000..=6000 {
            let x = step as f32 * 1e-3;
            let error = (f64::from(erf(x)) - libm::erf(f64::from(x))).abs();
            assert!(error <= 4e-7, "erf({x}) is off by {error:e}");
        }
    }

    #[test]
    fn nan_stays_nan() {
        for activation in [Activation::GeluErf, Activation::GeluTanh, Activation::Silu, Activation::Tanh] {
            assert!(applied(activation, f32::NAN).is_nan(), "{activation:?}");
        }
    }
}
