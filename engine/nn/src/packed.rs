use burn::module::{
    AutodiffModule, Content, Devices, EmptyRecord, Module, ModuleDisplay, ModuleDisplayDefault, ModuleMapper,
    ModuleVisitor, Param, ParamId,
};
use burn::tensor::Device;
use burn::tensor::backend::{AutodiffBackend, Backend};
use trustformers_ops::PackedWeight;

/// A weight in the layout of the cpu kernels; it cannot be trained.
#[derive(Clone, Debug)]
pub struct Packed {
    pub(crate) id: ParamId,
    pub(crate) weight: PackedWeight,
}

impl<B: Backend> Module<B> for Packed {
    type Record = EmptyRecord;

    /// Shows the values as a parameter, unpacked.
    fn visit<V: ModuleVisitor<B>>(&self, visitor: &mut V) {
        visitor.visit_float(&Param::initialized(self.id, self.weight.dense::<B>(&Device::<B>::default())));
    }

    fn map<M: ModuleMapper<B>>(self, _mapper: &mut M) -> Self {
        self
    }

    fn load_record(self, _record: Self::Record) -> Self {
        self
    }

    fn into_record(self) -> Self::Record {
        EmptyRecord::new()
    }

    fn to_device(self, _device: &Device<B>) -> Self {
        self
    }

    fn fork(self, _device: &Device<B>) -> Self {
        self
    }

    fn collect_devices(&self, devices: Devices<B>) -> Devices<B> {
        devices
    }
}

impl<B: AutodiffBackend> AutodiffModule<B> for Packed {
    type InnerModule = Self;

    fn valid(&self) -> Self {
        self.clone()
    }

    fn from_inner(module: Self) -> Self {
        module
    }
}

impl ModuleDisplayDefault for Packed {
    fn content(&self, content: Content) -> Option<Content> {
        content.add("shape", &format!("{:?}", self.weight.shape())).optional()
    }
}

impl ModuleDisplay for Packed {}
