//! A pool of reused buffers, so that computing the same shapes again causes no page faults.

use std::alloc::{self, Layout};
use std::collections::BTreeMap;
use std::mem::ManuallyDrop;
use std::ptr::NonNull;
use std::sync::Mutex;

/// Maximum bytes of unused memory in the pool.
const MAX_POOLED_BYTES: usize = 512 << 20;
/// Alignment of every buffer: a cache line, and the widest vector.
const ALIGNMENT: usize = 64;

/// Initialized memory aligned to 64 bytes; the contents may be those of an earlier buffer.
///
/// Dropping a reused buffer returns its memory to the pool.
#[derive(Debug)]
pub struct Buffer {
    memory: ManuallyDrop<Memory>,
    len: usize,
    reusable: bool,
}

impl Buffer {
    /// A buffer of `len` bytes from the pool, for temporary values; contents are arbitrary.
    ///
    /// **Panics** if the system is out of memory.
    pub fn reused(len: usize) -> Self {
        let size = class(len);
        let kept = POOL.try_lock().ok().and_then(|mut kept| kept.take(size));
        let memory = kept.unwrap_or_else(|| Memory::zeroed(size));
        Self { memory: ManuallyDrop::new(memory), len, reusable: true }
    }

    /// A zeroed buffer of `len` bytes outside the pool, for long-lived values.
    ///
    /// **Panics** if the system is out of memory.
    pub fn lasting(len: usize) -> Self {
        Self { memory: ManuallyDrop::new(Memory::zeroed(len.max(1))), len, reusable: false }
    }

    /// The buffer as a slice of numbers; trailing bytes that do not fill a number are omitted.
    pub fn as_slice<T: Plain>(&self) -> &[T] {
        // SAFETY: the memory is initialized, aligned to 64 and at least `len` bytes, and every bit pattern is a `T`.
        unsafe { std::slice::from_raw_parts(self.memory.start.as_ptr().cast(), self.len / size_of::<T>()) }
    }

    /// The buffer as a mutable slice of numbers; trailing bytes that do not fill a number are omitted.
    pub fn as_mut_slice<T: Plain>(&mut self) -> &mut [T] {
        // SAFETY: as above, and `self` is borrowed exclusively.
        unsafe { std::slice::from_raw_parts_mut(self.memory.start.as_ptr().cast(), self.len / size_of::<T>()) }
    }
}

impl AsRef<[u8]> for Buffer {
    fn as_ref(&self) -> &[u8] {
        self.as_slice()
    }
}

impl Drop for Buffer {
    fn drop(&mut self) {
        // SAFETY: the memory is not used after this.
        let memory = unsafe { ManuallyDrop::take(&mut self.memory) };
        if self.reusable
            && let Ok(mut kept) = POOL.try_lock()
        {
            kept.put(memory);
        }
    }
}

/// Pointer to memory that the tasks of a parallel loop access in disjoint parts.
pub(crate) struct Shared<T>(pub(crate) *mut T);

// SAFETY: tasks only access disjoint parts, whose elements may be sent to other threads.
unsafe impl<T: Send> Sync for Shared<T> {}

impl<T> Shared<T> {
    pub(crate) fn start(&self) -> *mut T {
        self.0
    }
}

/// Releases the resident pages of a file mapping; the next access reads them from the file again.
///
/// # Safety
/// The values lie in a read-only file mapping; other memory would lose its contents.
pub unsafe fn give_back<T: Plain>(values: &[T]) {
    #[cfg(all(target_os = "linux", not(miri)))]
    {
        const PAGE: usize = 4096;
        let address = values.as_ptr().cast::<u8>();
        let start = address.align_offset(PAGE);
        let whole = size_of_val(values).saturating_sub(start) / PAGE * PAGE;
        if whole > 0 {
            // SAFETY: these pages lie inside the caller's mapping of a file.
            unsafe { libc::madvise(address.add(start).cast_mut().cast(), whole, libc::MADV_DONTNEED) };
        }
    }
    #[cfg(not(all(target_os = "linux", not(miri))))]
    let _ = values;
}

/// Numbers of at most 64 bytes for which every bit pattern is valid.
///
/// # Safety
/// The type has no padding and no invalid bit pattern, and its alignment divides 64.
pub unsafe trait Plain: Copy + 'static {}

// SAFETY: a number.
unsafe impl Plain for u8 {}
// SAFETY: a number.
unsafe impl Plain for u16 {}
// SAFETY: a number.
unsafe impl Plain for u32 {}
// SAFETY: a number.
unsafe impl Plain for i32 {}
// SAFETY: a number.
unsafe impl Plain for f32 {}
// SAFETY: a number.
unsafe impl Plain for i8 {}
// SAFETY: a number.
unsafe impl Plain for i16 {}
// SAFETY: a number.
unsafe impl Plain for i64 {}
// SAFETY: a number.
unsafe impl Plain for u64 {}
// SAFETY: a number.
unsafe impl Plain for f64 {}
// SAFETY: a number in 16 bits.
unsafe impl Plain for half::bf16 {}
// SAFETY: a number in 16 bits.
unsafe impl Plain for half::f16 {}

