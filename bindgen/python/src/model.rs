//! A model as a Python class.

mod adapter;
mod inputs;
mod load_options;
mod recorded;
pub(crate) mod source;
mod weights;

use std::path::PathBuf;
use std::sync::Arc;

use numpy::{PyArray1, PyArray2, PyArrayMethods, PyReadonlyArray2, PyReadonlyArrayDyn};
use pyo3::prelude::*;
use pyo3_stub_gen::derive::{gen_stub_pyclass, gen_stub_pymethods};
use trustformers::models::{
    AttentionKind, Bits, ForwardCall, Grouping, LoadOptions, Model, ModelOutput, Quantization, Seq2SeqCall, SourceCall,
};
use trustformers::{Device, Error, ModelSource, Result};

use crate::arrays::{FloatArray, Floats, Ids, to_numpy};
use crate::door;
use crate::json::{Keys, json_keys, value_dict};
use crate::past::PyPastKeyValues;
pub use adapter::PyAdapter;
use inputs::{Inputs, LabelArrays, TokenArrays};
pub use load_options::PyLoadOptions;
pub use recorded::PyRecording;
pub use source::PyEncoderSource;
pub use weights::PyParameterInfo;

/// A loaded model.
#[gen_stub_pyclass]
#[pyclass(name = "Model", frozen)]
pub struct PyModel {
    pub(crate) inner: Arc<dyn Model>,
    device: Device,
    quantization: Option<Quantization>,
}

/// Outputs of a forward pass; arrays are float32.
#[gen_stub_pyclass]
#[pyclass(name = "ModelOutput", frozen, get_all)]
pub struct PyModelOutput {
    /// Last hidden states, (batch, seq, hidden); base models only.
    last_hidden_state: Option<Py<numpy::PyArrayDyn<f32>>>,
    /// Pooler output, (batch, hidden); base models with a pooler only.
    pooler_output: Option<Py<numpy::PyArrayDyn<f32>>>,
    /// Logits of the head, (batch, seq, outputs) or (batch, outputs).
    logits: Option<Py<numpy::PyArrayDyn<f32>>>,
    /// Hidden states, (batch, seq, hidden) each; empty unless `output_hidden_states`.
    hidden_states: Vec<Py<numpy::PyArrayDyn<f32>>>,
    /// Attention weights of each layer, (batch, heads, seq, seq) each; empty unless `output_attentions`.
    attentions: Vec<Py<numpy::PyArrayDyn<f32>>>,
    /// Weights of a decoder's cross-attention of each layer, (batch, heads, seq, source seq) each; empty unless
    /// `output_attentions`.
    cross_attentions: Vec<Py<numpy::PyArrayDyn<f32>>>,
    /// Logits of the router of each layer with experts, (batch * seq, experts) each; empty unless `output_router_logits`.
    router_logits: Vec<Py<numpy::PyArrayDyn<f32>>>,
    /// Load-balancing loss of the experts of a causal language model; `None` unless `output_router_logits`.
    aux_loss: Option<f32>,
    /// Loss for the given labels, with the load-balancing loss if there is one; `None` without labels.
    loss: Option<f32>,
}

impl PyModelOutput {
    pub(crate) fn of(py: Python<'_>, output: ModelOutput) -> PyResult<Self> {
        let array = |tensor| to_numpy(py, tensor).map(FloatArray::unbind);
        Ok(Self {
            last_hidden_state: output.last_hidden_state.map(array).transpose()?,
            pooler_output: output.pooler_output.map(array).transpose()?,
            logits: output.logits.map(array).transpose()?,
            hidden_states: output.hidden_states.into_iter().map(array).collect::<PyResult<_>>()?,
            attentions: output.attentions.into_iter().map(array).collect::<PyResult<_>>()?,
            cross_attentions: output.cross_attentions.into_iter().map(array).collect::<PyResult<_>>()?,
            router_logits: output.router_logits.into_iter().map(array).collect::<PyResult<_>>()?,
            aux_loss: output.aux_loss,
            loss: output.loss,
        })
    }
}

#[gen_stub_pymethods]
#[pymethods]
impl PyModel {
    /// Loads `config.json` and the weights of a directory, or a GGUF file if `dir` is a file. `device` may be "auto".
    #[staticmethod]
    fn from_dir(py: Python<'_>, dir: PathBuf, head: &str, device: &str, options: &PyLoadOptions) -> PyResult<Self> {
        door::run(py, || {
            let source = if dir.is_file() { ModelSource::Gguf(&dir) } else { ModelSource::Dir(&dir) };
            Self::make(source, head, device, &options.inner)
        })
    }

    /// A model with random weights from the keys of a `config.json`.
    #[staticmethod]
    fn from_config(py: Python<'_>, config: Keys<'_>, head: &str, device: &str, dtype: &str) -> PyResult<Self> {
        let config = json_keys("config", &config)?;
        door::run(py, || {
            let options = LoadOptions { dtype: dtype.parse()?, ..LoadOptions::default() };
            Self::make(ModelSource::Config(config), head, device, &options)
        })
    }

