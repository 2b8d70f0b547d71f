//! JSON as Python's `json.dumps` lays it out.

use minijinja::value::{Kwargs, ValueKind};
use minijinja::{Error, ErrorKind, State, Value};

const DEEPEST: usize = 128;

/// How JSON is laid out.
pub(super) struct Layout {
    ensure_ascii: bool,
    sort_keys: bool,
    indent: Option<String>,
    item_separator: String,
    key_separator: String,
}

impl Layout {
    pub fn from_options(options: &Kwargs) -> Result<Self, Error> {
        let indent: Option<Value> = options.get("indent")?;
        let indent = match indent.filter(|indent| !indent.is_none() && !indent.is_undefined()) {
            None => None,
            Some(indent) => Some(match (indent.as_str(), indent.as_usize()) {
                (Some(text), _) => text.to_owned(),
                (None, Some(count)) => " ".repeat(count.min(64)),
                (None, None) => return Err(wrong(format!("tojson: indent is {indent}"))),
            }),
        };
        let separators: Option<Value> = options.get("separators")?;
        let (item_separator, key_separator) = match separators.filter(|value| value.kind() == ValueKind::Seq) {
            Some(pair) => (pair.get_item_by_index(0)?.to_string(), pair.get_item_by_index(1)?.to_string()),
            None => (if indent.is_some() { "," } else { ", " }.to_owned(), ": ".to_owned()),
        };
        let flag = |name| options.get::<Option<bool>>(name).map(Option::unwrap_or_default);
        Ok(Self {
            ensure_ascii: flag("ensure_ascii")?,
            sort_keys: flag("sort_keys")?,
            indent,
            item_separator,
            key_separator,
        })
    }

    fn line(&self, depth: usize, text: &mut String) {
        if let Some(indent) = &self.indent {
            text.push('\n');
            text.extend(std::iter::repeat_n(indent.as_str(), depth));
        }
    }
}

pub(super) fn to_json(state: &State, value: &Value, layout: &Layout) -> Result<String, Error> {
    let mut text = String::new();
    write(state, value, layout, 0, &mut text)?;
    Ok(text)
}

fn write(state: &State, value: &Value, layout: &Layout, depth: usize, text: &mut String) -> Result<(), Error> {
    if depth > DEEPEST {
        return Err(wrong(format!("tojson: values are nested more than {DEEPEST} deep")));
    }
    let before = text.len();
    match value.kind() {
        ValueKind::None => text.push_str("null"),
        ValueKind::Bool => text.push_str(if value.is_true() { "true" } else { "false" }),
        ValueKind::Number => text.push_str(&value.to_string()),
        ValueKind::String => quote(value.as_str().unwrap_or_default(), layout, text)?,
        ValueKind::Map => {
            let mut keys: Vec<Value> = value.try_iter()?.collect();
            if layout.sort_keys {
                keys.sort();
            }
            text.push('{');
            for (index, key) in keys.iter().enumerate() {
                separate(index, layout, depth, text);
                quote(&key.to_string(), layout, text)?;
                text.push_str(&layout.key_separator);
                write(state, &value.get_item(key)?, layout, depth + 1, text)?;
            }
            close(!keys.is_empty(), '}', layout, depth, text);
        }
        ValueKind::Seq | ValueKind::Iterable => {
            text.push('[');
            let mut is_filled = false;
            for (index, item) in value.try_iter()?.enumerate() {
                is_filled = true;
                separate(index, layout, depth, text);
                write(state, &item, layout, depth + 1, text)?;
            }
            close(is_filled, ']', layout, depth, text);
        }
        kind => return Err(wrong(format!("tojson: a value of type {kind} has no JSON"))),
    }
    // Shared parts are written again and again: the size of the text says nothing about that of the value.
    state.consume_fuel((text.len() - before) as u64 / 64 + 1)
}

fn separate(index: usize, layout: &Layout, depth: usize, text: &mut String) {
    if index > 0 {
        text.push_str(&layout.item_separator);
    }
    layout.line(depth + 1, text);
}

fn close(is_filled: bool, bracket: char, layout: &Layout, depth: usize, text: &mut String) {
    if is_filled {
        layout.line(depth, text);
    }
    text.push(bracket);
}

fn quote(string: &str, layout: &Layout, text: &mut String) -> Result<(), Error> {
    let quoted = serde_json::to_string(string).map_err(|error| wrong(error.to_string()))?;
    if !layout.ensure_ascii {
        text.push_str(&quoted);
        return Ok(());
    }
    for character in quoted.chars() {
        if character.is_ascii() {
            text.push(character);
        } else {
            text.extend(character.encode_utf16(&mut [0; 2]).iter().map(|unit| format!("\\u{unit:04x}")));
        }
    }
    Ok(())
}

fn wrong(message: String) -> Error {
    Error::new(ErrorKind::InvalidOperation, message)
}
