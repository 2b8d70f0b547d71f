use std::sync::Arc;

use trustformers_core::{Error, Result};

use crate::cache::cached_sequences::{CachedLayer, CachedSequences};
use crate::cache::layout::{Layout, refused};
use crate::forward::packed_batch::PackedBatch;
use crate::output::{OutputFlags, PackedOutput};
use crate::{HostTensor, Model};

/// Key/value cache of a batch, for calls that continue from it.
pub struct PastKeyValues {
    model: Arc<dyn Model>,
    pub(crate) sequences: Box<dyn CachedSequences>,
    /// Columns of each slot's sequence.
    pub(crate) layout: Layout,
    /// Whether a call failed midway and could not be rolled back.
    is_damaged: bool,
}

impl PastKeyValues {
    /// An empty cache for `batch` sequences.
    ///
    /// **Errors:** `Unsupported` for a model without a key/value cache.
    pub fn new(model: Arc<dyn Model>, batch: usize) -> Result<Self> {
        let sequences = model.clone().cached_sequences(batch)?;
        Ok(Self { model, sequences, layout: Layout::new(batch), is_damaged: false })
    }

    /// A cache of sequences without tokens, one for each sequence of a batch.
    pub fn of(model: Arc<dyn Model>, sequences: Box<dyn CachedSequences>, batch: usize) -> Self {
        Self { model, sequences, layout: Layout::new(batch), is_damaged: false }
    }

    /// Checks that the cache belongs to `model`.
    ///
    /// **Errors:** `Input` if the cache belongs to another model.
    pub fn check_model(&self, model: &dyn Model) -> Result<()> {
        if std::ptr::addr_eq(Arc::as_ptr(&self.model), model) {
            return Ok(());
        }
        Err(refused("belong to another model; each model needs its own cache"))
    }

    /// Number of sequences.
    pub fn batch(&self) -> usize {
        self.layout.batch()
    }

    /// Number of tokens per sequence, padding included.
    pub fn seq(&self) -> usize {
        self.layout.seq()
    }

    /// Key/value cache of each layer.
    pub fn layers(&self) -> Vec<CachedLayer> {
        self.sequences.layers()
    }

    /// The columns that a call of `model` with `batch` sequences continues.
    ///
    /// **Errors:** `Input` if the cache is unusable or does not fit the call.
    pub(crate) fn layout_of(&self, model: &dyn Model, batch: usize) -> Result<&Layout> {
        self.check_usable()?;
        self.check_model(model)?;
        if batch != self.batch() {
            return Err(refused(format!("hold {} sequences, input_ids has {batch}", self.batch())));
        }
        Ok(&self.layout)
    }

    /// Runs the model on a batch that continues the cached one: it was packed for [`PastKeyValues::layout_of`].
    ///
    /// **Errors:** `Input` naming what does not fit the model or the cache; the cache is unchanged.
    pub(crate) fn forward(&mut self, batch: &PackedBatch<'_>, flags: OutputFlags<'_>) -> Result<PackedOutput> {
        if self.seq() > 0 && flags.attentions {
            return Err(Error::unsupported("output_attentions with past_key_values that hold tokens"));
        }
        let output = self.rolling_back(|sequences| sequences.forward(batch, flags))?;
        self.layout.extend(batch);
        Ok(output)
    }

    /// Crops each sequence to its first `seq` tokens, padding included.
    ///
    /// **Errors:** `Input` if there are fewer tokens, or if a sliding-window layer has dropped tokens that the next
    /// token attends to.
    pub fn crop(&mut self, seq: usize) -> Result<()> {
        self.check_usable()?;
        let found = self.seq();
        if seq > found {
            return Err(refused(format!("hold {found} tokens, fewer than {seq}")));
        }
        let lengths: Vec<_> = (0..self.batch()).map(|row| self.layout.num_tokens(row, seq)).collect();
        for (slot, len) in lengths.iter().enumerate() {
            if self.sequences.truncatable_to(slot, *len) < *len {
                let message = format!(
                    "sequence {slot} of {found} tokens cannot be cropped to {seq}: sliding-window layers have dropped \
                     tokens that the next token attends to"
                );
                return Err(refused(message));
            }
        }
        for (slot, len) in lengths.into_iter().enumerate() {
            self.sequences.truncate(slot, len)?;
        }
        self.layout.crop(seq);
        Ok(())
    }

