use burn::tensor::{DType as BurnDType, Tensor, TensorPrimitive};
use burn_flex::{Flex, FlexTensor};
use trustformers_kernels as kernels;
use trustformers_kernels::attention::{Bias, RelativeBias, Terms};
use trustformers_kernels::memory::Buffer;

use super::tensor::{Number, contiguous, filled, rows, slice, with_whole_rows};
use crate::{
    Attention, AttentionKind, CachedAttention, CachedSegment, DistanceBias, Heads, KvCache, RelativeTerms,
    RotaryLayout, Rotation, Scores, Segment, kv_cache,
};

/// Whether the kernel computes the relative terms and position biases.
pub(super) fn has_kernel(attention: &Attention<'_, Flex>) -> bool {
    let Attention { scores, relative, .. } = attention;
    scores.has_absolute_bias() && (relative.is_none() || scores.window.is_none())
}

/// Whether the kernel computes the position biases of attention to a cache.
pub(super) fn has_cached_kernel(attention: &CachedAttention<'_, Flex>) -> bool {
    let CachedAttention { scores, bias, .. } = attention;
    scores.has_absolute_bias() && (bias.is_none() || scores.window.is_none())
}

pub(super) fn attended<T: Number>(qkv: [Tensor<Flex, 2>; 3], attention: &Attention<'_, Flex>) -> Tensor<Flex, 2> {
    let Attention { segments, heads, scores, relative, .. } = *attention;
    let of_keys = scores.kind.key_segments(segments);
    let sequence = |((q_start, queries), (k_start, keys)): ((usize, Segment), (usize, Segment))| Sequence {
        q_start,
        rows: queries.rows,
        past: 0,
        keys: keys.keys,
        dropped: 0,
        k_start,
    };
    let parts = Parts::new(segments.starts().zip(of_keys.starts()).map(sequence), &scores);
    let bias = relative.map(|relative| relative_bias(&qkv, &parts.segments, relative, heads, scores.scale));
    let bias = bias.as_ref().map(|(values, heads)| Bias { values: values.as_slice(), heads: *heads });
    let [q, k, v] = qkv;
    parts.run::<T>(q, [k, v].map(with_whole_rows), heads, &scores, bias)
}

/// The additive bias of relative position terms, and its number of heads.
pub(super) fn relative_bias(
    [q, k, _]: &[Tensor<Flex, 2>; 3],
    segments: &[kernels::attention::Segment],
    relative: &RelativeTerms<Flex>,
    Heads { num_heads, head_dim, .. }: Heads,
    scale: f64,
) -> (Buffer, usize) {
    let by_head = |x: &Tensor<Flex, 2>| {
        let rows = x.dims()[0];
        x.clone().cast(BurnDType::F32).reshape([rows, num_heads, head_dim])
    };
    let products = |x: &Tensor<Flex, 2>, vectors: &Option<Tensor<Flex, 2>>| {
        let vectors = by_head(vectors.as_ref()?).permute([1, 2, 0]);
        Some(contiguous(by_head(x).swap_dims(0, 1).matmul(vectors)))
    };
    let (of_queries, of_keys) = (products(q, &relative.keys), products(k, &relative.queries));
    let of_buckets = relative.bias.clone().map(|bias| contiguous(bias.cast(BurnDType::F32)));
    let tables = [&of_queries, &of_keys].map(|table| table.as_ref().map(slice::<f32>));
    // A bias table with one column is shared by all heads unless query or key vectors add terms per head.
    let table_heads = relative.bias.as_ref().map_or(num_heads, |bias| bias.dims()[1]);
    let spread: Option<Vec<f32>> = of_buckets
        .as_ref()
        .filter(|_| table_heads < num_heads)
        .map(|table| slice::<f32>(table).iter().flat_map(|value| std::iter::repeat_n(*value, num_heads)).collect());
    let has_vectors = tables.iter().any(Option::is_some);
    let (heads, of_buckets) = match (&of_buckets, &spread) {
        (Some(_), Some(spread)) if has_vectors => (num_heads, Some(&spread[..])),
        (Some(table), _) => (table_heads, Some(slice::<f32>(table))),
        (None, _) => (num_heads, None),
    };
    let bias = RelativeBias {
        segments,
        heads,
        positions: relative.distances.positions(),
        buckets: relative.distances.buckets(),
        num_buckets: relative.num_buckets(),
        of_queries: tables[0],
        of_keys: tables[1],
        scale: scale as f32,
        of_buckets,
    };
    let mut out = Buffer::reused(4 * bias.len());
    bias.run(out.as_mut_slice());
    (out, heads)
}

