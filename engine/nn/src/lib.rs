//! Shared blocks of transformer models: layers, attention, skeletons.
//!
//! Field paths are weight names, spelled as BERT and Llama checkpoints spell them; families whose checkpoints differ
//! rename declaratively.

mod attention;
mod bottleneck;
mod bucketed_bias;
mod decoder;
mod decoder_attention;
mod decoder_layer;
mod disentangled;
mod embedding;
mod encoder;
mod encoder_model;
mod experts;
mod feed_forward;
mod grouped_linear;
mod head;
mod head_norm;
mod layer_group;
mod layer_norm;
mod linear;
mod norm;
mod packed;
mod post_norm;
mod pre_norm;
mod preparation;
mod residual_layer;
mod rope;
mod rotary;
mod rotary_projections;
mod sinusoids;
mod token_convolution;
mod weight;

pub use attention::{AttentionBlock, AttentionConfig, SelfAttention};
pub use bottleneck::{BottleneckConfig, BottleneckLayer, BottleneckQueries};
pub use bucketed_bias::{BucketedBias, NUM_BUCKETS};
pub use decoder::{Decoder, DecoderBatch, DecoderConfig, DecoderModel, DecoderOutput};
pub use decoder_attention::DecoderAttentionConfig;
pub use decoder_layer::{DecoderLayerConfig, LayerOrder};
pub use disentangled::{DisentangledAttention, PositionTerms, RelativeVectors, RelativeVectorsConfig, SharedVectors};
pub use embedding::{Embedding, EncoderEmbeddings, EncoderEmbeddingsConfig, EncoderIds, TokenInput, Widening};
pub use encoder::{
    EmbeddedPositions, Encoder, EncoderBatch, EncoderLayer, EncoderOutput, Intermediates, Layers, Pass, Pooler,
    Positions, RowPositions,
};
pub use encoder_model::{EncoderModel, HeadInput};
pub use experts::{ExpertShares, ExpertsConfig};
pub use feed_forward::{FeedForwardConfig, Gate};
pub use grouped_linear::{GroupedAttention, GroupedLayer, GroupedLayerConfig, GroupedLinear};
pub use head::{Head, HeadConfig, TransformConfig};
pub use head_norm::QkNorm;
pub use layer_group::LayerGroup;
pub use layer_norm::LayerNorm;
pub use linear::Linear;
pub use norm::{Norm, NormConfig, NormKind};
pub use packed::Packed;
pub use post_norm::{PostNormConfig, PostNormLayer};
pub use pre_norm::{PreNormConfig, PreNormLayer};
pub use preparation::Preparation;
pub use residual_layer::{NormOrder, ResidualLayer, ResidualLayerConfig};
pub use rope::{RopeConfig, RopeLength, RopeScaling};
pub use rotary::{RotaryAttention, RotaryPositions, RotaryScope, ScopeOfRows};
pub use rotary_projections::{RopePositions, RotaryProjections, RotaryProjectionsConfig};
pub use sinusoids::Sinusoids;
pub use token_convolution::{TokenConvolution, TokenConvolutionConfig};
pub use weight::Weight;
