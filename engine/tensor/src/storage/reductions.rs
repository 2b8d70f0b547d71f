use burn::tensor::{IntDType, TensorMetadata};
use trustformers_ops::EngineBackend;

use super::{BOOL, Values};
use crate::dtype::DType;

/// A reduction over a dimension.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reduction {
    /// Sum of floats or integers.
    Sum,
    /// Product of floats or integers.
    Prod,
    /// Mean of floats.
    Mean,
    /// Largest float or integer.
    Max,
    /// Smallest float or integer.
    Min,
    /// Whether any boolean is true.
    Any,
    /// Whether all booleans are true.
    All,
}

/// A cumulative operation along a dimension.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cumulative {
    /// Cumulative sum.
    Sum,
    /// Cumulative product.
    Prod,
}

pub(super) fn reduce<B: EngineBackend>(values: Values<B>, op: Reduction, dim: usize) -> Values<B> {
    match values {
        Values::Float(x) => Values::Float(match op {
            Reduction::Sum => B::float_sum_dim(x, dim),
            Reduction::Prod => B::float_prod_dim(x, dim),
            Reduction::Mean => B::float_mean_dim(x, dim),
            Reduction::Min => B::float_min_dim(x, dim),
            Reduction::Max => B::float_max_dim(x, dim),
            Reduction::Any => return Values::Bool(B::float_any_dim(x, dim, BOOL)),
            Reduction::All => return Values::Bool(B::float_all_dim(x, dim, BOOL)),
        }),
        Values::Int(x) => Values::Int(match op {
            Reduction::Sum => B::int_sum_dim(x, dim),
            Reduction::Prod => B::int_prod_dim(x, dim),
            Reduction::Mean => B::int_mean_dim(x, dim),
            Reduction::Min => B::int_min_dim(x, dim),
            Reduction::Max => B::int_max_dim(x, dim),
            Reduction::Any => return Values::Bool(B::int_any_dim(x, dim, BOOL)),
            Reduction::All => return Values::Bool(B::int_all_dim(x, dim, BOOL)),
        }),
        Values::Bool(x) => Values::Bool(match op {
            Reduction::All | Reduction::Min | Reduction::Prod => B::bool_all_dim(x, dim),
            _ => B::bool_any_dim(x, dim),
        }),
    }
}

pub(super) fn reduce_all<B: EngineBackend>(values: Values<B>, op: Reduction) -> Option<Values<B>> {
    Some(match values {
        Values::Float(x) => Values::Float(match op {
            Reduction::Sum => B::float_sum(x),
            Reduction::Prod => B::float_prod(x),
            Reduction::Mean => B::float_mean(x),
            Reduction::Max => B::float_max(x),
            Reduction::Min => B::float_min(x),
            Reduction::Any | Reduction::All => return None,
        }),
        Values::Int(x) => Values::Int(match op {
            Reduction::Sum => B::int_sum(x),
            Reduction::Prod => B::int_prod(x),
            Reduction::Max => B::int_max(x),
            Reduction::Min => B::int_min(x),
            Reduction::Mean | Reduction::Any | Reduction::All => return None,
        }),
        Values::Bool(x) => Values::Bool(match op {
            Reduction::Any | Reduction::Max => B::bool_any(x),
            Reduction::All | Reduction::Min => B::bool_all(x),
            _ => return None,
        }),
    })
}

pub(super) fn arg<B: EngineBackend>(values: Values<B>, is_max: bool, dim: usize) -> Values<B> {
    let indices = match values {
        Values::Float(x) if is_max => B::float_argmax(x, dim, IntDType::I64),
        Values::Float(x) => B::float_argmin(x, dim, IntDType::I64),
        Values::Int(x) => int_arg::<B>(in_order::<B>(x), is_max, dim),
        Values::Bool(x) => int_arg::<B>(B::bool_into_int(x, IntDType::I64), is_max, dim),
    };
    Values::Int(B::int_cast(indices, IntDType::I64))
}

fn int_arg<B: EngineBackend>(x: B::IntTensorPrimitive, is_max: bool, dim: usize) -> B::IntTensorPrimitive {
    if is_max { B::int_argmax(x, dim) } else { B::int_argmin(x, dim) }
}

/// Maps integers to int64, preserving their order, for backends that support few integer dtypes.
fn in_order<B: EngineBackend>(x: B::IntTensorPrimitive) -> B::IntTensorPrimitive {
    let is_u64 = x.dtype() == DType::U64.burn();
    let x = B::int_cast(x, IntDType::I64);
    // The largest half of uint64 wraps around to negative numbers.
    if is_u64 { B::bitwise_xor_scalar(x, i64::MIN.into()) } else { x }
}

pub(super) fn cumulative<B: EngineBackend>(values: Values<B>, op: Cumulative, dim: usize) -> Values<B> {
    match (values, op) {
        (Values::Float(x), Cumulative::Sum) => Values::Float(B::float_cumsum(x, dim)),
        (Values::Float(x), Cumulative::Prod) => Values::Float(B::float_cumprod(x, dim)),
        (Values::Int(x), Cumulative::Sum) => Values::Int(B::int_cumsum(x, dim)),
        (Values::Int(x), Cumulative::Prod) => Values::Int(B::int_cumprod(x, dim)),
        (Values::Bool(x), Cumulative::Sum) => Values::Int(B::int_cumsum(B::bool_into_int(x, IntDType::I64), dim)),
        (Values::Bool(x), Cumulative::Prod) => Values::Int(B::int_cumprod(B::bool_into_int(x, IntDType::I64), dim)),
    }
}

pub(super) fn sort<B: EngineBackend>(values: Values<B>, dim: usize, descending: bool) -> (Values<B>, Values<B>) {
    let int = |x| {
        let (x, indices) = B::int_sort_with_indices(x, dim, descending);
        (x, Values::Int(B::int_cast(indices, IntDType::I64)))
    };
    match values {
        Values::Float(x) => {
            // Some backends order zeros and NaN by their signs.
            let is_nan = B::float_is_nan(x.clone(), BOOL);
            let unsigned = B::float_mask_fill(B::float_add_scalar(x, 0.0.into()), is_nan, f64::NAN.into());
            let (x, indices) = B::float_sort_with_indices(unsigned, dim, descending, IntDType::I64);
            (Values::Float(x), Values::Int(indices))
        }
        Values::Int(x) => {
            let (x, indices) = int(x);
            (Values::Int(x), indices)
        }
        Values::Bool(x) => {
            let (x, indices) = int(B::bool_into_int(x, IntDType::U8));
            (Values::Bool(B::int_not_equal_elem(x, 0i64.into(), BOOL)), indices)
        }
    }
}

/// Softmax of floats along a dimension, or its logarithm.
pub(super) fn softmax<B: EngineBackend>(values: Values<B>, dim: usize, is_log: bool) -> Values<B> {
    match values {
        Values::Float(x) if is_log => Values::Float(B::log_softmax(x, dim)),
        Values::Float(x) => Values::Float(B::softmax(x, dim)),
        other => other,
    }
}
