use burn::module::{Module, Param};
use burn::tensor::Tensor;
use burn::tensor::backend::Backend;
use trustformers_ops::{
    self as ops, Alibi, AttentionKind, CachedAttention, EngineBackend, Epilogue, Heads, KvCache, RelativeTerms,
    Rotation, Scores,
};

use crate::layers::head_norm::{HeadNorm, QkNorm};
use crate::layers::weight::constant;
use crate::stack::pass::{Keys, LayerSource, Pass, SourceRows};
use crate::{Buckets, Embedding, LayerMut, Linear};

/// Which relative-position terms the scores of disentangled attention include, arXiv 2006.03654 section 3.1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PositionTerms {
    /// Content to position: queries times the relative-position keys.
    pub c2p: bool,
    /// Position to content: keys times the relative-position queries.
    pub p2c: bool,
    /// Whether the projections of queries and keys also project the relative positions.
    pub shares_projections: bool,
}

impl PositionTerms {
    /// Scale of the scores: each term adds to their variance.
    pub fn scale(self, head_dim: usize) -> f64 {
        let terms = 1 + usize::from(self.c2p) + usize::from(self.p2c);
        ((head_dim * terms) as f64).powf(-0.5)
    }
}

/// Terms of the attention scores besides the products of queries and keys.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ScoreTerms {
    /// Sliding-window size in tokens, current one included; `None` is full attention.
    pub window: Option<usize>,
    /// Softcap of the attention scores, `cap * tanh(score / cap)`; `None` if there is none.
    pub logit_softcap: Option<f64>,
    /// ALiBi bias of the attention scores; `None` if there is none.
    pub alibi: Option<Alibi>,
    /// Whether each head has a learned attention sink: a logit in the softmax without a value.
    pub has_sinks: bool,
    /// Terms of disentangled attention; `None` if the scores do not read relative-position embeddings.
    pub position_terms: Option<PositionTerms>,
}

/// Configuration of an [`Attention`] block.
#[derive(Clone, Debug, PartialEq)]
pub struct AttentionConfig {
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
    /// Index of the stack's rotary position embedding; `None` if queries and keys are not rotated.
    pub rope: Option<usize>,
    /// Whether values are rotated like queries and keys.
    pub rotates_values: bool,
    /// Bound to which projected queries, keys and values are clamped in absolute value; `None` if they are not.
    pub qkv_clip: Option<f64>,
    /// Normalization of queries and keys; `None` if there is none.
    pub qk_norm: Option<QkNorm>,
    /// Whether `qk_norm` comes after the rotary position embedding instead of before it.
    pub norms_after_rope: bool,
    /// Terms of the scores besides the products of queries and keys.
    pub scores: ScoreTerms,
    /// Index of the stack's bucketed bias of the scores; `None` if there is none.
    pub relative_bias: Option<usize>,
    /// Buckets of the bias whose table this block holds, which is the stack's next one; `None` if it holds none.
    pub bias_buckets: Option<Buckets>,
}

impl AttentionConfig {
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
            rotates_values: false,
            qkv_clip: None,
            qk_norm: None,
            norms_after_rope: false,
            scores: ScoreTerms::default(),
            relative_bias: None,
            bias_buckets: None,
        }
    }
}

/// Attention with its query, key, value and output projections, arXiv 1706.03762 section 3.2.
#[derive(Module, Debug)]
pub struct Attention<B: Backend> {
    q_proj: Linear<B>,
    k_proj: Linear<B>,
    v_proj: Linear<B>,
    o_proj: Linear<B>,
    q_norm: Option<HeadNorm<B>>,
    k_norm: Option<HeadNorm<B>>,
    sinks: Option<Param<Tensor<B, 1>>>,
    relative_attention_bias: Option<Embedding<B>>,
    pos_key_proj: Option<Linear<B>>,
    pos_query_proj: Option<Linear<B>>,
    #[module(skip)]
    config: AttentionConfig,
}

