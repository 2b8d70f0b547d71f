//! Python's plain data, told apart once for every conversion.

use pyo3::prelude::*;
use pyo3::types::{PyBool, PyFloat, PyInt, PyList, PyMapping, PyString, PyTuple};

/// Maximum nesting of lists and dicts, below Python's default recursion limit.
pub(crate) const MAX_DEPTH: usize = 900;

/// A Python object of plain data.
pub(crate) enum Plain<'a, 'py> {
    None,
    Bool(bool),
    Str(&'a Bound<'py, PyString>),
    Int(&'a Bound<'py, PyInt>),
    Float(f64),
    List(&'a Bound<'py, PyList>),
    Tuple(&'a Bound<'py, PyTuple>),
    /// Keys and values of a dict or another mapping.
    Mapping(Vec<(Bound<'py, PyAny>, Bound<'py, PyAny>)>),
}

impl<'a, 'py> Plain<'a, 'py> {
    /// The object as plain data; `None` for an object of another type.
    ///
    /// **Errors:** any exception of a mapping's `items()`.
    pub(crate) fn of(value: &'a Bound<'py, PyAny>) -> PyResult<Option<Self>> {
        Ok(Some(if value.is_none() {
            Self::None
        } else if let Ok(flag) = value.cast::<PyBool>() {
            Self::Bool(flag.is_true())
        } else if let Ok(text) = value.cast::<PyString>() {
            Self::Str(text)
        } else if let Ok(integer) = value.cast::<PyInt>() {
            Self::Int(integer)
        } else if let Ok(float) = value.cast::<PyFloat>() {
            Self::Float(float.value())
        } else if let Ok(list) = value.cast::<PyList>() {
            Self::List(list)
        } else if let Ok(tuple) = value.cast::<PyTuple>() {
            Self::Tuple(tuple)
        } else if let Ok(mapping) = value.cast::<PyMapping>() {
            Self::Mapping(mapping.items()?.iter().map(|item| item.extract()).collect::<PyResult<_>>()?)
        } else {
            return Ok(None);
        }))
    }
}
