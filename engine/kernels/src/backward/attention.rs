use std::ops::Range;

use crate::attention::Rows;
use crate::cpu::{self, Isa, Kernel, vectorize};
use crate::dropout::Mask;
use crate::math::exp;
use crate::memory::{Buffer, Shared};
use crate::product::{Left, Right, product_with};
use crate::rows::fold;

/// Rows of one sequence of a packed batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sequence {
    /// First row of the queries.
    pub start: usize,
    /// Number of queries.
    pub rows: usize,
    /// First row of the keys and values.
    pub key_start: usize,
    /// Number of rows of keys and values.
    pub key_rows: usize,
    /// Number of leading rows of keys and values that are visible.
    pub keys: usize,
}

/// Operands of `softmax(scale * q * transpose(k)) * v`, per sequence and head, for training: with dropout of the weights,
/// and with a backward pass.
///
/// No more than [`QUERIES`] rows of weights are in memory at a time. **Shapes:** as in
/// [`Attention`](crate::attention::Attention).
#[derive(Clone, Copy, Debug)]
pub struct AttentionBackward<'a> {
    /// Query rows.
    pub q: Rows<'a, f32>,
    /// Key rows.
    pub k: Rows<'a, f32>,
    /// Value rows.
    pub v: Rows<'a, f32>,
    /// Sequences of the packed batch.
    pub sequences: &'a [Sequence],
    /// Number of query heads.
    pub num_heads: usize,
    /// Number of key/value heads.
    pub num_kv_heads: usize,
    /// Size of a head.
    pub head_dim: usize,
    /// Scale of the scores.
    pub scale: f32,
    /// Whether a row attends to no later rows.
    pub is_causal: bool,
    /// Distance below which a row attends to another; `usize::MAX` for all rows.
    pub window: usize,
    /// Dropout of the weights; its elements are `[num_heads, rows, longest]`, where `longest` counts keys and values.
    pub mask: Option<&'a Mask>,
}

/// Multiplications of queries and keys below which a second thread costs more than it saves.
const SERIAL: usize = 1 << 17;
/// Query rows per block.
pub const QUERIES: usize = 64;

