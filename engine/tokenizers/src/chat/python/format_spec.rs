//! Formatting of numbers and fields: `format(value, spec)`.

use num_traits::{Signed, ToPrimitive};

use super::context::Context;
use super::exception::{Exception, Kind};
use super::number::{self, float_repr};
use super::text;
use super::value::{Result, Value};

fn special(value: f64) -> Option<String> {
    (!value.is_finite()).then(|| float_repr(value))
}

/// `%.{precision}f`
pub(super) fn fixed(value: f64, precision: usize, keeps_point: bool) -> String {
    special(value).unwrap_or_else(|| {
        let text = format!("{value:.precision$}");
        if precision == 0 && keeps_point { text + "." } else { text }
    })
}

/// `%.{precision}e`
pub(super) fn exponential(value: f64, precision: usize, keeps_point: bool) -> String {
    special(value).unwrap_or_else(|| {
        let text = format!("{value:.precision$e}");
        let (digits, exponent) = text.split_once('e').unwrap_or((&text, "0"));
        let exponent: i32 = exponent.parse().unwrap_or_default();
        let point = if precision == 0 && keeps_point { "." } else { "" };
        let sign = if exponent < 0 { '-' } else { '+' };
        format!("{digits}{point}e{sign}{:02}", exponent.abs())
    })
}

/// `%.{precision}g`; with `.0` after a whole number if `adds_zero`.
pub(super) fn general(value: f64, precision: usize, keeps_zeros: bool, adds_zero: bool) -> String {
    if let Some(text) = special(value) {
        return text;
    }
    let precision = precision.max(1);
    let scientific = format!("{value:.*e}", precision - 1);
    let exponent: i64 = scientific.rsplit_once('e').and_then(|(_, text)| text.parse().ok()).unwrap_or_default();
    let most = precision as i64 - i64::from(adds_zero);
    let is_fixed = exponent >= -4 && exponent < most;
    let text = if is_fixed {
        fixed(value, (precision as i64 - 1 - exponent).max(0) as usize, keeps_zeros)
    } else {
        exponential(value, precision - 1, keeps_zeros)
    };
    if keeps_zeros {
        return text;
    }
    let (digits, tail) = text.find('e').map_or((&*text, ""), |index| text.split_at(index));
    let digits = if digits.contains('.') { digits.trim_end_matches('0').trim_end_matches('.') } else { digits };
    let zero = if adds_zero && tail.is_empty() && !digits.contains('.') { ".0" } else { "" };
    format!("{digits}{zero}{tail}")
}

/// A format specification: `[[fill]align][sign][#][0][width][grouping][.precision][type]`.
pub(super) struct Spec {
    fill: char,
    align: Option<char>,
    sign: char,
    is_alternate: bool,
    width: usize,
    grouping: Option<char>,
    precision: Option<usize>,
    kind: Option<char>,
}

impl Spec {
    fn parse(spec: &str) -> Result<Self> {
        let wrong = || Exception::value_error("Invalid format specifier");
        let characters: Vec<char> = spec.chars().collect();
        let mut index = 0;
        let at = |index: usize| characters.get(index).copied();
        let is_align = |character: Option<char>| character.is_some_and(|character| "<>=^".contains(character));
        let (mut fill, mut align) = (None, None);
        if is_align(at(1)) {
            (fill, align, index) = (at(0), at(1), 2);
        } else if is_align(at(0)) {
            (align, index) = (at(0), 1);
        }
        let mut sign = '-';
        if let Some(found) = at(index).filter(|found| "+- ".contains(*found)) {
            sign = found;
            index += 1;
        }
        let is_alternate = at(index) == Some('#');
        index += usize::from(is_alternate);
        if fill.is_none() && at(index) == Some('0') {
            fill = Some('0');
            align = align.or(Some('='));
            index += 1;
        }
        let digits = |index: &mut usize| -> Result<Option<usize>> {
            let start = *index;
            while at(*index).is_some_and(|digit| digit.is_ascii_digit()) {
                *index += 1;
            }
            let text: String = characters[start..*index].iter().collect();
            if text.is_empty() {
                return Ok(None);
            }
            let message = "Too many decimal digits in format string";
            text.parse().map(Some).map_err(|_| Exception::value_error(message))
        };
        let width = digits(&mut index)?.unwrap_or(0);
        let grouping = at(index).filter(|found| matches!(found, ',' | '_'));
        index += usize::from(grouping.is_some());
        let mut precision = None;
        if at(index) == Some('.') {
            index += 1;
            precision =
                Some(digits(&mut index)?.ok_or_else(|| Exception::value_error("Format specifier missing precision"))?);
        }
        let kind = at(index);
        if characters.len() > index + 1 {
            return Err(wrong());
        }
        Ok(Self { fill: fill.unwrap_or(' '), align, sign, is_alternate, width, grouping, precision, kind })
    }

    /// Python's `format(value, spec)`.
    pub fn format(cx: &Context, value: &Value, spec: &str) -> Result<String> {
        if spec.is_empty() {
            return Ok(text::to_text(cx, value)?.to_string());
        }
        let parsed = Self::parse(spec)?;
        cx.charge_text(parsed.width.saturating_mul(4))?;
        cx.charge_text(parsed.precision.unwrap_or(0))?;
        let unknown = |kind: char| {
            let name = value.type_name();
            Err(Exception::value_error(format!("Unknown format code '{kind}' for object of type '{name}'")))
        };
        match value {
            Value::Str(text) | Value::Markup(text) => parsed.text(text),
            Value::Float(_) => match parsed.kind {
                None | Some('e' | 'E' | 'f' | 'F' | 'g' | 'G' | 'n' | '%') => parsed.float(value),
                Some(kind) => unknown(kind),
            },
            Value::Bool(_) | Value::Int(_) | Value::Big(_) => match parsed.kind {
                Some('e' | 'E' | 'f' | 'F' | 'g' | 'G' | '%') => parsed.float(value),
                None | Some('b' | 'c' | 'd' | 'o' | 'x' | 'X' | 'n') => parsed.integer(value),
                Some(kind) => unknown(kind),
            },
            _ => {
                let message = format!("unsupported format string passed to {}.__format__", value.type_name());
                Err(Exception::type_error(message))
            }
        }
    }

