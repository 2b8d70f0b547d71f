use burn::tensor::backend::{DeviceId, DeviceOps};
use burn::tensor::{DType as BurnDType, FloatDType, Int, Tensor, TensorData};
use trustformers_core::DType;

use crate::EngineBackend;

/// burn's name of a dtype.
pub fn burn_dtype(dtype: DType) -> BurnDType {
    match dtype {
        DType::F32 => BurnDType::F32,
        DType::F16 => BurnDType::F16,
        DType::BF16 => BurnDType::BF16,
    }
}

/// The device of a backend that burn gives this number among those of this kind.
pub fn numbered_device<B: EngineBackend>(kind: u16, index: usize) -> B::Device {
    numbered(DeviceId { type_id: kind, index_id: u16::try_from(index).unwrap_or(u16::MAX) })
}

fn numbered<D: DeviceOps>(id: DeviceId) -> D {
    D::from_id(id)
}

/// A matrix of ids on a device.
///
/// **Shapes:** `ids` holds `rows * cols` elements, row-major.
pub fn int_tensor<B: EngineBackend>(ids: &[i64], [rows, cols]: [usize; 2], device: &B::Device) -> Tensor<B, 2, Int> {
    Tensor::from_data(TensorData::new(ids.to_vec(), [rows, cols]), device)
}

/// The elements of a tensor as f32, without a copy where the backend allows it.
pub fn to_f32_data<B: EngineBackend, const D: usize>(x: Tensor<B, D>) -> TensorData {
    x.cast(FloatDType::F32).into_data()
}
