use burn::tensor::{DType as BurnDType, Tensor, TensorPrimitive};
use burn_flex::Flex;
use trustformers_kernels as kernels;
use trustformers_kernels::attention::{Bias, RelativeBias, Terms};
use trustformers_kernels::memory::Buffer;

use super::tensor::{Number, contiguous, filled, rows, slice, with_whole_rows};
use crate::{
    Attention, AttentionKind, CachedAttention, CachedSegment, Heads, KvCache, RelativeTerms, RotaryLayout, Rotation,
    kv_cache,
};

pub(super) fn attended<T: Number>(qkv: [Tensor<Flex, 2>; 3], attention: &Attention<'_, Flex>) -> Tensor<Flex, 2> {
    let Attention { segments, heads, scale, relative } = *attention;
    let shape = qkv[0].dims();
    let segments: Vec<_> = segments
        .starts()
        .map(|(start, segment)| kernels::attention::Segment {
            q_start: start,
            queries: segment.rows,
            k_start: start,
            keys: segment.keys,
        })
        .collect();
    let bias = relative.map(|relative| relative_bias(&qkv, &segments, relative, heads, scale));
    let bias = bias.as_ref().map(|(values, heads)| Bias { values: values.as_slice(), heads: *heads });
    let [q, k, v] = qkv.map(with_whole_rows);
    let attention = kernels::attention::Attention {
        q: rows::<T>(&q),
        k: rows(&k),
        v: rows(&v),
        segments: &segments,
        num_heads: heads.num_heads,
        num_kv_heads: heads.num_kv_heads,
        head_dim: heads.head_dim,
        scale: scale as f32,
        is_causal: false,
        hidden: None,
        bias,
        terms: Terms::default(),
    };
    filled(shape, |out| attention.run(out))
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

/// Queries per kernel call with sliding-window attention.
const WINDOW_QUERIES: usize = 128;

pub(super) fn attended_cache<T: Number>(
    q: Tensor<Flex, 2>,
    cache: &KvCache<Flex>,
    attention: &CachedAttention<'_, Flex>,
) -> Tensor<Flex, 2> {
    let CachedAttention { segments, kind, heads, scale, window, .. } = *attention;
    let window = window.unwrap_or(usize::MAX);
    let shape = q.dims();
    let mut parts = Vec::with_capacity(segments.len());
    let mut hidden = Vec::new();
    let is_windowed = segments.iter().any(|segment| segment.rows > 1 && kind.num_keys(*segment) > window);
    for (start, segment) in CachedSegment::starts(segments) {
        let (CachedSegment { slot, past, rows }, len) = (segment, kind.num_keys(segment));
        let at_once = if window >= len { rows.max(1) } else { WINDOW_QUERIES };
        for first in (0..rows).step_by(at_once) {
            let queries = at_once.min(rows - first);
            let visible = |query: usize| kind.visible(past + first + query, window, len);
            let skipped = visible(0).start;
            let keys = visible(queries - 1).end - skipped;
            let k_start = cache.row(slot, skipped);
            parts.push(kernels::attention::Segment { q_start: start + first, queries, k_start, keys });
            if is_windowed {
                hidden.extend((0..queries).flat_map(|query| {
                    let visible = visible(query);
                    (skipped..skipped + keys).map(move |key| !visible.contains(&key))
                }));
            }
        }
    }
    let longest = segments.iter().map(|segment| kind.num_keys(*segment)).max().unwrap_or(0);
    let key_biases = attention.alibi.map(|alibi| alibi.key_bias(longest));
    let sinks = attention.sinks.map(|sinks| contiguous(sinks.clone().cast(BurnDType::F32)));
    let terms = Terms {
        logit_softcap: attention.logit_softcap.map(|cap| cap as f32),
        key_bias: key_biases.as_deref(),
        sinks: sinks.as_ref().map(slice),
    };
    let q = with_whole_rows(q);
    let [k, v] = cache.tables().map(|table| table.clone().into_primitive().tensor());
    let attention = kernels::attention::Attention {
        q: rows::<T>(&q),
        k: rows(&k),
        v: rows(&v),
        segments: &parts,
        num_heads: heads.num_heads,
        num_kv_heads: heads.num_kv_heads,
        head_dim: heads.head_dim,
        scale: scale as f32,
        is_causal: kind == AttentionKind::Causal,
        hidden: is_windowed.then_some(&hidden),
        bias: None,
        terms,
    };
    filled(shape, |out| attention.run(out))
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
