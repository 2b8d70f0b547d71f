use burn::module::Module;
use burn::tensor::Tensor;
use burn::tensor::backend::Backend;
use trustformers_ops::{Distances, EngineBackend};

use crate::encoder::token_convolution::{TokenConvolution, TokenConvolutionConfig};
use crate::{Embedding, LayerNorm, RowPositions};

/// Sizes of the relative-position embeddings of disentangled attention.
#[derive(Clone, Copy, Debug)]
pub struct RelativeVectorsConfig {
    /// Whether there are relative-position embeddings at all.
    pub has_vectors: bool,
    /// Number of bucketed distances to either side that have an embedding.
    pub span: usize,
    /// Bucket count of the log buckets; distances below half of it have a bucket each, zero disables bucketing.
    pub position_buckets: usize,
    /// Distance from which all distances share the last bucket.
    pub max_distance: usize,
    /// Width of the relative-position embeddings.
    pub hidden_size: usize,
    /// Epsilon of the layer norm of the relative-position embeddings; `None` if they are not normalized.
    pub layer_norm_eps: Option<f64>,
}

/// Learned relative-position embeddings, arXiv 2006.03654 section 3.1, with the log buckets of arXiv 2111.09543.
#[derive(Module, Debug)]
pub(crate) struct RelativeVectors<B: Backend> {
    rel_embeddings: Option<Embedding<B>>,
    layer_norm: Option<LayerNorm<B>>,
    conv: Option<TokenConvolution<B>>,
    span: usize,
    position_buckets: usize,
    max_distance: usize,
}

impl<B: EngineBackend> RelativeVectors<B> {
    /// A table with random values until it is loaded.
    pub(crate) fn new(
        config: &RelativeVectorsConfig,
        convolution: Option<&TokenConvolutionConfig>,
        device: &B::Device,
    ) -> Self {
        Self {
            rel_embeddings: config.has_vectors.then(|| Embedding::new(2 * config.span, config.hidden_size, device)),
            layer_norm: config.layer_norm_eps.map(|eps| LayerNorm::new(config.hidden_size, eps, device)),
            conv: convolution.map(|config| TokenConvolution::new(config, device)),
            span: config.span,
            position_buckets: config.position_buckets,
            max_distance: config.max_distance,
        }
    }

    /// The learned table; `None` without one.
    pub(crate) fn embedding_mut(&mut self) -> Option<&mut Embedding<B>> {
        self.rel_embeddings.as_mut()
    }

    /// Distances that occur in a batch and their embeddings. **Shapes:** embeddings `[buckets, hidden]`.
    pub(crate) fn vectors(&self, rows: &RowPositions) -> Option<(Distances, Tensor<B, 2>)> {
        let table = self.rel_embeddings.as_ref()?;
        let distances = Distances::new(rows.columns.clone(), &rows.segments, |distance| self.row(distance));
        let used = distances.range();
        let vectors = table.table().narrow(0, used.start, used.len());
        let vectors = match &self.layer_norm {
            Some(norm) => norm.forward(vectors),
            None => vectors,
        };
        Some((distances.from_first(), vectors))
    }

    /// The convolution of the first layer's input; `None` without one.
    pub(crate) fn convolution(&self) -> Option<&TokenConvolution<B>> {
        self.conv.as_ref()
    }

    /// Row of the embedding table for a distance.
    fn row(&self, distance: i64) -> u32 {
        let span = self.span as i64;
        (log_bucket(distance, self.position_buckets, self.max_distance) + span).clamp(0, 2 * span - 1) as u32
    }
}

/// Log bucket of a distance: up to half of `buckets` the distance itself, beyond it logarithmic up to `max_distance`.
fn log_bucket(distance: i64, buckets: usize, max_distance: usize) -> i64 {
    let middle = (buckets / 2) as i64;
    if buckets == 0 || distance.abs() < middle || middle == 0 {
        return distance;
    }
    // In f32 like the reference: at bucket boundaries the rounding decides.
    let ratio = (distance.abs() as f32 / middle as f32).ln() / ((max_distance as f32 - 1.0) / middle as f32).ln();
    let bucket = (ratio * (middle - 1) as f32).ceil() + middle as f32;
    if distance.abs() == middle { distance } else { bucket as i64 * distance.signum() }
}

#[cfg(test)]
mod tests {
    use super::log_bucket;

    #[test]
    fn log_bucket_keeps_near_distances_and_groups_far_ones() {
        // `make_log_bucket_position` of transformers 5.23.0 for 256 buckets and 512 positions.
        for (distance, bucket) in [(0, 0), (127, 127), (128, 128), (129, 129), (200, 169), (511, 255), (-200, -169)] {
            assert_eq!(log_bucket(distance, 256, 512), bucket, "{distance}");
        }
    }
}
