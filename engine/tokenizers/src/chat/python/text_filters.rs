//! Filters of strings.

use indexmap::IndexMap;

use super::arguments::{CallArgs, flag, given, index, index_or};
use super::characters::{is_space, is_word};
use super::context::Context;
use super::exception::{Exception, Kind};
use super::format;
use super::text::{self, to_text};
use super::text_methods::{capitalize, pad, pieces, replace, split_lines};
use super::value::{Key, Result, Value};

const PRINT_WIDTH: usize = 80;

pub(super) fn apply(cx: &Context, name: &str, value: Value, arguments: CallArgs) -> Result {
    match name {
        "indent" => return indent(cx, &value, arguments),
        "pprint" => {
            arguments.none(name)?;
            return pretty(cx, &value);
        }
        "truncate" => return truncate(cx, value, arguments),
        "urlencode" => {
            arguments.none(name)?;
            return url_encode(cx, &value);
        }
        "wordwrap" => return wrap(cx, &value, arguments),
        "xmlattr" => return xml_attributes(cx, &value, arguments),
        _ => {}
    }
    let string = to_text(cx, &value)?;
    let same = |text: String| {
        cx.charge_text(text.len())?;
        Ok(value.similar(text))
    };
    match name {
        "center" => {
            let [width] = arguments.bind(name, ["width"], 0)?;
            same(pad(cx, &string, index_or(width.as_ref(), 80)?, ' ', name)?)
        }
        "format" => {
            let CallArgs { positional, named } = arguments;
            let values = match (positional.is_empty(), named.is_empty()) {
                (false, false) => {
                    let message = "can't handle positional and keyword arguments at the same time";
                    return Err(Exception::new(Kind::Runtime, message));
                }
                (_, true) => Value::tuple(positional),
                (true, false) => {
                    let entries: IndexMap<_, _> =
                        named.into_iter().map(|(name, value)| (Key(Value::Str(name)), value)).collect();
                    Value::dict(entries)
                }
            };
            let format = if value.as_str().is_some() { value } else { Value::Str(string.clone()) };
            format::percent(cx, &format, &string, &values)
        }
        "replace" => {
            let [old, new, count] = arguments.bind(name, ["old", "new", "count"], 2)?;
            let old = to_text(cx, &old.unwrap_or(Value::None))?;
            let new = to_text(cx, &new.unwrap_or(Value::None))?;
            let count = index_or(given(count.as_ref()), -1)?;
            cx.text(replace(cx, &string, &old, &new, count)?)
        }
        "trim" => {
            let [chars] = arguments.bind(name, ["chars"], 0)?;
            let chars = given(chars.as_ref());
            let chars =
                chars.map(|chars| chars.as_str().ok_or_else(|| Exception::type_error("strip arg must be None or str")));
            let chars = chars.transpose()?;
            let strips = |character: char| chars.map_or_else(|| is_space(character), |set| set.contains(character));
            same(string.trim_matches(strips).to_owned())
        }
        "striptags" => {
            arguments.none(name)?;
            cx.text(strip_tags(cx, &string)?)
        }
        _ => {
            arguments.none(name)?;
            match name {
                "capitalize" => same(capitalize(&string)),
                "lower" => same(string.to_lowercase()),
                "title" => cx.text(title(&string)),
                "upper" => same(string.to_uppercase()),
                _ => Ok(string.split(|character| !is_word(character)).filter(|word| !word.is_empty()).count().into()),
            }
        }
    }
}

/// The `title` filter: words start after whitespace and opening brackets, and hyphens.
fn title(string: &str) -> String {
    let is_break = |character: char| is_space(character) || "-({[<".contains(character);
    let mut titled = String::with_capacity(string.len());
    let mut rest = string;
    while let Some(first) = rest.chars().next() {
        let separates = is_break(first);
        let end = rest.find(|character| is_break(character) != separates).unwrap_or(rest.len());
        let (word, after) = rest.split_at(end);
        titled.extend(first.to_uppercase());
        titled.push_str(&word[first.len_utf8()..].to_lowercase());
        rest = after;
    }
    titled
}

fn indent(cx: &Context, value: &Value, arguments: CallArgs) -> Result {
    let [width, first, blank] = arguments.bind("indent", ["width", "first", "blank"], 0)?;
    let string = match value {
        Value::Undefined(undefined) => return Err(undefined.exception()),
        Value::Str(text) | Value::Markup(text) => text,
        _ => {
            let name = value.type_name();
            let message = format!("unsupported operand type(s) for +=: '{name}' and 'str'");
            return Err(Exception::type_error(message));
        }
    };
    let indention = match &width {
        None => "    ".to_owned(),
        Some(Value::Str(text) | Value::Markup(text)) => text.to_string(),
        Some(width) => {
            let count = usize::try_from(index(width)?).unwrap_or(0);
            cx.charge_text(count)?;
            " ".repeat(count)
        }
    };
    let with_newline = format!("{string}\n");
    let mut indented = String::new();
    for (number, line) in split_lines(&with_newline, false).into_iter().enumerate() {
        if number > 0 {
            indented.push('\n');
        }
        let is_indented = if number == 0 { flag(first.as_ref()) } else { flag(blank.as_ref()) || !line.is_empty() };
        if is_indented {
            cx.charge_text(indention.len() + 1)?;
            indented.push_str(&indention);
        }
        indented.push_str(line);
    }
    cx.charge_text(indented.len())?;
    Ok(value.similar(indented))
}

