use burn::module::{AutodiffModule, Content, Module, ModuleDisplay, ModuleDisplayDefault, ModuleVisitor};
use burn::tensor::backend::{AutodiffBackend, Backend};
use trustformers_ops::LowRank;

use crate::layers::constant::constant_module;

/// Low-rank updates of a layer's weight, which add up.
///
/// They are no parameters of the module: loading, saving and `Autodiff` leave them out.
#[derive(Clone, Debug)]
pub struct Adapters<B: Backend> {
    /// The updates.
    pub updates: Vec<LowRank<B>>,
}

impl<B: Backend> Default for Adapters<B> {
    fn default() -> Self {
        Self { updates: Vec::new() }
    }
}

impl<B: Backend> Module<B> for Adapters<B> {
    fn visit<V: ModuleVisitor<B>>(&self, _visitor: &mut V) {}

    constant_module!(B);
}

impl<B: AutodiffBackend> AutodiffModule<B> for Adapters<B> {
    type InnerModule = Adapters<B::InnerBackend>;

    fn valid(&self) -> Self::InnerModule {
        Adapters::default()
    }

    fn from_inner(_module: Self::InnerModule) -> Self {
        Self::default()
    }
}

impl<B: Backend> ModuleDisplayDefault for Adapters<B> {
    fn content(&self, content: Content) -> Option<Content> {
        content.add("updates", &self.updates.len()).optional()
    }
}

impl<B: Backend> ModuleDisplay for Adapters<B> {}
