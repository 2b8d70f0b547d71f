use burn::tensor::{AllocationProperty, Bytes, DType as BurnDType, Int, IntDType, Shape, Tensor, TensorPrimitive};
use burn_flex::{Flex, FlexTensor, Layout};
use half::bf16;
use trustformers_core::DType;
use trustformers_kernels::attention::{Bias, RelativeBias, Terms};
use trustformers_kernels::memory::{Buffer, Plain, give_back};
use trustformers_kernels::{self as kernels, Element, Format, linear as kernel};

use crate::{
    Activation, Attention, AttentionKind, CachedAttention, CachedSegment, EngineBackend, Epilogue, Heads, KvCache,
    LinearPart, LinearWeight, PackedWeight, Precision, Quantization, RelativeTerms, RotaryLayout, Rotation, attention,
    burn_dtype, cached_attention, embedding, gate, kv_cache, layer_norm, linear, rms_norm, rotary,
};

impl EngineBackend for Flex {
    const SUPPORTS_QUANTIZATION: bool = true;
    // Enough rows to reuse each weight, and few enough to keep a layer's activations in the CPU cache.
    const ROWS_PER_PASS: usize = 1024;

    fn pack(weight: &Tensor<Self, 2>, precision: Precision) -> Option<PackedWeight> {
        let shape = weight.dims();
        let format = match precision {
            Precision::Float(DType::F32) => Format::F32,
            Precision::Float(DType::BF16) => Format::Bf16,
            Precision::Quantized(Quantization::Int8) if shape[1] <= kernel::PackedWeight::MAX_BYTES => Format::Int8,
            Precision::Quantized(Quantization::Groups(grouping)) if grouping.is_known() => Format::Groups(grouping),
            Precision::Float(DType::F16) | Precision::Quantized(_) => return None,
        };
        let weight = match weight.dtype() {
            BurnDType::F32 | BurnDType::BF16 => weight.clone(),
            _ => weight.clone().cast(BurnDType::F32),
        };
        let source = contiguous(weight);
        let values = match source.dtype() {
            BurnDType::BF16 => kernel::Values::Bf16(slice(&source)),
            _ => kernel::Values::F32(slice(&source)),
        };
        let packed = PackedWeight { kernel: kernel::PackedWeight::pack(values, shape, format).into() };
        give_back_file(&source, &source.data_arc());
        Some(packed)
    }

    fn pack_groups(groups: &kernel::Groups) -> Option<PackedWeight> {
        let packed = groups.grouping.is_known().then(|| kernel::PackedWeight::pack_groups(groups))?;
        Some(PackedWeight { kernel: packed.into() })
    }

    fn cast(x: Tensor<Self, 1>, dtype: DType) -> Tensor<Self, 1> {
        match (x.dtype(), dtype) {
            (BurnDType::F32, DType::BF16) => converted::<f32, bf16>(x),
            (BurnDType::BF16, DType::F32) => converted::<bf16, f32>(x),
            _ => x.cast(burn_dtype(dtype)),
        }
    }

    fn linear(x: Tensor<Self, 2>, parts: &[LinearPart<Self>], epilogue: Epilogue<Self>) -> Tensor<Self, 2> {
        let is_packed = |part: &LinearPart<Self>| matches!(part.weight, LinearWeight::Packed(_));
        if !parts.iter().all(is_packed) {
            return linear::reference(x, parts, epilogue);
        }
        if let Some(activation) = epilogue.activation.filter(|activation| kernel_activation(*activation).is_none()) {
            let out = activation.forward(Self::linear(x, parts, Epilogue::default()));
            return match epilogue.residual {
                Some(residual) => out + residual,
                None => out,
            };
        }
        match x.dtype() {
            BurnDType::F32 => packed_linear::<f32>(x, parts, epilogue),
            BurnDType::BF16 => packed_linear::<bf16>(x, parts, epilogue),
            dtype => packed_linear::<f32>(x.cast(BurnDType::F32), parts, epilogue).cast(dtype),
        }
    }

    fn attention(qkv: [Tensor<Self, 2>; 3], attention: &Attention<'_, Self>) -> Tensor<Self, 2> {
        match qkv.each_ref().map(Tensor::dtype) {
            [BurnDType::F32, BurnDType::F32, BurnDType::F32] => attended::<f32>(qkv, attention),
            [BurnDType::BF16, BurnDType::BF16, BurnDType::BF16] => attended::<bf16>(qkv, attention),
            _ => attention::reference(qkv, attention),
        }
    }

