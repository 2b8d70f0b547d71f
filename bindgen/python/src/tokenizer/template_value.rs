//! Converts Python objects into chat template values: plain data as it is, other objects as their type's name.

use pyo3::exceptions::PyValueError;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyInt, PyString};
use trustformers::tokenizers::TemplateValue;

use crate::plain::{MAX_DEPTH, Plain};

pub fn template_value(value: &Bound<'_, PyAny>) -> PyResult<TemplateValue> {
    converted(value, 0)
}

fn converted(value: &Bound<'_, PyAny>, depth: usize) -> PyResult<TemplateValue> {
    if depth > MAX_DEPTH {
        return Err(PyValueError::new_err("values are nested too deeply"));
    }
    let all = |items: &mut dyn Iterator<Item = Bound<'_, PyAny>>| {
        items.map(|item| converted(&item, depth + 1)).collect::<PyResult<Vec<_>>>()
    };
    Ok(match Plain::of(value)? {
        Some(Plain::None) => TemplateValue::None,
        Some(Plain::Bool(flag)) => TemplateValue::Bool(flag),
        Some(Plain::Str(text)) => TemplateValue::Str(text.to_str()?.to_owned()),
        Some(Plain::Int(integer)) => match integer.extract() {
            Ok(small) => TemplateValue::Int(small),
            Err(_) => {
                let int = value.py().get_type::<PyInt>();
                TemplateValue::BigInt(int.call_method1(intern!(value.py(), "__repr__"), (integer,))?.extract()?)
            }
        },
        Some(Plain::Float(float)) => TemplateValue::Float(float),
        Some(Plain::List(list)) => TemplateValue::List(all(&mut list.iter())?),
        Some(Plain::Tuple(tuple)) => TemplateValue::Tuple(all(&mut tuple.iter())?),
        Some(Plain::Mapping(entries)) => {
            let entry = |(key, value): &(_, _)| Ok((converted(key, depth + 1)?, converted(value, depth + 1)?));
            TemplateValue::Dict(entries.iter().map(entry).collect::<PyResult<_>>()?)
        }
        None => object(value, depth)?,
    })
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
