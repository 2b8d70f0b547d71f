//! Creation of tensors.

use pyo3::exceptions::PyTypeError;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyList, PyTuple};
use pyo3_stub_gen::derive::{gen_stub_pyfunction, gen_stub_pymethods};
use pyo3_stub_gen::{PyStubType, TypeInfo};
use trustformers::tensor::{DType, Scalar, Tensor, TensorDevice};
use trustformers::{Error, Result};

use super::arguments::{DtypeArgument, Ints, ints_of, is_numpy_scalar, scalar, shape_of};
use super::autograd::TorchTensor;
use super::devices::device_of;
use super::numpy_arrays::from_array;
use super::{PyTensor, compute, dlpack};
use crate::door;
use crate::plain::MAX_DEPTH;

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
    module.add_function(wrap_pyfunction!(zeros_like, module)?)?;
    module.add_function(wrap_pyfunction!(ones_like, module)?)?;
    module.add_function(wrap_pyfunction!(empty_like, module)?)?;
    module.add_function(wrap_pyfunction!(full_like, module)?)
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
        let elements = dlpack::import(&tensor.call_method0("detach")?.call_method0("cpu")?)?;
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
    let moved = compute(py, found.num_elements(), || {
        let cast = found.cast(dtype.unwrap_or(found.dtype()))?;
        device.map_or(Ok(cast.clone()), |device| cast.to_device(&device))
    });
    Ok((moved?, false))
}

/// Numbers of nested lists in row-major order.
#[derive(Default)]
struct Nested {
    shape: Vec<usize>,
    ints: Vec<i128>,
    floats: Vec<f64>,
    has_floats: bool,
    has_ints: bool,
    has_bools: bool,
}

fn nested(data: &Bound<'_, PyAny>, dtype: Option<DType>, device: &TensorDevice) -> PyResult<Tensor> {
    let mut found = Nested::default();
    found.add(data, 0, true)?;
    let py = data.py();
    let natural = match (found.has_floats, found.has_ints, found.has_bools) {
        (true, ..) => DType::F32,
        (false, true, _) => DType::I64,
        (false, false, true) => DType::Bool,
        _ => DType::F32,
    };
    let dtype = dtype.unwrap_or(natural);
    let Nested { shape, ints, floats, has_floats, .. } = found;
    let count = ints.len();
    compute(py, count, || {
        if has_floats {
            Tensor::from_f64(floats, &shape, dtype, device)
        } else {
            Tensor::from_ints(&ints, &shape, dtype, device)
        }
    })
}

impl Nested {
    fn add(&mut self, value: &Bound<'_, PyAny>, depth: usize, is_first: bool) -> PyResult<()> {
        let py = value.py();
        let error = |message: String| door::exception(py, &Error::input("data", message));
        let items: Option<Vec<Bound<'_, PyAny>>> = if let Ok(list) = value.cast::<PyList>() {
            Some(list.iter().collect())
        } else if let Ok(tuple) = value.cast::<PyTuple>() {
            Some(tuple.iter().collect())
        } else if let Ok(tensor) = value.cast::<PyTensor>() {
            Some(
                tensor
                    .get()
                    .rows(py)?
                    .into_iter()
                    .map(|row| Ok(Bound::new(py, row)?.into_any()))
                    .collect::<PyResult<_>>()?,
            )
            .filter(|_| tensor.get().get().rank() > 0)
        } else if value.hasattr("__array__")? && value.hasattr("tolist")? && scalar(value)?.is_none() {
            return self.add(&value.call_method0("tolist")?, depth, is_first);
        } else {
            None
        };
        if depth > MAX_DEPTH {
            return Err(error(format!("the lists are nested deeper than {MAX_DEPTH}")));
        }
        if let Some(items) = items {
            match self.shape.get(depth) {
                None if is_first => self.shape.push(items.len()),
                Some(size) if *size == items.len() => {}
                _ => return Err(error(format!("the lists at depth {depth} have different lengths"))),
            }
            for (index, item) in items.iter().enumerate() {
                self.add(item, depth + 1, is_first && index == 0)?;
            }
            return Ok(());
        }
        if self.shape.len() != depth {
            return Err(error(format!("a number at depth {depth}, where lists are expected")));
        }
        let number = match value.cast::<PyTensor>() {
            Ok(tensor) => scalar(&tensor.get().item(py)?.into_bound(py))?,
            Err(_) => scalar(value)?,
        };
        match number {
            Some(Scalar::Float(number)) => {
                self.has_floats = true;
                self.ints.push(0);
                self.floats.push(number);
            }
            Some(Scalar::Int(number)) => {
                self.has_ints = true;
                self.ints.push(number.into());
                self.floats.push(number as f64);
            }
            Some(Scalar::Bool(flag)) => {
                self.has_bools = true;
                self.ints.push(i128::from(flag));
                self.floats.push(f64::from(u8::from(flag)));
            }
            Some(Scalar::UInt(number)) => {
                self.has_ints = true;
                self.ints.push(number.into());
                self.floats.push(number as f64);
            }
            None => return Err(error(format!("{} is not a number", value.get_type()))),
        }
        Ok(())
    }
}

