//! Distinct elements, counts, quantiles and cumulative extrema.

use pyo3::prelude::*;
use pyo3::types::PyTuple;
use pyo3_stub_gen::derive::gen_stub_pymethods;
use trustformers::tensor::{Extremum, Interpolation, Operand, Tensor};
use trustformers::{Error, Result};

use super::arguments::{Ints, Other, either};
use super::creation::TensorLike;
use super::reductions::{ReducedDims, pair};
use super::{PyTensor, compute};
use crate::door;

#[gen_stub_pymethods]
#[pymethods]
impl PyTensor {
    /// Logarithm of the sum of exponentials over dimensions.
    #[pyo3(signature = (dim=None, keepdim=None, *, axis=None, keepdims=None))]
    fn logsumexp(
        &self,
        py: Python<'_>,
        dim: Option<Ints>,
        keepdim: Option<bool>,
        axis: Option<Ints>,
        keepdims: Option<bool>,
    ) -> PyResult<Self> {
        let reduced = ReducedDims::of([dim, axis], [keepdim, keepdims])?;
        self.derived(py, |tensor| tensor.log_sum_exp(reduced.axes(), reduced.keeps))
    }

    /// Sums over dimensions, with NaN as 0.
    #[pyo3(signature = (dim=None, keepdim=None, *, axis=None, keepdims=None))]
    fn nansum(
        &self,
        py: Python<'_>,
        dim: Option<Ints>,
        keepdim: Option<bool>,
        axis: Option<Ints>,
        keepdims: Option<bool>,
    ) -> PyResult<Self> {
        let reduced = ReducedDims::of([dim, axis], [keepdim, keepdims])?;
        self.derived(py, |tensor| tensor.nan_sum(reduced.axes(), reduced.keeps))
    }

    /// Means of the elements over dimensions that are not NaN.
    #[pyo3(signature = (dim=None, keepdim=None, *, axis=None, keepdims=None))]
    fn nanmean(
        &self,
        py: Python<'_>,
        dim: Option<Ints>,
        keepdim: Option<bool>,
        axis: Option<Ints>,
        keepdims: Option<bool>,
    ) -> PyResult<Self> {
        let reduced = ReducedDims::of([dim, axis], [keepdim, keepdims])?;
        self.derived(py, |tensor| tensor.nan_mean(reduced.axes(), reduced.keeps))
    }

    /// The smallest and the largest elements along a dimension, or of the whole tensor.
    #[pyo3(signature = (*, dim=None, keepdim=false))]
    fn aminmax(&self, py: Python<'_>, dim: Option<Ints>, keepdim: bool) -> PyResult<(PyTensor, PyTensor)> {
        let axes = dim.map(|dim| dim.0);
        let of = |which| self.derived(py, |tensor| tensor.extremum(which, axes.as_deref(), keepdim));
        Ok((of(Extremum::Min)?, of(Extremum::Max)?))
    }

    /// Number of nonzero elements over dimensions, or in the whole tensor.
    #[pyo3(signature = (dim=None, *, axis=None, keepdims=None))]
    fn count_nonzero(
        &self,
        py: Python<'_>,
        dim: Option<Ints>,
        axis: Option<Ints>,
        keepdims: Option<bool>,
    ) -> PyResult<Self> {
        let reduced = ReducedDims::of([dim, axis], [None, keepdims])?;
        self.derived(py, |tensor| tensor.count_nonzero(reduced.axes(), reduced.keeps))
    }

    /// The median, the smaller of two middle elements; with `dim`, the medians along a dimension and their indices.
    #[pyo3(signature = (dim=None, keepdim=None, *, axis=None, keepdims=None))]
    fn median(
        &self,
        py: Python<'_>,
        dim: Option<isize>,
        keepdim: Option<bool>,
        axis: Option<isize>,
        keepdims: Option<bool>,
    ) -> PyResult<Py<PyAny>> {
        let keeps = either(keepdim, keepdims, ["keepdim", "keepdims"])?.unwrap_or(false);
        let found = either(dim, axis, ["dim", "axis"])?;
        let tensor = self.get();
        let (values, indices) = compute(py, || tensor.median(found, keeps))?;
        if dim.is_some() {
            return pair(py, "median", (values, indices));
        }
        Ok(Py::new(py, Self::of(values))?.into_any())
    }

