//! Reductions, sorting and cumulative operations.

use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyBool, PyString};
use pyo3_stub_gen::derive::gen_stub_pymethods;
use trustformers::tensor::{Arithmetic, Cumulative, Extremum, Tensor, Variance};

use super::arguments::{Absent, DtypeArgument, Ints, Other, either};
use super::functions::cast;
use super::{PyTensor, compute};

#[gen_stub_pymethods]
#[pymethods]
impl PyTensor {
    /// Sums over dimensions, or over all elements. Booleans and integers are summed as int64.
    #[pyo3(signature = (dim=None, keepdim=None, *, dtype=None, axis=None, keepdims=None, out=None))]
    #[expect(clippy::too_many_arguments, reason = "torch's and NumPy's names")]
    fn sum(
        &self,
        py: Python<'_>,
        dim: Option<Ints>,
        keepdim: Option<bool>,
        dtype: Option<DtypeArgument>,
        axis: Option<Ints>,
        keepdims: Option<bool>,
        out: Option<Absent>,
    ) -> PyResult<Self> {
        let _ = out;
        let reduced = ReducedDims::of([dim, axis], [keepdim, keepdims])?;
        self.derived(py, |tensor| cast(&cast(tensor, dtype)?.sum(reduced.axes(), reduced.keeps)?, dtype))
    }

    /// Products over dimensions, or of all elements. Booleans and integers are multiplied as int64.
    #[pyo3(signature = (dim=None, keepdim=None, *, dtype=None, axis=None, keepdims=None, out=None))]
    #[expect(clippy::too_many_arguments, reason = "torch's and NumPy's names")]
    fn prod(
        &self,
        py: Python<'_>,
        dim: Option<Ints>,
        keepdim: Option<bool>,
        dtype: Option<DtypeArgument>,
        axis: Option<Ints>,
        keepdims: Option<bool>,
        out: Option<Absent>,
    ) -> PyResult<Self> {
        let _ = out;
        let reduced = ReducedDims::of([dim, axis], [keepdim, keepdims])?;
        self.derived(py, |tensor| cast(&cast(tensor, dtype)?.prod(reduced.axes(), reduced.keeps)?, dtype))
    }

    /// Means of floats over dimensions, or of all elements.
    #[pyo3(signature = (dim=None, keepdim=None, *, dtype=None, axis=None, keepdims=None, out=None))]
    #[expect(clippy::too_many_arguments, reason = "torch's and NumPy's names")]
    fn mean(
        &self,
        py: Python<'_>,
        dim: Option<Ints>,
        keepdim: Option<bool>,
        dtype: Option<DtypeArgument>,
        axis: Option<Ints>,
        keepdims: Option<bool>,
        out: Option<Absent>,
    ) -> PyResult<Self> {
        let _ = out;
        let reduced = ReducedDims::of([dim, axis], [keepdim, keepdims])?;
        self.derived(py, |tensor| cast(tensor, dtype)?.mean(reduced.axes(), reduced.keeps))
    }

