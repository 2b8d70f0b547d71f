//! Python's `str()` and `repr()`.

use std::sync::Arc;

use super::characters::is_printable;
use super::context::Context;
use super::exception::Exception;
use super::foreign::Foreign;
use super::number::{float_repr, int_repr};
use super::value::{DEEPEST_VALUE, Range, Result, Value, View};

/// `markupsafe.escape`.
pub(super) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '\'' => escaped.push_str("&#39;"),
            '"' => escaped.push_str("&#34;"),
            _ => escaped.push(character),
        }
    }
    escaped
}

/// Python's `str(value)`.
pub(super) fn to_text(cx: &Context, value: &Value) -> Result<Arc<str>> {
    if let Value::Str(text) | Value::Markup(text) = value {
        return Ok(text.clone());
    }
    let mut text = String::new();
    write(cx, value, false, 0, &mut text)?;
    Ok(text.into())
}

/// Python's `repr(value)`.
pub(super) fn repr(cx: &Context, value: &Value) -> Result<String> {
    let mut text = String::new();
    write(cx, value, true, 0, &mut text)?;
    Ok(text)
}

pub(super) fn write(cx: &Context, value: &Value, is_repr: bool, depth: usize, text: &mut String) -> Result<()> {
    if depth > DEEPEST_VALUE {
        return Err(Exception::recursion());
    }
    let before = text.len();
    match value {
        Value::Undefined(_) => text.push_str(if is_repr { "Undefined" } else { "" }),
        Value::None => text.push_str("None"),
        Value::Bool(value) => text.push_str(if *value { "True" } else { "False" }),
        Value::Int(value) => text.push_str(&value.to_string()),
        Value::Big(value) => text.push_str(&int_repr(value)?),
        Value::Float(value) => text.push_str(&float_repr(*value)),
        Value::Str(value) if is_repr => quote(value, text),
        Value::Markup(value) if is_repr => {
            text.push_str("Markup(");
            quote(value, text);
            text.push(')');
        }
        Value::Str(value) | Value::Markup(value) => text.push_str(value),
        Value::List(items) => {
            text.push('[');
            write_items(cx, items, depth, text)?;
            text.push(']');
        }
        Value::Tuple(items) | Value::Group(items) => {
            text.push('(');
            write_items(cx, items, depth, text)?;
            text.push_str(if items.len() == 1 { ",)" } else { ")" });
        }
        Value::Dict(dict) => {
            text.push('{');
            for (index, (key, value)) in dict.0.iter().enumerate() {
                text.push_str(if index > 0 { ", " } else { "" });
                write(cx, &key.0, true, depth + 1, text)?;
                text.push_str(": ");
                write(cx, value, true, depth + 1, text)?;
            }
            text.push('}');
        }
        Value::View(view, dict) => {
            text.push_str(match view {
                View::Keys => "dict_keys([",
                View::Values => "dict_values([",
                View::Items => "dict_items([",
            });
            write_items(cx, &dict.view(*view), depth, text)?;
            text.push_str("])");
        }
        Value::Range(range) => {
            let Range { start, stop, step } = **range;
            text.push_str(&match step {
                1 => format!("range({start}, {stop})"),
                _ => format!("range({start}, {stop}, {step})"),
            });
        }
        Value::Foreign(value) => match value.get_attr("name").ok().and_then(|name| name.to_str()) {
            Some(name) if Foreign::of(value) == Foreign::Macro => {
                text.push_str("<Macro ");
                quote(&name, text);
                text.push('>');
            }
            _ => return Err(Exception::unsupported(&format!("text of a {}", Foreign::of(value).type_name()))),
        },
        Value::Iterator(_) | Value::Method(_) | Value::Function(_) | Value::Cycler(_) | Value::Joiner(_) => {
            return Err(Exception::unsupported(&format!("text of a {}, which names an address", value.type_name())));
        }
    }
    // Shared values are written repeatedly: the size of a value does not bound the size of its text.
    cx.charge_text(text.len() - before)
}

fn write_items(cx: &Context, items: &[Value], depth: usize, text: &mut String) -> Result<()> {
    for (index, item) in items.iter().enumerate() {
        text.push_str(if index > 0 { ", " } else { "" });
        write(cx, item, true, depth + 1, text)?;
    }
    Ok(())
}

fn quote(string: &str, text: &mut String) {
    let quote = if string.contains('\'') && !string.contains('"') { '"' } else { '\'' };
    text.push(quote);
    for character in string.chars() {
        match character {
            '\\' => text.push_str("\\\\"),
            '\n' => text.push_str("\\n"),
            '\r' => text.push_str("\\r"),
            '\t' => text.push_str("\\t"),
            _ if character == quote => text.extend(['\\', quote]),
            _ if is_printable(character) => text.push(character),
            _ => push_escape(character, text),
        }
    }
    text.push(quote);
}

fn push_escape(character: char, text: &mut String) {
    text.push_str(&match u32::from(character) {
        code @ ..=0xff => format!("\\x{code:02x}"),
        code @ ..=0xffff => format!("\\u{code:04x}"),
        code => format!("\\U{code:08x}"),
    });
}

/// Python's `ascii(value)`.
pub(super) fn ascii(cx: &Context, value: &Value) -> Result<String> {
    let mut text = String::new();
    for character in repr(cx, value)?.chars() {
        if character.is_ascii() {
            text.push(character);
        } else {
            push_escape(character, &mut text);
        }
    }
    Ok(text)
}