    fn cached_attention(
        q: Tensor<Self, 2>,
        cache: &KvCache<Self>,
        attention: &CachedAttention<'_, Self>,
    ) -> Tensor<Self, 2> {
        let stored = cache.tables()[0].dtype();
        match q.dtype() {
            dtype if dtype != stored || !attention.has_absolute_bias() => {
                cached_attention::reference(q, cache, attention)
            }
            BurnDType::F32 => attended_cache::<f32>(q, cache, attention),
            BurnDType::BF16 => attended_cache::<bf16>(q, cache, attention),
            _ => cached_attention::reference(q, cache, attention),
        }
    }

    fn put_rows(into: Tensor<Self, 2>, rows: Tensor<Self, 2>, copies: &[(usize, usize, usize)]) -> Tensor<Self, 2> {
        match (into.dtype(), rows.dtype()) {
            (BurnDType::F32, BurnDType::F32) => put_rows::<f32>(into, rows, copies),
            (BurnDType::BF16, BurnDType::BF16) => put_rows::<bf16>(into, rows, copies),
            _ => kv_cache::put_reference(into, rows, copies),
        }
    }

    fn rms_norm(x: Tensor<Self, 2>, weight: Tensor<Self, 1>, eps: f64) -> Tensor<Self, 2> {
        match (x.dtype(), weight.dtype()) {
            (BurnDType::F32, BurnDType::F32) => rms_normalized::<f32>(x, weight, eps),
            (BurnDType::BF16, BurnDType::BF16) => rms_normalized::<bf16>(x, weight, eps),
            (dtype, BurnDType::F32) => rms_normalized::<f32>(x.cast(BurnDType::F32), weight, eps).cast(dtype),
            _ => rms_norm::reference(x, weight, eps),
        }
    }

    fn rotate(x: Tensor<Self, 2>, head_dim: usize, rotation: &Rotation<Self>) -> Tensor<Self, 2> {
        match x.dtype() {
            BurnDType::F32 => rotated::<f32>(x, head_dim, rotation),
            BurnDType::BF16 => rotated::<bf16>(x, head_dim, rotation),
            _ => rotary::reference(x, head_dim, rotation),
        }
    }

    fn gate(x: Tensor<Self, 2>, activation: Activation) -> Tensor<Self, 2> {
        match (x.dtype(), kernel_activation(activation)) {
            (BurnDType::F32, Some(activation)) => gated::<f32>(x, activation),
            (BurnDType::BF16, Some(activation)) => gated::<bf16>(x, activation),
            _ => gate::reference(x, activation),
        }
    }

    fn layer_norm(
        x: Tensor<Self, 2>,
        weight: Tensor<Self, 1>,
        bias: Option<Tensor<Self, 1>>,
        eps: f64,
    ) -> Tensor<Self, 2> {
        if weight.dtype() != x.dtype() || bias.as_ref().is_some_and(|bias| bias.dtype() != x.dtype()) {
            return layer_norm::reference(x, weight, bias, eps);
        }
        match x.dtype() {
            BurnDType::F32 => normalized::<f32>(x, weight, bias, eps),
            BurnDType::BF16 => normalized::<bf16>(x, weight, bias, eps),
            _ => layer_norm::reference(x, weight, bias, eps),
        }
    }

    fn embedding_norm(
        tables: &[(Tensor<Self, 2>, Tensor<Self, 1, Int>)],
        weight: Tensor<Self, 1>,
        bias: Option<Tensor<Self, 1>>,
        eps: f64,
    ) -> Tensor<Self, 2> {
        let dtype = weight.dtype();
        let same = tables.iter().all(|(table, _)| table.dtype() == dtype)
            && bias.as_ref().is_none_or(|bias| bias.dtype() == dtype);
        match dtype {
            BurnDType::F32 if same => embedded::<f32>(tables, weight, bias, eps),
            BurnDType::BF16 if same => embedded::<bf16>(tables, weight, bias, eps),
            _ => embedding::reference(tables, weight, bias, eps),
        }
    }
}

/// An element type that both burn and the kernels support.
trait Number: Element + Plain {
    const DTYPE: BurnDType;

    /// The elements of a contiguous tensor of this dtype; `None` otherwise.
    fn slice(tensor: &FlexTensor) -> Option<&[Self]>;