    /// Variances of floats over dimensions, or of all elements; the divisor is the number of elements minus `correction`,
    /// which is 1, 0 with `unbiased=False`, or NumPy's `ddof`.
    #[pyo3(signature = (
        dim=None, unbiased=None, keepdim=None, *, correction=None, axis=None, keepdims=None, ddof=None, dtype=None,
        out=None
    ))]
    #[expect(clippy::too_many_arguments, reason = "torch's and NumPy's names")]
    fn var(
        &self,
        py: Python<'_>,
        dim: Option<&Bound<'_, PyAny>>,
        unbiased: Option<bool>,
        keepdim: Option<bool>,
        correction: Option<f64>,
        axis: Option<Ints>,
        keepdims: Option<bool>,
        ddof: Option<f64>,
        dtype: Option<DtypeArgument>,
        out: Option<Absent>,
    ) -> PyResult<Self> {
        let _ = out;
        let (dim, correction) = variance_of(dim, unbiased, [correction, ddof])?;
        let reduced = ReducedDims::of([dim, axis], [keepdim, keepdims])?;
        let variance = Variance { correction, is_std: false };
        self.derived(py, |tensor| cast(tensor, dtype)?.var(reduced.axes(), reduced.keeps, variance))
    }

    /// Standard deviations of floats over dimensions, or of all elements; the divisor is the number of elements minus `correction`,
    /// which is 1, 0 with `unbiased=False`, or NumPy's `ddof`.
    #[pyo3(signature = (
        dim=None, unbiased=None, keepdim=None, *, correction=None, axis=None, keepdims=None, ddof=None, dtype=None,
        out=None
    ))]
    #[expect(clippy::too_many_arguments, reason = "torch's and NumPy's names")]
    fn std(
        &self,
        py: Python<'_>,
        dim: Option<&Bound<'_, PyAny>>,
        unbiased: Option<bool>,
        keepdim: Option<bool>,
        correction: Option<f64>,
        axis: Option<Ints>,
        keepdims: Option<bool>,
        ddof: Option<f64>,
        dtype: Option<DtypeArgument>,
        out: Option<Absent>,
    ) -> PyResult<Self> {
        let _ = out;
        let (dim, correction) = variance_of(dim, unbiased, [correction, ddof])?;
        let reduced = ReducedDims::of([dim, axis], [keepdim, keepdims])?;
        let variance = Variance { correction, is_std: true };
        self.derived(py, |tensor| cast(tensor, dtype)?.var(reduced.axes(), reduced.keeps, variance))
    }

    /// The largest element; with `dim`, the largest elements along a dimension and their indices, as in torch; with
    /// `axis`, without indices, as in NumPy.
    #[pyo3(signature = (dim=None, keepdim=None, *, axis=None, keepdims=None, out=None))]
    fn max(
        &self,
        py: Python<'_>,
        dim: Option<&Bound<'_, PyAny>>,
        keepdim: Option<bool>,
        axis: Option<Ints>,
        keepdims: Option<bool>,
        out: Option<Absent>,
    ) -> PyResult<Py<PyAny>> {
        let _ = out;
        self.extremum(py, Extremum::Max, dim, [keepdim, keepdims], axis)
    }

    /// The smallest element; with `dim`, the smallest elements along a dimension and their indices, as in torch; with
    /// `axis`, without indices, as in NumPy.
    #[pyo3(signature = (dim=None, keepdim=None, *, axis=None, keepdims=None, out=None))]
    fn min(
        &self,
        py: Python<'_>,
        dim: Option<&Bound<'_, PyAny>>,
        keepdim: Option<bool>,
        axis: Option<Ints>,
        keepdims: Option<bool>,
        out: Option<Absent>,
    ) -> PyResult<Py<PyAny>> {
        let _ = out;
        self.extremum(py, Extremum::Min, dim, [keepdim, keepdims], axis)
    }

    /// The largest elements over dimensions.
    #[pyo3(signature = (dim=None, keepdim=None, *, axis=None, keepdims=None, out=None))]
    fn amax(
        &self,
        py: Python<'_>,
        dim: Option<Ints>,
        keepdim: Option<bool>,
        axis: Option<Ints>,
        keepdims: Option<bool>,
        out: Option<Absent>,
    ) -> PyResult<Self> {
        let _ = out;
        let reduced = ReducedDims::of([dim, axis], [keepdim, keepdims])?;
        self.derived(py, |tensor| tensor.extremum(Extremum::Max, reduced.axes(), reduced.keeps))
    }

    /// The smallest elements over dimensions.
    #[pyo3(signature = (dim=None, keepdim=None, *, axis=None, keepdims=None, out=None))]
    fn amin(
        &self,
        py: Python<'_>,
        dim: Option<Ints>,
        keepdim: Option<bool>,
        axis: Option<Ints>,
        keepdims: Option<bool>,
        out: Option<Absent>,
    ) -> PyResult<Self> {
        let _ = out;
        let reduced = ReducedDims::of([dim, axis], [keepdim, keepdims])?;
        self.derived(py, |tensor| tensor.extremum(Extremum::Min, reduced.axes(), reduced.keeps))
    }

    /// Whether any element is nonzero, over dimensions or in the whole tensor.
    #[pyo3(signature = (dim=None, keepdim=None, *, axis=None, keepdims=None, out=None))]
    fn any(
        &self,
        py: Python<'_>,
        dim: Option<Ints>,
        keepdim: Option<bool>,
        axis: Option<Ints>,
        keepdims: Option<bool>,
        out: Option<Absent>,
    ) -> PyResult<Self> {
        let _ = out;
        let reduced = ReducedDims::of([dim, axis], [keepdim, keepdims])?;
        self.derived(py, |tensor| tensor.any(reduced.axes(), reduced.keeps))
    }

    /// Whether all elements are nonzero, over dimensions or in the whole tensor.
    #[pyo3(signature = (dim=None, keepdim=None, *, axis=None, keepdims=None, out=None))]
    fn all(
        &self,
        py: Python<'_>,
        dim: Option<Ints>,
        keepdim: Option<bool>,
        axis: Option<Ints>,
        keepdims: Option<bool>,
        out: Option<Absent>,
    ) -> PyResult<Self> {
        let _ = out;
        let reduced = ReducedDims::of([dim, axis], [keepdim, keepdims])?;
        self.derived(py, |tensor| tensor.all(reduced.axes(), reduced.keeps))
    }

    /// Index of the first largest element of a dimension, or of the whole tensor.
    #[pyo3(signature = (dim=None, keepdim=None, *, axis=None, keepdims=None, out=None))]
    fn argmax(
        &self,
        py: Python<'_>,
        dim: Option<isize>,
        keepdim: Option<bool>,
        axis: Option<isize>,
        keepdims: Option<bool>,
        out: Option<Absent>,
    ) -> PyResult<Self> {
        let _ = out;
        self.arg(py, Extremum::Max, [dim, axis], [keepdim, keepdims])
    }

    /// Index of the first smallest element of a dimension, or of the whole tensor.
    #[pyo3(signature = (dim=None, keepdim=None, *, axis=None, keepdims=None, out=None))]
    fn argmin(
        &self,
        py: Python<'_>,
        dim: Option<isize>,
        keepdim: Option<bool>,
        axis: Option<isize>,
        keepdims: Option<bool>,
        out: Option<Absent>,
    ) -> PyResult<Self> {
        let _ = out;
        self.arg(py, Extremum::Min, [dim, axis], [keepdim, keepdims])
    }

    /// Norms of floats over dimensions, or of all elements: `sum(|x| ** p) ** (1 / p)`.
    #[pyo3(signature = (p=None, dim=None, keepdim=None, *, axis=None, keepdims=None))]
    fn norm(
        &self,
        py: Python<'_>,
        p: Option<&Bound<'_, PyAny>>,
        dim: Option<Ints>,
        keepdim: Option<bool>,
        axis: Option<Ints>,
        keepdims: Option<bool>,
    ) -> PyResult<Self> {
        let reduced = ReducedDims::of([dim, axis], [keepdim, keepdims])?;
        let order = match p {
            None => 2.0,
            Some(p) if p.cast::<PyString>().is_ok_and(|name| name == "fro") => 2.0,
            Some(p) => p.extract()?,
        };
        self.derived(py, |tensor| tensor.norm(order, reduced.axes(), reduced.keeps))
    }

    /// Cumulative sums along a dimension.
    #[pyo3(signature = (dim=None, *, dtype=None, axis=None, out=None))]
    fn cumsum(
        &self,
        py: Python<'_>,
        dim: Option<isize>,
        dtype: Option<DtypeArgument>,
        axis: Option<isize>,
        out: Option<Absent>,
    ) -> PyResult<Self> {
        let _ = out;
        let dim = either(dim, axis, ["dim", "axis"])?;
        self.derived(py, |tensor| cast(&cumulative(&cast(tensor, dtype)?, Cumulative::Sum, dim)?, dtype))
    }

    /// Cumulative products along a dimension.
    #[pyo3(signature = (dim=None, *, dtype=None, axis=None, out=None))]
    fn cumprod(
        &self,
        py: Python<'_>,
        dim: Option<isize>,
        dtype: Option<DtypeArgument>,
        axis: Option<isize>,
        out: Option<Absent>,
    ) -> PyResult<Self> {
        let _ = out;
        let dim = either(dim, axis, ["dim", "axis"])?;
        self.derived(py, |tensor| cast(&cumulative(&cast(tensor, dtype)?, Cumulative::Prod, dim)?, dtype))
    }

    /// Sorted elements along a dimension and their indices.
    #[pyo3(signature = (dim=-1, descending=false, *, axis=None, stable=true))]
    fn sort(
        &self,
        py: Python<'_>,
        dim: isize,
        descending: bool,
        axis: Option<isize>,
        stable: bool,
    ) -> PyResult<Py<PyAny>> {
        let _ = stable;
        let (tensor, dim) = (self.get(), axis.unwrap_or(dim));
        let found = compute(py, || tensor.sort(dim, descending))?;
        pair(py, "sort", found)
    }

    /// Indices that sort a dimension.
    #[pyo3(signature = (dim=-1, descending=false, *, axis=None, stable=None, kind=None, order=None))]
    #[expect(clippy::too_many_arguments, reason = "torch's and NumPy's names")]
    fn argsort(
        &self,
        py: Python<'_>,
        dim: isize,
        descending: bool,
        axis: Option<isize>,
        stable: Option<bool>,
        kind: Option<&str>,
        order: Option<Absent>,
    ) -> PyResult<Self> {
        // Every sort is stable.
        let _ = (stable, kind, order);
        self.derived(py, |tensor| Ok(tensor.sort(axis.unwrap_or(dim), descending)?.1))
    }

    /// The `k` largest elements along a dimension in descending order, and their indices; with `largest=False` the
    /// smallest in ascending order.
    #[pyo3(signature = (k, dim=-1, largest=true, sorted=true))]
    fn topk(&self, py: Python<'_>, k: usize, dim: isize, largest: bool, sorted: bool) -> PyResult<Py<PyAny>> {
        let _ = sorted;
        let tensor = self.get();
        let which = if largest { Extremum::Max } else { Extremum::Min };
        let found = compute(py, || tensor.topk(k, dim, which))?;
        pair(py, "topk", found)
    }
}

