//! Decoders: attention with a key/value cache, layers and the stack.

pub(crate) mod attention;
pub(crate) mod layer;
pub(crate) mod pass;
pub(crate) mod stack;
