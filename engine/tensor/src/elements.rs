//! Elements of tensors in host memory as slices, for kernels that change them in place.

use std::sync::MutexGuard;

use burn::tensor::{Shape, bf16};
use trustformers_core::Result;
use trustformers_ops::Flex;

use crate::dtype::DType;
use crate::storage::host::{self, Native};
use crate::storage::{Stored, Values, of_cpu, on_cpu};
use crate::tensor::{Gradient, Tensor};

/// A type of elements that are used as slices.
#[allow(private_bounds, reason = "the types are those of this file")]
pub trait Element: Native {
    /// The dtype of tensors of these elements.
    const DTYPE: DType;
}

impl Element for f32 {
    const DTYPE: DType = DType::F32;
}

impl Element for bf16 {
    const DTYPE: DType = DType::BF16;
}

impl Element for u8 {
    const DTYPE: DType = DType::U8;
}

impl Tensor {
    /// The elements in row-major order; `None` if they are not of this type, or not contiguous in host memory.
    pub fn as_slice<T: Element>(&self) -> Option<&[T]> {
        let x = on_cpu(&**self.storage())?;
        (self.dtype() == T::DTYPE && x.is_contiguous()).then(|| host::elements(x))
    }

    /// The elements in row-major order, for changes in place; `None` as for [`Tensor::as_slice`], and if another tensor,
    /// an array or a file uses their memory.
    pub fn as_mut_slice<T: Element>(&mut self) -> Option<&mut [T]> {
        if self.dtype() != T::DTYPE {
            return None;
        }
        let Stored(values) = self.storage_mut()?.as_any_mut().downcast_mut::<Stored<Flex>>()?;
        let (Values::Float(x) | Values::Int(x) | Values::Bool(x)) = values;
        let (start, len) = (x.layout().start_offset(), x.layout().num_elements());
        if !host::is_own(x) || !x.is_contiguous() {
            return None;
        }
        T::storage_mut(x)?.get_mut(start..start + len)
    }

    /// The elements in row-major order, for changes in place: of this tensor's memory, or of a copy that becomes it.
    ///
    /// **Errors:** `Internal` if the elements are not of this type, or on an accelerator.
    pub fn make_mut_slice<T: Element>(&mut self) -> Result<&mut [T]> {
        if self.as_mut_slice::<T>().is_none() {
            let copy = self.detached().copied()?;
            *self = self.with_elements_of(&copy);
        }
        let found = (self.dtype(), self.device().name());
        self.as_mut_slice().ok_or_else(|| {
            trustformers_core::Error::internal(format!("elements of {} on the cpu, found {found:?}", T::DTYPE))
        })
    }

    /// A tensor of the same shape at the same place in the graph, in memory of its own with arbitrary elements; `None` on
    /// an accelerator.
    pub fn unwritten_like<T: Element>(&self) -> Option<Self> {
        on_cpu(&**self.storage())?;
        let values = host::filled::<T>(Shape::from(self.shape()), T::DTYPE.burn(), |_| {});
        Some(self.with_elements_of(&self.with_storage(of_cpu(values, T::DTYPE.kind()))))
    }
}

impl Gradient {
    /// Changes gradients, in their order; each is passed once, and passes of other threads wait meanwhile.
    pub fn change_all<R>(mut gradients: Vec<Self>, work: impl FnOnce(Vec<&mut Tensor>) -> R) -> R {
        // In one order, so that two threads do not wait for each other.
        gradients.sort_by_key(Self::address);
        gradients.dedup_by_key(|gradient| gradient.address());
        let mut guards: Vec<MutexGuard<'_, Tensor>> = gradients.iter().map(Self::lock).collect();
        work(guards.iter_mut().map(|guard| &mut **guard).collect())
    }
}

#[cfg(test)]
mod tests {
    use trustformers_core::Device;

    use super::*;
    use crate::device::TensorDevice;

    fn tensor(values: &[f32], shape: &[usize]) -> Tensor {
        let device = TensorDevice::new::<Flex>(Default::default(), Device::Cpu);
        Tensor::from_f32(values.to_vec(), shape, &device).unwrap()
    }

    #[test]
    fn memory_of_one_tensor_is_changed_in_place() {
        let mut x = tensor(&[1.0, 2.0, 3.0, 4.0], &[2, 2]).as_leaf().unwrap();
        let memory = x.as_slice::<f32>().unwrap().as_ptr();
        x.as_mut_slice::<f32>().unwrap()[3] = 9.0;
        assert_eq!(x.make_mut_slice::<f32>().unwrap().as_ptr(), memory);
        assert_eq!(x.to_f32().unwrap(), [1.0, 2.0, 3.0, 9.0]);
        assert!(x.as_mut_slice::<u8>().is_none() && x.as_slice::<bf16>().is_none());
    }

    #[test]
    fn shared_memory_stays() {
        let mut x = tensor(&[1.0, 2.0, 3.0, 4.0], &[2, 2]).as_leaf().unwrap();
        let other = x.detached();
        assert!(x.as_mut_slice::<f32>().is_none());
        x.make_mut_slice::<f32>().unwrap()[0] = 7.0;
        assert_eq!(other.to_f32().unwrap()[0], 1.0);
        assert!(x.is_leaf() && x.requires_grad() && x.to_f32().unwrap()[0] == 7.0);
        let mut columns = other.transpose(0, 1).unwrap();
        assert!(columns.as_slice::<f32>().is_none());
        assert_eq!(columns.make_mut_slice::<f32>().unwrap(), [1.0, 3.0, 2.0, 4.0]);
    }

    #[test]
    fn unwritten_memory_has_the_place_of_the_tensor() {
        let x = tensor(&[1.0, 2.0], &[2, 1]).as_leaf().unwrap();
        let mut y = x.unwritten_like::<f32>().unwrap();
        y.as_mut_slice::<f32>().unwrap().fill(3.0);
        assert_eq!((y.shape(), y.is_leaf(), y.requires_grad()), (vec![2, 1], true, true));
        assert_eq!((x.to_f32().unwrap(), y.to_f32().unwrap()), (vec![1.0, 2.0], vec![3.0, 3.0]));
    }

    #[test]
    fn gradients_are_changed_together_and_once() {
        let x = tensor(&[1.0, 2.0], &[2]).as_leaf().unwrap();
        x.set_gradient(Some(tensor(&[3.0, 4.0], &[2]))).unwrap();
        let gradient = x.gradient().unwrap();
        Gradient::change_all(vec![gradient.clone(), gradient.clone()], |found| {
            assert_eq!(found.len(), 1);
            for tensor in found {
                tensor.as_mut_slice::<f32>().unwrap().iter_mut().for_each(|x| *x *= 2.0);
            }
        });
        assert_eq!(gradient.get().to_f32().unwrap(), [6.0, 8.0]);
    }
}
