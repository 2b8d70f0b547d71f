use burn::module::ParamId;
use trustformers_core::DType;
use trustformers_ops::{Groups, Precision};

/// How to convert linear weights to the layout of the backend's kernels.
#[derive(Clone, Copy)]
pub struct Preparation<'a> {
    /// Precision of linear weights that the checkpoint stores as floats.
    pub precision: Precision,
    /// Format of weights that must not be quantized, such as a router's.
    pub dtype: DType,
    /// Quantized values of a parameter whose checkpoint stores it quantized; `None` for a float parameter.
    pub quantized: &'a dyn Fn(ParamId) -> Option<Groups>,
}

impl Preparation<'_> {
    /// This preparation without quantization.
    pub(crate) fn in_floats(&self) -> Self {
        Preparation { precision: Precision::Float(self.dtype), ..*self }
    }
}
