//! Decoders: embeddings, layers with a key/value cache, and a head.

pub(crate) mod stack;
