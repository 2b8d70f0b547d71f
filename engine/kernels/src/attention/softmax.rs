use crate::cpu::{Kernel, mul_add};
use crate::gemm::Format;
use crate::transpose::SIDE;

/// 16 adjacent columns of a row.
pub(super) type Lanes = [f32; SIDE];

/// Online softmax of a tile: turns scores into unnormalized weights and updates the running maxima and sums.
pub(super) struct Softmax<'a> {
    pub(super) format: Format,
    /// Scores `[keys][panel]`, overwritten with the panel of weights.
    pub(super) scores: &'a mut [Lanes],
    /// Vectors per row.
    pub(super) vectors: usize,
    /// Vectors per row that are not padding.
    pub(super) used: usize,
    pub(super) keys: usize,
    /// Rows of the panel of weights.
    pub(super) units: usize,
    /// Scale of the scores times log2(e), for a softmax in powers of two.
    pub(super) scale: f32,
    /// Running maximum of each column's scores. **Shapes:** `[vectors]`.
    pub(super) most: &'a mut [Lanes],
    /// Running sum of each column's weights. **Shapes:** `[vectors]`.
    pub(super) sums: &'a mut [Lanes],
    /// Output: factors that rescale the results of earlier tiles. **Shapes:** `[vectors]`.
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

/// The largest score of each column. NaN may get lost here, but reappears in the sum.
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

    /// Writes bf16 weights and returns the sums of the rounded weights, so that equal values are reproduced exactly.
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

/// Rounds a number in `[0, 1]` to bf16, ties up. NaN stays NaN if it comes from bf16 or from arithmetic, because its
/// low bits are zero.
#[inline(always)]
fn rounded(value: f32) -> u32 {
    value.to_bits().wrapping_add(0x8000) & 0xffff_0000
}

/// Polynomials for 2^x - 1 on [-1/2, 1/2] without a constant term, highest power first: the relative error of 2^x is
/// below 1.1e-7 and 1.1e-4, the latter a twentieth of bf16's rounding error. Minimax, fitted by Lawson's algorithm.
pub(super) const EXP2_F32: [f32; 5] = [1.326_472_7e-3, 9.671_52e-3, 5.550_734_7e-2, 2.402_224e-1, 6.931_469_4e-1];
const EXP2_BF16: [f32; 3] = [5.500_893_3e-2, 2.422_109_5e-1, 6.932_829e-1];

/// 2^x for numbers that are not much above zero; zero below -126.5.
#[inline(always)]
pub(super) fn exp2<const FUSED: bool, const N: usize>(x: f32, coefficients: &[f32; N]) -> f32 {
    // 1.5 * 2^23: numbers near it have no fraction, so adding it rounds; the low bits then hold the exponent.
    const ROUND: f32 = 12_582_912.0 + 127.0;
    // The exponent bits of -127 are those of zero. NaN is propagated.
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

/// Adds the results of a tile to the rescaled results of earlier tiles.
pub(super) struct Merge<'a> {
    /// Results of earlier tiles, `[rows][vectors]`.
    pub(super) sums: &'a mut [Lanes],
    /// Results of this tile, `[rows][vectors]`.
    pub(super) part: &'a [Lanes],
    /// Factors that rescale the earlier results.
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
