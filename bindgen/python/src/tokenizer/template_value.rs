//! Converts Python objects into chat template values: plain data as it is, other objects as their type's name.

use pyo3::exceptions::PyValueError;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyFloat, PyInt, PyList, PyMapping, PyString, PyTuple};
use trustformers::tokenizers::TemplateValue;

/// Maximum nesting of lists and dicts, below Python's default recursion limit.
const DEEPEST: usize = 900;

pub fn template_value(value: &Bound<'_, PyAny>) -> PyResult<TemplateValue> {
    converted(value, 0)
}

fn converted(value: &Bound<'_, PyAny>, depth: usize) -> PyResult<TemplateValue> {
    if depth > DEEPEST {
        return Err(PyValueError::new_err("values are nested too deeply"));
    }
    let all = |items: &mut dyn Iterator<Item = Bound<'_, PyAny>>| {
        items.map(|item| converted(&item, depth + 1)).collect::<PyResult<Vec<_>>>()
    };
    if value.is_none() {
        return Ok(TemplateValue::None);
    }
    if let Ok(flag) = value.cast::<PyBool>() {
        return Ok(TemplateValue::Bool(flag.is_true()));
    }
    if let Ok(text) = value.cast::<PyString>() {
        return Ok(TemplateValue::Str(text.to_str()?.to_owned()));
    }
    if let Ok(integer) = value.cast::<PyInt>() {
        return integer.extract().map(TemplateValue::Int).or_else(|_| {
            let digits = value.py().get_type::<PyInt>().call_method1(intern!(value.py(), "__repr__"), (integer,))?;
            Ok(TemplateValue::BigInt(digits.extract()?))
        });
    }
    if let Ok(float) = value.cast::<PyFloat>() {
        return Ok(TemplateValue::Float(float.value()));
    }
    if let Ok(list) = value.cast::<PyList>() {
        return all(&mut list.iter()).map(TemplateValue::List);
    }
    if let Ok(tuple) = value.cast::<PyTuple>() {
        return all(&mut tuple.iter()).map(TemplateValue::Tuple);
    }
    if let Ok(mapping) = value.cast::<PyMapping>() {
        let mut entries = Vec::new();
        for item in mapping.items()?.iter() {
            let (key, value): (Bound<'_, PyAny>, Bound<'_, PyAny>) = item.extract()?;
            entries.push((converted(&key, depth + 1)?, converted(&value, depth + 1)?));
        }
        return Ok(TemplateValue::Dict(entries));
    }
    object(value, depth)
}

/// Converts NumPy scalars, dataclasses and pydantic models; any other object becomes its type's name.
fn object(value: &Bound<'_, PyAny>, depth: usize) -> PyResult<TemplateValue> {
    let py = value.py();
    let kind = value.get_type();
    let is_numpy_scalar = kind.mro().iter().any(|class| {
        let is_named = |name: PyResult<Bound<'_, PyString>>, text: &str| name.is_ok_and(|name| name == text);
        class
            .cast::<pyo3::types::PyType>()
            .is_ok_and(|class| is_named(class.name(), "generic") && is_named(class.module(), "numpy"))
    });
    if is_numpy_scalar {
        return converted(&value.call_method0(intern!(py, "item"))?, depth + 1);
    }
    if kind.hasattr(intern!(py, "__dataclass_fields__"))? {
        let mut entries = Vec::new();
        for field in py.import(intern!(py, "dataclasses"))?.call_method1(intern!(py, "fields"), (value,))?.try_iter()? {
            let name: String = field?.getattr(intern!(py, "name"))?.extract()?;
            entries.push((TemplateValue::from(&*name), converted(&value.getattr(&*name)?, depth + 1)?));
        }
        return Ok(TemplateValue::Dict(entries));
    }
    if let Some(dump) = value.getattr_opt(intern!(py, "model_dump"))?
        && dump.is_callable()
    {
        return converted(&dump.call0()?, depth + 1);
    }
    Ok(TemplateValue::Str(format!("<{}>", kind.name()?)))
}
