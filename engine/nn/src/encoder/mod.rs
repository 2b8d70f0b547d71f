//! Encoders: positions, attention blocks, layers and the stack.

pub(crate) mod attention;
pub(crate) mod bottleneck;
pub(crate) mod bucketed_bias;
pub(crate) mod disentangled;
pub(crate) mod grouped_linear;
pub(crate) mod layer_group;
pub(crate) mod model;
pub(crate) mod post_norm;
pub(crate) mod pre_norm;
pub(crate) mod residual_layer;
pub(crate) mod rotary;
pub(crate) mod rotary_projections;
pub(crate) mod sinusoids;
pub(crate) mod stack;
pub(crate) mod token_convolution;
