//! Python's numbers: integers of any size, and floats that print with the fewest digits.

use std::cmp::Ordering;

use num_bigint::{BigInt, Sign};
use num_traits::{FromPrimitive, Pow, Signed, ToPrimitive, Zero};

use super::context::Context;
use super::exception::{Exception, Kind, Result};
use super::format;
use super::operators::Operator;
use super::text;
use super::value::Value;

/// Maximum bits of an integer; Python prints at most 4300 digits, 14285 bits.
const MOST_BITS: u64 = 1 << 16;
const MOST_DIGITS: usize = 4300;
/// Integers up to this value convert to floats exactly.
const EXACT_FLOAT: i64 = 1 << 53;

pub(super) fn float_literal(text: &str) -> f64 {
    text.parse().unwrap_or(f64::NAN)
}

/// The value as an integer; `None` unless it is a number without a fraction.
pub(super) fn integral(value: &Value) -> Option<BigInt> {
    match value {
        Value::Bool(value) => Some(BigInt::from(u8::from(*value))),
        Value::Int(value) => Some(BigInt::from(*value)),
        Value::Big(value) => Some(BigInt::clone(value)),
        Value::Float(value) if value.fract() == 0.0 => BigInt::from_f64(*value),
        _ => None,
    }
}

/// A boolean or 64-bit integer as an integer.
pub(super) fn small(value: &Value) -> Option<i64> {
    match value {
        Value::Bool(value) => Some(i64::from(*value)),
        Value::Int(value) => Some(*value),
        _ => None,
    }
}

fn big(value: &Value) -> Option<BigInt> {
    match value {
        Value::Float(_) => None,
        _ => integral(value),
    }
}

/// Compares two numbers; `None` if one is not a number, `Some(None)` if one is NaN.
pub(super) fn compare(left: &Value, right: &Value) -> Option<Option<Ordering>> {
    match (left, right) {
        (Value::Float(left), Value::Float(right)) => Some(left.partial_cmp(right)),
        (Value::Float(_), _) => compare(right, left).map(|order| order.map(Ordering::reverse)),
        (_, Value::Float(float)) => {
            let left = big(left)?;
            if !float.is_finite() {
                return Some(0.0_f64.partial_cmp(float));
            }
            let order = left.cmp(&BigInt::from_f64(float.trunc())?);
            Some(Some(order.then_with(|| 0.0_f64.partial_cmp(&float.fract()).unwrap_or(Ordering::Equal))))
        }
        _ => match (small(left), small(right)) {
            (Some(left), Some(right)) => Some(Some(left.cmp(&right))),
            _ => Some(Some(big(left)?.cmp(&big(right)?))),
        },
    }
}

fn too_large() -> Exception {
    Exception::new(Kind::Overflow, "int too large to convert to float")
}

/// Converts a number to a float; `None` if the value is not a number.
///
/// **Errors:** `OverflowError` if the number is too large.
pub(super) fn as_float(value: &Value) -> Option<Result<f64>> {
    match value {
        Value::Float(value) => Some(Ok(*value)),
        Value::Big(value) => Some(value.to_f64().filter(|float| float.is_finite()).ok_or_else(too_large)),
        _ => small(value).map(|value| Ok(value as f64)),
    }
}

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

pub(super) fn negative(value: &Value) -> Result {
    match value {
        Value::Undefined(undefined) => Err(undefined.exception()),
        Value::Float(value) => Ok(Value::Float(-value)),
        _ => big(value).map(|value| Value::from_big(-value)).ok_or_else(|| unary("-", value)),
    }
}

pub(super) fn positive(value: &Value) -> Result {
    match value {
        Value::Undefined(undefined) => Err(undefined.exception()),
        Value::Float(_) => Ok(value.clone()),
        _ => big(value).map(Value::from_big).ok_or_else(|| unary("+", value)),
    }
}

fn unary(operator: &str, value: &Value) -> Exception {
    Exception::type_error(format!("bad operand type for unary {operator}: '{}'", value.type_name()))
}

