use std::hash::{Hash, Hasher};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use indexmap::{Equivalent, IndexMap};
use num_bigint::BigInt;
use num_traits::{FromPrimitive, ToPrimitive};

use super::context::Context;
use super::exception::Exception;
use super::foreign::Foreign;
use super::undefined::Undefined;

pub(super) type Result<T = Value> = std::result::Result<T, Exception>;

/// Maximum nesting of values, below Python's recursion limit for printing and comparing.
pub(super) const DEEPEST_VALUE: usize = 900;

/// A Python object in a template.
#[derive(Clone)]
pub(super) enum Value {
    Undefined(Arc<Undefined>),
    None,
    Bool(bool),
    Int(i64),
    /// Integers beyond 64 bits.
    Big(Arc<BigInt>),
    Float(f64),
    Str(Arc<str>),
    /// Text returned by the `safe` and `escape` filters: text added to it is escaped.
    Markup(Arc<str>),
    List(Arc<Vec<Value>>),
    Tuple(Arc<Vec<Value>>),
    /// A tuple returned by `groupby`, with the attributes `grouper` and `list`.
    Group(Arc<Vec<Value>>),
    Dict(Arc<Dict>),
    View(View, Arc<Dict>),
    Range(Arc<Range>),
    Iterator(Arc<Lazy>),
    Method(Arc<Method>),
    Function(Function),
    Cycler(Arc<Cycler>),
    Joiner(Arc<Joiner>),
    /// A macro, namespace or loop of the template engine.
    Foreign(minijinja::Value),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum View {
    Keys,
    Values,
    Items,
}

/// `range(start, stop, step)`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Range {
    pub start: i64,
    pub stop: i64,
    pub step: i64,
}

impl Range {
    pub fn len(&self) -> usize {
        let (start, stop, step) = (i128::from(self.start), i128::from(self.stop), i128::from(self.step));
        let distance = if step > 0 { stop - start } else { start - stop };
        let count = if distance > 0 { (distance - 1) / step.abs() + 1 } else { 0 };
        usize::try_from(count).unwrap_or(usize::MAX)
    }

    pub fn item(&self, index: usize) -> Value {
        Value::from_big(BigInt::from(self.start) + BigInt::from(self.step) * BigInt::from(index))
    }
}

pub(crate) struct Method {
    pub owner: Value,
    pub name: Arc<str>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Function {
    Range,
    Dict,
    Cycler,
    Joiner,
    Lipsum,
    RaiseException,
    StrftimeNow,
}

/// Returns values in turn: `cycler(...)`.
pub(crate) struct Cycler {
    pub items: Vec<Value>,
    pub position: AtomicUsize,
}

impl Cycler {
    pub fn current(&self) -> Value {
        self.items[self.position.load(Ordering::Relaxed)].clone()
    }

    pub fn next(&self) -> Value {
        let current = self.current();
        self.position.store((self.position.load(Ordering::Relaxed) + 1) % self.items.len(), Ordering::Relaxed);
        current
    }
}

/// Returns an empty string first and a separator afterwards: `joiner(...)`.
pub(crate) struct Joiner {
    pub separator: Value,
    pub is_used: AtomicBool,
}

impl Joiner {
    pub fn next(&self) -> Value {
        if self.is_used.swap(true, Ordering::Relaxed) { self.separator.clone() } else { Value::from("") }
    }
}

impl Function {
    /// The global functions by name.
    pub const GLOBALS: [(&str, Self); 7] = [
        ("range", Self::Range),
        ("dict", Self::Dict),
        ("cycler", Self::Cycler),
        ("joiner", Self::Joiner),
        ("lipsum", Self::Lipsum),
        ("raise_exception", Self::RaiseException),
        ("strftime_now", Self::StrftimeNow),
    ];

    pub fn type_name(self) -> &'static str {
        match self {
            Self::Dict => "TemplateDict",
            Self::Cycler | Self::Joiner => "type",
            _ => "function",
        }
    }
}

type Start = Box<dyn FnOnce(&Context) -> Result<Vec<Value>> + Send>;

