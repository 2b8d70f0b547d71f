use burn::tensor::{DType as BurnDType, IntDType, Tensor, TensorMetadata, TensorPrimitive};
use trustformers_core::{DType, Result};
use trustformers_ops::{self as ops, EngineBackend, Epilogue, LinearPart, LinearWeight, Precision};

use super::{Values, mixed_kinds};

/// Number of multiplications from which packing the right matrix for the kernels pays off.
const LARGE: usize = 1 << 20;

/// Product of matrices with equal leading dimensions.
pub(super) fn matmul<B: EngineBackend>(left: Values<B>, right: Values<B>) -> Result<Values<B>> {
    match (left, right) {
        (Values::Float(a), Values::Float(b)) => Ok(Values::Float(floats::<B>(a, b))),
        (Values::Int(a), Values::Int(b)) => {
            // The low bits of a product are the same in every integer width.
            let dtype = a.dtype();
            let [a, b] = [a, b].map(|x| B::int_cast(x, IntDType::I64));
            Ok(Values::Int(B::int_cast(B::int_matmul(a, b), dtype.into())))
        }
        _ => Err(mixed_kinds()),
    }
}

fn floats<B: EngineBackend>(a: B::FloatTensorPrimitive, b: B::FloatTensorPrimitive) -> B::FloatTensorPrimitive {
    // In float32 packing costs what the kernels gain.
    if a.dtype() != BurnDType::BF16 {
        return B::float_matmul(a, b);
    }
    let ([rows, inner], [_, cols]) = (&a.shape()[..], &b.shape()[..]) else { return B::float_matmul(a, b) };
    if rows * inner * cols < LARGE {
        return B::float_matmul(a, b);
    }
    let matrix = |x| Tensor::<B, 2>::from_primitive(TensorPrimitive::Float(x));
    match B::pack(&matrix(b.clone()).transpose(), Precision::Float(DType::BF16)) {
        Some(packed) => {
            let part = LinearPart { weight: LinearWeight::Packed(packed), bias: None, low_rank: None };
            ops::linear(matrix(a), &[part], Epilogue::default()).into_primitive().tensor()
        }
        None => B::float_matmul(a, b),
    }
}
