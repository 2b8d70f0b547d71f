use trustformers_core::{Error, Result};

use crate::cache::layout::Layout;
use crate::forward::input::PastColumns;
use crate::forward::packed_batch::PackedBatch;
use crate::forward::padded_array::PaddedArray;
use crate::loss::Loss;
use crate::output::{ChunkedTensor, Gradients, OutputGradients, PackedOutput, WantedWeights, WeightGradients};
use crate::recording::{RecordedPass, Recording};
use crate::{
    Head, HostTensor, IGNORED, Labels, LoadBalance, Model, ModelOutput, OutputFlags, PastKeyValues, SequenceInput,
};

/// Integers of a padded batch. **Shapes:** `[batch, seq]`.
type Ids<'a> = PaddedArray<'a, i64, 2>;

/// A forward call with padded arrays, as transformers' models take it.
#[derive(Clone, Copy, Debug, Default)]
pub struct ForwardCall<'a> {
    /// Token ids. **Shapes:** `[batch, seq]`.
    pub input_ids: Option<Ids<'a>>,
    /// Token embeddings to use in place of `input_ids`. **Shapes:** `[batch, seq, embedding_size]`.
    pub inputs_embeds: Option<PaddedArray<'a, f32, 3>>,
    /// Zero at padding, nonzero elsewhere; `None` if there is no new padding. **Shapes:** `[batch, past + seq]`.
    pub attention_mask: Option<Ids<'a>>,
    /// Token types; all zero if `None`. **Shapes:** `[batch, seq]`.
    pub token_type_ids: Option<Ids<'a>>,
    /// Positions; computed by the family's rule if `None`. **Shapes:** `[batch, seq]`.
    pub position_ids: Option<Ids<'a>>,
    /// Task types; all zero if `None`. **Shapes:** `[batch, seq]`.
    pub task_type_ids: Option<Ids<'a>>,
    /// Labels to compute a loss for.
    pub labels: Option<Labels<'a>>,
    /// How many of each sequence's last tokens get logits; `None` for all.
    pub logits_to_keep: Option<usize>,
    /// Whether to return the outputs of the embeddings and of every layer.
    pub hidden_states: bool,
    /// Whether to return the attention weights of every layer.
    pub attentions: bool,
    /// Whether to return the routers' logits of every layer with experts, and the load-balancing loss of a causal language
    /// model, which is added to that of labels.
    pub router_logits: bool,
    /// Whether to compute masked tokens, whose outputs are zero otherwise; labels that read logits of masked tokens imply
    /// it.
    pub padding: bool,
}

/// What a recorded call computed.
pub(super) struct RecordedCall {
    pub(super) output: ModelOutput,
    /// Output of the source's encoder; `None` if there is none.
    pub(super) encoder: Option<Box<PackedOutput>>,
    pub(super) pass: Box<dyn RecordedPass>,
}

impl<'a> ForwardCall<'a> {
    /// Batch size and sequence length.
    ///
    /// **Errors:** `Input` unless exactly one of `input_ids` and `inputs_embeds` is given.
    pub fn shape(&self) -> Result<[usize; 2]> {
        match (self.input_ids, self.inputs_embeds) {
            (Some(ids), None) => Ok(ids.shape),
            (None, Some(PaddedArray { shape: [batch, seq, _], .. })) => Ok([batch, seq]),
            (None, None) => Err(Error::input("input_ids", "missing; pass input_ids or inputs_embeds")),
            (Some(_), Some(_)) => Err(Error::input("inputs_embeds", "pass input_ids or inputs_embeds, not both")),
        }
    }

