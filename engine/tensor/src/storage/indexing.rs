use burn::tensor::Slice;
use trustformers_core::Result;
use trustformers_ops::EngineBackend;

use super::{Values, mixed_kinds, same_kind};

/// Elements at `indices` (int64, rank 1) of a dimension.
pub(super) fn select<B: EngineBackend>(values: Values<B>, dim: usize, indices: Values<B>) -> Result<Values<B>> {
    let Values::Int(indices) = indices else { return Err(mixed_kinds()) };
    Ok(same_kind!(
        values,
        x,
        B::float_select(x, dim, indices),
        B::int_select(x, dim, indices),
        B::bool_select(x, dim, indices)
    ))
}

/// Elements at `indices` (int64, of the result's shape) along a dimension.
pub(super) fn gather<B: EngineBackend>(values: Values<B>, dim: usize, indices: Values<B>) -> Result<Values<B>> {
    let Values::Int(indices) = indices else { return Err(mixed_kinds()) };
    Ok(same_kind!(
        values,
        x,
        B::float_gather(dim, x, indices),
        B::int_gather(dim, x, indices),
        B::bool_gather(dim, x, indices)
    ))
}

/// Replaces the elements in ranges with positive steps.
pub(super) fn slice_assign<B: EngineBackend>(
    values: Values<B>,
    ranges: &[Slice],
    value: Values<B>,
) -> Result<Values<B>> {
    Ok(match (values, value) {
        (Values::Float(x), Values::Float(value)) => Values::Float(B::float_slice_assign(x, ranges, value)),
        (Values::Int(x), Values::Int(value)) => Values::Int(B::int_slice_assign(x, ranges, value)),
        (Values::Bool(x), Values::Bool(value)) => Values::Bool(B::bool_slice_assign(x, ranges, value)),
        _ => return Err(mixed_kinds()),
    })
}

/// Adds numbers to the elements at `indices` (int64, rank 1) of a dimension.
pub(super) fn select_add<B: EngineBackend>(
    values: Values<B>,
    dim: usize,
    indices: Values<B>,
    value: Values<B>,
) -> Result<Values<B>> {
    Ok(match (values, indices, value) {
        (Values::Float(x), Values::Int(indices), Values::Float(value)) => {
            Values::Float(B::float_select_add(x, dim, indices, value))
        }
        (Values::Int(x), Values::Int(indices), Values::Int(value)) => {
            Values::Int(B::int_select_add(x, dim, indices, value))
        }
        _ => return Err(mixed_kinds()),
    })
}

/// Adds numbers to the elements at `indices` (int64, of the value's shape) along a dimension.
pub(super) fn scatter_add<B: EngineBackend>(
    values: Values<B>,
    dim: usize,
    indices: Values<B>,
    value: Values<B>,
) -> Result<Values<B>> {
    Ok(match (values, indices, value) {
        (Values::Float(x), Values::Int(indices), Values::Float(value)) => {
            Values::Float(B::float_scatter_add(dim, x, indices, value))
        }
        (Values::Int(x), Values::Int(indices), Values::Int(value)) => {
            Values::Int(B::int_scatter_add(dim, x, indices, value))
        }
        _ => return Err(mixed_kinds()),
    })
}
