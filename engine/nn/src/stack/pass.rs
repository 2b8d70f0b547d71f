use std::cell::RefCell;

use burn::tensor::Tensor;
use burn::tensor::backend::Backend;
use trustformers_ops::{
    self as ops, AttentionKind, CachedSegment, DistanceBias, Distances, EngineBackend, KvCache, RelativeTerms,
    Rotation, Segments,
};

use crate::stack::placement::{PerDevice, to_device};

/// Intermediates of a forward pass to return besides the output.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Intermediates {
    /// Whether to return the outputs of the embeddings and of every layer.
    pub hidden_states: bool,
    /// Whether to return the attention weights of every layer.
    pub attentions: bool,
    /// Whether to return the routers' logits of every layer with experts.
    pub router_logits: bool,
}

/// Keys and values that a layer's queries attend to.
#[derive(Debug)]
pub(crate) enum Keys<'a, B: Backend> {
    /// Keys and values of the same rows, within each sequence.
    OfRows(&'a Segments),
    /// Cached keys and values, to which the layer first appends those of the rows.
    Cached(&'a [CachedSegment], &'a mut KvCache<B>),
}

/// Another stack's outputs, which a layer's queries attend to.
#[derive(Clone, Copy, Debug)]
pub(crate) enum LayerSource<'a, B: Backend> {
    /// Cached keys and values, a slot for each sequence of the other stack, and the rows of the queries with the slot that
    /// they attend to and its number of keys as `past`.
    Cached(&'a KvCache<B>, &'a [CachedSegment]),
    /// The outputs, of which the layer computes keys and values.
    Rows(&'a SourceRows<B>),
}

/// Outputs of another stack that the layers of a pass attend to.
#[derive(Clone, Debug)]
pub(crate) struct SourceRows<B: Backend> {
    /// **Shapes:** `[source rows, hidden]`.
    pub(crate) hidden: Tensor<B, 2>,
    /// Rows of each sequence, whose keys are the rows of its source.
    pub(crate) segments: Segments,
}

impl<B: Backend> SourceRows<B> {
    fn map(&self, of: impl FnOnce(Tensor<B, 2>) -> Tensor<B, 2>) -> Self {
        Self { hidden: of(self.hidden.clone()), segments: self.segments.clone() }
    }
}

/// Tensors that all layers of a pass share: terms of the attention scores that depend on positions, and the outputs of
/// another stack.
#[derive(Clone, Debug)]
pub(crate) struct PositionData<B: Backend> {
    /// Rotary position embeddings, which layers select by index.
    pub(crate) rotations: Vec<Rotation<B>>,
    /// Bucketed biases, which layers select by index, for [`Keys::OfRows`].
    pub(crate) biases: Vec<RelativeTerms<B>>,
    /// Bucketed biases, which layers select by index, for [`Keys::Cached`].
    pub(crate) distance_biases: Vec<DistanceBias<B>>,
    /// Bias of the scores of layers without an index, and without a window in `windows`.
    pub(crate) bias: Option<RelativeTerms<B>>,
    /// Bias that masks rows beyond a window, by window size; `None` where no pair of rows is farther apart. Distances
    /// include masked tokens between two rows, unlike the windows of [`Scores`].
    pub(crate) windows: Vec<(usize, Option<RelativeTerms<B>>)>,
    /// Distances and their embeddings, for disentangled attention. **Shapes:** embeddings `[buckets, hidden]`.
    pub(crate) vectors: Option<(Distances, Tensor<B, 2>)>,
    /// Outputs of another stack; `None` if there are none or their keys and values are cached.
    pub(crate) source: Option<SourceRows<B>>,
}

impl<B: EngineBackend> PositionData<B> {
    /// The data with other tensors in place of those that are computed from parameters.
    pub(crate) fn map_learned(&self, of: &mut dyn FnMut(Tensor<B, 2>) -> Tensor<B, 2>) -> Self {
        let mut mapped = self.clone();
        for RelativeTerms { bias, keys, queries, .. } in mapped.biases.iter_mut().chain(&mut mapped.bias) {
            for table in [bias, keys, queries] {
                *table = table.take().map(&mut *of);
            }
        }
        mapped.vectors = mapped.vectors.map(|(distances, vectors)| (distances, of(vectors)));
        mapped.source = mapped.source.map(|source| source.map(&mut *of));
        mapped
    }

    /// A copy on another device.
    fn to_device(&self, device: &B::Device) -> Self {
        let terms = |terms: &Option<RelativeTerms<B>>| terms.as_ref().map(|terms| terms.to_device(device));
        let vectors = self.vectors.as_ref();
        Self {
            rotations: self.rotations.iter().map(|rotation| rotation.to_device(device)).collect(),
            biases: self.biases.iter().map(|bias| bias.to_device(device)).collect(),
            distance_biases: self.distance_biases.iter().map(|bias| bias.to_device(device)).collect(),
            bias: terms(&self.bias),
            windows: self.windows.iter().map(|(window, bias)| (*window, terms(bias))).collect(),
            vectors: vectors.map(|(distances, vectors)| (distances.clone(), vectors.clone().to_device(device))),
            source: self.source.as_ref().map(|source| source.map(|hidden| hidden.to_device(device))),
        }
    }
}

