//! Scaled dot-product attention over a packed batch of sequences of different lengths.
//!
//! All products are transposed: the columns of a panel are queries. The scores are then already the panel that the
//! second product reads, and the softmax runs along columns, without horizontal sums.

mod bias;
mod fetch;
mod few;
mod mask;
mod pack;
mod plan;
mod relative;
mod sequence;
mod softmax;
mod terms;
#[cfg(test)]
mod tests;
mod worker;

use std::sync::atomic::{AtomicUsize, Ordering};

use crate::Element;
use crate::cpu::{self, Isa};
use crate::memory::{Buffer, Shared};
use plan::{Plan, Sizes};
use worker::Worker;

pub use bias::Bias;
pub use relative::RelativeBias;
pub use terms::Terms;

/// Rows of a sequence's queries, keys and values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Segment {
    /// First row in `q`.
    pub q_start: usize,
    /// Number of rows in `q`.
    pub queries: usize,
    /// First row in `k` and `v`.
    pub k_start: usize,
    /// Number of rows in `k` and `v`.
    pub keys: usize,
}

/// A matrix with a row stride, such as a column slice of a wider matrix.
#[derive(Clone, Copy, Debug)]
pub struct Rows<'a, T> {
    /// Elements from the start of the first row to at least the end of the last row.
    pub data: &'a [T],
    /// Distance between the starts of adjacent rows, in elements.
    pub stride: usize,
}

impl<T> Rows<'_, T> {
    pub(crate) fn holds(&self, rows: usize, width: usize) -> bool {
        let end = || self.stride.checked_mul(rows.checked_sub(1)?)?.checked_add(width);
        rows == 0 || end().is_some_and(|end| end <= self.data.len())
    }
}

/// Operands of `softmax(scale * q * transpose(k)) * v`, per sequence and head.
///
/// With bf16 operands, sums and the softmax are in f32; the weights may be rounded to bf16 before they are divided by
/// the sum of the rounded weights. A segment's result does not depend on the other segments.
///
/// **Shapes:** `q: [tokens, num_heads * head_dim]`, `k, v: [tokens, num_kv_heads * head_dim]`. Head `h` is columns
/// `h * head_dim..(h + 1) * head_dim`; `num_heads / num_kv_heads` adjacent heads share keys and values.
/// **Source:** arXiv 1706.03762 section 3.2.1, arXiv 2305.13245 for grouped-query attention.
#[derive(Clone, Copy, Debug)]
pub struct Attention<'a, T> {
    /// Query rows.
    pub q: Rows<'a, T>,
    /// Key rows.
    pub k: Rows<'a, T>,
    /// Value rows.
    pub v: Rows<'a, T>,
    /// Sequences of the packed batch; a query attends to keys of its own sequence only.
    pub segments: &'a [Segment],
    /// Number of query heads.
    pub num_heads: usize,
    /// Number of key/value heads.
    pub num_kv_heads: usize,
    /// Size of a head.
    pub head_dim: usize,
    /// Scale of the scores, above zero.
    pub scale: f32,
    /// Whether query `i` of a segment attends to keys `0..=i + keys - queries` only.
    pub is_causal: bool,
    /// Mask for all heads, true for keys to hide; `None` hides no key. **Shapes:** `[queries, keys]` per segment,
    /// concatenated.
    pub hidden: Option<&'a [bool]>,
    /// Additive bias of the scaled scores; requires `num_kv_heads == num_heads`.
    pub bias: Option<Bias<'a>>,
    /// Softcap, position biases and sinks, applied before the bias and the mask.
    pub terms: Terms<'a>,
}

impl<T: Element> Attention<'_, T> {
    /// Computes all sequences with the processor's best instruction set on all threads.
    ///
    /// The output rows are the segments' queries, concatenated. Queries without visible keys give zeros.
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
            "{num_heads} query heads cannot share {num_kv_heads} key/value heads evenly"
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
        assert!(hidden.is_none_or(|hidden| hidden.len() == pairs), "hidden is not [queries, keys] of every segment");
        let most_keys = segments.iter().map(|segment| segment.keys).max().unwrap_or(0);
        let holds =
            |key_bias: &[f32]| key_bias.len().is_multiple_of(num_heads) && key_bias.len() >= num_heads * most_keys;
        assert!(terms.key_bias.is_none_or(holds), "key_bias is not [num_heads, at least the number of keys]");
        assert!(terms.sinks.is_none_or(|sinks| sinks.len() == num_heads), "sinks is not [num_heads]");
        assert!(terms.logit_softcap.is_none_or(|cap| cap > 0.0), "logit_softcap is not above zero");
        if let Some(Bias { values, heads }) = bias {
            assert_eq!(num_heads, num_kv_heads, "a bias requires num_kv_heads == num_heads");
            assert!(heads == 1 || heads == num_heads, "the bias has {heads} heads, expected 1 or {num_heads}");
            assert_eq!(values.len(), heads * pairs, "bias is not [heads, keys, queries] of every segment");
        }
    }
}
