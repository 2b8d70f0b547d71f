use burn::module::Module;
use burn::tensor::backend::Backend;
use trustformers_ops::{Distances, EngineBackend, RelativeTerms};

use crate::{Buckets, Embedding, RowPositions};

/// Relative attention bias with one learned value per head and distance bucket, arXiv 1910.10683 section 2.1.
#[derive(Module, Debug)]
pub(crate) struct BucketedBias<B: Backend> {
    relative_attention_bias: Embedding<B>,
}

/// Number of distance buckets; further rows of a table are unused.
pub const NUM_BUCKETS: usize = 32;

const BUCKETS: Buckets = Buckets { num_buckets: NUM_BUCKETS, max_distance: 128, is_bidirectional: true };

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
        let distances = Distances::new(rows.columns.clone(), &rows.segments, |distance| BUCKETS.of(distance));
        RelativeTerms { distances, bias: Some(table), keys: None, queries: None }
    }
}
