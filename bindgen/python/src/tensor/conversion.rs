//! Properties and conversions of tensors.

use pyo3::exceptions::{PyBufferError, PyTypeError, PyValueError};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyBool, PyFloat, PyInt, PyList, PyTuple, PyWeakrefMethods, PyWeakrefReference};
use pyo3::{IntoPyObjectExt, PyTypeInfo};
use pyo3_stub_gen::derive::gen_stub_pymethods;
use trustformers::tensor::{DType, Kind, Tensor};
use trustformers::{Device, Error};

use super::arguments::DtypeArgument;
use super::devices::{cpu, device_of, python_device};
use super::numpy_arrays::{is_layout_of, to_array};
use super::{Link, PyTensor, compute, dlpack};
use crate::door;

#[gen_stub_pymethods]
#[pymethods]
impl PyTensor {
    /// Size of each dimension.
    #[getter]
    #[gen_stub(override_return_type(type_repr = "trustformers.tensor.size.Size", imports = ("trustformers.tensor.size")))]
    fn shape<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        static SIZE: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
        let shape = PyTuple::new(py, self.get().shape())?;
        SIZE.import(py, "trustformers.tensor.size", "Size")?.call1((shape,))
    }

    /// The shape, or the size of one dimension.
    #[pyo3(signature = (dim=None))]
    fn size(&self, py: Python<'_>, dim: Option<isize>) -> PyResult<Py<PyAny>> {
        let shape = self.get().shape();
        match dim {
            None => Ok(self.shape(py)?.unbind()),
            Some(dim) => {
                let dim = door::run_here(py, || trustformers::tensor::normalized_axis(dim, shape.len()))?;
                shape[dim].into_py_any(py)
            }
        }
    }

    /// Dtype of the elements, which compares equal to the dtypes of NumPy and torch with the same name.
    #[getter]
    #[gen_stub(override_return_type(type_repr = "trustformers.tensor.dtypes.DType", imports = ("trustformers.tensor.dtypes")))]
    fn dtype<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        static DTYPES: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
        DTYPES.import(py, "trustformers.tensor.dtypes", "BY_NAME")?.get_item(self.get().dtype().name())
    }

    /// The device that holds the tensor.
    #[getter]
    #[gen_stub(override_return_type(type_repr = "typing.Any"))]
    fn device<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        python_device(py, self.get().device())
    }

    /// Number of dimensions.
    #[getter]
    fn ndim(&self) -> usize {
        self.get().rank()
    }

    /// Number of dimensions.
    fn dim(&self) -> usize {
        self.get().rank()
    }

    /// Number of elements.
    fn numel(&self) -> usize {
        self.get().num_elements()
    }

    /// Size of an element in bytes.
    fn element_size(&self) -> usize {
        self.get().dtype().size()
    }

    /// Size of an element in bytes.
    #[getter]
    fn itemsize(&self) -> usize {
        self.get().dtype().size()
    }

    /// Size of all elements in bytes.
    #[getter]
    fn nbytes(&self) -> usize {
        let tensor = self.get();
        tensor.dtype().size() * tensor.num_elements()
    }

    /// Whether the elements are floating-point numbers.
    fn is_floating_point(&self) -> bool {
        self.get().dtype().is_float()
    }

    /// Whether the elements are in row-major order.
    fn is_contiguous(&self) -> bool {
        self.get().is_contiguous()
    }

    /// The tensor with its elements in row-major order.
    #[pyo3(signature = (*, memory_format=None))]
    fn contiguous(&self, py: Python<'_>, memory_format: Option<&Bound<'_, PyAny>>) -> PyResult<Self> {
        let _ = memory_format;
        self.viewed(py, |tensor| Ok(tensor.contiguous()))
    }

    /// A copy that shares no memory.
    #[pyo3(signature = (*, memory_format=None))]
    fn clone(&self, py: Python<'_>, memory_format: Option<&Bound<'_, PyAny>>) -> PyResult<Self> {
        let _ = memory_format;
        self.derived(py, Tensor::copied)
    }

    /// The tensor with another dtype, on another device, or with both of another tensor. `copy` copies even if nothing
    /// changes; `non_blocking` and `memory_format` change nothing.
    #[pyo3(signature = (*args, dtype=None, device=None, copy=false, non_blocking=false, memory_format=None))]
    fn to(
        slf: &Bound<'_, Self>,
        args: &Bound<'_, PyTuple>,
        dtype: Option<DtypeArgument>,
        device: Option<&Bound<'_, PyAny>>,
        copy: bool,
        non_blocking: bool,
        memory_format: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Py<Self>> {
        let py = slf.py();
        let _ = (non_blocking, memory_format);
        let tensor = slf.get().get();
        let mut dtype = dtype.map(|DtypeArgument(dtype)| dtype);
        let mut device = device.map(|device| device_of(Some(device), py)).transpose()?;
        for argument in args {
            if let Ok(other) = argument.cast::<Self>() {
                let other = other.get().get();
                dtype = Some(other.dtype());
                device = Some(other.device().clone());
            } else if let Ok(DtypeArgument(found)) = argument.extract::<DtypeArgument>() {
                dtype = Some(found);
            } else {
                device = Some(device_of(Some(&argument), py)?);
            }
        }
        let is_same = dtype.is_none_or(|dtype| dtype == tensor.dtype())
            && device.as_ref().is_none_or(|device| device == tensor.device());
        if is_same {
            return if copy { Py::new(py, slf.get().clone(py, None)?) } else { Ok(slf.clone().unbind()) };
        }
        let moved = compute(py, || {
            let cast = tensor.cast(dtype.unwrap_or(tensor.dtype()))?;
            device.map_or(Ok(cast.clone()), |device| cast.to_device(&device))
        })?;
        Py::new(py, Self::of(moved))
    }

    /// The tensor on the CPU.
    fn cpu(&self, py: Python<'_>) -> PyResult<Self> {
        let device = cpu(py)?;
        self.viewed(py, |tensor| tensor.to_device(&device))
    }

    /// The tensor cast to a dtype.
    #[pyo3(signature = (dtype))]
    fn astype(&self, py: Python<'_>, dtype: DtypeArgument) -> PyResult<Self> {
        self.cast(py, dtype.0)
    }

    /// The tensor cast to a dtype.
    #[pyo3(name = "type")]
    fn type_(&self, py: Python<'_>, dtype: DtypeArgument) -> PyResult<Self> {
        self.cast(py, dtype.0)
    }

    /// The tensor as int8.
    fn char(&self, py: Python<'_>) -> PyResult<Self> {
        self.cast(py, DType::I8)
    }

    /// The tensor as int16.
    fn short(&self, py: Python<'_>) -> PyResult<Self> {
        self.cast(py, DType::I16)
    }

    /// The tensor as uint8.
    fn byte(&self, py: Python<'_>) -> PyResult<Self> {
        self.cast(py, DType::U8)
    }

    /// The tensor as float32.
    fn float(&self, py: Python<'_>) -> PyResult<Self> {
        self.cast(py, DType::F32)
    }

    /// The tensor as float64.
    fn double(&self, py: Python<'_>) -> PyResult<Self> {
        self.cast(py, DType::F64)
    }

    /// The tensor as float16.
    fn half(&self, py: Python<'_>) -> PyResult<Self> {
        self.cast(py, DType::F16)
    }

    /// The tensor as bfloat16.
    fn bfloat16(&self, py: Python<'_>) -> PyResult<Self> {
        self.cast(py, DType::BF16)
    }

    /// The tensor as int32.
    fn int(&self, py: Python<'_>) -> PyResult<Self> {
        self.cast(py, DType::I32)
    }

    /// The tensor as int64.
    fn long(&self, py: Python<'_>) -> PyResult<Self> {
        self.cast(py, DType::I64)
    }

    /// The tensor as bool: whether each element is nonzero.
    fn bool(&self, py: Python<'_>) -> PyResult<Self> {
        self.cast(py, DType::Bool)
    }

    /// A NumPy array that shares the tensor's memory; the array that the tensor was created from, if neither has
    /// changed since. It is writable only if nothing else uses the memory. A tensor on an accelerator or one that requires
    /// a gradient and is no weight of a model raises unless `force` is true; call `cpu()` or `detach()` first.
    #[pyo3(signature = (*, force=false))]
    #[gen_stub(override_return_type(type_repr = "trustformers.tensor.dtypes.Array", imports = ("trustformers.tensor.dtypes")))]
    fn numpy<'py>(&self, py: Python<'py>, force: bool) -> PyResult<Bound<'py, PyAny>> {
        let is_weight = matches!(self.link, Link::Weight(_));
        let contents = self.contents();
        if contents.tensor.requires_grad() && !force && !is_weight {
            let message = "the tensor requires a gradient; use detach() first";
            return Err(door::exception(py, &Error::input("self", message)));
        }
        if let Some(origin) = &contents.origin
            && is_layout_of(origin.bind(py), &contents.tensor)?
        {
            return Ok(origin.bind(py).clone());
        }
        let exported = contents.exported.as_ref().and_then(|exported| exported.bind(py).upgrade());
        if let Some(exported) = exported {
            return Ok(exported);
        }
        let device = contents.tensor.device().name();
        if device != Device::Cpu && !force {
            return Err(PyTypeError::new_err(format!("the tensor is on {device}; use cpu() first")));
        }
        // A clone of the tensor would count as another user of its memory.
        let mut view = contents.tensor.host_view().map_err(|error| door::exception(py, &error))?;
        drop(contents);
        // A model does not see changes of an array.
        view.is_unique &= self.weight(py).is_none();
        let array = to_array(py, view)?;
        self.contents().exported = Some(PyWeakrefReference::new(&array)?.unbind());
        Ok(array)
    }

    /// Alias of `numpy`.
    #[gen_stub(override_return_type(type_repr = "trustformers.tensor.dtypes.Array", imports = ("trustformers.tensor.dtypes")))]
    fn to_numpy<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.numpy(py, false)
    }

    /// NumPy's array protocol: an array that shares the tensor's memory unless `dtype` or `copy` requires a copy.
    #[pyo3(signature = (dtype=None, copy=None))]
    #[gen_stub(override_return_type(type_repr = "trustformers.tensor.dtypes.Array", imports = ("trustformers.tensor.dtypes")))]
    fn __array__<'py>(
        &self,
        py: Python<'py>,
        dtype: Option<&Bound<'py, PyAny>>,
        copy: Option<bool>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let array = self.numpy(py, false)?;
        let requested = match dtype {
            Some(dtype) => py.import(intern!(py, "numpy"))?.call_method1(intern!(py, "dtype"), (dtype,))?,
            None => array.getattr(intern!(py, "dtype"))?,
        };
        if array.getattr(intern!(py, "dtype"))?.eq(&requested)? {
            return if copy == Some(true) { array.call_method0(intern!(py, "copy")) } else { Ok(array) };
        }
        if copy == Some(false) {
            return Err(PyValueError::new_err(format!("converting {} to {requested} copies", self.get().dtype())));
        }
        array.call_method1(intern!(py, "astype"), (requested,))
    }

    /// DLPack's protocol: a capsule that shares the tensor's memory.
    #[pyo3(signature = (*, stream=None, max_version=None, dl_device=None, copy=None))]
    #[gen_stub(override_return_type(type_repr = "typing.Any"))]
    fn __dlpack__<'py>(
        &self,
        py: Python<'py>,
        stream: Option<&Bound<'py, PyAny>>,
        max_version: Option<(u32, u32)>,
        dl_device: Option<(i32, i32)>,
        copy: Option<bool>,
    ) -> PyResult<Bound<'py, PyAny>> {
        if stream.is_some() || dl_device.is_some_and(|(kind, _)| kind != dlpack::CPU) {
            return Err(PyBufferError::new_err("the cpu has no streams and shares no memory with other devices"));
        }
        if self.get().device().name() != Device::Cpu {
            return Err(PyBufferError::new_err("only tensors on the cpu are shared; use cpu() first"));
        }
        if self.get().requires_grad() {
            return Err(PyBufferError::new_err("the tensor requires a gradient; use detach() first"));
        }
        let is_copied = copy == Some(true);
        let copied = if is_copied { Some(self.clone(py, None)?) } else { None };
        let view = copied.as_ref().unwrap_or(self).contents().tensor.host_view();
        let view = view.map_err(|error| door::exception(py, &error))?;
        dlpack::export(py, view, max_version.is_some_and(|(major, _)| major >= 1), is_copied)
    }

    /// Whether nobody may write to the tensor's memory, as to that of a mapped file.
    fn _is_read_only(&self, py: Python<'_>) -> PyResult<bool> {
        let tensor = self.get();
        door::run_here(py, || Ok(tensor.host_view()?.is_read_only))
    }

    /// DLPack's protocol: device type and device index.
    fn __dlpack_device__(&self) -> PyResult<(i32, i32)> {
        match self.get().device().name() {
            Device::Cpu => Ok((dlpack::CPU, 0)),
            other => Err(PyBufferError::new_err(format!("a tensor on {other} is not shared; use cpu() first"))),
        }
    }

    /// A torch tensor that shares the tensor's memory; read-only memory, such as a mapped file's, is copied. If the tensor requires a gradient, so does the torch tensor, and
    /// its gradient in torch is that of the tensor.
    #[gen_stub(override_return_type(type_repr = "typing.Any"))]
    fn to_torch<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        slf.py().import("trustformers.tensor.torch_interop")?.call_method1("to_torch", (slf,))
    }

    /// The only element as a Python number.
    pub(super) fn item(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        let tensor = self.get();
        if tensor.num_elements() != 1 {
            let message = format!("a tensor of shape {:?} has not one element", tensor.shape());
            return Err(door::exception(py, &Error::input("self", message)));
        }
        numbers(py, &tensor)?.remove(0).into_py_any(py)
    }

    /// The elements as nested lists of Python numbers.
    fn tolist(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        let tensor = self.get();
        let mut numbers = numbers(py, &tensor)?.into_iter();
        nested_list(py, &tensor.shape(), &mut numbers)
    }

    /// The elements as nested lists of Python numbers.
    fn to_list(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        self.tolist(py)
    }

    /// HTML for notebooks.
    fn _repr_html_(slf: &Bound<'_, Self>) -> PyResult<String> {
        slf.py().import("trustformers.tensor.formatting")?.getattr("html")?.call1((slf,))?.extract()
    }

    /// The namespace of the array API standard.
    #[pyo3(signature = (*, api_version=None))]
    #[gen_stub(override_return_type(type_repr = "typing.Any"))]
    fn __array_namespace__<'py>(&self, py: Python<'py>, api_version: Option<&str>) -> PyResult<Bound<'py, PyModule>> {
        const VERSIONS: [&str; 3] = ["2022.12", "2023.12", "2024.12"];
        if let Some(version) = api_version.filter(|version| !VERSIONS.contains(version)) {
            let message = format!("unknown version {version} of the standard; expected one of {}", VERSIONS.join(", "));
            return Err(door::exception(py, &Error::input("api_version", message)));
        }
        py.import("trustformers.tensor")
    }

    /// Makes NumPy's operators defer to the tensor's.
    #[classattr]
    fn __array_priority__() -> f64 {
        1000.0
    }

    fn __len__(&self) -> PyResult<usize> {
        let shape = self.get().shape();
        shape.first().copied().ok_or_else(|| PyTypeError::new_err("len() of a tensor without dimensions"))
    }

    fn __bool__(&self, py: Python<'_>) -> PyResult<bool> {
        let tensor = self.get();
        if tensor.num_elements() != 1 {
            let message = "the truth of a tensor of several or no elements is ambiguous; use any() or all()";
            return Err(door::exception(py, &Error::input("self", message)));
        }
        let value = numbers(py, &tensor)?.remove(0);
        value.into_bound_py_any(py)?.is_truthy()
    }

    fn __float__(&self, py: Python<'_>) -> PyResult<f64> {
        self.item(py)?.extract(py)
    }

    fn __int__(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        let value = self.item(py)?;
        Ok(PyInt::type_object(py).call1((value,))?.unbind())
    }

    fn __index__(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        let tensor = self.get();
        if tensor.dtype().kind() == Kind::Float {
            return Err(PyTypeError::new_err(format!("a tensor of {} cannot be an index", tensor.dtype())));
        }
        self.__int__(py)
    }

    fn __repr__(slf: &Bound<'_, Self>) -> PyResult<String> {
        static FORMAT: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
        let py = slf.py();
        FORMAT.import(py, "trustformers.tensor.formatting", "text")?.call1((slf,))?.extract()
    }

    fn __format__(slf: &Bound<'_, Self>, spec: &str) -> PyResult<String> {
        let py = slf.py();
        if slf.get().get().rank() == 0 && !spec.is_empty() {
            return slf.get().item(py)?.bind(py).call_method1("__format__", (spec,))?.extract();
        }
        slf.str()?.call_method1("__format__", (spec,))?.extract()
    }

    /// Pickles the elements as an array; `torch.save` writes a tensor of torch.
    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        slf.py().import("trustformers.tensor.pickling")?.getattr("reduced")?.call1((slf,))
    }

    #[pyo3(signature = (memo=None))]
    fn __deepcopy__(&self, py: Python<'_>, memo: Option<&Bound<'_, PyAny>>) -> PyResult<Self> {
        let _ = memo;
        self.derived(py, |tensor| {
            if !tensor.is_leaf() {
                let message = "a result of a recorded operation cannot be deep-copied; use detach() or clone()";
                return Err(Error::input("self", message));
            }
            let copy = tensor.detached().copied()?;
            if tensor.requires_grad() { copy.as_leaf() } else { Ok(copy) }
        })
    }

    fn __copy__(&self) -> Self {
        Self::of(self.get())
    }
}

