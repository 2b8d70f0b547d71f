//! A thread team that spins for work between jobs: joining a parallel loop takes a few hundred nanoseconds.

use std::any::Any;
use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::PoisonError;
use std::sync::atomic::AtomicPtr;
use std::{process, ptr};

use super::sync::{AtomicBool, AtomicU64, AtomicUsize, Condvar, Mutex, Ordering, UnsafeCell, fence, hint, thread};

/// Spins between two jobs before a thread goes to sleep, about a tenth of a millisecond.
const SPINS: usize = if cfg!(all(test, loom)) { 0 } else { 4_000 };
/// Spins before a waiting caller yields the processor.
const SPINS_BEFORE_YIELD: usize = 20_000;

/// Set in a job's state while threads may join it.
const OPEN: u64 = 1 << 31;
/// Mask of the number of joined threads in a job's state.
const JOINED: u64 = OPEN - 1;
/// Increment of the job counter in the state.
const NEXT_JOB: u64 = 1 << 32;

thread_local! {
    static IN_TASK: Cell<bool> = const { Cell::new(false) };
}

/// Calls `body` once with each number below `tasks`, on up to `threads` threads.
///
/// Inside a task, and while another caller uses the team, all tasks run on the calling thread.
pub(super) fn parallel(threads: usize, tasks: usize, body: &(dyn Fn(usize) + Sync)) {
    if tasks > 1
        && threads > 1
        && !IN_TASK.get()
        && let Some(team) = team(threads).claim()
    {
        team.run(tasks, body);
    } else {
        (0..tasks).for_each(body);
    }
}

fn team(threads: usize) -> &'static Team {
    static CURRENT: AtomicPtr<Team> = AtomicPtr::new(ptr::null_mut());
    loop {
        let found = CURRENT.load(Ordering::Acquire);
        // SAFETY: the pointer is null or came from `Box::into_raw` below and is never freed.
        let current = unsafe { found.as_ref() };
        // A child process of `fork` inherits the team's memory but not its threads.
        let lives = current.filter(|team| team.process == process::id());
        if let Some(team) = lives.filter(|team| team.threads == threads) {
            return team;
        }
        let fresh = Box::into_raw(Box::new(Team::new(threads)));
        if CURRENT.compare_exchange(found, fresh, Ordering::AcqRel, Ordering::Acquire).is_ok() {
            if let Some(team) = lives {
                team.retire();
            }
            // SAFETY: `fresh` is never freed once it was shared.
            let fresh: &'static Team = unsafe { &*fresh };
            fresh.hire();
            return fresh;
        }
        // SAFETY: `fresh` came from `Box::into_raw` and was not shared.
        drop(unsafe { Box::from_raw(fresh) });
    }
}

struct Team {
    process: u32,
    threads: usize,
    claimed: AtomicBool,
    retired: AtomicBool,
    /// Job counter, whether the latest job is open, and how many threads have joined it.
    state: Line<AtomicU64>,
    /// Next task of the job to be taken.
    next: Line<AtomicUsize>,
    job: UnsafeCell<Option<Job>>,
    panic: Mutex<Option<Box<dyn Any + Send>>>,
    sleeping: AtomicUsize,
    lock: Mutex<()>,
    awake: Condvar,
}

/// Puts fields that different threads write on different pairs of cache lines, to avoid false sharing.
#[repr(align(128))]
struct Line<T>(T);

#[derive(Clone, Copy)]
struct Job {
    tasks: usize,
    body: *const (dyn Fn(usize) + Sync),
}

// SAFETY: `job` is written by the claimant while no thread has joined, and read by those that have.
unsafe impl Sync for Team {}

impl Team {
    fn new(threads: usize) -> Self {
        Self {
            process: process::id(),
            threads,
            claimed: AtomicBool::new(false),
            retired: AtomicBool::new(false),
            state: Line(AtomicU64::new(0)),
            next: Line(AtomicUsize::new(0)),
            job: UnsafeCell::new(None),
            panic: Mutex::new(None),
            sleeping: AtomicUsize::new(0),
            lock: Mutex::new(()),
            awake: Condvar::new(),
        }
    }

