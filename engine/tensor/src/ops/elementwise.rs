use trustformers_core::{Error, Result};

use crate::dtype::{DType, Kind};
use crate::ops::integers::{compared_beyond, floor_divided, has, remainder, shifted};
use crate::ops::operands::{as_tensor, both, no_common_dtype, same_device, wrapped};
use crate::promotion::{Operand, result_type};
use crate::scalar::Scalar;
use crate::shape::{broadcast, check_room};
use crate::storage::{Binary, Comparison, Reduction, Unary};
use crate::tensor::{Rule, Tensor};

/// An elementwise operation on two operands, which are promoted to a common dtype and broadcast.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arithmetic {
    /// Sum.
    Add,
    /// Difference.
    Sub,
    /// Product.
    Mul,
    /// Quotient, a float.
    Div,
    /// Quotient, rounded down.
    FloorDiv,
    /// Remainder with the divisor's sign.
    Remainder,
    /// Power.
    Pow,
    /// The larger element; NaN if either is NaN.
    Maximum,
    /// The smaller element; NaN if either is NaN.
    Minimum,
    /// Angle of a point given as `y, x`, a float.
    Atan2,
    /// Conjunction of bits or booleans.
    And,
    /// Disjunction of bits or booleans.
    Or,
    /// Exclusive disjunction of bits or booleans.
    Xor,
    /// Left shift of bits.
    ShiftLeft,
    /// Right shift of bits.
    ShiftRight,
}

impl Arithmetic {
    fn name(self) -> &'static str {
        match self {
            Self::Add => "+",
            Self::Sub => "-",
            Self::Mul => "*",
            Self::Div => "/",
            Self::FloorDiv => "//",
            Self::Remainder => "%",
            Self::Pow => "**",
            Self::Maximum => "maximum",
            Self::Minimum => "minimum",
            Self::Atan2 => "atan2",
            Self::And => "&",
            Self::Or => "|",
            Self::Xor => "^",
            Self::ShiftLeft => "<<",
            Self::ShiftRight => ">>",
        }
    }
}

impl Tensor {
    /// Applies an operation to two operands, at least one of them a tensor.
    ///
    /// **Errors:** `Input` if the operands have no common dtype or shape or are on different devices, an integer is
    /// divided by zero, or the operation is not defined for their dtype.
    pub fn arithmetic(op: Arithmetic, left: &Operand, right: &Operand) -> Result<Self> {
        let dtype = common_dtype(op, left, right)?;
        match op {
            Arithmetic::Add => Self::computed(Binary::Add, left, right, dtype),
            Arithmetic::Sub if dtype == DType::Bool => undefined(op, dtype),
            Arithmetic::Sub => Self::computed(Binary::Sub, left, right, dtype),
            Arithmetic::Mul => Self::computed(Binary::Mul, left, right, dtype),
            Arithmetic::Div => Self::computed(Binary::Div, left, right, dtype),
            Arithmetic::Atan2 => Self::computed(Binary::Atan2, left, right, dtype),
            Arithmetic::FloorDiv => floor_divided(left, right, dtype),
            Arithmetic::Remainder => remainder(left, right, dtype),
            Arithmetic::Pow => power(left, right, dtype),
            Arithmetic::Maximum => extremum(left, right, dtype, Comparison::Greater),
            Arithmetic::Minimum => extremum(left, right, dtype, Comparison::Less),
            Arithmetic::And => Self::computed(Binary::And, left, right, dtype),
            Arithmetic::Or => Self::computed(Binary::Or, left, right, dtype),
            Arithmetic::Xor => Self::computed(Binary::Xor, left, right, dtype),
            Arithmetic::ShiftLeft => shifted(Binary::ShiftLeft, left, right, dtype),
            Arithmetic::ShiftRight => shifted(Binary::ShiftRight, left, right, dtype),
        }
    }