/// Rows of a sequence, and the keys that they attend to.
struct Sequence {
    /// First row in the queries.
    q_start: usize,
    rows: usize,
    /// Position of the first row among the keys.
    past: usize,
    /// Number of keys, dropped ones included.
    keys: usize,
    /// Number of leading keys that are not stored.
    dropped: usize,
    /// Row of the first stored key.
    k_start: usize,
}

impl Sequence {
    /// Number of positions of queries and keys.
    fn len(&self) -> usize {
        self.keys.max(self.past + self.rows)
    }
}

/// Queries per kernel call with sliding-window attention.
const WINDOW_QUERIES: usize = 128;

/// Segments of a kernel call, with the mask of a sliding window.
struct Parts {
    segments: Vec<kernels::attention::Segment>,
    hidden: Option<Vec<bool>>,
    /// Number of keys of the longest sequence.
    most_keys: usize,
}

impl Parts {
    fn new(sequences: impl Iterator<Item = Sequence>, scores: &Scores<'_, Flex>) -> Self {
        let sequences: Vec<_> = sequences.collect();
        let window = scores.window.unwrap_or(usize::MAX);
        let is_windowed = !scores.sees_all_keys() && sequences.iter().any(|one| one.rows > 1 && one.len() > window);
        let (mut segments, mut hidden) = (Vec::with_capacity(sequences.len()), Vec::new());
        for sequence in &sequences {
            let Sequence { q_start, rows, past, keys: len, dropped, k_start } = *sequence;
            let at_once = if window >= sequence.len() { rows } else { WINDOW_QUERIES };
            let mut first = 0;
            while first < rows {
                // The kernel's causal queries end with the last key, which those beyond the keys all see.
                let aligned = match scores.kind {
                    AttentionKind::Causal => len.saturating_sub(past + first).max(1),
                    AttentionKind::Bidirectional | AttentionKind::Cross => rows,
                };
                let queries = at_once.min(aligned).min(rows - first);
                let visible = |query: usize| scores.visible(past + first + query, len);
                let skipped = visible(0).start;
                let keys = visible(queries - 1).end - skipped;
                let k_start = k_start + skipped - dropped;
                segments.push(kernels::attention::Segment { q_start: q_start + first, queries, k_start, keys });
                if is_windowed {
                    hidden.extend((0..queries).flat_map(|query| {
                        let visible = visible(query);
                        (skipped..skipped + keys).map(move |key| !visible.contains(&key))
                    }));
                }
                first += queries;
            }
        }
        let most_keys = sequences.iter().map(|sequence| sequence.keys).max().unwrap_or(0);
        Self { segments, hidden: is_windowed.then_some(hidden), most_keys }
    }

    fn run<T: Number>(
        &self,
        q: Tensor<Flex, 2>,
        [k, v]: [FlexTensor; 2],
        heads: Heads,
        scores: &Scores<'_, Flex>,
        bias: Option<Bias<'_>>,
    ) -> Tensor<Flex, 2> {
        let (shape, q) = (q.dims(), with_whole_rows(q));
        let alibi = scores.alibi.filter(|_| scores.kind != AttentionKind::Cross);
        let key_biases = alibi.map(|alibi| alibi.key_bias(self.most_keys));
        let sinks = scores.sinks.map(|sinks| contiguous(sinks.clone().cast(BurnDType::F32)));
        let attention = kernels::attention::Attention {
            q: rows::<T>(&q),
            k: rows(&k),
            v: rows(&v),
            segments: &self.segments,
            num_heads: heads.num_heads,
            num_kv_heads: heads.num_kv_heads,
            head_dim: heads.head_dim,
            scale: scores.scale as f32,
            is_causal: scores.kind == AttentionKind::Causal,
            hidden: self.hidden.as_deref(),
            bias,
            terms: Terms {
                logit_softcap: scores.logit_softcap.map(|cap| cap as f32),
                key_bias: key_biases.as_deref(),
                sinks: sinks.as_ref().map(slice),
            },
        };
        filled(shape, |out| attention.run(out))
    }
}

