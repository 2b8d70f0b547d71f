use burn::tensor::Tensor;
use burn::tensor::backend::Backend;

use crate::{Activation, EngineBackend, LowRank, PackedWeight};

/// Weight of a linear layer.
#[derive(Clone, Debug)]
pub enum LinearWeight<B: Backend> {
    /// Dense matrix. **Shapes:** `[out_features, in_features]`.
    Dense(Tensor<B, 2>),
    /// Weight packed by [`EngineBackend::pack`] or [`EngineBackend::pack_groups`].
    Packed(PackedWeight),
}

impl<B: EngineBackend> LinearWeight<B> {
    fn dense(&self, device: &B::Device) -> Tensor<B, 2> {
        match self {
            Self::Dense(weight) => weight.clone(),
            Self::Packed(weight) => weight.dense::<B>(device),
        }
    }

    pub(crate) fn out_features(&self) -> usize {
        match self {
            Self::Dense(weight) => weight.dims()[0],
            Self::Packed(weight) => weight.shape()[0],
        }
    }
}

/// One of several linear layers that share an input.
#[derive(Clone, Debug)]
pub struct LinearPart<B: Backend> {
    /// Weight of the layer.
    pub weight: LinearWeight<B>,
    /// Bias; `None` if there is none. **Shapes:** `[out_features]`.
    pub bias: Option<Tensor<B, 1>>,
    /// Low-rank updates of the weight, which add up.
    pub low_rank: Vec<LowRank<B>>,
}

/// Operations fused after the matrix product of a linear layer.
#[derive(Clone, Debug)]
pub struct Epilogue<B: Backend> {
    /// Activation, applied after the bias; `None` if there is none.
    pub activation: Option<Activation>,
    /// Residual, added last; `None` if there is none. **Shapes:** `[rows, out_features]`.
    pub residual: Option<Tensor<B, 2>>,
}

impl<B: Backend> Default for Epilogue<B> {
    fn default() -> Self {
        Self { activation: None, residual: None }
    }
}

impl<B: EngineBackend> Epilogue<B> {
    /// The activation and the residual in plain burn.
    pub(crate) fn apply(self, out: Tensor<B, 2>) -> Tensor<B, 2> {
        let out = match self.activation {
            Some(activation) => B::activate(out, activation),
            None => out,
        };
        match self.residual {
            Some(residual) => out + residual,
            None => out,
        }
    }
}

/// Matrices side by side. **Panics** if there is none.
pub(crate) fn joined<B: EngineBackend>(mut outputs: Vec<Tensor<B, 2>>) -> Tensor<B, 2> {
    match outputs.len() {
        1 => outputs.remove(0),
        _ => Tensor::cat(outputs, 1),
    }
}

/// The outputs of the parts of a fused product.
pub(crate) fn split<B: EngineBackend>(out: Tensor<B, 2>, parts: &[LinearPart<B>]) -> Vec<Tensor<B, 2>> {
    let mut first = 0;
    let part = |part: &LinearPart<B>| {
        let width = part.weight.out_features();
        first += width;
        out.clone().narrow(1, first - width, width)
    };
    parts.iter().map(part).collect()
}

pub(crate) fn reference<B: EngineBackend>(
    x: Tensor<B, 2>,
    parts: &[LinearPart<B>],
    epilogue: Epilogue<B>,
) -> Tensor<B, 2> {
    let one = |part: &LinearPart<B>| {
        let product = x.clone().matmul(part.weight.dense(&x.device()).cast(x.dtype()).transpose());
        match &part.bias {
            Some(bias) => product + bias.clone().unsqueeze(),
            None => product,
        }
    };
    epilogue.apply(joined(parts.iter().map(one).collect()))
}

#[cfg(test)]
mod tests {
    use burn::tensor::{DType as BurnDType, Distribution, Tolerance};
    use trustformers_core::DType;

    use super::*;
    use crate::{Bits, Flex, Grouping, Precision, Quantization, linear};

    const ACTIVATIONS: [Option<Activation>; 7] = [
        None,
        Some(Activation::GeluErf),
        Some(Activation::GeluTanh),
        Some(Activation::Relu),
        Some(Activation::Silu),
        Some(Activation::Tanh),
        Some(Activation::ReluSquared),
    ];

    fn random<B: Backend, const D: usize>(shape: [usize; D]) -> Tensor<B, D> {
        Tensor::random(shape, Distribution::Uniform(-1.0, 1.0), &B::Device::default())
    }

    fn part<B: EngineBackend>(weight: &Tensor<B, 2>, bias: &Option<Tensor<B, 1>>) -> LinearPart<B> {
        LinearPart { weight: LinearWeight::Dense(weight.clone()), bias: bias.clone(), low_rank: Vec::new() }
    }

