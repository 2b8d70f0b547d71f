use std::sync::Arc;

use burn::module::{Param, ParamId};
use burn::tensor::{DType, Tensor, TensorData};
use trustformers_ops::EngineBackend;

use crate::{Adapters, Embedding};

/// Frequencies of sinusoidal position embeddings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Frequencies {
    /// `10000 ** (-i / half)`, arXiv 1706.03762 section 3.5.
    Paper,
    /// `10000 ** (-i / (half - 1))`, as tensor2tensor and fairseq compute them.
    Inclusive,
}

/// Configuration of sinusoidal position embeddings: sines, then cosines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SinusoidsConfig {
    /// Number of positions that are computed in advance.
    pub num_positions: usize,
    /// The frequencies.
    pub frequencies: Frequencies,
    /// Whether checkpoints may hold a table of these positions; otherwise further positions are computed.
    pub is_stored: bool,
    /// Position whose embedding is zero, if there is one.
    pub zero_position: Option<usize>,
}

impl SinusoidsConfig {
    /// A table with these values until another is loaded.
    pub(crate) fn embedding<B: EngineBackend>(self, width: usize, device: &B::Device) -> Embedding<B> {
        let count = self.num_positions;
        let init = move |device: &B::Device, require_grad: bool| {
            let values: Vec<f32> = (0..count).flat_map(|position| embedding(&self, width, position)).collect();
            Tensor::from_data(TensorData::new(values, [count, width]), device).set_require_grad(require_grad)
        };
        let weight = Param::uninitialized(ParamId::new(), init, device.clone(), false, [count, width].into());
        Embedding { weight, adapters: Adapters::default(), padding: None }
    }
}

/// Sinusoidal position embeddings of any position, which no checkpoint holds.
#[derive(Clone, Debug)]
pub(crate) struct SinusoidalPositions {
    config: SinusoidsConfig,
    width: usize,
    table: Arc<[f32]>,
}

impl SinusoidalPositions {
    /// Position embeddings of this width.
    pub(crate) fn new(config: SinusoidsConfig, width: usize) -> Self {
        let table = (0..config.num_positions).flat_map(|position| embedding(&config, width, position)).collect();
        Self { config, width, table }
    }

    /// Embeddings of positions. **Shapes:** `ids: [rows]`; returns `[rows, width]`.
    pub(crate) fn rows<B: EngineBackend>(&self, ids: &[i64], device: &B::Device, dtype: DType) -> Tensor<B, 2> {
        let mut rows = Vec::with_capacity(ids.len() * self.width);
        for id in ids {
            let position = usize::try_from(*id).unwrap_or(0);
            match self.table.get(position * self.width..(position + 1) * self.width) {
                Some(row) => rows.extend_from_slice(row),
                None => rows.extend(embedding(&self.config, self.width, position)),
            }
        }
        let rows: Tensor<B, 2> = Tensor::from_data(TensorData::new(rows, [ids.len(), self.width]), device);
        rows.cast(dtype)
    }
}

fn embedding(config: &SinusoidsConfig, width: usize, position: usize) -> Vec<f32> {
    if config.zero_position == Some(position) {
        return vec![0.0; width];
    }
    let half = width / 2;
    match config.frequencies {
        Frequencies::Paper => {
            let angle = |index: usize| position as f64 / 10_000f64.powf(2.0 * index as f64 / width as f64);
            let sines = (0..width - half).map(|index| angle(index).sin() as f32);
            sines.chain((0..half).map(|index| angle(index).cos() as f32)).collect()
        }
        Frequencies::Inclusive => {
            // In f32 like the reference: far positions show its rounding.
            let step = (10_000f64.ln() / (half as f64 - 1.0)) as f32;
            let angle = |index: usize| position as f32 * (index as f32 * -step).exp();
            let sines = (0..half).map(|index| angle(index).sin());
            let cosines = sines.chain((0..half).map(|index| angle(index).cos()));
            cosines.chain((2 * half..width).map(|_| 0.0)).collect()
        }
    }
}

#[cfg(test)]
mod tests {
    use trustformers_ops::Flex;

    use super::*;

    #[test]
    fn sines_come_before_cosines_and_positions_beyond_the_table_are_computed() {
        for (frequencies, slowest) in [(Frequencies::Paper, 0.01f32), (Frequencies::Inclusive, 1e-4)] {
            let config = SinusoidsConfig { num_positions: 2, frequencies, is_stored: false, zero_position: Some(1) };
            let found = SinusoidalPositions::new(config, 4).rows::<Flex>(&[0, 1, 3], &Default::default(), DType::F32);
            let expected = [
                0.0,
                0.0,
                1.0,
                1.0,
                0.0,
                0.0,
                0.0,
                0.0,
                3f32.sin(),
                (3.0 * slowest).sin(),
                3f32.cos(),
                (3.0 * slowest).cos(),
            ];
            let found = found.into_data().to_vec::<f32>().unwrap();
            assert!(found.iter().zip(&expected).all(|(a, b)| (a - b).abs() < 1e-6), "{found:?} {expected:?}");
        }
    }
}