    pub(super) fn computed(op: Binary, left: &Operand, right: &Operand, dtype: DType) -> Result<Self> {
        if let (Operand::Tensor(tensor), Operand::Scalar(scalar)) = (left, right) {
            check_room(&tensor.shape(), dtype)?;
            let tensor = tensor.cast(dtype)?;
            if let Some(result) = tensor.apply_binary_scalar(op, wrapped(*scalar, dtype)) {
                return Ok(result);
            }
        }
        let [left, right] = both(left, right, dtype)?;
        left.apply_binary(op, &right)
    }

    /// Quotient, rounded towards zero.
    ///
    /// **Errors:** any error of [`Tensor::arithmetic`].
    pub fn truncated_quotient(left: &Operand, right: &Operand) -> Result<Self> {
        if common_dtype(Arithmetic::FloorDiv, left, right)?.is_float() {
            return Self::arithmetic(Arithmetic::Div, left, right)?.unary(Unary::Trunc);
        }
        let floor = Self::arithmetic(Arithmetic::FloorDiv, left, right)?;
        let rest = Self::arithmetic(Arithmetic::Remainder, left, right)?;
        let is = |op, x: &Self| Self::compare(op, &x.clone().into(), &Scalar::Int(0).into());
        let is_below = is(Comparison::NotEqual, &rest)?.apply_binary(Binary::And, &is(Comparison::Less, &floor)?)?;
        floor.add(&is_below.cast(floor.dtype())?)
    }

    /// Compares two operands, at least one of them a tensor, element by element.
    ///
    /// **Errors:** `Input` if the operands have no common dtype or shape, or are on different devices.
    pub fn compare(op: Comparison, left: &Operand, right: &Operand) -> Result<Self> {
        let dtype = result_type(&[left, right]).map_err(no_common_dtype)?;
        if let Some(result) = compared_beyond(op, left, right, dtype)? {
            return Ok(result);
        }
        if let (Operand::Tensor(tensor), Operand::Scalar(scalar)) = (left, right) {
            check_room(&tensor.shape(), dtype)?;
            let tensor = tensor.cast(dtype)?;
            if let Some(result) = tensor.storage().compare_scalar(op, wrapped(*scalar, dtype)) {
                return Ok(tensor.with_storage(result));
            }
        }
        let [left, right] = both(left, right, dtype)?;
        Ok(left.with_storage(left.storage().compare(op, right.storage())?))
    }

    /// Applies an operation to each element; integers are cast to float32 for operations that need floats.
    ///
    /// **Errors:** `Input` for the negative of booleans or the complement of floats.
    pub fn unary(&self, op: Unary) -> Result<Self> {
        let dtype = self.dtype();
        match (op, dtype.kind()) {
            (Unary::Neg, Kind::Bool) => {
                Err(Error::input("self", "a bool tensor has no negative; use ~ or logical_not"))
            }
            (Unary::Not, Kind::Float) => Err(Error::input("self", format!("~ has no meaning for {dtype}"))),
            (Unary::Neg, Kind::Int) if dtype.is_unsigned() => {
                let zero = Self::full(&[], Scalar::Int(0), dtype, self.device())?;
                Self::arithmetic(Arithmetic::Sub, &zero.into(), &self.clone().into())
            }
            (Unary::Abs, Kind::Int) if dtype.is_unsigned() => Ok(self.clone()),
            (Unary::Neg | Unary::Abs | Unary::Sign | Unary::Not, _) => Ok(self.apply_unary(op)),
            (Unary::Floor | Unary::Ceil | Unary::Round | Unary::Trunc, Kind::Int) => Ok(self.clone()),
            (Unary::Relu, Kind::Int) => {
                Self::arithmetic(Arithmetic::Maximum, &self.clone().into(), &Scalar::Int(0).into())
            }
            (_, Kind::Float) => {
                check_room(&self.shape(), dtype)?;
                let found = self.apply_unary(op);
                if op == Unary::Relu && self.may_have_nan()? {
                    return self.is_nan().where_(&self.clone().into(), &found.into());
                }
                Ok(found)
            }
            _ => self.cast(DType::F32)?.unary(op),
        }
    }