    /// A copy of the given rows of the batch, in this order.
    ///
    /// **Errors:** `Input` for a row that does not exist; `OutOfMemory` if the copy does not fit in memory.
    pub fn select(&self, rows: &[usize]) -> Result<Self> {
        self.check_usable()?;
        let batch = self.batch();
        if let Some(row) = rows.iter().find(|row| **row >= batch) {
            return Err(refused(format!("index {row} is outside the {batch} sequences")));
        }
        let slots: Vec<_> = rows.iter().copied().map(Some).collect();
        let sequences = self.sequences.select(&slots)?;
        Ok(Self { model: self.model.clone(), sequences, layout: self.layout.select(rows), is_damaged: false })
    }

    /// Keys and values of a layer, zero at padding; a sliding-window layer has only the last tokens, which the next
    /// token attends to.
    ///
    /// **Shapes:** `[batch, heads, seq, head_dim]` each.
    ///
    /// **Errors:** `Input` for a layer that does not exist.
    pub fn keys_and_values(&self, layer: usize) -> Result<[HostTensor; 2]> {
        self.check_usable()?;
        let layers = self.layers();
        let Some(CachedLayer { num_heads, head_dim, window, .. }) = layers.get(layer).copied() else {
            return Err(refused(format!("layer {layer} is outside the model's {}", layers.len())));
        };
        let seq = window.map_or(self.seq(), |window| self.seq().min(window - 1));
        let before = self.seq() - seq;
        let shape = vec![self.batch(), num_heads, seq, head_dim];
        let mut both = [(); 2].map(|()| vec![0.0; shape.iter().product()]);
        for row in 0..self.batch() {
            let (tables, dropped) = self.sequences.rows_of(layer, row)?;
            for (index, (column, _)) in self.layout.tokens(row).enumerate() {
                if column < before || index < dropped {
                    continue;
                }
                for (out, table) in both.iter_mut().zip(&tables) {
                    let source = &table.data[(index - dropped) * num_heads * head_dim..][..num_heads * head_dim];
                    for (head, source) in source.chunks_exact(head_dim).enumerate() {
                        let to = ((row * num_heads + head) * seq + column - before) * head_dim;
                        out[to..to + head_dim].copy_from_slice(source);
                    }
                }
            }
        }
        Ok(both.map(|data| HostTensor { shape: shape.clone(), data }))
    }

    /// Keys and values of the sources in a layer, zero at padding; `None` for a model without an encoder.
    ///
    /// **Shapes:** `[batch, heads, source seq, head_dim]` each.
    ///
    /// **Errors:** `Input` for a layer that does not exist.
    pub fn source_keys_and_values(&self, layer: usize) -> Result<Option<[HostTensor; 2]>> {
        self.check_usable()?;
        let layers = self.layers();
        let Some(CachedLayer { num_heads, head_dim, .. }) = layers.get(layer).copied() else {
            return Err(refused(format!("layer {layer} is outside the model's {}", layers.len())));
        };
        let Some(source) = self.sequences.source() else { return Ok(None) };
        let shape = vec![self.batch(), num_heads, source.seq, head_dim];
        let mut both = [(); 2].map(|()| vec![0.0; shape.iter().product()]);
        for (row, columns) in source.columns.iter().enumerate().take(self.batch()) {
            let Some(tables) = self.sequences.source_rows_of(layer, row)? else { continue };
            for (out, table) in both.iter_mut().zip(&tables) {
                for (column, values) in columns.iter().zip(table.data.chunks_exact((num_heads * head_dim).max(1))) {
                    for (head, values) in values.chunks_exact(head_dim).enumerate() {
                        let to = ((row * num_heads + head) * source.seq + *column as usize) * head_dim;
                        out[to..to + head_dim].copy_from_slice(values);
                    }
                }
            }
        }
        Ok(Some(both.map(|data| HostTensor { shape: shape.clone(), data })))
    }

    /// Checks that no earlier call left the cache in an unknown state.
    ///
    /// **Errors:** `Input` if one did.
    pub(crate) fn check_usable(&self) -> Result<()> {
        if self.is_damaged { Err(refused("an earlier call failed midway; create a new cache")) } else { Ok(()) }
    }

    /// Runs the model on the cached sequences and removes what it appended if it fails.
    ///
    /// **Errors:** any error of `run`.
    pub(crate) fn rolling_back<T>(&mut self, run: impl FnOnce(&mut dyn CachedSequences) -> Result<T>) -> Result<T> {
        let lengths: Vec<_> = (0..self.batch()).map(|slot| self.sequences.len(slot)).collect();
        let outcome = run(&mut *self.sequences);
        if outcome.is_err() {
            for (slot, len) in lengths.into_iter().enumerate() {
                self.is_damaged |= self.sequences.truncate(slot, len).is_err();
            }
        }
        outcome
    }
}
