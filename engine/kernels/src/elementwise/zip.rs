use super::Grid;
use crate::cpu::{self, Isa, Kernel, vectorize};
use crate::rows;

/// Applies a function to every element, on all threads.
///
/// **Panics** if the lengths differ.
pub fn map<A: Copy + Sync, O: Copy + Send>(x: &[A], out: &mut [O], function: impl Fn(A) -> O + Copy + Sync) {
    assert_eq!(x.len(), out.len(), "out is not as long as x");
    let isa = cpu::isa();
    rows::for_each_block(out, 1, |start, out| {
        vectorize(isa, Map { x: &x[start..][..out.len()], out, function });
    });
}

/// Applies a function to the elements of two operands, on all threads.
///
/// **Panics** if an operand or the output does not have the grid's elements.
pub fn zip<A: Copy + Sync, B: Copy + Sync, O: Copy + Send>(
    grid: &Grid<2>,
    (a, b): (&[A], &[B]),
    out: &mut [O],
    function: impl Fn(A, B) -> O + Copy + Sync,
) {
    zip_with(cpu::isa(), grid, (a, b), out, function);
}

pub(crate) fn zip_with<A: Copy + Sync, B: Copy + Sync, O: Copy + Send>(
    isa: Isa,
    grid: &Grid<2>,
    (a, b): (&[A], &[B]),
    out: &mut [O],
    function: impl Fn(A, B) -> O + Copy + Sync,
) {
    check(grid, [a.len(), b.len()], out.len());
    rows::for_each_block(out, 1, |start, out| {
        vectorize(isa, Zip { grid, start, a, b, out, function });
    });
}

/// Applies a function to the elements of three operands, on all threads.
///
/// **Panics** if an operand or the output does not have the grid's elements.
pub fn zip3<A: Copy + Sync, B: Copy + Sync, C: Copy + Sync, O: Copy + Send>(
    grid: &Grid<3>,
    (a, b, c): (&[A], &[B], &[C]),
    out: &mut [O],
    function: impl Fn(A, B, C) -> O + Copy + Sync,
) {
    check(grid, [a.len(), b.len(), c.len()], out.len());
    let isa = cpu::isa();
    rows::for_each_block(out, 1, |start, out| {
        vectorize(isa, Zip3 { grid, start, a, b, c, out, function });
    });
}

fn check<const N: usize>(grid: &Grid<N>, lens: [usize; N], out: usize) {
    assert_eq!(grid.len(), out, "out does not have the grid's elements");
    let fits = grid.reach().iter().zip(lens).all(|(reach, len)| *reach <= len);
    assert!(fits, "operands of {lens:?} elements are shorter than {grid:?}");
}

struct Map<'a, A, O, F> {
    x: &'a [A],
    out: &'a mut [O],
    function: F,
}

impl<A: Copy, O: Copy, F: Fn(A) -> O> Kernel for Map<'_, A, O, F> {
    type Output = ();

    #[inline(always)]
    fn run<const FUSED: bool>(self) {
        self.out.iter_mut().zip(self.x).for_each(|(out, x)| *out = (self.function)(*x));
    }
}

struct Zip<'a, A, B, O, F> {
    grid: &'a Grid<2>,
    start: usize,
    a: &'a [A],
    b: &'a [B],
    out: &'a mut [O],
    function: F,
}

impl<A: Copy, B: Copy, O: Copy, F: Fn(A, B) -> O> Kernel for Zip<'_, A, B, O, F> {
    type Output = ();

    #[inline(always)]
    fn run<const FUSED: bool>(self) {
        let Self { grid, start, a, b, mut out, function } = self;
        let inner = grid.strides.map(|strides| strides[2]);
        for (len, [first_a, first_b]) in grid.runs(start, start + out.len()) {
            let (run, rest) = out.split_at_mut(len);
            out = rest;
            match inner {
                [1, 1] => {
                    let (a, b) = (&a[first_a..][..len], &b[first_b..][..len]);
                    run.iter_mut().zip(a).zip(b).for_each(|((out, a), b)| *out = function(*a, *b));
                }
                [1, _] => {
                    let (a, b) = (&a[first_a..][..len], b[first_b]);
                    run.iter_mut().zip(a).for_each(|(out, a)| *out = function(*a, b));
                }
                [_, 1] => {
                    let (a, b) = (a[first_a], &b[first_b..][..len]);
                    run.iter_mut().zip(b).for_each(|(out, b)| *out = function(a, *b));
                }
                _ => run.fill(function(a[first_a], b[first_b])),
            }
        }
    }
}

