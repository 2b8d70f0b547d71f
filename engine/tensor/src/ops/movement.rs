use std::iter;

use trustformers_core::{Error, Result};

use crate::dtype::DType;
use crate::ops::operands::{no_common_dtype, same_device};
use crate::promotion::promote;
use crate::shape::{broadcast, check_room, inferred, normalized_axes, normalized_axis, num_elements};
use crate::tensor::Tensor;

impl Tensor {
    /// The elements in another shape, in which one size may be -1 to be inferred from the others.
    ///
    /// **Errors:** `Input` if the shape has another number of elements.
    pub fn reshape(&self, sizes: &[isize]) -> Result<Self> {
        let own = self.shape();
        let shape = inferred(sizes, self.num_elements(), &own)?;
        if shape == own {
            return Ok(self.clone());
        }
        Ok(self.apply_reshape(&shape))
    }

    /// Reorders the dimensions.
    ///
    /// **Errors:** `Input` if `axes` does not name each dimension once.
    pub fn permute(&self, axes: &[isize]) -> Result<Self> {
        let rank = self.rank();
        if axes.len() != rank {
            let message = format!("{axes:?} does not name each of the {rank} dimensions once");
            return Err(Error::input("axes", message));
        }
        normalized_axes(axes, rank)?;
        let order = axes.iter().map(|axis| normalized_axis(*axis, rank)).collect::<Result<Vec<_>>>()?;
        Ok(self.apply_permute(&order))
    }

    /// Swaps two dimensions.
    ///
    /// **Errors:** `Input` if there is no such dimension.
    pub fn transpose(&self, first: isize, second: isize) -> Result<Self> {
        let rank = self.rank();
        let (first, second) = (normalized_axis(first, rank)?, normalized_axis(second, rank)?);
        let mut order: Vec<usize> = (0..rank).collect();
        order.swap(first, second);
        Ok(self.apply_permute(&order))
    }

    /// Removes dimensions of size 1: the named ones, or all. A named dimension of another size stays, as in torch.
    ///
    /// **Errors:** `Input` if there is no such dimension.
    pub fn squeeze(&self, axes: Option<&[isize]>) -> Result<Self> {
        let shape = self.shape();
        let named = axes.map(|axes| normalized_axes(axes, shape.len())).transpose()?;
        let is_removed = |dim: usize| shape[dim] == 1 && named.as_ref().is_none_or(|named| named.contains(&dim));
        let dims: Vec<_> = (0..shape.len()).filter(|dim| !is_removed(*dim)).map(Some).collect();
        Ok(self.apply_with_dims(&dims))
    }

    /// Inserts a dimension of size 1.
    ///
    /// **Errors:** `Input` if the result has no such dimension.
    pub fn unsqueeze(&self, axis: isize) -> Result<Self> {
        let rank = self.rank();
        let axis = normalized_axis(axis, rank + 1)?;
        let mut dims: Vec<_> = (0..rank).map(Some).collect();
        dims.insert(axis, None);
        Ok(self.apply_with_dims(&dims))
    }

    /// Broadcasts to a shape; a size of -1 keeps the dimension.
    ///
    /// **Errors:** `Input` if the size of a dimension other than 1 would change.
    pub fn expand(&self, sizes: &[isize]) -> Result<Self> {
        let own = self.shape();
        let wrong = || Error::input("sizes", format!("a tensor of shape {own:?} cannot be expanded to {sizes:?}"));
        let new = sizes.len().checked_sub(own.len()).ok_or_else(wrong)?;
        let mut shape = Vec::with_capacity(sizes.len());
        for (at, size) in sizes.iter().enumerate() {
            let kept = at.checked_sub(new).map(|dim| own[dim]);
            let size = if *size == -1 { kept } else { usize::try_from(*size).ok() };
            let size = size.filter(|size| kept.is_none_or(|kept| kept == *size || kept == 1));
            shape.push(size.ok_or_else(wrong)?);
        }
        num_elements(&shape)?;
        Ok(self.expanded(&shape))
    }

    /// Reverses dimensions.
    ///
    /// **Errors:** `Input` if there is no such dimension, or one is named twice.
    pub fn flip(&self, axes: &[isize]) -> Result<Self> {
        let axes = normalized_axes(axes, self.rank())?;
        Ok(self.apply_flip(&axes))
    }

