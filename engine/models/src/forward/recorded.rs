//! Forward passes that keep what a backward pass needs, on the backend's `Autodiff`.

use std::ops::Range;

use burn::backend::Autodiff;
use burn::module::{AutodiffModule, Module};
use burn::tensor::{Tensor, TensorData};
use trustformers_checkpoint::Rules;
use trustformers_core::{DType, Error, Result};
use trustformers_nn as nn;
use trustformers_ops::{
    CachedSegment, CrossEntropy, DropoutRates, EngineBackend, Rounding, int_vector, is_tracked, seed, seed_with,
    with_dropout,
};

use crate::forward::decoding::Decoding;
use crate::forward::encoder::batch_of;
use crate::forward::graph::{Computed, Graph, taken};
use crate::forward::packed_batch::{PackedBatch, Pass, Tokens};
use crate::load::assembly::Assembly;
use crate::model::LoadedModel;
use crate::output::{ChunkedTensor, Gradients, OutputGradients, PackedOutput, WantedWeights};
use crate::recording::{RecordedPass, Recording};
use crate::{EncoderInput, HostTensor, LoadBalance};

/// A model module that can be part of burn's graph of gradients.
pub(super) trait Differentiable<B: EngineBackend>: Assembly<B> {
    type Graph: Assembly<Autodiff<B>> + AutodiffModule<Autodiff<B>, InnerModule = Self> + Send + 'static;

    /// Runs a pass of a batch.
    fn run(
        model: &LoadedModel<Self>,
        graph: &Self::Graph,
        batch: &PackedBatch<'_>,
        pass: &Pass,
        leaf: Option<Tensor<Autodiff<B>, 2>>,
        recording: &Recording<'_>,
    ) -> Result<Outputs<B>>;

    /// Device of the token embeddings.
    fn embeddings_device(&self) -> &B::Device;
}

/// Outputs of a pass in the graph.
pub(super) struct Outputs<B: EngineBackend> {
    pub(super) last_hidden_state: Tensor<Autodiff<B>, 2>,
    pub(super) pooler_output: Option<Tensor<Autodiff<B>, 2>>,
    /// Logits, each row with its index among those of the pass.
    pub(super) logits: Option<(Tensor<Autodiff<B>, 2>, LogitRows)>,
    pub(super) hidden_states: Vec<Tensor<Autodiff<B>, 2>>,
    pub(super) router_logits: Vec<Tensor<Autodiff<B>, 2>>,
    /// The layers between the graph of the embeddings and that of the other outputs; `None` if all is one graph.
    pub(super) layers: Option<nn::CheckpointedLayers<B>>,
    /// Outputs of an encoder that the layers attend to; `None` if there is none or they were given.
    pub(super) encoder: Option<EncoderOutputs<B>>,
}

/// Outputs of an encoder in the graph.
pub(super) struct EncoderOutputs<B: EngineBackend> {
    pub(super) last_hidden_state: Tensor<Autodiff<B>, 2>,
    pub(super) hidden_states: Vec<Tensor<Autodiff<B>, 2>>,
    /// As of [`Outputs`].
    pub(super) layers: Option<nn::CheckpointedLayers<B>>,
}

/// Which rows of the logits' gradient belong to computed logits.
pub(super) enum LogitRows {
    All(Range<usize>),
    Some(Vec<usize>),
}

struct RecordedBatch<B: EngineBackend, G> {
    graph: Graph<B, G>,
    rules: Rules,
    rows: Range<usize>,
    sequences: Range<usize>,
    /// The embeddings that collect their gradient.
    leaf: Option<Tensor<Autodiff<B>, 2>>,
    outputs: Outputs<B>,
    /// Loss of the logits of the batch's classes; `None` without classes.
    loss: Option<CrossEntropy<B>>,
    /// Load-balancing loss of the experts, and which rows it counts.
    load_balance: Option<(LoadBalance, Vec<bool>)>,
}

