//! Operations on the cpu with the engine's kernels, or more exactly than burn-flex: they return `None` for what they do
//! not implement, which burn-flex computes.

mod division;
mod elementwise;
mod indices;
mod memory;
mod movement;
mod reductions;
mod sorting;

pub(super) use division::divided;
pub(super) use elementwise::{
    binary, binary_scalar, cast, compare, compare_scalar, extremum, is_nan, mask_where, unary,
};
pub(super) use indices::{int_range, nonzero};
pub(crate) use memory::{Native, elements, filled, is_own};
pub(super) use movement::{assign, concatenated, gather, select};
pub(crate) use movement::{contiguous, duplicate};
pub(super) use reductions::{arg, reduce, reduce_all, reduce_bools, softmax};
pub(super) use sorting::{sorted_indices, top_indices};
