//! AMX microkernels: four tiles hold the sums, and two per operand its next 64 bytes along k.

use std::arch::asm;
use std::mem::MaybeUninit;

use super::{Block, Format, Micro, avx512};
use crate::cpu::Isa;

/// Rows of a tile, and units per row.
const TILE: usize = 16;
/// Row stride of the panel and of the sums in bytes.
const PANEL_BYTES: usize = 2 * TILE * size_of::<u32>();

pub(super) fn micro(format: Format) -> Micro {
    let run = match format {
        Format::F32 | Format::Groups(_) => return avx512::micro(Isa::Amx, format),
        Format::Bf16 => bf16_pairs,
        Format::Int8 => byte_quads,
    };
    Micro { rows: 2 * TILE, panel: 2 * TILE, depth: TILE, row_group: TILE, run }
}

/// Configures all tiles as 16 rows of 64 bytes.
///
/// # Safety
/// The processor has AMX-TILE, and the operating system grants it.
#[inline(always)]
unsafe fn configure() {
    // Layout: Intel SDM volume 2, LDTILECFG.
    #[repr(align(64))]
    #[derive(PartialEq)]
    struct Configuration([u8; 64]);
    const PALETTE: u8 = 1;
    static WHOLE_TILES: Configuration = {
        let mut bytes = [0; 64];
        bytes[0] = PALETTE;
        let mut tile = 0;
        while tile < 8 {
            bytes[16 + 2 * tile] = 64;
            bytes[48 + tile] = TILE as u8;
            tile += 1;
        }
        Configuration(bytes)
    };
    // The configuration is read back, as in oneDNN, because other code on this thread may have released or changed the
    // tiles since the last block. They stay configured: Linux 6.0 and later releases them before a processor idles.
    let mut found = MaybeUninit::<Configuration>::uninit();
    // SAFETY: the instruction writes all 64 bytes; having it is the caller's promise.
    let found = unsafe {
        asm!("sttilecfg [{}]", in(reg) found.as_mut_ptr(), options(nostack, preserves_flags));
        found.assume_init()
    };
    if found != WHOLE_TILES {
        // SAFETY: the configuration is one that every processor with tiles has; having them is the caller's promise.
        unsafe {
            asm!(
                "ldtilecfg [{}]", in(reg) &WHOLE_TILES,
                out("tmm0") _, out("tmm1") _, out("tmm2") _, out("tmm3") _,
                out("tmm4") _, out("tmm5") _, out("tmm6") _, out("tmm7") _,
                options(nostack, preserves_flags, readonly),
            );
        }
    }
}

