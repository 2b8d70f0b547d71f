use std::sync::Arc;

use burn::tensor::backend::Backend;
use burn::tensor::{DType as BurnDType, Tensor, TensorData};
use trustformers_core::DType;
use trustformers_kernels::linear as kernel;
use trustformers_kernels::{Format, Grouping};

use crate::burn_dtype;

/// Precision of the linear layers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Precision {
    /// Weights and inputs in a floating point dtype.
    Float(DType),
    /// Quantized weights; inputs are quantized to bytes dynamically.
    Quantized(Quantization),
}

/// Quantization scheme of the weights.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quantization {
    /// int8, symmetric per output feature; inputs are quantized per row.
    Int8,
    /// Quantized values with a scale per group; inputs are quantized per block.
    Groups(Grouping),
}

/// A weight in the layout of the CPU kernels.
#[derive(Clone, Debug)]
pub struct PackedWeight {
    pub(crate) kernel: Arc<kernel::PackedWeight>,
}

impl PackedWeight {
    /// Shape of the weight: `[out_features, in_features]`.
    pub fn shape(&self) -> [usize; 2] {
        self.kernel.shape()
    }

    /// Whether unpacking restores the weight exactly, which holds for the floating point formats.
    pub fn is_exact(&self) -> bool {
        matches!(self.kernel.format(), Format::F32 | Format::Bf16)
    }

    /// Size in bytes.
    pub fn num_bytes(&self) -> usize {
        self.kernel.num_bytes()
    }

    /// The bytes of the packed layout.
    pub fn bytes(&self) -> Vec<u8> {
        self.kernel.bytes()
    }

    /// The weight as a dense matrix, dequantized to f32 if it is quantized.
    pub fn dense<B: Backend>(&self, device: &B::Device) -> Tensor<B, 2> {
        let dtype = match self.kernel.format() {
            Format::F32 | Format::Int8 | Format::Groups(_) => BurnDType::F32,
            Format::Bf16 => burn_dtype(DType::BF16),
        };
        let values = TensorData::new(self.kernel.unpack(), self.shape());
        Tensor::from_data(values.convert_dtype(dtype), (device, dtype))
    }
}
