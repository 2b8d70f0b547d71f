//! Python's binary arithmetic on numbers, texts and sequences.

use num_bigint::{BigInt, Sign};
use num_traits::{Pow, Signed, ToPrimitive, Zero};

use super::context::Context;
use super::exception::{Exception, Kind};
use super::number::{MOST_BITS, as_float, big, small, too_large};
use super::operators::Operator;
use super::value::{Result, Value};
use super::{format, text};

/// Integers up to this value convert to floats exactly.
const EXACT_FLOAT: i64 = 1 << 53;

fn checked(value: BigInt) -> Result {
    if value.bits() > MOST_BITS { Err(Exception::exhausted()) } else { Ok(Value::from_big(value)) }
}

fn division_by_zero(message: &str) -> Exception {
    Exception::new(Kind::ZeroDivision, message)
}

fn symbol(operator: Operator) -> &'static str {
    match operator {
        Operator::Add => "+",
        Operator::Subtract => "-",
        Operator::Multiply => "*",
        Operator::Divide => "/",
        Operator::FloorDivide => "//",
        Operator::Remainder => "%",
        Operator::Power => "** or pow()",
    }
}

pub(super) fn binary(cx: &Context, operator: Operator, left: &Value, right: &Value) -> Result {
    if let (Operator::Remainder, Some(format)) = (operator, left.as_str()) {
        return format::percent(cx, left, format, right);
    }
    for value in [left, right] {
        if let Value::Undefined(undefined) = value {
            return Err(undefined.exception());
        }
    }
    if let (Some(one), Some(other)) = (small(left), small(right)) {
        let found = match operator {
            Operator::Add => one.checked_add(other),
            Operator::Subtract => one.checked_sub(other),
            Operator::Multiply => one.checked_mul(other),
            _ => None,
        };
        if let Some(found) = found {
            return Ok(Value::Int(found));
        }
    }
    if let (Some(one), Some(other)) = (big(left), big(right)) {
        cx.charge((one.bits() + other.bits()) / 64)?;
        return integers(operator, one, other);
    }
    if let (Some(one), Some(other)) = (as_float(left), as_float(right)) {
        return floats(operator, one?, other?);
    }
    sequences(cx, operator, left, right)
}

fn integers(operator: Operator, left: BigInt, right: BigInt) -> Result {
    match operator {
        Operator::Add => checked(left + right),
        Operator::Subtract => checked(left - right),
        Operator::Multiply => checked(left * right),
        Operator::Divide => divide(&left, &right),
        Operator::FloorDivide | Operator::Remainder => {
            if right.is_zero() {
                return Err(division_by_zero("integer division or modulo by zero"));
            }
            let (mut quotient, mut rest) = (&left / &right, &left % &right);
            if !rest.is_zero() && rest.sign() != right.sign() {
                quotient -= 1;
                rest += right;
            }
            Ok(Value::from_big(if operator == Operator::FloorDivide { quotient } else { rest }))
        }
        Operator::Power => {
            if right.is_negative() {
                let (Some(base), Some(power)) = (left.to_f64(), right.to_f64()) else { return Err(too_large()) };
                return floats(operator, base, power);
            }
            // Powers of 0, 1 and -1 depend only on whether the exponent is zero, odd or even.
            let power = if left.bits() <= 1 {
                u64::from(!right.is_zero()) + u64::from(!right.is_zero() && !right.bit(0))
            } else {
                let power = right.to_u64().filter(|power| power.saturating_mul(left.bits()) <= 2 * MOST_BITS);
                power.ok_or_else(Exception::exhausted)?
            };
            checked(Pow::pow(left, power))
        }
    }
}

fn divide(left: &BigInt, right: &BigInt) -> Result {
    if right.is_zero() {
        return Err(division_by_zero("division by zero"));
    }
    let exact = BigInt::from(EXACT_FLOAT);
    let (Some(one), Some(other)) = (left.to_f64(), right.to_f64()) else { return Err(too_large()) };
    if left.abs() > exact || right.abs() > exact {
        return Err(Exception::unsupported("the quotient of integers above 2**53"));
    }
    Ok(Value::Float(one / other))
}

