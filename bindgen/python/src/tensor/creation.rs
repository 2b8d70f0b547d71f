//! Creation of tensors.

use pyo3::exceptions::PyTypeError;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyList, PyTuple};
use pyo3_stub_gen::derive::{gen_stub_pyfunction, gen_stub_pymethods};
use pyo3_stub_gen::{PyStubType, TypeInfo};
use trustformers::tensor::{DType, Scalar, Tensor, TensorDevice};
use trustformers::{Error, Result};

use super::arguments::{DtypeArgument, Ints, either, ints_of, is_numpy_scalar, scalar, shape_of};
use super::autograd::TorchTensor;
use super::devices::device_of;
use super::nested_lists::nested;
use super::numpy_arrays::from_array;
use super::{PyTensor, compute, dlpack, torch};
use crate::door;

pub(super) fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(zeros, module)?)?;
    module.add_function(wrap_pyfunction!(ones, module)?)?;
    module.add_function(wrap_pyfunction!(empty, module)?)?;
    module.add_function(wrap_pyfunction!(full, module)?)?;
    module.add_function(wrap_pyfunction!(arange, module)?)?;
    module.add_function(wrap_pyfunction!(linspace, module)?)?;
    module.add_function(wrap_pyfunction!(eye, module)?)?;
    module.add_function(wrap_pyfunction!(rand, module)?)?;
    module.add_function(wrap_pyfunction!(randn, module)?)?;
    module.add_function(wrap_pyfunction!(randint, module)?)?;
    module.add_function(wrap_pyfunction!(randperm, module)?)
}

#[gen_stub_pymethods]
#[pymethods]
impl PyTensor {
    /// A tensor from a number, nested lists, an array or another framework's tensor. Memory of arrays and tensors is
    /// shared unless `dtype` or `device` requires a copy. Python floats become float32, ints int64.
    #[new]
    #[pyo3(signature = (data, dtype=None, device=None, requires_grad=false))]
    fn new(
        data: &Bound<'_, PyAny>,
        dtype: Option<DtypeArgument>,
        device: Option<&Bound<'_, PyAny>>,
        requires_grad: bool,
    ) -> PyResult<Self> {
        let (tensor, is_origin) = tensor_of(data, dtype, device)?;
        let tensor = if requires_grad { door::run_here(data.py(), || tensor.as_leaf())? } else { tensor.detached() };
        Ok(Self::from_origin(tensor, is_origin.then(|| data.clone().unbind())))
    }

    /// A tensor that shares the memory of a NumPy array of any strides; byte-swapped and misaligned arrays are copied.
    #[staticmethod]
    fn from_numpy(array: &Bound<'_, PyAny>) -> PyResult<Self> {
        match from_array(array)? {
            Some((tensor, is_shared)) => Ok(Self::from_origin(tensor, is_shared.then(|| array.clone().unbind()))),
            None => Err(PyTypeError::new_err(format!("expected a numpy.ndarray, found {}", array.get_type()))),
        }
    }

    /// A tensor that shares the memory of an object with `__dlpack__`, such as a torch, JAX or NumPy array on the CPU.
    #[staticmethod]
    fn from_dlpack(source: &Bound<'_, PyAny>) -> PyResult<Self> {
        dlpack::import(source).map(Self::of)
    }

    /// A tensor that shares the memory of a torch tensor; a torch tensor on an accelerator is copied to the CPU. If the
    /// torch tensor requires a gradient, so does the tensor, and `backward` continues in torch.
    #[staticmethod]
    fn from_torch(tensor: &Bound<'_, PyAny>) -> PyResult<Self> {
        let elements = elements_of_torch(tensor)?;
        if !tensor.getattr("requires_grad")?.is_truthy()? {
            return Ok(Self::of(elements));
        }
        let source = TorchTensor(tensor.clone().unbind());
        door::run_here(tensor.py(), || elements.with_source(Box::new(source))).map(Self::of)
    }
}

/// A tensor, or an array or nested list that is converted to one.
pub(crate) struct TensorLike(pub(super) Tensor);

impl<'a, 'py> FromPyObject<'a, 'py> for TensorLike {
    type Error = PyErr;

    fn extract(value: Borrowed<'a, 'py, PyAny>) -> PyResult<Self> {
        if let Ok(tensor) = value.cast::<PyTensor>() {
            return Ok(Self(tensor.get().get()));
        }
        tensor_of(&value, None, None).map(|(tensor, _)| Self(tensor))
    }
}

impl PyStubType for TensorLike {
    fn type_output() -> TypeInfo {
        TypeInfo { name: "Tensor | trustformers.tensor.dtypes.ArrayLike".to_owned(), ..Py::<PyAny>::type_output() }
    }
}

