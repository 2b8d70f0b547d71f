use std::collections::BTreeMap;
use std::path::Path;

use bytes::Bytes;
use safetensors::Dtype;
use trustformers_core::{Error, Result};
use trustformers_ops::{Bits, Grouping, num_threads};

use super::{PackedLayout, PackedScheme};
use crate::element::ElementType;
use crate::quantized;
use crate::stored_tensor::{RowOrder, StoredTensor};

/// Name suffix of a layer's packed quantized weight.
const CODES: &str = ".qweight";
/// AWQ's order of 4-bit values in a word: nibble index of each of eight columns.
const AWQ_ORDER: [usize; 8] = [0, 4, 1, 5, 2, 6, 3, 7];
/// Rows that are unpacked together: as many as one AWQ word holds.
const ROWS: usize = 8;

/// Stored tensors of one GPTQ or AWQ layer.
pub(crate) struct PackedLayer {
    scheme: PackedScheme,
    n: usize,
    k: usize,
    group_size: usize,
    /// Scales, `[groups, n]`.
    scales: Vec<f32>,
    /// Zero points, `[groups, n]`.
    zeros: Vec<u8>,
    /// Packed quantized weight. GPTQ: `[k / per word, n]`; AWQ: `[k, n / per word]`.
    words: StoredTensor,
    /// Group of each input (`g_idx`); `None` if groups are contiguous.
    groups: Option<Vec<usize>>,
}

impl PackedLayer {
    /// Replaces the tensors of every packed layer with one quantized matrix, named as the layer's weight.
    ///
    /// **Errors:** `Weights` naming a tensor that is missing or has the wrong shape, or if there is no packed layer.
    pub(crate) fn join_all(
        root: &Path,
        tensors: &mut BTreeMap<String, StoredTensor>,
        scheme: PackedScheme,
    ) -> Result<()> {
        let names: Vec<String> =
            tensors.keys().filter_map(|name| name.strip_suffix(CODES)).map(str::to_owned).collect();
        if names.is_empty() {
            return Err(Error::weights(
                root,
                format!("config.json says that layers are quantized, but no tensor name ends with {CODES}"),
            ));
        }
        for name in names {
            let mut take = |end: &str| tensors.remove(&format!("{name}.{end}"));
            let missing =
                |end: &str| Error::weights(root, format!("tensor {name}.{end} is missing, which {name}{CODES} needs"));
            let words = take("qweight").ok_or_else(|| missing("qweight"))?;
            let zeros = take("qzeros").ok_or_else(|| missing("qzeros"))?;
            let scales = take("scales").ok_or_else(|| missing("scales"))?;
            let groups = take("g_idx");
            let layer = Self::read(&name, scheme, words, &zeros, &scales, groups.as_ref())?;
            tensors.insert(format!("{name}.weight"), layer.joined());
        }
        Ok(())
    }

    fn read(
        name: &str,
        scheme: PackedScheme,
        words: StoredTensor,
        zeros: &StoredTensor,
        scales: &StoredTensor,
        groups: Option<&StoredTensor>,
    ) -> Result<Self> {
        let per_word = scheme.per_word();
        let [rows, cols] = matrix(name, "qweight", &words)?;
        let (k, n) = match scheme.layout {
            PackedLayout::Awq => (rows, cols * per_word),
            _ => (rows * per_word, cols),
        };
        let group_size = scheme.group_size.unwrap_or(k);
        let fit = |end: &str, tensor: &StoredTensor, expected: &[usize]| {
            if tensor.shape == expected {
                return Ok(());
            }
            let message = format!("{name}.{end} is {:?}, expected {expected:?}", tensor.shape);
            Err(Error::weights(&tensor.file, message))
        };
        if k == 0 || n == 0 || !k.is_multiple_of(group_size) || !n.is_multiple_of(per_word) {
            let message = format!("{name}{CODES} has {k} inputs in groups of {group_size} and {n} outputs");
            return Err(Error::weights(&words.file, message));
        }
        let count = k / group_size;
        fit("scales", scales, &[count, n])?;
        fit("qzeros", zeros, &[count, n / per_word])?;
        let groups = match groups {
            None => None,
            Some(groups) => {
                fit("g_idx", groups, &[k])?;
                groups_of(name, groups, count, group_size)?
            }
        };
        matrix(name, "qzeros", zeros)?;
        let scales = scales.in_f32().ok_or_else(|| wrong_type(name, "scales", scales, "floating point numbers"))?;
        let zeros = zeros_of(scheme, zeros, n);
        Ok(Self { scheme, n, k, group_size, scales, zeros, words, groups })
    }

    /// The weight as one tensor: group-quantized, or dequantized to f32 if groups are not contiguous (act-order).
    fn joined(&self) -> StoredTensor {
        let Self { n, k, group_size, .. } = *self;
        let grouping = self.grouping();
        let (element, row_bytes) = match self.groups {
            None => (ElementType::Quantized(grouping), k / group_size * quantized::group_bytes(grouping)),
            Some(_) => (ElementType::Plain(Dtype::F32), k * size_of::<f32>()),
        };
        let mut bytes = vec![0; n * row_bytes];
        let blocks = n.div_ceil(ROWS).div_ceil(num_threads());
        std::thread::scope(|scope| {
            for (index, bytes) in bytes.chunks_mut(blocks * ROWS * row_bytes).enumerate() {
                scope.spawn(move || {
                    let mut rows = vec![vec![0; k]; ROWS];
                    for (block, bytes) in bytes.chunks_mut(ROWS * row_bytes).enumerate() {
                        let first = (index * blocks + block) * ROWS;
                        self.unpack(first, &mut rows);
                        for (row, (quantized, bytes)) in rows.iter().zip(bytes.chunks_mut(row_bytes)).enumerate() {
                            self.write_row(first + row, quantized, bytes);
                        }
                    }
                });
            }
        });
        let file = self.words.file.clone();
        StoredTensor {
            file,
            element,
            shape: vec![n, k],
            bytes: bytes.into(),
            is_mapped: false,
            order: RowOrder::Outputs,
            scales: Bytes::new(),
        }
    }