impl AttentionBackward<'_> {
    /// The forward pass, on all threads. **Shapes:** `out: [rows, num_heads * head_dim]`.
    ///
    /// **Panics** if an operand is too short.
    pub fn forward(&self, out: &mut [f32]) {
        self.check(out.len());
        let out = Shared(out.as_mut_ptr());
        self.each_head(&|isa, sequence, head| self.forward_head(isa, sequence, head, &out));
    }

    /// Gradients of the operands, on all threads.
    ///
    /// **Shapes:** `output, gradient, of_q: [rows, num_heads * head_dim]`, `of_k, of_v: [key rows, num_kv_heads *
    /// head_dim]`. **Panics** if an operand is too short.
    pub fn run(&self, output: Rows<'_, f32>, gradient: Rows<'_, f32>, [of_q, of_k, of_v]: [&mut [f32]; 3]) {
        self.check(of_q.len());
        let (rows, width) = (self.rows(), self.num_heads * self.head_dim);
        assert!(output.holds(rows, width) && gradient.holds(rows, width), "output or gradient is too short");
        let kv_len = self.key_rows() * self.kv_width();
        assert_eq!((of_k.len(), of_v.len()), (kv_len, kv_len), "of_k or of_v is short");
        let targets = [of_q, of_k, of_v].map(|target| Shared(target.as_mut_ptr()));
        self.each_head(&|isa, sequence, head| self.backward_head(isa, sequence, head, [output, gradient], &targets));
    }

    fn rows(&self) -> usize {
        self.sequences.iter().map(|sequence| sequence.start + sequence.rows).max().unwrap_or(0)
    }

    fn key_rows(&self) -> usize {
        self.sequences.iter().map(|sequence| sequence.key_start + sequence.key_rows).max().unwrap_or(0)
    }

    fn kv_width(&self) -> usize {
        self.num_kv_heads * self.head_dim
    }

    fn longest(&self) -> usize {
        self.sequences.iter().map(|sequence| sequence.key_rows).max().unwrap_or(0)
    }

    fn check(&self, out: usize) {
        let (rows, width) = (self.rows(), self.num_heads * self.head_dim);
        assert!(self.num_heads.is_multiple_of(self.num_kv_heads), "the heads cannot share keys evenly");
        assert_eq!(out, rows * width, "the output is not [rows, num_heads * head_dim]");
        assert!(self.q.holds(rows, width), "q is too short");
        let (key_rows, kv_width) = (self.key_rows(), self.kv_width());
        assert!(self.k.holds(key_rows, kv_width) && self.v.holds(key_rows, kv_width), "k or v is too short");
        assert!(self.sequences.iter().all(|sequence| sequence.keys <= sequence.key_rows), "more keys than rows");
    }

    /// Calls `body` for each sequence and key/value head, on all threads unless the sequences are short.
    fn each_head(&self, body: &(impl Fn(Isa, Sequence, usize) + Sync)) {
        let isa = cpu::isa();
        let task = |task: usize| body(isa, self.sequences[task / self.num_kv_heads], task % self.num_kv_heads);
        let tasks = self.sequences.len() * self.num_kv_heads;
        let pairs: usize = self.sequences.iter().map(|sequence| sequence.rows * sequence.keys).sum();
        if pairs * self.num_heads * self.head_dim < SERIAL {
            (0..tasks).for_each(task);
        } else {
            cpu::parallel(tasks, task);
        }
    }

    /// Keys that a query attends to.
    fn visible(&self, query: usize, keys: usize) -> Range<usize> {
        let end = if self.is_causal { query + 1 } else { query.saturating_add(self.window) }.min(keys);
        (query + 1).saturating_sub(self.window).min(end)..end
    }

    /// Blocks of queries of a sequence with the keys that any of them attends to.
    fn blocks(&self, sequence: Sequence) -> impl Iterator<Item = (Range<usize>, Range<usize>)> {
        (0..sequence.rows).step_by(QUERIES).map(move |first| {
            let queries = first..(first + QUERIES).min(sequence.rows);
            let keys = self.visible(first, sequence.keys).start..self.visible(queries.end - 1, sequence.keys).end;
            (queries, keys.start.min(keys.end)..keys.end)
        })
    }

    /// Softmax weights of a block of queries. **Shapes:** `q: [queries, head_dim]`, `k: [keys, head_dim]`,
    /// `weights: [queries, keys]`.
    fn weights(&self, isa: Isa, block: &BlockOf, q: &[f32], k: &[f32], weights: &mut [f32]) {
        let BlockOf { queries, keys, sequence, .. } = block;
        product_with(isa, Left::Rows(q), Right::Columns(k), [queries.len(), self.head_dim, keys.len()], weights);
        for (query, row) in queries.clone().zip(weights.chunks_exact_mut(keys.len())) {
            let visible = self.visible(query, sequence.keys);
            let visible = visible.start.saturating_sub(keys.start)..visible.end.saturating_sub(keys.start);
            row[..visible.start].fill(0.0);
            row[visible.end..].fill(0.0);
            vectorize(isa, Softmax { row: &mut row[visible], scale: self.scale });
        }
    }

    /// Multiplies the rows of a block by their dropout factors.
    fn drop(&self, isa: Isa, block: &BlockOf, rows: &mut [f32]) {
        let Some(mask) = self.mask else { return };
        let BlockOf { queries, keys, sequence, head } = block;
        let (all, longest) = (self.rows(), self.longest());
        for (query, row) in queries.clone().zip(rows.chunks_exact_mut(keys.len())) {
            let first = (head * all + sequence.start + query) * longest + keys.start;
            vectorize(isa, Drop { mask, first, row });
        }
    }

    fn forward_head(&self, isa: Isa, sequence: Sequence, kv_head: usize, out: &Shared<f32>) {
        let (d, width) = (self.head_dim, self.num_heads * self.head_dim);
        let k = gathered(self.k, sequence.key_start, sequence.keys, kv_head * d, d);
        let v = gathered(self.v, sequence.key_start, sequence.keys, kv_head * d, d);
        for head in self.heads_of(kv_head) {
            for (queries, keys) in self.blocks(sequence) {
                let block = BlockOf { queries: queries.clone(), keys: keys.clone(), sequence, head };
                let mut values = Scratch::new(queries.len() * d);
                if keys.is_empty() {
                    values.get().fill(0.0);
                } else {
                    let q = gathered(self.q, sequence.start + queries.start, queries.len(), head * d, d);
                    let mut weights = Scratch::new(queries.len() * keys.len());
                    let of_keys = keys.start * d..keys.end * d;
                    self.weights(isa, &block, q.all(), &k.all()[of_keys.clone()], weights.get());
                    self.drop(isa, &block, weights.get());
                    let shape = [queries.len(), keys.len(), d];
                    product_with(isa, Left::Rows(weights.all()), Right::Rows(&v.all()[of_keys]), shape, values.get());
                }
                let first = (sequence.start + queries.start) * width + head * d;
                // SAFETY: each head's columns of each sequence's rows are written by one task and lie inside the output.
                unsafe { store(values.all(), d, out, first, width) };
            }
        }
    }

    fn heads_of(&self, kv_head: usize) -> Range<usize> {
        let group = self.num_heads / self.num_kv_heads;
        kv_head * group..(kv_head + 1) * group
    }

    fn backward_head(
        &self,
        isa: Isa,
        sequence: Sequence,
        kv_head: usize,
        [output, gradient]: [Rows<'_, f32>; 2],
        [of_q, of_k, of_v]: &[Shared<f32>; 3],
    ) {
        let (d, width) = (self.head_dim, self.num_heads * self.head_dim);
        let k = gathered(self.k, sequence.key_start, sequence.keys, kv_head * d, d);
        let v = gathered(self.v, sequence.key_start, sequence.keys, kv_head * d, d);
        let [mut sum_k, mut sum_v] = [(), ()].map(|()| Scratch::new(sequence.key_rows * d));
        sum_k.get().fill(0.0);
        sum_v.get().fill(0.0);
        for head in self.heads_of(kv_head) {
            for (queries, keys) in self.blocks(sequence) {
                let block = BlockOf { queries: queries.clone(), keys: keys.clone(), sequence, head };
                let (first, count) = (sequence.start + queries.start, queries.len());
                let mut own = Scratch::new(count * d);
                if keys.is_empty() {
                    own.get().fill(0.0);
                } else {
                    let [q, out, gradient] =
                        [self.q, output, gradient].map(|rows| gathered(rows, first, count, head * d, d));
                    let of_keys = keys.start * d..keys.end * d;
                    let (k, v) = (&k.all()[of_keys.clone()], &v.all()[of_keys.clone()]);
                    let [mut weights, mut dropped, mut slopes] =
                        [(), (), ()].map(|()| Scratch::new(count * keys.len()));
                    self.weights(isa, &block, q.all(), k, weights.get());
                    let by_value = [count, d, keys.len()];
                    product_with(isa, Left::Rows(gradient.all()), Right::Columns(v), by_value, slopes.get());
                    let mut part = Scratch::new(keys.len() * d);
                    let by_query = [keys.len(), count, d];
                    dropped.get().copy_from_slice(weights.all());
                    self.drop(isa, &block, dropped.get());
                    self.drop(isa, &block, slopes.get());
                    product_with(isa, Left::Columns(dropped.all()), Right::Rows(gradient.all()), by_query, part.get());
                    vectorize(isa, Add { sum: &mut sum_v.get()[of_keys.clone()], part: part.all() });
                    let scores = Scores {
                        weights: weights.all(),
                        output: out.all(),
                        gradient: gradient.all(),
                        slopes: slopes.get(),
                        keys: keys.len(),
                        head_dim: d,
                        scale: self.scale,
                    };
                    vectorize(isa, scores);
                    let by_key = [count, keys.len(), d];
                    product_with(isa, Left::Rows(slopes.all()), Right::Rows(k), by_key, own.get());
                    product_with(isa, Left::Columns(slopes.all()), Right::Rows(q.all()), by_query, part.get());
                    vectorize(isa, Add { sum: &mut sum_k.get()[of_keys], part: part.all() });
                }
                // SAFETY: each head's columns of each sequence's rows are written by one task and lie inside the output.
                unsafe { store(own.all(), d, of_q, first * width + head * d, width) };
            }
        }
        for (sum, target) in [(sum_k, of_k), (sum_v, of_v)] {
            let first = sequence.key_start * self.kv_width() + kv_head * d;
            // SAFETY: as above, for key/value heads.
            unsafe { store(sum.all(), d, target, first, self.kv_width()) };
        }
    }
}

