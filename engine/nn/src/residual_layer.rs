use burn::module::Module;
use burn::tensor::Tensor;
use burn::tensor::backend::Backend;
use trustformers_ops::{EngineBackend, Epilogue};

use crate::feed_forward::{FeedForward, FeedForwardConfig};
use crate::{AttentionBlock, EncoderLayer, Linear, Norm, NormConfig, Pass, Preparation};

/// Configuration of a [`ResidualLayer`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ResidualLayerConfig {
    /// Width of the hidden states.
    pub hidden_size: usize,
    /// Width of the attention's output, `num_heads * head_dim`.
    pub attention_size: usize,
    /// Whether the attention's output projection has a bias.
    pub has_output_bias: bool,
    /// Configuration of the feed-forward block.
    pub feed_forward: FeedForwardConfig,
    /// Normalization of the attention and of the feed-forward block.
    pub norm: NormConfig,
    /// Pre-norm or post-norm.
    pub order: NormOrder,
}

/// Where a [`ResidualLayer`] normalizes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NormOrder {
    /// Pre-norm: the input of each block, arXiv 2002.04745 section 3.2.
    Before,
    /// Post-norm: the sum of each block's input and output, arXiv 1706.03762 section 3.1.
    After,
}

/// Attention and feed-forward with residual connections, pre-norm or post-norm.
#[derive(Module, Debug)]
pub struct ResidualLayer<B: Backend, A> {
    attention_norm: Norm<B>,
    attention: A,
    o_proj: Linear<B>,
    feed_forward_norm: Norm<B>,
    mlp: FeedForward<B>,
    #[module(skip)]
    order: NormOrder,
}

impl<B: EngineBackend, A: AttentionBlock<B>> ResidualLayer<B, A> {
    /// A layer around an attention block, with random weights until it is loaded.
    pub fn new(config: &ResidualLayerConfig, attention: A, device: &B::Device) -> Self {
        let hidden = config.hidden_size;
        Self {
            attention_norm: config.norm.build(hidden, device),
            attention,
            o_proj: Linear::new(config.attention_size, hidden, device).with_bias(config.has_output_bias),
            feed_forward_norm: config.norm.build(hidden, device),
            mlp: FeedForward::new(&config.feed_forward, hidden, device),
            order: config.order,
        }
    }
}

impl<B: EngineBackend, A: AttentionBlock<B>> EncoderLayer<B> for ResidualLayer<B, A> {
    type Shared = A::Shared;

    fn forward(&self, x: Tensor<B, 2>, pass: &Pass<'_, B, Self::Shared>) -> Tensor<B, 2> {
        let attend = |normal: Tensor<B, 2>, x: Tensor<B, 2>| {
            let context = self.attention.forward(normal, pass);
            self.o_proj.forward_with(context, Epilogue { activation: None, residual: Some(x) })
        };
        match self.order {
            NormOrder::Before => {
                let attended = attend(self.attention_norm.forward(x.clone()), x);
                self.mlp.forward(self.feed_forward_norm.forward(attended.clone()), Some(attended))
            }
            NormOrder::After => {
                let attended = self.attention_norm.forward(attend(x.clone(), x));
                self.feed_forward_norm.forward(self.mlp.forward(attended.clone(), Some(attended)))
            }
        }
    }

    fn prepare(&mut self, plan: &Preparation<'_>) {
        self.attention.prepare(plan);
        self.o_proj.prepare(plan);
        self.mlp.prepare(plan);
    }
}
