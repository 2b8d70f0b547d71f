use std::collections::HashMap;

use burn::module::{Module, Param, ParamId};
use burn::tensor::backend::Backend;
use burn::tensor::{Distribution, Int, Tensor};
use trustformers_ops::{Activation, EngineBackend, dropout, int_vector};

use crate::layers::weight::constant;
use crate::{LayerNorm, RowPositions};

/// Sizes of a [`TokenConvolution`].
#[derive(Clone, Copy, Debug)]
pub struct TokenConvolutionConfig {
    /// Width of the hidden states.
    pub hidden_size: usize,
    /// Kernel size in tokens, an odd number.
    pub kernel_size: usize,
    /// Activation of the convolution's output.
    pub activation: Activation,
    /// Epsilon of the layer norm.
    pub layer_norm_eps: f64,
}

/// A convolution over the tokens of each sequence, added to a layer's output and normalized; masked tokens count as
/// zero.
#[derive(Module, Debug)]
pub(crate) struct TokenConvolution<B: Backend> {
    conv: Kernel<B>,
    layer_norm: LayerNorm<B>,
    #[module(skip)]
    activation: Activation,
}

#[derive(Module, Debug)]
struct Kernel<B: Backend> {
    /// Kernel. **Shapes:** `[hidden, hidden, kernel_size]`, output features first.
    weight: Param<Tensor<B, 3>>,
    bias: Param<Tensor<B, 1>>,
}

impl<B: EngineBackend> TokenConvolution<B> {
    /// A layer with random weights until it is loaded.
    pub(crate) fn new(config: &TokenConvolutionConfig, device: &B::Device) -> Self {
        let TokenConvolutionConfig { hidden_size, kernel_size, activation, layer_norm_eps } = *config;
        let shape = [hidden_size, hidden_size, kernel_size];
        let init = move |device: &B::Device, require_grad: bool| {
            Tensor::random(shape, Distribution::Normal(0.0, 0.02), device).set_require_grad(require_grad)
        };
        let weight = Param::uninitialized(ParamId::new(), init, device.clone(), true, shape.into());
        Self {
            conv: Kernel { weight, bias: constant(hidden_size, 0.0, device) },
            layer_norm: LayerNorm::new(hidden_size, layer_norm_eps, device),
            activation,
        }
    }

    /// The input rows of each row's convolution; the number of rows marks a missing or masked token.
    ///
    /// **Shapes:** returns `[rows * kernel_size]`.
    pub(crate) fn neighbors(&self, rows: &RowPositions, device: &B::Device) -> Tensor<B, 1, Int> {
        let kernel_size = self.conv.weight.dims()[2] as i64;
        let nothing = rows.columns.len() as i64;
        let mut neighbors = Vec::with_capacity(rows.columns.len() * kernel_size as usize);
        for (start, segment) in rows.segments.starts() {
            let seen = rows.columns[start..start + segment.keys].iter().enumerate();
            let row_of: HashMap<i64, i64> = seen.map(|(at, column)| (*column, (start + at) as i64)).collect();
            for column in &rows.columns[start..start + segment.rows] {
                let around = (0..kernel_size).map(|at| column + at - (kernel_size - 1) / 2);
                neighbors.extend(around.map(|column| row_of.get(&column).copied().unwrap_or(nothing)));
            }
        }
        int_vector(neighbors, device)
    }

    /// `output` plus the convolution of `x`, normalized. **Shapes:** `x, output: [rows, hidden]`; returns the same.
    pub(crate) fn forward(&self, x: Tensor<B, 2>, output: Tensor<B, 2>, neighbors: Tensor<B, 1, Int>) -> Tensor<B, 2> {
        let [rows, hidden] = x.dims();
        let [_, _, kernel_size] = self.conv.weight.dims();
        let nothing = Tensor::zeros([1, hidden], (&x.device(), x.dtype()));
        let around = Tensor::cat(vec![x, nothing], 0).select(0, neighbors).reshape([rows, kernel_size * hidden]);
        let weight = self.conv.weight.val().permute([2, 1, 0]).reshape([kernel_size * hidden, hidden]);
        let sums = around.matmul(weight) + self.conv.bias.val().unsqueeze();
        let sums = dropout(sums, |rates| rates.convolution);
        self.layer_norm.forward(output + self.activation.forward(sums))
    }
}

#[cfg(test)]
mod tests {
    use burn::tensor::{TensorData, Tolerance};
    use trustformers_ops::{Flex, Segment, Segments};

    use super::*;

    #[test]
    fn masked_positions_count_as_zero_and_sequences_do_not_mix() {
        const HIDDEN: usize = 3;
        let device = Default::default();
        let config = TokenConvolutionConfig {
            hidden_size: HIDDEN,
            kernel_size: 3,
            activation: Activation::Relu,
            layer_norm_eps: 1e-5,
        };
        let layer = TokenConvolution::<Flex>::new(&config, &device);
        // The second sequence lacks its column 1, and its hidden column 3 is computed.
        let rows = RowPositions {
            segments: Segments(vec![Segment { rows: 2, keys: 2 }, Segment { rows: 3, keys: 2 }]),
            columns: vec![0, 1, 0, 2, 3],
            position_ids: vec![0; 5],
        };
        let neighbors = layer.neighbors(&rows, &device);
        let expected = [[5i64, 0, 1], [0, 1, 5], [5, 2, 5], [5, 3, 5], [3, 5, 5]];
        neighbors.clone().into_data().assert_eq(&TensorData::new(expected.concat(), [15]), false);

        let x = Tensor::<Flex, 2>::random([5, HIDDEN], Distribution::Normal(0.0, 1.0), &device);
        let residual = Tensor::<Flex, 2>::random([5, HIDDEN], Distribution::Normal(0.0, 1.0), &device);
        let values = |tensor: Tensor<Flex, 1>| tensor.into_data().into_vec::<f32>().unwrap_or_default();
        let (weight, inputs) = (values(layer.conv.weight.val().reshape([27])), values(x.clone().reshape([15])));
        let mut sums = values(residual.clone().reshape([15]));
        for (row, around) in expected.iter().enumerate() {
            for out in 0..HIDDEN {
                let products = around.iter().enumerate().filter(|(_, from)| **from < 5).flat_map(|(at, from)| {
                    let (weight, inputs) = (&weight, &inputs);
                    (0..HIDDEN).map(move |i| weight[(out * HIDDEN + i) * 3 + at] * inputs[*from as usize * HIDDEN + i])
                });
                sums[row * HIDDEN + out] += products.sum::<f32>().max(0.0);
            }
        }
        let expected = Tensor::<Flex, 2>::from_data(TensorData::new(sums, [5, HIDDEN]), &device);
        let expected = layer.layer_norm.forward(expected);
        let found = layer.forward(x, residual, neighbors);
        found.into_data().assert_approx_eq::<f32>(&expected.into_data(), Tolerance::absolute(1e-5));
    }
}
