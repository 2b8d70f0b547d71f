use std::sync::Arc;

use trustformers_core::{Error, Feed, LogitsOf, Result, Sequences, Source};
use trustformers_nn as nn;
use trustformers_ops::EngineBackend;

use crate::cache::cached_sequences::{CachedLayer, CachedSequences, SourceLayout};
use crate::cache::history::Histories;
use crate::cache::layer_caches::{CacheSlots, LayerCaches, ROWS_AT_ONCE};
use crate::cache::positions::PromptPositions;
use crate::cache::sources::Sources;
use crate::forward::decoding::{Decoding, gaps_of_relative_positions};
use crate::forward::packed_batch::PackedBatch;
use crate::model::LoadedModel;
use crate::output::{OutputFlags, PackedOutput};
use crate::{HostTensor, SequenceInput};

/// Sequences of a decoder with a key/value cache.
pub(crate) struct DecoderSequences<B: EngineBackend, M> {
    model: Arc<LoadedModel<M>>,
    cache: LayerCaches<B>,
}

impl<B: EngineBackend, M: Decoding<B>> DecoderSequences<B, M> {
    /// Sequences without tokens, which attend to `sources` if the model has an encoder.
    pub(crate) fn new(model: Arc<LoadedModel<M>>, num_slots: usize, sources: Option<Sources<B>>) -> Self {
        let base = model.module.stack();
        let cache = LayerCaches {
            layers: base.caches(num_slots),
            lengths: vec![0; num_slots],
            rope_lengths: vec![None; num_slots],
            positions: vec![None; num_slots],
            sources,
            histories: base.recomputes_beyond().map(|limit| Histories::new(limit, num_slots)),
        };
        Self { model, cache }
    }

    fn number_bytes(&self) -> usize {
        self.model.precision.dtype.size()
    }

