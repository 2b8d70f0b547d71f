//! Keys and values of past tokens.

mod beams;
pub(crate) mod cached_sequences;
mod history;
pub(crate) mod layer_caches;
pub(crate) mod layout;
pub(crate) mod past_key_values;
pub(crate) mod positions;
pub(crate) mod prompts;
mod recompute;
pub(crate) mod sequences;
pub(crate) mod shared_cache;
pub(crate) mod sources;
