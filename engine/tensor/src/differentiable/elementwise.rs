use std::f64::consts::{FRAC_1_SQRT_2, FRAC_2_SQRT_PI};

use trustformers_core::Result;

use crate::dtype::DType;
use crate::promotion::Operand;
use crate::scalar::Scalar;
use crate::storage::{Binary, Comparison, Unary};
use crate::tensor::{Flow, Rule, Tensor};

impl Tensor {
    /// Casts to another dtype that the device supports.
    pub(crate) fn apply_cast(&self, dtype: DType) -> Self {
        let result = self.with_storage(self.storage().cast(dtype));
        if !self.is_tracked() {
            return result;
        }
        let own = self.dtype();
        result.computed_from([(self, Rule::of(move |gradient| gradient.cast(own)))])
    }

    pub(crate) fn apply_unary(&self, op: Unary) -> Self {
        let result = self.with_storage(self.storage().unary(op));
        if !self.is_tracked() {
            return result;
        }
        let rule = self.unary_rule(&result, op);
        result.computed_from([(self, rule)])
    }

    /// The rule of a float tensor and the result of an operation on it.
    fn unary_rule(&self, result: &Self, op: Unary) -> Rule {
        match op {
            Unary::Neg | Unary::Not => Rule::of(Self::neg),
            Unary::Sign | Unary::Floor | Unary::Ceil | Unary::Round | Unary::Trunc => Rule::of(Self::zeros_like),
            Unary::Exp | Unary::Sqrt | Unary::Recip | Unary::Tan | Unary::Tanh | Unary::Sigmoid | Unary::Relu => {
                let result = result.saved();
                Rule::saving(move |flow| by_result(op, &result.restore(flow), flow.gradient))
            }
            _ => {
                let x = self.clone();
                Rule::saving(move |flow| by_operand(op, &x, flow.gradient))
            }
        }
    }

    pub(crate) fn apply_binary(&self, op: Binary, other: &Self) -> Result<Self> {
        let result = self.with_storage(self.storage().binary(op, other.storage())?);
        if !self.is_tracked() && !other.is_tracked() || !self.dtype().is_float() {
            return Ok(result);
        }
        let (a, b) = (self.clone(), other.clone());
        let [left, right] = match op {
            Binary::Add => [Rule::of(|gradient| Ok(gradient.clone())), Rule::of(|gradient| Ok(gradient.clone()))],
            Binary::Sub => [Rule::of(|gradient| Ok(gradient.clone())), Rule::of(Self::neg)],
            Binary::Mul => {
                [Rule::saving(move |flow| flow.gradient.mul(&b)), Rule::saving(move |flow| flow.gradient.mul(&a))]
            }
            Binary::Div => {
                let divisor = b.clone();
                [
                    Rule::saving(move |flow| flow.gradient.div(&divisor)),
                    Rule::saving(move |flow| flow.gradient.mul(&a)?.div(&b.mul(&b)?)?.neg()),
                ]
            }
            Binary::Remainder => [
                Rule::of(|gradient| Ok(gradient.clone())),
                Rule::saving(move |flow| flow.gradient.mul(&a.div(&b)?.apply_unary(Unary::Floor))?.neg()),
            ],
            Binary::Pow => power_rules(self, other, &result),
            Binary::Atan2 => {
                let (y, x) = (self.clone(), other.clone());
                let squares = |y: &Self, x: &Self| y.mul(y)?.add(&x.mul(x)?);
                [
                    Rule::saving(move |flow| flow.gradient.mul(&x.div(&squares(&y, &x)?)?)),
                    Rule::saving(move |flow| flow.gradient.mul(&a.div(&squares(&a, &b)?)?)?.neg()),
                ]
            }
            // The quotient rounded down is constant between its steps; bits have no gradient.
            _ => [Rule::of(Self::zeros_like), Rule::of(Self::zeros_like)],
        };
        Ok(result.computed_from([(self, left), (other, right)]))
    }

    pub(crate) fn apply_binary_scalar(&self, op: Binary, other: Scalar) -> Option<Self> {
        let result = self.with_storage(self.storage().binary_scalar(op, other)?);
        if !self.is_tracked() {
            return Some(result);
        }
        let number = other.as_f64();
        let rule = match op {
            Binary::Mul => Rule::of(move |gradient| gradient.scaled_by(number)),
            Binary::Div => Rule::of(move |gradient| gradient.over(number)),
            _ => Rule::of(|gradient| Ok(gradient.clone())),
        };
        Some(result.computed_from([(self, rule)]))
    }

