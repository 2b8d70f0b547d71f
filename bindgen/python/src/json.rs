//! Converts Python objects into JSON values and back.

use pyo3::IntoPyObjectExt;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict, PyFloat, PyInt, PyList, PyMapping, PyString, PyTuple};
use pyo3_stub_gen::{PyStubType, TypeInfo};
use serde_json::{Map, Number, Value};
use trustformers::Error;

use crate::door;

/// Maximum nesting of lists and dicts, below Python's default recursion limit.
const DEEPEST: usize = 900;

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
    if depth > DEEPEST {
        return Err(NotJson::Depth);
    }
    let list = |items: &mut dyn Iterator<Item = Bound<'_, PyAny>>| {
        items.map(|item| json_value(&item, depth + 1)).collect::<Result<Vec<_>, _>>().map(Value::Array)
    };
    if value.is_none() {
        return Ok(Value::Null);
    }
    if let Ok(flag) = value.cast::<PyBool>() {
        return Ok(Value::Bool(flag.is_true()));
    }
    if let Ok(text) = value.cast::<PyString>() {
        return Ok(Value::String(text.to_str()?.to_owned()));
    }
    if let Ok(integer) = value.cast::<PyInt>() {
        let exact = integer.extract::<i64>().map(Number::from).or_else(|_| integer.extract::<u64>().map(Number::from));
        // Larger integers are floats, as when they are read from a file.
        let number = exact.ok().or_else(|| Number::from_f64(integer.extract().ok()?));
        return number.map(Value::Number).ok_or_else(|| NotJson::Number(integer.to_string()));
    }
    if let Ok(float) = value.cast::<PyFloat>() {
        return Ok(number(float.value()));
    }
    if let Ok(items) = value.cast::<PyList>() {
        return list(&mut items.iter());
    }
    if let Ok(items) = value.cast::<PyTuple>() {
        return list(&mut items.iter());
    }
    if let Ok(mapping) = value.cast::<PyMapping>() {
        let items = mapping.items()?;
        let entries: Vec<(Bound<'_, PyAny>, Bound<'_, PyAny>)> =
            items.iter().map(|item| item.extract()).collect::<PyResult<_>>()?;
        // Integers are keys as text, as in Python's json.
        let is_key = |key: &Bound<'_, PyAny>| key.is_instance_of::<PyString>() || key.is_instance_of::<PyInt>();
        if !entries.iter().all(|(key, _)| is_key(key)) {
            return list(&mut items.iter());
        }
        let entry = |(key, value): &(Bound<'_, PyAny>, Bound<'_, PyAny>)| {
            Ok((key.str()?.to_str()?.to_owned(), json_value(value, depth + 1)?))
        };
        return entries.iter().map(entry).collect::<Result<Map<_, _>, NotJson>>().map(Value::Object);
    }
    // Arrays and scalars of NumPy, and tensors.
    if let Some(listed) = value.getattr_opt(intern!(value.py(), "tolist"))? {
        return json_value(&listed.call0()?, depth + 1);
    }
    Err(NotJson::Type(value.get_type().name()?.to_string()))
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

/// The keys of a `config.json` as a JSON value.
///
/// **Errors:** `Input` naming the key whose value has no JSON form.
pub(crate) fn config_value(keys: &Keys<'_>) -> PyResult<Value> {
    json_object("config", keys).map(Value::Object)
}

/// A JSON value as a dict; empty unless it is an object.
pub(crate) fn dict_of(py: Python<'_>, value: Value) -> PyResult<Keys<'_>> {
    match value {
        Value::Object(object) => python_dict(py, &object),
        _ => python_dict(py, &Map::new()),
    }
}

/// A JSON object as a dict.
pub(crate) fn python_dict<'py>(py: Python<'py>, object: &Map<String, Value>) -> PyResult<Keys<'py>> {
    let dict = PyDict::new(py);
    for (key, value) in object {
        dict.set_item(key, python_value(py, value)?)?;
    }
    Ok(Keys(dict))
}
