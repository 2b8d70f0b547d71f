use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use bytes::Bytes;
use trustformers_core::{Error, Result};

/// A metadata value of a GGUF file.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum MetadataValue {
    Bool(bool),
    Unsigned(u64),
    Signed(i64),
    Float(f64),
    String(String),
    /// List of numbers, decoded on demand.
    Numbers(NumberType, Bytes),
    /// List of strings, decoded on demand: their number, and the bytes of each after its length.
    Strings(usize, Bytes),
}

/// Encoding of a metadata number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NumberType {
    U8,
    I8,
    U16,
    I16,
    U32,
    I32,
    F32,
    Bool,
    U64,
    I64,
    F64,
}

impl NumberType {
    pub(crate) fn of(code: u32) -> Option<Self> {
        Some(match code {
            0 => Self::U8,
            1 => Self::I8,
            2 => Self::U16,
            3 => Self::I16,
            4 => Self::U32,
            5 => Self::I32,
            6 => Self::F32,
            7 => Self::Bool,
            10 => Self::U64,
            11 => Self::I64,
            12 => Self::F64,
            _ => return None,
        })
    }

    pub(crate) fn size(self) -> usize {
        match self {
            Self::U8 | Self::I8 | Self::Bool => 1,
            Self::U16 | Self::I16 => 2,
            Self::U32 | Self::I32 | Self::F32 => 4,
            Self::U64 | Self::I64 | Self::F64 => 8,
        }
    }

    /// Decodes a number from [`NumberType::size`] bytes.
    pub(crate) fn value(self, bytes: &[u8]) -> MetadataValue {
        let mut wide = [0; 8];
        wide[..bytes.len()].copy_from_slice(bytes);
        let unsigned = u64::from_le_bytes(wide);
        let shift = 64 - 8 * self.size() as u32;
        match self {
            Self::U8 | Self::U16 | Self::U32 | Self::U64 => MetadataValue::Unsigned(unsigned),
            Self::I8 | Self::I16 | Self::I32 | Self::I64 => {
                MetadataValue::Signed((unsigned << shift).cast_signed() >> shift)
            }
            Self::F32 => MetadataValue::Float(f64::from(f32::from_bits(unsigned as u32))),
            Self::F64 => MetadataValue::Float(f64::from_bits(unsigned)),
            Self::Bool => MetadataValue::Bool(unsigned != 0),
        }
    }
}

/// Metadata of a GGUF file: its key/value pairs.
#[derive(Clone, Debug)]
pub struct Metadata {
    pub(crate) file: PathBuf,
    pub(crate) values: BTreeMap<String, MetadataValue>,
}

impl Metadata {
    /// Path of the file.
    pub fn file(&self) -> &Path {
        &self.file
    }

