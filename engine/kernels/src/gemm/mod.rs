//! Small matrix products that linear layers and attention are made of.
//!
//! Operands are rows of 32-bit *units*: one f32, two bf16 or four bytes that follow each other along k. A microkernel
//! multiplies a few rows of the left operand with a *panel* of the right one, in which the units of `panel` columns
//! lie side by side: `[units][panel]`.

#[cfg(target_arch = "x86_64")]
mod amx;
#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;
mod groups;
mod scalar;

use crate::cpu::Isa;

pub(crate) use groups::TAIL;
pub use groups::{Bits, Grouping};

/// The precision of a product.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// f32 throughout.
    F32,
    /// Both operands in bf16, sums in f32.
    Bf16,
    /// Unsigned bytes on the left, signed ones on the right, exact sums.
    Int8,
    /// Signed bytes on the left with a scale for each block, codes on the right with one for each group, sums in f32.
    Groups(Grouping),
}

impl Format {
    /// Elements of the left operand in a 32-bit unit.
    pub(crate) const fn unit(self) -> usize {
        match self {
            Self::F32 => 1,
            Self::Bf16 => 2,
            Self::Int8 | Self::Groups(_) => 4,
        }
    }
}

/// Most rows of any microkernel.
pub(crate) const MAX_ROWS: usize = 32;
/// Most columns of any microkernel's panel.
pub(crate) const MAX_PANEL: usize = 48;

/// Operands of one call of a microkernel.
#[derive(Clone, Copy)]
#[cfg_attr(not(target_arch = "x86_64"), expect(dead_code, reason = "the scalar microkernels fetch nothing ahead"))]
pub(crate) struct Block {
    /// Rows of the left operand, 1 to `Micro::rows`.
    pub(crate) rows: usize,
    /// The left operand's first row.
    pub(crate) left: *const u32,
    /// Units from one row of it to the next.
    pub(crate) stride: usize,
    /// The panel.
    pub(crate) panel: *const u32,
    /// Units along k, a multiple of `Micro::depth`; groups if codes have them.
    pub(crate) units: usize,
    /// Blocks of a group; of codes in groups only.
    pub(crate) group_blocks: usize,
    /// Where to start fetching what later calls read.
    pub(crate) prefetch: *const u32,
    /// Bytes to fetch for every unit along k.
    pub(crate) prefetch_step: usize,
    /// Takes the sums, `[rows][panel]`, f32 or i32.
    pub(crate) sums: *mut u32,
}

/// A microkernel and its sizes.
#[derive(Clone, Copy)]
pub(crate) struct Micro {
    /// Most rows of a call.
    pub(crate) rows: usize,
    /// Columns of a panel.
    pub(crate) panel: usize,
    /// Units along k come in multiples of this.
    pub(crate) depth: usize,
    /// Rows of the left operand are read, and of the sums are written, in multiples of this.
    pub(crate) row_group: usize,
    run: unsafe fn(&Block),
}

impl Micro {
    /// Multiplies.
    ///
    /// # Safety
    /// The processor has the instruction set that the microkernel was chosen for; `left` and `sums` are valid for
    /// `rows` rounded up to `row_group`, `panel` for `units` times `Micro::panel` units; `rows` and `units` keep to
    /// their bounds. `prefetch` may be any address.
    #[inline(always)]
    pub(crate) unsafe fn run(&self, block: &Block) {
        debug_assert!((1..=self.rows).contains(&block.rows) && block.units.is_multiple_of(self.depth));
        // SAFETY: the caller's promises are the microkernel's.
        unsafe { (self.run)(block) }
    }
}

/// The microkernel of a format under an instruction set.
#[cfg(target_arch = "x86_64")]
pub(crate) fn micro(isa: Isa, format: Format) -> Micro {
    match (isa, format) {
        (Isa::Scalar, _) => scalar::micro(format),
        (Isa::Avx2, _) => avx2::micro(format),
        (Isa::Amx, _) => amx::micro(format),
        _ => avx512::micro(isa, format),
    }
}

/// The microkernel of a format under an instruction set.
#[cfg(not(target_arch = "x86_64"))]
pub(crate) fn micro(_isa: Isa, format: Format) -> Micro {
    scalar::micro(format)
}