fn truncate(cx: &Context, value: Value, arguments: CallArgs) -> Result {
    let [length, kill_words, end, leeway] = arguments.bind("truncate", ["length", "killwords", "end", "leeway"], 0)?;
    let length = index_or(length.as_ref(), 255)?;
    let end = end.unwrap_or_else(|| "...".into());
    let end_length = end.len()? as i64;
    let leeway = index_or(given(leeway.as_ref()), 5)?;
    if length < end_length {
        let message = format!("expected length >= {end_length}, got {length}");
        return Err(Exception::new(Kind::Assertion, message));
    }
    if leeway < 0 {
        return Err(Exception::new(Kind::Assertion, format!("expected leeway >= 0, got {leeway}")));
    }
    if value.len()? as i64 <= length.saturating_add(leeway) {
        return Ok(value);
    }
    let (Some(string), Some(end)) = (value.as_str(), end.as_str()) else {
        return Err(Exception::unsupported("the 'truncate' filter of a value that is not text"));
    };
    let start: String = string.chars().take((length - end_length) as usize).collect();
    let kept =
        if flag(kill_words.as_ref()) { &*start } else { start.rsplit_once(' ').map_or(&*start, |(kept, _)| kept) };
    cx.text(format!("{kept}{end}")).map(|text| value.similar(text))
}

fn quote_url(cx: &Context, value: &Value, is_query: bool) -> Result<String> {
    let mut quoted = String::new();
    for byte in to_text(cx, value)?.bytes() {
        match byte {
            b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' | b'_' | b'.' | b'-' | b'~' => quoted.push(char::from(byte)),
            b'/' if !is_query => quoted.push('/'),
            b' ' if is_query => quoted.push('+'),
            _ => quoted.push_str(&format!("%{byte:02X}")),
        }
    }
    Ok(quoted)
}

fn url_encode(cx: &Context, value: &Value) -> Result {
    let pairs = match value {
        Value::Dict(dict) => dict.view(super::value::View::Items),
        _ if value.as_str().is_some() || !value.is_iterable() => return cx.text(quote_url(cx, value, false)?),
        _ => value.iterate(cx)?,
    };
    let mut encoded = Vec::new();
    for pair in pairs {
        let [key, value] = &pair.iterate(cx)?[..] else {
            return Err(Exception::value_error("expected pairs of keys and values"));
        };
        encoded.push(format!("{}={}", quote_url(cx, key, true)?, quote_url(cx, value, true)?));
    }
    cx.text(encoded.join("&"))
}

fn xml_attributes(cx: &Context, value: &Value, arguments: CallArgs) -> Result {
    let [space] = arguments.bind("xmlattr", ["autospace"], 0)?;
    let dict = match value {
        Value::Undefined(undefined) => return Err(undefined.exception()),
        Value::Dict(dict) => dict,
        _ => {
            let message = format!("'{}' object has no attribute 'items'", value.type_name());
            return Err(Exception::new(Kind::Attribute, message));
        }
    };
    let escaped = |value: &Value| match value {
        Value::Markup(text) => Ok(text.to_string()),
        _ => to_text(cx, value).map(|text| text::escape(&text)),
    };
    let mut attributes = Vec::new();
    for (key, value) in &dict.0 {
        if matches!(value, Value::None | Value::Undefined(_)) {
            continue;
        }
        let name = key.0.as_str().ok_or_else(|| Exception::type_error("expected string or bytes-like object"))?;
        if name.contains([' ', '\t', '\n', '\r', '\x0b', '\x0c', '/', '>', '=']) {
            let name = text::repr(cx, &key.0)?;
            return Err(Exception::value_error(format!("Invalid character in attribute name: {name}")));
        }
        attributes.push(format!("{}=\"{}\"", escaped(&key.0)?, escaped(value)?));
    }
    let joined = attributes.join(" ");
    let has_space = !joined.is_empty() && space.is_none_or(|space| space.is_true());
    cx.text(if has_space { format!(" {joined}") } else { joined })
}

fn strip_tags(cx: &Context, string: &str) -> Result<String> {
    let mut text = string.to_owned();
    for (start, end) in [("<!--", "-->"), ("<", ">")] {
        let mut stripped = String::new();
        let mut rest = &*text;
        while let Some(index) = rest.find(start) {
            let Some(length) = rest[index..].find(end) else { break };
            stripped.push_str(&rest[..index]);
            rest = &rest[index + length + end.len()..];
        }
        text = stripped + rest;
    }
    cx.charge_text(text.len())?;
    let text = pieces(&text, None, None, false).join(" ");
    if text.contains('&') {
        let plain = text
            .replace("&lt;", "<")
            .replace("&gt;", ">")
            .replace("&quot;", "\"")
            .replace("&#39;", "'")
            .replace("&#34;", "\"");
        let rest = plain.replace("&amp;", "");
        let is_other = |part: &str| part.starts_with(|first: char| first.is_ascii_alphanumeric() || first == '#');
        if rest.split('&').skip(1).any(is_other) {
            return Err(Exception::unsupported("the 'striptags' filter of text with character references"));
        }
        return Ok(plain.replace("&amp;", "&"));
    }
    Ok(text)
}

