//! What a decoder remembers between calls as a Python class.

use std::sync::{Arc, Mutex, PoisonError};

use numpy::PyArrayDyn;
use pyo3::prelude::*;
use pyo3_stub_gen::derive::{gen_stub_pyclass, gen_stub_pymethods};
use trustformers::models::{Model, PastKeyValues};
use trustformers::{Error, Result};

use crate::arrays::{FloatArray, to_numpy};
use crate::door;

/// Keys and values of a batch, of one model; empty until a model reads into it.
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

/// The right of one call to a cache, which ends when it is dropped.
pub(crate) struct Lease<'a> {
    owner: &'a Mutex<State>,
    past: Option<PastKeyValues>,
}

impl Lease<'_> {
    /// What the cache holds; sequences of no tokens if nothing.
    pub(crate) fn past(&mut self, model: &Arc<dyn Model>, batch: usize) -> Result<&mut PastKeyValues> {
        // Without tokens they are nobody's yet.
        let past = match self.past.take().filter(|past| past.seq() > 0) {
            Some(past) => past,
            None => PastKeyValues::new(model.clone(), batch)?,
        };
        let past = self.past.insert(past);
        past.check_model(model)?;
        Ok(past)
    }
}

impl Drop for Lease<'_> {
    fn drop(&mut self) {
        let state = match self.past.take() {
            // What a panic left is of no use.
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
    pub(crate) fn lease(&self) -> Result<Lease<'_>> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let past = match std::mem::replace(&mut *state, State::InUse) {
            State::Empty => None,
            State::Filled(past) => Some(past),
            State::InUse => {
                return Err(Error::input("past_key_values", "another call is using them; wait for its end"));
            }
            State::Lost => {
                *state = State::Lost;
                return Err(Error::input("past_key_values", "they were lost in an error; make a new cache"));
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

    /// Sequences and tokens of each, padding included; none before a model has read into it.
    fn shape(&self, py: Python<'_>) -> PyResult<Option<(usize, usize)>> {
        door::run_here(py, || Ok(self.lease()?.past.as_ref().map(|past| (past.batch(), past.seq()))))
    }

    /// For each layer the window of its tokens, if it has one, and how many tokens a sequence has room for.
    fn layers(&self, py: Python<'_>) -> PyResult<Vec<(Option<usize>, usize)>> {
        door::run_here(py, || {
            let lease = self.lease()?;
            let layers = lease.past.as_ref().map(PastKeyValues::layers).unwrap_or_default();
            Ok(layers.into_iter().map(|layer| (layer.window, layer.capacity)).collect())
        })
    }

    /// Forgets all but the first tokens of each sequence.
    fn crop(&self, py: Python<'_>, seq: usize) -> PyResult<()> {
        door::run(py, || self.lease()?.past.as_mut().map_or(Ok(()), |past| past.crop(seq)))
    }

    /// Forgets everything.
    fn reset(&self, py: Python<'_>) -> PyResult<()> {
        door::run_here(py, || {
            self.lease()?.past = None;
            Ok(())
        })
    }

    /// Keeps these sequences, in this order.
    fn select(&self, py: Python<'_>, rows: Vec<usize>) -> PyResult<()> {
        door::run(py, || {
            let mut lease = self.lease()?;
            if let Some(past) = &lease.past {
                lease.past = Some(past.select(&rows)?);
            }
            Ok(())
        })
    }

    /// A copy that shares nothing.
    fn duplicate(&self, py: Python<'_>) -> PyResult<Self> {
        door::run(py, || {
            let lease = self.lease()?;
            let Some(past) = &lease.past else { return Ok(Self::new()) };
            let rows: Vec<_> = (0..past.batch()).collect();
            Ok(Self::of(past.select(&rows)?))
        })
    }

    /// Keys and values of a layer, (batch, heads, seq, head_dim) each; none before a model has read into it.
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
