use std::marker::PhantomData;

use burn::module::Module;
use burn::tensor::Tensor;
use burn::tensor::backend::Backend;
use trustformers_ops::EngineBackend;

use crate::{EncoderLayer, Pass, Preparation};

/// Layers that run one after another as one layer of a stack.
#[derive(Module, Debug)]
pub struct LayerGroup<B: Backend, L> {
    layer: Vec<L>,
    backend: PhantomData<B>,
}

impl<B: EngineBackend, L> LayerGroup<B, L> {
    /// A group of these layers.
    pub fn new(layer: Vec<L>) -> Self {
        Self { layer, backend: PhantomData }
    }
}

impl<B: EngineBackend, L: EncoderLayer<B>> EncoderLayer<B> for LayerGroup<B, L> {
    type Shared = L::Shared;

    fn forward(&self, x: Tensor<B, 2>, pass: &Pass<'_, B, Self::Shared>) -> Tensor<B, 2> {
        let mut layers = self.layer.iter();
        let first = layers.next().map_or(x.clone(), |layer| layer.forward(x, pass));
        layers.fold(first, |x, layer| {
            pass.keep(&x);
            layer.forward(x, pass)
        })
    }

    fn prepare(&mut self, plan: &Preparation<'_>) {
        self.layer.iter_mut().for_each(|layer| layer.prepare(plan));
    }
}
