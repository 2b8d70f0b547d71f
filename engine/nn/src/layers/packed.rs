use std::fmt::Debug;

use burn::module::{
    AutodiffModule, Content, Module, ModuleDisplay, ModuleDisplayDefault, ModuleVisitor, Param, ParamId,
};
use burn::tensor::backend::{AutodiffBackend, Backend};
use burn::tensor::{Device, Int, Tensor, TensorData};
use trustformers_ops::PackedWeight;

use crate::layers::constant::constant_module;

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

    /// The packed matrices.
    fn matrices(&self) -> &[PackedWeight];

    /// Visits the values as a parameter, which is unpacked on first use.
    fn visit<B: Backend, V: ModuleVisitor<B>>(&self, id: ParamId, visitor: &mut V);
}

impl PackedValues for PackedWeight {
    fn sizes(&self) -> Vec<usize> {
        self.shape().to_vec()
    }

    fn matrices(&self) -> &[PackedWeight] {
        std::slice::from_ref(self)
    }

    fn visit<B: Backend, V: ModuleVisitor<B>>(&self, id: ParamId, visitor: &mut V) {
        let (weight, shape) = (self.clone(), self.shape());
        let unpack = move |device: &Device<B>, _: bool| weight.dense::<B>(device);
        visitor.visit_float(&Param::uninitialized(id, unpack, Device::<B>::default(), false, shape.into()));
    }
}

impl<B: Backend, W: PackedValues> Module<B> for Packed<W> {
    // Quantized values are visited as the integers that their bytes are before they are visited as a matrix.
    fn visit<V: ModuleVisitor<B>>(&self, visitor: &mut V) {
        let quantized: Vec<_> = self.weight.matrices().iter().filter(|matrix| !matrix.is_exact()).cloned().collect();
        if !quantized.is_empty() {
            let len: usize = quantized.iter().map(PackedWeight::num_bytes).sum();
            let bytes = move |device: &Device<B>, _: bool| {
                let bytes: Vec<u8> = quantized.iter().flat_map(PackedWeight::bytes).collect();
                Tensor::<B, 1, Int>::from_data(TensorData::new(bytes, [len]), device)
            };
            let param = Param::uninitialized(self.id, bytes, Device::<B>::default(), false, [len].into());
            visitor.visit_int(&param);
        }
        self.weight.visit::<B, V>(self.id, visitor);
    }

    constant_module!(B);
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
