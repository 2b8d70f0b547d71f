use half::bf16;

use super::{Block, Format, Micro, groups};
use crate::Element;
use crate::cpu::Isa;

const ROWS: usize = 2;
const PANEL: usize = 16;

pub(super) fn micro(format: Format) -> Micro {
    let run = match format {
        Format::F32 => f32s,
        Format::Bf16 => bf16s,
        Format::Int8 => bytes,
        Format::Groups(grouping) => return groups::micro(Isa::Scalar, grouping),
    };
    Micro { rows: ROWS, panel: PANEL, depth: 1, row_group: 1, run }
}

/// # Safety
/// As [`Micro::run`].
unsafe fn f32s(block: &Block) {
    // SAFETY: as the caller's.
    unsafe { sums(block, 0.0f32, |sum, left, right| sum + f32::from_bits(left) * f32::from_bits(right)) }
}

/// # Safety
/// As [`Micro::run`].
unsafe fn bf16s(block: &Block) {
    let halves = |unit: u32| [unit as u16, (unit >> 16) as u16].map(|bits| bf16::from_bits(bits).widen());
    // SAFETY: as the caller's.
    unsafe {
        sums(block, 0.0f32, |sum, left, right| {
            let (left, right) = (halves(left), halves(right));
            sum + left[0] * right[0] + left[1] * right[1]
        });
    }
}

/// # Safety
/// As [`Micro::run`].
unsafe fn bytes(block: &Block) {
    let product =
        |left: u32, right: u32, shift: u32| i32::from((left >> shift) as u8) * i32::from((right >> shift) as i8);
    // SAFETY: as the caller's.
    unsafe {
        sums(block, 0i32, |sum: i32, left, right| {
            [0, 8, 16, 24].into_iter().fold(sum, |sum, shift| sum.wrapping_add(product(left, right, shift)))
        });
    }
}

/// # Safety
/// As [`Micro::run`]; `T` has four bytes.
#[inline(always)]
unsafe fn sums<T: Copy>(block: &Block, zero: T, add: impl Fn(T, u32, u32) -> T) {
    let mut sums = [[zero; PANEL]; ROWS];
    if block.adds {
        for (row, sums) in sums.iter_mut().enumerate().take(block.rows) {
            // SAFETY: `sums` holds `rows` rows of a panel.
            *sums = unsafe { block.sums.add(row * PANEL).cast::<[T; PANEL]>().read_unaligned() };
        }
    }
    for at in 0..block.units {
        // SAFETY: the panel holds `units` times `PANEL` units.
        let right: [u32; PANEL] = unsafe { block.panel.add(at * PANEL).cast::<[u32; PANEL]>().read_unaligned() };
        for (row, sums) in sums.iter_mut().enumerate().take(block.rows) {
            // SAFETY: `row` is one of the left operand's rows, each of which holds `units` units.
            let left = unsafe { *block.left.add(row * block.stride + at) };
            for (sum, right) in sums.iter_mut().zip(right) {
                *sum = add(*sum, left, right);
            }
        }
    }
    for (row, sums) in sums.iter().enumerate().take(block.rows) {
        // SAFETY: `sums` has room for `rows` rows of a panel.
        unsafe { block.sums.add(row * PANEL).cast::<[T; PANEL]>().write_unaligned(*sums) };
    }
}