    /// Spawns the threads besides the caller's; a failed spawn only reduces parallelism.
    fn hire(&'static self) {
        for index in 1..self.threads {
            let _ = thread::Builder::new().name(format!("trustformers-{index}")).spawn(|| self.serve());
        }
    }

    fn retire(&self) {
        self.retired.store(true, Ordering::Relaxed);
        self.wake();
    }

    fn claim(&self) -> Option<Claim<'_>> {
        let taken = self.claimed.compare_exchange(false, true, Ordering::Acquire, Ordering::Relaxed);
        taken.ok().map(|_| Claim(self))
    }

    fn serve(&self) {
        IN_TASK.set(true);
        let mut last = 0;
        while let Some(job) = self.join(&mut last) {
            if let Err(panic) = catch_unwind(AssertUnwindSafe(|| self.work(job))) {
                self.next.0.store(usize::MAX / 2, Ordering::Relaxed);
                *self.panic.lock().unwrap_or_else(PoisonError::into_inner) = Some(panic);
            }
            self.state.0.fetch_sub(1, Ordering::Release);
        }
    }

    /// Waits for a job after the `last` one and joins it; `None` if the team is retired.
    fn join(&self, last: &mut u64) -> Option<Job> {
        let mut spins = 0;
        loop {
            let state = self.state.0.load(Ordering::Acquire);
            let number = state / NEXT_JOB;
            if number != *last && state & OPEN != 0 {
                let joined = self.state.0.compare_exchange(state, state + 1, Ordering::Acquire, Ordering::Relaxed);
                if joined.is_ok() {
                    *last = number;
                    // SAFETY: the claimant wrote the job before it opened it, and keeps it until all have left.
                    return self.job.with(|job| unsafe { *job });
                }
            } else if self.retired.load(Ordering::Relaxed) {
                return None;
            } else if spins < SPINS {
                spins += 1;
                hint::spin_loop();
            } else {
                self.sleep(*last);
                spins = 0;
            }
        }
    }

    fn sleep(&self, last: u64) {
        let mut guard = self.lock.lock().unwrap_or_else(PoisonError::into_inner);
        self.sleeping.fetch_add(1, Ordering::Relaxed);
        // Pairs with the fence in `wake`: the waker sees this thread asleep, or this thread sees what it is woken for.
        fence(Ordering::SeqCst);
        let is_idle = || {
            let state = self.state.0.load(Ordering::Relaxed);
            (state / NEXT_JOB == last || state & OPEN == 0) && !self.retired.load(Ordering::Relaxed)
        };
        while is_idle() {
            guard = self.awake.wait(guard).unwrap_or_else(PoisonError::into_inner);
        }
        self.sleeping.fetch_sub(1, Ordering::Relaxed);
    }

    fn wake(&self) {
        fence(Ordering::SeqCst);
        if self.sleeping.load(Ordering::Relaxed) > 0 {
            drop(self.lock.lock().unwrap_or_else(PoisonError::into_inner));
            self.awake.notify_all();
        }
    }

    fn work(&self, job: Job) {
        // SAFETY: the claimant keeps the closure until all have left.
        let body = unsafe { &*job.body };
        loop {
            let task = self.next.0.fetch_add(1, Ordering::Relaxed);
            if task >= job.tasks {
                return;
            }
            body(task);
        }
    }
}

/// Exclusive right to run jobs on a team.
struct Claim<'a>(&'a Team);

