//! `text % values` and `str.format`.

use std::sync::Arc;

use num_traits::Signed;

use super::arguments::CallArgs;
use super::context::Context;
use super::exception::{Exception, Kind};
use super::format_spec::{Spec, exponential, fixed, general};
use super::text;
use super::value::{Result, Value};
use super::{attribute, number};

/// Maximum nesting of fields in format specifications, as in `str.format`.
const DEEPEST_FIELD: usize = 2;

/// `format % values`.
pub(super) fn percent(cx: &Context, owner: &Value, format: &str, values: &Value) -> Result {
    cx.charge_text(format.len())?;
    let is_mapping = !matches!(
        values,
        Value::Tuple(_)
            | Value::Group(_)
            | Value::Str(_)
            | Value::Markup(_)
            | Value::None
            | Value::Bool(_)
            | Value::Int(_)
            | Value::Big(_)
            | Value::Float(_)
    ) && (matches!(values, Value::Dict(_) | Value::List(_) | Value::Range(_) | Value::Undefined(_)));
    let positional = match values {
        Value::Tuple(items) | Value::Group(items) => items.to_vec(),
        single => vec![single.clone()],
    };
    let escapes = matches!(owner, Value::Markup(_));
    let mut percent = Percent { cx, values, is_mapping, positional: positional.into_iter(), escapes };
    let mut text = String::new();
    let mut rest = format;
    while let Some(start) = rest.find('%') {
        text.push_str(&rest[..start]);
        let (found, after) = percent.conversion(&rest[start + 1..])?;
        cx.charge_text(found.len())?;
        text.push_str(&found);
        rest = after;
    }
    text.push_str(rest);
    if percent.positional.next().is_some() && !is_mapping {
        return Err(Exception::type_error("not all arguments converted during string formatting"));
    }
    cx.charge_text(text.len())?;
    Ok(owner.similar(text))
}

struct Percent<'a> {
    cx: &'a Context<'a>,
    values: &'a Value,
    is_mapping: bool,
    positional: std::vec::IntoIter<Value>,
    escapes: bool,
}

#[derive(Default)]
struct Flags {
    left: bool,
    plus: bool,
    space: bool,
    alternate: bool,
    zero: bool,
}

fn incomplete() -> Exception {
    Exception::value_error("incomplete format")
}

