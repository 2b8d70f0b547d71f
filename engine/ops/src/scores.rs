use std::borrow::Cow;
use std::ops::Range;

use burn::tensor::backend::Backend;
use burn::tensor::{Tensor, TensorData, bf16};

use crate::{CachedSegment, EngineBackend, Segments};

/// ALiBi: linear position biases added to the attention scores, arXiv 2108.12409.
#[derive(Clone, Debug, PartialEq)]
pub enum Alibi {
    /// Slope of each head; a score loses `slope * (query position - key position)`.
    Distances(Vec<f32>),
    /// Slope of each head and a common factor; a score gains `slope * key position` in bfloat16, times the factor.
    Bf16Positions(Vec<f32>, f64),
}

impl Alibi {
    /// Bias of each key of a sequence, up to a constant per row that the softmax cancels.
    ///
    /// **Shapes:** returns `[num_heads, len]`, row-major.
    pub(crate) fn key_bias(&self, len: usize) -> Vec<f32> {
        match self {
            Self::Distances(slopes) => {
                slopes.iter().flat_map(|slope| (0..len).map(move |at| slope * at as f32)).collect()
            }
            Self::Bf16Positions(slopes, factor) => {
                bf16_position_biases(slopes, 0..len).map(|bias| bias * *factor as f32).collect()
            }
        }
    }

    /// Bias of the scores, with key positions that start at `first`.
    ///
    /// **Shapes:** returns `[num_heads, rows or 1, past + rows]`.
    pub(crate) fn scores<B: EngineBackend>(
        &self,
        segment: CachedSegment,
        first: usize,
        device: &B::Device,
    ) -> Tensor<B, 3> {
        let (rows, len) = (segment.rows, segment.past + segment.rows);
        match self {
            Self::Distances(slopes) => {
                let distances = TensorData::new(pairs(segment, |distance| -distance as f32), [1, rows, len]);
                let slopes = TensorData::new(slopes.clone(), [slopes.len(), 1, 1]);
                Tensor::from_data(distances, device) * Tensor::from_data(slopes, device)
            }
            Self::Bf16Positions(slopes, factor) => {
                let biases: Vec<f32> = bf16_position_biases(slopes, first..first + len).collect();
                Tensor::from_data(TensorData::new(biases, [slopes.len(), 1, len]), device) * *factor
            }
        }
    }
}

/// Key position times slope in bfloat16, by head.
fn bf16_position_biases(slopes: &[f32], positions: Range<usize>) -> impl Iterator<Item = f32> {
    slopes.iter().flat_map(move |slope| {
        let slope = bf16::from_f32(*slope).to_f32();
        // Positions are rounded to bfloat16 like the slopes.
        let position = |at: usize| bf16::from_f32(at as f32).to_f32();
        positions.clone().map(move |at| bf16::from_f32(slope * position(at)).to_f32())
    })
}

/// ALiBi slopes of all heads, a geometric sequence; arXiv 2108.12409 section 3.
pub fn alibi_slopes(num_heads: usize) -> Vec<f32> {
    let series = |heads: usize| {
        let base = 0.5f64.powf(8.0 / heads as f64) as f32;
        (1..).map(move |power| f64::from(base).powi(power) as f32)
    };
    let whole = 1usize << num_heads.max(1).ilog2();
    // Heads beyond a power of two take every other slope of the sequence for twice as many heads.
    series(whole).take(whole).chain(series(2 * whole).step_by(2)).take(num_heads).collect()
}

/// Which tokens a token attends to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AttentionKind {
    /// A token attends to itself and earlier tokens.
    #[default]
    Causal,
    /// A token attends to all tokens of its sequence.
    Bidirectional,
    /// A token attends to all tokens of another sequence: those whose keys and values the cache holds, to which its own
    /// are not appended, or without a cache those of another packed batch. Windows and ALiBi do not apply.
    Cross,
}

impl AttentionKind {
    /// Number of keys of a sequence.
    pub(crate) fn num_keys(self, segment: CachedSegment) -> usize {
        match self {
            Self::Causal | Self::Bidirectional => segment.past + segment.rows,
            Self::Cross => segment.past,
        }
    }

