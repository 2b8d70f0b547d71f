//! Python's `str()` and `repr()`, and its classes of characters.

use std::sync::Arc;

use super::context::Context;
use super::exception::{Exception, Result};
use super::number::{float_repr, int_repr};
use super::unicode::{ALPHABETIC, DIGITS, NUMERIC, PRINTABLE, ZEROS, holds};
use super::value::{DEEPEST_VALUE, Foreign, Range, Value, View};

/// Whitespace of `str.isspace` and of `\s`.
pub(crate) fn is_space(character: char) -> bool {
    character.is_whitespace() || matches!(character, '\x1c'..='\x1f')
}

pub(super) fn is_alphabetic(character: char) -> bool {
    if character.is_ascii() { character.is_ascii_alphabetic() } else { holds(ALPHABETIC, character) }
}

pub(super) fn is_numeric(character: char) -> bool {
    if character.is_ascii() { character.is_ascii_digit() } else { holds(NUMERIC, character) }
}

pub(super) fn is_digit(character: char) -> bool {
    if character.is_ascii() { character.is_ascii_digit() } else { holds(DIGITS, character) }
}

/// Letters, digits and the underscore: `\w`.
pub(super) fn is_word(character: char) -> bool {
    character == '_' || is_alphabetic(character) || is_numeric(character)
}

pub(super) fn is_printable(character: char) -> bool {
    if character.is_ascii() { matches!(character, ' '..='~') } else { holds(PRINTABLE, character) }
}

/// The value of a decimal digit of any script.
pub(super) fn decimal(character: char) -> Option<u32> {
    let code = u32::from(character);
    let zero = ZEROS[..ZEROS.partition_point(|zero| *zero <= code)].last()?;
    Some(code - zero).filter(|digit| *digit < 10)
}

/// Titlecase of characters for which it is neither the uppercase nor the uppercase's first character followed by
/// lowercase.
const TITLES: &[(char, &str)] = &[
    ('\u{149}', "\u{2bc}\u{4e}"),
    ('\u{1fb2}', "\u{1fba}\u{345}"),
    ('\u{1fb3}', "\u{1fbc}"),
    ('\u{1fb4}', "\u{386}\u{345}"),
    ('\u{1fb7}', "\u{391}\u{342}\u{345}"),
    ('\u{1fbc}', "\u{1fbc}"),
    ('\u{1fc2}', "\u{1fca}\u{345}"),
    ('\u{1fc3}', "\u{1fcc}"),
    ('\u{1fc4}', "\u{389}\u{345}"),
    ('\u{1fc7}', "\u{397}\u{342}\u{345}"),
    ('\u{1fcc}', "\u{1fcc}"),
    ('\u{1ff2}', "\u{1ffa}\u{345}"),
    ('\u{1ff3}', "\u{1ffc}"),
    ('\u{1ff4}', "\u{38f}\u{345}"),
    ('\u{1ff7}', "\u{3a9}\u{342}\u{345}"),
    ('\u{1ffc}', "\u{1ffc}"),
];

/// The titlecase of a character.
pub(super) fn title(character: char) -> String {
    let code = u32::from(character);
    if let Some((_, title)) = TITLES.iter().find(|(found, _)| *found == character) {
        return (*title).to_owned();
    }
    let single = match code {
        0x1c4..=0x1c6 => Some(0x1c5),
        0x1c7..=0x1c9 => Some(0x1c8),
        0x1ca..=0x1cc => Some(0x1cb),
        0x1f1..=0x1f3 => Some(0x1f2),
        0x10d0..=0x10ff => Some(code),
        0x1f80..=0x1faf => Some(code | 8),
        _ => None,
    };
    if let Some(single) = single.and_then(char::from_u32) {
        return single.to_string();
    }
    let mut upper = character.to_uppercase();
    upper.next().into_iter().chain(upper.flat_map(char::to_lowercase)).collect()
}

/// `str.casefold`.
pub(super) fn casefold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for character in text.chars() {
        match u32::from(character) {
            0x131 | 0x13a0..=0x13f5 => folded.push(character),
            0x13f8..=0x13fd | 0xab70..=0xabbf => folded.extend(character.to_uppercase()),
            _ => folded.extend(character.to_lowercase().flat_map(char::to_uppercase).flat_map(char::to_lowercase)),
        }
    }
    folded
}

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
