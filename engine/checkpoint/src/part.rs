use burn::tensor::{AllocationProperty, Bytes};
use trustformers_core::DType;

use crate::StoredTensor;
use crate::rule::Rows;

/// Tile size of the transposition, so that source and destination stay in the cache.
const SQUARE: usize = 32;

/// The part of a stored tensor that belongs to a field.
pub(crate) struct Source<'a> {
    pub(crate) stored: &'a StoredTensor,
    /// Rows of the field in a fused tensor; `None` if the field has the whole tensor.
    pub(crate) rows: Option<Rows>,
    /// Whether the tensor is the transpose of the field.
    pub(crate) is_transposed: bool,
}

impl Source<'_> {
    /// The field's part if it is a quantized matrix that needs no transposition.
    pub(crate) fn quantized(&self) -> Option<StoredTensor> {
        if self.is_transposed || !self.stored.is_quantized() {
            return None;
        }
        let rows = self.stored.shape[0];
        let runs: Vec<_> = self.rows.map_or_else(|| vec![(0, rows)], |rows| rows.runs().collect());
        Some(self.stored.rows(&runs))
    }

    /// The values of a field of this shape and their dtype: the mapped bytes if they are contiguous, else a copy;
    /// quantized values are dequantized to f32.
    pub(crate) fn values(&self, shape: &[usize]) -> (Bytes, DType) {
        let count = shape.first().copied().unwrap_or(1);
        let runs: Vec<_> = self.rows.map_or_else(|| vec![(0, count)], |rows| rows.runs().collect());
        if self.is_transposed {
            let (all, dtype) = plain(self.stored);
            let total = self.rows.map_or(count, Rows::of_tensor);
            let width: usize = shape.iter().skip(1).product();
            return (Bytes::from_bytes_vec(transposed(&all, dtype.size(), [width, total], &runs)), dtype);
        }
        // Quantization blocks of a vector may straddle the parts of a fused tensor.
        let is_whole = self.stored.shape.is_empty() || self.rows.is_none() && self.stored.is_in_order();
        match self.stored.shape.len() {
            _ if is_whole => plain(self.stored),
            1 => plain(&self.stored.in_floats().rows(&runs)),
            _ => plain(&self.stored.rows(&runs)),
        }
    }
}

/// The values of a whole tensor and their dtype.
fn plain(stored: &StoredTensor) -> (Bytes, DType) {
    match stored.float_dtype() {
        Some(dtype) => (aligned(stored, dtype), dtype),
        None => (Bytes::from_elems(stored.dequantized().unwrap_or_default()), DType::F32),
    }
}

/// The bytes themselves if they are aligned for the dtype, else an aligned copy.
fn aligned(stored: &StoredTensor, dtype: DType) -> Bytes {
    if stored.bytes.as_ptr().align_offset(dtype.size()) == 0 {
        // Pages of a `File` are released after packing, which would zero those of other memory.
        let property = if stored.is_mapped { AllocationProperty::File } else { AllocationProperty::Other };
        Bytes::from_shared(stored.bytes.clone(), property)
    } else {
        Bytes::from_bytes_vec(stored.bytes.to_vec())
    }
}

/// Transposes some columns of a matrix. **Shapes:** `matrix: [rows, cols]`; `runs` are start and length of column
/// ranges.
fn transposed(matrix: &[u8], size: usize, [rows, cols]: [usize; 2], runs: &[(usize, usize)]) -> Vec<u8> {
    let columns: Vec<usize> = runs.iter().flat_map(|&(start, count)| start..start + count).collect();
    let mut out = vec![0; columns.len() * rows * size];
    // A size that is known when this is compiled makes a move of each element, and not a call.
    match size {
        2 => transpose::<2>(matrix, [rows, cols], &columns, &mut out),
        4 => transpose::<4>(matrix, [rows, cols], &columns, &mut out),
        _ => unreachable!("no dtype has elements of {size} bytes"),
    }
    out
}

/// Copies the given columns of a matrix of elements of `N` bytes to the rows of `out`.
fn transpose<const N: usize>(matrix: &[u8], [rows, cols]: [usize; 2], columns: &[usize], out: &mut [u8]) {
    let (matrix, out) = (matrix.as_chunks::<N>().0, out.as_chunks_mut::<N>().0);
    if rows == 0 {
        return;
    }
    for (columns, band) in columns.chunks(SQUARE).zip(out.chunks_mut(SQUARE * rows)) {
        for first in (0..rows).step_by(SQUARE) {
            let last = (first + SQUARE).min(rows);
            for (column, to) in columns.iter().zip(band.chunks_exact_mut(rows)) {
                for (row, to) in (first..last).zip(&mut to[first..last]) {
                    *to = matrix[row * cols + column];
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn transposed_selects_columns_as_rows() {
        let (rows, cols) = (37, 70);
        let matrix: Vec<u8> = (0..rows * cols).flat_map(|at: usize| (at as u16).to_le_bytes()).collect();
        let found = transposed(&matrix, 2, [rows, cols], &[(60, 10), (1, 30)]);
        let expected = (60..70).chain(1..31).flat_map(|column| (0..rows).map(move |row| row * cols + column));
        let expected: Vec<u8> = expected.flat_map(|at| (at as u16).to_le_bytes()).collect();
        assert_eq!(found, expected);
    }
}