/// A block of queries of one head, and its keys.
struct BlockOf {
    queries: Range<usize>,
    keys: Range<usize>,
    sequence: Sequence,
    head: usize,
}

/// Memory of a task.
struct Scratch {
    buffer: Buffer,
    len: usize,
}

impl Scratch {
    fn new(len: usize) -> Self {
        Self { buffer: Buffer::reused(4 * len), len }
    }

    fn get(&mut self) -> &mut [f32] {
        &mut self.buffer.as_mut_slice::<f32>()[..self.len]
    }

    fn all(&self) -> &[f32] {
        &self.buffer.as_slice::<f32>()[..self.len]
    }
}

/// Columns of some rows, contiguous.
fn gathered(rows: Rows<'_, f32>, first: usize, count: usize, column: usize, width: usize) -> Scratch {
    let mut out = Scratch::new(count * width);
    for (row, out) in out.get().chunks_exact_mut(width).enumerate() {
        out.copy_from_slice(&rows.data[(first + row) * rows.stride + column..][..width]);
    }
    out
}

/// Copies rows to columns of a wider matrix, from its element `first` on.
///
/// # Safety
/// The target holds these columns, and nothing else accesses them.
unsafe fn store(rows: &[f32], width: usize, target: &Shared<f32>, first: usize, stride: usize) {
    for (row, values) in rows.chunks_exact(width).enumerate() {
        // SAFETY: the caller promises that the columns are there and this task's alone.
        let out = unsafe { std::slice::from_raw_parts_mut(target.start().add(first + row * stride), width) };
        out.copy_from_slice(values);
    }
}

