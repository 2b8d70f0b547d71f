use crate::{Error, Result};

/// The next tokens of one sequence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Feed<'a> {
    /// Slot of the sequence.
    pub slot: usize,
    /// Token ids, at least one; positions continue from the slot's length.
    pub tokens: &'a [i64],
    /// Number of tokens of the same prompt still to come in later calls. Rotary frequencies that depend on the sequence
    /// length count them, so that a prompt can be prefilled in chunks.
    pub pending: usize,
}

impl<'a> Feed<'a> {
    /// A feed without pending tokens.
    pub fn new(slot: usize, tokens: &'a [i64]) -> Self {
        Self { slot, tokens, pending: 0 }
    }
}

/// What a sequence of an encoder-decoder attends to, masked tokens included.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Source {
    /// Number of tokens.
    pub seq: usize,
    /// Token ids; empty if they are not known.
    pub input_ids: Vec<i64>,
    /// Zero at masked tokens, nonzero elsewhere; empty if no token is masked.
    pub attention_mask: Vec<i64>,
    /// Token embeddings to use in place of `input_ids`. **Shapes:** `[seq, embedding_size]`.
    pub inputs_embeds: Option<Vec<f32>>,
    /// Outputs of the encoder to use in place of encoding. **Shapes:** `[seq, hidden]`.
    pub encoder_outputs: Option<Vec<f32>>,
}

impl Source {
    /// Token ids, if they are known.
    pub fn known_ids(&self) -> Option<&[i64]> {
        Some(&self.input_ids[..]).filter(|ids| !ids.is_empty())
    }
}

/// Which tokens of a forward pass return logits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogitsOf {
    /// The last token of each feed.
    Last,
    /// Every token of every feed, computed as if the tokens were fed one at a time.
    Every,
}

/// A language model with the key/value cache of several sequences, each in its own slot.
///
/// A token's position is its index within its slot: feeds carry no padding.
pub trait Sequences: Send {
    /// Size of the vocabulary.
    fn vocab_size(&self) -> usize;

    /// Maximum sequence length; `None` unless the model has learned position embeddings.
    fn max_tokens(&self) -> Option<usize>;

    /// Number of slots.
    fn num_slots(&self) -> usize;

    /// Number of past tokens in a slot.
    fn len(&self, slot: usize) -> usize;

    /// Whether a slot has no past tokens.
    fn is_empty(&self, slot: usize) -> bool {
        self.len(slot) == 0
    }

    /// The longest prefix of at most `len` tokens that a slot can be truncated to.
    ///
    /// It can be shorter than `len` with sliding-window attention, whose cache drops keys outside the window.
    fn truncatable_to(&self, slot: usize, len: usize) -> usize {
        len.min(self.len(slot))
    }

    /// How many of a slot's first `len` tokens a prompt of `total` tokens can reuse without changing its logits.
    ///
    /// Fewer than [`Sequences::truncatable_to`] if the cached keys were rotated with another sequence length's
    /// frequencies.
    fn reusable(&self, slot: usize, len: usize, _total: usize) -> usize {
        self.truncatable_to(slot, len)
    }

    /// Runs the model on new tokens of distinct slots, appends them to the cache and returns the logits, row-major.
    ///
    /// **Shapes:** `[feeds, vocab]` with `LogitsOf::Last`, `[tokens of all feeds, vocab]` with `LogitsOf::Every`.
    ///
    /// **Errors:** `Input` for a token outside the vocabulary or a sequence that exceeds the maximum length.
    fn read(&mut self, feeds: &[Feed<'_>], logits: LogitsOf) -> Result<Vec<f32>>;

    /// Encodes the sources that the sequences of distinct slots attend to from then on. The tokens of these slots are
    /// dropped.
    ///
    /// **Errors:** `Input` naming the argument that does not fit the model; `Unsupported` for a model without an encoder
    /// and a decoder.
    fn encode(&mut self, _sources: &[(usize, &Source)]) -> Result<()> {
        Err(Error::unsupported("a source for a model without an encoder and a decoder"))
    }

    /// Copies the sequence in slot `from` to slot `to`.
    ///
    /// **Errors:** `Input` for a slot that does not exist.
    fn copy(&mut self, from: usize, to: usize) -> Result<()>;

    /// Truncates a sequence to its first `len` tokens.
    ///
    /// The tokens of the last [`Sequences::read`] can always be removed if it used [`LogitsOf::Every`].
    ///
    /// **Errors:** `Input` for a slot that does not exist, has fewer tokens or cannot be truncated that far; the
    /// sequence is unchanged then.
    fn truncate(&mut self, slot: usize, len: usize) -> Result<()>;
}
