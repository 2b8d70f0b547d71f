use std::ops::Range;

use super::softmax::Lanes;
use crate::cpu::Kernel;

/// Additive bias of the scaled attention scores.
#[derive(Clone, Copy, Debug)]
pub struct Bias<'a> {
    /// Bias values, which may be minus infinity. **Shapes:** `[heads, keys, queries]` per segment, concatenated.
    pub values: &'a [f32],
    /// Number of bias heads: `num_heads`, or 1 for a bias shared by all heads.
    pub heads: usize,
}

/// Adds the bias of one head of a sequence to unscaled scores.
pub(super) struct AddBias<'a> {
    /// `[keys][queries]`.
    pub(super) values: &'a [f32],
    pub(super) queries: usize,
    /// One divided by the scale.
    pub(super) inverse_scale: f32,
    /// `[keys][vectors]`.
    pub(super) scores: &'a mut [Lanes],
    pub(super) vectors: usize,
    /// Range of the scores' queries.
    pub(super) cols: Range<usize>,
    /// Range of the scores' keys.
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

/// Splits the bias by segment. **Shapes:** `[heads, keys, queries]` each.
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
