//! Products of two matrices that are used once, unlike a weight.

mod blocked;
mod pack;

use crate::Element;
use crate::cpu::{self, Isa, Kernel, mul_add, vectorize};
use crate::memory::{Plain, Shared};
use crate::rows::fold;

/// Rows of the left matrix up to which the right matrix is read once, without packing.
const FEW_ROWS: usize = 4;
/// Columns per task of a product of few rows.
const STRIPE: usize = 512;
/// Multiplications below which a second thread costs more than it saves.
const SERIAL: usize = 1 << 17;

/// The left matrix of a product.
#[derive(Clone, Copy, Debug)]
pub enum Left<'a, T> {
    /// `[m, k]`, row-major.
    Rows(&'a [T]),
    /// `[k, m]`, row-major: the transpose.
    Columns(&'a [T]),
}

/// The right matrix of a product.
#[derive(Clone, Copy, Debug)]
pub enum Right<'a, T> {
    /// `[k, n]`, row-major.
    Rows(&'a [T]),
    /// `[n, k]`, row-major: the transpose.
    Columns(&'a [T]),
}

/// Element types of products.
pub trait Factor: Element + Plain {}

impl Factor for f32 {}

impl Factor for half::bf16 {}

/// `a * b` on all threads, with sums in f32, which are rounded once.
///
/// **Shapes:** `a: [m, k]`, `b: [k, n]`, `out: [m, n]`, in row-major order. **Panics** if a length does not match.
pub fn product<T: Factor, O: Element>(a: Left<'_, T>, b: Right<'_, T>, [m, k, n]: [usize; 3], out: &mut [O]) {
    product_with(cpu::isa(), a, b, [m, k, n], out);
}

pub(crate) fn product_with<T: Factor, O: Element>(
    isa: Isa,
    a: Left<'_, T>,
    b: Right<'_, T>,
    [m, k, n]: [usize; 3],
    out: &mut [O],
) {
    let (Left::Rows(left) | Left::Columns(left)) = a;
    let (Right::Rows(right) | Right::Columns(right)) = b;
    assert_eq!(
        (left.len(), right.len(), out.len()),
        (m * k, k * n, m * n),
        "operands are not [{m}, {k}] and [{k}, {n}]"
    );
    if out.is_empty() {
        return;
    }
    match a {
        Left::Rows(a) if m <= FEW_ROWS => few_rows(isa, a, b, [m, k, n], out),
        _ if k == 0 => out.fill(O::narrow(0.0)),
        _ => blocked::product(isa, a, b, [m, k, n], out),
    }
}

fn few_rows<T: Factor, O: Element>(isa: Isa, a: &[T], b: Right<'_, T>, [m, k, n]: [usize; 3], out: &mut [O]) {
    let target = Shared(out.as_mut_ptr());
    let stripe =
        if m * k * n < SERIAL { STRIPE } else { STRIPE.min(n.div_ceil(cpu::num_threads()).next_multiple_of(16)) };
    let task = |task: usize| {
        let cols = task * stripe..((task + 1) * stripe).min(n);
        vectorize(isa, FewRows { a, b, shape: [m, k, n], cols, out: &target });
    };
    let tasks = n.div_ceil(stripe);
    if m * k * n < SERIAL { (0..tasks).for_each(task) } else { cpu::parallel(tasks, task) }
}

struct FewRows<'a, T, O> {
    a: &'a [T],
    b: Right<'a, T>,
    shape: [usize; 3],
    cols: std::ops::Range<usize>,
    out: &'a Shared<O>,
}

impl<T: Element, O: Element> Kernel for FewRows<'_, T, O> {
    type Output = ();

    #[inline(always)]
    fn run<const FUSED: bool>(self) {
        let Self { a, b, shape: [m, k, n], cols, out } = self;
        let mut sums = [[0.0f32; STRIPE]; FEW_ROWS];
        let width = cols.len();
        match b {
            Right::Rows(b) => {
                for at in 0..k {
                    let b = &b[at * n + cols.start..][..width];
                    for (row, sums) in sums[..m].iter_mut().enumerate() {
                        let a = a[row * k + at].widen();
                        let sums = &mut sums[..width];
                        sums.iter_mut().zip(b).for_each(|(sum, b)| *sum = mul_add::<FUSED>(a, b.widen(), *sum));
                    }
                }
            }
            Right::Columns(b) => {
                for (at, col) in cols.clone().enumerate() {
                    let b = &b[col * k..][..k];
                    for (row, sums) in sums[..m].iter_mut().enumerate() {
                        sums[at] = dot::<FUSED, T>(&a[row * k..][..k], b);
                    }
                }
            }
        }
        for (row, sums) in sums[..m].iter().enumerate() {
            // SAFETY: the columns lie inside the row of the output, whose length was checked, and no other task writes
            // them.
            let out = unsafe { std::slice::from_raw_parts_mut(out.start().add(row * n + cols.start), width) };
            out.iter_mut().zip(sums).for_each(|(out, sum)| *out = O::narrow(*sum));
        }
    }
}

