use trustformers_core::{Error, Result};

use crate::device::TensorDevice;
use crate::dtype::DType;
use crate::scalar::Scalar;
use crate::shape::check_room;
use crate::tensor::Tensor;

impl Tensor {
    /// The numbers from `start` to before `end`, `step` apart; int64 by default, or float32 if one of them is a float.
    ///
    /// **Errors:** `Input` if there are infinitely many, or one is out of an integer dtype's range; `OutOfMemory` if
    /// there are too many; `Unsupported` if the device does not support the dtype.
    pub fn arange([start, end, step]: [Scalar; 3], dtype: Option<DType>, device: &TensorDevice) -> Result<Self> {
        let endless = || Error::input("step", "there is no finite number of steps");
        if let [Some(start), Some(end), Some(step)] = [start, end, step].map(Scalar::as_int) {
            if step == 0 {
                return Err(endless());
            }
            let (distance, width) = if step > 0 { (end - start, step) } else { (start - end, -step) };
            let count = if distance > 0 { (distance - 1) / width + 1 } else { 0 };
            let count = usize::try_from(count).map_err(|_| endless())?;
            return Self::int_range(start, step, count, dtype.unwrap_or(DType::I64), device);
        }
        let [start, end, step] = [start, end, step].map(Scalar::as_f64);
        let count = ((end - start) / step).ceil();
        if step == 0.0 || !count.is_finite() || count > i64::MAX as f64 {
            return Err(endless());
        }
        let count = count.max(0.0) as usize;
        check_room(&[count], DType::F64)?;
        let values = (0..count).map(|index| start + step * index as f64).collect();
        Self::from_f64(values, &[count], dtype.unwrap_or(DType::F32), device)
    }

    /// `count` integers `start, start + step, ...`.
    pub(crate) fn int_range(
        start: i128,
        step: i128,
        count: usize,
        dtype: DType,
        device: &TensorDevice,
    ) -> Result<Self> {
        // The values are computed as 128-bit integers.
        check_room(&[count, 2], DType::I64)?;
        let values: Vec<i128> = (0..count as i128).map(|index| start + step * index).collect();
        Self::from_ints(&values, &[count], dtype, device)
    }

    /// `steps` numbers at equal distances from `start` to `end`, both included.
    ///
    /// **Errors:** as [`Tensor::arange`].
    pub fn linspace(start: f64, end: f64, steps: usize, dtype: DType, device: &TensorDevice) -> Result<Self> {
        check_room(&[steps], DType::F64)?;
        let step = if steps > 1 { (end - start) / (steps - 1) as f64 } else { 0.0 };
        let at = |index: usize| if index + 1 == steps && steps > 1 { end } else { start + step * index as f64 };
        Self::from_f64((0..steps).map(at).collect(), &[steps], dtype, device)
    }

    /// A matrix with ones on the diagonal `offset` above the main diagonal, and zeros elsewhere.
    ///
    /// **Errors:** `Unsupported` if the device has no such dtype.
    pub fn eye(rows: usize, cols: usize, offset: isize, dtype: DType, device: &TensorDevice) -> Result<Self> {
        check_room(&[rows, cols], DType::I64)?;
        let mut values = vec![0i64; rows * cols];
        for row in 0..rows {
            if let Some(col) = row.checked_add_signed(offset).filter(|col| *col < cols) {
                values[row * cols + col] = 1;
            }
        }
        Self::from_i64(values, &[rows, cols], dtype, device)
    }
}
