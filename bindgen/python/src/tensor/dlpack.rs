//! Memory shared through DLPack, https://dmlc.github.io/dlpack/latest/c_api.html.

use std::ffi::{CStr, c_void};
use std::ptr::{self, NonNull};

use pyo3::exceptions::{PyBufferError, PyValueError};
use pyo3::ffi;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyCapsule, PyDict};
use trustformers::Error;
use trustformers::tensor::{DType, Foreign, HostView, Tensor};

use super::devices::cpu;
use crate::door;

/// Major version of the structures below.
const MAJOR_VERSION: u32 = 1;
const READ_ONLY: u64 = 1;
const IS_COPIED: u64 = 2;
/// Device type of host memory.
pub(super) const CPU: i32 = 1;

const PLAIN: &CStr = c"dltensor";
const USED_PLAIN: &CStr = c"used_dltensor";
const VERSIONED: &CStr = c"dltensor_versioned";
const USED_VERSIONED: &CStr = c"used_dltensor_versioned";

#[repr(C)]
struct DlTensor {
    data: *mut c_void,
    device_type: i32,
    device_id: i32,
    ndim: i32,
    dtype: DlType,
    shape: *mut i64,
    strides: *mut i64,
    byte_offset: u64,
}

#[repr(C)]
#[derive(Clone, Copy, PartialEq)]
struct DlType {
    code: u8,
    bits: u8,
    lanes: u16,
}

impl DlType {
    fn of(dtype: DType) -> Self {
        let code = match dtype {
            DType::Bool => 6,
            DType::BF16 => 4,
            _ if dtype.is_float() => 2,
            _ => u8::from(dtype.is_unsigned()),
        };
        Self { code, bits: 8 * dtype.size() as u8, lanes: 1 }
    }
}

#[repr(C)]
struct Plain {
    tensor: DlTensor,
    manager: *mut c_void,
    deleter: Option<unsafe extern "C" fn(*mut Plain)>,
}

#[repr(C)]
struct Versioned {
    major: u32,
    minor: u32,
    manager: *mut c_void,
    deleter: Option<unsafe extern "C" fn(*mut Versioned)>,
    flags: u64,
    tensor: DlTensor,
}

/// Data that an exported structure points to.
struct Exported {
    _view: HostView,
    _shape: Vec<i64>,
    _strides: Vec<i64>,
}

/// A capsule that shares a tensor's memory, versioned if the consumer supports versions.
pub(super) fn export<'py>(
    py: Python<'py>,
    view: HostView,
    is_versioned: bool,
    is_copied: bool,
) -> PyResult<Bound<'py, PyAny>> {
    if view.is_read_only && !is_versioned {
        return Err(PyBufferError::new_err("the memory is read-only; use clone(), or DLPack version 1"));
    }
    let dtype = view.dtype;
    let mut shape: Vec<i64> = view.shape.iter().map(|size| *size as i64).collect();
    let mut strides: Vec<i64> = view.strides.iter().map(|stride| *stride as i64).collect();
    let tensor = DlTensor {
        data: view.data.cast_mut().cast(),
        device_type: CPU,
        device_id: 0,
        ndim: shape.len() as i32,
        dtype: DlType::of(dtype),
        shape: shape.as_mut_ptr(),
        strides: strides.as_mut_ptr(),
        byte_offset: 0,
    };
    let flags = u64::from(!view.is_unique) * READ_ONLY + u64::from(is_copied) * IS_COPIED;
    let manager = Box::into_raw(Box::new(Exported { _view: view, _shape: shape, _strides: strides })).cast();
    // SAFETY: the capsule owns the boxes until its destructor or its consumer frees them with the deleter.
    unsafe {
        let capsule = if is_versioned {
            let deleter = Some(delete_versioned as unsafe extern "C" fn(*mut Versioned));
            let made = Versioned { major: MAJOR_VERSION, minor: 0, manager, deleter, flags, tensor };
            let made = Box::into_raw(Box::new(made));
            ffi::PyCapsule_New(made.cast(), VERSIONED.as_ptr(), Some(destroy_versioned))
        } else {
            let deleter = Some(delete_plain as unsafe extern "C" fn(*mut Plain));
            let made = Box::into_raw(Box::new(Plain { tensor, manager, deleter }));
            ffi::PyCapsule_New(made.cast(), PLAIN.as_ptr(), Some(destroy_plain))
        };
        Bound::from_owned_ptr_or_err(py, capsule)
    }
}

