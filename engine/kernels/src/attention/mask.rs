use std::ops::Range;
use std::ptr;

use super::sequence::Sequence;
use super::softmax::Lanes;
use crate::cpu::{Isa, Kernel};
use crate::transpose::{SIDE, transpose};

const MASKED: f32 = f32::NEG_INFINITY;
/// Flags per 32-bit unit.
const FLAGS: usize = 4;

/// Sets the scores of masked keys to minus infinity.
pub(super) struct Mask<'a> {
    pub(super) isa: Isa,
    pub(super) sequence: &'a Sequence<'a>,
    /// Number of query heads that share keys: so many adjacent columns belong to the same query.
    pub(super) group: usize,
    /// `[keys][vectors]`.
    pub(super) scores: &'a mut [Lanes],
    pub(super) vectors: usize,
    /// Range of the scores' columns in the sequence.
    pub(super) cols: Range<usize>,
    /// Range of the scores' keys.
    pub(super) keys: Range<usize>,
}

impl Kernel for Mask<'_> {
    type Output = ();

    #[inline(always)]
    fn run<const FUSED: bool>(mut self) {
        for vector in 0..self.cols.len().div_ceil(SIDE) {
            let first = self.cols.start + vector * SIDE;
            // Padding columns are unused; they take the last column's flags.
            let mut queries = [0; SIDE];
            for (lane, query) in queries.iter_mut().enumerate() {
                *query = (first + lane).min(self.cols.end - 1) / self.group;
            }
            if self.sequence.is_causal {
                self.mask_later(vector, &queries);
            }
            if let Some(hidden) = self.sequence.hidden {
                self.mask_flagged(vector, &queries, hidden);
            }
        }
    }
}

impl Mask<'_> {
    #[inline(always)]
    fn mask_later(&mut self, vector: usize, queries: &[usize; SIDE]) {
        let mut visible = [0; SIDE];
        for lane in 0..SIDE {
            visible[lane] = self.sequence.visible(queries[lane]).saturating_sub(self.keys.start) as u32;
        }
        let seen_by_all = visible[0] as usize;
        let rows = self.scores[vector..].iter_mut().step_by(self.vectors);
        for (key, row) in rows.enumerate().take(self.keys.len()).skip(seen_by_all) {
            for lane in 0..SIDE {
                row[lane] = if (key as u32) < visible[lane] { row[lane] } else { MASKED };
            }
        }
    }

    #[inline(always)]
    fn mask_flagged(&mut self, vector: usize, queries: &[usize; SIDE], hidden: &[bool]) {
        for first in (0..self.keys.len()).step_by(FLAGS * SIDE) {
            let count = (self.keys.len() - first).min(FLAGS * SIDE);
            let mut spare = [[false; FLAGS * SIDE]; SIDE];
            let mut rows = [ptr::null(); SIDE];
            for lane in 0..SIDE {
                let start = queries[lane] * self.sequence.segment.keys + self.keys.start + first;
                let flags = &hidden[start..][..count];
                rows[lane] = flags.as_ptr().cast();
                if count < FLAGS * SIDE {
                    spare[lane][..count].copy_from_slice(flags);
                    rows[lane] = spare[lane].as_ptr().cast();
                }
            }
            let mut units = [[0u32; SIDE]; SIDE];
            // SAFETY: every row has 16 units of four flags; whoever names an instruction set has checked it.
            unsafe { transpose(self.isa, &rows, units.as_flattened_mut().as_mut_ptr(), SIDE) };
            let scores = self.scores[first * self.vectors + vector..].iter_mut().step_by(self.vectors);
            for (key, row) in scores.enumerate().take(count) {
                let flag = 1 << (8 * (key % FLAGS));
                for lane in 0..SIDE {
                    row[lane] = if units[key / FLAGS][lane].to_le() & flag != 0 { MASKED } else { row[lane] };
                }
            }
        }
    }
}
