//! Filters of sequences and mappings.

use std::cmp::Ordering;
use std::sync::Arc;

use indexmap::IndexSet;

use super::arguments::{CallArgs, flag, given, index};
use super::context::Context;
use super::exception::{Exception, Kind};
use super::operators::Operator;
use super::text::to_text;
use super::value::{Key, Lazy, Result, Value, View};
use super::{arithmetic, attribute, number, predicates};

/// A function that applies a filter by its name.
pub(super) type ApplyFilter = fn(&Context, &str, Value, CallArgs) -> Result;

/// Applies a filter of sequences; `map` applies other filters with `apply_filter`.
pub(super) fn apply(cx: &Context, name: &str, value: Value, arguments: CallArgs, apply_filter: ApplyFilter) -> Result {
    match name {
        "batch" => {
            let [count, fill] = arguments.bind(name, ["linecount", "fill_with"], 1)?;
            let count = index(&count.unwrap_or(Value::None))?;
            Ok(Lazy::generator(move |cx| batch(cx, &value, count, given(fill.as_ref()))))
        }
        "slice" => {
            let [count, fill] = arguments.bind(name, ["slices", "fill_with"], 1)?;
            let count = index(&count.unwrap_or(Value::None))?;
            Ok(Lazy::generator(move |cx| slices(cx, &value, count, given(fill.as_ref()))))
        }
        "dictsort" => dict_sort(cx, &value, arguments),
        "first" => {
            arguments.none(name)?;
            let found = match &value {
                Value::Iterator(lazy) => lazy.next(cx)?,
                _ => value.iterate(cx)?.into_iter().next(),
            };
            Ok(found.unwrap_or_else(|| Value::undefined("No first item, sequence was empty.")))
        }
        "last" => {
            arguments.none(name)?;
            check_reversible(&value)?;
            let found = value.iterate(cx)?.pop();
            Ok(found.unwrap_or_else(|| Value::undefined("No last item, sequence was empty.")))
        }
        "groupby" => group(cx, &value, arguments),
        "items" => {
            arguments.none(name)?;
            Ok(Lazy::generator(move |_| match &value {
                Value::Undefined(_) => Ok(Vec::new()),
                Value::Dict(dict) => Ok(dict.view(View::Items)),
                _ => Err(Exception::type_error("Can only get item pairs from a mapping.")),
            }))
        }
        "join" => join(cx, &value, arguments),
        "list" => {
            arguments.none(name)?;
            value.iterate(cx).map(Value::list)
        }
        "map" => map(value, arguments, apply_filter),
        "select" | "reject" | "selectattr" | "rejectattr" => select(name, value, arguments),
        "max" | "min" => extreme(cx, name, &value, arguments),
        "reverse" => reverse(cx, &value, arguments),
        "sort" => {
            let [reverse, case_sensitive, attribute] =
                arguments.bind(name, ["reverse", "case_sensitive", "attribute"], 0)?;
            let ignores_case = !flag(case_sensitive.as_ref());
            let attributes = match given(attribute.as_ref()) {
                Some(Value::Str(text) | Value::Markup(text)) => text.split(',').map(Path::of_text).collect(),
                Some(other) => vec![Path(vec![other.clone()])],
                None => vec![Path(Vec::new())],
            };
            let key = |item: &Value| {
                let parts =
                    attributes.iter().map(|path| path.find(cx, item, None).map(|found| fold(ignores_case, found)));
                Ok(Value::list(parts.collect::<Result<_>>()?))
            };
            sorted(cx, value.iterate(cx)?, key, flag(reverse.as_ref())).map(Value::list)
        }
        "sum" => {
            let [attribute, start] = arguments.bind(name, ["attribute", "start"], 0)?;
            let path = given(attribute.as_ref()).map(Path::new);
            let mut sum = start.unwrap_or(Value::Int(0));
            if sum.as_str().is_some() {
                return Err(Exception::type_error("sum() can't sum strings [use ''.join(seq) instead]"));
            }
            for item in value.iterate(cx)? {
                let item = path.as_ref().map_or(Ok(item.clone()), |path| path.find(cx, &item, None))?;
                sum = arithmetic::binary(cx, Operator::Add, &sum, &item)?;
            }
            Ok(sum)
        }
        _ => {
            let [case_sensitive, attribute] = arguments.bind("unique", ["case_sensitive", "attribute"], 0)?;
            let path = attribute.as_ref().map_or_else(Path::default, Path::new);
            let ignores_case = !flag(case_sensitive.as_ref());
            Ok(Lazy::generator(move |cx| {
                let mut seen = IndexSet::new();
                let mut unique = Vec::new();
                for item in value.iterate(cx)? {
                    let key = Key::new(cx, fold(ignores_case, path.find(cx, &item, None)?))?;
                    if seen.insert(key) {
                        unique.push(item);
                    }
                }
                Ok(unique)
            }))
        }
    }
}

