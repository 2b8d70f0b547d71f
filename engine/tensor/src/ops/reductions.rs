use trustformers_core::{Error, Result};

use crate::dtype::{DType, Kind};
use crate::ops::elementwise::Arithmetic;
use crate::scalar::Scalar;
use crate::shape::{normalized_axes, normalized_axis};
use crate::storage::{Comparison, Cumulative, Reduction, Unary};
use crate::tensor::Tensor;

/// Maximum or minimum.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extremum {
    /// The largest element.
    Max,
    /// The smallest element.
    Min,
}

/// How a variance is computed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Variance {
    /// Subtracted from the number of elements in the divisor.
    pub correction: f64,
    /// Whether to take the square root, the standard deviation.
    pub is_std: bool,
}

impl Tensor {
    /// Sums over dimensions, all of them if `axes` is `None`. Booleans and integers are summed as int64,
    /// uint64 as itself.
    ///
    /// **Errors:** `Input` if there is no such dimension.
    pub fn sum(&self, axes: Option<&[isize]>, keepdims: bool) -> Result<Self> {
        self.wide().reduced(Reduction::Sum, axes, keepdims, Some(Scalar::Int(0)))
    }

    /// Products over dimensions, all of them if `axes` is `None`. Booleans and integers are multiplied as int64,
    /// uint64 as itself.
    ///
    /// **Errors:** `Input` if there is no such dimension.
    pub fn prod(&self, axes: Option<&[isize]>, keepdims: bool) -> Result<Self> {
        self.wide().reduced(Reduction::Prod, axes, keepdims, Some(Scalar::Int(1)))
    }

    /// Means of floats over dimensions, all of them if `axes` is `None`; NaN without elements.
    ///
    /// **Errors:** `Input` if there is no such dimension, or the elements are not floats.
    pub fn mean(&self, axes: Option<&[isize]>, keepdims: bool) -> Result<Self> {
        self.check_float("mean")?;
        self.reduced(Reduction::Mean, axes, keepdims, Some(Scalar::Float(f64::NAN)))
    }

    /// Variances or standard deviations of floats over dimensions, all of them if `axes` is `None`.
    ///
    /// **Errors:** `Input` if there is no such dimension, or the elements are not floats.
    pub fn var(&self, axes: Option<&[isize]>, keepdims: bool, variance: Variance) -> Result<Self> {
        self.check_float(if variance.is_std { "std" } else { "var" })?;
        let dtype = self.dtype();
        let x = self.in_float32()?;
        let dims = self.dims(axes)?;
        let count: usize = dims.iter().map(|dim| self.shape()[*dim]).product();
        // A mean that is off by a rounding would give equal elements a deviation.
        let mean = x.cast(DType::F64)?.mean(axes, true)?.cast(x.dtype())?;
        let centered = x.sub(&mean)?;
        let squares = centered.mul(&centered)?.sum(axes, keepdims)?;
        let divisor = (count as f64 - variance.correction).max(0.0);
        let result = Self::arithmetic(Arithmetic::Div, &squares.into(), &Scalar::Float(divisor).into())?;
        let result = if variance.is_std { result.root(2.0)? } else { result };
        result.cast(dtype)
    }

    /// Largest or smallest elements over dimensions, all of them if `axes` is `None`; NaN if any element is NaN.
    ///
    /// **Errors:** `Input` if there is no such dimension, or it has no elements.
    pub fn extremum(&self, which: Extremum, axes: Option<&[isize]>, keepdims: bool) -> Result<Self> {
        let op = if which == Extremum::Max { Reduction::Max } else { Reduction::Min };
        let result = self.reduced(op, axes, keepdims, None)?;
        if !self.may_have_nan()? {
            return Ok(result);
        }
        let is_nan = self.is_nan();
        let nan = Self::full(&[], Scalar::Float(f64::NAN), self.dtype(), self.device())?;
        is_nan.any(axes, keepdims)?.where_(&nan.into(), &result.into())
    }

    /// Largest or smallest elements along a dimension and the indices (int64) of the first ones.
    ///
    /// **Errors:** `Input` if there is no such dimension, or it has no elements.
    pub fn extremum_with_indices(&self, which: Extremum, axis: isize, keepdims: bool) -> Result<(Self, Self)> {
        let indices = self.arg_extremum(which, Some(axis), keepdims)?;
        if !self.is_tracked() || self.rank() == 0 {
            return Ok((self.extremum(which, Some(&[axis]), keepdims)?, indices));
        }
        // The gradient goes to the element of the index alone.
        let kept = if keepdims { indices.clone() } else { indices.unsqueeze(axis)? };
        let values = self.gather(axis, &kept)?;
        Ok((if keepdims { values } else { values.squeeze(Some(&[axis]))? }, indices))
    }

    /// Whether any element over dimensions is nonzero; over all of them if `axes` is `None`.
    ///
    /// **Errors:** `Input` if there is no such dimension.
    pub fn any(&self, axes: Option<&[isize]>, keepdims: bool) -> Result<Self> {
        self.cast(DType::Bool)?.reduced(Reduction::Any, axes, keepdims, Some(Scalar::Bool(false)))
    }

