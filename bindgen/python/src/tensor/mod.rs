//! Tensors as a Python class.

mod arguments;
mod autograd;
mod backward_pass;
mod closeness;
mod conversion;
mod creation;
mod creation_like;
mod devices;
mod dlpack;
pub(crate) mod files;
mod functions;
mod hooks;
mod in_place;
mod indexing;
mod losses;
mod memory;
mod movement;
mod multiply_add;
mod nested_lists;
mod numpy_arrays;
mod operators;
mod optimizers;
mod rearrangement;
mod reductions;
mod scattering;
mod statistics;
mod weights;

use std::sync::{Mutex, MutexGuard, PoisonError};

use pyo3::prelude::*;
use pyo3::sync::MutexExt;
use pyo3::types::PyWeakrefReference;
use pyo3_stub_gen::derive::gen_stub_pyclass;
use trustformers::Result;
use trustformers::tensor::{Gradient, Tensor, is_recording, with_recording};

use crate::door;

pub(crate) fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<PyTensor>()?;
    autograd::register(module)?;
    creation::register(module)?;
    creation_like::register(module)?;
    files::register(module)?;
    losses::register(module)?;
    functions::register(module)?;
    hooks::register(module)?;
    optimizers::register(module)?;
    // The class has no module of its own, as the native module's name depends on the backend.
    module.getattr("Tensor")?.setattr("__module__", "trustformers")
}

/// A tensor of any rank and dtype on any device. Operations have the names of torch, and of NumPy where it has them;
/// dtypes are promoted as in torch.
///
/// Operations return new tensors, and views share memory. Assignment to an index and operations in place, such as `+=`
/// and `add_`, give a tensor new elements and leave its views unchanged.
#[gen_stub_pyclass]
#[pyclass(name = "Tensor", frozen, weakref)]
pub struct PyTensor {
    contents: Mutex<Contents>,
    /// Held while elements are replaced.
    assignment: Mutex<()>,
    link: Link,
}

/// Whose elements an object has; what changes one changes the other.
enum Link {
    /// Its own.
    Own,
    /// The gradient of another tensor.
    Gradient(Gradient),
    /// The elements of another tensor, without its graph.
    Data(Py<PyTensor>),
    /// The elements of a model's weight: a `trustformers.models.parameters.Weight`, which is told of changes.
    Weight(Py<PyAny>),
    /// Elements of a model's weight, all or some, in any shape; they are not changed in place.
    View(Py<PyAny>),
}

struct Contents {
    tensor: Tensor,
    /// The array whose memory the tensor shares, while both have the same elements in the same order.
    origin: Option<Py<PyAny>>,
    /// The array that was last created from the tensor's memory.
    exported: Option<Py<PyWeakrefReference>>,
}

impl PyTensor {
    pub(crate) fn of(tensor: Tensor) -> Self {
        Self::from_origin(tensor, None)
    }

    fn from_origin(tensor: Tensor, origin: Option<Py<PyAny>>) -> Self {
        Self {
            contents: Mutex::new(Contents { tensor, origin, exported: None }),
            assignment: Mutex::new(()),
            link: Link::Own,
        }
    }

    fn of_gradient(gradient: Gradient) -> Self {
        Self { link: Link::Gradient(gradient.clone()), ..Self::of(gradient.get()) }
    }

    fn contents(&self) -> MutexGuard<'_, Contents> {
        let mut contents = self.contents.lock().unwrap_or_else(PoisonError::into_inner);
        let current = match &self.link {
            Link::Own | Link::Weight(_) | Link::View(_) => None,
            Link::Gradient(gradient) => Some(gradient.get()).filter(|new| !new.is(&contents.tensor)),
            Link::Data(tensor) => {
                Some(tensor.get().get().detached()).filter(|new| !new.is(&contents.tensor.detached()))
            }
        };
        if let Some(current) = current {
            *contents = Contents { tensor: current, origin: None, exported: None };
        }
        contents
    }

    /// The engine's tensor.
    pub(crate) fn get(&self) -> Tensor {
        self.contents().tensor.clone()
    }

    fn replace(&self, py: Python<'_>, tensor: Tensor) -> PyResult<()> {
        match &self.link {
            Link::Own | Link::View(_) => {}
            Link::Weight(weight) => weight.call_method0(py, "written").map(drop)?,
            Link::Gradient(gradient) => gradient.set(tensor.clone()),
            Link::Data(other) => {
                let (other, new) = (other.get(), tensor.detached());
                let own = other.get();
                // An operation in place keeps shape and dtype, so that the tensor accepts the elements.
                other.replace(py, with_recording(false, || own.updated(new.clone())).unwrap_or(new))?;
            }
        }
        *self.contents() = Contents { tensor, origin: None, exported: None };
        Ok(())
    }

    /// Gives the tensor the elements that an operation on it computes.
    fn update(slf: &Bound<'_, Self>, work: impl FnOnce(&Tensor) -> Result<Tensor> + Send) -> PyResult<()> {
        let (py, this) = (slf.py(), slf.get());
        this.check_change(py)?;
        // Another thread's change between reading and replacing would be lost.
        let _assignment = this.assignment.lock_py_attached(py).unwrap_or_else(PoisonError::into_inner);
        let tensor = this.get();
        let changed = compute_change(py, &tensor, || tensor.updated(work(&tensor)?))?;
        this.replace(py, changed)
    }

    /// A tensor computed from this one.
    fn derived(&self, py: Python<'_>, work: impl FnOnce(&Tensor) -> Result<Tensor> + Send) -> PyResult<Self> {
        let tensor = self.get();
        compute(py, || work(&tensor)).map(Self::of)
    }
}

/// [`compute`] for a change of a tensor, which is not recorded inside torch's `no_grad` either.
fn compute_change<T: Send>(py: Python<'_>, tensor: &Tensor, work: impl FnOnce() -> Result<T> + Send) -> PyResult<T> {
    let pauses = tensor.requires_grad() && tensor.is_leaf() && is_recording() && !torch_records(py)?;
    compute(py, || if pauses { with_recording(false, work) } else { work() })
}

/// The module torch; `None` of Python if it is not imported.
fn torch(py: Python<'_>) -> PyResult<Bound<'_, PyAny>> {
    py.import("sys")?.getattr("modules")?.call_method1("get", ("torch",))
}

/// Whether torch records operations; true if it is not imported.
fn torch_records(py: Python<'_>) -> PyResult<bool> {
    match torch(py)?.getattr_opt("is_grad_enabled")? {
        Some(is_grad_enabled) => is_grad_enabled.call0()?.is_truthy(),
        None => Ok(true),
    }
}

/// Runs an operation without the GIL on the calling thread, which shares the work with the engine's threads.
fn compute<T: Send>(py: Python<'_>, work: impl FnOnce() -> Result<T> + Send) -> PyResult<T> {
    door::run_here(py, work)
}
