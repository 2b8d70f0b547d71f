use burn::module::Module;
use burn::tensor::Tensor;
use burn::tensor::backend::Backend;
use trustformers_ops::{EngineBackend, next_mask};

use crate::layers::experts::{Experts, ExpertsConfig};
use crate::layers::feed_forward::{FeedForward, FeedForwardConfig};
use crate::stack::attention::{Attention, AttentionConfig};
use crate::stack::pass::{Keys, LayerSource, Pass};
use crate::{LayerMut, Norm, NormConfig};

/// Order of a layer's attention, feed-forward and normalizations.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum LayerOrder {
    /// Attention, then feed-forward; each block may normalize its input and its output.
    Sequential {
        /// Normalization of the attention's input; `None` if there is none.
        input_norm: Option<NormConfig>,
        /// Normalization of the attention's output; `None` if there is none.
        attention_norm: Option<NormConfig>,
        /// Normalization of the feed-forward's input; `None` if there is none.
        feed_forward_norm: Option<NormConfig>,
        /// Normalization of the feed-forward's output; `None` if there is none.
        output_norm: Option<NormConfig>,
    },
    /// Attention and feed-forward both read the layer's input.
    Parallel {
        /// Normalization of the attention's input, and of the feed-forward's without a `feed_forward_norm`.
        input_norm: NormConfig,
        /// Normalization of the feed-forward's input; `None` if it shares `input_norm`.
        feed_forward_norm: Option<NormConfig>,
    },
    /// Each block's residual is the normalized input that the block reads.
    PostNorm {
        /// Normalization of the layer's input; `None` if there is none.
        input_norm: Option<NormConfig>,
        /// Normalization after the attention's residual addition; `None` if there is none.
        feed_forward_norm: Option<NormConfig>,
        /// Normalization after the feed-forward's residual addition; `None` if there is none.
        output_norm: Option<NormConfig>,
    },
}

impl LayerOrder {
    /// Sequential blocks that normalize their input.
    pub fn pre_norm(norm: NormConfig) -> Self {
        Self::Sequential {
            input_norm: Some(norm),
            attention_norm: None,
            feed_forward_norm: Some(norm),
            output_norm: None,
        }
    }

    /// Post-norm blocks, arXiv 1706.03762 section 3.1: the sum of each block's input and output is normalized.
    pub fn post_norm(norm: NormConfig) -> Self {
        Self::PostNorm { input_norm: None, feed_forward_norm: Some(norm), output_norm: Some(norm) }
    }

    /// Each block's output is normalized before it is added to the residual stream.
    pub fn reordered_norm(norm: NormConfig) -> Self {
        Self::Sequential {
            input_norm: None,
            attention_norm: Some(norm),
            feed_forward_norm: None,
            output_norm: Some(norm),
        }
    }
}

/// Configuration of a layer's attention to another stack's outputs.
#[derive(Clone, Debug, PartialEq)]
pub struct CrossAttentionConfig {
    /// Configuration of the attention block.
    pub attention: AttentionConfig,
    /// Normalization of the block's input, or with [`LayerOrder::PostNorm`] the one after its residual addition.
    pub norm: NormConfig,
}

/// Configuration of a [`Layer`].
#[derive(Clone, Debug, PartialEq)]
pub struct LayerConfig {
    /// Configuration of the attention block.
    pub attention: AttentionConfig,
    /// Configuration of the feed-forward block.
    pub feed_forward: FeedForwardConfig,
    /// Attention to another stack's outputs after the layer's own attention; `None` if there is none.
    pub cross_attention: Option<CrossAttentionConfig>,
    /// Mixture-of-experts settings; replaces `feed_forward` when set.
    pub experts: Option<ExpertsConfig>,
    /// Order of the blocks and their normalizations.
    pub order: LayerOrder,
    /// Factor of a block's output before it is added to the residual stream.
    pub residual_multiplier: f64,
}

