use trustformers_nn as nn;
use trustformers_ops::EngineBackend;

use crate::families::keys::post_norm::PostNormKeys;

/// A pre-norm layer with plain self-attention.
pub(crate) type PreNormLayer<B> = nn::ResidualLayer<B, nn::SelfAttention<B>>;

/// A pre-norm encoder with plain self-attention, absolute positions and a final norm.
pub(crate) fn encoder<B: EngineBackend>(
    sizes: &PostNormKeys,
    embeddings: nn::EncoderEmbeddingsConfig,
    has_pooler: bool,
    device: &B::Device,
) -> nn::Encoder<B, nn::EmbeddedPositions, PreNormLayer<B>> {
    let norm = nn::NormConfig::layer(sizes.layer_norm_eps, true);
    let config = nn::ResidualLayerConfig {
        hidden_size: sizes.hidden_size,
        attention_size: sizes.hidden_size,
        has_output_bias: true,
        feed_forward: nn::FeedForwardConfig {
            intermediate_size: sizes.intermediate_size,
            activation: sizes.hidden_act,
            gate: nn::Gate::Absent,
            has_bias: true,
        },
        norm,
        order: nn::NormOrder::Before,
    };
    let layer = |_| nn::ResidualLayer::new(&config, nn::SelfAttention::new(&sizes.attention(), device), device);
    let layers = (0..sizes.num_hidden_layers).map(layer).collect();
    nn::Encoder::new(
        nn::EncoderEmbeddings::new(&embeddings, device),
        nn::Layers::new(nn::EmbeddedPositions, layers).with_norm(norm.build(sizes.hidden_size, device)),
        has_pooler.then(|| nn::Pooler::new(sizes.hidden_size, device)),
    )
}
