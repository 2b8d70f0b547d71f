//! Gradients of tensors.

use std::any::Any;

use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3_stub_gen::derive::{gen_stub_pyclass, gen_stub_pyfunction, gen_stub_pymethods};
use trustformers::tensor::{self, Backward, CustomGradient, Options, Source, Tensor};
use trustformers::{Error, Result};

use super::backward_pass::{raised, run};
use super::{Link, PyTensor};
use crate::door;

pub(super) fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<PyTorchGraph>()?;
    module.add_function(wrap_pyfunction!(grad, module)?)?;
    module.add_function(wrap_pyfunction!(is_grad_enabled, module)?)?;
    module.add_function(wrap_pyfunction!(switch_grad, module)?)
}

#[gen_stub_pymethods]
#[pymethods]
impl PyTensor {
    /// Whether operations on the tensor are recorded for gradients.
    #[getter]
    fn requires_grad(&self) -> bool {
        self.get().requires_grad()
    }

    #[setter]
    fn set_requires_grad(slf: &Bound<'_, Self>, requires_grad: bool) -> PyResult<()> {
        let (py, this) = (slf.py(), slf.get());
        if let Link::Weight(weight) = &this.link {
            return weight.call_method1(py, "set_requires_grad", (requires_grad,)).map(drop);
        }
        let tensor = this.get();
        let work = || match (tensor.requires_grad(), requires_grad) {
            (false, true) => tensor.as_leaf().map(Some),
            (true, false) if tensor.is_leaf() => Ok(Some(tensor.detached())),
            (true, false) => {
                Err(Error::input("requires_grad", "the tensor is a result of a recorded operation; use detach()"))
            }
            _ => Ok(None),
        };
        let changed = door::run_here(py, work)?;
        if let Some(changed) = changed {
            this.contents().tensor = changed;
        }
        Ok(())
    }

    /// Changes whether operations on the tensor are recorded for gradients; returns the tensor.
    #[pyo3(signature = (requires_grad=true))]
    fn requires_grad_(slf: &Bound<'_, Self>, requires_grad: bool) -> PyResult<Py<Self>> {
        Self::set_requires_grad(slf, requires_grad)?;
        Ok(slf.clone().unbind())
    }

    /// Whether the tensor is no result of a recorded operation.
    #[getter]
    fn is_leaf(&self) -> bool {
        self.get().is_leaf()
    }

    /// The gradient that `backward` has collected: that of a leaf, or of a tensor with `retain_grad`.
    #[getter]
    fn grad(&self) -> Option<PyTensor> {
        self.get().gradient().map(Self::of_gradient)
    }

    #[setter]
    fn set_grad(&self, gradient: Option<PyRef<'_, PyTensor>>) -> PyResult<()> {
        let (tensor, gradient) = (self.get(), gradient.map(|gradient| gradient.get()));
        if gradient.is_none() && !tensor.requires_grad() {
            return Ok(());
        }
        Python::attach(|py| door::run_here(py, || tensor.set_gradient(gradient)))
    }

    /// `None` for a leaf. The graph of operations cannot be inspected: for a result of a recorded operation this raises
    /// `UnsupportedError`.
    #[getter]
    #[gen_stub(override_return_type(type_repr = "None"))]
    fn grad_fn(&self, py: Python<'_>) -> PyResult<Option<Py<PyAny>>> {
        if self.get().is_leaf() {
            return Ok(None);
        }
        let error = Error::unsupported("grad_fn, as the graph of operations cannot be inspected; is_leaf tells leaves");
        Err(door::exception(py, &error))
    }

    /// Makes `backward` collect the gradient of a result of recorded operations, as it does for leaves.
    fn retain_grad(&self, py: Python<'_>) -> PyResult<()> {
        let tensor = self.get();
        door::run_here(py, || tensor.retain_gradient())
    }

