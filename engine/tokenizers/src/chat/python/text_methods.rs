//! Methods of `str`.

use std::ops::Range;

use super::arguments::{CallArgs, flag, given, index, index_or, text};
use super::characters::{
    casefold, decimal, is_alphabetic, is_digit, is_numeric, is_printable, is_space, is_word, title,
};
use super::context::Context;
use super::exception::Exception;
use super::text;
use super::value::{Key, Result, Value};
use super::{format, number};

pub(super) fn call(cx: &Context, owner: &Value, string: &str, name: &str, arguments: CallArgs) -> Result {
    let is_markup = matches!(owner, Value::Markup(_));
    let same = |text: String| {
        cx.charge_text(text.len())?;
        Ok(owner.similar(text))
    };
    let all = |test: &dyn Fn(char) -> bool| Ok(Value::Bool(!string.is_empty() && string.chars().all(test)));
    match name {
        "format" => return format::format_method(cx, owner, string, &arguments),
        "format_map" => return format::format_map(cx, owner, string, arguments),
        "join" => return join(cx, owner, string, arguments),
        "split" | "rsplit" => return split(cx, owner, string, name, arguments),
        "startswith" | "endswith" => return affix(string, name, arguments),
        "find" | "rfind" | "index" | "rindex" | "count" => return search(string, name, arguments),
        "replace" => {
            let [old, new, count] = arguments.bind(name, ["/old", "/new", "/count"], 2)?;
            let (old, new) = (old.unwrap_or(Value::None), new.unwrap_or(Value::None));
            let count = index_or(count.as_ref(), -1)?;
            let new = escaped(is_markup, &new, text(name, &new)?);
            return same(replace(cx, string, text(name, &old)?, &new, count)?);
        }
        "strip" | "lstrip" | "rstrip" => {
            let [chars] = arguments.bind(name, ["/chars"], 0)?;
            let chars = given(chars.as_ref()).map(|chars| text(name, chars)).transpose()?;
            let strips = |character: char| chars.map_or_else(|| is_space(character), |set| set.contains(character));
            return same(match name {
                "strip" => string.trim_matches(strips).to_owned(),
                "lstrip" => string.trim_start_matches(strips).to_owned(),
                _ => string.trim_end_matches(strips).to_owned(),
            });
        }
        "center" | "ljust" | "rjust" => {
            let [width, fill] = arguments.bind(name, ["/width", "/fillchar"], 1)?;
            let width = index(&width.unwrap_or(Value::None))?;
            let fill = fill.map_or(Ok(' '), |fill| single(name, &fill))?;
            return same(pad(cx, string, width, fill, name)?);
        }
        "zfill" => {
            let [width] = arguments.bind(name, ["/width"], 1)?;
            let width = index(&width.unwrap_or(Value::None))?;
            let sign = &string[..usize::from(string.starts_with(['-', '+']))];
            let digits = &string[sign.len()..];
            let width = width.saturating_sub(sign.len() as i64);
            return same(sign.to_owned() + &pad(cx, digits, width, '0', "rjust")?);
        }
        "expandtabs" => {
            let [size] = arguments.bind(name, ["tabsize"], 0)?;
            return same(expand_tabs(cx, string, index_or(size.as_ref(), 8)?)?);
        }
        "splitlines" => {
            let [keep] = arguments.bind(name, ["keepends"], 0)?;
            let lines = split_lines(string, flag(keep.as_ref()));
            cx.charge_items(lines.len())?;
            return Ok(Value::list(lines.into_iter().map(|line| owner.similar(line)).collect()));
        }
        "partition" | "rpartition" => {
            let [separator] = arguments.bind(name, ["/sep"], 1)?;
            let separator = separator.unwrap_or(Value::None);
            let separator = text(name, &separator)?;
            if separator.is_empty() {
                return Err(Exception::value_error("empty separator"));
            }
            let is_last = name == "rpartition";
            let found = if is_last { string.rsplit_once(separator) } else { string.split_once(separator) };
            let parts = match found {
                Some((before, after)) => [before, separator, after],
                None if is_last => ["", "", string],
                None => [string, "", ""],
            };
            return Ok(Value::tuple(parts.into_iter().map(|part| owner.similar(part)).collect()));
        }
        "removeprefix" | "removesuffix" => {
            let [part] = arguments.bind(name, ["/affix"], 1)?;
            let part = part.unwrap_or(Value::None);
            let part = text(name, &part)?;
            let rest = if name == "removeprefix" { string.strip_prefix(part) } else { string.strip_suffix(part) };
            return same(rest.unwrap_or(string).to_owned());
        }
        "translate" => {
            let [table] = arguments.bind(name, ["/table"], 1)?;
            return same(translate(cx, string, &table.unwrap_or(Value::None))?);
        }
        "encode" | "maketrans" | "escape" | "striptags" | "unescape" => {
            return Err(Exception::unsupported(&format!("str.{name}()")));
        }
        _ => arguments.none(name)?,
    }
    match name {
        "upper" => same(string.to_uppercase()),
        "lower" => same(string.to_lowercase()),
        "capitalize" => same(capitalize(string)),
        "casefold" => same(casefold(string)),
        "swapcase" => same(swap_case(string)),
        "title" => same(title_words(string)),
        "isalpha" => all(&is_alphabetic),
        "isalnum" => all(&|character| is_alphabetic(character) || is_numeric(character)),
        "isascii" => Ok(Value::Bool(string.is_ascii())),
        "isdecimal" => all(&|character| decimal(character).is_some()),
        "isdigit" => all(&is_digit),
        "isnumeric" => all(&is_numeric),
        "isprintable" => Ok(Value::Bool(string.chars().all(is_printable))),
        "isspace" => all(&is_space),
        "isidentifier" => Ok(Value::Bool(
            string.chars().all(is_word)
                && string.chars().next().is_some_and(|first| first == '_' || is_alphabetic(first)),
        )),
        "islower" => Ok(Value::Bool(is_cased(string, char::is_lowercase, char::is_uppercase))),
        "isupper" => Ok(Value::Bool(is_cased(string, char::is_uppercase, char::is_lowercase))),
        "istitle" => Ok(Value::Bool(is_title(string))),
        _ => Err(Exception::unsupported(&format!("str.{name}()"))),
    }
}