impl PyTensor {
    fn cast(&self, py: Python<'_>, dtype: DType) -> PyResult<Self> {
        self.viewed(py, |tensor| tensor.cast(dtype))
    }
}

/// An element as a Python number.
enum Number {
    Float(f64),
    Int(i64),
    UInt(u64),
    Bool(bool),
}

impl<'py> IntoPyObject<'py> for Number {
    type Target = PyAny;
    type Output = Bound<'py, PyAny>;
    type Error = PyErr;

    fn into_pyobject(self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        Ok(match self {
            Self::Float(value) => PyFloat::new(py, value).into_any(),
            Self::Int(value) => value.into_bound_py_any(py)?,
            Self::UInt(value) => value.into_bound_py_any(py)?,
            Self::Bool(value) => PyBool::new(py, value).to_owned().into_any(),
        })
    }
}

fn numbers(py: Python<'_>, tensor: &Tensor) -> PyResult<Vec<Number>> {
    compute(py, || {
        Ok(match tensor.dtype() {
            dtype if dtype.is_float() => tensor.to_f64()?.into_iter().map(Number::Float).collect(),
            DType::Bool => tensor.to_i64()?.into_iter().map(|value| Number::Bool(value != 0)).collect(),
            // Integers above the largest int64 keep their bits.
            DType::U64 => tensor.to_i64()?.into_iter().map(|value| Number::UInt(value as u64)).collect(),
            _ => tensor.to_i64()?.into_iter().map(Number::Int).collect(),
        })
    })
}

fn nested_list(py: Python<'_>, shape: &[usize], numbers: &mut impl Iterator<Item = Number>) -> PyResult<Py<PyAny>> {
    let Some((size, inner)) = shape.split_first() else {
        return numbers.next().map_or_else(|| Ok(py.None()), |number| number.into_py_any(py));
    };
    let items = (0..*size).map(|_| nested_list(py, inner, numbers)).collect::<PyResult<Vec<_>>>()?;
    Ok(PyList::new(py, items)?.into_any().unbind())
}
