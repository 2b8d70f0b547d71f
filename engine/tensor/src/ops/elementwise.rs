use trustformers_core::{Error, Result};

use crate::dtype::{DType, Kind};
use crate::promotion::{Operand, result_type};
use crate::scalar::Scalar;
use crate::shape::broadcast;
use crate::storage::{Binary, Comparison, Reduction, Unary};
use crate::tensor::Tensor;

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
            Arithmetic::Remainder => {
                check_divisor(right, dtype)?;
                let right = without_minus_one(right, dtype)?.unwrap_or_else(|| right.clone());
                Self::computed(Binary::Remainder, left, &right, dtype)
            }
            Arithmetic::Pow => power(left, right, dtype),
            Arithmetic::Maximum => extremum(left, right, dtype, Comparison::Greater),
            Arithmetic::Minimum => extremum(left, right, dtype, Comparison::Less),
            Arithmetic::And => Self::computed(Binary::And, left, right, dtype),
            Arithmetic::Or => Self::computed(Binary::Or, left, right, dtype),
            Arithmetic::Xor => Self::computed(Binary::Xor, left, right, dtype),
            Arithmetic::ShiftLeft => Self::computed(Binary::ShiftLeft, left, right, dtype),
            Arithmetic::ShiftRight => Self::computed(Binary::ShiftRight, left, right, dtype),
        }
    }

    fn computed(op: Binary, left: &Operand, right: &Operand, dtype: DType) -> Result<Self> {
        if let (Operand::Tensor(tensor), Operand::Scalar(scalar)) = (left, right) {
            let tensor = tensor.cast(dtype)?;
            if let Some(result) = tensor.storage.binary_scalar(op, wrapped(*scalar, dtype)) {
                return Ok(tensor.with_storage(result));
            }
        }
        let [left, right] = both(left, right, dtype)?;
        Ok(left.with_storage(left.storage.binary(op, &right.storage)?))
    }

    /// Compares two operands, at least one of them a tensor, element by element.
    ///
    /// **Errors:** `Input` if the operands have no common dtype or shape, or are on different devices.
    pub fn compare(op: Comparison, left: &Operand, right: &Operand) -> Result<Self> {
        let mut dtype = result_type(&[left, right]).map_err(no_common_dtype)?;
        for operand in [left, right] {
            // A number outside the range of an integer tensor is compared in a wider dtype.
            if let Operand::Scalar(Scalar::Int(_) | Scalar::UInt(_)) = operand
                && dtype.kind() == Kind::Int
            {
                let Operand::Scalar(scalar) = operand else { continue };
                let value = int_value(*scalar);
                let fits = |dtype: DType| (dtype.int_range().0..=dtype.int_range().1).contains(&value);
                if !fits(dtype) {
                    dtype = if dtype != DType::U64 && fits(DType::I64) { DType::I64 } else { DType::F64 };
                }
            }
        }
        if let (Operand::Tensor(tensor), Operand::Scalar(scalar)) = (left, right) {
            let tensor = tensor.cast(dtype)?;
            if let Some(result) = tensor.storage.compare_scalar(op, wrapped(*scalar, dtype)) {
                return Ok(tensor.with_storage(result));
            }
        }
        let [left, right] = both(left, right, dtype)?;
        Ok(left.with_storage(left.storage.compare(op, &right.storage)?))
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
            (Unary::Abs | Unary::Sign, Kind::Int) if dtype.is_unsigned() && op == Unary::Abs => Ok(self.clone()),
            (Unary::Neg | Unary::Abs | Unary::Sign | Unary::Not, _) => Ok(self.with_storage(self.storage.unary(op))),
            (Unary::Floor | Unary::Ceil | Unary::Round | Unary::Trunc | Unary::Relu, Kind::Int) => match op {
                Unary::Relu => Self::arithmetic(Arithmetic::Maximum, &self.clone().into(), &Scalar::Int(0).into()),
                _ => Ok(self.clone()),
            },
            (_, Kind::Float) => Ok(self.with_storage(self.storage.unary(op))),
            _ => self.cast(DType::F32)?.unary(op),
        }
    }

    /// Whether each element is NaN.
    pub fn is_nan(&self) -> Self {
        self.with_storage(self.storage.is_nan())
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
        let [mask, yes, no] = [self, &yes, &no].map(|tensor| tensor.expanded(&shape));
        Ok(self.with_storage(no.storage.mask_where(&mask.storage, &yes.storage)?))
    }

    /// Broadcasts to a shape that `self` must fit.
    pub(crate) fn expanded(&self, shape: &[usize]) -> Self {
        if self.shape() == shape { self.clone() } else { self.with_storage(self.storage.expand(shape)) }
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
        Kind::Float => Scalar::Float(match scalar {
            Scalar::Float(value) => value,
            other => int_value(other) as f64,
        }),
        Kind::Int => {
            let (low, high) = dtype.int_range();
            let value = (int_value(scalar) - low).rem_euclid(high - low + 1) + low;
            if dtype == DType::U64 { Scalar::UInt(value as u64) } else { Scalar::Int(value as i64) }
        }
    }
}

