use trustformers_core::{Error, Result};

use crate::forward::packed_batch::{PackedBatch, Tokens};

/// A column of a cached sequence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Column {
    Padding,
    Id(i64),
    /// A token from `inputs_embeds`, whose id is unknown.
    Embedding,
}

/// Mask and tokens of a cached batch: the columns of each sequence, equally many. A cache slot holds the columns that
/// are not padding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Layout {
    rows: Vec<Vec<Column>>,
}

impl Layout {
    /// Sequences without columns.
    pub(crate) fn new(batch: usize) -> Self {
        Self { rows: vec![Vec::new(); batch] }
    }

    /// Sequences in the given columns, without the columns that are padding in all sequences at the end.
    pub(crate) fn of_rows(mut rows: Vec<Vec<Column>>) -> Self {
        let used = |row: &Vec<Column>| row.iter().rposition(|column| *column != Column::Padding).map_or(0, |at| at + 1);
        let longest = rows.iter().map(used).max().unwrap_or(0);
        rows.iter_mut().for_each(|row| row.resize(longest, Column::Padding));
        Self { rows }
    }

    /// The columns of tokens that follow a mask's pattern and go on after its end.
    pub(crate) fn arranged(mask: &[i64], mut tokens: impl Iterator<Item = Column>) -> Vec<Column> {
        let column = |seen: &i64| if *seen == 0 { None } else { tokens.next() };
        let mut row: Vec<_> = mask.iter().map(column).map(|column| column.unwrap_or(Column::Padding)).collect();
        row.extend(tokens);
        row
    }

    /// Number of sequences.
    pub(crate) fn batch(&self) -> usize {
        self.rows.len()
    }

    /// Number of columns, padding included.
    pub(crate) fn seq(&self) -> usize {
        self.rows.first().map_or(0, Vec::len)
    }

    /// The columns of a sequence that are not padding, with their indices.
    pub(crate) fn tokens(&self, row: usize) -> impl Iterator<Item = (usize, Column)> {
        self.rows[row].iter().copied().enumerate().filter(|(_, column)| *column != Column::Padding)
    }

    /// Number of tokens in the first `seq` columns of a sequence.
    pub(crate) fn num_tokens(&self, row: usize, seq: usize) -> usize {
        self.tokens(row).take_while(|(index, _)| *index < seq).count()
    }

    /// Appends the columns of a batch.
    pub(crate) fn extend(&mut self, batch: &PackedBatch<'_>) {
        let (past, seq) = (self.seq(), batch.seq);
        for (row, (start, segment)) in self.rows.iter_mut().zip(batch.segments.starts()) {
            row.resize(past + seq, Column::Padding);
            for index in start..start + segment.keys {
                row[past + batch.columns[index] as usize] = match &batch.tokens {
                    Tokens::Ids(ids) => Column::Id(ids[index]),
                    Tokens::Embeddings(_) => Column::Embedding,
                };
            }
        }
    }

    /// Keeps only the first `seq` columns.
    pub(crate) fn crop(&mut self, seq: usize) {
        self.rows.iter_mut().for_each(|row| row.truncate(seq));
    }

    /// The sequences with the given indices.
    pub(crate) fn select(&self, rows: &[usize]) -> Self {
        Self { rows: rows.iter().map(|row| self.rows[*row].clone()).collect() }
    }

    /// Checks that a mask agrees with the cached padding and shows a new token.
    /// **Shapes:** `mask: [batch, past + seq]`.
    ///
    /// **Errors:** `Input` naming the row and the column that differ.
    pub(crate) fn check_mask(&self, mask: &[i64], seq: usize) -> Result<()> {
        let past = self.seq();
        for (row, (columns, mask)) in self.rows.iter().zip(mask.chunks_exact(past + seq)).enumerate() {
            let differs = |(column, seen): (&Column, &i64)| (*column == Column::Padding) != (*seen == 0);
            if let Some(at) = columns.iter().zip(mask).position(differs) {
                let known = if mask[at] == 0 { "a token" } else { "padding" };
                let found = mask[at];
                let message = format!("is {found} at row {row}, column {at}, which past_key_values hold as {known}");
                return Err(Error::input("attention_mask", message));
            }
        }
        if mask.chunks_exact(past + seq).all(|mask| mask[past..].iter().all(|seen| *seen == 0)) {
            return Err(Error::input("attention_mask", "masks every new token; at least one must be unmasked"));
        }
        Ok(())
    }