struct Softmax<'a> {
    row: &'a mut [f32],
    scale: f32,
}

impl Kernel for Softmax<'_> {
    type Output = ();

    #[inline(always)]
    fn run<const FUSED: bool>(self) {
        let Self { row, scale } = self;
        let largest = fold(row, f32::NEG_INFINITY, f32::max, f32::max);
        row.iter_mut().for_each(|x| *x = exp::<FUSED>((*x - largest) * scale));
        let sum = fold(row, 0.0, |sum, x| sum + x, |a, b| a + b);
        let factor = 1.0 / sum;
        row.iter_mut().for_each(|x| *x *= factor);
    }
}

struct Drop<'a> {
    mask: &'a Mask,
    first: usize,
    row: &'a mut [f32],
}

impl Kernel for Drop<'_> {
    type Output = ();

    #[inline(always)]
    fn run<const FUSED: bool>(self) {
        let Self { mask, first, row } = self;
        row.iter_mut().enumerate().for_each(|(at, x)| *x *= mask.factor(first + at));
    }
}

struct Add<'a> {
    sum: &'a mut [f32],
    part: &'a [f32],
}

impl Kernel for Add<'_> {
    type Output = ();

    #[inline(always)]
    fn run<const FUSED: bool>(self) {
        self.sum.iter_mut().zip(self.part).for_each(|(sum, part)| *sum += part);
    }
}

/// Turns gradients of weights into gradients of scores.
struct Scores<'a> {
    weights: &'a [f32],
    output: &'a [f32],
    gradient: &'a [f32],
    slopes: &'a mut [f32],
    keys: usize,
    head_dim: usize,
    scale: f32,
}

