//! Memory shared with NumPy arrays.

use std::any::Any;
use std::ffi::c_void;
use std::ptr;

use numpy::npyffi::{self, PY_ARRAY_API, npy_intp};
use numpy::{PyArrayDescr, PyArrayDescrMethods, PyUntypedArray, PyUntypedArrayMethods};
use pyo3::exceptions::PyImportError;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyCapsule, PyDict};
use trustformers::tensor::{DType, Foreign, HostView, Tensor};
use trustformers::{Error, Result};

use super::devices::cpu;
use crate::door;

/// A Python object that keeps memory alive.
pub(super) struct Owner(Option<Py<PyAny>>);

impl Owner {
    pub(super) fn new(object: Py<PyAny>) -> Self {
        Self(Some(object))
    }
}

impl Drop for Owner {
    fn drop(&mut self) {
        // Without the GIL the object would live until some later call into this module.
        let object = self.0.take();
        door::with_gil(|| drop(object));
    }
}

/// Converts an array to a tensor; returns whether the tensor shares the array's memory. `None` for other objects.
pub(super) fn from_array<'py>(value: &Bound<'py, PyAny>) -> PyResult<Option<(Tensor, bool)>> {
    let py = value.py();
    let Ok(array) = value.cast::<PyUntypedArray>() else { return Ok(None) };
    let dtype = dtype_of(&array.dtype()).map_err(|error| door::exception(py, &error))?;
    if !value.is_exact_instance_of::<PyUntypedArray>() {
        check_mask(value)?;
    }
    if dtype == DType::Bool && has_other_bytes(value)? {
        let copy =
            value.call_method1(intern!(py, "view"), ("uint8",))?.call_method1(intern!(py, "astype"), ("bool",))?;
        return Ok(from_array(&copy)?.map(|(tensor, _)| (tensor, false)));
    }
    let size = dtype.size() as isize;
    let strides = array.strides();
    // SAFETY: the array is alive.
    let data = unsafe { (*array.as_array_ptr()).fields.data.cast::<u8>() };
    let is_usable = array.dtype().is_native_byteorder() != Some(false)
        && data.addr().is_multiple_of(dtype.size())
        && strides.iter().all(|stride| stride % size == 0);
    if !is_usable {
        let kwargs = PyDict::new(py);
        kwargs.set_item("order", "C")?;
        let native = array.dtype().call_method1(intern!(py, "newbyteorder"), ("=",))?;
        let copy = array.call_method(intern!(py, "astype"), (native,), Some(&kwargs))?;
        return Ok(from_array(&copy)?.map(|(tensor, _)| (tensor, false)));
    }
    let foreign = Foreign {
        owner: Box::new(Owner::new(value.clone().unbind())),
        data,
        shape: array.shape().to_vec(),
        strides: strides.iter().map(|stride| stride / size).collect(),
        dtype,
        // SAFETY: the array is alive.
        is_read_only: unsafe { (*array.as_array_ptr()).fields.flags } & npyffi::NPY_ARRAY_WRITEABLE == 0,
    };
    let device = cpu(py)?;
    // SAFETY: NumPy keeps the memory of a living array in place, and shape and strides within it.
    let tensor = door::run_here(py, || unsafe { Tensor::from_foreign(foreign, &device) })?;
    Ok(Some((tensor, true)))
}

/// Refuses an array with masked elements, whose mask would be lost.
fn check_mask(array: &Bound<'_, PyAny>) -> PyResult<()> {
    let masked = array.py().import("numpy.ma")?;
    if masked.call_method1("is_masked", (array,))?.is_truthy()? {
        let message = "some of its elements are masked; use filled() to replace them";
        return Err(door::exception(array.py(), &Error::input("array", message)));
    }
    Ok(())
}

/// Whether a boolean array has bytes other than 0 and 1.
fn has_other_bytes(array: &Bound<'_, PyAny>) -> PyResult<bool> {
    let py = array.py();
    if array.getattr(intern!(py, "size"))?.eq(0)? {
        return Ok(false);
    }
    array.call_method1(intern!(py, "view"), ("uint8",))?.call_method0(intern!(py, "max"))?.gt(1)
}

