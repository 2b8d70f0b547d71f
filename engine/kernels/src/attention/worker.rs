use std::f32::consts::LOG2_E;
use std::ops::Range;

use super::bias::AddBias;
use super::fetch::Fetch;
use super::few::{FEW, FewBias, FewQueries};
use super::mask::Mask;
use super::pack::{Out, PackPanel, PackRows, PackTransposed, Unpack, Vectors};
use super::plan::{Sizes, Task};
use super::softmax::{Lanes, Merge, Softmax};
use super::terms::{AddSinks, ChangeScores, GroupTerms};
use super::{Attention, Rows};
use crate::Element;
use crate::cpu::vectorize;
use crate::gemm::{Block, MAX_PANEL, Micro};
use crate::transpose::SIDE;

/// Per-thread buffers, reused for one task after another.
pub(super) struct Worker<'a, T> {
    attention: &'a Attention<'a, T>,
    sizes: &'a Sizes,
    out: *mut T,
    /// Packed queries of each panel.
    queries: &'a mut [u32],
    /// State of each panel: maxima, sums of weights and unnormalized results, rows of `[panel]`.
    states: &'a mut [f32],
    /// Packed keys of a tile.
    keys: &'a mut [u32],
    /// Packed values of a tile.
    values: &'a mut [u32],
    /// Scores or weights of a tile.
    scores: &'a mut [f32],
    /// Result of a tile.
    part: &'a mut [f32],
    fetch: Fetch,
}

impl<'a, T: Element> Worker<'a, T> {
    /// Splits the buffers, whose lengths are [`Sizes::operands`] and [`Sizes::sums`].
    pub(super) fn new(
        attention: &'a Attention<'a, T>,
        sizes: &'a Sizes,
        operands: &'a mut [u32],
        sums: &'a mut [f32],
        out: *mut T,
    ) -> Self {
        let (keys, rest) = operands.split_at_mut(sizes.tile * sizes.key_stride);
        let (values, queries) = rest.split_at_mut(sizes.out_rows * sizes.value_stride);
        let (scores, rest) = sums.split_at_mut(sizes.scores_len());
        let (part, states) = rest.split_at_mut(sizes.out_len());
        Self { attention, sizes, out, queries, states, keys, values, scores, part, fetch: Fetch::default() }
    }

    /// Computes a task and prefetches the first operands of the `next` task.
    ///
    /// # Safety
    /// Nothing else refers to the task's part of the output; the processor has the instruction set.
    pub(super) unsafe fn run(&mut self, task: &Task<'_>, next: Option<&Task<'_>>) {
        let Sizes { isa, group, tile, ref micro, .. } = *self.sizes;
        let (segment, panels, out) = (&task.sequence.segment, task.panels.clone(), self.out(task));
        let (keys, values) = self.keys_and_values(task);
        let terms = self.terms(task);
        if segment.queries * group <= FEW {
            let bias = task.bias().map(|values| FewBias { values, inverse_scale: 1.0 / self.attention.scale });
            let (sequence, queries, scratch) = (task.sequence, self.queries(task), lanes_mut(self.scores));
            let scale = self.attention.scale * LOG2_E;
            let few = FewQueries { isa, sequence, queries, keys, values, scale, terms, bias, scratch, out };
            return vectorize(isa, few);
        }
        self.start(task);
        let cols = |panel: usize| self.sizes.cols(segment, panel);
        let end = task.visible(self.sizes, panels.end - 1);
        for start in (0..end).step_by(tile) {
            let range = start..(start + tile).min(end);
            let Sizes { units, key_stride, value_stride, .. } = *self.sizes;
            let (keys_range, stride) = (range.clone(), key_stride);
            vectorize(isa, PackRows { vectors: keys, range: keys_range, units, stride, to: self.keys });
            let (values_range, stride) = (range.clone(), value_stride);
            vectorize(isa, PackTransposed { isa, vectors: values, range: values_range, stride, to: self.values });
            self.ask(task, range.clone(), end, next);
            for (index, panel) in panels.clone().enumerate() {
                let keys = start..task.visible(self.sizes, panel).min(range.end);
                if !keys.is_empty() {
                    // SAFETY: the caller's promise.
                    unsafe { self.tile(task, index, cols(panel), keys) };
                }
            }
        }
        for (panel, state) in panels.zip(self.states.chunks_exact_mut(self.sizes.state_len())) {
            let State { most, sums, result } = State::of(state, micro.panel);
            if self.attention.terms.sinks.is_some() {
                let first_col = cols(panel).start;
                vectorize(isa, AddSinks { terms, most, sums, first_col });
            }
            vectorize(isa, Unpack { isa, result, sums, cols: cols(panel), out });
        }
    }

