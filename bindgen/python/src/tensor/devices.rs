//! Devices of tensors.

use pyo3::intern;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use trustformers::Device;
use trustformers::tensor::TensorDevice;

use crate::door;

/// Converts a Python device argument: a name, a number or a `Device`.
pub(super) fn device_of(value: Option<&Bound<'_, PyAny>>, py: Python<'_>) -> PyResult<TensorDevice> {
    let Some(value) = value else { return cpu(py) };
    let name = class(py)?.call1((value,))?.str()?.to_str()?.to_owned();
    door::run_here(py, || trustformers::tensor_device(name.parse::<Device>()?))
}

/// The CPU.
pub(super) fn cpu(py: Python<'_>) -> PyResult<TensorDevice> {
    door::run_here(py, || trustformers::tensor_device(Device::Cpu))
}

/// The Python object of a device that is known to exist.
pub(super) fn python_device<'py>(py: Python<'py>, device: &TensorDevice) -> PyResult<Bound<'py, PyAny>> {
    class(py)?.call_method1(intern!(py, "_from_name"), (device.name().to_string(),))
}

fn class(py: Python<'_>) -> PyResult<&Bound<'_, PyAny>> {
    static CLASS: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    CLASS.import(py, "trustformers.runtime.device", "Device")
}
