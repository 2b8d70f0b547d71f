//! The thread team beside rayon, and the buffer pool beside mimalloc and the system's allocator:
//! `cargo bench -p trustformers-kernels --bench alternatives`.
//!
//! Contenders take turns within a process, so that whatever else the machine does slows all of them.

mod buffers;
mod rounds;
mod threads;

use trustformers_kernels::cpu;

fn main() -> std::io::Result<()> {
    // Kernels run on rayon's pool in the engine, too.
    cpu::on_pool(threads::compare)?;
    buffers::compare();
    Ok(())
}
