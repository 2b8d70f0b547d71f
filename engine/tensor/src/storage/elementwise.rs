use burn::tensor::{IntDType, Scalar as BurnScalar};
use trustformers_core::{Error, Result};
use trustformers_ops::EngineBackend;

use super::{BOOL, Values, mixed_kinds};
use crate::scalar::Scalar;

/// An elementwise operation. All but `Neg`, `Abs`, `Sign` and `Not` need floats.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unary {
    /// Negative.
    Neg,
    /// Absolute value.
    Abs,
    /// Sign: -1, 0 or 1.
    Sign,
    /// Complement: of bits, or of a boolean.
    Not,
    /// Exponential.
    Exp,
    /// Natural logarithm.
    Log,
    /// Natural logarithm of 1 plus the element.
    Log1p,
    /// Square root.
    Sqrt,
    /// Reciprocal.
    Recip,
    /// Sine.
    Sin,
    /// Cosine.
    Cos,
    /// Tangent.
    Tan,
    /// Hyperbolic sine.
    Sinh,
    /// Hyperbolic cosine.
    Cosh,
    /// Hyperbolic tangent.
    Tanh,
    /// Inverse sine.
    Asin,
    /// Inverse cosine.
    Acos,
    /// Inverse tangent.
    Atan,
    /// Inverse hyperbolic sine.
    Asinh,
    /// Inverse hyperbolic cosine.
    Acosh,
    /// Inverse hyperbolic tangent.
    Atanh,
    /// Error function.
    Erf,
    /// Largest integer not above the element.
    Floor,
    /// Smallest integer not below the element.
    Ceil,
    /// Nearest integer, ties to even.
    Round,
    /// Integer part.
    Trunc,
    /// `1 / (1 + exp(-x))`.
    Sigmoid,
    /// `max(x, 0)`.
    Relu,
    /// GELU with the error function.
    Gelu,
    /// `x * sigmoid(x)`.
    Silu,
}

/// An operation on two elements of the same dtype.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Binary {
    /// Sum; of booleans their disjunction.
    Add,
    /// Difference.
    Sub,
    /// Product; of booleans their conjunction.
    Mul,
    /// Quotient of floats.
    Div,
    /// Quotient of floats, rounded down.
    FloorDiv,
    /// Quotient of integers, rounded towards zero.
    IntDiv,
    /// Remainder with the divisor's sign.
    Remainder,
    /// Power.
    Pow,
    /// Angle of a point given as `y, x`.
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

/// A comparison of two elements of the same dtype.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    /// `==`
    Equal,
    /// `!=`
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    LessEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterEqual,
}

pub(super) fn unary<B: EngineBackend>(values: Values<B>, op: Unary) -> Values<B> {
    match values {
        Values::Float(x) => Values::Float(float_unary::<B>(x, op)),
        Values::Int(x) => Values::Int(match op {
            Unary::Neg => B::int_neg(x),
            Unary::Abs => B::int_abs(x),
            Unary::Sign => B::int_sign(x),
            Unary::Not => B::bitwise_not(x),
            // Rounding does not change integers.
            _ => x,
        }),
        Values::Bool(x) => Values::Bool(if op == Unary::Not { B::bool_not(x) } else { x }),
    }
}

fn float_unary<B: EngineBackend>(x: B::FloatTensorPrimitive, op: Unary) -> B::FloatTensorPrimitive {
    match op {
        Unary::Neg | Unary::Not => B::float_neg(x),
        Unary::Abs => B::float_abs(x),
        Unary::Sign => B::float_sign(x),
        Unary::Exp => B::float_exp(x),
        Unary::Log => B::float_log(x),
        Unary::Log1p => B::float_log1p(x),
        Unary::Sqrt => B::float_sqrt(x),
        Unary::Recip => B::float_recip(x),
        Unary::Sin => B::float_sin(x),
        Unary::Cos => B::float_cos(x),
        Unary::Tan => B::float_tan(x),
        Unary::Sinh => B::float_sinh(x),
        Unary::Cosh => B::float_cosh(x),
        Unary::Tanh => B::float_tanh(x),
        Unary::Asin => B::float_asin(x),
        Unary::Acos => B::float_acos(x),
        Unary::Atan => B::float_atan(x),
        Unary::Asinh => B::float_asinh(x),
        Unary::Acosh => B::float_acosh(x),
        Unary::Atanh => B::float_atanh(x),
        Unary::Erf => B::float_erf(x),
        Unary::Floor => B::float_floor(x),
        Unary::Ceil => B::float_ceil(x),
        Unary::Round => B::float_round(x),
        Unary::Trunc => B::float_trunc(x),
        Unary::Sigmoid => B::sigmoid(x),
        Unary::Relu => B::relu(x),
        Unary::Gelu => B::gelu(x),
        Unary::Silu => B::float_mul(x.clone(), B::sigmoid(x)),
    }
}