    /// The tensor without the operations that computed it; shares memory.
    fn detach(slf: &Bound<'_, Self>) -> Self {
        let py = slf.py();
        match &slf.get().link {
            Link::Weight(_) => Self::data(slf),
            Link::Data(other) if slf.get().weight(py).is_some() => Self::data(other.bind(py)),
            _ => Self::of(slf.get().get().detached()).viewing(py, slf.get()),
        }
    }

    /// Forgets the operations that computed the tensor; returns the tensor.
    fn detach_(slf: &Bound<'_, Self>) -> Py<Self> {
        let detached = slf.get().get().detached();
        slf.get().contents().tensor = detached;
        slf.clone().unbind()
    }

    /// Adds gradients to the `grad` of the leaves that the tensor depends on.
    ///
    /// `gradient` is the gradient of the tensor itself, which may be omitted if it has one element. The graph of
    /// operations is released unless `retain_graph` or `create_graph` is true; with `create_graph` the gradients can be
    /// differentiated.
    #[pyo3(signature = (gradient=None, retain_graph=None, create_graph=false))]
    fn backward(
        &self,
        py: Python<'_>,
        gradient: Option<&Self>,
        retain_graph: Option<bool>,
        create_graph: bool,
    ) -> PyResult<()> {
        let root = (self.get(), gradient.map(Self::get));
        let options = Options { retain_graph: retain_graph.unwrap_or(create_graph), create_graph };
        run(py, || Backward::new(&[root], options)?.into_leaves())
    }
}

/// Gradients of `outputs` with respect to `inputs`; `grad` of leaves is unchanged.
///
/// `grad_outputs` are the gradients of the outputs, which may be omitted for outputs with one element. An input that the
/// outputs do not depend on raises unless `allow_unused` is true; its gradient is `None`.
#[gen_stub_pyfunction]
#[pyfunction]
#[pyo3(signature = (outputs, inputs, grad_outputs=None, retain_graph=None, create_graph=false, allow_unused=false))]
fn grad(
    py: Python<'_>,
    outputs: OneOrMore,
    inputs: OneOrMore,
    grad_outputs: Option<Gradients>,
    retain_graph: Option<bool>,
    create_graph: bool,
    allow_unused: bool,
) -> PyResult<Vec<Option<PyTensor>>> {
    let gradients = grad_outputs.map_or_else(|| vec![None; outputs.0.len()], |gradients| gradients.0);
    if gradients.len() != outputs.0.len() {
        let message = format!("{} gradients for {} outputs", gradients.len(), outputs.0.len());
        return Err(door::exception(py, &Error::input("grad_outputs", message)));
    }
    let roots: Vec<_> = outputs.0.into_iter().zip(gradients).collect();
    let options = Options { retain_graph: retain_graph.unwrap_or(create_graph), create_graph };
    let found = run(py, || {
        let found = Backward::new(&roots, options)?.of(&inputs.0)?;
        match found.iter().position(Option::is_none) {
            Some(index) if !allow_unused => {
                let message = format!("the outputs do not depend on input {index}; allow_unused=True gives None");
                Err(Error::input("inputs", message))
            }
            _ => Ok(found),
        }
    })?;
    Ok(found.into_iter().map(|gradient| gradient.map(PyTensor::of)).collect())
}

/// Whether operations are recorded for gradients on this thread.
#[gen_stub_pyfunction]
#[pyfunction]
fn is_grad_enabled() -> bool {
    tensor::is_recording()
}

/// Turns the recording of operations on this thread on or off; returns whether it was on.
#[gen_stub_pyfunction]
#[pyfunction]
#[pyo3(name = "_switch_grad")]
fn switch_grad(enabled: bool) -> bool {
    tensor::set_recording(enabled)
}

/// A torch tensor in which a backward pass continues.
pub(super) struct TorchTensor(pub(super) Py<PyAny>);