impl Percent<'_> {
    fn next(&mut self) -> Result {
        let message = "not enough arguments for format string";
        self.positional.next().ok_or_else(|| Exception::type_error(message))
    }

    /// Parses a width or a precision; returns the rest of the format too.
    fn size<'b>(&mut self, rest: &'b str) -> Result<(Option<i64>, &'b str)> {
        if let Some(rest) = rest.strip_prefix('*') {
            let Value::Int(size) = self.next()? else { return Err(Exception::type_error("* wants int")) };
            return Ok((Some(size), rest));
        }
        let after = rest.trim_start_matches(|character: char| character.is_ascii_digit());
        let digits = &rest[..rest.len() - after.len()];
        if digits.is_empty() {
            return Ok((None, rest));
        }
        let size = digits.parse().ok().filter(|size: &i64| *size <= i64::from(i32::MAX));
        Ok((Some(size.ok_or_else(|| Exception::value_error("width too big"))?), after))
    }

    /// Formats one conversion after `%`; returns the rest of the format too.
    fn conversion<'b>(&mut self, rest: &'b str) -> Result<(String, &'b str)> {
        let mut rest = rest;
        let mut keyed = None;
        if let Some(inside) = rest.strip_prefix('(') {
            let mut depth = 1;
            let end = inside.find(|character| {
                depth += i32::from(character == '(') - i32::from(character == ')');
                depth == 0
            });
            let end = end.ok_or_else(|| Exception::value_error("incomplete format key"))?;
            if !self.is_mapping {
                return Err(Exception::type_error("format requires a mapping"));
            }
            keyed = Some(self.keyed(&inside[..end])?);
            rest = &inside[end + 1..];
        }
        let mut flags = Flags::default();
        while let Some(flag) = rest.chars().next().filter(|flag| "-+ #0".contains(*flag)) {
            match flag {
                '-' => flags.left = true,
                '+' => flags.plus = true,
                ' ' => flags.space = true,
                '#' => flags.alternate = true,
                _ => flags.zero = true,
            }
            rest = &rest[1..];
        }
        let (mut width, after) = self.size(rest)?;
        rest = after;
        if let Some(negative) = width.filter(|width| *width < 0) {
            flags.left = true;
            width = Some(negative.saturating_neg());
        }
        let mut precision = None;
        if let Some(after) = rest.strip_prefix('.') {
            let (size, after) = self.size(after)?;
            precision = Some(usize::try_from(size.unwrap_or(0)).unwrap_or(0));
            rest = after;
        }
        rest = rest.strip_prefix(['h', 'l', 'L']).unwrap_or(rest);
        let kind = rest.chars().next().ok_or_else(incomplete)?;
        let after = &rest[kind.len_utf8()..];
        if kind == '%' {
            return Ok(("%".to_owned(), after));
        }
        let value = keyed.map_or_else(|| self.next(), Ok)?;
        let (sign, body) = self.convert(kind, &value, &flags, precision)?;
        self.padded(sign, body, width, &flags, "srac".contains(kind)).map(|text| (text, after))
    }

    fn keyed(&self, key: &str) -> Result {
        match self.values {
            Value::Dict(dict) => {
                let found = dict.get(key).cloned();
                found.ok_or_else(|| Exception::new(Kind::Key, format!("'{key}'")))
            }
            Value::Undefined(undefined) => Err(undefined.exception()),
            _ => Err(Exception::type_error("list indices must be integers or slices, not str")),
        }
    }

    fn padded(&self, sign: String, body: String, width: Option<i64>, flags: &Flags, is_text: bool) -> Result<String> {
        let count = (sign.chars().count() + body.chars().count()) as i64;
        let missing = (width.unwrap_or(0) - count).max(0) as usize;
        self.cx.charge_text(missing.saturating_add(body.len()))?;
        if flags.left {
            return Ok(sign + &body + &" ".repeat(missing));
        }
        if flags.zero && !is_text {
            return Ok(sign + &"0".repeat(missing) + &body);
        }
        Ok(" ".repeat(missing) + &sign + &body)
    }

    /// Formats a value as its sign with prefix, and its digits or text.
    fn convert(&self, kind: char, value: &Value, flags: &Flags, precision: Option<usize>) -> Result<(String, String)> {
        self.cx.charge_text(precision.unwrap_or(0).min(1 << 40))?;
        let wrong = |what: &str| {
            Err(Exception::type_error(format!("%{kind} format: {what} is required, not {}", value.type_name())))
        };
        let sign = |is_negative: bool| match (is_negative, flags.plus, flags.space) {
            (true, ..) => "-",
            (false, true, _) => "+",
            (false, false, true) => " ",
            _ => "",
        };
        match kind {
            's' | 'r' | 'a' => {
                let mut text = match kind {
                    's' => text::to_text(self.cx, value)?.to_string(),
                    'r' => text::repr(self.cx, value)?,
                    _ => text::ascii(self.cx, value)?,
                };
                if self.escapes && !(kind == 's' && matches!(value, Value::Markup(_))) {
                    text = text::escape(&text);
                }
                if let Some(most) = precision {
                    text = text.chars().take(most).collect();
                }
                Ok((String::new(), text))
            }
            'c' => {
                let character = match value {
                    Value::Int(code) => u32::try_from(*code).ok().and_then(char::from_u32),
                    _ => value.as_str().filter(|text| text.chars().count() == 1).and_then(|text| text.chars().next()),
                };
                let message = "%c requires int or char";
                Ok((String::new(), character.ok_or_else(|| Exception::type_error(message))?.to_string()))
            }
            'd' | 'i' | 'u' | 'x' | 'X' | 'o' => {
                let is_decimal = "diu".contains(kind);
                let integer = match value {
                    Value::Undefined(undefined) => return Err(undefined.exception()),
                    Value::Float(float) if is_decimal => number::truncated(*float)?.integral(),
                    Value::Float(_) => None,
                    _ => value.integral(),
                };
                let Some(integer) = integer else {
                    return wrong(if is_decimal { "a real number" } else { "an integer" });
                };
                let digits = match kind {
                    'x' => integer.abs().to_str_radix(16),
                    'X' => integer.abs().to_str_radix(16).to_uppercase(),
                    'o' => integer.abs().to_str_radix(8),
                    _ => number::int_repr(&integer.abs())?,
                };
                let prefix = match kind {
                    'x' if flags.alternate => "0x",
                    'X' if flags.alternate => "0X",
                    'o' if flags.alternate => "0o",
                    _ => "",
                };
                let missing = precision.unwrap_or(0).saturating_sub(digits.len());
                Ok((format!("{}{prefix}", sign(integer.is_negative())), "0".repeat(missing) + &digits))
            }
            'e' | 'E' | 'f' | 'F' | 'g' | 'G' => {
                let Some(float) = number::as_float(value).transpose()? else {
                    if let Value::Undefined(undefined) = value {
                        return Err(undefined.exception());
                    }
                    let message = format!("must be real number, not {}", value.type_name());
                    return Err(Exception::type_error(message));
                };
                let precision = precision.unwrap_or(6);
                let digits = match kind.to_ascii_lowercase() {
                    'e' => exponential(float.abs(), precision, flags.alternate),
                    'f' => fixed(float.abs(), precision, flags.alternate),
                    _ => general(float.abs(), precision, flags.alternate, false),
                };
                let digits = if kind.is_ascii_uppercase() { digits.to_uppercase() } else { digits };
                Ok((sign(float.is_sign_negative() && !float.is_nan()).to_owned(), digits))
            }
            _ => Err(Exception::value_error(format!("unsupported format character '{kind}'"))),
        }
    }
}

