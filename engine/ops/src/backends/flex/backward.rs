//! Operations that only training needs: backward passes and dropout.

use burn::tensor::{DType as BurnDType, Int, IntDType, Tensor, TensorPrimitive};
use burn_flex::Flex;
use trustformers_kernels as kernels;
use trustformers_kernels::backward::{self as kernel, AttentionBackward, NormBackward, Sequence};
use trustformers_kernels::dropout::Mask;
use trustformers_kernels::elementwise::Grid;
use trustformers_kernels::reductions::{Reduction, reduce};

use super::tensor::{Number, contiguous, filled, ints, rows, slice, with_whole_rows};
use crate::{Attention, AttentionKind, Segment};

pub(super) fn row_sum<T: Number>(x: Tensor<Flex, 2>) -> Tensor<Flex, 1> {
    let [rows, width] = x.dims();
    let x = contiguous(x);
    filled([width], |out: &mut [T]| match rows {
        0 => out.fill(T::narrow(0.0)),
        _ => reduce(Reduction::Sum, slice(&x), [1, rows, width], out),
    })
}

pub(super) fn activated(x: Tensor<Flex, 2>, activation: kernels::Activation) -> Tensor<Flex, 2> {
    let (shape, x) = (x.dims(), contiguous(x));
    filled(shape, |out| kernel::activate(activation, slice(&x), out))
}

pub(super) fn activate(
    x: Tensor<Flex, 2>,
    gradient: Tensor<Flex, 2>,
    activation: kernels::Activation,
) -> Tensor<Flex, 2> {
    let (shape, x, gradient) = (x.dims(), contiguous(x), contiguous(gradient));
    filled(shape, |out| kernel::activate_backward(activation, slice(&x), slice(&gradient), out))
}

pub(super) fn gate(x: Tensor<Flex, 2>, gradient: Tensor<Flex, 2>, activation: kernels::Activation) -> Tensor<Flex, 2> {
    let (shape, x, gradient) = (x.dims(), contiguous(x), contiguous(gradient));
    filled(shape, |out| kernel::gate_backward(activation, slice(&x), slice(&gradient), shape[1] / 2, out))
}

pub(super) fn dropped<T: Number>(x: Tensor<Flex, 2>, mask: &Mask) -> Tensor<Flex, 2> {
    let (shape, x) = (x.dims(), contiguous(x));
    filled(shape, |out: &mut [T]| mask.apply(slice(&x), out))
}

pub(super) fn normalize(
    x: Tensor<Flex, 2>,
    weight: Tensor<Flex, 1>,
    gradient: Tensor<Flex, 2>,
    eps: f64,
    is_centered: bool,
) -> (Tensor<Flex, 2>, Tensor<Flex, 1>) {
    let (shape, dtype, of_weight) = (x.dims(), x.dtype(), weight.dtype());
    let [x, gradient] = [x, gradient].map(|operand| contiguous(operand.cast(BurnDType::F32)));
    let weight = contiguous(weight.cast(BurnDType::F32));
    let [x, gradient] = [slice(&x), slice(&gradient)];
    let norm = NormBackward { x, weight: slice(&weight), gradient, eps: eps as f32, is_centered };
    let mut sums = None;
    let of_x = filled(shape, |of_x| {
        sums = Some(filled([shape[1]], |of_weight| norm.run(of_x, of_weight)));
    });
    let sums: Tensor<Flex, 1> = sums.expect("the closure ran");
    (of_x.cast(dtype), sums.cast(of_weight))
}

/// The sum of the rows of each id, zero for ids without rows and for `left_out`.
pub(super) fn added_rows<T: Number>(
    rows: Tensor<Flex, 2>,
    ids: Tensor<Flex, 1, Int>,
    num_ids: usize,
    left_out: Option<usize>,
) -> Tensor<Flex, 2> {
    let width = rows.dims()[1];
    let (rows, ids) = (contiguous(rows), ids.cast(IntDType::I64).into_primitive().to_contiguous());
    filled([num_ids, width], |out: &mut [T]| {
        kernels::embedding::add_rows(slice(&rows), ints(&ids), width, left_out, out);
    })
}

