use burn::tensor::backend::{DeviceId, DeviceOps};
use burn::tensor::{DType as BurnDType, Int, Tensor, TensorData};
use trustformers_core::{DType, Result};

use crate::EngineBackend;

/// burn's dtype for an engine dtype.
pub fn burn_dtype(dtype: DType) -> BurnDType {
    match dtype {
        DType::F32 => BurnDType::F32,
        DType::F16 => BurnDType::F16,
        DType::BF16 => BurnDType::BF16,
    }
}

/// Whether a device can compute in a dtype.
pub fn supports_dtype<B: EngineBackend>(device: &B::Device, dtype: DType) -> bool {
    B::supports_dtype(device, burn_dtype(dtype))
}

/// The backend's device with this kind and index in burn's numbering.
pub fn numbered_device<B: EngineBackend>(kind: u16, index: usize) -> B::Device {
    numbered(DeviceId { type_id: kind, index_id: u16::try_from(index).unwrap_or(u16::MAX) })
}

fn numbered<D: DeviceOps>(id: DeviceId) -> D {
    D::from_id(id)
}

/// A 1-D integer tensor on a device.
pub fn int_vector<B: EngineBackend>(ids: Vec<i64>, device: &B::Device) -> Tensor<B, 1, Int> {
    let len = ids.len();
    Tensor::from_data(TensorData::new(ids, [len]), device)
}

/// Casts a tensor to a dtype; returns it unchanged if it has that dtype.
pub fn cast<B: EngineBackend, const D: usize>(x: Tensor<B, D>, dtype: DType) -> Tensor<B, D> {
    if x.dtype() == burn_dtype(dtype) {
        return x;
    }
    let shape = x.dims();
    <B as EngineBackend>::cast(x.reshape([shape.iter().product::<usize>()]), dtype).reshape(shape)
}

/// The elements of a tensor as f32, in row-major order in host memory.
///
/// **Errors:** any error of the device.
pub fn read<B: EngineBackend, const D: usize>(x: Tensor<B, D>) -> Result<Vec<f32>> {
    let len = x.shape().num_elements();
    B::elements(cast(x, DType::F32).reshape([len]))
}

/// The elements of a tensor as f32, without a copy if the backend allows it.
pub fn to_f32_data<B: EngineBackend, const D: usize>(x: Tensor<B, D>) -> TensorData {
    cast(x, DType::F32).into_data()
}
