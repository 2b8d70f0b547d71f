use burn::module::Module;
use burn::tensor::backend::Backend;
use burn::tensor::{Tensor, TensorData};
use trustformers_ops::{CachedSegment, Distances, EngineBackend, RelativeTerms};

use crate::encoder::bucketed_bias::BucketedBias;
use crate::encoder::relative_vectors::{RelativeVectors, RelativeVectorsConfig};
use crate::encoder::sinusoids::Sinusoids;
use crate::encoder::token_convolution::TokenConvolution;
use crate::stack::pass::PositionData;
use crate::{LayerMut, RopeConfig, RopeLength, RowPositions, TokenConvolutionConfig};

/// Position encoding that the layers of an encoder read.
#[derive(Clone, Debug)]
pub enum PositionsConfig {
    /// None: positions are part of the embeddings.
    Absolute,
    /// Rotary position embeddings, which layers select by index.
    Rotary(Vec<RopeConfig>),
    /// A stored table of rotary sines and cosines, which layers select as rotary embedding 0.
    Sinusoids {
        /// Number of positions in the table.
        num_positions: usize,
        /// Width of a head.
        head_dim: usize,
    },
    /// A learned bias of the scores for each bucket of distances.
    BucketedBias {
        /// Number of table rows.
        num_buckets: usize,
        /// Number of attention heads.
        num_heads: usize,
    },
    /// Learned embeddings of relative positions, and a convolution of the first layer's input, if there is one.
    RelativeVectors(RelativeVectorsConfig, Option<TokenConvolutionConfig>),
}

/// A position encoding with its parameters.
#[allow(clippy::large_enum_variant, reason = "a model has one")]
#[derive(Module, Debug)]
pub(crate) enum Positions<B: Backend> {
    Absolute(NoParameters),
    Rotary(RotaryPositions),
    Sinusoids(Sinusoids<B>),
    BucketedBias(BucketedBias<B>),
    RelativeVectors(RelativeVectors<B>),
}

/// A position encoding that has none.
#[derive(Module, Clone, Debug, Default)]
pub(crate) struct NoParameters;

/// Configurations of rotary position embeddings.
#[derive(Module, Clone, Debug)]
pub(crate) struct RotaryPositions {
    #[module(skip)]
    ropes: Vec<RopeConfig>,
}

impl<B: EngineBackend> Positions<B> {
    /// A position encoding with random parameters until it is loaded.
    pub(crate) fn new(config: &PositionsConfig, device: &B::Device) -> Self {
        match config {
            PositionsConfig::Absolute => Self::Absolute(NoParameters),
            PositionsConfig::Rotary(ropes) => Self::Rotary(RotaryPositions { ropes: ropes.clone() }),
            PositionsConfig::Sinusoids { num_positions, head_dim } => {
                Self::Sinusoids(Sinusoids::new(*num_positions, *head_dim, device))
            }
            PositionsConfig::BucketedBias { num_buckets, num_heads } => {
                Self::BucketedBias(BucketedBias::new(*num_buckets, *num_heads, device))
            }
            PositionsConfig::RelativeVectors(vectors, convolution) => {
                Self::RelativeVectors(RelativeVectors::new(vectors, convolution.as_ref(), device))
            }
        }
    }

    /// Position data of a batch for all layers; `windows` are the sliding-window sizes that occur.
    pub(crate) fn data(&self, rows: &RowPositions, windows: &[usize], device: &B::Device) -> PositionData<B> {
        let mut data = PositionData::default();
        match self {
            Self::Absolute(_) => {}
            Self::Rotary(RotaryPositions { ropes }) => {
                // Length-dependent scalings use the longest sequence's length for the whole batch.
                let whole = CachedSegment::fresh([rows.position_ids.len()]);
                let length = rows.position_ids.iter().max().map_or(0, |most| *most as usize + 1);
                let length = [RopeLength::Whole(length)];
                data.rotations =
                    ropes.iter().map(|rope| rope.rotation(&whole, &rows.position_ids, &length, device)).collect();
            }
            Self::Sinusoids(table) => data.rotations = vec![table.rotation(rows, device)],
            Self::BucketedBias(table) => data.bias = Some(table.bias(rows)),
            Self::RelativeVectors(table) => data.vectors = table.vectors(rows),
        }
        data.windows = windows.iter().map(|window| (*window, hide_beyond(*window, rows, device))).collect();
        data
    }

    /// Visits the embedding tables with learned values.
    pub(crate) fn each_layer(&mut self, visit: &mut dyn FnMut(LayerMut<'_, B>)) {
        match self {
            Self::Absolute(_) | Self::Rotary(_) | Self::Sinusoids(_) => {}
            Self::BucketedBias(table) => visit(LayerMut::Embedding(table.embedding_mut())),
            Self::RelativeVectors(table) => {
                table.embedding_mut().into_iter().for_each(|table| visit(LayerMut::Embedding(table)));
            }
        }
    }

    /// The convolution of the first layer's input, which is added to the layer's output; `None` without one.
    pub(crate) fn convolution(&self) -> Option<&TokenConvolution<B>> {
        match self {
            Self::RelativeVectors(table) => table.convolution(),
            _ => None,
        }
    }
}

/// A bias that masks pairs of rows at a distance of `window` or more; `None` if there are none.
fn hide_beyond<B: EngineBackend>(window: usize, rows: &RowPositions, device: &B::Device) -> Option<RelativeTerms<B>> {
    let is_beyond = |distance: i64| u32::from(distance.unsigned_abs() as usize >= window);
    let distances = Distances::new(rows.columns.clone(), &rows.segments, is_beyond);
    if distances.range().end == 1 {
        return None;
    }
    let bias = TensorData::new(vec![0.0, f32::NEG_INFINITY], [2, 1]);
    Some(RelativeTerms { distances, bias: Some(Tensor::from_data(bias, device)), keys: None, queries: None })
}