/// Frees an exported structure. **Safety:** `exported` came from [`export`] and is not used afterwards.
unsafe extern "C" fn delete_plain(exported: *mut Plain) {
    // SAFETY: both pointers came from `Box::into_raw`.
    unsafe {
        drop(Box::from_raw((*exported).manager.cast::<Exported>()));
        drop(Box::from_raw(exported));
    }
}

/// Frees an exported structure. **Safety:** `exported` came from [`export`] and is not used afterwards.
unsafe extern "C" fn delete_versioned(exported: *mut Versioned) {
    // SAFETY: both pointers came from `Box::into_raw`.
    unsafe {
        drop(Box::from_raw((*exported).manager.cast::<Exported>()));
        drop(Box::from_raw(exported));
    }
}

/// Frees a structure that no consumer took; consumers rename the capsule.
unsafe extern "C" fn destroy_plain(capsule: *mut ffi::PyObject) {
    // SAFETY: a capsule of this name holds what `export` put into it.
    unsafe {
        if ffi::PyCapsule_IsValid(capsule, PLAIN.as_ptr()) == 1 {
            delete_plain(ffi::PyCapsule_GetPointer(capsule, PLAIN.as_ptr()).cast());
        }
    }
}

/// Frees a structure that no consumer took; consumers rename the capsule.
unsafe extern "C" fn destroy_versioned(capsule: *mut ffi::PyObject) {
    // SAFETY: a capsule of this name holds what `export` put into it.
    unsafe {
        if ffi::PyCapsule_IsValid(capsule, VERSIONED.as_ptr()) == 1 {
            delete_versioned(ffi::PyCapsule_GetPointer(capsule, VERSIONED.as_ptr()).cast());
        }
    }
}

/// An imported structure, which is freed by its own deleter.
enum Imported {
    Plain(NonNull<Plain>),
    Versioned(NonNull<Versioned>),
}

// SAFETY: DLPack requires that the deleter may be called on any thread.
unsafe impl Send for Imported {}
// SAFETY: nothing is read through a shared reference.
unsafe impl Sync for Imported {}

impl Drop for Imported {
    fn drop(&mut self) {
        // Deleters of Python objects need the GIL.
        let mut free = || {
            // SAFETY: the structure is valid until its deleter is called, which happens here only.
            unsafe {
                match self {
                    Self::Plain(found) => {
                        if let Some(deleter) = found.as_ref().deleter {
                            deleter(found.as_ptr());
                        }
                    }
                    Self::Versioned(found) => {
                        if let Some(deleter) = found.as_ref().deleter {
                            deleter(found.as_ptr());
                        }
                    }
                }
            }
        };
        door::with_gil(&mut free);
    }
}