impl<B: EngineBackend> Attention<B> {
    /// A block with random weights until it is loaded.
    pub fn new(config: &AttentionConfig, hidden_size: usize, device: &B::Device) -> Self {
        let (q_size, kv_size) = (config.num_heads * config.head_dim, config.num_kv_heads * config.head_dim);
        let project = |size: usize| Linear::new(hidden_size, size, device).with_bias(config.has_qkv_bias);
        let own = config.scores.position_terms.filter(|terms| !terms.shares_projections);
        let position = |is_used: fn(PositionTerms) -> bool| {
            own.filter(|terms| is_used(*terms)).map(|_| Linear::new(hidden_size, q_size, device))
        };
        let norm = |heads: usize| config.qk_norm.map(|norm| norm.build(heads, config.head_dim, device));
        Self {
            q_proj: project(q_size),
            k_proj: project(kv_size),
            v_proj: project(kv_size),
            o_proj: Linear::new(q_size, hidden_size, device).with_bias(config.has_output_bias),
            q_norm: norm(config.num_heads),
            k_norm: norm(config.num_kv_heads),
            relative_attention_bias: config
                .bias_buckets
                .map(|buckets| Embedding::new(buckets.num_buckets, config.num_heads, device)),
            sinks: config.scores.has_sinks.then(|| constant(config.num_heads, 0.0, device)),
            pos_key_proj: position(|terms| terms.c2p),
            pos_query_proj: position(|terms| terms.p2c),
            config: config.clone(),
        }
    }

    /// An empty key/value cache of the block.
    pub(crate) fn cache(&self, num_slots: usize) -> KvCache<B> {
        let AttentionConfig { num_kv_heads, head_dim, .. } = self.config;
        KvCache::new(num_slots, num_kv_heads * head_dim, self.config.scores.window)
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
        pass: &Pass<B>,
        keys: Keys<'_, B>,
    ) -> Tensor<B, 2> {
        let AttentionConfig { num_heads, num_kv_heads, head_dim, .. } = self.config;
        let parts = [&self.q_proj, &self.k_proj, &self.v_proj].map(Linear::part);
        let projected = ops::linears(x, &parts).into_iter().map(|part| match self.config.qkv_clip {
            Some(bound) => part.clamp(-bound, bound),
            None => part,
        });
        let [q, k, v] = projected.collect::<Vec<_>>().try_into().expect("there are three parts");
        let rotation = self.config.rope.map(|index| &pass.positions().rotations[index]);
        let q = self.rope_and_norm(q, &self.q_norm, rotation);
        let k = self.rope_and_norm(k, &self.k_norm, rotation);
        let v = match rotation.filter(|_| self.config.rotates_values) {
            Some(rotation) => ops::rotate(v, head_dim, rotation),
            None => v,
        };
        let heads = Heads { num_heads, num_kv_heads, head_dim };
        let (terms, sinks) = (&self.config.scores, self.sinks.as_ref().map(Param::val));
        let scores = Scores {
            kind: pass.kind,
            scale: self.config.scale,
            window: terms.window,
            logit_softcap: terms.logit_softcap,
            alibi: terms.alibi.as_ref(),
            sinks: sinks.as_ref(),
        };
        let context = match keys {
            Keys::OfRows(segments) => {
                let own = self.relative_terms(pass);
                let (relative, window) = match &own {
                    Some(own) => (Some(own), terms.window),
                    None => pass.bias(self.config.relative_bias, terms.window),
                };
                let scores = Scores { window, ..scores };
                let dropout = ops::next_mask(|rates| rates.attention_weights);
                let dropout = dropout.as_ref();
                pass.attend([q, k, v], &ops::Attention { segments, heads, scores, relative, dropout })
            }
            Keys::Cached(segments, cache) => {
                cache.append([k, v], segments);
                let bias = self.config.relative_bias.map(|index| &pass.positions().distance_biases[index]);
                pass.attend_cache(q, cache, &CachedAttention { segments, heads, scores, bias })
            }
        };
        self.o_proj.forward_with(context, Epilogue { activation: None, residual })
    }

    /// Keys and values of another stack's outputs, for [`Self::forward_source`].
    ///
    /// **Shapes:** `x: [rows, hidden]`; returns `[rows, kv_heads * head_dim]` each.
    pub(crate) fn source(&self, x: Tensor<B, 2>) -> [Tensor<B, 2>; 2] {
        let parts = [&self.k_proj, &self.v_proj].map(Linear::part);
        ops::linears(x, &parts).try_into().expect("there are two parts")
    }

