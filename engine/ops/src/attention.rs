use std::borrow::Cow;

use burn::tensor::backend::Backend;
use burn::tensor::ops::AttentionModuleOptions;
use burn::tensor::{Bool, DType as BurnDType, Int, Tensor, TensorData, module};

use crate::{AttentionKind, CachedSegment, EngineBackend, Mask, RelativeTerms, Scores, Segments};

/// Head counts and head size of [`attention`].
#[derive(Clone, Copy, Debug)]
pub struct Heads {
    /// Number of query heads.
    pub num_heads: usize,
    /// Number of key/value heads; each serves `num_heads / num_kv_heads` query heads.
    pub num_kv_heads: usize,
    /// Size of a head.
    pub head_dim: usize,
}

/// Parameters of [`attention`].
#[derive(Clone, Copy, Debug)]
pub struct Attention<'a, B: Backend> {
    /// Sequences of the packed batch; a row attends within its own sequence only.
    pub segments: &'a Segments,
    /// Head counts and head size.
    pub heads: Heads,
    /// Which keys a row attends to, by their indices in the sequence, and the terms of the scores.
    pub scores: Scores<'a, B>,
    /// Relative position terms, added to the scores after a softcap.
    pub relative: Option<&'a RelativeTerms<B>>,
    /// Dropout of the attention weights; `None` if there is none. **Shapes:** elements of the mask are
    /// `[num_heads, rows, longest]`, where `longest` counts keys.
    pub dropout: Option<&'a Mask>,
}

impl<B: Backend> Attention<'_, B> {
    /// Whether the scores are products of queries and keys only, for which training has kernels.
    pub(crate) fn is_plain(&self) -> bool {
        self.relative.is_none() && !self.scores.has_terms()
    }

    /// Sequences of the queries, without the keys of another packed batch.
    fn query_segments(&self) -> Cow<'_, Segments> {
        match self.scores.kind {
            AttentionKind::Causal | AttentionKind::Bidirectional => Cow::Borrowed(self.segments),
            AttentionKind::Cross => Cow::Owned(Segments::whole(self.segments.0.iter().map(|segment| segment.rows))),
        }
    }

    /// Sequences of the keys and values.
    fn key_segments(&self) -> Cow<'_, Segments> {
        self.scores.kind.key_segments(self.segments)
    }
}

/// Scaled dot-product attention within each sequence: `softmax(q * transpose(k) * scale + relative) * v`.
///
/// Rows without visible keys are zero, as in PyTorch's `scaled_dot_product_attention`. Rows without a key of their own
/// come after all keys of their sequence.
///
/// **Shapes:** `q: [rows, num_heads * head_dim]`, `k, v: [rows, num_kv_heads * head_dim]`, with
/// [`AttentionKind::Cross`] `[keys, num_kv_heads * head_dim]`; returns the shape of `q`. Relative terms require
/// `num_kv_heads == num_heads`, and keys of the same rows.
pub fn attention<B: EngineBackend>(qkv: [Tensor<B, 2>; 3], attention: &Attention<'_, B>) -> Tensor<B, 2> {
    <B as EngineBackend>::attention(qkv, attention)
}

pub(crate) fn reference<B: EngineBackend>(qkv: [Tensor<B, 2>; 3], attention: &Attention<'_, B>) -> Tensor<B, 2> {
    let Attention { segments, scores, relative, .. } = *attention;
    if scores.has_terms() || attention.dropout.is_some() {
        return attention_and_weights(qkv, attention).0;
    }
    let hidden = hidden_keys(attention, &qkv[0].device());
    let [q, k, v] = by_head(qkv, attention);
    let bias = relative.map(|relative| relative.padded(&q, &k, segments, scores.scale));
    let options = AttentionModuleOptions { scale: Some(scores.scale), ..Default::default() };
    let context = module::attention(q, k, v, hidden, bias, options);
    rows_of(context, &attention.query_segments())
}

