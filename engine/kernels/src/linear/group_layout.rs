//! Layout of group-quantized weights in panels: a factor per row, and for each group the quantized values, scales and
//! mins of all rows of the panel.

use half::f16;

use super::groups::Groups;
use crate::cpu;
use crate::gemm::{Bits, Grouping};
use crate::memory::{Buffer, Shared};

/// Packs a matrix in panels of `panel` rows.
pub(super) fn pack(groups: &Groups, panel: usize) -> Buffer {
    let [n, k] = groups.shape;
    let panel_units = groups.grouping.panel_units(panel, k);
    let mut data = Buffer::lasting(4 * panel_units * n.div_ceil(panel));
    let target = Shared(data.as_mut_slice::<u32>().as_mut_ptr());
    cpu::parallel(n.div_ceil(panel), |index| {
        // SAFETY: every panel is one task's alone.
        let units = unsafe { std::slice::from_raw_parts_mut(target.start().add(index * panel_units), panel_units) };
        for (lane, row) in (index * panel..n).take(panel).enumerate() {
            put_row(groups, row, Lane { units, panel, lane });
        }
    });
    data
}

/// Writes the dequantized rows of a panel. **Shapes:** `out: [rows, k]`.
pub(super) fn unpack_panel(units: &[u32], panel: usize, k: usize, grouping: Grouping, out: &mut [f32]) {
    out.chunks_exact_mut(k).enumerate().for_each(|(lane, row)| read_row(units, panel, lane, grouping, row));
}

/// Position of a row in a panel.
struct Lane<'a> {
    units: &'a mut [u32],
    panel: usize,
    lane: usize,
}

/// Position of a quantized value: its unit relative to the start of the group, and its first bit.
fn value_position(grouping: Grouping, panel: usize, lane: usize, at: usize) -> (usize, usize) {
    let block = grouping.block();
    let (unit, byte) = (at % block / 4, at % 4);
    let start = at / block * grouping.value_units(panel);
    match grouping.bits {
        Bits::Eight => (start + unit * panel + lane, 8 * byte),
        Bits::Four | Bits::Fp4 => (start + unit / 2 * panel + lane, 8 * byte + 4 * (unit % 2)),
    }
}

/// Position of a column's f16 number: its unit relative to the start of these numbers, and its first bit.
fn half_position(lane: usize) -> (usize, usize) {
    (lane / 2, 16 * (lane % 2))
}

fn put_row(groups: &Groups, row: usize, Lane { units, panel, lane }: Lane<'_>) {
    /// Well within the range of f16.
    const MOST: f32 = 32_768.0;
    let (grouping, k) = (groups.grouping, groups.shape[1]);
    let count = grouping.groups(k);
    let own = row * count..(row + 1) * count;
    let scales = &groups.scales[own.clone()];
    let mins = groups.mins.get(own).unwrap_or_default();
    let most = scales.iter().chain(mins).fold(0.0f32, |most, x| most.max(x.abs()));
    // Scales this small are treated as zero.
    let is_normal = most.is_finite() && most >= 1e-30;
    let factor = if is_normal { (most / MOST).log2().ceil().exp2() } else { 1.0 };
    let half = |x: f32| u32::from(f16::from_f32(x / factor).to_bits());
    units[lane] = factor.to_bits();
    let quantized = &groups.quantized[row * k..][..k];
    let mut group_start = panel;
    for (index, quantized) in quantized.chunks(grouping.group_size).enumerate() {
        for (at, value) in quantized.iter().enumerate() {
            let (unit, bit) = value_position(grouping, panel, lane, at);
            units[group_start + unit] |= u32::from(*value) << bit;
        }
        let halves = group_start + grouping.blocks() * grouping.value_units(panel);
        let (unit, bit) = half_position(lane);
        units[halves + unit] |= half(scales[index]) << bit;
        if let Some(min) = mins.get(index) {
            units[halves + panel / 2 + unit] |= half(*min) << bit;
        }
        group_start += grouping.group_units(panel);
    }
}

fn read_row(units: &[u32], panel: usize, lane: usize, grouping: Grouping, out: &mut [f32]) {
    let factor = f32::from_bits(units[lane]);
    let groups = units[panel..].chunks_exact(grouping.group_units(panel));
    for (group, out) in groups.zip(out.chunks_mut(grouping.group_size)) {
        let halves = &group[grouping.blocks() * grouping.value_units(panel)..];
        let (unit, bit) = half_position(lane);
        let half = |unit: usize| f16::from_bits((halves[unit] >> bit) as u16).to_f32() * factor;
        let (scale, min) = (half(unit), if grouping.has_mins { half(panel / 2 + unit) } else { 0.0 });
        for (at, out) in out.iter_mut().enumerate() {
            let (unit, bit) = value_position(grouping, panel, lane, at);
            let quantized = (group[unit] >> bit) as usize % grouping.bits.num_levels();
            *out = grouping.value(quantized as u8, scale, min);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cpu::Isa;
    use crate::linear::groups::tests::GROUPINGS;
    use crate::linear::{PackedWeight, Values};
    use crate::testing::values;

    #[test]
    fn unpacking_restores_group_quantized_weights() {
        let (n, k) = if cfg!(miri) { (3, 40) } else { (37, 200) };
        for isa in Isa::testable() {
            for grouping in GROUPINGS {
                let groups = Groups::of(Values::F32(&values(n * k, 3)), [n, k], grouping);
                let found = PackedWeight::pack_groups_for(isa, &groups).unpack();
                for (found, expected) in found.iter().zip(groups.values()) {
                    assert!((found - expected).abs() < 3e-3, "{isa:?} {grouping:?}: {found}, not {expected}");
                }
            }
        }
    }

    #[test]
    fn scales_representable_in_f16_are_exact() {
        let scales: Vec<f32> = values(8, 9).iter().map(|x| f16::from_f32(x * 1e-3).to_f32()).collect();
        let grouping = Grouping { bits: Bits::Four, group_size: 32, has_mins: false };
        let quantized = (0..256).map(|at| (at * 7 % 16) as u8).collect();
        let groups = Groups { shape: [2, 128], grouping, quantized, scales, mins: Vec::new() };
        assert_eq!(PackedWeight::pack_groups(&groups).unpack(), groups.values());
    }
}
