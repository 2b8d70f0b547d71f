//! Copies between layouts.

use crate::cpu;
use crate::elementwise::Grid;
use crate::memory::Plain;
use crate::rows::for_each_block;

/// Rows and columns of a block that is transposed at once.
const TILE: usize = 16;

/// Copies elements to row-major order, on all threads.
///
/// **Panics** if an operand or the output does not have the grid's elements.
pub fn copy<T: Plain + Send + Sync>(grid: &Grid<1>, x: &[T], out: &mut [T]) {
    assert_eq!(grid.len(), out.len(), "out does not have the grid's elements");
    assert!(grid.reach()[0] <= x.len(), "x is shorter than {grid:?}");
    let is_broadcast = grid.strides[0][2] == 0;
    for_each_block(out, 1, |start, mut out| {
        for (len, [first]) in grid.runs(start, start + out.len()) {
            let (run, rest) = out.split_at_mut(len);
            out = rest;
            if is_broadcast { run.fill(x[first]) } else { run.copy_from_slice(&x[first..][..len]) }
        }
    });
}

/// Strides of a matrix in a batch, in elements.
#[derive(Clone, Copy, Debug)]
pub struct Transposed {
    /// Number of matrices.
    pub batch: usize,
    /// Rows of the result.
    pub rows: usize,
    /// Columns of the result.
    pub cols: usize,
    /// Stride between matrices of the operand.
    pub batch_stride: usize,
    /// Stride of the operand between columns of the result; elements of a column are adjacent.
    pub col_stride: usize,
}

/// Transposes each matrix of a batch, on all threads.
///
/// **Shapes:** `out: [batch, rows, cols]`. **Panics** if a length does not match.
pub fn transpose<T: Plain + Send + Sync>(layout: Transposed, x: &[T], out: &mut [T]) {
    let Transposed { batch, rows, cols, batch_stride, col_stride } = layout;
    assert_eq!(out.len(), batch * rows * cols, "out is not [batch, rows, cols]");
    if out.is_empty() {
        return;
    }
    let reach = (batch - 1) * batch_stride + (cols - 1) * col_stride + rows;
    assert!(reach <= x.len(), "x is shorter than {layout:?}");
    for (at, out) in out.chunks_exact_mut(rows * cols).enumerate() {
        let x = &x[at * batch_stride..];
        // Bands of whole tiles.
        let bands: Vec<_> = out.chunks_mut(TILE * cols).map(std::sync::Mutex::new).collect();
        let transposed = |task: usize| {
            if let Ok(mut band) = bands[task].lock() {
                transpose_band(x, task * TILE, cols, col_stride, &mut band);
            }
        };
        if rows * cols < 32 * 1024 {
            (0..bands.len()).for_each(transposed)
        } else {
            cpu::parallel(bands.len(), transposed)
        }
    }
}

fn transpose_band<T: Plain>(x: &[T], first: usize, cols: usize, col_stride: usize, out: &mut [T]) {
    let rows = out.len() / cols;
    let mut col = 0;
    while col + TILE <= cols && rows == TILE {
        let mut tile = [[x[0]; TILE]; TILE];
        for (at, tile) in tile.iter_mut().enumerate() {
            tile.copy_from_slice(&x[(col + at) * col_stride + first..][..TILE]);
        }
        for (row, out) in out.chunks_exact_mut(cols).enumerate() {
            let out = &mut out[col..col + TILE];
            for (out, tile) in out.iter_mut().zip(&tile) {
                *out = tile[row];
            }
        }
        col += TILE;
    }
    for col in col..cols {
        for row in 0..rows {
            out[row * cols + col] = x[col * col_stride + first + row];
        }
    }
}

/// Rows of a table at indices, on all threads.
///
/// **Shapes:** `x: [outer, size, width]`, `indices: [count]`, `out: [outer, count, width]`. **Panics** if a length does
/// not match, or an index is out of range.
pub fn select<T: Plain + Send + Sync>(x: &[T], [size, width]: [usize; 2], indices: &[i64], out: &mut [T]) {
    let count = indices.len();
    if out.is_empty() {
        return;
    }
    assert_eq!(x.len() * count, out.len() * size, "out is not [outer, count, width]");
    for_each_block(out, width, |first, out| {
        for (at, out) in out.chunks_exact_mut(width).enumerate() {
            let (outer, index) = ((first + at) / count, indices[(first + at) % count] as usize);
            assert!(index < size, "index {index} is out of range for {size} rows");
            if width == 1 {
                out[0] = x[outer * size + index];
            } else {
                out.copy_from_slice(&x[(outer * size + index) * width..][..width]);
            }
        }
    });
}

