//! Operations on a backend's primitives, whose operands have the dtypes and shapes that the backend expects.

mod elementwise;
pub(crate) mod host;
mod indexing;
mod movement;
mod products;
mod reductions;

use std::any::Any;
use std::fmt;
use std::sync::Arc;

use burn::tensor::backend::Backend;
use burn::tensor::{Slice, TensorData, TensorMetadata};
use burn_flex::FlexTensor;
use trustformers_core::{Error, Result};
use trustformers_kernels::cpu;
use trustformers_ops::{EngineBackend, Flex};

use crate::dtype::{DType, Kind};
use crate::scalar::Scalar;

pub use elementwise::{Binary, Comparison, Unary};
pub use reductions::{Cumulative, Reduction};

/// Elements of a tensor on any backend; cloning shares them.
pub(crate) type Shared = Arc<dyn Storage>;

/// Elements of a tensor and the operations of their backend.
///
/// Other operands are on the same backend; binary operations need equal dtypes and shapes.
pub(crate) trait Storage: Send + Sync + fmt::Debug {
    fn as_any(&self) -> &dyn Any;
    fn as_any_mut(&mut self) -> &mut dyn Any;
    fn dtype(&self) -> DType;
    fn shape(&self) -> Vec<usize>;
    /// Copies the elements to host memory, in row-major order.
    fn data(&self) -> Result<TensorData>;
    fn cast(&self, dtype: DType) -> Shared;

    fn reshape(&self, shape: &[usize]) -> Shared;
    fn permute(&self, axes: &[usize]) -> Shared;
    fn flip(&self, axes: &[usize]) -> Shared;
    fn expand(&self, shape: &[usize]) -> Shared;
    /// Elements in ranges with positive steps, one for each dimension.
    fn slice(&self, ranges: &[Slice]) -> Shared;
    /// Reorders, removes and inserts dimensions: `dims` has for each dimension of the result the index of a dimension
    /// of `self`, or `None` to insert a dimension of size 1. Only dimensions of size 1 can be removed.
    fn with_dims(&self, dims: &[Option<usize>]) -> Shared;
    fn cat(&self, others: &[Shared], dim: usize) -> Result<Shared>;

    fn unary(&self, op: Unary) -> Shared;
    fn binary(&self, op: Binary, other: &Shared) -> Result<Shared>;
    /// The operation with a number of the elements' kind; `None` if the backend does not implement it.
    fn binary_scalar(&self, op: Binary, other: Scalar) -> Option<Shared>;
    fn compare(&self, op: Comparison, other: &Shared) -> Result<Shared>;
    fn compare_scalar(&self, op: Comparison, other: Scalar) -> Option<Shared>;
    fn is_nan(&self) -> Shared;
    /// Whether extrema and ReLU of these elements are NaN where an element is.
    fn propagates_nan(&self) -> bool;
    /// Elements of `other` where `mask` is true.
    fn mask_where(&self, mask: &Shared, other: &Shared) -> Result<Shared>;

    /// Reduces a dimension to size 1.
    fn reduce(&self, op: Reduction, dim: usize) -> Shared;
    /// Reduces all elements to a tensor of rank 0; `None` if the backend does not implement it.
    fn reduce_all(&self, op: Reduction) -> Option<Shared>;
    /// Index (int64) of the largest or smallest element along a dimension, which is reduced to size 1.
    fn arg(&self, is_max: bool, dim: usize) -> Shared;
    fn cumulative(&self, op: Cumulative, dim: usize) -> Shared;
    /// Sorted elements along a dimension and their indices (int64).
    fn sort(&self, dim: usize, descending: bool) -> (Shared, Shared);
    fn softmax(&self, dim: usize, is_log: bool) -> Shared;
    fn matmul(&self, other: &Shared) -> Result<Shared>;

