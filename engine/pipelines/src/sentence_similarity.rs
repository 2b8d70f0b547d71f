use std::path::Path;
use std::sync::Arc;

use trustformers_core::{Error, Result, read_json};
use trustformers_models::{Encoder, HostTensor};
use trustformers_tokenizers::{EncodeOptions, Tokenizer, Truncation};

use crate::Pooling;
use crate::token_vectors::TokenVectors;

/// One vector per sentence, of length one, so that the dot product of two is their cosine similarity.
pub struct SentenceSimilarity {
    vectors: TokenVectors,
    pooling: Pooling,
    max_length: Option<usize>,
}

impl SentenceSimilarity {
    /// The task over a model, its tokenizer and the sentence-transformers files of its directory, if it has them.
    ///
    /// **Errors:** `Unsupported` or `Config` if those files ask for what does not exist here or are damaged.
    pub fn new(encoder: Arc<dyn Encoder>, tokenizer: Arc<Tokenizer>, dir: &Path) -> Result<Self> {
        let file = dir.join("sentence_bert_config.json");
        let stated = if file.is_file() { read_json(&file)?["max_seq_length"].as_u64() } else { None };
        let positions = encoder.config()["max_position_embeddings"].as_u64();
        let lengths = [stated.or(positions), tokenizer.model_max_length().map(|length| length as u64)];
        let max_length = lengths.into_iter().flatten().min().and_then(|length| usize::try_from(length).ok());
        Ok(Self { vectors: TokenVectors { encoder, tokenizer }, pooling: Pooling::from_dir(dir)?, max_length })
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
        let mut rows = vec![Vec::new(); sentences.len()];
        self.vectors.for_each(sentences, &options, batch_size, |index, tokens| {
            rows[index] = self.pooling.normalized(&tokens);
        })?;
        let shape = vec![rows.len(), rows[0].len()];
        Ok(HostTensor { shape, data: rows.concat() })
    }
}
