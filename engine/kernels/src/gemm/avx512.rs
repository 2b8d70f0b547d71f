use super::{Block, Format, Micro, groups};
use crate::cpu::Isa;

const LANES: usize = 16;
/// Vectors per panel row. With 8 rows the sums take 24 of the 32 vector registers.
const WIDE: usize = 3;
/// Vectors per panel row of f32. With 14 rows the sums take 28 of the 32 vector registers, and a panel is read so slowly
/// that it can come from the L2 cache.
const NARROW: usize = 2;

pub(super) fn micro(isa: Isa, format: Format) -> Micro {
    let (rows, cols, run): (usize, usize, unsafe fn(&Block)) = match format {
        Format::F32 => (14, NARROW, f32s::block),
        Format::Bf16 if isa >= Isa::Avx512Bf16 => (8, WIDE, bf16_pairs::block),
        Format::Bf16 => (6, WIDE, bf16s::block),
        Format::Int8 if isa >= Isa::Avx512Vnni => (8, WIDE, byte_quads::block),
        Format::Int8 => (6, WIDE, bytes::block),
        Format::Groups(grouping) => return groups::micro(isa, grouping),
    };
    Micro { rows, panel: cols * LANES, depth: 1, row_group: 1, run }
}

/// Defines a microkernel from one step: `sum + left * right` of a unit in every lane.
macro_rules! microkernel {
    ($name:ident, $features:literal, $most:literal x $cols:ident, |$sum:ident, $left:ident, $right:ident| $step:expr) => {
        mod $name {
            use std::arch::x86_64::*;

            use super::*;

            const COLS: usize = $cols;

            /// # Safety
            /// As `Micro::run`.
            #[target_feature(enable = $features)]
            pub(super) unsafe fn block(block: &Block) {
                // SAFETY: as the caller's.
                unsafe {
                    match block.rows {
                        1 => rows::<1>(block),
                        2 => rows::<2>(block),
                        3 => rows::<3>(block),
                        4 => rows::<4>(block),
                        5 => rows::<5>(block),
                        6 => rows::<6>(block),
                        7 if $most >= 7 => rows::<7>(block),
                        8 if $most >= 8 => rows::<8>(block),
                        9 if $most >= 9 => rows::<9>(block),
                        10 if $most >= 10 => rows::<10>(block),
                        11 if $most >= 11 => rows::<11>(block),
                        12 if $most >= 12 => rows::<12>(block),
                        13 if $most >= 13 => rows::<13>(block),
                        _ => rows::<{ $most }>(block),
                    }
                }
            }

            /// # Safety
            /// As `Micro::run`, with `R` rows.
            #[target_feature(enable = $features)]
            unsafe fn rows<const R: usize>(block: &Block) {
                let mut sums = [[_mm512_setzero_si512(); COLS]; R];
                if block.adds {
                    for row in 0..R {
                        for col in 0..COLS {
                            // SAFETY: `sums` holds `R` rows of a panel.
                            let sum = unsafe { _mm512_loadu_si512(block.sums.add((row * COLS + col) * LANES).cast()) };
                            sums[row][col] = sum;
                        }
                    }
                }
                let Block { left: lefts, stride, panel, units, prefetch, prefetch_step, .. } = *block;
                for at in 0..units {
                    // SAFETY: the panel holds `units` times `COLS * LANES` units; a prefetch may name any address.
                    let rights: [__m512i; COLS] = unsafe {
                        let ahead = prefetch.wrapping_byte_add(at * prefetch_step);
                        _mm_prefetch::<_MM_HINT_T1>(ahead.cast());
                        _mm_prefetch::<_MM_HINT_T1>(ahead.wrapping_add(LANES).cast());
                        std::array::from_fn(|col| _mm512_loadu_si512(panel.add((at * COLS + col) * LANES).cast()))
                    };
                    for row in 0..R {
                        // SAFETY: `row` is one of the left operand's rows, each of which holds `units` units.
                        let $left = _mm512_set1_epi32(unsafe { *lefts.add(row * stride + at) } as i32);
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
                            _mm512_storeu_si512(block.sums.add((row * COLS + col) * LANES).cast(), sums[row][col])
                        };
                    }
                }
            }
        }
    };
}

microkernel!(f32s, "avx512f", 14 x NARROW, |sum, left, right| _mm512_castps_si512(_mm512_fmadd_ps(
    _mm512_castsi512_ps(left),
    _mm512_castsi512_ps(right),
    _mm512_castsi512_ps(sum)
)));

microkernel!(bf16_pairs, "avx512f,avx512bf16", 8 x WIDE, |sum, left, right| {
    // SAFETY: both are 64 bytes without invalid values.
    let [left, right] = unsafe { std::mem::transmute::<[__m512i; 2], [__m512bh; 2]>([left, right]) };
    _mm512_castps_si512(_mm512_dpbf16_ps(_mm512_castsi512_ps(sum), left, right))
});

microkernel!(byte_quads, "avx512f,avx512vnni", 8 x WIDE, |sum, left, right| _mm512_dpbusd_epi32(sum, left, right));

microkernel!(bf16s, "avx512f", 6 x WIDE, |sum, left, right| {
    let high = |units| _mm512_castsi512_ps(_mm512_and_si512(units, _mm512_set1_epi32(0xffff_0000_u32 as i32)));
    let low = |units| _mm512_castsi512_ps(_mm512_slli_epi32::<16>(units));
    let sum = _mm512_fmadd_ps(low(left), low(right), _mm512_castsi512_ps(sum));
    _mm512_castps_si512(_mm512_fmadd_ps(high(left), high(right), sum))
});

microkernel!(bytes, "avx512f,avx512bw", 6 x WIDE, |sum, left, right| {
    let even_left = _mm512_and_si512(left, _mm512_set1_epi16(0xff));
    let even_right = _mm512_srai_epi16::<8>(_mm512_slli_epi16::<8>(right));
    let even = _mm512_madd_epi16(even_left, even_right);
    let odd = _mm512_madd_epi16(_mm512_srli_epi16::<8>(left), _mm512_srai_epi16::<8>(right));
    _mm512_add_epi32(sum, _mm512_add_epi32(even, odd))
});
