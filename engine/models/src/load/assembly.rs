use burn::module::Module;
use trustformers_nn as nn;
use trustformers_ops::EngineBackend;

/// A model module: a stack of layers with its head.
pub(crate) trait Assembly<B: EngineBackend>: Module<B> {
    fn tie_head(&mut self);

    /// Ties the token embeddings of two stacks.
    fn tie_embeddings(&mut self) {}

    fn prepare(&mut self, plan: &nn::Preparation<'_>);
    fn each_layer(&mut self, visit: &mut dyn FnMut(nn::LayerMut<'_, B>));

    /// Whether a token's result depends on padding beside it.
    fn reads_padding(&self) -> bool {
        false
    }
}

impl<B: EngineBackend> Assembly<B> for nn::EncoderModel<B> {
    fn tie_head(&mut self) {
        self.tie_head();
    }

    fn prepare(&mut self, plan: &nn::Preparation<'_>) {
        self.prepare(plan);
    }

    fn each_layer(&mut self, visit: &mut dyn FnMut(nn::LayerMut<'_, B>)) {
        self.each_layer(visit);
    }

    fn reads_padding(&self) -> bool {
        self.reads_neighbors()
    }
}

impl<B: EngineBackend> Assembly<B> for nn::DecoderModel<B> {
    fn tie_head(&mut self) {
        self.tie_head();
    }

    fn prepare(&mut self, plan: &nn::Preparation<'_>) {
        self.prepare(plan);
    }

    fn each_layer(&mut self, visit: &mut dyn FnMut(nn::LayerMut<'_, B>)) {
        self.each_layer(visit);
    }
}

impl<B: EngineBackend> Assembly<B> for nn::EncoderDecoderModel<B> {
    fn tie_head(&mut self) {
        self.tie_head();
    }

    fn tie_embeddings(&mut self) {
        self.tie_embeddings();
    }

    fn prepare(&mut self, plan: &nn::Preparation<'_>) {
        self.prepare(plan);
    }

    fn each_layer(&mut self, visit: &mut dyn FnMut(nn::LayerMut<'_, B>)) {
        self.each_layer(visit);
    }
}
