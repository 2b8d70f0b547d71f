use std::sync::Arc;

use trustformers_core::Result;
use trustformers_models::{Encoder, HostTensor};
use trustformers_tokenizers::{EncodeOptions, Tokenizer, Truncation};

use crate::token_vectors::TokenVectors;

/// The last hidden state of every token of a text.
pub struct FeatureExtraction {
    vectors: TokenVectors,
}

impl FeatureExtraction {
    /// The task over a model and its tokenizer.
    pub fn new(encoder: Arc<dyn Encoder>, tokenizer: Arc<Tokenizer>) -> Self {
        Self { vectors: TokenVectors { encoder, tokenizer } }
    }

    /// One tensor per text, in the order of `texts`.
    ///
    /// **Shapes:** each is `[1, seq, hidden]`, special tokens included.
    ///
    /// **Errors:** `Input` if a text has more tokens than the model has positions and `truncation` is false.
    pub fn run(&self, texts: &[&str], truncation: bool, batch_size: usize) -> Result<Vec<HostTensor>> {
        let truncation = truncation.then_some(Truncation::LongestFirst);
        let options = EncodeOptions { truncation, ..EncodeOptions::default() };
        let mut results = vec![HostTensor { shape: Vec::new(), data: Vec::new() }; texts.len()];
        self.vectors.for_each(texts, &options, batch_size, |index, mut tokens| {
            tokens.shape.insert(0, 1);
            results[index] = tokens;
        })?;
        Ok(results)
    }
}
