use trustformers::models::{self, Dtype};
use trustformers::{DType, Result};

use crate::hub::HubOptions;

/// The device that a model computes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum Device {
    /// The CPU.
    Cpu,
    /// An NVIDIA GPU.
    Cuda {
        /// Index of the GPU.
        index: u32,
    },
    /// An AMD GPU.
    Rocm {
        /// Index of the GPU.
        index: u32,
    },
    /// An Apple GPU.
    Metal {
        /// Index of the GPU.
        index: u32,
    },
}

impl From<Device> for trustformers::Device {
    fn from(device: Device) -> Self {
        match device {
            Device::Cpu => Self::Cpu,
            Device::Cuda { index } => Self::Cuda(index as usize),
            Device::Rocm { index } => Self::Rocm(index as usize),
            Device::Metal { index } => Self::Metal(index as usize),
        }
    }
}

impl From<trustformers::Device> for Device {
    fn from(device: trustformers::Device) -> Self {
        let index = |index: usize| u32::try_from(index).unwrap_or(u32::MAX);
        match device {
            trustformers::Device::Cpu => Self::Cpu,
            trustformers::Device::Cuda(gpu) => Self::Cuda { index: index(gpu) },
            trustformers::Device::Rocm(gpu) => Self::Rocm { index: index(gpu) },
            trustformers::Device::Metal(gpu) => Self::Metal { index: index(gpu) },
        }
    }
}

/// Precision of a model.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum Precision {
    /// Computes in float32.
    Float32,
    /// Computes in float16.
    Float16,
    /// Computes in bfloat16.
    Bfloat16,
    /// Quantizes the weights of linear layers to 8 bits, per output feature.
    Int8,
    /// Quantizes the weights of linear layers to 4 bits, in groups.
    Int4,
}

/// Options for loading a model.
#[derive(Clone, Debug, Default, uniffi::Record)]
pub struct LoadOptions {
    /// The device; by default the first that is available of cuda, rocm, metal and cpu.
    #[uniffi(default = None)]
    pub device: Option<Device>,
    /// The precision; by default the checkpoint's.
    #[uniffi(default = None)]
    pub precision: Option<Precision>,
    /// Where the model is looked for.
    #[uniffi(default = None)]
    pub hub: Option<HubOptions>,
}

impl LoadOptions {
    pub(crate) fn hub(&self) -> HubOptions {
        self.hub.clone().unwrap_or_default()
    }

    pub(crate) fn of_engine(&self) -> Result<models::LoadOptions> {
        let (dtype, bits) = match self.precision {
            None => (Dtype::Auto, None),
            Some(Precision::Float32) => (Dtype::Exactly(DType::F32), None),
            Some(Precision::Float16) => (Dtype::Exactly(DType::F16), None),
            Some(Precision::Bfloat16) => (Dtype::Exactly(DType::BF16), None),
            Some(Precision::Int8) => (Dtype::Auto, Some(8)),
            Some(Precision::Int4) => (Dtype::Auto, Some(4)),
        };
        let quantization = bits.map(|bits| models::quantization(bits, None, true)).transpose()?;
        Ok(models::LoadOptions { dtype, quantization, ..models::LoadOptions::default() })
    }
}
