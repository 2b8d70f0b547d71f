//! Encoders: embeddings, position encodings, layers without a cache, a pooler, and a head.

pub(crate) mod bottleneck;
pub(crate) mod bucketed_bias;
pub(crate) mod grouped_layer;
pub(crate) mod layer;
pub(crate) mod model;
pub(crate) mod pooler;
pub(crate) mod positions;
pub(crate) mod relative_vectors;
pub(crate) mod row_positions;
pub(crate) mod sinusoids;
pub(crate) mod stack;
pub(crate) mod token_convolution;
