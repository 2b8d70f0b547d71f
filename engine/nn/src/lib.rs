//! Shared blocks of transformer models: layers, attention, skeletons.
//!
//! Field paths are weight names, spelled as BERT and Llama checkpoints spell them; families whose checkpoints differ
//! rename declaratively.

mod decoder;
mod encoder;
mod encoder_decoder;
mod layers;
mod stack;

pub use decoder::stack::{Decoder, DecoderBatch, DecoderConfig, DecoderModel, DecoderOutput, Source};
pub use encoder::bottleneck::{BottleneckConfig, BottleneckQueries};
pub use encoder::bucketed_bias::NUM_BUCKETS;
pub use encoder::grouped_layer::GroupedLayerConfig;
pub use encoder::layer::EncoderLayerConfig;
pub use encoder::model::{EncoderModel, HeadInput};
pub use encoder::pooler::PoolerKind;
pub use encoder::positions::PositionsConfig;
pub use encoder::relative_vectors::RelativeVectorsConfig;
pub use encoder::row_positions::RowPositions;
pub use encoder::stack::{Encoder, EncoderBatch, EncoderConfig, EncoderOutput};
pub use encoder::token_convolution::TokenConvolutionConfig;
pub use encoder_decoder::{EncoderDecoder, EncoderDecoderModel};
pub use layers::adapters::Adapters;
pub use layers::buckets::Buckets;
pub use layers::embedding::{EncoderEmbeddings, EncoderEmbeddingsConfig, EncoderIds, ProjectionInput, TokenInput};
pub use layers::experts::{ExpertsConfig, RoutingWeights};
pub use layers::feed_forward::{FeedForwardConfig, Gate};
pub use layers::head::{Head, HeadConfig, TransformConfig};
pub use layers::head_norm::QkNorm;
pub use layers::layer_mut::LayerMut;
pub use layers::layer_norm::LayerNorm;
pub use layers::linear::Linear;
pub use layers::norm::{Norm, NormConfig, NormKind};
pub use layers::packed::Packed;
pub use layers::preparation::Preparation;
pub use layers::rope::{RopeConfig, RopeLength, RopeScaling};
pub use layers::sinusoids::{Frequencies, SinusoidsConfig};
pub use layers::table::Embedding;
pub use layers::weight::Weight;
pub use stack::attention::{AttentionConfig, PositionTerms, ScoreTerms};
pub use stack::checkpoints::CheckpointedLayers;
pub use stack::layer::{CrossAttentionConfig, LayerConfig, LayerOrder};
pub use stack::pass::Intermediates;
pub use stack::placement::Placement;
