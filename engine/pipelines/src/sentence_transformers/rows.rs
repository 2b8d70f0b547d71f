use trustformers_models::HostTensor;

/// Vectors of equal width, row-major.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Rows {
    pub(crate) width: usize,
    pub(crate) data: Vec<f32>,
}

impl Rows {
    /// The rows of a tensor.
    ///
    /// **Shapes:** `tensor: [rows, width]`, or `[width]` for one row.
    pub(crate) fn of(tensor: HostTensor) -> Self {
        Self { width: tensor.shape.last().copied().unwrap_or(0), data: tensor.data }
    }

    pub(crate) fn iter(&self) -> impl DoubleEndedIterator<Item = &[f32]> + ExactSizeIterator {
        self.data.chunks_exact(self.width.max(1))
    }

    /// Divides each row by its L2 norm, with the minimum norm of `torch.nn.functional.normalize`.
    pub(crate) fn normalize(&mut self) {
        for row in self.data.chunks_exact_mut(self.width.max(1)) {
            let length = row.iter().map(|x| x * x).sum::<f32>().sqrt().max(1e-12);
            row.iter_mut().for_each(|x| *x /= length);
        }
    }

    /// Keeps the first `width` components of each row.
    pub(crate) fn truncated(self, width: usize) -> Self {
        if width >= self.width {
            return self;
        }
        Self { width, data: self.iter().flat_map(|row| &row[..width]).copied().collect() }
    }
}

/// Dot product in several partial sums, which the compiler can vectorize.
pub(crate) fn dot(a: &[f32], b: &[f32]) -> f32 {
    const PARTS: usize = 16;
    let mut sums = [0.0f32; PARTS];
    let (a_parts, b_parts) = (a.chunks_exact(PARTS), b.chunks_exact(PARTS));
    let rest: f32 = a_parts.remainder().iter().zip(b_parts.remainder()).map(|(a, b)| a * b).sum();
    for (a, b) in a_parts.zip(b_parts) {
        for part in 0..PARTS {
            sums[part] += a[part] * b[part];
        }
    }
    sums.iter().sum::<f32>() + rest
}
