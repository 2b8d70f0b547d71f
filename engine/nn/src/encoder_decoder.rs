use burn::module::Module;
use burn::tensor::backend::Backend;
use burn::tensor::{Int, Tensor};
use trustformers_ops::EngineBackend;

use crate::decoder::stack::{scaled, selected};
use crate::{Decoder, Head, LayerMut, Preparation};

/// A stack with bidirectional attention, and a causal one that attends to its outputs, arXiv 1706.03762 section 3.1.
#[derive(Module, Debug)]
pub struct EncoderDecoder<B: Backend> {
    encoder: Decoder<B>,
    decoder: Decoder<B>,
}

impl<B: EngineBackend> EncoderDecoder<B> {
    /// A model of two stacks.
    pub fn new(encoder: Decoder<B>, decoder: Decoder<B>) -> Self {
        Self { encoder, decoder }
    }

    /// The stack with bidirectional attention.
    pub fn encoder(&self) -> &Decoder<B> {
        &self.encoder
    }

    /// The causal stack.
    pub fn decoder(&self) -> &Decoder<B> {
        &self.decoder
    }
}

/// An encoder-decoder with an optional head on its decoder.
#[derive(Module, Debug)]
pub struct EncoderDecoderModel<B: Backend> {
    base: EncoderDecoder<B>,
    head: Option<Head<B>>,
    logit_multiplier: f64,
}

impl<B: EngineBackend> EncoderDecoderModel<B> {
    /// A model of these parts; the decoder's hidden states are multiplied by `logit_multiplier` for the head.
    pub fn new(base: EncoderDecoder<B>, head: Option<Head<B>>, logit_multiplier: f64) -> Self {
        Self { base, head, logit_multiplier }
    }

    /// The encoder-decoder without its head.
    pub fn base(&self) -> &EncoderDecoder<B> {
        &self.base
    }

    /// Logits of the `picked` rows of the decoder, or of all rows; `None` without a head. All tensors are on the output's
    /// device.
    ///
    /// **Shapes:** `hidden: [rows, hidden]`; returns `[picked, outputs]`.
    pub fn logits(&self, hidden: Tensor<B, 2>, picked: Option<Tensor<B, 1, Int>>) -> Option<Tensor<B, 2>> {
        Some(self.head.as_ref()?.forward(scaled(selected(hidden, picked), self.logit_multiplier)))
    }

    /// Ties the token embeddings of the decoder to those of the encoder.
    pub fn tie_embeddings(&mut self) {
        let table = self.base.encoder.embedding_weight().clone();
        self.base.decoder.tie_embeddings(&table);
    }

    /// Ties the weight of the head's output layer to the token embeddings of the decoder.
    pub fn tie_head(&mut self) {
        let decoder = &self.base.decoder;
        if let Some(head) = &mut self.head {
            head.tie(decoder.embedding_weight(), &decoder.placement().output);
        }
    }

    /// Brings the linear weights into the layout of the backend's kernels, if it has one for this precision.
    pub fn prepare(&mut self, plan: &Preparation<'_>) {
        self.each_layer(&mut |layer| layer.prepare(plan));
    }

    /// Visits the embedding tables and linear layers.
    pub fn each_layer(&mut self, visit: &mut dyn FnMut(LayerMut<'_, B>)) {
        self.base.encoder.each_layer(visit);
        self.base.decoder.each_layer(visit);
        self.head.iter_mut().for_each(|head| head.each_layer(visit));
    }
}
