use std::sync::Arc;

use trustformers_core::{Error, Feed, LogitsOf, Result, Sequences};

use crate::cache::cached_sequences::{CachedLayer, CachedSequences};
use crate::{HostTensor, Model, ModelInput, ModelOutput, OutputFlags};

/// What a generation goes on from.
#[derive(Clone, Copy, Debug)]
pub struct Prompts<'a> {
    /// The prompts without padding.
    pub tokens: &'a [Vec<i64>],
    /// Nonzero where they stand in a padded batch; empty if it has no padding. **Shapes:** `[prompts, seq]`.
    pub mask: &'a [i64],
    /// Slots of all prompts, in equal numbers.
    pub num_slots: usize,
}

impl Prompts<'_> {
    /// Slots of a prompt.
    fn copies(&self) -> usize {
        (self.num_slots / self.tokens.len().max(1)).max(1)
    }

    /// The mask of a prompt.
    fn mask_of(&self, index: usize) -> &[i64] {
        let seq = self.mask.len() / self.tokens.len().max(1);
        &self.mask[index * seq..][..seq]
    }
}

/// What stands in a column of a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Column {
    Padding,
    Token(i64),
    /// A token that the caller had a vector of.
    Vector,
}

/// A batch that a decoder has read, for calls that go on from it.
pub struct PastKeyValues {
    model: Arc<dyn Model>,
    sequences: Box<dyn CachedSequences>,
    /// As many for each sequence; those without padding are in the slots.
    columns: Vec<Vec<Column>>,
    /// Whether a call failed half-way and could not be taken back.
    is_damaged: bool,
}

impl PastKeyValues {
    /// Sequences of no tokens.
    ///
    /// **Errors:** `Unsupported` for a model that keeps no keys and values.
    pub fn new(model: Arc<dyn Model>, batch: usize) -> Result<Self> {
        let sequences = model.clone().cached_sequences(batch)?;
        Ok(Self { model, sequences, columns: vec![Vec::new(); batch], is_damaged: false })
    }

    /// Refuses a model whose keys and values these are not.
    ///
    /// **Errors:** `Input`.
    pub fn check_model(&self, model: &Arc<dyn Model>) -> Result<()> {
        if Arc::as_ptr(&self.model).cast::<()>() == Arc::as_ptr(model).cast::<()>() {
            return Ok(());
        }
        Err(refused("they are another model's; each model needs a cache of its own"))
    }

    /// Sequences.
    pub fn batch(&self) -> usize {
        self.columns.len()
    }

    /// Tokens of each sequence, padding included.
    pub fn seq(&self) -> usize {
        self.columns.first().map_or(0, Vec::len)
    }

    /// What each layer keeps.
    pub fn layers(&self) -> Vec<CachedLayer> {
        self.sequences.layers()
    }

    /// Runs the model on a batch that goes on from this one; its mask covers both.
    ///
    /// **Errors:** `Input` naming what does not fit the model or what was read before, which stays as it was.
    pub fn forward(&mut self, input: &ModelInput<'_>, flags: OutputFlags<'_>) -> Result<ModelOutput> {
        self.check_usable()?;
        let (batch, past, seq) = (self.batch(), self.seq(), input.seq);
        if input.batch != batch {
            return Err(refused(format!("they hold {batch} sequences, input_ids has {}", input.batch)));
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
            self.go_back(&before);
            return outcome;
        }
        for (row, columns) in self.columns.iter_mut().enumerate() {
            let column = |index: usize| match input.inputs_embeds {
                _ if !input.is_seen(index) => Column::Padding,
                None => Column::Token(input.input_ids[index]),
                Some(_) => Column::Vector,
            };
            columns.extend((row * seq..(row + 1) * seq).map(column));
        }
        outcome
    }

