use std::fmt;

use burn::tensor::f16;
use safetensors::Dtype;
use trustformers_core::DType;
use trustformers_ops::Grouping;

use crate::gguf::BlockType;
use crate::quantized;

/// Element encoding of a stored tensor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ElementType {
    /// Plain elements of a safetensors dtype.
    Plain(Dtype),
    /// GGUF quantization blocks along the rows.
    Blocks(BlockType),
    /// Quantized values in groups along the rows, each stored with its scale.
    Quantized(Grouping),
    /// MXFP4: groups of 32 FP4 values along the rows, with the scales stored separately.
    Mxfp4,
}

impl ElementType {
    /// The dtype of plain f32, f16 or bf16 elements; `None` for other encodings.
    pub fn float_dtype(self) -> Option<DType> {
        match self {
            Self::Plain(Dtype::F32) => Some(DType::F32),
            Self::Plain(Dtype::F16) => Some(DType::F16),
            Self::Plain(Dtype::BF16) => Some(DType::BF16),
            _ => None,
        }
    }

    /// Converts plain elements of other dtypes to f32; `None` if the encoding is not supported.
    pub(crate) fn widen(self, bytes: &[u8]) -> Option<Vec<f32>> {
        fn each<const N: usize>(bytes: &[u8], value: impl Fn([u8; N]) -> f32) -> Vec<f32> {
            bytes.as_chunks::<N>().0.iter().map(|element| value(*element)).collect()
        }
        let Self::Plain(dtype) = self else { return None };
        Some(match dtype {
            Dtype::F64 => each(bytes, |b| f64::from_le_bytes(b) as f32),
            Dtype::F8_E4M3 => each(bytes, |[b]| e4m3(b)),
            // E5M2 is the upper byte of a float16.
            Dtype::F8_E5M2 => each(bytes, |[b]| f16::from_bits(u16::from(b) << 8).to_f32()),
            Dtype::I64 => each(bytes, |b| i64::from_le_bytes(b) as f32),
            Dtype::U64 => each(bytes, |b| u64::from_le_bytes(b) as f32),
            Dtype::I32 => each(bytes, |b| i32::from_le_bytes(b) as f32),
            Dtype::U32 => each(bytes, |b| u32::from_le_bytes(b) as f32),
            Dtype::I16 => each(bytes, |b| f32::from(i16::from_le_bytes(b))),
            Dtype::U16 => each(bytes, |b| f32::from(u16::from_le_bytes(b))),
            Dtype::I8 => each(bytes, |[b]| f32::from(b as i8)),
            Dtype::U8 => each(bytes, |[b]| f32::from(b)),
            Dtype::BOOL => each(bytes, |[b]| f32::from(u8::from(b != 0))),
            _ => return None,
        })
    }

    /// Whether [`widen`](Self::widen) supports the encoding.
    pub(crate) fn is_widened(self) -> bool {
        self.widen(&[]).is_some()
    }

    /// Whether elements are plain floating point numbers.
    pub(crate) fn is_float(self) -> bool {
        self.float_dtype().is_some() || matches!(self, Self::Plain(Dtype::F64 | Dtype::F8_E4M3 | Dtype::F8_E5M2))
    }

    /// Size in bytes of `elements` elements of a row; `None` unless they fill whole bytes and blocks.
    pub(crate) fn bytes_of(self, elements: usize) -> Option<usize> {
        match self {
            Self::Plain(dtype) => {
                let bits = elements.checked_mul(dtype.bitsize())?;
                bits.is_multiple_of(8).then_some(bits / 8)
            }
            Self::Mxfp4 => elements.is_multiple_of(2).then_some(elements / 2),
            Self::Quantized(grouping) => {
                let whole = elements.is_multiple_of(grouping.group_size);
                (elements / grouping.group_size).checked_mul(quantized::group_bytes(grouping)).filter(|_| whole)
            }
            Self::Blocks(block) => {
                let whole = elements.is_multiple_of(block.elements());
                (elements / block.elements()).checked_mul(block.bytes()).filter(|_| whole)
            }
        }
    }
}

/// Decodes float8 E4M3: exponent bias 7, no infinities. Source: arXiv 2209.05433, table 1.
fn e4m3(byte: u8) -> f32 {
    let (exponent, significand) = (i32::from(byte >> 3 & 0xf), f32::from(byte & 7));
    let magnitude = match (exponent, byte & 7) {
        (15, 7) => f32::NAN,
        (0, _) => significand * 0.125 * f32::powi(2.0, -6),
        _ => (1.0 + significand * 0.125) * f32::powi(2.0, exponent - 7),
    };
    if byte & 0x80 == 0 { magnitude } else { -magnitude }
}

impl fmt::Display for ElementType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Plain(dtype) => write!(f, "{dtype:?}"),
            Self::Blocks(block) => write!(f, "{block}"),
            Self::Mxfp4 => write!(f, "MXFP4"),
            Self::Quantized(Grouping { bits, group_size, .. }) => write!(f, "{bits:?} bits in groups of {group_size}"),
        }
    }
}