    fn check(&self, feeds: &[Feed<'_>]) -> Result<()> {
        let lengths = &self.cache.lengths;
        let argument = if self.cache.sources.is_some() { "decoder_input_ids" } else { "input_ids" };
        let mut seen = vec![false; lengths.len()];
        for Feed { slot, tokens, .. } in feeds {
            self.check_slot(*slot)?;
            if std::mem::replace(&mut seen[*slot], true) {
                return Err(Error::input("slot", format!("{slot} is fed twice")));
            }
            if self.cache.sources.as_ref().is_some_and(|sources| !sources.has_source(*slot)) {
                return Err(Error::unsupported("generation of an encoder-decoder without a source"));
            }
            if tokens.is_empty() {
                return Err(Error::input(argument, "a sequence has no new token"));
            }
            let vocab_size = self.vocab_size();
            let is_wrong = |id: &&i64| usize::try_from(**id).map_or(true, |id| id >= vocab_size);
            if let Some(id) = tokens.iter().find(is_wrong) {
                return Err(Error::input(argument, format!("id {id} is outside 0..{vocab_size} (vocab_size)")));
            }
            let padding = self.cache.positions[*slot].as_ref().map_or(0, |positions| positions.num_padding);
            let len = lengths[*slot] + padding + tokens.len();
            if let Some(most) = self.max_tokens().filter(|most| len > *most) {
                let message = format!("a sequence of {len} tokens is longer than the model's {most} positions");
                return Err(Error::input(argument, message));
            }
        }
        self.cache.check_room(feeds.iter().map(|feed| (feed.slot, feed.tokens.len())), self.number_bytes())
    }

    fn check_slot(&self, slot: usize) -> Result<()> {
        if slot < self.cache.lengths.len() {
            return Ok(());
        }
        Err(Error::input("slot", format!("{slot} is outside 0..{}", self.cache.lengths.len())))
    }

    fn can_truncate(&self, slot: usize, len: usize) -> bool {
        self.cache.layers.iter().all(|cache| cache.can_truncate(slot, len))
    }

    /// Reads sequences that do not cross the length limit beyond which keys are recomputed.
    fn read_on_one_side(&mut self, feeds: &[Feed<'_>], logits: LogitsOf) -> Result<Vec<f32>> {
        let end = |feed: &Feed<'_>| (feed.slot, self.len(feed.slot) + feed.tokens.len() + feed.pending);
        let ends: Vec<_> = feeds.iter().map(end).collect();
        let continued = feeds.iter().map(|feed| (self.len(feed.slot), feed.tokens));
        let mut batch = PackedBatch::of_ids(continued, self.model.limits.reserved());
        let starts: Vec<_> = batch.segments.starts().collect();
        for ((start, segment), Feed { slot, .. }) in starts.into_iter().zip(feeds) {
            if let Some(positions) = &self.cache.positions[*slot] {
                let rows = batch.position_ids[start..start + segment.rows].iter_mut().zip(self.cache.lengths[*slot]..);
                rows.for_each(|(position, index)| *position = positions.of(index));
            }
        }
        self.cache.follow_lengths(&self.model, &ends)?;
        let rope_length = |(_, end): &(usize, usize)| match logits {
            LogitsOf::Last => nn::RopeLength::Whole(*end),
            LogitsOf::Every => nn::RopeLength::EachToken,
        };
        let rope_lengths: Vec<_> = ends.iter().map(rope_length).collect();
        let last: Vec<_> = batch.segments.starts().map(|(start, segment)| start + segment.rows - 1).collect();
        let logits_rows = (logits == LogitsOf::Last).then_some(&last[..]);
        // Between passes a sliding-window layer drops rows that it needs if tokens are rolled back.
        let may_roll_back = logits == LogitsOf::Every && self.cache.layers.iter().any(|cache| cache.window().is_some());
        let slots: Vec<_> = feeds.iter().map(|feed| feed.slot).collect();
        let rows_at_once = if may_roll_back { usize::MAX } else { ROWS_AT_ONCE };
        let slots = CacheSlots { caches: &mut self.cache, slots: &slots, rows_at_once };
        let flags = OutputFlags { logits_rows, ..OutputFlags::default() };
        let output = self.model.run(&batch, flags, &rope_lengths, Some(slots))?;
        Ok(output.logits.into_tensor().map_or_else(Vec::new, |logits| logits.data))
    }
}

impl<B: EngineBackend, M: Decoding<B>> Sequences for DecoderSequences<B, M> {
    fn vocab_size(&self) -> usize {
        self.model.limits.vocab_size
    }

    fn max_tokens(&self) -> Option<usize> {
        self.model.description.max_tokens
    }

    fn num_slots(&self) -> usize {
        self.cache.lengths.len()
    }

    fn len(&self, slot: usize) -> usize {
        self.cache.lengths[slot]
    }

    fn truncatable_to(&self, slot: usize, len: usize) -> usize {
        let len = len.min(self.len(slot));
        if len == self.len(slot) || self.can_truncate(slot, len) { len } else { 0 }
    }

    fn reusable(&self, slot: usize, len: usize, total: usize) -> usize {
        let base = self.model.module.stack();
        let is_equal =
            |(least, most): (usize, usize)| base.has_equal_ropes(least, total) && base.has_equal_ropes(most, total);
        let is_kept = self.cache.histories.is_some() || self.cache.rope_lengths[slot].is_none_or(is_equal);
        if is_kept { self.truncatable_to(slot, len) } else { 0 }
    }

    fn read(&mut self, feeds: &[Feed<'_>], logits: LogitsOf) -> Result<Vec<f32>> {
        self.check(feeds)?;
        let Some(limit) = self.cache.histories.as_ref().map(Histories::limit) else {
            return self.read_on_one_side(feeds, logits);
        };
        let within = |feed: &Feed<'_>| limit.saturating_sub(self.cache.lengths[feed.slot]).min(feed.tokens.len());
        let split: Vec<_> = feeds.iter().map(within).collect();
        let crosses = |(feed, within): (&Feed<'_>, &usize)| *within > 0 && *within < feed.tokens.len();
        if logits == LogitsOf::Last || !feeds.iter().zip(&split).any(crosses) {
            return self.read_on_one_side(feeds, logits);
        }
        let mut all = Vec::new();
        for (feed, within) in feeds.iter().zip(split) {
            let (short, long) = feed.tokens.split_at(within);
            for tokens in [short, long].into_iter().filter(|tokens| !tokens.is_empty()) {
                all.extend(self.read_on_one_side(&[Feed::new(feed.slot, tokens)], logits)?);
            }
        }
        Ok(all)
    }

    fn encode(&mut self, sources: &[(usize, &Source)]) -> Result<()> {
        sources.iter().try_for_each(|(slot, _)| self.check_slot(*slot))?;
        let Some(encoded) = &mut self.cache.sources else {
            return Err(Error::unsupported("a source for a model without an encoder and a decoder"));
        };
        // A batch has one kind of input.
        let kind = |source: &Source| (source.encoder_outputs.is_some(), source.inputs_embeds.is_some());
        let mut kinds: Vec<_> = sources.iter().map(|(_, source)| kind(source)).collect();
        kinds.sort_unstable();
        kinds.dedup();
        for wanted in kinds {
            let alike = sources.iter().copied().filter(|(_, source)| kind(source) == wanted);
            let (slots, sequences): (Vec<_>, Vec<_>) = alike.map(|(slot, source)| (slot, source_input(source))).unzip();
            let (is_encoded, _) = wanted;
            M::encode(&self.model, &sequences, is_encoded, encoded, &slots)?;
        }
        for (slot, _) in sources {
            self.cache.lengths[*slot] = 0;
            self.cache.positions[*slot] = None;
        }
        Ok(())
    }

    fn copy(&mut self, from: usize, to: usize) -> Result<()> {
        self.check_slot(from)?;
        self.check_slot(to)?;
        let rows = self.cache.lengths[from];
        if from != to && rows > 0 {
            self.cache.layers.iter_mut().for_each(|cache| cache.copy(from, to, rows));
        }
        self.cache.lengths[to] = rows;
        if let Some(sources) = &mut self.cache.sources {
            sources.of_slots[to] = sources.of_slots[from];
        }
        self.cache.rope_lengths[to] = self.cache.rope_lengths[from];
        self.cache.positions[to] = self.cache.positions[from].clone();
        if let Some(histories) = &mut self.cache.histories {
            histories.copy(from, to, rows);
        }
        Ok(())
    }

    fn truncate(&mut self, slot: usize, len: usize) -> Result<()> {
        self.check_slot(slot)?;
        let found = self.len(slot);
        if len > found {
            return Err(Error::input("len", format!("slot {slot} holds {found} tokens, fewer than {len}")));
        }
        if self.truncatable_to(slot, len) < len {
            if self.cache.histories.is_some() {
                return self.cache.recompute(&self.model, slot, len);
            }
            let message = format!(
                "slot {slot} of {found} tokens cannot be truncated to {len}: sliding-window layers have dropped tokens \
                 that the next token attends to"
            );
            return Err(Error::input("len", message));
        }
        self.cache.lengths[slot] = len;
        Ok(())
    }
}

impl<B: EngineBackend, M: Decoding<B>> CachedSequences for DecoderSequences<B, M> {
    fn forward(&mut self, batch: &PackedBatch<'_>, flags: OutputFlags<'_>) -> Result<PackedOutput> {
        let slots: Vec<_> = (0..batch.num_sequences()).collect();
        slots.last().map_or(Ok(()), |slot| self.check_slot(*slot))?;
        let rows = batch.segments.0.iter().map(|segment| segment.rows);
        self.cache.check_room(rows.enumerate(), self.number_bytes())?;
        let read: Vec<_> = batch.lengths().enumerate().filter(|(_, length)| *length > 0).collect();
        self.cache.follow_lengths(&self.model, &read)?;
        let rope_lengths: Vec<_> = batch.lengths().map(nn::RopeLength::Whole).collect();
        // Attention weights and classifications are those of whole sequences.
        let head = self.model.description.head;
        let is_whole = flags.attentions || !(head.is_per_token() || head.is_absent());
        let rows_at_once = if is_whole { usize::MAX } else { ROWS_AT_ONCE };
        let slots = CacheSlots { caches: &mut self.cache, slots: &slots, rows_at_once };
        self.model.run(batch, flags, &rope_lengths, Some(slots))
    }

    fn place(&mut self, slot: usize, input_ids: &[i64], mask: &[i64]) -> Result<()> {
        self.check_slot(slot)?;
        let unmasked: Vec<_> = (0..mask.len()).filter(|column| mask[*column] != 0).collect();
        if self.model.module.stack().has_relative_bias() && unmasked.windows(2).any(|pair| pair[1] != pair[0] + 1) {
            return Err(gaps_of_relative_positions());
        }
        self.cache.positions[slot] = Some(PromptPositions::new(input_ids, mask, &self.model.limits)?);
        Ok(())
    }

    fn select(&self, slots: &[Option<usize>]) -> Result<Box<dyn CachedSequences>> {
        let tables = self.cache.layers.iter().map(|cache| cache.bytes(slots.len(), self.number_bytes()));
        let what = format!("the keys and values of {} sequences", slots.len());
        Error::check_memory(what, tables.fold(0, usize::saturating_add))?;
        Ok(Box::new(Self { model: self.model.clone(), cache: self.cache.select(slots) }))
    }

    fn layers(&self) -> Vec<CachedLayer> {
        let layers = self.cache.layers.iter().zip(self.model.module.stack().num_kv_heads());
        layers
            .map(|(cache, num_heads)| CachedLayer {
                num_heads,
                head_dim: cache.width() / num_heads,
                window: cache.window(),
                capacity: cache.capacity(),
            })
            .collect()
    }

    fn rows_of(&self, layer: usize, slot: usize) -> Result<([HostTensor; 2], usize)> {
        let cache = &self.cache.layers[layer];
        match cache.rows_of(slot, self.cache.lengths[slot]) {
            Some(([keys, values], first)) => Ok(([HostTensor::read(keys)?, HostTensor::read(values)?], first)),
            None => {
                let none = || HostTensor { shape: vec![0, cache.width()], data: Vec::new() };
                Ok(([none(), none()], 0))
            }
        }
    }

    fn source(&self) -> Option<SourceLayout<'_>> {
        let Sources { sources, of_slots, seq, .. } = self.cache.sources.as_ref()?;
        let columns = of_slots.iter().map(|source| &sources[*source].columns[..]);
        Some(SourceLayout { columns: columns.collect(), seq: *seq })
    }

    fn source_rows_of(&self, layer: usize, slot: usize) -> Result<Option<[HostTensor; 2]>> {
        let Some(sources) = &self.cache.sources else { return Ok(None) };
        let source = sources.of_slots[slot];
        let rows = sources.layers[layer].rows_of(source, sources.sources[source].columns.len());
        let Some(([keys, values], _)) = rows else { return Ok(None) };
        Ok(Some([HostTensor::read(keys)?, HostTensor::read(values)?]))
    }
}

/// The input of the encoder for a source.
fn source_input(source: &Source) -> SequenceInput<'_> {
    let vectors = source.encoder_outputs.as_deref().or(source.inputs_embeds.as_deref());
    SequenceInput {
        input_ids: if vectors.is_some() { &[] } else { &source.input_ids },
        inputs_embeds: vectors,
        attention_mask: Some(&source.attention_mask[..]).filter(|mask| !mask.is_empty()),
        ..SequenceInput::default()
    }
}
