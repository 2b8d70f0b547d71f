//! Dropout masks from a counter-based generator: an element's factor depends on a seed and its index only.

use crate::Element;
use crate::cpu::{self, Isa, Kernel};
use crate::rows;

/// Factors of dropout: zero with a probability, else `1 / (1 - probability)`; arXiv 1207.0580.
#[derive(Clone, Debug)]
pub struct Mask {
    seed: u64,
    /// Hashes below this are zeros.
    threshold: u32,
    scale: f32,
}

impl Mask {
    /// The mask of an index among those of a seed; `probability` is below one.
    pub fn new(seed: u64, index: u64, probability: f64) -> Self {
        let mixed = (seed ^ index.wrapping_mul(0x9e37_79b9_7f4a_7c15)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let seed = mixed ^ (mixed >> 31);
        Self { seed, threshold: (probability * 4_294_967_296.0) as u32, scale: (1.0 / (1.0 - probability)) as f32 }
    }

    /// The factor of an element.
    #[inline(always)]
    pub fn factor(&self, index: usize) -> f32 {
        let [low, high] = [self.seed as u32, (self.seed >> 32) as u32];
        let hash = mix(mix(index as u32 ^ low) ^ high ^ (index as u64 >> 32) as u32);
        if hash < self.threshold { 0.0 } else { self.scale }
    }

    /// Multiplies elements by the mask on all threads.
    ///
    /// **Panics** if `out` is not as long as `x`.
    pub fn apply<T: Element>(&self, x: &[T], out: &mut [T]) {
        self.apply_with(cpu::isa(), x, out);
    }

    fn apply_with<T: Element>(&self, isa: Isa, x: &[T], out: &mut [T]) {
        assert_eq!(x.len(), out.len(), "out is not as long as x");
        rows::for_each_block(out, 1, |first, out| {
            let x = &x[first..first + out.len()];
            cpu::vectorize(isa, Apply { mask: self, first, x, out });
        });
    }
}

/// A permutation of the integers that mixes all bits; multipliers by Chris Wellons' hash prospector.
#[inline(always)]
fn mix(x: u32) -> u32 {
    let x = (x ^ (x >> 16)).wrapping_mul(0x21f0_aaad);
    let x = (x ^ (x >> 15)).wrapping_mul(0x735a_2d97);
    x ^ (x >> 15)
}

struct Apply<'a, T> {
    mask: &'a Mask,
    first: usize,
    x: &'a [T],
    out: &'a mut [T],
}

impl<T: Element> Kernel for Apply<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<const FUSED: bool>(self) {
        let Self { mask, first, x, out } = self;
        for (index, (out, x)) in out.iter_mut().zip(x).enumerate() {
            let factor = mask.factor(first + index);
            // A factor of zero drops infinities too.
            *out = if factor == 0.0 { T::narrow(0.0) } else { T::narrow(x.widen() * factor) };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_are_dropped_with_the_probability_and_independently() {
        const COUNT: usize = 200_000;
        for probability in [0.1, 0.5, 0.9] {
            let masks = [Mask::new(3, 0, probability), Mask::new(3, 1, probability), Mask::new(4, 0, probability)];
            let dropped = masks.each_ref().map(|mask| (0..COUNT).map(|at| mask.factor(at) == 0.0).collect::<Vec<_>>());
            // Four standard deviations.
            let tolerance = 4.0 * (0.25f64 / COUNT as f64).sqrt();
            let share =
                |flags: &mut dyn Iterator<Item = bool>| flags.filter(|flag| *flag).count() as f64 / COUNT as f64;
            for own in &dropped {
                assert!((share(&mut own.iter().copied()) - probability).abs() < tolerance);
                let shifted = own.iter().zip(&own[1..]).map(|(a, b)| *a && *b);
                assert!((share(&mut { shifted }) - probability * probability).abs() < tolerance);
            }
            for other in &dropped[1..] {
                let both = dropped[0].iter().zip(other).map(|(a, b)| *a && *b);
                assert!((share(&mut { both }) - probability * probability).abs() < tolerance);
            }
            let mean = (0..COUNT).map(|at| f64::from(masks[0].factor(at))).sum::<f64>() / COUNT as f64;
            assert!((mean - 1.0).abs() < tolerance * 2.0 / (1.0 - probability));
        }
    }

    #[test]
    fn every_instruction_set_makes_the_same_mask() {
        let x: Vec<f32> = (0..70_001).map(|at| at as f32 - 3.0).collect();
        let mask = Mask::new(9, 5, 0.3);
        let expected: Vec<f32> = x.iter().enumerate().map(|(at, x)| x * mask.factor(at)).collect();
        for isa in Isa::testable() {
            let mut found = vec![f32::NAN; x.len()];
            mask.apply_with(isa, &x, &mut found);
            assert!(found.iter().zip(&expected).all(|(found, expected)| found == expected), "{isa:?}");
        }
    }
}
