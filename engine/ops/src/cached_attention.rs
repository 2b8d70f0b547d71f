use burn::tensor::backend::Backend;
use burn::tensor::{Int, Tensor, TensorData, activation};

use crate::scores::pairs;
use crate::{AttentionKind, CachedSegment, DistanceBias, EngineBackend, Heads, KvCache, Scores};

/// Parameters of [`cached_attention`].
#[derive(Clone, Copy, Debug)]
pub struct CachedAttention<'a, B: Backend> {
    /// Sequences of the packed batch; a row attends within its own sequence only. [`AttentionKind::Bidirectional`]
    /// needs all rows of a sequence in one call.
    pub segments: &'a [CachedSegment],
    /// Head counts and head size.
    pub heads: Heads,
    /// Which keys a row attends to, and the terms of the scores.
    pub scores: Scores<'a, B>,
    /// Bias of the scores, added after a softcap; `None` if there is none. It requires [`AttentionKind::Causal`] and
    /// `num_kv_heads == num_heads`.
    pub bias: Option<&'a DistanceBias<B>>,
}

/// Attention of new rows to the cached keys and values of their sequences, which already include the new rows.
///
/// **Shapes:** `q: [rows, num_heads * head_dim]`; returns the shape of `q`.
pub fn cached_attention<B: EngineBackend>(
    q: Tensor<B, 2>,
    cache: &KvCache<B>,
    attention: &CachedAttention<'_, B>,
) -> Tensor<B, 2> {
    <B as EngineBackend>::cached_attention(q, cache, attention)
}

/// [`cached_attention`] in plain burn that also returns the attention weights of each sequence.
///
/// **Shapes:** weights `[num_heads, rows, past + rows]` without the rows that the cache has dropped, zero for masked
/// keys.
pub fn cached_attention_and_weights<B: EngineBackend>(
    q: Tensor<B, 2>,
    cache: &KvCache<B>,
    attention: &CachedAttention<'_, B>,
) -> (Tensor<B, 2>, Vec<Tensor<B, 3>>) {
    by_sequence(q, cache, attention, |segment| cache.first(segment.slot))
}

pub(crate) fn reference<B: EngineBackend>(
    q: Tensor<B, 2>,
    cache: &KvCache<B>,
    attention: &CachedAttention<'_, B>,
) -> Tensor<B, 2> {
    let first_seen = |segment: CachedSegment| {
        let len = attention.scores.kind.num_keys(segment);
        attention.scores.visible(segment.past, len).start
    };
    by_sequence(q, cache, attention, first_seen).0
}

/// The attention of each sequence to its rows from `first(segment)` on.
fn by_sequence<B: EngineBackend>(
    q: Tensor<B, 2>,
    cache: &KvCache<B>,
    attention: &CachedAttention<'_, B>,
    first: impl Fn(CachedSegment) -> usize,
) -> (Tensor<B, 2>, Vec<Tensor<B, 3>>) {
    let one = |(start, segment): (usize, CachedSegment)| {
        let q = q.clone().narrow(0, start, segment.rows);
        let first = first(segment);
        let len = attention.scores.kind.num_keys(segment) - first;
        let [k, v] = cache.tables().map(|table| table.clone().narrow(0, cache.row(segment.slot, first), len));
        of_sequence(q, [k, v], (CachedSegment { past: segment.past - first, ..segment }, first), attention)
    };
    let (contexts, weights): (Vec<_>, Vec<_>) = CachedSegment::starts(attention.segments).map(one).unzip();
    (Tensor::cat(contexts, 0), weights)
}

