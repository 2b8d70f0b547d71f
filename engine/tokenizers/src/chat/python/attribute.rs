//! Attributes, items and slices, as in the sandbox of Jinja2.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use super::arguments::index;
use super::context::Context;
use super::engine_value::to_python;
use super::exception::{Exception, Kind};
use super::foreign::Foreign;
use super::undefined::Undefined;
use super::value::{Dict, Function, Key, Method, Range, Result, Value, View};
use super::{number, text};

const STR: &[&str] = &[
    "capitalize",
    "casefold",
    "center",
    "count",
    "encode",
    "endswith",
    "expandtabs",
    "find",
    "format",
    "format_map",
    "index",
    "isalnum",
    "isalpha",
    "isascii",
    "isdecimal",
    "isdigit",
    "isidentifier",
    "islower",
    "isnumeric",
    "isprintable",
    "isspace",
    "istitle",
    "isupper",
    "join",
    "ljust",
    "lower",
    "lstrip",
    "maketrans",
    "partition",
    "removeprefix",
    "removesuffix",
    "replace",
    "rfind",
    "rindex",
    "rjust",
    "rpartition",
    "rsplit",
    "rstrip",
    "split",
    "splitlines",
    "startswith",
    "strip",
    "swapcase",
    "title",
    "translate",
    "upper",
    "zfill",
];
const MARKUP: &[&str] = &["escape", "striptags", "unescape"];
const LIST: &[&str] = &["copy", "count", "index"];
const TUPLE: &[&str] = &["count", "index"];
const DICT: &[&str] = &["copy", "fromkeys", "get", "items", "keys", "values"];
const INT: &[&str] = &["as_integer_ratio", "bit_count", "bit_length", "conjugate", "from_bytes", "to_bytes"];
const FLOAT: &[&str] = &["as_integer_ratio", "conjugate", "fromhex", "hex", "is_integer"];
const GENERATOR: &[&str] = &["close", "send", "throw"];
/// Methods that the sandbox hides because they change the value.
const CHANGES_LIST: &[&str] = &["append", "clear", "extend", "insert", "pop", "remove", "reverse", "sort"];
const CHANGES_DICT: &[&str] = &["clear", "pop", "popitem", "setdefault", "update"];

fn methods(owner: &Value) -> (&'static [&'static str], &'static [&'static str]) {
    match owner {
        Value::Str(_) => (STR, &[]),
        Value::Markup(_) => (STR, MARKUP),
        Value::List(_) => (LIST, &[]),
        Value::Tuple(_) | Value::Group(_) | Value::Range(_) => (TUPLE, &[]),
        Value::Dict(_) => (DICT, &[]),
        Value::View(View::Values, _) => (&[], &[]),
        Value::View(..) => (&["isdisjoint"], &[]),
        Value::Bool(_) | Value::Int(_) | Value::Big(_) => (INT, &[]),
        Value::Float(_) => (FLOAT, &[]),
        Value::Foreign(value) if Foreign::of(value) == Foreign::Loop => (&["changed", "cycle"], &[]),
        Value::Cycler(_) => (&["next", "reset"], &[]),
        Value::Iterator(lazy) if lazy.type_name == "generator" => (GENERATOR, &[]),
        Value::Function(Function::Dict) => (&["fromkeys"], &[]),
        _ => (&[], &[]),
    }
}

