use super::values::Values;
use crate::Element;
use crate::cpu::{self, Kernel};
use crate::gemm::{Bits, Grouping};

/// A group-quantized matrix: quantized values with a scale, and optionally a min, per group along a row.
#[derive(Clone, Debug, PartialEq)]
pub struct Groups {
    /// Shape of the matrix: `[n, k]`.
    pub shape: [usize; 2],
    /// Quantization scheme.
    pub grouping: Grouping,
    /// Quantized values, one per byte. **Shapes:** `[n, k]`.
    pub quantized: Vec<u8>,
    /// Scale of each group. **Shapes:** `[n, groups of k]`.
    pub scales: Vec<f32>,
    /// Min of each group, or empty in symmetric quantization. **Shapes:** `[n, groups of k]`.
    pub mins: Vec<f32>,
}

impl Groups {
    /// Quantizes a matrix.
    ///
    /// Symmetric quantization tries several scales near `max / middle` for each group of 4-bit values and takes the one
    /// with the smallest squared error; with mins, the levels span `[min(values, 0), max(values, 0)]`.
    ///
    /// **Panics** if the length does not match, or for [`Bits::Fp4`].
    pub fn of(values: Values<'_>, [n, k]: [usize; 2], grouping: Grouping) -> Self {
        assert_ne!(grouping.bits, Bits::Fp4, "quantization to FP4 is not supported");
        assert_eq!(values.len(), n * k, "weight is not [n, k]");
        let groups = grouping.groups(k);
        let mut quantized = vec![0; n * k];
        let mut scales = vec![0.0; n * groups];
        let mut mins = vec![0.0; if grouping.has_mins { n * groups } else { 0 }];
        let targets =
            Targets { quantized: quantized.as_mut_ptr(), scales: scales.as_mut_ptr(), mins: mins.as_mut_ptr() };
        let isa = cpu::isa();
        cpu::parallel(n, |row| {
            // SAFETY: every row is one task's alone, and all targets have room for it.
            let (quantized, scales, mins) = unsafe { targets.row(row, k, groups, grouping.has_mins) };
            let range = row * k..(row + 1) * k;
            match values {
                Values::F32(values) => {
                    cpu::vectorize(isa, QuantizeRow { row: &values[range], grouping, quantized, scales, mins });
                }
                Values::Bf16(values) => {
                    cpu::vectorize(isa, QuantizeRow { row: &values[range], grouping, quantized, scales, mins });
                }
            }
        });
        Self { shape: [n, k], grouping, quantized, scales, mins }
    }

    /// The dequantized matrix, row-major.
    pub fn values(&self) -> Vec<f32> {
        let [n, k] = self.shape;
        let groups = self.grouping.groups(k);
        let number = |at: usize| {
            let group = at / k * groups + at % k / self.grouping.group_size;
            let min = self.mins.get(group).copied().unwrap_or_default();
            self.grouping.value(self.quantized[at], self.scales[group], min)
        };
        (0..n * k).map(number).collect()
    }

    /// Panics if a length does not match, a quantized value has too many bits, or no kernel supports the group size.
    pub(super) fn check(&self) {
        let [n, k] = self.shape;
        let count = n * self.grouping.groups(k);
        assert!(self.grouping.is_known(), "no kernel supports groups of {}", self.grouping.group_size);
        assert_eq!(self.quantized.len(), n * k, "quantized values are not [n, k]");
        assert_eq!(self.scales.len(), count, "scales are not [n, groups]");
        let mins = if self.grouping.has_mins { count } else { 0 };
        assert_eq!(self.mins.len(), mins, "mins are not [n, groups]");
        let max = self.quantized.iter().copied().max().unwrap_or_default();
        assert!(usize::from(max) < self.grouping.bits.num_levels(), "quantized value {max} has too many bits");
    }
}

struct Targets {
    quantized: *mut u8,
    scales: *mut f32,
    mins: *mut f32,
}

// SAFETY: the pointers are only used for disjoint rows.
unsafe impl Sync for Targets {}

impl Targets {
    /// # Safety
    /// Row `row` exists in all targets, and nothing else refers to it.
    unsafe fn row<'a>(
        &self,
        row: usize,
        k: usize,
        groups: usize,
        has_mins: bool,
    ) -> (&'a mut [u8], &'a mut [f32], &'a mut [f32]) {
        // SAFETY: the caller's promises.
        unsafe {
            let of = |start: *mut f32| std::slice::from_raw_parts_mut(start.add(row * groups), groups);
            let mins = if has_mins { of(self.mins) } else { &mut [] };
            (std::slice::from_raw_parts_mut(self.quantized.add(row * k), k), of(self.scales), mins)
        }
    }
}

struct QuantizeRow<'a, T> {
    row: &'a [T],
    grouping: Grouping,
    quantized: &'a mut [u8],
    scales: &'a mut [f32],
    mins: &'a mut [f32],
}

impl<T: Element> Kernel for QuantizeRow<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<const FUSED: bool>(self) {
        let Self { row, grouping, quantized, scales, mins } = self;
        let size = grouping.group_size;
        let groups = row.chunks(size).zip(quantized.chunks_mut(size)).zip(scales).enumerate();
        for (index, ((numbers, quantized), scale)) in groups {
            match mins.get_mut(index) {
                Some(min) => (*scale, *min) = quantize_with_min(grouping.bits, numbers, quantized),
                None => *scale = quantize_symmetric(grouping.bits, numbers, quantized),
            }
        }
    }
}

