//! Forward calls as operations of the graph of tensors.

use std::any::Any;
use std::collections::{HashMap, HashSet};
use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, PoisonError};

use pyo3::prelude::*;
use pyo3::types::PyDict;
use pyo3_stub_gen::derive::{gen_stub_pyclass, gen_stub_pymethods};
use trustformers::models::{
    ForwardCall, HostTensor, Model, ModelOutput, RecordedPass, Recording, Seq2SeqCall, Seq2SeqOutput, WantedWeights,
    WeightGradients,
};
use trustformers::tensor::{CustomGradient, DType, Tensor, TensorDevice};
use trustformers::{Error, Result};

use super::inputs::Inputs;
use super::{PyEncoderSource, PyModel, PyModelOutput};
use crate::arrays::Floats;
use crate::door;
use crate::tensor::PyTensor;

#[gen_stub_pymethods]
#[pymethods]
impl PyModel {
    /// Records that a forward call computed `outputs` from `inputs_embeds` and `weights`, and returns them as part of the
    /// graph. A backward pass computes the call again. `names` are those of the outputs: fields of `ModelOutput`,
    /// `hidden_states` and `router_logits` once for each of their tensors, `start_logits` and `end_logits` of a question
    /// answering model, and `decoder_hidden_states`, `encoder_hidden_states` and `encoder_last_hidden_state` of an
    /// encoder-decoder. `weights` are the model's, by name; `inputs` are the arrays of the call, those of the decoder if
    /// there is a `source`, whose `inputs_embeds` or `encoder_outputs` the tensor replaces.
    #[pyo3(signature = (names, outputs, weights, inputs_embeds, inputs, *, source=None))]
    #[expect(clippy::too_many_arguments, reason = "arguments of a Python method")]
    fn record(
        &self,
        py: Python<'_>,
        names: Vec<String>,
        outputs: Vec<PyRef<'_, PyTensor>>,
        weights: Vec<(String, PyRef<'_, PyTensor>)>,
        inputs_embeds: Option<&PyTensor>,
        #[gen_stub(override_type(type_repr = "builtins.dict[builtins.str, typing.Any]"))] inputs: &Bound<'_, PyDict>,
        source: Option<Py<PyEncoderSource>>,
    ) -> PyResult<Vec<PyTensor>> {
        let inputs = Inputs::of_dict(inputs)?;
        let call = Call::new(self.inner.clone(), source, inputs, inputs_embeds, weights, Settings::default());
        call.record(py, None, names, &outputs)
    }

    /// Runs the model as in training: with dropout if there is a `seed`, and keeping what a backward pass needs. `weights`
    /// are the model's, by name; those that are not given are its own, such as all but its adapters'. Gradients are
    /// computed for weights that require one. `mixed_precision` is the format to which products round their operands,
    /// "bfloat16" or "float16". With `checkpoint_every`, only the input of every n-th layer is kept, and a backward pass
    /// computes these layers again, one after another. Inputs are as of `record`.
    #[pyo3(signature = (
        weights, inputs_embeds, inputs, *, source=None, seed=None, mixed_precision=None, checkpoint_every=None,
        output_hidden_states=false
    ))]
    #[expect(clippy::too_many_arguments, reason = "keyword arguments of a Python method")]
    fn train(
        &self,
        py: Python<'_>,
        weights: Vec<(String, PyRef<'_, PyTensor>)>,
        inputs_embeds: Option<&PyTensor>,
        #[gen_stub(override_type(type_repr = "builtins.dict[builtins.str, typing.Any]"))] inputs: &Bound<'_, PyDict>,
        source: Option<Py<PyEncoderSource>>,
        seed: Option<u64>,
        mixed_precision: Option<&str>,
        checkpoint_every: Option<NonZeroUsize>,
        output_hidden_states: bool,
    ) -> PyResult<PyRecording> {
        let named = |(name, weight): &(String, PyRef<'_, PyTensor>)| (name.clone(), weight.get().detached());
        let all: Vec<(String, Tensor)> = weights.iter().map(named).collect();
        let weights = weights.into_iter().filter(|(_, weight)| weight.get().requires_grad()).collect();
        let mixed_precision =
            mixed_precision.map(str::parse).transpose().map_err(|error| door::exception(py, &error))?;
        let settings = Settings { seed, mixed_precision, checkpoint_every };
        let inputs = Inputs::of_dict(inputs)?;
        let model = door::run_here(py, || trustformers::for_training(&*self.inner, self.device, all))?;
        let call = Call::new(model, source, inputs, inputs_embeds, weights, settings);
        let (Seq2SeqOutput { decoder, encoder }, pass) = door::run(py, || {
            call.run(&call.weights.iter().map(|(name, _)| name.as_str()).collect(), output_hidden_states)
        })?;
        let output = Py::new(py, PyModelOutput::of(py, decoder)?)?;
        let encoder = match &call.source {
            Some(_) => Some(Py::new(py, PyModelOutput::of(py, encoder)?)?),
            None => None,
        };
        Ok(PyRecording { output, encoder, computed: Mutex::new(Some((call, pass))) })
    }

    /// The model's configuration without memory for weights, which `train` gets with each call.
    fn without_weights(&self, py: Python<'_>) -> PyResult<Self> {
        let inner = door::run_here(py, || trustformers::without_weights(&*self.inner, self.device))?;
        Ok(Self { inner, device: self.device, quantization: None })
    }
}

/// A forward call of `Model.train`.
#[gen_stub_pyclass]
#[pyclass(name = "Recording", frozen)]
pub struct PyRecording {
    /// The outputs as arrays, those of the decoder of an encoder-decoder.
    #[pyo3(get)]
    output: Py<PyModelOutput>,
    /// The outputs of the encoder as arrays; `None` without a source.
    #[pyo3(get)]
    encoder: Option<Py<PyModelOutput>>,
    computed: Mutex<Option<(Call, Box<dyn RecordedPass>)>>,
}

#[gen_stub_pymethods]
#[pymethods]
impl PyRecording {
    /// Makes the call's outputs part of the graph; see `Model.record`. A recording is used up by this.
    fn record(&self, py: Python<'_>, names: Vec<String>, outputs: Vec<PyRef<'_, PyTensor>>) -> PyResult<Vec<PyTensor>> {
        let computed = self.computed.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some((call, pass)) = computed else {
            let message = "the recording is used up; call the model again";
            return Err(door::exception(py, &Error::input("self", message)));
        };
        call.record(py, Some(pass), names, &outputs)
    }
}

#[derive(Clone, Copy, Default)]
struct Settings {
    seed: Option<u64>,
    mixed_precision: Option<trustformers::DType>,
    checkpoint_every: Option<NonZeroUsize>,
}

/// A forward call without a cache.
struct Call {
    model: Arc<dyn Model>,
    /// What the decoder of an encoder-decoder attends to.
    source: Option<Py<PyEncoderSource>>,
    /// Inputs besides `inputs_embeds` that have a gradient.
    inputs: Inputs,
    /// Embeddings that have a gradient: those of the source if there is one, or its encoder's outputs.
    inputs_embeds: Option<Tensor>,
    /// Weights whose gradients are computed, by name.
    weights: Vec<(String, Tensor)>,
    settings: Settings,
}

impl Call {
    fn new(
        model: Arc<dyn Model>,
        source: Option<Py<PyEncoderSource>>,
        inputs: Inputs,
        inputs_embeds: Option<&PyTensor>,
        weights: Vec<(String, PyRef<'_, PyTensor>)>,
        settings: Settings,
    ) -> Self {
        let weights = weights.into_iter().map(|(name, weight)| (name, weight.get())).collect();
        Self { model, source, inputs, inputs_embeds: inputs_embeds.map(PyTensor::get), weights, settings }
    }

    /// Calls `work` with the engine's call and its inputs' array of `inputs_embeds`.
    fn with<R>(&self, work: impl FnOnce(EngineCall<'_>) -> Result<R>) -> Result<R> {
        let floats = self.inputs_embeds.as_ref().map(host).transpose()?;
        let floats = floats.map(|HostTensor { shape, data }| Floats { shape, values: data });
        let own = floats.as_ref().map(|floats| floats.padded("inputs_embeds")).transpose()?;
        let target = self.inputs.call()?;
        let Some(source) = &self.source else {
            let inputs_embeds = own.or(target.inputs_embeds);
            return work(EngineCall::OneStack(ForwardCall { inputs_embeds, ..target }));
        };
        let mut source = source.get().call()?;
        if own.is_some() {
            let replaced =
                if source.encoder_outputs.is_some() { &mut source.encoder_outputs } else { &mut source.inputs_embeds };
            *replaced = own;
        }
        work(EngineCall::TwoStacks(Seq2SeqCall { source, target }))
    }

    /// Runs the call for the gradients of weights, by name.
    fn run(&self, names: &HashSet<&str>, hidden_states: bool) -> Result<(Seq2SeqOutput, Box<dyn RecordedPass>)> {
        let wanted = |name: &str| names.contains(name);
        let Settings { seed, mixed_precision, checkpoint_every } = self.settings;
        let wanted: Option<&(dyn Fn(&str) -> bool + Sync)> = (!names.is_empty()).then_some(&wanted);
        let recording =
            Recording { wanted, seed, mixed_precision, checkpoint_every, hidden_states, ..Recording::default() };
        self.with(|call| match call {
            EngineCall::OneStack(call) => {
                let (decoder, pass) = ForwardCall { hidden_states, ..call }.record(&*self.model, recording)?;
                Ok((Seq2SeqOutput { decoder, encoder: ModelOutput::default() }, pass))
            }
            EngineCall::TwoStacks(Seq2SeqCall { source, target }) => {
                let target = ForwardCall { hidden_states, ..target };
                Seq2SeqCall { source, target }.record(&self.model, recording)
            }
        })
    }

    /// Gradients of the embeddings and the weights, given those of the outputs.
    fn backward(
        &self,
        pass: Box<dyn RecordedPass>,
        gradients: Seq2SeqOutput,
        outputs: &ModelOutput,
        wanted: Option<WantedWeights<'_>>,
    ) -> Result<(Option<HostTensor>, WeightGradients)> {
        self.with(|call| match call {
            EngineCall::OneStack(call) => call.backward(&*self.model, pass, gradients.decoder, outputs, wanted),
            EngineCall::TwoStacks(call) => call.backward(&self.model, pass, gradients, outputs, wanted),
        })
    }

    /// The call's outputs as part of the graph.
    fn record(
        self,
        py: Python<'_>,
        pass: Option<Box<dyn RecordedPass>>,
        names: Vec<String>,
        outputs: &[PyRef<'_, PyTensor>],
    ) -> PyResult<Vec<PyTensor>> {
        let results: Vec<Tensor> = outputs.iter().map(|output| output.get()).collect();
        let operands: Vec<Tensor> =
            self.inputs_embeds.iter().cloned().chain(self.weights.iter().map(|(_, weight)| weight.clone())).collect();
        let Self { model, source, inputs, inputs_embeds, weights, settings } = self;
        let detached = |(name, weight): (String, Tensor)| (name, Operand::of(&weight));
        let call = RecordedCall {
            shapes: results.iter().map(Tensor::shape).collect(),
            logits: if model.head().classifies_tokens() { Vec::new() } else { logits_of_loss(&names, &results) },
            operands: weights.into_iter().map(detached).collect(),
            names,
            call: Self {
                model,
                source,
                inputs,
                inputs_embeds: inputs_embeds.map(|x| x.detached()),
                weights: Vec::new(),
                settings,
            },
            pass: Mutex::new(pass),
        };
        let recorded = door::run_here(py, || Tensor::record(results, &operands, Box::new(call)))?;
        Ok(recorded.into_iter().map(PyTensor::of).collect())
    }
}

/// A call of the engine.
enum EngineCall<'a> {
    OneStack(ForwardCall<'a>),
    TwoStacks(Seq2SeqCall<'a>),
}

/// What a gradient of a weight is like.
struct Operand {
    dtype: DType,
    device: TensorDevice,
}

impl Operand {
    fn of(weight: &Tensor) -> Self {
        Self { dtype: weight.dtype(), device: weight.device().clone() }
    }
}

/// A forward call as an operation of the graph of tensors.
struct RecordedCall {
    /// The call without its weights, whose memory would be shared.
    call: Call,
    /// The weights whose gradients are computed, by name.
    operands: Vec<(String, Operand)>,
    /// Name of each output.
    names: Vec<String>,
    /// Shape of each output.
    shapes: Vec<Vec<usize>>,
    /// Logits that the loss was computed from, those of starts and ends of a question answering model; empty without a
    /// loss, and where the pass knows its gradient.
    logits: Vec<Tensor>,
    /// What the forward pass kept, until a backward pass uses it up.
    pass: Mutex<Option<Box<dyn RecordedPass>>>,
}

impl CustomGradient for RecordedCall {
    fn backward(&self, gradients: &[Option<Tensor>]) -> Result<Vec<Option<Tensor>>> {
        let known: HashSet<&str> = self.operands.iter().map(|(name, _)| name.as_str()).collect();
        let names = |name: &str| known.contains(name);
        let wanted = self.operands.first().map(|(_, operand)| WantedWeights { names: &names, device: &operand.device });
        let kept = self.pass.lock().unwrap_or_else(PoisonError::into_inner).take();
        let outputs = ModelOutput { logits: joined(&self.logits)?, ..ModelOutput::default() };
        let gradients = self.output_gradients(gradients)?;
        let pass = match kept {
            Some(pass) => pass,
            None => {
                let Seq2SeqOutput { decoder, encoder } = &gradients;
                let reads_states = !decoder.hidden_states.is_empty() || !encoder.hidden_states.is_empty();
                self.call.run(&known, reads_states)?.1
            }
        };
        let (embeddings, weights) = self.call.backward(pass, gradients, &outputs, wanted)?;
        let mut weights: HashMap<String, Tensor> = weights.into_iter().collect();
        let mut found = Vec::with_capacity(1 + self.operands.len());
        if let Some(operand) = &self.call.inputs_embeds {
            let gradient = embeddings.ok_or_else(|| Error::internal("no gradient of embeddings"))?;
            let gradient = Tensor::from_f32(gradient.data, &gradient.shape, operand.device())?;
            found.push(Some(gradient.cast(operand.dtype())?));
        }
        for (name, operand) in &self.operands {
            found.push(weights.remove(name).map(|gradient| gradient.cast(operand.dtype)).transpose()?);
        }
        Ok(found)
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

impl RecordedCall {
    fn output_gradients(&self, gradients: &[Option<Tensor>]) -> Result<Seq2SeqOutput> {
        let (mut found, mut encoder) = (ModelOutput::default(), ModelOutput::default());
        let (mut reads_hidden_states, mut reads_router_logits, mut reads_encoder) = (false, false, false);
        for (at, (name, shape)) in self.names.iter().zip(&self.shapes).enumerate() {
            let gradient = gradients.get(at).and_then(Option::as_ref).map(host).transpose()?;
            match (&name[..], gradient) {
                ("hidden_states" | "decoder_hidden_states", gradient) => {
                    reads_hidden_states |= gradient.is_some();
                    found.hidden_states.push(gradient.unwrap_or_else(|| zeros(shape.clone())));
                }
                ("encoder_hidden_states", gradient) => {
                    reads_encoder |= gradient.is_some();
                    encoder.hidden_states.push(gradient.unwrap_or_else(|| zeros(shape.clone())));
                }
                ("router_logits", gradient) => {
                    reads_router_logits |= gradient.is_some();
                    found.router_logits.push(gradient.unwrap_or_else(|| zeros(shape.clone())));
                }
                (_, None) => {}
                ("aux_loss", Some(gradient)) => found.aux_loss = gradient.data.first().copied(),
                ("loss", Some(gradient)) => found.loss = gradient.data.first().copied(),
                ("last_hidden_state", gradient) => found.last_hidden_state = gradient,
                ("encoder_last_hidden_state", gradient) => encoder.last_hidden_state = gradient,
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
        if !reads_encoder {
            encoder.hidden_states.clear();
        }
        if !reads_router_logits {
            found.router_logits.clear();
        }
        Ok(Seq2SeqOutput { decoder: found, encoder })
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
