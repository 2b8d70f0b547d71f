use std::ptr;

use super::fetch::prefetch;
use super::pack::{Out, Vectors};
use super::sequence::Sequence;
use super::softmax::{EXP2_F32, Lanes, exp2};
use super::terms::GroupTerms;
use crate::Element;
use crate::cpu::{Isa, Kernel, mul_add};
use crate::transpose::{SIDE, transpose};

/// Maximum number of columns of a sequence that are faster to compute one by one than as panels.
pub(super) const FEW: usize = 6;

/// Attention of a sequence with few queries, as in decoding with a key/value cache. bf16 is widened to f32 for all
/// arithmetic.
pub(super) struct FewQueries<'a, T> {
    pub(super) isa: Isa,
    pub(super) sequence: &'a Sequence<'a>,
    pub(super) queries: Vectors<'a, T>,
    pub(super) keys: Vectors<'a, T>,
    pub(super) values: Vectors<'a, T>,
    /// Scale of the scores times log2(e), for a softmax in powers of two.
    pub(super) scale: f32,
    pub(super) terms: GroupTerms<'a>,
    /// Bias of the unscaled scores, if there is one.
    pub(super) bias: Option<FewBias<'a>>,
    /// Scratch of at least [`scratch_len`] vectors.
    pub(super) scratch: &'a mut [Lanes],
    pub(super) out: Out<T>,
}

/// Bias of the scores of one head.
#[derive(Clone, Copy)]
pub(super) struct FewBias<'a> {
    /// **Shapes:** `[keys, queries]`.
    pub(super) values: &'a [f32],
    /// One divided by the scale.
    pub(super) inverse_scale: f32,
}

/// Number of scratch vectors: keys, values, widened queries and their results.
pub(super) const fn scratch_len(head_dim: usize) -> usize {
    head_dim.div_ceil(SIDE) * 2 * (SIDE + FEW)
}

/// Online-softmax state of a query.
#[derive(Clone, Copy)]
struct State {
    most: f32,
    /// Partial sums of the weights.
    sums: Lanes,
}

impl<T: Element> Kernel for FewQueries<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<const FUSED: bool>(self) {
        let Self { isa, sequence, queries, keys, values, scale, terms, bias, scratch, out } = self;
        let cols = sequence.segment.queries * queries.group;
        let width = keys.head_dim.div_ceil(SIDE);
        let (near_keys, rest) = scratch.split_at_mut(SIDE * width);
        let (near_values, rest) = rest.split_at_mut(SIDE * width);
        let (widened, results) = rest.split_at_mut(cols * width);
        let results = &mut results[..cols * width];
        for (col, widened) in widened.chunks_exact_mut(width).enumerate() {
            widen(queries.get(col), widened);
        }
        near_values.fill([0.0; SIDE]);
        results.fill([0.0; SIDE]);
        let mut states = [State { most: f32::NEG_INFINITY, sums: [0.0; SIDE] }; FEW];

        let end = sequence.visible(queries.row_and_head(cols - 1).0);
        for first in (0..end).step_by(SIDE) {
            for key in first + SIDE..(first + 2 * SIDE).min(end) {
                prefetch(keys.get(key));
                prefetch(values.get(key));
            }
            let count = (end - first).min(SIDE);
            for (key, (near_key, near_value)) in
                near_keys.chunks_exact_mut(width).zip(near_values.chunks_exact_mut(width)).enumerate().take(count)
            {
                widen(keys.get(first + key), near_key);
                widen(values.get(first + key), near_value);
            }
            for (col, state) in states.iter_mut().enumerate().take(cols) {
                let mut scores = products::<FUSED>(isa, &widened[col * width..][..width], near_keys);
                let (query, head) = queries.row_and_head(col);
                if !terms.leaves_scores() {
                    terms.change_row::<FUSED>(head, first, count, &mut scores);
                }
                if let Some(FewBias { values, inverse_scale }) = bias {
                    let step = sequence.segment.queries;
                    let values = values[first * step + query..].iter().step_by(step);
                    scores.iter_mut().zip(values).for_each(|(score, value)| *score += value * inverse_scale);
                }
                let visible = sequence.visible(query).saturating_sub(first).min(count);
                for (lane, score) in scores.iter_mut().enumerate() {
                    *score = if lane < visible { *score } else { f32::NEG_INFINITY };
                }
                if let Some(hidden) = sequence.hidden {
                    let flags = &hidden[query * sequence.segment.keys + first..][..count];
                    for (score, &is_hidden) in scores.iter_mut().zip(flags) {
                        *score = if is_hidden { f32::NEG_INFINITY } else { *score };
                    }
                }
                let (weights, factor) = state.add::<FUSED>(&scores, scale);
                add_values::<FUSED>(&mut results[col * width..][..width], factor, &weights, near_values);
            }
        }
        for (col, results) in results.chunks_exact(width).enumerate() {
            let sum: f32 = states[col].sums.iter().sum();
            let sum = terms.with_sink::<FUSED>(queries.row_and_head(col).1, states[col].most, sum);
            let inverse = if sum == 0.0 { 0.0 } else { 1.0 / sum };
            for (chunk, result) in results.iter().enumerate() {
                // SAFETY: the column is one of the sequence's, whose part of the output is the task's alone.
                unsafe { out.put(col, chunk * SIDE, result, inverse) };
            }
        }
    }
}