impl<B: Backend> Default for PositionData<B> {
    fn default() -> Self {
        Self {
            rotations: Vec::new(),
            biases: Vec::new(),
            distance_biases: Vec::new(),
            bias: None,
            windows: Vec::new(),
            vectors: None,
            source: None,
        }
    }
}

/// Attention weights of one layer.
#[derive(Debug)]
enum Weights<B: Backend> {
    /// **Shapes:** `[batch, heads, longest, longest]`.
    Padded(Tensor<B, 4>),
    /// **Shapes:** `[heads, rows, past + rows]` for each sequence.
    BySequence(Vec<Tensor<B, 3>>),
}

/// Data that all layers of a forward pass share, and the intermediates that they record.
#[derive(Debug)]
pub(crate) struct Pass<B: Backend> {
    /// Causal or bidirectional attention.
    pub(crate) kind: AttentionKind,
    positions: PerDevice<B::Device, PositionData<B>>,
    hidden_states: Option<RefCell<Vec<Tensor<B, 2>>>>,
    weights: Option<RefCell<Vec<Weights<B>>>>,
    source_weights: Option<RefCell<Vec<Vec<Tensor<B, 3>>>>>,
    router_logits: Option<RefCell<Vec<Tensor<B, 2>>>>,
}

/// Intermediates that the layers of a forward pass recorded.
#[derive(Debug)]
pub(crate) struct Recorded<B: Backend> {
    /// **Shapes:** `[rows, hidden]` each.
    pub(crate) hidden_states: Vec<Tensor<B, 2>>,
    /// Attention weights by layer and sequence. **Shapes:** `[heads, rows, past + rows]` each.
    pub(crate) attentions: Vec<Vec<Tensor<B, 3>>>,
    /// Weights of cross-attention by layer and sequence. **Shapes:** `[heads, rows, keys]` each.
    pub(crate) cross_attentions: Vec<Vec<Tensor<B, 3>>>,
}

impl<B: EngineBackend> Pass<B> {
    /// A pass that records the requested intermediates of every layer; `positions` are on `device`.
    pub(crate) fn new(
        kind: AttentionKind,
        positions: PositionData<B>,
        device: &B::Device,
        requested: Intermediates,
    ) -> Self {
        Self {
            kind,
            positions: PerDevice::new(device, positions),
            hidden_states: requested.hidden_states.then(RefCell::default),
            weights: requested.attentions.then(RefCell::default),
            source_weights: requested.attentions.then(RefCell::default),
            router_logits: requested.router_logits.then(RefCell::default),
        }
    }

    /// Records a layer's input if hidden states are requested, and moves it and the position data to the layer's
    /// device.
    ///
    /// **Shapes:** `x: [rows, hidden]`; returns the same.
    pub(crate) fn enter(&mut self, x: Tensor<B, 2>, device: &B::Device) -> Tensor<B, 2> {
        self.keep(&x);
        self.positions.select(device, |positions| positions.to_device(device));
        to_device(x, device)
    }

    /// Position data on the current layer's device.
    pub(crate) fn positions(&self) -> &PositionData<B> {
        self.positions.selected()
    }