/// `pprint.pformat` of values that fit into a line.
fn pretty(cx: &Context, value: &Value) -> Result {
    let sorted = sorted_keys(cx, value, 0)?;
    let text = text::repr(cx, &sorted)?;
    let is_long = text.chars().count() > PRINT_WIDTH;
    if is_long && (value.as_items().is_some() || value.as_str().is_some() || matches!(value, Value::Dict(_))) {
        return Err(Exception::unsupported("the 'pprint' filter of more than a line"));
    }
    cx.text(text)
}

fn sorted_keys(cx: &Context, value: &Value, depth: usize) -> Result {
    cx.charge(1)?;
    if depth > super::value::DEEPEST_VALUE {
        return Err(Exception::recursion());
    }
    let all = |items: &[Value]| items.iter().map(|item| sorted_keys(cx, item, depth + 1)).collect::<Result<Vec<_>>>();
    Ok(match value {
        Value::List(items) => Value::list(all(items)?),
        Value::Tuple(items) | Value::Group(items) => Value::tuple(all(items)?),
        Value::Dict(dict) => {
            if dict.0.len() > 1 && dict.0.keys().any(|key| key.0.as_str().is_none()) {
                return Err(Exception::unsupported("the 'pprint' filter of a dict whose keys are not strings"));
            }
            let mut entries = Vec::new();
            for (key, value) in &dict.0 {
                entries.push((key.clone(), sorted_keys(cx, value, depth + 1)?));
            }
            entries.sort_by(|left, right| left.0.0.as_str().cmp(&right.0.0.as_str()));
            Value::dict(entries.into_iter().collect())
        }
        _ => value.clone(),
    })
}

fn wrap(cx: &Context, value: &Value, arguments: CallArgs) -> Result {
    let names = ["width", "break_long_words", "wrapstring", "break_on_hyphens"];
    let [width, breaks, separator, hyphens] = arguments.bind("wordwrap", names, 0)?;
    let string = match value {
        Value::Undefined(undefined) => return Err(undefined.exception()),
        _ => value.as_str().ok_or_else(|| {
            let message = format!("'{}' object has no attribute 'splitlines'", value.type_name());
            Exception::new(Kind::Attribute, message)
        })?,
    };
    if string.contains('-') && hyphens.is_none_or(|hyphens| hyphens.is_true()) {
        return Err(Exception::unsupported("the 'wordwrap' filter of text with hyphens"));
    }
    let width = index_or(width.as_ref(), 79)?;
    let width = usize::try_from(width).ok().filter(|width| *width > 0);
    let width = width.ok_or_else(|| Exception::value_error("invalid width (must be > 0)"))?;
    let separator = given(separator.as_ref()).map_or(Ok("\n"), |text| super::arguments::text("join", text))?;
    let breaks = breaks.is_none_or(|breaks| breaks.is_true());
    let mut lines = Vec::new();
    for paragraph in split_lines(string, false) {
        lines.push(wrapped(paragraph, width, breaks).join(separator));
    }
    cx.charge_text(lines.iter().map(|line| line.len() + separator.len()).sum())?;
    cx.text(lines.join(separator))
}

/// `textwrap.wrap` of a paragraph without hyphens.
fn wrapped(paragraph: &str, width: usize, breaks: bool) -> Vec<String> {
    let is_blank = |character: char| matches!(character, '\t' | '\n' | '\x0b' | '\x0c' | '\r' | ' ');
    let mut chunks = Vec::new();
    let mut rest = paragraph;
    while let Some(first) = rest.chars().next() {
        let blank = is_blank(first);
        let end = rest.find(|character| is_blank(character) != blank).unwrap_or(rest.len());
        chunks.push(rest[..end].to_owned());
        rest = &rest[end..];
    }
    chunks.reverse();
    let is_empty = |chunk: &String| chunk.chars().all(is_space);
    let mut lines = Vec::new();
    while !chunks.is_empty() {
        let (mut line, mut length) = (Vec::new(), 0);
        if !lines.is_empty() && chunks.last().is_some_and(is_empty) {
            chunks.pop();
        }
        while let Some(chunk) = chunks.pop() {
            let count = chunk.chars().count();
            if length + count <= width {
                length += count;
                line.push(chunk);
                continue;
            }
            if count > width && breaks {
                let room = if width - length == 0 { 0 } else { width - length };
                line.push(chunk.chars().take(room).collect());
                chunks.push(chunk.chars().skip(room).collect());
            } else if count > width && line.is_empty() {
                line.push(chunk);
            } else {
                chunks.push(chunk);
            }
            break;
        }
        if line.last().is_some_and(is_empty) {
            line.pop();
        }
        if !line.is_empty() {
            lines.push(line.concat());
        }
    }
    lines
}