#[inline(always)]
fn dot<const FUSED: bool, T: Element>(a: &[T], b: &[T]) -> f32 {
    const LANES: usize = 32;
    let mut lanes = [0.0f32; LANES];
    let ((a, rest_a), (b, rest_b)) = (a.as_chunks::<LANES>(), b.as_chunks::<LANES>());
    for (a, b) in a.iter().zip(b) {
        for lane in 0..LANES {
            lanes[lane] = mul_add::<FUSED>(a[lane].widen(), b[lane].widen(), lanes[lane]);
        }
    }
    let lanes = std::hint::black_box(lanes);
    let rest = rest_a.iter().zip(rest_b).fold(0.0, |sum, (a, b)| sum + a.widen() * b.widen());
    fold(&lanes, 0.0, |a, b| a + b, |a, b| a + b) + rest
}

/// Products of each pair of matrices of two batches, on all threads.
///
/// **Shapes:** `a: [batch, m, k]`, `b: [batch, k, n]`, `out: [batch, m, n]`, in row-major order, where each matrix of
/// `b` may be transposed. **Panics** if a length does not match.
pub fn batch_product<T: Factor>(a: &[T], b: Right<'_, T>, [m, k, n]: [usize; 3], out: &mut [T]) {
    let (Right::Rows(values) | Right::Columns(values)) = b;
    let batch = out.len() / (m * n);
    assert_eq!((a.len(), values.len()), (batch * m * k, batch * k * n), "operands are not [batch, {m}, {k}] and so on");
    let outs: Vec<_> = out.chunks_exact_mut(m * n).map(std::sync::Mutex::new).collect();
    let one = |at: usize| {
        let b = match b {
            Right::Rows(values) => Right::Rows(&values[at * k * n..][..k * n]),
            Right::Columns(values) => Right::Columns(&values[at * k * n..][..k * n]),
        };
        if let Ok(mut out) = outs[at].lock() {
            product(Left::Rows(&a[at * m * k..][..m * k]), b, [m, k, n], &mut out);
        }
    };
    // Tasks inside a task run on one thread.
    if batch < 2 * cpu::num_threads() || batch * m * k * n < SERIAL {
        (0..batch).for_each(one);
    } else {
        cpu::parallel(batch, one);
    }
}

#[cfg(test)]
mod tests {
    use half::bf16;

    use super::*;
    use crate::testing::elements;

    fn products_match_double_precision<T: Factor>(tolerance: f64) {
        for [m, k, n] in [
            [1, 7, 5],
            [3, 300, 1100],
            [4, 1, 1],
            [5, 33, 17],
            [40, 129, 260],
            [6, 64, 48],
            [70, 200, 333],
            [37, 1700, 50],
            [9, 4, 0],
            [0, 4, 9],
            [9, 0, 4],
            [300, 430, 310],
        ] {
            let (a, b) = (elements::<T>(m * k, 1), elements::<T>(k * n, 2));
            let transposed: Vec<T> = (0..n * k).map(|at| b[at % k * n + at / k]).collect();
            let columns: Vec<T> = (0..k * m).map(|at| a[at % m * k + at / m]).collect();
            for (isa, left) in Isa::testable().flat_map(|isa| [(isa, Left::Rows(&a)), (isa, Left::Columns(&columns))]) {
                for right in [Right::Rows(&b), Right::Columns(&transposed)] {
                    let mut out = vec![T::narrow(0.0); m * n];
                    product_with(isa, left, right, [m, k, n], &mut out);
                    for (at, found) in out.iter().enumerate() {
                        let terms =
                            (0..k).map(|i| f64::from(a[at / n * k + i].widen()) * f64::from(b[i * n + at % n].widen()));
                        let expected: f64 = terms.sum();
                        let error = (f64::from(found.widen()) - expected).abs();
                        // The scalar kernel adds the products of a block one after another.
                        let tolerance = tolerance * (1.0 + k as f64 / 500.0);
                        assert!(error <= tolerance * (1.0 + expected.abs()), "{isa:?} {m} {k} {n}: {error:e}");
                    }
                }
            }
        }
    }

    #[test]
    fn products_match_double_precision_in_f32() {
        products_match_double_precision::<f32>(1e-5);
    }

    #[test]
    fn products_match_double_precision_in_bf16() {
        products_match_double_precision::<bf16>(5e-3);
    }

    #[test]
    fn a_batch_is_as_many_products() {
        for [batch, m, k, n] in [[3, 6, 5, 7], [40, 20, 30, 25]] {
            let (a, b) = (elements::<f32>(batch * m * k, 1), elements::<f32>(batch * k * n, 2));
            let (mut together, mut alone) = (vec![0.0; batch * m * n], vec![0.0; m * n]);
            batch_product(&a, Right::Rows(&b), [m, k, n], &mut together);
            for (at, found) in together.chunks_exact(m * n).enumerate() {
                product(
                    Left::Rows(&a[at * m * k..][..m * k]),
                    Right::Rows(&b[at * k * n..][..k * n]),
                    [m, k, n],
                    &mut alone,
                );
                assert_eq!(found, alone);
            }
        }
    }
}
