//! On `Autodiff<B>` the default bodies are the gradients: a BERT layer's equal those of burn's own modules.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use burn::backend::{Autodiff, Flex};
use burn::module::{Module, ModuleMapper, ModuleVisitor, Param};
use burn::nn;
use burn::tensor::backend::AutodiffBackend;
use burn::tensor::{Bool, Distribution, Tensor, Tolerance, activation};
use trustformers_nn::{
    AttentionConfig, Encoder, EncoderBatch, EncoderConfig, EncoderEmbeddingsConfig, EncoderIds, FeedForwardConfig,
    Intermediates, LayerConfig, LayerOrder, NormConfig, Placement, PositionsConfig, RowPositions, TokenInput,
};
use trustformers_ops::{Activation, Segment, Segments, int_vector};

type B = Autodiff<Flex>;

const HIDDEN: usize = 40;
const HEADS: usize = 5;
const INTERMEDIATE: usize = 72;
const VOCAB: usize = 3;
const EPS: f64 = 1e-6;

/// Randomizes every parameter, biases and scales included.
struct Randomize;

impl<B: AutodiffBackend> ModuleMapper<B> for Randomize {
    fn map_float<const D: usize>(&mut self, param: Param<Tensor<B, D>>) -> Param<Tensor<B, D>> {
        param.map(|values| {
            let noise = Tensor::random(values.dims(), Distribution::Normal(0.3, 0.3), &values.device());
            noise.require_grad()
        })
    }
}

/// Collects values or gradients of the parameters in field order, vectors as one-column matrices.
struct Collect<'a> {
    gradients: Option<&'a <B as AutodiffBackend>::Gradients>,
    found: Vec<Tensor<Flex, 2>>,
}

impl ModuleVisitor<B> for Collect<'_> {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<B, D>>) {
        // The batch has embeddings of its own, so that the table takes no part.
        if param.val().dims()[0] == VOCAB {
            return;
        }
        let values = match self.gradients {
            Some(gradients) => param.val().grad(gradients).expect("every parameter takes part"),
            None => param.val().inner(),
        };
        let rows = values.dims()[0];
        let cols = values.shape().num_elements() / rows;
        self.found.push(values.reshape([rows, cols]));
    }
}

fn collect(layer: &Encoder<B>, gradients: Option<&<B as AutodiffBackend>::Gradients>) -> Vec<Tensor<Flex, 2>> {
    let mut collect = Collect { gradients, found: Vec::new() };
    layer.visit(&mut collect);
    collect.found
}

/// The layer built from burn's own modules, which store a linear weight as `[in, out]`.
struct Reference {
    linears: [nn::Linear<B>; 6],
    norms: [nn::LayerNorm<B>; 2],
}

impl Reference {
    fn new(values: &[Tensor<Flex, 2>]) -> Self {
        let device = Default::default();
        let vector = |at: usize| {
            let len = values[at].dims()[0];
            Param::from_tensor(Tensor::<B, 1>::from_inner(values[at].clone().reshape([len])).require_grad())
        };
        let linear = |at: usize| {
            let weight = Tensor::<B, 2>::from_inner(values[at].clone().transpose()).require_grad();
            nn::Linear { weight: Param::from_tensor(weight), bias: Some(vector(at + 1)) }
        };
        let norm = |at: usize| {
            let mut norm = nn::LayerNormConfig::new(HIDDEN).with_epsilon(EPS).init(&device);
            norm.gamma = vector(at);
            norm.beta = Some(vector(at + 1));
            norm
        };
        Self { linears: [0, 2, 4, 6, 8, 10].map(linear), norms: [12, 14].map(norm) }
    }

    fn forward(&self, x: Tensor<B, 3>, hidden_keys: Tensor<B, 4, Bool>) -> Tensor<B, 3> {
        let [batch, seq, _] = x.dims();
        let head_dim = HIDDEN / HEADS;
        let heads =
            |linear: &nn::Linear<B>| linear.forward(x.clone()).reshape([batch, seq, HEADS, head_dim]).swap_dims(1, 2);
        let [query, key, value, attended, inner, outer] = &self.linears;
        let scores = heads(query).matmul(heads(key).swap_dims(2, 3)) / (head_dim as f64).sqrt();
        let masked = scores.mask_fill(hidden_keys.expand([batch, HEADS, seq, seq]), f32::NEG_INFINITY);
        let context = activation::softmax(masked, 3).matmul(heads(value));
        let context = context.swap_dims(1, 2).reshape([batch, seq, HIDDEN]);
        let x = self.norms[0].forward(attended.forward(context) + x.clone());
        let wide = activation::gelu(inner.forward(x.clone()));
        self.norms[1].forward(outer.forward(wide) + x)
    }