struct Zip3<'a, A, B, C, O, F> {
    grid: &'a Grid<3>,
    start: usize,
    a: &'a [A],
    b: &'a [B],
    c: &'a [C],
    out: &'a mut [O],
    function: F,
}

impl<A: Copy, B: Copy, C: Copy, O: Copy, F: Fn(A, B, C) -> O> Kernel for Zip3<'_, A, B, C, O, F> {
    type Output = ();

    #[inline(always)]
    fn run<const FUSED: bool>(self) {
        let Self { grid, start, a, b, c, mut out, function } = self;
        let inner = grid.strides.map(|strides| strides[2]);
        for (len, [first_a, first_b, first_c]) in grid.runs(start, start + out.len()) {
            let (run, rest) = out.split_at_mut(len);
            out = rest;
            match inner {
                [1, 1, 1] => {
                    let (a, b, c) = (&a[first_a..][..len], &b[first_b..][..len], &c[first_c..][..len]);
                    let all = run.iter_mut().zip(a).zip(b).zip(c);
                    all.for_each(|(((out, a), b), c)| *out = function(*a, *b, *c));
                }
                [1, 1, 0] => {
                    let (a, b, c) = (&a[first_a..][..len], &b[first_b..][..len], c[first_c]);
                    run.iter_mut().zip(a).zip(b).for_each(|((out, a), b)| *out = function(*a, *b, c));
                }
                [1, 0, 1] => {
                    let (a, b, c) = (&a[first_a..][..len], b[first_b], &c[first_c..][..len]);
                    run.iter_mut().zip(a).zip(c).for_each(|((out, a), c)| *out = function(*a, b, *c));
                }
                _ => {
                    for (at, out) in run.iter_mut().enumerate() {
                        *out = function(
                            a[first_a + at * inner[0]],
                            b[first_b + at * inner[1]],
                            c[first_c + at * inner[2]],
                        );
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::values;

    #[test]
    fn operands_are_broadcast_as_their_strides_say() {
        let (rows, width) = (300, 257);
        let (matrix, row) = (values(rows * width, 1), values(width.max(rows), 2));
        let own = [width as isize, 1];
        for strides in [[0, 1], [1, 0], [0, 0], [1, 1], own] {
            let grid = Grid::merged(&[rows, width], [&own, &strides]).unwrap();
            let other = Grid::merged(&[rows, width], [&strides, &own]).unwrap();
            let b = if strides[0] + strides[1] > 1 { &matrix } else { &row };
            // Overlapping rows, such as those of a sliding window, reach beyond a row.
            let b = if strides == [1, 1] { &matrix } else { b };
            let expected = (0..rows * width).map(|at| {
                let index = at / width * strides[0] as usize + at % width * strides[1] as usize;
                (matrix[at], b[index])
            });
            for isa in Isa::testable() {
                let mut out = vec![0.0; rows * width];
                zip_with(isa, &grid, (&matrix, b), &mut out, |a, b| a - b);
                assert!(out.iter().zip(expected.clone()).all(|(out, (a, b))| *out == a - b), "{isa:?} {strides:?}");
                zip_with(isa, &other, (b, &matrix), &mut out, |b, a| a - b);
                assert!(out.iter().zip(expected.clone()).all(|(out, (a, b))| *out == a - b), "{isa:?} {strides:?}");
            }
            let mut out = vec![0.0; rows * width];
            let grid = Grid::merged(&[rows, width], [&own, &strides, &own]).unwrap();
            zip3(&grid, (&matrix, b, &matrix), &mut out, |a, b, c| a * b + c);
            assert!(out.iter().zip(expected).all(|(out, (a, b))| *out == a * b + a), "{strides:?}");
        }
    }

    #[test]
    #[should_panic(expected = "shorter")]
    fn rejects_operands_that_are_too_short() {
        zip(&Grid::contiguous(5), (&[1.0f32; 5], &[1.0; 4]), &mut [0.0; 5], |a, b| a + b);
    }
}
