use std::ops::Range;

use super::softmax::Lanes;
use crate::cpu::Kernel;

/// What is added to the scaled scores of a query and a key.
#[derive(Clone, Copy, Debug)]
pub struct Bias<'a> {
    /// May be minus infinity. **Shapes:** `[heads, keys, queries]` of the first segment, then of the next.
    pub values: &'a [f32],
    /// As many as there are, or one for all.
    pub heads: usize,
}

/// Adds the bias of one head of a sequence to scores that are not scaled yet.
pub(super) struct AddBias<'a> {
    /// `[keys][queries]`.
    pub(super) values: &'a [f32],
    pub(super) queries: usize,
    /// One divided by the scale.
    pub(super) inverse_scale: f32,
    /// `[keys][vectors]`.
    pub(super) scores: &'a mut [Lanes],
    pub(super) vectors: usize,
    /// The queries that the scores are of.
    pub(super) cols: Range<usize>,
    /// The keys that the scores are of.
    pub(super) keys: Range<usize>,
}

impl Kernel for AddBias<'_> {
    type Output = ();

    #[inline(always)]
    fn run<const FUSED: bool>(self) {
        let Self { values, queries, inverse_scale, scores, vectors, cols, keys } = self;
        for (scores, key) in scores.chunks_exact_mut(vectors).zip(keys) {
            let values = &values[key * queries + cols.start..key * queries + cols.end];
            let scores = &mut scores.as_flattened_mut()[..values.len()];
            scores.iter_mut().zip(values).for_each(|(score, value)| *score += value * inverse_scale);
        }
    }
}

/// The bias of every segment. **Shapes:** each `[heads, keys, queries]`.
pub(super) fn of_segments<'a>(
    bias: Option<Bias<'a>>,
    pairs: impl Iterator<Item = usize> + 'a,
) -> impl Iterator<Item = Option<&'a [f32]>> + 'a {
    pairs.scan(0, move |start, pairs| {
        let bias = bias.map(|bias| {
            let values = &bias.values[*start..*start + bias.heads * pairs];
            *start += values.len();
            values
        });
        Some(bias)
    })
}
