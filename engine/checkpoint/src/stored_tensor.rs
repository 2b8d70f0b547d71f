use std::path::PathBuf;

use burn::tensor::{bf16, f16};
use bytes::Bytes;
use safetensors::Dtype;
use trustformers_core::DType;
use trustformers_ops::Groups;

use crate::element::ElementType;
use crate::{fp4, quantized};

/// A tensor as stored in a checkpoint.
#[derive(Clone, Debug)]
pub struct StoredTensor {
    /// File that holds the tensor.
    pub file: PathBuf,
    /// Element encoding.
    pub element: ElementType,
    /// Shape of the tensor.
    pub shape: Vec<usize>,
    /// Elements, little-endian and row-major.
    pub bytes: Bytes,
    /// Whether `bytes` are a read-only mapping of the file, whose pages the operating system can read again.
    pub(crate) is_mapped: bool,
    /// Order of the rows.
    pub(crate) order: RowOrder,
    /// Scales of MXFP4, which are stored separately; empty for other encodings.
    pub(crate) scales: Bytes,
}

/// Order of the rows of a stored tensor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RowOrder {
    /// Rows in order; the family's rules may transpose the matrix.
    AsStored,
    /// Rows in order, and known to be a layer's outputs: never transposed.
    Outputs,
    /// Rows of each head interleaved: pairs of a row of its first half and a row of its second half.
    Interleaved {
        /// Rows per head.
        head_dim: usize,
    },
}

impl RowOrder {
    fn stored_index(self, row: usize) -> usize {
        match self {
            Self::AsStored | Self::Outputs => row,
            Self::Interleaved { head_dim } => {
                let (head, row) = (row / head_dim, row % head_dim);
                head * head_dim + 2 * (row % (head_dim / 2)) + row / (head_dim / 2)
            }
        }
    }
}

