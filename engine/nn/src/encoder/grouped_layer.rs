use burn::module::Module;
use burn::tensor::Tensor;
use burn::tensor::backend::Backend;
use trustformers_ops::{Activation, Attention, EngineBackend, Epilogue, Heads, Mask, Scores, Segments, next_mask};

use crate::layers::grouped_linear::GroupedLinear;
use crate::stack::pass::Pass;
use crate::{LayerMut, LayerNorm};

/// Attention with grouped projections, which returns the scores before the softmax as attention weights.
#[derive(Module, Debug)]
pub(crate) struct GroupedAttention<B: Backend> {
    query: GroupedLinear<B>,
    key: GroupedLinear<B>,
    value: GroupedLinear<B>,
    num_heads: usize,
}

impl<B: EngineBackend> GroupedAttention<B> {
    /// A block with random weights until it is loaded; `groups` are the numbers of groups of the query, key and value
    /// projections.
    pub(crate) fn new(hidden_size: usize, num_heads: usize, groups: [usize; 3], device: &B::Device) -> Self {
        let [query, key, value] = groups.map(|groups| GroupedLinear::new(hidden_size, hidden_size, groups, device));
        Self { query, key, value, num_heads }
    }

    fn forward(&self, x: Tensor<B, 2>, pass: &Pass<B>, segments: &Segments) -> Tensor<B, 2> {
        let head_dim = x.dims()[1] / self.num_heads;
        let heads = Heads { num_heads: self.num_heads, num_kv_heads: self.num_heads, head_dim };
        let qkv = [&self.query, &self.key, &self.value].map(|linear| linear.forward(x.clone(), Epilogue::default()));
        let dropout = next_mask(|rates| rates.attention_weights);
        let scores = Scores::plain(pass.kind, (head_dim as f64).powf(-0.5));
        let attention = Attention { segments, heads, scores, relative: None, dropout: dropout.as_ref() };
        pass.attend_keeping_scores(qkv, &attention)
    }

    fn each_layer(&mut self, visit: &mut dyn FnMut(LayerMut<'_, B>)) {
        let all = [&mut self.query, &mut self.key, &mut self.value];
        all.into_iter().for_each(|linear| visit(LayerMut::Grouped(linear)));
    }
}

/// Sizes of a [`GroupedLayer`].
#[derive(Clone, Copy, Debug)]
pub struct GroupedLayerConfig {
    /// Width of the hidden states.
    pub hidden_size: usize,
    /// Width between the two feed-forward projections.
    pub intermediate_size: usize,
    /// Activation between the two feed-forward projections.
    pub hidden_act: Activation,
    /// Number of attention heads.
    pub num_attention_heads: usize,
    /// Groups of the query, key and value projections.
    pub qkv_groups: [usize; 3],
    /// Groups of the attention's output projection.
    pub post_attention_groups: usize,
    /// Groups of the first feed-forward projection.
    pub intermediate_groups: usize,
    /// Groups of the second feed-forward projection.
    pub output_groups: usize,
    /// Epsilon of the layer norms.
    pub layer_norm_eps: f64,
}

/// A post-norm layer of grouped linear layers, arXiv 2006.11316 section 3.
#[derive(Module, Debug)]
pub(crate) struct GroupedLayer<B: Backend> {
    attention: GroupedAttention<B>,
    post_attention: GroupedResidualNorm<B>,
    intermediate: GroupedLinear<B>,
    output: GroupedResidualNorm<B>,
    #[module(skip)]
    hidden_act: Activation,
}

#[derive(Module, Debug)]
struct GroupedResidualNorm<B: Backend> {
    dense: GroupedLinear<B>,
    layer_norm: LayerNorm<B>,
}

impl<B: EngineBackend> GroupedResidualNorm<B> {
    fn forward(&self, x: Tensor<B, 2>, residual: Tensor<B, 2>, mask: Option<Mask>) -> Tensor<B, 2> {
        let sum = match mask {
            None => self.dense.forward(x, Epilogue { activation: None, residual: Some(residual) }),
            Some(mask) => B::drop(self.dense.forward(x, Epilogue::default()), &mask) + residual,
        };
        self.layer_norm.forward(sum)
    }
}

impl<B: EngineBackend> GroupedLayer<B> {
    /// A layer with random weights until it is loaded.
    pub(crate) fn new(config: &GroupedLayerConfig, device: &B::Device) -> Self {
        let (hidden, inner) = (config.hidden_size, config.intermediate_size);
        let residual_norm = |from: usize, groups: usize| GroupedResidualNorm {
            dense: GroupedLinear::new(from, hidden, groups, device),
            layer_norm: LayerNorm::new(hidden, config.layer_norm_eps, device),
        };
        Self {
            attention: GroupedAttention::new(hidden, config.num_attention_heads, config.qkv_groups, device),
            post_attention: residual_norm(hidden, config.post_attention_groups),
            intermediate: GroupedLinear::new(hidden, inner, config.intermediate_groups, device),
            output: residual_norm(inner, config.output_groups),
            hidden_act: config.hidden_act,
        }
    }

    /// Runs the layer. **Shapes:** `x: [rows, hidden]`; returns the same.
    pub(crate) fn forward(&self, x: Tensor<B, 2>, pass: &Pass<B>, segments: &Segments) -> Tensor<B, 2> {
        let context = self.attention.forward(x.clone(), pass, segments);
        let attended = self.post_attention.forward(context, x, next_mask(|rates| rates.attention_output));
        let epilogue = Epilogue { activation: Some(self.hidden_act), residual: None };
        let mask = next_mask(|rates| rates.feed_forward_output);
        self.output.forward(self.intermediate.forward(attended.clone(), epilogue), attended, mask)
    }

    pub(crate) fn each_layer(&mut self, visit: &mut dyn FnMut(LayerMut<'_, B>)) {
        self.attention.each_layer(visit);
        let others = [&mut self.post_attention.dense, &mut self.intermediate, &mut self.output.dense];
        others.into_iter().for_each(|linear| visit(LayerMut::Grouped(linear)));
    }
}