    /// Packs the queries and resets the states.
    fn start(&mut self, task: &Task<'_>) {
        let Sizes { isa, ref micro, .. } = *self.sizes;
        let vectors = self.queries(task);
        for (panel, to) in task.panels.clone().zip(self.queries.chunks_exact_mut(self.sizes.query_len())) {
            let range = self.sizes.cols(&task.sequence.segment, panel);
            vectorize(isa, PackPanel { isa, vectors, range, panel: micro.panel, to });
        }
        for state in self.states.chunks_exact_mut(self.sizes.state_len()).take(task.panels.len()) {
            let State { most, sums, .. } = State::of(state, micro.panel);
            most.fill([f32::NEG_INFINITY; SIDE]);
            sums.fill([0.0; SIDE]);
        }
    }

    /// Requests a prefetch of the next tile for the time that a range of keys is computed; at the `end`, of the output
    /// and the next task's first tile.
    fn ask(&mut self, task: &Task<'_>, range: Range<usize>, end: usize, next: Option<&Task<'_>>) {
        let Sizes { head_dim, tile, ref micro, .. } = *self.sizes;
        let mut keys = Some((task, range.end..end.min(range.end + tile)));
        self.fetch.clear();
        if range.end == end {
            self.fetch.add_output(&self.out(task), task.cols(self.sizes));
            keys = next.map(|next| (next, 0..next.visible(self.sizes, next.panels.end - 1).min(tile)));
            if let Some(next) = next {
                self.fetch.add(&self.queries(next), next.cols(self.sizes));
            }
        }
        if let Some((task, range)) = keys {
            let (keys, values) = self.keys_and_values(task);
            self.fetch.add(&keys, range.clone());
            self.fetch.add(&values, range);
        }
        let products = range.len().div_ceil(micro.rows) + head_dim.div_ceil(micro.rows);
        self.fetch.spread(task.panels.len() * products);
    }

    fn out(&self, task: &Task<'_>) -> Out<T> {
        let Sizes { head_dim, group, .. } = *self.sizes;
        let stride = self.attention.num_heads * head_dim;
        let first = task.sequence.out_start * stride + task.kv_head * group * head_dim;
        Out { start: self.out.wrapping_add(first), stride, head_dim, group }
    }

