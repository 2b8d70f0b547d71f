use burn::tensor::backend::Backend;
use burn::tensor::ops::AttentionModuleOptions;
use burn::tensor::{Bool, Int, Tensor, TensorData, module};

use crate::{EngineBackend, RelativeTerms, Segments};

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
    /// Scale of the scores.
    pub scale: f64,
    /// Relative position terms added to the scores.
    pub relative: Option<&'a RelativeTerms<B>>,
}

/// Scaled dot-product attention within each sequence: `softmax(q * transpose(k) * scale + relative) * v`.
///
/// Rows of a sequence without visible keys are zero, as in PyTorch's `scaled_dot_product_attention`.
///
/// **Shapes:** `q: [rows, num_heads * head_dim]`, `k, v: [rows, num_kv_heads * head_dim]`; returns the shape of `q`.
/// Relative terms require `num_kv_heads == num_heads`.
pub fn attention<B: EngineBackend>(qkv: [Tensor<B, 2>; 3], attention: &Attention<'_, B>) -> Tensor<B, 2> {
    <B as EngineBackend>::attention(qkv, attention)
}

pub(crate) fn reference<B: EngineBackend>(qkv: [Tensor<B, 2>; 3], attention: &Attention<'_, B>) -> Tensor<B, 2> {
    let Attention { segments, scale, relative, .. } = *attention;
    let device = qkv[0].device();
    let len = segments.longest();
    let [q, k, v] = by_head(qkv, attention);
    let bias = relative.map(|relative| relative.padded(&q, &k, segments, scale));
    let options = AttentionModuleOptions { scale: Some(scale), ..Default::default() };
    let context = module::attention(q, k, v, hidden_keys(segments, len, &device), bias, options);
    rows_of(context, segments)
}

/// [`attention`] in plain burn that also returns the attention weights.
///
/// **Shapes:** weights `[batch, heads, longest, longest]`, zero for masked keys.
pub fn attention_and_weights<B: EngineBackend>(
    qkv: [Tensor<B, 2>; 3],
    attention: &Attention<'_, B>,
) -> (Tensor<B, 2>, Tensor<B, 4>) {
    let segments = attention.segments;
    let [q, k, v] = by_head(qkv, attention);
    let scores = scores([&q, &k], attention, f32::NEG_INFINITY.into());
    // In a fully masked row the maximum is minus infinity and the sum is zero.
    let finite =
        scores.dtype().finfo().map_or((f64::MIN, f64::MIN_POSITIVE), |limits| (limits.min, limits.min_positive));
    let largest = scores.clone().max_dim(3).clamp_min(finite.0);
    let weights = (scores - largest).exp();
    let sums = weights.clone().sum_dim(3).clamp_min(finite.1);
    let weights = weights / sums;
    (rows_of(weights.clone().matmul(v), segments), weights)
}

/// The scores of [`attention`] before the softmax.
///
/// **Shapes:** `[batch, heads, longest, longest]`, the lowest finite value for masked keys.
pub fn attention_scores<B: EngineBackend>(qkv: [Tensor<B, 2>; 3], attention: &Attention<'_, B>) -> Tensor<B, 4> {
    let lowest = qkv[0].dtype().finfo().map_or(f64::MIN, |limits| limits.min);
    let [q, k, _] = by_head(qkv, attention);
    scores([&q, &k], attention, lowest)
}

/// Scaled scores with relative terms; masked keys become `hidden`.
///
/// **Shapes:** `q, k: [batch, heads, longest, head_dim]`; returns `[batch, heads, longest, longest]`.
fn scores<B: EngineBackend>(qk: [&Tensor<B, 4>; 2], attention: &Attention<'_, B>, hidden: f64) -> Tensor<B, 4> {
    let Attention { segments, scale, relative, .. } = *attention;
    let [q, k] = qk;
    let mut scores = q.clone().matmul(k.clone().transpose()) * scale;
    if let Some(relative) = relative {
        scores = scores + relative.padded(q, k, segments, scale);
    }
    match hidden_keys(segments, segments.longest(), &q.device()) {
        Some(keys) => {
            let keys = keys.expand(scores.dims());
            scores.mask_fill(keys, hidden)
        }
        None => scores,
    }
}

/// Padded queries, keys and values: `[batch, num_heads, longest, head_dim]`.
fn by_head<B: EngineBackend>(qkv: [Tensor<B, 2>; 3], attention: &Attention<'_, B>) -> [Tensor<B, 4>; 3] {
    let Attention { segments, heads: Heads { num_heads, num_kv_heads, head_dim }, .. } = *attention;
    let device = qkv[0].device();
    let (batch, len) = (segments.0.len(), segments.longest());
    // Candle's `select` requires contiguous tensors; the reshape copies slices of wider ones.
    let by_head = qkv.map(|x| {
        let [rows, width] = x.dims();
        x.reshape([rows, width / head_dim, head_dim])
    });
    let padded = match segments.common_len() {
        Some(_) => by_head,
        None => {
            let rows = segments.padded_row_indices::<B>(len, &device);
            by_head.map(|x| x.select(0, rows.clone()))
        }
    };
    let [q, k, v] = padded.map(|x| {
        let heads = x.dims()[1];
        x.reshape([batch, len, heads, head_dim]).swap_dims(1, 2)
    });
    let [k, v] = [k, v].map(|x| repeat_heads(x, num_heads / num_kv_heads));
    [q, k, v]
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

/// Mask that is true for keys to hide; `None` if all are visible.
fn hidden_keys<B: EngineBackend>(segments: &Segments, len: usize, device: &B::Device) -> Option<Tensor<B, 4, Bool>> {
    let batch = segments.0.len();
    if segments.0.iter().all(|segment| segment.keys == len) {
        return None;
    }
    let flags = segments.0.iter().flat_map(|segment| (0..len).map(|at| i64::from(at >= segment.keys)));
    let flags = TensorData::new(flags.collect(), [batch, 1, 1, len]);
    let hidden = Tensor::<B, 4, Int>::from_data(flags, device).equal_elem(1);
    Some(hidden.expand([batch, 1, len, len]))
}
