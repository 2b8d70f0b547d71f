//! Comparisons within a tolerance, and infinities and NaN.

use pyo3::prelude::*;
use pyo3_stub_gen::derive::gen_stub_pymethods;
use trustformers::tensor::Tensor;

use super::creation::TensorLike;
use super::{PyTensor, compute};

#[gen_stub_pymethods]
#[pymethods]
impl PyTensor {
    /// Whether each element is NaN.
    fn isnan(&self, py: Python<'_>) -> PyResult<Self> {
        self.derived(py, |tensor| Ok(tensor.is_nan()))
    }

    /// Whether each element is infinite.
    fn isinf(&self, py: Python<'_>) -> PyResult<Self> {
        self.derived(py, Tensor::is_infinite)
    }

    /// Whether each element is neither infinite nor NaN.
    fn isfinite(&self, py: Python<'_>) -> PyResult<Self> {
        self.derived(py, Tensor::is_finite)
    }

    /// Whether elements are equal within a tolerance: `|self - other| <= atol + rtol * |other|`.
    #[pyo3(signature = (other, rtol=1e-5, atol=1e-8, equal_nan=false))]
    fn isclose(&self, py: Python<'_>, other: TensorLike, rtol: f64, atol: f64, equal_nan: bool) -> PyResult<Self> {
        self.derived(py, |tensor| tensor.is_close(&other.0, [rtol, atol], equal_nan))
    }

    /// Whether all elements are equal within a tolerance: `|self - other| <= atol + rtol * |other|`.
    #[pyo3(signature = (other, rtol=1e-5, atol=1e-8, equal_nan=false))]
    fn allclose(&self, py: Python<'_>, other: TensorLike, rtol: f64, atol: f64, equal_nan: bool) -> PyResult<bool> {
        let tensor = self.get();
        compute(py, || {
            let close = tensor.is_close(&other.0, [rtol, atol], equal_nan)?;
            Ok(close.all(None, false)?.to_i64()? == [1])
        })
    }

    /// Floats with NaN and infinities replaced by numbers, the latter by default by the largest and smallest of the dtype.
    #[pyo3(signature = (nan=0.0, posinf=None, neginf=None))]
    fn nan_to_num(&self, py: Python<'_>, nan: f64, posinf: Option<f64>, neginf: Option<f64>) -> PyResult<Self> {
        self.derived(py, |tensor| tensor.nan_to_num(nan, posinf, neginf))
    }

    /// Whether two tensors have the same shape and equal elements.
    fn equal(&self, py: Python<'_>, other: &Self) -> PyResult<bool> {
        let (own, other) = (self.get(), other.get());
        compute(py, || own.equals(&other))
    }
}
