//! Tests, which follow `is` in expressions.

use super::arguments::CallArgs;
use super::arithmetic;
use super::context::Context;
use super::exception::{Exception, Kind};
use super::foreign::Foreign;
use super::names::{FILTERS, TESTS};
use super::operators::{Comparison, Operator, compare};
use super::text;
use super::text_methods::is_cased;
use super::value::{Key, Result, Value};

fn comparison(name: &str) -> Option<Comparison> {
    Some(match name {
        "==" | "eq" | "equalto" => Comparison::Equal,
        "!=" | "ne" => Comparison::NotEqual,
        "<" | "lt" | "lessthan" => Comparison::Less,
        "<=" | "le" => Comparison::LessEqual,
        ">" | "gt" | "greaterthan" => Comparison::Greater,
        ">=" | "ge" => Comparison::GreaterEqual,
        "in" => Comparison::In,
        _ => return None,
    })
}

pub(super) fn test(cx: &Context, name: &str, value: &Value, arguments: CallArgs) -> Result<bool> {
    if !TESTS.contains(&name) {
        return Err(Exception::new(Kind::Syntax, format!("No test named '{name}'.")));
    }
    if let Some(comparison) = comparison(name) {
        let [other] = arguments.bind(name, ["/other"], 1)?;
        return compare(cx, comparison, value, &other.unwrap_or(Value::None));
    }
    let remainder = |divisor: &Value| arithmetic::binary(cx, Operator::Remainder, value, divisor);
    match name {
        "divisibleby" => {
            let [divisor] = arguments.bind(name, ["num"], 1)?;
            return remainder(&divisor.unwrap_or(Value::None))?.equals(cx, &Value::Int(0));
        }
        "sameas" => {
            let [other] = arguments.bind(name, ["other"], 1)?;
            return same(cx, value, &other.unwrap_or(Value::None));
        }
        _ => arguments.none(name)?,
    }
    Ok(match name {
        "boolean" => matches!(value, Value::Bool(_)),
        "callable" => {
            matches!(value, Value::Undefined(_) | Value::Method(_) | Value::Function(_) | Value::Joiner(_))
                || matches!(value, Value::Foreign(value) if Foreign::of(value) != Foreign::Namespace)
        }
        "defined" => !value.is_undefined(),
        "escaped" => matches!(value, Value::Markup(_)),
        "even" => remainder(&Value::Int(2))?.equals(cx, &Value::Int(0))?,
        "odd" => remainder(&Value::Int(2))?.equals(cx, &Value::Int(1))?,
        "false" => matches!(value, Value::Bool(false)),
        "true" => matches!(value, Value::Bool(true)),
        "filter" | "test" => {
            Key::new(cx, value.clone())?;
            let names = if name == "filter" { FILTERS } else { TESTS };
            value.as_str().is_some_and(|name| names.contains(&name))
        }
        "float" => matches!(value, Value::Float(_)),
        "integer" => matches!(value, Value::Int(_) | Value::Big(_)),
        "iterable" => value.is_iterable(),
        "lower" => is_cased(&text::to_text(cx, value)?, char::is_lowercase, char::is_uppercase),
        "upper" => is_cased(&text::to_text(cx, value)?, char::is_uppercase, char::is_lowercase),
        "mapping" => matches!(value, Value::Dict(_)),
        "none" => matches!(value, Value::None),
        "number" => matches!(value, Value::Bool(_) | Value::Int(_) | Value::Big(_) | Value::Float(_)),
        "sequence" => {
            value.as_str().is_some()
                || value.as_items().is_some()
                || matches!(value, Value::Undefined(_) | Value::Dict(_) | Value::Range(_))
        }
        "string" => value.as_str().is_some(),
        _ => value.is_undefined(),
    })
}

/// Python's `is`; whether equal strings and numbers are the same object is up to the interpreter.
fn same(cx: &Context, value: &Value, other: &Value) -> Result<bool> {
    let is_shared = |value: &Value| {
        matches!(value, Value::Str(_) | Value::Markup(_) | Value::Float(_) | Value::Big(_) | Value::Tuple(_))
    };
    match (value, other) {
        (Value::Int(left), Value::Int(right)) if (-5..=256).contains(left) => Ok(left == right),
        _ if value.is_same(other) => Ok(true),
        (Value::Int(left), Value::Int(right)) if left != right => Ok(false),
        _ if value.type_name() != other.type_name() || !(is_shared(value) || matches!(value, Value::Int(_))) => {
            Ok(false)
        }
        _ if value.equals(cx, other)? => Err(Exception::unsupported("'is sameas' of equal texts, tuples or numbers")),
        _ => Ok(false),
    }
}
