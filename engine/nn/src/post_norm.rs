use burn::module::Module;
use burn::tensor::Tensor;
use burn::tensor::backend::Backend;
use trustformers_ops::{Activation, EngineBackend, Epilogue, Precision, Segments};

use crate::{AttentionConfig, EncoderLayer, LayerNorm, Linear, SelfAttention};

/// Sizes and functions of [`PostNormLayer`].
#[derive(Clone, Copy, Debug)]
pub struct PostNormConfig {
    /// The attention block.
    pub attention: AttentionConfig,
    /// Width between the two feed-forward projections.
    pub intermediate_size: usize,
    /// Applied between the two feed-forward projections.
    pub hidden_act: Activation,
    /// Added to the variance in the normalizations.
    pub layer_norm_eps: f64,
}

/// Attention and feed-forward, each followed by its residual sum and then the normalization, arXiv 1706.03762
/// section 3.1.
#[derive(Module, Debug)]
pub struct PostNormLayer<B: Backend> {
    attention: Attention<B>,
    intermediate: Intermediate<B>,
    output: ResidualNorm<B>,
}

#[derive(Module, Debug)]
struct Attention<B: Backend> {
    self_: SelfAttention<B>,
    output: ResidualNorm<B>,
}

#[derive(Module, Debug)]
struct Intermediate<B: Backend> {
    dense: Linear<B>,
    #[module(skip)]
    hidden_act: Activation,
}

impl<B: EngineBackend> Intermediate<B> {
    fn forward(&self, x: Tensor<B, 2>) -> Tensor<B, 2> {
        self.dense.forward_with(x, Epilogue { activation: Some(self.hidden_act), residual: None })
    }
}

#[derive(Module, Debug)]
struct ResidualNorm<B: Backend> {
    dense: Linear<B>,
    layer_norm: LayerNorm<B>,
}

impl<B: EngineBackend> ResidualNorm<B> {
    fn new(in_features: usize, hidden_size: usize, eps: f64, device: &B::Device) -> Self {
        Self {
            dense: Linear::new(in_features, hidden_size, device),
            layer_norm: LayerNorm::new(hidden_size, eps, device),
        }
    }

    fn forward(&self, x: Tensor<B, 2>, residual: Tensor<B, 2>) -> Tensor<B, 2> {
        let epilogue = Epilogue { activation: None, residual: Some(residual) };
        self.layer_norm.forward(self.dense.forward_with(x, epilogue))
    }
}

impl<B: EngineBackend> PostNormLayer<B> {
    /// A layer with random weights until it is loaded.
    pub fn new(config: &PostNormConfig, device: &B::Device) -> Self {
        let hidden = config.attention.hidden_size;
        let eps = config.layer_norm_eps;
        Self {
            attention: Attention {
                self_: SelfAttention::new(&config.attention, device),
                output: ResidualNorm::new(hidden, hidden, eps, device),
            },
            intermediate: Intermediate {
                dense: Linear::new(hidden, config.intermediate_size, device),
                hidden_act: config.hidden_act,
            },
            output: ResidualNorm::new(config.intermediate_size, hidden, eps, device),
        }
    }
}

impl<B: EngineBackend> EncoderLayer<B> for PostNormLayer<B> {
    fn forward(&self, x: Tensor<B, 2>, segments: &Segments) -> Tensor<B, 2> {
        let context = self.attention.self_.forward(x.clone(), segments);
        let attended = self.attention.output.forward(context, x);
        let inner = self.intermediate.forward(attended.clone());
        self.output.forward(inner, attended)
    }

    fn prepare(&mut self, precision: Precision) {
        self.attention.self_.prepare(precision);
        for linear in [&mut self.attention.output.dense, &mut self.intermediate.dense, &mut self.output.dense] {
            linear.prepare(precision);
        }
    }
}
