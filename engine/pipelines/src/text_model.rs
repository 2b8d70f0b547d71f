use std::path::Path;
use std::sync::Arc;

use trustformers_core::{Error, Result, read_json};
use trustformers_models::{Head, HostTensor, Model, ModelInput, OutputFlags, families};
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
        if model.head() == head {
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
            let output = self.forward(rows, indices, None)?;
            let (&width, outer) =
                output.shape.split_last().ok_or_else(|| Error::internal("an output without shape"))?;
            let seq = outer.get(1).copied();
            let stride = seq.unwrap_or(1) * width;
            for (row, index) in indices.iter().enumerate() {
                let tokens = seq.map(|_| rows[*index].len());
                let data = output.data[row * stride..][..tokens.unwrap_or(1) * width].to_vec();
                take(*index, HostTensor { shape: tokens.into_iter().chain([width]).collect(), data })?;
            }
        }
        Ok(())
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
            let output = self.forward(rows, indices, Some(columns))?;
            let width = output.shape[1];
            let mut logits = output.data.as_slice();
            for index in indices {
                let (own, others) = logits.split_at(columns[*index].len() * width);
                logits = others;
                take(*index, HostTensor { shape: vec![columns[*index].len(), width], data: own.to_vec() })?;
            }
        }
        Ok(())
    }

    /// A model whose results depend on padding gets one row at a time, as in the reference's pipelines.
    fn rows_at_once(&self, batch_size: usize) -> usize {
        if self.model.description().reads_padding { 1 } else { batch_size.max(1) }
    }

    fn by_length(&self, rows: &[Encoding]) -> Vec<usize> {
        let mut by_length: Vec<usize> = (0..rows.len()).collect();
        by_length.sort_by_key(|index| rows[*index].len());
        by_length
    }

    fn forward(&self, rows: &[Encoding], indices: &[usize], columns: Option<&[Vec<usize>]>) -> Result<HostTensor> {
        let rows: Vec<_> = indices.iter().map(|index| &rows[*index]).collect();
        let seq = rows.iter().map(|row| row.len()).max().unwrap_or(0);
        let padded = |values: fn(&Encoding) -> &[u32], pad: u32| -> Vec<i64> {
            let row = |row: &&Encoding| {
                let values = values(row);
                let padding = std::iter::repeat_n(pad, seq - values.len());
                values.iter().copied().chain(padding).map(i64::from).collect::<Vec<_>>()
            };
            rows.iter().flat_map(row).collect()
        };
        // Padded positions are masked, whatever their id.
        let pad_id = self.tokenizer.special_token_id("pad_token").unwrap_or(0);
        let takes = |name: &str| self.tokenizer.model_input_names().iter().any(|input| input == name);
        let input_ids = padded(Encoding::get_ids, pad_id);
        let attention_mask = padded(Encoding::get_attention_mask, 0);
        let token_type_ids = takes("token_type_ids").then(|| padded(Encoding::get_type_ids, 0));
        let input = ModelInput {
            batch: rows.len(),
            seq,
            input_ids: &input_ids,
            attention_mask: Some(&attention_mask),
            token_type_ids: token_type_ids.as_deref(),
            ..ModelInput::default()
        };
        let positions: Option<Vec<usize>> = columns.map(|columns| {
            let row = |(row, index): (usize, &usize)| columns[*index].iter().map(move |column| row * seq + column);
            indices.iter().enumerate().flat_map(row).collect()
        });
        let output =
            self.model.forward(&input, OutputFlags { logits_at: positions.as_deref(), ..OutputFlags::default() })?;
        output.logits.or(output.last_hidden_state).ok_or_else(|| Error::internal("a model without an output"))
    }
}
