//! Tensors with the shape, dtype or device of another one.

use pyo3::prelude::*;
use pyo3::types::PyTuple;
use pyo3_stub_gen::derive::{gen_stub_pyfunction, gen_stub_pymethods};
use trustformers::tensor::{DType, Scalar, Tensor, TensorDevice};

use super::PyTensor;
use super::arguments::{DtypeArgument, Ints, ints_of, shape_of};
use super::creation::{made, number, tensor_of};
use super::devices::device_of;

pub(super) fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(zeros_like, module)?)?;
    module.add_function(wrap_pyfunction!(ones_like, module)?)?;
    module.add_function(wrap_pyfunction!(empty_like, module)?)?;
    module.add_function(wrap_pyfunction!(full_like, module)?)?;
    module.add_function(wrap_pyfunction!(rand_like, module)?)?;
    module.add_function(wrap_pyfunction!(randn_like, module)?)
}

/// A tensor filled with a number, with the shape and by default the dtype and device of another tensor.
fn like(
    py: Python<'_>,
    input: &PyTensor,
    value: Scalar,
    dtype: Option<DtypeArgument>,
    device: Option<&Bound<'_, PyAny>>,
    requires_grad: bool,
) -> PyResult<PyTensor> {
    let (shape, dtype, device) = options(py, input, dtype, device)?;
    made(py, requires_grad, || Tensor::full(&shape, value, dtype, &device))
}

/// Zeros with the shape of `input`, and by default its dtype and device.
#[gen_stub_pyfunction]
#[pyfunction]
#[pyo3(signature = (input, *, dtype=None, device=None, requires_grad=false))]
fn zeros_like(
    py: Python<'_>,
    input: &PyTensor,
    dtype: Option<DtypeArgument>,
    device: Option<&Bound<'_, PyAny>>,
    requires_grad: bool,
) -> PyResult<PyTensor> {
    like(py, input, Scalar::Int(0), dtype, device, requires_grad)
}

/// Ones with the shape of `input`, and by default its dtype and device.
#[gen_stub_pyfunction]
#[pyfunction]
#[pyo3(signature = (input, *, dtype=None, device=None, requires_grad=false))]
fn ones_like(
    py: Python<'_>,
    input: &PyTensor,
    dtype: Option<DtypeArgument>,
    device: Option<&Bound<'_, PyAny>>,
    requires_grad: bool,
) -> PyResult<PyTensor> {
    like(py, input, Scalar::Int(1), dtype, device, requires_grad)
}

/// A tensor with the shape of `input` for elements to be assigned later; they are zeros.
#[gen_stub_pyfunction]
#[pyfunction]
#[pyo3(signature = (input, *, dtype=None, device=None, requires_grad=false))]
fn empty_like(
    py: Python<'_>,
    input: &PyTensor,
    dtype: Option<DtypeArgument>,
    device: Option<&Bound<'_, PyAny>>,
    requires_grad: bool,
) -> PyResult<PyTensor> {
    like(py, input, Scalar::Int(0), dtype, device, requires_grad)
}

/// A tensor filled with `fill_value`, with the shape of `input`, and by default its dtype and device.
#[gen_stub_pyfunction]
#[pyfunction]
#[pyo3(signature = (input, fill_value, *, dtype=None, device=None, requires_grad=false))]
fn full_like(
    py: Python<'_>,
    input: &PyTensor,
    fill_value: &Bound<'_, PyAny>,
    dtype: Option<DtypeArgument>,
    device: Option<&Bound<'_, PyAny>>,
    requires_grad: bool,
) -> PyResult<PyTensor> {
    let value = number(fill_value, "fill_value")?;
    like(py, input, value, dtype, device, requires_grad)
}

/// Random floats, uniform in [0, 1), with the shape of `input`, and by default its dtype and device.
#[gen_stub_pyfunction]
#[pyfunction]
#[pyo3(signature = (input, *, dtype=None, device=None, requires_grad=false))]
fn rand_like(
    py: Python<'_>,
    input: &PyTensor,
    dtype: Option<DtypeArgument>,
    device: Option<&Bound<'_, PyAny>>,
    requires_grad: bool,
) -> PyResult<PyTensor> {
    let (shape, dtype, device) = options(py, input, dtype, device)?;
    made(py, requires_grad, || Tensor::random(&shape, false, dtype, &device))
}

