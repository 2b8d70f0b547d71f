use crate::Rounding;
use crate::dropout::{Masks, masks, with_masks};

/// What a training pass on a thread depends on besides operands: the rounding of products and the next dropout mask.
#[derive(Clone, Copy, Debug)]
pub struct PassState {
    rounding: Rounding,
    masks: Option<Masks>,
}

impl PassState {
    /// The state on this thread.
    pub fn current() -> Self {
        Self { rounding: Rounding::current(), masks: masks() }
    }

    /// Computes a part of a pass again, with the rounding and the masks that it had.
    pub fn during<T>(self, work: impl FnOnce() -> T) -> T {
        self.rounding.during(|| with_masks(self.masks, work))
    }
}