    /// Quantiles of floats along a dimension, or of all elements; with several numbers `q`, one for each as the first
    /// dimension.
    #[pyo3(signature = (q, dim=None, keepdim=None, *, interpolation="linear", axis=None, keepdims=None))]
    #[expect(clippy::too_many_arguments, reason = "torch's and NumPy's names")]
    fn quantile(
        &self,
        py: Python<'_>,
        q: Other,
        dim: Option<isize>,
        keepdim: Option<bool>,
        interpolation: &str,
        axis: Option<isize>,
        keepdims: Option<bool>,
    ) -> PyResult<Self> {
        let keeps = either(keepdim, keepdims, ["keepdim", "keepdims"])?.unwrap_or(false);
        let dim = either(dim, axis, ["dim", "axis"])?;
        let between = match interpolation {
            "linear" => Interpolation::Linear,
            "lower" => Interpolation::Lower,
            "higher" => Interpolation::Higher,
            "midpoint" => Interpolation::Midpoint,
            "nearest" => Interpolation::Nearest,
            other => {
                let message = format!("{other:?}; expected linear, lower, higher, midpoint or nearest");
                return Err(door::exception(py, &Error::input("interpolation", message)));
            }
        };
        self.derived(py, |tensor| {
            let (numbers, is_one) = match &q.0 {
                Operand::Scalar(number) => (vec![number.as_f64()], true),
                Operand::Tensor(numbers) => (numbers.to_f64()?, numbers.rank() == 0),
            };
            let found = tensor.quantile(&numbers, dim, keeps, between)?;
            if is_one { found.squeeze(Some(&[0])) } else { Ok(found) }
        })
    }

    /// Cumulative maxima along a dimension, and their indices.
    fn cummax(&self, py: Python<'_>, dim: isize) -> PyResult<Py<PyAny>> {
        let tensor = self.get();
        let found = compute(py, || tensor.cumulative_extremum(Extremum::Max, dim))?;
        pair(py, "cummax", found)
    }

    /// Cumulative minima along a dimension, and their indices.
    fn cummin(&self, py: Python<'_>, dim: isize) -> PyResult<Py<PyAny>> {
        let tensor = self.get();
        let found = compute(py, || tensor.cumulative_extremum(Extremum::Min, dim))?;
        pair(py, "cummin", found)
    }

    /// How often each integer from 0 on occurs, or the sums of the weights of its occurrences.
    #[pyo3(signature = (weights=None, minlength=0))]
    fn bincount(&self, py: Python<'_>, weights: Option<TensorLike>, minlength: usize) -> PyResult<Self> {
        self.derived(py, |tensor| tensor.bincount(weights.as_ref().map(|weights| &weights.0), minlength))
    }

    /// The sorted distinct elements; with `return_inverse` also the index of each element among them, with
    /// `return_counts` also their numbers of occurrences.
    #[pyo3(signature = (sorted=true, return_inverse=false, return_counts=false, dim=None))]
    fn unique(
        &self,
        py: Python<'_>,
        sorted: bool,
        return_inverse: bool,
        return_counts: bool,
        dim: Option<isize>,
    ) -> PyResult<Py<PyAny>> {
        let _ = sorted;
        let tensor = self.get();
        let found = compute(py, || -> Result<_> {
            if dim.is_some_and(|_| tensor.rank() != 1) {
                return Err(Error::unsupported("unique slices of a dimension; unique() is of all elements"));
            }
            tensor.unique()
        })?;
        let values = Self::of(found.values);
        let others = [(return_inverse, found.inverse), (return_counts, found.counts)];
        let others: Vec<_> = others.into_iter().filter(|(wanted, _)| *wanted).map(|(_, found)| found).collect();
        if others.is_empty() {
            return Ok(Py::new(py, values)?.into_any());
        }
        let all = std::iter::once(values).chain(others.into_iter().map(Self::of));
        Ok(PyTuple::new(py, all.collect::<Vec<_>>())?.into_any().unbind())
    }

    /// The sorted distinct elements, the indices of their first occurrences, the index of each element among them, and
    /// their numbers of occurrences.
    #[pyo3(name = "_unique_all")]
    fn unique_all(&self, py: Python<'_>) -> PyResult<(PyTensor, PyTensor, PyTensor, PyTensor)> {
        let tensor = self.get();
        let found = compute(py, || tensor.unique())?;
        Ok((Self::of(found.values), Self::of(found.indices), Self::of(found.inverse), Self::of(found.counts)))
    }

    /// Random indices of categories, whose probabilities are proportional to the elements of a vector, or of each row.
    #[pyo3(signature = (num_samples, replacement=false))]
    fn multinomial(&self, py: Python<'_>, num_samples: usize, replacement: bool) -> PyResult<Self> {
        self.derived(py, |tensor: &Tensor| tensor.multinomial(num_samples, replacement))
    }
}
