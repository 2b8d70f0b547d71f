use burn::tensor::{DType, Tensor, TensorData, TensorPrimitive};
use burn_flex::{Flex, FlexTensor};
use trustformers_kernels as kernels;

use crate::{Activation, EngineBackend, linear};

impl EngineBackend for Flex {
    fn linear(
        x: Tensor<Self, 2>,
        weight: Tensor<Self, 2>,
        bias: Option<Tensor<Self, 1>>,
        activation: Option<Activation>,
    ) -> Tensor<Self, 2> {
        let is_f32 = x.dtype() == DType::F32
            && weight.dtype() == DType::F32
            && bias.as_ref().is_none_or(|bias| bias.dtype() == DType::F32);
        if !is_f32 {
            return linear::in_plain_burn(x, weight, bias, activation);
        }
        let [m, k] = x.dims();
        let n = weight.dims()[0];
        let [x, weight] = [x, weight].map(contiguous);
        let bias = bias.map(contiguous);
        let layer = kernels::linear::Linear {
            x: f32s(&x),
            weight: f32s(&weight),
            bias: bias.as_ref().map(f32s),
            activation: activation.map(kernel_activation),
            k,
            n,
        };
        let mut out = vec![0.0; m * n];
        layer.run(&mut out);
        let out = FlexTensor::from_data(TensorData::new(out, [m, n]));
        Tensor::from_primitive(TensorPrimitive::Float(out))
    }
}

fn contiguous<const D: usize>(tensor: Tensor<Flex, D>) -> FlexTensor {
    tensor.into_primitive().tensor().to_contiguous()
}

fn f32s(tensor: &FlexTensor) -> &[f32] {
    tensor.as_slice().expect("the tensor is contiguous and f32")
}

fn kernel_activation(activation: Activation) -> kernels::Activation {
    match activation {
        Activation::GeluErf => kernels::Activation::GeluErf,
        Activation::GeluTanh => kernels::Activation::GeluTanh,
        Activation::Relu => kernels::Activation::Relu,
        Activation::Silu => kernels::Activation::Silu,
        Activation::Tanh => kernels::Activation::Tanh,
    }
}