/// Creates a tensor on a device.
fn make(
    py: Python<'_>,
    shape: Vec<isize>,
    (dtype, default): (Option<DtypeArgument>, DType),
    device: Option<&Bound<'_, PyAny>>,
    work: impl FnOnce(&[usize], DType, &TensorDevice) -> Result<Tensor> + Send,
) -> PyResult<PyTensor> {
    let shape = shape_of(py, shape)?;
    let dtype = dtype.map_or(default, |DtypeArgument(dtype)| dtype);
    let device = device_of(device, py)?;
    compute(py, 0, || work(&shape, dtype, &device)).map(PyTensor::of)
}

/// A tensor of zeros.
#[gen_stub_pyfunction]
#[pyfunction]
#[pyo3(signature = (*shape, dtype=None, device=None))]
fn zeros(
    py: Python<'_>,
    shape: &Bound<'_, PyTuple>,
    dtype: Option<DtypeArgument>,
    device: Option<&Bound<'_, PyAny>>,
) -> PyResult<PyTensor> {
    make(py, ints_of(shape)?, (dtype, DType::F32), device, |shape, dtype, device| {
        Tensor::full(shape, Scalar::Int(0), dtype, device)
    })
}

/// A tensor of ones.
#[gen_stub_pyfunction]
#[pyfunction]
#[pyo3(signature = (*shape, dtype=None, device=None))]
fn ones(
    py: Python<'_>,
    shape: &Bound<'_, PyTuple>,
    dtype: Option<DtypeArgument>,
    device: Option<&Bound<'_, PyAny>>,
) -> PyResult<PyTensor> {
    make(py, ints_of(shape)?, (dtype, DType::F32), device, |shape, dtype, device| {
        Tensor::full(shape, Scalar::Int(1), dtype, device)
    })
}

/// A tensor for elements to be assigned later; they are zeros.
#[gen_stub_pyfunction]
#[pyfunction]
#[pyo3(signature = (*shape, dtype=None, device=None))]
fn empty(
    py: Python<'_>,
    shape: &Bound<'_, PyTuple>,
    dtype: Option<DtypeArgument>,
    device: Option<&Bound<'_, PyAny>>,
) -> PyResult<PyTensor> {
    zeros(py, shape, dtype, device)
}

/// A tensor filled with `fill_value`; by default its dtype follows from the number.
#[gen_stub_pyfunction]
#[pyfunction]
#[pyo3(signature = (shape, fill_value, *, dtype=None, device=None))]
fn full(
    py: Python<'_>,
    shape: Ints,
    fill_value: &Bound<'_, PyAny>,
    dtype: Option<DtypeArgument>,
    device: Option<&Bound<'_, PyAny>>,
) -> PyResult<PyTensor> {
    let value = number(fill_value, "fill_value")?;
    make(py, shape.0, (dtype, value.dtype()), device, |shape, dtype, device| Tensor::full(shape, value, dtype, device))
}

/// The numbers from `start` up to but excluding `end`, in steps of `step`; `arange(end)` starts at 0.
#[gen_stub_pyfunction]
#[pyfunction]
#[pyo3(signature = (start, end=None, step=None, *, dtype=None, device=None))]
fn arange(
    py: Python<'_>,
    start: &Bound<'_, PyAny>,
    end: Option<&Bound<'_, PyAny>>,
    step: Option<&Bound<'_, PyAny>>,
    dtype: Option<DtypeArgument>,
    device: Option<&Bound<'_, PyAny>>,
) -> PyResult<PyTensor> {
    let (start, end) = match end {
        Some(end) => (number(start, "start")?, number(end, "end")?),
        None => (Scalar::Int(0), number(start, "end")?),
    };
    let step = step.map_or(Ok(Scalar::Int(1)), |step| number(step, "step"))?;
    let (dtype, device) = (dtype.map(|DtypeArgument(dtype)| dtype), device_of(device, py)?);
    compute(py, 0, || Tensor::arange([start, end, step], dtype, &device)).map(PyTensor::of)
}

/// `steps` evenly spaced numbers from `start` to `end`, both included.
#[gen_stub_pyfunction]
#[pyfunction]
#[pyo3(signature = (start, end, steps, *, dtype=None, device=None))]
fn linspace(
    py: Python<'_>,
    start: f64,
    end: f64,
    steps: usize,
    dtype: Option<DtypeArgument>,
    device: Option<&Bound<'_, PyAny>>,
) -> PyResult<PyTensor> {
    make(py, Vec::new(), (dtype, DType::F32), device, |_, dtype, device| {
        Tensor::linspace(start, end, steps, dtype, device)
    })
}

