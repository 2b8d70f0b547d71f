//! Operands of operations on elements.

use trustformers_core::{Error, Result};

use crate::dtype::{DType, Kind};
use crate::promotion::Operand;
use crate::scalar::Scalar;
use crate::shape::{broadcast, check_room};
use crate::tensor::Tensor;

/// Both operands as tensors of a dtype, broadcast to their common shape.
pub(crate) fn both(left: &Operand, right: &Operand, dtype: DType) -> Result<[Tensor; 2]> {
    let like = match (left, right) {
        (Operand::Tensor(tensor), _) | (_, Operand::Tensor(tensor)) => tensor,
        _ => return Err(Error::internal("an operation of two numbers")),
    };
    let (mut left, mut right) = (as_tensor(left, dtype, like)?, as_tensor(right, dtype, like)?);
    if left.device() != right.device() {
        // A tensor of rank 0 on the CPU moves to the other operand's device, as in torch.
        if right.rank() == 0 {
            right = right.to_device(left.device())?;
        } else if left.rank() == 0 {
            left = left.to_device(right.device())?;
        }
    }
    same_device(&[&left, &right])?;
    let shape = broadcast(&[&left.shape(), &right.shape()])?;
    check_room(&shape, dtype)?;
    Ok([left.expanded(&shape), right.expanded(&shape)])
}

pub(crate) fn same_device(tensors: &[&Tensor]) -> Result<()> {
    for pair in tensors.windows(2) {
        if pair[0].device() != pair[1].device() {
            let names = [pair[0].device().name(), pair[1].device().name()];
            let message = format!("the operands are on {} and {}; move one with to()", names[0], names[1]);
            return Err(Error::input("device", message));
        }
    }
    Ok(())
}

pub(crate) fn as_tensor(operand: &Operand, dtype: DType, like: &Tensor) -> Result<Tensor> {
    match operand {
        Operand::Tensor(tensor) => tensor.cast(dtype),
        Operand::Scalar(scalar) => Tensor::full(&[], wrapped(*scalar, dtype), dtype, like.device()),
    }
}

/// Converts a number to a dtype; integers wrap around as in C.
pub(crate) fn wrapped(scalar: Scalar, dtype: DType) -> Scalar {
    match dtype.kind() {
        Kind::Bool => scalar,
        Kind::Float => Scalar::Float(scalar.as_f64()),
        Kind::Int => {
            let (low, high) = dtype.int_range();
            let value = (scalar.truncated() - low).rem_euclid(high - low + 1) + low;
            if dtype == DType::U64 { Scalar::UInt(value as u64) } else { Scalar::Int(value as i64) }
        }
    }
}

pub(crate) fn no_common_dtype((a, b): (DType, DType)) -> Error {
    Error::input("dtype", format!("{a} and {b} have no common dtype; cast one with to()"))
}