/// Elements at indices along a dimension, on all threads.
///
/// **Shapes:** `x: [outer, size, width]`, `indices` and `out`: `[outer, count, width]`. **Panics** if a length does not
/// match, or an index is out of range.
pub fn gather<T: Plain + Send + Sync>(x: &[T], [size, count, width]: [usize; 3], indices: &[i64], out: &mut [T]) {
    assert_eq!(indices.len(), out.len(), "out is not as long as indices");
    if out.is_empty() {
        return;
    }
    assert_eq!(x.len() * count, out.len() * size, "x is not [outer, size, width]");
    for_each_block(out, width, |first, out| {
        let indices = &indices[first * width..][..out.len()];
        for (at, (out, indices)) in out.chunks_exact_mut(width).zip(indices.chunks_exact(width)).enumerate() {
            let x = &x[(first + at) / count * size * width..][..size * width];
            for (col, (out, index)) in out.iter_mut().zip(indices).enumerate() {
                *out = x[*index as usize * width + col];
            }
        }
    });
}

/// Concatenates the rows of parts, on all threads.
///
/// **Shapes:** each part: `[rows, width]` with its own width; `out: [rows, sum of widths]`. **Panics** if a length does
/// not match.
pub fn concatenate<T: Plain + Send + Sync>(parts: &[(&[T], usize)], out: &mut [T]) {
    let width: usize = parts.iter().map(|(_, width)| width).sum();
    if out.is_empty() {
        return;
    }
    let rows = out.len() / width;
    assert!(parts.iter().all(|(part, width)| part.len() == rows * width), "parts have different numbers of rows");
    if let [(part, _)] = parts {
        return copy(&Grid::contiguous(out.len()), part, out);
    }
    if rows == 1 {
        let mut out = out;
        for (part, width) in parts {
            let (own, rest) = out.split_at_mut(*width);
            out = rest;
            copy(&Grid::contiguous(*width), part, own);
        }
        return;
    }
    for_each_block(out, width, |first, out| {
        for (row, mut out) in out.chunks_exact_mut(width).enumerate() {
            for (part, width) in parts {
                let (own, rest) = out.split_at_mut(*width);
                out = rest;
                // A call of memcpy costs more than the copy of an element.
                if let [own] = own {
                    *own = part[first + row];
                } else {
                    own.copy_from_slice(&part[(first + row) * width..][..*width]);
                }
            }
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn transposed_elements_are_where_they_belong() {
        for [batch, rows, cols] in [[1, 1, 1], [2, 16, 16], [3, 70, 33], [1, 400, 401]] {
            let (batch_stride, col_stride) = (rows * cols + 5, rows);
            let x: Vec<u32> = (0..(batch * batch_stride) as u32).collect();
            let mut out = vec![0; batch * rows * cols];
            transpose(Transposed { batch, rows, cols, batch_stride, col_stride }, &x, &mut out);
            for (at, found) in out.into_iter().enumerate() {
                let (matrix, row, col) = (at / (rows * cols), at / cols % rows, at % cols);
                assert_eq!(found as usize, matrix * batch_stride + col * col_stride + row);
            }
        }
    }

    #[test]
    fn rows_and_elements_are_selected_by_index() {
        let x: Vec<u32> = (0..24).collect();
        let mut out = [0; 12];
        select(&x, [3, 4], &[2], &mut out[..8]);
        assert_eq!(out[..8], [8, 9, 10, 11, 20, 21, 22, 23]);
        gather(&x, [3, 1, 4], &[0, 1, 2, 0, 2, 2, 0, 1], &mut out[..8]);
        assert_eq!(out[..8], [0, 5, 10, 3, 20, 21, 14, 19]);
        concatenate(&[(&x[..4], 2), (&x[10..14], 2), (&x[20..22], 1)], &mut out[..10]);
        assert_eq!(out[..10], [0, 1, 10, 11, 20, 2, 3, 12, 13, 21]);
    }
}