enum Progress {
    /// Like a Python generator, runs only when its first item is requested.
    Pending(Start),
    Running,
    Started(std::vec::IntoIter<Value>),
}

/// An iterator, whose items can be read once.
pub(crate) struct Lazy {
    pub type_name: &'static str,
    progress: Mutex<Progress>,
}

impl Lazy {
    pub fn generator(start: impl FnOnce(&Context) -> Result<Vec<Value>> + Send + 'static) -> Value {
        let progress = Mutex::new(Progress::Pending(Box::new(start)));
        Value::Iterator(Arc::new(Self { type_name: "generator", progress }))
    }

    pub fn started(type_name: &'static str, items: Vec<Value>) -> Value {
        let progress = Mutex::new(Progress::Started(items.into_iter()));
        Value::Iterator(Arc::new(Self { type_name, progress }))
    }

    fn lock(&self) -> MutexGuard<'_, Progress> {
        self.progress.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn start(&self, cx: &Context) -> Result<()> {
        let progress = std::mem::replace(&mut *self.lock(), Progress::Running);
        let items = match progress {
            Progress::Started(items) => items,
            Progress::Running => return Err(Exception::value_error("generator already executing")),
            Progress::Pending(start) => cx.deeper(|| start(cx))?.into_iter(),
        };
        *self.lock() = Progress::Started(items);
        Ok(())
    }

    pub fn next(&self, cx: &Context) -> Result<Option<Value>> {
        self.start(cx)?;
        match &mut *self.lock() {
            Progress::Started(items) => Ok(items.next()),
            _ => Ok(None),
        }
    }

    pub fn rest(&self, cx: &Context) -> Result<Vec<Value>> {
        self.start(cx)?;
        match std::mem::replace(&mut *self.lock(), Progress::Started(Vec::new().into_iter())) {
            Progress::Started(items) => Ok(items.collect()),
            _ => Ok(Vec::new()),
        }
    }
}

/// A dict: keys in the order of their insertion.
#[derive(Default)]
pub(crate) struct Dict(pub IndexMap<Key, Value>);

impl Dict {
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(&Name(name))
    }

    pub fn view(&self, view: View) -> Vec<Value> {
        match view {
            View::Keys => self.0.keys().map(|key| key.0.clone()).collect(),
            View::Values => self.0.values().cloned().collect(),
            View::Items => self.0.iter().map(|(key, value)| Value::tuple(vec![key.0.clone(), value.clone()])).collect(),
        }
    }
}

/// A hashable value; equal numbers of different types are the same key.
#[derive(Clone)]
pub(crate) struct Key(pub Value);

impl Key {
    /// Creates a key from a value.
    ///
    /// **Errors:** `TypeError` if the value is not hashable.
    pub fn new(cx: &Context, value: Value) -> Result<Self> {
        check_hashable(cx, &value, 0)?;
        Ok(Self(value))
    }
}

fn check_hashable(cx: &Context, value: &Value, depth: usize) -> Result<()> {
    cx.charge(1)?;
    if depth > DEEPEST_VALUE {
        return Err(Exception::recursion());
    }
    match value {
        Value::List(_) | Value::Dict(_) | Value::View(View::Keys | View::Items, _) => {
            Err(Exception::type_error(format!("unhashable type: '{}'", value.type_name())))
        }
        Value::Tuple(items) | Value::Group(items) => {
            items.iter().try_for_each(|item| check_hashable(cx, item, depth + 1))
        }
        Value::Str(text) | Value::Markup(text) => cx.charge_text(text.len()),
        _ => Ok(()),
    }
}

struct Name<'a>(&'a str);

impl Hash for Name<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u8(1);
        self.0.hash(state);
    }
}

impl Equivalent<Key> for Name<'_> {
    fn equivalent(&self, key: &Key) -> bool {
        key.0.as_str() == Some(self.0)
    }
}