/// An attribute that is not a method.
fn data(owner: &Value, name: &str) -> Option<Value> {
    Some(match (owner, name) {
        (Value::Foreign(value), _) => {
            let found = value.get_attr(name).ok().filter(|found| !found.is_undefined())?;
            match to_python(&found) {
                Value::List(names) if name == "arguments" => Value::Tuple(names),
                found => found,
            }
        }
        (Value::Bool(_) | Value::Int(_) | Value::Big(_), "real" | "numerator") => {
            number::positive(owner).unwrap_or(Value::None)
        }
        (Value::Bool(_) | Value::Int(_) | Value::Big(_), "imag") => Value::Int(0),
        (Value::Bool(_) | Value::Int(_) | Value::Big(_), "denominator") => Value::Int(1),
        (Value::Float(_), "real") => owner.clone(),
        (Value::Float(_), "imag") => Value::Float(0.0),
        (Value::Group(items), "grouper") => items[0].clone(),
        (Value::Group(items), "list") => items[1].clone(),
        (Value::Range(range), "start") => Value::Int(range.start),
        (Value::Range(range), "stop") => Value::Int(range.stop),
        (Value::Range(range), "step") => Value::Int(range.step),
        (Value::Cycler(cycler), "current") => cycler.current(),
        (Value::Cycler(cycler), "items") => Value::tuple(cycler.items.clone()),
        (Value::Cycler(cycler), "pos") => cycler.position.load(Ordering::Relaxed).into(),
        (Value::Joiner(joiner), "sep") => joiner.separator.clone(),
        (Value::Joiner(joiner), "used") => Value::Bool(joiner.is_used.load(Ordering::Relaxed)),
        _ => return None,
    })
}

/// Python's `getattr`; `None` if there is no such attribute.
pub(super) fn own_attribute(owner: &Value, name: &Arc<str>) -> Option<Value> {
    let unsafe_attribute = || {
        let message = format!("access to attribute '{name}' of '{}' object is unsafe.", owner.type_name());
        Value::Undefined(Arc::new(Undefined::Unsafe(message)))
    };
    if let Some(value) = data(owner, name) {
        return Some(value);
    }
    let (one, more) = methods(owner);
    if one.contains(&&**name) || more.contains(&&**name) {
        return Some(Value::Method(Arc::new(Method { owner: owner.clone(), name: name.clone() })));
    }
    let hides = match owner {
        Value::List(_) => CHANGES_LIST,
        Value::Dict(_) => CHANGES_DICT,
        _ => &[],
    };
    let is_internal = name.starts_with("__") && name.ends_with("__") && name.len() > 4;
    (hides.contains(&&**name) || is_internal).then(unsafe_attribute)
}

/// A value as shown in an error message.
fn shown(cx: &Context, value: &Value) -> Result<String> {
    match text::repr(cx, value) {
        Err(error) if error.kind == Kind::Unsupported => Ok(format!("<{}>", value.type_name())),
        found => found,
    }
}

fn missing(cx: &Context, owner: &Value, index: &Value) -> Result {
    let owner = owner.owner();
    Ok(Value::Undefined(Arc::new(match index {
        Value::Str(_) | Value::Markup(_) => Undefined::Attribute { owner, name: shown(cx, index)? },
        index => Undefined::Element { owner, index: shown(cx, index)? },
    })))
}

/// `owner.name`: an attribute, else an item.
pub(super) fn attribute(cx: &Context, owner: &Value, name: &Arc<str>) -> Result {
    if let Value::Undefined(undefined) = owner {
        return Err(undefined.exception());
    }
    if let Some(value) = own_attribute(owner, name) {
        return Ok(value);
    }
    let found = if let Value::Dict(dict) = owner { dict.get(name).cloned() } else { None };
    found.map_or_else(|| missing(cx, owner, &Value::Str(name.clone())), Ok)
}

/// `owner[index]`: an item, else an attribute.
pub(super) fn item(cx: &Context, owner: &Value, index: &Value) -> Result {
    let found = match owner {
        Value::Undefined(undefined) => return Err(undefined.exception()),
        Value::Dict(dict) => dict_item(cx, dict, index)?,
        Value::List(items) | Value::Tuple(items) | Value::Group(items) => {
            number::small(index).and_then(|index| items.get(position(index, items.len())?).cloned())
        }
        Value::Str(text) | Value::Markup(text) => {
            cx.charge_text(text.len())?;
            number::small(index).and_then(|index| character(text, index)).map(|found| owner.similar(found))
        }
        Value::Range(range) => number::small(index).and_then(|index| Some(range.item(position(index, range.len())?))),
        _ => None,
    };
    if let Some(found) = found {
        return Ok(found);
    }
    if let Value::Str(name) | Value::Markup(name) = index
        && let Some(value) = own_attribute(owner, name)
    {
        return Ok(value);
    }
    missing(cx, owner, index)
}