    fn grouping(&self) -> Grouping {
        let middle = 1 << (self.scheme.bits - 1);
        Grouping {
            bits: if self.scheme.bits == 8 { Bits::Eight } else { Bits::Four },
            group_size: self.group_size,
            has_mins: self.zeros.iter().any(|zero| *zero != middle),
        }
    }

    /// Unpacks consecutive rows from `first` on to one code per byte.
    fn unpack(&self, first: usize, rows: &mut [Vec<u8>]) {
        let (n, bits, per_word) = (self.n, self.scheme.bits, self.scheme.per_word());
        let word = |at: usize| word_at(&self.words, at);
        let mask = (1u32 << bits) - 1;
        match self.scheme.layout {
            PackedLayout::Gptq { .. } | PackedLayout::Mxfp4 => {
                for (row, quantized) in (first..n).zip(rows) {
                    for (index, quantized) in quantized.chunks_exact_mut(per_word).enumerate() {
                        let word = word(index * n + row);
                        for (position, code) in quantized.iter_mut().enumerate() {
                            *code = (word >> (bits * position) & mask) as u8;
                        }
                    }
                }
            }
            PackedLayout::Awq => {
                for input in 0..self.k {
                    let word = word(input * (n / ROWS) + first / ROWS);
                    for (quantized, position) in rows.iter_mut().zip(AWQ_ORDER) {
                        quantized[input] = (word >> (bits * position) & mask) as u8;
                    }
                }
            }
        }
    }

    fn write_row(&self, row: usize, own: &[u8], bytes: &mut [u8]) {
        let (n, grouping) = (self.n, self.grouping());
        let of_group = |group: usize| (self.scales[group * n + row], self.zeros[group * n + row]);
        if let Some(groups) = &self.groups {
            let (numbers, _) = bytes.as_chunks_mut::<4>();
            for ((number, code), group) in numbers.iter_mut().zip(own).zip(groups) {
                let (scale, zero) = of_group(*group);
                *number = (scale * (f32::from(*code) - f32::from(zero))).to_le_bytes();
            }
            return;
        }
        // Symmetric quantized values of fewer bits are shifted to the middle of the wider format.
        let shift = if grouping.has_mins { 0 } else { grouping.bits.middle() - (1 << (self.scheme.bits - 1)) };
        let size = quantized::group_bytes(grouping);
        let mut shifted = Vec::with_capacity(self.group_size);
        for (group, (own, bytes)) in own.chunks(self.group_size).zip(bytes.chunks_mut(size)).enumerate() {
            let (scale, zero) = of_group(group);
            shifted.clear();
            shifted.extend(own.iter().map(|code| code + shift));
            quantized::encode(grouping, &shifted, scale, -scale * f32::from(zero), bytes);
        }
    }
}

fn wrong_type(name: &str, end: &str, tensor: &StoredTensor, expected: &str) -> Error {
    Error::weights(&tensor.file, format!("{name}.{end} is {}, expected {expected}", tensor.element))
}

fn matrix(name: &str, end: &str, tensor: &StoredTensor) -> Result<[usize; 2]> {
    if tensor.element != ElementType::Plain(Dtype::I32) {
        return Err(wrong_type(name, end, tensor, "I32"));
    }
    let message = || format!("{name}.{end} is {:?}, expected a matrix", tensor.shape);
    tensor.shape.as_slice().try_into().map_err(|_| Error::weights(&tensor.file, message()))
}

fn word_at(tensor: &StoredTensor, at: usize) -> u32 {
    let bytes = &tensor.bytes[4 * at..][..4];
    u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]])
}

/// Unpacks the zero points. **Shapes:** returns `[groups, n]`.
fn zeros_of(scheme: PackedScheme, zeros: &StoredTensor, n: usize) -> Vec<u8> {
    let (bits, per_word, mask) = (scheme.bits, scheme.per_word(), (1u32 << scheme.bits) - 1);
    let count = zeros.shape[0] * n;
    let stored = |at: usize| {
        let position = match scheme.layout {
            PackedLayout::Awq => AWQ_ORDER[at % per_word],
            _ => at % per_word,
        };
        word_at(zeros, at / per_word) >> (bits * position) & mask
    };
    let less_one = u32::from(scheme.layout == PackedLayout::Gptq { zeros_minus_one: true });
    (0..count).map(|at| ((stored(at) + less_one) & mask) as u8).collect()
}

/// The group of each input; `None` if groups are contiguous.
fn groups_of(name: &str, groups: &StoredTensor, count: usize, group_size: usize) -> Result<Option<Vec<usize>>> {
    if groups.element != ElementType::Plain(Dtype::I32) {
        return Err(wrong_type(name, "g_idx", groups, "I32"));
    }
    let found: Vec<usize> = (0..groups.shape[0]).map(|at| word_at(groups, at) as usize).collect();
    if let Some(group) = found.iter().find(|group| **group >= count) {
        let message = format!("{name}.g_idx has the group {}, outside 0..{count}", *group as i32);
        return Err(Error::weights(&groups.file, message));
    }
    let is_regular = found.iter().enumerate().all(|(at, group)| at / group_size == *group);
    Ok((!is_regular).then_some(found))
}
