//! Operations on rows.

use burn::backend::autodiff::Autodiff;
use burn::backend::autodiff::checkpoint::strategy::CheckpointStrategy;
use burn::tensor::Tensor;

use super::node::{Kept, Primitive, primitive, record, tensor};
use crate::dropout::Mask;
use crate::{Activation, EngineBackend, Rotation};

pub(super) fn activate<B: EngineBackend, C: CheckpointStrategy>(
    x: Tensor<Autodiff<B, C>, 2>,
    activation: Activation,
) -> Tensor<Autodiff<B, C>, 2> {
    let x = primitive(x);
    let result = B::activate(tensor::<B, 2>(x.primitive.clone()), activation);
    record([&x], result, || Activated { x: x.primitive.clone(), activation })
}

#[derive(Clone, Debug)]
struct Activated<P> {
    x: P,
    activation: Activation,
}

impl<B: EngineBackend> Kept<B, 1> for Activated<Primitive<B>> {
    fn gradients(self, gradient: Primitive<B>, _wanted: [bool; 1]) -> [Option<Primitive<B>>; 1] {
        let Self { x, activation } = self;
        [Some(primitive(B::activate_backward(tensor::<B, 2>(x), tensor(gradient), activation)))]
    }
}

pub(super) fn gate<B: EngineBackend, C: CheckpointStrategy>(
    x: Tensor<Autodiff<B, C>, 2>,
    activation: Activation,
) -> Tensor<Autodiff<B, C>, 2> {
    let x = primitive(x);
    let result = B::gate(tensor(x.primitive.clone()), activation);
    record([&x], result, || Gated { x: x.primitive.clone(), activation })
}

#[derive(Clone, Debug)]
struct Gated<P> {
    x: P,
    activation: Activation,
}

impl<B: EngineBackend> Kept<B, 1> for Gated<Primitive<B>> {
    fn gradients(self, gradient: Primitive<B>, _wanted: [bool; 1]) -> [Option<Primitive<B>>; 1] {
        let Self { x, activation } = self;
        [Some(primitive(B::gate_backward(tensor(x), tensor(gradient), activation)))]
    }
}

pub(super) fn rotate<B: EngineBackend, C: CheckpointStrategy>(
    x: Tensor<Autodiff<B, C>, 2>,
    head_dim: usize,
    rotation: &Rotation<Autodiff<B, C>>,
) -> Tensor<Autodiff<B, C>, 2> {
    let x = primitive(x);
    let [cos, sin] = [&rotation.cos, &rotation.sin].map(|table| tensor(primitive(table.clone()).primitive));
    let own = Rotation::<B> { cos, sin, layout: rotation.layout };
    let result = B::rotate(tensor(x.primitive.clone()), head_dim, &own);
    // The transpose of a rotation is the rotation by the opposite angles.
    record([&x], result, || Rotated { head_dim, rotation: Rotation { sin: -own.sin, ..own } })
}

#[derive(Clone, Debug)]
struct Rotated<B: EngineBackend> {
    head_dim: usize,
    rotation: Rotation<B>,
}

impl<B: EngineBackend> Kept<B, 1> for Rotated<B> {
    fn gradients(self, gradient: Primitive<B>, _wanted: [bool; 1]) -> [Option<Primitive<B>>; 1] {
        [Some(primitive(B::rotate(tensor(gradient), self.head_dim, &self.rotation)))]
    }
}

pub(super) fn drop<B: EngineBackend, C: CheckpointStrategy>(
    x: Tensor<Autodiff<B, C>, 2>,
    mask: &Mask,
) -> Tensor<Autodiff<B, C>, 2> {
    let x = primitive(x);
    let result = B::drop(tensor(x.primitive.clone()), mask);
    record([&x], result, || mask.clone())
}

impl<B: EngineBackend> Kept<B, 1> for Mask {
    fn gradients(self, gradient: Primitive<B>, _wanted: [bool; 1]) -> [Option<Primitive<B>>; 1] {
        [Some(primitive(B::drop(tensor(gradient), &self)))]
    }
}

pub(super) fn layer_norm<B: EngineBackend, C: CheckpointStrategy>(
    x: Tensor<Autodiff<B, C>, 2>,
    weight: Tensor<Autodiff<B, C>, 1>,
    bias: Option<Tensor<Autodiff<B, C>, 1>>,
    eps: f64,
) -> Tensor<Autodiff<B, C>, 2> {
    let (x, weight, bias) = (primitive(x), primitive(weight), bias.map(primitive));
    let inner = [&x, &weight].map(|operand| operand.primitive.clone());
    let inner_bias = bias.as_ref().map(|bias| tensor(bias.primitive.clone()));
    let [own_x, own_weight] = inner.clone();
    let result = <B as EngineBackend>::layer_norm(tensor(own_x), tensor(own_weight), inner_bias, eps);
    let kept = || Normalized { operands: inner, eps, is_centered: true };
    match &bias {
        Some(bias) => record([&x, &weight, bias], result, kept),
        None => record([&x, &weight], result, kept),
    }
}

pub(super) fn rms_norm<B: EngineBackend, C: CheckpointStrategy>(
    x: Tensor<Autodiff<B, C>, 2>,
    weight: Tensor<Autodiff<B, C>, 1>,
    eps: f64,
) -> Tensor<Autodiff<B, C>, 2> {
    let (x, weight) = (primitive(x), primitive(weight));
    let inner = [&x, &weight].map(|operand| operand.primitive.clone());
    let [own_x, own_weight] = inner.clone();
    let result = <B as EngineBackend>::rms_norm(tensor(own_x), tensor(own_weight), eps);
    record([&x, &weight], result, || Normalized { operands: inner, eps, is_centered: false })
}

/// Input and weight of a normalization.
#[derive(Clone, Debug)]
struct Normalized<P> {
    operands: [P; 2],
    eps: f64,
    /// Whether the mean was subtracted.
    is_centered: bool,
}

impl<P: Clone> Normalized<P> {
    fn of_operands<B: EngineBackend<FloatTensorPrimitive = P>>(self, gradient: Tensor<B, 2>) -> [P; 2] {
        let Self { operands: [x, weight], eps, is_centered } = self;
        let (x, weight) = (tensor::<B, 2>(x), tensor::<B, 1>(weight));
        let (of_x, of_weight) = match is_centered {
            true => B::layer_norm_backward(x, weight, gradient, eps),
            false => B::rms_norm_backward(x, weight, gradient, eps),
        };
        [primitive(of_x), primitive(of_weight)]
    }
}

impl<B: EngineBackend> Kept<B, 2> for Normalized<Primitive<B>> {
    fn gradients(self, gradient: Primitive<B>, _wanted: [bool; 2]) -> [Option<Primitive<B>>; 2] {
        self.of_operands::<B>(tensor(gradient)).map(Some)
    }
}

impl<B: EngineBackend> Kept<B, 3> for Normalized<Primitive<B>> {
    fn gradients(self, gradient: Primitive<B>, _wanted: [bool; 3]) -> [Option<Primitive<B>>; 3] {
        let gradient = tensor::<B, 2>(gradient);
        let of_bias = B::sum_rows(gradient.clone());
        let [of_x, of_weight] = self.of_operands::<B>(gradient);
        [Some(of_x), Some(of_weight), Some(primitive(of_bias))]
    }
}
