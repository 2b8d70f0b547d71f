//! Sums of embedding lookups, optionally with the layer norm that follows them in BERT-like models.

use crate::cpu::{self, Isa, Kernel, vectorize};
use crate::element::Element;
use crate::norm::{self, Norm};
use crate::rows::{self, Source};

/// Sum of embeddings: `out[token] = sum of table[ids[token]] over the tables`, rounded once.
///
/// **Shapes:** each table is `[num, width]` and comes with one id per token.
#[derive(Clone, Copy, Debug)]
pub struct Embedding<'a, T> {
    /// Embedding tables with their ids.
    pub tables: &'a [(&'a [T], &'a [i64])],
    /// Length of a row.
    pub width: usize,
}

/// Layer norm of a sum of embeddings, rounded once; see [`LayerNorm`](crate::norm::LayerNorm).
///
/// **Shapes:** each table is `[num, width]` and comes with one id per token; `weight, bias: [width]`.
#[derive(Clone, Copy, Debug)]
pub struct EmbeddingNorm<'a, T> {
    /// Embedding tables with their ids.
    pub tables: &'a [(&'a [T], &'a [i64])],
    /// Weight of the layer norm.
    pub weight: &'a [T],
    /// Bias of the layer norm; `None` if there is none.
    pub bias: Option<&'a [T]>,
    /// Epsilon added to the variance.
    pub eps: f32,
    /// Length of a row.
    pub width: usize,
}

/// Writes the sum of the rows of each id, zero for ids without rows and for `left_out`, on all threads: the gradient of a
/// table, given that of its lookups.
///
/// **Shapes:** `x: [rows, width]`, `ids: [rows]`, `out: [num_ids, width]`. **Panics** if a slice's length does not fit, or if an
/// id is not below `num_ids`.
pub fn add_rows<T: Element>(x: &[T], ids: &[i64], width: usize, left_out: Option<usize>, out: &mut [T]) {
    assert_eq!(x.len(), ids.len() * width, "x is not [rows, width]");
    assert!(out.len().is_multiple_of(width), "out is not [num_ids, width]");
    let num_ids = out.len().checked_div(width).unwrap_or(0);
    let index = |id: i64| usize::try_from(id).ok().filter(|id| *id < num_ids);
    assert!(ids.iter().all(|id| index(*id).is_some()), "an id is not below {num_ids}");
    rows::for_each_block(out, width, |first, block| {
        block.fill(T::narrow(0.0));
        let end = first + block.len() / width;
        for (row, id) in ids.iter().enumerate() {
            let id = *id as usize;
            if (first..end).contains(&id) && Some(id) != left_out {
                let sum = &mut block[(id - first) * width..][..width];
                vectorize(cpu::isa(), AddRow { sum, row: &x[row * width..][..width] });
            }
        }
    });
}

struct AddRow<'a, T> {
    sum: &'a mut [T],
    row: &'a [T],
}

impl<T: Element> Kernel for AddRow<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<const FUSED: bool>(self) {
        self.sum.iter_mut().zip(self.row).for_each(|(sum, x)| *sum = T::narrow(sum.widen() + x.widen()));
    }
}

impl<T: Element> Embedding<'_, T> {
    /// Computes the sum with the processor's best instruction set on all threads.
    ///
    /// **Shapes:** `out: [tokens, width]`. **Panics** if a slice's length does not fit, or if an id is outside its
    /// table.
    pub fn run(&self, out: &mut [T]) {
        self.run_with(cpu::isa(), out);
    }

    /// Computes the sum with the given instruction set.
    ///
    /// **Panics** as [`Embedding::run`], or if the processor lacks the instruction set.
    pub fn run_with(&self, isa: Isa, out: &mut [T]) {
        assert!(isa.is_available(), "this processor has no {}", isa.name());
        self.check(out);
        rows::for_each_block(out, self.width, |first, out| vectorize(isa, Block { source: self, first, out }));
    }

    fn check(&self, out: &[T]) {
        let width = self.width;
        assert!(out.len().is_multiple_of(width), "out is not [tokens, width]");
        let tokens = out.len().checked_div(width).unwrap_or(0);
        for (index, (table, ids)) in self.tables.iter().enumerate() {
            assert!(table.len().is_multiple_of(width), "table {index} is not [num, width]");
            assert_eq!(ids.len(), tokens, "table {index} does not have one id per token");
            let num = table.len().checked_div(width).unwrap_or(0);
            if let Some(token) = ids.iter().position(|id| !usize::try_from(*id).is_ok_and(|id| id < num)) {
                panic!("table {index} has {num} rows, but token {token} has id {}", ids[token]);
            }
        }
    }
}