    /// Attention of `x` to another stack's outputs, plus `residual`; weights are recorded for cached keys and values only.
    ///
    /// **Shapes:** `x, residual: [rows, hidden]`; returns the same.
    pub(crate) fn forward_source(
        &self,
        x: Tensor<B, 2>,
        residual: Option<Tensor<B, 2>>,
        pass: &Pass<B>,
        source: LayerSource<'_, B>,
    ) -> Tensor<B, 2> {
        let AttentionConfig { num_heads, num_kv_heads, head_dim, scale, .. } = self.config;
        let heads = Heads { num_heads, num_kv_heads, head_dim };
        let (q, scores) = (self.q_proj.forward(x), Scores::plain(AttentionKind::Cross, scale));
        let context = match source {
            LayerSource::Cached(cache, segments) => {
                pass.attend_source(q, cache, &CachedAttention { segments, heads, scores, bias: None })
            }
            LayerSource::Rows(SourceRows { hidden, segments }) => {
                let [k, v] = self.source(hidden.clone());
                let dropout = ops::next_mask(|rates| rates.attention_weights);
                let dropout = dropout.as_ref();
                ops::attention([q, k, v], &ops::Attention { segments, heads, scores, relative: None, dropout })
            }
        };
        self.o_proj.forward_with(context, Epilogue { activation: None, residual })
    }

    /// The table of a bucketed bias and its buckets; `None` if the block holds none.
    pub(crate) fn bias_table(&self) -> Option<(&Embedding<B>, Buckets)> {
        self.relative_attention_bias.as_ref().zip(self.config.bias_buckets)
    }

    /// Terms of disentangled attention; `None` without relative-position embeddings.
    fn relative_terms(&self, pass: &Pass<B>) -> Option<RelativeTerms<B>> {
        let terms = self.config.scores.position_terms?;
        let (distances, vectors) = pass.positions().vectors.as_ref()?;
        let vectors = ops::dropout(vectors.clone(), |rates| rates.relative_positions);
        let project =
            |own: &Option<Linear<B>>, content: &Linear<B>| own.as_ref().unwrap_or(content).forward(vectors.clone());
        Some(RelativeTerms {
            distances: distances.clone(),
            bias: None,
            keys: terms.c2p.then(|| project(&self.pos_key_proj, &self.k_proj)),
            queries: terms.p2c.then(|| project(&self.pos_query_proj, &self.q_proj)),
        })
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

    /// Visits the linear layers.
    pub(crate) fn each_layer(&mut self, visit: &mut dyn FnMut(LayerMut<'_, B>)) {
        let all = [&mut self.q_proj, &mut self.k_proj, &mut self.v_proj, &mut self.o_proj];
        let positions = [&mut self.pos_key_proj, &mut self.pos_query_proj].into_iter().flatten();
        all.into_iter().chain(positions).for_each(|linear| visit(LayerMut::Linear(linear)));
        self.relative_attention_bias.iter_mut().for_each(|table| visit(LayerMut::Embedding(table)));
    }
}

#[cfg(test)]
mod tests {
    use burn::tensor::{Distribution, Tolerance};
    use trustformers_ops::{CachedSegment, Flex, Segment, Segments, alibi_slopes};

    use super::*;
    use crate::stack::pass::{Intermediates, PositionData};

    #[test]
    fn attention_within_the_rows_equals_attention_to_a_new_cache() {
        const HIDDEN: usize = 24;
        let (device, lengths) = (Default::default(), [7, 1, 12]);
        let terms = ScoreTerms {
            window: Some(4),
            logit_softcap: Some(2.0),
            alibi: Some(Alibi::Distances(alibi_slopes(4))),
            has_sinks: true,
            position_terms: None,
        };
        let x = Tensor::<Flex, 2>::random([20, HIDDEN], Distribution::Normal(0.0, 1.0), &device);
        let segments = Segments(lengths.map(|rows| Segment { rows, keys: rows }).to_vec());
        let cached = CachedSegment::fresh(lengths);
        for scores in [ScoreTerms::default(), terms] {
            let config = AttentionConfig { scores, ..AttentionConfig::plain(4, 2, 6) };
            let attention = Attention::<Flex>::new(&config, HIDDEN, &device);
            for kind in [AttentionKind::Causal, AttentionKind::Bidirectional] {
                let pass = Pass::new(kind, PositionData::default(), &device, Intermediates::default());
                let found = attention.forward(x.clone(), None, &pass, Keys::OfRows(&segments));
                let mut cache = attention.cache(lengths.len());
                let expected = attention.forward(x.clone(), None, &pass, Keys::Cached(&cached, &mut cache));
                found.into_data().assert_approx_eq::<f32>(&expected.into_data(), Tolerance::absolute(1e-5));
            }
        }
    }
}
