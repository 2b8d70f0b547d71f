use std::sync::Arc;

use trustformers_core::{Error, Result, Source};

use crate::cache::cached_sequences::CachedSequences;
use crate::cache::sources::packed_sources;
use crate::encoder_decoder::EncoderInput;
use crate::forward::call::{ForwardCall, RecordedCall};
use crate::forward::packed_batch::PackedBatch;
use crate::forward::padded_array::PaddedArray;
use crate::loss::check_classes;
use crate::output::{Gradients, OutputGradients, PackedOutput, WantedWeights, WeightGradients};
use crate::recording::{RecordedPass, Recording};
use crate::{Head, HostTensor, Labels, Model, ModelOutput, OutputFlags, PastKeyValues, SequenceInput};

/// The encoder's inputs of a call, as padded arrays.
#[derive(Clone, Copy, Debug, Default)]
pub struct SourceCall<'a> {
    /// Token ids. **Shapes:** `[batch, seq]`.
    pub input_ids: Option<PaddedArray<'a, i64, 2>>,
    /// Token embeddings to use in place of `input_ids`. **Shapes:** `[batch, seq, embedding_size]`.
    pub inputs_embeds: Option<PaddedArray<'a, f32, 3>>,
    /// Zero at padding, nonzero elsewhere; `None` if there is no padding. **Shapes:** `[batch, seq]`.
    pub attention_mask: Option<PaddedArray<'a, i64, 2>>,
    /// Outputs of the encoder to use in place of encoding. **Shapes:** `[batch, seq, hidden]`.
    pub encoder_outputs: Option<PaddedArray<'a, f32, 3>>,
    /// Whether to return the outputs of the embeddings and of every layer.
    pub hidden_states: bool,
    /// Whether to return the attention weights of every layer.
    pub attentions: bool,
}

/// A forward call of an encoder-decoder with padded arrays, as transformers' models take it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Seq2SeqCall<'a> {
    /// Inputs of the encoder.
    pub source: SourceCall<'a>,
    /// Inputs and labels of the decoder.
    pub target: ForwardCall<'a>,
}

/// Output of an encoder-decoder for a padded batch; zero at masked tokens.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Seq2SeqOutput {
    /// Output of the decoder and its head.
    pub decoder: ModelOutput,
    /// Output of the encoder; its last hidden states are those of every model, whatever its head.
    pub encoder: ModelOutput,
}

impl<'a> SourceCall<'a> {
    /// Encodes the source, and returns the encoder's outputs with empty sequences for the decoder: `copies` slots for
    /// each source in turn. The last hidden states are returned if `reads` is set.
    ///
    /// **Errors:** `Input` naming the argument that does not fit the model; `Unsupported` for a model without an encoder
    /// and a decoder.
    pub fn encode(
        &self,
        model: &Arc<dyn Model>,
        copies: usize,
        reads: bool,
    ) -> Result<(ModelOutput, Box<dyn CachedSequences>)> {
        let Some(encoder_decoder) = model.clone().encoder_decoder() else {
            return Err(Error::unsupported("a source for a model without an encoder and a decoder"));
        };
        let packed = self.packed(&**model)?;
        let flags =
            OutputFlags { hidden_states: self.hidden_states, attentions: self.attentions, ..OutputFlags::default() };
        let (output, sequences) = encoder_decoder.encode(self.input(&packed), flags, copies, reads)?;
        let PackedOutput { last_hidden_state, hidden_states, attentions, .. } = output;
        let attentions = attentions.into_iter().enumerate();
        let output = ModelOutput {
            last_hidden_state: packed.unpack(last_hidden_state),
            hidden_states: hidden_states.into_iter().filter_map(|state| packed.unpack(state)).collect(),
            attentions: attentions
                .map(|(layer, weights)| packed.unpack_attention(weights, layer, 0.0))
                .collect::<Result<_>>()?,
            ..ModelOutput::default()
        };
        Ok((output, sequences))
    }

    /// Batch size and source length.
    ///
    /// **Errors:** `Input` unless exactly one of the inputs is given.
    pub fn shape(&self) -> Result<[usize; 2]> {
        match (self.input_ids, self.inputs_embeds, self.encoder_outputs) {
            // A sequence classifier reads the ids beside the encoder's outputs.
            (_, _, Some(PaddedArray { shape: [batch, seq, _], .. })) => Ok([batch, seq]),
            (Some(ids), None, None) => Ok(ids.shape),
            (None, Some(PaddedArray { shape: [batch, seq, _], .. }), None) => Ok([batch, seq]),
            (None, None, None) => {
                Err(Error::input("input_ids", "missing; pass input_ids, inputs_embeds or encoder_outputs"))
            }
            (Some(_), Some(_), None) => Err(Error::input("inputs_embeds", "pass input_ids or inputs_embeds, not both")),
        }
    }