/// The attributes and items that lead to a value, such as `function.name`.
#[derive(Clone, Default)]
struct Path(Vec<Value>);

impl Path {
    fn new(attribute: &Value) -> Self {
        match attribute {
            Value::None => Self::default(),
            Value::Str(text) | Value::Markup(text) => Self::of_text(text),
            other => Self(vec![other.clone()]),
        }
    }

    fn of_text(text: &str) -> Self {
        let part = |part: &str| {
            let is_index = !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
            let index = if is_index { number::parse_int(part, 10) } else { None };
            index.map_or_else(|| part.into(), Value::from_big)
        };
        Self(text.split('.').map(part).collect())
    }

    fn find(&self, cx: &Context, item: &Value, default: Option<&Value>) -> Result {
        let mut found = item.clone();
        for part in &self.0 {
            cx.charge(1)?;
            found = attribute::item(cx, &found, part)?;
            if found.is_undefined()
                && let Some(default) = default
            {
                found = default.clone();
            }
        }
        Ok(found)
    }
}

fn fold(ignores_case: bool, value: Value) -> Value {
    match value.as_str() {
        Some(text) if ignores_case => value.similar(text.to_lowercase()),
        _ => value,
    }
}

/// Python's `sorted`.
fn sorted(cx: &Context, items: Vec<Value>, key: impl Fn(&Value) -> Result, is_reversed: bool) -> Result<Vec<Value>> {
    let mut keyed = Vec::with_capacity(items.len());
    for item in items {
        keyed.push((key(&item)?, item));
    }
    let mut width = 1;
    while width < keyed.len() {
        let mut merged = Vec::with_capacity(keyed.len());
        let mut rest = keyed.into_iter().peekable();
        while rest.peek().is_some() {
            let left: Vec<_> = rest.by_ref().take(width).collect();
            let right: Vec<_> = rest.by_ref().take(width).collect();
            merge(cx, left, right, is_reversed, &mut merged)?;
        }
        keyed = merged;
        width *= 2;
    }
    Ok(keyed.into_iter().map(|(_, item)| item).collect())
}

/// Merges two sorted runs. The standard library's sort may panic where values have no total order, as with NaN.
fn merge(
    cx: &Context,
    left: Vec<(Value, Value)>,
    right: Vec<(Value, Value)>,
    is_reversed: bool,
    merged: &mut Vec<(Value, Value)>,
) -> Result<()> {
    let mut left = left.into_iter().peekable();
    for item in right {
        while let Some((key, _)) = left.peek() {
            let (lower, higher) = if is_reversed { (key, &item.0) } else { (&item.0, key) };
            if lower.order(cx, higher, "<")? == Some(Ordering::Less) {
                break;
            }
            merged.extend(left.next());
        }
        merged.push(item);
    }
    merged.extend(left);
    Ok(())
}

fn dict_sort(cx: &Context, value: &Value, arguments: CallArgs) -> Result {
    let [case_sensitive, by, reverse] = arguments.bind("dictsort", ["case_sensitive", "by", "reverse"], 0)?;
    let position = match by.as_ref().map_or(Some("key"), Value::as_str) {
        Some("key") => 0,
        Some("value") => 1,
        _ => {
            let message = "You can only sort by either \"key\" or \"value\"";
            return Err(Exception::new(Kind::Runtime, message));
        }
    };
    let items = match value {
        Value::Undefined(undefined) => return Err(undefined.exception()),
        Value::Dict(dict) => dict.view(View::Items),
        _ => {
            let message = format!("'{}' object has no attribute 'items'", value.type_name());
            return Err(Exception::new(Kind::Attribute, message));
        }
    };
    let ignores_case = !flag(case_sensitive.as_ref());
    let key = |item: &Value| {
        let parts = item.as_items().map(|items| items[position].clone());
        Ok(fold(ignores_case, parts.unwrap_or(Value::None)))
    };
    sorted(cx, items, key, flag(reverse.as_ref())).map(Value::list)
}

