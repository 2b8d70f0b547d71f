//! Tensors as a Python class.

mod arguments;
mod autograd;
mod conversion;
mod creation;
mod devices;
mod dlpack;
mod functions;
mod in_place;
mod indexing;
mod movement;
mod numpy_arrays;
mod operators;
mod reductions;

use std::sync::{Mutex, MutexGuard, PoisonError};

use pyo3::prelude::*;
use pyo3::sync::MutexExt;
use pyo3::types::PyWeakrefReference;
use pyo3_stub_gen::derive::gen_stub_pyclass;
use trustformers::Result;
use trustformers::tensor::{Gradient, Tensor};

use crate::door;

pub(crate) fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<PyTensor>()?;
    autograd::register(module)?;
    creation::register(module)?;
    functions::register(module)
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
    /// The gradient of another tensor that this object is.
    gradient: Option<Gradient>,
}

struct Contents {
    tensor: Tensor,
    /// The array whose memory the tensor shares, while both have the same elements in the same order.
    origin: Option<Py<PyAny>>,
    /// The array that was last created from the tensor's memory.
    exported: Option<Py<PyWeakrefReference>>,
}

impl PyTensor {
    fn of(tensor: Tensor) -> Self {
        Self::from_origin(tensor, None)
    }

    fn from_origin(tensor: Tensor, origin: Option<Py<PyAny>>) -> Self {
        Self {
            contents: Mutex::new(Contents { tensor, origin, exported: None }),
            assignment: Mutex::new(()),
            gradient: None,
        }
    }

    /// The gradient of another tensor; what changes one changes the other.
    fn of_gradient(gradient: Gradient) -> Self {
        Self { gradient: Some(gradient.clone()), ..Self::of(gradient.get()) }
    }

    fn contents(&self) -> MutexGuard<'_, Contents> {
        let mut contents = self.contents.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(current) = self.gradient.as_ref().map(Gradient::get).filter(|new| !new.is(&contents.tensor)) {
            *contents = Contents { tensor: current, origin: None, exported: None };
        }
        contents
    }

    /// The engine's tensor.
    pub(crate) fn get(&self) -> Tensor {
        self.contents().tensor.clone()
    }

    fn replace(&self, tensor: Tensor) {
        if let Some(gradient) = &self.gradient {
            gradient.set(tensor.clone());
        }
        *self.contents() = Contents { tensor, origin: None, exported: None };
    }

    /// Gives the tensor the elements that an operation on it computes.
    fn update(
        slf: &Bound<'_, Self>,
        elements: usize,
        work: impl FnOnce(&Tensor) -> Result<Tensor> + Send,
    ) -> PyResult<()> {
        let (py, this) = (slf.py(), slf.get());
        // Another thread's change between reading and replacing would be lost.
        let _assignment = this.assignment.lock_py_attached(py).unwrap_or_else(PoisonError::into_inner);
        let tensor = this.get();
        let changed = compute(py, elements.max(tensor.num_elements()), || tensor.updated(work(&tensor)?))?;
        this.replace(changed);
        Ok(())
    }

    /// A tensor computed from this one.
    fn derived(&self, py: Python<'_>, work: impl FnOnce(&Tensor) -> Result<Tensor> + Send) -> PyResult<Self> {
        let tensor = self.get();
        compute(py, tensor.num_elements(), || work(&tensor)).map(Self::of)
    }
}

/// Runs an operation on tensors of `elements` elements without the GIL.
fn compute<T: Send>(py: Python<'_>, elements: usize, work: impl FnOnce() -> Result<T> + Send) -> PyResult<T> {
    // The engine's kernels share the work with other threads themselves.
    let _ = elements;
    door::run_here(py, work)
}
