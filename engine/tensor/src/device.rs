use std::fmt;
use std::sync::Arc;

use burn::tensor::{Distribution, Shape, TensorData};
use trustformers_core::Device;
use trustformers_ops::EngineBackend;

use crate::dtype::{DType, Kind};
use crate::storage::{Shared, Stored, Values};

/// A device that holds tensors and computes with them.
#[derive(Clone)]
pub struct TensorDevice(Arc<dyn Backend>);

impl TensorDevice {
    /// A backend's device, called `name`.
    pub fn new<B: EngineBackend>(device: B::Device, name: Device) -> Self {
        Self(Arc::new(OnBackend::<B> { device, name }))
    }

    /// The device's name.
    pub fn name(&self) -> Device {
        self.0.name()
    }

    /// Whether the device can compute in a dtype.
    pub fn supports(&self, dtype: DType) -> bool {
        self.0.supports(dtype)
    }

    pub(crate) fn store(&self, data: TensorData) -> Shared {
        self.0.store(data)
    }

    pub(crate) fn random(&self, shape: &[usize], dtype: DType, distribution: Distribution) -> Shared {
        self.0.random(shape, dtype, distribution)
    }
}

impl fmt::Debug for TensorDevice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.name())
    }
}

impl PartialEq for TensorDevice {
    fn eq(&self, other: &Self) -> bool {
        self.name() == other.name()
    }
}

trait Backend: Send + Sync {
    fn name(&self) -> Device;
    fn supports(&self, dtype: DType) -> bool;
    fn store(&self, data: TensorData) -> Shared;
    fn random(&self, shape: &[usize], dtype: DType, distribution: Distribution) -> Shared;
}

struct OnBackend<B: EngineBackend> {
    device: B::Device,
    name: Device,
}

impl<B: EngineBackend> Backend for OnBackend<B> {
    fn name(&self) -> Device {
        self.name
    }

    fn supports(&self, dtype: DType) -> bool {
        B::supports_dtype(&self.device, dtype.burn())
    }

    fn store(&self, data: TensorData) -> Shared {
        let values = match DType::of_burn(data.dtype).kind() {
            Kind::Float => Values::Float(B::float_from_data(data, &self.device)),
            Kind::Int => Values::Int(B::int_from_data(data, &self.device)),
            Kind::Bool => Values::Bool(B::bool_from_data(data, &self.device)),
        };
        Stored::<B>::share(values)
    }

    fn random(&self, shape: &[usize], dtype: DType, distribution: Distribution) -> Shared {
        let shape = Shape::from(shape.to_vec());
        let values = B::float_random(shape, distribution, &self.device, dtype.burn().into());
        Stored::<B>::share(Values::Float(values))
    }
}