pub(super) fn log_sums<T: Number>(logits: Tensor<Flex, 2>, classes: &[i64]) -> Tensor<Flex, 1> {
    let logits = contiguous(logits);
    filled([classes.len()], |sums| kernels::cross_entropy::log_sums(slice::<T>(&logits), classes, sums))
}

pub(super) fn cross_entropy<T: Number>(
    logits: Tensor<Flex, 2>,
    log_sums: Tensor<Flex, 1>,
    classes: &[i64],
    factor: f32,
) -> Tensor<Flex, 2> {
    let (shape, log_sums) = (logits.dims(), contiguous(log_sums));
    let work = |logits: &mut [T]| kernels::cross_entropy::gradient(logits, classes, slice(&log_sums), factor);
    let mut logits = contiguous(logits);
    if let Some(own) = T::storage_mut(&mut logits).filter(|own| own.len() == shape.iter().product::<usize>()) {
        work(own);
        return Tensor::from_primitive(TensorPrimitive::Float(logits));
    }
    filled(shape, |out| {
        kernels::copy::copy(&Grid::contiguous(out.len()), slice(&logits), out);
        work(out);
    })
}

/// Calls `run` with the kernel's operands.
fn with_operands<R>(
    qkv: [Tensor<Flex, 2>; 3],
    attention: &Attention<'_, Flex>,
    run: impl FnOnce(&AttentionBackward<'_>) -> R,
) -> R {
    let Attention { segments, heads, scores, dropout, .. } = *attention;
    let [q, k, v] = qkv.map(with_whole_rows);
    let of_keys = scores.kind.key_segments(segments);
    let sequence = |((start, queries), (key_start, keys)): ((usize, Segment), (usize, Segment))| Sequence {
        start,
        rows: queries.rows,
        key_start,
        key_rows: keys.rows,
        keys: keys.keys,
    };
    let sequences: Vec<_> = segments.starts().zip(of_keys.starts()).map(sequence).collect();
    run(&AttentionBackward {
        q: rows(&q),
        k: rows(&k),
        v: rows(&v),
        sequences: &sequences,
        num_heads: heads.num_heads,
        num_kv_heads: heads.num_kv_heads,
        head_dim: heads.head_dim,
        scale: scores.scale as f32,
        is_causal: scores.kind == AttentionKind::Causal,
        window: scores.window.filter(|_| scores.kind != AttentionKind::Cross).unwrap_or(usize::MAX),
        mask: dropout,
    })
}

pub(super) fn attended(qkv: [Tensor<Flex, 2>; 3], attention: &Attention<'_, Flex>) -> Tensor<Flex, 2> {
    let shape = qkv[0].dims();
    with_operands(qkv, attention, |operands| filled(shape, |out| operands.forward(out)))
}

pub(super) fn attention(
    qkv: [Tensor<Flex, 2>; 3],
    output: Tensor<Flex, 2>,
    gradient: Tensor<Flex, 2>,
    attention: &Attention<'_, Flex>,
) -> [Tensor<Flex, 2>; 3] {
    let shapes = qkv.each_ref().map(Tensor::dims);
    let [output, gradient] = [output, gradient].map(with_whole_rows);
    with_operands(qkv, attention, |operands| {
        let (mut of_k, mut of_v) = (None, None);
        let of_q = filled(shapes[0], |of_q| {
            of_k = Some(filled(shapes[1], |of_k| {
                of_v = Some(filled(shapes[2], |of_v| operands.run(rows(&output), rows(&gradient), [of_q, of_k, of_v])));
            }));
        });
        let (of_k, of_v) = of_k.zip(of_v).expect("the closures ran");
        [of_q, of_k, of_v]
    })
}
