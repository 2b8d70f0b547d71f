use std::path::Path;

use serde_json::{Map, Value};
use trustformers_checkpoint::GgufFile;
use trustformers_core::Result;
use trustformers_tokenizers::{GgufVocabulary, Tokenizer};

/// The `config.json` that corresponds to a GGUF file's metadata.
///
/// **Errors:** any error of `GgufFile::open` and `GgufFile::config`.
pub fn gguf_config(file: &Path) -> Result<Value> {
    GgufFile::open(file)?.config()
}

/// The tokenizer of a GGUF file; `overrides` are settings that take precedence over the file's.
///
/// **Errors:** any error of `GgufFile::open` and `Tokenizer::from_gguf`; `Weights` naming a key that is missing or
/// wrong.
pub fn gguf_tokenizer(file: &Path, overrides: &Map<String, Value>) -> Result<Tokenizer> {
    const ROLES: [(&str, &str); 4] =
        [("bos_token", "bos"), ("eos_token", "eos"), ("unk_token", "unknown"), ("pad_token", "padding")];
    let gguf = GgufFile::open(file)?;
    let metadata = gguf.metadata();
    let string = |key: &str| metadata.string(key).map(|text| text.map(str::to_owned));
    let mut roles = Vec::new();
    for (role, name) in ROLES {
        roles.push((role, metadata.count(&format!("tokenizer.ggml.{name}_token_id"))?));
    }
    let (kind, tokens) = ("tokenizer.ggml.model", "tokenizer.ggml.tokens");
    let vocabulary = GgufVocabulary {
        file: file.to_owned(),
        architecture: string("general.architecture")?.unwrap_or_default(),
        kind: metadata.needed(kind, string(kind)?)?,
        splits: string("tokenizer.ggml.pre")?,
        tokens: metadata.needed(tokens, metadata.strings(tokens)?)?,
        kinds: metadata.numbers("tokenizer.ggml.token_type")?.unwrap_or_default(),
        scores: metadata.numbers("tokenizer.ggml.scores")?,
        merges: metadata.strings("tokenizer.ggml.merges")?,
        charsmap: metadata.bytes("tokenizer.ggml.precompiled_charsmap")?,
        roles,
        adds_bos: metadata.flag("tokenizer.ggml.add_bos_token")?,
        adds_eos: metadata.flag("tokenizer.ggml.add_eos_token")?,
        chat_template: string("tokenizer.chat_template")?,
    };
    Tokenizer::from_gguf(&vocabulary, overrides)
}
