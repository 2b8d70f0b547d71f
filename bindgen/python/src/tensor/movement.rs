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
    /// The elements in another shape, in which one size may be -1 to be inferred.
    #[pyo3(signature = (*shape))]
    fn reshape(&self, py: Python<'_>, shape: &Bound<'_, PyTuple>) -> PyResult<Self> {
        let sizes = ints_of(shape)?;
        self.derived(py, |tensor| tensor.reshape(&sizes))
    }

    /// The elements in another shape, in which one size may be -1 to be inferred.
    #[pyo3(signature = (*shape))]
    fn view(&self, py: Python<'_>, shape: &Bound<'_, PyTuple>) -> PyResult<Self> {
        self.reshape(py, shape)
    }

    /// The tensor with its dimensions reordered.
    #[pyo3(signature = (*dims))]
    fn permute(&self, py: Python<'_>, dims: &Bound<'_, PyTuple>) -> PyResult<Self> {
        let dims = ints_of(dims)?;
        self.derived(py, |tensor| tensor.permute(&dims))
    }

    /// The tensor with two dimensions swapped; without arguments, or with any other number, as NumPy's `transpose`.
    #[pyo3(signature = (*dims))]
    fn transpose(&self, py: Python<'_>, dims: &Bound<'_, PyTuple>) -> PyResult<Self> {
        let dims = if dims.is_empty() { Vec::new() } else { ints_of(dims)? };
        let is_pair = dims.len() == 2;
        self.derived(py, |tensor| match dims[..] {
            [first, second] if is_pair => tensor.transpose(first, second),
            [] => tensor.permute(&(0..tensor.rank() as isize).rev().collect::<Vec<_>>()),
            _ => tensor.permute(&dims),
        })
    }

    /// The tensor with two dimensions swapped.
    fn swapaxes(&self, py: Python<'_>, axis0: isize, axis1: isize) -> PyResult<Self> {
        self.derived(py, |tensor| tensor.transpose(axis0, axis1))
    }

    /// The transposed matrix; a tensor of rank below 2 is unchanged.
    fn t(&self, py: Python<'_>) -> PyResult<Self> {
        self.derived(py, |tensor| match tensor.rank() {
            0 | 1 => Ok(tensor.clone()),
            2 => tensor.transpose(0, 1),
            rank => Err(Error::input("self", format!("t() is for matrices, not for rank {rank}; use mT"))),
        })
    }

    /// The tensor with all dimensions in reverse order.
    #[getter(T)]
    fn reversed_dims(&self, py: Python<'_>) -> PyResult<PyTensor> {
        self.derived(py, |tensor| tensor.permute(&(0..tensor.rank() as isize).rev().collect::<Vec<_>>()))
    }

    /// The tensor with its last two dimensions swapped.
    #[getter(mT)]
    fn transposed_matrices(&self, py: Python<'_>) -> PyResult<PyTensor> {
        self.derived(py, |tensor| tensor.transpose(-2, -1))
    }

    /// The tensor without dimensions of size 1: all of them, or the named ones.
    #[pyo3(signature = (dim=None, *, axis=None))]
    fn squeeze(&self, py: Python<'_>, dim: Option<Ints>, axis: Option<Ints>) -> PyResult<Self> {
        let axes = either(dim, axis, ["dim", "axis"])?;
        self.derived(py, |tensor| tensor.squeeze(axes.as_ref().map(|axes| &axes.0[..])))
    }

    /// The tensor with a new dimension of size 1.
    fn unsqueeze(&self, py: Python<'_>, dim: isize) -> PyResult<Self> {
        self.derived(py, |tensor| tensor.unsqueeze(dim))
    }

    /// The tensor broadcast to a shape; a size of -1 keeps the dimension.
    #[pyo3(signature = (*sizes))]
    fn expand(&self, py: Python<'_>, sizes: &Bound<'_, PyTuple>) -> PyResult<Self> {
        let sizes = ints_of(sizes)?;
        self.derived(py, |tensor| tensor.expand(&sizes))
    }

    /// The tensor broadcast to the shape of another one.
    fn expand_as(&self, py: Python<'_>, other: &Self) -> PyResult<Self> {
        let sizes: Vec<isize> = other.get().shape().into_iter().map(|size| size as isize).collect();
        self.derived(py, |tensor| tensor.expand(&sizes))
    }

    /// The tensor with the dimensions from `start_dim` to `end_dim` merged into one.
    #[pyo3(signature = (start_dim=0, end_dim=-1))]
    fn flatten(&self, py: Python<'_>, start_dim: isize, end_dim: isize) -> PyResult<Self> {
        self.derived(py, |tensor| {
            let shape = tensor.shape();
            if shape.is_empty() {
                return tensor.reshape(&[1]);
            }
            let axis = |axis| trustformers::tensor::normalized_axis(axis, shape.len());
            let (start, end) = (axis(start_dim)?, axis(end_dim)?);
            if start > end {
                return Err(Error::input("start_dim", format!("{start_dim} comes after end_dim {end_dim}")));
            }
            let joined: usize = shape[start..=end].iter().product();
            let sizes = [&shape[..start], &[joined], &shape[end + 1..]].concat();
            tensor.reshape(&sizes.into_iter().map(|size| size as isize).collect::<Vec<_>>())
        })
    }

    /// The elements as a tensor of rank 1.
    fn ravel(&self, py: Python<'_>) -> PyResult<Self> {
        self.derived(py, |tensor| tensor.reshape(&[-1]))
    }

    /// The tensor with dimensions reversed.
    #[pyo3(signature = (*dims))]
    fn flip(&self, py: Python<'_>, dims: &Bound<'_, PyTuple>) -> PyResult<Self> {
        let dims = if dims.is_empty() { None } else { Some(ints_of(dims)?) };
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

    /// The tensor repeated along each dimension; there must be at least one count per dimension.
    #[pyo3(signature = (*sizes))]
    fn repeat(&self, py: Python<'_>, sizes: &Bound<'_, PyTuple>) -> PyResult<Self> {
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
        let several: Option<Vec<isize>> = split_size.extract().ok();
        let sizes = match several {
            Some(sizes) => shape_of(py, sizes)?,
            None => {
                let size: usize = split_size.extract()?;
                let whole = self.size_of(py, dim)?;
                if size == 0 {
                    return Err(door::exception(py, &Error::input("split_size", "is 0")));
                }
                (0..whole.div_ceil(size).max(1)).map(|part| size.min(whole - part * size)).collect()
            }
        };
        self.parts(py, &sizes, dim)
    }

    /// Splits a dimension into at most `chunks` parts of equal size; the last may be smaller.
    #[pyo3(signature = (chunks, dim=0))]
    fn chunk(&self, py: Python<'_>, chunks: usize, dim: isize) -> PyResult<Vec<Self>> {
        let whole = self.size_of(py, dim)?;
        if chunks == 0 {
            return Err(door::exception(py, &Error::input("chunks", "is 0")));
        }
        let size = whole.div_ceil(chunks).max(1);
        let sizes: Vec<usize> = (0..whole.div_ceil(size).max(1)).map(|part| size.min(whole - part * size)).collect();
        self.parts(py, &sizes, dim)
    }

    /// The slices along a dimension, without that dimension.
    #[pyo3(signature = (dim=0))]
    fn unbind(&self, py: Python<'_>, dim: isize) -> PyResult<Vec<Self>> {
        let sizes = vec![1; self.size_of(py, dim)?];
        let parts = self.parts(py, &sizes, dim)?;
        parts.into_iter().map(|part| part.derived(py, |tensor| tensor.squeeze(Some(&[dim])))).collect()
    }
}

impl PyTensor {
    fn size_of(&self, py: Python<'_>, dim: isize) -> PyResult<usize> {
        let shape = self.get().shape();
        door::run_here(py, || Ok(shape[trustformers::tensor::normalized_axis(dim, shape.len())?]))
    }

    fn parts(&self, py: Python<'_>, sizes: &[usize], dim: isize) -> PyResult<Vec<Self>> {
        let tensor = self.get();
        let parts = compute(py, 0, || -> Result<Vec<Tensor>> { tensor.split(sizes, dim) })?;
        Ok(parts.into_iter().map(Self::of).collect())
    }

    /// The slices along the first dimension.
    pub(super) fn rows(&self, py: Python<'_>) -> PyResult<Vec<Self>> {
        if self.get().rank() == 0 { Ok(Vec::new()) } else { self.unbind(py, 0) }
    }
}
