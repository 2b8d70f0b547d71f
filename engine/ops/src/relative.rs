use std::ops::Range;

use burn::tensor::backend::Backend;
use burn::tensor::{Int, Tensor, TensorData};

use crate::scores::pairs;
use crate::{CachedSegment, EngineBackend, Segments, int_vector};

/// Relative distances between the rows of each sequence, mapped to buckets.
#[derive(Clone, Debug)]
pub struct Distances {
    /// Each row's position in its sequence.
    positions: Vec<i64>,
    /// The largest distance.
    reach: i64,
    /// The bucket of every distance from `-reach` to `reach`.
    buckets: Vec<u32>,
}

impl Distances {
    /// Precomputes the bucket of every distance that can occur; a distance is query position minus key position.
    ///
    /// **Shapes:** `positions: [rows]`.
    pub fn new(positions: Vec<i64>, segments: &Segments, bucket: impl Fn(i64) -> u32) -> Self {
        let spans = segments.starts().map(|(start, segment)| {
            let positions = positions[start..start + segment.rows].iter();
            positions.clone().max().zip(positions.min()).map_or(0, |(last, first)| last - first)
        });
        let reach = spans.max().unwrap_or(0);
        let buckets = (-reach..=reach).map(bucket).collect();
        Self { positions, reach, buckets }
    }

    /// Range of the buckets that occur.
    pub fn range(&self) -> Range<usize> {
        let first = self.buckets.iter().copied().min().unwrap_or(0);
        let last = self.buckets.iter().copied().max().unwrap_or(0);
        first as usize..last as usize + 1
    }

    /// Renumbers the buckets so that the first that occurs is 0.
    pub fn from_first(mut self) -> Self {
        let first = self.range().start as u32;
        self.buckets.iter_mut().for_each(|bucket| *bucket -= first);
        self
    }

    /// Position of each row in its sequence.
    pub(crate) fn positions(&self) -> &[i64] {
        &self.positions
    }

    /// The bucket of every distance, from the most negative to the largest.
    pub(crate) fn buckets(&self) -> &[u32] {
        &self.buckets
    }

    /// Bucket of the distance between two rows of one sequence.
    fn bucket(&self, query: usize, key: usize) -> u32 {
        self.buckets[(self.positions[query] - self.positions[key] + self.reach) as usize]
    }

    /// Bucket of each query/key pair of the padded batch; 0 for padding.
    ///
    /// **Shapes:** returns `[batch, longest, longest]`.
    fn padded<B: Backend>(&self, segments: &Segments, device: &B::Device) -> Tensor<B, 3, Int> {
        let len = segments.longest();
        let mut indices = vec![0i64; segments.0.len() * len * len];
        for ((start, segment), indices) in segments.starts().zip(indices.chunks_exact_mut((len * len).max(1))) {
            for query in 0..segment.rows {
                for key in 0..segment.rows {
                    indices[query * len + key] = i64::from(self.bucket(start + query, start + key));
                }
            }
        }
        Tensor::from_data(TensorData::new(indices, [segments.0.len(), len, len]), device)
    }
}

/// Relative position terms added to the attention scores, by the bucket of the distance:
/// `scale * (query * keys[bucket] + key * queries[bucket]) + bias[bucket]`.
///
/// **Source:** arXiv 1910.10683 section 2.1 for the bias, arXiv 2006.03654 section 3.1 for the vectors.
#[derive(Clone, Debug)]
pub struct RelativeTerms<B: Backend> {
    /// Distances between the rows of the batch.
    pub distances: Distances,
    /// Bias table; entries may be minus infinity. **Shapes:** `[buckets, num_heads]`, or `[buckets, 1]` for all heads.
    pub bias: Option<Tensor<B, 2>>,
    /// Relative key vectors, multiplied with the queries. **Shapes:** `[buckets, num_heads * head_dim]`.
    pub keys: Option<Tensor<B, 2>>,
    /// Relative query vectors, multiplied with the keys. **Shapes:** `[buckets, num_heads * head_dim]`.
    pub queries: Option<Tensor<B, 2>>,
}

/// Bias of causal attention's scores by the distance of a query to a key, arXiv 1910.10683 section 2.1.
#[derive(Clone, Debug)]
pub struct DistanceBias<B: Backend> {
    /// Bias of each distance from zero on. **Shapes:** `[distances, num_heads]`.
    pub table: Tensor<B, 2>,
}

impl<B: EngineBackend> DistanceBias<B> {
    /// A copy on another device.
    pub fn to_device(&self, device: &B::Device) -> Self {
        Self { table: self.table.clone().to_device(device) }
    }

    /// Bias of each pair of a new row and a row of its sequence. **Shapes:** returns `[num_heads, rows, past + rows]`.
    pub(crate) fn scores(&self, segment: CachedSegment) -> Tensor<B, 3> {
        let distances = pairs(segment, |distance| distance.max(0));
        let (rows, len) = (segment.rows, segment.past + segment.rows);
        let picked = self.table.clone().select(0, int_vector(distances, &self.table.device()));
        picked.reshape([rows, len, self.table.dims()[1]]).permute([2, 0, 1])
    }
}