    /// Goes on from prompts that begin with what the sequences hold: `run` gets slots, and the tokens that each of them
    /// holds already. There are as many sequences as prompts, or as slots.
    ///
    /// What `run` reads is kept, and [`PastKeyValues::remember`] tells what it was.
    ///
    /// **Errors:** `Input` for a prompt that does not begin so, and those of `run`; what was read before stays.
    pub fn go_on<T>(
        &mut self,
        prompts: &Prompts<'_>,
        run: impl FnOnce(&mut dyn Sequences, &[Vec<i64>]) -> Result<T>,
    ) -> Result<T> {
        let held = self.held_of(prompts)?;
        if self.batch() == prompts.num_slots {
            let before = self.lengths();
            let outcome = run(&mut *self.sequences, &held);
            if outcome.is_err() {
                self.go_back(&before);
            }
            return outcome;
        }
        let mut spread = self.spread(prompts)?;
        let outcome = run(&mut *spread, &held)?;
        self.sequences = spread;
        self.columns = vec![Vec::new(); prompts.num_slots];
        Ok(outcome)
    }

    /// As [`PastKeyValues::go_on`], but that only the prompts are kept, up to their last tokens, and only if there are
    /// as many sequences.
    ///
    /// **Errors:** the same.
    pub fn go_on_beside<T>(
        &mut self,
        prompts: &Prompts<'_>,
        run: impl FnOnce(&mut dyn Sequences, &[Vec<i64>]) -> Result<T>,
    ) -> Result<T> {
        let mut held = self.held_of(prompts)?;
        if self.batch() == prompts.tokens.len() {
            self.read_prompts(prompts.tokens)?;
            self.remember(prompts, prompts.tokens.iter().map(Vec::as_slice));
            for (index, prompt) in prompts.tokens.iter().enumerate() {
                held[index * prompts.copies()] = prompt[..self.sequences.len(index)].to_vec();
            }
        }
        let mut spread = self.spread(prompts)?;
        run(&mut *spread, &held)
    }

