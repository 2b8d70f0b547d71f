use super::Segment;

/// A segment with its output row, mask and bias.
#[derive(Clone, Copy)]
pub(super) struct Sequence<'a> {
    pub(super) segment: Segment,
    /// First row of the output.
    pub(super) out_start: usize,
    /// `[queries, keys]`.
    pub(super) hidden: Option<&'a [bool]>,
    /// `[heads, keys, queries]`.
    pub(super) bias: Option<&'a [f32]>,
    pub(super) is_causal: bool,
}

impl Sequence<'_> {
    /// Number of leading keys that are visible to a query.
    pub(super) fn visible(&self, query: usize) -> usize {
        let Segment { queries, keys, .. } = self.segment;
        if self.is_causal { (query + 1 + keys).saturating_sub(queries).min(keys) } else { keys }
    }
}