impl<B: EngineBackend> RelativeTerms<B> {
    /// A copy on another device.
    pub fn to_device(&self, device: &B::Device) -> Self {
        let moved = |table: &Option<Tensor<B, 2>>| table.clone().map(|table| table.to_device(device));
        Self {
            distances: self.distances.clone(),
            bias: moved(&self.bias),
            keys: moved(&self.keys),
            queries: moved(&self.queries),
        }
    }

    /// Number of table rows, which may exceed the number of buckets that occur.
    pub(crate) fn num_buckets(&self) -> usize {
        let tables = [&self.bias, &self.keys, &self.queries].into_iter().flatten();
        tables.map(|table| table.dims()[0]).max().unwrap_or(self.distances.range().end)
    }

    /// The terms of every query/key pair of the padded batch.
    ///
    /// **Shapes:** `q, k: [batch, heads, longest, head_dim]`; returns `[batch, heads, longest, longest]`.
    pub(crate) fn padded(&self, q: &Tensor<B, 4>, k: &Tensor<B, 4>, segments: &Segments, scale: f64) -> Tensor<B, 4> {
        let [batch, heads, len, head_dim] = q.dims();
        let buckets = self.distances.padded::<B>(segments, &q.device());
        let every_head = |indices: Tensor<B, 3, Int>| indices.unsqueeze_dim::<4>(1).expand([batch, heads, len, len]);
        let products = |x: &Tensor<B, 4>, vectors: &Tensor<B, 2>| {
            let count = vectors.dims()[0];
            let by_head = vectors.clone().cast(x.dtype()).reshape([count, heads, head_dim]).permute([1, 2, 0]);
            x.clone().matmul(by_head.unsqueeze::<4>()) * scale
        };
        let mut sum: Option<Tensor<B, 4>> = None;
        let mut add = |term: Tensor<B, 4>| {
            sum = Some(match sum.take() {
                Some(sum) => sum + term,
                None => term,
            });
        };
        if let Some(keys) = &self.keys {
            add(products(q, keys).gather(3, every_head(buckets.clone())));
        }
        if let Some(queries) = &self.queries {
            // Rows are keys here, but the bucket is still the one of the query's distance to the key.
            let by_key = every_head(buckets.clone().swap_dims(1, 2));
            add(products(k, queries).gather(3, by_key).swap_dims(2, 3));
        }
        if let Some(bias) = &self.bias {
            let table = bias.clone().cast(q.dtype());
            let [_, table_heads] = table.dims();
            let picked = table.select(0, buckets.reshape([batch * len * len]));
            let picked = picked.reshape([batch, len, len, table_heads]).permute([0, 3, 1, 2]);
            add(picked.expand([batch, heads, len, len]));
        }
        sum.unwrap_or_else(|| Tensor::zeros([batch, heads, len, len], (&q.device(), q.dtype())))
    }
}

#[cfg(test)]
mod tests {
    use burn::tensor::{Distribution, Tolerance};

    use super::*;
    use crate::{Attention, AttentionKind, Flex, Heads, Scores, Segment, attention};

    fn random<B: Backend>(shape: [usize; 2]) -> Tensor<B, 2> {
        Tensor::random(shape, Distribution::Uniform(-1.0, 1.0), &B::Device::default())
    }

    fn override_equals_plain_burn<B: EngineBackend>() {
        B::seed(&B::Device::default(), 11);
        let segments =
            Segments(vec![Segment { rows: 9, keys: 9 }, Segment { rows: 40, keys: 37 }, Segment { rows: 1, keys: 0 }]);
        // The second sequence has a gap in its positions.
        let positions: Vec<i64> =
            (0..9).chain((0..40).map(|at| if at < 20 { at } else { at + 5 })).chain([0]).collect();
        let heads = Heads { num_heads: 3, num_kv_heads: 3, head_dim: 8 };
        let bucket = |distance: i64| (distance.clamp(-6, 6) + 6) as u32;
        let distances = Distances::new(positions, &segments, bucket);
        let qkv = || [0; 3].map(|_| random::<B>([50, 24]));
        for [has_bias, has_keys, has_queries] in
            [[true, false, false], [false, true, false], [false, false, true], [true, true, true]]
        {
            for bias_heads in [1, 3] {
                let relative = RelativeTerms {
                    distances: distances.clone(),
                    bias: has_bias.then(|| random([13, bias_heads])),
                    keys: has_keys.then(|| random([13, 24])),
                    queries: has_queries.then(|| random([13, 24])),
                };
                let scores = Scores::plain(AttentionKind::Bidirectional, 0.3);
                let options =
                    Attention { segments: &segments, heads, scores, relative: Some(&relative), dropout: None };
                let operands = qkv();
                let found = attention::attention(operands.clone(), &options).into_data();
                let (expected, _) = attention::attention_and_weights(operands.clone(), &options);
                found.assert_approx_eq::<f32>(&expected.into_data(), Tolerance::absolute(2e-5));
                let plain = attention::reference(operands, &options);
                found.assert_approx_eq::<f32>(&plain.into_data(), Tolerance::absolute(2e-5));
            }
        }
    }

    #[test]
    fn flex_override_equals_plain_burn() {
        override_equals_plain_burn::<Flex>();
    }

    #[cfg(feature = "candle")]
    #[test]
    fn candle_equals_plain_burn() {
        override_equals_plain_burn::<crate::Candle>();
    }
}
