//! Backward passes by differentiating the default bodies: the oracle of kernels.
//!
//! A backward pass must not call them: burn locks a graph while it is differentiated, and passes of two threads that
//! differentiate other graphs meanwhile would wait for each other. Operations without kernels are recorded in plain burn.

use burn::backend::Autodiff;
use burn::tensor::Tensor;
use burn::tensor::backend::AutodiffBackend;

use crate::{Activation, Attention, EngineBackend};

/// Gradients of operands, given the sum of the results times their gradients.
struct Differentiated<B: EngineBackend>(<Autodiff<B> as AutodiffBackend>::Gradients);

impl<B: EngineBackend> Differentiated<B> {
    fn of<const D: usize>(result: Tensor<Autodiff<B>, D>, gradient: Tensor<B, D>) -> Self {
        Self((result * Tensor::from_inner(gradient)).sum().backward())
    }

    fn gradient<const D: usize>(&self, leaf: &Tensor<Autodiff<B>, D>) -> Tensor<B, D> {
        leaf.grad(&self.0).unwrap_or_else(|| leaf.clone().inner().zeros_like())
    }
}

fn leaf<B: EngineBackend, const D: usize>(x: Tensor<B, D>) -> Tensor<Autodiff<B>, D> {
    Tensor::from_inner(x).require_grad()
}

pub(crate) fn layer_norm<B: EngineBackend>(
    x: Tensor<B, 2>,
    weight: Tensor<B, 1>,
    gradient: Tensor<B, 2>,
    eps: f64,
) -> (Tensor<B, 2>, Tensor<B, 1>) {
    let (x, weight) = (leaf(x), leaf(weight));
    let result = crate::layer_norm::reference(x.clone(), weight.clone(), None, eps);
    let found = Differentiated::of(result, gradient);
    (found.gradient(&x), found.gradient(&weight))
}

pub(crate) fn rms_norm<B: EngineBackend>(
    x: Tensor<B, 2>,
    weight: Tensor<B, 1>,
    gradient: Tensor<B, 2>,
    eps: f64,
) -> (Tensor<B, 2>, Tensor<B, 1>) {
    let (x, weight) = (leaf(x), leaf(weight));
    let result = crate::rms_norm::reference(x.clone(), weight.clone(), eps);
    let found = Differentiated::of(result, gradient);
    (found.gradient(&x), found.gradient(&weight))
}

pub(crate) fn activate<B: EngineBackend>(
    x: Tensor<B, 2>,
    gradient: Tensor<B, 2>,
    activation: Activation,
) -> Tensor<B, 2> {
    let x = leaf(x);
    Differentiated::of(activation.forward(x.clone()), gradient).gradient(&x)
}

pub(crate) fn gate<B: EngineBackend>(x: Tensor<B, 2>, gradient: Tensor<B, 2>, activation: Activation) -> Tensor<B, 2> {
    let x = leaf(x);
    Differentiated::of(crate::gate::reference(x.clone(), activation), gradient).gradient(&x)
}

pub(crate) fn attention<B: EngineBackend>(
    qkv: [Tensor<B, 2>; 3],
    gradient: Tensor<B, 2>,
    attention: &Attention<'_, B>,
) -> [Tensor<B, 2>; 3] {
    let qkv = qkv.map(leaf);
    let Attention { segments, heads, scores, dropout, .. } = *attention;
    let scores = crate::Scores { window: scores.window, ..crate::Scores::plain(scores.kind, scores.scale) };
    let own = Attention { segments, heads, scores, relative: None, dropout };
    let found = Differentiated::of(crate::attention::reference(qkv.clone(), &own), gradient);
    qkv.each_ref().map(|leaf| found.gradient(leaf))
}
