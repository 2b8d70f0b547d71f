//! Reshaping, reordering, repeating and splitting.

use pyo3::prelude::*;
use pyo3::types::PyTuple;
use pyo3_stub_gen::derive::gen_stub_pymethods;
use trustformers::tensor::Tensor;
use trustformers::{Error, Result};

use super::arguments::{Ints, either, ints_of, shape_of};
use super::{PyTensor, compute};
use crate::door;

#[gen_stub_pymethods]
#[pymethods]
impl PyTensor {
    /// The elements in another shape, in which one size may be -1 to be inferred. `order` must be "C".
    #[pyo3(signature = (*shape, order="C"))]
    fn reshape(&self, py: Python<'_>, shape: &Bound<'_, PyTuple>, order: &str) -> PyResult<Self> {
        if order != "C" {
            let message = format!("{order:?}; elements are in row-major order, \"C\"");
            return Err(door::exception(py, &Error::input("order", message)));
        }
        let sizes = ints_of(shape)?;
        self.viewed(py, |tensor| tensor.reshape(&sizes))
    }

    /// The elements in the shape of another tensor.
    fn reshape_as(&self, py: Python<'_>, other: &Self) -> PyResult<Self> {
        let sizes = sizes_of(other);
        self.viewed(py, |tensor| tensor.reshape(&sizes))
    }

    /// The elements in another shape, in which one size may be -1 to be inferred.
    #[pyo3(signature = (*shape))]
    fn view(&self, py: Python<'_>, shape: &Bound<'_, PyTuple>) -> PyResult<Self> {
        self.reshape(py, shape, "C")
    }

    /// The elements in the shape of another tensor.
    fn view_as(&self, py: Python<'_>, other: &Self) -> PyResult<Self> {
        self.reshape_as(py, other)
    }

    /// The tensor with its dimensions reordered.
    #[pyo3(signature = (*args, dims=None))]
    fn permute(&self, py: Python<'_>, args: &Bound<'_, PyTuple>, dims: Option<Ints>) -> PyResult<Self> {
        let dims = dims_of(args, dims)?.unwrap_or_default();
        self.viewed(py, |tensor| tensor.permute(&dims))
    }

    /// The tensor with two dimensions swapped; without arguments, or with any other number, as NumPy's `transpose`.
    #[pyo3(signature = (*args, dim0=None, dim1=None))]
    fn transpose(
        &self,
        py: Python<'_>,
        args: &Bound<'_, PyTuple>,
        dim0: Option<isize>,
        dim1: Option<isize>,
    ) -> PyResult<Self> {
        let is_none = args.len() == 1 && args.get_item(0)?.is_none();
        let mut dims = if args.is_empty() || is_none { Vec::new() } else { ints_of(args)? };
        dims.extend([dim0, dim1].into_iter().flatten());
        self.viewed(py, |tensor| match dims[..] {
            [first, second] => tensor.transpose(first, second),
            [] => tensor.permute(&(0..tensor.rank() as isize).rev().collect::<Vec<_>>()),
            _ => tensor.permute(&dims),
        })
    }

    /// The tensor with two dimensions swapped.
    fn swapaxes(&self, py: Python<'_>, axis0: isize, axis1: isize) -> PyResult<Self> {
        self.viewed(py, |tensor| tensor.transpose(axis0, axis1))
    }

    /// The tensor with two dimensions swapped.
    fn swapdims(&self, py: Python<'_>, dim0: isize, dim1: isize) -> PyResult<Self> {
        self.swapaxes(py, dim0, dim1)
    }

    /// The transposed matrix; a tensor of rank below 2 is unchanged.
    fn t(&self, py: Python<'_>) -> PyResult<Self> {
        self.viewed(py, |tensor| match tensor.rank() {
            0 | 1 => Ok(tensor.clone()),
            2 => tensor.transpose(0, 1),
            rank => Err(Error::input("self", format!("t() is for matrices, not for rank {rank}; use mT"))),
        })
    }

    /// The tensor with all dimensions in reverse order.
    #[getter(T)]
    fn reversed_dims(&self, py: Python<'_>) -> PyResult<PyTensor> {
        self.viewed(py, |tensor| tensor.permute(&(0..tensor.rank() as isize).rev().collect::<Vec<_>>()))
    }

    /// The tensor with its last two dimensions swapped.
    #[getter(mH)]
    fn adjoint_matrices(&self, py: Python<'_>) -> PyResult<PyTensor> {
        self.transposed_matrices(py)
    }

    /// The transposed matrix.
    #[getter(H)]
    fn adjoint(&self, py: Python<'_>) -> PyResult<PyTensor> {
        self.t(py)
    }

    /// The tensor with its last two dimensions swapped.
    #[getter(mT)]
    fn transposed_matrices(&self, py: Python<'_>) -> PyResult<PyTensor> {
        self.viewed(py, |tensor| tensor.transpose(-2, -1))
    }

    /// The tensor without dimensions of size 1: all of them, or the named ones.
    #[pyo3(signature = (dim=None, *, axis=None))]
    fn squeeze(&self, py: Python<'_>, dim: Option<Ints>, axis: Option<Ints>) -> PyResult<Self> {
        let axes = either(dim, axis, ["dim", "axis"])?;
        self.viewed(py, |tensor| tensor.squeeze(axes.as_ref().map(|axes| &axes.0[..])))
    }

    /// The tensor with a new dimension of size 1.
    fn unsqueeze(&self, py: Python<'_>, dim: isize) -> PyResult<Self> {
        self.viewed(py, |tensor| tensor.unsqueeze(dim))
    }

