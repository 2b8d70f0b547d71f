//! Operations in place: they give a tensor new elements, and leave its views and arrays unchanged.

use pyo3::prelude::*;
use pyo3_stub_gen::derive::gen_stub_pymethods;
use trustformers::tensor::{Arithmetic, Comparison, DType, Operand, Scalar, Tensor, Unary};
use trustformers::{Error, Result};

use super::arguments::{Absent, Ints, Number, Other};
use super::creation::TensorLike;
use super::{PyTensor, compute};

impl PyTensor {
    fn arithmetic_in_place(slf: &Bound<'_, Self>, other: Operand, op: Arithmetic) -> PyResult<()> {
        Self::update(slf, |tensor| Tensor::arithmetic(op, &tensor.clone().into(), &other))
    }

    pub(super) fn updated(
        slf: &Bound<'_, Self>,
        work: impl FnOnce(&Tensor) -> Result<Tensor> + Send,
    ) -> PyResult<Py<Self>> {
        Self::update(slf, work)?;
        Ok(slf.clone().unbind())
    }
}

/// `x * factor`, unless the factor is 1.
pub(super) fn scaled(x: Operand, factor: Option<Scalar>) -> Result<Operand> {
    match (factor, x) {
        (None, x) => Ok(x),
        (Some(factor), Operand::Tensor(tensor)) => {
            Ok(Tensor::arithmetic(Arithmetic::Mul, &tensor.into(), &factor.into())?.into())
        }
        (Some(Scalar::Int(factor)), Operand::Scalar(Scalar::Int(number))) => {
            Ok(Scalar::Int(number.wrapping_mul(factor)).into())
        }
        (Some(factor), Operand::Scalar(number)) => Ok(Scalar::Float(number.as_f64() * factor.as_f64()).into()),
    }
}