impl<M> LoadedModel<M> {
    pub(super) fn recorded<B: EngineBackend>(
        &self,
        batch: &PackedBatch<'_>,
        recording: Recording<'_>,
    ) -> Result<(PackedOutput, Box<dyn RecordedPass>)>
    where
        M: Differentiable<B>,
    {
        let graph = self.graph::<B, M::Graph>(recording.wanted)?;
        let rates = match recording.seed {
            Some(_) => self.description.dropout_rates()?,
            None => DropoutRates::default(),
        };
        let rounding = match recording.mixed_precision {
            Some(DType::BF16) => Rounding::Bf16,
            Some(DType::F16) => Rounding::F16,
            Some(DType::F32) | None => Rounding::Exact,
        };
        let head = self.description.head;
        // Several passes would each have gradients of all weights.
        let passes = batch.passes(usize::MAX);
        let [pass] = &passes[..] else { return Err(Error::internal(format!("{} passes of a batch", passes.len()))) };
        let leaf = match recording.source {
            None => leaf::<B>(batch, pass.rows.clone(), self.module.embeddings_device())?,
            Some(EncoderInput::Tokens(source) | EncoderInput::Encoded(source)) => {
                leaf::<B>(source, 0..source.segments.rows(), self.module.embeddings_device())?
            }
        };
        if recording.checkpoint_every.is_some() && recording.router_logits {
            let message = "activation checkpointing with output_router_logits; turn one of the two off";
            return Err(Error::unsupported(message));
        }
        let run = || M::run(self, &graph.module, batch, pass, leaf.clone(), &recording);
        let outputs = rounding.during(|| with_dropout(recording.seed.unwrap_or(0), rates, run))?;
        let read = |tensor: &Tensor<Autodiff<B>, 2>| HostTensor::read(tensor.clone().inner());
        let mut output = PackedOutput::default();
        if head.is_absent() {
            output.last_hidden_state.push(read(&outputs.last_hidden_state)?);
            if let Some(pooled) = &outputs.pooler_output {
                output.pooler_output.push(read(pooled)?);
            }
        }
        match &outputs.logits {
            Some((logits, LogitRows::All(_))) => output.logits.push(read(logits)?),
            Some((logits, LogitRows::Some(rows))) => {
                output.logits.push(spread(&read(logits)?, rows, pass.sequences.len()));
            }
            None => {}
        }
        let loss = match (&outputs.logits, recording.classes) {
            (Some((logits, LogitRows::All(_))), Some(classes)) => {
                Some(CrossEntropy::new(&logits.clone().inner(), classes.to_vec())?)
            }
            _ => None,
        };
        output.loss = loss.as_ref().map(CrossEntropy::mean);
        let states = outputs.hidden_states.iter().map(read).collect::<Result<Vec<_>>>()?;
        ChunkedTensor::push_each(&mut output.hidden_states, states);
        let routers = outputs.router_logits.iter().map(read).collect::<Result<Vec<_>>>()?;
        ChunkedTensor::push_each(&mut output.router_logits, routers);
        if let Some(EncoderOutputs { last_hidden_state, hidden_states, .. }) = &outputs.encoder {
            let mut encoder = PackedOutput::default();
            encoder.last_hidden_state.push(read(last_hidden_state)?);
            let states = hidden_states.iter().map(read).collect::<Result<Vec<_>>>()?;
            ChunkedTensor::push_each(&mut encoder.hidden_states, states);
            output.encoder = Some(Box::new(encoder));
        }
        let output = output.with_logits_width(head, self.description.num_outputs);
        let recorded = RecordedBatch::<B, M::Graph> {
            graph,
            rules: self.rules.clone(),
            rows: pass.rows.clone(),
            sequences: pass.sequences.clone(),
            leaf,
            outputs,
            loss,
            load_balance: self.description.load_balance.map(|balance| (balance, batch.unmasked())),
        };
        Ok((output, Box::new(recorded)))
    }
}