impl LayerConfig {
    /// A layer without experts whose blocks' outputs are not scaled.
    pub fn plain(attention: AttentionConfig, feed_forward: FeedForwardConfig, order: LayerOrder) -> Self {
        Self { attention, cross_attention: None, feed_forward, experts: None, order, residual_multiplier: 1.0 }
    }
}

/// A feed-forward block or a mixture of experts.
#[allow(clippy::large_enum_variant, reason = "each layer holds one, and a box would not make it smaller")]
#[derive(Module, Debug)]
enum Mlp<B: Backend> {
    Dense(FeedForward<B>),
    Experts(Experts<B>),
}

impl<B: EngineBackend> Mlp<B> {
    fn forward(&self, x: Tensor<B, 2>, residual: Option<Tensor<B, 2>>, pass: &Pass<B>) -> Tensor<B, 2> {
        match self {
            Self::Dense(feed_forward) => feed_forward.forward(x, residual),
            Self::Experts(experts) => experts.forward(x, residual, |logits| pass.keep_router_logits(logits)),
        }
    }
}

/// A block of a layer with a residual connection.
#[derive(Clone, Copy)]
enum Block {
    Attention,
    FeedForward,
}

/// One layer of a model: attention and a feed-forward block with residual connections.
#[derive(Module, Debug)]
pub struct Layer<B: Backend> {
    self_attn: Attention<B>,
    encoder_attn: Option<Attention<B>>,
    encoder_attn_norm: Option<Norm<B>>,
    mlp: Mlp<B>,
    input_norm: Option<Norm<B>>,
    attention_norm: Option<Norm<B>>,
    feed_forward_norm: Option<Norm<B>>,
    output_norm: Option<Norm<B>>,
    #[module(skip)]
    order: LayerOrder,
    residual_multiplier: f64,
}

impl<B: EngineBackend> Layer<B> {
    /// A layer with random weights until it is loaded.
    pub fn new(config: &LayerConfig, hidden_size: usize, device: &B::Device) -> Self {
        let norm = |norm: Option<NormConfig>| norm.map(|norm| norm.build(hidden_size, device));
        let norms = match config.order {
            LayerOrder::Sequential { input_norm, attention_norm, feed_forward_norm, output_norm } => {
                [input_norm, attention_norm, feed_forward_norm, output_norm]
            }
            LayerOrder::Parallel { input_norm, feed_forward_norm } => [Some(input_norm), None, feed_forward_norm, None],
            LayerOrder::PostNorm { input_norm, feed_forward_norm, output_norm } => {
                [input_norm, None, feed_forward_norm, output_norm]
            }
        };
        let [input_norm, attention_norm, feed_forward_norm, output_norm] = norms.map(norm);
        Self {
            self_attn: Attention::new(&config.attention, hidden_size, device),
            encoder_attn: config
                .cross_attention
                .as_ref()
                .map(|cross| Attention::new(&cross.attention, hidden_size, device)),
            encoder_attn_norm: config.cross_attention.as_ref().map(|cross| cross.norm.build(hidden_size, device)),
            mlp: match &config.experts {
                Some(experts) => Mlp::Experts(Experts::new(experts, hidden_size, device)),
                None => Mlp::Dense(FeedForward::new(&config.feed_forward, hidden_size, device)),
            },
            input_norm,
            attention_norm,
            feed_forward_norm,
            output_norm,
            order: config.order,
            residual_multiplier: config.residual_multiplier,
        }
    }

    /// The attention block.
    pub(crate) fn attention(&self) -> &Attention<B> {
        &self.self_attn
    }

    /// The block of attention to another stack's outputs, if there is one.
    pub(crate) fn cross_attention(&self) -> Option<&Attention<B>> {
        self.encoder_attn.as_ref()
    }

