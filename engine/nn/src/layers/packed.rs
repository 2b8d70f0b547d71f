use std::fmt::Debug;

use burn::module::{
    AutodiffModule, Content, Devices, EmptyRecord, Module, ModuleDisplay, ModuleDisplayDefault, ModuleMapper,
    ModuleVisitor, Param, ParamId,
};
use burn::tensor::Device;
use burn::tensor::backend::{AutodiffBackend, Backend};
use trustformers_ops::PackedWeight;

/// A weight in the layout of the CPU kernels; not trainable.
#[derive(Clone, Debug)]
pub struct Packed<W = PackedWeight> {
    pub(crate) id: ParamId,
    pub(crate) weight: W,
}

/// Weight values that [`Packed`] can hold.
pub trait PackedValues: Clone + Debug + Send + 'static {
    /// Shape of the unpacked weight.
    fn sizes(&self) -> Vec<usize>;

    /// Visits the values as a parameter, which is unpacked on first use.
    fn visit<B: Backend, V: ModuleVisitor<B>>(&self, id: ParamId, visitor: &mut V);
}

impl PackedValues for PackedWeight {
    fn sizes(&self) -> Vec<usize> {
        self.shape().to_vec()
    }

    fn visit<B: Backend, V: ModuleVisitor<B>>(&self, id: ParamId, visitor: &mut V) {
        let (weight, shape) = (self.clone(), self.shape());
        let unpack = move |device: &Device<B>, _: bool| weight.dense::<B>(device);
        visitor.visit_float(&Param::uninitialized(id, unpack, Device::<B>::default(), false, shape.into()));
    }
}

impl<B: Backend, W: PackedValues> Module<B> for Packed<W> {
    type Record = EmptyRecord;

    fn visit<V: ModuleVisitor<B>>(&self, visitor: &mut V) {
        self.weight.visit::<B, V>(self.id, visitor);
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

impl<B: AutodiffBackend, W: PackedValues> AutodiffModule<B> for Packed<W> {
    type InnerModule = Self;

    fn valid(&self) -> Self {
        self.clone()
    }

    fn from_inner(module: Self) -> Self {
        module
    }
}

impl<W: PackedValues> ModuleDisplayDefault for Packed<W> {
    fn content(&self, content: Content) -> Option<Content> {
        content.add("shape", &format!("{:?}", self.weight.sizes())).optional()
    }
}

impl<W: PackedValues> ModuleDisplay for Packed<W> {}