/// [`attention`] in plain burn that also returns the attention weights.
///
/// **Shapes:** weights `[batch, heads, longest, longest keys]`, zero for masked keys.
pub fn attention_and_weights<B: EngineBackend>(
    qkv: [Tensor<B, 2>; 3],
    attention: &Attention<'_, B>,
) -> (Tensor<B, 2>, Tensor<B, 4>) {
    let Attention { segments, heads: Heads { num_heads, .. }, .. } = *attention;
    let [q, k, v] = by_head(qkv, attention);
    let scores = scores([&q, &k], attention, f32::NEG_INFINITY.into());
    let sinks = attention.scores.sinks.map(|sinks| sinks.clone().cast(scores.dtype()).reshape([1, num_heads, 1, 1]));
    // In a fully masked row the maximum is minus infinity and the sum is zero.
    let finite =
        scores.dtype().finfo().map_or((f64::MIN, f64::MIN_POSITIVE), |limits| (limits.min, limits.min_positive));
    let mut largest = scores.clone().max_dim(3).clamp_min(finite.0);
    if let Some(sinks) = &sinks {
        largest = largest.clone().max_pair(sinks.clone().expand(largest.dims()));
    }
    let weights = (scores - largest.clone()).exp();
    let mut sums = weights.clone().sum_dim(3);
    if let Some(sinks) = sinks {
        sums = sums + (sinks - largest).exp();
    }
    let weights = (weights / sums.clamp_min(finite.1)).cast(v.dtype());
    let weights = match attention.dropout {
        Some(mask) => weights.clone() * padded_mask(mask, segments, &weights),
        None => weights,
    };
    (rows_of(weights.clone().matmul(v), &attention.query_segments()), weights)
}

/// Factors of dropout for padded attention weights `[batch, heads, longest, longest keys]`.
fn padded_mask<B: EngineBackend>(mask: &Mask, segments: &Segments, weights: &Tensor<B, 4>) -> Tensor<B, 4> {
    let [batch, heads, len, keys] = weights.dims();
    let rows = segments.rows();
    let mut factors = vec![0.0f32; batch * heads * len * keys];
    for (sequence, (start, segment)) in segments.starts().enumerate() {
        for head in 0..heads {
            for query in 0..segment.rows {
                let first = ((sequence * heads + head) * len + query) * keys;
                for (key, factor) in factors[first..first + keys].iter_mut().enumerate() {
                    *factor = mask.factor((head * rows + start + query) * keys + key);
                }
            }
        }
    }
    Tensor::from_data(TensorData::new(factors, [batch, heads, len, keys]), (&weights.device(), weights.dtype()))
}

/// The scores of [`attention`] before the softmax.
///
/// **Shapes:** `[batch, heads, longest, longest]`, the lowest finite value for masked keys.
pub fn attention_scores<B: EngineBackend>(qkv: [Tensor<B, 2>; 3], attention: &Attention<'_, B>) -> Tensor<B, 4> {
    let lowest = qkv[0].dtype().finfo().map_or(f64::MIN, |limits| limits.min);
    let [q, k, _] = by_head(qkv, attention);
    scores([&q, &k], attention, lowest)
}

/// Scaled scores with their terms except sinks; masked keys become `hidden`.
///
/// **Shapes:** `q, k: [batch, heads, longest, head_dim]`; returns `[batch, heads, longest, longest keys]`.
fn scores<B: EngineBackend>(qk: [&Tensor<B, 4>; 2], attention: &Attention<'_, B>, hidden: f64) -> Tensor<B, 4> {
    let Attention { segments, relative, .. } = *attention;
    let Scores { kind, scale, logit_softcap, alibi, .. } = attention.scores;
    let ([q, k], device) = (qk, qk[0].device());
    let mut scores = q.clone().matmul(k.clone().transpose()) * scale;
    if attention.scores.has_terms() {
        // bf16 is too imprecise for position biases.
        scores = scores.cast(BurnDType::F32);
    }
    if let Some(cap) = logit_softcap {
        scores = (scores / cap).tanh() * cap;
    }
    if let Some(alibi) = alibi.filter(|_| kind != AttentionKind::Cross) {
        let rows = CachedSegment { slot: 0, past: 0, rows: segments.longest() };
        scores = scores + alibi.scores(rows, 0, &device).unsqueeze::<4>();
    }
    if let Some(relative) = relative {
        let terms = relative.padded(q, k, segments, scale).cast(scores.dtype());
        scores = scores + terms;
    }
    match hidden_keys(attention, &device) {
        Some(keys) => {
            let keys = keys.expand(scores.dims());
            scores.mask_fill(keys, hidden)
        }
        None => scores,
    }
}

