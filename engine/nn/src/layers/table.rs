use burn::module::{Module, Param};
use burn::tensor::backend::Backend;
use burn::tensor::{Int, Tensor};
use trustformers_ops::{EngineBackend, LowRank, int_vector};

use crate::Adapters;
use crate::layers::weight::normal;

/// An embedding table, indexed by id.
#[derive(Module, Debug)]
pub struct Embedding<B: Backend> {
    /// Embedding table. **Shapes:** `[num_embeddings, hidden]`.
    pub weight: Param<Tensor<B, 2>>,
    pub(crate) adapters: Adapters<B>,
}

impl<B: EngineBackend> Embedding<B> {
    /// A table with random values until it is loaded.
    pub fn new(num_embeddings: usize, hidden_size: usize, device: &B::Device) -> Self {
        Self { weight: normal([num_embeddings, hidden_size], 0.02, device), adapters: Adapters::default() }
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
        let base = self.weight.val().select(0, ids.clone());
        self.adapters.updates.iter().fold(base.clone(), |out, low_rank| {
            let LowRank { a, b, scale, gain, .. } = low_rank;
            let [a, b] = [a, b].map(|factor| factor.clone().cast(base.dtype()).transpose());
            let update = a.select(0, ids.clone()).matmul(b) * *scale;
            let Some(gain) = gain else { return out + update };
            let gain = gain.clone().cast(base.dtype()).unsqueeze::<2>();
            out + base.clone() * (gain.clone() - 1.0) + update * gain
        })
    }

    /// A table and rows of it that hold the embeddings of ids.
    pub(crate) fn lookup(&self, ids: Tensor<B, 1, Int>) -> (Tensor<B, 2>, Tensor<B, 1, Int>) {
        match self.adapters.updates.is_empty() {
            true => (self.weight.val(), ids),
            false => in_order(self.rows(ids)),
        }
    }
}

/// A table with the ids of all its rows in order.
pub(crate) fn in_order<B: EngineBackend>(table: Tensor<B, 2>) -> (Tensor<B, 2>, Tensor<B, 1, Int>) {
    let rows = table.dims()[0] as i64;
    let ids = int_vector((0..rows).collect(), &table.device());
    (table, ids)
}
