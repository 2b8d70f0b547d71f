//! Gradients of the token embeddings that a caller passes and of weights, given gradients of the outputs. Each pass is
//! computed again on the backend's `Autodiff`, so that a forward pass stores nothing.

use std::ops::Range;

use burn::backend::Autodiff;
use burn::module::{AutodiffModule, Module, ModuleMapper, Param};
use burn::tensor::backend::AutodiffBackend;
use burn::tensor::{Tensor, TensorData};
use trustformers_checkpoint::parameters;
use trustformers_core::{Error, Result};
use trustformers_nn as nn;
use trustformers_ops::{CachedSegment, EngineBackend, int_vector};
use trustformers_tensor as host;

use crate::HostTensor;
use crate::forward::encoder::batch_of;
use crate::forward::packed_batch::{PackedBatch, Pass, Tokens};
use crate::load::assemble::Assembly;
use crate::model::LoadedModel;
use crate::output::{Gradients, OutputGradients, WantedWeights, WeightGradients};

/// A model module that can be part of burn's graph of gradients.
pub(super) trait Differentiable<B: EngineBackend>: Assembly<B> {
    type Graph: Assembly<Autodiff<B>> + AutodiffModule<Autodiff<B>, InnerModule = Self>;

    /// The sum of a pass's outputs, each multiplied by its gradient.
    fn total(
        model: &LoadedModel<Self>,
        graph: &Self::Graph,
        batch: &PackedBatch<'_>,
        pass: &Pass,
        leaf: Option<Tensor<Autodiff<B>, 2>>,
        gradients: &OutputGradients,
    ) -> Result<Total<B>>;

    /// Device of the token embeddings.
    fn embeddings_device(&self) -> &B::Device;
}

impl<M> LoadedModel<M> {
    pub(super) fn gradients_of<B: EngineBackend>(
        &self,
        batch: &PackedBatch<'_>,
        gradients: &OutputGradients,
        wanted: Option<WantedWeights<'_>>,
    ) -> Result<Gradients>
    where
        M: Differentiable<B>,
    {
        let graph = self.graph::<B>(wanted.is_some())?;
        let mut found = Gradients::default();
        for pass in &batch.passes(B::ROWS_PER_PASS) {
            let leaf = leaf::<B>(batch, pass.rows.clone(), self.module.embeddings_device())?;
            let total = M::total(self, &graph, batch, pass, leaf.clone(), gradients)?.0;
            let computed = total.map(|total| total.backward());
            if let Some(leaf) = leaf {
                let own = computed.as_ref().and_then(|computed| leaf.grad(computed));
                let own = own.map(HostTensor::read).transpose()?.map(|own| own.data);
                let zeros = || vec![0.0; leaf.dims().iter().product()];
                found.embeddings.get_or_insert_default().extend(own.unwrap_or_else(zeros));
            }
            if let (Some(wanted), Some(mut computed)) = (&wanted, computed) {
                found.add(self.weight_gradients::<B>(&graph, &mut computed, wanted)?)?;
            }
        }
        Ok(found)
    }

    /// The module on the backend's `Autodiff`; its weights have gradients if `of_weights`.
    ///
    /// **Errors:** `Unsupported` for gradients of quantized weights.
    fn graph<B: EngineBackend>(&self, of_weights: bool) -> Result<M::Graph>
    where
        M: Differentiable<B>,
    {
        let mut module = self.module.clone();
        if !of_weights {
            return Ok(M::Graph::from_inner(module).no_grad());
        }
        if self.is_quantized {
            return Err(Error::unsupported("gradients of quantized weights; load the model without quantization"));
        }
        module.prepare(&nn::Preparation::UNPACKING);
        let mut graph = M::Graph::from_inner(module).map(&mut RequireGrad::default());
        if self.rules.is_tied(OUTPUT) {
            graph.tie_head();
        }
        Ok(graph)
    }

