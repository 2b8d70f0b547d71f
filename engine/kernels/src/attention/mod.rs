//! Scaled dot-product attention over sequences of different lengths.
//!
//! All products are transposed: the columns of a panel are queries. Scores then come out as the panel that the second
//! product reads, and the softmax runs down columns, without sums across vectors.

mod bias;
mod fetch;
mod few;
mod mask;
mod pack;
mod plan;
mod relative;
mod softmax;
mod terms;
#[cfg(test)]
mod tests;
mod transpose;
mod worker;

use std::sync::atomic::{AtomicUsize, Ordering};

use crate::Element;
use crate::cpu::{self, Isa};
use crate::memory::Buffer;
use plan::{Plan, Sizes};
use worker::Worker;

pub use bias::Bias;
pub use relative::RelativeBias;
pub use terms::Terms;

/// Where a sequence's queries and keys lie, and how many there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Segment {
    /// First row of `q`.
    pub q_start: usize,
    /// Rows of `q`.
    pub queries: usize,
    /// First row of `k` and `v`.
    pub k_start: usize,
    /// Rows of `k` and `v`.
    pub keys: usize,
}

/// A matrix whose rows lie `stride` elements apart, such as some columns of a wider one.
#[derive(Clone, Copy, Debug)]
pub struct Rows<'a, T> {
    /// From the first row's first element to at least the last row's last.
    pub data: &'a [T],
    /// Elements from the start of a row to the start of the next.
    pub stride: usize,
}

impl<T> Rows<'_, T> {
    pub(crate) fn holds(&self, rows: usize, width: usize) -> bool {
        let end = || self.stride.checked_mul(rows.checked_sub(1)?)?.checked_add(width);
        rows == 0 || end().is_some_and(|end| end <= self.data.len())
    }
}

/// The operands of `softmax(scale * q * transpose(k)) * v`, by sequence and head.
///
/// In bf16, sums and the softmax are in f32; weights may be rounded before they are divided by the sum of what they
/// were rounded to. A segment's result does not depend on the others.
///
/// **Shapes:** `q: [tokens, num_heads * head_dim]`, `k, v: [tokens, num_kv_heads * head_dim]`. Head `h` is columns
/// `h * head_dim..(h + 1) * head_dim`; `num_heads / num_kv_heads` heads that follow each other share keys and values.
/// **Source:** arXiv 1706.03762 section 3.2.1, arXiv 2305.13245 for shared heads.
#[derive(Clone, Copy, Debug)]
pub struct Attention<'a, T> {
    /// Queries.
    pub q: Rows<'a, T>,
    /// Keys.
    pub k: Rows<'a, T>,
    /// Values.
    pub v: Rows<'a, T>,
    /// Sequences; a query sees keys of its own only.
    pub segments: &'a [Segment],
    /// Heads of the queries.
    pub num_heads: usize,
    /// Heads of keys and values.
    pub num_kv_heads: usize,
    /// Columns of a head.
    pub head_dim: usize,
    /// Factor of the scores, above zero.
    pub scale: f32,
    /// Whether query `i` of a segment sees keys `0..=i + keys - queries` only.
    pub is_causal: bool,
    /// Which keys are not seen, for all heads. **Shapes:** `[queries, keys]` of the first segment, then of the next.
    pub hidden: Option<&'a [bool]>,
    /// What is added to the scaled scores; each head of the queries then has keys of its own.
    pub bias: Option<Bias<'a>>,
    /// What becomes of the scaled scores before the bias is added and keys are hidden.
    pub terms: Terms<'a>,
}