fn int_value(scalar: Scalar) -> i128 {
    match scalar {
        Scalar::Bool(value) => i128::from(value),
        Scalar::Int(value) => i128::from(value),
        Scalar::UInt(value) => i128::from(value),
        Scalar::Float(value) => value as i128,
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

/// Refuses an integer division by zero, which the processor would trap.
fn check_divisor(right: &Operand, dtype: DType) -> Result<()> {
    if dtype.is_float() {
        return Ok(());
    }
    let has_zero = match right {
        Operand::Scalar(scalar) => int_value(wrapped(*scalar, dtype)) == 0,
        Operand::Tensor(tensor) => tensor.cast(DType::Bool)?.logical_not()?.has_true()?,
    };
    if has_zero { Err(Error::input("other", "integer division by zero")) } else { Ok(()) }
}

/// Replaces -1 by 1 in an int64 divisor, since the smallest int64 divided by -1 overflows; `None` if there is no -1.
fn without_minus_one(right: &Operand, dtype: DType) -> Result<Option<Operand>> {
    if dtype != DType::I64 {
        return Ok(None);
    }
    match right {
        Operand::Scalar(scalar) => Ok((int_value(*scalar) == -1).then(|| Scalar::Int(1).into())),
        Operand::Tensor(tensor) => {
            let minus_one = Operand::from(Scalar::Int(-1));
            let mask = Tensor::compare(Comparison::Equal, &tensor.clone().into(), &minus_one)?;
            if !mask.has_true()? {
                return Ok(None);
            }
            mask.where_(&Scalar::Int(1).into(), &tensor.clone().into()).map(|tensor| Some(tensor.into()))
        }
    }
}

fn floor_divided(left: &Operand, right: &Operand, dtype: DType) -> Result<Tensor> {
    check_divisor(right, dtype)?;
    if dtype.is_unsigned() {
        return Tensor::computed(Binary::IntDiv, left, right, dtype);
    }
    if let Some(other) = without_minus_one(right, dtype)? {
        let is_minus_one = Tensor::compare(Comparison::Equal, right, &Scalar::Int(-1).into());
        let negative = Tensor::computed(Binary::Sub, &Scalar::Int(0).into(), left, dtype);
        return match (left, right) {
            (_, Operand::Scalar(_)) => negative,
            (Operand::Scalar(scalar), Operand::Tensor(tensor)) => {
                let left = Tensor::full(&[], wrapped(*scalar, dtype), dtype, tensor.device())?.into();
                floor_divided(&left, right, dtype)
            }
            _ => is_minus_one?.where_(&negative?.into(), &floor_divided(left, &other, dtype)?.into()),
        };
    }
    // Subtracting the remainder leaves a multiple of the divisor.
    let remainder = Tensor::computed(Binary::Remainder, left, right, dtype)?;
    let multiple = Tensor::computed(Binary::Sub, left, &remainder.into(), dtype)?;
    if dtype.is_float() {
        return Tensor::computed(Binary::Div, &multiple.into(), right, dtype)?.unary(Unary::Round);
    }
    Tensor::computed(Binary::IntDiv, &multiple.into(), right, dtype)
}

fn power(left: &Operand, right: &Operand, dtype: DType) -> Result<Tensor> {
    if dtype.is_float() {
        if let (Operand::Tensor(base), Operand::Scalar(exponent)) = (left, right) {
            let exponent = match exponent {
                Scalar::Float(value) => *value,
                other => int_value(*other) as f64,
            };
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
    let is_negative = match right {
        Operand::Scalar(scalar) => int_value(*scalar) < 0,
        Operand::Tensor(tensor) if tensor.dtype().is_unsigned() || tensor.dtype() == DType::Bool => false,
        Operand::Tensor(tensor) => {
            Tensor::compare(Comparison::Less, &tensor.clone().into(), &Scalar::Int(0).into())?.has_true()?
        }
    };
    if is_negative {
        return Err(Error::input("exponent", "integers have no negative powers; cast to a float dtype first"));
    }
    Tensor::computed(Binary::Pow, left, right, dtype)
}

/// Elementwise maximum (`Greater`) or minimum (`Less`); NaN if either element is NaN.
fn extremum(left: &Operand, right: &Operand, dtype: DType, op: Comparison) -> Result<Tensor> {
    let [left, right] = both(left, right, dtype)?;
    let mut is_left = left.with_storage(left.storage.compare(op, &right.storage)?);
    if dtype.is_float() {
        is_left = is_left.with_storage(is_left.storage.binary(Binary::Or, &left.is_nan().storage)?);
    }
    Ok(left.with_storage(right.storage.mask_where(&is_left.storage, &left.storage)?))
}

impl Tensor {
    /// Whether any element of a bool tensor is true.
    pub(crate) fn has_true(&self) -> Result<bool> {
        if self.num_elements() == 0 {
            return Ok(false);
        }
        let flat = self.with_storage(self.storage.reshape(&[self.num_elements()]));
        let any = flat.storage.reduce(Reduction::Any, 0);
        Ok(self.with_storage(any).to_i64()?.contains(&1))
    }
}
