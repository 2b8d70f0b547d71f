//! Memory of tensors on the cpu.

use std::mem::MaybeUninit;

use burn::tensor::{AllocationProperty, Bytes};
use cubecl_common::bytes::AllocationController;
use trustformers_kernels::memory::Buffer;

/// A buffer as the memory of a tensor, which may be written to while one tensor uses it.
pub fn pooled(buffer: Buffer) -> Bytes {
    let len = buffer.as_slice::<u8>().len();
    // SAFETY: all of the buffer's `len` bytes are initialized.
    unsafe { Bytes::from_controller(Box::new(Pooled(buffer)), len) }
}

/// A buffer that returns to the engine's pool when its tensor is dropped.
struct Pooled(Buffer);

impl AllocationController for Pooled {
    fn alloc_align(&self) -> usize {
        64
    }

    fn property(&self) -> AllocationProperty {
        AllocationProperty::Native
    }

    unsafe fn memory_mut(&mut self) -> &mut [MaybeUninit<u8>] {
        let bytes = self.0.as_mut_slice::<u8>();
        // SAFETY: both have one byte; the caller writes only initialized bytes.
        unsafe { std::slice::from_raw_parts_mut(bytes.as_mut_ptr().cast(), bytes.len()) }
    }

    fn memory(&self) -> &[MaybeUninit<u8>] {
        let bytes = self.0.as_slice::<u8>();
        // SAFETY: both have one byte, and initialized bytes may be read as such that need not be.
        unsafe { std::slice::from_raw_parts(bytes.as_ptr().cast(), bytes.len()) }
    }
}