/// Padded queries, keys and values: `[batch, num_heads, longest, head_dim]`.
fn by_head<B: EngineBackend>([q, k, v]: [Tensor<B, 2>; 3], attention: &Attention<'_, B>) -> [Tensor<B, 4>; 3] {
    let Heads { num_heads, num_kv_heads, head_dim } = attention.heads;
    let q = padded(q, head_dim, &attention.query_segments());
    let of_keys = attention.key_segments();
    let [k, v] = [k, v].map(|x| repeat_heads(padded(x, head_dim, &of_keys), num_heads / num_kv_heads));
    [q, k, v]
}

/// Rows of heads with padding. **Shapes:** `x: [rows, heads * head_dim]`; returns `[batch, heads, longest, head_dim]`.
fn padded<B: EngineBackend>(x: Tensor<B, 2>, head_dim: usize, segments: &Segments) -> Tensor<B, 4> {
    let (batch, len, device) = (segments.0.len(), segments.longest(), x.device());
    let [rows, width] = x.dims();
    let heads = width / head_dim;
    // Candle's `select` requires contiguous tensors; the reshape copies slices of wider ones.
    let by_head = x.reshape([rows, heads, head_dim]);
    let padded = match segments.common_len() {
        Some(_) => by_head,
        None => by_head.select(0, segments.padded_row_indices::<B>(len, &device)),
    };
    padded.reshape([batch, len, heads, head_dim]).swap_dims(1, 2)
}

/// Removes the padding of `[batch, heads, longest, head_dim]`; returns `[rows, heads * head_dim]`.
fn rows_of<B: EngineBackend>(context: Tensor<B, 4>, segments: &Segments) -> Tensor<B, 2> {
    let device = context.device();
    let [batch, heads, len, head_dim] = context.dims();
    let context = context.swap_dims(1, 2).reshape([batch * len, heads * head_dim]);
    match segments.common_len() {
        Some(_) => context,
        None => context.select(0, segments.padded_positions::<B>(len, &device)),
    }
}

fn repeat_heads<B: Backend>(x: Tensor<B, 4>, times: usize) -> Tensor<B, 4> {
    if times == 1 {
        return x;
    }
    let [batch, heads, len, head_dim] = x.dims();
    let wide = x.unsqueeze_dim::<5>(2).expand([batch, heads, times, len, head_dim]);
    wide.reshape([batch, heads * times, len, head_dim])
}

/// Mask that is true for keys to hide; `None` if all are visible. **Shapes:** `[batch, 1, longest, longest keys]`.
fn hidden_keys<B: EngineBackend>(attention: &Attention<'_, B>, device: &B::Device) -> Option<Tensor<B, 4, Bool>> {
    let Attention { segments, scores, .. } = attention;
    let (batch, len, longest) = (segments.0.len(), segments.longest(), attention.key_segments().longest());
    // All rows of a sequence share one mask if they attend to the same keys.
    let queries = if scores.sees_all_keys() { len.min(1) } else { len };
    let mut flags = Vec::with_capacity(batch * queries * longest);
    for segment in &segments.0 {
        for query in 0..queries {
            let visible = scores.visible(query, segment.keys);
            flags.extend((0..longest).map(|key| i64::from(!visible.contains(&key))));
        }
    }
    if !flags.contains(&1) {
        return None;
    }
    let flags = TensorData::new(flags, [batch, 1, queries, longest]);
    let hidden = Tensor::<B, 4, Int>::from_data(flags, device).equal_elem(1);
    Some(hidden.expand([batch, 1, len, longest]))
}

