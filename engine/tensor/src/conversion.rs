use trustformers_core::{Error, Result};

use crate::creation::check_supported;
use crate::device::TensorDevice;
use crate::dtype::DType;
use crate::shape::check_room;
use crate::storage::host::duplicate;
use crate::storage::{of_cpu, on_cpu};
use crate::tensor::{Rule, Tensor};

impl Tensor {
    /// Casts to a dtype, truncating floats to integers; shares memory if the dtype is the same.
    ///
    /// **Errors:** `Unsupported` if the device has no such dtype.
    pub fn cast(&self, dtype: DType) -> Result<Self> {
        if dtype == self.dtype() {
            return Ok(self.clone());
        }
        check_supported(dtype, self.device())?;
        check_room(&self.shape(), dtype)?;
        Ok(self.apply_cast(dtype))
    }

    /// Moves the tensor to a device; shares memory if the device is the same.
    ///
    /// **Errors:** `Unsupported` if the device has no such dtype; `Internal` if the elements cannot be read.
    pub fn to_device(&self, device: &TensorDevice) -> Result<Self> {
        if device == self.device() {
            return Ok(self.clone());
        }
        let moved = Self::from_data(self.storage().data()?, device)?;
        if !self.is_tracked() {
            return Ok(moved);
        }
        let own = self.device().clone();
        Ok(moved.computed_from([(self, Rule::of(move |gradient| gradient.to_device(&own)))]))
    }

    /// A copy that shares no memory.
    ///
    /// **Errors:** `Internal` if the elements cannot be read.
    pub fn copied(&self) -> Result<Self> {
        let copy = match on_cpu(&**self.storage()) {
            Some(values) => self.with_storage(of_cpu(duplicate(values), self.dtype().kind())),
            None => Self::from_data(self.storage().data()?, self.device())?,
        };
        if !self.is_tracked() {
            return Ok(copy);
        }
        Ok(copy.computed_from([(self, Rule::of(|gradient| Ok(gradient.clone())))]))
    }

    /// The elements as floats, in row-major order.
    ///
    /// **Errors:** `Internal` if the elements cannot be read.
    pub fn to_f64(&self) -> Result<Vec<f64>> {
        let data = self.cast(DType::F64)?.storage().data()?;
        data.into_vec().map_err(|error| Error::internal(format!("{error:?}")))
    }

    /// The elements of a float32 tensor, in row-major order.
    ///
    /// **Errors:** `Internal` if the tensor has another dtype, or the elements cannot be read.
    pub fn to_f32(&self) -> Result<Vec<f32>> {
        self.storage().data()?.into_vec().map_err(|error| Error::internal(format!("{error:?}")))
    }

    /// The elements of a bool or integer tensor, in row-major order.
    ///
    /// **Errors:** `Input` for a tensor of floats; `Internal` if the elements cannot be read.
    pub fn to_i64(&self) -> Result<Vec<i64>> {
        if self.dtype().is_float() {
            return Err(Error::input("dtype", format!("expected integers, found {}", self.dtype())));
        }
        let data = self.cast(DType::I64)?.storage().data()?;
        data.into_vec().map_err(|error| Error::internal(format!("{error:?}")))
    }
}
