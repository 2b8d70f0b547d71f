use std::sync::Arc;

use trustformers_core::{Error, Feed, LogitsOf, Result, Sequences};

use crate::cache::cached_sequences::{CachedLayer, CachedSequences};
use crate::{HostTensor, Model, ModelInput, ModelOutput, OutputFlags};

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
    fn copies(&self) -> usize {
        (self.num_slots / self.tokens.len().max(1)).max(1)
    }

    /// Attention mask of a prompt.
    fn mask_of(&self, index: usize) -> &[i64] {
        let seq = self.mask.len() / self.tokens.len().max(1);
        &self.mask[index * seq..][..seq]
    }
}

/// A column of a sequence in a padded batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Column {
    Padding,
    Token(i64),
    /// A token from `inputs_embeds`, whose id is unknown.
    Vector,
}

/// Key/value cache of a batch, for calls that continue from it.
pub struct PastKeyValues {
    model: Arc<dyn Model>,
    sequences: Box<dyn CachedSequences>,
    /// Columns of each sequence, equally many; the slots hold the columns that are not padding.
    columns: Vec<Vec<Column>>,
    /// Whether a call failed midway and could not be rolled back.
    is_damaged: bool,
}

impl PastKeyValues {
    /// An empty cache for `batch` sequences.
    ///
    /// **Errors:** `Unsupported` for a model without a key/value cache.
    pub fn new(model: Arc<dyn Model>, batch: usize) -> Result<Self> {
        let sequences = model.clone().cached_sequences(batch)?;
        Ok(Self { model, sequences, columns: vec![Vec::new(); batch], is_damaged: false })
    }

    /// Checks that the cache belongs to `model`.
    ///
    /// **Errors:** `Input` if the cache belongs to another model.
    pub fn check_model(&self, model: &Arc<dyn Model>) -> Result<()> {
        if Arc::as_ptr(&self.model).cast::<()>() == Arc::as_ptr(model).cast::<()>() {
            return Ok(());
        }
        Err(refused("belong to another model; each model needs its own cache"))
    }

    /// Number of sequences.
    pub fn batch(&self) -> usize {
        self.columns.len()
    }

    /// Number of tokens per sequence, padding included.
    pub fn seq(&self) -> usize {
        self.columns.first().map_or(0, Vec::len)
    }

    /// Key/value cache of each layer.
    pub fn layers(&self) -> Vec<CachedLayer> {
        self.sequences.layers()
    }