/// Widens a vector to f32 and pads it with zeros.
#[inline(always)]
fn widen<T: Element>(vector: &[T], to: &mut [Lanes]) {
    let (whole, rest) = vector.as_chunks::<SIDE>();
    for (elements, to) in whole.iter().zip(&mut *to) {
        // A local array, because possible aliasing with `elements` would prevent vectorization.
        let mut widened = [0.0; SIDE];
        for lane in 0..SIDE {
            widened[lane] = elements[lane].widen();
        }
        *to = widened;
    }
    if let Some(to) = to.get_mut(whole.len()) {
        *to = [0.0; SIDE];
        rest.iter().zip(to).for_each(|(element, to)| *to = element.widen());
    }
}

/// Dot products of a query with [`SIDE`] keys.
#[inline(always)]
fn products<const FUSED: bool>(isa: Isa, query: &[Lanes], keys: &[Lanes]) -> Lanes {
    let (mut parts, mut columns) = ([[0.0; SIDE]; SIDE], [[0.0; SIDE]; SIDE]);
    let mut starts = [ptr::null(); SIDE];
    for ((key, parts), start) in keys.chunks_exact(query.len()).zip(&mut parts).zip(&mut starts) {
        let mut sums = [0.0; SIDE];
        for (key, query) in key.iter().zip(query) {
            for lane in 0..SIDE {
                sums[lane] = mul_add::<FUSED>(key[lane], query[lane], sums[lane]);
            }
        }
        *parts = sums;
        *start = parts.as_ptr().cast();
    }
    // SAFETY: both are 16 rows of 16; whoever names an instruction set has checked that the processor has it.
    unsafe { transpose(isa, &starts, columns.as_flattened_mut().as_mut_ptr().cast(), SIDE) };
    let mut products = [0.0; SIDE];
    for column in &columns {
        for lane in 0..SIDE {
            products[lane] += column[lane];
        }
    }
    products
}

impl State {
    /// Weights of the next keys, and the factor that rescales earlier results.
    #[inline(always)]
    fn add<const FUSED: bool>(&mut self, scores: &Lanes, scale: f32) -> (Lanes, f32) {
        let mut tree = *scores;
        let mut half = SIDE / 2;
        while half > 0 {
            for lane in 0..half {
                tree[lane] = if tree[lane + half] > tree[lane] { tree[lane + half] } else { tree[lane] };
            }
            half /= 2;
        }
        let most = if tree[0] > self.most { tree[0] } else { self.most };
        // The difference of infinities would be NaN.
        let shift = if most == f32::NEG_INFINITY { 0.0 } else { most };
        let factor = exp2::<FUSED, _>((self.most - shift) * scale, &EXP2_F32);
        let mut weights = [0.0; SIDE];
        for lane in 0..SIDE {
            weights[lane] = exp2::<FUSED, _>((scores[lane] - shift) * scale, &EXP2_F32);
            self.sums[lane] = mul_add::<FUSED>(self.sums[lane], factor, weights[lane]);
        }
        self.most = most;
        (weights, factor)
    }
}

/// Rescales a result by a factor and adds the weighted values.
#[inline(always)]
fn add_values<const FUSED: bool>(result: &mut [Lanes], factor: f32, weights: &Lanes, values: &[Lanes]) {
    let width = result.len();
    for (chunk, result) in result.iter_mut().enumerate() {
        let mut sums = *result;
        sums.iter_mut().for_each(|sum| *sum *= factor);
        for (value, weight) in values[chunk..].iter().step_by(width).zip(weights) {
            for lane in 0..SIDE {
                sums[lane] = mul_add::<FUSED>(value[lane], *weight, sums[lane]);
            }
        }
        *result = sums;
    }
}
