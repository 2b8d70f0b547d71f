//! The key/value cache as a Python class.

use numpy::PyArrayDyn;
use pyo3::prelude::*;
use pyo3_stub_gen::derive::{gen_stub_pyclass, gen_stub_pymethods};
use trustformers::models::{HostTensor, SharedCache};

use crate::arrays::{FloatArray, to_numpy};
use crate::door;

/// Keys and values; `None` if there are none.
type KeysAndValues = Option<(Py<PyArrayDyn<f32>>, Py<PyArrayDyn<f32>>)>;

/// Key/value cache of a batch for one model; empty until a forward pass fills it.
#[gen_stub_pyclass]
#[pyclass(name = "PastKeyValues", frozen)]
pub struct PyPastKeyValues {
    pub(crate) inner: SharedCache,
}

#[gen_stub_pymethods]
#[pymethods]
impl PyPastKeyValues {
    #[new]
    fn new() -> Self {
        Self { inner: SharedCache::default() }
    }

    /// Number of sequences, and of tokens per sequence, padding included; `None` if the cache is empty.
    fn shape(&self, py: Python<'_>) -> PyResult<Option<(usize, usize)>> {
        door::run_here(py, || Ok(self.inner.shape()?.map(<(usize, usize)>::from)))
    }

    /// For each layer, its sliding window in tokens (`None`: full attention) and its capacity in tokens per sequence.
    fn layers(&self, py: Python<'_>) -> PyResult<Vec<(Option<usize>, usize)>> {
        door::run_here(py, || {
            Ok(self.inner.layers()?.into_iter().map(|layer| (layer.window, layer.capacity)).collect())
        })
    }

    /// Keeps only the first `seq` tokens of each sequence.
    fn crop(&self, py: Python<'_>, seq: usize) -> PyResult<()> {
        door::run(py, || self.inner.crop(seq))
    }

    /// Empties the cache.
    fn reset(&self, py: Python<'_>) -> PyResult<()> {
        door::run_here(py, || self.inner.reset())
    }

    /// Keeps only the sequences with indices `rows`, in that order.
    fn select(&self, py: Python<'_>, rows: Vec<usize>) -> PyResult<()> {
        door::run(py, || self.inner.select(&rows))
    }

    /// An independent copy of the cache.
    fn duplicate(&self, py: Python<'_>) -> PyResult<Self> {
        door::run(py, || Ok(Self { inner: self.inner.duplicate()? }))
    }

    /// Keys and values of a layer, (batch, heads, seq, head_dim) each; `None` if the cache is empty.
    fn keys_and_values(&self, py: Python<'_>, layer: usize) -> PyResult<KeysAndValues> {
        pair(py, door::run(py, || self.inner.keys_and_values(layer))?)
    }

    /// Keys and values of the sources in a layer, (batch, heads, source seq, head_dim) each; `None` if the cache is empty,
    /// or for a model without an encoder.
    fn source_keys_and_values(&self, py: Python<'_>, layer: usize) -> PyResult<KeysAndValues> {
        pair(py, door::run(py, || self.inner.source_keys_and_values(layer))?)
    }
}

fn pair(py: Python<'_>, found: Option<[HostTensor; 2]>) -> PyResult<KeysAndValues> {
    let Some([keys, values]) = found else { return Ok(None) };
    Ok(Some((to_numpy(py, keys).map(FloatArray::unbind)?, to_numpy(py, values).map(FloatArray::unbind)?)))
}
