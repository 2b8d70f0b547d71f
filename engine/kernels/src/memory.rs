//! A pool of reused buffers, so that computing the same shapes again causes no page faults.

use std::alloc::{GlobalAlloc, Layout, System};
use std::collections::BTreeMap;
use std::mem::ManuallyDrop;
use std::ptr::NonNull;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use self::ranges::Ranges;

mod ranges;

/// Maximum bytes of unused memory in the pool, unless more is [kept](Keep).
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
        Self::try_reused(len).unwrap_or_else(|| out_of_memory(len))
    }

    /// [`Buffer::reused`]; `None` if the system is out of memory.
    fn try_reused(len: usize) -> Option<Self> {
        let size = class(len);
        let kept = POOL.try_lock().ok().and_then(|mut kept| kept.take(size));
        let memory = ManuallyDrop::new(kept.or_else(|| Memory::new(size))?);
        let in_use = IN_USE.fetch_add(size, Ordering::Relaxed) + size;
        MOST_IN_USE.fetch_max(in_use, Ordering::Relaxed);
        Some(Self { memory, len, reusable: true })
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
        if self.reusable {
            IN_USE.fetch_sub(memory.size, Ordering::Relaxed);
        }
        if self.reusable
            && let Ok(mut kept) = POOL.try_lock()
        {
            kept.put(memory, limit());
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

/// A global allocator that takes large memory from the pool, so that vectors of the same sizes cause no page faults either.
#[derive(Clone, Copy, Debug, Default)]
pub struct PoolAllocator;

/// Size from which [`PoolAllocator`] uses the pool.
const LARGE: usize = 1 << 20;

impl PoolAllocator {
    fn is_large(layout: Layout) -> bool {
        layout.size() >= LARGE && layout.align() <= ALIGNMENT
    }

    /// Null if the system is out of memory.
    fn pooled(layout: Layout) -> *mut u8 {
        let buffer = Buffer::try_reused(layout.size()).map(ManuallyDrop::new);
        buffer.map_or(std::ptr::null_mut(), |mut buffer| buffer.as_mut_slice::<u8>().as_mut_ptr())
    }
}

// SAFETY: large memory is that of a leaked buffer, aligned to 64 bytes, which `dealloc` makes again from its address and
// its size; other memory is the system allocator's.
unsafe impl GlobalAlloc for PoolAllocator {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        match Self::is_large(layout) {
            true => Self::pooled(layout),
            // SAFETY: the caller's promises.
            false => unsafe { System.alloc(layout) },
        }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        if !Self::is_large(layout) {
            // SAFETY: the caller's promises.
            return unsafe { System.alloc_zeroed(layout) };
        }
        let start = Self::pooled(layout);
        if !start.is_null() {
            // SAFETY: the buffer has this many bytes.
            unsafe { start.write_bytes(0, layout.size()) };
        }
        start
    }

    unsafe fn dealloc(&self, start: *mut u8, layout: Layout) {
        if !Self::is_large(layout) {
            // SAFETY: the caller's promises.
            return unsafe { System.dealloc(start, layout) };
        }
        if let Some(start) = NonNull::new(start) {
            let memory = ManuallyDrop::new(Memory { start, size: class(layout.size()) });
            drop(Buffer { memory, len: layout.size(), reusable: true });
        }
    }
}

/// Rounds a size up in steps of about an eighth, so that buffers of similar size share a pool entry. Mapped memory, of which
/// any part can be reused, is rounded to whole pages.
fn class(len: usize) -> usize {
    let len = len.max(256);
    let step = if len >= MAPPED { PAGES } else { (len.next_power_of_two() / 16).max(ALIGNMENT) };
    len.next_multiple_of(step)
}

/// Bytes of reused buffers that are in use now, and the most that ever were.
static IN_USE: AtomicUsize = AtomicUsize::new(0);
static MOST_IN_USE: AtomicUsize = AtomicUsize::new(0);
/// Number of [`Keep`]s.
static KEEPS: AtomicUsize = AtomicUsize::new(0);

/// While one exists, the pool keeps the memory of every step of a training: an eighth more than was in use at once, so that
/// the process grows no further.
#[derive(Debug)]
pub struct Keep(());

impl Keep {
    /// Makes the pool keep memory.
    #[expect(clippy::new_without_default, reason = "making one changes the pool")]
    pub fn new() -> Self {
        KEEPS.fetch_add(1, Ordering::Relaxed);
        Self(())
    }
}

impl Drop for Keep {
    fn drop(&mut self) {
        if KEEPS.fetch_sub(1, Ordering::Relaxed) == 1 {
            MOST_IN_USE.store(IN_USE.load(Ordering::Relaxed), Ordering::Relaxed);
            POOL.lock().unwrap_or_else(PoisonError::into_inner).trim(MAX_POOLED_BYTES);
        }
    }
}

/// Bytes of unused memory that the pool may keep.
fn limit() -> usize {
    match KEEPS.load(Ordering::Relaxed) {
        0 => MAX_POOLED_BYTES,
        _ => {
            let most = MOST_IN_USE.load(Ordering::Relaxed);
            let unused = most.saturating_sub(IN_USE.load(Ordering::Relaxed));
            // Some more, as unused ranges may be too small for the next request.
            (unused + most / 8).max(MAX_POOLED_BYTES)
        }
    }
}

// A lock that is contended, or left locked by a fork, causes a new allocation instead of a wait.
static POOL: Mutex<BufferPool> = Mutex::new(BufferPool::new());

struct BufferPool {
    /// Memory that was not mapped, by size.
    free: BTreeMap<usize, Vec<Memory>>,
    /// Mapped memory.
    mapped: Ranges,
    bytes: usize,
}

impl BufferPool {
    const fn new() -> Self {
        Self { free: BTreeMap::new(), mapped: Ranges::new(), bytes: 0 }
    }

    fn take(&mut self, size: usize) -> Option<Memory> {
        let memory = match size >= MAPPED {
            true => Memory::at(self.mapped.take(size)?, size)?,
            false => self.free.get_mut(&size)?.pop()?,
        };
        self.bytes -= size;
        Some(memory)
    }

    /// Adds memory, and releases what is more than `most` bytes.
    fn put(&mut self, memory: Memory, most: usize) {
        if memory.size >= MAPPED {
            let memory = ManuallyDrop::new(memory);
            self.bytes += memory.size;
            self.mapped.put(memory.start.as_ptr().expose_provenance(), memory.size);
            self.trim(most);
        } else if self.bytes + memory.size <= most {
            self.bytes += memory.size;
            self.free.entry(memory.size).or_default().push(memory);
        }
    }

    /// Releases the largest unused memory until no more than `most` bytes are left.
    fn trim(&mut self, most: usize) {
        while self.bytes > most {
            if let Some((start, size)) = self.mapped.cut((self.bytes - most).next_multiple_of(PAGES)) {
                self.bytes -= size;
                // SAFETY: the pool held these pages.
                unsafe { unmap(std::ptr::with_exposed_provenance_mut(start), size) };
                continue;
            }
            let Some(mut largest) = self.free.last_entry() else { return };
            let size = *largest.key();
            if largest.get_mut().pop().is_some() {
                self.bytes -= size;
            }
            if largest.get().is_empty() {
                largest.remove();
            }
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

/// Whole pages of any system.
const PAGES: usize = 64 << 10;

/// Size from which memory is mapped separately, with huge pages if the system has them.
const MAPPED: usize = if cfg!(all(target_os = "linux", not(miri))) { 1 << 20 } else { usize::MAX };

impl Memory {
    /// Mapped memory at an address; `None` for zero.
    fn at(start: usize, size: usize) -> Option<Self> {
        Some(Self { start: NonNull::new(std::ptr::with_exposed_provenance_mut(start))?, size })
    }

    fn zeroed(size: usize) -> Self {
        Self::new(size).unwrap_or_else(|| out_of_memory(size))
    }

    /// Zeroed memory; `None` if the system has none.
    #[cfg(all(target_os = "linux", not(miri)))]
    fn new(size: usize) -> Option<Self> {
        if size < MAPPED {
            return Self::allocated(size);
        }
        const HUGE_PAGE: usize = 2 << 20;
        let (access, flags) = (libc::PROT_READ | libc::PROT_WRITE, libc::MAP_PRIVATE | libc::MAP_ANONYMOUS);
        // SAFETY: a new anonymous mapping does not overlap other memory.
        let mapped = unsafe { libc::mmap(std::ptr::null_mut(), size, access, flags, -1, 0) };
        if mapped == libc::MAP_FAILED {
            return None;
        }
        if size >= 2 * HUGE_PAGE {
            // SAFETY: the range was just mapped; the advice changes no contents, and it may be refused.
            unsafe { libc::madvise(mapped, size, libc::MADV_HUGEPAGE) };
        }
        Some(Self { start: NonNull::new(mapped.cast())?, size })
    }

    #[cfg(not(all(target_os = "linux", not(miri))))]
    fn new(size: usize) -> Option<Self> {
        Self::allocated(size)
    }

    fn allocated(size: usize) -> Option<Self> {
        // SAFETY: callers request at least one byte.
        let start = unsafe { System.alloc_zeroed(Self::layout(size)) };
        Some(Self { start: NonNull::new(start)?, size })
    }

    fn layout(size: usize) -> Layout {
        Layout::from_size_align(size, ALIGNMENT).unwrap_or_else(|_| out_of_memory(size))
    }
}

impl Drop for Memory {
    fn drop(&mut self) {
        if self.size >= MAPPED {
            // SAFETY: `new` mapped these pages, and nothing refers to them any more.
            return unsafe { unmap(self.start.as_ptr(), self.size) };
        }
        // SAFETY: `allocated` made it with this layout.
        unsafe { System.dealloc(self.start.as_ptr(), Self::layout(self.size)) };
    }
}

/// Releases mapped pages.
///
/// # Safety
/// [`Memory::new`] mapped the pages, and nothing refers to them.
unsafe fn unmap(start: *mut u8, size: usize) {
    #[cfg(all(target_os = "linux", not(miri)))]
    // SAFETY: the caller's promises.
    unsafe {
        libc::munmap(start.cast(), size)
    };
    #[cfg(not(all(target_os = "linux", not(miri))))]
    unreachable!("{size} bytes at {start:?} were not mapped");
}

fn out_of_memory(size: usize) -> ! {
    panic!("out of memory: cannot allocate {size} bytes")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_reused_for_its_size() {
        let mut pool = BufferPool::new();
        for len in [5000, 7_654_321] {
            let memory = Memory::zeroed(class(len));
            let start = memory.start;
            // SAFETY: the memory is this long.
            unsafe { start.as_ptr().add(5).write(77) };
            pool.put(memory, usize::MAX);
            let again = pool.take(class(len - 100)).unwrap();
            // SAFETY: as above, and the pool keeps the contents.
            assert_eq!((again.start, unsafe { start.as_ptr().add(5).read() }), (start, 77));
            assert!(pool.take(class(len)).is_none());
        }
        assert_eq!(pool.bytes, 0);
    }

    #[test]
    fn large_memory_serves_smaller_requests_and_is_whole_again_afterwards() {
        if MAPPED == usize::MAX {
            return;
        }
        let (mut pool, size) = (BufferPool::new(), class(9_000_000));
        pool.put(Memory::zeroed(size), usize::MAX);
        let parts: Vec<Memory> = [2_000_000, 3_000_000, 1_500_000].map(|len| pool.take(class(len)).unwrap()).into();
        let most = pool.bytes;
        parts.into_iter().for_each(|part| pool.put(part, usize::MAX));
        assert!(most < pool.bytes && pool.bytes == size);
        let whole = pool.take(size).unwrap();
        pool.put(whole, size / 2);
        assert!(pool.bytes <= size / 2 && pool.take(size).is_none());
        pool.trim(0);
        assert_eq!(pool.bytes, 0);
    }

    #[test]
    fn the_allocator_clears_large_memory_on_request() {
        let layout = Layout::from_size_align(5_432_100, 8).unwrap();
        // SAFETY: the layouts have a size, memory is used within it and released once with its layout.
        unsafe {
            let first = PoolAllocator.alloc(layout);
            first.write_bytes(7, layout.size());
            PoolAllocator.dealloc(first, layout);
            let second = PoolAllocator.alloc_zeroed(layout);
            assert_eq!((*second, *second.add(layout.size() - 1)), (0, 0));
            let grown = PoolAllocator.realloc(second, layout, 9_000_000);
            assert_eq!((*grown, *grown.add(layout.size() - 1)), (0, 0));
            PoolAllocator.dealloc(grown, Layout::from_size_align(9_000_000, 8).unwrap());
            let small = Layout::from_size_align(100, 8).unwrap();
            PoolAllocator.dealloc(PoolAllocator.alloc_zeroed(small), small);
        }
    }

    #[test]
    fn a_pool_that_is_trimmed_keeps_the_smallest_memory() {
        let mut pool = BufferPool::new();
        for size in [1000, 2000, 2000, 3000] {
            pool.put(Memory::zeroed(size), usize::MAX);
        }
        pool.trim(5000);
        assert_eq!((pool.bytes, pool.take(3000).is_none(), pool.take(2000).is_some()), (5000, true, true));
        pool.trim(0);
        assert_eq!((pool.bytes, pool.free.len()), (0, 0));
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
