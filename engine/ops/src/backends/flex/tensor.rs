use burn::tensor::{AllocationProperty, DType as BurnDType, Shape, Tensor, TensorPrimitive};
use burn_flex::{Flex, FlexTensor, Layout};
use half::bf16;
use trustformers_kernels::memory::{Buffer, Plain, give_back};
use trustformers_kernels::{self as kernels, Element};

use crate::memory::pooled;

/// An element type that both burn and the kernels support.
pub(super) trait Number: Element + Plain {
    const DTYPE: BurnDType;

    /// The elements of a contiguous tensor of this dtype; `None` otherwise.
    fn slice(tensor: &FlexTensor) -> Option<&[Self]>;

    /// The whole storage of a tensor, which must have this dtype.
    fn storage(tensor: &FlexTensor) -> &[Self];

    /// The whole storage of a tensor, mutable; `None` if another tensor shares it.
    fn storage_mut(tensor: &mut FlexTensor) -> Option<&mut [Self]>;
}

impl Number for f32 {
    const DTYPE: BurnDType = BurnDType::F32;

    fn slice(tensor: &FlexTensor) -> Option<&[Self]> {
        tensor.as_slice()
    }

    fn storage(tensor: &FlexTensor) -> &[Self] {
        tensor.storage()
    }

    fn storage_mut(tensor: &mut FlexTensor) -> Option<&mut [Self]> {
        tensor.try_storage_mut()
    }
}

impl Number for bf16 {
    const DTYPE: BurnDType = BurnDType::BF16;

    fn slice(tensor: &FlexTensor) -> Option<&[Self]> {
        tensor.as_slice()
    }

    fn storage(tensor: &FlexTensor) -> &[Self] {
        tensor.storage()
    }

    fn storage_mut(tensor: &mut FlexTensor) -> Option<&mut [Self]> {
        tensor.try_storage_mut()
    }
}

pub(super) fn converted<S: Number, T: Number>(x: Tensor<Flex, 1>) -> Tensor<Flex, 1> {
    let shape = x.dims();
    let x = contiguous(x);
    // Converted and released chunk by chunk, so that a large table is never resident in both dtypes.
    const PART: usize = 1 << 20;
    filled(shape, |out: &mut [T]| {
        let source = slice::<S>(&x);
        for (source, out) in source.chunks(PART).zip(out.chunks_mut(PART)) {
            kernels::convert::convert(source, out);
            give_back_file(&x, source);
        }
    })
}

/// Releases the pages of a tensor's values if they are a mapped checkpoint file.
pub(super) fn give_back_file<T: Plain>(tensor: &FlexTensor, values: &[T]) {
    if tensor.data_arc().property() == AllocationProperty::File {
        // SAFETY: bytes of this kind are a read-only mapping of a file, made by the checkpoint reader.
        unsafe { give_back(values) };
    }
}

/// A tensor in reused memory, initialized by `fill`.
pub(super) fn filled<T: Number, const D: usize>(shape: [usize; D], fill: impl FnOnce(&mut [T])) -> Tensor<Flex, D> {
    let mut buffer = Buffer::reused(shape.iter().product::<usize>() * size_of::<T>());
    fill(buffer.as_mut_slice());
    let tensor = FlexTensor::new(pooled(buffer), Layout::contiguous(Shape::new(shape)), T::DTYPE);
    Tensor::from_primitive(TensorPrimitive::Float(tensor))
}

/// The matrix itself if each row is contiguous, else a contiguous copy.
pub(super) fn with_whole_rows(tensor: Tensor<Flex, 2>) -> FlexTensor {
    let tensor = tensor.into_primitive().tensor();
    match *tensor.layout().strides() {
        [stride, 1] if stride > 0 => tensor,
        _ => tensor.to_contiguous(),
    }
}

/// The rows of a matrix returned by [`with_whole_rows`].
pub(super) fn rows<T: Number>(tensor: &FlexTensor) -> kernels::attention::Rows<'_, T> {
    let layout = tensor.layout();
    let data = &T::storage(tensor)[layout.start_offset()..];
    kernels::attention::Rows { data, stride: layout.strides()[0].unsigned_abs() }
}

pub(super) fn contiguous<const D: usize>(tensor: Tensor<Flex, D>) -> FlexTensor {
    tensor.into_primitive().tensor().to_contiguous()
}

pub(super) fn slice<T: Number>(tensor: &FlexTensor) -> &[T] {
    T::slice(tensor).expect("the tensor is contiguous and of this dtype")
}

pub(super) fn ints(tensor: &FlexTensor) -> &[i64] {
    tensor.as_slice().expect("the tensor is contiguous and i64")
}
