use burn::tensor::{AllocationProperty, DType as BurnDType, Shape, bf16, f16};
use burn_flex::{FlexTensor, Layout};
use trustformers_kernels::memory::{Buffer, Plain};
use trustformers_ops as ops;

/// An element type of tensors in host memory.
pub(crate) trait Native: Plain + Send + Sync {
    /// The whole storage of a tensor, which must have this dtype.
    fn storage(x: &FlexTensor) -> &[Self];

    /// The whole storage of a tensor, which must have this dtype; `None` if another tensor shares it.
    fn storage_mut(x: &mut FlexTensor) -> Option<&mut [Self]>;
}

macro_rules! native {
    ($($kind:ty)*) => {
        $(impl Native for $kind {
            fn storage(x: &FlexTensor) -> &[Self] {
                x.storage()
            }

            fn storage_mut(x: &mut FlexTensor) -> Option<&mut [Self]> {
                x.try_storage_mut()
            }
        })*
    };
}

native!(f64 f32 f16 bf16 i64 i32 i16 i8 u64 u32 u16 u8);

/// The elements of a tensor of this dtype, from the first one on; contiguous tensors have no others.
pub(crate) fn elements<T: Native>(x: &FlexTensor) -> &[T] {
    let layout = x.layout();
    if layout.num_elements() == 0 {
        return &[];
    }
    let all = &T::storage(x)[layout.start_offset()..];
    if layout.is_contiguous() { &all[..layout.num_elements()] } else { all }
}

/// Whether nothing else uses the memory, and the engine allocated it, so that it may be written to.
pub(crate) fn is_own(x: &FlexTensor) -> bool {
    // The second reference is this function's.
    let bytes = x.data_arc();
    bytes.property() == AllocationProperty::Native && std::sync::Arc::strong_count(&bytes) == 2
}

/// A contiguous tensor in reused memory, whose elements `fill` must write.
pub(crate) fn filled<T: Native>(shape: Shape, dtype: BurnDType, fill: impl FnOnce(&mut [T])) -> FlexTensor {
    let mut buffer = Buffer::reused(shape.num_elements() * size_of::<T>());
    fill(buffer.as_mut_slice());
    FlexTensor::new(ops::pooled(buffer), Layout::contiguous(shape), dtype)
}
