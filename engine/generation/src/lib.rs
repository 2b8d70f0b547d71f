//! Decoding with a language model: configuration, logits processors, sampling, beams, speculation, batching.

mod config;
mod settings;

pub use config::{EarlyStopping, GenerationConfig, Issue, OneOrMany};
pub use settings::{Lengths, Settings};
