use burn::backend::autodiff::Autodiff;
use burn::backend::autodiff::checkpoint::strategy::CheckpointStrategy;
use burn::tensor::{Int, Tensor};

use super::node::{Kept, Primitive, primitive, record, tensor};
use crate::{EngineBackend, Lookup};

/// A lookup whose `padding` row gets no gradient.
pub(super) fn embedding<B: EngineBackend, C: CheckpointStrategy>(
    lookup: Lookup<Autodiff<B, C>>,
) -> Tensor<Autodiff<B, C>, 2> {
    let (table, ids, padding) = (primitive(lookup.table), lookup.ids.inner(), lookup.padding);
    let own = tensor::<B, 2>(table.primitive.clone());
    let kept = LookedUp { num_embeddings: own.dims()[0], ids: ids.clone(), padding };
    let result = <B as EngineBackend>::embedding(Lookup { table: own, ids, padding });
    record([&table], result, || kept)
}

#[derive(Clone, Debug)]
struct LookedUp<B: EngineBackend> {
    num_embeddings: usize,
    ids: Tensor<B, 1, Int>,
    padding: Option<usize>,
}

impl<B: EngineBackend> Kept<B, 1> for LookedUp<B> {
    fn gradients(self, gradient: Primitive<B>, _wanted: [bool; 1]) -> [Option<Primitive<B>>; 1] {
        let Self { num_embeddings, ids, padding } = self;
        [Some(primitive(B::embedding_gradient(tensor(gradient), ids, num_embeddings, padding)))]
    }
}