/// Logits of sequences, zero for those without any. **Shapes:** returns `[sequences, outputs]`.
fn spread(logits: &HostTensor, rows: &[usize], sequences: usize) -> HostTensor {
    let width = logits.shape[1];
    let mut data = vec![0.0; sequences * width];
    for (row, logits) in rows.iter().zip(logits.data.chunks_exact(width.max(1))) {
        data[row * width..][..width].copy_from_slice(logits);
    }
    HostTensor { shape: vec![sequences, width], data }
}

impl<B: EngineBackend, G> RecordedPass for RecordedBatch<B, G>
where
    G: AutodiffModule<Autodiff<B>> + Send + 'static,
    G::InnerModule: Module<B>,
{
    fn backward(self: Box<Self>, gradients: &OutputGradients, wanted: Option<WantedWeights<'_>>) -> Result<Gradients> {
        let Self { graph, rules, rows, sequences, leaf, outputs, loss, load_balance } = *self;
        let routers = outputs.router_gradients(gradients, load_balance)?;
        let loss = loss.zip(gradients.loss);
        let mut computed = outputs.backward(gradients, loss, &routers, &rows, &sequences);
        let mut found = Gradients::default();
        if let Some(leaf) = leaf {
            let own = taken::<B, 2>(&leaf, &mut computed);
            let own = own.map(HostTensor::read).transpose()?.map(|own| own.data);
            found.embeddings = Some(own.unwrap_or_else(|| vec![0.0; leaf.dims().iter().product()]));
        }
        if let Some(wanted) = wanted.as_ref().filter(|_| !computed.is_empty()) {
            found.weights = graph.gradients(&rules, &mut computed, wanted);
        }
        Ok(found)
    }
}

impl<B: EngineBackend> Outputs<B> {
    /// Gradients of the routers' logits, with those of the load-balancing loss; empty without any.
    fn router_gradients(
        &self,
        gradients: &OutputGradients,
        load_balance: Option<(LoadBalance, Vec<bool>)>,
    ) -> Result<Vec<HostTensor>> {
        let (Some(factor), Some((balance, counted))) = (gradients.aux_loss, load_balance) else {
            return Ok(gradients.router_logits.clone());
        };
        let layers = self.router_logits.iter().map(|logits| HostTensor::read(logits.clone().inner()));
        let mut found = balance.gradients(&layers.collect::<Result<Vec<_>>>()?, &counted, factor);
        for (sum, own) in found.iter_mut().zip(&gradients.router_logits) {
            sum.data.iter_mut().zip(&own.data).for_each(|(sum, own)| *sum += own);
        }
        Ok(found)
    }

    /// Gradients of the leaves, given those of the outputs, in parts that add up; none if no output has one.
    fn backward(
        mut self,
        gradients: &OutputGradients,
        loss: Option<(CrossEntropy<B>, f32)>,
        routers: &[HostTensor],
        rows: &Range<usize>,
        sequences: &Range<usize>,
    ) -> Vec<Computed<B>> {
        let all = LogitRows::All(rows.clone());
        let mut hidden_states = gradients.hidden_states.iter();
        let of_states = of_layers(&self.layers, &mut self.hidden_states, &mut hidden_states);
        let (mut of_encoder, mut encoder_layers, mut of_loss) = (Vec::new(), None, None);
        let mut terms = Vec::new();
        let mut add = |output: Tensor<Autodiff<B>, 2>, gradient: Option<&HostTensor>, rows: &LogitRows| {
            terms.extend(gradient.map(|given| seed(output.clone(), tensor(given, rows, &output.device()))));
        };
        add(self.last_hidden_state, gradients.last_hidden_state.as_ref(), &all);
        if let Some(pooled) = self.pooler_output {
            add(pooled, gradients.pooler_output.as_ref(), &LogitRows::All(sequences.clone()));
        }
        if let Some((logits, rows)) = self.logits {
            add(logits.clone(), gradients.logits.as_ref(), &rows);
            of_loss = loss.map(|(loss, factor)| seed_with(logits, |values| loss.gradient(values, factor)));
        }
        for (state, gradient) in self.hidden_states.into_iter().zip(hidden_states) {
            add(state, Some(gradient), &all);
        }
        for (logits, gradient) in self.router_logits.into_iter().zip(routers) {
            add(logits, Some(gradient), &all);
        }
        if let (Some(mut encoder), Some(gradients)) = (self.encoder, &gradients.encoder) {
            let all = LogitRows::All(0..encoder.last_hidden_state.dims()[0]);
            let mut hidden_states = gradients.hidden_states.iter();
            of_encoder = of_layers(&encoder.layers, &mut encoder.hidden_states, &mut hidden_states);
            add(encoder.last_hidden_state, gradients.last_hidden_state.as_ref(), &all);
            for (state, gradient) in encoder.hidden_states.into_iter().zip(hidden_states) {
                add(state, Some(gradient), &all);
            }
            encoder_layers = encoder.layers;
        }
        let total = terms.into_iter().chain(of_loss).reduce(|sum, term| sum + term);
        // Nothing is tracked where all trained layers were dropped.
        let computed: Vec<_> = total.filter(is_tracked).map(|total| total.backward()).into_iter().collect();
        let computed = match self.layers {
            Some(layers) => layers.backward(computed, of_states),
            None => computed,
        };
        match encoder_layers {
            Some(layers) => layers.backward(computed, of_encoder),
            None => computed,
        }
    }
}