impl PyTensor {
    fn extremum(
        &self,
        py: Python<'_>,
        which: Extremum,
        dim: Option<&Bound<'_, PyAny>>,
        keeps: [Option<bool>; 2],
        axis: Option<Ints>,
    ) -> PyResult<Py<PyAny>> {
        if let Some(dim) = dim {
            if let Ok(other) = dim.cast::<Self>() {
                let op = if which == Extremum::Max { Arithmetic::Maximum } else { Arithmetic::Minimum };
                let other = Other(other.get().get().into());
                return Ok(Py::new(py, self.arithmetic(py, other.0, op, false)?)?.into_any());
            }
            let dim: isize = dim.extract()?;
            let reduced = ReducedDims::of([Some(Ints(vec![dim])), axis], keeps)?;
            let tensor = self.get();
            let found = compute(py, || tensor.extremum_with_indices(which, dim, reduced.keeps))?;
            return pair(py, if which == Extremum::Max { "max" } else { "min" }, found);
        }
        let reduced = ReducedDims::of([None, axis], keeps)?;
        let found = self.derived(py, |tensor| tensor.extremum(which, reduced.axes(), reduced.keeps))?;
        Ok(Py::new(py, found)?.into_any())
    }

    fn arg(
        &self,
        py: Python<'_>,
        which: Extremum,
        [dim, axis]: [Option<isize>; 2],
        [keepdim, keepdims]: [Option<bool>; 2],
    ) -> PyResult<Self> {
        let axis = either(dim, axis, ["dim", "axis"])?;
        let keeps = either(keepdim, keepdims, ["keepdim", "keepdims"])?.unwrap_or(false);
        self.derived(py, |tensor| tensor.arg_extremum(which, axis, keeps))
    }
}