/// Defines a microkernel from the instruction that adds the product of two tiles to a third.
macro_rules! microkernel {
    ($name:ident, $multiply:literal) => {
        /// # Safety
        /// As [`Micro::run`].
        unsafe fn $name(block: &Block) {
            let Block { rows, left, panel, units, prefetch, prefetch_step, sums, .. } = *block;
            let (stride, steps) = (block.stride * size_of::<u32>(), units / TILE);
            // SAFETY: the caller's promise.
            unsafe { configure() };
            // Every step prefetches eight lines, which overlap the next step's if `prefetch_step` asks for fewer.
            if rows > TILE {
                // SAFETY: left and sums hold 32 rows, the panel `units` units of 32 columns; a prefetch may name any
                // address. All tiles are whole.
                unsafe {
                    asm!(
                        "tilezero tmm0",
                        "tilezero tmm1",
                        "tilezero tmm2",
                        "tilezero tmm3",
                        "test {adds}, {adds}",
                        "jz 4f",
                        "tileloadd tmm0, [{sums} + {panel_bytes}]",
                        "tileloadd tmm1, [{sums} + {panel_bytes} + 64]",
                        "tileloadd tmm2, [{sums} + {panel_bytes} + 2048]",
                        "tileloadd tmm3, [{sums} + {panel_bytes} + 2112]",
                        "4:",
                        "test {steps}, {steps}",
                        "jz 3f",
                        "2:",
                        "tileloadd tmm6, [{panel} + {panel_bytes}]",
                        "tileloadd tmm4, [{left} + {stride}]",
                        concat!($multiply, " tmm0, tmm4, tmm6"),
                        "prefetcht1 [{prefetch}]",
                        "prefetcht1 [{prefetch} + 64]",
                        "tileloadd tmm7, [{panel} + {panel_bytes} + 64]",
                        concat!($multiply, " tmm1, tmm4, tmm7"),
                        "prefetcht1 [{prefetch} + 128]",
                        "prefetcht1 [{prefetch} + 192]",
                        "tileloadd tmm5, [{lower} + {stride}]",
                        concat!($multiply, " tmm2, tmm5, tmm6"),
                        "prefetcht1 [{prefetch} + 256]",
                        "prefetcht1 [{prefetch} + 320]",
                        concat!($multiply, " tmm3, tmm5, tmm7"),
                        "prefetcht1 [{prefetch} + 384]",
                        "prefetcht1 [{prefetch} + 448]",
                        "add {left}, 64",
                        "add {lower}, 64",
                        "add {panel}, 2048",
                        "add {prefetch}, {prefetch_step}",
                        "dec {steps}",
                        "jnz 2b",
                        "3:",
                        "tilestored [{sums} + {panel_bytes}], tmm0",
                        "tilestored [{sums} + {panel_bytes} + 64], tmm1",
                        "tilestored [{sums} + {panel_bytes} + 2048], tmm2",
                        "tilestored [{sums} + {panel_bytes} + 2112], tmm3",
                        left = inout(reg) left => _,
                        lower = inout(reg) left.wrapping_add(TILE * block.stride) => _,
                        stride = in(reg) stride,
                        panel = inout(reg) panel => _,
                        panel_bytes = in(reg) PANEL_BYTES,
                        prefetch = inout(reg) prefetch => _,
                        prefetch_step = in(reg) TILE * prefetch_step,
                        steps = inout(reg) steps => _,
                        sums = in(reg) sums,
                        adds = in(reg) usize::from(block.adds),
                        out("tmm0") _, out("tmm1") _, out("tmm2") _, out("tmm3") _,
                        out("tmm4") _, out("tmm5") _, out("tmm6") _, out("tmm7") _,
                        options(nostack),
                    );
                }
            } else {
                // SAFETY: as above, with 16 rows.
                unsafe {
                    asm!(
                        "tilezero tmm0",
                        "tilezero tmm1",
                        "test {adds}, {adds}",
                        "jz 4f",
                        "tileloadd tmm0, [{sums} + {panel_bytes}]",
                        "tileloadd tmm1, [{sums} + {panel_bytes} + 64]",
                        "4:",
                        "test {steps}, {steps}",
                        "jz 3f",
                        "2:",
                        "tileloadd tmm6, [{panel} + {panel_bytes}]",
                        "tileloadd tmm4, [{left} + {stride}]",
                        concat!($multiply, " tmm0, tmm4, tmm6"),
                        "prefetcht1 [{prefetch}]",
                        "prefetcht1 [{prefetch} + 64]",
                        "prefetcht1 [{prefetch} + 128]",
                        "prefetcht1 [{prefetch} + 192]",
                        "tileloadd tmm7, [{panel} + {panel_bytes} + 64]",
                        concat!($multiply, " tmm1, tmm4, tmm7"),
                        "prefetcht1 [{prefetch} + 256]",
                        "prefetcht1 [{prefetch} + 320]",
                        "prefetcht1 [{prefetch} + 384]",
                        "prefetcht1 [{prefetch} + 448]",
                        "add {left}, 64",
                        "add {panel}, 2048",
                        "add {prefetch}, {prefetch_step}",
                        "dec {steps}",
                        "jnz 2b",
                        "3:",
                        "tilestored [{sums} + {panel_bytes}], tmm0",
                        "tilestored [{sums} + {panel_bytes} + 64], tmm1",
                        left = inout(reg) left => _,
                        stride = in(reg) stride,
                        panel = inout(reg) panel => _,
                        panel_bytes = in(reg) PANEL_BYTES,
                        prefetch = inout(reg) prefetch => _,
                        prefetch_step = in(reg) TILE * prefetch_step,
                        steps = inout(reg) steps => _,
                        sums = in(reg) sums,
                        adds = in(reg) usize::from(block.adds),
                        out("tmm0") _, out("tmm1") _, out("tmm4") _, out("tmm6") _, out("tmm7") _,
                        options(nostack),
                    );
                }
            }
        }
    };
}

microkernel!(bf16_pairs, "tdpbf16ps");
microkernel!(byte_quads, "tdpbusd");

#[cfg(all(test, target_os = "linux", not(miri)))]
mod tests {
    use half::bf16;

    use super::*;
    use crate::cpu::provide_tiles;
    use crate::gemm::{MAX_PANEL, scalar};
    use crate::testing::values;

    /// Operands: left `[32][stride]` and right `[units][32]`.
    fn operands(format: Format, stride: usize, units: usize, seed: u64) -> [Vec<u32>; 2] {
        let numbers = |len: usize, seed| -> Vec<u32> {
            let values = values(len * format.unit(), seed);
            values.chunks(format.unit()).map(|unit| pack(format, unit)).collect()
        };
        [numbers(2 * TILE * stride, seed), numbers(units * 2 * TILE, seed + 1)]
    }