    /// Whether all elements over dimensions are nonzero; over all of them if `axes` is `None`.
    ///
    /// **Errors:** `Input` if there is no such dimension.
    pub fn all(&self, axes: Option<&[isize]>, keepdims: bool) -> Result<Self> {
        self.cast(DType::Bool)?.reduced(Reduction::All, axes, keepdims, Some(Scalar::Bool(true)))
    }

    /// Index (int64) of the first largest or smallest element of a dimension, or of the whole tensor in row-major
    /// order; NaN is both the largest and the smallest.
    ///
    /// **Errors:** `Input` if there is no such dimension, or it has no elements.
    pub fn arg_extremum(&self, which: Extremum, axis: Option<isize>, keepdims: bool) -> Result<Self> {
        let (x, dim) = match axis {
            Some(axis) if self.rank() == 0 => (self.reshape(&[1])?, normalized_axis(axis, 1)?),
            Some(axis) => (self.clone(), normalized_axis(axis, self.rank())?),
            None => (self.reshape(&[-1])?, 0),
        };
        if x.shape()[dim] == 0 {
            return Err(Error::input("self", format!("the tensor of shape {:?} has no element", self.shape())));
        }
        if x.num_elements() == 0 {
            let mut shape = x.shape();
            shape[dim] = 1;
            let empty = Self::full(&shape, Scalar::Int(0), DType::I64, self.device())?;
            return if keepdims { Ok(empty) } else { empty.squeeze(Some(&[dim as isize])) };
        }
        let mut result = x.with_storage(x.storage().arg(which == Extremum::Max, dim));
        if x.may_have_nan()? {
            let is_nan = x.is_nan();
            let first_nan = is_nan.with_storage(is_nan.storage().arg(true, dim));
            let axes = [dim as isize];
            result = is_nan.any(Some(&axes), true)?.where_(&first_nan.into(), &result.into())?;
        }
        match (keepdims, axis) {
            (true, Some(_)) if self.rank() > 0 => Ok(result),
            (true, _) => result.reshape(&vec![1; self.rank()]),
            (false, _) => result.squeeze(Some(&[dim as isize])),
        }
    }

    /// Cumulative sums or products along a dimension. Booleans and integers are accumulated as int64,
    /// uint64 as itself.
    ///
    /// **Errors:** `Input` if there is no such dimension.
    pub fn cumulative(&self, op: Cumulative, axis: isize) -> Result<Self> {
        let x = self.wide();
        if x.rank() == 0 {
            normalized_axis(axis, 1)?;
            return Ok(x);
        }
        let dim = normalized_axis(axis, x.rank())?;
        if x.num_elements() == 0 {
            return Ok(x);
        }
        x.apply_cumulative(op, dim)
    }

    /// Sorts along a dimension; returns the elements and their indices (int64). The sort is stable; NaN is the largest.
    ///
    /// **Errors:** `Input` if there is no such dimension.
    pub fn sort(&self, axis: isize, descending: bool) -> Result<(Self, Self)> {
        let zeros = || Self::full(&self.shape(), Scalar::Int(0), DType::I64, self.device());
        if self.rank() == 0 {
            normalized_axis(axis, 1)?;
            return Ok((self.clone(), zeros()?));
        }
        let dim = normalized_axis(axis, self.rank())?;
        if self.num_elements() == 0 {
            return Ok((self.clone(), zeros()?));
        }
        Ok(self.apply_sort(dim, descending))
    }

    /// The `k` largest or smallest elements along a dimension, sorted, and their indices (int64).
    ///
    /// **Errors:** `Input` if there is no such dimension, or it has fewer than `k` elements.
    pub fn topk(&self, k: usize, axis: isize, which: Extremum) -> Result<(Self, Self)> {
        let x = if self.rank() == 0 { self.reshape(&[1])? } else { self.clone() };
        let dim = normalized_axis(axis, x.rank())?;
        let size = x.shape()[dim];
        if k > size {
            return Err(Error::input("k", format!("{k} is more than {size}, the size of dimension {dim}")));
        }
        let is_last = dim + 1 == x.rank() && x.num_elements() > 0;
        let top = if is_last { x.storage().top_indices(k, which == Extremum::Max) } else { None };
        let (values, indices) = match top {
            Some(indices) => {
                let indices = x.with_storage(indices);
                (x.gather(axis, &indices)?, indices)
            }
            None => {
                let (values, indices) = x.sort(axis, which == Extremum::Max)?;
                (values.narrow(dim, 0, k), indices.narrow(dim, 0, k))
            }
        };
        match self.rank() {
            0 => Ok((values.reshape(&[])?, indices.reshape(&[])?)),
            _ => Ok((values, indices)),
        }
    }

