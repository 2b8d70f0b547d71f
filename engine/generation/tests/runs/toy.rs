use trustformers_core::{Error, Feed, LogitsOf, Result, Sequences};

/// The toy model of `tests/goldens/generation/toy.py`: a hash of the whole history selects the row of logits.
pub struct Toy {
    pub table: Vec<Vec<f32>>,
    pub slots: Vec<Vec<i64>>,
    pub max_tokens: Option<usize>,
    /// Whether a slot can only be truncated to nothing, as with a sliding window.
    pub forgets: bool,
    /// Calls of `read` so far; `num_tokens` and `num_copies` count the tokens read and the slots copied.
    pub num_reads: usize,
    pub num_tokens: usize,
    pub num_copies: usize,
}

impl Toy {
    pub fn new(table: Vec<Vec<f32>>, num_slots: usize) -> Self {
        let slots = vec![Vec::new(); num_slots];
        Self { table, slots, max_tokens: None, forgets: false, num_reads: 0, num_tokens: 0, num_copies: 0 }
    }

    /// A pseudorandom, mildly peaked table without a golden.
    pub fn scattered(vocab: usize, num_slots: usize) -> Self {
        let mut state = 12_345_u64;
        let mut next = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 40) as f32 / (1 << 22) as f32
        };
        Self::new((0..61).map(|_| (0..vocab).map(|_| next()).collect()).collect(), num_slots)
    }

    pub fn logits(&self, tokens: &[i64]) -> &[f32] {
        let hash = tokens.iter().fold(7, |state, token| (state * 31 + token + 1) % 10007);
        &self.table[hash as usize % self.table.len()]
    }

    fn check(&self, slot: usize) -> Result<()> {
        if slot < self.slots.len() { Ok(()) } else { Err(Error::input("slot", format!("{slot} does not exist"))) }
    }
}

impl Sequences for Toy {
    fn vocab_size(&self) -> usize {
        self.table[0].len()
    }

    fn max_tokens(&self) -> Option<usize> {
        self.max_tokens
    }

    fn num_slots(&self) -> usize {
        self.slots.len()
    }

    fn len(&self, slot: usize) -> usize {
        self.slots[slot].len()
    }

    fn truncatable_to(&self, slot: usize, len: usize) -> usize {
        if self.forgets && len < self.len(slot) { 0 } else { len }
    }

    fn read(&mut self, feeds: &[Feed<'_>], logits: LogitsOf) -> Result<Vec<f32>> {
        assert!(!feeds.is_empty(), "there is nothing to read");
        let mut slots: Vec<usize> = feeds.iter().map(|feed| feed.slot).collect();
        slots.sort_unstable();
        slots.dedup();
        assert_eq!(slots.len(), feeds.len(), "slots differ from one another");
        self.num_reads += 1;
        let mut read = Vec::new();
        for feed in feeds {
            self.check(feed.slot)?;
            assert!(!feed.tokens.is_empty(), "a feed has a token");
            for (index, &token) in feed.tokens.iter().enumerate() {
                if !(0..self.vocab_size() as i64).contains(&token) {
                    return Err(Error::input("input_ids", format!("{token} is outside the vocabulary")));
                }
                self.num_tokens += 1;
                self.slots[feed.slot].push(token);
                if logits == LogitsOf::Every || index + 1 == feed.tokens.len() {
                    read.extend_from_slice(self.logits(&self.slots[feed.slot]));
                }
            }
            assert!(self.max_tokens.is_none_or(|most| self.slots[feed.slot].len() <= most), "positions run out");
        }
        Ok(read)
    }

    fn copy(&mut self, from: usize, to: usize) -> Result<()> {
        self.check(from.max(to))?;
        assert_ne!(from, to, "a copy onto itself");
        self.num_copies += 1;
        self.slots[to] = self.slots[from].clone();
        Ok(())
    }

    fn truncate(&mut self, slot: usize, len: usize) -> Result<()> {
        self.check(slot)?;
        assert!(len <= self.slots[slot].len(), "truncation to more than there is");
        assert!(!self.forgets || self.truncatable_to(slot, len) == len, "truncation to tokens that are gone");
        self.slots[slot].truncate(len);
        Ok(())
    }
}
