use trustformers_core::{Error, Result};

use crate::dtype::DType;
use crate::shape::normalized_axis;
use crate::tensor::Tensor;

impl Tensor {
    /// Splits a dimension into parts of the given sizes.
    ///
    /// **Errors:** `Input` if there is no such dimension, or the sizes do not add up to the dimension's size.
    pub fn split(&self, sizes: &[usize], axis: isize) -> Result<Vec<Self>> {
        let shape = self.shape();
        let axis = normalized_axis(axis, shape.len())?;
        if sizes.iter().try_fold(0usize, |sum, size| sum.checked_add(*size)) != Some(shape[axis]) {
            let message = format!("{sizes:?} does not add up to {}, the size of dimension {axis}", shape[axis]);
            return Err(Error::input("sizes", message));
        }
        let mut start = 0;
        let part = |size: &usize| {
            let part = self.narrow(axis, start, *size);
            start += size;
            part
        };
        Ok(sizes.iter().map(part).collect())
    }

    /// Splits a dimension into parts of `size`; the last may be smaller.
    ///
    /// **Errors:** `Input` if there is no such dimension, or `size` is 0.
    pub fn split_by(&self, size: usize, axis: isize) -> Result<Vec<Self>> {
        if size == 0 {
            return Err(Error::input("split_size", "is 0"));
        }
        let whole = self.shape()[normalized_axis(axis, self.rank())?];
        let sizes: Vec<_> = (0..whole.div_ceil(size).max(1)).map(|part| size.min(whole - part * size)).collect();
        self.split(&sizes, axis)
    }

    /// Splits a dimension into at most `chunks` parts of equal size; the last may be smaller.
    ///
    /// **Errors:** `Input` if there is no such dimension, or `chunks` is 0.
    pub fn chunk(&self, chunks: usize, axis: isize) -> Result<Vec<Self>> {
        if chunks == 0 {
            return Err(Error::input("chunks", "is 0"));
        }
        let whole = self.shape()[normalized_axis(axis, self.rank())?];
        self.split_by(whole.div_ceil(chunks).max(1), axis)
    }

    /// The slices along a dimension, without that dimension.
    ///
    /// **Errors:** `Input` if there is no such dimension.
    pub fn unbind(&self, axis: isize) -> Result<Vec<Self>> {
        let size = self.shape()[normalized_axis(axis, self.rank())?];
        self.split(&vec![1; size], axis)?.iter().map(|part| part.squeeze(Some(&[axis]))).collect()
    }

    /// Merges the dimensions from `start` to `end` into one; a tensor of rank 0 becomes one of rank 1.
    ///
    /// **Errors:** `Input` if there is no such dimension, or `start` comes after `end`.
    pub fn flatten(&self, start: isize, end: isize) -> Result<Self> {
        let shape = self.shape();
        if shape.is_empty() {
            return self.reshape(&[1]);
        }
        let (first, last) = (normalized_axis(start, shape.len())?, normalized_axis(end, shape.len())?);
        if first > last {
            return Err(Error::input("start_dim", format!("{start} comes after end_dim {end}")));
        }
        let joined: usize = shape[first..=last].iter().product();
        Ok(self.apply_reshape(&[&shape[..first], &[joined], &shape[last + 1..]].concat()))
    }

    /// Windows of `size` elements of a dimension, `step` apart, as a new last dimension.
    ///
    /// **Errors:** `Input` if there is no such dimension, it is shorter than `size`, or `step` is 0.
    pub fn unfold(&self, axis: isize, size: usize, step: usize) -> Result<Self> {
        let dim = normalized_axis(axis, self.rank())?;
        let whole = self.shape()[dim];
        if size > whole || step == 0 {
            let message = format!("no windows of {size} elements, {step} apart, in dimension {dim} of size {whole}");
            return Err(Error::input("size", message));
        }
        let count = (whole - size) / step + 1;
        let indices = (0..count * size).map(|at| (at / size.max(1) * step + at % size.max(1)) as i64).collect();
        let indices = Self::from_i64(indices, &[count * size], DType::I64, self.device())?;
        let windows = self.index_select(dim as isize, &indices)?;
        windows.unflatten(dim as isize, &[count as isize, size as isize])?.move_axes(&[dim as isize + 1], &[-1])
    }

    /// Splits a dimension into several, of which one size may be -1 to be inferred.
    ///
    /// **Errors:** `Input` if there is no such dimension, or the sizes do not fit it.
    pub fn unflatten(&self, axis: isize, sizes: &[isize]) -> Result<Self> {
        let shape = self.shape();
        let dim = normalized_axis(axis, shape.len())?;
        let new = crate::shape::inferred(sizes, shape[dim], &shape[dim..=dim])?;
        Ok(self.apply_reshape(&[&shape[..dim], &new, &shape[dim + 1..]].concat()))
    }
}
