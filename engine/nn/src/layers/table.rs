use burn::module::{Module, Param};
use burn::tensor::backend::Backend;
use burn::tensor::{Int, Tensor};
use trustformers_ops::{EngineBackend, Lookup, LowRank, embedding, int_vector};

use crate::Adapters;
use crate::layers::weight::normal;

/// An embedding table, indexed by id.
#[derive(Module, Debug)]
pub struct Embedding<B: Backend> {
    /// Embedding table. **Shapes:** `[num_embeddings, hidden]`.
    pub weight: Param<Tensor<B, 2>>,
    pub(crate) adapters: Adapters<B>,
    /// The row that gets no gradient of lookups.
    pub(crate) padding: Option<usize>,
}

impl<B: EngineBackend> Embedding<B> {
    /// A table with random values until it is loaded.
    pub fn new(num_embeddings: usize, hidden_size: usize, device: &B::Device) -> Self {
        let weight = normal([num_embeddings, hidden_size], 0.02, device);
        Self { weight, adapters: Adapters::default(), padding: None }
    }

    /// Lets the row of the padding token get no gradient; a row that the table does not have is none.
    pub fn with_padding(mut self, row: Option<usize>) -> Self {
        let num_embeddings = self.weight.lazy_shape()[0];
        self.padding = row.filter(|row| *row < num_embeddings);
        self
    }

    /// The whole table. **Shapes:** returns `[num_embeddings, hidden]`.
    pub(crate) fn table(&self) -> Tensor<B, 2> {
        let table = self.weight.val();
        if self.adapters.updates.is_empty() {
            return table;
        }
        let rows = (0..table.dims()[0] as i64).collect();
        self.rows(int_vector(rows, &table.device()))
    }

    /// Embeddings of ids. **Shapes:** `ids: [rows]`; returns `[rows, hidden]`.
    pub(crate) fn rows(&self, ids: Tensor<B, 1, Int>) -> Tensor<B, 2> {
        let base = embedding(self.lookup_in(self.weight.val(), ids.clone()));
        self.adapters.updates.iter().fold(base.clone(), |out, low_rank| {
            let LowRank { a, b, scale, gain, .. } = low_rank;
            let [a, b] = [a, b].map(|factor| factor.clone().cast(base.dtype()).transpose());
            let update = embedding(self.lookup_in(a, ids.clone())).matmul(b) * *scale;
            let Some(gain) = gain else { return out + update };
            let gain = gain.clone().cast(base.dtype()).unsqueeze::<2>();
            out + base.clone() * (gain.clone() - 1.0) + update * gain
        })
    }

    /// A lookup of the embeddings of ids.
    pub(crate) fn lookup(&self, ids: Tensor<B, 1, Int>) -> Lookup<B> {
        match self.adapters.updates.is_empty() {
            true => self.lookup_in(self.weight.val(), ids),
            false => in_order(self.rows(ids)),
        }
    }

    fn lookup_in(&self, table: Tensor<B, 2>, ids: Tensor<B, 1, Int>) -> Lookup<B> {
        Lookup { table, ids, padding: self.padding }
    }
}

/// A lookup of all rows of a table in order.
pub(crate) fn in_order<B: EngineBackend>(table: Tensor<B, 2>) -> Lookup<B> {
    let rows = table.dims()[0] as i64;
    let ids = int_vector((0..rows).collect(), &table.device());
    Lookup { table, ids, padding: None }
}
