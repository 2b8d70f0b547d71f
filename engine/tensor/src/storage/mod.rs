//! Operations on a backend's primitives, whose operands have the dtypes and shapes that the backend expects.

mod elementwise;
mod host;
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
    fn slice_assign(&self, ranges: &[Slice], value: &Shared) -> Result<Shared>;
    /// Adds numbers to the elements at `indices` (int64, rank 1) of a dimension.
    fn select_add(&self, dim: usize, indices: &Shared, value: &Shared) -> Result<Shared>;
    /// Adds numbers to the elements at `indices` (int64, of the value's shape) along a dimension.
    fn scatter_add(&self, dim: usize, indices: &Shared, value: &Shared) -> Result<Shared>;
}

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
        let burn = dtype.burn();
        let kind = dtype.kind();
        Self::share(match (self.0.clone(), kind) {
            (Values::Float(x), Kind::Float) => Values::Float(B::float_cast(x, burn.into())),
            (Values::Float(x), Kind::Int) => Values::Int(B::float_into_int(x, burn.into())),
            (Values::Float(x), Kind::Bool) => Values::Bool(B::float_not_equal_elem(x, 0.0.into(), BOOL)),
            (Values::Int(x), Kind::Float) => Values::Float(B::int_into_float(x, burn.into())),
            (Values::Int(x), Kind::Int) => Values::Int(B::int_cast(x, burn.into())),
            (Values::Int(x), Kind::Bool) => Values::Bool(B::int_not_equal_elem(x, 0i64.into(), BOOL)),
            (Values::Bool(x), Kind::Float) => Values::Float(B::bool_into_float(x, burn.into())),
            (Values::Bool(x), Kind::Int) => Values::Int(B::bool_into_int(x, burn.into())),
            (Values::Bool(x), Kind::Bool) => Values::Bool(x),
        })
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
        Self::share(elementwise::unary(self.0.clone(), op))
    }

    fn binary(&self, op: Binary, other: &Shared) -> Result<Shared> {
        if let (Binary::Remainder | Binary::FloorDiv, Some((a, b))) = (op, on_cpu(self).zip(on_cpu(&**other)))
            && let Some(result) = host::divided(a, b, op)
        {
            return Ok(of_cpu(result, Kind::Float));
        }
        Ok(Self::share(elementwise::binary(op, self.0.clone(), Self::of(other)?)?))
    }

    fn binary_scalar(&self, op: Binary, other: Scalar) -> Option<Shared> {
        elementwise::binary_scalar(op, &self.0, other).map(Self::share)
    }

    fn compare(&self, op: Comparison, other: &Shared) -> Result<Shared> {
        Ok(Self::share(elementwise::compare(op, self.0.clone(), Self::of(other)?)?))
    }

    fn compare_scalar(&self, op: Comparison, other: Scalar) -> Option<Shared> {
        elementwise::compare_scalar(op, &self.0, other).map(Self::share)
    }

    fn is_nan(&self) -> Shared {
        Self::share(elementwise::is_nan(&self.0))
    }

    fn mask_where(&self, mask: &Shared, other: &Shared) -> Result<Shared> {
        Ok(Self::share(elementwise::mask_where(self.0.clone(), Self::of(mask)?, Self::of(other)?)?))
    }

    fn reduce(&self, op: Reduction, dim: usize) -> Shared {
        Self::share(reductions::reduce(self.0.clone(), op, dim))
    }

    fn reduce_all(&self, op: Reduction) -> Option<Shared> {
        reductions::reduce_all(self.0.clone(), op).map(Self::share)
    }

    fn arg(&self, is_max: bool, dim: usize) -> Shared {
        Self::share(reductions::arg(self.0.clone(), is_max, dim))
    }

    fn cumulative(&self, op: Cumulative, dim: usize) -> Shared {
        Self::share(reductions::cumulative(self.0.clone(), op, dim))
    }

    fn sort(&self, dim: usize, descending: bool) -> (Shared, Shared) {
        if let Some(indices) = on_cpu(self).and_then(|x| host::sorted_indices(x, dim, descending)) {
            let indices = of_cpu(indices, Kind::Int);
            if let Ok(sorted) = self.gather(dim, &indices) {
                return (sorted, indices);
            }
        }
        let (values, indices) = reductions::sort(self.0.clone(), dim, descending);
        (Self::share(values), Self::share(indices))
    }

    fn softmax(&self, dim: usize, is_log: bool) -> Shared {
        Self::share(reductions::softmax(self.0.clone(), dim, is_log))
    }

    fn matmul(&self, other: &Shared) -> Result<Shared> {
        Ok(Self::share(products::matmul(self.0.clone(), Self::of(other)?)?))
    }

    fn select(&self, dim: usize, indices: &Shared) -> Result<Shared> {
        Ok(Self::share(indexing::select(self.0.clone(), dim, Self::of(indices)?)?))
    }

    fn gather(&self, dim: usize, indices: &Shared) -> Result<Shared> {
        Ok(Self::share(indexing::gather(self.0.clone(), dim, Self::of(indices)?)?))
    }

    fn slice_assign(&self, ranges: &[Slice], value: &Shared) -> Result<Shared> {
        Ok(Self::share(indexing::slice_assign(self.0.clone(), ranges, Self::of(value)?)?))
    }

    fn select_add(&self, dim: usize, indices: &Shared, value: &Shared) -> Result<Shared> {
        Ok(Self::share(indexing::select_add(self.0.clone(), dim, Self::of(indices)?, Self::of(value)?)?))
    }

    fn scatter_add(&self, dim: usize, indices: &Shared, value: &Shared) -> Result<Shared> {
        Ok(Self::share(indexing::scatter_add(self.0.clone(), dim, Self::of(indices)?, Self::of(value)?)?))
    }
}

/// The primitive of a tensor on the CPU, whatever its kind; `None` on other backends.
pub(crate) fn on_cpu(storage: &dyn Storage) -> Option<&FlexTensor> {
    let Stored(values) = storage.as_any().downcast_ref::<Stored<Flex>>()?;
    let (Values::Float(x) | Values::Int(x) | Values::Bool(x)) = values;
    Some(x)
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
