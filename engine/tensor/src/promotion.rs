use crate::dtype::{DType, Kind};
use crate::scalar::Scalar;
use crate::tensor::Tensor;

/// An operand of an operation: a tensor or a number.
#[derive(Clone, Debug)]
pub enum Operand {
    /// A tensor.
    Tensor(Tensor),
    /// A number; a tensor of the same kind takes precedence in type promotion.
    Scalar(Scalar),
}

impl From<Tensor> for Operand {
    fn from(tensor: Tensor) -> Self {
        Self::Tensor(tensor)
    }
}

impl From<Scalar> for Operand {
    fn from(scalar: Scalar) -> Self {
        Self::Scalar(scalar)
    }
}

impl Operand {
    fn dtype(&self) -> DType {
        match self {
            Self::Tensor(tensor) => tensor.dtype(),
            Self::Scalar(scalar) => scalar.dtype(),
        }
    }

    /// 0 for a number, 1 for a tensor of rank 0, 2 for a tensor with dimensions.
    fn priority(&self) -> u8 {
        match self {
            Self::Scalar(_) => 0,
            Self::Tensor(tensor) => 1 + u8::from(tensor.rank() > 0),
        }
    }
}

/// The dtype that two tensor dtypes are promoted to, as by `torch.promote_types`; `None` if there is none.
pub fn promote(a: DType, b: DType) -> Option<DType> {
    if a == b {
        return Some(a);
    }
    let (low, high) = if a.kind() <= b.kind() { (a, b) } else { (b, a) };
    if low.kind() != high.kind() {
        return Some(high);
    }
    match high.kind() {
        Kind::Bool => Some(DType::Bool),
        Kind::Float => Some(if low.size() == high.size() { DType::F32 } else { wider(low, high) }),
        Kind::Int => match (low.is_unsigned(), high.is_unsigned()) {
            (false, false) => Some(wider(low, high)),
            // torch does not promote one of uint16, uint32 and uint64 with another unsigned integer dtype.
            (true, true) => None,
            _ => {
                let (unsigned, signed) = if low.is_unsigned() { (low, high) } else { (high, low) };
                (unsigned == DType::U8).then(|| if signed.size() > 1 { signed } else { DType::I16 })
            }
        },
    }
}

fn wider(a: DType, b: DType) -> DType {
    if a.size() >= b.size() { a } else { b }
}

/// The dtype that operands are promoted to, as by `torch.result_type`: tensors with dimensions take precedence over
/// tensors of rank 0, which take precedence over numbers, except over a higher kind. `Err` holds two dtypes that have
/// no common dtype.
pub(crate) fn result_type(operands: &[&Operand]) -> Result<DType, (DType, DType)> {
    let mut result: Option<DType> = None;
    for priority in [2, 1, 0] {
        let mut own: Option<DType> = None;
        for dtype in operands.iter().filter(|operand| operand.priority() == priority).map(|operand| operand.dtype()) {
            own = Some(match own {
                Some(before) => promote(before, dtype).ok_or((before, dtype))?,
                None => dtype,
            });
        }
        result = match (result, own) {
            (Some(before), Some(own)) if own.kind() > before.kind() => Some(own),
            (Some(before), _) => Some(before),
            (None, own) => own,
        };
    }
    Ok(result.unwrap_or(DType::F32))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dtypes_are_promoted_as_in_torch() {
        for (a, b, expected) in [
            (DType::Bool, DType::U8, Some(DType::U8)),
            (DType::U8, DType::I8, Some(DType::I16)),
            (DType::U8, DType::I64, Some(DType::I64)),
            (DType::I64, DType::F16, Some(DType::F16)),
            (DType::F16, DType::BF16, Some(DType::F32)),
            (DType::BF16, DType::F64, Some(DType::F64)),
            (DType::U16, DType::I64, None),
            (DType::U16, DType::U8, None),
            (DType::U32, DType::F32, Some(DType::F32)),
        ] {
            assert_eq!(promote(a, b), expected, "{a} and {b}");
            assert_eq!(promote(b, a), expected, "{b} and {a}");
        }
    }
}
