use burn::tensor::Tensor;
use burn_flex::{Flex, FlexTensor};
use trustformers_kernels::backward::add_bias;
use trustformers_kernels::product::{Factor, Left, Right, product};
use trustformers_kernels::{self as kernels, linear as kernel};

use super::tensor::{Number, contiguous, filled, slice};
use crate::{Activation, Epilogue, LinearPart, LinearWeight};

pub(super) fn packed_linear<T: Number>(
    x: Tensor<Flex, 2>,
    parts: &[LinearPart<Flex>],
    epilogue: Epilogue<Flex>,
) -> Tensor<Flex, 2> {
    let rows = x.dims()[0];
    let dtype = x.dtype();
    let x = contiguous(x);
    let biases: Vec<_> = parts.iter().map(|part| part.bias.clone().map(|bias| contiguous(bias.cast(dtype)))).collect();
    let residual = epilogue.residual.map(|residual| contiguous(residual.cast(dtype)));
    let parts: Vec<_> = parts
        .iter()
        .zip(&biases)
        .filter_map(|(part, bias)| match &part.weight {
            LinearWeight::Packed(weight) => {
                Some(kernel::Part { weight: &weight.kernel, bias: bias.as_ref().map(slice::<T>) })
            }
            LinearWeight::Dense(_) => None,
        })
        .collect();
    let cols = parts.iter().map(|part| part.weight.shape()[0]).sum();
    let layer = kernel::Linear {
        x: slice::<T>(&x),
        parts: &parts,
        activation: epilogue.activation.and_then(kernel_activation),
        residual: residual.as_ref().map(slice::<T>),
    };
    filled([rows, cols], |out| layer.run(out))
}

pub(super) fn gated<T: Number>(x: Tensor<Flex, 2>, activation: kernels::Activation) -> Tensor<Flex, 2> {
    let [rows, both] = x.dims();
    let x = contiguous(x);
    let width = both / 2;
    filled([rows, width], |out| kernels::gate::gate(activation, slice::<T>(&x), width, out))
}

/// The kernels' activation, if they have it; others are computed in plain burn.
pub(super) fn kernel_activation(activation: Activation) -> Option<kernels::Activation> {
    match activation {
        Activation::GeluErf => Some(kernels::Activation::GeluErf),
        Activation::GeluTanh => Some(kernels::Activation::GeluTanh),
        Activation::Relu => Some(kernels::Activation::Relu),
        Activation::Silu => Some(kernels::Activation::Silu),
        Activation::Tanh => Some(kernels::Activation::Tanh),
        _ => None,
    }
}

pub(super) fn rounded_to_f16(x: Tensor<Flex, 2>) -> Tensor<Flex, 2> {
    let (shape, x) = (x.dims(), contiguous(x));
    filled(shape, |out| kernels::convert::round_to_f16(slice(&x), out))
}

pub(super) fn multiplied<T: Number + Factor, O: Number>(
    a: Tensor<Flex, 2>,
    b: Tensor<Flex, 2>,
    bias: Option<Tensor<Flex, 1>>,
) -> Tensor<Flex, 2> {
    let ([m, k], [_, n]) = (a.dims(), b.dims());
    // The kernels read a transposed matrix as it is.
    let ((a, a_is_transposed), (b, b_is_transposed)) = (rows_or_columns(a), rows_or_columns(b));
    let left = if a_is_transposed { Left::Columns } else { Left::Rows }(slice::<T>(&a));
    let right = if b_is_transposed { Right::Columns } else { Right::Rows }(slice::<T>(&b));
    let bias = bias.map(|bias| contiguous(bias.cast(O::DTYPE)));
    filled([m, n], |out: &mut [O]| {
        product(left, right, [m, k, n], out);
        if let Some(bias) = &bias {
            add_bias(out, slice(bias));
        }
    })
}

/// A contiguous matrix, and whether it is the transpose.
fn rows_or_columns(matrix: Tensor<Flex, 2>) -> (FlexTensor, bool) {
    let matrix = matrix.into_primitive().tensor();
    let transposed = matrix.transpose(0, 1);
    match !matrix.is_contiguous() && transposed.is_contiguous() {
        true => (transposed.to_contiguous(), true),
        false => (matrix.to_contiguous(), false),
    }
}