    /// Runs the model; with a cache the sequences continue the cached ones and are appended to them.
    ///
    /// **Errors:** `Input` or `Unsupported` naming the argument that does not fit the model or the cache; the
    /// cache is unchanged on an error.
    pub fn run(&self, model: &dyn Model, past: Option<&mut PastKeyValues>) -> Result<ModelOutput> {
        let [batch, seq] = self.shape()?;
        if batch == 0 || seq == 0 {
            return Err(Error::input("input_ids", format!("the batch is empty: shape ({batch}, {seq})")));
        }
        let empty = Layout::new(batch);
        let layout = match &past {
            None => &empty,
            Some(past) => past.layout_of(model, batch)?,
        };
        self.check_shapes([batch, seq], layout.seq(), model)?;
        self.check_labels([batch, seq], layout.seq(), model.head())?;
        if let (Some(mask), Some(_)) = (self.attention_mask, &past) {
            layout.check_mask(mask.values, seq)?;
        }
        let packed = self.packed(model, layout)?;
        let loss = self.labels.map(|labels| Loss::new(model, labels, [batch, seq], self.attention_mask)).transpose()?;
        let keep = self.logits_to_keep.filter(|keep| *keep < seq && model.head().is_per_token());
        let kept = keep.map(|keep| kept_rows(&packed, seq - keep..seq));
        let rows = kept.as_ref().map(|kept| kept.iter().map(|(row, _)| *row).collect::<Vec<_>>());
        let flags = OutputFlags {
            hidden_states: self.hidden_states,
            attentions: self.attentions,
            router_logits: self.router_logits,
            logits_rows: rows.as_deref(),
        };
        let mut cross_attentions = Vec::new();
        let output = match past {
            None => model.forward(&packed, flags)?,
            Some(past) => {
                let output = past.forward(&packed, flags)?;
                if let Some(source) = past.sequences.source() {
                    let unpack = |weights| packed.unpack_cross_attention(weights, &source);
                    cross_attentions = output.cross_attentions.iter().map(unpack).collect();
                }
                output
            }
        };
        let PackedOutput { last_hidden_state, pooler_output, logits, hidden_states, attentions, router_logits, .. } =
            output;
        let hidden = model.packing().limits.hidden_attention;
        let attentions = attentions.into_iter().enumerate();
        let mut output = ModelOutput {
            last_hidden_state: packed.unpack(last_hidden_state),
            pooler_output: pooler_output.into_tensor(),
            logits: match (keep, kept) {
                (Some(keep), Some(kept)) => Some(scattered(logits, &kept, [batch, keep])),
                _ if model.head().is_per_token() => packed.unpack(logits),
                _ => logits.into_tensor(),
            },
            hidden_states: hidden_states.into_iter().filter_map(|state| packed.unpack(state)).collect(),
            attentions: attentions
                .map(|(layer, weights)| packed.unpack_attention(weights, layer, hidden))
                .collect::<Result<_>>()?,
            cross_attentions,
            ..ModelOutput::default()
        };
        output.loss = loss.zip(output.logits.as_ref()).map(|(loss, logits)| loss.of(logits));
        output.add_router_logits(router_logits, model, &packed);
        Ok(output)
    }

    /// Runs the model without a cache and keeps what [`ForwardCall::backward`] needs.
    ///
    /// **Errors:** as [`ForwardCall::run`] and [`Model::record`].
    pub fn record(&self, model: &dyn Model, recording: Recording<'_>) -> Result<(ModelOutput, Box<dyn RecordedPass>)> {
        let RecordedCall { output, pass, .. } = self.record_both(model, recording)?;
        Ok((output, pass))
    }