fn dict_item(cx: &Context, dict: &Dict, index: &Value) -> Result<Option<Value>> {
    match Key::new(cx, index.clone()) {
        Ok(key) => Ok(dict.0.get(&key).cloned()),
        Err(error) if error.kind == Kind::Type => Ok(None),
        Err(error) => Err(error),
    }
}

fn position(index: i64, len: usize) -> Option<usize> {
    let index = if index < 0 { index + i64::try_from(len).ok()? } else { index };
    usize::try_from(index).ok().filter(|index| *index < len)
}

fn character(text: &str, index: i64) -> Option<char> {
    match usize::try_from(index) {
        Ok(index) => text.chars().nth(index),
        Err(_) => text.chars().nth_back(usize::try_from(-(index + 1)).ok()?),
    }
}

/// Python's `slice.indices`: the indices of a slice.
fn indices(len: usize, start: &Value, stop: &Value, step: &Value) -> Result<Range> {
    let bound = |value: &Value| match value {
        Value::None => Ok(None),
        Value::Bool(_) | Value::Int(_) | Value::Big(_) => index(value).map(Some),
        _ => Err(Exception::type_error("slice indices must be integers or None or have an __index__ method")),
    };
    let step = bound(step)?.unwrap_or(1);
    if step == 0 {
        return Err(Exception::value_error("slice step cannot be zero"));
    }
    let len = i64::try_from(len).unwrap_or(i64::MAX);
    let (lowest, highest) = if step > 0 { (0, len) } else { (-1, len - 1) };
    let clamp = |value: i64| {
        let value = if value < 0 { value.saturating_add(len) } else { value };
        value.clamp(lowest, highest)
    };
    let (first, last) = if step > 0 { (lowest, highest) } else { (highest, lowest) };
    let start = bound(start)?.map_or(first, clamp);
    let stop = bound(stop)?.map_or(last, clamp);
    Ok(Range { start, stop, step })
}

/// `owner[start:stop:step]`.
pub(super) fn slice(cx: &Context, owner: &Value, start: &Value, stop: &Value, step: &Value) -> Result {
    let pick = |items: &[Value]| {
        let range = indices(items.len(), start, stop, step)?;
        cx.charge_items(range.len())?;
        let at = |number: usize| items[(range.start + range.step * number as i64) as usize].clone();
        Ok((0..range.len()).map(at).collect::<Vec<_>>())
    };
    match owner {
        Value::Undefined(undefined) => Err(undefined.exception()),
        Value::List(items) => pick(items).map(Value::list),
        Value::Tuple(items) | Value::Group(items) => pick(items).map(Value::tuple),
        Value::Str(text) | Value::Markup(text) => {
            cx.charge_text(text.len())?;
            let characters: Vec<char> = text.chars().collect();
            let range = indices(characters.len(), start, stop, step)?;
            let at = |number: usize| characters[(range.start + range.step * number as i64) as usize];
            Ok(owner.similar((0..range.len()).map(at).collect::<String>()))
        }
        Value::Range(range) => {
            let part = indices(range.len(), start, stop, step)?;
            let at = |index: i64| range.start + index * range.step;
            let step = part.step.saturating_mul(range.step);
            Ok(Value::Range(Arc::new(Range { start: at(part.start), stop: at(part.stop), step })))
        }
        Value::Dict(_) => Err(Exception::type_error("unhashable type: 'slice'")),
        _ => Err(Exception::type_error(format!("'{}' object is not subscriptable", owner.type_name()))),
    }
}