    /// The whole storage of a tensor, which must have this dtype.
    fn storage(tensor: &FlexTensor) -> &[Self];

    /// The whole storage of a tensor, mutable; `None` if another tensor shares it.
    fn storage_mut(tensor: &mut FlexTensor) -> Option<&mut [Self]>;
}

impl Number for f32 {
    const DTYPE: BurnDType = BurnDType::F32;

    fn slice(tensor: &FlexTensor) -> Option<&[Self]> {
        tensor.as_slice()
    }

    fn storage(tensor: &FlexTensor) -> &[Self] {
        tensor.storage()
    }

    fn storage_mut(tensor: &mut FlexTensor) -> Option<&mut [Self]> {
        tensor.try_storage_mut()
    }
}

impl Number for bf16 {
    const DTYPE: BurnDType = BurnDType::BF16;

    fn slice(tensor: &FlexTensor) -> Option<&[Self]> {
        tensor.as_slice()
    }

    fn storage(tensor: &FlexTensor) -> &[Self] {
        tensor.storage()
    }

    fn storage_mut(tensor: &mut FlexTensor) -> Option<&mut [Self]> {
        tensor.try_storage_mut()
    }
}

fn converted<S: Number, T: Number>(x: Tensor<Flex, 1>) -> Tensor<Flex, 1> {
    let shape = x.dims();
    let x = contiguous(x);
    // Converted and released chunk by chunk, so that a large table is never resident in both dtypes.
    const PART: usize = 1 << 20;
    filled(shape, |out: &mut [T]| {
        let source = slice::<S>(&x);
        for (source, out) in source.chunks(PART).zip(out.chunks_mut(PART)) {
            kernels::convert::convert(source, out);
            give_back_file(&x, source);
        }
    })
}

/// Releases the pages of a tensor's values if they are a mapped checkpoint file.
fn give_back_file<T: Plain>(tensor: &FlexTensor, values: &[T]) {
    if tensor.data_arc().property() == AllocationProperty::File {
        // SAFETY: bytes of this kind are a read-only mapping of a file, made by the checkpoint reader.
        unsafe { give_back(values) };
    }
}

fn packed_linear<T: Number>(
    x: Tensor<Flex, 2>,
    parts: &[LinearPart<Flex>],
    epilogue: Epilogue<Flex>,
) -> Tensor<Flex, 2> {
    let rows = x.dims()[0];
    let dtype = x.dtype();
    let x = contiguous(x);
    let biases: Vec<_> = parts.iter().map(|part| part.bias.clone().map(|bias| contiguous(bias.cast(dtype)))).collect();
    let residual = epilogue.residual.map(|residual| contiguous(residual.cast(dtype)));
    let parts: Vec<_> = parts
        .iter()
        .zip(&biases)
        .filter_map(|(part, bias)| match &part.weight {
            LinearWeight::Packed(weight) => {
                Some(kernel::Part { weight: &weight.kernel, bias: bias.as_ref().map(slice::<T>) })
            }
            LinearWeight::Dense(_) => None,
        })
        .collect();
    let cols = parts.iter().map(|part| part.weight.shape()[0]).sum();
    let layer = kernel::Linear {
        x: slice::<T>(&x),
        parts: &parts,
        activation: epilogue.activation.and_then(kernel_activation),
        residual: residual.as_ref().map(slice::<T>),
    };
    filled([rows, cols], |out| layer.run(out))
}

