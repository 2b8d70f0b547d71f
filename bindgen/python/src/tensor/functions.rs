//! Elementwise functions, activations and matrix products.

use pyo3::prelude::*;
use pyo3_stub_gen::derive::{gen_stub_pyfunction, gen_stub_pymethods};
use trustformers::tensor::{Arithmetic, Tensor, Unary};
use trustformers::{Error, Result};

use super::arguments::{Absent, DtypeArgument, Ints, Other, either, shape_of};
use super::creation::TensorLike;
use super::{PyTensor, compute};
use crate::door;

pub(super) fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(cat, module)?)?;
    module.add_function(wrap_pyfunction!(stack, module)?)?;
    module.add_function(wrap_pyfunction!(where_, module)?)?;
    module.add_function(wrap_pyfunction!(einsum, module)?)?;
    module.add_function(wrap_pyfunction!(broadcast_tensors, module)?)?;
    module.add_function(wrap_pyfunction!(layer_norm, module)?)?;
    module.add_function(wrap_pyfunction!(rms_norm, module)?)?;
    module.add_function(wrap_pyfunction!(promote_types, module)?)
}

/// Methods that apply an elementwise function.
macro_rules! functions {
    ($($(#[$doc:meta])* $name:ident => $op:ident;)*) => {
        #[gen_stub_pymethods]
        #[pymethods]
        impl PyTensor {
            $(
                $(#[$doc])*
                fn $name(&self, py: Python<'_>) -> PyResult<Self> {
                    self.unary(py, Unary::$op)
                }
            )*
        }
    };
}

functions! {
    /// Negative.
    neg => Neg;
    /// Absolute value.
    abs => Abs;
    /// Sign: -1, 0 or 1.
    sign => Sign;
    /// Complement of bits.
    bitwise_not => Not;
    /// Exponential.
    exp => Exp;
    /// Natural logarithm.
    log => Log;
    /// Natural logarithm of 1 plus the element.
    log1p => Log1p;
    /// Square root.
    sqrt => Sqrt;
    /// 1 divided by the element.
    reciprocal => Recip;
    /// Sine.
    sin => Sin;
    /// Cosine.
    cos => Cos;
    /// Tangent.
    tan => Tan;
    /// Hyperbolic sine.
    sinh => Sinh;
    /// Hyperbolic cosine.
    cosh => Cosh;
    /// Hyperbolic tangent.
    tanh => Tanh;
    /// Inverse sine.
    asin => Asin;
    /// Inverse cosine.
    acos => Acos;
    /// Inverse tangent.
    atan => Atan;
    /// Inverse hyperbolic sine.
    asinh => Asinh;
    /// Inverse hyperbolic cosine.
    acosh => Acosh;
    /// Inverse hyperbolic tangent.
    atanh => Atanh;
    /// Error function.
    erf => Erf;
    /// Largest integer not above the element.
    floor => Floor;
    /// Smallest integer not below the element.
    ceil => Ceil;
    /// Integer part.
    trunc => Trunc;
    /// `1 / (1 + exp(-x))`.
    sigmoid => Sigmoid;
    /// `max(x, 0)`.
    relu => Relu;
    /// `x * sigmoid(x)`.
    silu => Silu;
    /// Absolute value.
    absolute => Abs;
    /// Negative.
    negative => Neg;
    /// Sign: -1, 0 or 1.
    sgn => Sign;
    /// Inverse sine.
    arcsin => Asin;
    /// Inverse cosine.
    arccos => Acos;
    /// Inverse tangent.
    arctan => Atan;
    /// Inverse hyperbolic sine.
    arcsinh => Asinh;
    /// Inverse hyperbolic cosine.
    arccosh => Acosh;
    /// Inverse hyperbolic tangent.
    arctanh => Atanh;
    /// Integer part.
    fix => Trunc;
}

#[gen_stub_pymethods]
#[pymethods]
impl PyTensor {
    /// GELU with the error function, or with the approximation "tanh".
    #[pyo3(signature = (approximate="none"))]
    fn gelu(&self, py: Python<'_>, approximate: &str) -> PyResult<Self> {
        match approximate {
            "none" => self.unary(py, Unary::Gelu),
            "tanh" => self.derived(py, Tensor::gelu_tanh),
            other => {
                let message = format!("{other:?}; expected \"none\" or \"tanh\"");
                Err(door::exception(py, &Error::input("approximate", message)))
            }
        }
    }

    /// 1 divided by the square root.
    fn rsqrt(&self, py: Python<'_>) -> PyResult<Self> {
        self.derived(py, |tensor| tensor.unary(Unary::Sqrt)?.unary(Unary::Recip))
    }

    /// Square.
    fn square(&self, py: Python<'_>) -> PyResult<Self> {
        self.derived(py, |tensor| Tensor::arithmetic(Arithmetic::Mul, &tensor.clone().into(), &tensor.clone().into()))
    }

    /// Nearest integer, ties to even, or the nearest number with some decimals.
    #[pyo3(signature = (decimals=0, *, out=None))]
    fn round(&self, py: Python<'_>, decimals: i32, out: Option<Absent>) -> PyResult<Self> {
        let _ = out;
        self.derived(py, |tensor| tensor.rounded(decimals))
    }

    /// 2 to the power of the element.
    fn exp2(&self, py: Python<'_>) -> PyResult<Self> {
        self.derived(py, Tensor::exp2)
    }

    /// Exponential minus 1, accurate for small elements.
    fn expm1(&self, py: Python<'_>) -> PyResult<Self> {
        self.derived(py, Tensor::exp_m1)
    }

    /// Logarithm to base 2, exact at powers of 2.
    fn log2(&self, py: Python<'_>) -> PyResult<Self> {
        self.derived(py, Tensor::log2)
    }

    /// Logarithm to base 10, exact at powers of 10.
    fn log10(&self, py: Python<'_>) -> PyResult<Self> {
        self.derived(py, Tensor::log10)
    }

    /// Whether each element is zero.
    fn logical_not(&self, py: Python<'_>) -> PyResult<Self> {
        self.derived(py, Tensor::logical_not)
    }

    /// Elements clamped to a range.
    #[pyo3(signature = (min=None, max=None))]
    fn clamp(&self, py: Python<'_>, min: Option<Other>, max: Option<Other>) -> PyResult<Self> {
        self.derived(py, |tensor| tensor.clamp(min.map(|min| min.0).as_ref(), max.map(|max| max.0).as_ref()))
    }

    /// Elements clamped to a range.
    #[pyo3(signature = (min=None, max=None, *, out=None))]
    fn clip(&self, py: Python<'_>, min: Option<Other>, max: Option<Other>, out: Option<Absent>) -> PyResult<Self> {
        let _ = out;
        self.clamp(py, min, max)
    }

    /// Elements clamped to a lower bound.
    fn clamp_min(&self, py: Python<'_>, min: Other) -> PyResult<Self> {
        self.clamp(py, Some(min), None)
    }

    /// Elements clamped to an upper bound.
    fn clamp_max(&self, py: Python<'_>, max: Other) -> PyResult<Self> {
        self.clamp(py, None, Some(max))
    }

    /// The tensor where a condition is true, and `other` elsewhere.
    #[pyo3(name = "where")]
    fn chosen(&self, py: Python<'_>, condition: TensorLike, other: Other) -> PyResult<Self> {
        self.derived(py, |tensor| condition.0.where_(&tensor.clone().into(), &other.0))
    }

    /// Softmax along a dimension.
    #[pyo3(signature = (dim=None, dtype=None, *, axis=None))]
    fn softmax(
        &self,
        py: Python<'_>,
        dim: Option<isize>,
        dtype: Option<DtypeArgument>,
        axis: Option<isize>,
    ) -> PyResult<Self> {
        let dim = either(dim, axis, ["dim", "axis"])?.unwrap_or(-1);
        self.derived(py, |tensor| cast(tensor, dtype)?.softmax(dim, false))
    }

    /// Logarithm of the softmax along a dimension.
    #[pyo3(signature = (dim=None, dtype=None, *, axis=None))]
    fn log_softmax(
        &self,
        py: Python<'_>,
        dim: Option<isize>,
        dtype: Option<DtypeArgument>,
        axis: Option<isize>,
    ) -> PyResult<Self> {
        let dim = either(dim, axis, ["dim", "axis"])?.unwrap_or(-1);
        self.derived(py, |tensor| cast(tensor, dtype)?.softmax(dim, true))
    }

    /// Matrix product; leading dimensions are broadcast.
    fn matmul(&self, py: Python<'_>, other: TensorLike) -> PyResult<Self> {
        self.product(py, &self.get(), &other.0)
    }

    /// Product of two matrices.
    fn mm(&self, py: Python<'_>, mat2: &Self) -> PyResult<Self> {
        self.product_of_rank(py, mat2, 2)
    }

    /// Products of matrices with one leading dimension.
    fn bmm(&self, py: Python<'_>, mat2: &Self) -> PyResult<Self> {
        self.product_of_rank(py, mat2, 3)
    }

    /// Product of a matrix and a vector.
    fn mv(&self, py: Python<'_>, vec: &Self) -> PyResult<Self> {
        self.product(py, &self.get(), &vec.get())
    }

    /// Matrix of the products of two vectors' elements.
    fn outer(&self, py: Python<'_>, vec2: TensorLike) -> PyResult<Self> {
        self.derived(py, |tensor| {
            let (rows, cols) = (tensor.reshape(&[-1, 1])?, vec2.0.reshape(&[1, -1])?);
            Tensor::arithmetic(Arithmetic::Mul, &rows.into(), &cols.into())
        })
    }

    /// Sum of the products of two vectors' elements; for other ranks the matrix product.
    fn dot(&self, py: Python<'_>, other: TensorLike) -> PyResult<Self> {
        self.product(py, &self.get(), &other.0)
    }
}

impl PyTensor {
    fn product_of_rank(&self, py: Python<'_>, other: &Self, rank: usize) -> PyResult<Self> {
        let (left, right) = (self.get(), other.get());
        if left.rank() != rank || right.rank() != rank {
            let message = format!("expected rank {rank}, found the shapes {:?} and {:?}", left.shape(), right.shape());
            return Err(door::exception(py, &Error::input("mat2", message)));
        }
        self.product(py, &left, &right)
    }
}

pub(super) fn cast(tensor: &Tensor, dtype: Option<DtypeArgument>) -> Result<Tensor> {
    dtype.map_or_else(|| Ok(tensor.clone()), |DtypeArgument(dtype)| tensor.cast(dtype))
}

fn tensors_of(tensors: &[PyRef<'_, PyTensor>]) -> Vec<Tensor> {
    tensors.iter().map(|tensor| tensor.get()).collect()
}

/// Concatenates tensors along a dimension, by default the first.
#[gen_stub_pyfunction]
#[pyfunction]
#[pyo3(signature = (tensors, dim=None, *, axis=None))]
fn cat(
    py: Python<'_>,
    tensors: Vec<PyRef<'_, PyTensor>>,
    dim: Option<isize>,
    axis: Option<isize>,
) -> PyResult<PyTensor> {
    let dim = either(dim, axis, ["dim", "axis"])?.unwrap_or(0);
    let tensors = tensors_of(&tensors);
    compute(py, || Tensor::cat(&tensors, dim)).map(PyTensor::of)
}

/// Stacks tensors of one shape along a new dimension, by default the first.
#[gen_stub_pyfunction]
#[pyfunction]
#[pyo3(signature = (tensors, dim=None, *, axis=None))]
fn stack(
    py: Python<'_>,
    tensors: Vec<PyRef<'_, PyTensor>>,
    dim: Option<isize>,
    axis: Option<isize>,
) -> PyResult<PyTensor> {
    let dim = either(dim, axis, ["dim", "axis"])?.unwrap_or(0);
    let tensors = tensors_of(&tensors);
    compute(py, || Tensor::stack(&tensors, dim)).map(PyTensor::of)
}

/// Elements of `input` where a condition is true, and of `other` elsewhere.
#[gen_stub_pyfunction]
#[pyfunction]
#[pyo3(name = "_where", signature = (condition, input, other))]
fn where_(py: Python<'_>, condition: &PyTensor, input: Other, other: Other) -> PyResult<PyTensor> {
    let condition = condition.get();
    compute(py, || condition.where_(&input.0, &other.0)).map(PyTensor::of)
}

/// Einstein summation. `path` names the positions of the tensors to contract, pair by pair, as `opt_einsum` computes them.
#[gen_stub_pyfunction]
#[pyfunction]
#[pyo3(name = "_einsum", signature = (equation, operands, path))]
fn einsum(
    py: Python<'_>,
    equation: &str,
    operands: Vec<PyRef<'_, PyTensor>>,
    path: Vec<(usize, usize)>,
) -> PyResult<PyTensor> {
    let tensors = tensors_of(&operands);
    compute(py, || Tensor::einsum(equation, &tensors, &path)).map(PyTensor::of)
}

/// Tensors broadcast to their common shape.
#[gen_stub_pyfunction]
#[pyfunction]
#[pyo3(signature = (*tensors))]
fn broadcast_tensors(py: Python<'_>, tensors: Vec<PyRef<'_, PyTensor>>) -> PyResult<Vec<PyTensor>> {
    let tensors = tensors_of(&tensors);
    let found = compute(py, || Tensor::broadcast_all(&tensors))?;
    Ok(found.into_iter().map(PyTensor::of).collect())
}

/// Layer normalization over the last dimensions, whose sizes are `normalized_shape`.
#[gen_stub_pyfunction]
#[pyfunction]
#[pyo3(signature = (input, normalized_shape, weight=None, bias=None, eps=1e-5))]
fn layer_norm(
    py: Python<'_>,
    input: &PyTensor,
    normalized_shape: Ints,
    weight: Option<&PyTensor>,
    bias: Option<&PyTensor>,
    eps: f64,
) -> PyResult<PyTensor> {
    let shape = shape_of(py, normalized_shape.0)?;
    let (weight, bias) = (weight.map(PyTensor::get), bias.map(PyTensor::get));
    input.derived(py, |tensor| tensor.layer_norm(&shape, weight.as_ref(), bias.as_ref(), eps))
}

/// RMS normalization over the last dimensions, whose sizes are `normalized_shape`.
#[gen_stub_pyfunction]
#[pyfunction]
#[pyo3(signature = (input, normalized_shape, weight=None, eps=1e-6))]
fn rms_norm(
    py: Python<'_>,
    input: &PyTensor,
    normalized_shape: Ints,
    weight: Option<&PyTensor>,
    eps: f64,
) -> PyResult<PyTensor> {
    let shape = shape_of(py, normalized_shape.0)?;
    let weight = weight.map(PyTensor::get);
    input.derived(py, |tensor| tensor.rms_norm(&shape, weight.as_ref(), eps))
}

/// The dtype that two dtypes are promoted to, as in torch; `None` if there is none.
#[gen_stub_pyfunction]
#[pyfunction]
fn promote_types(first: DtypeArgument, second: DtypeArgument) -> Option<&'static str> {
    trustformers::tensor::promote(first.0, second.0).map(trustformers::tensor::DType::name)
}
