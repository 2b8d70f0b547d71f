use half::bf16;

use super::PackedWeight;
use crate::Element;
use crate::cpu::{self, Kernel};
use crate::gemm::{Format, Grouping, Micro, TAIL};
use crate::memory::{Buffer, Plain};
use crate::rows;

/// Rows per task.
const ROWS: usize = 16;
/// Elements below which a second thread costs more than it saves.
const SERIAL_ELEMENTS: usize = 1 << 16;

/// Input rows in the format of a microkernel's left operand.
pub(super) struct Left<'a> {
    rows: Rows<'a>,
    /// Row stride in units.
    pub(super) stride: usize,
    /// Scale of each row; int8 only.
    pub(super) scales: Vec<f32>,
    /// Zero point of each row; int8 only.
    pub(super) zeros: Vec<i32>,
}

enum Rows<'a> {
    /// The input itself, without conversion.
    Input(*const u32, std::marker::PhantomData<&'a [u32]>),
    Prepared(Buffer),
}

// SAFETY: the pointer represents a shared borrow of plain numbers.
unsafe impl Sync for Left<'_> {}

impl<'a> Left<'a> {
    /// Converts the input for the weight's format. **Shapes:** `x: [m, weight.k]`.
    pub(super) fn prepare<T: Element>(x: &'a [T], weight: &PackedWeight, micro: Micro, m: usize) -> Self {
        let PackedWeight { format, k, units, isa, .. } = *weight;
        let row_bytes = k * size_of::<T>();
        let is_format = format == T::FORMAT && row_bytes == 4 * units;
        // Rows with a stride of a multiple of 4 KiB map to the same few sets of the L1 cache.
        let spreads = !row_bytes.is_multiple_of(4096);
        if is_format && spreads && micro.row_group == 1 {
            let rows = Rows::Input(x.as_ptr().cast(), std::marker::PhantomData);
            return Self { rows, stride: units, scales: Vec::new(), zeros: Vec::new() };
        }
        // An odd number of cache lines, so that rows map to different cache sets.
        let stride = (units + 16).next_multiple_of(16) | 16;
        let mut buffer = Buffer::reused(4 * stride * m.next_multiple_of(micro.row_group));
        let quantized = if format == Format::Int8 { m } else { 0 };
        let (mut scales, mut zeros) = (vec![0.0; quantized], vec![0; quantized]);
        let rows = buffer.as_mut_slice::<u32>();
        let chunk = |task: usize| task * ROWS..((task + 1) * ROWS).min(m);
        let targets = Targets { rows: rows.as_mut_ptr(), scales: scales.as_mut_ptr(), zeros: zeros.as_mut_ptr() };
        let prepare = |row: usize| {
            // SAFETY: each row is prepared once, and all targets have room for `m` rows.
            let (row_units, scale) = unsafe { targets.row(row, stride, quantized != 0) };
            let x = &x[row * k..][..k];
            cpu::vectorize(isa, Convert { x, format, row: &mut row_units[..units], scale });
        };
        if m * k < SERIAL_ELEMENTS {
            (0..m).for_each(prepare);
        } else {
            cpu::parallel(m.div_ceil(ROWS), |task| chunk(task).for_each(prepare));
        }
        Self { rows: Rows::Prepared(buffer), stride, scales, zeros }
    }

    /// Address of a row.
    pub(super) fn row(&self, row: usize) -> *const u32 {
        let start = match &self.rows {
            Rows::Input(start, _) => *start,
            Rows::Prepared(buffer) => buffer.as_slice::<u32>().as_ptr(),
        };
        start.wrapping_add(row * self.stride)
    }
}

struct Targets {
    rows: *mut u32,
    scales: *mut f32,
    zeros: *mut i32,
}

// SAFETY: the pointers are only used for disjoint rows.
unsafe impl Sync for Targets {}

impl Targets {
    /// # Safety
    /// Row `row` exists in all targets, and nothing else refers to it.
    unsafe fn row<'a>(
        &self,
        row: usize,
        stride: usize,
        quantized: bool,
    ) -> (&'a mut [u32], Option<(&'a mut f32, &'a mut i32)>) {
        // SAFETY: the caller's promises.
        unsafe {
            let units = std::slice::from_raw_parts_mut(self.rows.add(row * stride), stride);
            (units, quantized.then(|| (&mut *self.scales.add(row), &mut *self.zeros.add(row))))
        }
    }
}

struct Convert<'a, T> {
    x: &'a [T],
    format: Format,
    row: &'a mut [u32],
    scale: Option<(&'a mut f32, &'a mut i32)>,
}

impl<T: Element> Kernel for Convert<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<const FUSED: bool>(self) {
        let Self { x, row, .. } = self;
        // Units hold their elements in memory order, so rows are written element by element.
        match self.format {
            Format::F32 => fill(parts(row), x, |x: T| x.widen().to_bits()),
            Format::Bf16 => fill(parts(row), x, |x: T| bf16::narrow(x.widen()).to_bits()),
            Format::Int8 => {
                let quantize = Quantize::of(x);
                fill(parts(row), x, |x: T| quantize.byte(x.widen()));
                if let Some((scale, zero)) = self.scale {
                    (*scale, *zero) = (quantize.scale, quantize.zero);
                }
            }
            Format::Groups(grouping) if grouping.block() == 16 => blocks::<T, 16>(grouping, row, x),
            Format::Groups(grouping) => blocks::<T, 32>(grouping, row, x),
        }
    }
}