    /// Runs the model on a batch that continues the cached one; the attention mask covers both.
    ///
    /// **Errors:** `Input` naming what does not fit the model or the cache; the cache is unchanged.
    pub fn forward(&mut self, input: &ModelInput<'_>, flags: OutputFlags<'_>) -> Result<ModelOutput> {
        self.check_usable()?;
        let (batch, past, seq) = (self.batch(), self.seq(), input.seq);
        if input.batch != batch {
            return Err(refused(format!("hold {batch} sequences, input_ids has {}", input.batch)));
        }
        if past > 0 && flags.attentions {
            return Err(Error::unsupported("output_attentions with past_key_values that hold tokens"));
        }
        let has_padding = self.columns.iter().flatten().any(|column| *column == Column::Padding);
        let own_mask = (has_padding && input.attention_mask.is_none()).then(|| self.mask(seq));
        let input = ModelInput { past, attention_mask: own_mask.as_deref().or(input.attention_mask), ..*input };
        if let Some(mask) = input.attention_mask.filter(|mask| mask.len() == batch * (past + seq)) {
            self.check_mask(mask, seq)?;
        }
        let before = self.lengths();
        let outcome = self.sequences.forward(&input, flags);
        if outcome.is_err() {
            self.roll_back(&before);
            return outcome;
        }
        for (row, columns) in self.columns.iter_mut().enumerate() {
            let column = |index: usize| match input.inputs_embeds {
                _ if !input.is_unmasked(index) => Column::Padding,
                None => Column::Token(input.input_ids[index]),
                Some(_) => Column::Vector,
            };
            columns.extend((row * seq..(row + 1) * seq).map(column));
        }
        outcome
    }

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
            let before = self.lengths();
            let outcome = run(&mut *self.sequences, &held);
            if outcome.is_err() {
                self.roll_back(&before);
            }
            return outcome;
        }
        let mut expanded = self.expand(prompts)?;
        let outcome = run(&mut *expanded, &held)?;
        self.sequences = expanded;
        self.columns = vec![Vec::new(); prompts.num_slots];
        Ok(outcome)
    }

    /// Continues from prompts like [`PastKeyValues::resume`], but caches only the prompts, without their last tokens,
    /// and only if the cache holds one sequence per prompt.
    ///
    /// **Errors:** `Input` for a prompt that does not begin with the cached tokens, and any error of `run`.
    pub fn resume_from_copy<T>(
        &mut self,
        prompts: &Prompts<'_>,
        run: impl FnOnce(&mut dyn Sequences, &[Vec<i64>]) -> Result<T>,
    ) -> Result<T> {
        let mut held = self.cached_tokens(prompts)?;
        if self.batch() == prompts.tokens.len() {
            self.read_prompts(prompts.tokens)?;
            self.remember(prompts, prompts.tokens.iter().map(Vec::as_slice));
            for (index, prompt) in prompts.tokens.iter().enumerate() {
                held[index * prompts.copies()] = prompt[..self.sequences.len(index)].to_vec();
            }
        }
        let mut expanded = self.expand(prompts)?;
        run(&mut *expanded, &held)
    }

    /// Records the cached tokens: each slot holds a prefix of its `tokens`, which begin with the slot's prompt.
    pub fn remember<'a>(&mut self, prompts: &Prompts<'_>, tokens: impl Iterator<Item = &'a [i64]>) {
        let copies = if self.batch() == prompts.num_slots { prompts.copies() } else { 1 };
        let columns = tokens.enumerate().map(|(slot, tokens)| {
            let known: Vec<_> = self.token_columns(slot).map(|(_, column)| column).collect();
            let column = |(at, token): (usize, &i64)| match known.get(at) {
                Some(Column::Vector) => Column::Vector,
                _ => Column::Token(*token),
            };
            let mut held = tokens.iter().enumerate().map(column).take(self.sequences.len(slot));
            let of_prompt = |seen: &i64| if *seen == 0 { None } else { held.next() };
            let of_prompt = prompts.mask_of(slot / copies).iter().map(of_prompt);
            let mut columns: Vec<_> = of_prompt.map(|column| column.unwrap_or(Column::Padding)).collect();
            columns.extend(held);
            columns
        });
        let mut columns: Vec<_> = columns.collect();
        let used = |columns: &Vec<Column>| columns.iter().rposition(|c| *c != Column::Padding).map_or(0, |at| at + 1);
        let longest = columns.iter().map(used).max().unwrap_or(0);
        columns.iter_mut().for_each(|columns| columns.resize(longest, Column::Padding));
        self.columns = columns;
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
        let shown = |columns: &Vec<Column>| columns[..seq].iter().filter(|column| **column != Column::Padding).count();
        let lengths: Vec<_> = self.columns.iter().map(shown).collect();
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
        self.columns.iter_mut().for_each(|columns| columns.truncate(seq));
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
        Ok(Self {
            model: self.model.clone(),
            sequences: self.sequences.select(&slots)?,
            columns: rows.iter().map(|row| self.columns[*row].clone()).collect(),
            is_damaged: false,
        })
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
            for (index, (column, _)) in self.token_columns(row).enumerate() {
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

    fn check_usable(&self) -> Result<()> {
        if self.is_damaged { Err(refused("an earlier call failed midway; create a new cache")) } else { Ok(()) }
    }

    fn lengths(&self) -> Vec<usize> {
        (0..self.batch()).map(|slot| self.sequences.len(slot)).collect()
    }

    /// Reads the prompts' tokens that are not cached yet, except the last.
    fn read_prompts(&mut self, prompts: &[Vec<i64>]) -> Result<()> {
        let before = self.lengths();
        let unread = prompts.iter().enumerate().filter_map(|(slot, prompt)| match prompt.get(before[slot]..) {
            Some([tokens @ .., _]) if !tokens.is_empty() => Some(Feed { slot, tokens, pending: 1 }),
            _ => None,
        });
        let unread: Vec<_> = unread.collect();
        if unread.is_empty() {
            return Ok(());
        }
        let read = self.sequences.read(&unread, LogitsOf::Last);
        if read.is_err() {
            self.roll_back(&before);
        }
        read.map(drop)
    }

    fn roll_back(&mut self, lengths: &[usize]) {
        for (slot, len) in lengths.iter().enumerate() {
            self.is_damaged |= self.sequences.truncate(slot, *len).is_err();
        }
    }

    /// The columns of a row that are not padding.
    fn token_columns(&self, row: usize) -> impl Iterator<Item = (usize, Column)> + '_ {
        self.columns[row].iter().copied().enumerate().filter(|(_, column)| *column != Column::Padding)
    }

    /// Attention mask of the cached columns and `seq` new ones.
    fn mask(&self, seq: usize) -> Vec<i64> {
        let row = |columns: &Vec<Column>| -> Vec<i64> {
            let past = columns.iter().map(|column| i64::from(*column != Column::Padding));
            past.chain(std::iter::repeat_n(1, seq)).collect()
        };
        self.columns.iter().flat_map(row).collect()
    }

    /// Checks that a mask agrees with the cached padding. **Shapes:** `mask: [batch, past + seq]`.
    fn check_mask(&self, mask: &[i64], seq: usize) -> Result<()> {
        let past = self.seq();
        for (row, (columns, mask)) in self.columns.iter().zip(mask.chunks_exact(past + seq)).enumerate() {
            let differs = |(column, seen): (&Column, &i64)| (*column == Column::Padding) != (*seen == 0);
            if let Some(at) = columns.iter().zip(mask).position(differs) {
                let known = if mask[at] == 0 { "a token" } else { "padding" };
                let found = mask[at];
                let message = format!("is {found} at row {row}, column {at}, which past_key_values hold as {known}");
                return Err(Error::input("attention_mask", message));
            }
        }
        if mask.chunks_exact(past + seq).all(|mask| mask[past..].iter().all(|seen| *seen == 0)) {
            return Err(Error::input("attention_mask", "masks every new token; at least one must be unmasked"));
        }
        Ok(())
    }

    /// The cached sequence that a slot continues; only the first slot of each prompt has one.
    fn source(&self, slot: usize, prompts: &Prompts<'_>) -> Option<usize> {
        let row = if self.batch() == prompts.num_slots { slot } else { slot / prompts.copies() };
        slot.is_multiple_of(prompts.copies()).then_some(row)
    }

    /// The cached tokens of each slot, checked to be a prefix of the slot's prompt.
    fn cached_tokens(&self, prompts: &Prompts<'_>) -> Result<Vec<Vec<i64>>> {
        self.check_usable()?;
        let (batch, count, num_slots) = (self.batch(), prompts.tokens.len(), prompts.num_slots);
        if batch != count && batch != num_slots {
            let or = if num_slots == count { String::new() } else { format!(" or {num_slots}") };
            return Err(refused(format!("hold {batch} sequences, expected {count}{or}")));
        }
        let mut held = vec![Vec::new(); num_slots];
        for (slot, held) in held.iter_mut().enumerate() {
            let Some(row) = self.source(slot, prompts) else { continue };
            let prompt = &prompts.tokens[slot / prompts.copies()];
            let len = self.token_columns(row).count();
            if len > prompt.len() {
                let message = format!(
                    "hold {len} tokens of sequence {row}, more than its prompt of {}, which must begin with them",
                    prompt.len()
                );
                return Err(refused(message));
            }
            for (index, (_, column)) in self.token_columns(row).enumerate() {
                if let Column::Token(token) = column
                    && token != prompt[index]
                {
                    let found = prompt[index];
                    let message = format!(
                        "hold token {token} at position {index} of sequence {row} where its prompt has {found}; the \
                         prompt must begin with the cached tokens"
                    );
                    return Err(refused(message));
                }
            }
            *held = prompt[..len].to_vec();
        }
        Ok(held)
    }

    fn expand(&self, prompts: &Prompts<'_>) -> Result<Box<dyn CachedSequences>> {
        let slots: Vec<_> = (0..prompts.num_slots).map(|slot| self.source(slot, prompts)).collect();
        self.sequences.select(&slots)
    }
}

fn refused(message: impl std::fmt::Display) -> Error {
    Error::input("past_key_values", message)
}
