//! `Autodiff` over an engine backend: one node of burn's graph per fused operation, whose forward and backward passes are
//! operations of the inner backend.

mod attention;
mod linear;
mod lookup;
mod node;
mod seed;
#[cfg(test)]
mod tests;
mod unary;

use burn::backend::autodiff::Autodiff;
use burn::backend::autodiff::checkpoint::strategy::CheckpointStrategy;
use burn::tensor::Tensor;

pub use seed::{is_tracked, move_gradient, seed, seed_with};

use crate::dropout::Mask;
use crate::{Activation, Attention, EngineBackend, Epilogue, LinearPart, Lookup, Rotation};

impl<B: EngineBackend, C: CheckpointStrategy> EngineBackend for Autodiff<B, C> {
    fn linear(x: Tensor<Self, 2>, parts: &[LinearPart<Self>], epilogue: Epilogue<Self>) -> Tensor<Self, 2> {
        epilogue.apply(crate::linear::joined(Self::linears(x, parts)))
    }

    fn linears(x: Tensor<Self, 2>, parts: &[LinearPart<Self>]) -> Vec<Tensor<Self, 2>> {
        parts.iter().map(|part| linear::linear(x.clone(), part)).collect()
    }

    fn activate(x: Tensor<Self, 2>, activation: Activation) -> Tensor<Self, 2> {
        match B::has_activation_backward(activation) {
            true => unary::activate(x, activation),
            false => activation.forward(x),
        }
    }

    fn attention(qkv: [Tensor<Self, 2>; 3], attention: &Attention<'_, Self>) -> Tensor<Self, 2> {
        // Terms of the scores may be trained, and have no kernel.
        match B::HAS_BACKWARD && attention.is_plain() {
            true => attention::attention(qkv, attention),
            false => crate::attention::reference(qkv, attention),
        }
    }

    fn rms_norm(x: Tensor<Self, 2>, weight: Tensor<Self, 1>, eps: f64) -> Tensor<Self, 2> {
        match B::HAS_BACKWARD {
            true => unary::rms_norm(x, weight, eps),
            false => crate::rms_norm::reference(x, weight, eps),
        }
    }

    fn rotate(x: Tensor<Self, 2>, head_dim: usize, rotation: &Rotation<Self>) -> Tensor<Self, 2> {
        unary::rotate(x, head_dim, rotation)
    }

    fn gate(x: Tensor<Self, 2>, activation: Activation) -> Tensor<Self, 2> {
        match B::has_activation_backward(activation) {
            true => unary::gate(x, activation),
            false => crate::gate::reference(x, activation),
        }
    }

    fn layer_norm(
        x: Tensor<Self, 2>,
        weight: Tensor<Self, 1>,
        bias: Option<Tensor<Self, 1>>,
        eps: f64,
    ) -> Tensor<Self, 2> {
        match B::HAS_BACKWARD {
            true => unary::layer_norm(x, weight, bias, eps),
            false => crate::layer_norm::reference(x, weight, bias, eps),
        }
    }

    fn embedding(lookup: Lookup<Self>) -> Tensor<Self, 2> {
        lookup::embedding(lookup)
    }

    fn embedding_norm(
        lookups: &[Lookup<Self>],
        weight: Tensor<Self, 1>,
        bias: Option<Tensor<Self, 1>>,
        eps: f64,
    ) -> Tensor<Self, 2> {
        Self::layer_norm(crate::embedding::sum(lookups), weight, bias, eps)
    }

    fn drop(x: Tensor<Self, 2>, mask: &Mask) -> Tensor<Self, 2> {
        unary::drop(x, mask)
    }
}
