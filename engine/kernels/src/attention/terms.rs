use std::f32::consts::LOG2_E;
use std::ops::Range;

use super::softmax::{EXP2_F32, Lanes, exp2};
use super::transpose::SIDE;
use crate::cpu::Kernel;
use crate::math::tanh;

/// What becomes of the scaled scores of each head before the softmax.
#[derive(Clone, Copy, Debug, Default)]
pub struct Terms<'a> {
    /// What scores are bent to stay below: `cap * tanh(score / cap)`.
    pub logit_softcap: Option<f32>,
    /// What the key at each place of its segment adds. **Shapes:** `[num_heads, places]`.
    pub places: Option<&'a [f32]>,
    /// A score that takes its share of the weights and has no value. **Shapes:** `[num_heads]`.
    pub sinks: Option<&'a [f32]>,
}

/// The terms of the heads that share some keys, for scores that are not scaled yet.
#[derive(Clone, Copy)]
pub(super) struct GroupTerms<'a> {
    cap: Option<f32>,
    scale: f32,
    /// `[group, places]`.
    places: Option<&'a [f32]>,
    /// `[group]`.
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
            places: terms.places.map(of_group),
            sinks: terms.sinks.map(of_group),
            group,
        }
    }

    /// Whether scores are products and nothing more.
    pub(super) fn leaves_scores(&self) -> bool {
        self.cap.is_none() && self.places.is_none()
    }

    #[inline(always)]
    fn bend<const FUSED: bool>(&self, scores: &mut Lanes) {
        let Some(cap) = self.cap else { return };
        let (factor, whole) = (self.scale / cap, cap / self.scale);
        for score in scores {
            *score = tanh::<FUSED>(*score * factor) * whole;
        }
    }

    #[inline(always)]
    fn places_of(&self, head: usize) -> Option<&'a [f32]> {
        let places = self.places?;
        let each = places.len() / self.group;
        Some(&places[head * each..][..each])
    }

    /// Changes scores of one head's query and some keys that follow each other.
    #[inline(always)]
    pub(super) fn change_row<const FUSED: bool>(
        &self,
        head: usize,
        first_key: usize,
        count: usize,
        scores: &mut Lanes,
    ) {
        self.bend::<FUSED>(scores);
        if let Some(places) = self.places_of(head) {
            let places = &places[first_key..][..count];
            scores.iter_mut().zip(places).for_each(|(score, place)| *score += place / self.scale);
        }
    }

    /// The sum of a column's weights with that of its head's sink, all of them relative to the largest score.
    #[inline(always)]
    pub(super) fn with_sink<const FUSED: bool>(&self, head: usize, most: f32, sum: f32) -> f32 {
        match self.sinks {
            // A query that sees no key gives zeros.
            Some(sinks) if most > f32::NEG_INFINITY => {
                // Beyond this a weight beside it is nothing.
                let power = (sinks[head] - most * self.scale) * LOG2_E;
                sum + exp2::<FUSED, _>(if power > 100.0 { 100.0 } else { power }, &EXP2_F32)
            }
            _ => sum,
        }
    }
}

/// Changes the scores of a tile.
pub(super) struct ChangeScores<'a> {
    pub(super) terms: GroupTerms<'a>,
    /// `[keys][vectors]`.
    pub(super) scores: &'a mut [Lanes],
    pub(super) vectors: usize,
    /// The columns of the sequence that the scores are of.
    pub(super) cols: Range<usize>,
    /// The keys that the scores are of.
    pub(super) keys: Range<usize>,
}

impl Kernel for ChangeScores<'_> {
    type Output = ();

    #[inline(always)]
    fn run<const FUSED: bool>(self) {
        let Self { terms, scores, vectors, cols, keys } = self;
        for vector in 0..cols.len().div_ceil(SIDE) {
            let mut places: [&[f32]; SIDE] = [&[]; SIDE];
            for (lane, places) in places.iter_mut().enumerate() {
                *places = terms.places_of((cols.start + vector * SIDE + lane) % terms.group).unwrap_or_default();
            }
            for (row, key) in scores[vector..].iter_mut().step_by(vectors).zip(keys.clone()) {
                terms.bend::<FUSED>(row);
                if terms.places.is_some() {
                    for lane in 0..SIDE {
                        row[lane] += places[lane][key] / terms.scale;
                    }
                }
            }
        }
    }
}

/// Adds the sinks' weights to the sums of columns.
pub(super) struct AddSinks<'a> {
    pub(super) terms: GroupTerms<'a>,
    /// The largest scores. **Shapes:** `[vectors]`, like the sums.
    pub(super) most: &'a [Lanes],
    pub(super) sums: &'a mut [Lanes],
    /// The sequence's column that comes first.
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
