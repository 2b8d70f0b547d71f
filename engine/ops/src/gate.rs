use burn::tensor::Tensor;
use burn::tensor::backend::Backend;

use crate::{Activation, EngineBackend};

/// `activation(first half) * second half` of each row, arXiv 2002.05202.
///
/// **Shapes:** `x: [rows, 2 * width]`; returns `[rows, width]`.
pub fn gate<B: EngineBackend>(x: Tensor<B, 2>, activation: Activation) -> Tensor<B, 2> {
    <B as EngineBackend>::gate(x, activation)
}

pub(crate) fn in_plain_burn<B: Backend>(x: Tensor<B, 2>, activation: Activation) -> Tensor<B, 2> {
    let width = x.dims()[1] / 2;
    activation.forward(x.clone().narrow(1, 0, width)) * x.narrow(1, width, width)
}

#[cfg(test)]
mod tests {
    use burn::tensor::{Distribution, Tolerance};

    use super::*;
    use crate::Flex;

    #[test]
    fn flex_override_equals_plain_burn() {
        for (rows, width) in [(1, 3), (9, 72), (40, 1000)] {
            for activation in [Activation::Silu, Activation::GeluTanh, Activation::Relu] {
                let x =
                    Tensor::<Flex, 2>::random([rows, 2 * width], Distribution::Uniform(-2.0, 2.0), &Default::default());
                let found = gate(x.clone(), activation).into_data();
                found.assert_approx_eq::<f32>(&in_plain_burn(x, activation).into_data(), Tolerance::absolute(2e-6));
            }
        }
    }
}
