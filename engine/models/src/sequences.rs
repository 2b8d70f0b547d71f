use std::sync::Arc;

use trustformers_core::{Error, Feed, LogitsOf, Result, Sequences};
use trustformers_nn as nn;
use trustformers_ops::{CachedSegment, EngineBackend, KvCache, int_vector};

use crate::HostTensor;
use crate::model::LoadedModel;

type LoadedDecoder<B> = LoadedModel<B, nn::DecoderModel<B>>;

/// Rows that go through the layers at once: enough for each weight to be used often, few enough for what a layer
/// computes to stay in the cache.
const ROWS_AT_ONCE: usize = 512;

/// Sequences that a decoder reads into a cache.
pub(crate) struct DecoderSequences<B: EngineBackend> {
    model: Arc<LoadedDecoder<B>>,
    /// One for each layer.
    caches: Vec<KvCache<B>>,
    lengths: Vec<usize>,
}

impl<B: EngineBackend> DecoderSequences<B> {
    pub(crate) fn new(model: Arc<LoadedDecoder<B>>, num_slots: usize) -> Self {
        let caches = (0..model.module.base().num_layers()).map(|_| KvCache::new(num_slots)).collect();
        Self { model, caches, lengths: vec![0; num_slots] }
    }

    fn check(&self, feeds: &[Feed<'_>]) -> Result<()> {
        let mut seen = vec![false; self.lengths.len()];
        for Feed { slot, tokens } in feeds {
            self.check_slot(*slot)?;
            if std::mem::replace(&mut seen[*slot], true) {
                return Err(Error::input("slot", format!("{slot} is fed twice")));
            }
            if tokens.is_empty() {
                return Err(Error::input("input_ids", "a sequence has no token to go on with"));
            }
            let vocab_size = self.vocab_size();
            let is_wrong = |id: &&i64| usize::try_from(**id).map_or(true, |id| id >= vocab_size);
            if let Some(id) = tokens.iter().find(is_wrong) {
                return Err(Error::input("input_ids", format!("id {id} is outside 0..{vocab_size} (vocab_size)")));
            }
            let len = self.lengths[*slot] + tokens.len();
            if let Some(most) = self.max_tokens().filter(|most| len > *most) {
                let message = format!("a sequence of {len} tokens is longer than the {most} positions of the model");
                return Err(Error::input("input_ids", message));
            }
        }
        let longest = feeds.iter().map(|feed| self.lengths[feed.slot] + feed.tokens.len()).max().unwrap_or(0);
        let capacity = self.caches.first().map_or(0, KvCache::capacity);
        if longest <= capacity {
            return Ok(());
        }
        // Growing doubles the room, and the old is there until the new is filled.
        let by_token = self.model.limits.cached_per_token.saturating_mul(2 * self.model.precision.dtype.size());
        let bytes = longest.saturating_mul(self.lengths.len()).saturating_mul(by_token);
        let what = format!("the keys and values of {} sequences of {longest} tokens", self.lengths.len());
        Error::check_memory(what, bytes)
    }

    fn check_slot(&self, slot: usize) -> Result<()> {
        if slot < self.lengths.len() {
            return Ok(());
        }
        Err(Error::input("slot", format!("{slot} is outside 0..{}", self.lengths.len())))
    }

    /// Reads tokens of some sequences, all of them in one pass through the layers.
    fn pass(&mut self, feeds: &[Feed<'_>], logits: Option<LogitsOf>) -> Result<Vec<f32>> {
        let segment =
            |feed: &Feed<'_>| CachedSegment { slot: feed.slot, past: self.lengths[feed.slot], rows: feed.tokens.len() };
        let segments: Vec<_> = feeds.iter().map(segment).collect();
        let position_ids: Vec<i64> =
            segments.iter().flat_map(|segment| segment.past as i64..(segment.past + segment.rows) as i64).collect();
        let ids = feeds.iter().flat_map(|feed| feed.tokens.iter().copied()).collect();
        let model = &self.model;
        let words = nn::Words::Ids(int_vector::<B>(ids, &model.device));
        let batch = nn::DecoderBatch { words, position_ids: &position_ids, segments: &segments };
        let output = model.module.base().forward(&batch, Some(&mut self.caches), nn::Kept::default());
        for segment in &segments {
            self.lengths[segment.slot] += segment.rows;
        }
        let picked = match logits {
            None => return Ok(Vec::new()),
            Some(LogitsOf::Every) => None,
            Some(LogitsOf::Last) => {
                let last = CachedSegment::starts(&segments).map(|(start, segment)| (start + segment.rows - 1) as i64);
                Some(int_vector::<B>(last.collect(), &model.device))
            }
        };
        let logits = model.module.logits(output.last_hidden_state, picked);
        logits.map_or(Ok(Vec::new()), |logits| Ok(HostTensor::read(logits)?.data))
    }
}

impl<B: EngineBackend> Sequences for DecoderSequences<B> {
    fn vocab_size(&self) -> usize {
        self.model.limits.vocab_size
    }

    fn max_tokens(&self) -> Option<usize> {
        self.model.description.max_tokens
    }

    fn num_slots(&self) -> usize {
        self.lengths.len()
    }

    fn len(&self, slot: usize) -> usize {
        self.lengths[slot]
    }

    fn read(&mut self, feeds: &[Feed<'_>], logits: LogitsOf) -> Result<Vec<f32>> {
        self.check(feeds)?;
        if feeds.iter().map(|feed| feed.tokens.len()).sum::<usize>() <= ROWS_AT_ONCE {
            return self.pass(feeds, Some(logits));
        }
        let mut all = Vec::new();
        for feed in feeds {
            let mut rest = feed.tokens;
            while !rest.is_empty() {
                let (tokens, later) = rest.split_at(ROWS_AT_ONCE.min(rest.len()));
                rest = later;
                let wanted = (logits == LogitsOf::Every || rest.is_empty()).then_some(logits);
                all.extend(self.pass(&[Feed { slot: feed.slot, tokens }], wanted)?);
            }
        }
        Ok(all)
    }

    fn copy(&mut self, from: usize, to: usize) -> Result<()> {
        self.check_slot(from)?;
        self.check_slot(to)?;
        let rows = self.lengths[from];
        if from != to && rows > 0 {
            self.caches.iter_mut().for_each(|cache| cache.copy(from, to, rows));
        }
        self.lengths[to] = rows;
        Ok(())
    }

    fn truncate(&mut self, slot: usize, len: usize) -> Result<()> {
        self.check_slot(slot)?;
        if len > self.lengths[slot] {
            let message = format!("slot {slot} has had {} tokens, fewer than {len}", self.lengths[slot]);
            return Err(Error::input("len", message));
        }
        self.lengths[slot] = len;
        Ok(())
    }
}
