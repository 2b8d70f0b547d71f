//! Division, shifts and comparisons of integers.

use trustformers_core::{Error, Result};

use crate::dtype::{DType, Kind};
use crate::ops::operands::{both, wrapped};
use crate::promotion::Operand;
use crate::scalar::Scalar;
use crate::storage::{Binary, Comparison};
use crate::tensor::Tensor;

/// Compares an integer tensor with an integer that its dtype does not hold.
pub(super) fn compared_beyond(op: Comparison, left: &Operand, right: &Operand, dtype: DType) -> Result<Option<Tensor>> {
    let (tensor, scalar, is_reflected) = match (left, right) {
        (Operand::Tensor(tensor), Operand::Scalar(scalar)) => (tensor, scalar.truncated(), false),
        (Operand::Scalar(scalar), Operand::Tensor(tensor)) => (tensor, scalar.truncated(), true),
        _ => return Ok(None),
    };
    if dtype.kind() != Kind::Int || dtype.holds(scalar) {
        return Ok(None);
    }
    let is_tensor_less = (scalar > 0) != is_reflected;
    let result = match op {
        Comparison::Equal => false,
        Comparison::NotEqual => true,
        Comparison::Less | Comparison::LessEqual => is_tensor_less,
        Comparison::Greater | Comparison::GreaterEqual => !is_tensor_less,
    };
    Tensor::full(&tensor.shape(), Scalar::Bool(result), DType::Bool, tensor.device()).map(Some)
}

/// Shifts bits; a shift by the width or more, or by a negative number, shifts out all of them.
pub(super) fn shifted(op: Binary, left: &Operand, right: &Operand, dtype: DType) -> Result<Tensor> {
    let bits = 8 * dtype.size() as i64;
    let is_logical = op == Binary::ShiftLeft || dtype.is_unsigned();
    if let Operand::Scalar(scalar) = right
        && (0..i128::from(bits)).contains(&scalar.truncated())
        && (op == Binary::ShiftLeft || dtype != DType::U64)
    {
        return Tensor::computed(op, left, right, dtype);
    }
    let [left, right] = both(left, right, dtype)?;
    let number = |value: i64| Operand::from(Scalar::Int(value));
    let is = |comparison, value: i64| Tensor::compare(comparison, &right.clone().into(), &number(value));
    let mut is_beyond = is(Comparison::GreaterEqual, bits)?;
    if !dtype.is_unsigned() {
        is_beyond = is_beyond.apply_binary(Binary::Or, &is(Comparison::Less, 0)?)?;
    }
    if !is_logical {
        return left.apply_binary(op, &is_beyond.where_(&number(bits - 1), &right.clone().into())?);
    }
    let count = is_beyond.where_(&number(0), &right.clone().into())?;
    let mut result = left.apply_binary(op, &count)?;
    if op == Binary::ShiftRight && dtype == DType::U64 {
        // The backend shifts copies of the highest bit in.
        let is_zero = Tensor::compare(Comparison::Equal, &count.clone().into(), &number(0))?;
        let rest = Tensor::computed(Binary::Sub, &number(bits), &count.into(), dtype)?;
        let rest = is_zero.where_(&number(0), &rest.into())?;
        let one = Tensor::full(&rest.shape(), Scalar::Int(1), dtype, rest.device())?;
        let mask =
            Tensor::computed(Binary::Sub, &one.apply_binary(Binary::ShiftLeft, &rest)?.into(), &number(1), dtype)?;
        result = is_zero.where_(&left.into(), &result.apply_binary(Binary::And, &mask)?.into())?;
    }
    is_beyond.where_(&number(0), &result.into())
}

/// Refuses an integer division by zero, which the processor would trap.
pub(super) fn check_divisor(right: &Operand, dtype: DType) -> Result<()> {
    if dtype.is_float() {
        return Ok(());
    }
    let has_zero = match right {
        Operand::Scalar(scalar) => has(&wrapped(*scalar, dtype).into(), Comparison::Equal, 0)?,
        Operand::Tensor(_) => has(right, Comparison::Equal, 0)?,
    };
    if has_zero { Err(Error::input("other", "integer division by zero")) } else { Ok(()) }
}

/// Whether an integer, or any element of a tensor of integers, is less than, equal to or greater than a number.
pub(super) fn has(operand: &Operand, op: Comparison, number: i64) -> Result<bool> {
    match (operand, op) {
        (Operand::Tensor(_), _) => Tensor::compare(op, operand, &Scalar::Int(number).into())?.has_true(),
        (Operand::Scalar(scalar), Comparison::Less) => Ok(scalar.truncated() < number.into()),
        (Operand::Scalar(scalar), Comparison::Greater) => Ok(scalar.truncated() > number.into()),
        (Operand::Scalar(scalar), _) => Ok(scalar.truncated() == number.into()),
    }
}

pub(super) fn floor_divided(left: &Operand, right: &Operand, dtype: DType) -> Result<Tensor> {
    check_divisor(right, dtype)?;
    if dtype.is_float() {
        return Tensor::computed(Binary::FloorDiv, left, right, dtype);
    }
    if dtype.is_unsigned() {
        return Tensor::computed(Binary::IntDiv, left, right, dtype);
    }
    let [left, right] = both(left, right, dtype)?;
    let of = |op, a: &Tensor, b: &Tensor| a.apply_binary(op, b);
    let is = |op, a: &Tensor, number| Tensor::compare(op, &a.clone().into(), &Scalar::Int(number).into());
    // The smallest integer has no quotient by -1, which the processor would trap.
    let is_negated = is(Comparison::Equal, &right, -1)?;
    let divisor = is_negated.where_(&Scalar::Int(1).into(), &right.clone().into())?;
    let truncated = of(Binary::IntDiv, &left, &divisor)?;
    let rest = of(Binary::Sub, &left, &of(Binary::Mul, &truncated, &divisor)?)?;
    let differs = of(Binary::Xor, &is(Comparison::Less, &rest, 0)?, &is(Comparison::Less, &divisor, 0)?)?;
    let is_above = of(Binary::And, &is(Comparison::NotEqual, &rest, 0)?, &differs)?;
    let quotient = of(Binary::Sub, &truncated, &is_above.cast(dtype)?)?;
    let negated = Tensor::computed(Binary::Sub, &Scalar::Int(0).into(), &left.into(), dtype)?;
    is_negated.where_(&negated.into(), &quotient.into())
}

/// Remainder with the divisor's sign.
pub(super) fn remainder(left: &Operand, right: &Operand, dtype: DType) -> Result<Tensor> {
    if dtype.is_float() {
        return Tensor::computed(Binary::Remainder, left, right, dtype);
    }
    let quotient = floor_divided(left, right, dtype)?;
    let multiple = Tensor::computed(Binary::Mul, &quotient.into(), right, dtype)?;
    Tensor::computed(Binary::Sub, left, &multiple.into(), dtype)
}
