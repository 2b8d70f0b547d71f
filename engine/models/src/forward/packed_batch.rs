use std::ops::Range;

use burn::tensor::{Tensor, TensorData};
use trustformers_core::{Error, Result};
use trustformers_nn as nn;
use trustformers_ops::{EngineBackend, Segment, Segments, int_vector};

use crate::SequenceInput;
use crate::forward::input::{Packing, PastColumns};

/// Token sequences without padding: one row per computed token, sequence after sequence. A sequence's unmasked tokens
/// come first, then the masked ones that the model computes.
///
/// A batch fits the model whose [`Packing`] made it.
#[derive(Debug)]
pub struct PackedBatch<'a> {
    pub(crate) tokens: Tokens<'a>,
    /// Position of each row.
    pub(crate) position_ids: Vec<i64>,
    /// Token type of each row; all zero if `None`.
    pub(crate) token_type_ids: Option<Vec<i64>>,
    /// Task type of each row; all zero if `None`.
    pub(crate) task_type_ids: Option<Vec<i64>>,
    /// Index of each row's token in its sequence, masked tokens counted.
    pub(crate) columns: Vec<i64>,
    /// Rows of each sequence; the unmasked ones are keys.
    pub(crate) segments: Segments,
    /// Row of each sequence's first token, if that is computed.
    pub(crate) first: Vec<i64>,
    /// Number of tokens of the longest sequence, masked ones included.
    pub(crate) seq: usize,
    /// Whether masked tokens have outputs; otherwise only other outputs depend on them.
    pub(crate) returns_masked: bool,
}

/// Tokens of the rows of a packed batch.
#[derive(Debug)]
pub(crate) enum Tokens<'a> {
    Ids(Vec<i64>),
    /// Embeddings from `inputs_embeds`. **Shapes:** `[embedding_size]` each.
    Embeddings(Vec<&'a [f32]>),
}

impl Tokens<'_> {
    /// Model input of some rows.
    pub(crate) fn input<B: EngineBackend>(&self, rows: Range<usize>, device: &B::Device) -> nn::TokenInput<B> {
        match self {
            Self::Ids(ids) => nn::TokenInput::Ids(int_vector::<B>(ids[rows].to_vec(), device)),
            Self::Embeddings(vectors) => {
                let vectors = &vectors[rows];
                let shape = [vectors.len(), vectors.first().map_or(0, |vector| vector.len())];
                nn::TokenInput::Embeddings(Tensor::from_data(TensorData::new(vectors.concat(), shape), device))
            }
        }
    }
}

/// Sequences of a packed batch, or a part of one sequence, that go through the layers together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Pass {
    pub(crate) rows: Range<usize>,
    pub(crate) sequences: Range<usize>,
    /// Rows of each sequence.
    pub(crate) segments: Segments,
}

impl<'a> PackedBatch<'a> {
    /// Packs sequences of any lengths.
    ///
    /// **Errors:** `Input` or `Unsupported` naming the argument that does not fit the model; `OutOfMemory` if the
    /// batch does not fit in memory.
    pub fn new(packing: &Packing, sequences: &[SequenceInput<'a>]) -> Result<Self> {
        Self::continuing(packing, sequences, &vec![PastColumns::default(); sequences.len()], false)
    }

    /// Packs sequences that continue cached columns; `all` computes all masked tokens if the model can.
    ///
    /// **Errors:** as [`PackedBatch::new`].
    pub(crate) fn continuing(
        packing: &Packing,
        sequences: &[SequenceInput<'a>],
        past: &[PastColumns],
        all: bool,
    ) -> Result<Self> {
        let limits = &packing.limits;
        let longest = sequences.iter().map(|sequence| sequence.seq(limits)).max().unwrap_or(0);
        if longest == 0 {
            let message = format!("the batch is empty: shape ({}, {longest})", sequences.len());
            return Err(Error::input("input_ids", message));
        }
        let mut batch = Self {
            tokens: match sequences[0].inputs_embeds {
                None => Tokens::Ids(Vec::new()),
                Some(_) => Tokens::Embeddings(Vec::new()),
            },
            seq: longest,
            returns_masked: all,
            ..Self::empty()
        };
        for (row, (sequence, past)) in sequences.iter().zip(past).enumerate() {
            sequence.check(limits, *past, row)?;
            batch.push(packing, sequence, *past)?;
        }
        limits.check_memory(sequences.len(), longest)?;
        Ok(batch)
    }

    /// Token ids that continue sequences without padding: for each sequence its number of past tokens and its ids.
    /// `first` is the position of a sequence's first token.
    pub(crate) fn of_ids<'b>(sequences: impl Iterator<Item = (usize, &'b [i64])>, first: usize) -> Self {
        let (mut batch, mut all) = (Self::empty(), Vec::new());
        for (past, ids) in sequences {
            batch.first.push(all.len() as i64);
            batch.position_ids.extend((first + past) as i64..(first + past + ids.len()) as i64);
            batch.columns.extend(0..ids.len() as i64);
            batch.segments.0.push(Segment { rows: ids.len(), keys: ids.len() });
            batch.seq = batch.seq.max(ids.len());
            all.extend_from_slice(ids);
        }
        Self { tokens: Tokens::Ids(all), ..batch }
    }

