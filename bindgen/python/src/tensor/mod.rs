//! Tensors as a Python class.

mod arguments;
mod conversion;
mod creation;
mod devices;
mod dlpack;
pub(crate) mod files;
mod functions;
mod indexing;
mod movement;
mod numpy_arrays;
mod operators;
mod reductions;

use std::sync::{Mutex, MutexGuard, PoisonError};

use pyo3::prelude::*;
use pyo3::types::PyWeakrefReference;
use pyo3_stub_gen::derive::gen_stub_pyclass;
use trustformers::Result;
use trustformers::tensor::Tensor;

use crate::door;

pub(crate) fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<PyTensor>()?;
    creation::register(module)?;
    files::register(module)?;
    functions::register(module)
}

/// Maximum number of elements for which an operation runs on the calling thread.
const FEW_ELEMENTS: usize = 1 << 15;

/// A tensor of any rank and dtype on any device. Operations have the names of torch, and of NumPy where it has them;
/// dtypes are promoted as in torch.
///
/// Operations return new tensors, and views share memory. Only assignment to an index changes a tensor, and leaves its
/// views unchanged.
#[gen_stub_pyclass]
#[pyclass(name = "Tensor", frozen, weakref)]
pub struct PyTensor {
    contents: Mutex<Contents>,
    /// Held while elements are assigned.
    assignment: Mutex<()>,
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
        Self { contents: Mutex::new(Contents { tensor, origin, exported: None }), assignment: Mutex::new(()) }
    }

    fn contents(&self) -> MutexGuard<'_, Contents> {
        self.contents.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The engine's tensor.
    pub(crate) fn get(&self) -> Tensor {
        self.contents().tensor.clone()
    }

    fn replace(&self, tensor: Tensor) {
        *self.contents() = Contents { tensor, origin: None, exported: None };
    }

    /// A tensor computed from this one.
    fn derived(&self, py: Python<'_>, work: impl FnOnce(&Tensor) -> Result<Tensor> + Send) -> PyResult<Self> {
        let tensor = self.get();
        compute(py, tensor.num_elements(), || work(&tensor)).map(Self::of)
    }
}

/// Runs an operation on tensors of `elements` elements without the GIL, on the engine's threads if there are many.
fn compute<T: Send>(py: Python<'_>, elements: usize, work: impl FnOnce() -> Result<T> + Send) -> PyResult<T> {
    if elements <= FEW_ELEMENTS { door::run_here(py, work) } else { door::run(py, work) }
}
