//! A forward call as an operation of the graph of tensors.

use std::any::Any;
use std::sync::Arc;

use numpy::{PyReadonlyArray2, PyReadonlyArrayDyn};
use pyo3::prelude::*;
use pyo3_stub_gen::derive::gen_stub_pymethods;
use trustformers::models::{ForwardCall, HostTensor, Model, ModelOutput, WantedWeights};
use trustformers::tensor::{CustomGradient, DType, Tensor};
use trustformers::{Error, Result};

use super::PyModel;
use super::inputs::{Inputs, LabelArrays, TokenArrays};
use crate::arrays::Floats;
use crate::door;
use crate::tensor::PyTensor;

#[gen_stub_pymethods]
#[pymethods]
impl PyModel {
    /// Records that a forward call computed `outputs` from `inputs_embeds` and `weights`, and returns them as part of the
    /// graph. `names` are those of the outputs: fields of `ModelOutput`, `hidden_states` once for each of its tensors, and
    /// `start_logits` and `end_logits` of a question answering model. `weights` are the model's, by name.
    #[pyo3(signature = (names, outputs, weights, inputs_embeds=None, input_ids=None, attention_mask=None,
        token_type_ids=None, position_ids=None, task_type_ids=None, *, labels=None, targets=None, start_positions=None,
        end_positions=None, padding=false))]
    #[expect(clippy::too_many_arguments, reason = "keyword arguments of a Python method")]
    fn record(
        &self,
        py: Python<'_>,
        names: Vec<String>,
        outputs: Vec<PyRef<'_, PyTensor>>,
        weights: Vec<(String, PyRef<'_, PyTensor>)>,
        inputs_embeds: Option<&PyTensor>,
        input_ids: Option<PyReadonlyArray2<'_, i64>>,
        attention_mask: Option<PyReadonlyArray2<'_, i64>>,
        token_type_ids: Option<PyReadonlyArray2<'_, i64>>,
        position_ids: Option<PyReadonlyArray2<'_, i64>>,
        task_type_ids: Option<PyReadonlyArray2<'_, i64>>,
        labels: Option<PyReadonlyArrayDyn<'_, i64>>,
        targets: Option<PyReadonlyArrayDyn<'_, f32>>,
        start_positions: Option<PyReadonlyArrayDyn<'_, i64>>,
        end_positions: Option<PyReadonlyArrayDyn<'_, i64>>,
        padding: bool,
    ) -> PyResult<Vec<PyTensor>> {
        let ids = TokenArrays::copy([input_ids, attention_mask, token_type_ids, position_ids, task_type_ids]);
        let labels = LabelArrays::copy(labels, targets, [start_positions, end_positions]);
        let results: Vec<Tensor> = outputs.iter().map(|output| output.get()).collect();
        let embeddings = inputs_embeds.map(PyTensor::get);
        let operands: Vec<Tensor> =
            embeddings.iter().cloned().chain(weights.iter().map(|(_, weight)| weight.get())).collect();
        let call = RecordedCall {
            model: self.inner.clone(),
            shapes: results.iter().map(Tensor::shape).collect(),
            inputs: Inputs { ids, inputs_embeds: None, labels, padding, logits_to_keep: None },
            inputs_embeds: embeddings.as_ref().map(Tensor::detached),
            weights: weights.into_iter().map(|(name, weight)| (name, weight.get().detached())).collect(),
            logits: logits_of_loss(&names, &results),
            names,
        };
        let recorded = door::run_here(py, || Tensor::record(results, &operands, Box::new(call)))?;
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
    /// Inputs besides `inputs_embeds`.
    inputs: Inputs,
    inputs_embeds: Option<Tensor>,
    /// Weights whose gradients are computed, by name.
    weights: Vec<(String, Tensor)>,
    /// Logits that the loss was computed from, those of starts and ends of a question answering model; empty without a
    /// loss.
    logits: Vec<Tensor>,
}

impl CustomGradient for RecordedCall {
    fn backward(&self, gradients: &[Option<Tensor>]) -> Result<Vec<Option<Tensor>>> {
        let names = |name: &str| self.weights.iter().any(|(known, _)| known == name);
        let wanted = self.weights.first().map(|(_, weight)| WantedWeights { names: &names, device: weight.device() });
        let outputs = ModelOutput { logits: joined(&self.logits)?, ..ModelOutput::default() };
        let floats = self.inputs_embeds.as_ref().map(host).transpose()?;
        let floats = floats.map(|HostTensor { shape, data }| Floats { shape, values: data });
        let inputs_embeds = floats.as_ref().map(|floats| floats.padded("inputs_embeds")).transpose()?;
        let call = ForwardCall { inputs_embeds, ..self.inputs.call()? };
        let (embeddings, weights) =
            call.gradients(&*self.model, self.output_gradients(gradients)?, &outputs, wanted)?;
        let mut found = Vec::with_capacity(1 + self.weights.len());
        if let Some(operand) = &self.inputs_embeds {
            let gradient = embeddings.ok_or_else(|| Error::internal("no gradient of embeddings"))?;
            let gradient = Tensor::from_f32(gradient.data, &gradient.shape, operand.device())?;
            found.push(Some(gradient.cast(operand.dtype())?));
        }
        for (name, weight) in &self.weights {
            let gradient = weights.iter().find(|(known, _)| known == name).map(|(_, gradient)| gradient);
            found.push(gradient.map(|gradient| gradient.cast(weight.dtype())).transpose()?);
        }
        Ok(found)
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
                ("loss", Some(gradient)) => found.loss = gradient.data.first().copied(),
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

/// The outputs that a loss among them was computed from.
fn logits_of_loss(names: &[String], outputs: &[Tensor]) -> Vec<Tensor> {
    let is_logits = |name: &str| matches!(name, "logits" | "start_logits" | "end_logits");
    let named = names.iter().zip(outputs).filter(|(name, _)| is_logits(name));
    if names.iter().any(|name| name == "loss") {
        named.map(|(_, logits)| logits.detached()).collect()
    } else {
        Vec::new()
    }
}

/// The logits as one array; those of starts and ends are interleaved.
fn joined(logits: &[Tensor]) -> Result<Option<HostTensor>> {
    match logits {
        [start, end] => {
            let (HostTensor { shape, data }, end) = (host(start)?, host(end)?);
            let data = data.into_iter().zip(end.data).flat_map(|(start, end)| [start, end]).collect();
            Ok(Some(HostTensor { shape: [&shape[..], &[2]].concat(), data }))
        }
        _ => logits.first().map(host).transpose(),
    }
}

fn zeros(shape: Vec<usize>) -> HostTensor {
    let data = vec![0.0; shape.iter().product()];
    HostTensor { shape, data }
}

/// The elements in float32.
fn host(tensor: &Tensor) -> Result<HostTensor> {
    Ok(HostTensor { shape: tensor.shape(), data: tensor.cast(DType::F32)?.to_f32()? })
}