    /// What the decoder attends to, as an input of the model.
    fn input<'b>(&self, packed: &'b PackedBatch<'b>) -> EncoderInput<'b> {
        match self.encoder_outputs {
            None => EncoderInput::Tokens(packed),
            Some(_) => EncoderInput::Encoded(packed),
        }
    }

    /// **Errors:** `Input` unless there is a source for each of `count` sequences of the decoder.
    pub fn check_sequences(&self, count: usize) -> Result<()> {
        let [sources, _] = self.shape()?;
        if sources != count {
            return Err(Error::input("decoder_input_ids", format!("has {count} sequences for {sources} sources")));
        }
        Ok(())
    }

    /// The source of each sequence, for [`trustformers_core::Sequences::encode`].
    ///
    /// **Errors:** `Input` naming the argument that does not fit the model.
    pub fn sources(&self, model: &dyn Model) -> Result<Vec<Source>> {
        self.check(model)?;
        let [batch, seq] = self.shape()?;
        let ids =
            |array: Option<PaddedArray<'a, i64, 2>>, row| array.map_or_else(Vec::new, |ids| ids.row(row).to_vec());
        let vectors = |array: Option<PaddedArray<'a, f32, 3>>, row| array.map(|vectors| vectors.row(row).to_vec());
        let source = |row| Source {
            seq,
            input_ids: ids(self.input_ids, row),
            attention_mask: ids(self.attention_mask, row),
            inputs_embeds: vectors(self.inputs_embeds, row),
            encoder_outputs: vectors(self.encoder_outputs, row),
        };
        Ok((0..batch).map(source).collect())
    }

    /// Checks the shapes.
    ///
    /// **Errors:** `Input` naming the argument that does not fit the model.
    fn check(&self, model: &dyn Model) -> Result<()> {
        let [batch, seq] = self.shape()?;
        if batch == 0 || seq == 0 {
            return Err(Error::input("input_ids", format!("the batch is empty: shape ({batch}, {seq})")));
        }
        let width = model.source_packing().limits.embedding_size;
        let (name, embeds) = self.vectors();
        if let Some(PaddedArray { shape: [.., found], .. }) = embeds.filter(|embeds| embeds.shape[2] != width) {
            let message = format!("has width {found}, expected shape ({batch}, {seq}, {width})");
            return Err(Error::input(name, message));
        }
        if let Some(PaddedArray { shape: [rows, columns], .. }) =
            self.attention_mask.filter(|mask| mask.shape != [batch, seq])
        {
            let message = format!("has shape ({rows}, {columns}), expected the shape of the source, ({batch}, {seq})");
            return Err(Error::input("attention_mask", message));
        }
        Ok(())
    }

    /// The vectors in place of ids, and their argument.
    fn vectors(&self) -> (&'static str, Option<PaddedArray<'a, f32, 3>>) {
        match self.encoder_outputs {
            Some(outputs) => ("encoder_outputs", Some(outputs)),
            None => ("inputs_embeds", self.inputs_embeds),
        }
    }

    fn packed(&self, model: &dyn Model) -> Result<PackedBatch<'a>> {
        self.check(model)?;
        let [batch, _] = self.shape()?;
        let (_, embeds) = self.vectors();
        let sequence = |row| SequenceInput {
            input_ids: self.input_ids.filter(|_| embeds.is_none()).map_or(&[], |ids| ids.row(row)),
            inputs_embeds: embeds.map(|embeds| embeds.row(row)),
            attention_mask: self.attention_mask.map(|mask| mask.row(row)),
            ..SequenceInput::default()
        };
        let sequences: Vec<_> = (0..batch).map(sequence).collect();
        packed_sources(&model.source_packing(), &sequences, self.encoder_outputs.is_some())
    }
}

impl Seq2SeqCall<'_> {
    /// Runs the model. With a cache the sequences continue the cached ones, whose sources they attend to, and are
    /// appended to them; without one, `past` becomes the cache of this call.
    ///
    /// **Errors:** `Input` or `Unsupported` naming the argument that does not fit the model or the cache; the cache is
    /// unchanged on an error.
    pub fn run(&self, model: &Arc<dyn Model>, past: &mut Option<PastKeyValues>) -> Result<Seq2SeqOutput> {
        let shifted = self.shifted(model)?;
        let target = self.target_of(&shifted);
        let [batch, _] = target.shape().map_err(of_decoder)?;
        let has_source = self.source.shape().is_ok();
        let mut encoder = ModelOutput::default();
        let mut fresh = None;
        if has_source || past.is_none() {
            self.source.check_sequences(batch)?;
            let (output, sequences) = self.source.encode(model, 1, self.source.encoder_outputs.is_none())?;
            encoder = output;
            if past.is_none() {
                fresh = Some(PastKeyValues::of(model.clone(), sequences, batch));
            }
        }
        let is_new = fresh.is_some();
        let mut cache = fresh.or_else(|| past.take());
        let Some(used) = &mut cache else { return Err(Error::internal("there is no cache")) };
        let result = target.run(&**model, Some(used)).map_err(of_decoder);
        if result.is_ok() || !is_new {
            *past = cache;
        }
        Ok(Seq2SeqOutput { decoder: result?, encoder })
    }
}

