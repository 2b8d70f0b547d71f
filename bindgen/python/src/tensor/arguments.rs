//! Arguments of tensor methods.

use pyo3::exceptions::PyTypeError;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyBool, PyFloat, PyInt, PyList, PyString, PyTuple, PyType};
use pyo3_stub_gen::{PyStubType, TypeInfo};
use trustformers::Error;
use trustformers::tensor::{DType, Operand, Scalar, Tensor, TensorDevice};

use super::PyTensor;
use super::numpy_arrays::from_array;
use crate::door;

/// A Python operand: a tensor, a number or an array.
pub(crate) struct Other(pub(super) Operand);

impl<'a, 'py> FromPyObject<'a, 'py> for Other {
    type Error = PyErr;

    fn extract(value: Borrowed<'a, 'py, PyAny>) -> PyResult<Self> {
        operand(&value)?.map(Self).ok_or_else(|| {
            let found = value.get_type();
            let message = format!("expected a Tensor, a number or an array, found {found}");
            door::exception(value.py(), &Error::input("other", message))
        })
    }
}

impl PyStubType for Other {
    fn type_output() -> TypeInfo {
        TypeInfo {
            name: "Tensor | builtins.float | trustformers.tensor.dtypes.Array".to_owned(),
            ..Py::<PyAny>::type_output()
        }
    }
}

impl Other {
    /// Converts the operand to a tensor of a dtype.
    pub(super) fn tensor(self, dtype: DType, device: &TensorDevice) -> trustformers::Result<Tensor> {
        match self.0 {
            Operand::Tensor(tensor) => tensor.cast(dtype),
            Operand::Scalar(scalar) => Tensor::full(&[], scalar, dtype, device),
        }
    }
}

/// The other operand of an operator, for which Python tries the other operand's method if it has another type.
pub(crate) struct OperatorOther(pub(super) PyResult<Operand>);

impl<'a, 'py> FromPyObject<'a, 'py> for OperatorOther {
    type Error = PyErr;

    fn extract(value: Borrowed<'a, 'py, PyAny>) -> PyResult<Self> {
        match operand(&value) {
            Ok(Some(operand)) => Ok(Self(Ok(operand))),
            Ok(None) => Err(PyTypeError::new_err("not an operand")),
            Err(error) => Ok(Self(Err(error))),
        }
    }
}

impl PyStubType for OperatorOther {
    fn type_output() -> TypeInfo {
        Other::type_output()
    }
}

/// The other operand of `==` and `!=`, which compare with any object.
pub(crate) struct AnyOther(pub(super) PyResult<Operand>);

impl<'a, 'py> FromPyObject<'a, 'py> for AnyOther {
    type Error = PyErr;

    fn extract(value: Borrowed<'a, 'py, PyAny>) -> PyResult<Self> {
        value.extract::<OperatorOther>().map(|OperatorOther(operand)| Self(operand))
    }
}

impl PyStubType for AnyOther {
    fn type_output() -> TypeInfo {
        TypeInfo { name: "typing.Any".to_owned(), ..Py::<PyAny>::type_output() }
    }
}

/// A Python number, or a tensor or array of one element.
pub(crate) struct Number(pub(super) Scalar);

impl<'a, 'py> FromPyObject<'a, 'py> for Number {
    type Error = PyErr;

    fn extract(value: Borrowed<'a, 'py, PyAny>) -> PyResult<Self> {
        match value.extract::<Other>()?.0 {
            Operand::Scalar(scalar) => Ok(Self(scalar)),
            Operand::Tensor(tensor) => {
                let found = tensor.to_f64().map_err(|error| door::exception(value.py(), &error))?;
                match found[..] {
                    [number] => Ok(Self(Scalar::Float(number))),
                    _ => Err(PyTypeError::new_err("expected a number, found a tensor")),
                }
            }
        }
    }
}

impl PyStubType for Number {
    fn type_output() -> TypeInfo {
        TypeInfo { name: "builtins.float".to_owned(), ..f64::type_output() }
    }
}

/// An argument of NumPy's functions that must be `None`, such as `out` and `where`.
pub(crate) struct Absent;

impl<'a, 'py> FromPyObject<'a, 'py> for Absent {
    type Error = PyErr;

    fn extract(_: Borrowed<'a, 'py, PyAny>) -> PyResult<Self> {
        Err(PyTypeError::new_err("not supported for tensors, whose operations return new ones; expected None"))
    }
}

impl PyStubType for Absent {
    fn type_output() -> TypeInfo {
        TypeInfo { name: "None".to_owned(), ..Py::<PyAny>::type_output() }
    }
}

/// An operand that is a tensor or an array.
pub(crate) struct Matrix(pub(super) Tensor);

impl<'a, 'py> FromPyObject<'a, 'py> for Matrix {
    type Error = PyErr;

    fn extract(value: Borrowed<'a, 'py, PyAny>) -> PyResult<Self> {
        match operand(&value)? {
            Some(Operand::Tensor(tensor)) => Ok(Self(tensor)),
            _ => Err(PyTypeError::new_err(format!("expected a Tensor or an array, found {}", value.get_type()))),
        }
    }
}

impl PyStubType for Matrix {
    fn type_output() -> TypeInfo {
        TypeInfo { name: "Tensor | trustformers.tensor.dtypes.Array".to_owned(), ..Py::<PyAny>::type_output() }
    }
}