fn floats(operator: Operator, left: f64, right: f64) -> Result {
    let zero = |what| division_by_zero(what);
    let remainder = || {
        let rest = left % right;
        if rest == 0.0 {
            0.0_f64.copysign(right)
        } else if (right < 0.0) != (rest < 0.0) {
            rest + right
        } else {
            rest
        }
    };
    Ok(Value::Float(match operator {
        Operator::Add => left + right,
        Operator::Subtract => left - right,
        Operator::Multiply => left * right,
        Operator::Divide if right == 0.0 => return Err(zero("float division by zero")),
        Operator::Divide => left / right,
        Operator::FloorDivide if right == 0.0 => return Err(zero("float floor division by zero")),
        Operator::Remainder if right == 0.0 => return Err(zero("float modulo")),
        Operator::FloorDivide => {
            let rest = left % right;
            let mut quotient = (left - rest) / right;
            if rest != 0.0 && (right < 0.0) != (rest < 0.0) {
                quotient -= 1.0;
            }
            if quotient == 0.0 {
                0.0_f64.copysign(left / right)
            } else {
                let floor = quotient.floor();
                if quotient - floor > 0.5 { floor + 1.0 } else { floor }
            }
        }
        Operator::Remainder => remainder(),
        Operator::Power => {
            if left == 0.0 && right < 0.0 {
                return Err(zero("0.0 cannot be raised to a negative power"));
            }
            if left < 0.0 && left.is_finite() && right.is_finite() && right.fract() != 0.0 {
                return Err(Exception::unsupported("complex numbers"));
            }
            let power = left.powf(right);
            if power.is_infinite() && left.is_finite() && right.is_finite() {
                return Err(Exception::new(Kind::Overflow, "(34, 'Numerical result out of range')"));
            }
            power
        }
    }))
}

fn sequences(cx: &Context, operator: Operator, left: &Value, right: &Value) -> Result {
    match (operator, left, right) {
        (Operator::Add, Value::Markup(one), Value::Str(other)) => cx.markup(format!("{one}{}", text::escape(other))),
        (Operator::Add, Value::Markup(one), Value::Markup(other)) => cx.markup(format!("{one}{other}")),
        (Operator::Add, Value::Str(one), Value::Markup(other)) => cx.markup(text::escape(one) + other),
        (Operator::Add, Value::Str(one), Value::Str(other)) => cx.text(format!("{one}{other}")),
        (Operator::Add, Value::Str(_) | Value::Markup(_), _) => {
            Err(Exception::type_error(format!("can only concatenate str (not \"{}\") to str", right.type_name())))
        }
        (Operator::Add, Value::List(one), Value::List(other)) => {
            cx.charge_items(one.len() + other.len())?;
            Ok(Value::list(one.iter().chain(other.iter()).cloned().collect()))
        }
        (Operator::Add, Value::Tuple(one) | Value::Group(one), Value::Tuple(other) | Value::Group(other)) => {
            cx.charge_items(one.len() + other.len())?;
            Ok(Value::tuple(one.iter().chain(other.iter()).cloned().collect()))
        }
        (Operator::Multiply, value, count)
            if (value.as_str().is_some() || value.as_items().is_some()) && big(count).is_some() =>
        {
            repeat(cx, value, count)
        }
        (Operator::Multiply, count, value)
            if (value.as_str().is_some() || value.as_items().is_some()) && big(count).is_some() =>
        {
            repeat(cx, value, count)
        }
        _ => Err(Exception::type_error(format!(
            "unsupported operand type(s) for {}: '{}' and '{}'",
            symbol(operator),
            left.type_name(),
            right.type_name()
        ))),
    }
}

fn repeat(cx: &Context, value: &Value, count: &Value) -> Result {
    let count = match big(count).unwrap_or_default() {
        count if count.sign() == Sign::Minus => 0,
        count => count.to_usize().unwrap_or(usize::MAX),
    };
    if let Some(text) = value.as_str() {
        cx.charge_text(text.len().saturating_mul(count))?;
        return Ok(value.similar(text.repeat(if text.is_empty() { 0 } else { count })));
    }
    let items = value.as_items().map(|items| items.as_slice()).unwrap_or_default();
    cx.charge_items(items.len().saturating_mul(count))?;
    let count = if items.is_empty() { 0 } else { count };
    let items = items.iter().cycle().take(items.len() * count).cloned().collect();
    Ok(if matches!(value, Value::List(_)) { Value::list(items) } else { Value::tuple(items) })
}
