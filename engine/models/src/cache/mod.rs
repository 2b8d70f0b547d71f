//! Keys and values of past tokens.

pub(crate) mod cached_sequences;
mod history;
pub(crate) mod layer_caches;
pub(crate) mod past_key_values;
mod recompute;
pub(crate) mod sequences;