pub(super) fn binary<B: EngineBackend>(op: Binary, left: Values<B>, right: Values<B>) -> Result<Values<B>> {
    let unsupported = |kind: &str| Err(Error::unsupported(format!("{op:?} of {kind}")));
    Ok(match (left, right) {
        (Values::Float(a), Values::Float(b)) => Values::Float(match op {
            Binary::Add => B::float_add(a, b),
            Binary::Sub => B::float_sub(a, b),
            Binary::Mul => B::float_mul(a, b),
            Binary::Div => B::float_div(a, b),
            Binary::FloorDiv => B::float_floor(B::float_div(a, b)),
            Binary::Remainder => B::float_remainder(a, b),
            Binary::Pow => B::float_powf(a, b),
            Binary::Atan2 => B::float_atan2(a, b),
            _ => return unsupported("floats"),
        }),
        (Values::Int(a), Values::Int(b)) => Values::Int(match op {
            Binary::Add => B::int_add(a, b),
            Binary::Sub => B::int_sub(a, b),
            Binary::Mul => B::int_mul(a, b),
            Binary::IntDiv => B::int_div(a, b),
            Binary::Remainder => B::int_remainder(a, b),
            Binary::Pow => B::int_powi(a, b),
            Binary::And => B::bitwise_and(a, b),
            Binary::Or => B::bitwise_or(a, b),
            Binary::Xor => B::bitwise_xor(a, b),
            Binary::ShiftLeft => B::bitwise_left_shift(a, b),
            Binary::ShiftRight => B::bitwise_right_shift(a, b),
            Binary::Div | Binary::FloorDiv | Binary::Atan2 => return unsupported("integers"),
        }),
        (Values::Bool(a), Values::Bool(b)) => Values::Bool(match op {
            Binary::Add | Binary::Or => B::bool_or(a, b),
            Binary::Mul | Binary::And => B::bool_and(a, b),
            Binary::Xor => B::bool_xor(a, b),
            _ => return unsupported("booleans"),
        }),
        _ => return Err(mixed_kinds()),
    })
}

pub(super) fn binary_scalar<B: EngineBackend>(op: Binary, left: &Values<B>, right: Scalar) -> Option<Values<B>> {
    Some(match left {
        Values::Float(x) => {
            let (x, number) = (x.clone(), burn_scalar(right));
            Values::Float(match op {
                Binary::Add => B::float_add_scalar(x, number),
                Binary::Sub => B::float_sub_scalar(x, number),
                Binary::Mul => B::float_mul_scalar(x, number),
                Binary::Div => B::float_div_scalar(x, number),
                _ => return None,
            })
        }
        Values::Int(x) => {
            let (x, number) = (x.clone(), burn_scalar(right));
            Values::Int(match op {
                Binary::Add => B::int_add_scalar(x, number),
                Binary::Sub => B::int_sub_scalar(x, number),
                Binary::Mul => B::int_mul_scalar(x, number),
                _ => return None,
            })
        }
        Values::Bool(_) => return None,
    })
}

