//! Tensors in safetensors files.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyString};
use pyo3_stub_gen::derive::{gen_stub_pyclass, gen_stub_pyfunction, gen_stub_pymethods};
use trustformers::tensor::{Operand, Tensor};
use trustformers::{Access, Error, SafetensorsFile};

use super::arguments::operand;
use super::devices::cpu;
use super::{PyTensor, dlpack};
use crate::door;

pub(super) fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<PySafetensorsFile>()?;
    module.add_function(wrap_pyfunction!(write_safetensors, module)?)?;
    module.add_function(wrap_pyfunction!(safetensors_bytes, module)?)
}

/// A safetensors file in memory.
#[gen_stub_pyclass]
#[pyclass(name = "SafetensorsFile", frozen)]
pub struct PySafetensorsFile {
    inner: SafetensorsFile,
}

#[gen_stub_pymethods]
#[pymethods]
impl PySafetensorsFile {
    /// Maps a file into memory.
    #[staticmethod]
    fn open(py: Python<'_>, path: PathBuf) -> PyResult<Self> {
        door::run_here(py, || Ok(Self { inner: SafetensorsFile::open(&path, Access::CopyOnWrite)? }))
    }

    /// Copies the bytes of a file.
    #[staticmethod]
    fn of_bytes(py: Python<'_>, data: &Bound<'_, PyBytes>) -> PyResult<Self> {
        let bytes = data.as_bytes().to_vec().into();
        door::run_here(py, || Ok(Self { inner: SafetensorsFile::read(Path::new("data"), bytes)? }))
    }

    /// Names of the tensors in alphabetical order.
    fn keys(&self) -> Vec<&str> {
        self.inner.names().collect()
    }

    /// Names of the tensors in the order of their data.
    fn offset_keys(&self) -> Vec<String> {
        self.inner.offset_names().to_vec()
    }

    /// The metadata of the header; `None` if there is none.
    fn metadata(&self) -> Option<&BTreeMap<String, String>> {
        self.inner.metadata()
    }

    /// A tensor on the CPU, which shares the file's memory if its elements are aligned.
    fn tensor(&self, py: Python<'_>, name: &str) -> PyResult<PyTensor> {
        let device = cpu(py)?;
        door::run_here(py, || self.inner.tensor(name, &device)).map(PyTensor::of)
    }

    /// The dtype of a tensor in the notation of safetensors, such as "F32", and its shape.
    fn info(&self, py: Python<'_>, name: &str) -> PyResult<(String, Vec<usize>)> {
        let stored = door::run_here(py, || self.inner.stored(name))?;
        Ok((stored.element.to_string(), stored.shape.clone()))
    }
}

/// Writes tensors and arrays to a safetensors file.
#[gen_stub_pyfunction]
#[pyfunction]
#[pyo3(signature = (tensors, path, metadata=None))]
fn write_safetensors(
    py: Python<'_>,
    #[gen_stub(override_type(type_repr = "builtins.dict[builtins.str, typing.Any]"))] tensors: &Bound<'_, PyDict>,
    path: PathBuf,
    #[gen_stub(override_type(type_repr = "builtins.dict[builtins.str, builtins.str] | None"))] metadata: Option<
        &Bound<'_, PyDict>,
    >,
) -> PyResult<()> {
    let (tensors, metadata) = (named_tensors(tensors)?, metadata.map(texts).transpose()?);
    door::run(py, || trustformers::write_tensors(&path, tensors, metadata))
}

/// The bytes of a safetensors file with tensors and arrays.
#[gen_stub_pyfunction]
#[pyfunction]
#[pyo3(signature = (tensors, metadata=None))]
fn safetensors_bytes<'py>(
    py: Python<'py>,
    #[gen_stub(override_type(type_repr = "builtins.dict[builtins.str, typing.Any]"))] tensors: &Bound<'py, PyDict>,
    #[gen_stub(override_type(type_repr = "builtins.dict[builtins.str, builtins.str] | None"))] metadata: Option<
        &Bound<'py, PyDict>,
    >,
) -> PyResult<Bound<'py, PyBytes>> {
    let (tensors, metadata) = (named_tensors(tensors)?, metadata.map(texts).transpose()?);
    let bytes = door::run(py, || trustformers::written_tensors(tensors, metadata))?;
    Ok(PyBytes::new(py, &bytes))
}

/// The entries of a dict of tensors, arrays and tensors of other libraries.
///
/// **Errors:** `Input` naming the key of a value of another type.
pub(crate) fn named_tensors(tensors: &Bound<'_, PyDict>) -> PyResult<Vec<(String, Tensor)>> {
    let named = |(key, value): (Bound<'_, PyAny>, Bound<'_, PyAny>)| {
        let name = text("a key", &key)?;
        let found = match operand(&value) {
            Ok(None) if value.hasattr("__dlpack__")? => dlpack::import(&value).map(|tensor| Some(tensor.into())),
            found => found,
        };
        let py = value.py();
        match found {
            Ok(Some(Operand::Tensor(tensor))) => Ok((name, tensor)),
            Ok(_) => Err(input(py, format!("{name:?} is a {}, expected a Tensor or an array", class(&value)?))),
            Err(error) => Err(input(py, format!("{name:?}: {}", error.value(py)))),
        }
    };
    tensors.iter().map(named).collect()
}

fn texts(entries: &Bound<'_, PyDict>) -> PyResult<HashMap<String, String>> {
    let entry = |(key, value): (Bound<'_, PyAny>, Bound<'_, PyAny>)| {
        let name = text("a key of metadata", &key)?;
        let value = text(&format!("metadata {name:?}"), &value)?;
        Ok((name, value))
    };
    entries.iter().map(entry).collect()
}

fn text(what: &str, value: &Bound<'_, PyAny>) -> PyResult<String> {
    match value.cast::<PyString>() {
        Ok(text) => Ok(text.to_str()?.to_owned()),
        Err(_) => Err(input(value.py(), format!("{what} is a {}, expected a str", class(value)?))),
    }
}

fn class(value: &Bound<'_, PyAny>) -> PyResult<String> {
    Ok(value.get_type().name()?.to_string())
}

fn input(py: Python<'_>, message: String) -> PyErr {
    door::exception(py, &Error::input("tensors", message))
}