impl Claim<'_> {
    fn run(&self, tasks: usize, body: &(dyn Fn(usize) + Sync)) {
        let team = self.0;
        // SAFETY: only the lifetime is erased; no thread uses the pointer after `finish`, which returns before `body`
        // is dropped.
        let body: *const (dyn Fn(usize) + Sync + 'static) = unsafe { std::mem::transmute(body) };
        let job = Job { tasks, body };
        // SAFETY: the last job was closed and left by all, so nobody reads this.
        team.job.with_mut(|slot| unsafe { *slot = Some(job) });
        team.next.0.store(0, Ordering::Relaxed);
        let number = team.state.0.load(Ordering::Relaxed) / NEXT_JOB + 1;
        team.state.0.store(number.wrapping_mul(NEXT_JOB) | OPEN, Ordering::Release);
        team.wake();
        IN_TASK.set(true);
        let own = catch_unwind(AssertUnwindSafe(|| team.work(job)));
        IN_TASK.set(false);
        if own.is_err() {
            team.next.0.store(usize::MAX / 2, Ordering::Relaxed);
        }
        self.finish();
        let theirs = team.panic.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(panic) = own.err().or(theirs) {
            resume_unwind(panic);
        }
    }

    /// Closes the job and waits for the joined threads.
    fn finish(&self) {
        let state = &self.0.state.0;
        state.fetch_and(!OPEN, Ordering::AcqRel);
        let mut spins = 0;
        while state.load(Ordering::Acquire) & JOINED != 0 {
            spins += 1;
            if spins < SPINS_BEFORE_YIELD {
                hint::spin_loop();
            } else {
                thread::yield_now();
            }
        }
    }
}

impl Drop for Claim<'_> {
    fn drop(&mut self) {
        self.0.claimed.store(false, Ordering::Release);
    }
}

#[cfg(test)]
#[cfg(not(loom))]
mod tests {
    use std::collections::HashSet;
    use std::sync::Barrier;

    use super::super::on_pool;
    use super::*;

    /// Bytes of a thread's name that Linux keeps.
    const NAME_BYTES: usize = 15;

    #[test]
    fn worker_threads_have_distinct_names() {
        let name = || thread::current().name().map(|name| name[..name.len().min(NAME_BYTES)].to_owned());
        let team: &'static Team = Box::leak(Box::new(Team::new(3)));
        team.hire();
        let (names, all_joined) = (Mutex::new(Vec::new()), Barrier::new(3));
        team.claim().unwrap().run(3, &|_| {
            all_joined.wait();
            names.lock().unwrap().push(name());
        });
        team.retire();
        let mut names = names.into_inner().unwrap();
        for worker in ["trustformers-1", "trustformers-2"] {
            assert!(names.contains(&Some(worker.to_owned())), "{names:?}");
        }
        names.extend(on_pool(|| rayon::broadcast(|_| name())).unwrap());
        assert_eq!(names.iter().collect::<HashSet<_>>().len(), names.len(), "{names:?}");
    }

    #[test]
    fn concurrent_callers_run_every_task_once() {
        let callers = if cfg!(miri) { 2 } else { 8 };
        thread::scope(|scope| {
            for seed in 0..callers {
                scope.spawn(move || {
                    for round in 0..if cfg!(miri) { 3 } else { 500 } {
                        let tasks = (seed * 31 + round * 7) % 65;
                        let counts: Vec<_> = (0..tasks).map(|_| AtomicUsize::new(0)).collect();
                        parallel(1 + round % 4, tasks, &|task| {
                            counts[task].fetch_add(1, Ordering::Relaxed);
                        });
                        assert!(counts.iter().all(|count| count.load(Ordering::Relaxed) == 1));
                    }
                });
            }
        });
    }

    #[test]
    fn nested_calls_run_every_task() {
        let count = AtomicUsize::new(0);
        parallel(3, 5, &|_| {
            parallel(3, 7, &|_| {
                count.fetch_add(1, Ordering::Relaxed);
            });
        });
        assert_eq!(count.into_inner(), 35);
    }