    /// Elements clamped to a range; where the bounds cross, the upper bound.
    ///
    /// **Errors:** any error of [`Tensor::arithmetic`].
    pub fn clamp(&self, low: Option<&Operand>, high: Option<&Operand>) -> Result<Self> {
        let bounded = |x: Self, op, bound: Option<&Operand>| {
            bound.map_or(Ok(x.clone()), |bound| Self::arithmetic(op, &x.into(), bound))
        };
        let is_tensor = |bound: &Operand| matches!(bound, Operand::Tensor(_));
        if !self.is_tracked() || [low, high].into_iter().flatten().any(is_tensor) {
            return bounded(bounded(self.clone(), Arithmetic::Maximum, low)?, Arithmetic::Minimum, high);
        }
        let x = self.detached();
        let result = bounded(bounded(x.clone(), Arithmetic::Maximum, low)?, Arithmetic::Minimum, high)?;
        // An element at a bound has no gradient, unlike one of two equal elements of a maximum.
        let is_beyond = |op, bound: Option<&Operand>| {
            bound.map_or(Ok(None), |bound| Self::compare(op, &x.clone().into(), bound).map(Some))
        };
        let mut is_outside = is_beyond(Comparison::LessEqual, low)?;
        if let Some(is_above) = is_beyond(Comparison::GreaterEqual, high)? {
            is_outside =
                Some(is_outside.map_or(Ok(is_above.clone()), |below| below.apply_binary(Binary::Or, &is_above))?);
        }
        let own = self.cast(result.dtype())?;
        let rule = Rule::saving(move |flow| match &is_outside {
            Some(is_outside) => is_outside.where_(&Scalar::Float(0.0).into(), &flow.gradient.clone().into()),
            None => Ok(flow.gradient.clone()),
        });
        Ok(result.computed_from([(&own, rule)]))
    }

    /// Whether each element is NaN.
    pub fn is_nan(&self) -> Self {
        self.with_storage(self.storage().is_nan())
    }

    /// Logical negation of each element: whether it is false or zero.
    ///
    /// **Errors:** `Internal` if the backend fails.
    pub fn logical_not(&self) -> Result<Self> {
        self.cast(DType::Bool)?.unary(Unary::Not)
    }

    /// Elements of `yes` where `self` is true, and of `no` elsewhere.
    ///
    /// **Errors:** `Input` if `self` is not a bool tensor, or the operands have no common dtype or shape or are on
    /// different devices.
    pub fn where_(&self, yes: &Operand, no: &Operand) -> Result<Self> {
        if self.dtype() != DType::Bool {
            return Err(Error::input("condition", format!("expected a bool tensor, found {}", self.dtype())));
        }
        let dtype = result_type(&[yes, no]).map_err(no_common_dtype)?;
        let [yes, no] = [yes, no].map(|operand| as_tensor(operand, dtype, self));
        let (yes, no) = (yes?, no?);
        same_device(&[self, &yes, &no])?;
        let shape = broadcast(&[&self.shape(), &yes.shape(), &no.shape()])?;
        check_room(&shape, dtype)?;
        let [mask, yes, no] = [self, &yes, &no].map(|tensor| tensor.expanded(&shape));
        no.apply_mask_where(&mask, &yes)
    }
}

fn undefined<T>(op: Arithmetic, dtype: DType) -> Result<T> {
    Err(Error::input("dtype", format!("{} has no meaning for {dtype}", op.name())))
}

/// The dtype in which an operation is computed.
fn common_dtype(op: Arithmetic, left: &Operand, right: &Operand) -> Result<DType> {
    let dtype = result_type(&[left, right]).map_err(no_common_dtype)?;
    match op {
        Arithmetic::Div | Arithmetic::Atan2 if !dtype.is_float() => Ok(DType::F32),
        Arithmetic::FloorDiv | Arithmetic::Remainder | Arithmetic::Pow if dtype == DType::Bool => undefined(op, dtype),
        Arithmetic::ShiftLeft | Arithmetic::ShiftRight if dtype.kind() != Kind::Int => undefined(op, dtype),
        Arithmetic::And | Arithmetic::Or | Arithmetic::Xor if dtype.is_float() => undefined(op, dtype),
        _ => Ok(dtype),
    }
}