/// Python's `repr` of a float: the fewest digits that read back as the same value.
pub(super) fn float_repr(value: f64) -> String {
    if value.is_nan() {
        return "nan".to_owned();
    }
    if value.is_infinite() {
        return if value > 0.0 { "inf" } else { "-inf" }.to_owned();
    }
    let scientific = format!("{value:e}");
    let (digits, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or_default();
    if !(-4..16).contains(&exponent) {
        let sign = if exponent < 0 { '-' } else { '+' };
        return format!("{digits}e{sign}{:02}", exponent.abs());
    }
    let text = format!("{value}");
    if text.contains('.') { text } else { text + ".0" }
}

/// The digits of an integer.
///
/// **Errors:** `ValueError` if there are more digits than Python prints.
pub(super) fn int_repr(value: &BigInt) -> Result<String> {
    let text = if value.bits() > MOST_BITS { String::new() } else { value.to_string() };
    if text.is_empty() || text.trim_start_matches('-').len() > MOST_DIGITS {
        let message = format!("Exceeds the limit ({MOST_DIGITS} digits) for integer string conversion");
        return Err(Exception::value_error(message));
    }
    Ok(text)
}

/// Python's `int(text, base)`.
pub(super) fn parse_int(text: &str, base: u32) -> Option<BigInt> {
    let text = text.trim_matches(text::is_space);
    let (is_negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let prefixed = |radix: u32| {
        let letter = match radix {
            2 => ['b', 'B'],
            8 => ['o', 'O'],
            _ => ['x', 'X'],
        };
        let rest = digits.strip_prefix('0')?.strip_prefix(letter)?;
        Some(rest.strip_prefix('_').unwrap_or(rest))
    };
    let (radix, digits) = match base {
        0 => match [2, 8, 16].into_iter().find_map(|radix| Some((radix, prefixed(radix)?))) {
            Some(found) => found,
            None if digits.starts_with('0') && !digits.trim_matches(['0', '_']).is_empty() => return None,
            None => (10, digits),
        },
        2 | 8 | 16 => (base, prefixed(base).unwrap_or(digits)),
        _ => (base, digits),
    };
    let mut plain = String::with_capacity(digits.len());
    let mut is_after_digit = false;
    for character in digits.chars() {
        if character == '_' && is_after_digit {
            is_after_digit = false;
            continue;
        }
        let digit = character.to_digit(36).or_else(|| text::decimal(character)).filter(|digit| *digit < radix)?;
        plain.push(char::from_digit(digit, 36)?);
        is_after_digit = true;
    }
    if !is_after_digit || plain.len() > MOST_DIGITS {
        return None;
    }
    let value = BigInt::parse_bytes(plain.as_bytes(), radix)?;
    Some(if is_negative { -value } else { value })
}

/// Python's `float(text)`.
pub(super) fn parse_float(text: &str) -> Option<f64> {
    let text: String = text
        .trim_matches(text::is_space)
        .chars()
        .map(|character| text::decimal(character).and_then(|digit| char::from_digit(digit, 10)).unwrap_or(character))
        .collect();
    let characters: Vec<char> = text.chars().collect();
    let is_digit =
        |index: Option<usize>| index.and_then(|index| characters.get(index)).is_some_and(char::is_ascii_digit);
    let is_wrong = |(index, character): (usize, &char)| {
        *character == '_' && !(is_digit(index.checked_sub(1)) && is_digit(Some(index + 1)))
    };
    if characters.iter().enumerate().any(is_wrong) {
        return None;
    }
    text.replace('_', "").parse().ok()
}

/// Python's `int(value)` for a float.
pub(super) fn truncated(value: f64) -> Result {
    if value.is_nan() {
        return Err(Exception::value_error("cannot convert float NaN to integer"));
    }
    let value = BigInt::from_f64(value.trunc());
    value.map(Value::from_big).ok_or_else(|| Exception::new(Kind::Overflow, "cannot convert float infinity to integer"))
}

/// Python's `round(value, digits)`.
pub(super) fn round(value: f64, digits: i64) -> f64 {
    if !value.is_finite() || digits > 323 {
        return value;
    }
    if digits >= 0 {
        return float_literal(&format!("{value:.*}", digits as usize));
    }
    if digits < -308 {
        return 0.0_f64.copysign(value);
    }
    let power = 10_f64.powi(-digits as i32);
    let scaled = value / power;
    let mut rounded = scaled.round();
    if (scaled - rounded).abs() == 0.5 {
        rounded = 2.0 * (scaled / 2.0).round();
    }
    rounded * power
}
