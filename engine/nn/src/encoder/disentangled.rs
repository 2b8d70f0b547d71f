use burn::module::Module;
use burn::tensor::backend::Backend;
use burn::tensor::{Int, Tensor};
use trustformers_ops::{Distances, EngineBackend, RelativeTerms};

use crate::{
    AttentionBlock, AttentionConfig, Embedding, LayerNorm, Linear, Pass, Positions, Preparation, RowPositions,
    SelfAttention, TokenConvolution,
};

/// Which products with relative positions the scores hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PositionTerms {
    /// Content to position: queries with the vectors of distances as keys.
    pub c2p: bool,
    /// Position to content: keys with the vectors of distances as queries.
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
    /// Whether there are vectors at all.
    pub has_vectors: bool,
    /// Distances to either side that have a vector, after they were put into buckets.
    pub span: usize,
    /// Distances to either side up to which, at half of it, each has a bucket of its own; zero for no buckets.
    pub position_buckets: usize,
    /// The distance from which all share the last bucket.
    pub max_distance: usize,
    /// Width of the vectors.
    pub hidden_size: usize,
    /// Added to the variance in the normalization, if the vectors are normalized.
    pub layer_norm_eps: Option<f64>,
}

/// Learned vectors of distances, arXiv 2006.03654 section 3.1, with the logarithmic buckets of arXiv 2111.09543.
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

    /// With a convolution after the first layer, of what went into it.
    pub fn with_convolution(self, conv: TokenConvolution<B>) -> Self {
        Self { conv: Some(conv), ..self }
    }

    /// The row of the table for a distance.
    fn row(&self, distance: i64) -> u32 {
        let span = self.span as i64;
        (log_bucket(distance, self.position_buckets, self.max_distance) + span).clamp(0, 2 * span - 1) as u32
    }
}

/// Distances up to half of the buckets stay; farther ones are put into logarithmic steps up to `max_distance`.
fn log_bucket(distance: i64, buckets: usize, max_distance: usize) -> i64 {
    let middle = (buckets / 2) as i64;
    if buckets == 0 || distance.abs() < middle || middle == 0 {
        return distance;
    }
    // In f32, as the reference computes it: where steps meet, the rounding decides.
    let ratio = (distance.abs() as f32 / middle as f32).ln() / ((max_distance as f32 - 1.0) / middle as f32).ln();
    let bucket = (ratio * (middle - 1) as f32).ceil() + middle as f32;
    if distance.abs() == middle { distance } else { bucket as i64 * distance.signum() }
}

/// The vectors of the distances that a batch has.
#[derive(Debug)]
pub struct SharedVectors<B: Backend> {
    /// With the vectors. **Shapes:** `[buckets, hidden]`.
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

/// Attention with products of contents and of relative positions, arXiv 2006.03654 section 3.1.
#[derive(Module, Debug)]
pub struct DisentangledAttention<B: Backend> {
    content: SelfAttention<B>,
    pos_key_proj: Option<Linear<B>>,
    pos_query_proj: Option<Linear<B>>,
    #[module(skip)]
    terms: PositionTerms,
}

impl<B: EngineBackend> DisentangledAttention<B> {
    /// A block with random weights until it is loaded; with `shares_projections` positions go through the projections
    /// of the contents.
    pub fn new(config: &AttentionConfig, terms: PositionTerms, shares_projections: bool, device: &B::Device) -> Self {
        let hidden = config.hidden_size;
        let own = |wanted: bool| (wanted && !shares_projections).then(|| Linear::new(hidden, hidden, device));
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
    fn near_distances_stay_and_far_ones_are_put_into_steps() {
        // What `make_log_bucket_position` of transformers 5.23.0 gives for 256 buckets and 512 positions.
        for (distance, bucket) in [(0, 0), (127, 127), (128, 128), (129, 129), (200, 169), (511, 255), (-200, -169)] {
            assert_eq!(log_bucket(distance, 256, 512), bucket, "{distance}");
        }
    }
}