fn of_sequence<B: EngineBackend>(
    q: Tensor<B, 2>,
    kv: [Tensor<B, 2>; 2],
    (segment, first): (CachedSegment, usize),
    attention: &CachedAttention<'_, B>,
) -> (Tensor<B, 2>, Tensor<B, 3>) {
    let Heads { num_heads, num_kv_heads, head_dim } = attention.heads;
    let Scores { kind, scale, window, logit_softcap, alibi, sinks } = attention.scores;
    let rows = segment.rows;
    let (device, dtype, len) = (q.device(), q.dtype(), kind.num_keys(segment));
    let group = num_heads / num_kv_heads;
    // Query heads that share keys are adjacent, so their queries become rows of one product.
    let q = q.reshape([rows, num_kv_heads, group, head_dim]).permute([1, 2, 0, 3]);
    let q = q.reshape([num_kv_heads, group * rows, head_dim]);
    let [k, v] = kv.map(|x| x.reshape([len, num_kv_heads, head_dim]).swap_dims(0, 1));
    // cubecl caches the matmul kernel by rounded sizes and a layout that does not tell rows from columns for one row:
    // the kernel chosen for the keys might reject the values.
    let scores = match group * rows {
        1 => k.matmul(q.transpose()).swap_dims(1, 2),
        _ => q.matmul(k.transpose()),
    };
    let scores = (scores * scale).cast(burn::tensor::DType::F32);
    let mut scores = scores.reshape([num_heads, rows, len]);
    if let Some(cap) = logit_softcap {
        scores = (scores / cap).tanh() * cap;
    }
    if let Some(alibi) = alibi.filter(|_| kind != AttentionKind::Cross) {
        scores = scores + alibi.scores(segment, first, &device);
    }
    if let Some(bias) = attention.bias {
        scores = scores + bias.scores(segment).cast(burn::tensor::DType::F32);
    }
    let window = window.unwrap_or(usize::MAX);
    let is_causal = kind == AttentionKind::Causal;
    let is_hidden = |distance: i64| (is_causal && distance < 0) || distance.unsigned_abs() as usize >= window;
    let hidden = match kind {
        AttentionKind::Cross => Vec::new(),
        _ => pairs(segment, |distance| i64::from(is_hidden(distance))),
    };
    if hidden.contains(&1) {
        let hidden = Tensor::<B, 2, Int>::from_data(TensorData::new(hidden, [rows, len]), &device).equal_elem(1);
        scores = scores.mask_fill(hidden.unsqueeze::<3>().expand([num_heads, rows, len]), f32::NEG_INFINITY);
    }
    let weights = match sinks {
        None => activation::softmax(scores, 2),
        Some(sinks) => {
            let sinks = sinks.clone().cast(burn::tensor::DType::F32).reshape([num_heads, 1, 1]);
            let with_sink = Tensor::cat(vec![scores, sinks.expand([num_heads, rows, 1])], 2);
            activation::softmax(with_sink, 2).narrow(2, 0, len)
        }
    };
    let weights = weights.cast(dtype);
    let context = weights.clone().reshape([num_kv_heads, group * rows, len]).matmul(v);
    let context = context.reshape([num_heads, rows, head_dim]).swap_dims(0, 1);
    (context.reshape([rows, num_heads * head_dim]), weights)
}

#[cfg(test)]
mod tests {
    use burn::tensor::{Distribution, Tolerance};

    use super::*;
    use crate::{Alibi, Flex, alibi_slopes};

    fn random<B: Backend>(shape: [usize; 2]) -> Tensor<B, 2> {
        Tensor::random(shape, Distribution::Uniform(-1.0, 1.0), &B::Device::default())
    }

    fn heads(num_heads: usize, num_kv_heads: usize, head_dim: usize) -> Heads {
        Heads { num_heads, num_kv_heads, head_dim }
    }

