//! Conversion between Python's values and the template engine's.

use std::fmt;

use minijinja::value::{Value as Engine, ValueKind};
use num_bigint::BigInt;

use super::value::Value;

/// A value that the engine has no type for.
pub(super) struct Wrapped(pub Value);

impl fmt::Debug for Wrapped {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "<{}>", self.0.type_name())
    }
}

pub(super) fn to_python(value: &Engine) -> Value {
    match value.kind() {
        ValueKind::Undefined => Value::undefined("value is undefined"),
        ValueKind::None => Value::None,
        ValueKind::Bool => Value::Bool(value.is_true()),
        ValueKind::Number if value.is_integer() => {
            match (i64::try_from(value.clone()), i128::try_from(value.clone())) {
                (Ok(integer), _) => Value::Int(integer),
                (_, Ok(integer)) => Value::from_big(BigInt::from(integer)),
                _ => Value::from_big(u128::try_from(value.clone()).map(BigInt::from).unwrap_or_default()),
            }
        }
        ValueKind::Number => Value::Float(f64::try_from(value.clone()).unwrap_or(f64::NAN)),
        ValueKind::String => value.to_str().map_or(Value::None, Value::Str),
        _ => match value.downcast_object_ref::<Wrapped>() {
            Some(wrapped) => wrapped.0.clone(),
            None if matches!(value.kind(), ValueKind::Seq | ValueKind::Iterable) => {
                Value::list(value.try_iter().into_iter().flatten().map(|item| to_python(&item)).collect())
            }
            None => Value::Foreign(value.clone()),
        },
    }
}

pub(in crate::chat) fn to_engine(value: Value) -> Engine {
    match value {
        Value::None => Engine::from(()),
        Value::Bool(value) => value.into(),
        Value::Int(value) => value.into(),
        Value::Float(value) => value.into(),
        Value::Str(text) => text.into(),
        Value::Foreign(value) => value,
        value => Engine::from_object(Wrapped(value)),
    }
}