    fn select(&self, dim: usize, indices: &Shared) -> Result<Shared>;
    fn gather(&self, dim: usize, indices: &Shared) -> Result<Shared>;
    /// Smallest and largest element of int64; `None` if the backend does not implement it.
    fn int_range(&self) -> Option<(i64, i64)>;
    /// Indices (int64) of the true elements: rank 1, one for each dimension; `None` if the backend does not implement
    /// it.
    fn nonzero(&self) -> Option<Vec<Shared>>;
    /// Indices (int64) of the `k` largest or smallest elements along the last dimension, in order; `None` if the backend
    /// does not implement it.
    fn top_indices(&self, k: usize, is_max: bool) -> Option<Shared>;
    fn slice_assign(&self, ranges: &[Slice], value: &Shared) -> Result<Shared>;
    /// Replaces the elements in ranges in place, unless their memory is shared or foreign; returns whether it did.
    fn assign_slice(&mut self, ranges: &[Slice], value: &Shared) -> bool;
    /// Larger (`Greater`) or smaller (`Less`) elements, NaN if either is; `None` if the backend does not implement it.
    fn extremum(&self, op: Comparison, other: &Shared) -> Option<Shared>;
    /// Adds numbers to the elements at `indices` (int64, rank 1) of a dimension.
    fn select_add(&self, dim: usize, indices: &Shared, value: &Shared) -> Result<Shared>;
    /// Adds numbers to the elements at `indices` (int64, of the value's shape) along a dimension.
    fn scatter_add(&self, dim: usize, indices: &Shared, value: &Shared) -> Result<Shared>;
}

/// Maximum number of elements for which burn-flex runs on the calling thread.
const FEW_ELEMENTS: usize = 1 << 15;

/// A burn primitive of one of the three kinds.
#[derive(Clone, Debug)]
pub(crate) enum Values<B: Backend> {
    Float(B::FloatTensorPrimitive),
    Int(B::IntTensorPrimitive),
    Bool(B::BoolTensorPrimitive),
}

/// Elements of a tensor on a backend.
#[derive(Debug)]
pub(crate) struct Stored<B: Backend>(pub(crate) Values<B>);

impl<B: EngineBackend> Stored<B> {
    pub(crate) fn share(values: Values<B>) -> Shared {
        Arc::new(Self(values))
    }

    fn of(other: &Shared) -> Result<Values<B>> {
        let stored = other.as_any().downcast_ref::<Self>();
        stored.map(|stored| stored.0.clone()).ok_or_else(|| Error::internal("operands on different backends"))
    }

    /// The elements in row-major order on the CPU, and as they are on other backends.
    fn in_order(&self) -> Values<B> {
        match on_cpu(self) {
            Some(x) if !x.is_contiguous() => {
                let copy = of_cpu(host::contiguous(x), self.dtype().kind());
                Self::of(&copy).unwrap_or_else(|_| self.0.clone())
            }
            _ => self.0.clone(),
        }
    }

    /// Runs an operation of burn-flex on many elements on the engine's threads, and any other one here.
    fn on_pool<T: Send>(&self, work: impl FnOnce() -> T + Send) -> T {
        if on_cpu(self).is_none_or(|x| x.layout().num_elements() <= FEW_ELEMENTS) {
            return work();
        }
        let mut work = Some(work);
        let done = cpu::on_pool(|| work.take().map(|work| work()));
        match (done, work) {
            (Ok(Some(result)), _) => result,
            // Without threads the work was not started.
            (_, Some(work)) => work(),
            (_, None) => unreachable!("work was taken, so it has returned or panicked"),
        }
    }
}

/// Applies the operation of the primitive's kind; the result is of the same kind.
macro_rules! same_kind {
    ($values:expr, $x:ident, $float:expr, $int:expr, $bool:expr) => {
        match $values {
            $crate::storage::Values::Float($x) => $crate::storage::Values::Float($float),
            $crate::storage::Values::Int($x) => $crate::storage::Values::Int($int),
            $crate::storage::Values::Bool($x) => $crate::storage::Values::Bool($bool),
        }
    };
}
pub(crate) use same_kind;

impl<B: EngineBackend> Storage for Stored<B> {
    fn as_any(&self) -> &dyn Any {
        self
    }

    fn as_any_mut(&mut self) -> &mut dyn Any {
        self
    }

    fn dtype(&self) -> DType {
        match &self.0 {
            Values::Float(x) => DType::of_burn(x.dtype()),
            Values::Int(x) => DType::of_burn(x.dtype()),
            // Flex returns some booleans as bytes.
            Values::Bool(_) => DType::Bool,
        }
    }

    fn shape(&self) -> Vec<usize> {
        let shape = match &self.0 {
            Values::Float(x) => x.shape(),
            Values::Int(x) => x.shape(),
            Values::Bool(x) => x.shape(),
        };
        shape.to_vec()
    }

