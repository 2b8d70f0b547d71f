use burn::module::ParamId;
use burn::tensor::Tensor;
use burn::tensor::backend::Backend;
use trustformers_ops::EngineBackend;

use crate::layers::grouped_linear::GroupedLinear;
use crate::{Adapters, Embedding, Linear, Preparation};

/// An embedding table or a linear layer of a model.
#[derive(Debug)]
pub enum LayerMut<'a, B: Backend> {
    /// A linear layer.
    Linear(&'a mut Linear<B>),
    /// A linear layer that is never quantized.
    FloatLinear(&'a mut Linear<B>),
    /// A linear layer with its own weight for each group of features.
    Grouped(&'a mut GroupedLinear<B>),
    /// An embedding table.
    Embedding(&'a mut Embedding<B>),
}

impl<B: EngineBackend> LayerMut<'_, B> {
    /// Brings a linear weight into the layout of the backend's kernels, if it has one for this precision.
    pub(crate) fn prepare(self, plan: &Preparation<'_>) {
        match self {
            Self::Linear(linear) => linear.weight.prepare(plan),
            Self::FloatLinear(linear) => linear.weight.prepare(&plan.in_floats()),
            Self::Grouped(linear) => linear.prepare(plan),
            Self::Embedding(_) => {}
        }
    }

    /// Makes a packed weight dense, so that it can have a gradient.
    pub fn unpack(self) {
        match self {
            Self::Linear(linear) | Self::FloatLinear(linear) => linear.weight.unpack(),
            Self::Grouped(linear) => linear.unpack(),
            Self::Embedding(_) => {}
        }
    }

    /// Whether the layer is an embedding table.
    pub fn is_embedding(&self) -> bool {
        matches!(self, Self::Embedding(_))
    }

    /// Whether the weight can have low-rank updates.
    pub fn is_adaptable(&self) -> bool {
        !matches!(self, Self::Grouped(_))
    }

    /// Id of the weight's parameter, which a table shares with an output layer that is tied to it.
    pub fn weight_id(&self) -> ParamId {
        match self {
            Self::Linear(linear) | Self::FloatLinear(linear) => linear.weight.id(),
            Self::Embedding(table) => table.weight.id,
            Self::Grouped(linear) => linear.id(),
        }
    }

    /// Device of the layer.
    pub fn device(&self) -> B::Device {
        match self {
            Self::Linear(linear) | Self::FloatLinear(linear) => linear.weight.device(),
            Self::Embedding(table) => table.weight.lazy_device(),
            Self::Grouped(_) => B::Device::default(),
        }
    }

    /// The weight as it maps inputs to outputs, of which those of a table are ids.
    ///
    /// **Shapes:** returns `[out_features, in_features]`.
    pub fn dense(&self) -> Option<Tensor<B, 2>> {
        match self {
            Self::Linear(linear) | Self::FloatLinear(linear) => Some(linear.weight.dense(&linear.weight.device())),
            Self::Embedding(table) => Some(table.weight.val().transpose()),
            Self::Grouped(_) => None,
        }
    }

    /// The low-rank updates of the weight; `None` if it cannot have any.
    pub(crate) fn adapters(&self) -> Option<&Adapters<B>> {
        match self {
            Self::Linear(linear) | Self::FloatLinear(linear) => Some(&linear.adapters),
            Self::Embedding(table) => Some(&table.adapters),
            Self::Grouped(_) => None,
        }
    }

    /// Replaces the low-rank updates of the weight.
    pub fn set_adapters(self, adapters: Adapters<B>) {
        match self {
            Self::Linear(linear) | Self::FloatLinear(linear) => linear.adapters = adapters,
            Self::Embedding(table) => table.adapters = adapters,
            Self::Grouped(_) => {}
        }
    }
}
