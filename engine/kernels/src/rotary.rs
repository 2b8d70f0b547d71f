//! Rotary position embedding.

use crate::Element;
use crate::attention::Rows;
use crate::cpu::{self, Isa, Kernel, mul_add};
use crate::rows;

/// Which elements of a head are rotated as a pair.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layout {
    /// Element `i` and element `i + rotary_dim / 2`.
    RotateHalf,
    /// Elements `2 i` and `2 i + 1`.
    Interleaved,
}

/// Rotary embedding operands: pair `i` of each head becomes `(a cos - b sin, b cos + a sin)` with the row's angle `i`.
///
/// Elements from `rotary_dim` on are copied. Computed in f32 and rounded once.
///
/// **Shapes:** `x: [rows, heads * head_dim]`, `cos, sin: [rows, rotary_dim / 2]`. **Source:** arXiv 2104.09864
/// section 3.4.
#[derive(Clone, Copy, Debug)]
pub struct Rotary<'a, T> {
    /// Input rows.
    pub x: Rows<'a, T>,
    /// Cosines of the angles. **Shapes:** `[rows, rotary_dim / 2]`.
    pub cos: &'a [f32],
    /// Sines of the angles. **Shapes:** `[rows, rotary_dim / 2]`.
    pub sin: &'a [f32],
    /// Size of a head.
    pub head_dim: usize,
    /// Number of leading elements of a head that are rotated, an even number.
    pub rotary_dim: usize,
    /// Which elements of a head are rotated as a pair.
    pub layout: Layout,
}

impl<T: Element> Rotary<'_, T> {
    /// Rotates all rows with the processor's best instruction set on all threads.
    ///
    /// **Shapes:** `out: [rows, width]`, row-major. **Panics** if a length does not match.
    pub fn run(&self, width: usize, out: &mut [T]) {
        self.run_with(cpu::isa(), width, out);
    }

    /// [`Rotary::run`] with the given instruction set.
    ///
    /// **Panics** as [`Rotary::run`], and if the processor lacks the instruction set.
    pub fn run_with(&self, isa: Isa, width: usize, out: &mut [T]) {
        let Self { x, cos, sin, head_dim, rotary_dim, .. } = *self;
        assert!(isa.is_available(), "this processor has no {}", isa.name());
        assert!(
            rotary_dim.is_multiple_of(2) && rotary_dim <= head_dim,
            "rotary_dim {rotary_dim} is not an even number of at most head_dim {head_dim}"
        );
        assert!(width.is_multiple_of(head_dim) && out.len().is_multiple_of(width), "out is not [rows, width]");
        let rows = out.len() / width;
        assert!(x.holds(rows, width), "x does not hold {rows} rows");
        assert!(
            cos.len() == rows * rotary_dim / 2 && sin.len() == cos.len(),
            "cos and sin are not [rows, rotary_dim / 2]"
        );
        rows::for_each_block(out, width, |first, out| cpu::vectorize(isa, Block { rotary: self, first, width, out }));
    }
}

struct Block<'a, T> {
    rotary: &'a Rotary<'a, T>,
    first: usize,
    width: usize,
    out: &'a mut [T],
}

impl<T: Element> Kernel for Block<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<const FUSED: bool>(self) {
        let Self { rotary: Rotary { x, cos, sin, head_dim, rotary_dim, layout }, first, width, out } = self;
        let half = rotary_dim / 2;
        for (row, out) in out.chunks_exact_mut(width).enumerate() {
            let row = first + row;
            let x = &x.data[row * x.stride..][..width];
            let (cos, sin) = (&cos[row * half..][..half], &sin[row * half..][..half]);
            for (x, out) in x.chunks_exact(*head_dim).zip(out.chunks_exact_mut(*head_dim)) {
                let (x, rest) = x.split_at(*rotary_dim);
                let (out, out_rest) = out.split_at_mut(*rotary_dim);
                out_rest.copy_from_slice(rest);
                match layout {
                    Layout::RotateHalf => halves::<FUSED, T>(x, cos, sin, out),
                    Layout::Interleaved => pairs::<FUSED, T>(x, cos, sin, out),
                }
            }
        }
    }
}

