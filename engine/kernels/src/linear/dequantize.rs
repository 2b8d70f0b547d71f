use crate::cpu::Isa;

/// Scales and zero points of int8 operands: left values are `row_scale * (byte - zero)`, right values
/// `col_scale * byte`.
#[derive(Clone, Copy)]
pub(super) struct Scales<'a> {
    /// Scale of each row of the sums.
    pub(super) rows: &'a [f32],
    /// Zero point of each row of the sums.
    pub(super) zeros: &'a [i32],
    /// Scale of each column of the sums, padded to a multiple of 16.
    pub(super) cols: &'a [f32],
    /// Sum of the right operand's bytes, by column.
    pub(super) col_sums: &'a [i32],
}

impl Scales<'_> {
    /// Dequantizes i32 sums of byte products to f32 in place.
    ///
    /// **Shapes:** `sums: [rows, cols]`.
    pub(super) fn apply(&self, isa: Isa, sums: &mut [u32]) {
        let cols = self.cols.len();
        assert!(
            cols.is_multiple_of(16) && self.col_sums.len() == cols,
            "the columns are not a multiple of 16 or do not match their sums"
        );
        match isa {
            Isa::Scalar => self.scalar(sums),
            #[cfg(target_arch = "x86_64")]
            // SAFETY: the sums were computed with this instruction set.
            Isa::Avx2 => unsafe { self.avx2(sums) },
            #[cfg(target_arch = "x86_64")]
            // SAFETY: as above; the later sets include AVX-512.
            Isa::Avx512 | Isa::Avx512Vnni | Isa::Avx512Bf16 | Isa::Amx => unsafe { self.avx512(sums) },
            #[cfg(not(target_arch = "x86_64"))]
            _ => unreachable!("only x86-64 has {}", isa.name()),
        }
    }

    fn scalar(&self, sums: &mut [u32]) {
        for (row, sums) in sums.chunks_exact_mut(self.cols.len()).enumerate() {
            let (scale, zero) = (self.rows[row], self.zeros[row]);
            for ((sum, col), col_sum) in sums.iter_mut().zip(self.cols).zip(self.col_sums) {
                let exact = (*sum as i32).wrapping_sub(zero.wrapping_mul(*col_sum));
                *sum = (exact as f32 * (scale * col)).to_bits();
            }
        }
    }

    /// # Safety
    /// The processor has AVX2.
    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "avx2")]
    unsafe fn avx2(&self, sums: &mut [u32]) {
        use std::arch::x86_64::*;

        const LANES: usize = 8;
        for (row, sums) in sums.chunks_exact_mut(self.cols.len()).enumerate() {
            let (scale, zero) = (_mm256_set1_ps(self.rows[row]), _mm256_set1_epi32(self.zeros[row]));
            for (chunk, sums) in sums.as_chunks_mut::<LANES>().0.iter_mut().enumerate() {
                // SAFETY: there are as many columns as sums in a row, in multiples of 8.
                unsafe {
                    let cols = _mm256_loadu_ps(self.cols.as_ptr().add(chunk * LANES));
                    let col_sums = _mm256_loadu_si256(self.col_sums.as_ptr().add(chunk * LANES).cast());
                    let sum = _mm256_loadu_si256(sums.as_ptr().cast());
                    let exact = _mm256_sub_epi32(sum, _mm256_mullo_epi32(zero, col_sums));
                    let value = _mm256_mul_ps(_mm256_cvtepi32_ps(exact), _mm256_mul_ps(scale, cols));
                    _mm256_storeu_ps(sums.as_mut_ptr().cast(), value);
                }
            }
        }
    }

    /// # Safety
    /// The processor has AVX-512 F.
    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "avx512f")]
    unsafe fn avx512(&self, sums: &mut [u32]) {
        use std::arch::x86_64::*;

        const LANES: usize = 16;
        for (row, sums) in sums.chunks_exact_mut(self.cols.len()).enumerate() {
            let (scale, zero) = (_mm512_set1_ps(self.rows[row]), _mm512_set1_epi32(self.zeros[row]));
            for (chunk, sums) in sums.as_chunks_mut::<LANES>().0.iter_mut().enumerate() {
                // SAFETY: there are as many columns as sums in a row, in multiples of 16.
                unsafe {
                    let cols = _mm512_loadu_ps(self.cols.as_ptr().add(chunk * LANES));
                    let col_sums = _mm512_loadu_si512(self.col_sums.as_ptr().add(chunk * LANES).cast());
                    let sum = _mm512_loadu_si512(sums.as_ptr().cast());
                    let exact = _mm512_sub_epi32(sum, _mm512_mullo_epi32(zero, col_sums));
                    let value = _mm512_mul_ps(_mm512_cvtepi32_ps(exact), _mm512_mul_ps(scale, cols));
                    _mm512_storeu_ps(sums.as_mut_ptr().cast(), value);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_instruction_set_matches_double_precision() {
        let sums: Vec<u32> = (0..5 * 48u32).map(|i| i.wrapping_mul(0x9e37_79b9) >> 3).collect();
        let rows: Vec<f32> = (0..5).map(|i| 0.01 * (i + 1) as f32).collect();
        let zeros: Vec<i32> = (0..5).map(|i| 40 * i).collect();
        let cols: Vec<f32> = (0..48).map(|i| 0.001 * (i + 1) as f32).collect();
        let col_sums: Vec<i32> = (0..48).map(|i| 1000 * (i - 20)).collect();
        let scales = Scales { rows: &rows, zeros: &zeros, cols: &cols, col_sums: &col_sums };
        for isa in Isa::testable() {
            let mut found = sums.clone();
            scales.apply(isa, &mut found);
            for (at, (found, sum)) in found.iter().zip(&sums).enumerate() {
                let (row, col) = (at / 48, at % 48);
                let exact = f64::from(*sum as i32) - f64::from(zeros[row]) * f64::from(col_sums[col]);
                let expected = exact * f64::from(rows[row]) * f64::from(cols[col]);
                let error = (f64::from(f32::from_bits(*found)) - expected).abs();
                assert!(error <= 4e-7 * expected.abs(), "{isa:?} at {at}: off by {error:e}");
            }
        }
    }
}
