use burn::tensor::Tensor;
use burn::tensor::backend::Backend;
use trustformers_ops::{AttentionKind, CachedSegment, KvCache, Rotation};

/// Batch data that all layers of a forward pass share.
#[derive(Debug)]
pub(crate) struct DecoderPass<'a, B: Backend> {
    pub(crate) segments: &'a [CachedSegment],
    pub(crate) kind: AttentionKind,
    pub(crate) rotations: Vec<Rotation<B>>,
}

/// Key/value cache and recorded attention weights of one layer.
#[derive(Debug)]
pub(crate) struct LayerCache<'a, B: Backend> {
    pub(crate) store: &'a mut KvCache<B>,
    /// Attention weights of each sequence; `None` unless they are requested.
    pub(crate) weights: Option<Vec<Vec<Tensor<B, 3>>>>,
}
