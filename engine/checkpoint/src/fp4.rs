//! Byte layout of MXFP4 matrices, OCP Microscaling Formats 1.0: pairs of FP4 values, and apart from them an E8M0 scale
//! per group.

use trustformers_ops::{Bits, Grouping};

use crate::quantized::unpack_pairs;

/// Values that share a scale.
pub(crate) const GROUP: usize = 32;
/// Exponent bias of the E8M0 scales.
const BIAS: i32 = 127;

pub(crate) const GROUPING: Grouping = Grouping { bits: Bits::Fp4, group_size: GROUP, has_mins: false };

/// Decodes the quantized values and scales of consecutive groups.
pub(crate) fn decode(bytes: &[u8], exponents: &[u8], quantized: &mut [u8], scales: &mut [f32]) {
    unpack_pairs(bytes, quantized);
    for (scale, exponent) in scales.iter_mut().zip(exponents) {
        // Levels are twice the FP4 values, so scales are halved.
        *scale = 2f32.powi(i32::from(*exponent) - BIAS - 1);
    }
}
