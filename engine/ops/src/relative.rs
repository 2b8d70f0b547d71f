use std::ops::Range;

use burn::tensor::backend::Backend;
use burn::tensor::{Int, Tensor, TensorData};

use crate::{EngineBackend, Segments};

/// How far apart the rows of each sequence lie, and which bucket a distance falls into.
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
    /// Finds the buckets that occur; a distance is a query's position less a key's.
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

    /// The buckets from the first to the last that occurs.
    pub fn range(&self) -> Range<usize> {
        let first = self.buckets.iter().copied().min().unwrap_or(0);
        let last = self.buckets.iter().copied().max().unwrap_or(0);
        first as usize..last as usize + 1
    }

    /// Counts buckets from the first that occurs.
    pub fn from_first(mut self) -> Self {
        let first = self.range().start as u32;
        self.buckets.iter_mut().for_each(|bucket| *bucket -= first);
        self
    }

    /// The bucket of the distance between two rows of one sequence.
    pub(crate) fn bucket(&self, query: usize, key: usize) -> u32 {
        self.buckets[(self.positions[query] - self.positions[key] + self.reach) as usize]
    }

    /// For each query and key of a padded batch their bucket, bucket 0 where one of them is padding.
    ///
    /// **Shapes:** returns `[batch, longest, longest]`.
    fn padded<B: Backend>(&self, segments: &Segments, device: &B::Device) -> Tensor<B, 3, Int> {
        let len = segments.longest();
        let mut places = vec![0i64; segments.0.len() * len * len];
        for ((start, segment), places) in segments.starts().zip(places.chunks_exact_mut((len * len).max(1))) {
            for query in 0..segment.rows {
                for key in 0..segment.rows {
                    places[query * len + key] = i64::from(self.bucket(start + query, start + key));
                }
            }
        }
        Tensor::from_data(TensorData::new(places, [segments.0.len(), len, len]), device)
    }
}

/// What the distance between a query and a key adds to their score, by the distance's bucket: with the scores' scale
/// `query * keys[bucket] + key * queries[bucket]`, and without it `bias[bucket]`.
///
/// **Source:** arXiv 1910.10683 section 2.1 for the bias, arXiv 2006.03654 section 3.1 for the vectors.
#[derive(Clone, Debug)]
pub struct RelativeTerms<B: Backend> {
    /// The distances of the batch's rows.
    pub distances: Distances,
    /// `[buckets, num_heads]`, or `[buckets, 1]` for all heads; may be minus infinity.
    pub bias: Option<Tensor<B, 2>>,
    /// `[buckets, num_heads * head_dim]`.
    pub keys: Option<Tensor<B, 2>>,
    /// `[buckets, num_heads * head_dim]`.
    pub queries: Option<Tensor<B, 2>>,
}

impl<B: EngineBackend> RelativeTerms<B> {
    /// **Shapes:** `q, k: [batch, heads, longest, head_dim]`; returns `[batch, heads, longest, longest]`.
    pub(crate) fn padded(&self, q: &Tensor<B, 4>, k: &Tensor<B, 4>, segments: &Segments, scale: f64) -> Tensor<B, 4> {
        let [batch, heads, len, head_dim] = q.dims();
        let buckets = self.distances.padded::<B>(segments, &q.device());
        let every_head = |places: Tensor<B, 3, Int>| places.unsqueeze_dim::<4>(1).expand([batch, heads, len, len]);
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
            // A row for each key; the bucket is that of the query's distance all the same.
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