    /// Sequences of the rows of keys and values without a cache, given those of the queries.
    pub(crate) fn key_segments(self, queries: &Segments) -> Cow<'_, Segments> {
        match self {
            Self::Causal | Self::Bidirectional => Cow::Borrowed(queries),
            Self::Cross => Cow::Owned(Segments::whole(queries.0.iter().map(|segment| segment.keys))),
        }
    }

    /// Positions that a position attends to, all at a distance below `window`.
    pub(crate) fn visible(self, position: usize, window: usize, len: usize) -> Range<usize> {
        let end = match self {
            Self::Causal => (position + 1).min(len),
            Self::Bidirectional => position.saturating_add(window).min(len),
            Self::Cross => return 0..len,
        };
        (position + 1).saturating_sub(window).min(end)..end
    }
}

/// Which keys a row attends to, and the terms of its scores besides relative positions.
#[derive(Debug)]
pub struct Scores<'a, B: Backend> {
    /// Causal, bidirectional or cross attention.
    pub kind: AttentionKind,
    /// Scale of the products of queries and keys.
    pub scale: f64,
    /// Sliding window: a row attends to rows at a distance below this, on both sides if bidirectional; `None` is full
    /// attention.
    pub window: Option<usize>,
    /// Logit softcap: scores become `cap * tanh(score / cap)`, arXiv 2408.00118 section 2.
    pub logit_softcap: Option<f64>,
    /// ALiBi biases; `None` if there are none.
    pub alibi: Option<&'a Alibi>,
    /// Attention sinks: one extra logit per head in the softmax, without a value. **Shapes:** `[num_heads]`.
    pub sinks: Option<&'a Tensor<B, 1>>,
}

// Derived implementations would require `B: Copy`.
impl<B: Backend> Copy for Scores<'_, B> {}

impl<B: Backend> Clone for Scores<'_, B> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<B: Backend> Scores<'_, B> {
    /// Scaled products of queries and keys without a window or other terms.
    pub fn plain(kind: AttentionKind, scale: f64) -> Self {
        Self { kind, scale, window: None, logit_softcap: None, alibi: None, sinks: None }
    }

    /// Positions that a position attends to, of `len`.
    pub(crate) fn visible(&self, position: usize, len: usize) -> Range<usize> {
        self.kind.visible(position, self.window.unwrap_or(usize::MAX), len)
    }

    /// Whether a row attends to all keys of its sequence.
    pub(crate) fn sees_all_keys(&self) -> bool {
        match self.kind {
            AttentionKind::Causal => false,
            AttentionKind::Bidirectional => self.window.is_none(),
            AttentionKind::Cross => true,
        }
    }

    /// Whether the scores are more than products of queries and keys.
    pub(crate) fn has_terms(&self) -> bool {
        self.logit_softcap.is_some() || self.alibi.is_some() || self.sinks.is_some()
    }

    /// Whether the position biases equal those of absolute positions, up to a constant per row that the softmax
    /// cancels.
    pub(crate) fn has_absolute_bias(&self) -> bool {
        match self.alibi {
            None => true,
            // The softmax with a sink does not cancel a constant per row.
            Some(Alibi::Distances(_)) => self.window.is_none() && self.sinks.is_none(),
            Some(Alibi::Bf16Positions(..)) => self.window.is_none(),
        }
    }
}

/// `number(query position - key position)` for each pair of a new row and a row of its sequence.
pub(crate) fn pairs<T>(CachedSegment { past, rows, .. }: CachedSegment, number: impl Fn(i64) -> T) -> Vec<T> {
    let row = |row: usize| (0..past + rows).map(move |key| (past + row) as i64 - key as i64);
    (0..rows).flat_map(row).map(number).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Flex;

    #[test]
    fn extra_heads_interleave_their_alibi_slopes() {
        assert_eq!(alibi_slopes(4), [0.25, 0.0625, 0.015625, 0.00390625]);
        assert_eq!(alibi_slopes(6)[4..], [0.5, 0.125]);
        assert_eq!(alibi_slopes(1), [0.00390625]);
    }

    #[test]
    fn bfloat16_positions_are_rounded_before_and_after_the_product() {
        let segment = CachedSegment { slot: 0, past: 257, rows: 1 };
        let scores = Alibi::Bf16Positions(vec![0.3], 0.5).scores::<Flex>(segment, 0, &Default::default());
        let scores = scores.into_data().to_vec::<f32>().unwrap();
        assert_eq!((scores.len(), scores[1], scores[257]), (258, 77.0 / 512.0, 38.5));
    }
}
