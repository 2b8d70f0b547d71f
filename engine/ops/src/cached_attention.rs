use std::ops::Range;

use burn::tensor::backend::Backend;
use burn::tensor::{Int, Tensor, TensorData, activation, bf16};

use crate::{CachedSegment, EngineBackend, Heads, KvCache};

/// ALiBi: linear position biases added to the attention scores, arXiv 2108.12409.
#[derive(Clone, Debug, PartialEq)]
pub enum Alibi {
    /// Slope of each head; a score loses `slope * (query position - key position)`.
    Distances(Vec<f32>),
    /// Slope of each head and a common factor; a score gains `slope * key position` in bfloat16, times the factor.
    Bf16Positions(Vec<f32>, f64),
}

impl Alibi {
    /// Bias of each key of a sequence, up to a constant per row that the softmax cancels.
    ///
    /// **Shapes:** returns `[num_heads, len]`, row-major.
    pub(crate) fn key_bias(&self, len: usize) -> Vec<f32> {
        match self {
            Self::Distances(slopes) => {
                slopes.iter().flat_map(|slope| (0..len).map(move |at| slope * at as f32)).collect()
            }
            Self::Bf16Positions(slopes, factor) => {
                bf16_position_biases(slopes, 0..len).map(|bias| bias * *factor as f32).collect()
            }
        }
    }

    /// Bias of the scores, with key positions that start at `first`.
    ///
    /// **Shapes:** returns `[num_heads, rows or 1, past + rows]`.
    fn scores<B: EngineBackend>(&self, segment: CachedSegment, first: usize, device: &B::Device) -> Tensor<B, 3> {
        let (rows, len) = (segment.rows, segment.past + segment.rows);
        match self {
            Self::Distances(slopes) => {
                let distances = TensorData::new(pairs(segment, |distance| -distance as f32), [1, rows, len]);
                let slopes = TensorData::new(slopes.clone(), [slopes.len(), 1, 1]);
                Tensor::from_data(distances, device) * Tensor::from_data(slopes, device)
            }
            Self::Bf16Positions(slopes, factor) => {
                let biases: Vec<f32> = bf16_position_biases(slopes, first..first + len).collect();
                Tensor::from_data(TensorData::new(biases, [slopes.len(), 1, len]), device) * *factor
            }
        }
    }
}

/// Key position times slope in bfloat16, by head.
fn bf16_position_biases(slopes: &[f32], positions: Range<usize>) -> impl Iterator<Item = f32> {
    slopes.iter().flat_map(move |slope| {
        let slope = bf16::from_f32(*slope).to_f32();
        // Positions are rounded to bfloat16 like the slopes.
        let position = |at: usize| bf16::from_f32(at as f32).to_f32();
        positions.clone().map(move |at| bf16::from_f32(slope * position(at)).to_f32())
    })
}

/// ALiBi slopes of all heads, a geometric sequence; arXiv 2108.12409 section 3.
pub fn alibi_slopes(num_heads: usize) -> Vec<f32> {
    let series = |heads: usize| {
        let base = 0.5f64.powf(8.0 / heads as f64) as f32;
        (1..).map(move |power| f64::from(base).powi(power) as f32)
    };
    let whole = 1usize << num_heads.max(1).ilog2();
    // Heads beyond a power of two take every other slope of the sequence for twice as many heads.
    series(whole).take(whole).chain(series(2 * whole).step_by(2)).take(num_heads).collect()
}

/// Which tokens a token attends to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AttentionKind {
    /// A token attends to itself and earlier tokens.
    #[default]
    Causal,
    /// A token attends to all tokens of its sequence.
    Bidirectional,
    /// A token attends to all tokens of another sequence, whose keys and values the cache holds; its own are not
    /// appended. Windows and ALiBi do not apply.
    Cross,
}

impl AttentionKind {
    /// Number of keys of a sequence.
    pub(crate) fn num_keys(self, segment: CachedSegment) -> usize {
        match self {
            Self::Causal | Self::Bidirectional => segment.past + segment.rows,
            Self::Cross => segment.past,
        }
    }

    /// Positions that a position attends to, all at a distance below `window`.
    pub(crate) fn visible(self, position: usize, window: usize, len: usize) -> Range<usize> {
        let end = match self {
            Self::Causal => position + 1,
            Self::Bidirectional => position.saturating_add(window).min(len),
            Self::Cross => return 0..len,
        };
        (position + 1).saturating_sub(window)..end
    }
}

/// Parameters of [`cached_attention`].
#[derive(Clone, Copy, Debug)]
pub struct CachedAttention<'a, B: Backend> {
    /// Sequences of the packed batch; a row attends within its own sequence only.
    pub segments: &'a [CachedSegment],
    /// Causal or bidirectional attention. [`AttentionKind::Bidirectional`] needs all rows of a sequence in one call.
    pub kind: AttentionKind,
    /// Head counts and head size.
    pub heads: Heads,
    /// Scale of the scores.
    pub scale: f64,
    /// Sliding window: a row attends to rows at a distance below this, on both sides if bidirectional; `None` is full
    /// attention.
    pub window: Option<usize>,
    /// Logit softcap: scores become `cap * tanh(score / cap)`, arXiv 2408.00118 section 2.
    pub logit_softcap: Option<f64>,
    /// ALiBi biases; `None` if there are none.
    pub alibi: Option<&'a Alibi>,
    /// Attention sinks: one extra logit per head in the softmax, without a value. **Shapes:** `[num_heads]`.
    pub sinks: Option<&'a Tensor<B, 1>>,
}

