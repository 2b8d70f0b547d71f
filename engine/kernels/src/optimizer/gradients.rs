use std::sync::atomic::{AtomicBool, Ordering};

use super::{TASK, for_each};
use crate::Element;
use crate::cpu::{self, Isa, Kernel, vectorize};
use crate::rows::{LANES, finite_or_nan, fold};

/// Elements whose squares are added up in f32; larger sums are accumulated in f64.
const CHUNK: usize = 4096;

/// Sum of the squares of all elements.
pub fn sum_of_squares<T: Element>(tensors: &[&[T]]) -> f64 {
    sum_of_squares_with(cpu::isa(), tensors)
}

fn sum_of_squares_with<T: Element>(isa: Isa, tensors: &[&[T]]) -> f64 {
    let parts: Vec<_> = tensors.iter().flat_map(|tensor| tensor.chunks(TASK)).collect();
    let mut sums = vec![0.0; parts.len()];
    for_each(sums.iter_mut().zip(parts).collect(), |(sum, part)| *sum = vectorize(isa, Squares(part)));
    sums.iter().sum()
}

/// Sum of squares.
pub(super) struct Squares<'a, T>(pub(super) &'a [T]);

impl<T: Element> Kernel for Squares<'_, T> {
    type Output = f64;

    #[inline(always)]
    fn run<const FUSED: bool>(self) -> f64 {
        let (whole, rest) = self.0.split_at(self.0.len() / LANES * LANES);
        let of_chunk = |chunk| f64::from(fold::<T>(chunk, 0.0, |sum, x| sum + x * x, |a, b| a + b));
        let sums: f64 = whole.chunks(CHUNK).map(of_chunk).sum();
        sums + rest.iter().map(|x| f64::from(x.widen()).powi(2)).sum::<f64>()
    }
}

/// Multiplies all elements by a factor.
pub fn scale<T: Element>(tensors: Vec<&mut [T]>, factor: f32) {
    scale_with(cpu::isa(), tensors, factor);
}

/// Multiplies all elements by a factor; returns whether all of them were finite.
pub fn scale_finite<T: Element>(tensors: Vec<&mut [T]>, factor: f32) -> bool {
    scale_finite_with(cpu::isa(), tensors, factor)
}

fn scale_with<T: Element>(isa: Isa, tensors: Vec<&mut [T]>, factor: f32) {
    let parts = tensors.into_iter().flat_map(|tensor| tensor.chunks_mut(TASK)).collect();
    for_each(parts, |part| vectorize(isa, Scale { part, factor }));
}

fn scale_finite_with<T: Element>(isa: Isa, tensors: Vec<&mut [T]>, factor: f32) -> bool {
    let are_finite = AtomicBool::new(true);
    let parts = tensors.into_iter().flat_map(|tensor| tensor.chunks_mut(TASK)).collect();
    for_each(parts, |part: &mut [T]| {
        if vectorize(isa, Finite(part)).is_nan() {
            are_finite.store(false, Ordering::Relaxed);
        }
        vectorize(isa, Scale { part, factor });
    });
    are_finite.into_inner()
}

struct Scale<'a, T> {
    part: &'a mut [T],
    factor: f32,
}

impl<T: Element> Kernel for Scale<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<const FUSED: bool>(self) {
        self.part.iter_mut().for_each(|x| *x = T::narrow(x.widen() * self.factor));
    }
}

struct Finite<'a, T>(&'a [T]);

impl<T: Element> Kernel for Finite<'_, T> {
    type Output = f32;

    #[inline(always)]
    fn run<const FUSED: bool>(self) -> f32 {
        finite_or_nan(self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::values;

    fn lens() -> [usize; 3] {
        if cfg!(miri) { [70, 3, 0] } else { [2 * TASK + 70, 3, 0] }
    }

    #[test]
    fn squares_of_all_tensors_are_added_up() {
        let tensors = lens().map(|len| values(len, 1));
        let slices: Vec<&[f32]> = tensors.iter().map(|tensor| &tensor[..]).collect();
        let expected: f64 = tensors.iter().flatten().map(|x| f64::from(*x).powi(2)).sum();
        for isa in Isa::testable() {
            let found = sum_of_squares_with(isa, &slices);
            assert!((found / expected - 1.0).abs() < 1e-6, "{isa:?}: {found} {expected}");
        }
        assert_eq!(sum_of_squares::<f32>(&[]), 0.0);
    }

    #[test]
    fn all_elements_are_scaled_and_checked() {
        let start = lens().map(|len| values(len, 1));
        for isa in Isa::testable() {
            for place in [None, Some(0), Some(start[0].len() - 1)] {
                let mut tensors = start.clone();
                if let Some(place) = place {
                    tensors[0][place] = f32::INFINITY;
                }
                let expected: Vec<_> = tensors.iter().flatten().map(|x| x * 0.5).collect();
                let slices = tensors.iter_mut().map(|tensor| &mut tensor[..]).collect();
                assert_eq!(scale_finite_with(isa, slices, 0.5), place.is_none(), "{isa:?}");
                assert!(tensors.iter().flatten().eq(&expected), "{isa:?}");
                scale_with(isa, tensors.iter_mut().map(|tensor| &mut tensor[..]).collect(), 2.0);
                assert!(tensors.iter().flatten().zip(&expected).all(|(x, half)| *x == half * 2.0), "{isa:?}");
            }
        }
    }
}