    /// Notes what the slots hold: of each of them a beginning of `tokens`, which begin with its prompt.
    pub fn remember<'a>(&mut self, prompts: &Prompts<'_>, tokens: impl Iterator<Item = &'a [i64]>) {
        let copies = if self.batch() == prompts.num_slots { prompts.copies() } else { 1 };
        let columns = tokens.enumerate().map(|(slot, tokens)| {
            let known: Vec<_> = self.shown(slot).map(|(_, column)| column).collect();
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

    /// Forgets all but the first `seq` tokens of each sequence, padding included.
    ///
    /// **Errors:** `Input` if there are fewer, or if a layer with a window has dropped what the next token sees.
    pub fn crop(&mut self, seq: usize) -> Result<()> {
        self.check_usable()?;
        let found = self.seq();
        if seq > found {
            return Err(refused(format!("they hold {found} tokens, fewer than {seq}")));
        }
        let shown = |columns: &Vec<Column>| columns[..seq].iter().filter(|column| **column != Column::Padding).count();
        let lengths: Vec<_> = self.columns.iter().map(shown).collect();
        for (slot, len) in lengths.iter().enumerate() {
            if self.sequences.cut_to(slot, *len) < *len {
                let message = format!(
                    "sequence {slot} of {found} tokens cannot be cut to {seq}: layers with a sliding window have \
                     dropped what the next token sees"
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

    /// A copy of some of the sequences, in this order.
    ///
    /// **Errors:** `Input` for a sequence that does not exist, `OutOfMemory`.
    pub fn select(&self, rows: &[usize]) -> Result<Self> {
        self.check_usable()?;
        let batch = self.batch();
        if let Some(row) = rows.iter().find(|row| **row >= batch) {
            return Err(refused(format!("index {row} is outside their {batch} sequences")));
        }
        let slots: Vec<_> = rows.iter().copied().map(Some).collect();
        Ok(Self {
            model: self.model.clone(),
            sequences: self.sequences.select(&slots)?,
            columns: rows.iter().map(|row| self.columns[*row].clone()).collect(),
            is_damaged: false,
        })
    }

    /// Keys and values of a layer, zero at padding; with a window only those of its last tokens that the next one sees.
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
            for (index, (column, _)) in self.shown(row).enumerate() {
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
        if self.is_damaged { Err(refused("an earlier call failed half-way; make a new cache")) } else { Ok(()) }
    }

    fn lengths(&self) -> Vec<usize> {
        (0..self.batch()).map(|slot| self.sequences.len(slot)).collect()
    }

    /// Reads what is new of the prompts up to their last tokens.
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
            self.go_back(&before);
        }
        read.map(drop)
    }

    fn go_back(&mut self, lengths: &[usize]) {
        for (slot, len) in lengths.iter().enumerate() {
            self.is_damaged |= self.sequences.truncate(slot, *len).is_err();
        }
    }

    /// The columns of a row that are no padding.
    fn shown(&self, row: usize) -> impl Iterator<Item = (usize, Column)> + '_ {
        self.columns[row].iter().copied().enumerate().filter(|(_, column)| *column != Column::Padding)
    }

    /// Shows what was read and `seq` more columns.
    fn mask(&self, seq: usize) -> Vec<i64> {
        let row = |columns: &Vec<Column>| -> Vec<i64> {
            let past = columns.iter().map(|column| i64::from(*column != Column::Padding));
            past.chain(std::iter::repeat_n(1, seq)).collect()
        };
        self.columns.iter().flat_map(row).collect()
    }

    /// **Shapes:** `mask: [batch, past + seq]`.
    fn check_mask(&self, mask: &[i64], seq: usize) -> Result<()> {
        let past = self.seq();
        for (row, (columns, mask)) in self.columns.iter().zip(mask.chunks_exact(past + seq)).enumerate() {
            let differs = |(column, seen): (&Column, &i64)| (*column == Column::Padding) != (*seen == 0);
            if let Some(at) = columns.iter().zip(mask).position(differs) {
                let (found, known) = if mask[at] == 0 { ("hides", "token") } else { ("shows", "padding") };
                let message = format!("{found} row {row}, column {at}, which past_key_values hold as {known}");
                return Err(Error::input("attention_mask", message));
            }
        }
        if mask.chunks_exact(past + seq).all(|mask| mask[past..].iter().all(|seen| *seen == 0)) {
            return Err(Error::input("attention_mask", "hides every new token; there is nothing to read"));
        }
        Ok(())
    }

    /// The sequence that a slot goes on from: one slot of each prompt does.
    fn source(&self, slot: usize, prompts: &Prompts<'_>) -> Option<usize> {
        let row = if self.batch() == prompts.num_slots { slot } else { slot / prompts.copies() };
        slot.is_multiple_of(prompts.copies()).then_some(row)
    }

    /// The tokens that each slot holds, which its prompt begins with.
    fn held_of(&self, prompts: &Prompts<'_>) -> Result<Vec<Vec<i64>>> {
        self.check_usable()?;
        let (batch, count, num_slots) = (self.batch(), prompts.tokens.len(), prompts.num_slots);
        if batch != count && batch != num_slots {
            let or = if num_slots == count { String::new() } else { format!(" or {num_slots}") };
            return Err(refused(format!("they hold {batch} sequences, expected {count}{or}")));
        }
        let mut held = vec![Vec::new(); num_slots];
        for (slot, held) in held.iter_mut().enumerate() {
            let Some(row) = self.source(slot, prompts) else { continue };
            let prompt = &prompts.tokens[slot / prompts.copies()];
            let len = self.shown(row).count();
            if len > prompt.len() {
                let message = format!(
                    "they hold {len} tokens of sequence {row}, more than its prompt of {}, which must begin with them",
                    prompt.len()
                );
                return Err(refused(message));
            }
            for (index, (_, column)) in self.shown(row).enumerate() {
                if let Column::Token(token) = column
                    && token != prompt[index]
                {
                    let found = prompt[index];
                    let message = format!(
                        "the prompt of sequence {row} has token {found} at position {index} where they hold {token}; it \
                         must begin with what they hold"
                    );
                    return Err(refused(message));
                }
            }
            *held = prompt[..len].to_vec();
        }
        Ok(held)
    }

    fn spread(&self, prompts: &Prompts<'_>) -> Result<Box<dyn CachedSequences>> {
        let slots: Vec<_> = (0..prompts.num_slots).map(|slot| self.source(slot, prompts)).collect();
        self.sequences.select(&slots)
    }
}

fn refused(message: impl std::fmt::Display) -> Error {
    Error::input("past_key_values", message)
}
