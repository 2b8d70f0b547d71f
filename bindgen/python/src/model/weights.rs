//! Weights of a model as tensors.

use pyo3::prelude::*;
use pyo3::types::PyDict;
use pyo3_stub_gen::derive::gen_stub_pymethods;
use trustformers::models::{ModelParameter, State};
use trustformers::tensor_device;

use super::PyModel;
use crate::door;
use crate::tensor::PyTensor;
use crate::tensor::files::named_tensors;

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

    /// Number of elements of all weights; without quantized weights if `only_trainable`.
    fn num_parameters(&self, py: Python<'_>, only_trainable: bool, exclude_embeddings: bool) -> PyResult<usize> {
        door::run_here(py, || {
            let parameters = self.inner.parameters(&|_| false, &tensor_device(self.device)?)?;
            let counted = parameters.iter().filter(|parameter| {
                !(only_trainable && parameter.is_quantized || exclude_embeddings && parameter.is_embedding)
            });
            Ok(counted.map(|parameter| parameter.shape.iter().product::<usize>()).sum())
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

    /// A model with other weights, and the names of missing and unexpected weights. Missing weights are those of this
    /// model; `strict` raises instead.
    fn with_weights(
        &self,
        py: Python<'_>,
        weights: &Bound<'_, PyDict>,
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
