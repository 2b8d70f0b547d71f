use burn::tensor::Tensor;
use burn::tensor::backend::Backend;

use crate::{Activation, EngineBackend};

/// `activation(x * transpose(weight) + bias)` over the last dimension.
///
/// **Shapes:** `x: [.., in_features]`, `weight: [out_features, in_features]`, `bias: [out_features]`; returns
/// `[.., out_features]`.
pub fn linear<B: EngineBackend, const D: usize>(
    x: Tensor<B, D>,
    weight: Tensor<B, 2>,
    bias: Option<Tensor<B, 1>>,
    activation: Option<Activation>,
) -> Tensor<B, D> {
    let mut dims = x.dims();
    let [out_features, in_features] = weight.dims();
    let rows = dims[..D - 1].iter().product();
    let out = <B as EngineBackend>::linear(x.reshape([rows, in_features]), weight, bias, activation);
    dims[D - 1] = out_features;
    out.reshape(dims)
}

pub(crate) fn in_plain_burn<B: Backend>(
    x: Tensor<B, 2>,
    weight: Tensor<B, 2>,
    bias: Option<Tensor<B, 1>>,
    activation: Option<Activation>,
) -> Tensor<B, 2> {
    let product = x.matmul(weight.transpose());
    let out = match bias {
        Some(bias) => product + bias.unsqueeze(),
        None => product,
    };
    match activation {
        Some(activation) => activation.forward(out),
        None => out,
    }
}

#[cfg(test)]
mod tests {
    use burn::tensor::{Distribution, Tolerance};

    use super::*;
    use crate::Flex;

    const ACTIVATIONS: [Option<Activation>; 6] = [
        None,
        Some(Activation::GeluErf),
        Some(Activation::GeluTanh),
        Some(Activation::Relu),
        Some(Activation::Silu),
        Some(Activation::Tanh),
    ];

    fn random<B: Backend, const D: usize>(shape: [usize; D]) -> Tensor<B, D> {
        Tensor::random(shape, Distribution::Uniform(-1.0, 1.0), &B::Device::default())
    }

    fn override_equals_plain_burn<B: EngineBackend>() {
        B::seed(&B::Device::default(), 7);
        for (m, k, n) in [(1, 1, 1), (2, 40, 131), (33, 17, 5), (70, 131, 49), (7, 384, 96)] {
            for activation in ACTIVATIONS {
                for bias in [None, Some(random::<B, 1>([n]))] {
                    let (x, weight) = (random::<B, 2>([m, k]), random::<B, 2>([n, k]));
                    let found = linear(x.clone(), weight.clone(), bias.clone(), activation).into_data();
                    let expected = in_plain_burn(x, weight, bias, activation).into_data();
                    found.assert_approx_eq::<f32>(&expected, Tolerance::absolute(2e-5));
                }
            }
        }
    }

    fn override_accepts_transposed_views<B: EngineBackend>() {
        let (x, weight) = (random::<B, 2>([9, 6]).transpose(), random::<B, 2>([9, 4]).transpose());
        let found = linear(x.clone(), weight.clone(), None, None).into_data();
        let expected = in_plain_burn(x, weight, None, None).into_data();
        found.assert_approx_eq::<f32>(&expected, Tolerance::absolute(1e-5));
    }

    #[test]
    fn flex_override_equals_plain_burn() {
        override_equals_plain_burn::<Flex>();
        override_accepts_transposed_views::<Flex>();
    }

    #[cfg(feature = "candle")]
    #[test]
    fn candle_equals_plain_burn() {
        override_equals_plain_burn::<crate::Candle>();
        override_accepts_transposed_views::<crate::Candle>();
    }

    #[test]
    fn leading_dimensions_are_kept() {
        let (x, weight) = (random::<Flex, 3>([2, 3, 5]), random::<Flex, 2>([7, 5]));
        let rows = linear(x.clone().reshape([6, 5]), weight.clone(), None, None);
        let found = linear(x, weight, None, None);
        assert_eq!(found.dims(), [2, 3, 7]);
        found.reshape([6, 7]).into_data().assert_eq(&rows.into_data(), true);
    }
}