    fn plain<'a, B: Backend>(segments: &'a [CachedSegment], heads: Heads) -> CachedAttention<'a, B> {
        CachedAttention { segments, heads, scores: Scores::plain(AttentionKind::Causal, 0.4), bias: None }
    }

    /// Two steps of three sequences in a cache of four slots.
    fn steps() -> [Vec<CachedSegment>; 2] {
        let step = |sizes: [(usize, usize, usize); 3]| {
            sizes.into_iter().map(|(slot, past, rows)| CachedSegment { slot, past, rows }).collect()
        };
        [step([(2, 0, 70), (0, 0, 3), (3, 0, 200)]), step([(3, 200, 1), (2, 70, 9), (0, 3, 1)])]
    }

    fn rows(segments: &[CachedSegment]) -> usize {
        segments.iter().map(|segment| segment.rows).sum()
    }

    #[test]
    fn flex_override_equals_plain_burn() {
        for (heads, window) in [(heads(4, 2, 8), None), (heads(3, 3, 40), Some(5)), (heads(6, 1, 33), Some(150))] {
            let width = heads.num_kv_heads * heads.head_dim;
            let mut cache = KvCache::<Flex>::new(4, width, None);
            for segments in steps() {
                let count = rows(&segments);
                let both = random::<Flex>([count, 2 * width]);
                cache.append([both.clone().narrow(1, 0, width), both.narrow(1, width, width)], &segments);
                let q = random::<Flex>([count, heads.num_heads * heads.head_dim]);
                let mut attention = plain(&segments, heads);
                attention.scores.window = window;
                let found = cached_attention(q.clone(), &cache, &attention).into_data();
                let expected = reference(q, &cache, &attention).into_data();
                found.assert_approx_eq::<f32>(&expected, Tolerance::absolute(2e-6));
            }
        }
    }

    #[test]
    fn flex_override_equals_plain_burn_with_every_term() {
        let heads = heads(6, 2, 20);
        let slopes = alibi_slopes(6);
        let sinks = Tensor::<Flex, 1>::from_data([0.3f32, -2.0, 5.0, 0.0, 1.0, -0.5], &Default::default());
        let (distances, short) = (Alibi::Distances(slopes.clone()), Alibi::Bf16Positions(slopes, 0.4));
        for (logit_softcap, alibi, sinks, window) in [
            (Some(1.5), None, None, Some(30)),
            (None, Some(&distances), None, None),
            (None, Some(&short), None, None),
            (None, Some(&distances), None, Some(30)),
            (None, None, Some(&sinks), Some(30)),
            (Some(3.0), Some(&short), Some(&sinks), None),
        ] {
            let mut cache = KvCache::<Flex>::new(4, 40, None);
            for segments in steps() {
                let count = rows(&segments);
                cache.append([random([count, 40]), random([count, 40])], &segments);
                let q = random::<Flex>([count, 120]);
                let mut attention = plain::<Flex>(&segments, heads);
                attention.scores = Scores { logit_softcap, alibi, sinks, window, ..attention.scores };
                let found = cached_attention(q.clone(), &cache, &attention).into_data();
                let expected = reference(q, &cache, &attention).into_data();
                // Position biases up to 200 are added to scores in another order.
                found.assert_approx_eq::<f32>(&expected, Tolerance::absolute(2e-5));
            }
        }
    }

    #[test]
    fn flex_override_equals_plain_burn_with_a_distance_bias() {
        let heads = heads(3, 3, 20);
        let bias = DistanceBias { table: random([201, 3]) };
        for logit_softcap in [None, Some(1.5)] {
            let mut cache = KvCache::<Flex>::new(4, 60, None);
            for segments in steps() {
                let count = rows(&segments);
                cache.append([random([count, 60]), random([count, 60])], &segments);
                let q = random::<Flex>([count, 60]);
                let mut attention = CachedAttention { bias: Some(&bias), ..plain(&segments, heads) };
                attention.scores.logit_softcap = logit_softcap;
                let found = cached_attention(q.clone(), &cache, &attention).into_data();
                let expected = reference(q, &cache, &attention).into_data();
                found.assert_approx_eq::<f32>(&expected, Tolerance::absolute(2e-6));
            }
        }
    }

    #[test]
    fn cross_attention_reads_every_cached_row_of_the_slot() {
        let heads = heads(4, 2, 8);
        let mut cache = KvCache::<Flex>::new(2, 16, None);
        let other = CachedSegment::fresh([70, 3]);
        cache.append([random([73, 16]), random([73, 16])], &other);
        let segments =
            [CachedSegment { slot: 1, past: 3, rows: 9 }, CachedSegment { slot: 0, past: 70, rows: 2 }].to_vec();
        let q = random::<Flex>([11, 32]);
        let mut attention = plain(&segments, heads);
        attention.scores.kind = AttentionKind::Cross;
        let found = cached_attention(q.clone(), &cache, &attention).into_data();
        let (expected, weights) = cached_attention_and_weights(q, &cache, &attention);
        found.assert_approx_eq::<f32>(&expected.into_data(), Tolerance::absolute(2e-6));
        assert_eq!(weights.iter().map(Tensor::dims).collect::<Vec<_>>(), [[4, 9, 3], [4, 2, 70]]);
        let least = weights.into_iter().map(|weights| weights.min().into_scalar()).fold(1.0, f32::min);
        assert!(least > 0.0, "every key of the slot has a weight");
    }

    #[test]
    fn causal_rows_attend_within_their_sequence_and_window() {
        let heads = heads(2, 1, 2);
        let segments = CachedSegment::fresh([3, 2]);
        let mut cache = KvCache::<Flex>::new(2, 2, None);
        cache.append([random([5, 2]), random([5, 2])], &segments);
        let mut attention = plain(&segments, heads);
        attention.scores.window = Some(2);
        let (_, weights) = cached_attention_and_weights(random([5, 4]), &cache, &attention);
        let seen: Vec<Vec<bool>> = weights
            .into_iter()
            .map(|weights| weights.into_data().to_vec::<f32>().unwrap().iter().map(|weight| *weight > 0.0).collect())
            .collect();
        let (x, o) = (true, false);
        assert_eq!(seen[0], [[x, o, o, x, x, o, o, x, x]; 2].concat());
        assert_eq!(seen[1], [[x, o, x, x]; 2].concat());
    }

    #[test]
    fn bidirectional_flex_override_equals_plain_burn() {
        let heads = heads(6, 2, 20);
        let slopes = alibi_slopes(6);
        let sinks = Tensor::<Flex, 1>::from_data([0.3f32, -2.0, 5.0, 0.0, 1.0, -0.5], &Default::default());
        let distances = Alibi::Distances(slopes);
        let segments = CachedSegment::fresh([70, 1, 3, 400]);
        for (alibi, sinks, window) in [
            (None, None, None),
            (None, None, Some(1)),
            (None, None, Some(5)),
            (None, None, Some(150)),
            (Some(&distances), None, None),
            (None, Some(&sinks), Some(30)),
        ] {
            let mut cache = KvCache::<Flex>::new(4, 40, window);
            cache.append([random([474, 40]), random([474, 40])], &segments);
            let q = random::<Flex>([474, 120]);
            let kind = AttentionKind::Bidirectional;
            let mut attention = plain::<Flex>(&segments, heads);
            attention.scores = Scores { kind, alibi, sinks, window, ..attention.scores };
            let found = cached_attention(q.clone(), &cache, &attention).into_data();
            let expected = reference(q, &cache, &attention).into_data();
            found.assert_approx_eq::<f32>(&expected, Tolerance::absolute(2e-5));
        }
    }

    #[test]
    fn a_bidirectional_window_is_symmetric() {
        let heads = heads(1, 1, 2);
        let segments = CachedSegment::fresh([4, 2]);
        let mut cache = KvCache::<Flex>::new(2, 2, None);
        cache.append([random([6, 2]), random([6, 2])], &segments);
        let kind = AttentionKind::Bidirectional;
        let mut attention = plain(&segments, heads);
        attention.scores = Scores { kind, window: Some(2), ..attention.scores };
        let (_, weights) = cached_attention_and_weights(random([6, 2]), &cache, &attention);
        let seen = |weights: &Tensor<Flex, 3>| -> Vec<u8> {
            let weights = weights.clone().into_data().to_vec::<f32>().unwrap();
            weights.into_iter().map(|weight| u8::from(weight > 0.0)).collect()
        };
        assert_eq!(seen(&weights[0]), [1, 1, 0, 0, 1, 1, 1, 0, 0, 1, 1, 1, 0, 0, 1, 1]);
        assert_eq!(seen(&weights[1]), [1, 1, 1, 1]);
    }

    #[test]
    fn cached_rows_survive_growth_and_copies() {
        let mut cache = KvCache::<Flex>::new(3, 4, None);
        let (keys, values) = (random::<Flex>([200, 4]), random::<Flex>([200, 4]));
        for start in (0..200).step_by(20) {
            let segments = [CachedSegment { slot: 1, past: start, rows: 20 }];
            cache.append([keys.clone().narrow(0, start, 20), values.clone().narrow(0, start, 20)], &segments);
        }
        cache.copy(1, 2, 150);
        for (slot, rows) in [(1, 200), (2, 150)] {
            for (table, expected) in cache.tables().into_iter().zip([&keys, &values]) {
                let found = table.clone().narrow(0, cache.row(slot, 0), rows).into_data();
                found.assert_eq(&expected.clone().narrow(0, 0, rows).into_data(), true);
            }
        }
    }

    /// Appends `total` rows in chunks to a windowed cache and to an unbounded one, compares the attention, and returns
    /// the largest capacity of the windowed cache.
    fn read_in_chunks(window: usize, part: usize, total: usize, logit_softcap: Option<f64>) -> usize {
        let heads = heads(2, 1, 4);
        let [mut bounded, mut whole] = [Some(window), None].map(|window| KvCache::<Flex>::new(2, 4, window));
        let mut most = 0;
        for start in (0..total).step_by(part) {
            let count = part.min(total - start);
            let segments = [CachedSegment { slot: 1, past: start, rows: count }];
            let rows = [random::<Flex>([count, 4]), random([count, 4])];
            let q = random::<Flex>([count, 8]);
            bounded.append(rows.clone(), &segments);
            whole.append(rows, &segments);
            let mut attention = plain(&segments, heads);
            attention.scores = Scores { window: Some(window), logit_softcap, ..attention.scores };
            let found = cached_attention(q.clone(), &bounded, &attention).into_data();
            let expected = cached_attention(q, &whole, &attention).into_data();
            found.assert_approx_eq::<f32>(&expected, Tolerance::absolute(2e-6));
            assert!(bounded.can_truncate(1, start), "the rows appended at {start} cannot be truncated");
            most = most.max(bounded.capacity());
        }
        most
    }

    #[test]
    fn a_windowed_cache_stays_small_and_matches_an_unbounded_one() {
        for softcap in [None, Some(3.0)] {
            assert_eq!(read_in_chunks(5, 1, 700, softcap), 2 * (5 + 64));
            assert_eq!(read_in_chunks(40, 7, 600, softcap), 2 * (40 + 64));
            assert_eq!(read_in_chunks(5, 200, 900, softcap), 200 + 5 + 64);
            assert_eq!(read_in_chunks(300, 30, 500, softcap), 512);
        }
    }

    #[test]
    fn a_windowed_slot_can_be_copied_selected_and_restarted() {
        let mut cache = KvCache::<Flex>::new(2, 4, Some(3));
        let rows = random::<Flex>([400, 4]);
        for past in 0..400 {
            let row = rows.clone().narrow(0, past, 1);
            cache.append([row.clone(), row], &[CachedSegment { slot: 0, past, rows: 1 }]);
        }
        cache.copy(0, 1, 399);
        let chosen = cache.select(&[Some(1), None, Some(0)], &[400, 399]);
        for (cache, slot, end) in [(&cache, 0, 400), (&cache, 1, 399), (&chosen, 0, 399), (&chosen, 2, 400)] {
            let ([keys, _], dropped) = cache.rows_of(slot, end).unwrap();
            assert!((300..397).contains(&dropped), "{dropped}");
            keys.into_data().assert_eq(&rows.clone().narrow(0, dropped, end - dropped).into_data(), true);
            assert!(
                !cache.can_truncate(slot, dropped + 1)
                    && cache.can_truncate(slot, dropped + 2)
                    && cache.can_truncate(slot, 0)
            );
        }
        assert!(chosen.rows_of(1, 0).is_none());
        let row = rows.narrow(0, 7, 1);
        cache.append([row.clone(), row.clone()], &[CachedSegment { slot: 0, past: 0, rows: 1 }]);
        let ([keys, _], dropped) = cache.rows_of(0, 1).unwrap();
        assert_eq!(dropped, 0);
        keys.into_data().assert_eq(&row.into_data(), true);
    }

    #[test]
    fn sinks_and_softcap_match_the_formula() {
        let heads = heads(1, 1, 1);
        let segments = CachedSegment::fresh([2]);
        let one = |values: [f32; 2]| Tensor::<Flex, 2>::from_data([[values[0]], [values[1]]], &Default::default());
        let mut cache = KvCache::<Flex>::new(1, 1, None);
        cache.append([one([1.0, 3.0]), one([1.0, 1.0])], &segments);
        let sinks = Tensor::<Flex, 1>::from_data([0.5], &Default::default());
        let alibi = Alibi::Distances(vec![0.25]);
        let mut attention = plain(&segments, heads);
        attention.scores = Scores {
            scale: 1.0,
            sinks: Some(&sinks),
            logit_softcap: Some(2.0),
            alibi: Some(&alibi),
            ..attention.scores
        };
        let found = cached_attention(one([0.0, 1.0]), &cache, &attention).into_data().to_vec::<f32>().unwrap();
        let cap = |score: f32| 2.0 * (score / 2.0).tanh();
        let sum = (cap(1.0) - 0.25).exp() + cap(3.0).exp();
        let expected = [1.0 / (1.0 + 0.5f32.exp()), sum / (sum + 0.5f32.exp())];
        for (found, expected) in found.iter().zip(expected) {
            assert!((found - expected).abs() < 1e-6, "{found} {expected}");
        }
    }
}