impl Hash for Key {
    fn hash<H: Hasher>(&self, state: &mut H) {
        match &self.0 {
            Value::Str(text) | Value::Markup(text) => Name(text).hash(state),
            Value::Tuple(items) | Value::Group(items) => {
                state.write_u8(2);
                items.iter().for_each(|item| Self(item.clone()).hash(state));
            }
            Value::None => state.write_u8(3),
            Value::Undefined(_) => state.write_u8(4),
            value => match value.integral() {
                Some(number) => number.hash(state),
                None => match value {
                    Value::Float(float) => float.to_bits().hash(state),
                    _ => value.type_name().hash(state),
                },
            },
        }
    }
}

impl PartialEq for Key {
    fn eq(&self, other: &Self) -> bool {
        if self.0.is_same(&other.0) {
            return true;
        }
        match (&self.0, &other.0) {
            (Value::Tuple(left) | Value::Group(left), Value::Tuple(right) | Value::Group(right)) => {
                left.len() == right.len()
                    && left.iter().zip(right.iter()).all(|(left, right)| Self(left.clone()) == Self(right.clone()))
            }
            (left, right) => left.equals_scalar(right).unwrap_or(false),
        }
    }
}

impl Eq for Key {}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Str(text.into())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Str(text.into())
    }
}

impl From<char> for Value {
    fn from(character: char) -> Self {
        Self::Str(Arc::from(&*character.encode_utf8(&mut [0; 4])))
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<usize> for Value {
    fn from(value: usize) -> Self {
        Self::from_big(BigInt::from(value))
    }
}

impl Value {
    pub fn list(items: Vec<Self>) -> Self {
        Self::List(Arc::new(items))
    }

    pub fn tuple(items: Vec<Self>) -> Self {
        Self::Tuple(Arc::new(items))
    }

    pub fn dict(items: IndexMap<Key, Self>) -> Self {
        Self::Dict(Arc::new(Dict(items)))
    }

    pub fn from_big(value: BigInt) -> Self {
        value.to_i64().map_or_else(|| Self::Big(Arc::new(value)), Self::Int)
    }

    pub fn undefined(hint: &str) -> Self {
        Self::Undefined(Arc::new(Undefined::Hint(hint.to_owned())))
    }

    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::Str(text) | Self::Markup(text) => Some(text),
            _ => None,
        }
    }

    /// The value as an integer; `None` unless it is a number without a fraction.
    pub fn integral(&self) -> Option<BigInt> {
        match self {
            Self::Bool(value) => Some(BigInt::from(u8::from(*value))),
            Self::Int(value) => Some(BigInt::from(*value)),
            Self::Big(value) => Some(BigInt::clone(value)),
            Self::Float(value) if value.fract() == 0.0 => BigInt::from_f64(*value),
            _ => None,
        }
    }

    pub fn is_undefined(&self) -> bool {
        matches!(self, Self::Undefined(_))
    }

    /// The items of a list or tuple.
    pub fn as_items(&self) -> Option<&Arc<Vec<Self>>> {
        match self {
            Self::List(items) | Self::Tuple(items) | Self::Group(items) => Some(items),
            _ => None,
        }
    }