fn escaped(is_markup: bool, value: &Value, string: &str) -> String {
    if is_markup && !matches!(value, Value::Markup(_)) { text::escape(string) } else { string.to_owned() }
}

fn single(name: &str, value: &Value) -> Result<char> {
    let string = text(name, value)?;
    let mut characters = string.chars();
    match (characters.next(), characters.next()) {
        (Some(character), None) => Ok(character),
        _ => Err(Exception::type_error("The fill character must be exactly one character long")),
    }
}

/// `str.islower` and `str.isupper`.
pub(super) fn is_cased(string: &str, is_right: fn(char) -> bool, is_wrong: fn(char) -> bool) -> bool {
    string.chars().any(is_right) && !string.chars().any(is_wrong)
}

fn is_title(string: &str) -> bool {
    let (mut is_found, mut is_in_word) = (false, false);
    for character in string.chars() {
        if character.is_uppercase() {
            if is_in_word {
                return false;
            }
            (is_found, is_in_word) = (true, true);
        } else if character.is_lowercase() {
            if !is_in_word {
                return false;
            }
            is_found = true;
        } else {
            is_in_word = false;
        }
    }
    is_found
}

pub(super) fn capitalize(string: &str) -> String {
    let mut characters = string.chars();
    let first = characters.next().map(title).unwrap_or_default();
    first + &characters.as_str().to_lowercase()
}

fn swap_case(string: &str) -> String {
    let mut swapped = String::with_capacity(string.len());
    for character in string.chars() {
        if character.is_uppercase() {
            swapped.extend(character.to_lowercase());
        } else if character.is_lowercase() {
            swapped.extend(character.to_uppercase());
        } else {
            swapped.push(character);
        }
    }
    swapped
}

/// `str.title`: every letter after a character without case starts a word.
fn title_words(string: &str) -> String {
    let lower = string.to_lowercase();
    let has_same_length = lower.chars().count() == string.chars().count();
    let mut titled = String::with_capacity(string.len());
    let mut is_in_word = false;
    let mut lowered = lower.chars();
    for character in string.chars() {
        let low = lowered.next();
        if !is_in_word {
            titled.push_str(&title(character));
        } else if let Some(low) = low.filter(|_| has_same_length) {
            titled.push(low);
        } else {
            titled.extend(character.to_lowercase());
        }
        is_in_word = character.is_uppercase() || character.is_lowercase();
    }
    titled
}

