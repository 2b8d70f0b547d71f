//! Filters, which follow `|` in expressions.

use std::sync::Arc;

use num_traits::ToPrimitive;

use super::arguments::{CallArgs, flag, index, index_or};
use super::context::Context;
use super::exception::{Exception, Kind};
use super::format_spec::fixed;
use super::names::FILTERS;
use super::operators::Operator;
use super::text::{self, to_text};
use super::undefined::Undefined;
use super::value::{Result, Value};
use super::{arithmetic, attribute, json, number, sequence_filters, text_filters};

/// Applies a filter.
///
/// **Errors:** the exceptions of Jinja2's filter.
pub(super) fn apply(cx: &Context, name: &str, value: Value, arguments: CallArgs) -> Result {
    match name {
        "abs" => {
            arguments.none(name)?;
            match &value {
                Value::Float(float) => Ok(Value::Float(float.abs())),
                Value::Bool(_) | Value::Int(_) | Value::Big(_) => {
                    let positive = number::positive(&value)?;
                    let is_negative = value.integral().is_some_and(|value| value < 0.into());
                    if is_negative { number::negative(&positive) } else { Ok(positive) }
                }
                _ => Err(Exception::type_error(format!("bad operand type for abs(): '{}'", value.type_name()))),
            }
        }
        "attr" => {
            let [attribute] = arguments.bind(name, ["name"], 1)?;
            let attribute = attribute.unwrap_or(Value::None);
            let (Value::Str(attribute) | Value::Markup(attribute)) = &attribute else {
                return Err(Exception::type_error("attribute name must be string"));
            };
            if let Value::Undefined(undefined) = &value {
                return Err(undefined.exception());
            }
            let name = text::repr(cx, &Value::Str(attribute.clone()))?;
            Ok(attribute::own_attribute(&value, attribute)
                .unwrap_or_else(|| Value::Undefined(Arc::new(Undefined::Attribute { owner: value.owner(), name }))))
        }
        "count" | "length" => {
            arguments.none("len")?;
            if let Some(text) = value.as_str() {
                cx.charge_text(text.len())?;
            }
            value.len().map(Value::from)
        }
        "d" | "default" => {
            let [default, boolean] = arguments.bind(name, ["default_value", "boolean"], 0)?;
            let is_missing = value.is_undefined() || flag(boolean.as_ref()) && !value.is_true();
            Ok(if is_missing { default.unwrap_or_else(|| "".into()) } else { value })
        }
        "e" | "escape" | "forceescape" => {
            arguments.none(name)?;
            match &value {
                Value::Markup(_) if name != "forceescape" => Ok(value),
                _ => cx.markup(text::escape(&to_text(cx, &value)?)),
            }
        }
        "safe" => {
            arguments.none(name)?;
            Ok(Value::Markup(to_text(cx, &value)?))
        }
        "string" => {
            arguments.none(name)?;
            if value.as_str().is_some() { Ok(value) } else { Ok(Value::Str(to_text(cx, &value)?)) }
        }
        "filesizeformat" => file_size(cx, &value, arguments),
        "float" => {
            let [default] = arguments.bind(name, ["default"], 0)?;
            Ok(to_float(&value)?.map_or_else(|| default.unwrap_or(Value::Float(0.0)), Value::Float))
        }
        "int" => to_int(&value, arguments),
        "round" => round(cx, &value, arguments),
        "tojson" => json::to_json(cx, &value, arguments),
        "random" => Err(Exception::unsupported("the 'random' filter")),
        "urlize" => Err(Exception::unsupported("the 'urlize' filter")),
        "capitalize" | "center" | "format" | "indent" | "lower" | "pprint" | "replace" | "striptags" | "title"
        | "trim" | "truncate" | "upper" | "urlencode" | "wordcount" | "wordwrap" | "xmlattr" => {
            text_filters::apply(cx, name, value, arguments)
        }
        _ if FILTERS.contains(&name) => sequence_filters::apply(cx, name, value, arguments, apply),
        _ => Err(Exception::new(Kind::Syntax, format!("No filter named '{name}'."))),
    }
}

/// Python's `float(value)`; `None` if it raises a `TypeError` or `ValueError`.
pub(super) fn to_float(value: &Value) -> Result<Option<f64>> {
    match value {
        Value::Undefined(undefined) => Err(undefined.exception()),
        Value::Str(text) | Value::Markup(text) => Ok(number::parse_float(text)),
        _ => number::as_float(value).transpose(),
    }
}