/// The elements of a torch tensor, whose memory is shared unless it is on an accelerator.
fn elements_of_torch(tensor: &Bound<'_, PyAny>) -> PyResult<Tensor> {
    dlpack::import(&tensor.call_method0("detach")?.call_method0("cpu")?)
}

/// The elements of a tensor, or of a torch tensor, whose memory is shared.
pub(super) struct OfTensor(pub(super) Tensor);

impl<'a, 'py> FromPyObject<'a, 'py> for OfTensor {
    type Error = PyErr;

    fn extract(value: Borrowed<'a, 'py, PyAny>) -> PyResult<Self> {
        match (value.cast::<PyTensor>(), torch(value.py())?.getattr_opt("Tensor")?) {
            (Ok(tensor), _) => Ok(Self(tensor.get().get())),
            (Err(_), Some(of_torch)) if value.is_instance(&of_torch)? => elements_of_torch(&value).map(Self),
            (Err(error), _) => Err(error.into()),
        }
    }
}

impl PyStubType for OfTensor {
    fn type_output() -> TypeInfo {
        PyTensor::type_output()
    }
}

/// Converts a value to a tensor; returns whether the value is a NumPy array whose memory the tensor shares.
pub(super) fn tensor_of(
    data: &Bound<'_, PyAny>,
    dtype: Option<DtypeArgument>,
    device: Option<&Bound<'_, PyAny>>,
) -> PyResult<(Tensor, bool)> {
    let py = data.py();
    let dtype = dtype.map(|DtypeArgument(dtype)| dtype);
    let (found, is_array) = if let Ok(tensor) = data.cast::<PyTensor>() {
        (tensor.get().get(), false)
    } else if let Some(found) = from_array(data)? {
        found
    } else if is_numpy_scalar(data)? {
        // The scalar has a dtype, unlike a number of Python.
        let array = py.import(intern!(py, "numpy"))?.call_method1(intern!(py, "asarray"), (data,))?;
        let (tensor, _) =
            from_array(&array)?.ok_or_else(|| PyTypeError::new_err("a NumPy scalar has become no array"))?;
        (tensor, false)
    } else if data.is_instance_of::<PyList>() || data.is_instance_of::<PyTuple>() || scalar(data)?.is_some() {
        let device = device_of(device, py)?;
        return nested(data, dtype, &device).map(|tensor| (tensor, false));
    } else if data.hasattr("__dlpack__")? {
        (dlpack::import(data)?, false)
    } else if data.hasattr("__array__")? {
        from_array(&data.call_method0("__array__")?)?
            .ok_or_else(|| PyTypeError::new_err("__array__ did not return a numpy.ndarray"))?
    } else {
        let message = format!("expected numbers, lists or an array, found {}", data.get_type());
        return Err(PyTypeError::new_err(message));
    };
    let device = device.map(|device| device_of(Some(device), py)).transpose()?;
    let is_same = dtype.is_none_or(|dtype| dtype == found.dtype())
        && device.as_ref().is_none_or(|device| device == found.device());
    if is_same {
        return Ok((found, is_array));
    }
    let moved = compute(py, || {
        let cast = found.cast(dtype.unwrap_or(found.dtype()))?;
        device.map_or(Ok(cast.clone()), |device| cast.to_device(&device))
    });
    Ok((moved?, false))
}

/// Creates a tensor on a device.
fn make(
    py: Python<'_>,
    shape: Vec<isize>,
    (dtype, default): (Option<DtypeArgument>, DType),
    device: Option<&Bound<'_, PyAny>>,
    requires_grad: bool,
    work: impl FnOnce(&[usize], DType, &TensorDevice) -> Result<Tensor> + Send,
) -> PyResult<PyTensor> {
    let shape = shape_of(py, shape)?;
    let dtype = dtype.map_or(default, |DtypeArgument(dtype)| dtype);
    let device = device_of(device, py)?;
    made(py, requires_grad, || work(&shape, dtype, &device))
}

/// A new tensor, as a leaf if it requires a gradient.
pub(super) fn made(
    py: Python<'_>,
    requires_grad: bool,
    work: impl FnOnce() -> Result<Tensor> + Send,
) -> PyResult<PyTensor> {
    let tensor = compute(py, || if requires_grad { work()?.as_leaf() } else { work() })?;
    Ok(PyTensor::of(tensor))
}