    /// The tokens of a sequence, as the start of a prompt.
    ///
    /// **Errors:** `Input` if the prompt does not begin with them.
    pub(crate) fn prefix<'a>(&self, row: usize, prompt: &'a [i64]) -> Result<&'a [i64]> {
        let len = self.tokens(row).count();
        let Some(prefix) = prompt.get(..len) else {
            let message = format!(
                "hold {len} tokens of sequence {row}, more than its prompt of {}, which must begin with them",
                prompt.len()
            );
            return Err(refused(message));
        };
        let differs = |(column, found): (Column, i64)| matches!(column, Column::Id(id) if id != found);
        let mut pairs = self.tokens(row).map(|(_, column)| column).zip(prefix.iter().copied()).enumerate();
        match pairs.find(|(_, pair)| differs(*pair)) {
            Some((index, (Column::Id(token), found))) => Err(refused(format!(
                "hold token {token} at position {index} of sequence {row} where its prompt has {found}; the prompt must \
                 begin with the cached tokens"
            ))),
            _ => Ok(prefix),
        }
    }
}

/// An error about a cache that does not fit its call.
pub(crate) fn refused(message: impl std::fmt::Display) -> Error {
    Error::input("past_key_values", message)
}

#[cfg(test)]
mod tests {
    use super::*;
    use Column::{Embedding, Id, Padding};

    #[test]
    fn tokens_follow_the_mask_and_go_on_after_it() {
        let arranged = |tokens: &[i64]| Layout::arranged(&[0, 1, 0, 1], tokens.iter().map(|id| Id(*id)));
        assert_eq!(arranged(&[5, 6, 7]), [Padding, Id(5), Padding, Id(6), Id(7)]);
        assert_eq!(arranged(&[5]), [Padding, Id(5), Padding, Padding]);
        let layout = Layout::of_rows(vec![arranged(&[5]), vec![Id(4)], Vec::new()]);
        assert_eq!((layout.batch(), layout.seq()), (3, 2));
        assert_eq!([0, 1, 2].map(|row| layout.num_tokens(row, 2)), [1, 1, 0]);
        assert_eq!(layout.num_tokens(0, 1), 0);
    }

    #[test]
    fn a_mask_must_agree_with_the_cached_padding() {
        let layout = Layout { rows: vec![vec![Padding, Id(5)], vec![Embedding, Id(6)]] };
        layout.check_mask(&[0, 1, 1, 1, 1, 0], 1).unwrap();
        for (mask, named) in [
            ([1, 1, 1, 1, 1, 1], "is 1 at row 0, column 0, which past_key_values hold as padding"),
            ([0, 1, 1, 1, 0, 1], "is 0 at row 1, column 1, which past_key_values hold as a token"),
            ([0, 1, 0, 1, 1, 0], "masks every new token"),
        ] {
            let error = layout.check_mask(&mask, 1).unwrap_err().to_string();
            assert!(error.contains(named), "{error} does not say {named}");
        }
    }

    #[test]
    fn a_prompt_begins_with_the_cached_tokens() {
        let layout = Layout { rows: vec![vec![Embedding, Padding, Id(6)]] };
        assert_eq!(layout.prefix(0, &[9, 6, 7]).unwrap(), [9, 6]);
        let error = |prompt: &[i64]| layout.prefix(0, prompt).unwrap_err().to_string();
        assert!(error(&[9]).contains("more than its prompt of 1"), "{}", error(&[9]));
        assert!(error(&[9, 8]).contains("token 6 at position 1 of sequence 0 where its prompt has 8"));
    }
}
