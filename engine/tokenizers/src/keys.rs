use std::path::PathBuf;

use serde_json::{Map, Value};
use trustformers_core::{Error, Result};

use crate::files::kind;

/// Typed access to the keys of a file.
pub(crate) struct Keys<'a> {
    pub file: PathBuf,
    pub object: &'a Map<String, Value>,
}

impl Keys<'_> {
    /// The error of a key whose value is not what is `expected`.
    pub fn wrong(&self, key: &str, value: &Value, expected: &str) -> Error {
        let found = match value {
            Value::Array(_) | Value::Object(_) => kind(value).to_owned(),
            other => other.to_string(),
        };
        Error::config_key(&self.file, key, found, expected)
    }

    /// Reads a key; `None` if it is missing or null.
    ///
    /// **Errors:** `Config` naming file and key if the value is not what is `expected`.
    pub fn parsed<'a, J, T>(
        &'a self,
        key: &str,
        as_json: impl Fn(&'a Value) -> Option<J>,
        expected: &str,
        parse: impl Fn(J) -> Option<T>,
    ) -> Result<Option<T>> {
        match self.object.get(key) {
            None | Some(Value::Null) => Ok(None),
            Some(value) => as_json(value).and_then(parse).map(Some).ok_or_else(|| self.wrong(key, value, expected)),
        }
    }

    /// Reads a boolean key.
    ///
    /// **Errors:** as `parsed`.
    pub fn bool(&self, key: &str) -> Result<Option<bool>> {
        self.parsed(key, Value::as_bool, "true or false", Some)
    }

    /// Reads a key with an array of strings.
    ///
    /// **Errors:** as `parsed`.
    pub fn strings(&self, key: &str) -> Result<Option<Vec<String>>> {
        self.parsed(key, Value::as_array, "an array of strings", |items| {
            items.iter().map(|item| item.as_str().map(str::to_owned)).collect()
        })
    }
}