    fn weight_gradients<B: EngineBackend>(
        &self,
        graph: &M::Graph,
        computed: &mut <Autodiff<B> as AutodiffBackend>::Gradients,
        wanted: &WantedWeights<'_>,
    ) -> Result<WeightGradients>
    where
        M: Differentiable<B>,
    {
        let module = graph.clone().map(&mut Collect { computed }).valid();
        let found = parameters::<B, M>(&module, &self.rules, wanted.names).into_iter();
        let found = found.filter_map(|parameter| Some((parameter.name, parameter.values?)));
        Ok(found.map(|(name, values)| (name, host::Tensor::from_float_primitive::<B>(values, wanted.device))).collect())
    }
}

/// Field of the weight that may be tied to the token embeddings.
const OUTPUT: &str = "head.output.weight";

impl Gradients {
    /// Adds the gradients of another pass.
    fn add(&mut self, weights: WeightGradients) -> Result<()> {
        if self.weights.is_empty() {
            self.weights = weights;
            return Ok(());
        }
        for ((_, sum), (_, gradient)) in self.weights.iter_mut().zip(weights) {
            *sum = sum.add_scaled(None, &gradient)?;
        }
        Ok(())
    }
}

/// Makes every parameter but tables of sinusoids, which are not trained, a leaf that collects its gradient.
#[derive(Default)]
struct RequireGrad {
    is_constant: bool,
}

/// Type of the module that holds a table of sinusoids.
const SINUSOIDS: &str = "Struct:Sinusoids";

impl<B: AutodiffBackend> ModuleMapper<B> for RequireGrad {
    fn enter_module(&mut self, _name: &str, container_type: &str) {
        self.is_constant |= container_type == SINUSOIDS;
    }

    fn exit_module(&mut self, _name: &str, container_type: &str) {
        self.is_constant &= container_type != SINUSOIDS;
    }

    fn map_float<const D: usize>(&mut self, param: Param<Tensor<B, D>>) -> Param<Tensor<B, D>> {
        let (id, values, _) = param.consume();
        let values = Tensor::from_inner(values.inner());
        Param::initialized(id, if self.is_constant { values } else { values.require_grad() })
    }
}

/// Replaces every parameter by its gradient, zero where nothing depends on it.
struct Collect<'a, G> {
    computed: &'a mut G,
}

impl<B: AutodiffBackend> ModuleMapper<B> for Collect<'_, B::Gradients> {
    fn map_float<const D: usize>(&mut self, param: Param<Tensor<B, D>>) -> Param<Tensor<B, D>> {
        let (id, values, _) = param.consume();
        let gradient = values.grad(self.computed).unwrap_or_else(|| values.inner().zeros_like());
        Param::initialized(id, Tensor::from_inner(gradient))
    }
}

fn intermediates(gradients: &OutputGradients) -> nn::Intermediates {
    nn::Intermediates { hidden_states: !gradients.hidden_states.is_empty(), attentions: false }
}

/// The sum of outputs, each multiplied by its gradient; its gradient is that of the outputs.
pub(super) struct Total<B: EngineBackend>(Option<Tensor<Autodiff<B>, 1>>);

impl<B: EngineBackend> Total<B> {
    /// Adds an output, whose gradient is a range of the first dimension of `gradient`.
    fn add(&mut self, output: Tensor<Autodiff<B>, 2>, gradient: Option<&HostTensor>, range: Range<usize>) {
        let Some(HostTensor { shape, data }) = gradient else { return };
        let width = shape[1];
        let data = TensorData::new(data[range.start * width..range.end * width].to_vec(), [range.len(), width]);
        let gradient = Tensor::from_data(data, &output.device());
        let product = (output.cast(burn::tensor::DType::F32) * gradient).sum();
        self.0 = Some(match self.0.take() {
            Some(total) => total + product,
            None => product,
        });
    }