impl<B: Backend> CachedAttention<'_, B> {
    /// Whether the position biases equal those of absolute positions, up to a constant per row that the softmax
    /// cancels.
    pub(crate) fn has_absolute_bias(&self) -> bool {
        match self.alibi {
            None => true,
            // The softmax with a sink does not cancel a constant per row.
            Some(Alibi::Distances(_)) => self.window.is_none() && self.sinks.is_none(),
            Some(Alibi::Bf16Positions(..)) => self.window.is_none(),
        }
    }
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
    let window = attention.window.unwrap_or(usize::MAX);
    let len = |segment| attention.kind.num_keys(segment);
    let first_seen = |segment: CachedSegment| attention.kind.visible(segment.past, window, len(segment)).start;
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
        let len = attention.kind.num_keys(segment) - first;
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
    let rows = segment.rows;
    let (device, dtype, len) = (q.device(), q.dtype(), attention.kind.num_keys(segment));
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
    let scores = (scores * attention.scale).cast(burn::tensor::DType::F32);
    let mut scores = scores.reshape([num_heads, rows, len]);
    if let Some(cap) = attention.logit_softcap {
        scores = (scores / cap).tanh() * cap;
    }
    if let Some(alibi) = attention.alibi {
        scores = scores + alibi.scores(segment, first, &device);
    }
    let window = attention.window.unwrap_or(usize::MAX);
    let is_causal = attention.kind == AttentionKind::Causal;
    let is_hidden = |distance: i64| (is_causal && distance < 0) || distance.unsigned_abs() as usize >= window;
    let hidden = match attention.kind {
        AttentionKind::Cross => Vec::new(),
        _ => pairs(segment, |distance| i64::from(is_hidden(distance))),
    };
    if hidden.contains(&1) {
        let hidden = Tensor::<B, 2, Int>::from_data(TensorData::new(hidden, [rows, len]), &device).equal_elem(1);
        scores = scores.mask_fill(hidden.unsqueeze::<3>().expand([num_heads, rows, len]), f32::NEG_INFINITY);
    }
    let weights = match attention.sinks {
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

/// `number(query position - key position)` for each new row and each row of its sequence.
fn pairs<T>(CachedSegment { past, rows, .. }: CachedSegment, number: impl Fn(i64) -> T) -> Vec<T> {
    let row = |row: usize| (0..past + rows).map(move |key| (past + row) as i64 - key as i64);
    (0..rows).flat_map(row).map(number).collect()
}

#[cfg(test)]
mod tests {
    use burn::tensor::{Distribution, Tolerance};

    use super::*;
    use crate::Flex;

    fn random<B: Backend>(shape: [usize; 2]) -> Tensor<B, 2> {
        Tensor::random(shape, Distribution::Uniform(-1.0, 1.0), &B::Device::default())
    }

    fn heads(num_heads: usize, num_kv_heads: usize, head_dim: usize) -> Heads {
        Heads { num_heads, num_kv_heads, head_dim }
    }

    fn plain<'a, B: Backend>(segments: &'a [CachedSegment], heads: Heads) -> CachedAttention<'a, B> {
        CachedAttention {
            segments,
            kind: AttentionKind::Causal,
            heads,
            scale: 0.4,
            window: None,
            logit_softcap: None,
            alibi: None,
            sinks: None,
        }
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
                let attention = CachedAttention { window, ..plain(&segments, heads) };
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
                let attention =
                    CachedAttention { logit_softcap, alibi, sinks, window, ..plain::<Flex>(&segments, heads) };
                let found = cached_attention(q.clone(), &cache, &attention).into_data();
                let expected = reference(q, &cache, &attention).into_data();
                // Position biases up to 200 are added to scores in another order.
                found.assert_approx_eq::<f32>(&expected, Tolerance::absolute(2e-5));
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
        let attention = CachedAttention { kind: AttentionKind::Cross, ..plain(&segments, heads) };
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
        let attention = CachedAttention { window: Some(2), ..plain(&segments, heads) };
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
            let attention = CachedAttention { kind, alibi, sinks, window, ..plain::<Flex>(&segments, heads) };
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
        let attention = CachedAttention { kind, window: Some(2), ..plain(&segments, heads) };
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
            let attention = CachedAttention { window: Some(window), logit_softcap, ..plain(&segments, heads) };
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
    fn extra_heads_interleave_their_alibi_slopes() {
        assert_eq!(alibi_slopes(4), [0.25, 0.0625, 0.015625, 0.00390625]);
        assert_eq!(alibi_slopes(6)[4..], [0.5, 0.125]);
        assert_eq!(alibi_slopes(1), [0.00390625]);
    }

    #[test]
    fn bfloat16_positions_are_rounded_before_and_after_the_product() {
        let segment = CachedSegment { slot: 0, past: 257, rows: 1 };
        let scores = Alibi::Bf16Positions(vec![0.3], 0.5).scores::<Flex>(segment, 0, &Default::default());
        let scores = scores.into_data().to_vec::<f32>().unwrap();
        assert_eq!((scores.len(), scores[1], scores[257]), (258, 77.0 / 512.0, 38.5));
    }

    #[test]
    fn sinks_and_softcap_match_the_formula() {
        let heads = heads(1, 1, 1);
        let segments = CachedSegment::fresh([2]);
        let one = |values: [f32; 2]| Tensor::<Flex, 2>::from_data([[values[0]], [values[1]]], &Default::default());
        let mut cache = KvCache::<Flex>::new(1, 1, None);
        cache.append([one([1.0, 3.0]), one([1.0, 1.0])], &segments);
        let sinks = Tensor::<Flex, 1>::from_data([0.5], &Default::default());
        let attention = CachedAttention {
            scale: 1.0,
            sinks: Some(&sinks),
            logit_softcap: Some(2.0),
            alibi: Some(&Alibi::Distances(vec![0.25])),
            ..plain(&segments, heads)
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
