use super::{Block, Format, Micro, groups};
use crate::cpu::Isa;

const LANES: usize = 8;
/// Vectors per panel row. With 6 rows the sums take 12 of the 16 vector registers.
const COLS: usize = 2;

pub(super) fn micro(format: Format) -> Micro {
    let (rows, run): (usize, unsafe fn(&Block)) = match format {
        Format::F32 => (6, f32s::block),
        Format::Bf16 => (4, bf16s::block),
        Format::Int8 => (4, bytes::block),
        Format::Groups(grouping) => return groups::micro(Isa::Avx2, grouping),
    };
    Micro { rows, panel: COLS * LANES, depth: 1, row_group: 1, run }
}

/// Defines a microkernel from one step: `sum + left * right` of a unit in every lane.
macro_rules! microkernel {
    ($name:ident, $most:literal, |$sum:ident, $left:ident, $right:ident| $step:expr) => {
        mod $name {
            use std::arch::x86_64::*;

            use super::*;

            /// # Safety
            /// As `Micro::run`.
            #[target_feature(enable = "avx2,fma")]
            pub(super) unsafe fn block(block: &Block) {
                // SAFETY: as the caller's.
                unsafe {
                    match block.rows {
                        1 => rows::<1>(block),
                        2 => rows::<2>(block),
                        3 => rows::<3>(block),
                        4 => rows::<4>(block),
                        5 if $most >= 5 => rows::<5>(block),
                        _ => rows::<{ $most }>(block),
                    }
                }
            }

            /// # Safety
            /// As `Micro::run`, with `R` rows.
            #[target_feature(enable = "avx2,fma")]
            unsafe fn rows<const R: usize>(block: &Block) {
                let mut sums = [[_mm256_setzero_si256(); COLS]; R];
                if block.adds {
                    for row in 0..R {
                        for col in 0..COLS {
                            // SAFETY: `sums` holds `R` rows of a panel.
                            let sum = unsafe { _mm256_loadu_si256(block.sums.add((row * COLS + col) * LANES).cast()) };
                            sums[row][col] = sum;
                        }
                    }
                }
                let Block { left: lefts, stride, panel, units, .. } = *block;
                for at in 0..units {
                    // SAFETY: the panel holds `units` times `COLS * LANES` units.
                    let rights: [__m256i; COLS] = std::array::from_fn(|col| unsafe {
                        _mm256_loadu_si256(panel.add((at * COLS + col) * LANES).cast())
                    });
                    for row in 0..R {
                        // SAFETY: `row` is one of the left operand's rows, each of which holds `units` units.
                        let $left = _mm256_set1_epi32(unsafe { *lefts.add(row * stride + at) } as i32);
                        for col in 0..COLS {
                            let ($sum, $right) = (sums[row][col], rights[col]);
                            sums[row][col] = $step;
                        }
                    }
                }
                for row in 0..R {
                    for col in 0..COLS {
                        // SAFETY: `sums` has room for `R` rows of a panel.
                        unsafe {
                            _mm256_storeu_si256(block.sums.add((row * COLS + col) * LANES).cast(), sums[row][col])
                        };
                    }
                }
            }
        }
    };
}

microkernel!(f32s, 6, |sum, left, right| _mm256_castps_si256(_mm256_fmadd_ps(
    _mm256_castsi256_ps(left),
    _mm256_castsi256_ps(right),
    _mm256_castsi256_ps(sum)
)));

microkernel!(bf16s, 4, |sum, left, right| {
    let high = |units| _mm256_castsi256_ps(_mm256_and_si256(units, _mm256_set1_epi32(0xffff_0000_u32 as i32)));
    let low = |units| _mm256_castsi256_ps(_mm256_slli_epi32::<16>(units));
    let sum = _mm256_fmadd_ps(low(left), low(right), _mm256_castsi256_ps(sum));
    _mm256_castps_si256(_mm256_fmadd_ps(high(left), high(right), sum))
});

microkernel!(bytes, 4, |sum, left, right| {
    let even_left = _mm256_and_si256(left, _mm256_set1_epi16(0xff));
    let even_right = _mm256_srai_epi16::<8>(_mm256_slli_epi16::<8>(right));
    let even = _mm256_madd_epi16(even_left, even_right);
    let odd = _mm256_madd_epi16(_mm256_srli_epi16::<8>(left), _mm256_srai_epi16::<8>(right));
    _mm256_add_epi32(sum, _mm256_add_epi32(even, odd))
});