    /// As [`ForwardCall::record`], with the output of the source's encoder if there is one.
    pub(super) fn record_both(&self, model: &dyn Model, recording: Recording<'_>) -> Result<RecordedCall> {
        let [batch, seq] = self.shape()?;
        if batch == 0 || seq == 0 {
            return Err(Error::input("input_ids", format!("the batch is empty: shape ({batch}, {seq})")));
        }
        self.check_shapes([batch, seq], 0, model)?;
        self.check_labels([batch, seq], 0, model.head())?;
        self.check_whole_logits(seq)?;
        let packed = self.packed(model, &Layout::new(batch))?;
        let loss = self.labels.map(|labels| Loss::new(model, labels, [batch, seq], self.attention_mask)).transpose()?;
        let classes = loss.as_ref().and_then(|loss| loss.classes_of_rows(&packed, model.head()));
        let (output, pass) = model.record(
            &packed,
            Recording {
                classes: classes.as_deref(),
                hidden_states: self.hidden_states,
                router_logits: self.router_logits,
                ..recording
            },
        )?;
        let PackedOutput {
            last_hidden_state,
            pooler_output,
            logits,
            hidden_states,
            router_logits,
            loss: of_rows,
            encoder,
            ..
        } = output;
        let mut output = ModelOutput {
            last_hidden_state: packed.unpack(last_hidden_state),
            pooler_output: pooler_output.into_tensor(),
            logits: if model.head().is_per_token() { packed.unpack(logits) } else { logits.into_tensor() },
            hidden_states: hidden_states.into_iter().filter_map(|state| packed.unpack(state)).collect(),
            ..ModelOutput::default()
        };
        output.loss = of_rows.or_else(|| Some(loss?.of(output.logits.as_ref()?)));
        output.add_router_logits(router_logits, model, &packed);
        Ok(RecordedCall { output, encoder, pass })
    }

    /// Gradients of `inputs_embeds` and of `wanted` weights, given those of the outputs that [`ForwardCall::record`]
    /// returned. Absent gradients are zeros; those of attention weights are not read. The gradient of the loss is that of
    /// the logits that `outputs` holds, which are not read where the head classifies tokens.
    ///
    /// **Shapes:** the gradient of `inputs_embeds` is `[batch, seq, embedding_size]`; `None` for `input_ids`.
    ///
    /// **Errors:** `Input` or `Unsupported` naming the argument that does not fit the model.
    pub fn backward(
        &self,
        model: &dyn Model,
        recorded: Box<dyn RecordedPass>,
        gradients: ModelOutput,
        outputs: &ModelOutput,
        wanted: Option<WantedWeights<'_>>,
    ) -> Result<(Option<HostTensor>, WeightGradients)> {
        let (packed, gradients) = self.packed_gradients(model, gradients, outputs)?;
        let Gradients { embeddings, weights } = recorded.backward(&gradients, wanted)?;
        let width = model.packing().limits.embedding_size;
        Ok((embeddings.map(|found| packed.padded_rows(&found, width)), weights))
    }

    /// The packed inputs, and the gradients of the packed outputs; see [`ForwardCall::backward`].
    pub(super) fn packed_gradients(
        &self,
        model: &dyn Model,
        mut gradients: ModelOutput,
        outputs: &ModelOutput,
    ) -> Result<(PackedBatch<'a>, OutputGradients)> {
        let [batch, seq] = self.shape()?;
        let layout = Layout::new(batch);
        self.check_shapes([batch, seq], 0, model)?;
        let packed = self.packed(model, &layout)?;
        let mut of_rows = None;
        match (gradients.loss, self.labels, &outputs.logits) {
            (Some(factor), Some(_), _) if model.head().classifies_tokens() => of_rows = Some(factor),
            (Some(factor), Some(labels), Some(logits)) => {
                let mut found = Loss::new(model, labels, [batch, seq], self.attention_mask)?.gradient(logits, factor);
                if let Some(own) = &gradients.logits {
                    found.data.iter_mut().zip(&own.data).for_each(|(sum, own)| *sum += own);
                }
                gradients.logits = Some(found);
            }
            _ => {}
        }
        if let (true, Some(factor), Some(balance)) = (self.router_logits, gradients.loss, load_balance(model)) {
            *gradients.aux_loss.get_or_insert(0.0) += factor * balance.coefficient as f32;
        }
        let gradients = OutputGradients::packed(&packed, &gradients, model.head().is_per_token());
        Ok((packed, OutputGradients { loss: of_rows, ..gradients }))
    }

