//! Converts Python objects into JSON values and back.

use pyo3::IntoPyObjectExt;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyInt, PyString};
use pyo3_stub_gen::{PyStubType, TypeInfo};
use serde_json::{Map, Number, Value};
use trustformers::Error;

use crate::door;
use crate::plain::{MAX_DEPTH, Plain};

/// A dict of JSON values by key, as configurations and keyword arguments are.
#[derive(FromPyObject, IntoPyObject)]
#[pyo3(transparent)]
pub(crate) struct Keys<'py>(Bound<'py, PyDict>);

impl PyStubType for Keys<'_> {
    fn type_output() -> TypeInfo {
        TypeInfo { name: "builtins.dict[builtins.str, typing.Any]".to_owned(), ..Py::<PyAny>::type_output() }
    }
}

/// The keys of a dict as a JSON object. Arrays become lists, and a dict with keys other than strings and
/// integers, such as `sequence_bias`, a list of its items.
///
/// **Errors:** `Input` naming `argument` and the key whose value has no JSON form.
pub(crate) fn json_object(argument: &str, Keys(keys): &Keys<'_>) -> PyResult<Map<String, Value>> {
    let mut object = Map::new();
    for (key, value) in keys {
        let key: String = key.extract()?;
        let value = json_value(&value, 0).map_err(|found| {
            let message = match found {
                NotJson::Type(name) => format!("{key} cannot be an object of type {name}"),
                NotJson::Number(number) => format!("{key} cannot be {number}, which is too large"),
                NotJson::Depth => format!("{key} is nested too deeply"),
                NotJson::Exception(error) => format!("{key}: {error}"),
            };
            door::exception(keys.py(), &Error::input(argument, message))
        })?;
        object.insert(key, value);
    }
    Ok(object)
}

/// The keys of a dict as a JSON value; see [`json_object`].
///
/// **Errors:** `Input` naming `argument` and the key whose value has no JSON form.
pub(crate) fn json_keys(argument: &str, keys: &Keys<'_>) -> PyResult<Value> {
    json_object(argument, keys).map(Value::Object)
}

enum NotJson {
    Type(String),
    Number(String),
    Depth,
    Exception(PyErr),
}

impl From<PyErr> for NotJson {
    fn from(error: PyErr) -> Self {
        Self::Exception(error)
    }
}

fn json_value(value: &Bound<'_, PyAny>, depth: usize) -> Result<Value, NotJson> {
    if depth > MAX_DEPTH {
        return Err(NotJson::Depth);
    }
    let list = |items: &mut dyn Iterator<Item = Bound<'_, PyAny>>| {
        items.map(|item| json_value(&item, depth + 1)).collect::<Result<Vec<_>, _>>().map(Value::Array)
    };
    match Plain::of(value)? {
        Some(Plain::None) => Ok(Value::Null),
        Some(Plain::Bool(flag)) => Ok(Value::Bool(flag)),
        Some(Plain::Str(text)) => Ok(Value::String(text.to_str()?.to_owned())),
        Some(Plain::Int(integer)) => {
            let exact =
                integer.extract::<i64>().map(Number::from).or_else(|_| integer.extract::<u64>().map(Number::from));
            // Larger integers are floats, as when they are read from a file.
            let number = exact.ok().or_else(|| Number::from_f64(integer.extract().ok()?));
            number.map(Value::Number).ok_or_else(|| NotJson::Number(integer.to_string()))
        }
        Some(Plain::Float(float)) => Ok(number(float)),
        Some(Plain::List(items)) => list(&mut items.iter()),
        Some(Plain::Tuple(items)) => list(&mut items.iter()),
        Some(Plain::Mapping(entries)) => {
            // Integers are keys as text, as in Python's json.
            let is_key = |key: &Bound<'_, PyAny>| key.is_instance_of::<PyString>() || key.is_instance_of::<PyInt>();
            if entries.iter().all(|(key, _)| is_key(key)) {
                let entry = |(key, value): &(Bound<'_, PyAny>, Bound<'_, PyAny>)| {
                    Ok((key.str()?.to_str()?.to_owned(), json_value(value, depth + 1)?))
                };
                return entries.iter().map(entry).collect::<Result<Map<_, _>, NotJson>>().map(Value::Object);
            }
            let pairs = entries.into_iter().map(|pair| pair.into_bound_py_any(value.py()));
            list(&mut pairs.collect::<PyResult<Vec<_>>>()?.into_iter())
        }
        // Arrays and scalars of NumPy, and tensors.
        None => match value.getattr_opt(intern!(value.py(), "tolist"))? {
            Some(listed) => json_value(&listed.call0()?, depth + 1),
            None => Err(NotJson::Type(value.get_type().name()?.to_string())),
        },
    }
}

/// A number, or as text what JSON has no number for, as `trustformers::parse_json` reads it.
fn number(float: f64) -> Value {
    Number::from_f64(float).map_or_else(
        || {
            let text = if float.is_nan() {
                "NaN"
            } else if float > 0.0 {
                "Infinity"
            } else {
                "-Infinity"
            };
            Value::String(text.to_owned())
        },
        Value::Number,
    )
}

/// A JSON value as `None`, bool, int, float, str, list or dict.
fn python_value<'py>(py: Python<'py>, value: &Value) -> PyResult<Bound<'py, PyAny>> {
    match value {
        Value::Null => Ok(py.None().into_bound(py)),
        Value::Bool(flag) => flag.into_bound_py_any(py),
        Value::Number(number) => match (number.as_i64(), number.as_u64()) {
            (Some(integer), _) => integer.into_bound_py_any(py),
            (None, Some(integer)) => integer.into_bound_py_any(py),
            (None, None) => number.as_f64().into_bound_py_any(py),
        },
        Value::String(text) => text.into_bound_py_any(py),
        Value::Array(items) => {
            let items = items.iter().map(|item| python_value(py, item)).collect::<PyResult<Vec<_>>>()?;
            items.into_bound_py_any(py)
        }
        Value::Object(object) => python_dict(py, object).map(|keys| keys.0.into_any()),
    }
}

/// A JSON object as a dict.
///
/// **Errors:** `TypeError` if the value is not an object.
pub(crate) fn value_dict<'py>(py: Python<'py>, value: &Value) -> PyResult<Keys<'py>> {
    python_value(py, value)?.extract()
}

/// JSON values by key as a dict.
pub(crate) fn python_dict<'py>(py: Python<'py>, object: &Map<String, Value>) -> PyResult<Keys<'py>> {
    let dict = PyDict::new(py);
    for (key, value) in object {
        dict.set_item(key, python_value(py, value)?)?;
    }
    Ok(Keys(dict))
}
