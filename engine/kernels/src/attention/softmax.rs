use super::transpose::SIDE;
use crate::cpu::{Kernel, mul_add};
use crate::gemm::Format;

/// Sixteen columns of a row.
pub(super) type Lanes = [f32; SIDE];

/// Turns scores into weights up to a factor of each column, and joins them with those of earlier tiles.
pub(super) struct Softmax<'a> {
    pub(super) format: Format,
    /// `[keys][panel]`; becomes the panel of the weights.
    pub(super) scores: &'a mut [Lanes],
    /// Vectors in a row.
    pub(super) vectors: usize,
    /// Vectors in a row that matter.
    pub(super) used: usize,
    pub(super) keys: usize,
    /// Rows of the panel of weights.
    pub(super) units: usize,
    /// Factor of the scores, with that from powers of e to powers of two.
    pub(super) scale: f32,
    /// The largest score of each column so far. **Shapes:** `[vectors]`, like all that follows.
    pub(super) most: &'a mut [Lanes],
    /// The sum of each column's weights so far.
    pub(super) sums: &'a mut [Lanes],
    /// Takes what the results of earlier tiles are to be multiplied by.
    pub(super) factors: &'a mut [Lanes],
}

impl Kernel for Softmax<'_> {
    type Output = ();

    #[inline(always)]
    fn run<const FUSED: bool>(self) {
        for vector in 0..self.used {
            let column = || self.scores[vector..].iter().step_by(self.vectors).take(self.keys);
            let before = self.most[vector];
            let most = largest(column(), &before);
            let mut shift = [0.0; SIDE];
            for lane in 0..SIDE {
                // The difference of infinities would be NaN.
                shift[lane] = if most[lane] == f32::NEG_INFINITY { 0.0 } else { most[lane] };
            }
            let weight = Weight { shift, scale: self.scale };
            let scores = &mut self.scores[vector..];
            let sums = match self.format {
                Format::F32 => weight.f32s::<FUSED>(scores, self.vectors, self.keys),
                _ => weight.bf16_pairs::<FUSED>(scores, self.vectors, self.keys),
            };
            let written = self.keys.div_ceil(self.format.unit());
            for row in self.scores[vector..].iter_mut().step_by(self.vectors).take(self.units).skip(written) {
                *row = [0.0; SIDE];
            }
            let factor = weight.of::<FUSED, _>(&before, &EXP2_F32);
            for lane in 0..SIDE {
                let before = self.sums[vector][lane];
                self.sums[vector][lane] = mul_add::<FUSED>(before, factor[lane], sums[lane]);
            }
            self.most[vector] = most;
            self.factors[vector] = factor;
        }
    }
}

/// The largest score of each column. NaN may get lost, but comes back in the sum.
#[inline(always)]
fn largest<'a>(column: impl Iterator<Item = &'a Lanes>, before: &Lanes) -> Lanes {
    let mut most = *before;
    for row in column {
        for lane in 0..SIDE {
            most[lane] = if row[lane] > most[lane] { row[lane] } else { most[lane] };
        }
    }
    most
}

struct Weight {
    shift: Lanes,
    scale: f32,
}

impl Weight {
    #[inline(always)]
    fn of<const FUSED: bool, const N: usize>(&self, row: &Lanes, exp2_coefficients: &[f32; N]) -> Lanes {
        let mut weights = [0.0; SIDE];
        for lane in 0..SIDE {
            let power = (row[lane] - self.shift[lane]) * self.scale;
            weights[lane] = exp2::<FUSED, N>(power, exp2_coefficients);
        }
        weights
    }

    #[inline(always)]
    fn f32s<const FUSED: bool>(&self, scores: &mut [Lanes], vectors: usize, keys: usize) -> Lanes {
        let mut sums = [0.0; SIDE];
        for row in scores.iter_mut().step_by(vectors).take(keys) {
            let weights = self.of::<FUSED, _>(row, &EXP2_F32);
            for lane in 0..SIDE {
                sums[lane] += weights[lane];
            }
            *row = weights;
        }
        sums
    }

