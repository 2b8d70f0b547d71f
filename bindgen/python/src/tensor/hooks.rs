//! Functions of Python that backward passes call with gradients.

use std::sync::Arc;

use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyWeakrefMethods, PyWeakrefReference};
use pyo3_stub_gen::derive::{gen_stub_pyclass, gen_stub_pyfunction, gen_stub_pymethods};
use trustformers::Result;
use trustformers::tensor::{GradientHook, HookHandle, HookTime, Tensor};

use super::PyTensor;
use super::backward_pass::{call_after, raised};
use crate::door;

pub(super) fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<PyHookHandle>()?;
    module.add_function(wrap_pyfunction!(after_backward, module)?)
}

#[gen_stub_pymethods]
#[pymethods]
impl PyTensor {
    /// Lets backward passes call `hook` with the gradient of the tensor when it is complete.
    ///
    /// `hook` returns the gradient to use in its place, or `None`. The result has `remove()`.
    fn register_hook(&self, py: Python<'_>, hook: Py<PyAny>) -> PyResult<PyHookHandle> {
        let tensor = self.get();
        let hook = Arc::new(OnGradient(function(py, hook)?));
        door::run_here(py, || tensor.register_hook(HookTime::Computed, hook)).map(PyHookHandle)
    }

    /// Lets backward passes call `hook` with the tensor, a leaf, after its gradient was added to `grad`.
    ///
    /// The result has `remove()`. The hook is not called when nothing refers to the tensor any more.
    fn register_post_accumulate_grad_hook(slf: &Bound<'_, Self>, hook: Py<PyAny>) -> PyResult<PyHookHandle> {
        let (py, tensor) = (slf.py(), slf.get().get());
        let owner = PyWeakrefReference::new(slf)?.unbind();
        let hook = Arc::new(OnAccumulation { owner, hook: function(py, hook)? });
        door::run_here(py, || tensor.register_hook(HookTime::Accumulated, hook)).map(PyHookHandle)
    }
}

fn function(py: Python<'_>, hook: Py<PyAny>) -> PyResult<Py<PyAny>> {
    if hook.bind(py).is_callable() {
        return Ok(hook);
    }
    Err(PyTypeError::new_err(format!("hook: expected a function, found {}", hook.bind(py).get_type())))
}

struct OnGradient(Py<PyAny>);

impl GradientHook for OnGradient {
    fn call(&self, gradient: &Tensor) -> Result<Option<Tensor>> {
        Python::attach(|py| {
            let found = self.0.bind(py).call1((PyTensor::of(gradient.clone()),))?;
            if found.is_none() {
                return Ok(None);
            }
            let tensor = found.cast::<PyTensor>().map_err(|_| {
                PyTypeError::new_err(format!("hook: expected a Tensor or None as result, found {}", found.get_type()))
            })?;
            Ok(Some(tensor.get().get()))
        })
        .map_err(raised)
    }
}

struct OnAccumulation {
    owner: Py<PyWeakrefReference>,
    hook: Py<PyAny>,
}

impl GradientHook for OnAccumulation {
    fn call(&self, _gradient: &Tensor) -> Result<Option<Tensor>> {
        Python::attach(|py| match self.owner.bind(py).upgrade() {
            Some(owner) => self.hook.bind(py).call1((owner,)).map(|_| None),
            None => Ok(None),
        })
        .map_err(raised)
    }
}

/// A hook of a tensor, which `remove` takes away; also a context manager.
#[gen_stub_pyclass]
#[pyclass(name = "RemovableHandle", frozen)]
pub struct PyHookHandle(HookHandle);

#[gen_stub_pymethods]
#[pymethods]
impl PyHookHandle {
    /// Removes the hook.
    fn remove(&self) {
        self.0.remove();
    }

    fn __enter__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    #[pyo3(signature = (*_args))]
    fn __exit__(&self, _args: &Bound<'_, pyo3::types::PyTuple>) {
        self.0.remove();
    }
}

/// Lets the backward pass that calls this, in a hook, call a function when it has ended: once for equal functions.
#[gen_stub_pyfunction]
#[pyfunction]
#[pyo3(name = "_after_backward")]
fn after_backward(py: Python<'_>, function: Py<PyAny>) -> PyResult<()> {
    call_after(py, function)
}