    /// Outputs of another stack, on the current layer's device, of which layers compute keys and values.
    pub(crate) fn source(&self) -> Option<LayerSource<'_, B>> {
        self.positions().source.as_ref().map(LayerSource::Rows)
    }

    /// The device that position data is on now.
    pub(crate) fn device(&self) -> &B::Device {
        self.positions.device()
    }

    /// Whether hidden states are requested.
    pub(crate) fn keeps_hidden_states(&self) -> bool {
        self.hidden_states.is_some()
    }

    /// Records several hidden states.
    pub(crate) fn keep_all(&self, states: &[Tensor<B, 2>]) {
        states.iter().for_each(|x| self.keep(x));
    }

    /// Records a hidden state if hidden states are requested. **Shapes:** `x: [rows, hidden]`.
    pub(crate) fn keep(&self, x: &Tensor<B, 2>) {
        if let Some(states) = &self.hidden_states {
            states.borrow_mut().push(x.clone());
        }
    }

    /// Records the logits of a layer's router if they are requested. **Shapes:** `logits: [rows, num_experts]`.
    pub(crate) fn keep_router_logits(&self, logits: &Tensor<B, 2>) {
        if let Some(recorded) = &self.router_logits {
            recorded.borrow_mut().push(logits.clone());
        }
    }

    /// The recorded logits of routers.
    pub(crate) fn take_router_logits(&self) -> Vec<Tensor<B, 2>> {
        self.router_logits.as_ref().map(RefCell::take).unwrap_or_default()
    }

    /// Attention within each sequence by [`ops::attention()`], recording the weights if requested.
    pub(crate) fn attend(&self, qkv: [Tensor<B, 2>; 3], attention: &ops::Attention<'_, B>) -> Tensor<B, 2> {
        match &self.weights {
            None => ops::attention(qkv, attention),
            Some(recorded) => {
                let (context, weights) = ops::attention_and_weights(qkv, attention);
                recorded.borrow_mut().push(Weights::Padded(weights));
                context
            }
        }
    }

    /// Attention within each sequence, recording the scores before the softmax in place of the attention weights.
    pub(crate) fn attend_keeping_scores(
        &self,
        qkv: [Tensor<B, 2>; 3],
        attention: &ops::Attention<'_, B>,
    ) -> Tensor<B, 2> {
        if let Some(recorded) = &self.weights {
            recorded.borrow_mut().push(Weights::Padded(ops::attention_scores(qkv.clone(), attention)));
        }
        ops::attention(qkv, attention)
    }

    /// Attention to cached keys and values by [`ops::cached_attention()`], recording the weights if requested.
    pub(crate) fn attend_cache(
        &self,
        q: Tensor<B, 2>,
        cache: &KvCache<B>,
        attention: &ops::CachedAttention<'_, B>,
    ) -> Tensor<B, 2> {
        match &self.weights {
            None => ops::cached_attention(q, cache, attention),
            Some(recorded) => {
                let (context, weights) = ops::cached_attention_and_weights(q, cache, attention);
                recorded.borrow_mut().push(Weights::BySequence(weights));
                context
            }
        }
    }

    /// Attention to cached keys and values of another stack's outputs by [`ops::cached_attention()`], recording the weights
    /// if requested.
    pub(crate) fn attend_source(
        &self,
        q: Tensor<B, 2>,
        cache: &KvCache<B>,
        attention: &ops::CachedAttention<'_, B>,
    ) -> Tensor<B, 2> {
        match &self.source_weights {
            None => ops::cached_attention(q, cache, attention),
            Some(recorded) => {
                let (context, weights) = ops::cached_attention_and_weights(q, cache, attention);
                recorded.borrow_mut().push(weights);
                context
            }
        }
    }

    /// Bias of the scores of a layer with this index and window, and the window unless the bias masks the rows beyond it.
    pub(crate) fn bias(
        &self,
        index: Option<usize>,
        window: Option<usize>,
    ) -> (Option<&RelativeTerms<B>>, Option<usize>) {
        let PositionData { bias, biases, windows, .. } = self.positions();
        if let Some(index) = index {
            return (Some(&biases[index]), window);
        }
        match windows.iter().find(|(size, _)| Some(*size) == window) {
            Some((_, bias)) => (bias.as_ref(), None),
            None => (bias.as_ref(), window),
        }
    }

    /// Recorded hidden states, and attention weights of layers with [`Keys::OfRows`].
    pub(crate) fn into_padded(self) -> (Vec<Tensor<B, 2>>, Vec<Tensor<B, 4>>) {
        let (hidden_states, weights) = self.into_recorded();
        let padded = weights.into_iter().filter_map(|weights| match weights {
            Weights::Padded(weights) => Some(weights),
            Weights::BySequence(_) => None,
        });
        (hidden_states, padded.collect())
    }

    /// Recorded intermediates, with the attention weights of every sequence.
    pub(crate) fn into_by_sequence(self, segments: &[CachedSegment]) -> Recorded<B> {
        let cross_attentions = self.source_weights.as_ref().map(RefCell::take).unwrap_or_default();
        let (hidden_states, weights) = self.into_recorded();
        let by_sequence = weights.into_iter().map(|weights| match weights {
            Weights::BySequence(weights) => weights,
            Weights::Padded(weights) => {
                let [_, heads, ..] = weights.dims();
                let sequence = |(index, segment): (usize, &CachedSegment)| {
                    let own = weights.clone().slice([index..index + 1, 0..heads, 0..segment.rows, 0..segment.rows]);
                    own.squeeze_dim(0)
                };
                segments.iter().enumerate().map(sequence).collect()
            }
        });
        Recorded { hidden_states, attentions: by_sequence.collect(), cross_attentions }
    }

    fn into_recorded(self) -> (Vec<Tensor<B, 2>>, Vec<Weights<B>>) {
        let (states, weights) = (self.hidden_states.map(RefCell::into_inner), self.weights.map(RefCell::into_inner));
        (states.unwrap_or_default(), weights.unwrap_or_default())
    }
}
