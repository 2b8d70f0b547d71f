use std::any::Any;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::sync::{Arc, Mutex, PoisonError};

use burn::tensor::{AllocationProperty, Bytes, Shape};
use burn_flex::{FlexTensor, Layout};
use trustformers_core::{Device, Error, Result};

use crate::device::TensorDevice;
use crate::dtype::DType;
use crate::storage::host::contiguous;
use crate::storage::{of_cpu, on_cpu};
use crate::tensor::{Rule, Tensor};

/// Memory of another owner, such as a NumPy array.
pub struct Foreign {
    /// Keeps the memory alive and in place.
    pub owner: Box<dyn Any + Send + Sync>,
    /// Address of the element whose indices are all zero.
    pub data: *const u8,
    /// Size of each dimension.
    pub shape: Vec<usize>,
    /// Stride of each dimension in elements; may be negative or zero.
    pub strides: Vec<isize>,
    /// Dtype of the elements.
    pub dtype: DType,
    /// Whether nobody may write to the memory.
    pub is_read_only: bool,
}

// SAFETY: the memory may be read on any thread while `owner` lives, and `owner` is `Send`.
unsafe impl Send for Foreign {}

/// Elements in host memory.
#[derive(Debug)]
pub struct HostView {
    /// Keeps the memory alive and in place.
    pub owner: Box<dyn Any + Send + Sync>,
    /// Address of the element whose indices are all zero.
    pub data: *const u8,
    /// Size of each dimension.
    pub shape: Vec<usize>,
    /// Stride of each dimension in elements.
    pub strides: Vec<isize>,
    /// Dtype of the elements.
    pub dtype: DType,
    /// Whether nothing else uses the memory, so that it may be written to.
    pub is_unique: bool,
    /// Whether nobody may write to the memory: writing to a mapped file may end the process.
    pub is_read_only: bool,
}

/// Bytes of foreign memory.
struct ForeignBytes {
    start: *const u8,
    len: usize,
    is_read_only: bool,
    _owner: Box<dyn Any + Send + Sync>,
}

/// Foreign memory that nobody may write to: how many tensors use each range of addresses.
static READ_ONLY: Mutex<BTreeMap<(usize, usize), usize>> = Mutex::new(BTreeMap::new());

impl ForeignBytes {
    fn range(&self) -> (usize, usize) {
        (self.start.addr(), self.start.addr() + self.len)
    }
}

impl Drop for ForeignBytes {
    fn drop(&mut self) {
        if self.is_read_only {
            let mut ranges = READ_ONLY.lock().unwrap_or_else(PoisonError::into_inner);
            if let Entry::Occupied(mut users) = ranges.entry(self.range()) {
                *users.get_mut() -= 1;
                if *users.get() == 0 {
                    users.remove();
                }
            }
        }
    }
}

fn is_read_only(data: *const u8) -> bool {
    let ranges = READ_ONLY.lock().unwrap_or_else(PoisonError::into_inner);
    ranges.range(..=(data.addr(), usize::MAX)).any(|((_, end), _)| data.addr() < *end)
}

// SAFETY: the bytes are only read, and `_owner`, which is `Send`, keeps them alive.
unsafe impl Send for ForeignBytes {}

impl AsRef<[u8]> for ForeignBytes {
    fn as_ref(&self) -> &[u8] {
        // SAFETY: the caller of `Tensor::from_foreign` guarantees that `len` bytes from `start` on are initialized and
        // stay in place while the owner lives.
        unsafe { std::slice::from_raw_parts(self.start, self.len) }
    }
}

