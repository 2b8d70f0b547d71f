//! NumPy arrays in and out.

use numpy::{PyArray1, PyArrayDyn, PyArrayMethods, PyReadonlyArray2, PyReadonlyArrayDyn, PyUntypedArrayMethods};
use pyo3::prelude::*;
use trustformers::models::{HostTensor, PaddedArray};
use trustformers::{Error, Result};

/// A float32 array that Python owns.
pub(crate) type FloatArray<'py> = Bound<'py, PyArrayDyn<f32>>;

/// A matrix of ids, copied so that no other thread can change it while the engine reads it.
pub(crate) struct Ids {
    pub(crate) shape: [usize; 2],
    pub(crate) values: Vec<i64>,
}

impl Ids {
    pub(crate) fn copy(array: &PyReadonlyArray2<'_, i64>) -> Self {
        let [rows, cols] = [array.shape()[0], array.shape()[1]];
        Self { shape: [rows, cols], values: array.as_array().iter().copied().collect() }
    }

    /// The matrix as an argument of a forward call.
    pub(crate) fn padded(&self) -> PaddedArray<'_, i64, 2> {
        PaddedArray::new(&self.values, self.shape)
    }
}

/// Floating point numbers, copied so that no other thread can change them while the engine reads them.
pub(crate) struct Floats {
    pub(crate) shape: Vec<usize>,
    pub(crate) values: Vec<f32>,
}

impl Floats {
    pub(crate) fn copy(array: &PyReadonlyArrayDyn<'_, f32>) -> Self {
        Self { shape: array.shape().to_vec(), values: array.as_array().iter().copied().collect() }
    }

    /// The numbers as an argument of a forward call.
    ///
    /// **Errors:** `Input` naming `argument` if the array does not have three dimensions.
    pub(crate) fn padded(&self, argument: &str) -> Result<PaddedArray<'_, f32, 3>> {
        let shape = &self.shape;
        let message = || format!("expected the shape (batch, seq, width), found {shape:?}");
        let shape = shape[..].try_into().map_err(|_| Error::input(argument, message()))?;
        Ok(PaddedArray::new(&self.values, shape))
    }
}

/// The tensor as an array that owns its memory; nothing is copied.
pub(crate) fn to_numpy(py: Python<'_>, tensor: HostTensor) -> PyResult<FloatArray<'_>> {
    PyArray1::from_vec(py, tensor.data).reshape(tensor.shape)
}