    /// Runs the layer; without a `source` there is no cross-attention. **Shapes:** `x: [rows, hidden]`; returns the same.
    pub(crate) fn forward(
        &self,
        x: Tensor<B, 2>,
        pass: &Pass<B>,
        keys: Keys<'_, B>,
        source: Option<LayerSource<'_, B>>,
    ) -> Tensor<B, 2> {
        let normal = normalized(&self.input_norm, x.clone());
        match self.order {
            LayerOrder::Sequential { .. } => {
                let attend = |residual| self.self_attn.forward(normal, residual, pass, keys);
                let attended = self.add_residual(x, &self.attention_norm, Block::Attention, attend);
                let attended = self.attend_source(attended, pass, source);
                let normal = normalized(&self.feed_forward_norm, attended.clone());
                let forward = |residual| self.mlp.forward(normal, residual, pass);
                self.add_residual(attended, &self.output_norm, Block::FeedForward, forward)
            }
            LayerOrder::Parallel { .. } => {
                let forward_input = match &self.feed_forward_norm {
                    Some(norm) => norm.forward(x.clone()),
                    None => normal.clone(),
                };
                let attend = |residual| self.self_attn.forward(normal, residual, pass, keys);
                let attended = self.add_residual(x, &None, Block::Attention, attend);
                let forward = |residual| self.mlp.forward(forward_input, residual, pass);
                self.add_residual(attended, &None, Block::FeedForward, forward)
            }
            LayerOrder::PostNorm { .. } => {
                let attend = |residual| self.self_attn.forward(normal.clone(), residual, pass, keys);
                let sum = self.add_residual(normal.clone(), &None, Block::Attention, attend);
                let attended = self.attend_source(normalized(&self.feed_forward_norm, sum), pass, source);
                let forward = |residual| self.mlp.forward(attended.clone(), residual, pass);
                let sum = self.add_residual(attended.clone(), &None, Block::FeedForward, forward);
                normalized(&self.output_norm, sum)
            }
        }
    }

    /// `x` after the attention to another stack's outputs.
    fn attend_source(&self, x: Tensor<B, 2>, pass: &Pass<B>, source: Option<LayerSource<'_, B>>) -> Tensor<B, 2> {
        let Some((attention, source)) = self.encoder_attn.as_ref().zip(source) else { return x };
        let is_post_norm = matches!(self.order, LayerOrder::PostNorm { .. });
        let input = if is_post_norm { x.clone() } else { normalized(&self.encoder_attn_norm, x.clone()) };
        let attend = |residual| attention.forward_source(input, residual, pass, source);
        let sum = self.add_residual(x, &None, Block::Attention, attend);
        if is_post_norm { normalized(&self.encoder_attn_norm, sum) } else { sum }
    }

    /// `x` plus the block's normalized, dropped and scaled output; the block adds the residual itself where it can.
    fn add_residual(
        &self,
        x: Tensor<B, 2>,
        norm: &Option<Norm<B>>,
        kind: Block,
        block: impl FnOnce(Option<Tensor<B, 2>>) -> Tensor<B, 2>,
    ) -> Tensor<B, 2> {
        let dropout = next_mask(|rates| match kind {
            Block::Attention => rates.attention_output,
            Block::FeedForward => rates.feed_forward_output,
        });
        if norm.is_none() && dropout.is_none() && self.residual_multiplier == 1.0 {
            return block(Some(x));
        }
        let out = normalized(norm, block(None));
        let out = match dropout {
            Some(mask) => B::drop(out, &mask),
            None => out,
        };
        match self.residual_multiplier {
            1.0 => x + out,
            multiplier => x + out * multiplier,
        }
    }

    pub(crate) fn each_layer(&mut self, visit: &mut dyn FnMut(LayerMut<'_, B>)) {
        self.self_attn.each_layer(visit);
        self.encoder_attn.iter_mut().for_each(|attention| attention.each_layer(visit));
        match &mut self.mlp {
            Mlp::Dense(feed_forward) => feed_forward.each_layer(visit),
            Mlp::Experts(experts) => experts.each_layer(visit),
        }
    }
}

fn normalized<B: EngineBackend>(norm: &Option<Norm<B>>, x: Tensor<B, 2>) -> Tensor<B, 2> {
    match norm {
        Some(norm) => norm.forward(x),
        None => x,
    }
}