    fn terms(&self, task: &Task<'_>) -> GroupTerms<'a> {
        let (Attention { terms, scale, num_heads, .. }, group) = (self.attention, self.sizes.group);
        GroupTerms::new(terms, *scale, *num_heads, task.kv_head * group, group)
    }

    fn queries(&self, task: &Task<'_>) -> Vectors<'a, T> {
        let group = self.sizes.group;
        self.vectors(self.attention.q, task.sequence.segment.q_start, task.kv_head * group, group)
    }

    fn keys_and_values(&self, task: &Task<'_>) -> (Vectors<'a, T>, Vectors<'a, T>) {
        let start = task.sequence.segment.k_start;
        (self.vectors(self.attention.k, start, task.kv_head, 1), self.vectors(self.attention.v, start, task.kv_head, 1))
    }

    fn vectors(&self, rows: Rows<'a, T>, first_row: usize, first_head: usize, group: usize) -> Vectors<'a, T> {
        let head_dim = self.sizes.head_dim;
        Vectors { rows, first_row, first_col: first_head * head_dim, head_dim, group }
    }

    /// Adds a tile's contribution to the results of the task's panel `index`.
    ///
    /// # Safety
    /// The processor has the instruction set.
    unsafe fn tile(&mut self, task: &Task<'_>, index: usize, cols: Range<usize>, keys: Range<usize>) {
        let sequence = task.sequence;
        let Sizes { isa, ref micro, unit, group, head_dim, .. } = *self.sizes;
        let (vectors, used, count) = (micro.panel / SIDE, cols.len().div_ceil(SIDE), keys.len());
        let weight_units = count.div_ceil(unit).next_multiple_of(micro.depth);
        let (is_first, query_len, state_len) = (keys.start == 0, self.sizes.query_len(), self.sizes.state_len());

        let queries = &self.queries[index * query_len..][..query_len];
        let product = Product { left: self.keys, rows: count, stride: self.sizes.key_stride, panel: queries };
        // SAFETY: the caller's promise.
        unsafe { product.run(micro, self.sizes.units, self.scores, &mut self.fetch) };

        let terms = self.terms(task);
        let scores = lanes_mut(self.scores);
        if !terms.leaves_scores() {
            let (cols, keys) = (cols.clone(), keys.clone());
            vectorize(isa, ChangeScores { terms, scores: &mut *scores, vectors, cols, keys });
        }
        if let Some(values) = task.bias() {
            let queries = sequence.segment.queries;
            let inverse_scale = 1.0 / self.attention.scale;
            let (cols, keys) = (cols.clone(), keys.clone());
            vectorize(isa, AddBias { values, queries, inverse_scale, scores, vectors, cols, keys });
        }
        if sequence.is_causal || sequence.hidden.is_some() {
            vectorize(isa, Mask { isa, sequence, group, scores, vectors, cols, keys });
        }
        let State { most, sums, result } = State::of(&mut self.states[index * state_len..][..state_len], micro.panel);
        let mut factors = [[0.0; SIDE]; MAX_PANEL / SIDE];
        let softmax = Softmax {
            format: T::FORMAT,
            scores,
            vectors,
            used,
            keys: count,
            units: weight_units,
            scale: self.attention.scale * LOG2_E,
            most,
            sums,
            factors: &mut factors,
        };
        vectorize(isa, softmax);

        let stride = self.sizes.value_stride;
        let product = Product { left: self.values, rows: head_dim, stride, panel: units(self.scores) };
        // SAFETY: the caller's promise.
        unsafe {
            product.run(
                micro,
                weight_units,
                if is_first { result.as_flattened_mut() } else { self.part },
                &mut self.fetch,
            )
        };
        if !is_first {
            vectorize(isa, Merge { sums: result, part: lanes(self.part), factors: &factors[..vectors] });
        }
    }
}

/// A matrix product of rows with one panel.
struct Product<'a> {
    left: &'a [u32],
    rows: usize,
    /// Row stride in units.
    stride: usize,
    panel: &'a [u32],
}

impl Product<'_> {
    /// **Shapes:** `sums: [rows][panel]`. **Panics** if an operand is shorter than the microkernel requires.
    ///
    /// # Safety
    /// The processor has the microkernel's instruction set.
    unsafe fn run(&self, micro: &Micro, units: usize, sums: &mut [f32], fetch: &mut Fetch) {
        let Self { left, rows, stride, panel } = *self;
        let padded = rows.next_multiple_of(micro.row_group);
        assert!(rows == 0 || left.len() >= (padded - 1) * stride + units, "the left operand is too short");
        assert!(panel.len() >= units * micro.panel && sums.len() >= padded * micro.panel, "a panel is too short");
        for row in (0..rows).step_by(micro.rows) {
            let block = Block {
                rows: micro.rows.min(rows - row),
                left: left[row * stride..].as_ptr(),
                stride,
                panel: panel.as_ptr(),
                units,
                group_blocks: 0,
                adds: false,
                prefetch: panel.as_ptr(),
                prefetch_step: 0,
                sums: sums[row * micro.panel..].as_mut_ptr().cast(),
            };
            fetch.some();
            // SAFETY: the lengths were checked above; the instruction set is the caller's promise.
            unsafe { micro.run(&block) };
        }
    }
}

/// Online-softmax state of a panel's queries.
struct State<'a> {
    most: &'a mut [Lanes],
    sums: &'a mut [Lanes],
    result: &'a mut [Lanes],
}

impl<'a> State<'a> {
    fn of(state: &'a mut [f32], panel: usize) -> Self {
        let (most, rest) = lanes_mut(state).split_at_mut(panel / SIDE);
        let (sums, result) = rest.split_at_mut(panel / SIDE);
        Self { most, sums, result }
    }
}

fn lanes(numbers: &[f32]) -> &[Lanes] {
    numbers.as_chunks().0
}

fn lanes_mut(numbers: &mut [f32]) -> &mut [Lanes] {
    numbers.as_chunks_mut().0
}

fn units(numbers: &[f32]) -> &[u32] {
    // SAFETY: both have four bytes and the same alignment, and every bit pattern is a number.
    unsafe { std::slice::from_raw_parts(numbers.as_ptr().cast(), numbers.len()) }
}
