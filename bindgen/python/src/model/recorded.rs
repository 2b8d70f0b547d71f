//! A forward call as an operation of the graph of tensors.

use std::any::Any;
use std::sync::Arc;

use numpy::PyReadonlyArray2;
use pyo3::prelude::*;
use pyo3_stub_gen::derive::gen_stub_pymethods;
use trustformers::models::{ForwardCall, HostTensor, Model, ModelOutput, PaddedArray};
use trustformers::tensor::{CustomGradient, DType, Tensor};
use trustformers::{Error, Result};

use super::PyModel;
use crate::arrays::Ids;
use crate::door;
use crate::tensor::PyTensor;

#[gen_stub_pymethods]
#[pymethods]
impl PyModel {
    /// Records that a forward call computed `outputs` from `inputs_embeds`, and returns them as part of the graph.
    /// `names` are those of the outputs: fields of `ModelOutput`, `hidden_states` once for each of its tensors, and
    /// `start_logits` and `end_logits` of a question answering model.
    #[pyo3(signature = (names, outputs, inputs_embeds, attention_mask=None, token_type_ids=None, position_ids=None,
        task_type_ids=None, *, padding=false))]
    #[expect(clippy::too_many_arguments, reason = "keyword arguments of a Python method")]
    fn record(
        &self,
        py: Python<'_>,
        names: Vec<String>,
        outputs: Vec<PyRef<'_, PyTensor>>,
        inputs_embeds: &PyTensor,
        attention_mask: Option<PyReadonlyArray2<'_, i64>>,
        token_type_ids: Option<PyReadonlyArray2<'_, i64>>,
        position_ids: Option<PyReadonlyArray2<'_, i64>>,
        task_type_ids: Option<PyReadonlyArray2<'_, i64>>,
        padding: bool,
    ) -> PyResult<Vec<PyTensor>> {
        let [attention_mask, token_type_ids, position_ids, task_type_ids] =
            [attention_mask, token_type_ids, position_ids, task_type_ids].map(|array| array.as_ref().map(Ids::copy));
        let operand = inputs_embeds.get();
        let results: Vec<Tensor> = outputs.iter().map(|output| output.get()).collect();
        let call = RecordedCall {
            model: self.inner.clone(),
            names,
            shapes: results.iter().map(Tensor::shape).collect(),
            inputs_embeds: operand.detached(),
            attention_mask,
            token_type_ids,
            position_ids,
            task_type_ids,
            padding,
        };
        let recorded = door::run_here(py, || Tensor::record(results, &[operand], Box::new(call)))?;
        Ok(recorded.into_iter().map(PyTensor::of).collect())
    }
}

/// A forward call without a cache.
struct RecordedCall {
    model: Arc<dyn Model>,
    /// Name of each output.
    names: Vec<String>,
    /// Shape of each output.
    shapes: Vec<Vec<usize>>,
    inputs_embeds: Tensor,
    attention_mask: Option<Ids>,
    token_type_ids: Option<Ids>,
    position_ids: Option<Ids>,
    task_type_ids: Option<Ids>,
    padding: bool,
}

impl CustomGradient for RecordedCall {
    fn backward(&self, gradients: &[Option<Tensor>]) -> Result<Vec<Option<Tensor>>> {
        let embeddings = host(&self.inputs_embeds)?;
        let shape = embeddings.shape[..].try_into();
        let shape = shape.map_err(|_| Error::internal("embeddings that are no (batch, seq, width)"))?;
        let call = ForwardCall {
            inputs_embeds: Some(PaddedArray::new(&embeddings.data, shape)),
            attention_mask: ids(&self.attention_mask),
            token_type_ids: ids(&self.token_type_ids),
            position_ids: ids(&self.position_ids),
            task_type_ids: ids(&self.task_type_ids),
            padding: self.padding,
            ..ForwardCall::default()
        };
        let found = call.input_gradient(&*self.model, &self.output_gradients(gradients)?)?;
        let gradient = Tensor::from_f32(found.data, &found.shape, self.inputs_embeds.device())?;
        Ok(vec![Some(gradient.cast(self.inputs_embeds.dtype())?)])
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

impl RecordedCall {
    fn output_gradients(&self, gradients: &[Option<Tensor>]) -> Result<ModelOutput> {
        let mut found = ModelOutput::default();
        let mut reads_hidden_states = false;
        for (at, (name, shape)) in self.names.iter().zip(&self.shapes).enumerate() {
            let gradient = gradients.get(at).and_then(Option::as_ref).map(host).transpose()?;
            match (&name[..], gradient) {
                ("hidden_states", gradient) => {
                    reads_hidden_states |= gradient.is_some();
                    found.hidden_states.push(gradient.unwrap_or_else(|| zeros(shape.clone())));
                }
                (_, None) => {}
                ("last_hidden_state", gradient) => found.last_hidden_state = gradient,
                ("pooler_output", gradient) => found.pooler_output = gradient,
                ("logits", gradient) => found.logits = gradient,
                // The two logits of each token.
                ("start_logits" | "end_logits", Some(gradient)) => {
                    let logits = found.logits.get_or_insert_with(|| zeros([&shape[..], &[2]].concat()));
                    let offset = usize::from(name == "end_logits");
                    for (pair, value) in logits.data.chunks_exact_mut(2).zip(gradient.data) {
                        pair[offset] = value;
                    }
                }
                (name, _) => return Err(Error::unsupported(format!("gradients of the output {name}"))),
            }
        }
        if !reads_hidden_states {
            found.hidden_states.clear();
        }
        Ok(found)
    }
}

fn zeros(shape: Vec<usize>) -> HostTensor {
    let data = vec![0.0; shape.iter().product()];
    HostTensor { shape, data }
}

fn ids(ids: &Option<Ids>) -> Option<PaddedArray<'_, i64, 2>> {
    ids.as_ref().map(Ids::padded)
}

/// The elements in float32.
fn host(tensor: &Tensor) -> Result<HostTensor> {
    Ok(HostTensor { shape: tensor.shape(), data: tensor.cast(DType::F32)?.to_f32()? })
}