    /// Sums up what the weights are rounded to, so that equal values keep their value exactly.
    #[inline(always)]
    fn bf16_pairs<const FUSED: bool>(&self, scores: &mut [Lanes], vectors: usize, keys: usize) -> Lanes {
        let mut sums = [0.0; SIDE];
        for pair in 0..keys.div_ceil(2) {
            let low = self.of::<FUSED, _>(&scores[2 * pair * vectors], &EXP2_BF16);
            let high = if 2 * pair + 1 < keys {
                self.of::<FUSED, _>(&scores[(2 * pair + 1) * vectors], &EXP2_BF16)
            } else {
                [0.0; SIDE]
            };
            let row = &mut scores[pair * vectors];
            for lane in 0..SIDE {
                let (low, high) = (rounded(low[lane]), rounded(high[lane]));
                sums[lane] += f32::from_bits(low) + f32::from_bits(high);
                row[lane] = f32::from_bits(low >> 16 | high);
            }
        }
        sums
    }
}

/// The nearest bf16, ties up, for numbers from zero to one. NaN stays NaN if it came out of bf16 or of arithmetic: its
/// low bits are zero.
#[inline(always)]
fn rounded(value: f32) -> u32 {
    value.to_bits().wrapping_add(0x8000) & 0xffff_0000
}

/// Polynomials for 2^x - 1 on [-1/2, 1/2] without a constant term, highest power first: the relative error of 2^x is
/// below 1.1e-7 and 1.1e-4, the latter a twentieth of what bf16 rounds. Minimax, fitted by Lawson's algorithm.
pub(super) const EXP2_F32: [f32; 5] = [1.326_472_7e-3, 9.671_52e-3, 5.550_734_7e-2, 2.402_224e-1, 6.931_469_4e-1];
const EXP2_BF16: [f32; 3] = [5.500_893_3e-2, 2.422_109_5e-1, 6.932_829e-1];

/// 2^x for numbers that are not much above zero; zero below -126.5.
#[inline(always)]
pub(super) fn exp2<const FUSED: bool, const N: usize>(x: f32, coefficients: &[f32; N]) -> f32 {
    // 1.5 * 2^23: numbers near it have no fraction, so that adding it rounds. The low bits then are the exponent's.
    const ROUND: f32 = 12_582_912.0 + 127.0;
    // Zero has the exponent's bits of -127. NaN stays.
    let x = if x < -127.0 { -127.0 } else { x };
    let rounded = x + ROUND;
    let fraction = x - (rounded - ROUND);
    let power = f32::from_bits(rounded.to_bits() << 23);
    let mut sum = coefficients[0];
    for coefficient in &coefficients[1..] {
        sum = mul_add::<FUSED>(sum, fraction, *coefficient);
    }
    mul_add::<FUSED>(sum, fraction, 1.0) * power
}

/// Adds the results of a tile to those of earlier ones.
pub(super) struct Merge<'a> {
    /// `[rows][vectors]`.
    pub(super) sums: &'a mut [Lanes],
    /// The same of this tile.
    pub(super) part: &'a [Lanes],
    /// What earlier results are multiplied by.
    pub(super) factors: &'a [Lanes],
}

impl Kernel for Merge<'_> {
    type Output = ();

    #[inline(always)]
    fn run<const FUSED: bool>(self) {
        let vectors = self.factors.len();
        for (sums, part) in self.sums.chunks_exact_mut(vectors).zip(self.part.chunks_exact(vectors)) {
            for ((sums, part), factors) in sums.iter_mut().zip(part).zip(self.factors) {
                for lane in 0..SIDE {
                    sums[lane] = mul_add::<FUSED>(sums[lane], factors[lane], part[lane]);
                }
            }
        }
    }
}
