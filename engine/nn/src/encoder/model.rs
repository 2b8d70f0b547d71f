use std::num::NonZeroUsize;

use burn::backend::Autodiff;
use burn::module::Module;
use burn::tensor::backend::Backend;
use burn::tensor::{Int, Tensor, TensorData};
use trustformers_ops::{EngineBackend, Segments};

use crate::{CheckpointedLayers, Encoder, EncoderBatch, EncoderOutput, Head, Intermediates, LayerMut, Preparation};

/// Which hidden states a head reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HeadInput {
    /// The last hidden state of every token.
    EveryToken,
    /// The last hidden state of each sequence's first token.
    First,
    /// The mean of the last hidden states of each sequence's unmasked tokens.
    Mean,
    /// The output of the pooler.
    Pooled,
    /// The last hidden state of every token; logits are averaged over each sequence's unmasked tokens.
    MeanOfLogits,
}

/// What the encoder computed, and the logits of the head if there is one.
type WithLogits<B> = (EncoderOutput<B>, Option<Tensor<B, 2>>);

/// An encoder with an optional head.
#[derive(Module, Debug)]
pub struct EncoderModel<B: Backend> {
    base: Encoder<B>,
    head: Option<Head<B>>,
    #[module(skip)]
    head_input: HeadInput,
}

impl<B: EngineBackend> EncoderModel<B> {
    /// A model of these parts.
    pub fn new(base: Encoder<B>, head: Option<(HeadInput, Head<B>)>) -> Self {
        let (head_input, head) = head.map_or((HeadInput::EveryToken, None), |(input, head)| (input, Some(head)));
        Self { base, head, head_input }
    }

    /// The encoder without its head.
    pub fn base(&self) -> &Encoder<B> {
        &self.base
    }

    /// Whether the hidden state of a token depends on the embeddings of its neighbors, padding included.
    pub fn reads_neighbors(&self) -> bool {
        self.base.reads_neighbors()
    }

    /// Whether the output depends on each sequence's first token, even a masked one.
    pub fn reads_first(&self) -> bool {
        self.base.has_pooler() || (self.head.is_some() && self.head_input == HeadInput::First)
    }

    /// Runs the model and its head; per-token logits are computed at the `picked` rows only, if given. Outputs and
    /// `picked` are on the output's device.
    ///
    /// **Shapes:** logits are `[rows or picked, num_outputs]` or `[batch, num_outputs]`.
    pub fn forward(
        &self,
        batch: &EncoderBatch<B>,
        requested: Intermediates,
        picked: Option<Tensor<B, 1, Int>>,
    ) -> WithLogits<B> {
        let output = self.base.forward(batch, requested);
        let logits = self.logits(&output, batch, picked);
        (output, logits)
    }

    /// Logits of the `picked` rows, of all rows or of each sequence; `None` without a head.
    fn logits(
        &self,
        output: &EncoderOutput<B>,
        batch: &EncoderBatch<B>,
        picked: Option<Tensor<B, 1, Int>>,
    ) -> Option<Tensor<B, 2>> {
        self.head.as_ref().map(|head| {
            let hidden = output.last_hidden_state.clone();
            let vectors = match (self.head_input, &output.pooler_output) {
                (HeadInput::First, _) => hidden.select(0, batch.first.clone()),
                (HeadInput::Mean, _) => mean(hidden, &batch.rows.segments),
                (HeadInput::Pooled, Some(pooled)) => pooled.clone(),
                (HeadInput::MeanOfLogits, _) => return mean(head.forward(hidden), &batch.rows.segments),
                (HeadInput::Pooled | HeadInput::EveryToken, _) => match picked {
                    Some(rows) => hidden.select(0, rows),
                    None => hidden,
                },
            };
            head.forward(vectors)
        })
    }

    /// Ties the weight of the head's output layer to the token embeddings.
    pub fn tie_head(&mut self) {
        if let Some(head) = &mut self.head {
            head.tie(self.base.embedding_weight(), &self.base.placement().output);
        }
    }

    /// Brings the linear weights into the layout of the backend's kernels, if it has one for this precision.
    pub fn prepare(&mut self, plan: &Preparation<'_>) {
        self.each_layer(&mut |layer| layer.prepare(plan));
    }

    /// Visits the embedding tables and linear layers.
    pub fn each_layer(&mut self, visit: &mut dyn FnMut(LayerMut<'_, B>)) {
        self.base.each_layer(visit);
        self.head.iter_mut().for_each(|head| head.each_layer(visit));
    }
}

impl<B: EngineBackend> EncoderModel<Autodiff<B>> {
    /// As [`EncoderModel::forward`] without picked rows, keeping the input only of every n-th layer.
    pub fn forward_checkpointed(
        &self,
        batch: &EncoderBatch<Autodiff<B>>,
        requested: Intermediates,
        every: NonZeroUsize,
    ) -> (WithLogits<Autodiff<B>>, Option<CheckpointedLayers<B>>) {
        let mut kept = None;
        let output = self.base.forward_with(batch, requested, |x, pass| {
            kept.insert(CheckpointedLayers::run(&self.base, x, pass, &batch.rows, every)).output()
        });
        let logits = self.logits(&output, batch, None);
        ((output, logits), kept)
    }
}

/// The mean of each sequence's unmasked rows. **Shapes:** `x: [rows, hidden]`; returns `[batch, hidden]`.
fn mean<B: EngineBackend>(x: Tensor<B, 2>, segments: &Segments) -> Tensor<B, 2> {
    let (batch, rows) = (segments.0.len(), segments.rows());
    let mut shares = vec![0.0f32; batch * rows];
    for (index, (start, segment)) in segments.starts().enumerate() {
        shares[index * rows + start..][..segment.keys].fill(1.0 / segment.keys as f32);
    }
    let shares = Tensor::from_data(TensorData::new(shares, [batch, rows]), (&x.device(), x.dtype()));
    shares.matmul(x)
}