#[cfg(test)]
mod tests {
    use burn::backend::Autodiff;
    use burn::tensor::{Distribution, Tolerance};

    use super::*;
    use crate::{Alibi, CachedAttention, Flex, KvCache, Segment, alibi_slopes, cached_attention};

    const HEADS: Heads = Heads { num_heads: 6, num_kv_heads: 2, head_dim: 20 };

    fn random<B: Backend, const D: usize>(shape: [usize; D]) -> Tensor<B, D> {
        Tensor::random(shape, Distribution::Uniform(-1.0, 1.0), &B::Device::default())
    }

    fn qkv<B: Backend>(rows: usize) -> [Tensor<B, 2>; 3] {
        [120, 40, 40].map(|width| random([rows, width]))
    }

    /// Calls `check` with every combination of kinds and terms.
    fn every_combination<B: Backend>(sinks: &Tensor<B, 1>, mut check: impl FnMut(Scores<'_, B>)) {
        let slopes = alibi_slopes(HEADS.num_heads);
        let alibis = [None, Some(Alibi::Distances(slopes.clone())), Some(Alibi::Bf16Positions(slopes, 0.4))];
        for kind in [AttentionKind::Causal, AttentionKind::Bidirectional] {
            for window in [None, Some(1), Some(7), Some(150)] {
                for logit_softcap in [None, Some(1.5)] {
                    for alibi in &alibis {
                        for sinks in [None, Some(sinks)] {
                            check(Scores { kind, scale: 0.4, window, logit_softcap, alibi: alibi.as_ref(), sinks });
                        }
                    }
                }
            }
        }
    }

    fn sinks<B: Backend>() -> Tensor<B, 1> {
        Tensor::from_data([0.3f32, -2.0, 5.0, 0.0, 1.0, -0.5], &B::Device::default())
    }

    /// Attention to a new cache that holds the rows.
    fn cached<B: EngineBackend>(
        [q, k, v]: [Tensor<B, 2>; 3],
        lengths: &[usize],
        scores: Scores<'_, B>,
    ) -> Tensor<B, 2> {
        let segments = CachedSegment::fresh(lengths.iter().copied());
        let mut cache = KvCache::new(lengths.len(), 40, None);
        cache.append([k, v], &segments);
        cached_attention(q, &cache, &CachedAttention { segments: &segments, heads: HEADS, scores, bias: None })
    }

    fn ragged(lengths: &[usize]) -> Segments {
        Segments(lengths.iter().map(|rows| Segment { rows: *rows, keys: *rows }).collect())
    }

    fn uncached_equals_cached<B: EngineBackend>(lengths: &[usize]) {
        let (segments, operands) = (ragged(lengths), qkv::<B>(lengths.iter().sum()));
        every_combination(&sinks(), |scores| {
            let options = Attention { segments: &segments, heads: HEADS, scores, relative: None, dropout: None };
            let expected = cached(operands.clone(), lengths, scores).into_data();
            // Position biases up to 200 are added to scores in another order.
            let tolerance = Tolerance::<f32>::absolute(2e-5);
            attention(operands.clone(), &options).into_data().assert_approx_eq(&expected, tolerance);
            reference(operands.clone(), &options).into_data().assert_approx_eq(&expected, tolerance);
            let (context, _) = attention_and_weights(operands.clone(), &options);
            context.into_data().assert_approx_eq(&expected, tolerance);
        });
    }

    #[test]
    fn uncached_attention_equals_cached_attention() {
        uncached_equals_cached::<Flex>(&[70, 1, 3, 200]);
    }

    #[cfg(feature = "candle")]
    #[test]
    fn candle_uncached_attention_equals_cached_attention() {
        // Without optimization every product of long sequences takes seconds.
        uncached_equals_cached::<crate::Candle>(&[20, 1, 3, 50]);
    }

    #[test]
    fn queries_beyond_the_keys_are_zero_only_without_visible_keys() {
        let long = Segment { rows: 80, keys: 40 };
        let short = [Segment { rows: 9, keys: 5 }, Segment { rows: 2, keys: 0 }];
        let batches = [Segments(short.to_vec()), Segments([&short[..], &[long]].concat())];
        every_combination(&sinks(), |scores| {
            batches.iter().for_each(|segments| {
                let operands = qkv::<Flex>(segments.rows());
                let options = Attention { segments, heads: HEADS, scores, relative: None, dropout: None };
                let found = attention(operands.clone(), &options);
                let expected = reference(operands.clone(), &options).into_data();
                found.clone().into_data().assert_approx_eq::<f32>(&expected, Tolerance::absolute(2e-5));
                for (start, segment) in segments.starts() {
                    for query in 0..segment.rows {
                        let largest = found.clone().narrow(0, start + query, 1).abs().max().into_scalar();
                        let has_keys = !scores.visible(query, segment.keys).is_empty();
                        assert_eq!(largest > 0.0, has_keys, "row {query} of {segment:?} with {scores:?}: {largest}");
                    }
                }
            })
        });
    }

    #[test]
    fn relative_terms_combine_with_causal_attention_and_sinks() {
        let (segments, sinks) = (ragged(&[9, 30]), sinks::<Flex>());
        let heads = Heads { num_kv_heads: 6, ..HEADS };
        let positions = (0..9).chain(0..30).collect();
        let distances = crate::Distances::new(positions, &segments, |distance| (distance.clamp(-3, 3) + 3) as u32);
        let relative = RelativeTerms { distances, bias: Some(random([7, 6])), keys: None, queries: None };
        let operands = [120; 3].map(|width| random::<Flex, 2>([39, width]));
        for (kind, window) in [
            (AttentionKind::Causal, None),
            (AttentionKind::Bidirectional, None),
            (AttentionKind::Bidirectional, Some(4)),
        ] {
            let scores = Scores { window, sinks: Some(&sinks), ..Scores::plain(kind, 0.4) };
            let options = Attention { segments: &segments, heads, scores, relative: Some(&relative), dropout: None };
            let found = attention(operands.clone(), &options).into_data();
            let (expected, weights) = attention_and_weights(operands.clone(), &options);
            found.assert_approx_eq::<f32>(&expected.into_data(), Tolerance::absolute(2e-5));
            let later = weights.slice([0..1, 0..6, 0..1, 8..9]).max().into_scalar();
            assert_eq!(later > 0.0, scores.visible(0, 9).contains(&8), "{kind:?} {window:?}");
        }
    }

    #[test]
    fn gradients_without_a_cache_equal_those_with_one() {
        type B = Autodiff<Flex>;
        let lengths = [5, 1, 9];
        let segments = ragged(&lengths);
        let (operands, weights) = (qkv::<Flex>(15), random::<B, 2>([15, 120]));
        let data = |x: Tensor<Flex, 2>| x.into_data();
        every_combination(&sinks::<B>(), |scores| {
            let gradients = |is_cached: bool| {
                let leaves = operands.clone().map(|x| Tensor::<B, 2>::from_inner(x).require_grad());
                let sinks = scores.sinks.map(|sinks| sinks.clone().detach().require_grad());
                let scores = Scores { sinks: sinks.as_ref(), ..scores };
                let context = match is_cached {
                    true => cached(leaves.clone(), &lengths, scores),
                    false => {
                        let options =
                            Attention { segments: &segments, heads: HEADS, scores, relative: None, dropout: None };
                        attention(leaves.clone(), &options)
                    }
                };
                let found = (context * weights.clone()).sum().backward();
                let sinks = sinks.map(|sinks| sinks.grad(&found).expect("sinks take part").unsqueeze::<2>());
                let leaves = leaves.map(|x| x.grad(&found).expect("every operand takes part"));
                leaves.into_iter().chain(sinks).map(data).collect::<Vec<_>>()
            };
            let [found, expected] = [false, true].map(gradients);
            for (found, expected) in found.iter().zip(&expected) {
                found.assert_approx_eq::<f32>(expected, Tolerance::absolute(1e-5));
            }
        });
    }
}
