//! Recorded passes of an encoder and a decoder.

use burn::backend::Autodiff;
use burn::tensor::Tensor;
use trustformers_core::{Error, Result};
use trustformers_nn as nn;
use trustformers_ops::{CachedSegment, EngineBackend};

use crate::cache::sources::Sources;
use crate::forward::packed_batch::{PackedBatch, Pass};
use crate::forward::recorded::{Differentiable, EncoderOutputs, LogitRows, Outputs, classified, intermediates};
use crate::model::LoadedModel;
use crate::recording::Recording;
use crate::{EncoderInput, Head};

/// Outputs of a stack, with its layers if they have no graph.
type Recorded<B> = (nn::DecoderOutput<Autodiff<B>>, Option<nn::CheckpointedLayers<B>>);

/// Runs a stack on the rows of a pass.
fn run<B: EngineBackend>(
    stack: &nn::Decoder<Autodiff<B>>,
    batch: &PackedBatch<'_>,
    lengths: &[usize],
    embeddings: Tensor<Autodiff<B>, 2>,
    source: Option<nn::Source<'_, Autodiff<B>>>,
    recording: &Recording<'_>,
) -> Recorded<B> {
    let rope_lengths: Vec<_> = batch.lengths().map(nn::RopeLength::Whole).collect();
    let rows = 0..batch.segments.rows();
    let input = nn::DecoderBatch {
        tokens: nn::TokenInput::Embeddings(embeddings),
        position_ids: &batch.position_ids[rows],
        segments: &CachedSegment::fresh(lengths.iter().copied()),
        rope_lengths: &rope_lengths,
        source,
    };
    match recording.checkpoint_every {
        Some(every) => stack.forward_checkpointed(&input, intermediates(recording), every),
        None => (stack.forward(&input, None, intermediates(recording)), None),
    }
}

/// Token embeddings of the rows of a pass.
fn embeddings<B: EngineBackend>(
    stack: &nn::Decoder<Autodiff<B>>,
    batch: &PackedBatch<'_>,
    leaf: Option<Tensor<Autodiff<B>, 2>>,
) -> Tensor<Autodiff<B>, 2> {
    let ids = || batch.tokens.input(0..batch.segments.rows(), &stack.placement().embeddings);
    stack.token_embeddings(&leaf.map_or_else(ids, nn::TokenInput::Embeddings))
}

/// Number of rows of each sequence.
fn lengths(batch: &PackedBatch<'_>) -> Vec<usize> {
    batch.segments.0.iter().map(|segment| segment.rows).collect()
}

impl<B: EngineBackend> Differentiable<B> for nn::EncoderDecoderModel<B> {
    type Graph = nn::EncoderDecoderModel<Autodiff<B>>;

    fn run(
        model: &LoadedModel<Self>,
        graph: &Self::Graph,
        batch: &PackedBatch<'_>,
        pass: &Pass,
        leaf: Option<Tensor<Autodiff<B>, 2>>,
        recording: &Recording<'_>,
    ) -> Result<Outputs<B>> {
        let Some(input) = recording.source else { return Err(Error::internal("a recorded pass without a source")) };
        let (EncoderInput::Tokens(source) | EncoderInput::Encoded(source)) = input;
        let encoded = model.encoded_sources(source)?;
        let (source_lengths, own_lengths) = (lengths(source), lengths(batch));
        let (encoder, decoder) = (graph.base().encoder(), graph.base().decoder());
        // burn loses the graph of a leaf that was merged with others twice, and frees what is recorded on the leaf from then
        // on. So both lookups of a shared table come first.
        let own_embeddings = embeddings(decoder, batch, None);
        let (hidden, encoder) = match (input, leaf) {
            (EncoderInput::Tokens(_), leaf) => {
                let embeddings = embeddings(encoder, source, leaf);
                let (computed, layers) = run(encoder, source, &source_lengths, embeddings, None, recording);
                let (last_hidden_state, hidden_states) = (computed.last_hidden_state, computed.hidden_states);
                let hidden = last_hidden_state.clone();
                (hidden, Some(EncoderOutputs { last_hidden_state, hidden_states, layers }))
            }
            (EncoderInput::Encoded(_), Some(leaf)) => (leaf, None),
            (EncoderInput::Encoded(_), None) => return Err(Error::internal("encoder outputs became token ids")),
        };
        let attended = nn::Source::Rows { hidden: &hidden, lengths: &source_lengths };
        let (computed, layers) = run(decoder, batch, &own_lengths, own_embeddings, Some(attended), recording);
        let hidden = computed.last_hidden_state;
        let logits = match model.description.head {
            Head::Base => None,
            head if head.is_per_token() => {
                graph.logits(hidden.clone(), None).map(|logits| (logits, LogitRows::All(pass.rows.clone())))
            }
            _ => {
                let of_slots = (0..encoded.len()).collect();
                let sources = Sources::<B> { layers: Vec::new(), sources: encoded, of_slots, seq: source.seq };
                classified(graph, &hidden, pass, sources.classified_rows(batch, pass)?)
            }
        };
        Ok(Outputs {
            last_hidden_state: hidden,
            pooler_output: None,
            logits,
            hidden_states: computed.hidden_states,
            router_logits: Vec::new(),
            layers,
            encoder,
        })
    }

    fn embeddings_device(&self) -> &B::Device {
        &self.base().encoder().placement().embeddings
    }
}
