//! Synchronization primitives of the thread team: the standard library's, or loom's when the team is model-checked.

#[cfg(not(all(test, loom)))]
mod primitives {
    pub use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering, fence};
    pub use std::sync::{Condvar, Mutex};
    pub use std::{hint, thread};

    /// [`std::cell::UnsafeCell`] with the interface of `loom::cell::UnsafeCell`.
    pub struct UnsafeCell<T>(std::cell::UnsafeCell<T>);

    impl<T> UnsafeCell<T> {
        pub fn new(value: T) -> Self {
            Self(std::cell::UnsafeCell::new(value))
        }

        pub fn with<R>(&self, read: impl FnOnce(*const T) -> R) -> R {
            read(self.0.get())
        }

        pub fn with_mut<R>(&self, write: impl FnOnce(*mut T) -> R) -> R {
            write(self.0.get())
        }
    }
}

#[cfg(all(test, loom))]
mod primitives {
    pub use loom::cell::UnsafeCell;
    pub use loom::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering, fence};
    pub use loom::sync::{Condvar, Mutex};
    pub use loom::{hint, thread};
}

pub(super) use primitives::*;
