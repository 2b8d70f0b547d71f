use burn::tensor::Tensor;
use trustformers_core::Result;
use trustformers_ops::{EngineBackend, read};

/// A row-major f32 tensor in host memory.
#[derive(Clone, Debug, PartialEq)]
pub struct HostTensor {
    /// Size of each dimension.
    pub shape: Vec<usize>,
    /// Elements in row-major order.
    pub data: Vec<f32>,
}

impl HostTensor {
    pub(crate) fn read<B: EngineBackend, const D: usize>(tensor: Tensor<B, D>) -> Result<Self> {
        let shape = tensor.dims().to_vec();
        Ok(Self { shape, data: read(tensor)? })
    }
}

/// Reads each tensor into host memory.
pub(crate) fn read_all<B: EngineBackend, const D: usize>(tensors: Vec<Tensor<B, D>>) -> Result<Vec<HostTensor>> {
    tensors.into_iter().map(HostTensor::read).collect()
}