/// A matrix with ones on the diagonal `k` above the main diagonal, and zeros elsewhere.
#[gen_stub_pyfunction]
#[pyfunction]
#[pyo3(signature = (n, m=None, *, k=0, dtype=None, device=None))]
fn eye(
    py: Python<'_>,
    n: usize,
    m: Option<usize>,
    k: isize,
    dtype: Option<DtypeArgument>,
    device: Option<&Bound<'_, PyAny>>,
) -> PyResult<PyTensor> {
    make(py, Vec::new(), (dtype, DType::F32), device, |_, dtype, device| {
        Tensor::eye(n, m.unwrap_or(n), k, dtype, device)
    })
}

/// Random floats, uniform in [0, 1).
#[gen_stub_pyfunction]
#[pyfunction]
#[pyo3(signature = (*shape, dtype=None, device=None))]
fn rand(
    py: Python<'_>,
    shape: &Bound<'_, PyTuple>,
    dtype: Option<DtypeArgument>,
    device: Option<&Bound<'_, PyAny>>,
) -> PyResult<PyTensor> {
    make(py, ints_of(shape)?, (dtype, DType::F32), device, |shape, dtype, device| {
        Tensor::random(shape, false, dtype, device)
    })
}

/// Random floats from the standard normal distribution.
#[gen_stub_pyfunction]
#[pyfunction]
#[pyo3(signature = (*shape, dtype=None, device=None))]
fn randn(
    py: Python<'_>,
    shape: &Bound<'_, PyTuple>,
    dtype: Option<DtypeArgument>,
    device: Option<&Bound<'_, PyAny>>,
) -> PyResult<PyTensor> {
    make(py, ints_of(shape)?, (dtype, DType::F32), device, |shape, dtype, device| {
        Tensor::random(shape, true, dtype, device)
    })
}

/// A tensor filled with a number, with the shape and by default the dtype and device of another tensor.
fn like(
    py: Python<'_>,
    input: &PyTensor,
    value: Scalar,
    dtype: Option<DtypeArgument>,
    device: Option<&Bound<'_, PyAny>>,
) -> PyResult<PyTensor> {
    let input = input.get();
    let dtype = dtype.map_or(input.dtype(), |DtypeArgument(dtype)| dtype);
    let device = device.map_or(Ok(input.device().clone()), |device| device_of(Some(device), py))?;
    compute(py, 0, || Tensor::full(&input.shape(), value, dtype, &device)).map(PyTensor::of)
}

/// Zeros with the shape of `input`, and by default its dtype and device.
#[gen_stub_pyfunction]
#[pyfunction]
#[pyo3(signature = (input, *, dtype=None, device=None))]
fn zeros_like(
    py: Python<'_>,
    input: &PyTensor,
    dtype: Option<DtypeArgument>,
    device: Option<&Bound<'_, PyAny>>,
) -> PyResult<PyTensor> {
    like(py, input, Scalar::Int(0), dtype, device)
}

/// Ones with the shape of `input`, and by default its dtype and device.
#[gen_stub_pyfunction]
#[pyfunction]
#[pyo3(signature = (input, *, dtype=None, device=None))]
fn ones_like(
    py: Python<'_>,
    input: &PyTensor,
    dtype: Option<DtypeArgument>,
    device: Option<&Bound<'_, PyAny>>,
) -> PyResult<PyTensor> {
    like(py, input, Scalar::Int(1), dtype, device)
}

/// A tensor with the shape of `input` for elements to be assigned later; they are zeros.
#[gen_stub_pyfunction]
#[pyfunction]
#[pyo3(signature = (input, *, dtype=None, device=None))]
fn empty_like(
    py: Python<'_>,
    input: &PyTensor,
    dtype: Option<DtypeArgument>,
    device: Option<&Bound<'_, PyAny>>,
) -> PyResult<PyTensor> {
    like(py, input, Scalar::Int(0), dtype, device)
}

/// A tensor filled with `fill_value`, with the shape of `input`, and by default its dtype and device.
#[gen_stub_pyfunction]
#[pyfunction]
#[pyo3(signature = (input, fill_value, *, dtype=None, device=None))]
fn full_like(
    py: Python<'_>,
    input: &PyTensor,
    fill_value: &Bound<'_, PyAny>,
    dtype: Option<DtypeArgument>,
    device: Option<&Bound<'_, PyAny>>,
) -> PyResult<PyTensor> {
    let value = number(fill_value, "fill_value")?;
    like(py, input, value, dtype, device)
}

fn number(value: &Bound<'_, PyAny>, argument: &str) -> PyResult<Scalar> {
    scalar(value)?.ok_or_else(|| {
        let message = format!("expected a number, found {}", value.get_type());
        door::exception(value.py(), &Error::input(argument, message))
    })
}