impl Kernel for Scores<'_> {
    type Output = ();

    #[inline(always)]
    fn run<const FUSED: bool>(self) {
        let Self { weights, output, gradient, slopes, keys, head_dim, scale } = self;
        let rows = output.chunks_exact(head_dim).zip(gradient.chunks_exact(head_dim));
        for (((output, gradient), weights), slopes) in
            rows.zip(weights.chunks_exact(keys)).zip(slopes.chunks_exact_mut(keys))
        {
            // The mean of the weights' gradients under the weights, arXiv 2205.14135 appendix B.4.
            let mean: f32 = output.iter().zip(gradient).map(|(output, gradient)| output * gradient).sum();
            for (slope, weight) in slopes.iter_mut().zip(weights) {
                *slope = weight * (*slope - mean) * scale;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::elements;

    /// The output in double precision.
    fn exact(attention: &AttentionBackward<'_>, [q, k, v]: [&[f64]; 3]) -> Vec<f64> {
        let (d, rows) = (attention.head_dim, attention.rows());
        let (width, kv_width) = (attention.num_heads * d, attention.kv_width());
        let mut out = vec![0.0; rows * width];
        for sequence in attention.sequences {
            for (head, query) in
                (0..attention.num_heads).flat_map(|head| (0..sequence.rows).map(move |row| (head, row)))
            {
                let kv = head / (attention.num_heads / attention.num_kv_heads) * d;
                let row = (sequence.start + query) * width + head * d;
                let keys = attention.visible(query, sequence.keys);
                let key = |key: usize| (sequence.key_start + key) * kv_width + kv;
                let scores: Vec<f64> = keys
                    .clone()
                    .map(|at| (0..d).map(|i| q[row + i] * k[key(at) + i]).sum::<f64>() * f64::from(attention.scale))
                    .map(f64::exp)
                    .collect();
                let sum: f64 = scores.iter().sum();
                for (at, score) in keys.zip(scores) {
                    let index = (head * rows + sequence.start + query) * attention.longest() + at;
                    let factor = attention.mask.map_or(1.0, |mask| f64::from(mask.factor(index)));
                    (0..d).for_each(|i| out[row + i] += factor * score / sum * v[key(at) + i]);
                }
            }
        }
        out
    }

    #[test]
    fn gradients_are_finite_differences() {
        let mask = Mask::new(1, 2, 0.3);
        let cases = [
            (vec![(5, 5)], 1, 1, 3, true, usize::MAX, None),
            (vec![(70, 66), (1, 1), (3, 0)], 4, 2, 8, false, usize::MAX, None),
            (vec![(2, 2), (90, 90)], 2, 1, 5, true, 7, None),
            (vec![(20, 18), (70, 70)], 2, 2, 4, false, 9, Some(&mask)),
            (vec![(67, 67)], 3, 1, 4, true, usize::MAX, Some(&mask)),
        ];
        for (lengths, num_heads, num_kv_heads, head_dim, is_causal, window, mask) in cases {
            let mut start = 0;
            let sequence = |(rows, keys): &(usize, usize)| {
                start += rows;
                Sequence { start: start - rows, rows: *rows, key_start: start - rows, key_rows: *rows, keys: *keys }
            };
            let sequences: Vec<_> = lengths.iter().map(sequence).collect();
            check_gradients(&sequences, [num_heads, num_kv_heads, head_dim], is_causal, window, mask);
        }
    }

    #[test]
    fn gradients_of_other_keys_are_finite_differences() {
        let mask = Mask::new(3, 4, 0.2);
        let lengths = [(5, 70), (66, 2), (0, 3), (1, 1), (4, 0)];
        let (mut start, mut key_start) = (0, 0);
        let sequence = |(rows, keys): (usize, usize)| {
            let sequence = Sequence { start, rows, key_start, key_rows: keys, keys };
            (start, key_start) = (start + rows, key_start + keys);
            sequence
        };
        let sequences = lengths.map(sequence);
        for (heads, mask) in [([4, 2, 8], None), ([3, 3, 5], Some(&mask))] {
            check_gradients(&sequences, heads, false, usize::MAX, mask);
        }
    }

    fn check_gradients(
        sequences: &[Sequence],
        [num_heads, num_kv_heads, head_dim]: [usize; 3],
        is_causal: bool,
        window: usize,
        mask: Option<&Mask>,
    ) {
        let end = |of: fn(&Sequence) -> usize| sequences.iter().map(of).max().unwrap_or(0);
        let rows = end(|sequence| sequence.start + sequence.rows);
        let key_rows = end(|sequence| sequence.key_start + sequence.key_rows);
        let (width, kv_width) = (num_heads * head_dim, num_kv_heads * head_dim);
        let all = [(rows * width, 1), (key_rows * kv_width, 2), (key_rows * kv_width, 3)]
            .map(|(len, seed)| elements::<f32>(len, seed));
        let gradient = elements::<f32>(rows * width, 4);
        let attention = AttentionBackward {
            q: Rows { data: &all[0], stride: width },
            k: Rows { data: &all[1], stride: kv_width },
            v: Rows { data: &all[2], stride: kv_width },
            sequences,
            num_heads,
            num_kv_heads,
            head_dim,
            scale: 0.7,
            is_causal,
            window,
            mask,
        };
        let wide = all.each_ref().map(|values| values.iter().map(|x| f64::from(*x)).collect::<Vec<_>>());
        let mut out = vec![f32::NAN; rows * width];
        attention.forward(&mut out);
        let expected = exact(&attention, wide.each_ref().map(|values| &values[..]));
        for (found, expected) in out.iter().zip(&expected) {
            assert!((f64::from(*found) - expected).abs() < 1e-5, "{found} {expected}");
        }
        let mut found = all.each_ref().map(|values| vec![f32::NAN; values.len()]);
        let [of_q, of_k, of_v] = &mut found;
        let rows_of = |data| Rows { data, stride: width };
        attention.run(rows_of(&out), rows_of(&gradient), [of_q, of_k, of_v]);
        for (operand, found) in found.iter().enumerate() {
            for at in (0..found.len()).step_by(1 + found.len() / 40) {
                let moved = |step: f64| {
                    let mut wide = wide.clone();
                    wide[operand][at] += step;
                    let out = exact(&attention, wide.each_ref().map(|values| &values[..]));
                    out.iter().zip(&gradient).map(|(out, gradient)| out * f64::from(*gradient)).sum::<f64>()
                };
                let expected = (moved(1e-4) - moved(-1e-4)) / 2e-4;
                let error = (f64::from(found[at]) - expected).abs();
                assert!(error < 2e-4 * (1.0 + expected.abs()), "{operand} {at}: {} {expected}", found[at]);
            }
        }
    }
}
