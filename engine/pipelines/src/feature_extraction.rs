use std::sync::Arc;

use trustformers_core::Result;
use trustformers_models::{Head, HostTensor, Model};
use trustformers_tokenizers::{EncodeOptions, TextInput, Tokenizer};

use crate::text_model::TextModel;

/// Feature extraction pipeline: the last hidden state of every token of a text.
pub struct FeatureExtraction {
    model: TextModel,
}

impl FeatureExtraction {
    /// Creates the pipeline from a model and its tokenizer.
    ///
    /// **Errors:** `Input` if the model has a head.
    pub fn new(model: Arc<dyn Model>, tokenizer: Arc<Tokenizer>) -> Result<Self> {
        Ok(Self { model: TextModel::new(model, tokenizer, Head::Base, "feature-extraction")? })
    }

    /// Returns one tensor per text, in the order of `texts`.
    ///
    /// **Shapes:** each is `[1, seq, hidden]`, special tokens included.
    ///
    /// **Errors:** `Input` if a text has more tokens than the model has positions and is not truncated.
    pub fn run(&self, texts: &[&str], options: &EncodeOptions, batch_size: usize) -> Result<Vec<HostTensor>> {
        let rows = texts.iter().copied().map(TextInput::Single).collect();
        let rows = self.model.encode(rows, options)?;
        let mut results = vec![HostTensor { shape: Vec::new(), data: Vec::new() }; texts.len()];
        self.model.for_each(rows.encodings(), batch_size, |index, mut tokens| {
            tokens.shape.insert(0, 1);
            results[index] = tokens;
            Ok(())
        })?;
        Ok(results)
    }
}
