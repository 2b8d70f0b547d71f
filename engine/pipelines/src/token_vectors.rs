use std::sync::Arc;

use trustformers_core::{Error, Result};
use trustformers_models::{Encoder, EncoderInput, HostTensor, Wanted};
use trustformers_tokenizers::{EncodeOptions, Encoding, TextInput, Tokenizer};

/// Runs texts of mixed length through an encoder.
pub(crate) struct TokenVectors {
    pub(crate) encoder: Arc<dyn Encoder>,
    pub(crate) tokenizer: Arc<Tokenizer>,
}

impl TokenVectors {
    /// Calls `take` with each text's index and the vectors of its tokens, special ones included and padding not.
    ///
    /// Texts of similar length share a batch, so `take` sees them in no particular order.
    ///
    /// **Shapes:** the vectors are `[seq, hidden]`.
    pub(crate) fn for_each(
        &self,
        texts: &[&str],
        options: &EncodeOptions,
        batch_size: usize,
        mut take: impl FnMut(usize, HostTensor),
    ) -> Result<()> {
        let rows = texts.iter().map(|text| TextInput::Single(text)).collect();
        let encoded = self.tokenizer.encode_batch(rows, options)?;
        let rows = encoded.encodings();
        let mut by_length: Vec<usize> = (0..rows.len()).collect();
        by_length.sort_by_key(|index| rows[*index].len());
        for indices in by_length.chunks(batch_size.max(1)) {
            let batch: Vec<_> = indices.iter().map(|index| &rows[*index]).collect();
            let hidden = self.forward(&batch)?;
            let [_, seq, width] = hidden.shape[..] else {
                unreachable!("a hidden state has three dimensions, not {:?}", hidden.shape);
            };
            for (row, index) in indices.iter().enumerate() {
                let tokens = rows[*index].len();
                let data = hidden.data[row * seq * width..][..tokens * width].to_vec();
                take(*index, HostTensor { shape: vec![tokens, width], data });
            }
        }
        Ok(())
    }

    fn forward(&self, rows: &[&Encoding]) -> Result<HostTensor> {
        let seq = rows.iter().map(|row| row.len()).max().unwrap_or(0);
        let padded = |values: fn(&Encoding) -> &[u32], pad: u32| -> Vec<i64> {
            let row = |row: &&Encoding| {
                let values = values(row);
                let padding = std::iter::repeat_n(pad, seq - values.len());
                values.iter().copied().chain(padding).map(i64::from).collect::<Vec<_>>()
            };
            rows.iter().flat_map(row).collect()
        };
        // Whatever a padded position holds is masked.
        let pad_id = self.tokenizer.special_token_id("pad_token").unwrap_or(0);
        let takes = |name: &str| self.tokenizer.model_input_names().iter().any(|input| input == name);
        let input_ids = padded(Encoding::get_ids, pad_id);
        let attention_mask = padded(Encoding::get_attention_mask, 0);
        let token_type_ids = takes("token_type_ids").then(|| padded(Encoding::get_type_ids, 0));
        let input = EncoderInput {
            batch: rows.len(),
            seq,
            input_ids: &input_ids,
            attention_mask: Some(&attention_mask),
            token_type_ids: token_type_ids.as_deref(),
            ..EncoderInput::default()
        };
        let output = self.encoder.forward(&input, Wanted::default())?;
        output.last_hidden_state.ok_or_else(|| {
            let head = self.encoder.head().name();
            Error::unsupported(format!("vectors of tokens from a model of {head}; load it with AutoModel"))
        })
    }
}