/// Gradients of the hidden states that layers without a graph recorded, which are removed; the last one comes after the
/// layers.
fn of_layers<'a, B: EngineBackend>(
    layers: &Option<nn::CheckpointedLayers<B>>,
    states: &mut Vec<Tensor<Autodiff<B>, 2>>,
    gradients: impl Iterator<Item = &'a HostTensor>,
) -> Vec<Tensor<B, 2>> {
    if layers.is_none() {
        return Vec::new();
    }
    let states = states.drain(..states.len().saturating_sub(1));
    let gradient = |(state, given): (Tensor<Autodiff<B>, 2>, &HostTensor)| {
        tensor(given, &LogitRows::All(0..state.dims()[0]), &state.device())
    };
    states.zip(gradients).map(gradient).collect()
}

/// Rows of an output's gradient.
fn tensor<B: EngineBackend>(
    HostTensor { shape, data }: &HostTensor,
    rows: &LogitRows,
    device: &B::Device,
) -> Tensor<B, 2> {
    let width = shape[1];
    let (count, data) = match rows {
        LogitRows::All(rows) => (rows.len(), data[rows.start * width..rows.end * width].to_vec()),
        LogitRows::Some(rows) => {
            (rows.len(), rows.iter().flat_map(|row| &data[row * width..][..width]).copied().collect())
        }
    };
    Tensor::from_data(TensorData::new(data, [count, width]), device)
}

/// The embeddings of some rows as a leaf that collects its gradient; `None` for token ids.
fn leaf<B: EngineBackend>(
    batch: &PackedBatch<'_>,
    rows: Range<usize>,
    device: &B::Device,
) -> Result<Option<Tensor<Autodiff<B>, 2>>> {
    match (&batch.tokens, batch.tokens.input::<Autodiff<B>>(rows, device)) {
        (Tokens::Embeddings(_), nn::TokenInput::Embeddings(vectors)) => Ok(Some(vectors.require_grad())),
        (Tokens::Ids(_), _) => Ok(None),
        _ => Err(Error::internal("embeddings became token ids")),
    }
}

pub(super) fn intermediates(recording: &Recording<'_>) -> nn::Intermediates {
    let Recording { hidden_states, router_logits, .. } = *recording;
    nn::Intermediates { hidden_states, router_logits, attentions: false }
}

