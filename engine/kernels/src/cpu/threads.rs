use std::sync::OnceLock;
use std::sync::atomic::{AtomicPtr, AtomicUsize, Ordering};
use std::{io, process, ptr};

use rayon::{ThreadPool, ThreadPoolBuilder};

use super::team;

/// Argument of the last [`set_num_threads`], 0 if there was none.
static ASKED: AtomicUsize = AtomicUsize::new(0);

pub(super) const VARIABLE: &str = "TRUSTFORMERS_NUM_THREADS";

/// Number of kernel threads: set by [`set_num_threads`] or else `TRUSTFORMERS_NUM_THREADS`; limited to, and by default,
/// the number of cores that the process may run on.
pub fn num_threads() -> usize {
    static FROM_ENVIRONMENT: OnceLock<Option<usize>> = OnceLock::new();
    static CORES: OnceLock<usize> = OnceLock::new();
    let cores = *CORES.get_or_init(cores);
    match ASKED.load(Ordering::Relaxed) {
        0 => FROM_ENVIRONMENT.get_or_init(|| from_environment().ok().flatten()).map_or(cores, |asked| asked.min(cores)),
        asked => asked.min(cores),
    }
}

pub(super) fn from_environment() -> Result<Option<usize>, String> {
    let Some(asked) = std::env::var_os(VARIABLE) else { return Ok(None) };
    match asked.to_str().and_then(|text| text.trim().parse().ok()) {
        Some(threads) if threads > 0 => Ok(Some(threads)),
        _ => Err(format!("{asked:?} is not an integer of at least 1")),
    }
}

/// Sets the number of kernel threads; 0 restores the default.
pub fn set_num_threads(threads: usize) {
    ASKED.store(threads, Ordering::Relaxed);
}

/// Number of physical cores that the process may run on, limited by the container's CPU quota.
fn cores() -> usize {
    let available = std::thread::available_parallelism().map_or(1, usize::from);
    allowed_cores().unwrap_or(available).clamp(1, available)
}

#[cfg(target_os = "linux")]
fn allowed_cores() -> Option<usize> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let allowed = status.lines().find_map(|line| line.strip_prefix("Cpus_allowed_list:"))?;
    let siblings_of = |cpu: usize| {
        std::fs::read_to_string(format!("/sys/devices/system/cpu/cpu{cpu}/topology/thread_siblings_list")).ok()
    };
    let cores: Option<std::collections::HashSet<String>> = numbers(allowed)?.into_iter().map(siblings_of).collect();
    cores.map(|cores| cores.len())
}

#[cfg(not(target_os = "linux"))]
fn allowed_cores() -> Option<usize> {
    None
}

/// Parses a Linux CPU list such as `0-3,8`.
#[cfg(target_os = "linux")]
fn numbers(list: &str) -> Option<Vec<usize>> {
    let mut numbers = Vec::new();
    for range in list.trim().split(',') {
        let (first, last) = range.split_once('-').unwrap_or((range, range));
        numbers.extend(first.parse::<usize>().ok()?..=last.parse().ok()?);
    }
    Some(numbers)
}

/// Calls `body` once with each number below `tasks`, on the kernel threads.
///
/// Inside a task, and while another caller uses the threads, all tasks run on the calling thread, so that at most
/// [`num_threads`] threads and one per further caller are active. A panic in a task is propagated to the caller.
pub fn parallel(tasks: usize, body: impl Fn(usize) + Sync) {
    team::parallel(num_threads(), tasks, &body);
}

/// Runs `work` on the process's rayon pool, which all rayon calls inside it then use.
///
/// A child process of `fork` inherits no threads; it gets a new pool here instead of a deadlock.
///
/// **Errors:** if the operating system cannot create the threads.
pub fn on_pool<T: Send>(work: impl FnOnce() -> T + Send) -> io::Result<T> {
    Ok(pool()?.install(work))
}

struct Pool {
    process: u32,
    size: usize,
    threads: ThreadPool,
}

fn pool() -> io::Result<&'static ThreadPool> {
    static CURRENT: AtomicPtr<Pool> = AtomicPtr::new(ptr::null_mut());
    loop {
        let found = CURRENT.load(Ordering::Acquire);
        // SAFETY: the pointer is null or came from `Box::into_raw` below and is never freed.
        if let Some(pool) = unsafe { found.as_ref() }
            && pool.process == process::id()
            && pool.size == num_threads()
        {
            return Ok(&pool.threads);
        }
        let size = num_threads();
        let threads = ThreadPoolBuilder::new()
            .num_threads(size)
            .thread_name(|index| format!("trustf-rayon-{index}"))
            .build()
            .map_err(io::Error::other)?;
        let fresh = Box::into_raw(Box::new(Pool { process: process::id(), size, threads }));
        if CURRENT.compare_exchange(found, fresh, Ordering::AcqRel, Ordering::Acquire).is_err() {
            // SAFETY: `fresh` came from `Box::into_raw` and was not shared.
            drop(unsafe { Box::from_raw(fresh) });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(target_os = "linux")]
    #[test]
    fn cpu_lists_are_parsed() {
        assert_eq!(numbers("0-2,8\n"), Some(vec![0, 1, 2, 8]));
        assert_eq!(numbers("5"), Some(vec![5]));
        assert_eq!(numbers(""), None);
    }

    #[test]
    fn the_default_is_at_most_the_number_of_processors() {
        let most = std::thread::available_parallelism().unwrap().get();
        assert!((1..=most).contains(&cores()));
    }

    #[test]
    fn on_pool_runs_work_and_propagates_panics() {
        let threads = on_pool(rayon::current_num_threads).unwrap();
        assert_eq!(threads, num_threads());
        let panicked = std::panic::catch_unwind(|| on_pool(|| panic!("inside")));
        assert!(panicked.is_err());
        assert_eq!(on_pool(|| 3).unwrap(), 3);
    }
}
