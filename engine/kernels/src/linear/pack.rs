use std::ops::Range;

use half::bf16;

use super::dequantize::Scales;
use super::group_layout;
use super::groups::Groups;
use super::prepare::{Left, bf16_unit};
use super::values::Values;
use crate::Element;
use crate::cpu::{self, Isa, Kernel};
use crate::gemm::{self, Format};
use crate::memory::{Buffer, Shared};
use crate::rows;

/// A weight `[n, k]` in the layout and precision of a microkernel.
#[derive(Debug)]
pub struct PackedWeight {
    pub(super) isa: Isa,
    pub(super) format: Format,
    pub(super) n: usize,
    pub(super) k: usize,
    /// Units of a prepared row of the input, padded for the microkernel.
    pub(super) units: usize,
    /// Columns per panel.
    pub(super) panel: usize,
    pub(super) panel_units: usize,
    pub(super) data: Buffer,
    /// Scale of each column, padded to whole panels; int8 only.
    pub(super) scales: Vec<f32>,
    /// Sum of each column's bytes, padded to whole panels; int8 only.
    pub(super) sums: Vec<i32>,
}

impl PackedWeight {
    /// Maximum `k` in int8 for which i32 sums cannot overflow: 255 * 127 * 65536 is below 2^31.
    pub const MAX_BYTES: usize = 65_536;

    /// Packs a weight for the processor's best instruction set.
    ///
    /// **Shapes:** `values: [n, k]` row-major, the checkpoint's layout.
    ///
    /// **Panics** if the length does not match, or if `k` is above [`PackedWeight::MAX_BYTES`] in int8.
    pub fn pack(values: Values<'_>, [n, k]: [usize; 2], format: Format) -> Self {
        Self::pack_for(cpu::isa(), values, [n, k], format)
    }

    /// Packs a weight for an instruction set.
    ///
    /// **Panics** as [`PackedWeight::pack`], and if the processor lacks the instruction set.
    pub fn pack_for(isa: Isa, values: Values<'_>, [n, k]: [usize; 2], format: Format) -> Self {
        assert!(isa.is_available(), "this processor has no {}", isa.name());
        assert_eq!(values.len(), n * k, "weight is not [n, k]");
        assert!(format != Format::Int8 || k <= Self::MAX_BYTES, "rows of {k} bytes may overflow");
        if let Format::Groups(grouping) = format {
            return Self::pack_groups_for(isa, &Groups::of(values, [n, k], grouping));
        }
        let micro = gemm::micro(isa, format);
        let units = k.div_ceil(format.unit()).next_multiple_of(micro.depth);
        let padded = n.next_multiple_of(micro.panel);
        let mut data = Buffer::lasting(4 * units * padded);
        let quantized = if format == Format::Int8 { padded } else { 0 };
        let (mut scales, mut sums) = (vec![0.0; quantized], vec![0; quantized]);
        let targets = Targets {
            units: data.as_mut_slice::<u32>().as_mut_ptr(),
            scales: scales.as_mut_ptr(),
            sums: sums.as_mut_ptr(),
        };
        cpu::parallel(padded / micro.panel, |panel| {
            for (lane, row) in (panel * micro.panel..n).take(micro.panel).enumerate() {
                // SAFETY: every panel is one task's alone, and so are the columns' scales and sums.
                let column = unsafe { targets.column(row, panel * micro.panel * units + lane, quantized != 0) };
                let column = Column { step: micro.panel, ..column };
                match values {
                    Values::F32(values) => {
                        cpu::vectorize(isa, PackRow { row: &values[row * k..][..k], format, column })
                    }
                    Values::Bf16(values) => {
                        cpu::vectorize(isa, PackRow { row: &values[row * k..][..k], format, column })
                    }
                }
            }
        });
        let panel_units = units * micro.panel;
        Self { isa, format, n, k, units, panel: micro.panel, panel_units, data, scales, sums }
    }

    /// Packs a group-quantized matrix for the processor's best instruction set; scales and mins become f16 with a
    /// power-of-two factor per row.
    ///
    /// **Panics** if a length does not match, a quantized value has too many bits, or no kernel supports the group
    /// size.
    pub fn pack_groups(groups: &Groups) -> Self {
        Self::pack_groups_for(cpu::isa(), groups)
    }