fn power(left: &Operand, right: &Operand, dtype: DType) -> Result<Tensor> {
    if dtype.is_float() {
        if let (Operand::Tensor(base), Operand::Scalar(exponent)) = (left, right) {
            let exponent = exponent.as_f64();
            let base = base.cast(dtype)?;
            if exponent == 2.0 {
                return Tensor::computed(Binary::Mul, &base.clone().into(), &base.into(), dtype);
            }
            if exponent == 0.5 {
                return base.unary(Unary::Sqrt);
            }
        }
        return Tensor::computed(Binary::Pow, left, right, dtype);
    }
    if has(right, Comparison::Greater, i32::MAX.into())? {
        return Err(Error::input("exponent", format!("is beyond {}; cast to a float dtype first", i32::MAX)));
    }
    if has(right, Comparison::Less, 0)? {
        return Err(Error::input("exponent", "integers have no negative powers; cast to a float dtype first"));
    }
    Tensor::computed(Binary::Pow, left, right, dtype)
}

/// Elementwise maximum (`Greater`) or minimum (`Less`); NaN if either element is NaN.
fn extremum(left: &Operand, right: &Operand, dtype: DType, op: Comparison) -> Result<Tensor> {
    for operand in [left, right] {
        if let (Operand::Scalar(scalar), Kind::Int) = (operand, dtype.kind()) {
            Tensor::check_value(*scalar, dtype)?;
        }
    }
    let [left, right] = both(left, right, dtype)?;
    left.apply_extremum(op, &right)
}

impl Tensor {
    /// Whether any element of a bool tensor is true.
    pub(crate) fn has_true(&self) -> Result<bool> {
        if self.num_elements() == 0 {
            return Ok(false);
        }
        let flat = self.apply_reshape(&[self.num_elements()]);
        let any = flat.storage().reduce(Reduction::Any, 0);
        Ok(self.with_storage(any).to_i64()?.contains(&1))
    }
}

/// Arithmetic of tensors, which are promoted and broadcast.
impl Tensor {
    pub(crate) fn add(&self, other: &Self) -> Result<Self> {
        Self::arithmetic(Arithmetic::Add, &self.clone().into(), &other.clone().into())
    }

    pub(crate) fn sub(&self, other: &Self) -> Result<Self> {
        Self::arithmetic(Arithmetic::Sub, &self.clone().into(), &other.clone().into())
    }

    pub(crate) fn mul(&self, other: &Self) -> Result<Self> {
        Self::arithmetic(Arithmetic::Mul, &self.clone().into(), &other.clone().into())
    }

    pub(crate) fn div(&self, other: &Self) -> Result<Self> {
        Self::arithmetic(Arithmetic::Div, &self.clone().into(), &other.clone().into())
    }

    pub(crate) fn power(&self, other: &Self) -> Result<Self> {
        Self::arithmetic(Arithmetic::Pow, &self.clone().into(), &other.clone().into())
    }

    pub(crate) fn neg(&self) -> Result<Self> {
        self.unary(Unary::Neg)
    }

    /// Adds a number.
    pub(crate) fn plus(&self, number: f64) -> Result<Self> {
        Self::arithmetic(Arithmetic::Add, &self.clone().into(), &Scalar::Float(number).into())
    }

    /// Multiplies by a number.
    pub(crate) fn scaled_by(&self, number: f64) -> Result<Self> {
        Self::arithmetic(Arithmetic::Mul, &self.clone().into(), &Scalar::Float(number).into())
    }

    /// Divides by a number.
    pub(crate) fn over(&self, number: f64) -> Result<Self> {
        Self::arithmetic(Arithmetic::Div, &self.clone().into(), &Scalar::Float(number).into())
    }

    /// Zeros of another shape, with the dtype and device of `self`.
    pub(crate) fn zeros(&self, shape: &[usize]) -> Result<Self> {
        Self::full(shape, Scalar::Int(0), self.dtype(), self.device())
    }

    pub(crate) fn zeros_like(&self) -> Result<Self> {
        self.zeros(&self.shape())
    }
}