    /// Elements of `other` where `mask` is true, of `self` elsewhere; all of one shape.
    pub(crate) fn apply_mask_where(&self, mask: &Self, other: &Self) -> Result<Self> {
        let result = self.with_storage(self.storage().mask_where(mask.storage(), other.storage())?);
        if !self.is_tracked() && !other.is_tracked() {
            return Ok(result);
        }
        let (own, theirs) = (mask.clone(), mask.clone());
        let left = Rule::saving(move |flow| own.where_(&zero(), &flow.gradient.clone().into()));
        let right = Rule::saving(move |flow| theirs.where_(&flow.gradient.clone().into(), &zero()));
        Ok(result.computed_from([(self, left), (other, right)]))
    }

    /// Elementwise maximum (`Greater`) or minimum (`Less`) of the same shape; equal elements share the gradient.
    pub(crate) fn apply_extremum(&self, op: Comparison, other: &Self) -> Result<Self> {
        if !self.is_tracked()
            && !other.is_tracked()
            && let Some(result) = self.storage().extremum(op, other.storage())
        {
            return Ok(self.with_storage(result));
        }
        let mut is_own = self.with_storage(self.storage().compare(op, other.storage())?);
        if self.dtype().is_float() {
            is_own = is_own.apply_binary(Binary::Or, &self.is_nan())?;
        }
        let result = self.with_storage(other.storage().mask_where(is_own.storage(), self.storage())?);
        if !self.is_tracked() && !other.is_tracked() {
            return Ok(result);
        }
        let share = |own: &Self, other: &Self| {
            let (own, other) = (own.detached(), other.detached());
            Rule::saving(move |flow: &Flow<'_>| {
                let [own, other] = [&own, &other].map(|tensor| Operand::from(tensor.clone()));
                let is_equal = Self::compare(Comparison::Equal, &own, &other)?;
                let half = is_equal.where_(&flow.gradient.scaled_by(0.5)?.into(), &flow.gradient.clone().into())?;
                Self::compare(op, &other, &own)?.where_(&zero(), &half.into())
            })
        };
        let rules = [share(self, other), share(other, self)];
        let [left, right] = rules;
        Ok(result.computed_from([(self, left), (other, right)]))
    }

    /// `exp(x) - 1` of floats.
    pub(crate) fn apply_exp_m1(&self) -> Result<Self> {
        let x = self.detached();
        // The difference cancels near zero; the product overflows far below it.
        let half = x.scaled_by(0.5)?;
        let product = half.apply_unary(Unary::Sinh).mul(&half.apply_unary(Unary::Exp))?.scaled_by(2.0)?;
        let is_large = Self::compare(Comparison::Greater, &x.clone().into(), &Scalar::Float(-1.0).into())?;
        let difference = x.apply_unary(Unary::Exp).plus(-1.0)?;
        let result = is_large.where_(&product.into(), &difference.into())?;
        if !self.is_tracked() {
            return Ok(result);
        }
        let saved = result.saved();
        let rule = Rule::saving(move |flow| flow.gradient.mul(&saved.restore(flow).plus(1.0)?));
        Ok(result.computed_from([(self, rule)]))
    }

    /// The root of non-negative elements, whose gradient at zero is zero.
    pub(crate) fn root(&self, order: f64) -> Result<Self> {
        let x = self.detached();
        let power = Scalar::Float(1.0 / order).into();
        let result = match order {
            2.0 => x.apply_unary(Unary::Sqrt),
            _ => Self::arithmetic(crate::ops::Arithmetic::Pow, &x.into(), &power)?,
        };
        if !self.is_tracked() {
            return Ok(result);
        }
        let (x, saved) = (self.clone(), result.saved());
        let rule = Rule::saving(move |flow| {
            let slope = saved.restore(flow).div(&x)?.over(order)?;
            let gradient = flow.gradient.mul(&slope)?;
            Self::compare(Comparison::Equal, &x.detached().into(), &zero())?.where_(&zero(), &gradient.into())
        });
        Ok(result.computed_from([(self, rule)]))
    }
}

fn zero() -> Operand {
    Scalar::Float(0.0).into()
}

