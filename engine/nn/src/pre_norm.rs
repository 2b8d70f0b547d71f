use burn::module::Module;
use burn::tensor::Tensor;
use burn::tensor::backend::Backend;
use trustformers_ops::{self as ops, Activation, EngineBackend, Epilogue};

use crate::rotary::ScopeOfRows;
use crate::{AttentionBlock, AttentionConfig, EncoderLayer, LayerNorm, Linear, Pass, Preparation, RotaryAttention};

/// Configuration of a [`PreNormLayer`].
#[derive(Clone, Copy, Debug)]
pub struct PreNormConfig {
    /// Sizes of the attention block.
    pub attention: AttentionConfig,
    /// Whether the attention projections have a bias.
    pub has_attention_bias: bool,
    /// Index into the scopes of [`crate::RotaryPositions`]: the layer's window and rotary base.
    pub scope: usize,
    /// Whether the attention's input is normalized.
    pub normalizes_input: bool,
    /// Width between the two feed-forward projections.
    pub intermediate_size: usize,
    /// Whether the feed-forward projections have a bias.
    pub has_mlp_bias: bool,
    /// Activation of the gate, the first half of the input projection's output.
    pub hidden_act: Activation,
    /// Epsilon of the layer norms.
    pub layer_norm_eps: f64,
    /// Whether the layer norms have a bias.
    pub has_norm_bias: bool,
}

/// A pre-norm layer of rotary attention and a gated MLP.
#[derive(Module, Debug)]
pub struct PreNormLayer<B: Backend> {
    attn_norm: Option<LayerNorm<B>>,
    attn: RotaryAttention<B>,
    mlp_norm: LayerNorm<B>,
    mlp: GatedMlp<B>,
}

/// `output(activation(gate) * up)`, where `gate` and `up` are the halves of one projection, arXiv 2002.05202.
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
