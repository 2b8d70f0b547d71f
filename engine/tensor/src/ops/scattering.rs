use burn::tensor::Slice;
use trustformers_core::{Error, Result};

use crate::dtype::DType;
use crate::ops::indexing::Index;
use crate::ops::operands::same_device;
use crate::scalar::Scalar;
use crate::shape::normalized_axis;
use crate::tensor::Tensor;

impl Tensor {
    /// A tensor with the elements at `indices` along a dimension replaced: `result[indices[i][j]][j] = value[i][j]` for
    /// dimension 0. The last of several equal indices wins.
    ///
    /// **Errors:** `Input` if there is no such dimension, the shapes do not fit, the dtypes differ, or an index is out of
    /// range.
    pub fn scatter(&self, axis: isize, indices: &Self, value: &Self) -> Result<Self> {
        let value = self.scattered_value(indices, value)?;
        if self.rank() == 0 {
            return self.reshape(&[1])?.scatter(axis, &indices.reshape(&[1])?, &value.reshape(&[1])?)?.reshape(&[]);
        }
        let positions = self.positions()?.gather(axis, indices)?;
        self.scattered(&positions, &value)
    }

    /// A tensor with `value` added to the elements at `indices` along a dimension.
    ///
    /// **Errors:** as [`Tensor::scatter`].
    pub fn scatter_add(&self, axis: isize, indices: &Self, value: &Self) -> Result<Self> {
        let value = self.scattered_value(indices, value)?;
        if self.rank() == 0 {
            return self.reshape(&[1])?.scatter_add(axis, &indices.reshape(&[1])?, &value.reshape(&[1])?)?.reshape(&[]);
        }
        let (own, shape) = (self.shape(), indices.shape());
        let dim = normalized_axis(axis, own.len())?;
        if (0..own.len()).any(|at| at != dim && shape[at] > own[at]) {
            let message = format!("{shape:?} is larger than the tensor of shape {own:?}");
            return Err(Error::input("index", message));
        }
        let indices = indices.in_range(own[dim], "index", dim)?;
        if indices.num_elements() == 0 {
            return Ok(self.clone());
        }
        let end = |at: usize| if at == dim { own[at] } else { shape[at] };
        let ranges: Vec<_> = (0..own.len()).map(|at| Slice::new(0, Some(end(at) as isize), 1)).collect();
        let sum = self.apply_slice(&ranges).apply_scatter_add(dim, &indices, &value)?;
        if sum.shape() == own { Ok(sum) } else { self.apply_slice_assign(&ranges, &sum) }
    }

    /// The part of `value` that `indices` refer to.
    fn scattered_value(&self, indices: &Self, value: &Self) -> Result<Self> {
        same_device(&[self, indices, value])?;
        if value.dtype() != self.dtype() {
            let message = format!("expected {}, found {}; cast it with to()", self.dtype(), value.dtype());
            return Err(Error::input("src", message));
        }
        let (own, sizes, shape) = (self.shape(), value.shape(), indices.shape());
        let fits = shape.len() == own.len()
            && sizes.len() == own.len()
            && sizes.iter().zip(&shape).all(|(size, needed)| size >= needed);
        if !fits {
            let message = format!("indices of shape {shape:?} do not fit {own:?} and a source of shape {sizes:?}");
            return Err(Error::input("index", message));
        }
        let ranges: Vec<_> = shape.iter().map(|size| Slice::new(0, Some(*size as isize), 1)).collect();
        Ok(if sizes == shape { value.clone() } else { value.apply_slice(&ranges) })
    }

    /// A tensor with the slices of `value` added to those at `indices` (rank 0 or 1) of a dimension.
    ///
    /// **Errors:** `Input` if there is no such dimension, the shapes do not fit, or an index is out of range.
    pub fn index_add(&self, axis: isize, indices: &Self, value: &Self) -> Result<Self> {
        if self.rank() == 0 {
            return self.reshape(&[1])?.index_add(axis, indices, &value.reshape(&[1])?)?.reshape(&[]);
        }
        let (dim, indices, value) = self.slices(axis, indices, value)?;
        if indices.num_elements() == 0 || self.num_elements() == 0 {
            return Ok(self.clone());
        }
        self.apply_select_add(dim, &indices, &value)
    }

