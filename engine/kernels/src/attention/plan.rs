use std::ops::Range;

use super::sequence::Sequence;
use super::{Attention, Segment, bias, few};
use crate::Element;
use crate::cpu::{self, Isa};
use crate::gemm::{self, Micro};
use crate::transpose::SIDE;

/// Keys per tile. With a `head_dim` of 64 in f32, a tile's keys, values and scores take 200 KB and stay in the L2
/// cache. A multiple of 64, so that blocks of [`SIDE`] units along the keys are whole in all formats.
const KEY_TILE: usize = 256;
/// Bytes of packed queries and results per task.
const BLOCK_BYTES: usize = 256 << 10;
/// Tasks per thread, so that a preempted thread does not delay the others.
const TASKS_PER_THREAD: usize = 4;
/// Products below which a second thread costs more than it saves.
const SERIAL_PRODUCTS: usize = 1 << 17;

/// Sizes of a worker's buffers, in 32-bit units unless stated otherwise.
pub(super) struct Sizes {
    pub(super) isa: Isa,
    pub(super) micro: Micro,
    /// Elements per unit.
    pub(super) unit: usize,
    pub(super) head_dim: usize,
    /// Number of query heads that share keys.
    pub(super) group: usize,
    /// Number of keys per tile.
    pub(super) tile: usize,
    /// Units of a query or a key, padded for the microkernel.
    pub(super) units: usize,
    /// Stride of the packed keys.
    pub(super) key_stride: usize,
    /// Stride of the packed values' columns.
    pub(super) value_stride: usize,
    /// Rows of the transposed result.
    pub(super) out_rows: usize,
}

impl Sizes {
    pub(super) fn new<T: Element>(attention: &Attention<'_, T>, isa: Isa) -> Self {
        let Attention { head_dim, num_heads, num_kv_heads, segments, .. } = *attention;
        let micro = gemm::micro(isa, T::FORMAT);
        let unit = T::FORMAT.unit();
        let most_keys = segments.iter().map(|segment| segment.keys).max().unwrap_or(0);
        let tile = KEY_TILE.min(most_keys.next_multiple_of(64)).max(64);
        let units = head_dim.div_ceil(unit).next_multiple_of(micro.depth);
        // An odd number of cache lines, so that rows map to different cache sets.
        let spread = |len: usize| len.next_multiple_of(SIDE) | SIDE;
        Self {
            isa,
            micro,
            unit,
            head_dim,
            group: num_heads / num_kv_heads,
            tile,
            units,
            key_stride: spread(units),
            value_stride: spread(tile / unit),
            out_rows: head_dim.next_multiple_of(SIDE),
        }
    }

    /// Number of query panels of a sequence.
    fn panels(&self, segment: &Segment) -> usize {
        (segment.queries * self.group).div_ceil(self.micro.panel)
    }

    /// Columns of a panel.
    pub(super) fn cols(&self, segment: &Segment, panel: usize) -> Range<usize> {
        panel * self.micro.panel..((panel + 1) * self.micro.panel).min(segment.queries * self.group)
    }

    /// Units of a panel of packed queries.
    pub(super) fn query_len(&self) -> usize {
        self.units.next_multiple_of(SIDE) * self.micro.panel
    }

    /// Units of a panel's result.
    pub(super) fn out_len(&self) -> usize {
        self.out_rows * self.micro.panel
    }

    /// f32 values of a tile's scores, or of the scratch of [`few`] if that is larger.
    pub(super) fn scores_len(&self) -> usize {
        (self.tile * self.micro.panel).max(SIDE * few::scratch_len(self.head_dim))
    }

    /// f32 values of a panel's state: maxima, sums and the result.
    pub(super) fn state_len(&self) -> usize {
        2 * self.micro.panel + self.out_len()
    }

    /// Units of a worker's packed operands.
    pub(super) fn operands(&self, panels: usize) -> usize {
        self.tile * self.key_stride + self.out_rows * self.value_stride + panels * self.query_len()
    }

    /// f32 values of a worker's scores, partial results and states.
    pub(super) fn sums(&self, panels: usize) -> usize {
        self.scores_len() + self.out_len() + panels * self.state_len()
    }
}

