//! Methods of values other than strings.

use std::sync::Arc;

use indexmap::IndexMap;

use super::arguments::{CallArgs, index_or};
use super::attribute::slice;
use super::context::Context;
use super::exception::Exception;
use super::number;
use super::text_methods;
use super::value::{Function, Key, Result, Value, View};

pub(super) fn call(cx: &Context, owner: &Value, name: &Arc<str>, arguments: CallArgs) -> Result {
    match owner {
        Value::Str(text) | Value::Markup(text) => {
            cx.charge_text(text.len())?;
            text_methods::call(cx, owner, text, name, arguments)
        }
        Value::Dict(dict) => match &**name {
            "get" => {
                let [key, default] = arguments.bind("get", ["/key", "/default"], 1)?;
                let key = Key::new(cx, key.unwrap_or(Value::None))?;
                Ok(dict.0.get(&key).cloned().or(default).unwrap_or(Value::None))
            }
            "items" | "keys" | "values" => {
                arguments.none(name)?;
                let view = match &**name {
                    "items" => View::Items,
                    "keys" => View::Keys,
                    _ => View::Values,
                };
                Ok(Value::View(view, dict.clone()))
            }
            "copy" => arguments.none(name).map(|()| owner.clone()),
            _ => from_keys(cx, arguments),
        },
        Value::List(_) if &**name == "copy" => {
            arguments.none(name)?;
            slice(cx, owner, &Value::None, &Value::None, &Value::None)
        }
        Value::List(_) | Value::Tuple(_) | Value::Group(_) | Value::Range(_) => {
            let items = owner.iterate(cx)?;
            if &**name == "count" {
                let [item] = arguments.bind(name, ["/value"], 1)?;
                let item = item.unwrap_or(Value::None);
                let mut count = 0;
                for found in &items {
                    count += usize::from(found.is_same(&item) || found.equals(cx, &item)?);
                }
                return Ok(count.into());
            }
            let [item, start, stop] = arguments.bind(name, ["/value", "/start", "/stop"], 1)?;
            let item = item.unwrap_or(Value::None);
            let len = items.len() as i64;
            let clamp = |value: i64| if value < 0 { (value + len).max(0) } else { value };
            let (start, stop) = (clamp(index_or(start.as_ref(), 0)?), clamp(index_or(stop.as_ref(), i64::MAX)?));
            for (position, found) in items.iter().enumerate().skip(start as usize) {
                if (position as i64) < stop && (found.is_same(&item) || found.equals(cx, &item)?) {
                    return Ok(position.into());
                }
            }
            Err(Exception::value_error(format!("{}.index(x): x not in {0}", owner.type_name())))
        }
        Value::Cycler(cycler) => {
            arguments.none(name)?;
            if &**name == "next" {
                return Ok(cycler.next());
            }
            cycler.position.store(0, std::sync::atomic::Ordering::Relaxed);
            Ok(Value::None)
        }
        Value::Function(Function::Dict) => from_keys(cx, arguments),
        Value::Bool(_) | Value::Int(_) | Value::Big(_) | Value::Float(_) => {
            arguments.none(name)?;
            let integer = owner.integral();
            match (&**name, integer) {
                ("is_integer", integer) => Ok(Value::Bool(integer.is_some())),
                ("conjugate", _) => number::positive(owner),
                ("bit_length", Some(integer)) => Ok((integer.bits() as usize).into()),
                ("bit_count", Some(integer)) => Ok((integer.magnitude().count_ones() as usize).into()),
                _ => Err(refused(owner, name)),
            }
        }
        _ => Err(refused(owner, name)),
    }
}

fn refused(owner: &Value, name: &str) -> Exception {
    Exception::unsupported(&format!("{}.{name}()", owner.type_name()))
}

fn from_keys(cx: &Context, arguments: CallArgs) -> Result {
    let [keys, value] = arguments.bind("fromkeys", ["/iterable", "/value"], 1)?;
    let value = value.unwrap_or(Value::None);
    let mut entries = IndexMap::new();
    for key in keys.unwrap_or(Value::None).iterate(cx)? {
        entries.insert(Key::new(cx, key)?, value.clone());
    }
    Ok(Value::dict(entries))
}