pub(super) fn attended_cache<T: Number>(
    q: Tensor<Flex, 2>,
    cache: &KvCache<Flex>,
    attention: &CachedAttention<'_, Flex>,
) -> Tensor<Flex, 2> {
    let CachedAttention { segments, heads, scores, bias } = *attention;
    let sequence = |(start, segment): (usize, CachedSegment)| {
        let dropped = cache.first(segment.slot);
        Sequence {
            q_start: start,
            rows: segment.rows,
            past: segment.past,
            keys: scores.kind.num_keys(segment),
            dropped,
            k_start: cache.row(segment.slot, dropped),
        }
    };
    let kv = cache.tables().map(|table| table.clone().into_primitive().tensor());
    let parts = Parts::new(CachedSegment::starts(segments).map(sequence), &scores);
    let values = bias.map(|bias| distance_bias(segments, bias));
    let bias = values.as_ref().map(|values| Bias { values, heads: heads.num_heads });
    parts.run::<T>(q, kv, heads, &scores, bias)
}

/// The additive bias of distances. **Shapes:** returns `[num_heads, keys, rows]` per segment, concatenated.
fn distance_bias(segments: &[CachedSegment], bias: &DistanceBias<Flex>) -> Vec<f32> {
    let [_, num_heads] = bias.table.dims();
    let table = contiguous(bias.table.clone().cast(BurnDType::F32).transpose());
    let table = slice::<f32>(&table);
    let of_head = table.len() / num_heads;
    let mut values = Vec::new();
    for CachedSegment { past, rows, .. } in segments {
        for table in table.chunks_exact(of_head) {
            for key in 0..past + rows {
                values.extend((*past..past + rows).map(|query| table[query.saturating_sub(key)]));
            }
        }
    }
    values
}

pub(super) fn put_rows<T: Number>(
    into: Tensor<Flex, 2>,
    from: Tensor<Flex, 2>,
    copies: &[(usize, usize, usize)],
) -> Tensor<Flex, 2> {
    let width = into.dims()[1];
    let source = with_whole_rows(from.clone());
    let mut table = into.into_primitive().tensor();
    let is_whole = table.is_contiguous() && table.layout().start_offset() == 0;
    let Some(values) = T::storage_mut(&mut table).filter(|_| is_whole) else {
        return kv_cache::put_reference(Tensor::from_primitive(TensorPrimitive::Float(table)), from, copies);
    };
    let source = rows::<T>(&source);
    for &(from, to, count) in copies {
        for row in 0..count {
            values[(to + row) * width..][..width]
                .copy_from_slice(&source.data[(from + row) * source.stride..][..width]);
        }
    }
    Tensor::from_primitive(TensorPrimitive::Float(table))
}

pub(super) fn rotated<T: Number>(x: Tensor<Flex, 2>, head_dim: usize, rotation: &Rotation<Flex>) -> Tensor<Flex, 2> {
    let shape = x.dims();
    let x = with_whole_rows(x);
    let [cos, sin] = [&rotation.cos, &rotation.sin].map(|table| contiguous(table.clone()));
    let rotary = kernels::rotary::Rotary {
        x: rows::<T>(&x),
        cos: slice(&cos),
        sin: slice(&sin),
        head_dim,
        rotary_dim: 2 * rotation.cos.dims()[1],
        layout: match rotation.layout {
            RotaryLayout::RotateHalf => kernels::rotary::Layout::RotateHalf,
            RotaryLayout::Interleaved => kernels::rotary::Layout::Interleaved,
        },
    };
    filled(shape, |out| rotary.run(shape[1], out))
}
