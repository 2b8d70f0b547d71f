//! Global functions of templates.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize};

use indexmap::IndexMap;

use super::arguments::{CallArgs, index};
use super::clock;
use super::context::Context;
use super::exception::{Exception, Kind};
use super::text;
use super::value::{Cycler, Function, Joiner, Key, Range, Result, Value};

/// Maximum length of a range in the sandbox.
const LONGEST_RANGE: usize = 100_000;

impl Function {
    pub fn call(self, cx: &Context, arguments: CallArgs) -> Result {
        match self {
            Self::Range => range(arguments),
            Self::Dict => Ok(Value::dict(dict(cx, arguments)?)),
            Self::Cycler => {
                let items = arguments.positional;
                if !arguments.named.is_empty() {
                    return Err(Exception::type_error("Cycler() got an unexpected keyword argument"));
                }
                if items.is_empty() {
                    return Err(Exception::new(Kind::Runtime, "at least one item has to be provided"));
                }
                Ok(Value::Cycler(Arc::new(Cycler { items, position: AtomicUsize::new(0) })))
            }
            Self::Joiner => {
                let [separator] = arguments.bind("Joiner", ["sep"], 0)?;
                let separator = separator.unwrap_or_else(|| ", ".into());
                Ok(Value::Joiner(Arc::new(Joiner { separator, is_used: AtomicBool::new(false) })))
            }
            Self::Lipsum => Err(Exception::unsupported("lipsum(), which is random")),
            Self::RaiseException => {
                let [message] = arguments.bind("raise_exception", ["message"], 1)?;
                let message = text::to_text(cx, &message.unwrap_or(Value::None))?;
                Err(Exception::new(Kind::Template, &*message))
            }
            Self::StrftimeNow => {
                let [format] = arguments.bind("strftime_now", ["format"], 1)?;
                let format = format.unwrap_or(Value::None);
                let Some(format) = format.as_str() else {
                    let message = format!("strftime() argument 1 must be str, not {}", format.type_name());
                    return Err(Exception::type_error(message));
                };
                cx.text(clock::now(cx, format)?)
            }
        }
    }
}

fn range(arguments: CallArgs) -> Result {
    let [first, second, step] = arguments.bind("range", ["/start", "/stop", "/step"], 1)?;
    let first = index(&first.unwrap_or(Value::None))?;
    let (start, stop) = match second {
        Some(stop) => (first, index(&stop)?),
        None => (0, first),
    };
    let step = step.map_or(Ok(1), |step| index(&step))?;
    if step == 0 {
        return Err(Exception::value_error("range() arg 3 must not be zero"));
    }
    let range = Range { start, stop, step };
    if range.len() > LONGEST_RANGE {
        let message = format!("Range too big. The sandbox blocks ranges larger than MAX_RANGE ({LONGEST_RANGE}).");
        return Err(Exception::new(Kind::Overflow, message));
    }
    Ok(Value::Range(Arc::new(range)))
}

/// Python's `dict(...)`: from a mapping or pairs, and keyword arguments.
pub(super) fn dict(cx: &Context, arguments: CallArgs) -> Result<IndexMap<Key, Value>> {
    let CallArgs { positional, named } = arguments;
    if positional.len() > 1 {
        let message = format!("dict expected at most 1 argument, got {}", positional.len());
        return Err(Exception::type_error(message));
    }
    let mut entries = IndexMap::new();
    match positional.into_iter().next() {
        None => {}
        Some(Value::Dict(dict)) => {
            cx.charge_items(dict.0.len())?;
            entries = dict.0.clone();
        }
        Some(Value::Undefined(undefined)) => return Err(undefined.exception()),
        Some(pairs) => {
            for (number, pair) in pairs.iterate(cx)?.into_iter().enumerate() {
                if !pair.is_iterable() {
                    let message = format!("cannot convert dictionary update sequence element #{number} to a sequence");
                    return Err(Exception::type_error(message));
                }
                let pair = pair.iterate(cx)?;
                let [key, value] = &pair[..] else {
                    let message = format!(
                        "dictionary update sequence element #{number} has length {}; 2 is required",
                        pair.len()
                    );
                    return Err(Exception::value_error(message));
                };
                entries.insert(Key::new(cx, key.clone())?, value.clone());
            }
        }
    }
    entries.extend(named.into_iter().map(|(name, value)| (Key(Value::Str(name)), value)));
    Ok(entries)
}