    /// Repeats the tensor along each dimension; additional counts add leading dimensions.
    ///
    /// **Errors:** `Input` if the result has too many elements.
    pub fn tile(&self, counts: &[usize]) -> Result<Self> {
        let own = self.shape();
        let rank = own.len().max(counts.len());
        let size = |dim: usize| dim.checked_sub(rank - own.len()).map_or(1, |dim| own[dim]);
        let count = |dim: usize| dim.checked_sub(rank - counts.len()).map_or(1, |dim| counts[dim]);
        let dims = |dim: usize| [None, dim.checked_sub(rank - own.len())];
        let pairs: Vec<_> = (0..rank).flat_map(dims).collect();
        let wide: Vec<usize> = (0..rank).flat_map(|dim| [count(dim), size(dim)]).collect();
        let shape: Vec<usize> = (0..rank).map(|dim| count(dim).saturating_mul(size(dim))).collect();
        check_room(&shape, self.dtype())?;
        let wide = self.apply_with_dims(&pairs).expanded(&wide);
        Ok(wide.apply_reshape(&shape))
    }

    /// Concatenates tensors along a dimension; their dtypes are promoted.
    ///
    /// **Errors:** `Input` if there is no tensor, their shapes differ in another dimension, they have no common dtype,
    /// or are on different devices.
    pub fn cat(tensors: &[Self], axis: isize) -> Result<Self> {
        let first = tensors.first().ok_or_else(|| Error::input("tensors", "expected at least one tensor"))?;
        let axis = normalized_axis(axis, first.rank())?;
        let mut dtype = first.dtype();
        for (index, tensor) in tensors.iter().enumerate() {
            dtype = promote(dtype, tensor.dtype()).ok_or_else(|| no_common_dtype((dtype, tensor.dtype())))?;
            let mut expected = first.shape();
            let found = tensor.shape();
            if let (Some(expected), Some(found)) = (expected.get_mut(axis), found.get(axis)) {
                *expected = *found;
            }
            if found != expected {
                let message = format!("tensor {index} has the shape {found:?}, which does not fit {expected:?}");
                return Err(Error::input("tensors", message));
            }
        }
        same_device(&tensors.iter().collect::<Vec<_>>())?;
        let mut joined = first.shape();
        joined[axis] = tensors.iter().map(|tensor| tensor.shape()[axis]).sum();
        check_room(&joined, dtype)?;
        let parts = tensors.iter().map(|tensor| tensor.cast(dtype)).collect::<Result<Vec<_>>>()?;
        Self::apply_cat(&parts, axis)
    }

    /// Stacks tensors of one shape along a new dimension; their dtypes are promoted.
    ///
    /// **Errors:** any error of [`Tensor::cat`].
    pub fn stack(tensors: &[Self], axis: isize) -> Result<Self> {
        let first = tensors.first().ok_or_else(|| Error::input("tensors", "expected at least one tensor"))?;
        let axis = normalized_axis(axis, first.rank() + 1)? as isize;
        let parts = tensors.iter().map(|tensor| tensor.unsqueeze(axis)).collect::<Result<Vec<_>>>()?;
        Self::cat(&parts, axis)
    }

    /// Tensors broadcast to their common shape.
    ///
    /// **Errors:** `Input` if the tensors have no common shape.
    pub fn broadcast_all(tensors: &[Self]) -> Result<Vec<Self>> {
        let shapes: Vec<_> = tensors.iter().map(Self::shape).collect();
        let shape = broadcast(&shapes.iter().map(Vec::as_slice).collect::<Vec<_>>())?;
        Ok(tensors.iter().map(|tensor| tensor.expanded(&shape)).collect())
    }

    /// `len` elements of a dimension from `start` on; a negative start counts from the end.
    ///
    /// **Errors:** `Input` if there is no such dimension, or the range is out of bounds.
    pub fn narrowed(&self, axis: isize, start: isize, len: usize) -> Result<Self> {
        let shape = self.shape();
        let dim = normalized_axis(axis, shape.len())?;
        let size = shape[dim];
        let first = if start < 0 { start + size as isize } else { start };
        let first = usize::try_from(first).ok().filter(|first| first.checked_add(len).is_some_and(|end| end <= size));
        let first = first.ok_or_else(|| {
            Error::input("start", format!("{len} elements from {start} on are not in dimension {dim} of size {size}"))
        })?;
        Ok(self.narrow(dim, first, len))
    }

