use std::f64::consts::FRAC_1_SQRT_2;

use burn::tensor::backend::Backend;
use burn::tensor::{Tensor, activation};
use serde::{Deserialize, Serialize};

/// Elementwise activation functions, named as in `hidden_act`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Activation {
    /// `x * Phi(x)` with the error function.
    #[serde(rename = "gelu", alias = "gelu_python")]
    GeluErf,
    /// The tanh approximation of [`Activation::GeluErf`].
    #[serde(
        rename = "gelu_new",
        alias = "gelu_pytorch_tanh",
        alias = "gelu_fast",
        alias = "gelu_python_tanh",
        alias = "gelu_accurate"
    )]
    GeluTanh,
    /// `x * sigmoid(1.702 x)`.
    #[serde(rename = "quick_gelu")]
    QuickGelu,
    /// [`Activation::GeluErf`] clamped to `[-10, 10]`, arXiv 2004.09602.
    #[serde(rename = "gelu_10")]
    ClippedGelu,
    /// `max(x, 0)`.
    #[serde(rename = "relu")]
    Relu,
    /// The square of `max(x, 0)`, arXiv 2109.08668.
    #[serde(rename = "relu2")]
    ReluSquared,
    /// `min(max(x, 0), 6)`.
    #[serde(rename = "relu6")]
    Relu6,
    /// `max(x, 0.01 x)`.
    #[serde(rename = "leaky_relu")]
    LeakyRelu,
    /// `x * sigmoid(x)`.
    #[serde(rename = "silu", alias = "swish")]
    Silu,
    /// `x * min(max(x + 3, 0), 6) / 6`.
    #[serde(rename = "hardswish")]
    HardSwish,
    /// `x * tanh(ln(1 + exp(x)))`, arXiv 1908.08681.
    #[serde(rename = "mish")]
    Mish,
    /// `1 / (1 + exp(-x))`.
    #[serde(rename = "sigmoid")]
    Sigmoid,
    /// `tanh(x)`.
    #[serde(rename = "tanh")]
    Tanh,
    /// `x`.
    #[serde(rename = "linear")]
    Identity,
}

impl Activation {
    /// Applies the activation elementwise.
    pub fn forward<B: Backend, const D: usize>(self, x: Tensor<B, D>) -> Tensor<B, D> {
        match self {
            // Not burn's `gelu`, which is the tanh approximation on Candle.
            Self::GeluErf => x.clone() * ((x * FRAC_1_SQRT_2).erf() + 1.0) * 0.5,
            Self::GeluTanh => activation::gelu_approximate(x),
            Self::QuickGelu => x.clone() * activation::sigmoid(x * 1.702),
            Self::ClippedGelu => Self::GeluErf.forward(x).clamp(-10.0, 10.0),
            Self::Relu => activation::relu(x),
            Self::ReluSquared => {
                let x = activation::relu(x);
                x.clone() * x
            }
            Self::Relu6 => x.clamp(0.0, 6.0),
            Self::LeakyRelu => activation::leaky_relu(x, 0.01),
            Self::Silu => activation::silu(x),
            Self::HardSwish => x.clone() * (x + 3.0).clamp(0.0, 6.0) / 6.0,
            Self::Mish => x.clone() * activation::softplus(x, 1.0).tanh(),
            Self::Sigmoid => activation::sigmoid(x),
            Self::Tanh => activation::tanh(x),
            Self::Identity => x,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Flex;

    #[test]
    fn activations_match_transformers() {
        // torch 2.15.0, by `ACT2FN` of transformers 5.23.0.
        let inputs = [-12.0_f32, -2.5, -0.5, 0.75, 4.0, 40.0];
        for (name, expected) in [
            ("gelu", [0.0, -0.015524163, -0.154268769, 0.580029486, 3.999873315, 40.0]),
            ("gelu_new", [0.0, -0.015084266, -0.15428599, 0.579960555, 3.999929754, 40.0]),
            ("gelu_python_tanh", [0.0, -0.015084266, -0.15428599, 0.579960555, 3.999929754, 40.0]),
            ("gelu_accurate", [0.0, -0.015084266, -0.15428599, 0.579960555, 3.999929754, 40.0]),
            ("gelu_fast", [0.0, -0.015084266, -0.15428599, 0.579960555, 3.999929754, 40.0]),
            ("quick_gelu", [-1.6e-08, -0.034986165, -0.149611563, 0.586390058, 3.995585276, 40.0]),
            ("gelu_10", [0.0, -0.015524163, -0.154268769, 0.580029486, 3.999873315, 10.0]),
            ("relu", [0.0, 0.0, 0.0, 0.75, 4.0, 40.0]),
            ("relu2", [0.0, 0.0, 0.0, 0.5625, 16.0, 1600.0]),
            ("relu6", [0.0, 0.0, 0.0, 0.75, 4.0, 6.0]),
            ("leaky_relu", [-0.12, -0.025, -0.005, 0.75, 4.0, 40.0]),
            ("silu", [-7.373e-05, -0.18964545, -0.188770334, 0.509384024, 3.92805516, 40.0]),
            ("swish", [-7.373e-05, -0.18964545, -0.188770334, 0.509384024, 3.92805516, 40.0]),
            ("hardswish", [0.0, -0.208333333, -0.208333333, 0.46875, 4.0, 40.0]),
            ("mish", [-7.373e-05, -0.196816204, -0.220743775, 0.610018335, 3.997412807, 40.0]),
            ("sigmoid", [6.144e-06, 0.07585818, 0.377540669, 0.679178699, 0.98201379, 1.0]),
            ("tanh", [-1.0, -0.986614298, -0.462117157, 0.635148952, 0.9993293, 1.0]),
            ("linear", [-12.0, -2.5, -0.5, 0.75, 4.0, 40.0]),
        ] {
            let activation: Activation = serde_json::from_value(name.into()).unwrap();
            let x = Tensor::<Flex, 1>::from_floats(inputs, &Default::default());
            let found = activation.forward(x).into_data().to_vec::<f32>().unwrap();
            for ((x, found), expected) in inputs.iter().zip(found).zip(expected) {
                let error = (f64::from(found) - expected).abs();
                assert!(error <= 1e-6 * (1.0 + expected.abs()), "{name}({x}) is {found}, expected {expected}");
            }
        }
    }
}