/// `str.format`.
pub(super) fn format_method(cx: &Context, owner: &Value, format: &str, arguments: &CallArgs) -> Result {
    if matches!(owner, Value::Markup(_)) {
        return Err(Exception::unsupported("format() of text that is marked as safe"));
    }
    let mut fields = Fields { cx, arguments, next: Some(0) };
    cx.text(fields.format(format, DEEPEST_FIELD)?)
}

/// `str.format_map`.
pub(super) fn format_map(cx: &Context, owner: &Value, format: &str, arguments: CallArgs) -> Result {
    let [mapping] = arguments.bind("format_map", ["/mapping"], 1)?;
    let Some(Value::Dict(dict)) = mapping else {
        return Err(Exception::unsupported("format_map() with a value that is not a dict"));
    };
    let named = dict.0.iter().filter_map(|(key, value)| match &key.0 {
        Value::Str(name) => Some((name.clone(), value.clone())),
        _ => None,
    });
    format_method(cx, owner, format, &CallArgs { positional: Vec::new(), named: named.collect() })
}

struct Fields<'a> {
    cx: &'a Context<'a>,
    arguments: &'a CallArgs,
    /// Index of the next automatically numbered field; `None` once fields are numbered manually.
    next: Option<usize>,
}

impl Fields<'_> {
    fn format(&mut self, format: &str, depth: usize) -> Result<String> {
        if depth == 0 {
            return Err(Exception::value_error("Max string recursion exceeded"));
        }
        let mut text = String::new();
        let mut rest = format;
        while let Some(start) = rest.find(['{', '}']) {
            text.push_str(&rest[..start]);
            let brace = &rest[start..=start];
            rest = &rest[start + 1..];
            if let Some(after) = rest.strip_prefix(brace) {
                text.push_str(brace);
                rest = after;
                continue;
            }
            if brace == "}" {
                return Err(Exception::value_error("Single '}' encountered in format string"));
            }
            let mut open = 1;
            let end = rest.find(|character| {
                open += i32::from(character == '{') - i32::from(character == '}');
                open == 0
            });
            let message = if rest.is_empty() {
                "Single '{' encountered in format string"
            } else {
                "expected '}' before end of string"
            };
            let end = end.ok_or_else(|| Exception::value_error(message))?;
            let found = self.field(&rest[..end], depth)?;
            self.cx.charge_text(found.len() + 64)?;
            text.push_str(&found);
            rest = &rest[end + 1..];
        }
        text.push_str(rest);
        Ok(text)
    }

    fn field(&mut self, field: &str, depth: usize) -> Result<String> {
        let mut is_inside = false;
        let end = field.find(|character| {
            is_inside = match character {
                '[' => true,
                ']' => false,
                _ => is_inside,
            };
            !is_inside && (character == '!' || character == ':')
        });
        let (name, rest) = field.split_at(end.unwrap_or(field.len()));
        let (conversion, spec) = match rest.strip_prefix('!') {
            Some(rest) => {
                let (conversion, spec) = rest.split_once(':').unwrap_or((rest, ""));
                (Some(conversion), spec)
            }
            None => (None, rest.strip_prefix(':').unwrap_or("")),
        };
        let value = self.lookup(name)?;
        let value = match conversion {
            None => value,
            Some("s") => Value::Str(text::to_text(self.cx, &value)?),
            Some("r") => text::repr(self.cx, &value)?.into(),
            Some("a") => text::ascii(self.cx, &value)?.into(),
            Some(other) => {
                return Err(Exception::value_error(format!("Unknown conversion specifier {other}")));
            }
        };
        let spec = self
            .format(spec, depth - 1)
            .or_else(|error| if spec.is_empty() { Ok(String::new()) } else { Err(error) })?;
        Spec::format(self.cx, &value, &spec)
    }

    fn lookup(&mut self, name: &str) -> Result {
        let end = name.find(['.', '[']).unwrap_or(name.len());
        let (first, mut rest) = name.split_at(end);
        let is_number = !first.is_empty() && first.bytes().all(|byte| byte.is_ascii_digit());
        let switched = "cannot switch from manual field specification to automatic field numbering";
        let mut value = if first.is_empty() || is_number {
            let position = match (self.next, is_number) {
                (None, false) => return Err(Exception::value_error(switched)),
                (Some(next), false) => {
                    self.next = Some(next + 1);
                    next
                }
                (Some(1..), true) => return Err(Exception::value_error(switched)),
                (_, true) => {
                    self.next = None;
                    first.parse().unwrap_or(usize::MAX)
                }
            };
            let message = format!("Replacement index {position} out of range for positional args tuple");
            self.arguments.positional.get(position).cloned().ok_or_else(|| Exception::new(Kind::Index, message))?
        } else {
            let found = self.arguments.named.iter().find(|(found, _)| &**found == first);
            found.map(|(_, value)| value.clone()).ok_or_else(|| Exception::new(Kind::Key, format!("'{first}'")))?
        };
        while !rest.is_empty() {
            self.cx.charge(1)?;
            if let Some(after) = rest.strip_prefix('.') {
                let end = after.find(['.', '[']).unwrap_or(after.len());
                value = attribute::attribute(self.cx, &value, &Arc::from(&after[..end]))?;
                rest = &after[end..];
            } else {
                let inside = &rest[1..];
                let message = "Missing ']' in format string";
                let end = inside.find(']').ok_or_else(|| Exception::value_error(message))?;
                let key = &inside[..end];
                let index = match key.parse::<i64>() {
                    Ok(index) if key.bytes().all(|byte| byte.is_ascii_digit()) => Value::Int(index),
                    _ => key.into(),
                };
                value = attribute::item(self.cx, &value, &index)?;
                rest = &inside[end + 1..];
                if !rest.is_empty() && !rest.starts_with(['.', '[']) {
                    let message = "Only '.' or '[' may follow ']' in format field specifier";
                    return Err(Exception::value_error(message));
                }
            }
        }
        Ok(value)
    }
}
