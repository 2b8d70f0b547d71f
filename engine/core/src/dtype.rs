use std::fmt;
use std::str::FromStr;

use crate::Error;

/// Floating point dtype of weights and activations.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DType {
    /// IEEE 754 binary32.
    F32,
    /// IEEE 754 binary16.
    F16,
    /// bfloat16: binary32 without the lower 16 bits of the significand.
    BF16,
}

impl DType {
    /// The name that `torch_dtype` in `config.json` uses.
    pub fn name(self) -> &'static str {
        match self {
            Self::F32 => "float32",
            Self::F16 => "float16",
            Self::BF16 => "bfloat16",
        }
    }

    /// Size of an element in bytes.
    pub fn size(self) -> usize {
        match self {
            Self::F32 => 4,
            Self::F16 | Self::BF16 => 2,
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

    fn from_str(name: &str) -> Result<Self, Error> {
        match name.strip_prefix("torch.").unwrap_or(name) {
            "float32" | "float" => Ok(Self::F32),
            "float16" | "half" => Ok(Self::F16),
            "bfloat16" => Ok(Self::BF16),
            _ => Err(Error::input(
                "dtype",
                format!("\"{name}\" is not one of \"auto\", \"float32\", \"float16\", \"bfloat16\""),
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_survive_a_round_trip() {
        for dtype in [DType::F32, DType::F16, DType::BF16] {
            assert_eq!(dtype.name().parse::<DType>().unwrap(), dtype);
        }
    }

    #[test]
    fn rejects_an_unknown_name_and_lists_the_known() {
        let message = "int4".parse::<DType>().unwrap_err().to_string();
        assert!(message.contains("int4") && message.contains("bfloat16"), "{message}");
    }
}
