use crate::Result;

/// The tokens that one sequence reads next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Feed<'a> {
    /// The sequence's slot.
    pub slot: usize,
    /// The tokens, at least one; their positions go on from the slot's length.
    pub tokens: &'a [i64],
    /// Tokens of the same prompt that later reads bring. Rotary frequencies that depend on the length of the sequence
    /// count them, so that a prompt can be read in parts.
    pub pending: usize,
}

impl<'a> Feed<'a> {
    /// Tokens after which no more are known.
    pub fn new(slot: usize, tokens: &'a [i64]) -> Self {
        Self { slot, tokens, pending: 0 }
    }
}

/// Which of the tokens that are read give logits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogitsOf {
    /// The last token of each feed.
    Last,
    /// Every token of every feed, as if each token were read by itself.
    Every,
}

/// Sequences that a language model reads token by token, each in a slot, with what it remembers of them.
///
/// A token's position is its index within its slot: padding is removed before.
pub trait Sequences: Send {
    /// How many logits a token gives.
    fn vocab_size(&self) -> usize;

    /// The most tokens that a sequence may have, if the positions have learned vectors.
    fn max_tokens(&self) -> Option<usize>;

    /// How many sequences there is room for.
    fn num_slots(&self) -> usize;

    /// How many tokens the sequence in a slot has had.
    fn len(&self, slot: usize) -> usize;

    /// Whether the sequence in a slot has had no tokens.
    fn is_empty(&self, slot: usize) -> bool {
        self.len(slot) == 0
    }

    /// How many tokens are left when a sequence is cut to its first `len` or, where it cannot be, to fewer.
    ///
    /// A model that sees no further than a window does not keep what came before for long.
    fn cut_to(&self, slot: usize, len: usize) -> usize {
        len.min(self.len(slot))
    }

    /// How many of the first `len` tokens of a slot a prompt of `total` tokens can keep, so that its logits are those of
    /// a prompt that was read as a whole.
    ///
    /// Fewer than [`Sequences::cut_to`] where the keys were rotated by frequencies of another sequence length.
    fn reusable(&self, slot: usize, len: usize, _total: usize) -> usize {
        self.cut_to(slot, len)
    }

    /// Reads on in slots that differ from one another, and returns the logits, row-major.
    ///
    /// **Shapes:** `[feeds, vocab]` with `LogitsOf::Last`, `[tokens of all feeds, vocab]` with `LogitsOf::Every`.
    ///
    /// **Errors:** `Input` for a token outside the vocabulary or a sequence that becomes too long.
    fn read(&mut self, feeds: &[Feed<'_>], logits: LogitsOf) -> Result<Vec<f32>>;

    /// Makes slot `to` hold what slot `from` holds.
    ///
    /// **Errors:** `Input` for a slot that does not exist.
    fn copy(&mut self, from: usize, to: usize) -> Result<()>;

    /// Forgets all but the first `len` tokens of a sequence.
    ///
    /// What one read has read can be forgotten after it, where it gave the logits of every token.
    ///
    /// **Errors:** `Input` for a slot that does not exist, that has had fewer tokens or that cannot be cut so far back;
    /// nothing is forgotten then.
    fn truncate(&mut self, slot: usize, len: usize) -> Result<()>;
}
