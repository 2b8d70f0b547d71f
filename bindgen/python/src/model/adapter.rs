use pyo3::prelude::*;
use pyo3_stub_gen::derive::{gen_stub_pyclass, gen_stub_pymethods};
use trustformers::models::Adapter;

use crate::tensor::PyTensor;

/// A low-rank update of one module's weight, `scale * b @ a`. `module` is the name of the weight in the family's
/// checkpoints, without ".weight". `a` is (r, in) and `b` (out, r), for embedding tables (r, vocabulary) and (width, r).
/// `magnitude`, (out,), makes it DoRA; `dropout` is the rate with which training drops inputs of the update.
#[gen_stub_pyclass]
#[pyclass(name = "Adapter", frozen)]
pub struct PyAdapter {
    pub(super) inner: Adapter,
}

#[gen_stub_pymethods]
#[pymethods]
impl PyAdapter {
    #[new]
    #[pyo3(signature = (module, a, b, scale, *, name="default", magnitude=None, dropout=0.0))]
    fn new(
        module: String,
        a: &PyTensor,
        b: &PyTensor,
        scale: f64,
        name: &str,
        magnitude: Option<&PyTensor>,
        dropout: f64,
    ) -> Self {
        let [a, b] = [a, b].map(|factor| factor.get().detached());
        let magnitude = magnitude.map(|values| values.get().detached());
        Self { inner: Adapter { module, name: name.to_owned(), a, b, scale, magnitude, dropout } }
    }
}
