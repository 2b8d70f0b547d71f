use burn::module::Module;
use burn::tensor::backend::Backend;
use burn::tensor::{Int, Tensor};
use trustformers_ops::{Distances, EngineBackend, RelativeTerms};

use crate::{
    AttentionBlock, AttentionConfig, Embedding, LayerNorm, Linear, Pass, Positions, Preparation, RowPositions,
    SelfAttention, TokenConvolution,
};

/// Which relative-position terms the attention scores include.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PositionTerms {
    /// Content to position: queries times the relative-position keys.
    pub c2p: bool,
    /// Position to content: keys times the relative-position queries.
    pub p2c: bool,
}

impl PositionTerms {
    fn count(self) -> usize {
        usize::from(self.c2p) + usize::from(self.p2c)
    }
}

/// Sizes of [`RelativeVectors`].
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
pub struct RelativeVectors<B: Backend> {
    rel_embeddings: Option<Embedding<B>>,
    layer_norm: Option<LayerNorm<B>>,
    conv: Option<TokenConvolution<B>>,
    span: usize,
    position_buckets: usize,
    max_distance: usize,
}

impl<B: EngineBackend> RelativeVectors<B> {
    /// A table with random values until it is loaded.
    pub fn new(config: &RelativeVectorsConfig, device: &B::Device) -> Self {
        Self {
            rel_embeddings: config.has_vectors.then(|| Embedding::new(2 * config.span, config.hidden_size, device)),
            layer_norm: config.layer_norm_eps.map(|eps| LayerNorm::new(config.hidden_size, eps, device)),
            conv: None,
            span: config.span,
            position_buckets: config.position_buckets,
            max_distance: config.max_distance,
        }
    }

    /// Adds a convolution of the first layer's input to the first layer's output.
    pub fn with_convolution(self, conv: TokenConvolution<B>) -> Self {
        Self { conv: Some(conv), ..self }
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

/// Relative-position embeddings of the distances that occur in a batch.
#[derive(Debug)]
pub struct SharedVectors<B: Backend> {
    /// Distances and their embeddings. **Shapes:** embeddings `[buckets, hidden]`.
    distances: Option<(Distances, Tensor<B, 2>)>,
    neighbors: Option<Tensor<B, 1, Int>>,
}

impl<B: EngineBackend> Positions<B> for RelativeVectors<B> {
    type Shared = SharedVectors<B>;

    fn shared(&self, rows: &RowPositions, device: &B::Device) -> Self::Shared {
        let distances = self.rel_embeddings.as_ref().map(|table| {
            let distances = Distances::new(rows.columns.clone(), &rows.segments, |distance| self.row(distance));
            let used = distances.range();
            let vectors = table.weight.val().narrow(0, used.start, used.len());
            let vectors = match &self.layer_norm {
                Some(norm) => norm.forward(vectors),
                None => vectors,
            };
            (distances.from_first(), vectors)
        });
        SharedVectors { distances, neighbors: self.conv.as_ref().map(|conv| conv.neighbors(rows, device)) }
    }

    fn after_first_layer(&self, x: Tensor<B, 2>, output: Tensor<B, 2>, shared: &Self::Shared) -> Tensor<B, 2> {
        match (&self.conv, &shared.neighbors) {
            (Some(conv), Some(neighbors)) => conv.forward(x, output, neighbors.clone()),
            _ => output,
        }
    }
}

/// Disentangled attention over contents and relative positions, arXiv 2006.03654 section 3.1.
#[derive(Module, Debug)]
pub struct DisentangledAttention<B: Backend> {
    content: SelfAttention<B>,
    pos_key_proj: Option<Linear<B>>,
    pos_query_proj: Option<Linear<B>>,
    #[module(skip)]
    terms: PositionTerms,
}

impl<B: EngineBackend> DisentangledAttention<B> {
    /// A block with random weights until it is loaded; with `shares_projections` the content projections also project
    /// the relative positions.
    pub fn new(config: &AttentionConfig, terms: PositionTerms, shares_projections: bool, device: &B::Device) -> Self {
        let hidden = config.hidden_size;
        let own = |is_used: bool| (is_used && !shares_projections).then(|| Linear::new(hidden, hidden, device));
        Self {
            content: SelfAttention::new(config, device),
            pos_key_proj: own(terms.c2p),
            pos_query_proj: own(terms.p2c),
            terms,
        }
    }
}

impl<B: EngineBackend> AttentionBlock<B> for DisentangledAttention<B> {
    type Shared = SharedVectors<B>;

    fn forward(&self, x: Tensor<B, 2>, pass: &Pass<'_, B, Self::Shared>) -> Tensor<B, 2> {
        let heads = self.content.heads(x.dims()[1]);
        let scale = ((heads.head_dim * (1 + self.terms.count())) as f64).powf(-0.5);
        let relative = pass.shared.distances.as_ref().map(|(distances, vectors)| {
            let keys = self.terms.c2p.then(|| match &self.pos_key_proj {
                Some(own) => own.forward(vectors.clone()),
                None => self.content.project_key(vectors.clone()),
            });
            let queries = self.terms.p2c.then(|| match &self.pos_query_proj {
                Some(own) => own.forward(vectors.clone()),
                None => self.content.project_query(vectors.clone()),
            });
            RelativeTerms { distances: distances.clone(), bias: None, keys, queries }
        });
        pass.attend(self.content.project(x), heads, scale, relative.as_ref())
    }

    fn prepare(&mut self, plan: &Preparation<'_>) {
        self.content.prepare_projections(plan);
        for own in [&mut self.pos_key_proj, &mut self.pos_query_proj].into_iter().flatten() {
            own.prepare(plan);
        }
    }
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
