//! NumPy arrays in and out.

use numpy::{PyArray1, PyArrayDyn, PyArrayMethods, PyReadonlyArray2, PyReadonlyArrayDyn, PyUntypedArrayMethods};
use pyo3::prelude::*;
use trustformers::models::HostTensor;
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

    /// Checks that the shape is `[rows, cols]`, where `cols` may count `past` cached tokens before those of
    /// `input_ids`.
    ///
    /// **Errors:** `Input` naming `argument` if the shape differs.
    pub(crate) fn check(&self, argument: &str, [rows, cols]: [usize; 2], past: usize) -> Result<()> {
        if self.shape == [rows, cols] {
            return Ok(());
        }
        let [found_rows, found_cols] = self.shape;
        let source = match past {
            0 => "the shape of input_ids".to_owned(),
            past => format!("the shape of input_ids and the {past} tokens in past_key_values"),
        };
        let message = format!("has shape ({found_rows}, {found_cols}), expected {source}, ({rows}, {cols})");
        Err(Error::input(argument, message))
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
}

/// The tensor as an array that owns its memory; nothing is copied.
pub(crate) fn to_numpy(py: Python<'_>, tensor: HostTensor) -> PyResult<FloatArray<'_>> {
    PyArray1::from_vec(py, tensor.data).reshape(tensor.shape)
}