    #[test]
    fn a_panic_reaches_the_caller_and_leaves_the_team_usable() {
        for bad in [0, 3, 40] {
            let outcome = catch_unwind(|| {
                parallel(3, 41, &|task| assert!(task != bad, "task {task} went wrong"));
            });
            let panic = outcome.unwrap_err();
            assert_eq!(*panic.downcast::<String>().unwrap(), format!("task {bad} went wrong"));
            let count = AtomicUsize::new(0);
            parallel(3, 10, &|_| {
                count.fetch_add(1, Ordering::Relaxed);
            });
            assert_eq!(count.into_inner(), 10);
        }
    }

    #[test]
    fn sleeping_threads_wake_up_for_work() {
        for _ in 0..3 {
            parallel(3, 8, &|_| {});
            let team = team(3);
            while team.threads == 3 && team.sleeping.load(Ordering::SeqCst) == 0 && !cfg!(miri) {
                thread::yield_now();
                // Another test may have replaced the team.
                if team.retired.load(Ordering::SeqCst) {
                    break;
                }
            }
            let count = AtomicUsize::new(0);
            parallel(3, 100, &|_| {
                count.fetch_add(1, Ordering::Relaxed);
            });
            assert_eq!(count.into_inner(), 100);
        }
    }
}

/// Explores the interleavings and memory orders of the team's hand-over: `make loom`.
#[cfg(all(test, loom))]
mod loom_tests {
    use super::*;

    /// Interleavings are explored up to this number of preemptions.
    const PREEMPTIONS: usize = 3;

    /// Runs `body` with a team of one worker thread in each interleaving.
    fn explore(body: impl Fn(&'static Team) + Sync + Send + 'static) {
        let mut model = loom::model::Builder::new();
        model.preemption_bound = model.preemption_bound.or(Some(PREEMPTIONS));
        model.check(move || {
            let owned = Box::into_raw(Box::new(Team::new(2)));
            // SAFETY: the team is freed once the worker has ended and `body` has returned.
            let team: &'static Team = unsafe { &*owned };
            let worker = thread::spawn(|| team.serve());
            body(team);
            team.retire();
            worker.join().unwrap();
            // SAFETY: the pointer came from `Box::into_raw`, and nothing refers to the team any more.
            drop(unsafe { Box::from_raw(owned) });
        });
    }

    /// Values that tasks write without synchronization; loom reports accesses that race.
    struct Outputs([UnsafeCell<usize>; 2]);

    // SAFETY: loom checks that accesses are exclusive.
    unsafe impl Sync for Outputs {}

    impl Outputs {
        fn new() -> Self {
            Self([UnsafeCell::new(0), UnsafeCell::new(0)])
        }

        fn add(&self, task: usize) {
            // SAFETY: loom checks that the access is exclusive.
            self.0[task].with_mut(|value| unsafe { *value += 1 });
        }

        fn values(&self) -> [usize; 2] {
            // SAFETY: loom checks that nothing writes meanwhile.
            [0, 1].map(|task| self.0[task].with(|value| unsafe { *value }))
        }
    }

    #[test]
    fn consecutive_jobs_run_every_task_once() {
        explore(|team| {
            for _ in 0..2 {
                let outputs = Outputs::new();
                team.claim().unwrap().run(2, &|task| outputs.add(task));
                assert_eq!(outputs.values(), [1, 1]);
            }
        });
    }

    #[test]
    fn a_sleeping_thread_is_woken_for_a_job() {
        explore(|team| {
            let arrived = AtomicUsize::new(0);
            team.claim().unwrap().run(2, &|_| {
                arrived.fetch_add(1, Ordering::Relaxed);
                while arrived.load(Ordering::Relaxed) < 2 {
                    thread::yield_now();
                }
            });
        });
    }

    #[test]
    fn a_claim_is_exclusive() {
        explore(|team| {
            let run = || {
                if let Some(claim) = team.claim() {
                    let outputs = Outputs::new();
                    claim.run(2, &|task| outputs.add(task));
                    assert_eq!(outputs.values(), [1, 1]);
                }
            };
            let other = thread::spawn(run);
            run();
            other.join().unwrap();
        });
    }
}
