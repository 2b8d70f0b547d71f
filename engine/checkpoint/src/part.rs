use burn::tensor::Bytes;
use trustformers_core::DType;

use crate::StoredTensor;
use crate::load::aligned;
use crate::rule::Rows;

/// Side of the squares in which a matrix is transposed, so that both of its sides stay in the cache.
const SQUARE: usize = 32;

/// A field's part of a stored tensor.
pub(crate) struct Source<'a> {
    pub(crate) stored: &'a StoredTensor,
    /// The field's rows, if others share the tensor.
    pub(crate) rows: Option<Rows>,
    /// Whether the tensor's rows are the field's columns.
    pub(crate) is_transposed: bool,
}

impl Source<'_> {
    /// The values of a field of this shape: where they are mapped if they lie together, otherwise a copy.
    pub(crate) fn bytes(&self, shape: &[usize], dtype: DType) -> Bytes {
        let all = &self.stored.bytes;
        let size = dtype.size();
        let count = shape.first().copied().unwrap_or(1);
        let width: usize = shape.iter().skip(1).product();
        let runs: Vec<_> = self.rows.map_or_else(|| vec![(0, count)], |rows| rows.runs().collect());
        if self.is_transposed {
            let total = self.rows.map_or(count, Rows::of_tensor);
            return Bytes::from_bytes_vec(transposed(all, size, [width, total], &runs));
        }
        match runs[..] {
            [(start, rows)] => aligned(all.slice(start * width * size..(start + rows) * width * size), dtype),
            _ => {
                let run = |(start, rows): &(usize, usize)| &all[start * width * size..(start + rows) * width * size];
                Bytes::from_bytes_vec(runs.iter().flat_map(run).copied().collect())
            }
        }
    }
}

/// Some columns of a matrix as rows. **Shapes:** `matrix: [rows, cols]`; columns come in runs of start and length.
fn transposed(matrix: &[u8], size: usize, [rows, cols]: [usize; 2], runs: &[(usize, usize)]) -> Vec<u8> {
    let columns: Vec<usize> = runs.iter().flat_map(|&(start, count)| start..start + count).collect();
    let mut out = vec![0; columns.len() * rows * size];
    for (block, columns) in columns.chunks(SQUARE).enumerate() {
        for first in (0..rows).step_by(SQUARE) {
            for (index, column) in columns.iter().enumerate() {
                let to = (block * SQUARE + index) * rows;
                for row in first..(first + SQUARE).min(rows) {
                    let from = (row * cols + column) * size;
                    out[(to + row) * size..][..size].copy_from_slice(&matrix[from..from + size]);
                }
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_become_rows() {
        let (rows, cols) = (37, 70);
        let matrix: Vec<u8> = (0..rows * cols).flat_map(|at: usize| (at as u16).to_le_bytes()).collect();
        let found = transposed(&matrix, 2, [rows, cols], &[(60, 10), (1, 30)]);
        let expected = (60..70).chain(1..31).flat_map(|column| (0..rows).map(move |row| row * cols + column));
        let expected: Vec<u8> = expected.flat_map(|at| (at as u16).to_le_bytes()).collect();
        assert_eq!(found, expected);
    }
}
