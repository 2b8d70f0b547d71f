use burn::backend::autodiff::Autodiff;
use burn::backend::autodiff::checkpoint::strategy::CheckpointStrategy;
use burn::tensor::Tensor;

use super::node::{Kept, Primitive, primitive, record};
use crate::EngineBackend;

/// A number, zero, that gives `output` a gradient in a backward pass: the start of one where the gradient is known.
///
/// **Shapes:** `output, gradient: [rows, width]`; returns `[1]`.
pub fn seed<B: EngineBackend, C: CheckpointStrategy>(
    output: Tensor<Autodiff<B, C>, 2>,
    gradient: Tensor<B, 2>,
) -> Tensor<Autodiff<B, C>, 1> {
    let zero = Tensor::<B, 1>::zeros([1], &gradient.device());
    let gradient = gradient.cast(output.dtype());
    record([&primitive(output)], zero, || Given(primitive(gradient)))
}

/// A gradient that was given.
#[derive(Clone, Debug)]
struct Given<P>(P);

impl<B: EngineBackend> Kept<B, 1> for Given<Primitive<B>> {
    fn gradients(self, _gradient: Primitive<B>, _wanted: [bool; 1]) -> [Option<Primitive<B>>; 1] {
        [Some(self.0)]
    }
}