/// Whether an array still has the layout of the tensor that was created from it.
pub(super) fn is_layout_of(array: &Bound<'_, PyAny>, tensor: &Tensor) -> PyResult<bool> {
    let Ok(array) = array.cast::<PyUntypedArray>() else { return Ok(false) };
    let size = tensor.dtype().size() as isize;
    let strides: Vec<isize> = tensor.strides().iter().map(|stride| stride * size).collect();
    let is_same_dtype = dtype_of(&array.dtype()).is_ok_and(|dtype| dtype == tensor.dtype());
    let is_empty = tensor.num_elements() == 0;
    Ok(is_same_dtype && array.shape() == tensor.shape() && (is_empty || array.strides() == strides))
}

/// The dtype of an array's elements.
///
/// **Errors:** `Input` for elements that are not supported.
fn dtype_of(descr: &Bound<'_, PyArrayDescr>) -> Result<DType> {
    let name = descr.getattr(intern!(descr.py(), "name")).map(|name| name.to_string()).unwrap_or_default();
    let reason = match descr.kind() {
        b'c' => "complex numbers are not supported; take .real and .imag",
        b'O' => "it holds Python objects; convert it to numbers",
        b'S' | b'U' => "it holds text; convert it to numbers",
        b'M' | b'm' => "it holds dates; convert it to integers",
        _ => "such elements are not supported; convert it with astype()",
    };
    name.parse().map_err(|_| Error::input("array", format!("the dtype is {name}: {reason}")))
}

/// An array that shares a tensor's memory; writable only if nothing else uses the memory.
pub(super) fn to_array<'py>(py: Python<'py>, view: HostView) -> PyResult<Bound<'py, PyAny>> {
    let descr = descr(py, view.dtype)?;
    let size = view.dtype.size() as isize;
    let mut shape: Vec<npy_intp> = view.shape.iter().map(|size| *size as npy_intp).collect();
    let mut strides: Vec<npy_intp> = view.strides.iter().map(|stride| stride * size).collect();
    let flags = if view.is_unique { npyffi::NPY_ARRAY_WRITEABLE } else { 0 };
    let base = PyCapsule::new_with_value(py, KeptAlive(view.owner), c"trustformers")?;
    // SAFETY: the base object keeps the memory that shape and strides reach alive; NumPy takes the references to
    // `descr` and `base`.
    unsafe {
        let array = PY_ARRAY_API.PyArray_NewFromDescr(
            py,
            npyffi::get_type_object(py, npyffi::NpyTypes::PyArray_Type),
            descr.into_ptr().cast(),
            shape.len() as _,
            shape.as_mut_ptr(),
            strides.as_mut_ptr(),
            view.data.cast_mut().cast::<c_void>(),
            flags,
            ptr::null_mut(),
        );
        let array = Bound::from_owned_ptr_or_err(py, array)?;
        PY_ARRAY_API.PyArray_SetBaseObject(py, array.as_ptr().cast(), base.into_ptr());
        Ok(array)
    }
}

/// Memory that a capsule keeps alive.
struct KeptAlive(#[expect(dead_code, reason = "dropped with the capsule")] Box<dyn Any + Send + Sync>);

/// NumPy's dtype object; bfloat16 is from the package ml_dtypes.
fn descr(py: Python<'_>, dtype: DType) -> PyResult<Bound<'_, PyAny>> {
    if dtype != DType::BF16 {
        return py.import(intern!(py, "numpy"))?.call_method1(intern!(py, "dtype"), (dtype.name(),));
    }
    let class = py.import(intern!(py, "ml_dtypes")).and_then(|module| module.getattr(intern!(py, "bfloat16")));
    let class = class.map_err(|_| {
        PyImportError::new_err("NumPy has no bfloat16; install ml_dtypes, or convert the tensor with float()")
    })?;
    py.import(intern!(py, "numpy"))?.call_method1(intern!(py, "dtype"), (class,))
}
