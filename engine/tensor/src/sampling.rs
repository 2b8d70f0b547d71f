use trustformers_core::{Error, Result};

use crate::device::TensorDevice;
use crate::dtype::DType;
use crate::shape::check_room;
use crate::tensor::Tensor;

impl Tensor {
    /// Random integers, uniform in `[low, high)`.
    ///
    /// **Errors:** `Input` if the range is empty, or beyond the dtype's.
    pub fn random_ints([low, high]: [i64; 2], shape: &[usize], dtype: DType, device: &TensorDevice) -> Result<Self> {
        if low >= high {
            return Err(Error::input("high", format!("{high} is not above {low}")));
        }
        check_room(shape, DType::I64)?;
        let range = (i128::from(high) - i128::from(low)) as u64;
        let offset = |bits: u64| ((u128::from(bits) * u128::from(range)) >> 64) as i128;
        let bits = random_bits(shape.iter().product(), device)?;
        let values: Vec<i128> = bits.into_iter().map(|bits| i128::from(low) + offset(bits)).collect();
        Self::from_ints(&values, shape, dtype, device)
    }

    /// A random permutation of the integers from 0 to `count - 1`.
    ///
    /// **Errors:** `Input` if one is beyond the dtype's range.
    pub fn random_permutation(count: usize, dtype: DType, device: &TensorDevice) -> Result<Self> {
        check_room(&[count, 2], DType::I64)?;
        let mut values: Vec<i128> = (0..count as i128).collect();
        for (at, bits) in random_bits(count, device)?.into_iter().enumerate().skip(1) {
            values.swap(at, ((u128::from(bits) * (at as u128 + 1)) >> 64) as usize);
        }
        Self::from_ints(&values, &[count], dtype, device)
    }

    /// Random indices (int64), whose probabilities are proportional to the elements.
    ///
    /// **Shapes:** `self: [categories]` or `[rows, categories]`; returns `[samples]` or `[rows, samples]`.
    ///
    /// **Errors:** `Input` if a weight is negative or not finite, a row has no positive weight, or fewer than `samples`
    /// without replacement.
    pub fn multinomial(&self, samples: usize, with_replacement: bool) -> Result<Self> {
        self.check_float("multinomial")?;
        let shape = self.shape();
        let (rows, categories) = match shape[..] {
            [categories] => (1, categories),
            [rows, categories] => (rows, categories),
            _ => return Err(Error::input("input", format!("expected rank 1 or 2, found the shape {shape:?}"))),
        };
        if samples == 0 {
            return Err(Error::input("num_samples", "is 0"));
        }
        let weights = self.to_f64()?;
        if weights.iter().any(|weight| !weight.is_finite() || *weight < 0.0) {
            return Err(Error::input("input", "a probability is negative, infinite or NaN"));
        }
        let draws = if with_replacement { samples } else { categories };
        check_room(&[rows, draws], DType::F64)?;
        let uniform: Vec<f64> = random_bits(rows * draws, self.device())?
            .into_iter()
            .map(|bits| (bits >> 11) as f64 * 2f64.powi(-53))
            .collect();
        let mut found = Vec::with_capacity(rows * samples);
        for row in 0..rows {
            let weights = &weights[row * categories..(row + 1) * categories];
            let uniform = &uniform[row * draws..(row + 1) * draws];
            let positive = weights.iter().filter(|weight| **weight > 0.0).count();
            let needed = if with_replacement { 1 } else { samples };
            if positive < needed {
                let message = format!("row {row} has {positive} positive probabilities, fewer than {needed}");
                return Err(Error::input("input", message));
            }
            found.extend(if with_replacement {
                drawn(weights, uniform)
            } else {
                drawn_once(weights, uniform, samples)
            });
        }
        let shape = if shape.len() == 1 { vec![samples] } else { vec![rows, samples] };
        Self::from_i64(found, &shape, DType::I64, self.device())
    }
}

/// One index for each uniform number.
fn drawn(weights: &[f64], uniform: &[f64]) -> Vec<i64> {
    let sums: Vec<f64> = weights
        .iter()
        .scan(0.0, |sum, weight| {
            *sum += weight;
            Some(*sum)
        })
        .collect();
    let total = sums.last().copied().unwrap_or_default();
    let last = weights.iter().rposition(|weight| *weight > 0.0).unwrap_or_default();
    uniform.iter().map(|number| sums.partition_point(|sum| *sum <= number * total).min(last) as i64).collect()
}

/// Distinct indices: those of the smallest of exponentially distributed times, whose rates are the weights.
fn drawn_once(weights: &[f64], uniform: &[f64], samples: usize) -> Vec<i64> {
    let time = |at: usize| -(-uniform[at]).ln_1p() / weights[at];
    let mut times: Vec<(f64, usize)> =
        (0..weights.len()).filter(|at| weights[*at] > 0.0).map(|at| (time(at), at)).collect();
    times.sort_by(|(a, _), (b, _)| a.total_cmp(b));
    times[..samples].iter().map(|(_, at)| *at as i64).collect()
}

/// Random bits of the device's generator. A float32 in `[0, 1)` has 22 random bits on any device.
fn random_bits(count: usize, device: &TensorDevice) -> Result<Vec<u64>> {
    if count == 0 {
        return Ok(Vec::new());
    }
    check_room(&[3, count], DType::F64)?;
    let uniform = Tensor::random(&[3 * count], false, DType::F32, device)?.to_f64()?;
    let bits = |number: &f64| ((number * f64::from(1 << 22)) as u64).min((1 << 22) - 1);
    Ok(uniform.chunks_exact(3).map(|parts| parts.iter().fold(0, |all, part| all << 22 | bits(part))).collect())
}
