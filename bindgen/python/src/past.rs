//! The key/value cache as a Python class.

use std::sync::{Arc, Mutex, PoisonError};

use numpy::PyArrayDyn;
use pyo3::prelude::*;
use pyo3_stub_gen::derive::{gen_stub_pyclass, gen_stub_pymethods};
use trustformers::models::{Model, PastKeyValues};
use trustformers::{Error, Result};

use crate::arrays::{FloatArray, to_numpy};
use crate::door;

/// Key/value cache of a batch for one model; empty until a forward pass fills it.
#[gen_stub_pyclass]
#[pyclass(name = "PastKeyValues", frozen)]
pub struct PyPastKeyValues {
    state: Mutex<State>,
}

#[derive(Default)]
enum State {
    #[default]
    Empty,
    Filled(PastKeyValues),
    InUse,
    Lost,
}

/// Exclusive use of a cache by one call; dropping the lease returns the cache.
pub(crate) struct Lease<'a> {
    owner: &'a Mutex<State>,
    past: Option<PastKeyValues>,
}

impl Lease<'_> {
    /// The cached sequences; `batch` new sequences if the cache is empty.
    ///
    /// **Errors:** `Input` if the cache belongs to another model.
    pub(crate) fn past(&mut self, model: &Arc<dyn Model>, batch: usize) -> Result<&mut PastKeyValues> {
        // A cache without tokens belongs to no model yet.
        let past = match self.past.take().filter(|past| past.seq() > 0) {
            Some(past) => past,
            None => PastKeyValues::new(model.clone(), batch)?,
        };
        let past = self.past.insert(past);
        past.check_model(&**model)?;
        Ok(past)
    }
}

impl Drop for Lease<'_> {
    fn drop(&mut self) {
        let state = match self.past.take() {
            // A panic leaves the cache in an unknown state.
            _ if std::thread::panicking() => State::Lost,
            Some(past) => State::Filled(past),
            None => State::Empty,
        };
        *self.owner.lock().unwrap_or_else(PoisonError::into_inner) = state;
    }
}

impl PyPastKeyValues {
    pub(crate) fn of(past: PastKeyValues) -> Self {
        Self { state: Mutex::new(State::Filled(past)) }
    }

    /// Takes the cache until the lease is dropped.
    ///
    /// **Errors:** `Input` if another call holds the cache, or a panic destroyed it.
    pub(crate) fn lease(&self) -> Result<Lease<'_>> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let past = match std::mem::replace(&mut *state, State::InUse) {
            State::Empty => None,
            State::Filled(past) => Some(past),
            State::InUse => {
                return Err(Error::input("past_key_values", "another call is using the cache; wait until it returns"));
            }
            State::Lost => {
                *state = State::Lost;
                return Err(Error::input(
                    "past_key_values",
                    "the cache was lost in an internal error; create a new one",
                ));
            }
        };
        Ok(Lease { owner: &self.state, past })
    }
}

#[gen_stub_pymethods]
#[pymethods]
impl PyPastKeyValues {
    #[new]
    fn new() -> Self {
        Self { state: Mutex::default() }
    }

    /// Number of sequences, and of tokens per sequence, padding included; `None` if the cache is empty.
    fn shape(&self, py: Python<'_>) -> PyResult<Option<(usize, usize)>> {
        door::run_here(py, || Ok(self.lease()?.past.as_ref().map(|past| (past.batch(), past.seq()))))
    }

    /// For each layer, its sliding window in tokens (`None`: full attention) and its capacity in tokens per sequence.
    fn layers(&self, py: Python<'_>) -> PyResult<Vec<(Option<usize>, usize)>> {
        door::run_here(py, || {
            let lease = self.lease()?;
            let layers = lease.past.as_ref().map(PastKeyValues::layers).unwrap_or_default();
            Ok(layers.into_iter().map(|layer| (layer.window, layer.capacity)).collect())
        })
    }

    /// Keeps only the first `seq` tokens of each sequence.
    fn crop(&self, py: Python<'_>, seq: usize) -> PyResult<()> {
        door::run(py, || self.lease()?.past.as_mut().map_or(Ok(()), |past| past.crop(seq)))
    }

    /// Empties the cache.
    fn reset(&self, py: Python<'_>) -> PyResult<()> {
        door::run_here(py, || {
            self.lease()?.past = None;
            Ok(())
        })
    }

    /// Keeps only the sequences with indices `rows`, in that order.
    fn select(&self, py: Python<'_>, rows: Vec<usize>) -> PyResult<()> {
        door::run(py, || {
            let mut lease = self.lease()?;
            if let Some(past) = &lease.past {
                lease.past = Some(past.select(&rows)?);
            }
            Ok(())
        })
    }

    /// An independent copy of the cache.
    fn duplicate(&self, py: Python<'_>) -> PyResult<Self> {
        door::run(py, || {
            let lease = self.lease()?;
            let Some(past) = &lease.past else { return Ok(Self::new()) };
            let rows: Vec<_> = (0..past.batch()).collect();
            Ok(Self::of(past.select(&rows)?))
        })
    }

    /// Keys and values of a layer, (batch, heads, seq, head_dim) each; `None` if the cache is empty.
    #[expect(clippy::type_complexity, reason = "a pair of arrays")]
    fn keys_and_values(
        &self,
        py: Python<'_>,
        layer: usize,
    ) -> PyResult<Option<(Py<PyArrayDyn<f32>>, Py<PyArrayDyn<f32>>)>> {
        let found = door::run(py, || {
            let lease = self.lease()?;
            lease.past.as_ref().map(|past| past.keys_and_values(layer)).transpose()
        })?;
        let Some([keys, values]) = found else { return Ok(None) };
        Ok(Some((to_numpy(py, keys).map(FloatArray::unbind)?, to_numpy(py, values).map(FloatArray::unbind)?)))
    }
}