/// Pads a string to `width` characters, as the `str` method `name` does.
///
/// **Errors:** `Exhausted`, before the text is allocated, if it is too long.
pub(super) fn pad(cx: &Context, string: &str, width: i64, fill: char, name: &str) -> Result<String> {
    let count = string.chars().count() as i64;
    if width <= count {
        return Ok(string.to_owned());
    }
    let missing = width - count;
    cx.charge_text(usize::try_from(missing).unwrap_or(usize::MAX).saturating_mul(fill.len_utf8()))?;
    let left = match name {
        "ljust" => 0,
        "rjust" => missing,
        _ => missing / 2 + (missing & width & 1),
    };
    let fills = |count: i64| std::iter::repeat_n(fill, count as usize);
    Ok(fills(left).chain(string.chars()).chain(fills(missing - left)).collect())
}

fn expand_tabs(cx: &Context, string: &str, size: i64) -> Result<String> {
    let mut expanded = String::new();
    let mut column = 0;
    for character in string.chars() {
        match character {
            '\t' if size > 0 => {
                let count = size - column % size;
                cx.charge_text(count as usize)?;
                expanded.extend(std::iter::repeat_n(' ', count as usize));
                column += count;
            }
            '\t' => {}
            _ => {
                expanded.push(character);
                column = if matches!(character, '\n' | '\r') { 0 } else { column + 1 };
            }
        }
    }
    Ok(expanded)
}

/// The lines of `str.splitlines`.
pub(super) fn split_lines(string: &str, keeps_ends: bool) -> Vec<&str> {
    let mut lines = Vec::new();
    let mut start = 0;
    let mut characters = string.char_indices().peekable();
    while let Some((index, character)) = characters.next() {
        let is_end = matches!(
            character,
            '\n' | '\r' | '\x0b' | '\x0c' | '\x1c' | '\x1d' | '\x1e' | '\u{85}' | '\u{2028}' | '\u{2029}'
        );
        if !is_end {
            continue;
        }
        let mut end = index + character.len_utf8();
        if character == '\r' && characters.next_if(|(_, next)| *next == '\n').is_some() {
            end += 1;
        }
        lines.push(&string[start..if keeps_ends { end } else { index }]);
        start = end;
    }
    if start < string.len() {
        lines.push(&string[start..]);
    }
    lines
}

pub(super) fn replace(cx: &Context, string: &str, old: &str, new: &str, count: i64) -> Result<String> {
    let most = usize::try_from(count).unwrap_or(usize::MAX);
    let found = if old.is_empty() { string.chars().count() + 1 } else { string.matches(old).count() };
    cx.charge_text(string.len().saturating_add(found.min(most).saturating_mul(new.len())))?;
    Ok(string.replacen(old, new, most))
}

fn join(cx: &Context, owner: &Value, separator: &str, arguments: CallArgs) -> Result {
    let [items] = arguments.bind("join", ["/iterable"], 1)?;
    let is_markup = matches!(owner, Value::Markup(_));
    let mut joined = String::new();
    for (number, item) in items.unwrap_or(Value::None).iterate(cx)?.iter().enumerate() {
        let before = joined.len();
        if number > 0 {
            joined.push_str(separator);
        }
        if is_markup {
            let string = text::to_text(cx, item)?;
            joined.push_str(&escaped(true, item, &string));
        } else {
            joined.push_str(item.as_str().ok_or_else(|| {
                let message = format!("sequence item {number}: expected str instance, {} found", item.type_name());
                Exception::type_error(message)
            })?);
        }
        cx.charge_text(joined.len() - before)?;
    }
    Ok(owner.similar(joined))
}

/// The pieces of `str.split` and `str.rsplit`.
pub(super) fn pieces<'a>(
    string: &'a str,
    separator: Option<&str>,
    most: Option<usize>,
    from_end: bool,
) -> Vec<&'a str> {
    let most = most.map_or(usize::MAX, |most| most.saturating_add(1));
    match (separator, from_end) {
        (Some(separator), false) => string.splitn(most, separator).collect(),
        (Some(separator), true) => {
            let mut pieces: Vec<_> = string.rsplitn(most, separator).collect();
            pieces.reverse();
            pieces
        }
        (None, false) => {
            let mut pieces = Vec::new();
            let mut rest = string.trim_start_matches(is_space);
            while !rest.is_empty() {
                let end = if pieces.len() + 1 == most { None } else { rest.find(is_space) };
                let (piece, after) = rest.split_at(end.unwrap_or(rest.len()));
                pieces.push(piece);
                rest = after.trim_start_matches(is_space);
            }
            pieces
        }
        (None, true) => {
            let mut pieces = Vec::new();
            let mut rest = string.trim_end_matches(is_space);
            while !rest.is_empty() {
                let space =
                    if pieces.len() + 1 == most { None } else { rest.char_indices().rfind(|item| is_space(item.1)) };
                let start = space.map_or(0, |(index, space)| index + space.len_utf8());
                let (before, piece) = rest.split_at(start);
                pieces.push(piece);
                rest = before.trim_end_matches(is_space);
            }
            pieces.reverse();
            pieces
        }
    }
}

