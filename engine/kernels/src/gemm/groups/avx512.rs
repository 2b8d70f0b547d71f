use super::{Bits, EIGHT, FOUR, FP4, FP4_LEVELS, Grouping, TAIL};
use crate::cpu::Isa;
use crate::gemm::{Block, Micro};

const LANES: usize = 16;
/// Vectors per panel row: the scales of a group fill a cache line. With 6 rows the block sums and the total sums take
/// 24 of the 32 vector registers.
const COLS: usize = 2;
const ROWS: usize = 6;
const PANEL: usize = COLS * LANES;
const LINE: usize = 64;

pub(super) fn micro(isa: Isa, grouping: Grouping) -> Micro {
    let run = if isa >= Isa::Avx512Vnni { quads::of(grouping) } else { pairs::of(grouping) };
    Micro { rows: ROWS, panel: PANEL, depth: 1, row_group: 1, run }
}

/// Defines microkernels from one step, `dot + quantized values * bytes` of a unit in every lane: for 8-bit quantized
/// values, and for fewer bits.
macro_rules! microkernels {
    ($name:ident, $features:literal, |$dot:ident, $quantized:ident, $bytes:ident| $eight:expr, $four:expr) => {
        mod $name {
            use std::arch::x86_64::*;

            use super::*;

            pub(super) fn of(grouping: Grouping) -> unsafe fn(&Block) {
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
            #[target_feature(enable = $features)]
            unsafe fn block<const UNITS: usize, const BITS: u8, const MINS: bool>(block: &Block) {
                // SAFETY: as the caller's.
                unsafe {
                    match block.rows {
                        1 => rows::<1, UNITS, BITS, MINS>(block),
                        2 => rows::<2, UNITS, BITS, MINS>(block),
                        3 => rows::<3, UNITS, BITS, MINS>(block),
                        4 => rows::<4, UNITS, BITS, MINS>(block),
                        5 => rows::<5, UNITS, BITS, MINS>(block),
                        _ => rows::<ROWS, UNITS, BITS, MINS>(block),
                    }
                }
            }

            #[inline]
            #[target_feature(enable = $features)]
            fn step<const EIGHT: bool>($dot: __m512i, $quantized: __m512i, $bytes: __m512i) -> __m512i {
                if EIGHT { $eight } else { $four }
            }

            /// # Safety
            /// As `Micro::run`, with `R` rows.
            #[target_feature(enable = $features)]
            unsafe fn rows<const R: usize, const UNITS: usize, const BITS: u8, const MINS: bool>(block: &Block) {
                let Block { stride, panel, units: groups, group_blocks, prefetch_step, .. } = *block;
                let mut lefts = block.left;
                let steps = if BITS == EIGHT { UNITS } else { UNITS / 2 };
                let prefetch_step = prefetch_step.div_ceil(steps);
                // A few lines at a time: a whole block's prefetches at once would exceed the processor's outstanding
                // loads.
                let (mut wanted, mut fetched) = (0, 0);
                let value_units = steps * PANEL;
                let halves = _mm512_set1_epi8(0x0f);
                // SAFETY: there are sixteen levels.
                let levels = unsafe { _mm512_broadcast_i32x4(_mm_loadu_si128(FP4_LEVELS.as_ptr().cast())) };
                let mut sums = [[_mm512_setzero_ps(); COLS]; R];
                // SAFETY: the panel begins with an f32 factor per column; its groups follow, each with the quantized
                // values of its blocks and then f16 scales and mins per column; each row holds the units of all blocks;
                // a prefetch may name any address.
                unsafe {
                    let mut quantized = panel.add(PANEL);
                    for _ in 0..groups {
                        let scales = quantized.add(group_blocks * value_units).cast::<__m256i>();
                        for _ in 0..group_blocks {
                            let mut dots = [[_mm512_setzero_si512(); COLS]; R];
                            if !MINS {
                                for (row, dots) in dots.iter_mut().enumerate() {
                                    *dots = [_mm512_set1_epi32(*lefts.add(row * stride + UNITS + 1) as i32); COLS];
                                }
                            }
                            let mut unit = 0;
                            while unit < UNITS {
                                wanted += prefetch_step;
                                while fetched < wanted {
                                    _mm_prefetch::<_MM_HINT_T1>(block.prefetch.cast::<i8>().wrapping_add(fetched));
                                    fetched += LINE;
                                }
                                let packed: [__m512i; COLS] =
                                    std::array::from_fn(|col| _mm512_loadu_si512(quantized.add(col * LANES).cast()));
                                quantized = quantized.add(PANEL);
                                if BITS == EIGHT {
                                    for (row, dots) in dots.iter_mut().enumerate() {
                                        let bytes = _mm512_set1_epi32(*lefts.add(row * stride + unit) as i32);
                                        for col in 0..COLS {
                                            dots[col] = step::<true>(dots[col], packed[col], bytes);
                                        }
                                    }
                                    unit += 1;
                                } else {
                                    let mut lower = packed.map(|packed| _mm512_and_si512(packed, halves));
                                    let mut upper =
                                        packed.map(|packed| _mm512_and_si512(_mm512_srli_epi32::<4>(packed), halves));
                                    if BITS == FP4 {
                                        lower = lower.map(|quantized| _mm512_shuffle_epi8(levels, quantized));
                                        upper = upper.map(|quantized| _mm512_shuffle_epi8(levels, quantized));
                                    }
                                    for (row, dots) in dots.iter_mut().enumerate() {
                                        let bytes = lefts.add(row * stride + unit);
                                        let first = _mm512_set1_epi32(*bytes as i32);
                                        let second = _mm512_set1_epi32(*bytes.add(1) as i32);
                                        for col in 0..COLS {
                                            dots[col] = step::<false>(dots[col], lower[col], first);
                                            dots[col] = step::<false>(dots[col], upper[col], second);
                                        }
                                    }
                                    unit += 2;
                                }
                            }
                            let scale: [__m512; COLS] =
                                std::array::from_fn(|col| _mm512_cvtph_ps(_mm256_loadu_si256(scales.add(col))));
                            for row in 0..R {
                                let number = _mm512_set1_ps(f32::from_bits(*lefts.add(row * stride + UNITS)));
                                for col in 0..COLS {
                                    let dot = _mm512_mul_ps(_mm512_cvtepi32_ps(dots[row][col]), number);
                                    sums[row][col] = _mm512_fmadd_ps(scale[col], dot, sums[row][col]);
                                }
                            }
                            if MINS {
                                let least: [__m512; COLS] = std::array::from_fn(|col| {
                                    _mm512_cvtph_ps(_mm256_loadu_si256(scales.add(COLS + col)))
                                });
                                for (row, sums) in sums.iter_mut().enumerate() {
                                    let sum = _mm512_set1_ps(f32::from_bits(*lefts.add(row * stride + UNITS + 1)));
                                    for col in 0..COLS {
                                        sums[col] = _mm512_fmadd_ps(least[col], sum, sums[col]);
                                    }
                                }
                            }
                            lefts = lefts.add(UNITS + TAIL);
                        }
                        quantized = quantized.add((1 + MINS as usize) * PANEL / 2);
                    }
                    let factors: [__m512; COLS] =
                        std::array::from_fn(|col| _mm512_loadu_ps(panel.add(col * LANES).cast()));
                    for (row, sums) in sums.iter().enumerate() {
                        for col in 0..COLS {
                            let product = _mm512_mul_ps(sums[col], factors[col]);
                            _mm512_storeu_ps(block.sums.add((row * COLS + col) * LANES).cast(), product);
                        }
                    }
                }
            }
        }
    };
}

microkernels!(
    quads,
    "avx512f,avx512bw,avx512vnni",
    |dot, quantized, bytes| _mm512_dpbusd_epi32(dot, quantized, bytes),
    _mm512_dpbusd_epi32(dot, quantized, bytes)
);

microkernels!(
    pairs,
    "avx512f,avx512bw",
    |dot, quantized, bytes| {
        let even_quantized = _mm512_and_si512(quantized, _mm512_set1_epi16(0xff));
        let even_bytes = _mm512_srai_epi16::<8>(_mm512_slli_epi16::<8>(bytes));
        let even = _mm512_madd_epi16(even_quantized, even_bytes);
        let odd = _mm512_madd_epi16(_mm512_srli_epi16::<8>(quantized), _mm512_srai_epi16::<8>(bytes));
        _mm512_add_epi32(dot, _mm512_add_epi32(even, odd))
    },
    // Two products of at most 15 * 127 fit into 16 bits.
    _mm512_add_epi32(dot, _mm512_madd_epi16(_mm512_maddubs_epi16(quantized, bytes), _mm512_set1_epi16(1)))
);