    fn empty() -> Self {
        Self {
            tokens: Tokens::Ids(Vec::new()),
            position_ids: Vec::new(),
            token_type_ids: None,
            task_type_ids: None,
            columns: Vec::new(),
            segments: Segments::default(),
            first: Vec::new(),
            seq: 0,
            returns_masked: false,
        }
    }

    fn push(&mut self, packing: &Packing, sequence: &SequenceInput<'a>, past: PastColumns) -> Result<()> {
        let (start, width) = (self.columns.len(), packing.limits.embedding_size);
        let positions = sequence.positions(&packing.limits, past);
        let keys = match sequence.attention_mask {
            None => {
                self.columns.extend(0..positions.len() as i64);
                positions.len()
            }
            Some(mask) => {
                let unmasked = (0..).zip(mask).filter(|(_, seen)| **seen != 0);
                self.columns.extend(unmasked.map(|(column, _)| column));
                let keys = self.columns.len() - start;
                let masked = packing.padding.computed(mask, self.returns_masked);
                self.columns.extend(masked.map(|column| column as i64));
                keys
            }
        };
        let columns = &self.columns[start..];
        let first = columns.iter().position(|column| *column == 0).unwrap_or(0);
        self.first.push((start + first) as i64);
        self.segments.0.push(Segment { rows: columns.len(), keys });
        match (&mut self.tokens, sequence.inputs_embeds) {
            (Tokens::Ids(ids), None) => ids.extend(gathered(sequence.input_ids, columns)),
            (Tokens::Embeddings(vectors), Some(embeds)) => {
                vectors.extend(columns.iter().map(|column| &embeds[*column as usize * width..][..width]));
            }
            _ => return Err(Error::input("inputs_embeds", "pass them for every sequence of a batch, or for none")),
        }
        self.position_ids.extend(gathered(&positions, columns));
        for (all, ids) in
            [(&mut self.token_type_ids, sequence.token_type_ids), (&mut self.task_type_ids, sequence.task_type_ids)]
        {
            match (all, ids) {
                (None, None) => {}
                (Some(all), None) => all.resize(start + columns.len(), 0),
                (all, Some(ids)) => all.get_or_insert_with(|| vec![0; start]).extend(gathered(ids, columns)),
            }
        }
        Ok(())
    }

    /// Number of sequences.
    pub fn num_sequences(&self) -> usize {
        self.segments.0.len()
    }

    /// The row of a token that has outputs, by its sequence and its column there, masked tokens counted.
    pub fn row(&self, sequence: usize, column: usize) -> Option<usize> {
        let (start, segment) = self.segments.starts().nth(sequence)?;
        let rows = &self.columns[start..start + self.returned(segment)];
        rows.iter().position(|found| *found == column as i64).map(|at| start + at)
    }

    /// Whether a sequence has masked tokens between others.
    pub(crate) fn has_gaps(&self) -> bool {
        let is_next = |pair: &[i64]| pair[1] == pair[0] + 1;
        let columns = |(start, segment): (usize, Segment)| &self.columns[start..start + segment.keys];
        self.segments.starts().map(columns).any(|columns| !columns.windows(2).all(is_next))
    }

