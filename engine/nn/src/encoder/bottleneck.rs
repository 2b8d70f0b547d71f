use burn::module::Module;
use burn::tensor::Tensor;
use burn::tensor::backend::Backend;
use trustformers_ops::{self as ops, Activation, DropoutRates, EngineBackend, Epilogue, Heads, Mask, Scores, Segments};

use crate::stack::pass::Pass;
use crate::{LayerMut, Linear, Norm, NormConfig};

/// Input of the query and key projections of a [`BottleneckLayer`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BottleneckQueries {
    /// The input bottleneck, which is also the residual; values read it too instead of the layer's input.
    Residual,
    /// A separate query/key bottleneck.
    Own,
    /// The layer's input.
    Input,
}

/// Configuration of a [`BottleneckLayer`].
#[derive(Clone, Copy, Debug)]
pub struct BottleneckConfig {
    /// Width of the layer's input and output.
    pub hidden_size: usize,
    /// Width inside the layer and the input of queries and keys; `None` if there are no bottlenecks.
    pub bottleneck: Option<(usize, BottleneckQueries)>,
    /// Whether the checkpoint stores a query/key bottleneck, whether or not it is read.
    pub has_query_bottleneck: bool,
    /// Number of attention heads, which divide the width inside the layer equally.
    pub num_attention_heads: usize,
    /// Width between the two projections of a feed-forward block.
    pub intermediate_size: usize,
    /// Number of feed-forward blocks, applied one after another.
    pub num_feed_forwards: usize,
    /// Activation between the two projections of a feed-forward block.
    pub hidden_act: Activation,
    /// Normalization after each residual addition except the last feed-forward block's.
    pub norm: NormConfig,
    /// Normalization after the last feed-forward block's residual addition.
    pub last_norm: NormConfig,
}

/// Post-norm attention and feed-forward blocks in a narrow space between two linear layers, arXiv 2004.02984 sections
/// 3.1 and 3.2.
#[derive(Module, Debug)]
pub(crate) struct BottleneckLayer<B: Backend> {
    attention: Attention<B>,
    ffn: Vec<FeedForwardNorm<B>>,
    intermediate: Intermediate<B>,
    output: Output<B>,
    bottleneck: Option<Bottlenecks<B>>,
    #[module(skip)]
    queries: BottleneckQueries,
}

#[derive(Module, Debug)]
struct Attention<B: Backend> {
    self_: Projections<B>,
    output: ResidualNorm<B>,
}

/// Query, key and value projections of separate inputs, and attention without the output projection.
#[derive(Module, Debug)]
struct Projections<B: Backend> {
    query: Linear<B>,
    key: Linear<B>,
    value: Linear<B>,
    num_heads: usize,
}

impl<B: EngineBackend> Projections<B> {
    /// Projections from inputs of the given widths to `width`.
    fn new(inputs: [usize; 3], width: usize, num_heads: usize, device: &B::Device) -> Self {
        let [query, key, value] = inputs.map(|input| Linear::new(input, width, device));
        Self { query, key, value, num_heads }
    }

    fn forward(&self, [q, k, v]: [Tensor<B, 2>; 3], pass: &Pass<B>, segments: &Segments) -> Tensor<B, 2> {
        let qkv = [self.query.forward(q), self.key.forward(k), self.value.forward(v)];
        let head_dim = qkv[0].dims()[1] / self.num_heads;
        let heads = Heads { num_heads: self.num_heads, num_kv_heads: self.num_heads, head_dim };
        let scores = Scores::plain(pass.kind, (head_dim as f64).powf(-0.5));
        let dropout = ops::next_mask(|rates| rates.attention_weights);
        pass.attend(qkv, &ops::Attention { segments, heads, scores, relative: None, dropout: dropout.as_ref() })
    }

    fn each_layer(&mut self, visit: &mut dyn FnMut(LayerMut<'_, B>)) {
        let all = [&mut self.query, &mut self.key, &mut self.value];
        all.into_iter().for_each(|linear| visit(LayerMut::Linear(linear)));
    }
}

#[derive(Module, Debug)]
struct FeedForwardNorm<B: Backend> {
    intermediate: Intermediate<B>,
    output: ResidualNorm<B>,
}

#[derive(Module, Debug)]
struct Output<B: Backend> {
    dense: Linear<B>,
    layer_norm: Norm<B>,
    bottleneck: Option<ResidualNorm<B>>,
}

#[derive(Module, Debug)]
struct Bottlenecks<B: Backend> {
    input: LinearNorm<B>,
    attention: Option<LinearNorm<B>>,
}

#[derive(Module, Debug)]
struct LinearNorm<B: Backend> {
    dense: Linear<B>,
    layer_norm: Norm<B>,
}

impl<B: EngineBackend> LinearNorm<B> {
    fn forward(&self, x: Tensor<B, 2>) -> Tensor<B, 2> {
        self.layer_norm.forward(self.dense.forward(x))
    }
}

#[derive(Module, Debug)]
struct Intermediate<B: Backend> {
    dense: Linear<B>,
    #[module(skip)]
    hidden_act: Activation,
}

impl<B: EngineBackend> Intermediate<B> {
    fn new(from: usize, to: usize, hidden_act: Activation, device: &B::Device) -> Self {
        Self { dense: Linear::new(from, to, device), hidden_act }
    }

