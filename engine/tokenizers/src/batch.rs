use std::str::FromStr;

use tokenizers::Encoding;
use trustformers_core::{Error, Result};

/// Limit on padded and overflowing tokens: at about 100 bytes each, allocating more could abort the process.
pub const MAX_TOKENS: usize = 1 << 26;

/// The encoded rows of a batch.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct BatchEncoding {
    encodings: Vec<Encoding>,
    sample_mapping: Option<Vec<usize>>,
}

/// A field of an encoding with one integer per token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    /// Token ids.
    InputIds,
    /// Token type ids: 0 for the first sequence, 1 for the second.
    TokenTypeIds,
    /// Attention mask: 0 for padding, else 1.
    AttentionMask,
    /// 1 for special tokens that encoding added, else 0.
    SpecialTokensMask,
}

impl Field {
    /// The field's values in an encoding.
    pub fn of(self, encoding: &Encoding) -> &[u32] {
        match self {
            Self::InputIds => encoding.get_ids(),
            Self::TokenTypeIds => encoding.get_type_ids(),
            Self::AttentionMask => encoding.get_attention_mask(),
            Self::SpecialTokensMask => encoding.get_special_tokens_mask(),
        }
    }

    /// The field's key in a model's inputs.
    pub fn name(self) -> &'static str {
        match self {
            Self::InputIds => "input_ids",
            Self::TokenTypeIds => "token_type_ids",
            Self::AttentionMask => "attention_mask",
            Self::SpecialTokensMask => "special_tokens_mask",
        }
    }
}

impl FromStr for Field {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self> {
        [Self::InputIds, Self::TokenTypeIds, Self::AttentionMask, Self::SpecialTokensMask]
            .into_iter()
            .find(|field| field.name() == name)
            .ok_or_else(|| Error::input("field", format!("an encoding has no field \"{name}\"")))
    }
}

impl BatchEncoding {
    /// A batch of encoded rows.
    pub fn new(encodings: Vec<Encoding>) -> Self {
        Self { encodings, sample_mapping: None }
    }

    /// A batch in which the overflowing parts of each sample follow its first row as separate rows.
    pub(crate) fn with_overflowing(samples: Vec<Encoding>) -> Self {
        let mut batch = Self { encodings: Vec::with_capacity(samples.len()), sample_mapping: None };
        let mut sample_mapping = Vec::with_capacity(samples.len());
        for (sample, mut first) in samples.into_iter().enumerate() {
            let overflowing = first.take_overflowing();
            sample_mapping.resize(sample_mapping.len() + 1 + overflowing.len(), sample);
            batch.encodings.push(first);
            batch.encodings.extend(overflowing);
        }
        batch.sample_mapping = Some(sample_mapping);
        batch
    }

    /// Index of the input that each row comes from; `None` unless overflowing tokens were requested.
    pub fn sample_mapping(&self) -> Option<&[usize]> {
        self.sample_mapping.as_deref()
    }

    /// The rows.
    pub fn encodings(&self) -> &[Encoding] {
        &self.encodings
    }

    pub(crate) fn encodings_mut(&mut self) -> &mut [Encoding] {
        &mut self.encodings
    }

    /// The number of rows.
    pub fn len(&self) -> usize {
        self.encodings.len()
    }

    /// Whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.encodings.is_empty()
    }

    /// The length of the longest row, 0 for an empty batch.
    pub fn longest(&self) -> usize {
        self.encodings.iter().map(Encoding::len).max().unwrap_or(0)
    }

    /// The length that all rows share.
    ///
    /// **Errors:** `Input` if rows differ in length.
    pub fn seq(&self) -> Result<usize> {
        let longest = self.longest();
        match self.encodings.iter().map(Encoding::len).find(|&len| len != longest) {
            None => Ok(longest),
            Some(other) => Err(Error::input(
                "return_tensors",
                format!(
                    "rows of {other} and {longest} tokens cannot form one array; \
                     pass padding=True (and truncation=True) for rows of one length"
                ),
            )),
        }
    }

    /// A field of all rows, row-major.
    ///
    /// **Shapes:** `[batch, seq]`.
    ///
    /// **Errors:** `Input` if rows differ in length.
    pub fn values(&self, field: Field) -> Result<Vec<i64>> {
        self.seq()?;
        Ok(self.encodings.iter().flat_map(|encoding| field.of(encoding)).map(|&value| value.into()).collect())
    }

    /// Start and end character of every token, row-major.
    ///
    /// **Shapes:** `[batch, seq, 2]`.
    ///
    /// **Errors:** `Input` if rows differ in length.
    pub fn offsets(&self) -> Result<Vec<i64>> {
        self.seq()?;
        let spans = self.encodings.iter().flat_map(Encoding::get_offsets);
        Ok(spans.flat_map(|&(start, end)| [start as i64, end as i64]).collect())
    }

    /// For each row, 1 for tokens inside the row's character spans, else 0.
    ///
    /// **Errors:** `Input` if the numbers of rows and of lists of spans differ.
    pub fn tokens_of_spans(&self, spans: &[Vec<(usize, usize)>]) -> Result<Vec<Vec<u32>>> {
        if spans.len() != self.len() {
            let message = format!("{} lists for {} rows", spans.len(), self.len());
            return Err(Error::input("spans", message));
        }
        let row = |(encoding, spans): (&Encoding, &Vec<(usize, usize)>)| {
            let mut mask = vec![0; encoding.len()];
            for &(start, end) in spans.iter().filter(|(start, end)| start < end) {
                // A span that begins after the last token was truncated away.
                let Some(first) = encoding.char_to_token(start, 0) else { break };
                let last = encoding.char_to_token(end - 1, 0).unwrap_or(encoding.len() - 1);
                if first <= last {
                    mask[first..=last].fill(1);
                }
            }
            mask
        };
        Ok(self.encodings.iter().zip(spans).map(row).collect())
    }

    /// Serializes the rows as JSON for `from_json`, without the sample mapping.
    ///
    /// **Errors:** `Internal` if the rows cannot be serialized.
    pub fn to_json(&self) -> Result<Vec<u8>> {
        serde_json::to_vec(&self.encodings).map_err(|error| Error::internal(format!("writing encodings: {error}")))
    }

    /// Restores a batch from the output of `to_json`.
    ///
    /// **Errors:** `Input` if `json` is not a serialized batch.
    pub fn from_json(json: &[u8]) -> Result<Self> {
        match serde_json::from_slice(json) {
            Ok(encodings) => Ok(Self::new(encodings)),
            Err(error) => Err(Error::input("json", format!("not a batch of encodings: {error}"))),
        }
    }
}
