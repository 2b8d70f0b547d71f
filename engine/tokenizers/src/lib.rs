//! Tokenization with the semantics of Hugging Face's tokenizer files.

mod additions;
mod assembly;
mod batch;
mod chat;
mod class_defaults;
mod config;
mod convert;
mod decode;
mod encode;
mod files;
mod gguf;
mod gguf_vocabulary;
mod keys;
mod language_codes;
mod languages;
mod model_types;
mod overrides;
mod pipeline;
mod save;
mod side;
mod special_tokens;
mod tokenizer;
mod tokenizer_file;
mod translation;
mod truncate;

pub use batch::{BatchEncoding, Field, MAX_TOKENS};
pub use chat::{ChatOptions, RenderedChat, TemplateValue};
pub use decode::vocabulary_ids;
pub use encode::{EncodeOptions, Padding, TextInput};
pub use gguf_vocabulary::GgufVocabulary;
pub use overrides::unknown_overrides;
pub use side::Side;
pub use tokenizer::Tokenizer;
pub use tokenizers::{AddedToken, Encoding};
pub use truncate::Truncation;