/// Quantizes symmetrically, mapping zero to the middle level; returns the scale.
#[inline(always)]
fn quantize_symmetric<T: Element>(bits: Bits, numbers: &[T], quantized: &mut [u8]) -> f32 {
    let middle = f32::from(bits.middle());
    let mut extreme = 0.0f32;
    for number in numbers {
        let number = number.widen();
        extreme = if number.abs() > extreme.abs() { number } else { extreme };
        // A non-finite number makes its whole group NaN.
        extreme += number * 0.0;
    }
    // There is one more negative level than positive ones: the largest magnitude is mapped to it.
    let whole = -extreme / middle;
    let (mut scale, mut best_error) = (whole, squared_error(numbers, middle, whole));
    if bits == Bits::Four {
        for part in [0.95, 0.9, 0.85, 0.8, 1.07, -1.14] {
            let other = part * whole;
            let error = squared_error(numbers, middle, other);
            if error < best_error {
                (scale, best_error) = (other, error);
            }
        }
    }
    let inverse = inverse_of(scale);
    numbers.iter().zip(quantized).for_each(|(x, value)| *value = nearest(x.widen(), middle, inverse) as u8);
    scale
}

#[inline(always)]
fn inverse_of(scale: f32) -> f32 {
    if scale == 0.0 { 0.0 } else { 1.0 / scale }
}

/// The nearest quantized value, as f32.
#[inline(always)]
fn nearest(x: f32, middle: f32, inverse: f32) -> f32 {
    let shifted = x * inverse + middle;
    let bounded = if shifted > 0.0 { shifted } else { 0.0 };
    let bounded = if bounded < 2.0 * middle - 1.0 { bounded } else { 2.0 * middle - 1.0 };
    bounded.round_ties_even()
}

/// Squared error of quantizing numbers with a scale.
// Not a closure: closures are not inlined here, and so not vectorized.
#[inline(always)]
fn squared_error<T: Element>(numbers: &[T], middle: f32, scale: f32) -> f32 {
    let inverse = inverse_of(scale);
    let mut sums = [0.0f32; 16];
    let (chunks, rest) = numbers.as_chunks::<16>();
    for chunk in chunks {
        for lane in 0..16 {
            let x = chunk[lane].widen();
            let error = (nearest(x, middle, inverse) - middle) * scale - x;
            sums[lane] += error * error;
        }
    }
    for (sum, x) in sums.iter_mut().zip(rest) {
        let error = (nearest(x.widen(), middle, inverse) - middle) * scale - x.widen();
        *sum += error * error;
    }
    sums.into_iter().sum()
}

/// Quantizes with a min; returns the scale and the min.
#[inline(always)]
fn quantize_with_min<T: Element>(bits: Bits, numbers: &[T], quantized: &mut [u8]) -> (f32, f32) {
    let (mut min, mut max, mut non_finite) = (0.0f32, 0.0f32, 0.0f32);
    for number in numbers {
        let number = number.widen();
        min = if number < min { number } else { min };
        max = if number > max { number } else { max };
        non_finite += number * 0.0;
    }
    let last = (bits.num_levels() - 1) as f32;
    let scale = (max - min) / last;
    let inverse = if scale > 0.0 { 1.0 / scale } else { 0.0 };
    for (number, value) in numbers.iter().zip(quantized) {
        let shifted = (number.widen() - min) * inverse;
        let bounded = if shifted < last { shifted } else { last };
        *value = bounded.round_ties_even() as u8;
    }
    (scale + non_finite, min)
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::testing::values;

    pub(in crate::linear) const GROUPINGS: [Grouping; 8] = [
        Grouping { bits: Bits::Four, group_size: 32, has_mins: false },
        Grouping { bits: Bits::Four, group_size: 64, has_mins: false },
        Grouping { bits: Bits::Four, group_size: 128, has_mins: true },
        Grouping { bits: Bits::Four, group_size: 32, has_mins: true },
        Grouping { bits: Bits::Eight, group_size: 32, has_mins: false },
        Grouping { bits: Bits::Eight, group_size: 64, has_mins: true },
        Grouping { bits: Bits::Eight, group_size: 16, has_mins: false },
        Grouping { bits: Bits::Eight, group_size: 16, has_mins: true },
    ];

    #[test]
    fn fp4_values_equal_the_specification() {
        let grouping = Grouping { bits: Bits::Fp4, group_size: 32, has_mins: false };
        let expected = [0.0, 0.5, 1.0, 1.5, 2.0, 3.0, 4.0, 6.0, -0.0, -0.5, -1.0, -1.5, -2.0, -3.0, -4.0, -6.0];
        let found: Vec<f32> = (0..16).map(|value| grouping.value(value, 0.5, 0.0)).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn quantization_error_is_that_of_rounding_to_the_nearest_level() {
        let numbers = values(64 * 100, 5);
        for grouping in GROUPINGS {
            let groups = Groups::of(Values::F32(&numbers), [4, 1600], grouping);
            let found = groups.values();
            let error = |range: std::ops::Range<usize>| {
                let miss = found[range.clone()].iter().zip(&numbers[range]).map(|(a, b)| f64::from(a - b).powi(2));
                miss.sum::<f64>().sqrt()
            };
            // Uniform numbers in [-1, 1]: a step is 2 / levels, its standard deviation that over sqrt(12).
            let expected = 2.0 / grouping.bits.num_levels() as f64 / 12f64.sqrt() * (6400f64).sqrt();
            let found = error(0..6400);
            assert!(found < 1.15 * expected, "{grouping:?}: {found} instead of {expected}");
        }
    }
}
