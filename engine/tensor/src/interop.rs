use burn::tensor::{AllocationProperty, Bytes, Shape, TensorData};
use burn_flex::{FlexTensor, Layout};
use trustformers_core::{Device, Error, Result};
use trustformers_ops::EngineBackend;

use crate::device::TensorDevice;
use crate::dtype::{DType, Kind};
use crate::shape::num_elements;
use crate::storage::host::contiguous;
use crate::storage::{Stored, Values, of_cpu, on_cpu};
use crate::tensor::Tensor;

impl Tensor {
    /// A tensor of elements in row-major order. On the CPU it shares the bytes if they are aligned for the dtype; bytes of
    /// booleans other than 0 and 1 count as true.
    ///
    /// **Errors:** `Input` if the number of bytes does not match the shape; `Unsupported` if the device does not support
    /// the dtype.
    pub fn from_bytes(bytes: bytes::Bytes, shape: &[usize], dtype: DType, device: &TensorDevice) -> Result<Self> {
        let expected = num_elements(shape)? * dtype.size();
        if bytes.len() != expected {
            let message = format!("{shape:?} of {dtype} takes {expected} bytes, found {}", bytes.len());
            return Err(Error::input("shape", message));
        }
        let is_usable = bytes.as_ptr().addr().is_multiple_of(dtype.size())
            && (dtype.kind() != Kind::Bool || bytes.iter().all(|byte| *byte <= 1));
        if device.name() == Device::Cpu && is_usable && !bytes.is_empty() {
            let bytes = Bytes::from_shared(bytes, AllocationProperty::Other);
            let values = FlexTensor::new(bytes, Layout::contiguous(Shape::from(shape.to_vec())), dtype.burn());
            return Ok(Self::new(of_cpu(values, dtype.kind()), device));
        }
        let copy = match dtype.kind() {
            Kind::Bool => bytes.iter().map(|byte| u8::from(*byte != 0)).collect(),
            _ => bytes.to_vec(),
        };
        Self::from_data(TensorData::from_bytes_vec(copy, shape.to_vec(), dtype.burn()), device)
    }

    /// A tensor that shares a float primitive of the device's backend.
    pub fn from_float_primitive<B: EngineBackend>(values: B::FloatTensorPrimitive, device: &TensorDevice) -> Self {
        Self::new(Stored::<B>::share(Values::Float(values)), device)
    }

    /// The elements in row-major order; on the CPU the bytes of a contiguous tensor are shared.
    ///
    /// **Errors:** `Internal` if the elements cannot be read.
    pub fn to_bytes(&self) -> Result<bytes::Bytes> {
        let values = match on_cpu(&**self.storage()) {
            _ if self.num_elements() == 0 => return Ok(bytes::Bytes::new()),
            Some(values) => contiguous(values),
            None => FlexTensor::from_data(self.storage().data()?),
        };
        let size = self.dtype().size();
        let (start, len) = (values.layout().start_offset() * size, self.num_elements() * size);
        Ok(bytes::Bytes::from_owner(Elements { values, start, len }))
    }
}

/// Contiguous elements of a tensor.
struct Elements {
    values: FlexTensor,
    start: usize,
    len: usize,
}

impl AsRef<[u8]> for Elements {
    fn as_ref(&self) -> &[u8] {
        &self.values.bytes()[self.start..self.start + self.len]
    }
}