fn attended<T: Number>(qkv: [Tensor<Flex, 2>; 3], attention: &Attention<'_, Flex>) -> Tensor<Flex, 2> {
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
fn relative_bias(
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

fn attended_cache<T: Number>(
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

fn put_rows<T: Number>(
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

fn rotated<T: Number>(x: Tensor<Flex, 2>, head_dim: usize, rotation: &Rotation<Flex>) -> Tensor<Flex, 2> {
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

fn gated<T: Number>(x: Tensor<Flex, 2>, activation: kernels::Activation) -> Tensor<Flex, 2> {
    let [rows, both] = x.dims();
    let x = contiguous(x);
    let width = both / 2;
    filled([rows, width], |out| kernels::gate::gate(activation, slice::<T>(&x), width, out))
}

fn rms_normalized<T: Number>(x: Tensor<Flex, 2>, weight: Tensor<Flex, 1>, eps: f64) -> Tensor<Flex, 2> {
    let shape = x.dims();
    let (x, weight) = (contiguous(x), contiguous(weight));
    let norm = kernels::norm::RmsNorm {
        x: slice::<T>(&x),
        residual: None,
        weight: slice(&weight),
        eps: eps as f32,
        width: shape[1],
    };
    filled(shape, |out| norm.run(out))
}

fn normalized<T: Number>(
    x: Tensor<Flex, 2>,
    weight: Tensor<Flex, 1>,
    bias: Option<Tensor<Flex, 1>>,
    eps: f64,
) -> Tensor<Flex, 2> {
    let shape = x.dims();
    let (x, weight, bias) = (contiguous(x), contiguous(weight), bias.map(contiguous));
    let norm = kernels::norm::LayerNorm {
        x: slice::<T>(&x),
        residual: None,
        weight: slice(&weight),
        bias: bias.as_ref().map(slice),
        eps: eps as f32,
        width: shape[1],
    };
    filled(shape, |out| norm.run(out))
}

fn embedded<T: Number>(
    tables: &[(Tensor<Flex, 2>, Tensor<Flex, 1, Int>)],
    weight: Tensor<Flex, 1>,
    bias: Option<Tensor<Flex, 1>>,
    eps: f64,
) -> Tensor<Flex, 2> {
    let rows = tables.first().map_or(0, |(_, ids)| ids.dims()[0]);
    let owned: Vec<_> = tables
        .iter()
        .map(|(table, ids)| {
            (contiguous(table.clone()), ids.clone().cast(IntDType::I64).into_primitive().to_contiguous())
        })
        .collect();
    let tables: Vec<_> = owned.iter().map(|(table, ids)| (slice::<T>(table), ints(ids))).collect();
    let (weight, bias) = (contiguous(weight), bias.map(contiguous));
    let width = weight.layout().num_elements();
    let norm = kernels::embedding::EmbeddingNorm {
        tables: &tables,
        weight: slice(&weight),
        bias: bias.as_ref().map(slice),
        eps: eps as f32,
        width,
    };
    filled([rows, width], |out| norm.run(out))
}

/// A tensor in reused memory, initialized by `fill`.
fn filled<T: Number, const D: usize>(shape: [usize; D], fill: impl FnOnce(&mut [T])) -> Tensor<Flex, D> {
    let mut buffer = Buffer::reused(shape.iter().product::<usize>() * size_of::<T>());
    fill(buffer.as_mut_slice());
    let bytes = Bytes::from_shared(bytes::Bytes::from_owner(buffer), AllocationProperty::Other);
    let tensor = FlexTensor::new(bytes, Layout::contiguous(Shape::new(shape)), T::DTYPE);
    Tensor::from_primitive(TensorPrimitive::Float(tensor))
}

/// The matrix itself if each row is contiguous, else a contiguous copy.
fn with_whole_rows(tensor: Tensor<Flex, 2>) -> FlexTensor {
    let tensor = tensor.into_primitive().tensor();
    match *tensor.layout().strides() {
        [stride, 1] if stride > 0 => tensor,
        _ => tensor.to_contiguous(),
    }
}

/// The rows of a matrix returned by [`with_whole_rows`].
fn rows<T: Number>(tensor: &FlexTensor) -> kernels::attention::Rows<'_, T> {
    let layout = tensor.layout();
    let data = &T::storage(tensor)[layout.start_offset()..];
    kernels::attention::Rows { data, stride: layout.strides()[0].unsigned_abs() }
}

fn contiguous<const D: usize>(tensor: Tensor<Flex, D>) -> FlexTensor {
    tensor.into_primitive().tensor().to_contiguous()
}

fn slice<T: Number>(tensor: &FlexTensor) -> &[T] {
    T::slice(tensor).expect("the tensor is contiguous and of this dtype")
}

fn ints(tensor: &FlexTensor) -> &[i64] {
    tensor.as_slice().expect("the tensor is contiguous and i64")
}

/// The kernels' activation, if they have it; others are computed in plain burn.
fn kernel_activation(activation: Activation) -> Option<kernels::Activation> {
    match activation {
        Activation::GeluErf => Some(kernels::Activation::GeluErf),
        Activation::GeluTanh => Some(kernels::Activation::GeluTanh),
        Activation::Relu => Some(kernels::Activation::Relu),
        Activation::Silu => Some(kernels::Activation::Silu),
        Activation::Tanh => Some(kernels::Activation::Tanh),
        _ => None,
    }
}
