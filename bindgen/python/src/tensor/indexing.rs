//! Indexing of tensors.

use std::sync::PoisonError;

use pyo3::exceptions::{PyIndexError, PyTypeError};
use pyo3::prelude::*;
use pyo3::sync::MutexExt;
use pyo3::types::{PyBool, PyEllipsis, PyInt, PyIterator, PyList, PySlice, PyTuple};
use pyo3_stub_gen::derive::gen_stub_pymethods;
use trustformers::tensor::{Index, Operand, Tensor};
use trustformers::{Error, Result};

use super::arguments::{Absent, DtypeArgument, Other};
use super::creation::{TensorLike, tensor_of};
use super::{Link, PyTensor, compute, compute_change};
use crate::door;

#[gen_stub_pymethods]
#[pymethods]
impl PyTensor {
    /// The elements that an index of integers, slices, `None`, `...`, masks and index arrays selects, as in NumPy.
    fn __getitem__(&self, py: Python<'_>, index: &Bound<'_, PyAny>) -> PyResult<Self> {
        let index = indices(index)?;
        let tensor = self.get();
        let found = compute(py, || Ok(tensor.index(&index)))?;
        let found = found.map(Self::of).map_err(|error| index_error(py, &error))?;
        let is_view = !index.iter().any(|index| matches!(index, Index::Tensor(_)));
        Ok(if is_view { found.viewing(py, self) } else { found })
    }

    /// Replaces the elements that an index selects with a number, an array or a tensor, which is broadcast.
    fn __setitem__(&self, py: Python<'_>, index: &Bound<'_, PyAny>, value: &Bound<'_, PyAny>) -> PyResult<()> {
        self.check_change(py)?;
        let index = indices(index)?;
        let value = match value.extract::<Other>() {
            Ok(value) => value,
            Err(_) => {
                let dtype = DtypeArgument(self.get().dtype());
                Other(Operand::Tensor(tensor_of(value, Some(dtype), None)?.0))
            }
        };
        // Another thread's assignment between reading and replacing would be lost.
        let _assignment = self.assignment.lock_py_attached(py).unwrap_or_else(PoisonError::into_inner);
        let value = match value.0 {
            Operand::Tensor(value) => value,
            Operand::Scalar(scalar) => {
                let like = self.get();
                compute(py, || Tensor::full(&[], scalar, like.dtype(), like.device()))?
            }
        };
        // Readers wait for the lock, and the assignment does not wait for the GIL while it has the lock.
        if matches!(self.link, Link::Own) {
            let in_place = compute(py, || Ok(self.contents().tensor.assign(&index, &value)))?;
            if in_place.map_err(|error| index_error(py, &error))? {
                return Ok(());
            }
        }
        let tensor = self.get();
        let changed = compute_change(py, &tensor, || -> Result<_> {
            Ok(tensor.assigned(&index, &value).and_then(|changed| tensor.updated(changed)))
        })?;
        self.replace(py, changed.map_err(|error| index_error(py, &error))?)
    }

    #[gen_stub(override_return_type(type_repr = "typing.Iterator[Tensor]"))]
    fn __iter__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyIterator>> {
        if self.get().rank() == 0 {
            return Err(PyTypeError::new_err("a tensor without dimensions cannot be iterated over"));
        }
        PyList::new(py, self.rows(py)?)?.try_iter()
    }

    /// Whether any element equals a number.
    fn __contains__(&self, py: Python<'_>, element: Other) -> PyResult<bool> {
        let tensor = self.get();
        compute(py, || {
            let equal = Tensor::compare(trustformers::tensor::Comparison::Equal, &tensor.into(), &element.0)?;
            Ok(equal.any(None, false)?.to_i64()?.contains(&1))
        })
    }

    /// Elements along a dimension at `index`, a rank-1 tensor of integers.
    fn index_select(&self, py: Python<'_>, dim: isize, index: TensorLike) -> PyResult<Self> {
        self.derived(py, |tensor| tensor.index_select(dim, &index.0))
    }

    /// Elements of the flattened tensor at `index`, in its shape; with `axis`, elements along a dimension, as in NumPy.
    #[pyo3(signature = (index, axis=None, *, out=None, mode=None))]
    fn take(
        &self,
        py: Python<'_>,
        index: TensorLike,
        axis: Option<isize>,
        out: Option<Absent>,
        mode: Option<&str>,
    ) -> PyResult<Self> {
        let _ = (out, mode);
        self.derived(py, |tensor| {
            let x = if axis.is_none() { tensor.reshape(&[-1])? } else { tensor.clone() };
            let dim = trustformers::tensor::normalized_axis(axis.unwrap_or(0), x.rank())?;
            let found = x.index_select(dim as isize, &index.0.reshape(&[-1])?)?;
            let own = x.shape();
            let shape = [&own[..dim], &index.0.shape(), &own[dim + 1..]].concat();
            found.reshape(&shape.into_iter().map(|size| size as isize).collect::<Vec<_>>())
        })
    }

