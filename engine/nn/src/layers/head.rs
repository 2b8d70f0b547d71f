use burn::module::{Module, Param};
use burn::tensor::Tensor;
use burn::tensor::backend::Backend;
use trustformers_ops::{Activation, EngineBackend, Epilogue, dropout};

use crate::{LayerMut, LayerNorm, Linear, Weight};

/// Linear layer, activation and optional normalization before the output layer of a [`Head`].
#[derive(Clone, Copy, Debug)]
pub struct TransformConfig {
    /// Width of the transform's output.
    pub size: usize,
    /// Whether the linear layer has a bias.
    pub has_bias: bool,
    /// Activation after the linear layer.
    pub activation: Activation,
    /// Epsilon of the layer norm that follows; `None` if there is none.
    pub layer_norm_eps: Option<f64>,
    /// Whether the layer norm has a bias.
    pub has_norm_bias: bool,
}

/// Sizes of a [`Head`].
#[derive(Clone, Copy, Debug)]
pub struct HeadConfig {
    /// Width of the hidden states.
    pub hidden_size: usize,
    /// Transform before the output layer; `None` if there is none.
    pub transform: Option<TransformConfig>,
    /// Number of logits per row.
    pub num_outputs: usize,
    /// Whether the output layer has a bias.
    pub has_bias: bool,
    /// Number of leading features that the output layer's weight covers, if a second weight covers the rest; `None` if
    /// one weight covers all.
    pub output_width: Option<usize>,
    /// Whether the weights may be quantized on loading.
    pub is_quantizable: bool,
}

/// A head that maps hidden states to logits.
#[derive(Module, Debug)]
pub struct Head<B: Backend> {
    transform: Option<Transform<B>>,
    output: Linear<B>,
    rest: Option<Linear<B>>,
    output_width: usize,
    is_quantizable: bool,
}

#[derive(Module, Debug)]
struct Transform<B: Backend> {
    dense: Linear<B>,
    layer_norm: Option<LayerNorm<B>>,
    #[module(skip)]
    activation: Activation,
}

impl<B: EngineBackend> Head<B> {
    /// A head with random weights until it is loaded.
    pub fn new(config: &HeadConfig, device: &B::Device) -> Self {
        let transform = config.transform.map(|transform| Transform {
            dense: Linear::new(config.hidden_size, transform.size, device).with_bias(transform.has_bias),
            layer_norm: transform
                .layer_norm_eps
                .map(|eps| LayerNorm::new(transform.size, eps, device).with_bias(transform.has_norm_bias)),
            activation: transform.activation,
        });
        let width = config.transform.map_or(config.hidden_size, |transform| transform.size);
        let output_width = config.output_width.unwrap_or(width);
        let rest = width - output_width;
        Self {
            transform,
            output: Linear::new(output_width, config.num_outputs, device).with_bias(config.has_bias),
            rest: (rest > 0).then(|| Linear::new(rest, config.num_outputs, device).with_bias(false)),
            output_width,
            is_quantizable: config.is_quantizable,
        }
    }

    /// Logits of hidden states. **Shapes:** `x: [rows, hidden]`; returns `[rows, num_outputs]`.
    pub fn forward(&self, x: Tensor<B, 2>) -> Tensor<B, 2> {
        let x = dropout(x, |rates| rates.head_input);
        let x = match &self.transform {
            None => x,
            Some(Transform { dense, layer_norm, activation }) => {
                let x = dense.forward_with(x, Epilogue { activation: Some(*activation), residual: None });
                let x = match layer_norm {
                    Some(norm) => norm.forward(x),
                    None => x,
                };
                dropout(x, |rates| rates.head_transform)
            }
        };
        let Some(rest) = &self.rest else { return self.output.forward(x) };
        let ([_, width], first) = (x.dims(), self.output_width);
        let products = rest.forward(x.clone().narrow(1, first, width - first));
        let epilogue = Epilogue { activation: None, residual: Some(products) };
        self.output.forward_with(x.narrow(1, 0, first), epilogue)
    }

    /// Ties the weight of the output layer to an embedding table, arXiv 1608.05859; on another device it is a copy.
    pub(crate) fn tie(&mut self, table: &Param<Tensor<B, 2>>, device: &B::Device) {
        let table = table.clone();
        let is_there = table.lazy_device() == *device;
        self.output.weight = Weight::Dense(if is_there { table } else { table.to_device(device) });
    }

    /// Visits the linear layers.
    pub(crate) fn each_layer(&mut self, visit: &mut dyn FnMut(LayerMut<'_, B>)) {
        let transform = self.transform.iter_mut().map(|transform| &mut transform.dense);
        let all = transform.chain([&mut self.output]).chain(&mut self.rest);
        all.for_each(|linear| match self.is_quantizable {
            true => visit(LayerMut::Linear(linear)),
            false => visit(LayerMut::FloatLinear(linear)),
        });
    }
}
