//! Shared blocks of transformer models: layers, attention, skeletons.
//!
//! Field paths are weight names, spelled as BERT and Llama checkpoints spell them; families whose checkpoints differ
//! rename declaratively.

mod decoder;
mod encoder;
mod layers;

pub use decoder::attention::DecoderAttentionConfig;
pub use decoder::layer::{DecoderLayerConfig, LayerOrder};
pub use decoder::stack::{Decoder, DecoderBatch, DecoderConfig, DecoderModel, DecoderOutput};
pub use encoder::attention::{AttentionBlock, AttentionConfig, SelfAttention};
pub use encoder::bottleneck::{BottleneckConfig, BottleneckLayer, BottleneckQueries};
pub use encoder::bucketed_bias::{BucketedBias, NUM_BUCKETS};
pub use encoder::disentangled::{
    DisentangledAttention, PositionTerms, RelativeVectors, RelativeVectorsConfig, SharedVectors,
};
pub use encoder::grouped_linear::{GroupedAttention, GroupedLayer, GroupedLayerConfig, GroupedLinear};
pub use encoder::layer_group::LayerGroup;
pub use encoder::model::{EncoderModel, HeadInput};
pub use encoder::post_norm::{PostNormConfig, PostNormLayer};
pub use encoder::pre_norm::{PreNormConfig, PreNormLayer};
pub use encoder::residual_layer::{NormOrder, ResidualLayer, ResidualLayerConfig};
pub use encoder::rotary::{RotaryAttention, RotaryPositions, RotaryScope, ScopeOfRows};
pub use encoder::rotary_projections::{RopePositions, RotaryProjections, RotaryProjectionsConfig};
pub use encoder::sinusoids::Sinusoids;
pub use encoder::stack::{
    EmbeddedPositions, Encoder, EncoderBatch, EncoderLayer, EncoderOutput, Intermediates, Layers, Pass, Pooler,
    Positions, RowPositions,
};
pub use encoder::token_convolution::{TokenConvolution, TokenConvolutionConfig};
pub use layers::embedding::{
    Embedding, EncoderEmbeddings, EncoderEmbeddingsConfig, EncoderIds, ProjectionInput, TokenInput,
};
pub use layers::experts::{ExpertsConfig, RoutingWeights};
pub use layers::feed_forward::{FeedForwardConfig, Gate};
pub use layers::head::{Head, HeadConfig, TransformConfig};
pub use layers::head_norm::QkNorm;
pub use layers::layer_norm::LayerNorm;
pub use layers::linear::Linear;
pub use layers::norm::{Norm, NormConfig, NormKind};
pub use layers::packed::Packed;
pub use layers::preparation::Preparation;
pub use layers::rope::{RopeConfig, RopeLength, RopeScaling};
pub use layers::weight::Weight;
