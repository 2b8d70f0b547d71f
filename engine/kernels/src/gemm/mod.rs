//! Matrix product microkernels for linear layers and attention.
//!
//! Operands are rows of 32-bit *units*: one f32, two bf16 or four bytes that are adjacent along k. A microkernel
//! multiplies a few rows of the left operand with a *panel* of the right operand, which interleaves the units of
//! `panel` columns: `[units][panel]`.

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

/// Precision of a matrix product.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// f32 operands and sums.
    F32,
    /// bf16 operands, f32 sums.
    Bf16,
    /// Unsigned bytes on the left, signed bytes on the right, exact i32 sums.
    Int8,
    /// Signed bytes with a scale per block on the left, group-quantized values on the right, f32 sums.
    Groups(Grouping),
}

impl Format {
    /// Elements of the left operand per 32-bit unit.
    pub(crate) const fn unit(self) -> usize {
        match self {
            Self::F32 => 1,
            Self::Bf16 => 2,
            Self::Int8 | Self::Groups(_) => 4,
        }
    }
}

/// Maximum rows of any microkernel.
pub(crate) const MAX_ROWS: usize = 32;
/// Maximum panel columns of any microkernel.
pub(crate) const MAX_PANEL: usize = 48;

/// Operands of one microkernel call.
#[derive(Clone, Copy)]
#[cfg_attr(not(target_arch = "x86_64"), expect(dead_code, reason = "the scalar microkernels do not prefetch"))]
pub(crate) struct Block {
    /// Rows of the left operand, 1 to `Micro::rows`.
    pub(crate) rows: usize,
    /// First row of the left operand.
    pub(crate) left: *const u32,
    /// Row stride of the left operand in units.
    pub(crate) stride: usize,
    /// Panel of the right operand.
    pub(crate) panel: *const u32,
    /// Units along k, a multiple of `Micro::depth`; groups along k for group-quantized weights.
    pub(crate) units: usize,
    /// Blocks per group; group-quantized weights only.
    pub(crate) group_blocks: usize,
    /// Address from which to prefetch the operands of later calls.
    pub(crate) prefetch: *const u32,
    /// Bytes to prefetch per unit along k.
    pub(crate) prefetch_step: usize,
    /// Output: sums `[rows][panel]`, f32 or i32.
    pub(crate) sums: *mut u32,
    /// Whether the products are added to the sums instead of replacing them; not for group-quantized weights.
    pub(crate) adds: bool,
}

/// A microkernel and its block sizes.
#[derive(Clone, Copy)]
pub(crate) struct Micro {
    /// Maximum rows per call.
    pub(crate) rows: usize,
    /// Columns per panel.
    pub(crate) panel: usize,
    /// Units along k are a multiple of this.
    pub(crate) depth: usize,
    /// Rows of the left operand are read, and rows of the sums written, in multiples of this.
    pub(crate) row_group: usize,
    run: unsafe fn(&Block),
}

impl Micro {
    /// Multiplies the operands.
    ///
    /// # Safety
    /// The processor has the microkernel's instruction set; `left` and `sums` are valid for `rows` rounded up to
    /// `row_group`, `panel` for `units` times `Micro::panel` units; `rows` and `units` are within their bounds.
    /// `prefetch` may be any address.
    #[inline(always)]
    pub(crate) unsafe fn run(&self, block: &Block) {
        debug_assert!((1..=self.rows).contains(&block.rows) && block.units.is_multiple_of(self.depth));
        // SAFETY: the caller's promises are the microkernel's.
        unsafe { (self.run)(block) }
    }
}

/// The microkernel of a format for an instruction set.
#[cfg(target_arch = "x86_64")]
pub(crate) fn micro(isa: Isa, format: Format) -> Micro {
    match (isa, format) {
        (Isa::Scalar, _) => scalar::micro(format),
        (Isa::Avx2, _) => avx2::micro(format),
        (Isa::Amx, _) => amx::micro(format),
        _ => avx512::micro(isa, format),
    }
}

/// The microkernel of a format for an instruction set.
#[cfg(not(target_arch = "x86_64"))]
pub(crate) fn micro(_isa: Isa, format: Format) -> Micro {
    scalar::micro(format)
}