    fn text(&self, text: &str) -> Result<String> {
        if let Some(kind) = self.kind.filter(|kind| *kind != 's') {
            return Err(Exception::value_error(format!("Unknown format code '{kind}' for object of type 'str'")));
        }
        if self.sign != '-'
            || self.is_alternate
            || self.grouping.is_some()
            || self.align == Some('=') && self.fill != '0'
        {
            return Err(Exception::value_error("Sign, '#', ',' or '=' not allowed in string format specifier"));
        }
        let text: String = text.chars().take(self.precision.unwrap_or(usize::MAX)).collect();
        let align = self.align.filter(|align| *align != '=').unwrap_or('<');
        Ok(self.padded("", &text, align))
    }

    fn sign(&self, is_negative: bool) -> &'static str {
        match (is_negative, self.sign) {
            (true, _) => "-",
            (false, '+') => "+",
            (false, ' ') => " ",
            _ => "",
        }
    }

    fn integer(&self, value: &Value) -> Result<String> {
        let integer = value.integral().unwrap_or_default();
        if self.precision.is_some() {
            return Err(Exception::value_error("Precision not allowed in integer format specifier"));
        }
        if self.kind == Some('c') {
            return Ok(self.padded("", &character(value)?, self.align.unwrap_or('<')));
        }
        let magnitude = integer.abs();
        let (digits, prefix, every) = match self.kind {
            Some('b') => (magnitude.to_str_radix(2), "0b", 4),
            Some('o') => (magnitude.to_str_radix(8), "0o", 4),
            Some('x') => (magnitude.to_str_radix(16), "0x", 4),
            Some('X') => (magnitude.to_str_radix(16).to_uppercase(), "0X", 4),
            _ => (number::int_repr(&magnitude)?, "", 3),
        };
        let sign = self.sign(integer.is_negative());
        let prefix = if self.is_alternate { prefix } else { "" };
        Ok(self.grouped(&format!("{sign}{prefix}"), &digits, "", every))
    }

    fn float(&self, value: &Value) -> Result<String> {
        let float = number::as_float(value).transpose()?.unwrap_or(f64::NAN);
        let magnitude = float.abs();
        let kind = self.kind.unwrap_or(if self.precision.is_some() { '\0' } else { 'r' });
        let precision = self.precision.unwrap_or(6);
        let text = match kind.to_ascii_lowercase() {
            'r' => float_repr(magnitude),
            '\0' => general(magnitude, precision, self.is_alternate, true),
            'e' => exponential(magnitude, precision, self.is_alternate),
            'f' => fixed(magnitude, precision, self.is_alternate),
            '%' => fixed(magnitude * 100.0, precision, self.is_alternate) + "%",
            _ => general(magnitude, precision, self.is_alternate, false),
        };
        let text = if kind.is_ascii_uppercase() { text.to_uppercase() } else { text };
        let end = text.find(|character: char| !character.is_ascii_digit()).unwrap_or(text.len());
        let (digits, tail) = text.split_at(end);
        Ok(self.grouped(self.sign(float.is_sign_negative() && !float.is_nan()), digits, tail, 3))
    }

    fn grouped(&self, sign: &str, digits: &str, tail: &str, every: usize) -> String {
        let mut digits = digits.to_owned();
        if let Some(separator) = self.grouping {
            let fills_zeros = self.fill == '0' && self.align == Some('=');
            let room = self.width.saturating_sub(sign.len() + tail.len());
            let length = |count: usize| count + count.saturating_sub(1) / every;
            while fills_zeros && length(digits.len()) < room {
                digits.insert(0, '0');
            }
            let count = digits.len();
            let mut grouped = String::new();
            for (index, digit) in digits.chars().enumerate() {
                if index > 0 && (count - index).is_multiple_of(every) {
                    grouped.push(separator);
                }
                grouped.push(digit);
            }
            digits = grouped;
        }
        self.padded(sign, &(digits + tail), self.align.unwrap_or('>'))
    }

    fn padded(&self, sign: &str, body: &str, align: char) -> String {
        let count = sign.chars().count() + body.chars().count();
        let missing = self.width.saturating_sub(count);
        let fill = |count: usize| std::iter::repeat_n(self.fill, count).collect::<String>();
        match align {
            '<' => format!("{sign}{body}{}", fill(missing)),
            '^' => format!("{}{sign}{body}{}", fill(missing / 2), fill(missing - missing / 2)),
            '=' => format!("{sign}{}{body}", fill(missing)),
            _ => format!("{}{sign}{body}", fill(missing)),
        }
    }
}

/// Converts a code point to text, for `{:c}`.
fn character(value: &Value) -> Result<String> {
    let code = value.integral().and_then(|value| value.to_u32()).and_then(char::from_u32);
    let message = "%c arg not in range(0x110000)";
    code.map(String::from).ok_or_else(|| Exception::new(Kind::Overflow, message))
}
