use std::ops::Range;

/// Splits a length into parts of nearly equal size at multiples of a number.
pub(crate) struct Split {
    pub(crate) len: usize,
    pub(crate) parts: usize,
    pub(crate) multiple: usize,
}

impl Split {
    /// A part by its index.
    pub(crate) fn part(&self, index: usize) -> Range<usize> {
        let cut = |index: usize| (index * self.len / self.parts).next_multiple_of(self.multiple).min(self.len);
        cut(index)..cut(index + 1)
    }
}