/// Operators with an assignment, and the methods of torch for them.
macro_rules! operators {
    ($($(#[$doc:meta])* $name:ident, $operator:ident => $op:ident;)*) => {
        #[gen_stub_pymethods]
        #[pymethods]
        impl PyTensor {
            $(
                #[gen_stub(skip)]
                fn $operator(slf: &Bound<'_, Self>, other: Other) -> PyResult<()> {
                    Self::arithmetic_in_place(slf, other.0, Arithmetic::$op)
                }

                $(#[$doc])*
                fn $name(slf: &Bound<'_, Self>, other: Other) -> PyResult<Py<Self>> {
                    Self::arithmetic_in_place(slf, other.0, Arithmetic::$op)?;
                    Ok(slf.clone().unbind())
                }
            )*
        }
    };
}

operators! {
    /// Multiplies in place.
    mul_, __imul__ => Mul;
    /// Divides in place.
    div_, __itruediv__ => Div;
    /// Divides in place, rounding down.
    floor_divide_, __ifloordiv__ => FloorDiv;
    /// Takes the remainder in place.
    remainder_, __imod__ => Remainder;
    /// Conjunction of bits in place.
    bitwise_and_, __iand__ => And;
    /// Disjunction of bits in place.
    bitwise_or_, __ior__ => Or;
    /// Exclusive disjunction of bits in place.
    bitwise_xor_, __ixor__ => Xor;
}

/// Methods that apply an elementwise function in place.
macro_rules! functions {
    ($($(#[$doc:meta])* $name:ident => $op:ident;)*) => {
        #[gen_stub_pymethods]
        #[pymethods]
        impl PyTensor {
            $(
                $(#[$doc])*
                fn $name(slf: &Bound<'_, Self>) -> PyResult<Py<Self>> {
                    Self::updated(slf, |tensor| tensor.unary(Unary::$op))
                }
            )*
        }
    };
}

functions! {
    /// Takes the negative in place.
    neg_ => Neg;
    /// Takes the absolute value in place.
    abs_ => Abs;
    /// Takes the exponential in place.
    exp_ => Exp;
    /// Takes the natural logarithm in place.
    log_ => Log;
    /// Takes the square root in place.
    sqrt_ => Sqrt;
    /// Takes the reciprocal in place.
    reciprocal_ => Recip;
    /// Takes the hyperbolic tangent in place.
    tanh_ => Tanh;
    /// Applies the logistic function in place.
    sigmoid_ => Sigmoid;
    /// Replaces negative elements with zeros in place.
    relu_ => Relu;
    /// Rounds down in place.
    floor_ => Floor;
    /// Rounds up in place.
    ceil_ => Ceil;
    /// Rounds to the nearest integer in place, ties to even.
    round_ => Round;
    /// Rounds to the integer part in place.
    trunc_ => Trunc;
    /// Takes the sine in place.
    sin_ => Sin;
    /// Takes the cosine in place.
    cos_ => Cos;
    /// Takes the sign in place.
    sign_ => Sign;
    /// Takes the error function in place.
    erf_ => Erf;
    /// Takes the natural logarithm of 1 plus the element in place.
    log1p_ => Log1p;
    /// Takes the tangent in place.
    tan_ => Tan;
    /// Applies `x * sigmoid(x)` in place.
    silu_ => Silu;
}

#[gen_stub_pymethods]
#[pymethods]
impl PyTensor {
    #[gen_stub(skip)]
    fn __iadd__(slf: &Bound<'_, Self>, other: Other) -> PyResult<()> {
        Self::arithmetic_in_place(slf, other.0, Arithmetic::Add)
    }

    #[gen_stub(skip)]
    fn __isub__(slf: &Bound<'_, Self>, other: Other) -> PyResult<()> {
        Self::arithmetic_in_place(slf, other.0, Arithmetic::Sub)
    }

    #[gen_stub(skip)]
    fn __ipow__(slf: &Bound<'_, Self>, other: Other, _modulo: Option<&Bound<'_, PyAny>>) -> PyResult<()> {
        Self::arithmetic_in_place(slf, other.0, Arithmetic::Pow)
    }

    /// Adds `alpha * other` in place.
    #[pyo3(signature = (other, *, alpha=None))]
    fn add_(slf: &Bound<'_, Self>, other: Other, alpha: Option<Number>) -> PyResult<Py<Self>> {
        Self::updated(slf, |tensor| {
            Tensor::arithmetic(Arithmetic::Add, &tensor.clone().into(), &scaled(other.0, alpha.map(|alpha| alpha.0))?)
        })
    }

    /// Subtracts `alpha * other` in place.
    #[pyo3(signature = (other, *, alpha=None))]
    fn sub_(slf: &Bound<'_, Self>, other: Other, alpha: Option<Number>) -> PyResult<Py<Self>> {
        Self::updated(slf, |tensor| {
            Tensor::arithmetic(Arithmetic::Sub, &tensor.clone().into(), &scaled(other.0, alpha.map(|alpha| alpha.0))?)
        })
    }

    /// Raises to a power in place.
    fn pow_(slf: &Bound<'_, Self>, exponent: Other) -> PyResult<Py<Self>> {
        Self::arithmetic_in_place(slf, exponent.0, Arithmetic::Pow)?;
        Ok(slf.clone().unbind())
    }

    /// Adds `value * tensor1 * tensor2` in place.
    #[pyo3(signature = (tensor1, tensor2, *, value=None))]
    fn addcmul_(slf: &Bound<'_, Self>, tensor1: &Self, tensor2: &Self, value: Option<Number>) -> PyResult<Py<Self>> {
        let (first, second) = (tensor1.get(), tensor2.get());
        let value = value.map(|value| value.0);
        Self::updated(slf, |tensor| tensor.add_combined(Arithmetic::Mul, [&first, &second], value))
    }

    /// Adds `value * tensor1 / tensor2` in place.
    #[pyo3(signature = (tensor1, tensor2, *, value=None))]
    fn addcdiv_(slf: &Bound<'_, Self>, tensor1: &Self, tensor2: &Self, value: Option<Number>) -> PyResult<Py<Self>> {
        let (first, second) = (tensor1.get(), tensor2.get());
        let value = value.map(|value| value.0);
        Self::updated(slf, |tensor| tensor.add_combined(Arithmetic::Div, [&first, &second], value))
    }

    /// Moves towards `end` in place: adds `weight * (end - self)`.
    fn lerp_(slf: &Bound<'_, Self>, end: &Self, weight: Other) -> PyResult<Py<Self>> {
        let end = end.get();
        Self::updated(slf, |tensor| tensor.lerp(&end, &weight.0))
    }

    /// Replaces all elements with zeros.
    fn zero_(slf: &Bound<'_, Self>) -> PyResult<Py<Self>> {
        Self::updated(slf, |tensor| Tensor::full(&tensor.shape(), Scalar::Int(0), tensor.dtype(), tensor.device()))
    }

    /// Replaces all elements with a number.
    fn fill_(slf: &Bound<'_, Self>, value: Other) -> PyResult<Py<Self>> {
        Self::updated(slf, |tensor| tensor.assigned(&[], &value.tensor(tensor.dtype(), tensor.device())?))
    }

    /// Replaces all elements with those of another tensor, which is cast, moved and broadcast.
    #[pyo3(signature = (src, non_blocking=false))]
    fn copy_(slf: &Bound<'_, Self>, src: TensorLike, non_blocking: bool) -> PyResult<Py<Self>> {
        let _ = non_blocking;
        Self::updated(slf, |tensor| tensor.assigned(&[], &src.0))
    }

    /// Clamps to a range in place.
    #[pyo3(signature = (min=None, max=None))]
    fn clamp_(slf: &Bound<'_, Self>, min: Option<Other>, max: Option<Other>) -> PyResult<Py<Self>> {
        let (min, max) = (min.map(|min| min.0), max.map(|max| max.0));
        Self::updated(slf, |tensor| tensor.clamp(min.as_ref(), max.as_ref()))
    }

    /// Replaces the elements where a mask is true with a number.
    fn masked_fill_(slf: &Bound<'_, Self>, mask: TensorLike, value: Other) -> PyResult<Py<Self>> {
        Self::updated(slf, |tensor| {
            mask.0.where_(&value.tensor(tensor.dtype(), tensor.device())?.into(), &tensor.clone().into())
        })
    }

    /// Clamps to a range in place.
    #[pyo3(signature = (min=None, max=None))]
    fn clip_(slf: &Bound<'_, Self>, min: Option<Other>, max: Option<Other>) -> PyResult<Py<Self>> {
        Self::clamp_(slf, min, max)
    }

    /// Replaces all elements with ones, each with probability `p`, and zeros.
    #[pyo3(signature = (p=0.5, *, generator=None))]
    fn bernoulli_(slf: &Bound<'_, Self>, p: f64, generator: Option<Absent>) -> PyResult<Py<Self>> {
        let _ = generator;
        Self::updated(slf, |tensor| {
            let uniform = Tensor::random(&tensor.shape(), false, DType::F32, tensor.device())?;
            Tensor::compare(Comparison::Less, &uniform.into(), &Scalar::Float(p).into())?.cast(tensor.dtype())
        })
    }

    /// Clamps to a lower bound in place.
    fn clamp_min_(slf: &Bound<'_, Self>, min: Other) -> PyResult<Py<Self>> {
        Self::updated(slf, |tensor| tensor.clamp(Some(&min.0), None))
    }

    /// Clamps to an upper bound in place.
    fn clamp_max_(slf: &Bound<'_, Self>, max: Other) -> PyResult<Py<Self>> {
        Self::updated(slf, |tensor| tensor.clamp(None, Some(&max.0)))
    }

    /// Fills the elements of a dimension at `index` with a number in place.
    fn index_fill_(slf: &Bound<'_, Self>, dim: isize, index: TensorLike, value: Number) -> PyResult<Py<Self>> {
        Self::updated(slf, |tensor| tensor.index_fill(dim, &index.0, value.0))
    }

    /// Replaces all elements with random ones, uniform in `[from_, to)`.
    #[pyo3(signature = (from_=0.0, to=1.0, *, generator=None))]
    fn uniform_(slf: &Bound<'_, Self>, from_: f64, to: f64, generator: Option<Absent>) -> PyResult<Py<Self>> {
        let _ = generator;
        Self::updated(slf, |tensor| random(tensor, false, to - from_, from_))
    }

    /// Replaces all elements with random ones from a normal distribution.
    #[pyo3(signature = (mean=0.0, std=1.0, *, generator=None))]
    fn normal_(slf: &Bound<'_, Self>, mean: f64, std: f64, generator: Option<Absent>) -> PyResult<Py<Self>> {
        let _ = generator;
        Self::updated(slf, |tensor| random(tensor, true, std, mean))
    }
}

fn random(like: &Tensor, is_normal: bool, scale: f64, offset: f64) -> Result<Tensor> {
    let random = Tensor::random(&like.shape(), is_normal, like.dtype(), like.device())?;
    let scaled = Tensor::arithmetic(Arithmetic::Mul, &random.into(), &Scalar::Float(scale).into())?;
    Tensor::arithmetic(Arithmetic::Add, &scaled.into(), &Scalar::Float(offset).into())
}

/// Methods that change the shape.
#[gen_stub_pymethods]
#[pymethods]
impl PyTensor {
    /// Removes dimensions of size 1 in place: all of them, or the named ones.
    #[pyo3(signature = (dim=None))]
    fn squeeze_(slf: &Bound<'_, Self>, dim: Option<Ints>) -> PyResult<Py<Self>> {
        Self::reshaped(slf, |tensor| tensor.squeeze(dim.as_ref().map(|dim| &dim.0[..])))
    }

    /// Inserts a dimension of size 1 in place.
    fn unsqueeze_(slf: &Bound<'_, Self>, dim: isize) -> PyResult<Py<Self>> {
        Self::reshaped(slf, |tensor| tensor.unsqueeze(dim))
    }

    /// Swaps two dimensions in place.
    fn transpose_(slf: &Bound<'_, Self>, dim0: isize, dim1: isize) -> PyResult<Py<Self>> {
        Self::reshaped(slf, |tensor| tensor.transpose(dim0, dim1))
    }

    /// Sets the elements above the diagonal `diagonal` above the main one to zero in place.
    #[pyo3(signature = (diagonal=0))]
    fn tril_(slf: &Bound<'_, Self>, diagonal: isize) -> PyResult<Py<Self>> {
        Self::updated(slf, |tensor| tensor.triangle(diagonal, false))
    }

    /// Sets the elements below the diagonal `diagonal` above the main one to zero in place.
    #[pyo3(signature = (diagonal=0))]
    fn triu_(slf: &Bound<'_, Self>, diagonal: isize) -> PyResult<Py<Self>> {
        Self::updated(slf, |tensor| tensor.triangle(diagonal, true))
    }
}

impl PyTensor {
    fn reshaped(slf: &Bound<'_, Self>, work: impl FnOnce(&Tensor) -> Result<Tensor> + Send) -> PyResult<Py<Self>> {
        slf.get().check_reshape(slf.py())?;
        let tensor = slf.get().get();
        let changed = compute(slf.py(), || {
            if tensor.requires_grad() && tensor.is_leaf() {
                let message = "the shape of a leaf that requires a gradient cannot be changed in place";
                return Err(Error::input("self", message));
            }
            work(&tensor)
        })?;
        slf.get().replace(slf.py(), changed)?;
        Ok(slf.clone().unbind())
    }
}