    pub fn type_name(&self) -> &'static str {
        match self {
            Self::Undefined(_) => "Undefined",
            Self::None => "NoneType",
            Self::Bool(_) => "bool",
            Self::Int(_) | Self::Big(_) => "int",
            Self::Float(_) => "float",
            Self::Str(_) => "str",
            Self::Markup(_) => "Markup",
            Self::List(_) => "list",
            Self::Tuple(_) => "tuple",
            Self::Group(_) => "_GroupTuple",
            Self::Dict(_) => "dict",
            Self::View(View::Keys, _) => "dict_keys",
            Self::View(View::Values, _) => "dict_values",
            Self::View(View::Items, _) => "dict_items",
            Self::Range(_) => "range",
            Self::Iterator(lazy) => lazy.type_name,
            Self::Method(_) => "builtin_function_or_method",
            Self::Function(function) => function.type_name(),
            Self::Cycler(_) => "Cycler",
            Self::Joiner(_) => "Joiner",
            Self::Foreign(value) => Foreign::of(value).type_name(),
        }
    }

    /// The value's type as named in messages about undefined attributes.
    pub fn owner(&self) -> String {
        let name = self.type_name();
        match self {
            Self::None => "None".to_owned(),
            Self::Markup(_) => format!("markupsafe.{name} object"),
            Self::Group(_) => format!("jinja2.filters.{name} object"),
            Self::Function(Function::Dict) => format!("transformers.utils.chat_template_utils.{name} object"),
            Self::Foreign(value) if Foreign::of(value) == Foreign::Namespace => {
                format!("transformers.utils.chat_template_utils.{name} object")
            }
            Self::Foreign(_) | Self::Undefined(_) => format!("jinja2.runtime.{name} object"),
            Self::Cycler(_) | Self::Joiner(_) => format!("jinja2.utils.{name} object"),
            _ => format!("{name} object"),
        }
    }

    pub fn is_true(&self) -> bool {
        match self {
            Self::Undefined(_) | Self::None => false,
            Self::Bool(value) => *value,
            Self::Int(value) => *value != 0,
            Self::Float(value) => *value != 0.0,
            Self::Str(text) | Self::Markup(text) => !text.is_empty(),
            Self::List(items) | Self::Tuple(items) | Self::Group(items) => !items.is_empty(),
            Self::Dict(dict) | Self::View(_, dict) => !dict.0.is_empty(),
            Self::Range(range) => range.len() > 0,
            _ => true,
        }
    }

    pub fn len(&self) -> Result<usize> {
        match self {
            Self::Undefined(_) => Ok(0),
            Self::Str(text) | Self::Markup(text) => Ok(text.chars().count()),
            Self::List(items) | Self::Tuple(items) | Self::Group(items) => Ok(items.len()),
            Self::Dict(dict) | Self::View(_, dict) => Ok(dict.0.len()),
            Self::Range(range) => Ok(range.len()),
            _ => Err(Exception::type_error(format!("object of type '{}' has no len()", self.type_name()))),
        }
    }

    pub fn is_iterable(&self) -> bool {
        matches!(self, Self::Undefined(_) | Self::Dict(_) | Self::View(..) | Self::Range(_) | Self::Iterator(_))
            || self.as_str().is_some()
            || self.as_items().is_some()
    }

    /// The items of an iteration over the value; exhausts an iterator.
    ///
    /// **Errors:** `TypeError` if the value is not iterable.
    pub fn iterate(&self, cx: &Context) -> Result<Vec<Self>> {
        match self {
            Self::Range(range) => cx.charge_items(range.len())?,
            Self::Undefined(_) | Self::Iterator(_) => {}
            _ if self.is_iterable() => cx.charge_items(self.len()?)?,
            _ => {}
        }
        Ok(match self {
            Self::Undefined(_) => Vec::new(),
            Self::Str(text) | Self::Markup(text) => text.chars().map(Self::from).collect(),
            Self::List(items) | Self::Tuple(items) | Self::Group(items) => items.to_vec(),
            Self::Dict(dict) => dict.view(View::Keys),
            Self::View(view, dict) => dict.view(*view),
            Self::Range(range) => (0..range.len()).map(|index| range.item(index)).collect(),
            Self::Iterator(lazy) => lazy.rest(cx)?,
            _ => return Err(Exception::type_error(format!("'{}' object is not iterable", self.type_name()))),
        })
    }

    /// Wraps text in the same type as this value: plain or escaped text.
    pub fn similar(&self, text: impl Into<Self>) -> Self {
        match (self, text.into()) {
            (Self::Markup(_), Self::Str(text)) => Self::Markup(text),
            (_, text) => text,
        }
    }
}

impl Context<'_> {
    pub fn text(&self, text: impl Into<Arc<str>>) -> Result {
        let text = text.into();
        self.charge_text(text.len())?;
        Ok(Value::Str(text))
    }

    pub fn markup(&self, text: String) -> Result {
        self.charge_text(text.len())?;
        Ok(Value::Markup(text.into()))
    }
}
