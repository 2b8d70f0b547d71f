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

    /// The integer that a bool or an int is; `None` for a float.
    pub fn as_int(self) -> Option<i128> {
        match self {
            Self::Bool(value) => Some(value.into()),
            Self::Int(value) => Some(value.into()),
            Self::UInt(value) => Some(value.into()),
            Self::Float(_) => None,
        }
    }

    /// The number as a float.
    pub fn as_f64(self) -> f64 {
        match self {
            Self::Float(value) => value,
            other => other.as_int().unwrap_or_default() as f64,
        }
    }

    /// The number as an integer; the fraction of a float is truncated.
    pub(crate) fn truncated(self) -> i128 {
        self.as_int().unwrap_or(self.as_f64() as i128)
    }
}