/// Rounds a size up in steps of about an eighth, so that buffers of similar size share a pool entry.
fn class(len: usize) -> usize {
    let len = len.max(256);
    let step = (len.next_power_of_two() / 16).max(ALIGNMENT);
    len.next_multiple_of(step)
}

// A lock that is contended, or left locked by a fork, causes a new allocation instead of a wait.
static POOL: Mutex<BufferPool> = Mutex::new(BufferPool { free: BTreeMap::new(), bytes: 0 });

struct BufferPool {
    free: BTreeMap<usize, Vec<Memory>>,
    bytes: usize,
}

impl BufferPool {
    fn take(&mut self, size: usize) -> Option<Memory> {
        let memory = self.free.get_mut(&size)?.pop()?;
        self.bytes -= size;
        Some(memory)
    }

    fn put(&mut self, memory: Memory) {
        if self.bytes + memory.size <= MAX_POOLED_BYTES {
            self.bytes += memory.size;
            self.free.entry(memory.size).or_default().push(memory);
        }
    }
}

#[derive(Debug)]
struct Memory {
    start: NonNull<u8>,
    size: usize,
}

// SAFETY: the memory is owned.
unsafe impl Send for Memory {}
// SAFETY: shared access only reads.
unsafe impl Sync for Memory {}

/// Size from which memory is mapped separately, with huge pages if the system has them.
#[cfg(all(target_os = "linux", not(miri)))]
const MAPPED: usize = 1 << 20;

impl Memory {
    #[cfg(all(target_os = "linux", not(miri)))]
    fn zeroed(size: usize) -> Self {
        if size < MAPPED {
            return Self::allocated(size);
        }
        const HUGE_PAGE: usize = 2 << 20;
        let (access, flags) = (libc::PROT_READ | libc::PROT_WRITE, libc::MAP_PRIVATE | libc::MAP_ANONYMOUS);
        // SAFETY: a new anonymous mapping does not overlap other memory.
        let mapped = unsafe { libc::mmap(std::ptr::null_mut(), size, access, flags, -1, 0) };
        if mapped == libc::MAP_FAILED {
            out_of_memory(size);
        }
        if size >= 2 * HUGE_PAGE {
            // SAFETY: the range was just mapped; the advice changes no contents, and it may be refused.
            unsafe { libc::madvise(mapped, size, libc::MADV_HUGEPAGE) };
        }
        Self { start: NonNull::new(mapped.cast()).unwrap_or_else(|| out_of_memory(size)), size }
    }

    #[cfg(not(all(target_os = "linux", not(miri))))]
    fn zeroed(size: usize) -> Self {
        Self::allocated(size)
    }

    fn allocated(size: usize) -> Self {
        // SAFETY: callers request at least one byte.
        let start = unsafe { alloc::alloc_zeroed(Self::layout(size)) };
        Self { start: NonNull::new(start).unwrap_or_else(|| out_of_memory(size)), size }
    }

    fn layout(size: usize) -> Layout {
        Layout::from_size_align(size, ALIGNMENT).unwrap_or_else(|_| out_of_memory(size))
    }
}

impl Drop for Memory {
    fn drop(&mut self) {
        #[cfg(all(target_os = "linux", not(miri)))]
        if self.size >= MAPPED {
            // SAFETY: `zeroed` mapped this range, and nothing refers to it any more.
            unsafe { libc::munmap(self.start.as_ptr().cast(), self.size) };
            return;
        }
        // SAFETY: `allocated` made it with this layout.
        unsafe { alloc::dealloc(self.start.as_ptr(), Self::layout(self.size)) };
    }
}

fn out_of_memory(size: usize) -> ! {
    panic!("out of memory: cannot allocate {size} bytes")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dropped_buffer_is_reused_for_its_size() {
        // A size that no other test uses.
        let len = 7_654_321;
        let mut first = Buffer::reused(len);
        first.as_mut_slice::<u8>()[5] = 77;
        let start = first.as_slice::<u8>().as_ptr();
        drop(first);
        let second = Buffer::reused(len - 1000);
        assert_eq!(second.as_slice::<u8>().as_ptr(), start);
        assert_eq!(second.as_slice::<u8>()[5], 77);
        assert_ne!(Buffer::reused(len).as_slice::<u8>().as_ptr(), start);
    }

    #[test]
    fn buffers_of_every_size_are_aligned() {
        for len in [0, 1, 3, 255, 4097, 1 << 20, (5 << 20) + 3] {
            for mut buffer in [Buffer::reused(len), Buffer::lasting(len)] {
                assert_eq!(buffer.as_slice::<u8>().as_ptr().align_offset(ALIGNMENT), 0);
                assert_eq!(buffer.as_mut_slice::<u8>().len(), len);
                assert_eq!(buffer.as_slice::<f32>().len(), len / 4);
                buffer.as_mut_slice::<u8>().fill(1);
            }
        }
    }
}
