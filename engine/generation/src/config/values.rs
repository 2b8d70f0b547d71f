use serde::{Deserialize, Serialize};
use serde_json::Value;

/// One value or a list of them, as `eos_token_id` and `stop_strings` may be given; written back as it was read.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum OneOrMany<T> {
    /// A single value.
    One(T),
    /// A list.
    Many(Vec<T>),
}

impl<T> OneOrMany<T> {
    /// The values as a slice.
    pub fn as_slice(&self) -> &[T] {
        match self {
            Self::One(value) => std::slice::from_ref(value),
            Self::Many(values) => values,
        }
    }
}

/// When beam search stops.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Value", into = "Value")]
pub enum EarlyStopping {
    /// When a better sequence is unlikely (`false`).
    WhenUnlikely,
    /// As soon as `num_beams` sequences have finished (`true`).
    WhenFull,
    /// When no better sequence is possible (`"never"`).
    Never,
}

impl TryFrom<Value> for EarlyStopping {
    type Error = String;

    fn try_from(value: Value) -> Result<Self, String> {
        match value {
            Value::Bool(false) => Ok(Self::WhenUnlikely),
            Value::Bool(true) => Ok(Self::WhenFull),
            Value::String(word) if word == "never" => Ok(Self::Never),
            _ => Err("expected a boolean or \"never\"".to_owned()),
        }
    }
}

impl From<EarlyStopping> for Value {
    fn from(early_stopping: EarlyStopping) -> Self {
        match early_stopping {
            EarlyStopping::WhenUnlikely => Self::Bool(false),
            EarlyStopping::WhenFull => Self::Bool(true),
            EarlyStopping::Never => Self::String("never".to_owned()),
        }
    }
}