/// A tensor of zeros.
#[gen_stub_pyfunction]
#[pyfunction]
#[pyo3(signature = (*shape, dtype=None, device=None, requires_grad=false))]
fn zeros(
    py: Python<'_>,
    shape: &Bound<'_, PyTuple>,
    dtype: Option<DtypeArgument>,
    device: Option<&Bound<'_, PyAny>>,
    requires_grad: bool,
) -> PyResult<PyTensor> {
    make(py, ints_of(shape)?, (dtype, DType::F32), device, requires_grad, |shape, dtype, device| {
        Tensor::full(shape, Scalar::Int(0), dtype, device)
    })
}

/// A tensor of ones.
#[gen_stub_pyfunction]
#[pyfunction]
#[pyo3(signature = (*shape, dtype=None, device=None, requires_grad=false))]
fn ones(
    py: Python<'_>,
    shape: &Bound<'_, PyTuple>,
    dtype: Option<DtypeArgument>,
    device: Option<&Bound<'_, PyAny>>,
    requires_grad: bool,
) -> PyResult<PyTensor> {
    make(py, ints_of(shape)?, (dtype, DType::F32), device, requires_grad, |shape, dtype, device| {
        Tensor::full(shape, Scalar::Int(1), dtype, device)
    })
}

/// A tensor for elements to be assigned later; they are zeros.
#[gen_stub_pyfunction]
#[pyfunction]
#[pyo3(signature = (*shape, dtype=None, device=None, requires_grad=false))]
fn empty(
    py: Python<'_>,
    shape: &Bound<'_, PyTuple>,
    dtype: Option<DtypeArgument>,
    device: Option<&Bound<'_, PyAny>>,
    requires_grad: bool,
) -> PyResult<PyTensor> {
    zeros(py, shape, dtype, device, requires_grad)
}

/// A tensor filled with `fill_value`; by default its dtype follows from the number.
#[gen_stub_pyfunction]
#[pyfunction]
#[pyo3(signature = (shape, fill_value, *, dtype=None, device=None, requires_grad=false))]
fn full(
    py: Python<'_>,
    shape: Ints,
    fill_value: &Bound<'_, PyAny>,
    dtype: Option<DtypeArgument>,
    device: Option<&Bound<'_, PyAny>>,
    requires_grad: bool,
) -> PyResult<PyTensor> {
    let value = number(fill_value, "fill_value")?;
    make(py, shape.0, (dtype, value.dtype()), device, requires_grad, |shape, dtype, device| {
        Tensor::full(shape, value, dtype, device)
    })
}

/// The numbers from `start` up to but excluding `end`, in steps of `step`; `arange(end)` starts at 0.
#[gen_stub_pyfunction]
#[pyfunction]
#[pyo3(signature = (start, end=None, step=None, *, stop=None, dtype=None, device=None, requires_grad=false))]
#[expect(clippy::too_many_arguments, reason = "the names of torch and of the array API standard")]
fn arange(
    py: Python<'_>,
    start: &Bound<'_, PyAny>,
    end: Option<&Bound<'_, PyAny>>,
    step: Option<&Bound<'_, PyAny>>,
    stop: Option<&Bound<'_, PyAny>>,
    dtype: Option<DtypeArgument>,
    device: Option<&Bound<'_, PyAny>>,
    requires_grad: bool,
) -> PyResult<PyTensor> {
    let (start, end) = match either(end, stop, ["end", "stop"])? {
        Some(end) => (number(start, "start")?, number(end, "end")?),
        None => (Scalar::Int(0), number(start, "end")?),
    };
    let step = step.map_or(Ok(Scalar::Int(1)), |step| number(step, "step"))?;
    let (dtype, device) = (dtype.map(|DtypeArgument(dtype)| dtype), device_of(device, py)?);
    made(py, requires_grad, || Tensor::arange([start, end, step], dtype, &device))
}

/// `steps` evenly spaced numbers from `start` to `end`; without `endpoint`, `end` is excluded.
#[gen_stub_pyfunction]
#[pyfunction]
#[pyo3(signature = (
    start, end=None, steps=None, *, stop=None, num=None, dtype=None, device=None, endpoint=true, requires_grad=false
))]
#[expect(clippy::too_many_arguments, reason = "the names of torch and of the array API standard")]
fn linspace(
    py: Python<'_>,
    start: f64,
    end: Option<f64>,
    steps: Option<usize>,
    stop: Option<f64>,
    num: Option<usize>,
    dtype: Option<DtypeArgument>,
    device: Option<&Bound<'_, PyAny>>,
    endpoint: bool,
    requires_grad: bool,
) -> PyResult<PyTensor> {
    let missing = |name: &str| PyTypeError::new_err(format!("{name} is missing"));
    let end = either(end, stop, ["end", "stop"])?.ok_or_else(|| missing("end"))?;
    let steps = either(steps, num, ["steps", "num"])?.ok_or_else(|| missing("steps"))?;
    make(py, Vec::new(), (dtype, DType::F32), device, requires_grad, |_, dtype, device| {
        if endpoint || steps == 0 {
            return Tensor::linspace(start, end, steps, dtype, device);
        }
        let last = start + (end - start) / steps as f64 * (steps - 1) as f64;
        Tensor::linspace(start, last, steps, dtype, device)
    })
}