impl Tensor {
    /// A tensor on the CPU that uses foreign memory in place.
    ///
    /// **Errors:** `Input` if an element is not aligned to its size.
    ///
    /// # Safety
    ///
    /// Every element that shape and strides reach must be initialized memory that stays readable and in place while the
    /// owner lives. Writing to it while an operation reads it gives undefined results, as it does for NumPy.
    pub unsafe fn from_foreign(foreign: Foreign, device: &TensorDevice) -> Result<Self> {
        let Foreign { owner, data, shape, strides, dtype, is_read_only } = foreign;
        if device.name() != Device::Cpu {
            return Err(Error::internal("foreign memory on an accelerator"));
        }
        let size = dtype.size();
        if shape.contains(&0) {
            return Self::from_i64(Vec::new(), &shape, dtype, device);
        }
        if !data.addr().is_multiple_of(size) {
            return Err(Error::input("array", format!("its memory is not aligned to the {size} bytes of {dtype}")));
        }
        // Elements before and after the first one that the strides reach.
        let reach = |is_side: fn(isize) -> bool| -> usize {
            let sides = shape.iter().zip(&strides).filter(|(_, stride)| is_side(**stride));
            sides.map(|(size, stride)| (size - 1) * stride.unsigned_abs()).sum()
        };
        let (before, after) = (reach(|stride| stride < 0), reach(|stride| stride > 0));
        let start = data.wrapping_sub(before * size);
        let bytes = ForeignBytes { start, len: (before + after + 1) * size, is_read_only, _owner: owner };
        if is_read_only {
            *READ_ONLY.lock().unwrap_or_else(PoisonError::into_inner).entry(bytes.range()).or_insert(0) += 1;
        }
        let bytes = Bytes::from_shared(bytes::Bytes::from_owner(bytes), AllocationProperty::Other);
        let layout = Layout::new(Shape::from(shape), strides, before);
        let values = FlexTensor::new(bytes, layout, dtype.burn());
        Ok(Self::new(of_cpu(values, dtype.kind()), device))
    }

    /// A view of the elements in host memory; elements on an accelerator are copied.
    ///
    /// **Errors:** `Internal` if the elements cannot be read.
    pub fn host_view(&self) -> Result<HostView> {
        let values = match on_cpu(&**self.storage()) {
            Some(values) => values.clone(),
            None => FlexTensor::from_data(self.storage().data()?),
        };
        let dtype = self.dtype();
        let layout = values.layout();
        let (shape, strides) = (layout.shape().to_vec(), layout.strides().to_vec());
        let data = values.bytes().as_ptr().wrapping_add(layout.start_offset() * dtype.size());
        let bytes = values.data_arc();
        // The tensor, this view and `bytes` hold one reference each; foreign memory may be read-only.
        let is_own = matches!(bytes.property(), AllocationProperty::Native);
        let is_unique = is_own && Arc::strong_count(&bytes) <= 3 && Arc::strong_count(self.storage()) == 1;
        let is_read_only = bytes.property() == AllocationProperty::File || (!is_own && is_read_only(data));
        Ok(HostView { owner: Box::new(values), data, shape, strides, dtype, is_unique, is_read_only })
    }

    /// Stride of each dimension in elements; of the row-major order on an accelerator.
    pub fn strides(&self) -> Vec<isize> {
        if let Some(values) = on_cpu(&**self.storage()) {
            return values.layout().strides().to_vec();
        }
        let shape = self.shape();
        (0..shape.len()).map(|dim| shape[dim + 1..].iter().product::<usize>().max(1) as isize).collect()
    }

    /// Whether the elements are in row-major order in host memory; true on an accelerator.
    pub fn is_contiguous(&self) -> bool {
        on_cpu(&**self.storage()).is_none_or(|values| values.is_contiguous())
    }

    /// The tensor with its elements in row-major order; shares memory if it is contiguous already.
    pub fn contiguous(&self) -> Self {
        match on_cpu(&**self.storage()) {
            Some(values) if !values.is_contiguous() => {
                let result = self.with_storage(of_cpu(contiguous(values), self.dtype().kind()));
                if !self.is_tracked() {
                    return result;
                }
                result.computed_from([(self, Rule::of(|gradient| Ok(gradient.clone())))])
            }
            _ => self.clone(),
        }
    }
}
