//! JSON as Python's `json.dumps` writes it, with the options of the `tojson` filter of transformers.

use std::sync::Arc;

use super::arguments::{CallArgs, flag, given, index};
use super::context::Context;
use super::exception::Exception;
use super::number::{float_repr, int_repr};
use super::text::to_text;
use super::value::{DEEPEST_VALUE, Dict, Result, Value};

/// Layout options of JSON.
struct Layout {
    ensures_ascii: bool,
    sorts_keys: bool,
    indent: Option<String>,
    item_separator: Arc<str>,
    key_separator: Arc<str>,
}

pub(super) fn to_json(cx: &Context, value: &Value, arguments: CallArgs) -> Result {
    let names = ["ensure_ascii", "indent", "separators", "sort_keys"];
    let [ensure_ascii, indent, separators, sort_keys] = arguments.bind("tojson", names, 0)?;
    let indent = match given(indent.as_ref()) {
        None => None,
        Some(Value::Str(text) | Value::Markup(text)) => Some(text.to_string()),
        Some(indent) => {
            let count = usize::try_from(index(indent)?).unwrap_or(0);
            cx.charge_text(count)?;
            Some(" ".repeat(count))
        }
    };
    let (item_separator, key_separator) = match given(separators.as_ref()) {
        Some(separators) => match &separators.iterate(cx)?[..] {
            [Value::Str(item), Value::Str(key)] => (item.clone(), key.clone()),
            _ => return Err(Exception::value_error("separators must be two strings")),
        },
        None => (if indent.is_some() { "," } else { ", " }.into(), ": ".into()),
    };
    let layout = Layout {
        ensures_ascii: flag(ensure_ascii.as_ref()),
        sorts_keys: flag(sort_keys.as_ref()),
        indent,
        item_separator,
        key_separator,
    };
    let mut text = String::new();
    layout.write(cx, value, 0, &mut text)?;
    cx.text(text)
}

fn float(value: f64) -> String {
    match value {
        _ if value.is_nan() => "NaN".to_owned(),
        f64::INFINITY => "Infinity".to_owned(),
        f64::NEG_INFINITY => "-Infinity".to_owned(),
        _ => float_repr(value),
    }
}

impl Layout {
    fn write(&self, cx: &Context, value: &Value, depth: usize, text: &mut String) -> Result<()> {
        if depth > DEEPEST_VALUE {
            return Err(Exception::recursion());
        }
        let before = text.len();
        match value {
            Value::None => text.push_str("null"),
            Value::Bool(value) => text.push_str(if *value { "true" } else { "false" }),
            Value::Int(value) => text.push_str(&value.to_string()),
            Value::Big(value) => text.push_str(&int_repr(value)?),
            Value::Float(value) => text.push_str(&float(*value)),
            Value::Str(string) | Value::Markup(string) => self.quote(string, text),
            Value::List(items) | Value::Tuple(items) | Value::Group(items) => {
                text.push('[');
                for (index, item) in items.iter().enumerate() {
                    self.separate(cx, index, depth, text)?;
                    self.write(cx, item, depth + 1, text)?;
                }
                self.close(cx, !items.is_empty(), ']', depth, text)?;
            }
            Value::Dict(dict) => self.object(cx, dict, depth, text)?,
            _ => {
                let message = format!("Object of type {} is not JSON serializable", value.type_name());
                return Err(Exception::type_error(message));
            }
        }
        // Shared values are written repeatedly: the size of a value does not bound the size of its text.
        cx.charge(1)?;
        cx.charge_text(text.len() - before)
    }

    fn object(&self, cx: &Context, dict: &Dict, depth: usize, text: &mut String) -> Result<()> {
        let mut entries: Vec<_> = dict.0.iter().collect();
        if self.sorts_keys {
            let mut sorted: Vec<(_, _)> = Vec::with_capacity(entries.len());
            for entry in entries {
                let mut position = sorted.len();
                while position > 0 {
                    let (last, _): &(&super::value::Key, &Value) = &sorted[position - 1];
                    if entry.0.0.order(cx, &last.0, "<")? != Some(std::cmp::Ordering::Less) {
                        break;
                    }
                    position -= 1;
                }
                sorted.insert(position, entry);
            }
            entries = sorted;
        }
        text.push('{');
        for (index, (key, value)) in entries.iter().enumerate() {
            self.separate(cx, index, depth, text)?;
            let name = match &key.0 {
                Value::Str(name) | Value::Markup(name) => name.clone(),
                Value::None => "null".into(),
                Value::Bool(value) => if *value { "true" } else { "false" }.into(),
                Value::Float(value) => float(*value).into(),
                Value::Int(_) | Value::Big(_) => to_text(cx, &key.0)?,
                other => {
                    let name = other.type_name();
                    let message = format!("keys must be str, int, float, bool or None, not {name}");
                    return Err(Exception::type_error(message));
                }
            };
            self.quote(&name, text);
            text.push_str(&self.key_separator);
            self.write(cx, value, depth + 1, text)?;
        }
        self.close(cx, !entries.is_empty(), '}', depth, text)
    }

    fn line(&self, cx: &Context, depth: usize, text: &mut String) -> Result<()> {
        if let Some(indent) = &self.indent {
            cx.charge_text(indent.len().saturating_mul(depth))?;
            text.push('\n');
            text.extend(std::iter::repeat_n(indent.as_str(), depth));
        }
        Ok(())
    }

    fn separate(&self, cx: &Context, index: usize, depth: usize, text: &mut String) -> Result<()> {
        if index > 0 {
            text.push_str(&self.item_separator);
        }
        self.line(cx, depth + 1, text)
    }

    fn close(&self, cx: &Context, is_filled: bool, bracket: char, depth: usize, text: &mut String) -> Result<()> {
        if is_filled {
            self.line(cx, depth, text)?;
        }
        text.push(bracket);
        Ok(())
    }

    fn quote(&self, string: &str, text: &mut String) {
        text.push('"');
        for character in string.chars() {
            match character {
                '"' => text.push_str("\\\""),
                '\\' => text.push_str("\\\\"),
                '\n' => text.push_str("\\n"),
                '\r' => text.push_str("\\r"),
                '\t' => text.push_str("\\t"),
                '\x08' => text.push_str("\\b"),
                '\x0c' => text.push_str("\\f"),
                '\0'..='\x1f' => text.push_str(&format!("\\u{:04x}", u32::from(character))),
                ' '..='~' => text.push(character),
                _ if self.ensures_ascii => {
                    let units = character
                        .encode_utf16(&mut [0; 2])
                        .iter()
                        .map(|unit| format!("\\u{unit:04x}"))
                        .collect::<String>();
                    text.push_str(&units);
                }
                _ => text.push(character),
            }
        }
        text.push('"');
    }
}
