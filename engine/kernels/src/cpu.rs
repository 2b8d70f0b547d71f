//! Processor features and the thread policy.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicPtr, Ordering};
use std::{io, process, ptr};

use rayon::{ThreadPool, ThreadPoolBuilder};

/// The instruction sets that a kernel may be written for, in ascending order of preference.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Isa {
    /// What every processor has.
    Scalar,
    /// 256-bit vectors with fused multiply-add.
    Avx2,
}

impl Isa {
    /// Every instruction set that kernels exist for.
    pub const ALL: [Self; 2] = [Self::Scalar, Self::Avx2];

    /// The name that `TRUSTFORMERS_ISA` takes.
    pub fn name(self) -> &'static str {
        match self {
            Self::Scalar => "scalar",
            Self::Avx2 => "avx2",
        }
    }

    /// Whether this processor has it.
    pub fn is_available(self) -> bool {
        match self {
            Self::Scalar => true,
            #[cfg(target_arch = "x86_64")]
            Self::Avx2 => is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma"),
            #[cfg(not(target_arch = "x86_64"))]
            Self::Avx2 => false,
        }
    }
}

/// The instruction set in use: the best that the processor has, or the one that the environment variable
/// `TRUSTFORMERS_ISA` names if the processor has it.
pub fn isa() -> Isa {
    static CHOSEN: OnceLock<Isa> = OnceLock::new();
    *CHOSEN.get_or_init(|| {
        let asked = std::env::var("TRUSTFORMERS_ISA").ok();
        let usable = || Isa::ALL.into_iter().rev().filter(|isa| isa.is_available());
        usable().find(|isa| asked.as_deref() == Some(isa.name())).or_else(|| usable().next()).unwrap_or(Isa::Scalar)
    })
}

/// Threads that kernels may use: what `TRUSTFORMERS_NUM_THREADS` says, at most and by default as many as the process
/// may run on.
pub fn num_threads() -> usize {
    let available = std::thread::available_parallelism().map_or(1, usize::from);
    let asked = std::env::var("TRUSTFORMERS_NUM_THREADS").ok().and_then(|value| value.parse().ok());
    asked.unwrap_or(available).clamp(1, available)
}

/// Runs `work` on the process's own thread pool, which everything that forks and joins inside it then uses.
///
/// A child process of `fork` inherits no threads; it gets a fresh pool here instead of waiting for them forever.
///
/// **Errors:** the operating system gives no threads.
pub fn on_pool<T: Send>(work: impl FnOnce() -> T + Send) -> io::Result<T> {
    Ok(pool()?.install(work))
}

struct Pool {
    process: u32,
    threads: ThreadPool,
}

fn pool() -> io::Result<&'static ThreadPool> {
    static CURRENT: AtomicPtr<Pool> = AtomicPtr::new(ptr::null_mut());
    loop {
        let found = CURRENT.load(Ordering::Acquire);
        // SAFETY: the pointer is null or came from `Box::into_raw` below and is never freed.
        if let Some(pool) = unsafe { found.as_ref() }
            && pool.process == process::id()
        {
            return Ok(&pool.threads);
        }
        let threads = ThreadPoolBuilder::new()
            .num_threads(num_threads())
            .thread_name(|index| format!("trustformers-{index}"))
            .build()
            .map_err(io::Error::other)?;
        let fresh = Box::into_raw(Box::new(Pool { process: process::id(), threads }));
        if CURRENT.compare_exchange(found, fresh, Ordering::AcqRel, Ordering::Acquire).is_err() {
            // SAFETY: `fresh` came from `Box::into_raw` and was not shared.
            drop(unsafe { Box::from_raw(fresh) });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_runs_on_the_pool_and_its_panics_come_back() {
        let threads = on_pool(rayon::current_num_threads).unwrap();
        assert_eq!(threads, num_threads());
        let panicked = std::panic::catch_unwind(|| on_pool(|| panic!("inside")));
        assert!(panicked.is_err());
        assert_eq!(on_pool(|| 3).unwrap(), 3);
    }
}
