use burn::tensor::backend::Backend;
use burn::tensor::{Tensor, activation};

use crate::{Activation, EngineBackend};

/// Gated activation `activation(first half) * second half` of each row, arXiv 2002.05202.
///
/// **Shapes:** `x: [rows, 2 * width]`; returns `[rows, width]`.
pub fn gate<B: EngineBackend>(x: Tensor<B, 2>, activation: Activation) -> Tensor<B, 2> {
    <B as EngineBackend>::gate(x, activation)
}

/// Parameters of the clamped SwiGLU `(up + 1) * gate * sigmoid(alpha * gate)`, with `gate` clamped to at most `limit`
/// and `up` to `[-limit, limit]`; arXiv 2508.10925 section 2.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ClampedGate {
    /// Factor inside the sigmoid.
    pub alpha: f64,
    /// Clamp limit of `gate` and `up`, before the activation.
    pub limit: f64,
}

/// Applies [`ClampedGate`] to the halves of each row, gate first.
///
/// **Shapes:** `x: [rows, 2 * width]`; returns `[rows, width]`.
pub fn clamped_gate<B: Backend>(x: Tensor<B, 2>, ClampedGate { alpha, limit }: ClampedGate) -> Tensor<B, 2> {
    let width = x.dims()[1] / 2;
    let gate = x.clone().narrow(1, 0, width).clamp_max(limit);
    let up = x.narrow(1, width, width).clamp(-limit, limit);
    (up + 1.0) * (gate.clone() * activation::sigmoid(gate * alpha))
}

pub(crate) fn reference<B: Backend>(x: Tensor<B, 2>, activation: Activation) -> Tensor<B, 2> {
    let width = x.dims()[1] / 2;
    activation.forward(x.clone().narrow(1, 0, width)) * x.narrow(1, width, width)
}

#[cfg(test)]
mod tests {
    use burn::tensor::{Distribution, Tolerance};

    use super::*;
    use crate::Flex;

    #[test]
    fn a_clamped_gate_respects_its_limit() {
        let x = Tensor::<Flex, 2>::from_data([[9.0, -9.0, 0.5, -9.0]], &Default::default());
        let found = clamped_gate(x, ClampedGate { alpha: 2.0, limit: 1.0 }).into_data().to_vec::<f32>().unwrap();
        let sigmoid = |x: f32| 1.0 / (1.0 + (-x).exp());
        assert!((found[0] - 1.5 * sigmoid(2.0)).abs() < 1e-6 && found[1] == 0.0, "{found:?}");
    }

    #[test]
    fn flex_override_equals_plain_burn() {
        for (rows, width) in [(1, 3), (9, 72), (40, 1000)] {
            for activation in [Activation::Silu, Activation::GeluTanh, Activation::Relu, Activation::QuickGelu] {
                let x =
                    Tensor::<Flex, 2>::random([rows, 2 * width], Distribution::Uniform(-2.0, 2.0), &Default::default());
                let found = gate(x.clone(), activation).into_data();
                found.assert_approx_eq::<f32>(&reference(x, activation).into_data(), Tolerance::absolute(2e-6));
            }
        }
    }
}
