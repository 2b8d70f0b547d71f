//! Decoding with a language model: configuration, logits processors, sampling, beams, speculation, batching.

mod config;
mod order;
mod probabilities;
mod processors;
mod settings;

pub use config::{EarlyStopping, GenerationConfig, Issue, OneOrMany};
pub use processors::{CustomProcessors, LogitsProcessor, PrefixAllowedTokens, Processors};
pub use settings::{Lengths, Settings};