    fn data(&self) -> Result<TensorData> {
        let data = match self.0.clone() {
            Values::Float(x) => burn::tensor::read_sync(B::float_into_data(x)),
            Values::Int(x) => burn::tensor::read_sync(B::int_into_data(x)),
            Values::Bool(x) => burn::tensor::read_sync(B::bool_into_data(x)),
        };
        let mut data = data.map_err(|error| Error::internal(format!("{error:?}")))?;
        if let Values::Bool(_) = self.0
            && data.dtype == burn::tensor::DType::U8
        {
            data.dtype = DType::Bool.burn();
        }
        Ok(data)
    }

    fn cast(&self, dtype: DType) -> Shared {
        if let Some(x) = on_cpu(self).and_then(|x| host::cast(x, dtype)) {
            return of_cpu(x, dtype.kind());
        }
        let burn = dtype.burn();
        let kind = dtype.kind();
        Self::share(self.on_pool(|| match (self.0.clone(), kind) {
            (Values::Float(x), Kind::Float) => Values::Float(B::float_cast(x, burn.into())),
            (Values::Float(x), Kind::Int) => Values::Int(B::float_into_int(x, burn.into())),
            (Values::Float(x), Kind::Bool) => Values::Bool(B::float_not_equal_elem(x, 0.0.into(), BOOL)),
            (Values::Int(x), Kind::Float) => Values::Float(B::int_into_float(x, burn.into())),
            (Values::Int(x), Kind::Int) => Values::Int(B::int_cast(x, burn.into())),
            (Values::Int(x), Kind::Bool) => Values::Bool(B::int_not_equal_elem(x, 0i64.into(), BOOL)),
            (Values::Bool(x), Kind::Float) => Values::Float(B::bool_into_float(x, burn.into())),
            (Values::Bool(x), Kind::Int) => Values::Int(B::bool_into_int(x, burn.into())),
            (Values::Bool(x), Kind::Bool) => Values::Bool(x),
        }))
    }

    fn reshape(&self, shape: &[usize]) -> Shared {
        self.reshaped(shape)
    }

    fn permute(&self, axes: &[usize]) -> Shared {
        self.permuted(axes)
    }

    fn flip(&self, axes: &[usize]) -> Shared {
        self.flipped(axes)
    }

    fn expand(&self, shape: &[usize]) -> Shared {
        self.expanded(shape)
    }

    fn slice(&self, ranges: &[Slice]) -> Shared {
        self.sliced(ranges)
    }

    fn with_dims(&self, dims: &[Option<usize>]) -> Shared {
        self.redimensioned(dims)
    }

    fn cat(&self, others: &[Shared], dim: usize) -> Result<Shared> {
        self.concatenated(others, dim)
    }

    fn unary(&self, op: Unary) -> Shared {
        if let Some(x) = floats_on_cpu(self).and_then(|x| host::unary(x, op)) {
            return of_cpu(x, Kind::Float);
        }
        Self::share(self.on_pool(|| elementwise::unary(self.0.clone(), op)))
    }

    fn binary(&self, op: Binary, other: &Shared) -> Result<Shared> {
        let divides = matches!(op, Binary::Remainder | Binary::FloorDiv);
        if let Some((a, b)) = numbers_on_cpu(self).zip(numbers_on_cpu(&**other))
            && let Some(result) = if divides { host::divided(a, b, op) } else { host::binary(op, a, b) }
        {
            return Ok(of_cpu(result, self.dtype().kind()));
        }
        let other = Self::of(other)?;
        Ok(Self::share(self.on_pool(|| elementwise::binary(op, self.0.clone(), other))?))
    }

    fn binary_scalar(&self, op: Binary, other: Scalar) -> Option<Shared> {
        if let Some(x) = numbers_on_cpu(self).and_then(|x| host::binary_scalar(op, x, other)) {
            return Some(of_cpu(x, self.dtype().kind()));
        }
        self.on_pool(|| elementwise::binary_scalar(op, &self.0, other)).map(Self::share)
    }

    fn compare(&self, op: Comparison, other: &Shared) -> Result<Shared> {
        if let Some((a, b)) = numbers_on_cpu(self).zip(numbers_on_cpu(&**other))
            && let Some(result) = host::compare(op, a, b)
        {
            return Ok(of_cpu(result, Kind::Bool));
        }
        let other = Self::of(other)?;
        Ok(Self::share(self.on_pool(|| elementwise::compare(op, self.0.clone(), other))?))
    }

    fn compare_scalar(&self, op: Comparison, other: Scalar) -> Option<Shared> {
        if let Some(x) = numbers_on_cpu(self).and_then(|x| host::compare_scalar(op, x, other)) {
            return Some(of_cpu(x, Kind::Bool));
        }
        self.on_pool(|| elementwise::compare_scalar(op, &self.0, other)).map(Self::share)
    }

