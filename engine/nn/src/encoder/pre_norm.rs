use burn::module::Module;
use burn::tensor::Tensor;
use burn::tensor::backend::Backend;
use trustformers_ops::{self as ops, Activation, EngineBackend, Epilogue};

use crate::encoder::rotary::ScopeOfRows;
use crate::{AttentionBlock, AttentionConfig, EncoderLayer, LayerNorm, Linear, Pass, Preparation, RotaryAttention};

/// Sizes and functions of [`PreNormLayer`].
#[derive(Clone, Copy, Debug)]
pub struct PreNormConfig {
    /// The attention block.
    pub attention: AttentionConfig,
    /// Whether the attention's projections add a vector.
    pub has_attention_bias: bool,
    /// Which scope of the rotary positions the layer has.
    pub scope: usize,
    /// Whether the input of the attention is normalized.
    pub normalizes_input: bool,
    /// Width between the two feed-forward projections.
    pub intermediate_size: usize,
    /// Whether the feed-forward projections add a vector.
    pub has_mlp_bias: bool,
    /// Applied to the half of the first projection that the other half multiplies.
    pub hidden_act: Activation,
    /// Added to the variance in the normalizations.
    pub layer_norm_eps: f64,
    /// Whether the normalizations add a vector.
    pub has_norm_bias: bool,
}

/// Rotary attention and a gated feed-forward, each of its normalized input and added to it.
#[derive(Module, Debug)]
pub struct PreNormLayer<B: Backend> {
    attn_norm: Option<LayerNorm<B>>,
    attn: RotaryAttention<B>,
    mlp_norm: LayerNorm<B>,
    mlp: GatedMlp<B>,
}

/// `output(activation(first) * second)` with the halves of one projection, arXiv 2002.05202.
#[derive(Module, Debug)]
struct GatedMlp<B: Backend> {
    input: Linear<B>,
    output: Linear<B>,
    #[module(skip)]
    hidden_act: Activation,
}

impl<B: EngineBackend> GatedMlp<B> {
    fn forward_onto(&self, x: Tensor<B, 2>, residual: Tensor<B, 2>) -> Tensor<B, 2> {
        let gated = ops::gate(self.input.forward(x), self.hidden_act);
        self.output.forward_with(gated, Epilogue { activation: None, residual: Some(residual) })
    }
}

impl<B: EngineBackend> PreNormLayer<B> {
    /// A layer with random weights until it is loaded.
    pub fn new(config: &PreNormConfig, device: &B::Device) -> Self {
        let hidden = config.attention.hidden_size;
        let norm = || LayerNorm::new(hidden, config.layer_norm_eps, device).with_bias(config.has_norm_bias);
        let inner = config.intermediate_size;
        Self {
            attn_norm: config.normalizes_input.then(norm),
            attn: RotaryAttention::new(&config.attention, config.has_attention_bias, config.scope, device),
            mlp_norm: norm(),
            mlp: GatedMlp {
                input: Linear::new(hidden, 2 * inner, device).with_bias(config.has_mlp_bias),
                output: Linear::new(inner, hidden, device).with_bias(config.has_mlp_bias),
                hidden_act: config.hidden_act,
            },
        }
    }
}

impl<B: EngineBackend> EncoderLayer<B> for PreNormLayer<B> {
    type Shared = Vec<ScopeOfRows<B>>;

    fn forward(&self, x: Tensor<B, 2>, pass: &Pass<'_, B, Self::Shared>) -> Tensor<B, 2> {
        let normal = match &self.attn_norm {
            Some(norm) => norm.forward(x.clone()),
            None => x.clone(),
        };
        let attended = self.attn.forward_onto(normal, x, pass);
        self.mlp.forward_onto(self.mlp_norm.forward(attended.clone()), attended)
    }

    fn prepare(&mut self, plan: &Preparation<'_>) {
        self.attn.prepare(plan);
        self.mlp.input.prepare(plan);
        self.mlp.output.prepare(plan);
    }
}