fn power_rules(base: &Tensor, exponent: &Tensor, result: &Tensor) -> [Rule; 2] {
    let (x, e) = (base.clone(), exponent.clone());
    let left = Rule::saving(move |flow| {
        let slope = e.mul(&x.power(&e.plus(-1.0)?)?)?;
        let gradient = flow.gradient.mul(&slope)?;
        Tensor::compare(Comparison::Equal, &e.detached().into(), &zero())?.where_(&zero(), &gradient.into())
    });
    let (x, e, result) = (base.clone(), exponent.clone(), result.saved());
    let right = Rule::saving(move |flow| {
        let gradient = flow.gradient.mul(&result.restore(flow).mul(&x.apply_unary(Unary::Log))?)?;
        let is_zero = Tensor::compare(Comparison::Equal, &x.detached().into(), &zero())?;
        let is_flat = Tensor::compare(Comparison::GreaterEqual, &e.detached().into(), &zero())?;
        is_zero.apply_binary(Binary::And, &is_flat)?.where_(&zero(), &gradient.into())
    });
    [left, right]
}

/// The gradient of an operation whose derivative is a function of its result `y`.
fn by_result(op: Unary, y: &Tensor, gradient: &Tensor) -> Result<Tensor> {
    match op {
        Unary::Exp => gradient.mul(y),
        Unary::Sqrt => gradient.div(&y.scaled_by(2.0)?),
        Unary::Recip => gradient.mul(&y.mul(y)?)?.neg(),
        Unary::Tan => gradient.mul(&y.mul(y)?.plus(1.0)?),
        Unary::Tanh => gradient.mul(&y.mul(y)?.neg()?.plus(1.0)?),
        Unary::Sigmoid => gradient.mul(&y.mul(&y.neg()?.plus(1.0)?)?),
        _ => Tensor::compare(Comparison::LessEqual, &y.detached().into(), &zero())?
            .where_(&zero(), &gradient.clone().into()),
    }
}

/// The gradient of an operation whose derivative is a function of its operand `x`.
fn by_operand(op: Unary, x: &Tensor, gradient: &Tensor) -> Result<Tensor> {
    let of = |op| x.apply_unary(op);
    let square = || x.mul(x);
    match op {
        Unary::Abs => gradient.mul(&of(Unary::Sign)),
        Unary::Log => gradient.div(x),
        Unary::Log1p => gradient.div(&x.plus(1.0)?),
        Unary::Sin => gradient.mul(&of(Unary::Cos)),
        Unary::Cos => gradient.mul(&of(Unary::Sin))?.neg(),
        Unary::Sinh => gradient.mul(&of(Unary::Cosh)),
        Unary::Cosh => gradient.mul(&of(Unary::Sinh)),
        Unary::Asin => gradient.div(&square()?.neg()?.plus(1.0)?.apply_unary(Unary::Sqrt)),
        Unary::Acos => gradient.div(&square()?.neg()?.plus(1.0)?.apply_unary(Unary::Sqrt))?.neg(),
        Unary::Atan => gradient.div(&square()?.plus(1.0)?),
        Unary::Asinh => gradient.div(&square()?.plus(1.0)?.apply_unary(Unary::Sqrt)),
        Unary::Acosh => gradient.div(&square()?.plus(-1.0)?.apply_unary(Unary::Sqrt)),
        Unary::Atanh => gradient.div(&square()?.neg()?.plus(1.0)?),
        Unary::Erf => gradient.mul(&square()?.neg()?.apply_unary(Unary::Exp))?.scaled_by(FRAC_2_SQRT_PI),
        Unary::Gelu => {
            let distribution = x.scaled_by(FRAC_1_SQRT_2)?.apply_unary(Unary::Erf).plus(1.0)?.scaled_by(0.5)?;
            let density = square()?.scaled_by(-0.5)?.apply_unary(Unary::Exp);
            let slope = x.mul(&density)?.scaled_by(FRAC_2_SQRT_PI * FRAC_1_SQRT_2 * 0.5)?;
            gradient.mul(&distribution.add(&slope)?)
        }
        Unary::Silu => {
            let sigmoid = of(Unary::Sigmoid);
            let slope = x.mul(&sigmoid.neg()?.plus(1.0)?)?.plus(1.0)?;
            gradient.mul(&sigmoid.mul(&slope)?)
        }
        _ => gradient.zeros_like(),
    }
}
