use burn::module::Module;
use burn::tensor::Tensor;
use burn::tensor::backend::Backend;
use trustformers_ops::{EngineBackend, Segments};

use crate::LayerMut;
use crate::encoder::bottleneck::{BottleneckConfig, BottleneckLayer};
use crate::encoder::grouped_layer::{GroupedLayer, GroupedLayerConfig};
use crate::stack::layer::{Layer, LayerConfig};
use crate::stack::pass::{Keys, Pass};

/// Configuration of one entry of an encoder's stack.
#[allow(clippy::large_enum_variant, reason = "a stack has few entries, and a box would not make them smaller")]
#[derive(Clone, Debug)]
pub enum EncoderLayerConfig {
    /// An attention and a feed-forward block.
    Standard(LayerConfig),
    /// Layers that run one after another and share their weights with other runs as a group, arXiv 1909.11942.
    Group(Vec<LayerConfig>),
    /// A layer of grouped linear layers.
    Grouped(GroupedLayerConfig),
    /// A layer that is narrower inside.
    Bottleneck(BottleneckConfig),
}

impl From<LayerConfig> for EncoderLayerConfig {
    fn from(config: LayerConfig) -> Self {
        Self::Standard(config)
    }
}

impl EncoderLayerConfig {
    /// Configurations of the standard layers that this entry holds.
    pub(crate) fn standard(&self) -> &[LayerConfig] {
        match self {
            Self::Standard(layer) => std::slice::from_ref(layer),
            Self::Group(layers) => layers,
            Self::Grouped(_) | Self::Bottleneck(_) => &[],
        }
    }
}

/// One entry of an encoder's stack.
#[allow(clippy::large_enum_variant, reason = "a stack has few entries, and a box would not make them smaller")]
#[derive(Module, Debug)]
pub(crate) enum EncoderLayer<B: Backend> {
    Standard(Layer<B>),
    Group(LayerGroup<B>),
    Grouped(GroupedLayer<B>),
    Bottleneck(BottleneckLayer<B>),
}

/// Layers that run one after another as one entry of the stack.
#[derive(Module, Debug)]
pub(crate) struct LayerGroup<B: Backend> {
    layer: Vec<Layer<B>>,
}

impl<B: EngineBackend> EncoderLayer<B> {
    /// A layer with random weights until it is loaded.
    pub(crate) fn new(config: &EncoderLayerConfig, hidden_size: usize, device: &B::Device) -> Self {
        let layer = |config: &LayerConfig| Layer::new(config, hidden_size, device);
        match config {
            EncoderLayerConfig::Standard(config) => Self::Standard(layer(config)),
            EncoderLayerConfig::Group(configs) => {
                Self::Group(LayerGroup { layer: configs.iter().map(layer).collect() })
            }
            EncoderLayerConfig::Grouped(config) => Self::Grouped(GroupedLayer::new(config, device)),
            EncoderLayerConfig::Bottleneck(config) => Self::Bottleneck(BottleneckLayer::new(config, device)),
        }
    }

    /// Runs the layer; a group records the inputs of its layers after the first.
    ///
    /// **Shapes:** `x: [rows, hidden]`; returns the same.
    pub(crate) fn forward(&self, x: Tensor<B, 2>, pass: &Pass<B>, segments: &Segments) -> Tensor<B, 2> {
        match self {
            Self::Standard(layer) => layer.forward(x, pass, Keys::OfRows(segments), None),
            Self::Group(group) => {
                let mut layers = group.layer.iter();
                let run = |layer: &Layer<B>, x| layer.forward(x, pass, Keys::OfRows(segments), None);
                let first = layers.next().map_or(x.clone(), |layer| run(layer, x));
                layers.fold(first, |x, layer| {
                    pass.keep(&x);
                    run(layer, x)
                })
            }
            Self::Grouped(layer) => layer.forward(x, pass, segments),
            Self::Bottleneck(layer) => layer.forward(x, pass, segments),
        }
    }

    pub(crate) fn each_layer(&mut self, visit: &mut dyn FnMut(LayerMut<'_, B>)) {
        match self {
            Self::Standard(layer) => layer.each_layer(visit),
            Self::Group(group) => group.layer.iter_mut().for_each(|layer| layer.each_layer(visit)),
            Self::Grouped(layer) => layer.each_layer(visit),
            Self::Bottleneck(layer) => layer.each_layer(visit),
        }
    }
}
