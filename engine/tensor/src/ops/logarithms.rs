use std::f64::consts::{LN_2, LN_10};

use trustformers_core::Result;

use crate::dtype::{DType, Kind};
use crate::ops::elementwise::Arithmetic;
use crate::ops::reductions::Extremum;
use crate::promotion::Operand;
use crate::scalar::Scalar;
use crate::storage::{Binary, Comparison, Unary};
use crate::tensor::Tensor;

/// Exponentials and logarithms; integers are cast to float32.
impl Tensor {
    /// `2 ** x`.
    ///
    /// **Errors:** `Internal` if the backend fails.
    pub fn exp2(&self) -> Result<Self> {
        let x = self.as_float()?;
        Self::arithmetic(Arithmetic::Pow, &Scalar::Float(2.0).into(), &x.in_float32()?.into())?.cast(x.dtype())
    }

    /// `exp(x) - 1`, also accurate for small numbers.
    ///
    /// **Errors:** `Internal` if the backend fails.
    pub fn exp_m1(&self) -> Result<Self> {
        let x = self.as_float()?;
        x.in_float32()?.apply_exp_m1()?.cast(x.dtype())
    }

    /// Logarithm to base 2, exact at powers of 2.
    ///
    /// **Errors:** `Internal` if the backend fails.
    pub fn log2(&self) -> Result<Self> {
        self.log_to(2.0, LN_2)
    }

    /// Logarithm to base 10, exact at powers of 10.
    ///
    /// **Errors:** `Internal` if the backend fails.
    pub fn log10(&self) -> Result<Self> {
        self.log_to(10.0, LN_10)
    }

    fn log_to(&self, base: f64, logarithm: f64) -> Result<Self> {
        let own = self.as_float()?;
        let x = own.in_float32()?;
        let result = x.unary(Unary::Log)?.over(logarithm)?;
        // Where the nearest integer is the logarithm, the quotient may be off by one unit in the last place.
        let found = result.detached();
        let nearest = found.unary(Unary::Round)?;
        let power = Self::arithmetic(Arithmetic::Pow, &Scalar::Float(base).into(), &nearest.clone().into())?;
        let is_power = Self::compare(Comparison::Equal, &power.into(), &x.detached().into())?;
        let differs = Self::compare(Comparison::NotEqual, &nearest.clone().into(), &found.clone().into())?;
        let is_off = is_power.apply_binary(Binary::And, &differs)?;
        let error = is_off.where_(&nearest.sub(&found)?.into(), &Operand::from(Scalar::Float(0.0)))?;
        result.add(&error)?.cast(own.dtype())
    }

    /// Logarithm of the sum of exponentials over dimensions, all of them if `axes` is `None`.
    ///
    /// **Errors:** `Input` if there is no such dimension.
    pub fn log_sum_exp(&self, axes: Option<&[isize]>, keepdims: bool) -> Result<Self> {
        let own = self.as_float()?;
        let x = own.in_float32()?;
        if x.num_elements() == 0 {
            return x.unary(Unary::Exp)?.sum(axes, keepdims)?.unary(Unary::Log)?.cast(own.dtype());
        }
        let largest = x.detached().extremum(Extremum::Max, axes, true)?;
        let shift = largest.is_finite()?.where_(&largest.into(), &Scalar::Float(0.0).into())?;
        let sum = x.sub(&shift)?.unary(Unary::Exp)?.sum(axes, keepdims)?;
        let shift = shift.reshape(&sum.shape().into_iter().map(|size| size as isize).collect::<Vec<_>>())?;
        sum.unary(Unary::Log)?.add(&shift)?.cast(own.dtype())
    }

    /// Floats unchanged, integers and booleans as float32.
    pub(crate) fn as_float(&self) -> Result<Self> {
        if self.dtype().kind() == Kind::Float { Ok(self.clone()) } else { self.cast(DType::F32) }
    }
}
