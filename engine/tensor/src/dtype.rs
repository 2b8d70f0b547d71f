use std::fmt;
use std::str::FromStr;

use burn::tensor::{BoolStore, DType as BurnDType};
use trustformers_core::Error;

/// Dtype of a tensor's elements.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum DType {
    /// Boolean, one byte of 0 or 1.
    Bool,
    /// 8-bit unsigned integer.
    U8,
    /// 16-bit unsigned integer.
    U16,
    /// 32-bit unsigned integer.
    U32,
    /// 64-bit unsigned integer.
    U64,
    /// 8-bit signed integer.
    I8,
    /// 16-bit signed integer.
    I16,
    /// 32-bit signed integer.
    I32,
    /// 64-bit signed integer.
    I64,
    /// IEEE 754 binary16.
    F16,
    /// bfloat16: binary32 without the lower 16 bits of the significand.
    BF16,
    /// IEEE 754 binary32.
    F32,
    /// IEEE 754 binary64.
    F64,
}

/// Category of a dtype in type promotion, from lowest to highest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// Booleans.
    Bool,
    /// Signed and unsigned integers.
    Int,
    /// Floating-point numbers.
    Float,
}

impl DType {
    /// Every dtype.
    pub const ALL: [Self; 13] = [
        Self::Bool,
        Self::U8,
        Self::U16,
        Self::U32,
        Self::U64,
        Self::I8,
        Self::I16,
        Self::I32,
        Self::I64,
        Self::F16,
        Self::BF16,
        Self::F32,
        Self::F64,
    ];

    /// The name that NumPy and torch use.
    pub fn name(self) -> &'static str {
        match self {
            Self::Bool => "bool",
            Self::U8 => "uint8",
            Self::U16 => "uint16",
            Self::U32 => "uint32",
            Self::U64 => "uint64",
            Self::I8 => "int8",
            Self::I16 => "int16",
            Self::I32 => "int32",
            Self::I64 => "int64",
            Self::F16 => "float16",
            Self::BF16 => "bfloat16",
            Self::F32 => "float32",
            Self::F64 => "float64",
        }
    }

    /// Size of an element in bytes.
    pub fn size(self) -> usize {
        match self {
            Self::Bool | Self::U8 | Self::I8 => 1,
            Self::U16 | Self::I16 | Self::F16 | Self::BF16 => 2,
            Self::U32 | Self::I32 | Self::F32 => 4,
            Self::U64 | Self::I64 | Self::F64 => 8,
        }
    }

    /// Category of the dtype.
    pub fn kind(self) -> Kind {
        match self {
            Self::Bool => Kind::Bool,
            Self::F16 | Self::BF16 | Self::F32 | Self::F64 => Kind::Float,
            _ => Kind::Int,
        }
    }

    /// Whether elements are floating-point numbers.
    pub fn is_float(self) -> bool {
        self.kind() == Kind::Float
    }

    /// Whether elements are unsigned integers.
    pub fn is_unsigned(self) -> bool {
        matches!(self, Self::U8 | Self::U16 | Self::U32 | Self::U64)
    }

    /// Smallest and largest value of an integer dtype.
    pub(crate) fn int_range(self) -> (i128, i128) {
        let bits = 8 * self.size() as u32;
        if self.is_unsigned() { (0, (1 << bits) - 1) } else { (-(1 << (bits - 1)), (1 << (bits - 1)) - 1) }
    }

    /// Largest finite number of a float dtype.
    pub(crate) fn largest(self) -> f64 {
        match self {
            Self::F16 => burn::tensor::f16::MAX.to_f64(),
            Self::BF16 => burn::tensor::bf16::MAX.to_f64(),
            Self::F32 => f32::MAX.into(),
            _ => f64::MAX,
        }
    }

    /// Whether an integer dtype holds a number.
    pub(crate) fn holds(self, value: i128) -> bool {
        let (low, high) = self.int_range();
        (low..=high).contains(&value)
    }

    pub(crate) fn burn(self) -> BurnDType {
        match self {
            Self::Bool => BurnDType::Bool(BoolStore::Native),
            Self::U8 => BurnDType::U8,
            Self::U16 => BurnDType::U16,
            Self::U32 => BurnDType::U32,
            Self::U64 => BurnDType::U64,
            Self::I8 => BurnDType::I8,
            Self::I16 => BurnDType::I16,
            Self::I32 => BurnDType::I32,
            Self::I64 => BurnDType::I64,
            Self::F16 => BurnDType::F16,
            Self::BF16 => BurnDType::BF16,
            Self::F32 => BurnDType::F32,
            Self::F64 => BurnDType::F64,
        }
    }

    pub(crate) fn of_burn(dtype: BurnDType) -> Self {
        match dtype {
            BurnDType::U8 => Self::U8,
            BurnDType::U16 => Self::U16,
            BurnDType::U32 => Self::U32,
            BurnDType::U64 => Self::U64,
            BurnDType::I8 => Self::I8,
            BurnDType::I16 => Self::I16,
            BurnDType::I32 => Self::I32,
            BurnDType::I64 => Self::I64,
            BurnDType::F16 => Self::F16,
            BurnDType::BF16 => Self::BF16,
            BurnDType::F32 | BurnDType::Flex32 => Self::F32,
            BurnDType::F64 => Self::F64,
            BurnDType::Bool(_) => Self::Bool,
            BurnDType::QFloat(_) => unreachable!("tensors of this crate are never quantized"),
        }
    }
}

impl From<trustformers_core::DType> for DType {
    fn from(dtype: trustformers_core::DType) -> Self {
        match dtype {
            trustformers_core::DType::F32 => Self::F32,
            trustformers_core::DType::F16 => Self::F16,
            trustformers_core::DType::BF16 => Self::BF16,
        }
    }
}

impl fmt::Display for DType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for DType {
    type Err = Error;

    /// Reads a name of NumPy or torch, such as `"float32"`, `"torch.float32"`, `"half"` or `"long"`.
    fn from_str(name: &str) -> Result<Self, Error> {
        let short = name.strip_prefix("torch.").unwrap_or(name);
        let alias = match short {
            "bool_" => "bool",
            "half" => "float16",
            "float" => "float32",
            "double" => "float64",
            "short" => "int16",
            "int" => "int32",
            "long" => "int64",
            other => other,
        };
        Self::ALL.into_iter().find(|dtype| dtype.name() == alias).ok_or_else(|| {
            let known = Self::ALL.map(Self::name).join(", ");
            Error::input("dtype", format!("unknown dtype {name:?}; expected one of: {known}"))
        })
    }
}
