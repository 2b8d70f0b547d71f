use std::mem;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use trustformers_core::Result;

use crate::cache::cached_sequences::CachedLayer;
use crate::cache::layout::refused;
use crate::cache::past_key_values::PastKeyValues;
use crate::{HostTensor, Model};

/// A key/value cache that one call at a time uses; empty until a forward pass fills it.
#[derive(Default)]
pub struct SharedCache {
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

/// Exclusive use of a [`SharedCache`] by one call; dropping the lease returns the cache.
pub struct CacheLease<'a> {
    owner: &'a Mutex<State>,
    past: Option<PastKeyValues>,
}

impl CacheLease<'_> {
    /// The cached sequences; `batch` new sequences of `model` if the cache is empty.
    ///
    /// **Errors:** `Input` if the cache belongs to another model; `Unsupported` for a model without a key/value cache.
    pub fn past(&mut self, model: &Arc<dyn Model>, batch: usize) -> Result<&mut PastKeyValues> {
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

impl CacheLease<'_> {
    /// The cached sequences, for a call that fills an empty cache itself.
    ///
    /// **Errors:** `Input` if the cache belongs to another model.
    pub fn filled(&mut self, model: &Arc<dyn Model>) -> Result<&mut Option<PastKeyValues>> {
        // A cache without tokens belongs to no model yet.
        self.past = self.past.take().filter(|past| past.seq() > 0);
        self.past.as_ref().map_or(Ok(()), |past| past.check_model(&**model))?;
        Ok(&mut self.past)
    }
}

impl Drop for CacheLease<'_> {
    fn drop(&mut self) {
        let state = match self.past.take() {
            // A panic leaves the cache in an unknown state.
            _ if thread::panicking() => State::Lost,
            Some(past) => State::Filled(past),
            None => State::Empty,
        };
        *self.owner.lock().unwrap_or_else(PoisonError::into_inner) = state;
    }
}

impl From<PastKeyValues> for SharedCache {
    fn from(past: PastKeyValues) -> Self {
        Self { state: Mutex::new(State::Filled(past)) }
    }
}

impl SharedCache {
    /// Takes exclusive use of the cache until the lease is dropped.
    ///
    /// **Errors:** `Input` if another call holds the cache, or a panic destroyed it.
    pub fn lease(&self) -> Result<CacheLease<'_>> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let past = match mem::replace(&mut *state, State::InUse) {
            State::Empty => None,
            State::Filled(past) => Some(past),
            State::InUse => return Err(refused("another call is using the cache; wait until it returns")),
            State::Lost => {
                *state = State::Lost;
                return Err(refused("the cache was lost in an internal error; create a new one"));
            }
        };
        Ok(CacheLease { owner: &self.state, past })
    }

    /// Number of sequences, and of tokens per sequence, padding included; `None` if the cache is empty.
    ///
    /// **Errors:** any error of [`SharedCache::lease`].
    pub fn shape(&self) -> Result<Option<[usize; 2]>> {
        Ok(self.lease()?.past.as_ref().map(|past| [past.batch(), past.seq()]))
    }

    /// Key/value cache of each layer; no layers if the cache is empty.
    ///
    /// **Errors:** any error of [`SharedCache::lease`].
    pub fn layers(&self) -> Result<Vec<CachedLayer>> {
        Ok(self.lease()?.past.as_ref().map(PastKeyValues::layers).unwrap_or_default())
    }

    /// Crops each sequence to its first `seq` tokens, padding included; an empty cache stays empty.
    ///
    /// **Errors:** any error of [`SharedCache::lease`] and [`PastKeyValues::crop`].
    pub fn crop(&self, seq: usize) -> Result<()> {
        self.lease()?.past.as_mut().map_or(Ok(()), |past| past.crop(seq))
    }

    /// Empties the cache.
    ///
    /// **Errors:** any error of [`SharedCache::lease`].
    pub fn reset(&self) -> Result<()> {
        self.lease()?.past = None;
        Ok(())
    }

    /// Keeps only the sequences with indices `rows`, in that order; an empty cache stays empty.
    ///
    /// **Errors:** any error of [`SharedCache::lease`] and [`PastKeyValues::select`].
    pub fn select(&self, rows: &[usize]) -> Result<()> {
        let mut lease = self.lease()?;
        if let Some(past) = &lease.past {
            lease.past = Some(past.select(rows)?);
        }
        Ok(())
    }

    /// An independent copy of the cache.
    ///
    /// **Errors:** any error of [`SharedCache::lease`] and [`PastKeyValues::select`].
    pub fn duplicate(&self) -> Result<Self> {
        let lease = self.lease()?;
        let Some(past) = &lease.past else { return Ok(Self::default()) };
        let rows: Vec<_> = (0..past.batch()).collect();
        past.select(&rows).map(Self::from)
    }

    /// Keys and values of a layer; `None` if the cache is empty.
    ///
    /// **Shapes:** `[batch, heads, seq, head_dim]` each.
    ///
    /// **Errors:** any error of [`SharedCache::lease`] and [`PastKeyValues::keys_and_values`].
    pub fn keys_and_values(&self, layer: usize) -> Result<Option<[HostTensor; 2]>> {
        self.lease()?.past.as_ref().map(|past| past.keys_and_values(layer)).transpose()
    }

    /// Keys and values of the sources in a layer; `None` if the cache is empty, or for a model without an encoder.
    ///
    /// **Shapes:** `[batch, heads, source seq, head_dim]` each.
    ///
    /// **Errors:** any error of [`SharedCache::lease`] and [`PastKeyValues::source_keys_and_values`].
    pub fn source_keys_and_values(&self, layer: usize) -> Result<Option<[HostTensor; 2]>> {
        self.lease()?.past.as_ref().map_or(Ok(None), |past| past.source_keys_and_values(layer))
    }
}
