use half::f16;

use super::{Bits, EIGHT, FOUR, FP4, FP4_LEVELS, Grouping, TAIL};
use crate::gemm::{Block, Micro};

const ROWS: usize = 2;
const PANEL: usize = 16;

pub(super) fn micro(grouping: Grouping) -> Micro {
    let run = match (grouping.bits, grouping.block(), grouping.has_mins) {
        (Bits::Four, _, false) => block::<8, FOUR, false>,
        (Bits::Four, _, true) => block::<8, FOUR, true>,
        (Bits::Fp4, ..) => block::<8, FP4, false>,
        (Bits::Eight, 16, false) => block::<4, EIGHT, false>,
        (Bits::Eight, 16, true) => block::<4, EIGHT, true>,
        (Bits::Eight, _, false) => block::<8, EIGHT, false>,
        (Bits::Eight, _, true) => block::<8, EIGHT, true>,
    };
    Micro { rows: ROWS, panel: PANEL, depth: 1, row_group: 1, run }
}

/// # Safety
/// As [`Micro::run`], with a panel and rows of the matching grouping.
unsafe fn block<const UNITS: usize, const BITS: u8, const MINS: bool>(block: &Block) {
    let Block { rows, left, stride, panel, units: groups, group_blocks, .. } = *block;
    let value_units = if BITS == EIGHT { UNITS } else { UNITS / 2 } * PANEL;
    let mut sums = [[0.0f32; PANEL]; ROWS];
    // SAFETY: the panel begins with an f32 factor per column; its groups follow, each with the quantized values of its
    // blocks and then f16 scales and mins per column; each row holds the units of all blocks.
    unsafe {
        let mut group = panel.add(PANEL);
        for index in 0..groups {
            let halves = group.add(group_blocks * value_units).cast::<u16>();
            let half = |at: usize| f16::from_bits(halves.add(at).read()).to_f32();
            for at in 0..group_blocks {
                let quantized = group.add(at * value_units);
                for (row, sums) in sums.iter_mut().enumerate().take(rows) {
                    let bytes = left.add(row * stride + (index * group_blocks + at) * (UNITS + TAIL));
                    let (number, last) = (f32::from_bits(*bytes.add(UNITS)), *bytes.add(UNITS + 1));
                    for (col, sum) in sums.iter_mut().enumerate() {
                        let mut dot = if MINS { 0 } else { last as i32 };
                        for unit in 0..UNITS {
                            let quantized = if BITS == EIGHT {
                                *quantized.add(unit * PANEL + col)
                            } else {
                                *quantized.add(unit / 2 * PANEL + col) >> (4 * (unit % 2)) & 0x0f0f_0f0f
                            };
                            let levels = quantized
                                .to_le_bytes()
                                .map(|value| if BITS == FP4 { FP4_LEVELS[usize::from(value)] } else { value });
                            let pairs = levels.into_iter().zip((*bytes.add(unit)).to_le_bytes());
                            dot += pairs.map(|(level, byte)| i32::from(level) * i32::from(byte as i8)).sum::<i32>();
                        }
                        *sum += half(col) * (dot as f32 * number);
                        if MINS {
                            *sum += half(PANEL + col) * f32::from_bits(last);
                        }
                    }
                }
            }
            group = group.add(group_blocks * value_units + (1 + usize::from(MINS)) * PANEL / 2);
        }
        for (row, sums) in sums.iter().enumerate().take(rows) {
            for (col, sum) in sums.iter().enumerate() {
                *block.sums.add(row * PANEL + col) = (sum * f32::from_bits(*panel.add(col))).to_bits();
            }
        }
    }
}