    /// All keys.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.values.keys().map(String::as_str)
    }

    /// A non-negative integer; `None` if the key is missing.
    ///
    /// **Errors:** `Weights` naming the key if the value has another type.
    pub fn count(&self, key: &str) -> Result<Option<usize>> {
        self.read(key, "a count of at least 0", |value| match value {
            MetadataValue::Unsigned(count) => usize::try_from(*count).ok(),
            MetadataValue::Signed(count) => usize::try_from(*count).ok(),
            _ => None,
        })
    }

    /// A finite number; `None` if the key is missing.
    ///
    /// **Errors:** `Weights` naming the key if the value has another type.
    pub fn number(&self, key: &str) -> Result<Option<f64>> {
        self.read(key, "a finite number", number)
    }

    /// A boolean; `None` if the key is missing.
    ///
    /// **Errors:** `Weights` naming the key if the value has another type.
    pub fn flag(&self, key: &str) -> Result<Option<bool>> {
        self.read(key, "true or false", |value| match value {
            MetadataValue::Bool(flag) => Some(*flag),
            _ => None,
        })
    }

    /// A string; `None` if the key is missing.
    ///
    /// **Errors:** `Weights` naming the key if the value has another type.
    pub fn string(&self, key: &str) -> Result<Option<&str>> {
        match self.values.get(key) {
            None => Ok(None),
            Some(MetadataValue::String(text)) => Ok(Some(text)),
            Some(_) => Err(self.wrong(key, "a string")),
        }
    }

    /// A list of finite numbers; `None` if the key is missing.
    ///
    /// **Errors:** `Weights` naming the key if the value has another type.
    pub fn numbers(&self, key: &str) -> Result<Option<Vec<f64>>> {
        self.read(key, "a list of finite numbers", |value| match value {
            MetadataValue::Numbers(kind, bytes) => {
                bytes.chunks_exact(kind.size()).map(|bytes| number(&kind.value(bytes))).collect()
            }
            _ => None,
        })
    }

    /// A list of bytes; `None` if the key is missing.
    ///
    /// **Errors:** `Weights` naming the key if the value has another type.
    pub fn bytes(&self, key: &str) -> Result<Option<Vec<u8>>> {
        self.read(key, "a list of bytes", |value| match value {
            MetadataValue::Numbers(kind, bytes) if kind.size() == 1 => Some(bytes.to_vec()),
            _ => None,
        })
    }

    /// A list of strings; `None` if the key is missing.
    ///
    /// **Errors:** `Weights` naming the key if the value has another type.
    pub fn strings(&self, key: &str) -> Result<Option<Vec<String>>> {
        self.read(key, "a list of strings in UTF-8", |value| match value {
            MetadataValue::Strings(_, bytes) => strings(bytes),
            _ => None,
        })
    }

    /// Length of a list; `None` if the key is missing or not a list.
    pub fn len_of(&self, key: &str) -> Option<usize> {
        match self.values.get(key)? {
            MetadataValue::Numbers(kind, bytes) => Some(bytes.len() / kind.size()),
            MetadataValue::Strings(count, _) => Some(*count),
            _ => None,
        }
    }

    /// Unwraps the value of a required key.
    ///
    /// **Errors:** `Weights` naming the key if the value is `None`.
    pub fn needed<T>(&self, key: &str, found: Option<T>) -> Result<T> {
        found.ok_or_else(|| Error::weights(&self.file, format!("key \"{key}\" is missing")))
    }

    fn read<T>(&self, key: &str, expected: &str, read: impl Fn(&MetadataValue) -> Option<T>) -> Result<Option<T>> {
        match self.values.get(key) {
            None => Ok(None),
            Some(value) => read(value).map(Some).ok_or_else(|| self.wrong(key, expected)),
        }
    }

    pub(crate) fn wrong(&self, key: &str, expected: &str) -> Error {
        let found = match &self.values[key] {
            MetadataValue::Bool(flag) => flag.to_string(),
            MetadataValue::Unsigned(count) => count.to_string(),
            MetadataValue::Signed(count) => count.to_string(),
            MetadataValue::Float(number) => number.to_string(),
            MetadataValue::String(text) => format!("{:?}", text.chars().take(60).collect::<String>()),
            MetadataValue::Numbers(..) | MetadataValue::Strings(..) => "a list".to_owned(),
        };
        Error::weights(&self.file, format!("key \"{key}\" is {found}, expected {expected}"))
    }
}

fn number(value: &MetadataValue) -> Option<f64> {
    let number = match value {
        MetadataValue::Unsigned(count) => *count as f64,
        MetadataValue::Signed(count) => *count as f64,
        MetadataValue::Float(number) => *number,
        _ => return None,
    };
    number.is_finite().then_some(number)
}

/// Decodes a list of strings whose lengths were checked.
fn strings(mut bytes: &[u8]) -> Option<Vec<String>> {
    let mut strings = Vec::new();
    while let Some((length, rest)) = bytes.split_first_chunk::<8>() {
        let (text, rest) = rest.split_at_checked(usize::try_from(u64::from_le_bytes(*length)).ok()?)?;
        strings.push(std::str::from_utf8(text).ok()?.to_owned());
        bytes = rest;
    }
    Some(strings)
}
