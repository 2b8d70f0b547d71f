use std::arch::x86_64::*;

use super::{Bits, EIGHT, FOUR, FP4, FP4_LEVELS, Grouping, TAIL};
use crate::gemm::{Block, Micro};

const LANES: usize = 8;
/// Vectors per panel row. With 2 rows the block sums and the total sums take 8 of the 16 vector registers.
const COLS: usize = 2;
const ROWS: usize = 2;
const PANEL: usize = COLS * LANES;

pub(super) fn micro(grouping: Grouping) -> Micro {
    let run = of(grouping);
    Micro { rows: ROWS, panel: PANEL, depth: 1, row_group: 1, run }
}

fn of(grouping: Grouping) -> unsafe fn(&Block) {
    match (grouping.bits, grouping.block(), grouping.has_mins) {
        (Bits::Four, _, false) => block::<8, FOUR, false>,
        (Bits::Four, _, true) => block::<8, FOUR, true>,
        (Bits::Fp4, ..) => block::<8, FP4, false>,
        (Bits::Eight, 16, false) => block::<4, EIGHT, false>,
        (Bits::Eight, 16, true) => block::<4, EIGHT, true>,
        (Bits::Eight, _, false) => block::<8, EIGHT, false>,
        (Bits::Eight, _, true) => block::<8, EIGHT, true>,
    }
}

/// # Safety
/// As `Micro::run`, with a panel and rows of the matching grouping.
#[target_feature(enable = "avx2,fma,f16c")]
unsafe fn block<const UNITS: usize, const BITS: u8, const MINS: bool>(block: &Block) {
    // SAFETY: as the caller's.
    unsafe {
        match block.rows {
            1 => rows::<1, UNITS, BITS, MINS>(block),
            _ => rows::<ROWS, UNITS, BITS, MINS>(block),
        }
    }
}

#[inline]
#[target_feature(enable = "avx2,fma,f16c")]
fn step<const EIGHT: bool>(dot: __m256i, quantized: __m256i, bytes: __m256i) -> __m256i {
    if EIGHT {
        let even_quantized = _mm256_and_si256(quantized, _mm256_set1_epi16(0xff));
        let even_bytes = _mm256_srai_epi16::<8>(_mm256_slli_epi16::<8>(bytes));
        let even = _mm256_madd_epi16(even_quantized, even_bytes);
        let odd = _mm256_madd_epi16(_mm256_srli_epi16::<8>(quantized), _mm256_srai_epi16::<8>(bytes));
        _mm256_add_epi32(dot, _mm256_add_epi32(even, odd))
    } else {
        // Two products of at most 15 * 127 fit into 16 bits.
        _mm256_add_epi32(dot, _mm256_madd_epi16(_mm256_maddubs_epi16(quantized, bytes), _mm256_set1_epi16(1)))
    }
}

/// # Safety
/// As `Micro::run`, with `R` rows.
#[target_feature(enable = "avx2,fma,f16c")]
unsafe fn rows<const R: usize, const UNITS: usize, const BITS: u8, const MINS: bool>(block: &Block) {
    let Block { stride, panel, units: groups, group_blocks, .. } = *block;
    let mut lefts = block.left;
    let value_units = if BITS == EIGHT { UNITS } else { UNITS / 2 } * PANEL;
    let halves = _mm256_set1_epi8(0x0f);
    // SAFETY: there are sixteen levels.
    let levels = unsafe { _mm256_broadcastsi128_si256(_mm_loadu_si128(FP4_LEVELS.as_ptr().cast())) };
    let mut sums = [[_mm256_setzero_ps(); COLS]; R];
    // SAFETY: the panel begins with an f32 factor per column; its groups follow, each with the quantized values of its
    // blocks and then f16 scales and mins per column; each row holds the units of all blocks.
    unsafe {
        let mut quantized = panel.add(PANEL);
        for _ in 0..groups {
            let scales = quantized.add(group_blocks * value_units).cast::<__m128i>();
            for _ in 0..group_blocks {
                let mut dots = [[_mm256_setzero_si256(); COLS]; R];
                if !MINS {
                    for (row, dots) in dots.iter_mut().enumerate() {
                        *dots = [_mm256_set1_epi32(*lefts.add(row * stride + UNITS + 1) as i32); COLS];
                    }
                }
                let mut unit = 0;
                while unit < UNITS {
                    let packed: [__m256i; COLS] =
                        std::array::from_fn(|col| _mm256_loadu_si256(quantized.add(col * LANES).cast()));
                    quantized = quantized.add(PANEL);
                    if BITS == EIGHT {
                        for (row, dots) in dots.iter_mut().enumerate() {
                            let bytes = _mm256_set1_epi32(*lefts.add(row * stride + unit) as i32);
                            for col in 0..COLS {
                                dots[col] = step::<true>(dots[col], packed[col], bytes);
                            }
                        }
                        unit += 1;
                    } else {
                        let mut lower = packed.map(|packed| _mm256_and_si256(packed, halves));
                        let mut upper = packed.map(|packed| _mm256_and_si256(_mm256_srli_epi32::<4>(packed), halves));
                        if BITS == FP4 {
                            lower = lower.map(|quantized| _mm256_shuffle_epi8(levels, quantized));
                            upper = upper.map(|quantized| _mm256_shuffle_epi8(levels, quantized));
                        }
                        for (row, dots) in dots.iter_mut().enumerate() {
                            let bytes = lefts.add(row * stride + unit);
                            let first = _mm256_set1_epi32(*bytes as i32);
                            let second = _mm256_set1_epi32(*bytes.add(1) as i32);
                            for col in 0..COLS {
                                dots[col] = step::<false>(dots[col], lower[col], first);
                                dots[col] = step::<false>(dots[col], upper[col], second);
                            }
                        }
                        unit += 2;
                    }
                }
                let scale: [__m256; COLS] =
                    std::array::from_fn(|col| _mm256_cvtph_ps(_mm_loadu_si128(scales.add(col))));
                for row in 0..R {
                    let number = _mm256_set1_ps(f32::from_bits(*lefts.add(row * stride + UNITS)));
                    for col in 0..COLS {
                        let dot = _mm256_mul_ps(_mm256_cvtepi32_ps(dots[row][col]), number);
                        sums[row][col] = _mm256_fmadd_ps(scale[col], dot, sums[row][col]);
                    }
                }
                if MINS {
                    let least: [__m256; COLS] =
                        std::array::from_fn(|col| _mm256_cvtph_ps(_mm_loadu_si128(scales.add(COLS + col))));
                    for (row, sums) in sums.iter_mut().enumerate() {
                        let sum = _mm256_set1_ps(f32::from_bits(*lefts.add(row * stride + UNITS + 1)));
                        for col in 0..COLS {
                            sums[col] = _mm256_fmadd_ps(least[col], sum, sums[col]);
                        }
                    }
                }
                lefts = lefts.add(UNITS + TAIL);
            }
            quantized = quantized.add((1 + MINS as usize) * PANEL / 2);
        }
        let factors: [__m256; COLS] = std::array::from_fn(|col| _mm256_loadu_ps(panel.add(col * LANES).cast()));
        for (row, sums) in sums.iter().enumerate() {
            for col in 0..COLS {
                let product = _mm256_mul_ps(sums[col], factors[col]);
                _mm256_storeu_ps(block.sums.add((row * COLS + col) * LANES).cast(), product);
            }
        }
    }
}
