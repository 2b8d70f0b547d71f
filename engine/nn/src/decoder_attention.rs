use burn::module::{Module, Param};
use burn::tensor::Tensor;
use burn::tensor::backend::Backend;
use trustformers_ops::{self as ops, Alibi, CachedAttention, EngineBackend, Epilogue, Heads, KvCache, Rotation};

use crate::decoder::{DecoderPass, LayerCache};
use crate::head_norm::{HeadNorm, QkNorm};
use crate::weight::constant;
use crate::{Linear, Preparation};

/// Configuration of a [`DecoderAttention`].
#[derive(Clone, Debug, PartialEq)]
pub struct DecoderAttentionConfig {
    /// Number of query heads.
    pub num_heads: usize,
    /// Number of key/value heads.
    pub num_kv_heads: usize,
    /// Width of a head.
    pub head_dim: usize,
    /// Factor of the attention scores.
    pub scale: f64,
    /// Whether the query, key and value projections have a bias.
    pub has_qkv_bias: bool,
    /// Whether the output projection has a bias.
    pub has_output_bias: bool,
    /// Index into [`crate::DecoderConfig::ropes`]; `None` if queries and keys are not rotated.
    pub rope: Option<usize>,
    /// Bound to which projected queries, keys and values are clamped in absolute value; `None` if they are not.
    pub qkv_clip: Option<f64>,
    /// Normalization of queries and keys; `None` if there is none.
    pub qk_norm: Option<QkNorm>,
    /// Whether `qk_norm` comes after the rotary position embedding instead of before it.
    pub norms_after_rope: bool,
    /// Sliding-window size in tokens, current one included; `None` is full attention.
    pub window: Option<usize>,
    /// Softcap of the attention scores, `cap * tanh(score / cap)`; `None` if there is none.
    pub logit_softcap: Option<f64>,
    /// ALiBi bias of the attention scores; `None` if there is none.
    pub alibi: Option<Alibi>,
    /// Whether each head has a learned attention sink: a logit in the softmax without a value.
    pub has_sinks: bool,
}

impl DecoderAttentionConfig {
    /// Full attention with scores divided by `sqrt(head_dim)`, without biases, positions or normalization.
    pub fn plain(num_heads: usize, num_kv_heads: usize, head_dim: usize) -> Self {
        Self {
            num_heads,
            num_kv_heads,
            head_dim,
            scale: (head_dim as f64).powf(-0.5),
            has_qkv_bias: false,
            has_output_bias: false,
            rope: None,
            qkv_clip: None,
            qk_norm: None,
            norms_after_rope: false,
            window: None,
            logit_softcap: None,
            alibi: None,
            has_sinks: false,
        }
    }
}

/// Attention over cached keys and values with its query, key, value and output projections.
#[derive(Module, Debug)]
pub struct DecoderAttention<B: Backend> {
    q_proj: Linear<B>,
    k_proj: Linear<B>,
    v_proj: Linear<B>,
    o_proj: Linear<B>,
    q_norm: Option<HeadNorm<B>>,
    k_norm: Option<HeadNorm<B>>,
    sinks: Option<Param<Tensor<B, 1>>>,
    #[module(skip)]
    config: DecoderAttentionConfig,
}

impl<B: EngineBackend> DecoderAttention<B> {
    /// A block with random weights until it is loaded.
    pub fn new(config: &DecoderAttentionConfig, hidden_size: usize, device: &B::Device) -> Self {
        let (q_size, kv_size) = (config.num_heads * config.head_dim, config.num_kv_heads * config.head_dim);
        let project = |size: usize| Linear::new(hidden_size, size, device).with_bias(config.has_qkv_bias);
        let norm = |heads: usize| config.qk_norm.map(|norm| norm.build(heads, config.head_dim, device));
        Self {
            q_proj: project(q_size),
            k_proj: project(kv_size),
            v_proj: project(kv_size),
            o_proj: Linear::new(q_size, hidden_size, device).with_bias(config.has_output_bias),
            q_norm: norm(config.num_heads),
            k_norm: norm(config.num_kv_heads),
            sinks: config.has_sinks.then(|| constant(config.num_heads, 0.0, device)),
            config: config.clone(),
        }
    }

