//! Arithmetic with factors, and division with rounding.

use pyo3::prelude::*;
use pyo3_stub_gen::derive::gen_stub_pymethods;
use trustformers::tensor::{Arithmetic, Operand, Tensor, Unary};
use trustformers::{Error, Result};

use super::arguments::{Number, Other};
use super::creation::TensorLike;
use super::in_place::scaled;
use super::{PyTensor, compute};
use crate::door;

#[gen_stub_pymethods]
#[pymethods]
impl PyTensor {
    /// Sum of the tensor and `alpha * other`.
    #[pyo3(signature = (other, *, alpha=None))]
    fn add(&self, py: Python<'_>, other: Other, alpha: Option<Number>) -> PyResult<Self> {
        self.with_factor(py, Arithmetic::Add, other.0, alpha)
    }

    /// Difference of the tensor and `alpha * other`.
    #[pyo3(signature = (other, *, alpha=None))]
    fn sub(&self, py: Python<'_>, other: Other, alpha: Option<Number>) -> PyResult<Self> {
        self.with_factor(py, Arithmetic::Sub, other.0, alpha)
    }

    /// Difference of the tensor and `alpha * other`.
    #[pyo3(signature = (other, *, alpha=None))]
    fn subtract(&self, py: Python<'_>, other: Other, alpha: Option<Number>) -> PyResult<Self> {
        self.with_factor(py, Arithmetic::Sub, other.0, alpha)
    }

    /// Quotient, a float; with `rounding_mode` "floor" rounded down, with "trunc" rounded towards zero.
    #[pyo3(signature = (other, *, rounding_mode=None))]
    fn div(&self, py: Python<'_>, other: Other, rounding_mode: Option<&str>) -> PyResult<Self> {
        match rounding_mode {
            None => self.arithmetic(py, other.0, Arithmetic::Div, false),
            Some("floor") => self.arithmetic(py, other.0, Arithmetic::FloorDiv, false),
            Some("trunc") => self.derived(py, |tensor| Tensor::truncated_quotient(&tensor.clone().into(), &other.0)),
            Some(mode) => {
                let message = format!("{mode:?}; expected None, \"floor\" or \"trunc\"");
                Err(door::exception(py, &Error::input("rounding_mode", message)))
            }
        }
    }

    /// Quotient, a float; with `rounding_mode` "floor" rounded down, with "trunc" rounded towards zero.
    #[pyo3(signature = (other, *, rounding_mode=None))]
    fn divide(&self, py: Python<'_>, other: Other, rounding_mode: Option<&str>) -> PyResult<Self> {
        self.div(py, other, rounding_mode)
    }

    /// Remainder with the sign of the tensor's element.
    fn fmod(&self, py: Python<'_>, other: Other) -> PyResult<Self> {
        self.derived(py, |tensor| {
            let own = Operand::from(tensor.clone());
            let quotient = Tensor::truncated_quotient(&own, &other.0)?;
            let multiple = Tensor::arithmetic(Arithmetic::Mul, &quotient.into(), &other.0)?;
            Tensor::arithmetic(Arithmetic::Sub, &own, &multiple.into())
        })
    }

    /// Fractional part, with the element's sign.
    fn frac(&self, py: Python<'_>) -> PyResult<Self> {
        self.derived(py, |tensor| {
            Tensor::arithmetic(Arithmetic::Sub, &tensor.clone().into(), &tensor.unary(Unary::Trunc)?.into())
        })
    }

    /// Sum of the tensor and `value * tensor1 * tensor2`.
    #[pyo3(signature = (tensor1, tensor2, *, value=None))]
    fn addcmul(&self, py: Python<'_>, tensor1: &Self, tensor2: &Self, value: Option<Number>) -> PyResult<Self> {
        let (first, second) = (tensor1.get(), tensor2.get());
        let value = value.map(|value| value.0);
        self.derived(py, |tensor| tensor.add_combined(Arithmetic::Mul, [&first, &second], value))
    }

    /// Sum of the tensor and `value * tensor1 / tensor2`.
    #[pyo3(signature = (tensor1, tensor2, *, value=None))]
    fn addcdiv(&self, py: Python<'_>, tensor1: &Self, tensor2: &Self, value: Option<Number>) -> PyResult<Self> {
        let (first, second) = (tensor1.get(), tensor2.get());
        let value = value.map(|value| value.0);
        self.derived(py, |tensor| tensor.add_combined(Arithmetic::Div, [&first, &second], value))
    }

    /// Linear interpolation: `self + weight * (end - self)`.
    fn lerp(&self, py: Python<'_>, end: TensorLike, weight: Other) -> PyResult<Self> {
        self.derived(py, |tensor| tensor.lerp(&end.0, &weight.0))
    }

    /// Sum of `beta` times the tensor and `alpha` times the product of two matrices.
    #[pyo3(signature = (mat1, mat2, *, beta=None, alpha=None))]
    fn addmm(
        &self,
        py: Python<'_>,
        mat1: &Self,
        mat2: &Self,
        beta: Option<Number>,
        alpha: Option<Number>,
    ) -> PyResult<Self> {
        self.with_product(py, [mat1, mat2], [beta, alpha])
    }

    /// Sum of `beta` times the tensor and `alpha` times the products of matrices with one leading dimension.
    #[pyo3(signature = (batch1, batch2, *, beta=None, alpha=None))]
    fn baddbmm(
        &self,
        py: Python<'_>,
        batch1: &Self,
        batch2: &Self,
        beta: Option<Number>,
        alpha: Option<Number>,
    ) -> PyResult<Self> {
        self.with_product(py, [batch1, batch2], [beta, alpha])
    }

    /// Whether both elements are nonzero.
    fn logical_and(&self, py: Python<'_>, other: TensorLike) -> PyResult<Self> {
        self.logical(py, Arithmetic::And, &other)
    }

    /// Whether either element is nonzero.
    fn logical_or(&self, py: Python<'_>, other: TensorLike) -> PyResult<Self> {
        self.logical(py, Arithmetic::Or, &other)
    }

    /// Whether exactly one of two elements is nonzero.
    fn logical_xor(&self, py: Python<'_>, other: TensorLike) -> PyResult<Self> {
        self.logical(py, Arithmetic::Xor, &other)
    }
}

impl PyTensor {
    fn with_factor(&self, py: Python<'_>, op: Arithmetic, other: Operand, factor: Option<Number>) -> PyResult<Self> {
        let other = compute(py, || scaled(other, factor.map(|factor| factor.0)))?;
        self.arithmetic(py, other, op, false)
    }

    fn with_product(
        &self,
        py: Python<'_>,
        [left, right]: [&Self; 2],
        [beta, alpha]: [Option<Number>; 2],
    ) -> PyResult<Self> {
        let (own, left, right) = (self.get(), left.get(), right.get());
        let [beta, alpha] = [beta, alpha].map(|factor| factor.map(|factor| factor.0));
        compute(py, || own.add_product([&left, &right], beta, alpha)).map(Self::of)
    }

    fn logical(&self, py: Python<'_>, op: Arithmetic, other: &TensorLike) -> PyResult<Self> {
        let flags = |tensor: &Tensor| -> Result<Operand> { Ok(tensor.cast(trustformers::tensor::DType::Bool)?.into()) };
        self.derived(py, |tensor| Tensor::arithmetic(op, &flags(tensor)?, &flags(&other.0)?))
    }
}