    /// Runs the model on int64 arrays of shape (batch, seq), or on float32 `inputs_embeds` of shape (batch, seq,
    /// embedding_size). `labels` (int64) and `targets` (float32) have any shape with as many elements as the head has
    /// predictions. With `padding`, masked positions are computed as well; `logits_to_keep` limits the logits to the
    /// last positions of each sequence. The sequences continue from `past`, whose tokens `attention_mask` covers too,
    /// and are appended to it.
    #[pyo3(signature = (input_ids=None, inputs_embeds=None, attention_mask=None, token_type_ids=None, position_ids=None,
        task_type_ids=None, *, labels=None, targets=None, start_positions=None, end_positions=None, output_hidden_states=false,
        output_attentions=false, output_router_logits=false, padding=false, logits_to_keep=None, past=None))]
    #[expect(clippy::too_many_arguments, reason = "keyword arguments of a Python method")]
    fn forward<'py>(
        &self,
        py: Python<'py>,
        input_ids: Option<PyReadonlyArray2<'py, i64>>,
        inputs_embeds: Option<PyReadonlyArrayDyn<'py, f32>>,
        attention_mask: Option<PyReadonlyArray2<'py, i64>>,
        token_type_ids: Option<PyReadonlyArray2<'py, i64>>,
        position_ids: Option<PyReadonlyArray2<'py, i64>>,
        task_type_ids: Option<PyReadonlyArray2<'py, i64>>,
        labels: Option<PyReadonlyArrayDyn<'py, i64>>,
        targets: Option<PyReadonlyArrayDyn<'py, f32>>,
        start_positions: Option<PyReadonlyArrayDyn<'py, i64>>,
        end_positions: Option<PyReadonlyArrayDyn<'py, i64>>,
        output_hidden_states: bool,
        output_attentions: bool,
        output_router_logits: bool,
        padding: bool,
        logits_to_keep: Option<usize>,
        past: Option<&PyPastKeyValues>,
    ) -> PyResult<PyModelOutput> {
        let inputs = Inputs {
            ids: TokenArrays::copy([input_ids, attention_mask, token_type_ids, position_ids, task_type_ids]),
            inputs_embeds: inputs_embeds.as_ref().map(Floats::copy),
            labels: LabelArrays::copy(labels, targets, [start_positions, end_positions]),
            padding,
            router_logits: output_router_logits,
            logits_to_keep,
        };
        let output = door::run(py, || {
            let call =
                ForwardCall { hidden_states: output_hidden_states, attentions: output_attentions, ..inputs.call()? };
            let [batch, _] = call.shape()?;
            let mut lease = past.map(|past| past.inner.lease()).transpose()?;
            let past = lease.as_mut().map(|lease| lease.past(&self.inner, batch)).transpose()?;
            call.run(&*self.inner, past)
        })?;
        PyModelOutput::of(py, output)
    }

    /// Runs an encoder-decoder, and returns the outputs of its decoder and its encoder. Without `decoder_input_ids` and
    /// `decoder_inputs_embeds`, the decoder's tokens are the labels, or for some families the source, shifted to the
    /// right. The decoder's sequences continue from `past`, whose tokens `decoder_attention_mask` covers too, and are
    /// appended to it; an empty one gets the keys and values of the source as well.
    #[pyo3(signature = (source, decoder_input_ids=None, decoder_inputs_embeds=None, decoder_attention_mask=None, *,
        labels=None, targets=None, start_positions=None, end_positions=None, output_hidden_states=false,
        output_attentions=false, logits_to_keep=None, past=None))]
    #[expect(clippy::too_many_arguments, reason = "keyword arguments of a Python method")]
    fn forward_seq2seq<'py>(
        &self,
        py: Python<'py>,
        source: &PyEncoderSource,
        decoder_input_ids: Option<PyReadonlyArray2<'py, i64>>,
        decoder_inputs_embeds: Option<PyReadonlyArrayDyn<'py, f32>>,
        decoder_attention_mask: Option<PyReadonlyArray2<'py, i64>>,
        labels: Option<PyReadonlyArrayDyn<'py, i64>>,
        targets: Option<PyReadonlyArrayDyn<'py, f32>>,
        start_positions: Option<PyReadonlyArrayDyn<'py, i64>>,
        end_positions: Option<PyReadonlyArrayDyn<'py, i64>>,
        output_hidden_states: bool,
        output_attentions: bool,
        logits_to_keep: Option<usize>,
        past: Option<&PyPastKeyValues>,
    ) -> PyResult<(PyModelOutput, PyModelOutput)> {
        let inputs = Inputs {
            ids: TokenArrays::copy([decoder_input_ids, decoder_attention_mask, None, None, None]),
            inputs_embeds: decoder_inputs_embeds.as_ref().map(Floats::copy),
            labels: LabelArrays::copy(labels, targets, [start_positions, end_positions]),
            padding: false,
            router_logits: false,
            logits_to_keep,
        };
        let output = door::run(py, || {
            let (hidden_states, attentions) = (output_hidden_states, output_attentions);
            let source = SourceCall { hidden_states, attentions, ..source.call()? };
            let target = ForwardCall { hidden_states, attentions, ..inputs.call()? };
            let call = Seq2SeqCall { source, target };
            match past {
                None => call.run(&self.inner, &mut None),
                Some(past) => call.run(&self.inner, past.inner.lease()?.filled(&self.inner)?),
            }
        })?;
        Ok((PyModelOutput::of(py, output.decoder)?, PyModelOutput::of(py, output.encoder)?))
    }

    /// Runs the encoder of an encoder-decoder, and returns its outputs.
    #[pyo3(signature = (source, *, output_hidden_states=false, output_attentions=false))]
    fn encode(
        &self,
        py: Python<'_>,
        source: &PyEncoderSource,
        output_hidden_states: bool,
        output_attentions: bool,
    ) -> PyResult<PyModelOutput> {
        let output = door::run(py, || {
            let (hidden_states, attentions) = (output_hidden_states, output_attentions);
            let source = SourceCall { hidden_states, attentions, ..source.call()? };
            Ok(source.encode(&self.inner, 1, true)?.0)
        })?;
        PyModelOutput::of(py, output)
    }

    /// Labels of an encoder-decoder, (batch, seq), shifted to the right: the tokens that its decoder reads.
    fn shifted<'py>(&self, py: Python<'py>, labels: PyReadonlyArray2<'py, i64>) -> PyResult<Bound<'py, PyArray2<i64>>> {
        let labels = Ids::copy(&labels);
        let found = door::run_here(py, || match self.inner.clone().encoder_decoder() {
            Some(model) => model.shifted(Some(&labels.values), None, labels.shape[0]),
            None => Err(Error::unsupported("shifted labels of a model without an encoder and a decoder")),
        })?;
        PyArray1::from_vec(py, found).reshape(labels.shape)
    }

    /// Whether the model has an encoder and a decoder.
    #[getter]
    fn is_encoder_decoder(&self) -> bool {
        self.inner.clone().encoder_decoder().is_some()
    }

    /// Whether the decoder of the model reads the source, shifted to the right, in a call without tokens for it.
    #[getter]
    fn shifts_source(&self) -> bool {
        self.inner.clone().encoder_decoder().is_some_and(|model| model.shifts_source())
    }

    /// Writes `config.json` and `model.safetensors` into a directory.
    fn save_pretrained(&self, py: Python<'_>, dir: PathBuf) -> PyResult<()> {
        door::run(py, || self.inner.save_pretrained(&dir))
    }

    /// The keys of the model's `config.json`.
    fn config<'py>(&self, py: Python<'py>) -> PyResult<Keys<'py>> {
        value_dict(py, self.inner.config())
    }

    /// Name of the model's head, in snake case.
    #[getter]
    fn head(&self) -> &'static str {
        self.inner.head().name()
    }

    /// Whether attention is causal: no token attends to later ones.
    #[getter]
    fn is_causal(&self) -> bool {
        self.inner.attention() == AttentionKind::Causal
    }

    /// The floating point format that the model computes in.
    #[getter]
    fn dtype(&self) -> &'static str {
        self.inner.dtype().name()
    }

    /// Bits per weight that the linear layers were quantized to on loading; `None` without quantization.
    #[getter]
    fn bits(&self) -> Option<u8> {
        self.quantization.map(|quantization| match quantization {
            Quantization::Groups(Grouping { bits: Bits::Four | Bits::Fp4, .. }) => 4,
            Quantization::Groups(Grouping { bits: Bits::Eight, .. }) | Quantization::Int8 => 8,
        })
    }

    /// Quantization group size along the inputs of linear layers; `None` without groups.
    #[getter]
    fn group_size(&self) -> Option<usize> {
        match self.quantization {
            Some(Quantization::Groups(grouping)) => Some(grouping.group_size),
            _ => None,
        }
    }

    /// The device that the model computes on.
    #[getter]
    fn device(&self) -> String {
        self.device.to_string()
    }

    /// Names of checkpoint tensors that the model does not use, such as another head's.
    #[getter]
    fn unused_weights(&self) -> Vec<String> {
        self.inner.report().unused.clone()
    }

    /// Names of randomly initialized parameters that the checkpoint lacks.
    #[getter]
    fn missing_weights(&self) -> Vec<String> {
        self.inner.report().missing.clone()
    }

    /// Keys of `config.json`, or of a GGUF file's metadata, that are not read.
    #[getter]
    fn unknown_config_keys(&self) -> Vec<String> {
        self.inner.unknown_config_keys().to_vec()
    }

    /// Randomly initialized parameters whose checkpoint tensor has another shape: name, checkpoint shape, model shape.
    #[getter]
    fn mismatched_weights(&self) -> Vec<(String, Vec<usize>, Vec<usize>)> {
        self.inner.report().mismatched.clone()
    }
}

impl PyModel {
    fn make(source: ModelSource<'_>, head: &str, device: &str, options: &LoadOptions) -> Result<Self> {
        let device = if device == "auto" { None } else { Some(device.parse()?) };
        let (model, device) = trustformers::load_model(source, head.parse()?, device, options)?;
        Ok(Self { inner: model, device, quantization: options.quantization })
    }
}
