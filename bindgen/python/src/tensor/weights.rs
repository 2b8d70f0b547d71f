//! Tensors that are weights of models, and views of them.

use pyo3::prelude::*;
use pyo3_stub_gen::derive::gen_stub_pymethods;
use trustformers::Result;
use trustformers::tensor::Tensor;

use super::{Contents, Link, PyTensor};
use crate::door;

#[gen_stub_pymethods]
#[pymethods]
impl PyTensor {
    /// The tensor as a weight of a model, whose memory it shares. `weight` is told of operations in place and of changes
    /// of `requires_grad`.
    fn _of_weight(&self, py: Python<'_>, weight: Py<PyAny>, requires_grad: bool) -> PyResult<Self> {
        let own = self.collecting(py, requires_grad)?;
        Ok(Self { link: Link::Weight(weight), ..Self::of(own) })
    }

    /// Makes a weight a leaf that collects its gradient, or the opposite.
    fn _collect_gradient(&self, py: Python<'_>, requires_grad: bool) -> PyResult<()> {
        if self.get().requires_grad() != requires_grad {
            let changed = self.collecting(py, requires_grad)?;
            self.contents().tensor = changed;
        }
        Ok(())
    }

    /// The weight that the tensor is or is a view of, and whether it is a view.
    #[gen_stub(override_return_type(type_repr = "builtins.tuple[typing.Any, builtins.bool] | None"))]
    fn _weight(&self, py: Python<'_>) -> Option<(Py<PyAny>, bool)> {
        self.weight(py)
    }

    /// Gives a weight the elements that its model has been loaded with.
    fn _reload(&self, elements: &Self) {
        let tensor = self.get().with_elements_of(&elements.get());
        *self.contents() = Contents { tensor, origin: None, exported: None };
    }
}

impl PyTensor {
    /// The elements as a leaf that collects its gradient, or the opposite.
    fn collecting(&self, py: Python<'_>, requires_grad: bool) -> PyResult<Tensor> {
        let tensor = self.get();
        door::run_here(py, || if requires_grad { tensor.as_leaf() } else { Ok(tensor.detached()) })
    }

    /// The weight that the tensor is or is a view of, and whether it is a view.
    pub(super) fn weight(&self, py: Python<'_>) -> Option<(Py<PyAny>, bool)> {
        match &self.link {
            Link::Own | Link::Gradient(_) => None,
            Link::Data(other) => other.get().weight(py),
            Link::Weight(weight) => Some((weight.clone_ref(py), false)),
            Link::View(weight) => Some((weight.clone_ref(py), true)),
        }
    }

    /// The tensor as a view of another one, which may be a weight.
    pub(super) fn viewing(self, py: Python<'_>, other: &Self) -> Self {
        match other.weight(py) {
            Some((weight, _)) => Self { link: Link::View(weight), ..self },
            None => self,
        }
    }

    /// A view of this tensor if the work changes neither dtype nor device; otherwise a new tensor.
    pub(super) fn viewed(&self, py: Python<'_>, work: impl FnOnce(&Tensor) -> Result<Tensor> + Send) -> PyResult<Self> {
        let found = self.derived(py, work)?;
        if matches!(self.link, Link::Own) {
            return Ok(found);
        }
        let (own, other) = (self.get(), found.get());
        let is_view = own.dtype() == other.dtype() && own.device() == other.device();
        Ok(if is_view { found.viewing(py, self) } else { found })
    }

    /// Refuses a change in place of a view of a weight, and of a weight that cannot be changed.
    pub(super) fn check_change(&self, py: Python<'_>) -> PyResult<()> {
        match self.weight(py) {
            Some((weight, is_view)) => weight.call_method1(py, "check_change", (is_view,)).map(drop),
            None => Ok(()),
        }
    }

    /// Refuses a change of a weight's shape or dtype.
    pub(super) fn check_reshape(&self, py: Python<'_>) -> PyResult<()> {
        match self.weight(py) {
            Some((weight, _)) => weight.call_method0(py, "check_reshape").map(drop),
            None => Ok(()),
        }
    }
}