    /// Moves dimensions to other positions; the remaining dimensions keep their order.
    ///
    /// **Errors:** `Input` if there is no such dimension, one is named twice, or the numbers of dimensions differ.
    pub fn move_axes(&self, from: &[isize], to: &[isize]) -> Result<Self> {
        let rank = self.rank();
        if from.len() != to.len() {
            let message = format!("{to:?} has another number of dimensions than {from:?}");
            return Err(Error::input("destination", message));
        }
        normalized_axes(from, rank)?;
        normalized_axes(to, rank)?;
        let of = |axes: &[isize]| axes.iter().map(|axis| normalized_axis(*axis, rank)).collect::<Result<Vec<_>>>();
        let (from, to) = (of(from)?, of(to)?);
        let mut rest = (0..rank).filter(|dim| !from.contains(dim));
        let source = |dim: usize| match to.iter().position(|own| *own == dim) {
            Some(at) => from[at],
            None => rest.next().unwrap_or(dim),
        };
        let order: Vec<usize> = (0..rank).map(source).collect();
        Ok(self.apply_permute(&order))
    }

    /// Rolls elements along dimensions: those beyond the last position reenter at the first. Without dimensions, the
    /// flattened tensor is rolled.
    ///
    /// **Errors:** `Input` if there is no such dimension, or the numbers of shifts and dimensions differ.
    pub fn roll(&self, shifts: &[isize], axes: Option<&[isize]>) -> Result<Self> {
        let mismatch = || Error::input("shifts", format!("{shifts:?} does not have one shift for each dimension"));
        let Some(axes) = axes else {
            let [shift] = shifts else { return Err(mismatch()) };
            return Ok(self.reshape(&[-1])?.rolled(*shift, 0)?.apply_reshape(&self.shape()));
        };
        if shifts.len() != axes.len() && shifts.len() != 1 {
            return Err(mismatch());
        }
        axes.iter().enumerate().try_fold(self.clone(), |x, (at, axis)| {
            let dim = normalized_axis(*axis, x.rank())?;
            x.rolled(shifts[at.min(shifts.len() - 1)], dim)
        })
    }

    fn rolled(&self, shift: isize, dim: usize) -> Result<Self> {
        let size = self.shape()[dim];
        if self.num_elements() == 0 {
            return Ok(self.clone());
        }
        match shift.rem_euclid(size as isize) as usize {
            0 => Ok(self.clone()),
            tail => {
                let parts = [self.narrow(dim, size - tail, tail), self.narrow(dim, 0, size - tail)];
                Self::cat(&parts, dim as isize)
            }
        }
    }

    /// Repeats each element along a dimension: `counts` times, one number for all elements or one for each. Without a
    /// dimension, the flattened tensor is repeated.
    ///
    /// **Errors:** `Input` if there is no such dimension, or the counts are negative or do not fit.
    pub fn repeat_interleave(&self, counts: &[i64], axis: Option<isize>) -> Result<Self> {
        let x = if axis.is_none() || self.rank() == 0 { self.reshape(&[-1])? } else { self.clone() };
        let dim = normalized_axis(axis.unwrap_or(0), x.rank())?;
        let size = x.shape()[dim];
        if counts.len() != 1 && counts.len() != size || counts.iter().any(|count| *count < 0) {
            let message =
                format!("expected one count, or {size} of them, none negative; found {} counts", counts.len());
            return Err(Error::input("repeats", message));
        }
        let count = |at: usize| counts[if counts.len() == 1 { 0 } else { at }] as usize;
        let total = (0..size).try_fold(0usize, |sum, at| sum.checked_add(count(at))).unwrap_or(usize::MAX);
        check_room(&[total], DType::I64)?;
        let indices: Vec<i64> = (0..size).flat_map(|at| iter::repeat_n(at as i64, count(at))).collect();
        let indices = Self::from_i64(indices, &[total], DType::I64, self.device())?;
        x.index_select(dim as isize, &indices)
    }
}