fn split(cx: &Context, owner: &Value, string: &str, name: &str, arguments: CallArgs) -> Result {
    let [separator, most] = arguments.bind(name, ["sep", "maxsplit"], 0)?;
    let separator = given(separator.as_ref()).map(|separator| text(name, separator)).transpose()?;
    if separator == Some("") {
        return Err(Exception::value_error("empty separator"));
    }
    let most = usize::try_from(index_or(most.as_ref(), -1)?).ok();
    let pieces = pieces(string, separator, most, name == "rsplit");
    cx.charge_items(pieces.len().saturating_mul(4))?;
    Ok(Value::list(pieces.into_iter().map(|piece| owner.similar(piece)).collect()))
}

/// Byte range of `string[start:stop]` and the number of characters before it; `None` if it starts after its end.
fn part(string: &str, start: Option<&Value>, stop: Option<&Value>) -> Result<Option<(Range<usize>, usize)>> {
    let (start, stop) = (given(start), given(stop));
    if start.is_none() && stop.is_none() {
        return Ok(Some((0..string.len(), 0)));
    }
    let count = string.chars().count() as i64;
    let clamp = |value: i64| if value < 0 { (value + count).max(0) } else { value };
    let (start, stop) = (clamp(index_or(start, 0)?), clamp(index_or(stop, i64::MAX)?).min(count));
    if start > stop {
        return Ok(None);
    }
    let byte = |number: i64| string.char_indices().nth(number as usize).map_or(string.len(), |(index, _)| index);
    Ok(Some((byte(start)..byte(stop), start as usize)))
}

fn affix(string: &str, name: &str, arguments: CallArgs) -> Result {
    let [affixes, start, stop] = arguments.bind(name, ["/affix", "/start", "/stop"], 1)?;
    let affixes = affixes.unwrap_or(Value::None);
    let affixes = match &affixes {
        Value::Tuple(items) | Value::Group(items) => items.to_vec(),
        single => vec![single.clone()],
    };
    let part = part(string, start.as_ref(), stop.as_ref())?.map(|(range, _)| &string[range]);
    for affix in &affixes {
        let Some(affix) = affix.as_str() else {
            let message = format!("{name} first arg must be str or a tuple of str, not {}", affix.type_name());
            return Err(Exception::type_error(message));
        };
        let is_found = part.is_some_and(|part| match name {
            "startswith" => part.starts_with(affix),
            _ => part.ends_with(affix),
        });
        if is_found {
            return Ok(Value::Bool(true));
        }
    }
    Ok(Value::Bool(false))
}

fn search(string: &str, name: &str, arguments: CallArgs) -> Result {
    let [wanted, start, stop] = arguments.bind(name, ["/sub", "/start", "/stop"], 1)?;
    let wanted = wanted.unwrap_or(Value::None);
    let wanted = text(name, &wanted)?;
    let part = part(string, start.as_ref(), stop.as_ref())?;
    if name == "count" {
        return Ok(part.map_or(0, |(range, _)| string[range].matches(wanted).count()).into());
    }
    let found = part.and_then(|(range, before)| {
        let part = &string[range];
        let byte = if name.starts_with('r') { part.rfind(wanted) } else { part.find(wanted) }?;
        Some(before + part[..byte].chars().count())
    });
    match found {
        Some(position) => Ok(position.into()),
        None if name.ends_with("find") => Ok(Value::Int(-1)),
        None => Err(Exception::value_error("substring not found")),
    }
}

fn translate(cx: &Context, string: &str, table: &Value) -> Result<String> {
    let Value::Dict(table) = table else {
        return Err(Exception::unsupported("str.translate() with a table that is not a dict"));
    };
    let mut translated = String::new();
    for character in string.chars() {
        let before = translated.len();
        match table.0.get(&Key(Value::Int(i64::from(u32::from(character))))) {
            None => translated.push(character),
            Some(Value::None) => {}
            Some(Value::Str(text) | Value::Markup(text)) => translated.push_str(text),
            Some(value) => {
                let code = number::small(value).and_then(|code| char::from_u32(u32::try_from(code).ok()?));
                translated.push(
                    code.ok_or_else(|| Exception::type_error("character mapping must return integer, None or str"))?,
                );
            }
        }
        cx.charge_text(translated.len() - before)?;
    }
    Ok(translated)
}