    /// A tensor with the slices at `indices` (rank 0 or 1) of a dimension replaced by those of `value`.
    ///
    /// **Errors:** as [`Tensor::index_add`].
    pub fn index_copy(&self, axis: isize, indices: &Self, value: &Self) -> Result<Self> {
        if self.rank() == 0 {
            return self.reshape(&[1])?.index_copy(axis, indices, &value.reshape(&[1])?)?.reshape(&[]);
        }
        let (dim, indices, value) = self.slices(axis, indices, value)?;
        let positions = self.positions()?.index_select(dim as isize, &indices)?;
        self.scattered(&positions, &value)
    }

    /// A tensor filled with a number at `indices` (rank 0 or 1) of a dimension.
    ///
    /// **Errors:** `Input` if there is no such dimension, or an index is out of range.
    pub fn index_fill(&self, axis: isize, indices: &Self, value: Scalar) -> Result<Self> {
        if self.rank() == 0 {
            return self.reshape(&[1])?.index_fill(axis, indices, value)?.reshape(&[]);
        }
        let dim = normalized_axis(axis, self.rank())?;
        let size = self.shape()[dim];
        let mut flags = vec![0i64; size];
        for index in indices.in_range(size, "index", dim)?.to_i64()? {
            flags[index as usize] = 1;
        }
        let mut shape = vec![1; self.rank()];
        shape[dim] = size;
        let mask = Self::from_i64(flags, &shape, DType::Bool, self.device())?;
        let value = Self::full(&[], value, self.dtype(), self.device())?;
        mask.where_(&value.into(), &self.clone().into())
    }

    /// A tensor with the elements that an index selects replaced by `value`, or with `value` added to them, also several
    /// times where elements are selected several times.
    ///
    /// **Errors:** any error of [`Tensor::assigned`].
    pub fn index_put(&self, index: &[Index], value: &Self, accumulates: bool) -> Result<Self> {
        if !accumulates {
            return self.assigned(index, value);
        }
        let positions = self.positions()?.index(index)?;
        let shape: Vec<isize> = positions.shape().into_iter().map(|size| size as isize).collect();
        let value = value.expand(&shape)?.reshape(&[-1])?;
        let sum = self.reshape(&[-1])?.index_add(0, &positions.reshape(&[-1])?, &value)?;
        Ok(sum.apply_reshape(&self.shape()))
    }

    /// A tensor with the elements where a mask is true replaced by the first elements of `value`, in row-major order.
    ///
    /// **Errors:** `Input` if the mask is not a bool tensor or does not fit, or `value` has too few elements.
    pub fn masked_scatter(&self, mask: &Self, value: &Self) -> Result<Self> {
        let sizes: Vec<isize> = self.shape().into_iter().map(|size| size as isize).collect();
        let mask = mask.expand(&sizes)?;
        let count = mask.to_i64()?.iter().filter(|flag| **flag != 0).count();
        let value = value.reshape(&[-1])?;
        if mask.dtype() != DType::Bool || value.num_elements() < count {
            let message =
                format!("{} elements for {count} true elements of a mask of {}", value.num_elements(), mask.dtype());
            return Err(Error::input("source", message));
        }
        self.assigned(&[Index::Tensor(mask)], &value.narrow(0, 0, count))
    }

    /// The dimension, the indices in range, and the slices of `value`, which fit both.
    fn slices(&self, axis: isize, indices: &Self, value: &Self) -> Result<(usize, Self, Self)> {
        same_device(&[self, indices, value])?;
        let dim = normalized_axis(axis, self.rank())?;
        let mut shape = self.shape();
        let indices = indices.in_range(shape[dim], "index", dim)?.reshape(&[-1])?;
        shape[dim] = indices.num_elements();
        if value.shape() != shape {
            return Err(Error::input("source", format!("expected the shape {shape:?}, found {:?}", value.shape())));
        }
        Ok((dim, indices, value.cast(self.dtype())?))
    }
}
