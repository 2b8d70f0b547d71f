use burn::module::Module;
use burn::tensor::Tensor;
use burn::tensor::backend::Backend;
use trustformers_ops::{Activation, EngineBackend, Epilogue};

use crate::{AttentionBlock, EncoderLayer, Linear, Norm, NormConfig, Pass, Preparation};

/// Configuration of a [`PostNormLayer`].
#[derive(Clone, Copy, Debug)]
pub struct PostNormConfig {
    /// Width of the hidden states.
    pub hidden_size: usize,
    /// Width between the two feed-forward projections.
    pub intermediate_size: usize,
    /// Activation between the two feed-forward projections.
    pub hidden_act: Activation,
    /// Epsilon of the layer norms.
    pub layer_norm_eps: f64,
}

/// Attention and feed-forward, each followed by the residual addition and a layer norm, arXiv 1706.03762 section 3.1.
#[derive(Module, Debug)]
pub struct PostNormLayer<B: Backend, A> {
    attention: Attention<B, A>,
    intermediate: Intermediate<B>,
    output: ResidualNorm<B>,
}

#[derive(Module, Debug)]
struct Attention<B: Backend, A> {
    self_: A,
    output: ResidualNorm<B>,
}

#[derive(Module, Debug)]
pub(crate) struct Intermediate<B: Backend> {
    pub(crate) dense: Linear<B>,
    #[module(skip)]
    hidden_act: Activation,
}

impl<B: EngineBackend> Intermediate<B> {
    pub(crate) fn new(from: usize, to: usize, hidden_act: Activation, device: &B::Device) -> Self {
        Self { dense: Linear::new(from, to, device), hidden_act }
    }

    pub(crate) fn forward(&self, x: Tensor<B, 2>) -> Tensor<B, 2> {
        self.dense.forward_with(x, Epilogue { activation: Some(self.hidden_act), residual: None })
    }
}

#[derive(Module, Debug)]
pub(crate) struct ResidualNorm<B: Backend> {
    pub(crate) dense: Linear<B>,
    layer_norm: Norm<B>,
}

impl<B: EngineBackend> ResidualNorm<B> {
    pub(crate) fn new(in_features: usize, hidden_size: usize, norm: NormConfig, device: &B::Device) -> Self {
        Self { dense: Linear::new(in_features, hidden_size, device), layer_norm: norm.build(hidden_size, device) }
    }

    pub(crate) fn forward(&self, x: Tensor<B, 2>, residual: Tensor<B, 2>) -> Tensor<B, 2> {
        let epilogue = Epilogue { activation: None, residual: Some(residual) };
        self.layer_norm.forward(self.dense.forward_with(x, epilogue))
    }
}

impl<B: EngineBackend, A: AttentionBlock<B>> PostNormLayer<B, A> {
    /// A layer around an attention block, with random weights until it is loaded.
    pub fn new(config: &PostNormConfig, attention: A, device: &B::Device) -> Self {
        let hidden = config.hidden_size;
        let norm = NormConfig::layer(config.layer_norm_eps, true);
        Self {
            attention: Attention { self_: attention, output: ResidualNorm::new(hidden, hidden, norm, device) },
            intermediate: Intermediate::new(hidden, config.intermediate_size, config.hidden_act, device),
            output: ResidualNorm::new(config.intermediate_size, hidden, norm, device),
        }
    }
}

impl<B: EngineBackend, A: AttentionBlock<B>> EncoderLayer<B> for PostNormLayer<B, A> {
    type Shared = A::Shared;

    fn forward(&self, x: Tensor<B, 2>, pass: &Pass<'_, B, Self::Shared>) -> Tensor<B, 2> {
        let context = self.attention.self_.forward(x.clone(), pass);
        let attended = self.attention.output.forward(context, x);
        let inner = self.intermediate.forward(attended.clone());
        self.output.forward(inner, attended)
    }

    fn prepare(&mut self, plan: &Preparation<'_>) {
        self.attention.self_.prepare(plan);
        for linear in [&mut self.attention.output.dense, &mut self.intermediate.dense, &mut self.output.dense] {
            linear.prepare(plan);
        }
    }
}
