//! Normalization of one row.

use crate::cpu::{Isa, Kernel, mul_add, vectorize};
use crate::element::Element;
use crate::rows::{self, Source};

/// Source of the rows of `x + residual`.
pub(super) struct Input<'a, T> {
    pub x: &'a [T],
    pub residual: Option<&'a [T]>,
    pub width: usize,
}

impl<T: Element> Source for Input<'_, T> {
    #[inline(always)]
    fn load(&self, row: usize, out: &mut [f32]) {
        let columns = row * self.width..(row + 1) * self.width;
        let x = &self.x[columns.clone()];
        match self.residual {
            None => out.iter_mut().zip(x).for_each(|(out, x)| *out = x.widen()),
            Some(residual) => {
                for ((out, x), residual) in out.iter_mut().zip(x).zip(&residual[columns]) {
                    *out = x.widen() + residual.widen();
                }
            }
        }
    }
}

/// Layer norm or RMS norm with its parameters.
#[derive(Clone, Copy)]
pub(crate) enum Norm<'a, T> {
    Layer { weight: &'a [T], bias: Option<&'a [T]>, eps: f32 },
    Rms { weight: &'a [T], eps: f32 },
}

impl<T: Element> Norm<'_, T> {
    #[inline(always)]
    fn apply<const FUSED: bool>(self, row: &[f32], out: &mut [T]) {
        let share = 1.0 / row.len() as f32;
        match self {
            Self::Layer { weight, bias, eps } => {
                // Any element is within sqrt(width) deviations of the mean, so subtracting one avoids cancellation
                // however large the mean is.
                let pivot = row[0];
                let mean = rows::sum(row, |sum, h| sum + (h - pivot)) * share;
                let center = |h: f32| h - pivot - mean;
                let variance = rows::sum(row, |sum, h| mul_add::<FUSED>(center(h), center(h), sum)) * share;
                let scale = 1.0 / (variance + eps).sqrt();
                let normalize = |h: f32| center(h) * scale;
                match bias {
                    Some(bias) => {
                        for (((out, h), weight), bias) in out.iter_mut().zip(row).zip(weight).zip(bias) {
                            *out = T::narrow(mul_add::<FUSED>(normalize(*h), weight.widen(), bias.widen()));
                        }
                    }
                    None => scale_columns(out, row, weight, normalize),
                }
            }
            Self::Rms { weight, eps } => {
                let square = rows::sum(row, |sum, h| mul_add::<FUSED>(h, h, sum)) * share;
                let scale = 1.0 / (square + eps).sqrt();
                scale_columns(out, row, weight, |h| h * scale);
            }
        }
    }
}

#[inline(always)]
fn scale_columns<T: Element>(out: &mut [T], row: &[f32], weight: &[T], normalize: impl Fn(f32) -> f32) {
    for ((out, h), weight) in out.iter_mut().zip(row).zip(weight) {
        *out = T::narrow(normalize(*h) * weight.widen());
    }
}

/// Normalizes the source's rows into `out`, whose length is a multiple of `width`.
pub(crate) fn run<T: Element>(isa: Isa, source: &impl Source, norm: Norm<'_, T>, width: usize, out: &mut [T]) {
    assert!(isa.is_available(), "this processor has no {}", isa.name());
    rows::for_each_block(out, width, |first, out| vectorize(isa, Block { source, norm, first, width, out }));
}

struct Block<'a, S, T> {
    source: &'a S,
    norm: Norm<'a, T>,
    first: usize,
    width: usize,
    out: &'a mut [T],
}

impl<S: Source, T: Element> Kernel for Block<'_, S, T> {
    type Output = ();

    #[inline(always)]
    fn run<const FUSED: bool>(self) {
        let mut scratch = rows::scratch(self.width);
        let row = scratch.as_mut_slice::<f32>();
        for (index, out) in self.out.chunks_exact_mut(self.width).enumerate() {
            self.source.load(self.first + index, row);
            self.norm.apply::<FUSED>(row, out);
        }
    }
}