    /// Gradients in the order and layout of [`collect`].
    fn gradients(&self, gradients: &<B as AutodiffBackend>::Gradients) -> Vec<Tensor<Flex, 2>> {
        let column = |vector: &Param<Tensor<B, 1>>| {
            let gradient = vector.val().grad(gradients).expect("every parameter takes part");
            let len = gradient.dims()[0];
            gradient.reshape([len, 1])
        };
        let linear = |linear: &nn::Linear<B>| {
            let weight = linear.weight.val().grad(gradients).expect("every parameter takes part").transpose();
            vec![weight, column(linear.bias.as_ref().unwrap())]
        };
        let norm = |norm: &nn::LayerNorm<B>| vec![column(&norm.gamma), column(norm.beta.as_ref().unwrap())];
        let [query, key, value, attended, inner, outer] = &self.linears;
        [
            linear(query),
            linear(key),
            linear(value),
            linear(attended),
            linear(inner),
            linear(outer),
            norm(&self.norms[0]),
            norm(&self.norms[1]),
        ]
        .concat()
    }
}

#[test]
fn bert_layer_gradients_match_burn_modules() {
    let device = Default::default();
    let attention = AttentionConfig {
        has_qkv_bias: true,
        has_output_bias: true,
        ..AttentionConfig::plain(HEADS, HEADS, HIDDEN / HEADS)
    };
    let feed_forward = FeedForwardConfig::plain(INTERMEDIATE, Activation::GeluErf);
    let layer = LayerConfig::plain(attention, feed_forward, LayerOrder::post_norm(NormConfig::layer(EPS, true)));
    let embeddings = EncoderEmbeddingsConfig::plain(VOCAB, HIDDEN);
    let config = EncoderConfig::plain(HIDDEN, embeddings, PositionsConfig::Absolute, vec![layer.into()]);
    let layer = Encoder::<B>::new(&config, Placement::on(&device, 1)).map(&mut Randomize);
    let reference = Reference::new(&collect(&layer, None));

    let x = Tensor::<B, 3>::random([2, 7, HIDDEN], Distribution::Normal(0.0, 1.0), &device);
    let weights = Tensor::<B, 3>::random([2, 7, HIDDEN], Distribution::Normal(0.0, 1.0), &device);
    let hidden_keys = Tensor::<B, 2, Bool>::from_data(
        [[false, false, false, false, false, false, false], [false, false, false, false, true, true, true]],
        &device,
    )
    .reshape([2, 1, 1, 7]);

    let (ours, theirs) = (x.clone().require_grad(), x.require_grad());
    let segments = Segments(vec![Segment { rows: 7, keys: 7 }, Segment { rows: 7, keys: 4 }]);
    let zeros = || int_vector::<B>(vec![0; 14], &device);
    let batch = EncoderBatch {
        ids: EncoderIds {
            tokens: TokenInput::Embeddings(ours.clone().reshape([14, HIDDEN])),
            neighbors: None,
            token_type_ids: zeros(),
            position_ids: zeros(),
            task_type_ids: zeros(),
        },
        rows: RowPositions { segments, columns: (0..7).chain(0..7).collect(), position_ids: vec![0; 14] },
        first: int_vector::<B>(vec![0, 7], &device),
    };
    let found = layer.forward(&batch, Intermediates::default()).last_hidden_state.reshape([2, 7, HIDDEN]);
    let expected = reference.forward(theirs.clone(), hidden_keys);
    let tolerance = Tolerance::<f32>::rel_abs(1e-4, 1e-4);
    found.clone().into_data().assert_approx_eq::<f32>(&expected.clone().into_data(), tolerance);

    let found = (found * weights.clone()).sum().backward();
    let expected = (expected * weights).sum().backward();
    let of_input = |x: &Tensor<B, 3>, gradients| x.grad(gradients).unwrap().into_data();
    of_input(&ours, &found).assert_approx_eq::<f32>(&of_input(&theirs, &expected), tolerance);
    let (found, expected) = (collect(&layer, Some(&found)), reference.gradients(&expected));
    assert_eq!(found.len(), 16);
    assert_eq!(expected.len(), 16);
    for (index, (found, expected)) in found.into_iter().zip(expected).enumerate() {
        assert_eq!(found.dims(), expected.dims(), "parameter {index}");
        let largest = expected.clone().abs().max().into_scalar();
        assert!(index == 3 || largest > 1e-3, "parameter {index} has no gradient to compare: {largest:e}");
        found.into_data().assert_approx_eq::<f32>(&expected.into_data(), tolerance);
    }
}