    fn check_whole_logits(&self, seq: usize) -> Result<()> {
        if self.logits_to_keep.is_some_and(|keep| keep < seq) {
            return Err(Error::unsupported("gradients of the logits of a part of the tokens, logits_to_keep"));
        }
        Ok(())
    }

    /// Packs the arrays. **Shapes:** as [`ForwardCall::check_shapes`] requires.
    fn packed(&self, model: &dyn Model, layout: &Layout) -> Result<PackedBatch<'a>> {
        let [batch, seq] = self.shape()?;
        let past = |row| PastColumns { columns: layout.seq(), tokens: layout.num_tokens(row, layout.seq()) };
        let sequence = |row| SequenceInput {
            input_ids: self.input_ids.map_or(&[], |ids| ids.row(row)),
            inputs_embeds: self.inputs_embeds.map(|embeds| embeds.row(row)),
            attention_mask: self.attention_mask.map(|mask| mask.last_of_row(row, seq)),
            token_type_ids: self.token_type_ids.map(|ids| ids.row(row)),
            position_ids: self.position_ids.map(|ids| ids.row(row)),
            task_type_ids: self.task_type_ids.map(|ids| ids.row(row)),
        };
        let sequences: Vec<_> = (0..batch).map(sequence).collect();
        let past: Vec<_> = (0..batch).map(past).collect();
        PackedBatch::continuing(&model.packing(), &sequences, &past, self.padding || self.labels_read_padding(seq))
    }

    /// Whether the loss reads outputs of masked tokens that are not computed otherwise.
    fn labels_read_padding(&self, seq: usize) -> bool {
        let (Some(labels), Some(mask)) = (self.labels, self.attention_mask) else { return false };
        let mut rows = (0..mask.shape[0]).map(|row| mask.last_of_row(row, seq));
        match labels {
            // The softmax is over all positions.
            Labels::Spans { .. } => true,
            Labels::Classes(classes) if classes.len() == mask.shape[0] * seq => {
                let mut pairs = classes.iter().zip(rows.flatten());
                pairs.any(|(class, seen)| *class != IGNORED && *seen == 0)
            }
            _ => rows.any(|row| row.iter().all(|seen| *seen == 0)),
        }
    }

    fn check_shapes(&self, [batch, seq]: [usize; 2], past: usize, model: &dyn Model) -> Result<()> {
        let width = model.packing().limits.embedding_size;
        if let Some(PaddedArray { shape: [.., found], .. }) = self.inputs_embeds
            && found != width
        {
            let message = format!("the embeddings have width {found}, expected shape ({batch}, {seq}, {width})");
            return Err(Error::input("inputs_embeds", message));
        }
        let of_inputs = [
            ("token_type_ids", self.token_type_ids),
            ("position_ids", self.position_ids),
            ("task_type_ids", self.task_type_ids),
        ];
        let of_inputs = of_inputs.map(|(argument, array)| (argument, array, 0));
        for (argument, array, past) in [("attention_mask", self.attention_mask, past)].into_iter().chain(of_inputs) {
            let Some(PaddedArray { shape: [rows, columns], .. }) = array else { continue };
            let expected = past + seq;
            if [rows, columns] != [batch, expected] {
                let cached =
                    if past > 0 { format!(" and the {past} tokens in past_key_values") } else { String::new() };
                let message = format!(
                    "has shape ({rows}, {columns}), expected the shape of input_ids{cached}, ({batch}, {expected})"
                );
                return Err(Error::input(argument, message));
            }
        }
        Ok(())
    }

    /// Checks that every label's logits are computed. **Shapes:** as [`ForwardCall::check_shapes`] requires.
    fn check_labels(&self, [batch, seq]: [usize; 2], past: usize, head: Head) -> Result<()> {
        if self.labels.is_some() && self.logits_to_keep.is_some_and(|keep| keep < seq) {
            return Err(Error::input("logits_to_keep", "the loss of labels needs the logits of every position"));
        }
        let (Some(Labels::Classes(tokens)), Some(mask)) = (self.labels, self.attention_mask) else { return Ok(()) };
        // The logits of a decoder's token are those of the next token's label; the decoder of an encoder-decoder reads
        // labels that are shifted already. The first token behind left padding is no target.
        let (shift, place) = match head {
            Head::CausalLm => (1, "follows"),
            Head::Seq2SeqLm => (0, "is at"),
            _ => return Ok(()),
        };
        for row in 0..batch {
            let seen = &mask.row(row)[past..];
            let of_row = tokens.iter().skip(row * seq).take(seq).skip(shift).zip(seen);
            let is_read = |at: usize| shift == 0 || seen.get(at + shift).is_none_or(|seen| *seen == 0);
            if let Some(at) = of_row
                .enumerate()
                .find_map(|(at, (token, seen))| (*token != IGNORED && *seen == 0 && is_read(at)).then_some(at))
            {
                let column = at + shift;
                return Err(Error::unsupported(format!(
                    "the loss of the label at row {row}, column {column}, which {place} a masked token; make it {IGNORED}"
                )));
            }
        }
        Ok(())
    }
}