    /// Packs a group-quantized matrix for an instruction set.
    ///
    /// **Panics** as [`PackedWeight::pack_groups`], and if the processor lacks the instruction set.
    pub fn pack_groups_for(isa: Isa, groups: &Groups) -> Self {
        assert!(isa.is_available(), "this processor has no {}", isa.name());
        groups.check();
        let ([n, k], grouping) = (groups.shape, groups.grouping);
        let format = Format::Groups(grouping);
        let panel = gemm::micro(isa, format).panel;
        let data = group_layout::pack(groups, panel);
        let (units, panel_units) = (grouping.row_units(k), grouping.panel_units(panel, k));
        Self { isa, format, n, k, units, panel, panel_units, data, scales: Vec::new(), sums: Vec::new() }
    }

    /// Shape of the matrix: `[n, k]`.
    pub fn shape(&self) -> [usize; 2] {
        [self.n, self.k]
    }

    /// Size of the packed values with their scales and sums.
    pub fn num_bytes(&self) -> usize {
        self.data.as_ref().len() + size_of_val(&self.scales[..]) + size_of_val(&self.sums[..])
    }

    /// The packed values, followed by the scales and sums.
    pub fn bytes(&self) -> Vec<u8> {
        let scales = self.scales.iter().flat_map(|scale| scale.to_ne_bytes());
        let sums = self.sums.iter().flat_map(|sum| sum.to_ne_bytes());
        self.data.as_ref().iter().copied().chain(scales).chain(sums).collect()
    }

    /// Precision of the products.
    pub fn format(&self) -> Format {
        self.format
    }

    /// The matrix, row-major; quantized formats are dequantized.
    pub fn unpack(&self) -> Vec<f32> {
        let Self { n, k, panel, .. } = *self;
        let mut values = vec![0.0; n * k];
        if values.is_empty() {
            return values;
        }
        let target = Shared(values.as_mut_ptr());
        cpu::parallel(self.panels(), |index| {
            let rows = index * panel..n.min((index + 1) * panel);
            // SAFETY: the rows of a panel are one task's alone.
            let out = unsafe { std::slice::from_raw_parts_mut(target.start().add(rows.start * k), rows.len() * k) };
            let units = &self.data.as_slice::<u32>()[index * self.panel_units..][..self.panel_units];
            match self.format {
                Format::F32 => unpack_panel::<1>(units, panel, k, out, |unit, _, _| f32::from_bits(unit)),
                Format::Bf16 => unpack_panel::<2>(units, panel, k, out, |unit, part, _| {
                    bf16::from_bits((unit >> (16 * part)) as u16).widen()
                }),
                Format::Int8 => {
                    let scales = &self.scales[rows];
                    unpack_panel::<4>(units, panel, k, out, |unit, part, lane| {
                        f32::from((unit >> (8 * part)) as i8) * scales[lane]
                    });
                }
                Format::Groups(grouping) => group_layout::unpack_panel(units, panel, k, grouping, out),
            }
        });
        values
    }

    /// Extent of a panel along k.
    pub(super) fn depth(&self) -> Depth {
        match self.format {
            Format::Groups(grouping) => Depth {
                units: grouping.groups(self.k),
                group_blocks: grouping.blocks(),
                unit_bytes: 4 * grouping.group_units(self.panel) / grouping.blocks(),
            },
            _ => Depth { units: self.units, group_blocks: 0, unit_bytes: 4 * self.panel },
        }
    }

    pub(super) fn panels(&self) -> usize {
        self.n.div_ceil(self.panel)
    }

    pub(super) fn panel(&self, index: usize) -> *const u32 {
        self.data.as_slice::<u32>()[index * self.panel_units..].as_ptr()
    }

    /// Scales of the sums of a panel and some rows of the left operand; `None` unless the format is int8.
    pub(super) fn scales<'a>(&'a self, panel: usize, left: &'a Left<'_>, rows: Range<usize>) -> Option<Scales<'a>> {
        let cols = panel * self.panel..(panel + 1) * self.panel;
        (self.format == Format::Int8).then(|| Scales {
            rows: &left.scales[rows.clone()],
            zeros: &left.zeros[rows],
            cols: &self.scales[cols.clone()],
            col_sums: &self.sums[cols],
        })
    }
}

