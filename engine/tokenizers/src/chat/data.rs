use serde_json::Value;

/// Input data of a chat template, with Python's types because templates print them differently.
#[derive(Clone, Debug, PartialEq)]
pub enum TemplateValue {
    /// `None`.
    None,
    /// `True` or `False`.
    Bool(bool),
    /// A 64-bit integer.
    Int(i64),
    /// The decimal digits of an integer beyond 64 bits.
    BigInt(String),
    /// A float.
    Float(f64),
    /// Text.
    Str(String),
    /// A list.
    List(Vec<TemplateValue>),
    /// A tuple.
    Tuple(Vec<TemplateValue>),
    /// A dict, as entries with distinct keys; keys contain no lists or dicts.
    Dict(Vec<(TemplateValue, TemplateValue)>),
}

impl From<&str> for TemplateValue {
    fn from(text: &str) -> Self {
        Self::Str(text.to_owned())
    }
}

impl From<Value> for TemplateValue {
    fn from(value: Value) -> Self {
        match value {
            Value::Null => Self::None,
            Value::Bool(value) => Self::Bool(value),
            Value::Number(number) => match (number.as_i64(), number.as_u64(), number.as_f64()) {
                (Some(integer), ..) => Self::Int(integer),
                (_, Some(integer), _) => Self::BigInt(integer.to_string()),
                (_, _, float) => Self::Float(float.unwrap_or(f64::NAN)),
            },
            Value::String(text) => Self::Str(text),
            Value::Array(items) => Self::List(items.into_iter().map(Self::from).collect()),
            Value::Object(object) => {
                Self::Dict(object.into_iter().map(|(key, value)| (Self::Str(key), value.into())).collect())
            }
        }
    }
}

impl TemplateValue {
    /// The value of a dict's entry with this key; `None` if the value is not a dict or has no such entry.
    pub fn get(&self, name: &str) -> Option<&Self> {
        let Self::Dict(entries) = self else { return None };
        entries.iter().find(|(key, _)| matches!(key, Self::Str(found) if found == name)).map(|(_, value)| value)
    }

    pub(super) fn get_mut(&mut self, name: &str) -> Option<&mut Self> {
        let Self::Dict(entries) = self else { return None };
        entries.iter_mut().find(|(key, _)| matches!(key, Self::Str(found) if found == name)).map(|(_, value)| value)
    }

    /// Sets an entry of a dict, replacing an earlier entry with the same key.
    pub(super) fn set(&mut self, name: &str, value: Self) {
        if let Some(entry) = self.get_mut(name) {
            *entry = value;
        } else if let Self::Dict(entries) = self {
            entries.push((name.into(), value));
        }
    }
}