fn group(cx: &Context, value: &Value, arguments: CallArgs) -> Result {
    let [attribute, default, case_sensitive] =
        arguments.bind("groupby", ["attribute", "default", "case_sensitive"], 1)?;
    let path = Path::new(&attribute.unwrap_or(Value::None));
    let ignores_case = !flag(case_sensitive.as_ref());
    let default = given(default.as_ref());
    let key = |item: &Value| path.find(cx, item, default).map(|found| fold(ignores_case, found));
    let mut groups: Vec<(Value, Value, Vec<Value>)> = Vec::new();
    for item in sorted(cx, value.iterate(cx)?, key, false)? {
        let found = key(&item)?;
        match groups.last_mut() {
            Some((last, _, items)) if last.equals(cx, &found)? => items.push(item),
            _ => groups.push((found, path.find(cx, &item, default)?, vec![item])),
        }
    }
    let groups = groups.into_iter().map(|(_, name, items)| Value::Group(Arc::new(vec![name, Value::list(items)])));
    Ok(Value::list(groups.collect()))
}

fn join(cx: &Context, value: &Value, arguments: CallArgs) -> Result {
    let [separator, attribute] = arguments.bind("join", ["d", "attribute"], 0)?;
    let separator = to_text(cx, &separator.unwrap_or_else(|| "".into()))?;
    let path = given(attribute.as_ref()).map(Path::new);
    let mut joined = String::new();
    for (number, item) in value.iterate(cx)?.into_iter().enumerate() {
        let item = path.as_ref().map_or(Ok(item.clone()), |path| path.find(cx, &item, None))?;
        let text = to_text(cx, &item)?;
        cx.charge_text(text.len() + separator.len())?;
        if number > 0 {
            joined.push_str(&separator);
        }
        joined.push_str(&text);
    }
    cx.text(joined)
}

fn map(value: Value, mut arguments: CallArgs, apply_filter: ApplyFilter) -> Result {
    Ok(Lazy::generator(move |cx| {
        if !value.is_true() {
            return Ok(Vec::new());
        }
        let attribute = arguments.named.iter().position(|(name, _)| &**name == "attribute");
        if let Some(attribute) = attribute.filter(|_| arguments.positional.is_empty()) {
            let path = Path::new(&arguments.named.remove(attribute).1);
            let default = arguments.named.iter().position(|(name, _)| &**name == "default");
            let default = default.map(|default| arguments.named.remove(default).1);
            if let Some((name, _)) = arguments.named.first() {
                let message = format!("Unexpected keyword argument '{name}'");
                return Err(Exception::new(Kind::Runtime, message));
            }
            let items = value.iterate(cx)?;
            return items.iter().map(|item| path.find(cx, item, given(default.as_ref()))).collect();
        }
        if arguments.positional.is_empty() {
            return Err(Exception::new(Kind::Runtime, "map requires a filter argument"));
        }
        let filter = arguments.positional.remove(0);
        let filter = super::arguments::text("map", &filter)?;
        let apply = |item| {
            cx.charge(1)?;
            let CallArgs { positional, named } = &arguments;
            let arguments = CallArgs { positional: positional.clone(), named: named.clone() };
            apply_filter(cx, filter, item, arguments)
        };
        value.iterate(cx)?.into_iter().map(apply).collect()
    }))
}

fn select(name: &str, value: Value, mut arguments: CallArgs) -> Result {
    let rejects = name.starts_with("reject");
    let has_attribute = name.ends_with("attr");
    Ok(Lazy::generator(move |cx| {
        if !value.is_true() {
            return Ok(Vec::new());
        }
        let mut path = Path::default();
        if has_attribute {
            if arguments.positional.is_empty() {
                return Err(Exception::new(Kind::Runtime, "Missing parameter for attribute name"));
            }
            path = Path::new(&arguments.positional.remove(0));
        }
        let test = if arguments.positional.is_empty() { None } else { Some(arguments.positional.remove(0)) };
        let mut selected = Vec::new();
        for item in value.iterate(cx)? {
            cx.charge(1)?;
            let found = path.find(cx, &item, None)?;
            let is_right = match &test {
                None => found.is_true(),
                Some(test) => {
                    let CallArgs { positional, named } = &arguments;
                    let arguments = CallArgs { positional: positional.clone(), named: named.clone() };
                    predicates::test(cx, super::arguments::text("select", test)?, &found, arguments)?
                }
            };
            if is_right != rejects {
                selected.push(item);
            }
        }
        Ok(selected)
    }))
}