impl<T: Element> Source for Embedding<'_, T> {
    #[inline(always)]
    fn load(&self, row: usize, out: &mut [f32]) {
        out.fill(0.0);
        for (table, ids) in self.tables {
            let start = ids[row] as usize * self.width;
            for (out, value) in out.iter_mut().zip(&table[start..start + self.width]) {
                *out += value.widen();
            }
        }
    }
}

impl<T: Element> EmbeddingNorm<'_, T> {
    /// Computes the sum and its norm with the processor's best instruction set on all threads.
    ///
    /// **Shapes:** `out: [tokens, width]`. **Panics** if a slice's length does not fit, or if an id is outside its
    /// table.
    pub fn run(&self, out: &mut [T]) {
        self.run_with(cpu::isa(), out);
    }

    /// Computes the sum and its norm with the given instruction set.
    ///
    /// **Panics** as [`EmbeddingNorm::run`], or if the processor lacks the instruction set.
    pub fn run_with(&self, isa: Isa, out: &mut [T]) {
        let Self { tables, weight, bias, eps, width } = *self;
        let source = Embedding { tables, width };
        source.check(out);
        assert_eq!(weight.len(), width, "weight is not [width]");
        assert!(bias.is_none_or(|bias| bias.len() == width), "bias is not [width]");
        norm::run(isa, &source, Norm::Layer { weight, bias, eps }, width, out);
    }
}

struct Block<'a, T> {
    source: &'a Embedding<'a, T>,
    first: usize,
    out: &'a mut [T],
}

impl<T: Element> Kernel for Block<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<const FUSED: bool>(self) {
        let width = self.source.width;
        let mut scratch = rows::scratch(width);
        let row = scratch.as_mut_slice::<f32>();
        for (index, out) in self.out.chunks_exact_mut(width).enumerate() {
            self.source.load(self.first + index, row);
            out.iter_mut().zip(&*row).for_each(|(out, value)| *out = T::narrow(*value));
        }
    }
}

#[cfg(test)]
mod tests {
    use half::bf16;

    use super::*;
    use crate::norm::LayerNorm;
    use crate::testing::{elements, row_shapes, values};

    fn ids(tokens: usize, num: usize, seed: u64) -> Vec<i64> {
        let pick = |value: f32| ((value + 1.0) * 0.5 * num as f32) as i64;
        values(tokens, seed).into_iter().map(pick).collect()
    }

    #[test]
    fn rows_of_an_id_are_added_up() {
        for (tokens, width) in row_shapes() {
            let (num, x) = (70, elements::<f32>(tokens * width, 1));
            let ids = ids(tokens, num, 3);
            let mut expected = vec![0.0; num * width];
            for (row, id) in x.chunks_exact(width).zip(&ids).filter(|(_, id)| **id != 7) {
                let sum = &mut expected[*id as usize * width..][..width];
                sum.iter_mut().zip(row).for_each(|(sum, x)| *sum += x);
            }
            let mut found = vec![1.0; num * width];
            add_rows(&x, &ids, width, Some(7), &mut found);
            assert_eq!(found, expected, "{tokens} x {width}");
            let narrow = |values: &[f32]| -> Vec<bf16> { values.iter().map(|x| bf16::narrow(*x)).collect() };
            let mut found = narrow(&found);
            add_rows(&narrow(&x[..tokens.min(1) * width]), &ids[..tokens.min(1)], width, None, &mut found);
            assert_eq!(found.iter().filter(|x| x.widen() != 0.0).count() > 0, tokens > 0, "{tokens} x {width}");
        }
    }

