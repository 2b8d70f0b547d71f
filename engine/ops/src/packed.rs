use std::sync::Arc;

use burn::tensor::backend::Backend;
use burn::tensor::{DType as BurnDType, Tensor, TensorData};
use trustformers_core::DType;
use trustformers_kernels::linear as kernel;
use trustformers_kernels::{Format, Grouping};

use crate::burn_dtype;

/// The precision in which linear layers compute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Precision {
    /// Weights and inputs as they are.
    Float(DType),
    /// Weights rounded to less; inputs are turned into bytes as they come.
    Quantized(Quantization),
}

/// What weights are rounded to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quantization {
    /// Bytes, symmetric per output feature; inputs are turned into bytes row by row.
    Int8,
    /// Codes with a scale for each group; inputs are turned into bytes block by block.
    Groups(Grouping),
}

/// A weight in the layout of the cpu kernels.
#[derive(Clone, Debug)]
pub struct PackedWeight {
    pub(crate) kernel: Arc<kernel::PackedWeight>,
}

impl PackedWeight {
    /// Rows and columns: `[out_features, in_features]`.
    pub fn shape(&self) -> [usize; 2] {
        self.kernel.shape()
    }

    /// Whether the values can be had again as they were.
    pub fn is_exact(&self) -> bool {
        matches!(self.kernel.format(), Format::F32 | Format::Bf16)
    }

    /// The values as a matrix, in f32 if they are rounded.
    pub fn dense<B: Backend>(&self, device: &B::Device) -> Tensor<B, 2> {
        let dtype = match self.kernel.format() {
            Format::F32 | Format::Int8 | Format::Groups(_) => BurnDType::F32,
            Format::Bf16 => burn_dtype(DType::BF16),
        };
        let values = TensorData::new(self.kernel.unpack(), self.shape());
        Tensor::from_data(values.convert_dtype(dtype), (device, dtype))
    }
}
