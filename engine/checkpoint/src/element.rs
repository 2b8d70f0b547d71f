use std::fmt;

use safetensors::Dtype;
use trustformers_core::DType;
use trustformers_ops::Grouping;

use crate::codes;
use crate::gguf::BlockType;

/// How a stored tensor spells its elements.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ElementType {
    /// One by one.
    Plain(Dtype),
    /// In blocks along the rows.
    Blocks(BlockType),
    /// In groups along the rows, with a scale for each.
    Codes(Grouping),
    /// The same with the scales apart.
    Mxfp4,
}

impl ElementType {
    /// The floating point format of elements that are stored one by one.
    pub fn float_dtype(self) -> Option<DType> {
        match self {
            Self::Plain(Dtype::F32) => Some(DType::F32),
            Self::Plain(Dtype::F16) => Some(DType::F16),
            Self::Plain(Dtype::BF16) => Some(DType::BF16),
            _ => None,
        }
    }

    /// Bytes of a number of elements of a row, if they fill whole bytes and blocks.
    pub(crate) fn bytes_of(self, elements: usize) -> Option<usize> {
        match self {
            Self::Plain(dtype) => {
                let bits = elements.checked_mul(dtype.bitsize())?;
                bits.is_multiple_of(8).then_some(bits / 8)
            }
            Self::Mxfp4 => elements.is_multiple_of(2).then_some(elements / 2),
            Self::Codes(grouping) => {
                let whole = elements.is_multiple_of(grouping.group_size);
                (elements / grouping.group_size).checked_mul(codes::group_bytes(grouping)).filter(|_| whole)
            }
            Self::Blocks(block) => {
                let whole = elements.is_multiple_of(block.elements());
                (elements / block.elements()).checked_mul(block.bytes()).filter(|_| whole)
            }
        }
    }
}

impl fmt::Display for ElementType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Plain(dtype) => write!(f, "{dtype:?}"),
            Self::Blocks(block) => write!(f, "{block}"),
            Self::Mxfp4 => write!(f, "MXFP4"),
            Self::Codes(Grouping { bits, group_size, .. }) => write!(f, "{bits:?} bits in groups of {group_size}"),
        }
    }
}
