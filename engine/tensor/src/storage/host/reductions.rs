use burn::tensor::{DType as BurnDType, Shape, bf16};
use burn_flex::FlexTensor;
use trustformers_kernels::Element;
use trustformers_kernels::reductions::{self, Reduction as Kernel};

use super::memory::{Native, elements, filled};
use super::movement::{around, contiguous};
use crate::dtype::DType;
use crate::storage::Reduction;

fn kernel(op: Reduction) -> Option<Kernel> {
    match op {
        Reduction::Sum => Some(Kernel::Sum),
        Reduction::Mean => Some(Kernel::Mean),
        Reduction::Max => Some(Kernel::Max),
        Reduction::Min => Some(Kernel::Min),
        Reduction::Prod | Reduction::Any | Reduction::All => None,
    }
}

/// Reduces a dimension of floats to size 1; extrema propagate NaN.
pub(crate) fn reduce(x: &FlexTensor, op: Reduction, dim: usize) -> Option<FlexTensor> {
    let op = kernel(op)?;
    match x.dtype() {
        BurnDType::F32 => Some(reduce_of::<f32>(x, op, dim)),
        BurnDType::BF16 => Some(reduce_of::<bf16>(x, op, dim)),
        _ => None,
    }
}

fn reduce_of<T: Native + Element>(x: &FlexTensor, op: Kernel, dim: usize) -> FlexTensor {
    let mut shape = x.layout().shape().to_vec();
    let sizes = around(&shape, dim);
    shape[dim] = 1;
    let x = contiguous(x);
    filled(Shape::from(shape), x.dtype(), |out| reductions::reduce(op, elements::<T>(&x), sizes, out))
}

/// Reduces all elements; extrema propagate NaN.
pub(crate) fn reduce_all(x: &FlexTensor, op: Reduction) -> Option<FlexTensor> {
    let op = kernel(op)?;
    match x.dtype() {
        BurnDType::F32 => Some(reduce_all_of::<f32>(x, op)),
        BurnDType::BF16 => Some(reduce_all_of::<bf16>(x, op)),
        _ => None,
    }
}

fn reduce_all_of<T: Native + Element>(x: &FlexTensor, op: Kernel) -> FlexTensor {
    let x = contiguous(x);
    let values = elements::<T>(&x);
    filled(Shape::from(vec![1]), x.dtype(), |out| reductions::reduce(op, values, [1, values.len(), 1], out))
}

/// Whether any or all booleans are true.
pub(crate) fn reduce_bools(x: &FlexTensor, op: Reduction) -> Option<FlexTensor> {
    /// Bytes that are compared at once.
    const CHUNK: usize = 4096;
    let x = contiguous(x);
    let mut chunks = elements::<u8>(&x).chunks(CHUNK);
    let found = match op {
        Reduction::Any | Reduction::Max => chunks.any(|chunk| chunk.iter().fold(0, |any, flag| any | flag) != 0),
        Reduction::All | Reduction::Min => {
            !chunks.any(|chunk| chunk.iter().fold(false, |any, flag| any | (*flag == 0)))
        }
        _ => return None,
    };
    Some(filled(Shape::from(vec![1]), DType::Bool.burn(), |out| out[0] = u8::from(found)))
}

/// Index (int64) of the first extremum or NaN of a dimension, which is reduced to size 1.
pub(crate) fn arg(x: &FlexTensor, is_max: bool, dim: usize) -> Option<FlexTensor> {
    match x.dtype() {
        BurnDType::F32 => Some(arg_of::<f32>(x, is_max, dim)),
        BurnDType::BF16 => Some(arg_of::<bf16>(x, is_max, dim)),
        _ => None,
    }
}

fn arg_of<T: Native + Element>(x: &FlexTensor, is_max: bool, dim: usize) -> FlexTensor {
    let mut shape = x.layout().shape().to_vec();
    let size = shape[dim];
    shape[dim] = 1;
    let rows = contiguous(&with_last(x, dim));
    filled(Shape::from(shape), BurnDType::I64, |out| {
        reductions::arg_extremum(is_max, elements::<T>(&rows), size, out);
    })
}

/// The tensor with a dimension moved to the end.
fn with_last(x: &FlexTensor, dim: usize) -> FlexTensor {
    let rank = x.layout().num_dims();
    let axes: Vec<usize> = (0..rank).filter(|axis| *axis != dim).chain([dim]).collect();
    x.permute(&axes)
}

/// Softmax of floats along a dimension, or its logarithm.
pub(crate) fn softmax(x: &FlexTensor, dim: usize, is_log: bool) -> Option<FlexTensor> {
    match x.dtype() {
        BurnDType::F32 => Some(softmax_of::<f32>(x, dim, is_log)),
        BurnDType::BF16 => Some(softmax_of::<bf16>(x, dim, is_log)),
        _ => None,
    }
}

fn softmax_of<T: Native + Element>(x: &FlexTensor, dim: usize, is_log: bool) -> FlexTensor {
    let rank = x.layout().num_dims();
    let rows = contiguous(&with_last(x, dim));
    let shape = rows.layout().shape().clone();
    let width = shape[rank - 1];
    let result = filled(shape, x.dtype(), |out| reductions::softmax(elements::<T>(&rows), width, is_log, out));
    let back: Vec<usize> = (0..dim).chain([rank - 1]).chain(dim..rank - 1).collect();
    result.permute(&back)
}
