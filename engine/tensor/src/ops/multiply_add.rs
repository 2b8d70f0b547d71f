use trustformers_core::Result;

use crate::ops::elementwise::Arithmetic;
use crate::promotion::Operand;
use crate::scalar::Scalar;
use crate::storage::Unary;
use crate::tensor::Tensor;

impl Tensor {
    /// `self + factor * other`.
    ///
    /// **Errors:** any error of [`Tensor::arithmetic`].
    pub fn add_scaled(&self, factor: Option<Scalar>, other: &Self) -> Result<Self> {
        let other = Self::times(other, factor)?;
        self.add(&other)
    }

    /// `self + value * first * second`, or `self + value * first / second`.
    ///
    /// **Errors:** any error of [`Tensor::arithmetic`].
    pub fn add_combined(&self, op: Arithmetic, [first, second]: [&Self; 2], value: Option<Scalar>) -> Result<Self> {
        let combined = Self::arithmetic(op, &first.clone().into(), &second.clone().into())?;
        self.add_scaled(value, &combined)
    }

    /// `beta * self + alpha * (left @ right)`; with `beta` 0, NaN and infinities of `self` are ignored.
    ///
    /// **Errors:** any error of [`Tensor::matmul`].
    pub fn add_product(&self, [left, right]: [&Self; 2], beta: Option<Scalar>, alpha: Option<Scalar>) -> Result<Self> {
        let product = Self::times(&left.matmul(right)?, alpha)?;
        if beta.is_some_and(|beta| beta.as_f64() == 0.0) {
            return self.zeros_like()?.constant_in(&[self]).add(&product);
        }
        Self::times(self, beta)?.add(&product)
    }

    /// `self + weight * (end - self)`.
    ///
    /// **Errors:** any error of [`Tensor::arithmetic`].
    pub fn lerp(&self, end: &Self, weight: &Operand) -> Result<Self> {
        let step = Self::arithmetic(Arithmetic::Mul, &end.sub(self)?.into(), weight)?;
        self.add(&step)
    }

    /// Floats rounded to a number of decimals, ties to even; a negative number rounds to tens, hundreds and so on.
    ///
    /// **Errors:** `Internal` if the backend fails.
    pub fn rounded(&self, decimals: i32) -> Result<Self> {
        if decimals == 0 || !self.dtype().is_float() {
            return self.unary(Unary::Round);
        }
        let scale = 10f64.powi(decimals.abs());
        if decimals > 0 {
            return self.scaled_by(scale)?.unary(Unary::Round)?.over(scale);
        }
        self.over(scale)?.unary(Unary::Round)?.scaled_by(scale)
    }

    fn times(x: &Self, factor: Option<Scalar>) -> Result<Self> {
        match factor {
            Some(factor) => Self::arithmetic(Arithmetic::Mul, &x.clone().into(), &factor.into()),
            None => Ok(x.clone()),
        }
    }
}
