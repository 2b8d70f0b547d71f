use trustformers::models::{HostTensor, PaddedArray};
use trustformers::{Error, Result};

/// A tensor of 32-bit floats.
#[derive(Clone, Debug, uniffi::Record)]
pub struct Tensor {
    /// Size of each dimension.
    pub shape: Vec<u64>,
    /// Elements in row-major order.
    pub data: Vec<f32>,
}

impl From<HostTensor> for Tensor {
    fn from(tensor: HostTensor) -> Self {
        Self { shape: tensor.shape.into_iter().map(|size| size as u64).collect(), data: tensor.data }
    }
}

/// The rows of a matrix.
pub(crate) fn rows(matrix: HostTensor) -> Vec<Vec<f32>> {
    let width = matrix.shape.last().copied().unwrap_or(0).max(1);
    matrix.data.chunks_exact(width).map(<[f32]>::to_vec).collect()
}

/// Rows of equal length in one vector.
pub(crate) struct Matrix<T> {
    values: Vec<T>,
    shape: [usize; 2],
}

impl<T: Copy> Matrix<T> {
    /// **Errors:** `Input` naming `argument` if the rows differ in length.
    pub(crate) fn new(argument: &str, rows: &[Vec<T>]) -> Result<Self> {
        let width = rows.first().map_or(0, Vec::len);
        if let Some(row) = rows.iter().position(|row| row.len() != width) {
            let message = format!("row {row} has {} values, expected {width} as in row 0", rows[row].len());
            return Err(Error::input(argument, message));
        }
        Ok(Self { values: rows.concat(), shape: [rows.len(), width] })
    }

    pub(crate) fn padded(&self) -> PaddedArray<'_, T, 2> {
        PaddedArray::new(&self.values, self.shape)
    }
}

impl Matrix<f32> {
    pub(crate) fn into_tensor(self) -> HostTensor {
        HostTensor { shape: self.shape.to_vec(), data: self.values }
    }
}