    /// Length of each sequence with its past tokens: its largest position plus one; zero without tokens.
    pub(crate) fn lengths(&self) -> impl Iterator<Item = usize> {
        self.segments.starts().map(|(start, segment)| {
            let positions = &self.position_ids[start..start + segment.rows];
            positions.iter().max().map_or(0, |position| *position as usize + 1)
        })
    }

    /// Splits the sequences into passes of at most `most_rows` rows, or of one longer sequence.
    pub(crate) fn passes(&self, most_rows: usize) -> Vec<Pass> {
        let mut passes: Vec<Pass> = Vec::new();
        for (index, (start, segment)) in self.segments.starts().enumerate() {
            let end = start + segment.rows;
            match passes.last_mut() {
                Some(pass) if end - pass.rows.start <= most_rows => {
                    pass.rows.end = end;
                    pass.sequences.end = index + 1;
                    pass.segments.0.push(segment);
                }
                _ => passes.push(Pass {
                    rows: start..end,
                    sequences: index..index + 1,
                    segments: Segments(vec![segment]),
                }),
            }
        }
        passes
    }

    /// Splits the batch into passes of at most `most_rows` rows; a cache joins the parts of longer sequences.
    pub(crate) fn parts(&self, most_rows: usize) -> Vec<Pass> {
        let mut parts = Vec::new();
        for pass in self.passes(most_rows) {
            if pass.rows.len() <= most_rows {
                parts.push(pass);
                continue;
            }
            parts.extend(pass.rows.clone().step_by(most_rows).map(|start| {
                let rows = start..pass.rows.end.min(start + most_rows);
                let segments = Segments(vec![Segment { rows: rows.len(), keys: rows.len() }]);
                Pass { rows, sequences: pass.sequences.clone(), segments }
            }));
        }
        parts
    }

    /// Number of a sequence's rows that have outputs.
    pub(crate) fn returned(&self, segment: Segment) -> usize {
        if self.returns_masked { segment.rows } else { segment.keys }
    }
}

