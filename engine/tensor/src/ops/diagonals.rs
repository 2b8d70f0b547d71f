use burn::tensor::Slice;
use trustformers_core::{Error, Result};

use crate::dtype::DType;
use crate::promotion::Operand;
use crate::scalar::Scalar;
use crate::shape::{normalized_axes, normalized_axis};
use crate::storage::Comparison;
use crate::tensor::Tensor;

impl Tensor {
    /// The diagonals of the matrices of two dimensions, `offset` above the main diagonal, as the last dimension.
    ///
    /// **Errors:** `Input` if there is no such dimension, or both are the same.
    pub fn diagonal(&self, offset: isize, first: isize, second: isize) -> Result<Self> {
        let rank = self.rank();
        normalized_axes(&[first, second], rank)?;
        let (first, second) = (normalized_axis(first, rank)?, normalized_axis(second, rank)?);
        let mut order: Vec<usize> = (0..rank).filter(|dim| *dim != first && *dim != second).collect();
        order.extend([first, second]);
        let moved = self.apply_permute(&order);
        let shape = moved.shape();
        let (outer, rows, cols) = (&shape[..rank - 2], shape[rank - 2], shape[rank - 1]);
        let (below, right) = (offset.min(0).unsigned_abs(), offset.max(0).unsigned_abs());
        let count = rows.saturating_sub(below).min(cols.saturating_sub(right));
        let flat = moved.apply_reshape(&[outer, &[rows * cols]].concat());
        if count == 0 {
            return Ok(flat.narrow(rank - 2, 0, 0));
        }
        let start = below * cols + right;
        let end = start + (count - 1) * (cols + 1) + 1;
        let mut ranges: Vec<_> = outer.iter().map(|size| Slice::new(0, Some(*size as isize), 1)).collect();
        ranges.push(Slice::new(start as isize, Some(end as isize), (cols + 1) as isize));
        Ok(flat.apply_slice(&ranges))
    }

    /// Matrices with the last dimension on the diagonal `offset` above the main diagonal, and zeros elsewhere.
    ///
    /// **Errors:** `Input` for a tensor of rank 0.
    pub fn diag_embed(&self, offset: isize) -> Result<Self> {
        let shape = self.shape();
        let dim = normalized_axis(-1, shape.len())?;
        let extra = offset.unsigned_abs();
        let size = shape[dim] + extra;
        let padding = self.zeros(&[&shape[..dim], &[extra]].concat())?;
        let padded = Self::cat(&[self.clone(), padding], -1)?;
        let lines = padded.unsqueeze(if offset >= 0 { -1 } else { -2 })?;
        let mask = Self::eye(size, size, offset, DType::Bool, self.device())?;
        mask.where_(&lines.into(), &Scalar::Bool(false).into())
    }

    /// The matrix with a vector on a diagonal, or the diagonal of a matrix.
    ///
    /// **Errors:** `Input` for other ranks.
    pub fn diag(&self, offset: isize) -> Result<Self> {
        match self.rank() {
            1 => self.diag_embed(offset),
            2 => self.diagonal(offset, 0, 1),
            rank => Err(Error::input("self", format!("diag() is for vectors and matrices, not for rank {rank}"))),
        }
    }

    /// The upper or lower triangles of matrices, with zeros elsewhere; `offset` is the diagonal where they begin.
    ///
    /// **Errors:** `Input` for a tensor of rank below 2.
    pub fn triangle(&self, offset: isize, is_upper: bool) -> Result<Self> {
        let shape = self.shape();
        let [.., rows, cols] = shape[..] else {
            return Err(Error::input("self", format!("expected at least rank 2, found the shape {shape:?}")));
        };
        let range = |count: usize, start: i128| Self::int_range(start, 1, count, DType::I64, self.device());
        let first = range(rows, offset as i128)?.unsqueeze(1)?;
        let cols: Operand = range(cols, 0)?.into();
        let op = if is_upper { Comparison::GreaterEqual } else { Comparison::LessEqual };
        Self::compare(op, &cols, &first.into())?.where_(&self.clone().into(), &Scalar::Bool(false).into())
    }
}
