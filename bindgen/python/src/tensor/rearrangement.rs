//! Parts of tensors, diagonals, triangles and moved elements.

use pyo3::prelude::*;
use pyo3_stub_gen::derive::gen_stub_pymethods;
use trustformers::Error;
use trustformers::tensor::Index;

use super::arguments::{Ints, either};
use super::creation::TensorLike;
use super::{PyTensor, compute};
use crate::door;

#[gen_stub_pymethods]
#[pymethods]
impl PyTensor {
    /// `length` elements of a dimension from `start` on.
    fn narrow(&self, py: Python<'_>, dim: isize, start: isize, length: usize) -> PyResult<Self> {
        self.viewed(py, |tensor| tensor.narrowed(dim, start, length))
    }

    /// The slice of a dimension at an index, without the dimension.
    fn select(&self, py: Python<'_>, dim: isize, index: i64) -> PyResult<Self> {
        self.viewed(py, |tensor| {
            let dim = trustformers::tensor::normalized_axis(dim, tensor.rank())?;
            let whole = Index::Slice { start: None, stop: None, step: 1 };
            let mut entries = vec![whole; dim];
            entries.push(Index::At(index));
            tensor.index(&entries)
        })
    }

    /// The tensor with dimensions moved to other positions; the remaining dimensions keep their order.
    fn movedim(&self, py: Python<'_>, source: Ints, destination: Ints) -> PyResult<Self> {
        self.viewed(py, |tensor| tensor.move_axes(&source.0, &destination.0))
    }

    /// The tensor with dimensions moved to other positions; the remaining dimensions keep their order.
    fn moveaxis(&self, py: Python<'_>, source: Ints, destination: Ints) -> PyResult<Self> {
        self.movedim(py, source, destination)
    }

    /// The tensor with elements moved along dimensions; those beyond the last position reenter at the first. Without
    /// dimensions, the flattened elements are moved.
    #[pyo3(signature = (shifts, dims=None, *, axis=None))]
    fn roll(&self, py: Python<'_>, shifts: Ints, dims: Option<Ints>, axis: Option<Ints>) -> PyResult<Self> {
        let dims = either(dims, axis, ["dims", "axis"])?;
        self.derived(py, |tensor| tensor.roll(&shifts.0, dims.as_ref().map(|dims| &dims.0[..])))
    }

    /// The tensor with each element repeated along a dimension, or in the flattened tensor; `repeats` is one number, or one
    /// for each element.
    #[pyo3(signature = (repeats, dim=None, *, output_size=None))]
    fn repeat_interleave(
        &self,
        py: Python<'_>,
        repeats: TensorLike,
        dim: Option<isize>,
        output_size: Option<usize>,
    ) -> PyResult<Self> {
        let _ = output_size;
        if repeats.0.rank() > 1 {
            return Err(door::exception(py, &Error::input("repeats", "expected rank 0 or 1")));
        }
        self.derived(py, |tensor| tensor.repeat_interleave(&repeats.0.to_i64()?, dim))
    }

    /// The diagonals of the matrices of two dimensions, `offset` above the main diagonal, as the last dimension.
    #[pyo3(signature = (offset=0, dim1=0, dim2=1))]
    fn diagonal(&self, py: Python<'_>, offset: isize, dim1: isize, dim2: isize) -> PyResult<Self> {
        self.viewed(py, |tensor| tensor.diagonal(offset, dim1, dim2))
    }

    /// The matrix with a vector on the diagonal `diagonal` above the main one, or the diagonal of a matrix.
    #[pyo3(signature = (diagonal=0))]
    fn diag(&self, py: Python<'_>, diagonal: isize) -> PyResult<Self> {
        self.derived(py, |tensor| tensor.diag(diagonal))
    }

    /// Matrices with the last dimension on the diagonal `offset` above the main one.
    #[pyo3(signature = (offset=0))]
    fn diag_embed(&self, py: Python<'_>, offset: isize) -> PyResult<Self> {
        self.derived(py, |tensor| tensor.diag_embed(offset))
    }

    /// The lower triangles of matrices, up to the diagonal `diagonal` above the main one, with zeros elsewhere.
    #[pyo3(signature = (diagonal=0))]
    fn tril(&self, py: Python<'_>, diagonal: isize) -> PyResult<Self> {
        self.derived(py, |tensor| tensor.triangle(diagonal, false))
    }

    /// The upper triangles of matrices, from the diagonal `diagonal` above the main one on, with zeros elsewhere.
    #[pyo3(signature = (diagonal=0))]
    fn triu(&self, py: Python<'_>, diagonal: isize) -> PyResult<Self> {
        self.derived(py, |tensor| tensor.triangle(diagonal, true))
    }

    /// Windows of `size` elements of a dimension, `step` apart, as a new last dimension.
    fn unfold(&self, py: Python<'_>, dimension: isize, size: usize, step: usize) -> PyResult<Self> {
        self.viewed(py, |tensor| tensor.unfold(dimension, size, step))
    }

    /// The tensor with its first dimension reversed.
    fn flipud(&self, py: Python<'_>) -> PyResult<Self> {
        self.derived(py, |tensor| tensor.flip(&[0]))
    }

    /// The tensor with its second dimension reversed.
    fn fliplr(&self, py: Python<'_>) -> PyResult<Self> {
        self.derived(py, |tensor| tensor.flip(&[1]))
    }

    /// Sum of the main diagonal of a matrix.
    fn trace(&self, py: Python<'_>) -> PyResult<Self> {
        let tensor = self.get();
        compute(py, || tensor.diagonal(0, 0, 1)?.sum(None, false)).map(Self::of)
    }
}
