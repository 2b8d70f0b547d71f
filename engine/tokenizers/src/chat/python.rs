//! Python's values, operators, methods, filters and tests for the template engine, as in the Jinja2 3.1 sandbox of
//! transformers. An operation is charged to the rendering's budget before it allocates its result.

mod arguments;
mod arithmetic;
mod attribute;
mod bridge;
mod characters;
mod clock;
mod compare;
mod context;
mod engine_value;
mod exception;
mod filters;
mod foreign;
mod format;
mod format_spec;
mod functions;
mod json;
mod methods;
mod names;
mod number;
mod operators;
mod predicates;
mod sequence_filters;
mod text;
mod text_filters;
mod text_methods;
mod undefined;
mod unicode;
mod value;

use num_bigint::BigInt;

use super::TemplateValue;
use value::{Key, Value};

pub(super) use bridge::{check_attribute, register};
pub(super) use characters::is_space;

/// Converts a value for the template engine.
pub(super) fn to_engine(value: TemplateValue) -> minijinja::Value {
    engine_value::to_engine(value.into())
}

/// The error for a template that is valid in Jinja2 but not supported here.
pub(super) fn unsupported(what: &str) -> minijinja::Error {
    exception::Exception::unsupported(what).into()
}

impl From<TemplateValue> for Value {
    fn from(value: TemplateValue) -> Self {
        match value {
            TemplateValue::None => Self::None,
            TemplateValue::Bool(value) => Self::Bool(value),
            TemplateValue::Int(value) => Self::Int(value),
            TemplateValue::BigInt(digits) => {
                BigInt::parse_bytes(digits.as_bytes(), 10).map_or(Self::None, Self::from_big)
            }
            TemplateValue::Float(value) => Self::Float(value),
            TemplateValue::Str(text) => text.into(),
            TemplateValue::List(items) => Self::list(items.into_iter().map(Self::from).collect()),
            TemplateValue::Tuple(items) => Self::tuple(items.into_iter().map(Self::from).collect()),
            TemplateValue::Dict(entries) => {
                let entry = |(key, value)| (Key(Self::from(key)), Self::from(value));
                Self::dict(entries.into_iter().map(entry).collect())
            }
        }
    }
}
