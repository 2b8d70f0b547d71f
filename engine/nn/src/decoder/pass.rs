use burn::tensor::Tensor;
use burn::tensor::backend::Backend;
use trustformers_ops::{AttentionKind, CachedSegment, KvCache, Rotation};

/// What every layer reads of the batch.
#[derive(Debug)]
pub(crate) struct DecoderPass<'a, B: Backend> {
    pub(crate) segments: &'a [CachedSegment],
    pub(crate) kind: AttentionKind,
    pub(crate) rotations: Vec<Rotation<B>>,
}

/// Keys and values of past tokens in one layer.
#[derive(Debug)]
pub(crate) struct LayerCache<'a, B: Backend> {
    pub(crate) store: &'a mut KvCache<B>,
    /// Attention weights of each layer and sequence; `None` if they are not requested.
    pub(crate) weights: Option<Vec<Vec<Tensor<B, 3>>>>,
}
