use std::path::Path;
use std::sync::Arc;

use trustformers_core::{Error, Result, read_json};
use trustformers_models::{
    ForwardCall, Head, HostTensor, Model, OutputFlags, PackedBatch, PackedOutput, PaddedArray, Seq2SeqCall,
    SequenceInput, SourceCall, families,
};
use trustformers_tokenizers::{BatchEncoding, EncodeOptions, Encoding, TextInput, Tokenizer, Truncation};

/// Maximum number of positions for which one forward pass computes logits of the whole vocabulary.
const MAX_POSITIONS: usize = 1 << 10;

/// Whether the `config.json` in `dir` names a class with a causal language modeling head; `false` without the file.
///
/// **Errors:** `Io` or `Config` if the file cannot be read.
pub(crate) fn states_causal_lm(dir: &Path) -> Result<bool> {
    let file = dir.join("config.json");
    if !file.is_file() {
        return Ok(false);
    }
    let config = read_json(&file)?;
    let class = config["architectures"][0].as_str();
    Ok(class.is_some_and(|class| class.ends_with(Head::CausalLm.class_suffix())))
}

/// A model and its tokenizer; runs texts of mixed lengths.
pub(crate) struct TextModel {
    pub(crate) model: Arc<dyn Model>,
    pub(crate) tokenizer: Arc<Tokenizer>,
}

impl TextModel {
    /// Checks that the model has the head that `task` needs.
    ///
    /// **Errors:** `Input` naming the model classes that have the head.
    pub(crate) fn new(model: Arc<dyn Model>, tokenizer: Arc<Tokenizer>, head: Head, task: &str) -> Result<Self> {
        if model.head() == head || (head.is_absent() && model.head().is_absent()) {
            return Ok(Self { model, tokenizer });
        }
        let suffix = head.class_suffix();
        let families = families().into_iter().filter(|family| family.heads.contains(&head));
        let classes: Vec<_> = families.map(|family| family.class_name(head)).collect();
        let found = model.head().class_suffix();
        let message = format!(
            "{task} needs a model class like Auto{}, found a class ending in {found}; the classes are {}",
            if head == Head::Base { "Model".to_owned() } else { format!("Model{suffix}") },
            classes.join(", ")
        );
        Err(Error::input("model", message))
    }

    /// Maximum tokens of a row: the smaller limit of tokenizer and model; `None` if neither has one.
    pub(crate) fn max_length(&self) -> Option<usize> {
        [self.tokenizer.model_max_length(), self.model.max_tokens()].into_iter().flatten().min()
    }

    /// Encodes rows. Truncation without a `max_length` respects the model's limit besides the tokenizer's.
    ///
    /// **Errors:** as `Tokenizer::encode_batch`.
    pub(crate) fn encode(&self, rows: Vec<TextInput<'_>>, options: &EncodeOptions) -> Result<BatchEncoding> {
        let cuts = !matches!(options.truncation, None | Some(Truncation::DoNotTruncate));
        let default_length = if cuts { self.max_length() } else { None };
        let options = EncodeOptions { max_length: options.max_length.or(default_length), ..options.clone() };
        self.tokenizer.encode_batch(rows, &options)
    }

    /// Runs the model on all rows and calls `take` with each row's index and output: hidden states or logits.
    ///
    /// Rows of similar length share a batch, so `take` is called in no particular order.
    ///
    /// **Shapes:** `[seq, hidden]` of a base model, `[outputs]` of a sequence head, `[seq, outputs]` of a token head;
    /// special tokens are included.
    pub(crate) fn for_each(
        &self,
        rows: &[Encoding],
        batch_size: usize,
        mut take: impl FnMut(usize, HostTensor) -> Result<()>,
    ) -> Result<()> {
        let by_length = self.by_length(rows);
        for indices in by_length.chunks(self.rows_at_once(batch_size)) {
            let inputs = self.inputs(rows, indices);
            if self.model.clone().encoder_decoder().is_some() {
                self.of_sources(&inputs)?
                    .into_iter()
                    .zip(indices)
                    .try_for_each(|(values, index)| take(*index, values))?;
                continue;
            }
            let batch = self.packed(&inputs)?;
            let PackedOutput { logits, last_hidden_state, .. } = self.model.forward(&batch, OutputFlags::default())?;
            if self.model.head() == Head::SequenceClassification {
                for (index, HostTensor { data, .. }) in indices.iter().zip(logits.split(indices.iter().map(|_| 1))) {
                    take(*index, HostTensor { shape: vec![data.len()], data })?;
                }
                continue;
            }
            let output = if logits.is_empty() { last_hidden_state } else { logits };
            let lengths = indices.iter().map(|index| rows[*index].len());
            for (index, values) in indices.iter().zip(batch.sequences(&output, lengths)) {
                take(*index, values)?;
            }
        }
        Ok(())
    }

