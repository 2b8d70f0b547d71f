use std::cell::Cell;

use super::exception::Exception;

const BYTES_PER_STEP: usize = 64;
const ITEMS_PER_STEP: usize = 4;
/// Maximum nesting of iterators that read from each other.
const DEEPEST: usize = 500;

/// The remaining budget of an operation: steps, and memory counted in steps before it is allocated.
pub(super) struct Context<'a> {
    spend: &'a dyn Fn(u64) -> bool,
    depth: Cell<usize>,
}

impl<'a> Context<'a> {
    /// Creates a context; `spend` consumes steps and returns whether enough were left.
    pub fn new(spend: &'a dyn Fn(u64) -> bool) -> Self {
        Self { spend, depth: Cell::new(0) }
    }

    /// Consumes steps of the budget.
    ///
    /// **Errors:** `Exhausted` if the template exceeds its budget.
    pub fn charge(&self, steps: u64) -> Result<(), Exception> {
        if steps == 0 || (self.spend)(steps) { Ok(()) } else { Err(Exception::exhausted()) }
    }

    pub fn charge_text(&self, bytes: usize) -> Result<(), Exception> {
        self.charge((bytes / BYTES_PER_STEP) as u64)
    }

    pub fn charge_items(&self, count: usize) -> Result<(), Exception> {
        self.charge((count / ITEMS_PER_STEP) as u64)
    }

    pub fn deeper<T>(&self, work: impl FnOnce() -> Result<T, Exception>) -> Result<T, Exception> {
        if self.depth.get() >= DEEPEST {
            return Err(Exception::recursion());
        }
        self.depth.set(self.depth.get() + 1);
        let found = work();
        self.depth.set(self.depth.get() - 1);
        found
    }
}