#[inline(always)]
fn rotate<const FUSED: bool>(a: f32, b: f32, cos: f32, sin: f32) -> (f32, f32) {
    (mul_add::<FUSED>(a, cos, -(b * sin)), mul_add::<FUSED>(b, cos, a * sin))
}

#[inline(always)]
fn halves<const FUSED: bool, T: Element>(x: &[T], cos: &[f32], sin: &[f32], out: &mut [T]) {
    let half = cos.len();
    let (a, b) = x.split_at(half);
    let (out_a, out_b) = out.split_at_mut(half);
    let (b, sin, out_a, out_b) = (&b[..half], &sin[..half], &mut out_a[..half], &mut out_b[..half]);
    for at in 0..half {
        let (rotated_a, rotated_b) = rotate::<FUSED>(a[at].widen(), b[at].widen(), cos[at], sin[at]);
        (out_a[at], out_b[at]) = (T::narrow(rotated_a), T::narrow(rotated_b));
    }
}

#[inline(always)]
fn pairs<const FUSED: bool, T: Element>(x: &[T], cos: &[f32], sin: &[f32], out: &mut [T]) {
    let angles = cos.iter().zip(sin);
    for ((x, out), (cos, sin)) in x.as_chunks::<2>().0.iter().zip(out.as_chunks_mut::<2>().0).zip(angles) {
        let (a, b) = rotate::<FUSED>(x[0].widen(), x[1].widen(), *cos, *sin);
        *out = [T::narrow(a), T::narrow(b)];
    }
}

#[cfg(test)]
mod tests {
    use half::bf16;

    use super::*;
    use crate::testing::{elements, rounding, values};

    fn matches_double_precision<T: Element>() {
        for (rows, heads, head_dim, rotary_dim) in [(1, 1, 2, 2), (3, 5, 40, 40), (7, 2, 33, 16), (40, 9, 96, 64)] {
            let (width, half) = (heads * head_dim, rotary_dim / 2);
            let stride = width + 3;
            let (x, angles) = (elements::<T>(rows * stride, 1), values(rows * half, 2));
            let (cos, sin): (Vec<f32>, Vec<f32>) = angles.iter().map(|angle| (angle.cos(), angle.sin())).unzip();
            for (isa, layout) in
                Isa::testable().flat_map(|isa| [Layout::RotateHalf, Layout::Interleaved].map(|l| (isa, l)))
            {
                let rotary =
                    Rotary { x: Rows { data: &x, stride }, cos: &cos, sin: &sin, head_dim, rotary_dim, layout };
                let mut out = elements::<T>(rows * width, 3);
                rotary.run_with(isa, width, &mut out);
                for (at, found) in out.iter().enumerate() {
                    let (row, column, within) = (at / width, at % width, at % width % head_dim);
                    let get = |within: usize| f64::from(x[row * stride + column - column % head_dim + within].widen());
                    let (pair, partner, sign) = match layout {
                        Layout::RotateHalf if within < half => (within, within + half, -1.0),
                        Layout::RotateHalf => (within.wrapping_sub(half), within.wrapping_sub(half), 1.0),
                        Layout::Interleaved => (within / 2, within ^ 1, if within % 2 == 0 { -1.0 } else { 1.0 }),
                    };
                    let expected = if within < rotary_dim {
                        let angle = row * half + pair;
                        get(within) * f64::from(cos[angle]) + sign * get(partner) * f64::from(sin[angle])
                    } else {
                        get(within)
                    };
                    let error = (f64::from(found.widen()) - expected).abs();
                    assert!(error <= rounding::<T>() * 4.0, "{isa:?} {layout:?} {at}: off by {error:e}");
                }
            }
        }
    }

    #[test]
    fn pairs_are_rotated_and_other_elements_are_copied() {
        matches_double_precision::<f32>();
        matches_double_precision::<bf16>();
    }
}
