use std::sync::Arc;

use burn::tensor::{Int, Tensor};
use trustformers_core::{Error, Result, Sequences};
use trustformers_nn as nn;
use trustformers_ops::{AttentionKind, EngineBackend};

use crate::cache::cached_sequences::CachedSequences;
use crate::cache::sequences::DecoderSequences;
use crate::forward::decoding::Decoding;
use crate::forward::input::{Packing, PaddingPolicy};
use crate::forward::packed_batch::PackedBatch;
use crate::model::LoadedModel;
use crate::output::{OutputFlags, PackedOutput};
use crate::recording::{RecordedPass, Recording};
use crate::{Head, Model};

impl<B: EngineBackend> LoadedModel<nn::DecoderModel<B>> {
    /// Rejects token-by-token reading with bidirectional attention.
    fn check_causal(&self, what: &str) -> Result<()> {
        match self.module.base().attention() {
            AttentionKind::Causal => Ok(()),
            _ => Err(Error::unsupported(format!(
                "{what} with bidirectional attention; it needs a causal language model"
            ))),
        }
    }
}

impl<B: EngineBackend> Decoding<B> for nn::DecoderModel<B> {
    fn stack(&self) -> &nn::Decoder<B> {
        self.base()
    }

    fn logits(&self, hidden: Tensor<B, 2>, picked: Option<Tensor<B, 1, Int>>) -> Option<Tensor<B, 2>> {
        self.logits(hidden, picked)
    }
}

/// Field of the token embeddings.
const TOKEN_EMBEDDINGS: &str = "base.embed_tokens.weight";

impl<B: EngineBackend> Model for LoadedModel<nn::DecoderModel<B>> {
    fn forward(&self, batch: &PackedBatch<'_>, flags: OutputFlags<'_>) -> Result<PackedOutput> {
        let rope_lengths: Vec<_> = batch.lengths().map(nn::RopeLength::Whole).collect();
        self.run::<B>(batch, flags, &rope_lengths, None)
    }

    fn record(
        &self,
        batch: &PackedBatch<'_>,
        recording: Recording<'_>,
    ) -> Result<(PackedOutput, Box<dyn RecordedPass>)> {
        self.recorded::<B>(batch, recording)
    }

    fn packing(&self) -> Packing {
        Packing { limits: self.limits, padding: PaddingPolicy::Skip }
    }

    fn sequences(self: Arc<Self>, num_slots: usize) -> Result<Box<dyn Sequences>> {
        if self.description.head != Head::CausalLm {
            return Err(Error::unsupported(
                "generation without a language modeling head; load the model with AutoModelForCausalLM",
            ));
        }
        self.check_causal("generation")?;
        Ok(Box::new(DecoderSequences::new(self, num_slots, None)))
    }

    fn cached_sequences(self: Arc<Self>, num_slots: usize) -> Result<Box<dyn CachedSequences>> {
        self.check_causal("past_key_values")?;
        match self.description.head {
            Head::Base | Head::CausalLm => Ok(Box::new(DecoderSequences::new(self, num_slots, None))),
            head => Err(Error::unsupported(format!("past_key_values for a model with a {} head", head.name()))),
        }
    }

    weight_methods!(TOKEN_EMBEDDINGS);
}