/// A matrix with ones on the diagonal `k` above the main diagonal, and zeros elsewhere.
#[gen_stub_pyfunction]
#[pyfunction]
#[pyo3(signature = (n, m=None, *, k=0, dtype=None, device=None, requires_grad=false))]
fn eye(
    py: Python<'_>,
    n: usize,
    m: Option<usize>,
    k: isize,
    dtype: Option<DtypeArgument>,
    device: Option<&Bound<'_, PyAny>>,
    requires_grad: bool,
) -> PyResult<PyTensor> {
    make(py, Vec::new(), (dtype, DType::F32), device, requires_grad, |_, dtype, device| {
        Tensor::eye(n, m.unwrap_or(n), k, dtype, device)
    })
}

/// Random floats, uniform in [0, 1).
#[gen_stub_pyfunction]
#[pyfunction]
#[pyo3(signature = (*shape, dtype=None, device=None, requires_grad=false))]
fn rand(
    py: Python<'_>,
    shape: &Bound<'_, PyTuple>,
    dtype: Option<DtypeArgument>,
    device: Option<&Bound<'_, PyAny>>,
    requires_grad: bool,
) -> PyResult<PyTensor> {
    make(py, ints_of(shape)?, (dtype, DType::F32), device, requires_grad, |shape, dtype, device| {
        Tensor::random(shape, false, dtype, device)
    })
}

/// Random floats from the standard normal distribution.
#[gen_stub_pyfunction]
#[pyfunction]
#[pyo3(signature = (*shape, dtype=None, device=None, requires_grad=false))]
fn randn(
    py: Python<'_>,
    shape: &Bound<'_, PyTuple>,
    dtype: Option<DtypeArgument>,
    device: Option<&Bound<'_, PyAny>>,
    requires_grad: bool,
) -> PyResult<PyTensor> {
    make(py, ints_of(shape)?, (dtype, DType::F32), device, requires_grad, |shape, dtype, device| {
        Tensor::random(shape, true, dtype, device)
    })
}

pub(super) fn number(value: &Bound<'_, PyAny>, argument: &str) -> PyResult<Scalar> {
    scalar(value)?.ok_or_else(|| {
        let message = format!("expected a number, found {}", value.get_type());
        door::exception(value.py(), &Error::input(argument, message))
    })
}

/// Random integers of a shape, uniform from `low`, by default 0, up to but excluding `high`: `randint(high, size)` or
/// `randint(low, high, size)`.
#[gen_stub_pyfunction]
#[pyfunction]
#[pyo3(signature = (low=None, high=None, size=None, *, dtype=None, device=None))]
fn randint(
    py: Python<'_>,
    low: Option<i64>,
    high: Option<Ints>,
    size: Option<Ints>,
    dtype: Option<DtypeArgument>,
    device: Option<&Bound<'_, PyAny>>,
) -> PyResult<PyTensor> {
    let high = high.map(|Ints(high)| high);
    let (range, size) = match (low, high, size) {
        (Some(high), Some(size), None) => ([0, high], size),
        (Some(high), None, Some(size)) => ([0, high], size.0),
        (low, Some(high), Some(size)) if high.len() == 1 => ([low.unwrap_or(0), high[0] as i64], size.0),
        _ => return Err(PyTypeError::new_err("expected randint(high, size) or randint(low, high, size)")),
    };
    make(py, size, (dtype, DType::I64), device, false, |shape, dtype, device| {
        Tensor::random_ints(range, shape, dtype, device)
    })
}

/// A random permutation of the integers from 0 to `n - 1`.
#[gen_stub_pyfunction]
#[pyfunction]
#[pyo3(signature = (n, *, dtype=None, device=None))]
fn randperm(
    py: Python<'_>,
    n: usize,
    dtype: Option<DtypeArgument>,
    device: Option<&Bound<'_, PyAny>>,
) -> PyResult<PyTensor> {
    make(py, Vec::new(), (dtype, DType::I64), device, false, |_, dtype, device| {
        Tensor::random_permutation(n, dtype, device)
    })
}
