//! Products of int8 activations with group-quantized weights of 4 or 8 bits.
//!
//! A prepared row of the left operand is a sequence of *blocks*: signed bytes, their f32 scale, and a sum of the block,
//! see [`Grouping::row_units`]. A panel begins with an f32 factor per column; then come the groups, each with the
//! quantized values of its blocks, its f16 scales and, with zero points, its mins: see
//! [`Grouping::panel_units`]. A product is the column's factor times the sum over all blocks of
//! `block_scale * (scale * sum(level * byte) + min * sum(byte))`.

#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;
mod scalar;

use super::Micro;
use crate::cpu::Isa;

/// Values of the microkernels' const parameter `BITS`.
const FOUR: u8 = 0;
const EIGHT: u8 = 1;
const FP4: u8 = 2;

/// Units after the bytes of each block in a prepared row: scale and sum.
pub(crate) const TAIL: usize = 2;

/// Format of a quantized value, which maps to a small integer level.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bits {
    /// 4-bit unsigned integer; the level is the quantized value.
    Four,
    /// 8-bit unsigned integer; the level is the quantized value.
    Eight,
    /// FP4 (E2M1), OCP Microscaling Formats 1.0 section 5.3.3. The level is twice the value, plus 12.
    Fp4,
}

/// Level of each [`Bits::Fp4`] value.
const FP4_LEVELS: [u8; 16] = [12, 13, 14, 15, 16, 18, 20, 24, 12, 11, 10, 9, 8, 6, 4, 0];

impl Bits {
    /// 32-bit units of packed quantized values for `byte_units` units of activation bytes.
    const fn units(self, byte_units: usize) -> usize {
        match self {
            Self::Four | Self::Fp4 => byte_units / 2,
            Self::Eight => byte_units,
        }
    }

    /// Number of distinct levels.
    pub const fn num_levels(self) -> usize {
        match self {
            Self::Four | Self::Fp4 => 16,
            Self::Eight => 256,
        }
    }

    /// The level of zero in symmetric quantization.
    pub const fn middle(self) -> u8 {
        match self {
            Self::Four => 8,
            Self::Eight => 128,
            Self::Fp4 => FP4_LEVELS[0],
        }
    }

    /// Level of a quantized value.
    pub const fn level(self, quantized: u8) -> u8 {
        match self {
            Self::Four | Self::Eight => quantized,
            Self::Fp4 => FP4_LEVELS[quantized as usize % FP4_LEVELS.len()],
        }
    }
}

/// Group quantization of a weight: symmetric, `scale * (level - middle)`, or with mins, `scale * level + min`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Grouping {
    /// Format of the quantized values.
    pub bits: Bits,
    /// Values along k that share a scale: a multiple of 32, or 16 with 8 bits only.
    pub group_size: usize,
    /// Whether groups have mins (asymmetric quantization); not allowed with [`Bits::Fp4`].
    pub has_mins: bool,
}

impl Grouping {
    /// Whether a microkernel supports this grouping.
    pub const fn is_known(self) -> bool {
        match (self.bits, self.group_size) {
            (Bits::Fp4, _) if self.has_mins => false,
            (bits, 16) => matches!(bits, Bits::Eight),
            (_, size) => size > 0 && size.is_multiple_of(32),
        }
    }

    /// Dequantizes a value; `min` is ignored in symmetric quantization.
    pub fn value(self, quantized: u8, scale: f32, min: f32) -> f32 {
        let level = f32::from(self.bits.level(quantized));
        if self.has_mins { scale * level + min } else { scale * (level - f32::from(self.bits.middle())) }
    }

    /// Values along k whose products are summed before scaling.
    pub(crate) const fn block(self) -> usize {
        if self.group_size < 32 { self.group_size } else { 32 }
    }

    /// Blocks per group.
    pub(crate) const fn blocks(self) -> usize {
        self.group_size / self.block()
    }

    /// Groups per row; the last may be padded.
    pub(crate) const fn groups(self, k: usize) -> usize {
        k.div_ceil(self.group_size)
    }

    /// Units of a prepared row of the left operand. A block's last unit is `-middle * sum(bytes)` as i32 in symmetric
    /// quantization, or `block scale * sum(bytes)` as f32 with mins.
    pub(crate) const fn row_units(self, k: usize) -> usize {
        self.groups(k) * self.blocks() * (self.block() / 4 + TAIL)
    }

    /// Units of a block's quantized values in a panel. With 8 bits their layout is `[units][panel]`; with 4 bits one
    /// unit holds two of these, the first in the lower nibbles.
    pub(crate) const fn value_units(self, panel: usize) -> usize {
        self.bits.units(self.block() / 4) * panel
    }

    /// Units of a group in a panel: quantized values, then f16 scales and f16 mins by column.
    pub(crate) const fn group_units(self, panel: usize) -> usize {
        self.blocks() * self.value_units(panel) + (1 + self.has_mins as usize) * panel / 2
    }

    /// Units of a panel.
    pub(crate) const fn panel_units(self, panel: usize, k: usize) -> usize {
        panel + self.groups(k) * self.group_units(panel)
    }
}

/// The microkernel of a grouping for an instruction set. `Block::units` counts groups, `Block::group_blocks` is the
/// number of blocks per group, and `Block::prefetch_step` is in bytes per block.
#[cfg(target_arch = "x86_64")]
pub(super) fn micro(isa: Isa, grouping: Grouping) -> Micro {
    match isa {
        Isa::Scalar => scalar::micro(grouping),
        Isa::Avx2 => avx2::micro(grouping),
        _ => avx512::micro(isa, grouping),
    }
}

/// The microkernel of a grouping for an instruction set.
#[cfg(not(target_arch = "x86_64"))]
pub(super) fn micro(_isa: Isa, grouping: Grouping) -> Micro {
    scalar::micro(grouping)
}
