use std::fmt::Debug;
use std::marker::PhantomData;

use burn::backend::autodiff::Autodiff;
use burn::backend::autodiff::checkpoint::base::Checkpointer;
use burn::backend::autodiff::checkpoint::strategy::CheckpointStrategy;
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops, OpsKind};
use burn::tensor::backend::{Backend, BackendTypes};
use burn::tensor::{Tensor, TensorPrimitive};

/// Float primitive of a backend.
pub(super) type Primitive<B> = <B as BackendTypes>::FloatTensorPrimitive;

/// What an operation keeps for its backward pass.
pub(super) trait Kept<B: Backend, const N: usize>: Clone + Debug + Send + 'static {
    /// Gradients of the `wanted` operands, given that of the result.
    fn gradients(self, gradient: Primitive<B>, wanted: [bool; N]) -> [Option<Primitive<B>>; N];
}

/// An operation of the graph with `N` operands.
#[derive(Debug)]
struct Operation<K>(PhantomData<fn() -> K>);

impl<B: Backend, K: Kept<B, N>, const N: usize> Backward<B, N> for Operation<K> {
    type State = K;

    fn backward(self, ops: Ops<K, N>, gradients: &mut Gradients, _checkpointer: &mut Checkpointer) {
        let gradient = gradients.consume::<B>(&ops.node);
        let wanted = ops.parents.each_ref().map(Option::is_some);
        let found = ops.state.gradients(gradient, wanted);
        for (parent, found) in ops.parents.into_iter().zip(found) {
            if let (Some(parent), Some(found)) = (parent, found) {
                gradients.register::<B>(parent.id, found);
            }
        }
    }
}

/// Records that `result` was computed from `operands`.
pub(super) fn record<B: Backend, C: CheckpointStrategy, K: Kept<B, N>, const N: usize, const D: usize>(
    operands: [&Primitive<Autodiff<B, C>>; N],
    result: Tensor<B, D>,
    kept: impl FnOnce() -> K,
) -> Tensor<Autodiff<B, C>, D> {
    let nodes = operands.map(|operand| operand.node.clone());
    let result = result.into_primitive().tensor();
    let recorded = match Operation::<K>(PhantomData).prepare::<C>(nodes).compute_bound().stateful() {
        OpsKind::Tracked(prepared) => prepared.finish(kept(), result),
        OpsKind::UnTracked(prepared) => prepared.finish(result),
    };
    Tensor::from_primitive(TensorPrimitive::Float(recorded))
}

/// A tensor of a primitive.
pub(super) fn tensor<B: Backend, const D: usize>(primitive: Primitive<B>) -> Tensor<B, D> {
    Tensor::from_primitive(TensorPrimitive::Float(primitive))
}

/// The primitive of a tensor.
pub(super) fn primitive<B: Backend, const D: usize>(tensor: Tensor<B, D>) -> Primitive<B> {
    tensor.into_primitive().tensor()
}