    fn pack(format: Format, unit: &[f32]) -> u32 {
        match format {
            Format::F32 => unit[0].to_bits(),
            Format::Bf16 => unit.iter().rev().fold(0, |all, &x| all << 16 | u32::from(bf16::from_f32(x).to_bits())),
            _ => unit.iter().fold(0, |all, &x| all << 8 | u32::from((x * 128.0).floor() as i8 as u8)),
        }
    }

    /// Sums `[rows][32]` of the scalar microkernel.
    fn expected(format: Format, rows: usize, stride: usize, units: usize, [left, right]: &[Vec<u32>; 2]) -> Vec<u32> {
        let micro = scalar::micro(format);
        let mut sums = vec![0; rows * 2 * TILE];
        for first_col in (0..2 * TILE).step_by(micro.panel) {
            let panel: Vec<u32> =
                right.chunks(2 * TILE).flat_map(|unit| &unit[first_col..first_col + micro.panel]).copied().collect();
            for first_row in (0..rows).step_by(micro.rows) {
                let mut part = [0; MAX_PANEL * 2];
                let block = Block {
                    rows: micro.rows.min(rows - first_row),
                    left: left[first_row * stride..].as_ptr(),
                    stride,
                    panel: panel.as_ptr(),
                    units,
                    group_blocks: 0,
                    prefetch: panel.as_ptr(),
                    prefetch_step: 64,
                    sums: part.as_mut_ptr(),
                    adds: false,
                };
                // SAFETY: every processor runs scalar code; the operands hold `rows` rows and `units` units.
                unsafe { micro.run(&block) };
                for (row, part) in part.chunks(micro.panel).enumerate().take(block.rows) {
                    sums[(first_row + row) * 2 * TILE + first_col..][..micro.panel].copy_from_slice(part);
                }
            }
        }
        sums
    }

    fn assert_same(format: Format, found: &[u32], expected: &[u32], case: &str) {
        if format == Format::Int8 {
            assert_eq!(found, expected, "{case}");
            return;
        }
        for (found, expected) in found.iter().zip(expected) {
            let (found, expected) = (f32::from_bits(*found), f32::from_bits(*expected));
            // At most 192 products of at most 1, added in another order: their sums stay below 64.
            assert!((found - expected).abs() < 4e-5, "{case}: {found} instead of {expected}");
        }
    }

    fn check(format: Format, rows: usize, units: usize) {
        const UNTOUCHED: u32 = 0xdead_beef;
        // A stride above the row length, and rows at any alignment.
        let stride = units + rows % 7;
        let operands = operands(format, stride, units, (rows * 100 + units) as u64);
        let padded = rows.next_multiple_of(TILE) * 2 * TILE;
        let mut sums = vec![UNTOUCHED; padded + 64];
        let block = Block {
            rows,
            left: operands[0].as_ptr(),
            stride,
            panel: operands[1].as_ptr(),
            units,
            group_blocks: 0,
            prefetch: operands[1].as_ptr(),
            prefetch_step: 64,
            sums: sums.as_mut_ptr(),
            adds: false,
        };
        // SAFETY: there are tiles, real or emulated; the operands hold 32 rows and `units` units, and the sums as many
        // rows as the microkernel writes.
        unsafe { micro(format).run(&block) };
        let case = format!("{format:?}, {rows} rows of {units} units");
        let mut expected = expected(format, rows, stride, units, &operands);
        assert_same(format, &sums[..rows * 2 * TILE], &expected, &case);
        // SAFETY: as above.
        unsafe { micro(format).run(&Block { adds: true, ..block }) };
        for sum in &mut expected {
            *sum = match format {
                Format::Int8 => sum.wrapping_mul(2),
                _ => (2.0 * f32::from_bits(*sum)).to_bits(),
            };
        }
        assert_same(format, &sums[..rows * 2 * TILE], &expected, &case);
        assert!(sums[padded..].iter().all(|&sum| sum == UNTOUCHED), "{case}: wrote past the sums");
    }

    #[test]
    fn tiles_match_the_scalar_microkernel() {
        provide_tiles();
        for format in [Format::Bf16, Format::Int8] {
            for rows in 1..=2 * TILE {
                for units in [0, 16, 32, 48, 96] {
                    check(format, rows, units);
                }
            }
        }
    }

    #[test]
    fn tiles_are_reconfigured_after_other_code_changed_them() {
        provide_tiles();
        check(Format::Int8, 32, 32);
        // SAFETY: there are tiles, real or emulated, which no other code on this thread uses now.
        unsafe { asm!("tilerelease", options(nomem, nostack, preserves_flags)) };
        check(Format::Int8, 32, 32);
        let mut small = [0u8; 64];
        (small[0], small[16], small[48]) = (1, 8, 2);
        // SAFETY: as above; the configuration is valid.
        unsafe { asm!("ldtilecfg [{}]", in(reg) &small, options(nostack, preserves_flags, readonly)) };
        check(Format::Bf16, 16, 32);
    }
}