/// A tensor that shares the memory of an object with `__dlpack__`.
pub(super) fn import(source: &Bound<'_, PyAny>) -> PyResult<Tensor> {
    let py = source.py();
    let (device_type, _): (i32, i32) = source.call_method0(intern!(py, "__dlpack_device__"))?.extract()?;
    if device_type != CPU {
        return Err(PyBufferError::new_err(format!(
            "DLPack device type {device_type} is not the cpu's; move it there"
        )));
    }
    let kwargs = PyDict::new(py);
    kwargs.set_item("max_version", (MAJOR_VERSION, 0))?;
    let capsule = match source.call_method(intern!(py, "__dlpack__"), (), Some(&kwargs)) {
        Err(error) if error.is_instance_of::<pyo3::exceptions::PyTypeError>(py) => {
            source.call_method0(intern!(py, "__dlpack__"))?
        }
        found => found?,
    };
    let capsule = capsule.cast_into::<PyCapsule>()?;
    // SAFETY: a capsule of these names holds such a structure; renaming the capsule takes ownership of it.
    let (imported, tensor) = unsafe {
        if ffi::PyCapsule_IsValid(capsule.as_ptr(), VERSIONED.as_ptr()) == 1 {
            let found = ffi::PyCapsule_GetPointer(capsule.as_ptr(), VERSIONED.as_ptr()).cast::<Versioned>();
            let found = NonNull::new(found).ok_or_else(|| PyValueError::new_err("an empty DLPack capsule"))?;
            if found.as_ref().major > MAJOR_VERSION {
                return Err(PyBufferError::new_err(format!("DLPack version {} is too new", found.as_ref().major)));
            }
            ffi::PyCapsule_SetName(capsule.as_ptr(), USED_VERSIONED.as_ptr());
            (Imported::Versioned(found), ptr::addr_of!((*found.as_ptr()).tensor))
        } else {
            let found = ffi::PyCapsule_GetPointer(capsule.as_ptr(), PLAIN.as_ptr()).cast::<Plain>();
            let found = NonNull::new(found).ok_or_else(|| PyErr::fetch(py))?;
            ffi::PyCapsule_SetName(capsule.as_ptr(), USED_PLAIN.as_ptr());
            (Imported::Plain(found), ptr::addr_of!((*found.as_ptr()).tensor))
        }
    };
    // SAFETY: a versioned structure is valid until its deleter is called.
    let flags = if let Imported::Versioned(found) = &imported { unsafe { found.as_ref().flags } } else { 0 };
    let is_read_only = flags & READ_ONLY != 0;
    // SAFETY: the structure lives as long as `imported`, and describes its memory.
    let foreign = unsafe { foreign(&*tensor, Box::new(imported), is_read_only) };
    let device = cpu(py)?;
    // SAFETY: the producer keeps the memory in place until the deleter is called.
    door::run_here(py, || unsafe { Tensor::from_foreign(foreign?, &device) })
}

/// The memory that a structure describes. **Safety:** its pointers are valid.
unsafe fn foreign(tensor: &DlTensor, owner: Box<Imported>, is_read_only: bool) -> trustformers::Result<Foreign> {
    let ndim = tensor.ndim as usize;
    // SAFETY: `shape` has `ndim` sizes, as `strides` unless it is null.
    let (shape, strides) = unsafe {
        let list = |start: *const i64| if ndim == 0 { &[][..] } else { std::slice::from_raw_parts(start, ndim) };
        let strides = (!tensor.strides.is_null()).then(|| list(tensor.strides).to_vec());
        (list(tensor.shape).to_vec(), strides)
    };
    let shape: Vec<usize> = shape.into_iter().map(|size| size as usize).collect();
    let strides = match strides {
        Some(strides) => strides.into_iter().map(|stride| stride as isize).collect(),
        None => {
            let mut strides = vec![1isize; ndim];
            (0..ndim.saturating_sub(1)).rev().for_each(|dim| strides[dim] = strides[dim + 1] * shape[dim + 1] as isize);
            strides
        }
    };
    let DlType { code, bits, .. } = tensor.dtype;
    let dtype = DType::ALL
        .into_iter()
        .find(|dtype| DlType::of(*dtype) == tensor.dtype)
        .ok_or_else(|| Error::input("tensor", format!("DLPack's type {code} with {bits} bits is not supported")))?;
    let data = tensor.data.cast::<u8>().wrapping_add(tensor.byte_offset as usize);
    Ok(Foreign { owner, data, shape, strides, dtype, is_read_only })
}
