use serde_json::json;
use tokenizers::models::bpe::Vocab;
use tokenizers::models::wordpiece::WordPiece;
use tokenizers::normalizers::NormalizerWrapper;
use tokenizers::{DecoderWrapper, PreTokenizerWrapper};
use trustformers_core::{Error, Result};

use super::{Converted, Stated, damaged, needed, part, text};
use crate::config::TokenizerConfig;
use crate::files::{Files, VOCAB_TXT};
use crate::model::Model;
use crate::pipeline::Pipeline;
use crate::tokenizer_file::ModelParts;

pub(super) fn convert(files: &Files, config: &TokenizerConfig, stated: Option<Stated>) -> Result<Converted> {
    let vocab = match stated.map(|stated| stated.model) {
        Some(ModelParts::WordPiece { vocab, .. }) => vocab,
        _ => lines(files, config)?,
    };
    let unk_token = config.special_tokens.get("unk_token").map_or("[UNK]", |token| &token.content).to_owned();
    let model = WordPiece::builder().vocab(vocab).unk_token(unk_token).build();
    let mut tokenizer = Pipeline::new(Model::plain(model.map_err(Error::tokenizer)?));
    let rules = config.normalizer.unwrap_or_default();
    let normalizer: NormalizerWrapper = part(json!({
        "type": "BertNormalizer",
        "clean_text": true,
        "handle_chinese_chars": rules.handle_chinese_chars,
        "strip_accents": rules.strip_accents,
        "lowercase": rules.lowercase,
    }))?;
    tokenizer
        .with_pre_tokenizer(Some(part::<PreTokenizerWrapper>(json!({"type": "BertPreTokenizer"}))?))
        .with_decoder(Some(part::<DecoderWrapper>(json!({"type": "WordPiece", "prefix": "##", "cleanup": true}))?))
        .with_normalizer(Some(normalizer))
        .map_err(Error::tokenizer)?;
    Ok(Converted::plain(tokenizer))
}

/// Reads a vocabulary with one token per line.
fn lines(files: &Files, config: &TokenizerConfig) -> Result<Vocab> {
    let bytes = needed(files, VOCAB_TXT, &config.tokenizer_class)?;
    let lines = text(files, VOCAB_TXT, bytes)?.lines();
    let vocab: Vocab = lines.zip(0..).map(|(line, id)| (line.trim_end().to_owned(), id)).collect();
    if vocab.is_empty() {
        return Err(damaged(files, VOCAB_TXT, "it contains no tokens"));
    }
    Ok(vocab)
}