fn to_int(value: &Value, arguments: CallArgs) -> Result {
    let [default, base] = arguments.bind("int", ["default", "base"], 0)?;
    let base = index_or(base.as_ref(), 10)?;
    let default = || default.unwrap_or(Value::Int(0));
    match value {
        Value::Undefined(undefined) => Err(undefined.exception()),
        Value::Bool(_) | Value::Int(_) | Value::Big(_) => number::positive(value),
        Value::Float(float) if float.is_nan() => Ok(default()),
        Value::Float(float) => number::truncated(*float),
        Value::Str(text) | Value::Markup(text) => {
            let base = u32::try_from(base).ok().filter(|base| *base == 0 || (2..=36).contains(base));
            if let Some(found) = base.and_then(|base| number::parse_int(text, base)) {
                return Ok(Value::from_big(found));
            }
            let float = number::parse_float(text).filter(|float| float.is_finite());
            float.map_or_else(|| Ok(default()), number::truncated)
        }
        _ => Ok(default()),
    }
}

fn round(cx: &Context, value: &Value, arguments: CallArgs) -> Result {
    let [precision, method] = arguments.bind("round", ["precision", "method"], 0)?;
    let method = method.unwrap_or_else(|| "common".into());
    let method = method.as_str().filter(|method| ["common", "ceil", "floor"].contains(method));
    let message = "method must be common, ceil or floor";
    let method = method.ok_or_else(|| Exception::new(Kind::Runtime, message))?;
    if method == "common" {
        return common(cx, value, precision.as_ref());
    }
    let power = arithmetic::binary(cx, Operator::Power, &Value::Int(10), &precision.unwrap_or(Value::Int(0)))?;
    let scaled = arithmetic::binary(cx, Operator::Multiply, value, &power)?;
    let whole = match scaled {
        Value::Float(float) if method == "ceil" => number::truncated(float.ceil())?,
        Value::Float(float) => number::truncated(float.floor())?,
        Value::Bool(_) | Value::Int(_) | Value::Big(_) => scaled,
        _ => {
            return Err(Exception::type_error(format!("must be real number, not {}", scaled.type_name())));
        }
    };
    arithmetic::binary(cx, Operator::Divide, &whole, &power)
}

/// Python's `round(value, precision)`.
fn common(cx: &Context, value: &Value, precision: Option<&Value>) -> Result {
    match value {
        Value::Float(float) => match precision {
            Some(Value::None) => number::truncated(number::round(*float, 0)),
            _ => Ok(Value::Float(number::round(*float, index_or(precision, 0)?))),
        },
        Value::Bool(_) | Value::Int(_) | Value::Big(_) => {
            let digits = match precision {
                Some(Value::None) | None => 0,
                Some(precision) => index(precision)?,
            };
            if digits >= 0 {
                return number::positive(value);
            }
            let digits = digits.checked_neg().and_then(|digits| digits.to_u32()).filter(|digits| *digits <= 4300);
            let Some(digits) = digits else { return Ok(Value::Int(0)) };
            let unit = Value::from_big(num_bigint::BigInt::from(10).pow(digits));
            let rest = arithmetic::binary(cx, Operator::Remainder, value, &unit)?;
            let low = arithmetic::binary(cx, Operator::Subtract, value, &rest)?;
            let twice = arithmetic::binary(cx, Operator::Multiply, &rest, &Value::Int(2))?;
            let count = arithmetic::binary(cx, Operator::FloorDivide, &low, &unit)?;
            let is_odd = count.integral().is_some_and(|count| count.bit(0));
            let goes_up = match number::compare(&twice, &unit).flatten() {
                Some(std::cmp::Ordering::Greater) => true,
                Some(std::cmp::Ordering::Equal) => is_odd,
                _ => false,
            };
            if goes_up { arithmetic::binary(cx, Operator::Add, &low, &unit) } else { Ok(low) }
        }
        _ => Err(Exception::type_error(format!("type {} doesn't define __round__ method", value.type_name()))),
    }
}

fn file_size(cx: &Context, value: &Value, arguments: CallArgs) -> Result {
    let [binary] = arguments.bind("filesizeformat", ["binary"], 0)?;
    let is_binary = flag(binary.as_ref());
    let bytes = to_float(value)?.ok_or_else(|| Exception::value_error("could not convert value to float"))?;
    let base = if is_binary { 1024.0_f64 } else { 1000.0 };
    if bytes == 1.0 {
        return Ok("1 Byte".into());
    }
    if bytes < base {
        let whole = number::truncated(bytes)?;
        return Ok(format!("{} Bytes", to_text(cx, &whole)?).into());
    }
    let mut unit = base * base;
    let prefixes = ["k", "M", "G", "T", "P", "E", "Z", "Y"];
    for (index, prefix) in prefixes.into_iter().enumerate() {
        if bytes < unit || index + 1 == prefixes.len() {
            let prefix = if is_binary { format!("{}i", prefix.to_uppercase()) } else { prefix.to_owned() };
            return Ok(format!("{} {prefix}B", fixed(base * bytes / unit, 1, false)).into());
        }
        unit *= base;
    }
    Ok(Value::None)
}
