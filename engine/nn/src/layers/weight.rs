use burn::module::{Module, Param, ParamId};
use burn::tensor::backend::Backend;
use burn::tensor::{Distribution, Tensor, TensorData};
use trustformers_ops::{EngineBackend, LinearWeight};

use crate::Preparation;
use crate::layers::packed::Packed;

/// A weight matrix in any precision that the engine computes in.
#[derive(Module, Debug)]
pub enum Weight<B: Backend> {
    /// Floating-point values: f32, f16 or bf16.
    Dense(Param<Tensor<B, 2>>),
    /// Values in the layout of the CPU kernels, possibly quantized.
    Packed(Packed),
}

impl<B: EngineBackend> Weight<B> {
    /// A matrix initialized from a normal distribution of standard deviation `std` on first use, unless it is loaded
    /// before.
    pub fn normal(shape: [usize; 2], std: f64, device: &B::Device) -> Self {
        Self::Dense(normal(shape, std, device))
    }

    /// Id of the parameter.
    pub(crate) fn id(&self) -> ParamId {
        match self {
            Self::Dense(values) => values.id,
            Self::Packed(packed) => packed.id,
        }
    }

    /// Device of the values.
    pub(crate) fn device(&self) -> B::Device {
        match self {
            Self::Dense(values) => values.lazy_device(),
            Self::Packed(_) => B::Device::default(),
        }
    }

    /// The unpacked values as a matrix.
    pub fn dense(&self, device: &B::Device) -> Tensor<B, 2> {
        match self {
            Self::Dense(values) => values.val(),
            Self::Packed(packed) => packed.weight.dense(device),
        }
    }

    /// The values as [`trustformers_ops::linear()`] takes them.
    pub(crate) fn for_linear(&self) -> LinearWeight<B> {
        match self {
            Self::Dense(values) => LinearWeight::Dense(values.val()),
            Self::Packed(packed) => LinearWeight::Packed(packed.weight.clone()),
        }
    }

    /// Brings packed values out of the layout of the backend's kernels.
    pub(crate) fn unpack(&mut self) {
        if let Self::Packed(packed) = self {
            let values = packed.weight.dense(&B::Device::default());
            *self = Self::Dense(Param::initialized(packed.id, values));
        }
    }

    /// Brings the values into the layout of the backend's kernels, if it has one for this precision.
    pub(crate) fn prepare(&mut self, plan: &Preparation<'_>) {
        let Self::Dense(values) = self else { return };
        let id = values.id;
        let packed = match (plan.quantized)(id) {
            None => <B as EngineBackend>::pack(&values.val(), plan.precision),
            Some(groups) => {
                let packed = <B as EngineBackend>::pack_groups(&groups);
                if packed.is_none() {
                    let data = TensorData::new(groups.values(), groups.shape);
                    *values = Param::initialized(id, Tensor::from_data(data, &values.lazy_device()));
                }
                packed
            }
        };
        if let Some(weight) = packed {
            *self = Self::Packed(Packed { id, weight });
        }
    }
}

/// A vector parameter with a constant initial value.
pub(crate) fn constant<B: Backend>(len: usize, value: f64, device: &B::Device) -> Param<Tensor<B, 1>> {
    let init =
        move |device: &B::Device, require_grad: bool| Tensor::full([len], value, device).set_require_grad(require_grad);
    Param::uninitialized(ParamId::new(), init, device.clone(), true, [len].into())
}

/// A matrix parameter initialized from a normal distribution.
pub(crate) fn normal<B: Backend>([rows, cols]: [usize; 2], std: f64, device: &B::Device) -> Param<Tensor<B, 2>> {
    let init = move |device: &B::Device, require_grad: bool| {
        Tensor::random([rows, cols], Distribution::Normal(0.0, std), device).set_require_grad(require_grad)
    };
    Param::uninitialized(ParamId::new(), init, device.clone(), true, [rows, cols].into())
}
