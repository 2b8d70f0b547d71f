//! Devices of tensors.

use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use trustformers::Device;
use trustformers::tensor::TensorDevice;

use crate::door;

/// Converts a Python device argument: a name, a number or a `Device`.
pub(super) fn device_of(value: Option<&Bound<'_, PyAny>>, py: Python<'_>) -> PyResult<TensorDevice> {
    static RESOLVE: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    let Some(value) = value else { return cpu(py) };
    let name = RESOLVE
        .get_or_try_init(py, || py.import("trustformers.runtime.device")?.getattr("Device").map(Bound::unbind))?
        .bind(py)
        .call1((value,))?
        .str()?
        .to_str()?
        .to_owned();
    door::run_here(py, || trustformers::tensor_device(name.parse::<Device>()?))
}

/// The CPU.
pub(super) fn cpu(py: Python<'_>) -> PyResult<TensorDevice> {
    door::run_here(py, || trustformers::tensor_device(Device::Cpu))
}