    fn add_all(&mut self, outputs: Vec<Tensor<Autodiff<B>, 2>>, gradients: &[HostTensor], range: &Range<usize>) {
        for (output, gradient) in outputs.into_iter().zip(gradients) {
            self.add(output, Some(gradient), range.clone());
        }
    }
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

impl<B: EngineBackend> Differentiable<B> for nn::EncoderModel<B> {
    type Graph = nn::EncoderModel<Autodiff<B>>;

    fn total(
        model: &LoadedModel<Self>,
        graph: &Self::Graph,
        batch: &PackedBatch<'_>,
        pass: &Pass,
        leaf: Option<Tensor<Autodiff<B>, 2>>,
        gradients: &OutputGradients,
    ) -> Result<Total<B>> {
        let mut input = batch_of(graph, batch, pass);
        if let Some(leaf) = leaf {
            input.ids.tokens = nn::TokenInput::Embeddings(leaf);
        }
        let (computed, logits) = graph.forward(&input, intermediates(gradients), None);
        let mut total = Total(None);
        total.add(computed.last_hidden_state, gradients.last_hidden_state.as_ref(), pass.rows.clone());
        if let Some(pooled) = computed.pooler_output {
            total.add(pooled, gradients.pooler_output.as_ref(), pass.sequences.clone());
        }
        if let Some(logits) = logits {
            let is_per_token = model.description.head.is_per_token();
            let range = if is_per_token { pass.rows.clone() } else { pass.sequences.clone() };
            total.add(logits, gradients.logits.as_ref(), range);
        }
        total.add_all(computed.hidden_states, &gradients.hidden_states, &pass.rows);
        Ok(total)
    }

    fn embeddings_device(&self) -> &B::Device {
        &self.base().placement().embeddings
    }
}

impl<B: EngineBackend> Differentiable<B> for nn::DecoderModel<B> {
    type Graph = nn::DecoderModel<Autodiff<B>>;

    fn total(
        model: &LoadedModel<Self>,
        graph: &Self::Graph,
        batch: &PackedBatch<'_>,
        pass: &Pass,
        leaf: Option<Tensor<Autodiff<B>, 2>>,
        gradients: &OutputGradients,
    ) -> Result<Total<B>> {
        let rope_lengths: Vec<_> = batch.lengths().map(nn::RopeLength::Whole).collect();
        let segments: Vec<_> = CachedSegment::fresh(pass.segments.0.iter().map(|segment| segment.rows));
        let device = &graph.base().placement().embeddings;
        let input = nn::DecoderBatch {
            tokens: leaf.map_or_else(|| batch.tokens.input(pass.rows.clone(), device), nn::TokenInput::Embeddings),
            position_ids: &batch.position_ids[pass.rows.clone()],
            segments: &segments,
            rope_lengths: &rope_lengths[pass.sequences.clone()],
        };
        let computed = graph.base().forward(&input, None, intermediates(gradients));
        let hidden = computed.last_hidden_state;
        let mut total = Total(None);
        total.add(hidden.clone(), gradients.last_hidden_state.as_ref(), pass.rows.clone());
        total.add_all(computed.hidden_states, &gradients.hidden_states, &pass.rows);
        if model.description.head.is_per_token() {
            if let Some(logits) = graph.logits(hidden, None) {
                total.add(logits, gradients.logits.as_ref(), pass.rows.clone());
            }
            return Ok(total);
        }
        // Each sequence's logits are those of one row.
        for (sequence, row) in pass.sequences.clone().zip(model.classified_rows(batch, pass)?) {
            let Some(row) = row else { continue };
            let picked = int_vector::<Autodiff<B>>(vec![row], &graph.base().placement().output);
            if let Some(logits) = graph.logits(hidden.clone(), Some(picked)) {
                total.add(logits, gradients.logits.as_ref(), sequence..sequence + 1);
            }
        }
        Ok(total)
    }

    fn embeddings_device(&self) -> &B::Device {
        &self.base().placement().embeddings
    }
}
