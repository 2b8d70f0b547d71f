use std::sync::Arc;

use num_traits::ToPrimitive;

use super::exception::Exception;
use super::number;
use super::value::{Result, Value};

/// The evaluated arguments of a call.
#[derive(Default)]
pub(super) struct CallArgs {
    pub positional: Vec<Value>,
    pub named: Vec<(Arc<str>, Value)>,
}

impl CallArgs {
    /// Binds the arguments to parameters; a parameter that starts with `/` is positional only.
    ///
    /// **Errors:** Python's `TypeError` for too many, unknown, duplicate or missing arguments.
    pub fn bind<const N: usize>(
        self,
        function: &str,
        parameters: [&str; N],
        required: usize,
    ) -> Result<[Option<Value>; N]> {
        let wrong = |message: String| Exception::type_error(format!("{function}() {message}"));
        let count = self.positional.len();
        if count > N {
            return Err(wrong(format!("takes at most {N} arguments ({count} given)")));
        }
        let mut bound = [const { None }; N];
        for (slot, value) in bound.iter_mut().zip(self.positional) {
            *slot = Some(value);
        }
        for (name, value) in self.named {
            match parameters.iter().position(|parameter| **parameter == *name) {
                None => return Err(wrong(format!("got an unexpected keyword argument '{name}'"))),
                Some(index) if bound[index].is_some() => {
                    return Err(wrong(format!("got multiple values for argument '{name}'")));
                }
                Some(index) => bound[index] = Some(value),
            }
        }
        if let Some(index) = bound[..required].iter().position(Option::is_none) {
            let name = parameters[index].trim_start_matches('/');
            return Err(wrong(format!("missing required argument '{name}'")));
        }
        Ok(bound)
    }

    /// Checks that there are no arguments.
    ///
    /// **Errors:** `TypeError` if there are arguments.
    pub fn none(self, function: &str) -> Result<()> {
        self.bind::<0>(function, [], 0).map(drop)
    }
}

/// Reads an integer argument, clamped to 64 bits.
pub(super) fn index(value: &Value) -> Result<i64> {
    match value {
        Value::Big(value) => Ok(if value.to_i64().is_none() && value.sign() == num_bigint::Sign::Minus {
            i64::MIN
        } else {
            value.to_i64().unwrap_or(i64::MAX)
        }),
        Value::Undefined(undefined) => Err(undefined.exception()),
        _ => number::small(value).ok_or_else(|| {
            Exception::type_error(format!("'{}' object cannot be interpreted as an integer", value.type_name()))
        }),
    }
}

/// Reads an optional integer argument.
pub(super) fn index_or(value: Option<&Value>, default: i64) -> Result<i64> {
    value.map_or(Ok(default), index)
}

/// Reads a string argument.
pub(super) fn text<'a>(function: &str, value: &'a Value) -> Result<&'a str> {
    value
        .as_str()
        .ok_or_else(|| Exception::type_error(format!("{function}() argument must be str, not {}", value.type_name())))
}

/// An argument, unless it is missing or Python's `None`.
pub(super) fn given(value: Option<&Value>) -> Option<&Value> {
    value.filter(|value| !matches!(value, Value::None))
}

pub(super) fn flag(value: Option<&Value>) -> bool {
    value.is_some_and(Value::is_true)
}