impl ModelOutput {
    /// Adds the routers' logits, and the load-balancing loss of a causal language model to that of labels.
    fn add_router_logits(&mut self, layers: Vec<ChunkedTensor>, model: &dyn Model, packed: &PackedBatch<'_>) {
        let layers: Vec<_> = layers.into_iter().filter_map(ChunkedTensor::into_tensor).collect();
        if let Some(balance) = load_balance(model).filter(|_| !layers.is_empty()) {
            let found = balance.loss(&layers, &packed.unmasked());
            self.aux_loss = Some(found);
            self.loss = self.loss.map(|loss| loss + balance.coefficient as f32 * found);
        }
        self.router_logits = layers.iter().map(|layer| packed.all_rows(layer)).collect();
    }
}

/// The load-balancing loss of a causal language model with experts.
fn load_balance(model: &dyn Model) -> Option<LoadBalance> {
    model.description().load_balance.filter(|_| model.head() == Head::CausalLm)
}

/// Rows of the tokens in some columns, ascending, each with its index among all tokens in these columns.
fn kept_rows(packed: &PackedBatch<'_>, columns: std::ops::Range<usize>) -> Vec<(usize, usize)> {
    let of_sequence = |(sequence, (start, segment))| {
        let rows = (start..start + packed.returned(segment)).zip(&packed.columns[start..]);
        let (columns, first) = (columns.clone(), sequence * columns.len());
        rows.filter_map(move |(row, column)| {
            let column = *column as usize;
            columns.contains(&column).then(|| (row, first + column - columns.start))
        })
    };
    packed.segments.starts().enumerate().flat_map(of_sequence).collect()
}

/// Logits of kept rows as an array, zero at tokens without a row. **Shapes:** `logits: [kept, outputs]`; returns
/// `[batch, keep, outputs]`.
fn scattered(logits: ChunkedTensor, kept: &[(usize, usize)], [batch, keep]: [usize; 2]) -> HostTensor {
    let width = logits.width();
    let shape = vec![batch, keep, width];
    if kept.len() == batch * keep && kept.is_sorted_by_key(|(_, index)| *index) {
        let data = logits.into_tensor().map_or_else(Vec::new, |logits| logits.data);
        return HostTensor { shape, data };
    }
    let mut data = vec![0.0; batch * keep * width];
    let mut indices = kept.iter().map(|(_, index)| index);
    logits.into_rows(|row| {
        if let Some(index) = indices.next() {
            data[index * width..][..width].copy_from_slice(row);
        }
    });
    HostTensor { shape, data }
}
