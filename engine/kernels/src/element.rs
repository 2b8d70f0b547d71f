use half::bf16;

use crate::gemm::Format;

/// Element type of activations: f32 or bf16.
pub trait Element: Copy + Send + Sync + 'static {
    /// Format of products with operands of this type.
    const FORMAT: Format;

    /// Widens to f32, exactly.
    fn widen(self) -> f32;

    /// Rounds to nearest, ties to even.
    fn narrow(value: f32) -> Self;
}

impl Element for f32 {
    const FORMAT: Format = Format::F32;

    #[inline(always)]
    fn widen(self) -> f32 {
        self
    }

    #[inline(always)]
    fn narrow(value: f32) -> Self {
        value
    }
}

impl Element for bf16 {
    const FORMAT: Format = Format::Bf16;

    #[inline(always)]
    fn widen(self) -> f32 {
        f32::from_bits(u32::from(self.to_bits()) << 16)
    }

    // Branch-free, unlike `bf16::from_f32`, so that loops over it vectorize.
    #[inline(always)]
    fn narrow(value: f32) -> Self {
        let bits = value.to_bits();
        let rounded = bits.wrapping_add(0x7fff + (bits >> 16 & 1)) >> 16;
        let quiet_nan = bits >> 16 | 0x40;
        Self::from_bits((if value.is_nan() { quiet_nan } else { rounded }) as u16)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bf16_rounds_as_half_does() {
        let special = [0.0, -0.0, f32::INFINITY, f32::NEG_INFINITY, f32::NAN, f32::MAX, f32::MIN_POSITIVE, 1e-45];
        let spread = (0..100_000u32).map(|step| f32::from_bits(step.wrapping_mul(0x9e37_79b9)));
        for value in special.into_iter().chain(spread) {
            let (found, expected) = (bf16::narrow(value), bf16::from_f32(value));
            assert_eq!(found.to_bits(), expected.to_bits(), "{value:e}");
            assert_eq!(found.widen().to_bits(), expected.to_f32().to_bits(), "{value:e}");
        }
    }
}