    fn is_nan(&self) -> Shared {
        if let Some(x) = floats_on_cpu(self).and_then(host::is_nan) {
            return of_cpu(x, Kind::Bool);
        }
        Self::share(self.on_pool(|| elementwise::is_nan(&self.0)))
    }

    fn propagates_nan(&self) -> bool {
        matches!(self.dtype(), DType::F32 | DType::BF16) && on_cpu(self).is_some()
    }

    fn mask_where(&self, mask: &Shared, other: &Shared) -> Result<Shared> {
        if let (Some(x), Some(mask), Some(other)) = (on_cpu(self), on_cpu(&**mask), on_cpu(&**other))
            && let Some(result) = host::mask_where(x, mask, other)
        {
            return Ok(of_cpu(result, self.dtype().kind()));
        }
        let (mask, other) = (Self::of(mask)?, Self::of(other)?);
        Ok(Self::share(self.on_pool(|| elementwise::mask_where(self.0.clone(), mask, other))?))
    }

    fn reduce(&self, op: Reduction, dim: usize) -> Shared {
        if let Some(x) = floats_on_cpu(self).and_then(|x| host::reduce(x, op, dim)) {
            return of_cpu(x, Kind::Float);
        }
        // burn-flex reduces some views as if they were contiguous.
        let values = self.in_order();
        Self::share(self.on_pool(|| reductions::reduce(values, op, dim)))
    }

    fn reduce_all(&self, op: Reduction) -> Option<Shared> {
        if let Values::Bool(_) = self.0
            && let Some(x) = on_cpu(self).and_then(|x| host::reduce_bools(x, op))
        {
            return Some(of_cpu(x, Kind::Bool));
        }
        if let Some(x) = floats_on_cpu(self).and_then(|x| host::reduce_all(x, op)) {
            return Some(of_cpu(x, Kind::Float));
        }
        let values = self.in_order();
        self.on_pool(|| reductions::reduce_all(values, op)).map(Self::share)
    }

    fn arg(&self, is_max: bool, dim: usize) -> Shared {
        if let Some(x) = floats_on_cpu(self).and_then(|x| host::arg(x, is_max, dim)) {
            return of_cpu(x, Kind::Int);
        }
        let values = self.in_order();
        Self::share(self.on_pool(|| reductions::arg(values, is_max, dim)))
    }

    fn cumulative(&self, op: Cumulative, dim: usize) -> Shared {
        let values = self.in_order();
        Self::share(self.on_pool(|| reductions::cumulative(values, op, dim)))
    }

    fn sort(&self, dim: usize, descending: bool) -> (Shared, Shared) {
        if let Some(indices) = on_cpu(self).and_then(|x| host::sorted_indices(x, dim, descending)) {
            let indices = of_cpu(indices, Kind::Int);
            if let Ok(sorted) = self.gather(dim, &indices) {
                return (sorted, indices);
            }
        }
        let values = self.in_order();
        let (values, indices) = self.on_pool(|| reductions::sort(values, dim, descending));
        (Self::share(values), Self::share(indices))
    }

    fn softmax(&self, dim: usize, is_log: bool) -> Shared {
        if let Some(x) = floats_on_cpu(self).and_then(|x| host::softmax(x, dim, is_log)) {
            return of_cpu(x, Kind::Float);
        }
        let values = self.in_order();
        Self::share(self.on_pool(|| reductions::softmax(values, dim, is_log)))
    }

    fn matmul(&self, other: &Shared) -> Result<Shared> {
        if let Some((a, b)) = floats_on_cpu(self).zip(floats_on_cpu(&**other))
            && let Some(result) = products::on_cpu(a, b)
        {
            return Ok(of_cpu(result, Kind::Float));
        }
        let other = Self::of(other)?;
        Ok(Self::share(self.on_pool(|| products::matmul(self.0.clone(), other))?))
    }

    fn select(&self, dim: usize, indices: &Shared) -> Result<Shared> {
        if let Some((x, indices)) = on_cpu(self).zip(on_cpu(&**indices))
            && let Some(result) = host::select(x, dim, indices)
        {
            return Ok(of_cpu(result, self.dtype().kind()));
        }
        let indices = Self::of(indices)?;
        Ok(Self::share(self.on_pool(|| indexing::select(self.0.clone(), dim, indices))?))
    }

