use burn::module::ParamId;
use trustformers_core::DType;
use trustformers_ops::{Groups, Precision};

/// How linear weights are brought into the layout of the backend's kernels.
#[derive(Clone, Copy)]
pub struct Preparation<'a> {
    /// What weights of numbers are computed in.
    pub precision: Precision,
    /// What numbers are computed in where rounding would change decisions.
    pub dtype: DType,
    /// The codes of a parameter whose checkpoint holds no numbers.
    pub codes: &'a dyn Fn(ParamId) -> Option<Groups>,
}

impl<'a> Preparation<'a> {
    /// The same without rounding.
    pub(crate) fn in_floats(&self) -> Preparation<'a> {
        Preparation { precision: Precision::Float(self.dtype), ..*self }
    }
}