impl StoredTensor {
    /// Splits a stack along the first dimension; `None` if that dimension is not `count`.
    pub(crate) fn unstacked(&self, count: usize) -> Option<impl Iterator<Item = Self> + '_> {
        let (first, rest) = self.shape.split_first()?;
        if *first != count || count == 0 {
            return None;
        }
        let slice = move |bytes: &Bytes, index: usize| {
            let size = bytes.len() / count;
            bytes.slice(index * size..(index + 1) * size)
        };
        let part = move |index: usize| Self {
            file: self.file.clone(),
            element: self.element,
            shape: rest.to_vec(),
            bytes: slice(&self.bytes, index),
            is_mapped: self.is_mapped,
            order: if self.order == RowOrder::Outputs { RowOrder::Outputs } else { RowOrder::AsStored },
            scales: slice(&self.scales, index),
        };
        Some((0..count).map(part))
    }

    /// Selects rows (indices of the first dimension) by runs of start and length: the mapped bytes if they are
    /// contiguous, else a copy.
    pub(crate) fn rows(&self, runs: &[(usize, usize)]) -> Self {
        let count = runs.iter().map(|(_, rows)| rows).sum();
        let part = |all: &Bytes| {
            let size = all.len().checked_div(self.shape[0]).unwrap_or(0);
            match (self.order, runs) {
                (RowOrder::AsStored | RowOrder::Outputs, [(start, rows)]) => {
                    all.slice(start * size..(start + rows) * size)
                }
                (order, runs) => {
                    let rows = runs.iter().flat_map(|(start, rows)| *start..start + rows);
                    let mut bytes = Vec::with_capacity(count * size);
                    rows.for_each(|row| bytes.extend_from_slice(&all[order.stored_index(row) * size..][..size]));
                    bytes.into()
                }
            }
        };
        let is_mapped = self.is_mapped && runs.len() == 1 && self.is_in_order();
        Self {
            file: self.file.clone(),
            element: self.element,
            shape: [&[count], &self.shape[1..]].concat(),
            bytes: part(&self.bytes),
            is_mapped,
            order: RowOrder::AsStored,
            scales: part(&self.scales),
        }
    }

    /// The dtype of plain f32, f16 or bf16 elements; `None` for other encodings.
    pub fn float_dtype(&self) -> Option<DType> {
        self.element.float_dtype()
    }

    /// The values in f32; `None` unless they are plain f32, f16 or bf16.
    pub fn in_f32(&self) -> Option<Vec<f32>> {
        let dtype = self.float_dtype()?;
        let pairs = || self.bytes.chunks_exact(2).map(|pair| [pair[0], pair[1]]);
        Some(match dtype {
            DType::F32 => self.bytes.chunks_exact(4).map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]])).collect(),
            DType::F16 => pairs().map(|pair| f16::from_le_bytes(pair).to_f32()).collect(),
            DType::BF16 => pairs().map(|pair| bf16::from_le_bytes(pair).to_f32()).collect(),
        })
    }

    /// Whether the loader supports the element encoding.
    pub(crate) fn is_readable(&self) -> bool {
        self.float_dtype().is_some() || !matches!(self.element, ElementType::Plain(_)) || self.element.is_widened()
    }

    /// Whether the rows are stored in order.
    pub(crate) fn is_in_order(&self) -> bool {
        matches!(self.order, RowOrder::AsStored | RowOrder::Outputs)
    }

    /// Converts plain elements of other dtypes to f32; other tensors are returned unchanged.
    pub(crate) fn widened(self) -> Self {
        if self.float_dtype().is_some() {
            return self;
        }
        let Some(values) = self.element.widen(&self.bytes) else { return self };
        let bytes: Vec<u8> = values.into_iter().flat_map(f32::to_le_bytes).collect();
        Self { element: ElementType::Plain(Dtype::F32), bytes: bytes.into(), is_mapped: false, ..self }
    }

    /// Dequantizes to f32; plain tensors are returned unchanged.
    pub(crate) fn in_floats(&self) -> Self {
        let Some(values) = self.dequantized() else { return self.clone() };
        let bytes: Vec<u8> = values.into_iter().flat_map(f32::to_le_bytes).collect();
        Self { element: ElementType::Plain(Dtype::F32), bytes: bytes.into(), is_mapped: false, ..self.clone() }
    }

    /// Whether the tensor is a quantized matrix.
    pub(crate) fn is_quantized(&self) -> bool {
        !matches!(self.element, ElementType::Plain(_)) && self.shape.len() == 2
    }

    /// The quantized values and scales of a quantized matrix, without loss; `None` for plain tensors and other ranks.
    pub fn groups(&self) -> Option<Groups> {
        let &[n, k] = &self.shape[..] else { return None };
        let grouping = match self.element {
            ElementType::Plain(_) => return None,
            ElementType::Blocks(block) => block.grouping(),
            ElementType::Quantized(grouping) => grouping,
            ElementType::Mxfp4 => fp4::GROUPING,
        };
        let ordered = self.rows(&[(0, n)]);
        let mut quantized = vec![0; n * k];
        let mut scales = vec![0.0; n * k / grouping.group_size];
        let mut mins = vec![0.0; if grouping.has_mins { scales.len() } else { 0 }];
        match self.element {
            ElementType::Blocks(block) => block.decode(&ordered.bytes, &mut quantized, &mut scales, &mut mins),
            ElementType::Mxfp4 => fp4::decode(&ordered.bytes, &ordered.scales, &mut quantized, &mut scales),
            _ => quantized::decode(grouping, &ordered.bytes, &mut quantized, &mut scales, &mut mins),
        }
        Some(Groups { shape: [n, k], grouping, quantized, scales, mins })
    }

    /// The dequantized values, row-major; `None` for plain tensors.
    pub fn dequantized(&self) -> Option<Vec<f32>> {
        match self.element {
            ElementType::Plain(_) => None,
            ElementType::Quantized(_) | ElementType::Mxfp4 => self.groups().map(|groups| groups.values()),
            ElementType::Blocks(block) => {
                let mut values = vec![0.0; self.shape.iter().product()];
                block.dequantize(&self.bytes, &mut values);
                Some(values)
            }
        }
    }
}
