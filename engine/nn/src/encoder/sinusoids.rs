use burn::module::{Module, Param, ParamId};
use burn::tensor::backend::Backend;
use burn::tensor::{DType, Tensor, TensorData};
use trustformers_ops::{EngineBackend, RotaryLayout, Rotation, int_vector};

use crate::{Adapters, Embedding, RowPositions};

/// Interleaved rotary positions with a stored table of sines, then cosines, arXiv 2104.09864 section 3.4.2.
#[derive(Module, Debug)]
pub(crate) struct Sinusoids<B: Backend> {
    embed_positions: Embedding<B>,
}

impl<B: EngineBackend> Sinusoids<B> {
    /// A table of rotary angles with base 10000, until another is loaded.
    ///
    /// **Panics** if `head_dim` is odd.
    pub(crate) fn new(num_positions: usize, head_dim: usize, device: &B::Device) -> Self {
        assert!(head_dim.is_multiple_of(2), "head_dim is {head_dim}, expected an even number");
        let init = move |device: &B::Device, require_grad: bool| {
            let data = TensorData::new(table(num_positions, head_dim), [num_positions, head_dim]);
            Tensor::from_data(data, device).set_require_grad(require_grad)
        };
        let shape = [num_positions, head_dim].into();
        let weight = Param::uninitialized(ParamId::new(), init, device.clone(), false, shape);
        Self { embed_positions: Embedding { weight, adapters: Adapters::default(), padding: None } }
    }

    /// Cosines and sines of every row.
    pub(crate) fn rotation(&self, rows: &RowPositions, device: &B::Device) -> Rotation<B> {
        let table = self.embed_positions.weight.val();
        let half = table.dims()[1] / 2;
        let found = table.select(0, int_vector(rows.position_ids.clone(), device)).cast(DType::F32);
        Rotation {
            sin: found.clone().narrow(1, 0, half),
            cos: found.narrow(1, half, half),
            layout: RotaryLayout::Interleaved,
        }
    }
}

fn table(num_positions: usize, head_dim: usize) -> Vec<f32> {
    let half = head_dim / 2;
    let angle = |position: usize, at: usize| position as f64 / 10_000f64.powf((2 * at) as f64 / head_dim as f64);
    let row = |position: usize| {
        let sines = (0..half).map(move |at| angle(position, at).sin() as f32);
        sines.chain((0..half).map(move |at| angle(position, at).cos() as f32))
    };
    (0..num_positions).flat_map(row).collect()
}

#[cfg(test)]
mod tests {
    use super::table;

    #[test]
    fn table_rows_hold_sines_then_cosines_of_falling_frequencies() {
        let (sines, cosines) = ([2f32.sin(), 0.02f32.sin()], [2f32.cos(), 0.02f32.cos()]);
        let found = &table(3, 4)[8..];
        let expected = [sines, cosines].concat();
        assert!(found.iter().zip(&expected).all(|(a, b)| (a - b).abs() < 1e-6), "{found:?} {expected:?}");
    }
}