    /// Outputs of an encoder-decoder for sources, whose decoder reads them too, as the family shifts them.
    ///
    /// **Shapes:** as [`TextModel::for_each`].
    fn of_sources(&self, inputs: &[Input]) -> Result<Vec<HostTensor>> {
        let batch = inputs.len();
        let seq = inputs.iter().map(|input| input.input_ids.len()).max().unwrap_or(0);
        let padding = self.padding();
        let (mut ids, mut mask) = (Vec::with_capacity(batch * seq), Vec::with_capacity(batch * seq));
        for input in inputs {
            let end = ids.len() + seq;
            ids.extend_from_slice(&input.input_ids);
            match &input.attention_mask {
                Some(given) => mask.extend_from_slice(given),
                None => mask.resize(ids.len(), 1),
            }
            ids.resize(end, padding);
            mask.resize(end, 0);
        }
        let source = SourceCall {
            input_ids: Some(PaddedArray::new(&ids, [batch, seq])),
            attention_mask: Some(PaddedArray::new(&mask, [batch, seq])),
            ..SourceCall::default()
        };
        let output = Seq2SeqCall { source, target: ForwardCall::default() }.run(&self.model, &mut None)?.decoder;
        let values = output.logits.or(output.last_hidden_state);
        let HostTensor { shape, data } = values.ok_or_else(|| Error::internal("a model without outputs"))?;
        let row = |(data, input): (&[f32], &Input)| match shape[..] {
            [_, _, width] => {
                let length = input.input_ids.len();
                HostTensor { shape: vec![length, width], data: data[..length * width].to_vec() }
            }
            _ => HostTensor { shape: vec![data.len()], data: data.to_vec() },
        };
        Ok(data.chunks_exact((data.len() / batch).max(1)).zip(inputs).map(row).collect())
    }

    /// Like [`TextModel::for_each`], but computes logits only at the given `columns` of each row.
    ///
    /// **Shapes:** `[columns, outputs]`.
    pub(crate) fn for_each_at(
        &self,
        rows: &[Encoding],
        columns: &[Vec<usize>],
        batch_size: usize,
        mut take: impl FnMut(usize, HostTensor) -> Result<()>,
    ) -> Result<()> {
        let by_length = self.by_length(rows);
        let mut rest = &by_length[..];
        while !rest.is_empty() {
            let mut positions = 0;
            let fits = rest.iter().take(self.rows_at_once(batch_size)).take_while(|index| {
                positions += columns[**index].len();
                positions <= MAX_POSITIONS
            });
            let (indices, after) = rest.split_at(fits.count().max(1));
            rest = after;
            let inputs = self.inputs(rows, indices);
            let batch = self.packed(&inputs)?;
            let tokens = indices
                .iter()
                .enumerate()
                .flat_map(|(sequence, index)| columns[*index].iter().map(move |column| (sequence, *column)));
            let row = |(sequence, column)| {
                batch.row(sequence, column).ok_or_else(|| Error::internal("no logits of a masked token"))
            };
            let logits_rows = tokens.map(row).collect::<Result<Vec<_>>>()?;
            let flags = OutputFlags { logits_rows: Some(&logits_rows), ..OutputFlags::default() };
            let logits = self.model.forward(&batch, flags)?.logits;
            let sizes = indices.iter().map(|index| columns[*index].len());
            for (index, values) in indices.iter().zip(logits.split(sizes)) {
                take(*index, values)?;
            }
        }
        Ok(())
    }

    /// A model whose results depend on padding gets one row at a time, as in the reference's pipelines.
    fn rows_at_once(&self, batch_size: usize) -> usize {
        if self.model.description().reads_padding { 1 } else { batch_size.max(1) }
    }

    /// The token that fills up rows.
    fn padding(&self) -> i64 {
        i64::from(self.tokenizer.special_token_id("pad_token").unwrap_or(0))
    }

    fn by_length(&self, rows: &[Encoding]) -> Vec<usize> {
        let mut by_length: Vec<usize> = (0..rows.len()).collect();
        by_length.sort_by_key(|index| rows[*index].len());
        by_length
    }

    /// Model inputs of some encodings; beside others an encoding without tokens is one masked padding token.
    fn inputs(&self, rows: &[Encoding], indices: &[usize]) -> Vec<Input> {
        let ids = |values: &[u32]| values.iter().copied().map(i64::from).collect::<Vec<_>>();
        let padding = self.padding();
        let takes_types = self.tokenizer.model_input_names().iter().any(|name| name == "token_type_ids");
        let has_tokens = indices.iter().any(|index| !rows[*index].is_empty());
        let input = |index: &usize| match &rows[*index] {
            row if row.is_empty() && has_tokens => {
                Input { input_ids: vec![padding], attention_mask: Some(vec![0]), token_type_ids: None }
            }
            row => Input {
                input_ids: ids(row.get_ids()),
                attention_mask: row.get_attention_mask().contains(&0).then(|| ids(row.get_attention_mask())),
                token_type_ids: takes_types.then(|| ids(row.get_type_ids())),
            },
        };
        indices.iter().map(input).collect()
    }

    fn packed<'a>(&self, inputs: &'a [Input]) -> Result<PackedBatch<'a>> {
        let sequence = |input: &'a Input| SequenceInput {
            input_ids: &input.input_ids,
            attention_mask: input.attention_mask.as_deref(),
            token_type_ids: input.token_type_ids.as_deref(),
            ..SequenceInput::default()
        };
        PackedBatch::new(&self.model.packing(), &inputs.iter().map(sequence).collect::<Vec<_>>())
    }
}

/// Model inputs of a row.
struct Input {
    input_ids: Vec<i64>,
    /// `None` if no token is masked.
    attention_mask: Option<Vec<i64>>,
    /// `None` if the model takes none.
    token_type_ids: Option<Vec<i64>>,
}
