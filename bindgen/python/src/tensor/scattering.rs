//! Elements replaced and added at indices.

use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::PyTuple;
use pyo3_stub_gen::derive::gen_stub_pymethods;
use trustformers::Result;
use trustformers::tensor::{Arithmetic, Index, Operand, Scalar, Tensor};

use super::PyTensor;
use super::arguments::{Number, Other, either};
use super::creation::TensorLike;

#[gen_stub_pymethods]
#[pymethods]
impl PyTensor {
    /// The tensor with the elements at `index` along a dimension replaced by those of `src`, or by a number; the last of
    /// several equal indices wins.
    #[pyo3(signature = (dim, index, src=None, *, value=None))]
    fn scatter(
        &self,
        py: Python<'_>,
        dim: isize,
        index: TensorLike,
        src: Option<Other>,
        value: Option<Other>,
    ) -> PyResult<Self> {
        let source = source(src, value)?;
        self.derived(py, |tensor| scattered(tensor, dim, &index.0, source))
    }

    /// Replaces the elements at `index` along a dimension in place.
    #[pyo3(signature = (dim, index, src=None, *, value=None))]
    fn scatter_(
        slf: &Bound<'_, Self>,
        dim: isize,
        index: TensorLike,
        src: Option<Other>,
        value: Option<Other>,
    ) -> PyResult<Py<Self>> {
        let source = source(src, value)?;
        Self::updated(slf, |tensor| scattered(tensor, dim, &index.0, source))
    }

    /// The tensor with the elements of `src` added at `index` along a dimension.
    fn scatter_add(&self, py: Python<'_>, dim: isize, index: TensorLike, src: TensorLike) -> PyResult<Self> {
        self.derived(py, |tensor| tensor.scatter_add(dim, &index.0, &src.0))
    }

    /// Adds the elements of `src` at `index` along a dimension in place.
    fn scatter_add_(slf: &Bound<'_, Self>, dim: isize, index: TensorLike, src: TensorLike) -> PyResult<Py<Self>> {
        Self::updated(slf, |tensor| tensor.scatter_add(dim, &index.0, &src.0))
    }

    /// The tensor with the slices of `alpha * source` added to those of a dimension at `index`.
    #[pyo3(signature = (dim, index, source, *, alpha=None))]
    fn index_add(
        &self,
        py: Python<'_>,
        dim: isize,
        index: TensorLike,
        source: TensorLike,
        alpha: Option<Number>,
    ) -> PyResult<Self> {
        self.derived(py, |tensor| tensor.index_add(dim, &index.0, &times(&source.0, alpha)?))
    }

    /// Adds the slices of `alpha * source` to those of a dimension at `index` in place.
    #[pyo3(signature = (dim, index, source, *, alpha=None))]
    fn index_add_(
        slf: &Bound<'_, Self>,
        dim: isize,
        index: TensorLike,
        source: TensorLike,
        alpha: Option<Number>,
    ) -> PyResult<Py<Self>> {
        Self::updated(slf, |tensor| tensor.index_add(dim, &index.0, &times(&source.0, alpha)?))
    }

    /// The tensor with the slices of a dimension at `index` replaced by those of `source`.
    fn index_copy(&self, py: Python<'_>, dim: isize, index: TensorLike, source: TensorLike) -> PyResult<Self> {
        self.derived(py, |tensor| tensor.index_copy(dim, &index.0, &source.0))
    }

    /// Replaces the slices of a dimension at `index` by those of `source` in place.
    fn index_copy_(slf: &Bound<'_, Self>, dim: isize, index: TensorLike, source: TensorLike) -> PyResult<Py<Self>> {
        Self::updated(slf, |tensor| tensor.index_copy(dim, &index.0, &source.0))
    }

    /// The tensor with the elements that a tuple of index tensors selects replaced, or with `values` added to them.
    #[pyo3(signature = (indices, values, accumulate=false))]
    fn index_put(&self, py: Python<'_>, indices: &Bound<'_, PyAny>, values: Other, accumulate: bool) -> PyResult<Self> {
        let index = entries(indices)?;
        self.derived(py, |tensor| {
            tensor.index_put(&index, &values.tensor(tensor.dtype(), tensor.device())?, accumulate)
        })
    }

    /// Replaces the elements that a tuple of index tensors selects in place, or adds `values` to them.
    #[pyo3(signature = (indices, values, accumulate=false))]
    fn index_put_(
        slf: &Bound<'_, Self>,
        indices: &Bound<'_, PyAny>,
        values: Other,
        accumulate: bool,
    ) -> PyResult<Py<Self>> {
        let index = entries(indices)?;
        Self::updated(slf, |tensor| {
            tensor.index_put(&index, &values.tensor(tensor.dtype(), tensor.device())?, accumulate)
        })
    }

    /// The tensor with the elements where a mask is true replaced by the first elements of `source`.
    fn masked_scatter(&self, py: Python<'_>, mask: TensorLike, source: TensorLike) -> PyResult<Self> {
        self.derived(py, |tensor| tensor.masked_scatter(&mask.0, &source.0))
    }

    /// Replaces the elements where a mask is true by the first elements of `source` in place.
    fn masked_scatter_(slf: &Bound<'_, Self>, mask: TensorLike, source: TensorLike) -> PyResult<Py<Self>> {
        Self::updated(slf, |tensor| tensor.masked_scatter(&mask.0, &source.0))
    }

    /// The tensor filled with a number in the slices of a dimension at `index`.
    fn index_fill(&self, py: Python<'_>, dim: isize, index: TensorLike, value: Number) -> PyResult<Self> {
        self.derived(py, |tensor| tensor.index_fill(dim, &index.0, value.0))
    }
}

/// The entries of a tuple or list of index tensors.
fn entries(indices: &Bound<'_, PyAny>) -> PyResult<Vec<Index>> {
    let entries: Vec<Bound<'_, PyAny>> = indices.extract()?;
    super::indexing::indices(PyTuple::new(indices.py(), entries)?.as_any())
}

fn source(src: Option<Other>, value: Option<Other>) -> PyResult<Operand> {
    let found = either(src, value, ["src", "value"])?.ok_or_else(|| PyTypeError::new_err("src is missing"))?;
    Ok(found.0)
}

fn scattered(tensor: &Tensor, dim: isize, index: &Tensor, source: Operand) -> Result<Tensor> {
    let source = match source {
        Operand::Tensor(source) => source,
        Operand::Scalar(scalar) => {
            let sizes: Vec<isize> = index.shape().into_iter().map(|size| size as isize).collect();
            Tensor::full(&[], scalar, tensor.dtype(), tensor.device())?.expand(&sizes)?
        }
    };
    tensor.scatter(dim, index, &source)
}

fn times(x: &Tensor, factor: Option<Number>) -> Result<Tensor> {
    let factor: Option<Scalar> = factor.map(|factor| factor.0);
    match factor {
        Some(factor) => Tensor::arithmetic(Arithmetic::Mul, &x.clone().into(), &factor.into()),
        None => Ok(x.clone()),
    }
}