/// The units as a slice of 32-bit, 16-bit or 8-bit elements.
#[inline(always)]
pub(crate) fn parts<P: Plain>(units: &mut [u32]) -> &mut [P] {
    // SAFETY: every bit pattern of these numbers is valid, and they are no larger and no more aligned than units.
    unsafe { std::slice::from_raw_parts_mut(units.as_mut_ptr().cast(), size_of_val(units) / size_of::<P>()) }
}

/// Converts every element and pads with zeros.
#[inline(always)]
fn fill<T: Copy, P: Plain + Default>(parts: &mut [P], x: &[T], part: impl Fn(T) -> P) {
    let (own, rest) = parts.split_at_mut(x.len());
    own.iter_mut().zip(x).for_each(|(own, x)| *own = part(*x));
    rest.fill(P::default());
}

#[cfg(target_endian = "big")]
compile_error!("units are written in little-endian order");

#[inline(always)]
pub(crate) fn bf16_unit<T: Element>(pair: [T; 2]) -> u32 {
    // Not `map` on the array: it is not inlined, and so not vectorized.
    let bits = |x: T| u32::from(bf16::narrow(x.widen()).to_bits());
    bits(pair[0]) | bits(pair[1]) << 16
}

/// Adding this to a number below 2^22 leaves the nearest integer in the low bits.
const ROUND: f32 = 12_582_912.0;

/// Quantizes a row to blocks of bytes, each followed by its scale and sum; see [`Grouping::row_units`].
#[inline(always)]
fn blocks<T: Element, const BLOCK: usize>(grouping: Grouping, row: &mut [u32], x: &[T]) {
    let size = BLOCK / 4 + TAIL;
    let middle = i32::from(grouping.bits.middle());
    let mut rest = x;
    for block in row.chunks_exact_mut(size) {
        let (own, later) = rest.split_at(rest.len().min(BLOCK));
        rest = later;
        let mut numbers = [0.0f32; BLOCK];
        numbers.iter_mut().zip(own).for_each(|(number, x)| *number = x.widen());
        let (mut most, mut sum_of_zeros) = ([0.0f32; 16], [0.0f32; 16]);
        for numbers in numbers.as_chunks::<16>().0 {
            for lane in 0..16 {
                let size = numbers[lane].abs();
                most[lane] = if size > most[lane] { size } else { most[lane] };
                sum_of_zeros[lane] += numbers[lane] * 0.0;
            }
        }
        let most = rows::join(most, |a, b| if b > a { b } else { a });
        // Zero if every number is finite, else NaN.
        let finite = rows::join(sum_of_zeros, |a, b| a + b);
        let inverse = if most > 0.0 { 127.0 / most } else { 0.0 };
        let number = most / 127.0 + finite;
        let (units, tail) = block.split_at_mut(BLOCK / 4);
        let bytes = parts::<u8>(units);
        let mut sums = [0i32; 16];
        for (numbers, bytes) in numbers.as_chunks::<16>().0.iter().zip(bytes.as_chunks_mut::<16>().0) {
            for lane in 0..16 {
                let byte = (numbers[lane] * inverse + ROUND).to_bits() as i8;
                bytes[lane] = byte as u8;
                sums[lane] += i32::from(byte);
            }
        }
        let sum: i32 = sums.into_iter().sum();
        tail[0] = number.to_bits();
        tail[1] = if grouping.has_mins { (number * sum as f32).to_bits() } else { (-middle * sum) as u32 };
    }
}

/// Asymmetric int8 quantization whose range covers the numbers and zero.
struct Quantize {
    scale: f32,
    inverse: f32,
    zero: i32,
}

impl Quantize {
    #[inline(always)]
    fn of<T: Element>(x: &[T]) -> Self {
        let smaller = |a: f32, b: f32| if b < a { b } else { a };
        let larger = |a: f32, b: f32| if b > a { b } else { a };
        let (least, most) = (rows::fold(x, 0.0, smaller, smaller), rows::fold(x, 0.0, larger, larger));
        let scale = (most - least) / 255.0;
        let inverse = if scale > 0.0 { 1.0 / scale } else { 0.0 };
        Self { scale: scale + rows::finite_or_nan(x), inverse, zero: (-least * inverse).round() as i32 }
    }

    #[inline(always)]
    fn byte(&self, x: f32) -> u8 {
        let shifted = x * self.inverse + (self.zero as f32);
        let bounded = if shifted > 0.0 { shifted } else { 0.0 };
        let bounded = if bounded < 255.0 { bounded } else { 255.0 };
        (bounded + ROUND).to_bits() as u8
    }
}
