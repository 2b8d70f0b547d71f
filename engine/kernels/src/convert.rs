//! Conversion between element formats.

use crate::Element;
use crate::cpu::{self, Isa, Kernel};
use crate::rows;

/// Converts every element by rounding or input, on all threads.
///
/// **Panics** if the lengths differ.
pub fn convert<S: Element, T: Element>(x: &[S], out: &mut [T]) {
    convert_with(cpu::isa(), x, out);
}

/// [`convert`] with the given instruction set.
///
/// **Panics** if the lengths differ or the processor lacks the instruction set.
pub fn convert_with<S: Element, T: Element>(isa: Isa, x: &[S], out: &mut [T]) {
    assert!(isa.is_available(), "this processor has no {}", isa.name());
    assert_eq!(x.len(), out.len(), "out is not as long as x");
    rows::for_each_block(out, 1, |start, out| {
        cpu::vectorize(isa, Convert { x: &x[start..][..out.len()], out });
    });
}

struct Convert<'a, S, T> {
    x: &'a [S],
    out: &'a mut [T],
}

impl<S: Element, T: Element> Kernel for Convert<'_, S, T> {
    type Output = ();

    #[inline(always)]
    fn run<const FUSED: bool>(self) {
        self.out.iter_mut().zip(self.x).for_each(|(out, x)| *out = T::narrow(x.widen()));
    }
}

/// Rounds every element to the nearest number of float16, to even ones in between, on all threads; those beyond its range
/// become infinite.
///
/// **Panics** if the lengths differ.
pub fn round_to_f16(x: &[f32], out: &mut [f32]) {
    round_to_f16_with(cpu::isa(), x, out);
}

fn round_to_f16_with(isa: Isa, x: &[f32], out: &mut [f32]) {
    assert_eq!(x.len(), out.len(), "out is not as long as x");
    rows::for_each_block(out, 1, |start, out| {
        cpu::vectorize(isa, RoundToF16 { x: &x[start..][..out.len()], out });
    });
}

struct RoundToF16<'a> {
    x: &'a [f32],
    out: &'a mut [f32],
}

impl Kernel for RoundToF16<'_> {
    type Output = ();

    #[inline(always)]
    fn run<const FUSED: bool>(self) {
        self.out.iter_mut().zip(self.x).for_each(|(out, x)| *out = rounded_to_f16(*x));
    }
}

/// Branch-free, so that loops over it vectorize.
#[inline(always)]
fn rounded_to_f16(x: f32) -> f32 {
    // IEEE 754 binary16 has 13 bits of the mantissa less than binary32.
    const DROPPED: u32 = (1 << 13) - 1;
    const SMALLEST_NORMAL: f32 = 1.0 / 16384.0;
    const FIRST_INFINITE: f32 = 65536.0;
    let bits = x.to_bits();
    let normal = f32::from_bits(bits.wrapping_add(DROPPED / 2 + ((bits >> 13) & 1)) & !DROPPED);
    // Numbers from 0.5 to 1 are as far apart as the subnormal numbers of float16, 2^-24.
    let subnormal = ((x.abs() + 0.5) - 0.5).copysign(x);
    let finite = if x.abs() < SMALLEST_NORMAL { subnormal } else { normal };
    let rounded = if finite.abs() >= FIRST_INFINITE { f32::INFINITY.copysign(x) } else { finite };
    if x.is_nan() { x } else { rounded }
}

#[cfg(test)]
mod tests {
    use half::{bf16, f16};

    use super::*;
    use crate::testing::values;

    #[test]
    fn rounding_to_f16_gives_its_numbers() {
        let edges =
            [0.0, -0.0, 65504.0, 65519.9, 65520.0, -1e30, f32::INFINITY, 6.1e-5, 6.097e-5, 2.98e-8, 2.99e-8, 1e-40];
        let near = values(10_000, 5).into_iter().flat_map(|x| [1.0, 1e-4, 1e-6, 3e-8, 1e5].map(|scale| x * scale));
        let x: Vec<f32> = edges.into_iter().chain(near).collect();
        for isa in Isa::testable() {
            let mut found = vec![f32::NAN; x.len()];
            round_to_f16_with(isa, &x, &mut found);
            for (x, found) in x.iter().zip(&found) {
                assert_eq!(found.to_bits(), f16::from_f32(*x).to_f32().to_bits(), "{isa:?} {x:e}");
            }
            let mut found = [0.0];
            round_to_f16_with(isa, &[f32::NAN], &mut found);
            assert!(found[0].is_nan());
        }
    }

    #[test]
    fn conversion_rounds_and_widens_every_element() {
        for len in [0, 1, 33, 100_001] {
            let x = values(len, 3);
            for isa in Isa::testable() {
                let mut halves = vec![bf16::NAN; len];
                convert_with(isa, &x, &mut halves);
                assert!(halves.iter().zip(&x).all(|(half, x)| *half == bf16::from_f32(*x)), "{isa:?}");
                let mut again = vec![0.0; len];
                convert_with(isa, &halves, &mut again);
                assert!(again.iter().zip(&halves).all(|(again, half)| *again == half.to_f32()), "{isa:?}");
            }
        }
    }
}
