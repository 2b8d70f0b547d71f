//! Steps of optimizers and sums over gradients: one pass over the memory of many tensors, shared by all threads.

mod adafactor;
mod adam;
mod adam8bit;
mod gradients;
mod quantization;
mod sgd;

pub use adafactor::{Adafactor, AdafactorTensors, MeanSquares, adafactor};
pub use adam::{Adam, AdamTensors, adam};
pub use adam8bit::{Adam8bitTensors, adam_8bit};
pub use gradients::{scale, scale_finite, sum_of_squares};
pub use quantization::BLOCK;
pub use sgd::{Sgd, SgdTensors, sgd};

use std::sync::Mutex;

use crate::cpu;

/// Elements per task, a multiple of [`BLOCK`].
const TASK: usize = 32 * 1024;

/// The elements of a parameter.
#[derive(Debug)]
pub struct Parameter<'a, T> {
    /// The elements after the step.
    pub target: &'a mut [T],
    /// The elements before the step, if `target` does not hold them.
    pub source: Option<&'a [T]>,
}

impl<'a, T: Copy> Parameter<'a, T> {
    fn chunks(self) -> impl Iterator<Item = Self> {
        if let Some(source) = self.source {
            assert_eq!(source.len(), self.target.len(), "the parameter has another length");
        }
        let mut sources = self.source.map(|source| source.chunks(TASK));
        self.target
            .chunks_mut(TASK)
            .map(move |target| Self { target, source: sources.as_mut().and_then(Iterator::next) })
    }

    /// The elements, which are copied from the source now that they are about to be used.
    #[inline(always)]
    fn elements(self) -> &'a mut [T] {
        if let Some(source) = self.source {
            self.target.copy_from_slice(source);
        }
        self.target
    }
}

/// Calls `body` with each part of all tensors once, on all threads.
fn for_each<P: Send>(parts: Vec<P>, body: impl Fn(P) + Sync) {
    if parts.len() < 2 {
        return parts.into_iter().for_each(body);
    }
    let parts: Vec<_> = parts.into_iter().map(|part| Mutex::new(Some(part))).collect();
    cpu::parallel(parts.len(), |task| {
        let part = parts[task].lock().ok().and_then(|mut part| part.take());
        part.into_iter().for_each(&body);
    });
}
