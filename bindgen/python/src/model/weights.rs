//! Weights of a model as tensors.

use pyo3::prelude::*;
use pyo3::types::PyDict;
use pyo3_stub_gen::derive::{gen_stub_pyclass, gen_stub_pymethods};
use trustformers::models::{ModelParameter, State};
use trustformers::tensor_device;

use super::{PyAdapter, PyModel};
use crate::door;
use crate::tensor::PyTensor;
use crate::tensor::files::named_tensors;

/// A weight of a model without its elements.
#[gen_stub_pyclass]
#[pyclass(name = "ParameterInfo", frozen, get_all)]
pub struct PyParameterInfo {
    /// Name of the weight.
    name: String,
    /// Size of each dimension.
    shape: Vec<usize>,
    /// Whether the weight is an embedding table.
    is_embedding: bool,
    /// Whether the weight is quantized.
    is_quantized: bool,
    /// Size in bytes, with the scales of a quantized weight.
    num_bytes: usize,
}

impl From<ModelParameter> for PyParameterInfo {
    fn from(parameter: ModelParameter) -> Self {
        let ModelParameter { name, shape, is_embedding, is_quantized, num_bytes, values: _ } = parameter;
        Self { name, shape, is_embedding, is_quantized, num_bytes }
    }
}

#[gen_stub_pymethods]
#[pymethods]
impl PyModel {
    /// The weights by the names that `save_pretrained` writes, or only the weight `name`; they share the model's memory
    /// where its layout allows.
    #[pyo3(signature = (name=None))]
    #[gen_stub(override_return_type(type_repr = "builtins.dict[builtins.str, Tensor]"))]
    fn weights<'py>(&self, py: Python<'py>, name: Option<&str>) -> PyResult<Bound<'py, PyDict>> {
        let parameters = door::run(py, || {
            let device = tensor_device(self.device)?;
            self.inner.parameters(&|found| name.is_none_or(|name| name == found), &device)
        })?;
        let weights = PyDict::new(py);
        for ModelParameter { name, values, .. } in parameters {
            if let Some(values) = values {
                weights.set_item(name, PyTensor::of(values))?;
            }
        }
        Ok(weights)
    }

    /// The weights without their elements.
    fn parameters(&self, py: Python<'_>) -> PyResult<Vec<PyParameterInfo>> {
        let found = door::run_here(py, || self.inner.parameters(&|_| false, &tensor_device(self.device)?))?;
        Ok(found.into_iter().map(PyParameterInfo::from).collect())
    }

    /// The same model with these low-rank adapters in place of those that it has. The weights share its memory.
    fn with_adapters(&self, py: Python<'_>, adapters: Vec<PyRef<'_, PyAdapter>>) -> PyResult<Self> {
        let adapters = adapters.iter().map(|adapter| adapter.inner.clone()).collect();
        door::run(py, || {
            let inner = self.inner.with_adapters(adapters)?;
            Ok(Self { inner, device: self.device, quantization: self.quantization })
        })
    }

    /// Name of the token embeddings' weight.
    #[getter]
    fn input_embeddings(&self) -> String {
        self.inner.input_embeddings()
    }

    /// Name of the weight that a language model's logits are computed with; `None` for other heads.
    #[getter]
    fn output_embeddings(&self) -> Option<String> {
        self.inner.output_embeddings()
    }

    /// Path of the layer that a language model's logits are computed with, whose weight may be the token embeddings';
    /// `None` for other heads.
    #[getter]
    fn output_layer(&self) -> Option<String> {
        self.inner.output_layer()
    }

    /// Name of the model without its head in checkpoints of models with one.
    #[getter]
    fn base_model_prefix(&self) -> String {
        self.inner.base_model_prefix().to_owned()
    }

    /// A model with other weights, and the names of missing and unexpected weights. Missing weights are those of this
    /// model; `strict` raises instead.
    fn with_weights(
        &self,
        py: Python<'_>,
        #[gen_stub(override_type(type_repr = "builtins.dict[builtins.str, Tensor]"))] weights: &Bound<'_, PyDict>,
        strict: bool,
    ) -> PyResult<(PyModel, Vec<String>, Vec<String>)> {
        let tensors = named_tensors(weights)?;
        door::run(py, || {
            let (device, quantization) = (self.device, self.quantization);
            let state = State { tensors, is_strict: strict, quantization, device: &tensor_device(device)? };
            let (inner, names) = trustformers::with_state(&*self.inner, device, state)?;
            Ok((Self { inner, device, quantization }, names.missing, names.unexpected))
        })
    }
}
