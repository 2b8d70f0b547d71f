//! Products of bytes with codes of 4 or 8 bits, each group of which along k has a scale of its own.
//!
//! A prepared row of the left operand is a sequence of *blocks*: signed bytes, the f32 that they are multiples of, and
//! one unit more, see [`Grouping::row_units`]. A panel begins with a factor for each column; then come the groups, each
//! with the codes of its blocks, its scales and, if it has them, its minimums: see [`Grouping::panel_units`]. A product
//! is the factor times the sum of each block's number times (scale times its sum of codes and bytes, and minimum times
//! its sum of bytes).

#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;
mod scalar;

use super::Micro;
use crate::cpu::Isa;

/// The codes that a microkernel is for.
const FOUR: u8 = 0;
const EIGHT: u8 = 1;
const FP4: u8 = 2;

/// Units of a prepared row behind the bytes of each block.
pub(crate) const TAIL: usize = 2;

/// What a code is; each stands for a level, a small whole number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bits {
    /// 4 bits, which are the level.
    Four,
    /// 8 bits, which are the level.
    Eight,
    /// A floating point number of 4 bits: sign, two of exponent, one of mantissa; OCP Microscaling Formats 1.0, section
    /// 5.3.3. Levels are twice its value, and 12 more.
    Fp4,
}

/// The levels of [`Bits::Fp4`].
const FP4_LEVELS: [u8; 16] = [12, 13, 14, 15, 16, 18, 20, 24, 12, 11, 10, 9, 8, 6, 4, 0];

impl Bits {
    /// Units of 32 bits for so many units of bytes.
    const fn units(self, byte_units: usize) -> usize {
        match self {
            Self::Four | Self::Fp4 => byte_units / 2,
            Self::Eight => byte_units,
        }
    }

    /// The number of different codes.
    pub const fn codes(self) -> usize {
        match self {
            Self::Four | Self::Fp4 => 16,
            Self::Eight => 256,
        }
    }

    /// The level that stands for zero where groups have no minimums.
    pub const fn middle(self) -> u8 {
        match self {
            Self::Four => 8,
            Self::Eight => 128,
            Self::Fp4 => FP4_LEVELS[0],
        }
    }

    /// The level of a code.
    pub const fn level(self, code: u8) -> u8 {
        match self {
            Self::Four | Self::Eight => code,
            Self::Fp4 => FP4_LEVELS[code as usize % FP4_LEVELS.len()],
        }
    }
}

/// How the numbers of a row are stored as codes: `scale * (level - middle)`, or `scale * level + minimum`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Grouping {
    /// Of a code.
    pub bits: Bits,
    /// Numbers along k that share a scale: 16 or a multiple of 32, the former with 8 bits only.
    pub group_size: usize,
    /// Whether groups have a minimum; those of [`Bits::Fp4`] have none.
    pub has_minimums: bool,
}

impl Grouping {
    /// Whether microkernels know groups of this size.
    pub const fn is_known(self) -> bool {
        match (self.bits, self.group_size) {
            (Bits::Fp4, _) if self.has_minimums => false,
            (bits, 16) => matches!(bits, Bits::Eight),
            (_, size) => size > 0 && size.is_multiple_of(32),
        }
    }

    /// The number that a code stands for; the minimum is of no meaning where groups have none.
    pub fn value(self, code: u8, scale: f32, minimum: f32) -> f32 {
        let level = f32::from(self.bits.level(code));
        if self.has_minimums { scale * level + minimum } else { scale * (level - f32::from(self.bits.middle())) }
    }

    /// Numbers along k whose products are added up before they are scaled.
    pub(crate) const fn block(self) -> usize {
        if self.group_size < 32 { self.group_size } else { 32 }
    }

    /// Blocks of a group.
    pub(crate) const fn blocks(self) -> usize {
        self.group_size / self.block()
    }

    /// Groups of a row, the last of which may be filled up.
    pub(crate) const fn groups(self, k: usize) -> usize {
        k.div_ceil(self.group_size)
    }

    /// Units of a prepared row of the left operand. The last of a block's is the sum of its bytes times minus the
    /// middle code, an i32, or if groups have minimums the sum of the numbers, an f32.
    pub(crate) const fn row_units(self, k: usize) -> usize {
        self.groups(k) * self.blocks() * (self.block() / 4 + TAIL)
    }

    /// Units of a block's codes in a panel. Those of 8 bits are the units of bytes, `[units][panel]`; of 4 bits two
    /// units of bytes share one, the first in the lower halves of its bytes.
    pub(crate) const fn code_units(self, panel: usize) -> usize {
        self.bits.units(self.block() / 4) * panel
    }

    /// Units of a group in a panel: codes, then f16 scales and f16 minimums by column.
    pub(crate) const fn group_units(self, panel: usize) -> usize {
        self.blocks() * self.code_units(panel) + (1 + self.has_minimums as usize) * panel / 2
    }

    /// Units of a panel.
    pub(crate) const fn panel_units(self, panel: usize, k: usize) -> usize {
        panel + self.groups(k) * self.group_units(panel)
    }
}

/// The microkernel of a grouping under an instruction set. `Block::units` counts groups, `Block::group_blocks` the blocks
/// of each, and `Block::prefetch_step` is for each of those.
#[cfg(target_arch = "x86_64")]
pub(super) fn micro(isa: Isa, grouping: Grouping) -> Micro {
    match isa {
        Isa::Scalar => scalar::micro(grouping),
        Isa::Avx2 => avx2::micro(grouping),
        _ => avx512::micro(isa, grouping),
    }
}

/// The microkernel of a grouping under an instruction set.
#[cfg(not(target_arch = "x86_64"))]
pub(super) fn micro(_isa: Isa, grouping: Grouping) -> Micro {
    scalar::micro(grouping)
}
