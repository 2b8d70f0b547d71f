use trustformers_core::Result;

use crate::dtype::{DType, Kind};
use crate::promotion::Operand;
use crate::scalar::Scalar;
use crate::storage::{Binary, Comparison, Unary};
use crate::tensor::Tensor;

impl Tensor {
    /// Whether each element is infinite.
    ///
    /// **Errors:** `Internal` if the backend fails.
    pub fn is_infinite(&self) -> Result<Self> {
        if !self.dtype().is_float() {
            return Ok(self.is_nan());
        }
        let size = self.detached().unary(Unary::Abs)?;
        Self::compare(Comparison::Equal, &size.into(), &Scalar::Float(f64::INFINITY).into())
    }

    /// Whether each element is neither infinite nor NaN.
    ///
    /// **Errors:** `Internal` if the backend fails.
    pub fn is_finite(&self) -> Result<Self> {
        self.is_infinite()?.apply_binary(Binary::Or, &self.is_nan())?.logical_not()
    }

    /// Whether elements are equal within a tolerance: `|self - other| <= atol + rtol * |other|`.
    ///
    /// **Errors:** any error of [`Tensor::arithmetic`].
    pub fn is_close(&self, other: &Self, [rtol, atol]: [f64; 2], equal_nan: bool) -> Result<Self> {
        // Differences of unsigned integers would wrap around.
        let signed = |x: &Self| if x.dtype().kind() == Kind::Float { Ok(x.detached()) } else { x.cast(DType::I64) };
        let (own, other) = (signed(self)?, signed(other)?);
        let mut close = Self::compare(Comparison::Equal, &own.clone().into(), &other.clone().into())?;
        if equal_nan {
            let both = Operand::from(own.is_nan());
            let both = Self::arithmetic(crate::ops::Arithmetic::And, &both, &other.is_nan().into())?;
            close = close.apply_binary(Binary::Or, &both)?;
        }
        let distance = own.sub(&other)?.unary(Unary::Abs)?;
        let allowed = other.scaled_by(rtol)?.unary(Unary::Abs)?.plus(atol)?;
        let is_within = Self::compare(Comparison::LessEqual, &distance.clone().into(), &allowed.into())?;
        let is_within = is_within.apply_binary(Binary::And, &distance.is_finite()?)?;
        close.apply_binary(Binary::Or, &is_within)
    }

    /// Floats with NaN and infinities replaced, the latter by default by the largest and smallest number of the dtype.
    ///
    /// **Errors:** `Internal` if the backend fails.
    pub fn nan_to_num(&self, nan: f64, infinity: Option<f64>, negative_infinity: Option<f64>) -> Result<Self> {
        if !self.dtype().is_float() {
            return Ok(self.clone());
        }
        let largest = self.dtype().largest();
        let number = |value: f64| Operand::from(Scalar::Float(value));
        let infinite = |value: f64| Self::compare(Comparison::Equal, &self.detached().into(), &number(value));
        let x = self.is_nan().where_(&number(nan), &self.clone().into())?;
        let x = infinite(f64::INFINITY)?.where_(&number(infinity.unwrap_or(largest)), &x.into())?;
        infinite(f64::NEG_INFINITY)?.where_(&number(negative_infinity.unwrap_or(-largest)), &x.into())
    }
}
