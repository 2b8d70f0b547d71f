/// A row-major array of a forward call.
#[derive(Clone, Copy, Debug)]
pub struct PaddedArray<'a, T, const D: usize> {
    /// Elements in row-major order.
    pub values: &'a [T],
    /// Size of each dimension.
    pub shape: [usize; D],
}

impl<'a, T, const D: usize> PaddedArray<'a, T, D> {
    /// An array of a shape, which has as many elements as `values`.
    pub fn new(values: &'a [T], shape: [usize; D]) -> Self {
        debug_assert_eq!(values.len(), shape.iter().product::<usize>());
        Self { values, shape }
    }

    /// The elements of a row.
    pub(crate) fn row(&self, row: usize) -> &'a [T] {
        let len = self.shape[1..].iter().product::<usize>();
        &self.values[row * len..][..len]
    }
}

impl<'a, T> PaddedArray<'a, T, 2> {
    /// The last `count` elements of a row.
    pub(crate) fn last_of_row(&self, row: usize, count: usize) -> &'a [T] {
        let found = self.row(row);
        &found[found.len() - count..]
    }
}
