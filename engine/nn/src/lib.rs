//! Shared blocks of transformer models: layers, attention, skeletons.
//!
//! Field paths are weight names, spelled as the checkpoints of the BERT lineage spell them; families whose checkpoints
//! differ rename declaratively.

mod attention;
mod embedding;
mod encoder;
mod layer_norm;
mod linear;
mod packed;
mod post_norm;
mod weight;

pub use attention::{AttentionConfig, SelfAttention};
pub use embedding::{Embedding, EncoderEmbeddings, EncoderEmbeddingsConfig, EncoderIds};
pub use encoder::{Encoder, EncoderBatch, EncoderLayer, EncoderOutput, Pooler};
pub use layer_norm::LayerNorm;
pub use linear::Linear;
pub use packed::Packed;
pub use post_norm::{PostNormConfig, PostNormLayer};
pub use weight::Weight;
