use burn::tensor::Tensor;
use trustformers_core::{Error, Result};
use trustformers_ops::{EngineBackend, to_f32_data};

/// A tensor in the process's own memory, row-major.
#[derive(Clone, Debug, PartialEq)]
pub struct HostTensor {
    /// Sizes of the dimensions.
    pub shape: Vec<usize>,
    /// The elements.
    pub data: Vec<f32>,
}

impl HostTensor {
    pub(crate) fn read<B: EngineBackend, const D: usize>(tensor: Tensor<B, D>) -> Result<Self> {
        let shape = tensor.dims().to_vec();
        let data = to_f32_data(tensor).into_vec().map_err(|error| Error::internal(format!("{error:?}")))?;
        Ok(Self { shape, data })
    }
}

/// Each of the tensors.
pub(crate) fn read_all<B: EngineBackend, const D: usize>(tensors: Vec<Tensor<B, D>>) -> Result<Vec<HostTensor>> {
    tensors.into_iter().map(HostTensor::read).collect()
}
