//! Transposes square blocks of 32-bit units.

use crate::cpu::Isa;

/// Side of the square block that is transposed at once, in units.
pub(crate) const SIDE: usize = 16;

/// Transposes 16 rows: unit `i` of row `r` goes to `to[i * stride + r]`.
///
/// # Safety
/// Every row is valid for 16 units at any alignment, `to` for 16 units at each multiple of `stride`; the processor has
/// `isa`.
#[inline(always)]
pub(crate) unsafe fn transpose(isa: Isa, rows: &[*const u32; SIDE], to: *mut u32, stride: usize) {
    // SAFETY: the caller's promises; the later sets include AVX-512.
    unsafe {
        match isa {
            Isa::Scalar => scalar(rows, to, stride),
            #[cfg(target_arch = "x86_64")]
            Isa::Avx2 => x86::avx2(rows, to, stride),
            #[cfg(target_arch = "x86_64")]
            Isa::Avx512 | Isa::Avx512Vnni | Isa::Avx512Bf16 | Isa::Amx => x86::avx512(rows, to, stride),
            #[cfg(not(target_arch = "x86_64"))]
            _ => unreachable!("only x86-64 has {}", isa.name()),
        }
    }
}

/// # Safety
/// As [`transpose`].
unsafe fn scalar(rows: &[*const u32; SIDE], to: *mut u32, stride: usize) {
    for (col, row) in rows.iter().enumerate() {
        for at in 0..SIDE {
            // SAFETY: the caller's promises.
            unsafe { *to.add(at * stride + col) = row.add(at).read_unaligned() };
        }
    }
}

#[cfg(target_arch = "x86_64")]
mod x86 {
    use std::arch::x86_64::*;
    use std::array::from_fn;

    use super::SIDE;

    /// # Safety
    /// As [`super::transpose`].
    #[target_feature(enable = "avx512f")]
    pub(super) unsafe fn avx512(rows: &[*const u32; SIDE], to: *mut u32, stride: usize) {
        /// Of the 128-bit parts of two vectors, the first and third, or the second and fourth.
        const EVEN: i32 = 0b10_00_10_00;
        const ODD: i32 = 0b11_01_11_01;
        // Of each group of four rows: vector `c` has column `4 p + c` in its part `p`.
        let groups: [[__m512i; 4]; 4] = from_fn(|group| {
            // SAFETY: the caller's promise.
            let row = |index: usize| unsafe { _mm512_loadu_si512(rows[4 * group + index].cast()) };
            let (low, high) = (_mm512_unpacklo_epi32(row(0), row(1)), _mm512_unpackhi_epi32(row(0), row(1)));
            let (low2, high2) = (_mm512_unpacklo_epi32(row(2), row(3)), _mm512_unpackhi_epi32(row(2), row(3)));
            [
                _mm512_unpacklo_epi64(low, low2),
                _mm512_unpackhi_epi64(low, low2),
                _mm512_unpacklo_epi64(high, high2),
                _mm512_unpackhi_epi64(high, high2),
            ]
        });
        let [first, second, third, fourth] = groups;
        for (col, (((a, b), c), d)) in first.into_iter().zip(second).zip(third).zip(fourth).enumerate() {
            let (even, even2) = (_mm512_shuffle_i32x4::<EVEN>(a, b), _mm512_shuffle_i32x4::<EVEN>(c, d));
            let (odd, odd2) = (_mm512_shuffle_i32x4::<ODD>(a, b), _mm512_shuffle_i32x4::<ODD>(c, d));
            let columns = [
                _mm512_shuffle_i32x4::<EVEN>(even, even2),
                _mm512_shuffle_i32x4::<EVEN>(odd, odd2),
                _mm512_shuffle_i32x4::<ODD>(even, even2),
                _mm512_shuffle_i32x4::<ODD>(odd, odd2),
            ];
            for (part, column) in columns.into_iter().enumerate() {
                // SAFETY: the caller's promise.
                unsafe { _mm512_storeu_si512(to.add((4 * part + col) * stride).cast(), column) };
            }
        }
    }

    /// # Safety
    /// As [`super::transpose`].
    #[target_feature(enable = "avx2")]
    pub(super) unsafe fn avx2(rows: &[*const u32; SIDE], to: *mut u32, stride: usize) {
        for (row, col) in [(0, 0), (0, 8), (8, 0), (8, 8)] {
            // SAFETY: the caller's promises, for a quarter of the block.
            unsafe { eighths(from_fn(|index| rows[row + index].add(col)), to.add(col * stride + row), stride) };
        }
    }

    /// # Safety
    /// As [`super::transpose`], for 8 rows and 8 columns.
    #[target_feature(enable = "avx2")]
    unsafe fn eighths(rows: [*const u32; 8], to: *mut u32, stride: usize) {
        // Of each group of four rows: vector `c` has column `4 p + c` in its part `p`.
        let groups: [[__m256i; 4]; 2] = from_fn(|group| {
            // SAFETY: the caller's promise.
            let row = |index: usize| unsafe { _mm256_loadu_si256(rows[4 * group + index].cast()) };
            let (low, high) = (_mm256_unpacklo_epi32(row(0), row(1)), _mm256_unpackhi_epi32(row(0), row(1)));
            let (low2, high2) = (_mm256_unpacklo_epi32(row(2), row(3)), _mm256_unpackhi_epi32(row(2), row(3)));
            [
                _mm256_unpacklo_epi64(low, low2),
                _mm256_unpackhi_epi64(low, low2),
                _mm256_unpacklo_epi64(high, high2),
                _mm256_unpackhi_epi64(high, high2),
            ]
        });
        let [first, second] = groups;
        for (col, (a, b)) in first.into_iter().zip(second).enumerate() {
            let columns = [_mm256_permute2x128_si256::<0x20>(a, b), _mm256_permute2x128_si256::<0x31>(a, b)];
            for (part, column) in columns.into_iter().enumerate() {
                // SAFETY: the caller's promise.
                unsafe { _mm256_storeu_si256(to.add((4 * part + col) * stride).cast(), column) };
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_unit_is_transposed() {
        const FROM: usize = 19;
        const TO: usize = 23;
        let from: Vec<u32> = (0..SIDE * FROM).map(|unit| unit as u32).collect();
        for isa in Isa::testable() {
            let mut to = vec![u32::MAX; SIDE * TO];
            // SAFETY: both hold 16 rows, and the instruction set is available.
            unsafe { transpose(isa, &std::array::from_fn(|row| from[row * FROM..].as_ptr()), to.as_mut_ptr(), TO) };
            for (at, &found) in to.iter().enumerate() {
                let (row, col) = (at / TO, at % TO);
                let expected = if col < SIDE { from[col * FROM + row] } else { u32::MAX };
                assert_eq!(found, expected, "{isa:?}: row {row}, column {col}");
            }
        }
    }
}
