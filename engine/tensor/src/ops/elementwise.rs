use trustformers_core::{Error, Result};

use crate::dtype::{DType, Kind};
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

    fn computed(op: Binary, left: &Operand, right: &Operand, dtype: DType) -> Result<Self> {
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

/// Both operands as tensors of a dtype, broadcast to their common shape.
fn both(left: &Operand, right: &Operand, dtype: DType) -> Result<[Tensor; 2]> {
    let like = match (left, right) {
        (Operand::Tensor(tensor), _) | (_, Operand::Tensor(tensor)) => tensor,
        _ => return Err(Error::internal("an operation of two numbers")),
    };
    let (mut left, mut right) = (as_tensor(left, dtype, like)?, as_tensor(right, dtype, like)?);
    if left.device() != right.device() {
        // A tensor of rank 0 on the CPU moves to the other operand's device, as in torch.
        if right.rank() == 0 {
            right = right.to_device(left.device())?;
        } else if left.rank() == 0 {
            left = left.to_device(right.device())?;
        }
    }
    same_device(&[&left, &right])?;
    let shape = broadcast(&[&left.shape(), &right.shape()])?;
    check_room(&shape, dtype)?;
    Ok([left.expanded(&shape), right.expanded(&shape)])
}

pub(crate) fn same_device(tensors: &[&Tensor]) -> Result<()> {
    for pair in tensors.windows(2) {
        if pair[0].device() != pair[1].device() {
            let names = [pair[0].device().name(), pair[1].device().name()];
            let message = format!("the operands are on {} and {}; move one with to()", names[0], names[1]);
            return Err(Error::input("device", message));
        }
    }
    Ok(())
}

fn as_tensor(operand: &Operand, dtype: DType, like: &Tensor) -> Result<Tensor> {
    match operand {
        Operand::Tensor(tensor) => tensor.cast(dtype),
        Operand::Scalar(scalar) => Tensor::full(&[], wrapped(*scalar, dtype), dtype, like.device()),
    }
}

/// Converts a number to a dtype; integers wrap around as in C.
fn wrapped(scalar: Scalar, dtype: DType) -> Scalar {
    match dtype.kind() {
        Kind::Bool => scalar,
        Kind::Float => Scalar::Float(scalar.as_f64()),
        Kind::Int => {
            let (low, high) = dtype.int_range();
            let value = (scalar.truncated() - low).rem_euclid(high - low + 1) + low;
            if dtype == DType::U64 { Scalar::UInt(value as u64) } else { Scalar::Int(value as i64) }
        }
    }
}

pub(crate) fn no_common_dtype((a, b): (DType, DType)) -> Error {
    Error::input("dtype", format!("{a} and {b} have no common dtype; cast one with to()"))
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

/// Compares an integer tensor with an integer that its dtype does not hold.
fn compared_beyond(op: Comparison, left: &Operand, right: &Operand, dtype: DType) -> Result<Option<Tensor>> {
    let (tensor, scalar, is_reflected) = match (left, right) {
        (Operand::Tensor(tensor), Operand::Scalar(scalar)) => (tensor, scalar.truncated(), false),
        (Operand::Scalar(scalar), Operand::Tensor(tensor)) => (tensor, scalar.truncated(), true),
        _ => return Ok(None),
    };
    if dtype.kind() != Kind::Int || dtype.holds(scalar) {
        return Ok(None);
    }
    let is_tensor_less = (scalar > 0) != is_reflected;
    let result = match op {
        Comparison::Equal => false,
        Comparison::NotEqual => true,
        Comparison::Less | Comparison::LessEqual => is_tensor_less,
        Comparison::Greater | Comparison::GreaterEqual => !is_tensor_less,
    };
    Tensor::full(&tensor.shape(), Scalar::Bool(result), DType::Bool, tensor.device()).map(Some)
}

/// Shifts bits; a shift by the width or more, or by a negative number, shifts out all of them.
fn shifted(op: Binary, left: &Operand, right: &Operand, dtype: DType) -> Result<Tensor> {
    let bits = 8 * dtype.size() as i64;
    let is_logical = op == Binary::ShiftLeft || dtype.is_unsigned();
    if let Operand::Scalar(scalar) = right
        && (0..i128::from(bits)).contains(&scalar.truncated())
        && (op == Binary::ShiftLeft || dtype != DType::U64)
    {
        return Tensor::computed(op, left, right, dtype);
    }
    let [left, right] = both(left, right, dtype)?;
    let number = |value: i64| Operand::from(Scalar::Int(value));
    let is = |comparison, value: i64| Tensor::compare(comparison, &right.clone().into(), &number(value));
    let mut is_beyond = is(Comparison::GreaterEqual, bits)?;
    if !dtype.is_unsigned() {
        is_beyond = is_beyond.apply_binary(Binary::Or, &is(Comparison::Less, 0)?)?;
    }
    if !is_logical {
        return left.apply_binary(op, &is_beyond.where_(&number(bits - 1), &right.clone().into())?);
    }
    let count = is_beyond.where_(&number(0), &right.clone().into())?;
    let mut result = left.apply_binary(op, &count)?;
    if op == Binary::ShiftRight && dtype == DType::U64 {
        // The backend shifts copies of the highest bit in.
        let is_zero = Tensor::compare(Comparison::Equal, &count.clone().into(), &number(0))?;
        let rest = Tensor::computed(Binary::Sub, &number(bits), &count.into(), dtype)?;
        let rest = is_zero.where_(&number(0), &rest.into())?;
        let one = Tensor::full(&rest.shape(), Scalar::Int(1), dtype, rest.device())?;
        let mask =
            Tensor::computed(Binary::Sub, &one.apply_binary(Binary::ShiftLeft, &rest)?.into(), &number(1), dtype)?;
        result = is_zero.where_(&left.into(), &result.apply_binary(Binary::And, &mask)?.into())?;
    }
    is_beyond.where_(&number(0), &result.into())
}

/// Refuses an integer division by zero, which the processor would trap.
fn check_divisor(right: &Operand, dtype: DType) -> Result<()> {
    if dtype.is_float() {
        return Ok(());
    }
    let has_zero = match right {
        Operand::Scalar(scalar) => has(&wrapped(*scalar, dtype).into(), Comparison::Equal, 0)?,
        Operand::Tensor(_) => has(right, Comparison::Equal, 0)?,
    };
    if has_zero { Err(Error::input("other", "integer division by zero")) } else { Ok(()) }
}

/// Whether an integer, or any element of a tensor of integers, is less than, equal to or greater than a number.
fn has(operand: &Operand, op: Comparison, number: i64) -> Result<bool> {
    match (operand, op) {
        (Operand::Tensor(_), _) => Tensor::compare(op, operand, &Scalar::Int(number).into())?.has_true(),
        (Operand::Scalar(scalar), Comparison::Less) => Ok(scalar.truncated() < number.into()),
        (Operand::Scalar(scalar), Comparison::Greater) => Ok(scalar.truncated() > number.into()),
        (Operand::Scalar(scalar), _) => Ok(scalar.truncated() == number.into()),
    }
}

fn floor_divided(left: &Operand, right: &Operand, dtype: DType) -> Result<Tensor> {
    check_divisor(right, dtype)?;
    if dtype.is_float() {
        return Tensor::computed(Binary::FloorDiv, left, right, dtype);
    }
    if dtype.is_unsigned() {
        return Tensor::computed(Binary::IntDiv, left, right, dtype);
    }
    let [left, right] = both(left, right, dtype)?;
    let of = |op, a: &Tensor, b: &Tensor| a.apply_binary(op, b);
    let is = |op, a: &Tensor, number| Tensor::compare(op, &a.clone().into(), &Scalar::Int(number).into());
    // The smallest integer has no quotient by -1, which the processor would trap.
    let is_negated = is(Comparison::Equal, &right, -1)?;
    let divisor = is_negated.where_(&Scalar::Int(1).into(), &right.clone().into())?;
    let truncated = of(Binary::IntDiv, &left, &divisor)?;
    let rest = of(Binary::Sub, &left, &of(Binary::Mul, &truncated, &divisor)?)?;
    let differs = of(Binary::Xor, &is(Comparison::Less, &rest, 0)?, &is(Comparison::Less, &divisor, 0)?)?;
    let is_above = of(Binary::And, &is(Comparison::NotEqual, &rest, 0)?, &differs)?;
    let quotient = of(Binary::Sub, &truncated, &is_above.cast(dtype)?)?;
    let negated = Tensor::computed(Binary::Sub, &Scalar::Int(0).into(), &left.into(), dtype)?;
    is_negated.where_(&negated.into(), &quotient.into())
}

/// Remainder with the divisor's sign.
fn remainder(left: &Operand, right: &Operand, dtype: DType) -> Result<Tensor> {
    if dtype.is_float() {
        return Tensor::computed(Binary::Remainder, left, right, dtype);
    }
    let quotient = floor_divided(left, right, dtype)?;
    let multiple = Tensor::computed(Binary::Mul, &quotient.into(), right, dtype)?;
    Tensor::computed(Binary::Sub, left, &multiple.into(), dtype)
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