    /// An empty key/value cache of the block.
    pub(crate) fn cache(&self, num_slots: usize) -> KvCache<B> {
        let DecoderAttentionConfig { num_kv_heads, head_dim, window, .. } = self.config;
        KvCache::new(num_slots, num_kv_heads * head_dim, window)
    }

    /// Number of key/value heads.
    pub(crate) fn num_kv_heads(&self) -> usize {
        self.config.num_kv_heads
    }

    /// Attention of `x` plus `residual`. **Shapes:** `x, residual: [rows, hidden]`; returns the same.
    pub(crate) fn forward(
        &self,
        x: Tensor<B, 2>,
        residual: Option<Tensor<B, 2>>,
        pass: &DecoderPass<'_, B>,
        cache: &mut LayerCache<'_, B>,
    ) -> Tensor<B, 2> {
        let DecoderAttentionConfig { num_heads, num_kv_heads, head_dim, .. } = self.config;
        let parts = [&self.q_proj, &self.k_proj, &self.v_proj].map(Linear::part);
        let qkv = ops::linear(x, &parts, Epilogue::default());
        let qkv = match self.config.qkv_clip {
            Some(bound) => qkv.clamp(-bound, bound),
            None => qkv,
        };
        let (q_size, kv_size) = (num_heads * head_dim, num_kv_heads * head_dim);
        let rotation = self.config.rope.map(|index| &pass.rotations[index]);
        let q = self.rope_and_norm(qkv.clone().narrow(1, 0, q_size), &self.q_norm, rotation);
        let k = self.rope_and_norm(qkv.clone().narrow(1, q_size, kv_size), &self.k_norm, rotation);
        cache.store.append([k, qkv.narrow(1, q_size + kv_size, kv_size)], pass.segments);
        let context = self.attend(q, cache, pass);
        self.o_proj.forward_with(context, Epilogue { activation: None, residual })
    }

    fn rope_and_norm(
        &self,
        x: Tensor<B, 2>,
        norm: &Option<HeadNorm<B>>,
        rotation: Option<&Rotation<B>>,
    ) -> Tensor<B, 2> {
        let head_dim = self.config.head_dim;
        let normalized = |x| match norm {
            Some(norm) => norm.forward(x, head_dim),
            None => x,
        };
        let rotated = |x| match rotation {
            Some(rotation) => ops::rotate(x, head_dim, rotation),
            None => x,
        };
        if self.config.norms_after_rope { normalized(rotated(x)) } else { rotated(normalized(x)) }
    }

    fn attend(&self, q: Tensor<B, 2>, cache: &mut LayerCache<'_, B>, pass: &DecoderPass<'_, B>) -> Tensor<B, 2> {
        let DecoderAttentionConfig { num_heads, num_kv_heads, head_dim, scale, window, logit_softcap, .. } =
            self.config;
        let sinks = self.sinks.as_ref().map(Param::val);
        let attention = CachedAttention {
            segments: pass.segments,
            kind: pass.kind,
            heads: Heads { num_heads, num_kv_heads, head_dim },
            scale,
            window,
            logit_softcap,
            alibi: self.config.alibi.as_ref(),
            sinks: sinks.as_ref(),
        };
        let store: &KvCache<B> = cache.store;
        match &mut cache.weights {
            None => ops::cached_attention(q, store, &attention),
            Some(kept) => {
                let (context, weights) = ops::cached_attention_and_weights(q, store, &attention);
                kept.push(weights);
                context
            }
        }
    }

    pub(crate) fn prepare(&mut self, plan: &Preparation<'_>) {
        for linear in [&mut self.q_proj, &mut self.k_proj, &mut self.v_proj, &mut self.o_proj] {
            linear.prepare(plan);
        }
    }
}