/// The values at some columns of a sequence.
fn gathered(values: &[i64], columns: &[i64]) -> impl Iterator<Item = i64> {
    columns.iter().map(|column| values[*column as usize])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::forward::input::{Limits, PaddingPolicy, PositionRule};

    const FIRST: PaddingPolicy = PaddingPolicy::Read { first: true, neighbors: false };

    fn packing(padding: PaddingPolicy) -> Packing {
        let limits = Limits {
            vocab_size: 10,
            max_position_embeddings: None,
            type_vocab_size: 2,
            task_type_vocab_size: None,
            embedding_size: 2,
            hidden_size: 2,
            positions: PositionRule::Unmasked,
            bytes_per_token: 1,
            bytes_per_pair: 0,
            hidden_attention: 0.0,
        };
        Packing { limits, padding }
    }

    fn packed(mask: &[i64], seq: usize, padding: PaddingPolicy, all: bool) -> PackedBatch<'_> {
        let input = |mask| SequenceInput {
            input_ids: &[5, 6, 7, 8, 9][..seq],
            attention_mask: Some(mask),
            ..SequenceInput::default()
        };
        let sequences: Vec<_> = mask.chunks_exact(seq).map(input).collect();
        let past = vec![PastColumns::default(); sequences.len()];
        PackedBatch::continuing(&packing(padding), &sequences, &past, all).unwrap()
    }

    fn ids<'a>(batch: &'a PackedBatch<'_>) -> &'a [i64] {
        let Tokens::Ids(ids) = &batch.tokens else { panic!("no ids") };
        ids
    }

    #[test]
    fn masked_positions_are_left_out_anywhere() {
        let found = packed(&[1, 1, 0, 0, 1, 0, 1, 1], 4, FIRST, false);
        assert_eq!(found.columns, [0, 1, 0, 2, 3]);
        assert_eq!(ids(&found), [5, 6, 5, 7, 8]);
        assert_eq!(found.position_ids, [0, 1, 0, 1, 2]);
        assert_eq!(found.segments.0, [Segment { rows: 2, keys: 2 }, Segment { rows: 3, keys: 3 }]);
        assert_eq!(found.first, [0, 2]);
        assert_eq!([found.row(1, 2), found.row(1, 1), found.row(2, 0)], [Some(3), None, None]);
        assert_eq!(found.lengths().collect::<Vec<_>>(), [2, 3]);
    }

    #[test]
    fn a_masked_first_token_is_computed_without_being_a_key() {
        let mask = [0, 1, 1, 0, 0, 0];
        let found = packed(&mask, 3, FIRST, false);
        assert_eq!(found.columns, [1, 2, 0, 0]);
        assert_eq!(found.segments.0, [Segment { rows: 3, keys: 2 }, Segment { rows: 1, keys: 0 }]);
        assert_eq!(found.first, [2, 3]);
        assert_eq!(found.row(0, 0), None);
        assert_eq!(packed(&mask, 3, PaddingPolicy::Skip, true).columns, [1, 2]);
    }

    #[test]
    fn all_masked_tokens_are_computed_on_request() {
        let found = packed(&[0, 1, 1, 0, 0, 0], 3, FIRST, true);
        assert_eq!(found.columns, [1, 2, 0, 0, 1, 2]);
        assert_eq!(found.segments.0, [Segment { rows: 3, keys: 2 }, Segment { rows: 3, keys: 0 }]);
        assert_eq!(found.row(1, 2), Some(5));
    }

    #[test]
    fn sequences_of_different_lengths_need_no_padding() {
        let sequences = [
            SequenceInput { input_ids: &[5], ..SequenceInput::default() },
            SequenceInput { input_ids: &[6, 7, 8], token_type_ids: Some(&[0, 1, 1]), ..SequenceInput::default() },
            SequenceInput { input_ids: &[9, 4], ..SequenceInput::default() },
        ];
        let found = PackedBatch::new(&packing(FIRST), &sequences).unwrap();
        assert_eq!(ids(&found), [5, 6, 7, 8, 9, 4]);
        assert_eq!(found.position_ids, [0, 0, 1, 2, 0, 1]);
        assert_eq!(found.token_type_ids.as_deref().unwrap(), [0, 0, 1, 1, 0, 0]);
        assert_eq!((found.task_type_ids, found.seq), (None, 3));
        let mixed = [sequences[0], SequenceInput { inputs_embeds: Some(&[0.0; 4]), ..SequenceInput::default() }];
        assert!(PackedBatch::new(&packing(FIRST), &mixed).unwrap_err().to_string().starts_with("inputs_embeds"));
    }

    #[test]
    fn rejects_an_empty_batch() {
        for sequences in [&[][..], &[SequenceInput::default(); 2]] {
            let error = PackedBatch::new(&packing(FIRST), sequences).unwrap_err();
            assert!(error.to_string().contains("the batch is empty"), "{error}");
        }
    }

    #[test]
    fn passes_hold_whole_sequences_up_to_the_row_limit() {
        let mask = [1, 1, 1, 0, 1, 1, 1, 0, 0, 1, 1, 1];
        let batch = packed(&mask, 3, FIRST, false);
        let rows = |most| batch.passes(most).into_iter().map(|pass| pass.rows).collect::<Vec<_>>();
        assert_eq!(rows(5), [0..3, 3..7, 7..10]);
        assert_eq!(rows(1).len(), 4);
        assert_eq!(rows(10), std::slice::from_ref(&(0..10)));
        let second = &batch.passes(5)[1];
        assert_eq!(second.sequences, 1..3);
        assert_eq!(second.segments.0, [Segment { rows: 3, keys: 2 }, Segment { rows: 1, keys: 1 }]);
    }

    #[test]
    fn parts_cut_a_sequence_longer_than_the_row_limit() {
        let parts = packed(&[1, 1, 1, 1, 1, 0, 0, 0, 1, 1], 5, PaddingPolicy::Skip, false).parts(2);
        let rows: Vec<_> = parts.iter().map(|part| part.rows.clone()).collect();
        assert_eq!(rows, [0..2, 2..4, 4..5, 5..7]);
        assert_eq!((&parts[2].sequences, &parts[2].segments.0[..]), (&(0..1), &[Segment { rows: 1, keys: 1 }][..]));
    }
}