    /// Elements at `index`, a tensor of integers of the result's shape, along a dimension.
    fn gather(&self, py: Python<'_>, dim: isize, index: TensorLike) -> PyResult<Self> {
        self.derived(py, |tensor| tensor.gather(dim, &index.0))
    }

    /// Elements where a mask is true, as a tensor of rank 1.
    fn masked_select(&self, py: Python<'_>, mask: TensorLike) -> PyResult<Self> {
        self.derived(py, |tensor| tensor.masked_select(&mask.0))
    }

    /// The tensor with `value` where a mask is true.
    fn masked_fill(&self, py: Python<'_>, mask: TensorLike, value: Other) -> PyResult<Self> {
        self.derived(py, |tensor| {
            let value = value.tensor(tensor.dtype(), tensor.device())?;
            mask.0.where_(&value.into(), &tensor.clone().into())
        })
    }

    /// Indices of the nonzero elements, one row each.
    fn argwhere(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        self.nonzero(py, false)
    }

    /// Indices of the nonzero elements: one row each, or with `as_tuple` one tensor per dimension.
    #[pyo3(signature = (*, as_tuple=false))]
    fn nonzero(&self, py: Python<'_>, as_tuple: bool) -> PyResult<Py<PyAny>> {
        let tensor = self.get();
        let found = compute(py, || tensor.nonzero())?;
        if as_tuple {
            return Ok(PyTuple::new(py, found.into_iter().map(Self::of))?.into_any().unbind());
        }
        let rank = tensor.rank();
        let rows = compute(py, || {
            if rank == 0 {
                return Tensor::stack(&found, 1)?
                    .index(&[Index::Ellipsis, Index::Slice { start: Some(0), stop: Some(0), step: 1 }]);
            }
            Tensor::stack(&found, 1)
        })?;
        Ok(Py::new(py, Self::of(rows))?.into_any())
    }
}

/// Converts an engine error about an index to `IndexError`, and any other error as usual.
fn index_error(py: Python<'_>, error: &Error) -> PyErr {
    match error {
        Error::Input { argument, message } if argument == "index" => PyIndexError::new_err(message.clone()),
        other => door::exception(py, other),
    }
}

pub(super) fn indices(index: &Bound<'_, PyAny>) -> PyResult<Vec<Index>> {
    match index.cast::<PyTuple>() {
        Ok(entries) => entries.iter().map(|entry| one(&entry)).collect(),
        Err(_) => Ok(vec![one(index)?]),
    }
}

fn one(entry: &Bound<'_, PyAny>) -> PyResult<Index> {
    if entry.is_none() {
        return Ok(Index::NewAxis);
    }
    if entry.is_instance_of::<PyEllipsis>() {
        return Ok(Index::Ellipsis);
    }
    if let Ok(slice) = entry.cast::<PySlice>() {
        let bound = |name: &str| -> PyResult<Option<i64>> {
            let value = slice.getattr(name)?;
            if value.is_none() { Ok(None) } else { integer(&value).map(Some) }
        };
        return Ok(Index::Slice { start: bound("start")?, stop: bound("stop")?, step: bound("step")?.unwrap_or(1) });
    }
    let is_flag = entry.is_instance_of::<PyBool>();
    if entry.is_instance_of::<PyInt>() && !is_flag {
        return Ok(Index::At(integer(entry)?));
    }
    let is_number = entry.hasattr("__index__")? && !is_flag;
    let rank = entry.getattr("ndim").ok().and_then(|ndim| ndim.extract::<usize>().ok());
    if is_number && rank.is_none() {
        return Ok(Index::At(integer(entry)?));
    }
    let found = entry
        .extract::<TensorLike>()
        .map_err(|_| PyTypeError::new_err(format!("{} cannot be an index of a tensor", entry.get_type())))?;
    // An empty list has the dtype of floats.
    let tensor = match (entry.is_instance_of::<PyList>(), found.0.num_elements()) {
        (true, 0) => {
            found.0.cast(trustformers::tensor::DType::I64).map_err(|error| door::exception(entry.py(), &error))?
        }
        _ => found.0,
    };
    let is_int = tensor.dtype().kind() == trustformers::tensor::Kind::Int;
    if tensor.rank() == 0 && is_int {
        let value = tensor.to_i64().map_err(|error| door::exception(entry.py(), &error))?;
        return Ok(Index::At(value[0]));
    }
    Ok(Index::Tensor(tensor))
}

/// A Python integer clamped to 64 bits; bounds of slices are clamped to the size anyway.
fn integer(value: &Bound<'_, PyAny>) -> PyResult<i64> {
    let index = value.call_method0("__index__")?;
    Ok(index.extract().unwrap_or(if index.lt(0)? { i64::MIN } else { i64::MAX }))
}
