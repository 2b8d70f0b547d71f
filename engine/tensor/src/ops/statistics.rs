use trustformers_core::{Error, Result};

use crate::dtype::{DType, Kind};
use crate::ops::reductions::Extremum;
use crate::promotion::Operand;
use crate::scalar::Scalar;
use crate::shape::normalized_axis;
use crate::storage::{Binary, Comparison};
use crate::tensor::Tensor;

/// How a quantile between two elements is computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Interpolation {
    /// Linearly between both elements.
    Linear,
    /// The smaller element.
    Lower,
    /// The larger element.
    Higher,
    /// The mean of both elements.
    Midpoint,
    /// The element whose position is nearest.
    Nearest,
}

impl Tensor {
    /// Sums over dimensions, all of them if `axes` is `None`, with NaN as 0.
    ///
    /// **Errors:** `Input` if there is no such dimension.
    pub fn nan_sum(&self, axes: Option<&[isize]>, keepdims: bool) -> Result<Self> {
        self.is_nan().where_(&Scalar::Bool(false).into(), &self.clone().into())?.sum(axes, keepdims)
    }

    /// Means over dimensions, all of them if `axes` is `None`, of the elements that are not NaN.
    ///
    /// **Errors:** `Input` if there is no such dimension.
    pub fn nan_mean(&self, axes: Option<&[isize]>, keepdims: bool) -> Result<Self> {
        let count = self.is_nan().logical_not()?.sum(axes, keepdims)?;
        self.nan_sum(axes, keepdims)?.div(&count)
    }

    /// Number of nonzero elements over dimensions, all of them if `axes` is `None`.
    ///
    /// **Errors:** `Input` if there is no such dimension.
    pub fn count_nonzero(&self, axes: Option<&[isize]>, keepdims: bool) -> Result<Self> {
        self.detached().cast(DType::Bool)?.sum(axes, keepdims)
    }

    /// Medians along a dimension, or of all elements, and their indices (int64); the smaller of two middle elements, NaN
    /// if any element is NaN.
    ///
    /// **Errors:** `Input` if there is no such dimension, or it has no elements.
    pub fn median(&self, axis: Option<isize>, keepdims: bool) -> Result<(Self, Self)> {
        let (x, dim) = self.lanes(axis)?;
        let axes = [dim as isize];
        let own = x.detached();
        let middle = (x.shape()[dim] - 1) / 2;
        let mut indices = own.sort(dim as isize, false)?.1.narrow(dim, middle, 1);
        if own.dtype().is_float() {
            let is_nan = own.is_nan();
            let first = is_nan.arg_extremum(Extremum::Max, Some(dim as isize), true)?;
            indices = is_nan.any(Some(&axes), true)?.where_(&first.into(), &indices.into())?;
        }
        let values = x.gather(dim as isize, &indices)?;
        Ok((self.without(values, axis, dim, keepdims)?, self.without(indices, axis, dim, keepdims)?))
    }

    /// Quantiles of floats along a dimension, or of all elements, one for each number of `at`; NaN if any element is NaN.
    ///
    /// **Shapes:** returns the quantiles as the first dimension.
    ///
    /// **Errors:** `Input` if there is no such dimension, it has no elements, a number is not in `[0, 1]`, or the elements
    /// are not floats.
    pub fn quantile(&self, at: &[f64], axis: Option<isize>, keepdims: bool, between: Interpolation) -> Result<Self> {
        self.check_float("quantile")?;
        let (x, dim) = self.lanes(axis)?;
        let last = (x.shape()[dim] - 1) as f64;
        let sorted = x.sort(dim as isize, false)?.0;
        let is_nan = x.is_nan().any(Some(&[dim as isize]), true)?;
        let quantile = |at: &f64| -> Result<Self> {
            if !(0.0..=1.0).contains(at) {
                return Err(Error::input("q", format!("{at} is not in [0, 1]")));
            }
            let position = at * last;
            let element = |position: f64| sorted.narrow(dim, position as usize, 1);
            let (low, high, part) = (element(position.floor()), element(position.ceil()), position.fract());
            let found = match between {
                Interpolation::Lower => low,
                Interpolation::Higher => high,
                Interpolation::Nearest => element(position.round_ties_even()),
                _ if part == 0.0 => low,
                Interpolation::Linear => low.add(&high.sub(&low)?.scaled_by(part)?)?,
                Interpolation::Midpoint => low.add(&high)?.scaled_by(0.5)?,
            };
            let found = is_nan.where_(&Operand::from(Scalar::Float(f64::NAN)), &found.into())?;
            self.without(found, axis, dim, keepdims)
        };
        Self::stack(&at.iter().map(quantile).collect::<Result<Vec<_>>>()?, 0)
    }