/// Splits the work into tasks, each a range of query panels of a sequence with one key/value head.
pub(super) struct Plan<'a> {
    sequences: Vec<Sequence<'a>>,
    /// Sequence index and panels, by descending cost.
    blocks: Vec<(usize, Range<usize>)>,
    num_kv_heads: usize,
    pub(super) threads: usize,
}

impl<'a> Plan<'a> {
    pub(super) fn new<T: Element>(attention: &Attention<'a, T>, sizes: &Sizes) -> Self {
        let Attention { segments, num_kv_heads, num_heads, head_dim, hidden, is_causal, .. } = *attention;
        let pairs: usize = segments.iter().map(|segment| segment.queries * segment.keys).sum();
        let threads = if pairs * num_heads * head_dim < SERIAL_PRODUCTS { 1 } else { cpu::num_threads() };

        let cost = |segment: &Segment| sizes.panels(segment) * segment.keys;
        let total: usize = segments.iter().map(cost).sum::<usize>() * num_kv_heads;
        let wanted = total / (threads * TASKS_PER_THREAD);
        let panel_bytes = 4 * (sizes.query_len() + sizes.out_len());
        let most = (BLOCK_BYTES / panel_bytes.max(1)).max(1);

        let (mut sequences, mut blocks) = (Vec::with_capacity(segments.len()), Vec::with_capacity(segments.len()));
        let (mut out_start, mut first_flag) = (0, 0);
        let biases = bias::of_segments(attention.bias, segments.iter().map(|segment| segment.queries * segment.keys));
        for ((index, &segment), bias) in segments.iter().enumerate().zip(biases) {
            let Segment { queries, keys, .. } = segment;
            let flags = first_flag..first_flag + queries * keys;
            sequences.push(Sequence {
                segment,
                out_start,
                hidden: hidden.map(|hidden| &hidden[flags.clone()]),
                bias,
                is_causal,
            });
            (out_start, first_flag) = (out_start + queries, flags.end);
            let panels = sizes.panels(&segment);
            let parts = panels.div_ceil((wanted / keys.max(1)).clamp(1, most));
            blocks.extend((0..parts).map(|part| (index, part * panels / parts..(part + 1) * panels / parts)));
        }
        blocks.sort_by_key(|(sequence, panels)| std::cmp::Reverse(panels.len() * segments[*sequence].keys));
        Self { sequences, blocks, num_kv_heads, threads }
    }

    pub(super) fn tasks(&self) -> usize {
        self.blocks.len() * self.num_kv_heads
    }

    pub(super) fn most_panels(&self) -> usize {
        self.blocks.iter().map(|(_, panels)| panels.len()).max().unwrap_or(0)
    }

    pub(super) fn task(&self, index: usize) -> Option<Task<'_>> {
        let (sequence, panels) = self.blocks.get(index / self.num_kv_heads)?;
        let (sequence, kv_head) = (&self.sequences[*sequence], index % self.num_kv_heads);
        Some(Task { sequence, panels: panels.clone(), kv_head })
    }
}

/// A range of query panels of a sequence with one key/value head.
pub(super) struct Task<'a> {
    pub(super) sequence: &'a Sequence<'a>,
    pub(super) panels: Range<usize>,
    pub(super) kv_head: usize,
}

impl<'a> Task<'a> {
    /// The bias of the task's head, if there is one. **Shapes:** `[keys, queries]`.
    pub(super) fn bias(&self) -> Option<&'a [f32]> {
        let bias = self.sequence.bias?;
        let len = self.sequence.segment.queries * self.sequence.segment.keys;
        let heads = bias.len().checked_div(len)?;
        Some(&bias[self.kv_head % heads * len..][..len])
    }

    /// Columns of all panels of the task.
    pub(super) fn cols(&self, sizes: &Sizes) -> Range<usize> {
        let cols = |panel| sizes.cols(&self.sequence.segment, panel);
        cols(self.panels.start).start..cols(self.panels.end - 1).end
    }

    /// Number of leading keys that are visible to a panel's queries.
    pub(super) fn visible(&self, sizes: &Sizes, panel: usize) -> usize {
        let last = sizes.cols(&self.sequence.segment, panel).end - 1;
        self.sequence.visible(last / sizes.group)
    }
}