pub(super) fn compare<B: EngineBackend>(op: Comparison, left: Values<B>, right: Values<B>) -> Result<Values<B>> {
    Ok(Values::Bool(match (left, right) {
        (Values::Float(a), Values::Float(b)) => match op {
            Comparison::Equal => B::float_equal(a, b, BOOL),
            Comparison::NotEqual => B::float_not_equal(a, b, BOOL),
            Comparison::Less => B::float_lower(a, b, BOOL),
            Comparison::LessEqual => B::float_lower_equal(a, b, BOOL),
            Comparison::Greater => B::float_greater(a, b, BOOL),
            Comparison::GreaterEqual => B::float_greater_equal(a, b, BOOL),
        },
        (Values::Int(a), Values::Int(b)) => int_compare::<B>(op, a, b),
        (Values::Bool(a), Values::Bool(b)) => match op {
            Comparison::Equal => B::bool_equal(a, b),
            Comparison::NotEqual => B::bool_xor(a, b),
            _ => int_compare::<B>(op, B::bool_into_int(a, IntDType::U8), B::bool_into_int(b, IntDType::U8)),
        },
        _ => return Err(mixed_kinds()),
    }))
}

fn int_compare<B: EngineBackend>(
    op: Comparison,
    a: B::IntTensorPrimitive,
    b: B::IntTensorPrimitive,
) -> B::BoolTensorPrimitive {
    match op {
        Comparison::Equal => B::int_equal(a, b, BOOL),
        Comparison::NotEqual => B::int_not_equal(a, b, BOOL),
        Comparison::Less => B::int_lower(a, b, BOOL),
        Comparison::LessEqual => B::int_lower_equal(a, b, BOOL),
        Comparison::Greater => B::int_greater(a, b, BOOL),
        Comparison::GreaterEqual => B::int_greater_equal(a, b, BOOL),
    }
}

pub(super) fn compare_scalar<B: EngineBackend>(op: Comparison, left: &Values<B>, right: Scalar) -> Option<Values<B>> {
    let number = burn_scalar(right);
    Some(Values::Bool(match left {
        Values::Float(x) => {
            let x = x.clone();
            match op {
                Comparison::Equal => B::float_equal_elem(x, number, BOOL),
                Comparison::NotEqual => B::float_not_equal_elem(x, number, BOOL),
                Comparison::Less => B::float_lower_elem(x, number, BOOL),
                Comparison::LessEqual => B::float_lower_equal_elem(x, number, BOOL),
                Comparison::Greater => B::float_greater_elem(x, number, BOOL),
                Comparison::GreaterEqual => B::float_greater_equal_elem(x, number, BOOL),
            }
        }
        Values::Int(x) => {
            let x = x.clone();
            match op {
                Comparison::Equal => B::int_equal_elem(x, number, BOOL),
                Comparison::NotEqual => B::int_not_equal_elem(x, number, BOOL),
                Comparison::Less => B::int_lower_elem(x, number, BOOL),
                Comparison::LessEqual => B::int_lower_equal_elem(x, number, BOOL),
                Comparison::Greater => B::int_greater_elem(x, number, BOOL),
                Comparison::GreaterEqual => B::int_greater_equal_elem(x, number, BOOL),
            }
        }
        Values::Bool(_) => return None,
    }))
}

pub(super) fn is_nan<B: EngineBackend>(values: &Values<B>) -> Values<B> {
    Values::Bool(match values {
        Values::Float(x) => B::float_is_nan(x.clone(), BOOL),
        Values::Int(x) => B::int_not_equal(x.clone(), x.clone(), BOOL),
        Values::Bool(x) => B::bool_xor(x.clone(), x.clone()),
    })
}

pub(super) fn mask_where<B: EngineBackend>(values: Values<B>, mask: Values<B>, other: Values<B>) -> Result<Values<B>> {
    let Values::Bool(mask) = mask else { return Err(mixed_kinds()) };
    Ok(match (values, other) {
        (Values::Float(x), Values::Float(other)) => Values::Float(B::float_mask_where(x, mask, other)),
        (Values::Int(x), Values::Int(other)) => Values::Int(B::int_mask_where(x, mask, other)),
        (Values::Bool(x), Values::Bool(other)) => Values::Bool(B::bool_mask_where(x, mask, other)),
        _ => return Err(mixed_kinds()),
    })
}

fn burn_scalar(scalar: Scalar) -> BurnScalar {
    match scalar {
        Scalar::Bool(value) => BurnScalar::Bool(value),
        Scalar::Int(value) => BurnScalar::Int(value),
        Scalar::UInt(value) => BurnScalar::UInt(value),
        Scalar::Float(value) => BurnScalar::Float(value),
    }
}
