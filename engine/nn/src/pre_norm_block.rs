use burn::module::Module;
use burn::tensor::Tensor;
use burn::tensor::backend::Backend;
use trustformers_ops::{EngineBackend, Epilogue};

use crate::feed_forward::{FeedForward, FeedForwardConfig};
use crate::{AttentionBlock, EncoderLayer, Linear, Norm, NormConfig, Pass, Preparation};

/// What a [`PreNormBlock`] is made with.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PreNormBlockConfig {
    /// Width of the input.
    pub hidden_size: usize,
    /// Width of the attention's result.
    pub attention_size: usize,
    /// Whether the projection of that result has a bias.
    pub has_output_bias: bool,
    /// The feed-forward block.
    pub feed_forward: FeedForwardConfig,
    /// Normalization of both blocks' inputs.
    pub norm: NormConfig,
}

/// Attention and a feed-forward, each of its normalized input and added to it, arXiv 2002.04745 section 3.2.
#[derive(Module, Debug)]
pub struct PreNormBlock<B: Backend, A> {
    input_norm: Norm<B>,
    attention: A,
    o_proj: Linear<B>,
    feed_forward_norm: Norm<B>,
    mlp: FeedForward<B>,
}

impl<B: EngineBackend, A: AttentionBlock<B>> PreNormBlock<B, A> {
    /// A layer around an attention block, with random weights until it is loaded.
    pub fn new(config: &PreNormBlockConfig, attention: A, device: &B::Device) -> Self {
        let hidden = config.hidden_size;
        Self {
            input_norm: config.norm.build(hidden, device),
            attention,
            o_proj: Linear::new(config.attention_size, hidden, device).with_bias(config.has_output_bias),
            feed_forward_norm: config.norm.build(hidden, device),
            mlp: FeedForward::new(&config.feed_forward, hidden, device),
        }
    }
}

impl<B: EngineBackend, A: AttentionBlock<B>> EncoderLayer<B> for PreNormBlock<B, A> {
    type Shared = A::Shared;

    fn forward(&self, x: Tensor<B, 2>, pass: &Pass<'_, B, Self::Shared>) -> Tensor<B, 2> {
        let context = self.attention.forward(self.input_norm.forward(x.clone()), pass);
        let attended = self.o_proj.forward_with(context, Epilogue { activation: None, residual: Some(x) });
        self.mlp.forward(self.feed_forward_norm.forward(attended.clone()), Some(attended))
    }

    fn prepare(&mut self, plan: &Preparation<'_>) {
        self.attention.prepare(plan);
        self.o_proj.prepare(plan);
        self.mlp.prepare(plan);
    }
}