    #[test]
    #[should_panic(expected = "an id is not below 2")]
    fn rows_of_absent_ids_are_rejected() {
        add_rows(&[1.0f32; 4], &[0, 2], 2, None, &mut [0.0; 4]);
    }

    fn rows_are_gathered_summed_and_normalized<T: Element + PartialEq>() {
        for (tokens, width) in row_shapes() {
            // One element of padding in front varies the alignment.
            let (words, types) = (elements::<T>(1 + 50 * width, 1), elements::<T>(1 + 2 * width, 2));
            let (word_ids, type_ids) = (ids(tokens, 50, 3), ids(tokens, 2, 4));
            let tables = [(&words[1..], &word_ids[..]), (&types[1..], &type_ids[..])];
            let (weight, bias) = (elements::<T>(width, 5), elements::<T>(width, 6));
            let gathered = |index: usize| -> Vec<T> {
                let (table, ids) = tables[index];
                ids.iter().flat_map(|id| &table[*id as usize * width..][..width]).copied().collect()
            };
            let (x, residual) = (gathered(0), gathered(1));
            let sums: Vec<T> = x.iter().zip(&residual).map(|(a, b)| T::narrow(a.widen() + b.widen())).collect();
            let norm =
                LayerNorm { x: &x, residual: Some(&residual), weight: &weight, bias: Some(&bias), eps: 1e-5, width };
            for isa in Isa::testable() {
                let mut found = vec![T::narrow(f32::NAN); tokens * width];
                Embedding { tables: &tables[..1], width }.run_with(isa, &mut found);
                assert!(found == x, "{isa:?} {tokens}x{width}: one table");
                Embedding { tables: &tables, width }.run_with(isa, &mut found);
                assert!(found == sums, "{isa:?} {tokens}x{width}: two tables");

                let mut expected = found.clone();
                norm.run_with(isa, &mut expected);
                let (weight, bias) = (&weight[..], Some(&bias[..]));
                EmbeddingNorm { tables: &tables, weight, bias, eps: 1e-5, width }.run_with(isa, &mut found);
                assert!(found == expected, "{isa:?} {tokens}x{width}: norm");
            }
        }
    }

    #[test]
    fn rows_are_gathered_summed_and_normalized_in_f32() {
        rows_are_gathered_summed_and_normalized::<f32>();
    }

    #[test]
    fn rows_are_gathered_summed_and_normalized_in_bf16() {
        rows_are_gathered_summed_and_normalized::<bf16>();
    }

    #[test]
    fn nan_stays_with_its_token() {
        let table = [f32::NAN, 1.0, 2.0, 3.0];
        let tables = [(&table[..], &[1, 0, 1][..])];
        for isa in Isa::testable() {
            let mut out = [0.0; 6];
            EmbeddingNorm { tables: &tables, weight: &[1.0; 2], bias: None, eps: 1e-5, width: 2 }
                .run_with(isa, &mut out);
            assert_eq!(out.map(f32::is_nan), [false, false, true, true, false, false], "{isa:?}");
        }
    }

    #[test]
    #[should_panic(expected = "table 1 has 2 rows, but token 2 has id 2")]
    fn rejects_an_id_beyond_its_table() {
        let tables = [(&[0.0; 6][..], &[0, 1, 2][..]), (&[0.0; 4][..], &[0, 1, 2][..])];
        Embedding { tables: &tables, width: 2 }.run(&mut [0.0; 6]);
    }

    #[test]
    #[should_panic(expected = "table 0 has 3 rows, but token 1 has id -1")]
    fn rejects_a_negative_id() {
        let tables = [(&[0.0; 6][..], &[0, -1][..])];
        EmbeddingNorm { tables: &tables, weight: &[1.0; 2], bias: None, eps: 0.0, width: 2 }.run(&mut [0.0; 4]);
    }

    #[test]
    #[should_panic(expected = "table 0 does not have one id per token")]
    fn rejects_too_few_ids() {
        Embedding { tables: &[(&[0.0; 6][..], &[0, 1][..])], width: 2 }.run(&mut [0.0; 6]);
    }
}