    /// Norms of floats over dimensions, all of them if `axes` is `None`: `sum(|x| ** order) ** (1 / order)`.
    ///
    /// **Errors:** `Input` if there is no such dimension, or the elements are not floats.
    pub fn norm(&self, order: f64, axes: Option<&[isize]>, keepdims: bool) -> Result<Self> {
        self.check_float("norm")?;
        let dtype = self.dtype();
        let x = self.in_float32()?.unary(Unary::Abs)?;
        let number = |value: f64| Scalar::Float(value).into();
        let result = if order == f64::INFINITY {
            x.extremum(Extremum::Max, axes, keepdims)?
        } else if order == f64::NEG_INFINITY {
            x.extremum(Extremum::Min, axes, keepdims)?
        } else if order == 0.0 {
            Self::compare(Comparison::NotEqual, &x.clone().into(), &number(0.0))?
                .cast(x.dtype())?
                .sum(axes, keepdims)?
                .constant_in(&[&x])
        } else if order == 2.0 {
            x.mul(&x)?.sum(axes, keepdims)?.root(2.0)?
        } else {
            let powers = Self::arithmetic(Arithmetic::Pow, &x.into(), &number(order))?;
            powers.sum(axes, keepdims)?.root(order)?
        };
        result.cast(dtype)
    }

    /// Whether an element may be NaN that the backend does not propagate; a sum that is not NaN rules it out.
    pub(crate) fn may_have_nan(&self) -> Result<bool> {
        if !self.dtype().is_float() || self.storage().propagates_nan() {
            return Ok(false);
        }
        let Some(sum) = self.storage().reduce_all(Reduction::Sum) else { return Ok(true) };
        Ok(self.with_storage(sum).to_f64()?.iter().any(|sum| sum.is_nan()))
    }

    pub(crate) fn check_float(&self, operation: &str) -> Result<()> {
        if self.dtype().is_float() {
            return Ok(());
        }
        Err(Error::input("dtype", format!("{operation} is one of floats, not {}; cast with float()", self.dtype())))
    }

    /// Casts 16-bit floats to float32, in which sums are accumulated.
    pub(crate) fn in_float32(&self) -> Result<Self> {
        if matches!(self.dtype(), DType::F16 | DType::BF16) { self.cast(DType::F32) } else { Ok(self.clone()) }
    }

    /// Casts booleans and integers to int64, but for uint64.
    fn wide(&self) -> Self {
        match self.dtype().kind() {
            Kind::Float => self.clone(),
            _ if matches!(self.dtype(), DType::I64 | DType::U64) => self.clone(),
            _ => self.apply_cast(DType::I64),
        }
    }

    fn dims(&self, axes: Option<&[isize]>) -> Result<Vec<usize>> {
        match axes {
            // A tensor of rank 0 has the dimensions 0 and -1 for reductions, as in torch.
            Some(axes) if self.rank() == 0 => normalized_axes(axes, 1).map(|_| Vec::new()),
            Some(axes) => normalized_axes(axes, self.rank()),
            None => Ok((0..self.rank()).collect()),
        }
    }

    /// Reduces dimensions; `identity` is the result without elements, `None` if there must be elements.
    fn reduced(&self, op: Reduction, axes: Option<&[isize]>, keepdims: bool, identity: Option<Scalar>) -> Result<Self> {
        let dims = self.dims(axes)?;
        let shape = self.shape();
        let kept_shape: Vec<usize> =
            (0..shape.len()).map(|dim| if dims.contains(&dim) { 1 } else { shape[dim] }).collect();
        let reduced_shape: Vec<usize> =
            (0..shape.len()).filter(|dim| !dims.contains(dim)).map(|dim| shape[dim]).collect();
        let result_shape = if keepdims { &kept_shape } else { &reduced_shape };
        if dims.iter().any(|dim| shape[*dim] == 0) || (self.num_elements() == 0 && identity.is_some()) {
            let value = identity.ok_or_else(|| {
                Error::input("self", format!("the tensor of shape {shape:?} has no element to choose from"))
            })?;
            return Ok(Self::full(result_shape, value, self.dtype(), self.device())?.constant_in(&[self]));
        }
        if self.num_elements() == 0 {
            return Ok(self.zeros(result_shape)?.constant_in(&[self]));
        }
        let dtype = self.dtype();
        let x = if matches!(op, Reduction::Sum | Reduction::Prod | Reduction::Mean) {
            self.in_float32()?
        } else {
            self.clone()
        };
        let whole = if dims.len() == shape.len() { x.storage().reduce_all(op) } else { None };
        let result = match whole {
            Some(result) => result,
            None => dims.iter().fold(x.storage().clone(), |result, dim| result.reduce(op, *dim)),
        };
        let mut kept = self.with_storage(result.reshape(&kept_shape));
        if x.is_tracked() {
            let rule = x.reduction_rule(op, &dims, &kept);
            kept = kept.computed_from([(&x, rule)]);
        }
        let result = if keepdims { kept } else { kept.apply_reshape(&reduced_shape) };
        let dtype = if dtype.is_float() { dtype } else { result.dtype() };
        result.cast(dtype)
    }
}
