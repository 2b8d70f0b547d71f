use trustformers_core::{Result, Sequences};

use crate::cache::cached_sequences::CachedSequences;
use crate::cache::layout::{Column, Layout, refused};
use crate::cache::past_key_values::PastKeyValues;

/// Prompts of a generation that continues from a cache.
#[derive(Clone, Copy, Debug)]
pub struct Prompts<'a> {
    /// Tokens of each prompt, without padding.
    pub tokens: &'a [Vec<i64>],
    /// Attention mask of the padded prompts; empty if there is no padding. **Shapes:** `[prompts, seq]`.
    pub mask: &'a [i64],
    /// Number of slots, equally many for each prompt.
    pub num_slots: usize,
}

impl Prompts<'_> {
    /// Number of slots per prompt.
    pub(crate) fn copies(&self) -> usize {
        (self.num_slots / self.tokens.len().max(1)).max(1)
    }

    /// Attention mask of a prompt.
    fn mask_of(&self, index: usize) -> &[i64] {
        let seq = self.mask.len() / self.tokens.len().max(1);
        &self.mask[index * seq..][..seq]
    }
}

impl PastKeyValues {
    /// Continues from prompts that begin with the cached tokens: `run` gets the sequences and the tokens that each
    /// slot already holds. The cache holds one sequence per prompt or per slot.
    ///
    /// Tokens that `run` reads stay in the cache; [`PastKeyValues::remember`] records them.
    ///
    /// **Errors:** `Input` for a prompt that does not begin with the cached tokens, and any error of `run`; the cache
    /// is unchanged.
    pub fn resume<T>(
        &mut self,
        prompts: &Prompts<'_>,
        run: impl FnOnce(&mut dyn Sequences, &[Vec<i64>]) -> Result<T>,
    ) -> Result<T> {
        let held = self.cached_tokens(prompts)?;
        if self.batch() == prompts.num_slots {
            return self.rolling_back(|sequences| run(sequences, &held));
        }
        let mut expanded = self.expanded(prompts)?;
        let outcome = run(&mut *expanded, &held)?;
        self.sequences = expanded;
        self.layout = Layout::new(prompts.num_slots);
        Ok(outcome)
    }

    /// Records the cached tokens: each slot holds a prefix of its `tokens`, which begin with the slot's prompt.
    pub fn remember<'a>(&mut self, prompts: &Prompts<'_>, tokens: impl Iterator<Item = &'a [i64]>) {
        let copies = if self.batch() == prompts.num_slots { prompts.copies() } else { 1 };
        let rows = tokens.enumerate().map(|(slot, tokens)| {
            let mut known = self.layout.tokens(slot);
            let held = tokens.iter().take(self.sequences.len(slot)).map(|id| match known.next() {
                Some((_, Column::Embedding)) => Column::Embedding,
                _ => Column::Id(*id),
            });
            Layout::arranged(prompts.mask_of(slot / copies), held)
        });
        self.layout = Layout::of_rows(rows.collect());
    }

    /// The cached tokens of each slot, checked to be a prefix of the slot's prompt.
    pub(crate) fn cached_tokens(&self, prompts: &Prompts<'_>) -> Result<Vec<Vec<i64>>> {
        self.check_usable()?;
        let (batch, count, num_slots) = (self.batch(), prompts.tokens.len(), prompts.num_slots);
        if batch != count && batch != num_slots {
            let or = if num_slots == count { String::new() } else { format!(" or {num_slots}") };
            return Err(refused(format!("hold {batch} sequences, expected {count}{or}")));
        }
        let held = |slot: usize| match self.source(slot, prompts) {
            None => Ok(Vec::new()),
            Some(row) => self.layout.prefix(row, &prompts.tokens[slot / prompts.copies()]).map(<[i64]>::to_vec),
        };
        (0..num_slots).map(held).collect()
    }

    /// A copy of the cached sequences with a slot for each copy of a prompt, of which the first holds the sequence.
    ///
    /// **Errors:** `OutOfMemory` if the copy does not fit in memory.
    pub(crate) fn expanded(&self, prompts: &Prompts<'_>) -> Result<Box<dyn CachedSequences>> {
        let slots: Vec<_> = (0..prompts.num_slots).map(|slot| self.source(slot, prompts)).collect();
        self.sequences.select(&slots)
    }

    /// The cached sequence that a slot continues; only the first slot of each prompt has one.
    fn source(&self, slot: usize, prompts: &Prompts<'_>) -> Option<usize> {
        let row = if self.batch() == prompts.num_slots { slot } else { slot / prompts.copies() };
        slot.is_multiple_of(prompts.copies()).then_some(row)
    }
}
