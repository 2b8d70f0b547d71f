use burn::tensor::{Distribution, TensorData};
use trustformers_core::{Error, Result};

use crate::device::TensorDevice;
use crate::dtype::{DType, Kind};
use crate::scalar::Scalar;
use crate::shape::{check_room, num_elements};
use crate::tensor::Tensor;

impl Tensor {
    /// A tensor of integers in row-major order.
    ///
    /// **Errors:** `Input` if the number of elements does not match the shape, or an element is out of the dtype's
    /// range; `Unsupported` if the device does not support the dtype.
    pub fn from_ints(values: &[i128], shape: &[usize], dtype: DType, device: &TensorDevice) -> Result<Self> {
        if dtype.is_float() {
            return Self::from_f64(values.iter().map(|value| *value as f64).collect(), shape, dtype, device);
        }
        if dtype.kind() == Kind::Int {
            values.iter().try_for_each(|value| checked_int(*value, dtype).map(|_| ()))?;
        }
        if dtype == DType::U64 {
            check_count(values.len(), shape)?;
            let values: Vec<u64> = values.iter().map(|value| *value as u64).collect();
            return Self::from_data(TensorData::new(values, shape.to_vec()), device);
        }
        let as_i64 = |value: &i128| if dtype == DType::Bool { i64::from(*value != 0) } else { *value as i64 };
        Self::from_i64(values.iter().map(as_i64).collect(), shape, dtype, device)
    }

    /// A tensor of numbers in row-major order, truncated for an integer dtype.
    ///
    /// **Errors:** `Input` if the number of elements does not match the shape, or an element is out of an integer
    /// dtype's range; `Unsupported` if the device does not support the dtype.
    pub fn from_f64(values: Vec<f64>, shape: &[usize], dtype: DType, device: &TensorDevice) -> Result<Self> {
        check_count(values.len(), shape)?;
        if !dtype.is_float() {
            let number = |value: &f64| match checked(Scalar::Float(*value), dtype)? {
                Number::Int(value) => Ok(value),
                Number::Float(value) => Ok(i128::from(value != 0.0)),
            };
            let values = values.iter().map(number).collect::<Result<Vec<_>>>()?;
            return Self::from_ints(&values, shape, dtype, device);
        }
        Self::from_data(TensorData::new(values, shape.to_vec()).convert_dtype(dtype.burn()), device)
    }

    /// A float32 tensor of numbers in row-major order.
    ///
    /// **Errors:** `Input` if the number of elements does not match the shape; `Unsupported` if the device has no
    /// float32.
    pub fn from_f32(values: Vec<f32>, shape: &[usize], device: &TensorDevice) -> Result<Self> {
        check_count(values.len(), shape)?;
        Self::from_data(TensorData::new(values, shape.to_vec()), device)
    }

    /// A tensor of integers in row-major order, all in the dtype's range.
    ///
    /// **Errors:** `Input` if the number of elements does not match the shape; `Unsupported` if the device does not
    /// support the dtype.
    pub fn from_i64(values: Vec<i64>, shape: &[usize], dtype: DType, device: &TensorDevice) -> Result<Self> {
        check_count(values.len(), shape)?;
        Self::from_data(TensorData::new(values, shape.to_vec()).convert_dtype(dtype.burn()), device)
    }

    /// A tensor filled with a number.
    ///
    /// **Errors:** `Input` if the number is out of an integer dtype's range; `Unsupported` if the device does not
    /// support the dtype.
    pub fn full(shape: &[usize], value: Scalar, dtype: DType, device: &TensorDevice) -> Result<Self> {
        check_room(shape, dtype)?;
        check_supported(dtype, device)?;
        let shape = shape.to_vec();
        let data = match (dtype.kind(), checked(value, dtype)?) {
            (Kind::Bool, value) => TensorData::full_dtype(shape, value != Number::Int(0), dtype.burn()),
            (Kind::Int, Number::Int(value)) if dtype == DType::U64 => {
                TensorData::full_dtype(shape, value as u64, dtype.burn())
            }
            (_, Number::Int(value)) => TensorData::full_dtype(shape, value as i64, dtype.burn()),
            (_, Number::Float(value)) => TensorData::full_dtype(shape, value, dtype.burn()),
        };
        Ok(Self::new(device.store(data), device))
    }

    /// Checks that an integer dtype holds a number.
    pub(crate) fn check_value(value: Scalar, dtype: DType) -> Result<()> {
        checked(value, dtype).map(|_| ())
    }

    /// Random floats, from the standard normal distribution or uniform in `[0, 1)`.
    ///
    /// **Errors:** `Input` if the dtype is not a float; `Unsupported` if the device does not support the dtype.
    pub fn random(shape: &[usize], is_normal: bool, dtype: DType, device: &TensorDevice) -> Result<Self> {
        check_room(shape, dtype)?;
        check_supported(dtype, device)?;
        if !dtype.is_float() {
            return Err(Error::input("dtype", format!("expected a float dtype, found {dtype}")));
        }
        let distribution = if is_normal { Distribution::Normal(0.0, 1.0) } else { Distribution::Uniform(0.0, 1.0) };
        Ok(Self::new(device.random(shape, dtype, distribution), device))
    }

    pub(crate) fn from_data(data: TensorData, device: &TensorDevice) -> Result<Self> {
        check_supported(DType::of_burn(data.dtype), device)?;
        Ok(Self::new(device.store(data), device))
    }
}

/// A number of a dtype's kind.
#[derive(Clone, Copy, PartialEq)]
enum Number {
    Int(i128),
    Float(f64),
}

fn checked(value: Scalar, dtype: DType) -> Result<Number> {
    match (dtype.kind(), value) {
        (Kind::Float, value) => Ok(Number::Float(value.as_f64())),
        (Kind::Int, Scalar::Float(value)) if !value.is_finite() => {
            Err(Error::input("value", format!("{value} cannot be converted to {dtype}")))
        }
        (Kind::Int, value) => checked_int(value.truncated(), dtype),
        (Kind::Bool, Scalar::Float(value)) => Ok(Number::Int(i128::from(value != 0.0))),
        (Kind::Bool, value) => Ok(Number::Int(value.truncated())),
    }
}

fn checked_int(value: i128, dtype: DType) -> Result<Number> {
    if dtype.holds(value) {
        return Ok(Number::Int(value));
    }
    let (low, high) = dtype.int_range();
    Err(Error::input("value", format!("{value} is out of the range of {dtype}, {low} to {high}")))
}

fn check_count(found: usize, shape: &[usize]) -> Result<()> {
    if found == num_elements(shape)? {
        return Ok(());
    }
    Err(Error::input("shape", format!("{shape:?} does not hold {found} elements")))
}

pub(crate) fn check_supported(dtype: DType, device: &TensorDevice) -> Result<()> {
    if device.supports(dtype) {
        return Ok(());
    }
    Err(Error::unsupported(format!("tensors of {dtype} on {}", device.name())))
}