    fn packed<B: EngineBackend>(weight: &Tensor<B, 2>, bias: &Option<Tensor<B, 1>>) -> LinearPart<B> {
        let packed = <B as EngineBackend>::pack(weight, Precision::Float(DType::F32));
        match packed {
            Some(weight) => {
                LinearPart { weight: LinearWeight::Packed(weight), bias: bias.clone(), low_rank: Vec::new() }
            }
            None => part(weight, bias),
        }
    }

    fn override_equals_plain_burn<B: EngineBackend>() {
        B::seed(&B::Device::default(), 7);
        for (m, k, n) in [(1, 1, 1), (2, 40, 131), (33, 17, 5), (70, 131, 49), (7, 384, 96)] {
            for activation in ACTIVATIONS {
                for bias in [None, Some(random::<B, 1>([n]))] {
                    for residual in [None, Some(random::<B, 2>([m, 2 * n]))] {
                        let x = random::<B, 2>([m, k]);
                        let weights = [random::<B, 2>([n, k]), random::<B, 2>([n, k])];
                        let epilogue = Epilogue { activation, residual };
                        let found = linear(x.clone(), &weights.each_ref().map(|w| packed(w, &bias)), epilogue.clone());
                        let expected = reference(x, &weights.each_ref().map(|w| part(w, &bias)), epilogue);
                        let tolerance = Tolerance::absolute(2e-5);
                        found.into_data().assert_approx_eq::<f32>(&expected.into_data(), tolerance);
                    }
                }
            }
        }
    }

    fn override_accepts_transposed_views<B: EngineBackend>() {
        let (x, weight) = (random::<B, 2>([9, 6]).transpose(), random::<B, 2>([9, 4]).transpose());
        let found = linear(x.clone(), &[packed(&weight, &None)], Epilogue::default()).into_data();
        let expected = reference(x, &[part(&weight, &None)], Epilogue::default()).into_data();
        found.assert_approx_eq::<f32>(&expected, Tolerance::absolute(1e-5));
    }

    #[test]
    fn low_rank_update_equals_the_merged_weight() {
        const ROWS: usize = 5;
        let [first, second] = [random::<Flex, 2>([6, 12]), random([4, 12])];
        let (a, b, bias) = (random::<Flex, 2>([3, 12]), random::<Flex, 2>([6, 3]), Some(random::<Flex, 1>([6])));
        let merged = first.clone() + b.clone().matmul(a.clone()) * 0.7;
        let (x, residual) = (random::<Flex, 2>([ROWS, 12]), random::<Flex, 2>([ROWS, 10]));
        let epilogue = || Epilogue { activation: Some(Activation::GeluErf), residual: Some(residual.clone()) };
        let expected = linear(x.clone(), &[part(&merged, &bias), part(&second, &None)], epilogue()).into_data();
        for own in [part(&first, &bias), packed(&first, &bias)] {
            let (a, b) = (a.clone(), b.clone());
            let low_rank = vec![LowRank { adapter: 0, a, b, scale: 0.7, gain: None, dropout: 0.0 }];
            let parts = [LinearPart { low_rank, ..own }, packed(&second, &None)];
            let found = linear(x.clone(), &parts, epilogue()).into_data();
            found.assert_approx_eq::<f32>(&expected, Tolerance::absolute(1e-5));
        }
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
    fn unpacking_restores_the_packed_weight() {
        for (dtype, precision) in [(BurnDType::F32, DType::F32), (BurnDType::BF16, DType::BF16)] {
            let weight = random::<Flex, 2>([50, 33]).cast(dtype);
            let packed = <Flex as EngineBackend>::pack(&weight, Precision::Float(precision)).unwrap();
            packed.dense::<Flex>(&weight.device()).into_data().assert_eq(&weight.into_data(), true);
        }
    }

    #[test]
    fn quantized_products_stay_near_the_dense_ones() {
        let (x, weight) = (random::<Flex, 2>([5, 300]), random::<Flex, 2>([70, 300]));
        let four = Grouping { bits: Bits::Four, group_size: 32, has_mins: false };
        // 300 products, each off by about 0.3 / 127 of one, or 0.3 / 8.
        for (quantization, tolerance) in [(Quantization::Int8, 0.15), (Quantization::Groups(four), 2.0)] {
            let packed = <Flex as EngineBackend>::pack(&weight, Precision::Quantized(quantization)).unwrap();
            let quantized =
                LinearPart { weight: LinearWeight::Packed(packed.clone()), bias: None, low_rank: Vec::new() };
            let found = linear(x.clone(), &[quantized], Epilogue::default()).into_data();
            let expected = reference(x.clone(), &[part(&weight, &None)], Epilogue::default());
            found.assert_approx_eq::<f32>(&expected.into_data(), Tolerance::absolute(tolerance));
            let known = part(&packed.dense(&weight.device()), &None);
            let expected = reference(x.clone(), &[known], Epilogue::default());
            found.assert_approx_eq::<f32>(&expected.into_data(), Tolerance::absolute(0.15));
        }
    }
}