    fn forward(&self, x: Tensor<B, 2>) -> Tensor<B, 2> {
        self.dense.forward_with(x, Epilogue { activation: Some(self.hidden_act), residual: None })
    }
}

#[derive(Module, Debug)]
struct ResidualNorm<B: Backend> {
    dense: Linear<B>,
    layer_norm: Norm<B>,
}

impl<B: EngineBackend> ResidualNorm<B> {
    fn new(in_features: usize, hidden_size: usize, norm: NormConfig, device: &B::Device) -> Self {
        Self { dense: Linear::new(in_features, hidden_size, device), layer_norm: norm.build(hidden_size, device) }
    }

    fn forward(&self, x: Tensor<B, 2>, residual: Tensor<B, 2>, mask: Option<Mask>) -> Tensor<B, 2> {
        self.layer_norm.forward(dropped_sum(&self.dense, x, residual, mask))
    }
}

/// The output of a linear layer, dropped by a mask, plus a residual.
fn dropped_sum<B: EngineBackend>(
    dense: &Linear<B>,
    x: Tensor<B, 2>,
    residual: Tensor<B, 2>,
    mask: Option<Mask>,
) -> Tensor<B, 2> {
    match mask {
        None => dense.forward_with(x, Epilogue { activation: None, residual: Some(residual) }),
        Some(mask) => B::drop(dense.forward(x), &mask) + residual,
    }
}

impl<B: EngineBackend> BottleneckLayer<B> {
    /// A layer with random weights until it is loaded.
    pub(crate) fn new(config: &BottleneckConfig, device: &B::Device) -> Self {
        let BottleneckConfig { hidden_size: hidden, intermediate_size, norm, hidden_act, .. } = *config;
        let (inner, queries) = config.bottleneck.unwrap_or((hidden, BottleneckQueries::Input));
        let values = if queries == BottleneckQueries::Residual { inner } else { hidden };
        let narrow = || LinearNorm { dense: Linear::new(hidden, inner, device), layer_norm: norm.build(inner, device) };
        let bottlenecks = || Bottlenecks { input: narrow(), attention: config.has_query_bottleneck.then(narrow) };
        let intermediate = || Intermediate::new(inner, intermediate_size, hidden_act, device);
        let feed_forward = |_| FeedForwardNorm {
            intermediate: intermediate(),
            output: ResidualNorm::new(intermediate_size, inner, norm, device),
        };
        Self {
            attention: Attention {
                self_: Projections::new([inner, inner, values], inner, config.num_attention_heads, device),
                output: ResidualNorm::new(inner, inner, norm, device),
            },
            ffn: (1..config.num_feed_forwards).map(feed_forward).collect(),
            intermediate: intermediate(),
            output: Output {
                dense: Linear::new(intermediate_size, inner, device),
                layer_norm: config.last_norm.build(inner, device),
                bottleneck: config.bottleneck.map(|_| ResidualNorm::new(inner, hidden, norm, device)),
            },
            bottleneck: config.bottleneck.map(|_| bottlenecks()),
            queries,
        }
    }

    /// Inputs of queries and keys and of values, and the residual.
    fn inputs(&self, x: &Tensor<B, 2>) -> [Tensor<B, 2>; 3] {
        let Some(bottlenecks) = &self.bottleneck else { return [x.clone(), x.clone(), x.clone()] };
        let residual = bottlenecks.input.forward(x.clone());
        match (self.queries, &bottlenecks.attention) {
            (BottleneckQueries::Residual, _) => [residual.clone(), residual.clone(), residual],
            (BottleneckQueries::Own, Some(own)) => [own.forward(x.clone()), x.clone(), residual],
            (BottleneckQueries::Own, None) | (BottleneckQueries::Input, _) => [x.clone(), x.clone(), residual],
        }
    }

    /// Runs the layer. **Shapes:** `x: [rows, hidden]`; returns the same.
    pub(crate) fn forward(&self, x: Tensor<B, 2>, pass: &Pass<B>, segments: &Segments) -> Tensor<B, 2> {
        let [queries, values, residual] = self.inputs(&x);
        let context = self.attention.self_.forward([queries.clone(), queries, values], pass, segments);
        // With bottlenecks only the output of the last linear layer is dropped.
        let next_inner =
            |rate: fn(&DropoutRates) -> f64| ops::next_mask(rate).filter(|_| self.output.bottleneck.is_none());
        let attended = self.attention.output.forward(context, residual, next_inner(|rates| rates.attention_output));
        let last = self.ffn.iter().fold(attended, |x, FeedForwardNorm { intermediate, output }| {
            output.forward(intermediate.forward(x.clone()), x, None)
        });
        let Output { dense, layer_norm, bottleneck } = &self.output;
        let mask = next_inner(|rates| rates.feed_forward_output);
        let inner = layer_norm.forward(dropped_sum(dense, self.intermediate.forward(last.clone()), last, mask));
        match bottleneck {
            Some(widened) => widened.forward(inner, x, ops::next_mask(|rates| rates.feed_forward_output)),
            None => inner,
        }
    }

    pub(crate) fn each_layer(&mut self, visit: &mut dyn FnMut(LayerMut<'_, B>)) {
        self.attention.self_.each_layer(visit);
        let mut visit = |linear| visit(LayerMut::Linear(linear));
        visit(&mut self.attention.output.dense);
        for FeedForwardNorm { intermediate, output } in &mut self.ffn {
            visit(&mut intermediate.dense);
            visit(&mut output.dense);
        }
        visit(&mut self.intermediate.dense);
        visit(&mut self.output.dense);
        self.output.bottleneck.iter_mut().for_each(|widened| visit(&mut widened.dense));
        if let Some(Bottlenecks { input, attention }) = &mut self.bottleneck {
            visit(&mut input.dense);
            attention.iter_mut().for_each(|own| visit(&mut own.dense));
        }
    }
}
