use std::path::Path;
use std::sync::Arc;

use trustformers_core::{Error, Result, read_json};
use trustformers_models::{Head, HostTensor, Model};
use trustformers_tokenizers::{EncodeOptions, TextInput, Tokenizer, Truncation};

use crate::Pooling;
use crate::text_model::TextModel;

/// One vector per sentence, of length one, so that the dot product of two is their cosine similarity.
pub struct SentenceSimilarity {
    model: TextModel,
    pooling: Pooling,
    max_length: Option<usize>,
}

impl SentenceSimilarity {
    /// The task over a model, its tokenizer and the sentence-transformers files of its directory, if it has any.
    ///
    /// **Errors:** `Input` if the model has a head; `Unsupported` or `Config` if those files ask for what does not
    /// exist here or are damaged.
    pub fn new(encoder: Arc<dyn Model>, tokenizer: Arc<Tokenizer>, dir: Option<&Path>) -> Result<Self> {
        let file = dir.map(|dir| dir.join("sentence_bert_config.json")).filter(|file| file.is_file());
        let stated = file.map(|file| read_json(&file)).transpose()?.and_then(|keys| keys["max_seq_length"].as_u64());
        let stated = stated.and_then(|length| usize::try_from(length).ok());
        let limits = [stated.or(encoder.max_tokens()), tokenizer.model_max_length()];
        let max_length = limits.into_iter().flatten().min();
        let model = TextModel::new(encoder, tokenizer, Head::Base, "sentence-similarity")?;
        Ok(Self { model, pooling: dir.map_or_else(|| Ok(Pooling::default()), Pooling::from_dir)?, max_length })
    }

    /// The sentences' vectors; a sentence longer than the model's limit is truncated.
    ///
    /// **Shapes:** returns `[sentences, hidden]`, in the order of `sentences`.
    ///
    /// **Errors:** `Input` if there is no sentence.
    pub fn embed(&self, sentences: &[&str], batch_size: usize) -> Result<HostTensor> {
        if sentences.is_empty() {
            return Err(Error::input("sentences", "the list is empty"));
        }
        let options = EncodeOptions {
            truncation: Some(Truncation::LongestFirst),
            max_length: self.max_length,
            ..EncodeOptions::default()
        };
        let encoded = self.model.encode(sentences.iter().copied().map(TextInput::Single).collect(), &options)?;
        let mut rows = vec![Vec::new(); sentences.len()];
        self.model.for_each(encoded.encodings(), batch_size, |index, tokens| {
            rows[index] = self.pooling.normalized(&tokens);
            Ok(())
        })?;
        let shape = vec![rows.len(), rows[0].len()];
        Ok(HostTensor { shape, data: rows.concat() })
    }
}
