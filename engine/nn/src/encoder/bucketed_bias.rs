use burn::module::Module;
use burn::tensor::backend::Backend;
use trustformers_ops::{Distances, EngineBackend, RelativeTerms};

use crate::{Embedding, RowPositions};

/// Relative attention bias with one learned value per head and distance bucket, arXiv 1910.10683 section 2.1.
#[derive(Module, Debug)]
pub(crate) struct BucketedBias<B: Backend> {
    relative_attention_bias: Embedding<B>,
}

/// Number of distance buckets; further rows of a table are unused.
pub const NUM_BUCKETS: usize = 32;
/// Distances of at least this many tokens share the last bucket.
const MAX_DISTANCE: f64 = 128.0;

impl<B: EngineBackend> BucketedBias<B> {
    /// A table with random values until it is loaded.
    pub(crate) fn new(num_buckets: usize, num_heads: usize, device: &B::Device) -> Self {
        Self { relative_attention_bias: Embedding::new(num_buckets, num_heads, device) }
    }

    /// The learned table.
    pub(crate) fn embedding_mut(&mut self) -> &mut Embedding<B> {
        &mut self.relative_attention_bias
    }

    /// Bias of the scores of every pair of rows.
    pub(crate) fn bias(&self, rows: &RowPositions) -> RelativeTerms<B> {
        let table = self.relative_attention_bias.table();
        let distances = Distances::new(rows.columns.clone(), &rows.segments, bucket);
        RelativeTerms { distances, bias: Some(table), keys: None, queries: None }
    }
}

/// Bucket of a distance, the query's position minus the key's. Half of the buckets are for keys before the query, half
/// for keys after it; in each half the first buckets hold one distance each, the others grow logarithmically.
fn bucket(distance: i64) -> u32 {
    let half = NUM_BUCKETS as u32 / 2;
    let side = if distance < 0 { half } else { 0 };
    let distance = distance.unsigned_abs() as u32;
    let exact = half / 2;
    if distance < exact {
        return side + distance;
    }
    // In f32 like the reference: at bucket boundaries the rounding decides.
    let steps = (distance as f32 / exact as f32).ln() / ((MAX_DISTANCE / f64::from(exact)).ln() as f32);
    side + (exact + (steps * (half - exact) as f32) as u32).min(half - 1)
}

#[cfg(test)]
mod tests {
    use super::bucket;

    #[test]
    fn near_distances_have_buckets_of_their_own_and_far_ones_share() {
        assert_eq!([0, 1, 7, 8, 127, 128, 5000].map(bucket), [0, 1, 7, 8, 15, 15, 15]);
        assert_eq!([-1, -7, -8, -5000].map(bucket), [17, 23, 24, 31]);
    }
}
