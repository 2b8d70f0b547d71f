use burn::module::Module;
use burn::tensor::Tensor;
use burn::tensor::backend::Backend;
use trustformers_ops::{EngineBackend, KvCache};

use crate::decoder::attention::{DecoderAttention, DecoderAttentionConfig};
use crate::decoder::pass::{DecoderPass, LayerCache};
use crate::layers::experts::{Experts, ExpertsConfig};
use crate::layers::feed_forward::{FeedForward, FeedForwardConfig};
use crate::{Norm, NormConfig, Preparation};

/// In which order a layer's blocks come.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum LayerOrder {
    /// The feed-forward reads what the attention has been added to; each block may have a normalization on either side.
    Sequential {
        /// Of the attention's input.
        input_norm: Option<NormConfig>,
        /// Of its result.
        attention_norm: Option<NormConfig>,
        /// Of the feed-forward's input.
        feed_forward_norm: Option<NormConfig>,
        /// Of its result.
        output_norm: Option<NormConfig>,
    },
    /// Both blocks read the layer's input.
    Parallel {
        /// Of the attention's input, and of the feed-forward's where it has none of its own.
        input_norm: NormConfig,
        /// Of the feed-forward's input.
        feed_forward_norm: Option<NormConfig>,
    },
    /// Each block is added to what it reads, and sums are normalized.
    PostNorm {
        /// Of the attention's input.
        input_norm: Option<NormConfig>,
        /// Of the attention's sum, which the feed-forward reads.
        feed_forward_norm: Option<NormConfig>,
        /// Of the feed-forward's sum.
        output_norm: Option<NormConfig>,
    },
}

impl LayerOrder {
    /// Each block reads its normalized input.
    pub fn pre_norm(norm: NormConfig) -> Self {
        Self::Sequential {
            input_norm: Some(norm),
            attention_norm: None,
            feed_forward_norm: Some(norm),
            output_norm: None,
        }
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

/// What a [`DecoderLayer`] is made with.
#[derive(Clone, Debug, PartialEq)]
pub struct DecoderLayerConfig {
    /// The attention block.
    pub attention: DecoderAttentionConfig,
    /// The feed-forward block.
    pub feed_forward: FeedForwardConfig,
    /// What stands in its place.
    pub experts: Option<ExpertsConfig>,
    /// The order of the two and their normalizations.
    pub order: LayerOrder,
    /// Factor of what a block gives before it is added.
    pub residual_multiplier: f64,
}

/// One feed-forward for all tokens, or several.
#[allow(clippy::large_enum_variant, reason = "there is one for each layer, which a box would not make smaller")]
#[derive(Module, Debug)]
enum Mlp<B: Backend> {
    Dense(FeedForward<B>),
    Experts(Experts<B>),
}

impl<B: EngineBackend> Mlp<B> {
    fn forward(&self, x: Tensor<B, 2>, residual: Option<Tensor<B, 2>>) -> Tensor<B, 2> {
        match self {
            Self::Dense(feed_forward) => feed_forward.forward(x, residual),
            Self::Experts(experts) => experts.forward(x, residual),
        }
    }
}

/// One layer of a decoder.
#[derive(Module, Debug)]
pub struct DecoderLayer<B: Backend> {
    self_attn: DecoderAttention<B>,
    mlp: Mlp<B>,
    input_norm: Option<Norm<B>>,
    attention_norm: Option<Norm<B>>,
    feed_forward_norm: Option<Norm<B>>,
    output_norm: Option<Norm<B>>,
    #[module(skip)]
    order: LayerOrder,
    residual_multiplier: f64,
}

impl<B: EngineBackend> DecoderLayer<B> {
    /// A layer with random weights until it is loaded.
    pub fn new(config: &DecoderLayerConfig, hidden_size: usize, device: &B::Device) -> Self {
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
            self_attn: DecoderAttention::new(&config.attention, hidden_size, device),
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

    /// An empty cache of what the layer keeps.
    pub(crate) fn cache(&self, num_slots: usize) -> KvCache<B> {
        self.self_attn.cache(num_slots)
    }

    /// Heads of keys and values.
    pub(crate) fn num_kv_heads(&self) -> usize {
        self.self_attn.num_kv_heads()
    }

    /// **Shapes:** `x: [rows, hidden]`; returns the same.
    pub(crate) fn forward(
        &self,
        x: Tensor<B, 2>,
        pass: &DecoderPass<'_, B>,
        cache: &mut LayerCache<'_, B>,
    ) -> Tensor<B, 2> {
        let normal = normalized(&self.input_norm, x.clone());
        match self.order {
            LayerOrder::Sequential { .. } => {
                let attend = |residual| self.self_attn.forward(normal, residual, pass, cache);
                let attended = self.added(x, &self.attention_norm, attend);
                let normal = normalized(&self.feed_forward_norm, attended.clone());
                self.added(attended, &self.output_norm, |residual| self.mlp.forward(normal, residual))
            }
            LayerOrder::Parallel { .. } => {
                let forward_input = match &self.feed_forward_norm {
                    Some(norm) => norm.forward(x.clone()),
                    None => normal.clone(),
                };
                let attended = self.added(x, &None, |residual| self.self_attn.forward(normal, residual, pass, cache));
                self.added(attended, &None, |residual| self.mlp.forward(forward_input, residual))
            }
            LayerOrder::PostNorm { .. } => {
                let attend = |residual| self.self_attn.forward(normal.clone(), residual, pass, cache);
                let attended = normalized(&self.feed_forward_norm, self.added(normal.clone(), &None, attend));
                let sum = self.added(attended.clone(), &None, |residual| self.mlp.forward(attended, residual));
                normalized(&self.output_norm, sum)
            }
        }
    }

    /// What a block gives, normalized and scaled, added to `x`; the block itself adds it where nothing comes between.
    fn added(
        &self,
        x: Tensor<B, 2>,
        norm: &Option<Norm<B>>,
        block: impl FnOnce(Option<Tensor<B, 2>>) -> Tensor<B, 2>,
    ) -> Tensor<B, 2> {
        if norm.is_none() && self.residual_multiplier == 1.0 {
            return block(Some(x));
        }
        x + normalized(norm, block(None)) * self.residual_multiplier
    }

    pub(crate) fn prepare(&mut self, plan: &Preparation<'_>) {
        self.self_attn.prepare(plan);
        match &mut self.mlp {
            Mlp::Dense(feed_forward) => feed_forward.prepare(plan),
            Mlp::Experts(experts) => experts.prepare(plan),
        }
    }
}

fn normalized<B: EngineBackend>(norm: &Option<Norm<B>>, x: Tensor<B, 2>) -> Tensor<B, 2> {
    match norm {
        Some(norm) => norm.forward(x),
        None => x,
    }
}