    fn gather(&self, dim: usize, indices: &Shared) -> Result<Shared> {
        if let Some((x, indices)) = on_cpu(self).zip(on_cpu(&**indices))
            && let Some(result) = host::gather(x, dim, indices)
        {
            return Ok(of_cpu(result, self.dtype().kind()));
        }
        let indices = Self::of(indices)?;
        Ok(Self::share(self.on_pool(|| indexing::gather(self.0.clone(), dim, indices))?))
    }

    fn int_range(&self) -> Option<(i64, i64)> {
        on_cpu(self).filter(|_| self.dtype() == DType::I64).and_then(host::int_range)
    }

    fn nonzero(&self) -> Option<Vec<Shared>> {
        let x = on_cpu(self).filter(|_| self.dtype() == DType::Bool)?;
        Some(host::nonzero(x).into_iter().map(|indices| of_cpu(indices, Kind::Int)).collect())
    }

    fn top_indices(&self, k: usize, is_max: bool) -> Option<Shared> {
        let indices = floats_on_cpu(self).and_then(|x| host::top_indices(x, k, is_max))?;
        Some(of_cpu(indices, Kind::Int))
    }

    fn assign_slice(&mut self, ranges: &[Slice], value: &Shared) -> bool {
        let Some(Stored(values)) = self.as_any_mut().downcast_mut::<Stored<Flex>>() else { return false };
        let (Values::Float(x) | Values::Int(x) | Values::Bool(x)) = values;
        host::is_own(x) && on_cpu(&**value).is_some_and(|value| host::assign(x, ranges, value).is_some())
    }

    fn extremum(&self, op: Comparison, other: &Shared) -> Option<Shared> {
        let (a, b) = floats_on_cpu(self).zip(floats_on_cpu(&**other))?;
        host::extremum(op, a, b).map(|x| of_cpu(x, Kind::Float))
    }

    fn slice_assign(&self, ranges: &[Slice], value: &Shared) -> Result<Shared> {
        if let Some((x, value)) = on_cpu(self).zip(on_cpu(&**value)) {
            let mut copy = host::duplicate(x);
            if host::assign(&mut copy, ranges, value).is_some() {
                return Ok(of_cpu(copy, self.dtype().kind()));
            }
        }
        let value = Self::of(value)?;
        Ok(Self::share(self.on_pool(|| indexing::slice_assign(self.0.clone(), ranges, value))?))
    }

    fn select_add(&self, dim: usize, indices: &Shared, value: &Shared) -> Result<Shared> {
        let (indices, value) = (Self::of(indices)?, Self::of(value)?);
        Ok(Self::share(self.on_pool(|| indexing::select_add(self.0.clone(), dim, indices, value))?))
    }

    fn scatter_add(&self, dim: usize, indices: &Shared, value: &Shared) -> Result<Shared> {
        let (indices, value) = (Self::of(indices)?, Self::of(value)?);
        Ok(Self::share(self.on_pool(|| indexing::scatter_add(self.0.clone(), dim, indices, value))?))
    }
}

/// The primitive of a tensor on the CPU, whatever its kind; `None` on other backends.
pub(crate) fn on_cpu(storage: &dyn Storage) -> Option<&FlexTensor> {
    let Stored(values) = storage.as_any().downcast_ref::<Stored<Flex>>()?;
    let (Values::Float(x) | Values::Int(x) | Values::Bool(x)) = values;
    Some(x)
}

/// The primitive of a tensor of floats on the CPU.
fn floats_on_cpu(storage: &dyn Storage) -> Option<&FlexTensor> {
    on_cpu(storage).filter(|_| storage.dtype().is_float())
}

/// The primitive of a tensor of floats or integers on the CPU.
fn numbers_on_cpu(storage: &dyn Storage) -> Option<&FlexTensor> {
    on_cpu(storage).filter(|_| storage.dtype() != DType::Bool)
}

/// Stores a primitive of the CPU as elements of a kind.
pub(crate) fn of_cpu(x: FlexTensor, kind: Kind) -> Shared {
    Stored::<Flex>::share(match kind {
        Kind::Float => Values::Float(x),
        Kind::Int => Values::Int(x),
        Kind::Bool => Values::Bool(x),
    })
}

/// Storage of boolean results.
pub(crate) const BOOL: burn::tensor::BoolDType = burn::tensor::BoolDType::Native;

fn mixed_kinds() -> Error {
    Error::internal("operands of different kinds")
}
