//! Gradients of the token embeddings that a caller passes, given gradients of the outputs. Each pass is computed again
//! on the backend's `Autodiff`, so that a forward pass stores nothing.

use std::ops::Range;

use burn::backend::Autodiff;
use burn::module::{AutodiffModule, Module};
use burn::tensor::{Tensor, TensorData};
use trustformers_core::{Error, Result};
use trustformers_nn as nn;
use trustformers_ops::{CachedSegment, EngineBackend, int_vector};

use crate::HostTensor;
use crate::forward::encoder::batch_of;
use crate::forward::packed_batch::{PackedBatch, Tokens};
use crate::model::LoadedModel;
use crate::output::OutputGradients;

fn intermediates(gradients: &OutputGradients) -> nn::Intermediates {
    nn::Intermediates { hidden_states: !gradients.hidden_states.is_empty(), attentions: false }
}

/// The sum of outputs, each multiplied by its gradient; its gradient is that of the outputs.
struct Total<B: EngineBackend>(Option<Tensor<Autodiff<B>, 1>>);

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

    /// The gradient of a leaf that the outputs were computed from.
    fn of_leaf(self, leaf: &Tensor<Autodiff<B>, 2>) -> Result<Vec<f32>> {
        let zeros = || vec![0.0; leaf.dims().iter().product()];
        let Some(total) = self.0 else { return Ok(zeros()) };
        match leaf.grad(&total.backward()) {
            Some(gradient) => HostTensor::read(gradient).map(|gradient| gradient.data),
            None => Ok(zeros()),
        }
    }
}

/// The embeddings of some rows as a leaf that collects its gradient.
fn leaf<B: EngineBackend>(
    batch: &PackedBatch<'_>,
    rows: Range<usize>,
    device: &B::Device,
) -> Result<Tensor<Autodiff<B>, 2>> {
    match (&batch.tokens, batch.tokens.input::<Autodiff<B>>(rows, device)) {
        (Tokens::Embeddings(_), nn::TokenInput::Embeddings(vectors)) => Ok(vectors.require_grad()),
        _ => Err(Error::internal("token ids have no gradient")),
    }
}

impl<B: EngineBackend> LoadedModel<nn::EncoderModel<B>> {
    pub(super) fn gradient_of_embeddings(
        &self,
        batch: &PackedBatch<'_>,
        gradients: &OutputGradients,
    ) -> Result<Vec<f32>> {
        let module = nn::EncoderModel::<Autodiff<B>>::from_inner(self.module.clone()).no_grad();
        let is_per_token = self.description.head.is_per_token();
        let mut found = Vec::new();
        for pass in &batch.passes(B::ROWS_PER_PASS) {
            let leaf = leaf::<B>(batch, pass.rows.clone(), &self.module.base().placement().embeddings)?;
            let mut input = batch_of(&module, batch, pass);
            input.ids.tokens = nn::TokenInput::Embeddings(leaf.clone());
            let (computed, logits) = module.forward(&input, intermediates(gradients), None);
            let mut total = Total(None);
            total.add(computed.last_hidden_state, gradients.last_hidden_state.as_ref(), pass.rows.clone());
            if let Some(pooled) = computed.pooler_output {
                total.add(pooled, gradients.pooler_output.as_ref(), pass.sequences.clone());
            }
            if let Some(logits) = logits {
                let range = if is_per_token { pass.rows.clone() } else { pass.sequences.clone() };
                total.add(logits, gradients.logits.as_ref(), range);
            }
            total.add_all(computed.hidden_states, &gradients.hidden_states, &pass.rows);
            found.extend(total.of_leaf(&leaf)?);
        }
        Ok(found)
    }
}

impl<B: EngineBackend> LoadedModel<nn::DecoderModel<B>> {
    pub(super) fn gradient_of_embeddings(
        &self,
        batch: &PackedBatch<'_>,
        gradients: &OutputGradients,
    ) -> Result<Vec<f32>> {
        let module = nn::DecoderModel::<Autodiff<B>>::from_inner(self.module.clone()).no_grad();
        let rope_lengths: Vec<_> = batch.lengths().map(nn::RopeLength::Whole).collect();
        let mut found = Vec::new();
        for pass in &batch.passes(B::ROWS_PER_PASS) {
            let leaf = leaf::<B>(batch, pass.rows.clone(), &self.module.base().placement().embeddings)?;
            let segments: Vec<_> = CachedSegment::fresh(pass.segments.0.iter().map(|segment| segment.rows));
            let input = nn::DecoderBatch {
                tokens: nn::TokenInput::Embeddings(leaf.clone()),
                position_ids: &batch.position_ids[pass.rows.clone()],
                segments: &segments,
                rope_lengths: &rope_lengths[pass.sequences.clone()],
            };
            let computed = module.base().forward(&input, None, intermediates(gradients));
            let hidden = computed.last_hidden_state;
            let mut total = Total(None);
            total.add(hidden.clone(), gradients.last_hidden_state.as_ref(), pass.rows.clone());
            total.add_all(computed.hidden_states, &gradients.hidden_states, &pass.rows);
            if self.description.head.is_per_token() {
                if let Some(logits) = module.logits(hidden, None) {
                    total.add(logits, gradients.logits.as_ref(), pass.rows.clone());
                }
            } else {
                // Each sequence's logits are those of one row.
                let rows = self.classified_rows(batch, pass)?;
                for (sequence, row) in pass.sequences.clone().zip(rows) {
                    let Some(row) = row else { continue };
                    let picked = int_vector::<Autodiff<B>>(vec![row], &self.module.base().placement().output);
                    if let Some(logits) = module.logits(hidden.clone(), Some(picked)) {
                        total.add(logits, gradients.logits.as_ref(), sequence..sequence + 1);
                    }
                }
            }
            found.extend(total.of_leaf(&leaf)?);
        }
        Ok(found)
    }
}
