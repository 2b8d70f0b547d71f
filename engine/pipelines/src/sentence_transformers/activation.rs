use std::str::FromStr;

use trustformers_core::{Error, Result};

/// A class of `torch.nn` that a Dense module or a cross encoder applies elementwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ModuleActivation {
    /// `x`.
    Identity,
    /// `tanh(x)`.
    Tanh,
    /// `1 / (1 + exp(-x))`.
    Sigmoid,
    /// `max(x, 0)`.
    Relu,
    /// `x * Phi(x)` with the error function.
    Gelu,
    /// `x * sigmoid(x)`.
    Silu,
    /// `x` above zero, `0.01 * x` below.
    LeakyRelu,
    /// `x` above zero, `exp(x) - 1` below.
    Elu,
    /// `log(1 + exp(x))`.
    Softplus,
    /// `x * tanh(softplus(x))`.
    Mish,
}

const NAMES: [(&str, ModuleActivation); 10] = [
    ("Identity", ModuleActivation::Identity),
    ("Tanh", ModuleActivation::Tanh),
    ("Sigmoid", ModuleActivation::Sigmoid),
    ("ReLU", ModuleActivation::Relu),
    ("GELU", ModuleActivation::Gelu),
    ("SiLU", ModuleActivation::Silu),
    ("LeakyReLU", ModuleActivation::LeakyRelu),
    ("ELU", ModuleActivation::Elu),
    ("Softplus", ModuleActivation::Softplus),
    ("Mish", ModuleActivation::Mish),
];

impl FromStr for ModuleActivation {
    type Err = Error;

    /// Reads a path such as `torch.nn.modules.activation.Tanh`.
    fn from_str(path: &str) -> Result<Self> {
        let class = path.strip_prefix("torch.nn.").and_then(|path| path.rsplit('.').next());
        let known = NAMES.iter().find(|(name, _)| Some(*name) == class);
        known.map(|(_, activation)| *activation).ok_or_else(|| {
            let names: Vec<_> = NAMES.iter().map(|(name, _)| *name).collect();
            Error::unsupported(format!("the activation {path}; supported are torch.nn.{}", names.join(", torch.nn.")))
        })
    }
}

impl ModuleActivation {
    pub(crate) fn apply(self, x: f32) -> f32 {
        let sigmoid = |x: f32| 1.0 / (1.0 + (-x).exp());
        let softplus = |x: f32| if x > 20.0 { x } else { x.exp().ln_1p() };
        match self {
            Self::Identity => x,
            Self::Tanh => x.tanh(),
            Self::Sigmoid => sigmoid(x),
            // `max` would swallow NaN.
            Self::Relu => {
                if x < 0.0 {
                    0.0
                } else {
                    x
                }
            }
            Self::Gelu => {
                let x = f64::from(x);
                (0.5 * x * (1.0 + erf(x * std::f64::consts::FRAC_1_SQRT_2))) as f32
            }
            Self::Silu => x * sigmoid(x),
            Self::LeakyRelu => {
                if x < 0.0 {
                    0.01 * x
                } else {
                    x
                }
            }
            Self::Elu => {
                if x < 0.0 {
                    x.exp_m1()
                } else {
                    x
                }
            }
            Self::Softplus => softplus(x),
            Self::Mish => x * softplus(x).tanh(),
        }
    }
}

/// Abramowitz and Stegun, Handbook of Mathematical Functions, 7.1.26: off by 1.5e-7 at most.
fn erf(x: f64) -> f64 {
    const TERMS: [f64; 5] = [1.061_405_429, -1.453_152_027, 1.421_413_741, -0.284_496_736, 0.254_829_592];
    let t = 1.0 / (1.0 + 0.327_591_1 * x.abs());
    let sum = TERMS.iter().fold(0.0, |sum, term| (sum + term) * t);
    (1.0 - sum * (-x * x).exp()).copysign(x)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn torch_classes_are_read_from_either_path() {
        assert_eq!("torch.nn.modules.linear.Identity".parse::<ModuleActivation>().unwrap(), ModuleActivation::Identity);
        assert_eq!("torch.nn.GELU".parse::<ModuleActivation>().unwrap(), ModuleActivation::Gelu);
    }

    #[test]
    fn other_activations_are_refused_by_name() {
        for path in ["torch.nn.modules.activation.Threshold", "mine.Tanh", "torch.tanh", ""] {
            let error = path.parse::<ModuleActivation>().unwrap_err();
            assert!(error.code() == "unsupported" && error.to_string().contains(path), "{error}");
        }
    }

    #[test]
    fn values_match_torch() {
        // torch 2.15, for -1.5, 0.5 and 30.
        let expected = [
            (ModuleActivation::Gelu, [-0.100_210_8, 0.345_731_2, 30.0]),
            (ModuleActivation::Silu, [-0.273_638_3, 0.311_229_7, 30.0]),
            (ModuleActivation::LeakyRelu, [-0.015, 0.5, 30.0]),
            (ModuleActivation::Elu, [-0.776_869_8, 0.5, 30.0]),
            (ModuleActivation::Softplus, [0.201_413_3, 0.974_077, 30.0]),
            (ModuleActivation::Mish, [-0.298_099_8, 0.375_245_4, 30.0]),
            (ModuleActivation::Relu, [0.0, 0.5, 30.0]),
            (ModuleActivation::Tanh, [-0.905_148_3, 0.462_117_2, 1.0]),
            (ModuleActivation::Sigmoid, [0.182_425_5, 0.622_459_3, 1.0]),
        ];
        for (activation, expected) in expected {
            for (x, expected) in [-1.5, 0.5, 30.0].into_iter().zip(expected) {
                let found = activation.apply(x);
                assert!((found - expected).abs() < 1e-6, "{activation:?} of {x}: {found} {expected}");
            }
        }
    }
}