/// Random floats from the standard normal distribution with the shape of `input`, and by default its dtype and device.
#[gen_stub_pyfunction]
#[pyfunction]
#[pyo3(signature = (input, *, dtype=None, device=None, requires_grad=false))]
fn randn_like(
    py: Python<'_>,
    input: &PyTensor,
    dtype: Option<DtypeArgument>,
    device: Option<&Bound<'_, PyAny>>,
    requires_grad: bool,
) -> PyResult<PyTensor> {
    let (shape, dtype, device) = options(py, input, dtype, device)?;
    made(py, requires_grad, || Tensor::random(&shape, true, dtype, &device))
}

/// The shape of a tensor, and its dtype and device unless others are given.
fn options(
    py: Python<'_>,
    input: &PyTensor,
    dtype: Option<DtypeArgument>,
    device: Option<&Bound<'_, PyAny>>,
) -> PyResult<(Vec<usize>, DType, TensorDevice)> {
    let input = input.get();
    let dtype = dtype.map_or(input.dtype(), |DtypeArgument(dtype)| dtype);
    let device = device.map_or(Ok(input.device().clone()), |device| device_of(Some(device), py))?;
    Ok((input.shape(), dtype, device))
}

#[gen_stub_pymethods]
#[pymethods]
impl PyTensor {
    /// Zeros of a shape, by default with the tensor's dtype and device.
    #[pyo3(signature = (*size, dtype=None, device=None, requires_grad=false))]
    fn new_zeros(
        &self,
        py: Python<'_>,
        size: &Bound<'_, PyTuple>,
        dtype: Option<DtypeArgument>,
        device: Option<&Bound<'_, PyAny>>,
        requires_grad: bool,
    ) -> PyResult<Self> {
        self.new_filled(py, ints_of(size)?, Scalar::Int(0), (dtype, device), requires_grad)
    }

    /// Ones of a shape, by default with the tensor's dtype and device.
    #[pyo3(signature = (*size, dtype=None, device=None, requires_grad=false))]
    fn new_ones(
        &self,
        py: Python<'_>,
        size: &Bound<'_, PyTuple>,
        dtype: Option<DtypeArgument>,
        device: Option<&Bound<'_, PyAny>>,
        requires_grad: bool,
    ) -> PyResult<Self> {
        self.new_filled(py, ints_of(size)?, Scalar::Int(1), (dtype, device), requires_grad)
    }

    /// A tensor for elements to be assigned later, by default with the tensor's dtype and device; they are zeros.
    #[pyo3(signature = (*size, dtype=None, device=None, requires_grad=false))]
    fn new_empty(
        &self,
        py: Python<'_>,
        size: &Bound<'_, PyTuple>,
        dtype: Option<DtypeArgument>,
        device: Option<&Bound<'_, PyAny>>,
        requires_grad: bool,
    ) -> PyResult<Self> {
        self.new_filled(py, ints_of(size)?, Scalar::Int(0), (dtype, device), requires_grad)
    }

    /// A tensor filled with a number, by default with the tensor's dtype and device.
    #[pyo3(signature = (size, fill_value, *, dtype=None, device=None, requires_grad=false))]
    fn new_full(
        &self,
        py: Python<'_>,
        size: Ints,
        fill_value: &Bound<'_, PyAny>,
        dtype: Option<DtypeArgument>,
        device: Option<&Bound<'_, PyAny>>,
        requires_grad: bool,
    ) -> PyResult<Self> {
        let value = number(fill_value, "fill_value")?;
        self.new_filled(py, size.0, value, (dtype, device), requires_grad)
    }

    /// A tensor with a copy of data, by default with the tensor's dtype and device.
    #[pyo3(signature = (data, *, dtype=None, device=None, requires_grad=false))]
    fn new_tensor(
        &self,
        py: Python<'_>,
        data: &Bound<'_, PyAny>,
        dtype: Option<DtypeArgument>,
        device: Option<&Bound<'_, PyAny>>,
        requires_grad: bool,
    ) -> PyResult<Self> {
        let (_, dtype, device) = options(py, self, dtype, device)?;
        let (tensor, _) = tensor_of(data, Some(DtypeArgument(dtype)), None)?;
        made(py, requires_grad, || tensor.detached().copied()?.to_device(&device))
    }
}

impl PyTensor {
    fn new_filled(
        &self,
        py: Python<'_>,
        size: Vec<isize>,
        value: Scalar,
        (dtype, device): (Option<DtypeArgument>, Option<&Bound<'_, PyAny>>),
        requires_grad: bool,
    ) -> PyResult<Self> {
        let shape = shape_of(py, size)?;
        let (_, dtype, device) = options(py, self, dtype, device)?;
        made(py, requires_grad, || Tensor::full(&shape, value, dtype, &device))
    }
}
