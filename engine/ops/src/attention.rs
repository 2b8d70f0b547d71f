use burn::tensor::backend::Backend;
use burn::tensor::ops::AttentionModuleOptions;
use burn::tensor::{Bool, Int, Tensor, TensorData, module};

use crate::{EngineBackend, Segments};

/// Sizes of [`attention`].
#[derive(Clone, Copy, Debug)]
pub struct Heads {
    /// Heads of the queries.
    pub num_heads: usize,
    /// Heads of the keys and values; each serves `num_heads / num_kv_heads` of the queries'.
    pub num_kv_heads: usize,
    /// Width of a head.
    pub head_dim: usize,
}

/// Scaled dot-product attention within each sequence: `softmax(q * transpose(k) * scale) * v`.
///
/// A row whose sequence has no row to be seen gives zeros, as PyTorch's `scaled_dot_product_attention` does.
///
/// **Shapes:** `q: [rows, num_heads * head_dim]`, `k, v: [rows, num_kv_heads * head_dim]`; returns the shape of `q`.
pub fn attention<B: EngineBackend>(
    [q, k, v]: [Tensor<B, 2>; 3],
    segments: &Segments,
    heads: Heads,
    scale: f64,
) -> Tensor<B, 2> {
    <B as EngineBackend>::attention([q, k, v], segments, heads, scale)
}

pub(crate) fn in_plain_burn<B: EngineBackend>(
    qkv: [Tensor<B, 2>; 3],
    segments: &Segments,
    heads: Heads,
    scale: f64,
) -> Tensor<B, 2> {
    let device = qkv[0].device();
    let Heads { num_heads, num_kv_heads, head_dim } = heads;
    let (batch, len) = (segments.0.len(), segments.0.iter().map(|segment| segment.rows).max().unwrap_or(0));
    // Candle picks rows of whole tensors only, which parts of a wider one become by being reshaped.
    let by_head = qkv.map(|x| {
        let [rows, width] = x.dims();
        x.reshape([rows, width / head_dim, head_dim])
    });
    let padded = match segments.common_len() {
        Some(_) => by_head,
        None => {
            let rows = segments.rows_of_places::<B>(len, &device);
            by_head.map(|x| x.select(0, rows.clone()))
        }
    };
    let [q, k, v] = padded.map(|x| {
        let heads = x.dims()[1];
        x.reshape([batch, len, heads, head_dim]).swap_dims(1, 2)
    });
    let [k, v] = [k, v].map(|x| repeat_heads(x, num_heads / num_kv_heads));
    let options = AttentionModuleOptions { scale: Some(scale), ..Default::default() };
    let context = module::attention(q, k, v, hidden_keys(segments, len, &device), None, options);
    let context = context.swap_dims(1, 2).reshape([batch * len, num_heads * head_dim]);
    match segments.common_len() {
        Some(_) => context,
        None => context.select(0, segments.places_of_rows::<B>(len, &device)),
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

/// True where a key may not be seen; nothing if all may.
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