/// Writes the rows of a panel whose units hold `PARTS` values each, given a unit, a value's index in it and its row.
///
/// **Shapes:** `out: [rows, k]`.
fn unpack_panel<const PARTS: usize>(
    units: &[u32],
    panel: usize,
    k: usize,
    out: &mut [f32],
    value: impl Fn(u32, usize, usize) -> f32,
) {
    /// Columns at a time, whose units stay in the first cache while all rows read them.
    const COLUMNS: usize = 64;
    for first in (0..k).step_by(COLUMNS) {
        let last = k.min(first + COLUMNS);
        for (lane, row) in out.chunks_exact_mut(k).enumerate() {
            for (at, out) in (first..last).zip(&mut row[first..last]) {
                *out = value(units[at / PARTS * panel + lane], at % PARTS, lane);
            }
        }
    }
}

/// Extent of a panel along k.
#[derive(Clone, Copy)]
pub(super) struct Depth {
    /// Units, or groups for group-quantized weights.
    pub(super) units: usize,
    /// Blocks per group; group-quantized weights only.
    pub(super) group_blocks: usize,
    /// Bytes per unit along k, or per block for group-quantized weights.
    pub(super) unit_bytes: usize,
}

struct Targets {
    units: *mut u32,
    scales: *mut f32,
    sums: *mut i32,
}

// SAFETY: the pointers are only used for disjoint columns.
unsafe impl Sync for Targets {}

impl Targets {
    /// # Safety
    /// Column `col` starts at `first`, exists in all targets, and nothing else refers to it.
    unsafe fn column<'a>(&self, col: usize, first: usize, quantized: bool) -> Column<'a> {
        // SAFETY: the caller's promises.
        unsafe {
            let scale = quantized.then(|| (&mut *self.scales.add(col), &mut *self.sums.add(col)));
            // With `k == 0` a column has no unit, and so no address inside the memory.
            Column { first: self.units.wrapping_add(first), step: 0, scale }
        }
    }
}

/// Destination of a row of the matrix: every `step`th unit from `first` on.
struct Column<'a> {
    first: *mut u32,
    step: usize,
    scale: Option<(&'a mut f32, &'a mut i32)>,
}

impl Column<'_> {
    #[inline(always)]
    fn put(&mut self, at: usize, unit: u32) {
        // SAFETY: a column has as many units as its row has, padded.
        unsafe { *self.first.add(at * self.step) = unit };
    }
}

struct PackRow<'a, T> {
    row: &'a [T],
    format: Format,
    column: Column<'a>,
}

impl<T: Element> Kernel for PackRow<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<const FUSED: bool>(self) {
        let Self { row, format, mut column } = self;
        let zero = T::narrow(0.0);
        match format {
            Format::F32 => row.iter().enumerate().for_each(|(at, x)| column.put(at, x.widen().to_bits())),
            Format::Bf16 => {
                let (pairs, rest) = row.as_chunks::<2>();
                pairs.iter().enumerate().for_each(|(at, pair)| column.put(at, bf16_unit(*pair)));
                if let [last] = rest {
                    column.put(pairs.len(), bf16_unit([*last, zero]));
                }
            }
            Format::Int8 | Format::Groups(_) => {
                let largest = largest(row);
                let inverse = if largest > 0.0 { 127.0 / largest } else { 0.0 };
                let mut sum = 0;
                let mut unit = |quad: [T; 4]| {
                    let byte = |x: T| (x.widen() * inverse).round_ties_even() as i32;
                    let [a, b, c, d] = [byte(quad[0]), byte(quad[1]), byte(quad[2]), byte(quad[3])];
                    sum += a + b + c + d;
                    u32::from_le_bytes([a as u8, b as u8, c as u8, d as u8])
                };
                let (quads, rest) = row.as_chunks::<4>();
                for (at, quad) in quads.iter().enumerate() {
                    column.put(at, unit(*quad));
                }
                if !rest.is_empty() {
                    let mut last = [zero; 4];
                    last[..rest.len()].copy_from_slice(rest);
                    column.put(quads.len(), unit(last));
                }
                if let Some((scale, column_sum)) = column.scale {
                    (*scale, *column_sum) = (largest / 127.0, sum);
                }
            }
        }
    }
}

/// The largest absolute value; NaN if a value is not finite.
#[inline(always)]
fn largest<T: Element>(row: &[T]) -> f32 {
    let larger = |a: f32, b: f32| if b > a { b } else { a };
    rows::fold(row, 0.0, |most, x| larger(most, x.abs()), larger) + rows::finite_or_nan(row)
}
