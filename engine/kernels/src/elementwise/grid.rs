/// A row-major output of three dimensions, and the strides of `N` operands in it.
///
/// The stride of the last dimension is 1, or 0 where the operand is broadcast.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Grid<const N: usize> {
    /// Size of each dimension.
    pub sizes: [usize; 3],
    /// Strides of each operand in elements.
    pub strides: [[usize; 3]; N],
}

impl<const N: usize> Grid<N> {
    /// Operands that are as contiguous as the output.
    pub fn contiguous(len: usize) -> Self {
        Self { sizes: [1, 1, len], strides: [[0, 0, 1]; N] }
    }

    /// The dimensions of equal shapes merged to at most three; `None` if more are left, or an operand has other strides
    /// than the grid allows.
    pub fn merged(shape: &[usize], strides: [&[isize]; N]) -> Option<Self> {
        let mut found = Self { sizes: [1; 3], strides: [[0; 3]; N] };
        // The dimension of the grid that was filled last.
        let mut first = 3;
        for (dim, &size) in shape.iter().enumerate().rev().filter(|(_, size)| **size != 1) {
            let mut own = [0; N];
            for (own, strides) in own.iter_mut().zip(strides) {
                *own = usize::try_from(strides[dim]).ok()?;
            }
            let continues = |at: usize| own[at] == found.strides[at][first] * found.sizes[first];
            if first < 3 && (0..N).all(continues) {
                found.sizes[first] *= size;
                continue;
            }
            first = first.checked_sub(1)?;
            found.sizes[first] = size;
            for (strides, own) in found.strides.iter_mut().zip(own) {
                strides[first] = own;
            }
        }
        // A single element has any stride.
        if first == 3 {
            return Some(Self::contiguous(1));
        }
        found.strides.iter().all(|strides| strides[2] <= 1).then_some(found)
    }

    /// Number of elements.
    #[allow(clippy::len_without_is_empty, reason = "a grid of no elements is of no interest")]
    pub fn len(&self) -> usize {
        self.sizes.iter().product()
    }

    /// Elements of each operand that the grid reaches.
    pub(crate) fn reach(&self) -> [usize; N] {
        let sizes = self.sizes;
        self.strides.map(|strides| {
            if self.len() == 0 { 0 } else { 1 + (0..3).map(|dim| (sizes[dim] - 1) * strides[dim]).sum::<usize>() }
        })
    }

    /// The parts of the output's rows between two positions.
    #[inline(always)]
    pub(crate) fn runs(&self, start: usize, end: usize) -> Runs<'_, N> {
        Runs { grid: self, at: start, end }
    }
}

/// Iterator over parts of rows: their length, and the first element of each operand.
pub(crate) struct Runs<'a, const N: usize> {
    grid: &'a Grid<N>,
    at: usize,
    end: usize,
}

impl<const N: usize> Iterator for Runs<'_, N> {
    type Item = (usize, [usize; N]);

    #[inline(always)]
    fn next(&mut self) -> Option<Self::Item> {
        if self.at >= self.end {
            return None;
        }
        let [_, rows, width] = self.grid.sizes;
        let (row, col) = (self.at / width, self.at % width);
        let len = (width - col).min(self.end - self.at);
        self.at += len;
        let (outer, row) = (row / rows, row % rows);
        Some((len, self.grid.strides.map(|strides| outer * strides[0] + row * strides[1] + col * strides[2])))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dimensions_that_all_operands_continue_are_merged() {
        let grid = Grid::merged(&[4, 1, 3, 5], [&[15, 15, 5, 1], &[0, 7, 0, 0]]).unwrap();
        assert_eq!(grid, Grid { sizes: [1, 1, 60], strides: [[0, 0, 1], [0, 0, 0]] });
        let grid = Grid::merged(&[4, 3, 5], [&[15, 5, 1], &[0, 0, 1]]).unwrap();
        assert_eq!(grid, Grid { sizes: [1, 12, 5], strides: [[0, 5, 1], [0, 0, 1]] });
        assert_eq!(grid.reach(), [60, 5]);
        let column = Grid::merged(&[4, 5], [&[5, 1], &[1, 0]]).unwrap();
        let runs: Vec<_> = column.runs(3, 12).collect();
        assert_eq!(runs, [(2, [3, 0]), (5, [5, 1]), (2, [10, 2])]);
    }

    #[test]
    fn other_strides_have_no_grid() {
        assert_eq!(Grid::merged(&[4, 5], [&[1, 4]]), None);
        assert_eq!(Grid::merged(&[4], [&[-1]]), None);
        assert_eq!(Grid::merged(&[2, 2, 2, 2], [&[100, 30, 10, 1]]), None);
        assert_eq!(Grid::merged(&[], [&[]]), Some(Grid::<1>::contiguous(1)));
    }
}
