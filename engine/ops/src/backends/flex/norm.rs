use burn::tensor::{IntDType, Tensor};
use burn_flex::Flex;
use trustformers_kernels as kernels;

use super::tensor::{Number, contiguous, filled, ints, slice};
use crate::Lookup;

pub(super) fn rms_normalized<T: Number>(x: Tensor<Flex, 2>, weight: Tensor<Flex, 1>, eps: f64) -> Tensor<Flex, 2> {
    let shape = x.dims();
    let (x, weight) = (contiguous(x), contiguous(weight));
    let norm = kernels::norm::RmsNorm {
        x: slice::<T>(&x),
        residual: None,
        weight: slice(&weight),
        eps: eps as f32,
        width: shape[1],
    };
    filled(shape, |out| norm.run(out))
}

pub(super) fn normalized<T: Number>(
    x: Tensor<Flex, 2>,
    weight: Tensor<Flex, 1>,
    bias: Option<Tensor<Flex, 1>>,
    eps: f64,
) -> Tensor<Flex, 2> {
    let shape = x.dims();
    let (x, weight, bias) = (contiguous(x), contiguous(weight), bias.map(contiguous));
    let norm = kernels::norm::LayerNorm {
        x: slice::<T>(&x),
        residual: None,
        weight: slice(&weight),
        bias: bias.as_ref().map(slice),
        eps: eps as f32,
        width: shape[1],
    };
    filled(shape, |out| norm.run(out))
}

pub(super) fn embedded<T: Number>(
    lookups: &[Lookup<Flex>],
    weight: Tensor<Flex, 1>,
    bias: Option<Tensor<Flex, 1>>,
    eps: f64,
) -> Tensor<Flex, 2> {
    let rows = lookups.first().map_or(0, |lookup| lookup.ids.dims()[0]);
    let owned: Vec<_> = lookups
        .iter()
        .map(|Lookup { table, ids, .. }| {
            (contiguous(table.clone()), ids.clone().cast(IntDType::I64).into_primitive().to_contiguous())
        })
        .collect();
    let tables: Vec<_> = owned.iter().map(|(table, ids)| (slice::<T>(table), ints(ids))).collect();
    let (weight, bias) = (contiguous(weight), bias.map(contiguous));
    let width = weight.layout().num_elements();
    let norm = kernels::embedding::EmbeddingNorm {
        tables: &tables,
        weight: slice(&weight),
        bias: bias.as_ref().map(slice),
        eps: eps as f32,
        width,
    };
    filled([rows, width], |out| norm.run(out))
}
