use std::f32::consts::LOG2_E;
use std::ops::Range;

use super::softmax::{EXP2_F32, Lanes, exp2};
use crate::cpu::Kernel;
use crate::math::tanh;
use crate::transpose::SIDE;

/// Terms of the scaled scores before the softmax: softcap, position biases and sinks.
#[derive(Clone, Copy, Debug, Default)]
pub struct Terms<'a> {
    /// Logit softcap: scores become `cap * tanh(score / cap)`.
    pub logit_softcap: Option<f32>,
    /// Bias of the key at each position of its segment. **Shapes:** `[num_heads, positions]`.
    pub key_bias: Option<&'a [f32]>,
    /// Attention sinks: one extra logit per head in the softmax, without a value. **Shapes:** `[num_heads]`.
    pub sinks: Option<&'a [f32]>,
}

/// The terms of the query heads of a group, for unscaled scores.
#[derive(Clone, Copy)]
pub(super) struct GroupTerms<'a> {
    cap: Option<f32>,
    scale: f32,
    /// Key biases, `[group, positions]`.
    key_bias: Option<&'a [f32]>,
    /// Sink logits, `[group]`.
    sinks: Option<&'a [f32]>,
    group: usize,
}

impl<'a> GroupTerms<'a> {
    pub(super) fn new(terms: &Terms<'a>, scale: f32, num_heads: usize, first_head: usize, group: usize) -> Self {
        let of_group = |table: &'a [f32]| {
            let each = table.len() / num_heads;
            &table[first_head * each..(first_head + group) * each]
        };
        Self {
            cap: terms.logit_softcap,
            scale,
            key_bias: terms.key_bias.map(of_group),
            sinks: terms.sinks.map(of_group),
            group,
        }
    }

    /// Whether neither a softcap nor position biases change the scores.
    pub(super) fn leaves_scores(&self) -> bool {
        self.cap.is_none() && self.key_bias.is_none()
    }

    #[inline(always)]
    fn softcap<const FUSED: bool>(&self, scores: &mut Lanes) {
        let Some(cap) = self.cap else { return };
        let (factor, whole) = (self.scale / cap, cap / self.scale);
        for score in scores {
            *score = tanh::<FUSED>(*score * factor) * whole;
        }
    }

    #[inline(always)]
    fn biases_of(&self, head: usize) -> Option<&'a [f32]> {
        let key_bias = self.key_bias?;
        let each = key_bias.len() / self.group;
        Some(&key_bias[head * each..][..each])
    }

    /// Applies softcap and position biases to the scores of one query head and adjacent keys.
    #[inline(always)]
    pub(super) fn change_row<const FUSED: bool>(
        &self,
        head: usize,
        first_key: usize,
        count: usize,
        scores: &mut Lanes,
    ) {
        self.softcap::<FUSED>(scores);
        if let Some(key_bias) = self.biases_of(head) {
            let key_bias = &key_bias[first_key..][..count];
            scores.iter_mut().zip(key_bias).for_each(|(score, bias)| *score += bias / self.scale);
        }
    }

    /// The sum of a column's weights plus its head's sink weight, all relative to the largest score.
    #[inline(always)]
    pub(super) fn with_sink<const FUSED: bool>(&self, head: usize, most: f32, sum: f32) -> f32 {
        match self.sinks {
            // A query without visible keys gives zeros.
            Some(sinks) if most > f32::NEG_INFINITY => {
                // Beyond 2^100 the other weights are negligible.
                let power = (sinks[head] - most * self.scale) * LOG2_E;
                sum + exp2::<FUSED, _>(if power > 100.0 { 100.0 } else { power }, &EXP2_F32)
            }
            _ => sum,
        }
    }
}

/// Applies softcap and position biases to the scores of a tile.
pub(super) struct ChangeScores<'a> {
    pub(super) terms: GroupTerms<'a>,
    /// `[keys][vectors]`.
    pub(super) scores: &'a mut [Lanes],
    pub(super) vectors: usize,
    /// Range of the scores' columns in the sequence.
    pub(super) cols: Range<usize>,
    /// Range of the scores' keys.
    pub(super) keys: Range<usize>,
}

impl Kernel for ChangeScores<'_> {
    type Output = ();

    #[inline(always)]
    fn run<const FUSED: bool>(self) {
        let Self { terms, scores, vectors, cols, keys } = self;
        for vector in 0..cols.len().div_ceil(SIDE) {
            let mut key_bias: [&[f32]; SIDE] = [&[]; SIDE];
            for (lane, key_bias) in key_bias.iter_mut().enumerate() {
                *key_bias = terms.biases_of((cols.start + vector * SIDE + lane) % terms.group).unwrap_or_default();
            }
            for (row, key) in scores[vector..].iter_mut().step_by(vectors).zip(keys.clone()) {
                terms.softcap::<FUSED>(row);
                if terms.key_bias.is_some() {
                    for lane in 0..SIDE {
                        row[lane] += key_bias[lane][key] / terms.scale;
                    }
                }
            }
        }
    }
}

/// Adds the sinks' weights to the columns' sums.
pub(super) struct AddSinks<'a> {
    pub(super) terms: GroupTerms<'a>,
    /// Largest score of each column. **Shapes:** `[vectors]`.
    pub(super) most: &'a [Lanes],
    pub(super) sums: &'a mut [Lanes],
    /// The sequence's column of the first sum.
    pub(super) first_col: usize,
}

impl Kernel for AddSinks<'_> {
    type Output = ();

    #[inline(always)]
    fn run<const FUSED: bool>(self) {
        let Self { terms, most, sums, first_col } = self;
        let columns = sums.as_flattened_mut().iter_mut().zip(most.as_flattened());
        for (index, (sum, most)) in columns.enumerate() {
            *sum = terms.with_sink::<FUSED>((first_col + index) % terms.group, *most, *sum);
        }
    }
}