impl<T: Element> Attention<'_, T> {
    /// Computes all sequences with the processor's best instruction set on all threads.
    ///
    /// The queries of the first segment come first, then those of the next. One that sees no key gives zeros.
    ///
    /// **Shapes:** `out: [sum of queries, num_heads * head_dim]`, row-major. **Panics** if a length does not fit, if
    /// the heads cannot share keys evenly or if `scale` is not above zero.
    pub fn run(&self, out: &mut [T]) {
        self.run_with(cpu::isa(), out);
    }

    /// [`Attention::run`] with the given instruction set.
    ///
    /// **Panics** as [`Attention::run`], and if the processor lacks the instruction set.
    pub fn run_with(&self, isa: Isa, out: &mut [T]) {
        assert!(isa.is_available(), "this processor has no {}", isa.name());
        self.check(out);
        if out.is_empty() {
            return;
        }
        let sizes = Sizes::new(self, isa);
        let plan = Plan::new(self, &sizes);
        let workers = plan.threads.min(plan.tasks());
        let (operands, sums) = (sizes.operands(plan.most_panels()), sizes.sums(plan.most_panels()));
        let mut scratch = Buffer::reused(4 * (operands + sums) * workers);
        let scratch = Shared(scratch.as_mut_slice::<u32>().as_mut_ptr());
        let out = Shared(out.as_mut_ptr());
        let next = AtomicUsize::new(0);
        cpu::parallel(workers, |worker| {
            let scratch = scratch.start().wrapping_add(worker * (operands + sums));
            // SAFETY: each worker has a part of its own of the scratch, which is initialized and outlives the loop.
            let (operands, sums) = unsafe {
                (
                    std::slice::from_raw_parts_mut(scratch, operands),
                    std::slice::from_raw_parts_mut(scratch.add(operands).cast(), sums),
                )
            };
            let mut worker = Worker::new(self, &sizes, operands, sums, out.start());
            let take = || plan.task(next.fetch_add(1, Ordering::Relaxed));
            let mut taken = take();
            while let Some(task) = taken {
                taken = take();
                // SAFETY: the tasks' rectangles are disjoint and lie inside `out`, whose length was checked and which
                // outlives the loop; the processor has `isa`.
                unsafe { worker.run(&task, taken.as_ref()) };
            }
        });
    }

    fn check(&self, out: &[T]) {
        let Self { q, k, v, segments, num_heads, num_kv_heads, head_dim, scale, hidden, bias, terms, .. } = *self;
        assert!(
            num_kv_heads > 0 && num_heads.is_multiple_of(num_kv_heads),
            "{num_heads} heads cannot share {num_kv_heads} heads of keys evenly"
        );
        assert!(scale > 0.0 && scale.is_finite(), "scale is {scale}");
        let end = |start: usize, len: usize| if len == 0 { 0 } else { start.saturating_add(len) };
        let q_rows = segments.iter().map(|segment| end(segment.q_start, segment.queries)).max().unwrap_or(0);
        let k_rows = segments.iter().map(|segment| end(segment.k_start, segment.keys)).max().unwrap_or(0);
        assert!(q.holds(q_rows, num_heads * head_dim), "q does not hold the {q_rows} rows of the segments");
        assert!(k.holds(k_rows, num_kv_heads * head_dim), "k does not hold the {k_rows} rows of the segments");
        assert!(v.holds(k_rows, num_kv_heads * head_dim), "v does not hold the {k_rows} rows of the segments");
        let queries: usize = segments.iter().map(|segment| segment.queries).sum();
        assert_eq!(out.len(), queries * num_heads * head_dim, "out is not [sum of queries, num_heads * head_dim]");
        let pairs: usize = segments.iter().map(|segment| segment.queries * segment.keys).sum();
        assert!(hidden.is_none_or(|hidden| hidden.len() == pairs), "hidden has not a flag for each query and key");
        let most_keys = segments.iter().map(|segment| segment.keys).max().unwrap_or(0);
        let holds = |places: &[f32]| places.len().is_multiple_of(num_heads) && places.len() >= num_heads * most_keys;
        assert!(terms.places.is_none_or(holds), "places has not a number for each head and key");
        assert!(terms.sinks.is_none_or(|sinks| sinks.len() == num_heads), "sinks is not [num_heads]");
        assert!(terms.logit_softcap.is_none_or(|cap| cap > 0.0), "logit_softcap is not above zero");
        if let Some(Bias { values, heads }) = bias {
            assert_eq!(num_heads, num_kv_heads, "a bias beside heads that share keys");
            assert!(heads == 1 || heads == num_heads, "a bias of {heads} heads for {num_heads}");
            assert_eq!(values.len(), heads * pairs, "bias has not a number for each head, query and key");
        }
    }
}

/// The start of memory of which every task has a part of its own.
struct Shared<T>(*mut T);

// SAFETY: the pointer is only used for disjoint parts.
unsafe impl<T: Send> Sync for Shared<T> {}

impl<T> Shared<T> {
    fn start(&self) -> *mut T {
        self.0
    }
}
