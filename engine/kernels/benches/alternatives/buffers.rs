//! The buffer pool beside allocators, with the buffers of a forward pass of BERT-base.

use std::alloc::{GlobalAlloc, Layout, System};
use std::thread;
use std::time::{Duration, Instant};

use mimalloc::MiMalloc;
use trustformers_kernels::memory::Buffer;

use super::rounds;

const LAYERS: usize = 12;
const HIDDEN: usize = 768;
const INTERMEDIATE: usize = 3072;
const HEAD_DIM: usize = 64;
/// Rows of a task of a norm, which uses a buffer of one row.
const TASK_ROWS: usize = 22;

pub(crate) fn compare() {
    for (batch, seq, passes) in [(1, 16, 40), (1, 128, 10), (8, 128, 1)] {
        for pause in [Duration::ZERO, Duration::from_millis(100)] {
            let title = format!("BERT-base {batch}x{seq}, f32, pause {} ms", pause.as_millis());
            let rounds = if pause.is_zero() { 51 } else { 21 };
            let round = |pass: fn(usize, usize)| move || measure(pause, passes, || pass(batch, seq));
            rounds::compare(
                &title,
                ["us a pass", "faults a pass"],
                rounds,
                vec![
                    ("pool", Box::new(round(forward::<Buffer>))),
                    ("mimalloc", Box::new(round(forward::<Allocated<Mi>>))),
                    ("system", Box::new(round(forward::<Allocated<Libc>>))),
                ],
            );
        }
    }
}

/// Time and page faults of a pass. Without a pause, after a pass that is not measured; else of the passes after a
/// pause.
fn measure(pause: Duration, passes: usize, pass: impl Fn()) -> [f64; 2] {
    if pause.is_zero() {
        pass();
    }
    thread::sleep(pause);
    let (start, faults) = (Instant::now(), page_faults());
    (0..passes).for_each(|_| pass());
    [1e6 * start.elapsed().as_secs_f64(), (page_faults() - faults) as f64].map(|total| total / passes as f64)
}

#[cfg(unix)]
fn page_faults() -> i64 {
    // SAFETY: all-zero bytes are a valid `rusage`, which the call overwrites.
    let usage: libc::rusage = unsafe {
        let mut usage = std::mem::zeroed();
        libc::getrusage(libc::RUSAGE_SELF, &mut usage);
        usage
    };
    usage.ru_minflt + usage.ru_majflt
}

/// Page faults are counted on Unix only.
#[cfg(not(unix))]
fn page_faults() -> i64 {
    0
}

/// Takes, writes and drops the buffers of a forward pass, in the order of the layers' operations.
fn forward<M: Memory>(batch: usize, seq: usize) {
    let rows = batch * seq;
    let of_width = |width: usize| written::<M>(rows * width);
    let norm = || {
        (0..rows.div_ceil(TASK_ROWS)).for_each(|_| drop(written::<M>(HIDDEN)));
        of_width(HIDDEN)
    };
    let mut hidden = norm();
    for _ in 0..LAYERS {
        let qkv = of_width(3 * HIDDEN);
        let context = of_width(HIDDEN);
        // Packed keys and values of a head, and scores.
        drop(written::<M>(2 * seq * HEAD_DIM + 128 * seq));
        drop(qkv);
        let attention = of_width(HIDDEN);
        drop(context);
        drop(hidden);
        let attended = norm();
        drop(attention);
        let up = of_width(INTERMEDIATE);
        // Rows 12 KiB apart are copied to a wider stride.
        let strided = written::<M>(rows * (INTERMEDIATE + 16));
        let down = of_width(HIDDEN);
        drop((strided, up));
        hidden = norm();
        drop((attended, down));
    }
    drop(hidden);
}

fn written<M: Memory>(floats: usize) -> M {
    let mut memory = M::of(4 * floats);
    memory.fill();
    memory
}

trait Memory {
    fn of(len: usize) -> Self;
    fn fill(&mut self);
}

impl Memory for Buffer {
    fn of(len: usize) -> Self {
        Self::reused(len)
    }

    fn fill(&mut self) {
        self.as_mut_slice::<u8>().fill(1);
    }
}

trait Allocator {
    type Global: GlobalAlloc;
    const GLOBAL: Self::Global;
}

struct Mi;

impl Allocator for Mi {
    type Global = MiMalloc;
    const GLOBAL: MiMalloc = MiMalloc;
}

struct Libc;

impl Allocator for Libc {
    type Global = System;
    const GLOBAL: System = System;
}

/// Memory of an allocator, aligned like a [`Buffer`].
struct Allocated<A: Allocator> {
    start: *mut u8,
    layout: Layout,
    allocator: A::Global,
}

impl<A: Allocator> Memory for Allocated<A> {
    fn of(len: usize) -> Self {
        let layout = Layout::from_size_align(len, 64).expect("the size of a buffer");
        // SAFETY: no buffer of a forward pass is empty.
        let start = unsafe { A::GLOBAL.alloc(layout) };
        assert!(!start.is_null(), "out of memory");
        Self { start, layout, allocator: A::GLOBAL }
    }

    fn fill(&mut self) {
        // SAFETY: the memory has this size.
        unsafe { self.start.write_bytes(1, self.layout.size()) };
    }
}

impl<A: Allocator> Drop for Allocated<A> {
    fn drop(&mut self) {
        // SAFETY: `of` allocated it with this layout.
        unsafe { self.allocator.dealloc(self.start, self.layout) };
    }
}