/// The dimensions of a reduction, and whether it keeps them with size 1.
pub(super) struct ReducedDims {
    axes: Option<Vec<isize>>,
    pub(super) keeps: bool,
}

impl ReducedDims {
    pub(super) fn of([dim, axis]: [Option<Ints>; 2], [keepdim, keepdims]: [Option<bool>; 2]) -> PyResult<Self> {
        let axes = either(dim, axis, ["dim", "axis"])?.map(|Ints(axes)| axes);
        Ok(Self { axes, keeps: either(keepdim, keepdims, ["keepdim", "keepdims"])?.unwrap_or(false) })
    }

    pub(super) fn axes(&self) -> Option<&[isize]> {
        self.axes.as_deref()
    }
}

/// The dimensions and the correction of a variance, whose first argument may be `unbiased`.
fn variance_of(
    dim: Option<&Bound<'_, PyAny>>,
    unbiased: Option<bool>,
    [correction, ddof]: [Option<f64>; 2],
) -> PyResult<(Option<Ints>, f64)> {
    let (dim, unbiased) = match dim.map(|dim| dim.cast::<PyBool>()) {
        Some(Ok(flag)) => (None, either(Some(flag.is_true()), unbiased, ["the first argument", "unbiased"])?),
        _ => (dim.map(|dim| dim.extract::<Ints>()).transpose()?, unbiased),
    };
    let unbiased = unbiased.map(|unbiased| f64::from(u8::from(unbiased)));
    let given = either(correction, ddof, ["correction", "ddof"])?;
    Ok((dim, either(given, unbiased, ["correction", "unbiased"])?.unwrap_or(1.0)))
}

fn cumulative(tensor: &Tensor, op: Cumulative, dim: Option<isize>) -> trustformers::Result<Tensor> {
    match dim {
        Some(dim) => tensor.cumulative(op, dim),
        // Without a dimension the elements are flattened in row-major order, as in NumPy.
        None => tensor.reshape(&[-1])?.cumulative(op, 0),
    }
}

/// Values and indices as a named tuple with torch's field names.
pub(super) fn pair(py: Python<'_>, name: &str, (values, indices): (Tensor, Tensor)) -> PyResult<Py<PyAny>> {
    static CLASSES: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    CLASSES
        .import(py, "trustformers.tensor", "results")?
        .getattr(name)?
        .call1((PyTensor::of(values), PyTensor::of(indices)))
        .map(Bound::unbind)
}