fn extreme(cx: &Context, name: &str, value: &Value, arguments: CallArgs) -> Result {
    let [case_sensitive, attribute] = arguments.bind(name, ["case_sensitive", "attribute"], 0)?;
    let ignores_case = !flag(case_sensitive.as_ref());
    let path = attribute.as_ref().map_or_else(Path::default, Path::new);
    let (operator, wanted) = if name == "max" { (">", Ordering::Greater) } else { ("<", Ordering::Less) };
    let mut best: Option<(Value, Value)> = None;
    for item in value.iterate(cx)? {
        let key = fold(ignores_case, path.find(cx, &item, None)?);
        let is_better = match &best {
            None => true,
            Some((other, _)) => key.order(cx, other, operator)? == Some(wanted),
        };
        if is_better {
            best = Some((key, item));
        }
    }
    Ok(best.map_or_else(|| Value::undefined("No aggregated item, sequence was empty."), |(_, item)| item))
}

fn check_reversible(value: &Value) -> Result<()> {
    let is_reversible = value.is_iterable() && !matches!(value, Value::Iterator(_));
    if is_reversible {
        return Ok(());
    }
    Err(Exception::type_error(format!("'{}' object is not reversible", value.type_name())))
}

fn reverse(cx: &Context, value: &Value, arguments: CallArgs) -> Result {
    arguments.none("reverse")?;
    if let Some(text) = value.as_str() {
        cx.charge_text(text.len())?;
        return Ok(value.similar(text.chars().rev().collect::<String>()));
    }
    if !value.is_iterable() {
        return Err(Exception::new(Kind::Runtime, "argument must be iterable"));
    }
    let is_reversible = check_reversible(value).is_ok();
    let mut items = value.iterate(cx)?;
    items.reverse();
    Ok(match value {
        _ if !is_reversible => Value::list(items),
        Value::List(_) => Lazy::started("list_reverseiterator", items),
        Value::Dict(_) | Value::View(..) => Lazy::started("dict_reversekeyiterator", items),
        Value::Range(_) => Lazy::started("range_iterator", items),
        _ => Lazy::started("reversed", items),
    })
}

fn batch(cx: &Context, value: &Value, count: i64, fill: Option<&Value>) -> Result<Vec<Value>> {
    let mut batches = Vec::new();
    let mut batch = Vec::new();
    for item in value.iterate(cx)? {
        if batch.len() as i64 == count {
            batches.push(Value::list(std::mem::take(&mut batch)));
        }
        batch.push(item);
    }
    if !batch.is_empty() {
        if let Some(fill) = fill {
            let missing = (count - batch.len() as i64).max(0) as usize;
            cx.charge_items(missing)?;
            batch.extend(std::iter::repeat_n(fill, missing).cloned());
        }
        batches.push(Value::list(batch));
    }
    Ok(batches)
}

fn slices(cx: &Context, value: &Value, count: i64, fill: Option<&Value>) -> Result<Vec<Value>> {
    let items = value.iterate(cx)?;
    if count == 0 {
        return Err(Exception::new(Kind::ZeroDivision, "integer division or modulo by zero"));
    }
    let Ok(count) = usize::try_from(count) else { return Ok(Vec::new()) };
    cx.charge(count as u64)?;
    let (length, extra) = (items.len() / count, items.len() % count);
    let mut slices = Vec::new();
    let mut rest = items.into_iter();
    for number in 0..count {
        let mut slice: Vec<_> = rest.by_ref().take(length + usize::from(number < extra)).collect();
        if let Some(fill) = fill.filter(|_| number >= extra) {
            slice.push(fill.clone());
        }
        slices.push(Value::list(slice));
    }
    Ok(slices)
}