    /// The tensor broadcast to a shape; a size of -1 keeps the dimension.
    #[pyo3(signature = (*sizes))]
    fn expand(&self, py: Python<'_>, sizes: &Bound<'_, PyTuple>) -> PyResult<Self> {
        let sizes = ints_of(sizes)?;
        self.viewed(py, |tensor| tensor.expand(&sizes))
    }

    /// The tensor broadcast to the shape of another one.
    fn expand_as(&self, py: Python<'_>, other: &Self) -> PyResult<Self> {
        let sizes = sizes_of(other);
        self.viewed(py, |tensor| tensor.expand(&sizes))
    }

    /// The tensor broadcast to a shape.
    #[pyo3(signature = (*size))]
    fn broadcast_to(&self, py: Python<'_>, size: &Bound<'_, PyTuple>) -> PyResult<Self> {
        self.expand(py, size)
    }

    /// The tensor with the dimensions from `start_dim` to `end_dim` merged into one.
    #[pyo3(signature = (start_dim=0, end_dim=-1))]
    fn flatten(&self, py: Python<'_>, start_dim: isize, end_dim: isize) -> PyResult<Self> {
        self.viewed(py, |tensor| tensor.flatten(start_dim, end_dim))
    }

    /// The tensor with a dimension split into several, of which one size may be -1 to be inferred.
    fn unflatten(&self, py: Python<'_>, dim: isize, sizes: Ints) -> PyResult<Self> {
        self.viewed(py, |tensor| tensor.unflatten(dim, &sizes.0))
    }

    /// The elements as a tensor of rank 1.
    fn ravel(&self, py: Python<'_>) -> PyResult<Self> {
        self.viewed(py, |tensor| tensor.reshape(&[-1]))
    }

    /// The tensor with dimensions reversed.
    #[pyo3(signature = (*args, dims=None))]
    fn flip(&self, py: Python<'_>, args: &Bound<'_, PyTuple>, dims: Option<Ints>) -> PyResult<Self> {
        let dims = dims_of(args, dims)?;
        self.derived(py, |tensor| match &dims {
            Some(dims) => tensor.flip(dims),
            None => tensor.flip(&(0..tensor.rank() as isize).collect::<Vec<_>>()),
        })
    }

    /// The tensor repeated along each dimension.
    #[pyo3(signature = (*dims))]
    fn tile(&self, py: Python<'_>, dims: &Bound<'_, PyTuple>) -> PyResult<Self> {
        let counts = shape_of(py, ints_of(dims)?)?;
        self.derived(py, |tensor| tensor.tile(&counts))
    }

    /// The tensor repeated along each dimension; there must be at least one count per dimension. With `axis`, the elements
    /// of a dimension repeated, as in NumPy.
    #[pyo3(signature = (*sizes, axis=None))]
    fn repeat(&self, py: Python<'_>, sizes: &Bound<'_, PyTuple>, axis: Option<isize>) -> PyResult<Self> {
        if axis.is_some() {
            let counts: Vec<i64> = ints_of(sizes)?.into_iter().map(|count| count as i64).collect();
            return self.derived(py, |tensor| tensor.repeat_interleave(&counts, axis));
        }
        let counts = shape_of(py, ints_of(sizes)?)?;
        self.derived(py, |tensor| {
            if counts.len() < tensor.rank() {
                let message = format!("{counts:?} has fewer counts than the tensor has dimensions, {}", tensor.rank());
                return Err(Error::input("sizes", message));
            }
            tensor.tile(&counts)
        })
    }

    /// Splits a dimension into parts of one size, or of the given sizes.
    #[pyo3(signature = (split_size, dim=0))]
    fn split(&self, py: Python<'_>, split_size: &Bound<'_, PyAny>, dim: isize) -> PyResult<Vec<Self>> {
        if let Ok(sizes) = split_size.extract::<Vec<isize>>() {
            let sizes = shape_of(py, sizes)?;
            return self.parts(py, |tensor| tensor.split(&sizes, dim));
        }
        let size: usize = split_size.extract()?;
        self.parts(py, |tensor| tensor.split_by(size, dim))
    }

    /// Splits a dimension into at most `chunks` parts of equal size; the last may be smaller.
    #[pyo3(signature = (chunks, dim=0))]
    fn chunk(&self, py: Python<'_>, chunks: usize, dim: isize) -> PyResult<Vec<Self>> {
        self.parts(py, |tensor| tensor.chunk(chunks, dim))
    }

    /// The slices along a dimension, without that dimension.
    #[pyo3(signature = (dim=0))]
    fn unbind(&self, py: Python<'_>, dim: isize) -> PyResult<Vec<Self>> {
        self.parts(py, |tensor| tensor.unbind(dim))
    }
}

impl PyTensor {
    fn parts(&self, py: Python<'_>, work: impl FnOnce(&Tensor) -> Result<Vec<Tensor>> + Send) -> PyResult<Vec<Self>> {
        let tensor = self.get();
        let parts = compute(py, || work(&tensor))?;
        Ok(parts.into_iter().map(|part| Self::of(part).viewing(py, self)).collect())
    }

    /// The slices along the first dimension.
    pub(super) fn rows(&self, py: Python<'_>) -> PyResult<Vec<Self>> {
        if self.get().rank() == 0 { Ok(Vec::new()) } else { self.unbind(py, 0) }
    }
}

fn sizes_of(tensor: &PyTensor) -> Vec<isize> {
    tensor.get().shape().into_iter().map(|size| size as isize).collect()
}

/// Dimensions passed as arguments, or with the name `dims`.
fn dims_of(args: &Bound<'_, PyTuple>, dims: Option<Ints>) -> PyResult<Option<Vec<isize>>> {
    let args = if args.is_empty() { None } else { Some(Ints(ints_of(args)?)) };
    Ok(either(args, dims, ["the arguments", "dims"])?.map(|Ints(dims)| dims))
}
