use std::mem;

use burn::backend::autodiff::Autodiff;
use burn::backend::autodiff::checkpoint::strategy::CheckpointStrategy;
use burn::backend::autodiff::grads::Gradients;
use burn::tensor::Tensor;

use super::node::{Kept, Primitive, primitive, record, tensor};
use crate::EngineBackend;

/// A number, zero, that gives `output` a gradient in a backward pass: the start of one where the gradient is known.
///
/// **Shapes:** `gradient` as `output`; returns `[1]`.
pub fn seed<B: EngineBackend, C: CheckpointStrategy, const D: usize>(
    output: Tensor<Autodiff<B, C>, D>,
    gradient: Tensor<B, D>,
) -> Tensor<Autodiff<B, C>, 1> {
    seed_with(output, |values| gradient.cast(values.dtype()))
}

/// As [`seed`], with a gradient that is computed from the output's values, whose memory it may take.
pub fn seed_with<B: EngineBackend, C: CheckpointStrategy, const D: usize>(
    output: Tensor<Autodiff<B, C>, D>,
    gradient: impl FnOnce(Tensor<B, D>) -> Tensor<B, D>,
) -> Tensor<Autodiff<B, C>, 1> {
    let zero = Tensor::<B, 1>::zeros([1], &output.device());
    let mut output = primitive(output);
    let values = mem::replace(&mut output.primitive, primitive(zero.clone()));
    let gradient = gradient(tensor(values));
    record([&output], zero, || Given(primitive(gradient)))
}

/// Whether a backward pass computes a gradient of a tensor.
pub fn is_tracked<B: EngineBackend, C: CheckpointStrategy, const D: usize>(tensor: &Tensor<Autodiff<B, C>, D>) -> bool {
    !primitive(tensor.clone()).node.requirement.is_none()
}

/// Adds the gradient of a leaf in the gradients of one backward pass to that in another's, and removes it from the former.
pub fn move_gradient<B: EngineBackend, C: CheckpointStrategy, const D: usize>(
    leaf: &Tensor<Autodiff<B, C>, D>,
    from: &mut Gradients,
    into: &mut Gradients,
) {
    let leaf = primitive(leaf.clone());
    if let Some(gradient) = leaf.grad_remove(from) {
        into.register::<B>(leaf.node.id, gradient);
    }
}

/// A gradient that was given.
#[derive(Clone, Debug)]
struct Given<P>(P);

impl<B: EngineBackend> Kept<B, 1> for Given<Primitive<B>> {
    fn gradients(self, _gradient: Primitive<B>, _wanted: [bool; 1]) -> [Option<Primitive<B>>; 1] {
        [Some(self.0)]
    }
}