/// Logits of a row of each sequence of a pass, for those that have one.
pub(super) fn classified<B: EngineBackend>(
    graph: &impl Decoding<Autodiff<B>>,
    hidden: &Tensor<Autodiff<B>, 2>,
    pass: &Pass,
    rows: Vec<Option<i64>>,
) -> Option<(Tensor<Autodiff<B>, 2>, LogitRows)> {
    let present = pass.sequences.clone().zip(rows).filter_map(|(sequence, row)| Some((sequence, row?)));
    let (sequences, rows): (Vec<_>, Vec<_>) = present.unzip();
    let picked = (!rows.is_empty()).then(|| int_vector::<Autodiff<B>>(rows, &graph.stack().placement().output))?;
    let logits = graph.logits(hidden.clone(), Some(picked))?;
    Some((logits, LogitRows::Some(sequences)))
}

impl<B: EngineBackend> Differentiable<B> for nn::EncoderModel<B> {
    type Graph = nn::EncoderModel<Autodiff<B>>;

    fn run(
        model: &LoadedModel<Self>,
        graph: &Self::Graph,
        batch: &PackedBatch<'_>,
        pass: &Pass,
        leaf: Option<Tensor<Autodiff<B>, 2>>,
        recording: &Recording<'_>,
    ) -> Result<Outputs<B>> {
        let mut input = batch_of(graph, batch, pass);
        if let Some(leaf) = leaf {
            input.ids.tokens = nn::TokenInput::Embeddings(leaf);
        }
        let intermediates = intermediates(recording);
        let ((computed, logits), layers) = match recording.checkpoint_every {
            Some(every) => graph.forward_checkpointed(&input, intermediates, every),
            None => (graph.forward(&input, intermediates, None), None),
        };
        let is_per_token = model.description.head.is_per_token();
        let rows = if is_per_token { pass.rows.clone() } else { pass.sequences.clone() };
        Ok(Outputs {
            last_hidden_state: computed.last_hidden_state,
            pooler_output: computed.pooler_output,
            logits: logits.map(|logits| (logits, LogitRows::All(rows))),
            hidden_states: computed.hidden_states,
            router_logits: Vec::new(),
            layers,
            encoder: None,
        })
    }

    fn embeddings_device(&self) -> &B::Device {
        &self.base().placement().embeddings
    }
}

impl<B: EngineBackend> Differentiable<B> for nn::DecoderModel<B> {
    type Graph = nn::DecoderModel<Autodiff<B>>;

    fn run(
        model: &LoadedModel<Self>,
        graph: &Self::Graph,
        batch: &PackedBatch<'_>,
        pass: &Pass,
        leaf: Option<Tensor<Autodiff<B>, 2>>,
        recording: &Recording<'_>,
    ) -> Result<Outputs<B>> {
        let rope_lengths: Vec<_> = batch.lengths().map(nn::RopeLength::Whole).collect();
        let segments: Vec<_> = CachedSegment::fresh(pass.segments.0.iter().map(|segment| segment.rows));
        let device = &graph.base().placement().embeddings;
        let input = nn::DecoderBatch {
            tokens: leaf.map_or_else(|| batch.tokens.input(pass.rows.clone(), device), nn::TokenInput::Embeddings),
            position_ids: &batch.position_ids[pass.rows.clone()],
            segments: &segments,
            rope_lengths: &rope_lengths[pass.sequences.clone()],
            source: None,
        };
        let (computed, layers) = match recording.checkpoint_every {
            Some(every) => graph.base().forward_checkpointed(&input, intermediates(recording), every),
            None => (graph.base().forward(&input, None, intermediates(recording)), None),
        };
        let hidden = computed.last_hidden_state;
        let logits = if model.description.head.is_per_token() {
            graph.logits(hidden.clone(), None).map(|logits| (logits, LogitRows::All(pass.rows.clone())))
        } else {
            classified(graph, &hidden, pass, model.classified_rows(batch, pass)?)
        };
        let (hidden_states, router_logits) = (computed.hidden_states, computed.router_logits);
        Ok(Outputs {
            last_hidden_state: hidden,
            pooler_output: None,
            logits,
            hidden_states,
            router_logits,
            layers,
            encoder: None,
        })
    }

    fn embeddings_device(&self) -> &B::Device {
        &self.base().placement().embeddings
    }
}