    /// Cumulative maxima or minima along a dimension and the indices (int64) of the last ones; NaN from the first NaN on.
    ///
    /// **Errors:** `Input` if there is no such dimension.
    pub fn cumulative_extremum(&self, which: Extremum, axis: isize) -> Result<(Self, Self)> {
        let zeros = |shape: &[usize]| Self::full(shape, Scalar::Int(0), DType::I64, self.device());
        let dim = normalized_axis(axis, self.rank().max(1))?;
        if self.rank() == 0 || self.num_elements() == 0 {
            return Ok((self.clone(), zeros(&self.shape())?));
        }
        let op = if which == Extremum::Max { Comparison::GreaterEqual } else { Comparison::LessEqual };
        let x = self.detached();
        let mut best = x.narrow(dim, 0, 1);
        let mut index = zeros(&best.shape())?;
        let mut indices = vec![index.clone()];
        for at in 1..self.shape()[dim] {
            let new = x.narrow(dim, at, 1);
            let mut is_new = Self::compare(op, &new.clone().into(), &best.clone().into())?;
            if self.dtype().is_float() {
                is_new = is_new.apply_binary(Binary::Or, &new.is_nan())?;
            }
            best = is_new.where_(&new.into(), &best.into())?;
            index = is_new.where_(&Scalar::Int(at as i64).into(), &index.into())?;
            indices.push(index.clone());
        }
        let indices = Self::cat(&indices, dim as isize)?;
        Ok((self.gather(dim as isize, &indices)?, indices))
    }

    /// How often each integer from 0 on occurs (int64), or the sums of the weights of its occurrences.
    ///
    /// **Errors:** `Input` if the elements are not a vector of non-negative integers, or `weights` has another shape.
    pub fn bincount(&self, weights: Option<&Self>, min_length: usize) -> Result<Self> {
        if self.rank() != 1 || self.dtype().kind() != Kind::Int {
            let message =
                format!("expected a vector of integers, found the shape {:?} of {}", self.shape(), self.dtype());
            return Err(Error::input("input", message));
        }
        let values = self.to_i64()?;
        if let Some(negative) = values.iter().find(|value| **value < 0) {
            return Err(Error::input("input", format!("{negative} is negative")));
        }
        let length = values.iter().max().map_or(0, |largest| *largest as usize + 1).max(min_length);
        crate::shape::check_room(&[length], DType::I64)?;
        if let Some(weights) = weights {
            let dtype = if weights.dtype() == DType::F32 { DType::F32 } else { DType::F64 };
            let zeros = Self::full(&[length], Scalar::Int(0), dtype, self.device())?;
            return zeros.index_add(0, self, &weights.detached().cast(dtype)?);
        }
        let mut counts = vec![0i64; length];
        values.iter().for_each(|value| counts[*value as usize] += 1);
        Self::from_i64(counts, &[length], DType::I64, self.device())
    }

    /// The sorted distinct elements, and for each of them the index of its first occurrence and its number of
    /// occurrences, and the index of each element among them (all int64). Each NaN is distinct.
    ///
    /// **Errors:** `Internal` if the elements cannot be read.
    pub fn unique(&self) -> Result<Unique> {
        let flat = self.detached().reshape(&[-1])?;
        let count = flat.num_elements();
        let (sorted, order) = flat.sort(0, false)?;
        let order = order.to_i64()?;
        let mut firsts = Vec::new();
        if count > 0 {
            let [before, after] = [sorted.narrow(0, 0, count - 1), sorted.narrow(0, 1, count - 1)];
            firsts.push(0);
            if count > 1 {
                let differs = Self::compare(Comparison::NotEqual, &before.into(), &after.into())?.to_i64()?;
                firsts.extend((1..count as i64).filter(|at| differs[*at as usize - 1] != 0));
            }
        }
        let ends = firsts.iter().skip(1).copied().chain([count as i64]);
        let counts: Vec<i64> = firsts.iter().zip(ends).map(|(first, end)| end - first).collect();
        let mut inverse = vec![0; count];
        for (which, (first, occurrences)) in firsts.iter().zip(&counts).enumerate() {
            for at in *first..first + occurrences {
                inverse[order[at as usize] as usize] = which as i64;
            }
        }
        let indices = firsts.iter().map(|first| order[*first as usize]).collect();
        let found = [firsts.len()];
        let ints = |values: Vec<i64>, shape: &[usize]| Self::from_i64(values, shape, DType::I64, self.device());
        Ok(Unique {
            values: sorted.index_select(0, &ints(firsts, &found)?)?,
            indices: ints(indices, &found)?,
            inverse: ints(inverse, &self.shape())?,
            counts: ints(counts, &found)?,
        })
    }

    /// The tensor with a dimension to reduce, or its elements as a vector.
    fn lanes(&self, axis: Option<isize>) -> Result<(Self, usize)> {
        let x = if axis.is_none() || self.rank() == 0 { self.reshape(&[-1])? } else { self.clone() };
        let dim = normalized_axis(axis.unwrap_or(0), x.rank())?;
        if x.num_elements() == 0 {
            return Err(Error::input("self", format!("the tensor of shape {:?} has no element", self.shape())));
        }
        Ok((x, dim))
    }

    /// A result with the reduced dimension of size 1 removed, or with all dimensions of size 1.
    fn without(&self, result: Self, axis: Option<isize>, dim: usize, keepdims: bool) -> Result<Self> {
        match (keepdims, axis) {
            (true, Some(_)) if self.rank() > 0 => Ok(result),
            (true, _) => result.reshape(&vec![1; self.rank()]),
            (false, _) => result.squeeze(Some(&[dim as isize])),
        }
    }
}

/// The distinct elements of a tensor.
#[derive(Debug)]
pub struct Unique {
    /// The elements in ascending order.
    pub values: Tensor,
    /// Row-major index of the first occurrence of each.
    pub indices: Tensor,
    /// For each element of the tensor its index in `values`.
    pub inverse: Tensor,
    /// Number of occurrences of each.
    pub counts: Tensor,
}
