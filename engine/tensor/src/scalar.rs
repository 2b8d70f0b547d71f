use crate::dtype::DType;

/// A Python number as an operand.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Scalar {
    /// A bool.
    Bool(bool),
    /// An int.
    Int(i64),
    /// An int above the largest `i64`.
    UInt(u64),
    /// A float.
    Float(f64),
}

impl Scalar {
    /// Dtype of a tensor created from the number: torch's default for its kind.
    pub fn dtype(self) -> DType {
        match self {
            Self::Bool(_) => DType::Bool,
            Self::Int(_) => DType::I64,
            Self::UInt(_) => DType::U64,
            Self::Float(_) => DType::F32,
        }
    }
}
