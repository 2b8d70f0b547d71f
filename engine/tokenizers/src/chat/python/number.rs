//! Python's numbers: integers of any size, and floats that print with the fewest digits.

use std::cmp::Ordering;

use num_bigint::BigInt;
use num_traits::{FromPrimitive, ToPrimitive};

use super::characters::{decimal, is_space};
use super::exception::{Exception, Kind};
use super::value::{Result, Value};

/// Maximum bits of an integer; Python prints at most 4300 digits, 14285 bits.
pub(super) const MOST_BITS: u64 = 1 << 16;
const MOST_DIGITS: usize = 4300;
pub(super) fn float_literal(text: &str) -> f64 {
    text.parse().unwrap_or(f64::NAN)
}

/// A boolean or 64-bit integer as an integer.
pub(super) fn small(value: &Value) -> Option<i64> {
    match value {
        Value::Bool(value) => Some(i64::from(*value)),
        Value::Int(value) => Some(*value),
        _ => None,
    }
}

pub(super) fn big(value: &Value) -> Option<BigInt> {
    match value {
        Value::Float(_) => None,
        _ => value.integral(),
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

pub(super) fn too_large() -> Exception {
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
    let text = text.trim_matches(is_space);
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
        let digit = character.to_digit(36).or_else(|| decimal(character)).filter(|digit| *digit < radix)?;
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
        .trim_matches(is_space)
        .chars()
        .map(|character| decimal(character).and_then(|digit| char::from_digit(digit, 10)).unwrap_or(character))
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