impl CustomGradient for TorchTensor {
    fn backward(&self, gradients: &[Option<Tensor>]) -> Result<Vec<Option<Tensor>>> {
        let Some(Some(gradient)) = gradients.first() else { return Ok(Vec::new()) };
        Python::attach(|py| {
            let gradient = PyTensor::of(gradient.detached());
            py.import("trustformers.tensor.torch_interop")?
                .call_method1("continue_backward", (&self.0, gradient))
                .map(|_| Vec::new())
        })
        .map_err(raised)
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// The operations between torch tensors and a tensor that was computed from them.
#[gen_stub_pyclass]
#[pyclass(name = "_TorchGraph", frozen)]
pub struct PyTorchGraph {
    result: Tensor,
    sources: Vec<Source>,
}

#[gen_stub_pymethods]
#[pymethods]
impl PyTorchGraph {
    #[new]
    fn new(result: &PyTensor) -> Self {
        let result = result.get();
        let sources = result.sources();
        Self { sources: sources.into_iter().filter(|source| torch_tensor(source).is_some()).collect(), result }
    }

    /// The torch tensors.
    #[gen_stub(override_return_type(type_repr = "builtins.list[typing.Any]"))]
    fn sources(&self) -> Vec<Py<PyAny>> {
        self.sources.iter().filter_map(torch_tensor).collect()
    }

    /// The gradients of the torch tensors; those of other leaves are added to their `grad`.
    fn backward(&self, py: Python<'_>, gradient: &PyTensor) -> PyResult<Vec<Option<PyTensor>>> {
        let root = (self.result.clone(), Some(gradient.get()));
        // torch decides how often it passes through its graph, of which this is a part.
        let options = Options { retain_graph: true, create_graph: false };
        let found = run(py, || Backward::new(&[root], options)?.into_leaves_up_to(&self.sources))?;
        Ok(found.into_iter().map(|gradient| gradient.map(PyTensor::of)).collect())
    }
}

fn torch_tensor(source: &Source) -> Option<Py<PyAny>> {
    source.function(|source: &TorchTensor| Python::attach(|py| source.0.clone_ref(py)))
}

/// A tensor, or a tuple or list of tensors.
struct OneOrMore(Vec<Tensor>);

impl<'a, 'py> FromPyObject<'a, 'py> for OneOrMore {
    type Error = PyErr;

    fn extract(value: Borrowed<'a, 'py, PyAny>) -> PyResult<Self> {
        if let Ok(tensor) = value.cast::<PyTensor>() {
            return Ok(Self(vec![tensor.get().get()]));
        }
        let tensors: Vec<PyRef<'_, PyTensor>> = value
            .extract()
            .map_err(|_| PyTypeError::new_err(format!("expected tensors, found {}", value.get_type())))?;
        Ok(Self(tensors.iter().map(|tensor| tensor.get()).collect()))
    }
}

impl pyo3_stub_gen::PyStubType for OneOrMore {
    fn type_output() -> pyo3_stub_gen::TypeInfo {
        let name = "Tensor | typing.Sequence[Tensor]".to_owned();
        pyo3_stub_gen::TypeInfo { name, ..Py::<PyAny>::type_output() }
    }
}

/// A gradient, or a tuple or list of gradients that may be `None`.
struct Gradients(Vec<Option<Tensor>>);

impl<'a, 'py> FromPyObject<'a, 'py> for Gradients {
    type Error = PyErr;

    fn extract(value: Borrowed<'a, 'py, PyAny>) -> PyResult<Self> {
        if let Ok(tensor) = value.cast::<PyTensor>() {
            return Ok(Self(vec![Some(tensor.get().get())]));
        }
        let tensors: Vec<Option<PyRef<'_, PyTensor>>> = value.extract()?;
        Ok(Self(tensors.iter().map(|tensor| tensor.as_ref().map(|tensor| tensor.get())).collect()))
    }
}

impl pyo3_stub_gen::PyStubType for Gradients {
    fn type_output() -> pyo3_stub_gen::TypeInfo {
        let name = "Tensor | typing.Sequence[Tensor | None]".to_owned();
        pyo3_stub_gen::TypeInfo { name, ..Py::<PyAny>::type_output() }
    }
}