impl Seq2SeqCall<'_> {
    /// Runs the model without a cache and keeps what [`Seq2SeqCall::backward`] needs.
    ///
    /// **Errors:** as [`Seq2SeqCall::run`] and [`Model::record`].
    pub fn record(
        &self,
        model: &Arc<dyn Model>,
        recording: Recording<'_>,
    ) -> Result<(Seq2SeqOutput, Box<dyn RecordedPass>)> {
        let shifted = self.shifted(model)?;
        let target = self.target_of(&shifted);
        let [batch, _] = target.shape().map_err(of_decoder)?;
        self.source.check_sequences(batch)?;
        let source = self.source.packed(&**model)?;
        source.check_unmasked()?;
        let recording = Recording { source: Some(self.source.input(&source)), ..recording };
        let RecordedCall { output: decoder, encoder, pass } =
            target.record_both(&**model, recording).map_err(of_decoder)?;
        let encoder = encoder.map_or_else(ModelOutput::default, |encoded| ModelOutput {
            last_hidden_state: source.unpack(encoded.last_hidden_state),
            hidden_states: encoded.hidden_states.into_iter().filter_map(|state| source.unpack(state)).collect(),
            ..ModelOutput::default()
        });
        Ok((Seq2SeqOutput { decoder, encoder }, pass))
    }

    /// Gradients of the source's `inputs_embeds` or `encoder_outputs` and of `wanted` weights, given those of the outputs
    /// that [`Seq2SeqCall::record`] returned; otherwise as [`ForwardCall::backward`], where `outputs` are the decoder's.
    ///
    /// **Shapes:** the first gradient is `[batch, source seq, width]`; `None` for `input_ids`.
    ///
    /// **Errors:** `Input` or `Unsupported` naming the argument that does not fit the model.
    pub fn backward(
        &self,
        model: &Arc<dyn Model>,
        recorded: Box<dyn RecordedPass>,
        gradients: Seq2SeqOutput,
        outputs: &ModelOutput,
        wanted: Option<WantedWeights<'_>>,
    ) -> Result<(Option<HostTensor>, WeightGradients)> {
        let shifted = self.shifted(model)?;
        let (_, mut packed) = self.target_of(&shifted).packed_gradients(&**model, gradients.decoder, outputs)?;
        let source = self.source.packed(&**model)?;
        packed.encoder = Some(Box::new(OutputGradients::packed(&source, &gradients.encoder, true)));
        let Gradients { embeddings, weights } = recorded.backward(&packed, wanted)?;
        let width = model.source_packing().limits.embedding_size;
        Ok((embeddings.map(|found| source.padded_rows(&found, width)), weights))
    }

    /// The decoder's call, with these tokens if the caller passes none.
    fn target_of<'b>(&'b self, shifted: &'b Option<(Vec<i64>, [usize; 2])>) -> ForwardCall<'b> {
        match shifted {
            Some((ids, shape)) => ForwardCall { input_ids: Some(PaddedArray::new(ids, *shape)), ..self.target },
            None => self.target,
        }
    }

    /// The decoder's tokens and their shape if the caller passes none.
    ///
    /// **Errors:** `Input` naming a label outside the vocabulary; as [`crate::EncoderDecoder::shifted`].
    fn shifted(&self, model: &Arc<dyn Model>) -> Result<Option<(Vec<i64>, [usize; 2])>> {
        if self.target.input_ids.is_some() || self.target.inputs_embeds.is_some() {
            return Ok(None);
        }
        let Some(encoder_decoder) = model.clone().encoder_decoder() else { return Ok(None) };
        let labels = match self.target.labels {
            Some(Labels::Classes(labels)) if model.head() == Head::Seq2SeqLm => Some(labels),
            _ => None,
        };
        // Shifted labels would be named as the decoder's tokens.
        if let Some(labels) = labels {
            check_classes(labels, model.description().num_outputs)?;
        }
        let [batch, _] = self.source.shape()?;
        let ids = encoder_decoder.shifted(labels, self.source.input_ids.map(|ids| ids.values), batch)?;
        let seq = ids.len() / batch.max(1);
        Ok(Some((ids, [batch, seq])))
    }
}

/// Names the decoder's arguments in an error.
fn of_decoder(error: Error) -> Error {
    match error {
        Error::Input { argument, message }
            if matches!(&argument[..], "input_ids" | "attention_mask" | "inputs_embeds" | "position_ids") =>
        {
            let message = message.replace("input_ids", "decoder_input_ids");
            Error::input(format!("decoder_{argument}"), message)
        }
        error => error,
    }
}