/// Converts a value to an operand; `None` for other types.
pub(super) fn operand(value: &Bound<'_, PyAny>) -> PyResult<Option<Operand>> {
    if let Ok(tensor) = value.cast::<PyTensor>() {
        return Ok(Some(tensor.get().get().into()));
    }
    if let Some(scalar) = scalar(value)? {
        return Ok(Some(scalar.into()));
    }
    Ok(from_array(value)?.map(|(tensor, _)| tensor.into()))
}

/// Converts a value to a number; `None` for other types.
pub(super) fn scalar(value: &Bound<'_, PyAny>) -> PyResult<Option<Scalar>> {
    if let Ok(float) = value.cast::<PyFloat>() {
        return Ok(Some(Scalar::Float(float.value())));
    }
    if let Ok(flag) = value.cast::<PyBool>() {
        return Ok(Some(Scalar::Bool(flag.is_true())));
    }
    if let Ok(integer) = value.cast::<PyInt>() {
        if let Ok(value) = integer.extract() {
            return Ok(Some(Scalar::Int(value)));
        }
        let too_large = |_| {
            door::exception(
                value.py(),
                &Error::input("value", format!("{integer} does not fit into 64 bits; convert it to a float")),
            )
        };
        return integer.extract().map(|value| Some(Scalar::UInt(value))).map_err(too_large);
    }
    let generic = numpy_scalar(value.py())?;
    if value.is_instance(generic)? {
        let number = value.call_method0(intern!(value.py(), "item"))?;
        // Where Python has no such number, NumPy's own comes back.
        return if number.is_instance(generic)? { Ok(None) } else { scalar(&number) };
    }
    Ok(None)
}

/// Whether a value is a number of NumPy, which has a dtype.
pub(super) fn is_numpy_scalar(value: &Bound<'_, PyAny>) -> PyResult<bool> {
    value.is_instance(numpy_scalar(value.py())?)
}

fn numpy_scalar(py: Python<'_>) -> PyResult<&Bound<'_, PyType>> {
    static GENERIC: PyOnceLock<Py<PyType>> = PyOnceLock::new();
    GENERIC.import(py, "numpy", "generic")
}

/// A Python dtype argument: a name, a Python type, or a dtype of NumPy or torch.
#[derive(Clone, Copy)]
pub(crate) struct DtypeArgument(pub(super) DType);

impl<'a, 'py> FromPyObject<'a, 'py> for DtypeArgument {
    type Error = PyErr;

    fn extract(value: Borrowed<'a, 'py, PyAny>) -> PyResult<Self> {
        let py = value.py();
        let name = if let Ok(name) = value.cast::<PyString>() {
            name.to_str()?.to_owned()
        } else if let Ok(class) = value.cast::<PyType>() {
            match class.name()?.to_str()? {
                "float" => "float64".to_owned(),
                "int" => "int64".to_owned(),
                other => other.to_owned(),
            }
        } else if let Ok(name) = value.getattr(intern!(py, "name")) {
            name.str()?.to_str()?.to_owned()
        } else {
            value.str()?.to_str()?.to_owned()
        };
        name.parse().map(Self).map_err(|error| door::exception(py, &error))
    }
}

impl PyStubType for DtypeArgument {
    fn type_output() -> TypeInfo {
        TypeInfo { name: "trustformers.tensor.dtypes.DtypeLike".to_owned(), ..Py::<PyAny>::type_output() }
    }
}

/// Sizes, dimensions or counts: an integer, or a tuple or list of integers.
pub(crate) struct Ints(pub(super) Vec<isize>);

impl<'a, 'py> FromPyObject<'a, 'py> for Ints {
    type Error = PyErr;

    fn extract(value: Borrowed<'a, 'py, PyAny>) -> PyResult<Self> {
        let several = value.is_instance_of::<PyTuple>() || value.is_instance_of::<PyList>();
        Ok(Self(if several { value.extract()? } else { vec![value.extract()?] }))
    }
}

impl PyStubType for Ints {
    fn type_output() -> TypeInfo {
        TypeInfo { name: "builtins.int | typing.Sequence[builtins.int]".to_owned(), ..Py::<PyAny>::type_output() }
    }
}

/// Integers passed as separate arguments, or as one tuple or list.
pub(super) fn ints_of(values: &Bound<'_, PyTuple>) -> PyResult<Vec<isize>> {
    if values.len() == 1 {
        return values.get_item(0)?.extract::<Ints>().map(|Ints(values)| values);
    }
    values.extract()
}

/// Converts sizes to a shape.
pub(super) fn shape_of(py: Python<'_>, sizes: Vec<isize>) -> PyResult<Vec<usize>> {
    let size = |size: isize| {
        let error = || Error::input("shape", format!("{size} is negative"));
        usize::try_from(size).map_err(|_| door::exception(py, &error()))
    };
    sizes.into_iter().map(size).collect()
}

/// The value of an argument that has two names, torch's and NumPy's.
pub(super) fn either<T>(first: Option<T>, second: Option<T>, names: [&str; 2]) -> PyResult<Option<T>> {
    match (first, second) {
        (Some(_), Some(_)) => Err(PyTypeError::new_err(format!("{} and {} are the same argument", names[0], names[1]))),
        (first, second) => Ok(first.or(second)),
    }
}
